"""Every answer for people says which network it is about."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from calling import ROOT, rnncalc
from rnncalc import load
from rnncalc.network.equations import parameters

SCALAR = [
    "run",
    "--wxh",
    "0.5",
    "--whh",
    "-0.3",
    "--bh",
    "0.1",
    "--why",
    "0.4",
    "--by",
    "0.2",
    "--x",
    "1,2,3",
]
SAMPLES = sorted((ROOT / "sample_configs").glob("*.toml"))
FORMATS = ["table", "markdown", "latex", "html", "svg"]
TWO_CLASSES = ("run", "-c", str(ROOT / "sample_configs" / "two_classes.toml"), "--steps", "1")


def at_width(width: int, *arguments: str) -> str:
    with pytest.MonkeyPatch.context() as narrowed:
        narrowed.setattr("rnncalc.cli.app.terminal_width", lambda: width)
        return rnncalc(*arguments).out


def test_numbers_are_in_one_line_above_the_table() -> None:
    assert rnncalc(*SCALAR).out.split("\n\n")[0].splitlines()[-1] == (
        "W_xh = 0.5   W_hh = −0.3   b_h = 0.1   W_hy = 0.4   b_y = 0.2   h_0 = 0"
    )


def test_matrices_are_side_by_side_in_brackets_their_symbols_on_one_line() -> None:
    assert rnncalc(*TWO_CLASSES).out.split("\n\n")[1].splitlines() == [
        "       ⎡ 0.5  −0.3⎤          ⎡ 0.6  −0.2   0.3⎤         ⎡ 0.1⎤",
        "W_xh = ⎢ 0.2   0.8⎥   W_hh = ⎢ 0.1   0.7  −0.1⎥   b_h = ⎢−0.2⎥   "
        "W_hy = ⎡ 0.9  0.2  −0.4⎤   h_0 = 0",
        "       ⎣−0.4   0.1⎦          ⎣−0.3   0.4   0.5⎦         ⎣ 0  ⎦          ⎣−0.5  0.6   0.8⎦",
    ]


def numbers(text: str) -> list[float]:
    return [float(found.replace("−", "-")) for found in re.findall(r"[−-]?\d+\.?\d*", text)]


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
@pytest.mark.parametrize("name", ["two_classes", "parity", "document"])
def test_no_line_is_wider_than_the_terminal_and_no_number_is_lost(name: str, width: int) -> None:
    path = ROOT / "sample_configs" / f"{name}.toml"
    out = at_width(width, "run", "-c", str(path), "--steps", "1")
    shown = re.split(r"\n +t ", out)[0].partition("\n\n")[2] or out  # matrices are below a gap

    weights = parameters(load(path).network.equations).values()
    found, wanted = numbers(shown), [v for each in weights for v in each.ravel().tolist()]
    assert max(map(len, out.splitlines())) <= width
    assert all(found.count(value) >= wanted.count(value) for value in wanted)


def test_a_matrix_wider_than_the_terminal_is_written_row_by_row() -> None:
    row = "0.123 0.234 0.345 0.456 0.567 0.678"
    out = at_width(40, "run", "--wxh", row, "--whh", "0", "--x", f"{row};")

    assert "W_xh = [0.123, 0.234, 0.345, 0.456,\n        0.567, 0.678]\n" in out


def test_of_a_large_matrix_the_size_is_shown_and_the_file_that_it_comes_from(
    tmp_path: Path,
) -> None:
    np.savez(tmp_path / "w.npz", wxh=np.ones((7, 2)), whh=np.eye(7), bh=np.ones(7))
    out = rnncalc("run", "--weights", str(tmp_path / "w.npz"), "--x", "1 2;").out

    name = re.escape(str(tmp_path / "w.npz"))
    assert re.search(rf"W_xh: 7 x 2   W_hh: 7 x 7   b_h: 7   h_0 = 0\s+\(from {name}\)", out)


def test_each_layer_and_direction_of_a_stack_has_its_own_line() -> None:
    out = rnncalc("run", "-c", str(ROOT / "sample_configs" / "both_directions.toml")).out

    assert (
        "l0:           W_xh = 1   W_hh = 1\n"
        "l0 reverse:   W_xh = 1   W_hh = 1\n"
        "W_hy = [1  −1]\n"
        "every initial state is 0\n"
    ) in out


def test_where_a_sequence_is_read_from_its_end_its_start_is_beyond_it() -> None:
    out = rnncalc(
        "run",
        "-c",
        str(ROOT / "sample_configs" / "both_directions.toml"),
        *("--h0", "3; 4"),
    ).out

    assert "W_hh = 1   h_0 = 3\n" in out
    assert "W_hh = 1   h_{T+1} = 4\n" in out


@pytest.mark.parametrize("output_format", FORMATS)
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_page_has_the_weights_that_are_small(path: Path, output_format: str) -> None:
    page = rnncalc("run", "-c", str(path), "--steps", "1", "-f", output_format).out
    text = re.sub(r"<[^>]*>|&#160;", " ", page).replace("\\", " ")
    text = re.sub(r"−\s+", "−", text)

    for each in parameters(load(path).network.equations).values():
        if max(each.shape) <= 6:
            assert {*each.ravel().tolist()} <= {*numbers(text)}


def test_a_gradient_says_which_network_it_is_of() -> None:
    out = rnncalc("grad", *SCALAR[1:], "--target", "1 2 3").out

    assert "W_xh = 0.5   W_hh = −0.3   b_h = 0.1   W_hy = 0.4   b_y = 0.2   h_0 = 0\n" in out


def test_a_report_says_which_network_it_is_about_where_something_is_wrong() -> None:
    wrong = rnncalc("check", *SCALAR[1:], "--h", "0.9 ? ?").out.split("\n\n")

    assert wrong[1] == "W_xh = 0.5   W_hh = −0.3   b_h = 0.1   W_hy = 0.4   b_y = 0.2   h_0 = 0"
    assert "First slip" in wrong[0]
    assert "W_xh" not in rnncalc("check", *SCALAR[1:], "--h", "0.537 ? ?").out


@pytest.mark.parametrize("output_format", ["json", "jsonl", "csv"])
def test_what_programs_read_has_hyphens(output_format: str) -> None:
    assert "−" not in rnncalc(*SCALAR, "--h0", "-9", "-f", output_format).out
    assert "-2" in rnncalc(*SCALAR, "--h0", "-9", "-f", output_format).out or output_format


@pytest.mark.parametrize("output_format", ["table", "markdown", "html", "svg"])
def test_people_read_one_minus_sign(output_format: str) -> None:
    run = ("run", "--wxh", "-1.5", "--whh", "0", "--x", "-2 3", "--work", "-f", output_format)
    page = rnncalc(*run).out
    text = re.sub(r"<style.*?</style>|<script.*?</script>|<[^>]*>", " ", page, flags=re.DOTALL)

    text = re.sub(r"\$[^$]*\$", "", text)  # in mathematics a hyphen is a minus sign
    assert not re.search(r"(?<![\w.])-\d", text)
    assert "−4.500" in text


def test_json_says_nothing_of_the_weights() -> None:
    assert [*json.loads(rnncalc(*SCALAR, "-f", "json").out)] == [
        "network",
        "arithmetic",
        "h0",
        "steps",
    ]
