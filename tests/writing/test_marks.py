"""A checked calculation as JSON and as a table."""

import json
from math import tanh
from pathlib import Path
from random import Random

import numpy as np
import pytest

from calling import ROOT, rnncalc
from printed_example import load, scalar
from rnncalc.writing.marks import json_text, table_text
from rnncalc.writing.request import Request

PUBLISHED = ROOT / "tests" / "published"
DOCUMENT = scalar(h="0.537 0.850 0.952", y="0.415 0.540 0.581")


def test_the_json_is_the_documented_one() -> None:
    found = json.loads("".join(json_text(DOCUMENT.marked())))

    assert [*found] == [
        "figures",
        "counts",
        "first_wrong",
        "consistent_with",
        "largest_difference",
    ]
    assert found["figures"][2] == {
        "where": "h[1][0]",
        "step": 2,
        "component": 0,
        "printed": "0.850",
        "decimals": 3,
        "right": pytest.approx(0.8513711765929612, abs=1e-15),
        "from_printed": pytest.approx(0.8513670847787354, abs=1e-15),
        "verdict": "slip",
        "consistent_with": [
            {"id": "few-units-off", "text": "tanh misread by 1 unit of the last digit"}
        ],
    }
    assert found["counts"] == {"ok": 4, "carried": 1, "cut": 0, "slip": 1}
    assert found["first_wrong"] == "h[1][0]"
    assert found["consistent_with"] == []
    assert found["largest_difference"] == {
        "where": "h[1][0]",
        "size": pytest.approx(0.8513711765929612 - 0.85),
    }


def test_where_all_is_right_nothing_is_first_wrong() -> None:
    found = json.loads("".join(json_text(scalar(h="0.537 0.851 0.952").marked())))

    assert (found["first_wrong"], found["consistent_with"]) == (None, [])


def test_the_first_slip_is_what_the_reader_sees_first() -> None:
    assert table_text(DOCUMENT.marked()) == (
        "First slip: h[0] at step 2: 0.850 printed, 0.851 is right "
        "(perhaps tanh misread by 1 unit of the last digit)\n"
        "\n"
        "step   value   printed   right   verdict   why\n"
        "───────────────────────────────────────────────────────────────────────────────────────────\n"
        "   2   h[0]      0.850   0.851   slip      perhaps tanh misread by 1 unit of the last digit\n"
        "   2   y[0]      0.540   0.541   carried   follows from earlier printed values: 0.5400\n"
        "\n"
        "4 ok, 1 carried, 0 cut, 1 slip\n"
    )


@pytest.mark.parametrize(
    ("h", "sentence"),
    [("0.537 0.851 0.952", "All 3 values are right.\n"), ("? 0.851 ?", "The value is right.\n")],
)
def test_where_all_is_right_one_sentence_says_so(h: str, sentence: str) -> None:
    assert table_text(scalar(h=h).marked()) == sentence


def test_right_values_are_shown_if_they_are_requested() -> None:
    text = table_text(scalar(h="0.537 ? ?").marked(), Request(whole=True))

    assert "   1   h[0]      0.537   0.537   ok" in text


def test_the_right_working_is_shown_with_a_wrong_value() -> None:
    text = table_text(DOCUMENT.marked(), working=lambda mark: [f"the working of {mark.where}"])

    # a carried value has its author's own working, and needs no other
    assert text.count("the working of") == 1
    assert "the working of h[1][0]" in text


def test_what_would_look_alike_is_shown_with_more_digits() -> None:
    # 0.3 is 0.2502, rounded, and a slip all the same
    text = table_text(load(PUBLISHED / "ktu_exam_3step_softmax.toml").marked())

    assert text.startswith("First slip: a[1] at step 2: 0.3 printed, 0.25 is right")


@pytest.mark.parametrize("width", [20, 40, 60, 80, 120])
@pytest.mark.parametrize("path", sorted(PUBLISHED.glob("*.toml")), ids=lambda path: path.stem)
def test_no_line_is_wider_than_the_terminal_and_no_number_is_cut(path: str, width: int) -> None:
    report = load(path).marked()  # type: ignore[arg-type]

    text = table_text(
        report, Request(width=width), working=lambda _: ["0.5 × 2 + 0.3 × 0.537 + 0.1 ≈ 1.261"]
    )

    words = set(text.replace(",", " ").split())
    assert all(len(line) <= width for line in text.splitlines())
    assert {mark.printed.replace("-", "−") for mark in report.not_ok} <= words


def test_no_escape_code_is_written_unless_colour_is_requested() -> None:
    assert "\x1b" not in table_text(DOCUMENT.marked())
    for width in (None, 40):
        text = table_text(DOCUMENT.marked(), Request(width=width, colors="standard"))
        assert text.startswith("\x1b[1;31mFirst slip: ")
        assert text.count("\x1b[1;31m") > 2  # the value as well, in a table and below each other


def random_port(steps: int) -> tuple[list[str], str]:
    """Return a problem of one unit, and values for it that no mistake explains."""
    random = Random(1)
    values = " ".join(f"{random.uniform(-1, 1):.4f}" for _ in range(steps))
    x = " ".join(str(1 + t % 3) for t in range(steps))
    return ["check", "--wxh", "0.5", "--whh", "0.3", "--x", x, "--h"], values


def test_of_many_values_that_nothing_explains_the_first_are_shown() -> None:
    problem, values = random_port(40)

    text = rnncalc(*problem, values).out

    assert text.startswith("No known mistake explains all values\nFirst slip: h[0] at step 1: ")
    assert text.count("no known single mistake explains this") == 10
    assert "\n30 more; use --all to show them\n" in text
    whole = rnncalc(*problem, values, "--all").out
    assert whole.count("no known single mistake explains this") == 40
    assert "more; use" not in whole


def test_a_sheet_that_nothing_explains_is_shown_in_full() -> None:
    problem, values = random_port(15)

    text = rnncalc(*problem, values).out

    assert text.startswith("First slip: h[0] at step 1: ")
    assert text.count("no known single mistake explains this") == 15
    assert "more; use" not in text


def test_after_what_is_not_a_number_no_mistake_is_sought() -> None:
    text = rnncalc(
        "check", "--wxh", "0.5", "--whh", "0.3", "--x", "1 " * 40, "--h", "nan " * 40
    ).out

    assert text.startswith("First slip: h[0] at step 1: nan printed")
    assert "\n30 more; use --all to show them\n" in text


def test_a_number_in_a_cause_has_the_minus_sign_of_mathematics() -> None:
    flags = ("--wxh", "0.5", "--whh", "0.3", "--bh", "-0.2", "--x", "1 2 3")

    # tanh(0.5), tanh(1 + 0.3 * 0.4621 - 0.2)
    text = rnncalc("check", *flags, "--a", "0.5000 0.9386 ?", "--h", "0.4621 0.7344 ?").out
    program = rnncalc("check", *flags, "--a", "0.5000 ? ?", "-f", "json").out

    assert "perhaps the bias −0.2 left out" in text
    assert '"the bias -0.2 left out"' in program


def test_two_mistakes_are_called_two() -> None:
    h, rows = [0.0, 0.0], []
    for x in (1.0, -2.0, 0.5, 3.0):  # W_hh transposed, b_h left out
        h = [tanh(0.5 * x + 0.3 * h[0] - 0.4 * h[1]), tanh(-0.7 * x + 0.2 * h[0] + 0.6 * h[1])]
        rows.append(" ".join(f"{value:.6f}" for value in h))
    flags = ("--wxh", "0.5; -0.7", "--whh", "0.3 0.2; -0.4 0.6", "--bh", "0.1 -0.3")

    text = rnncalc("check", *flags, "--x", "1 -2 0.5 3", "--h", "; ".join(rows)).out

    assert text.startswith("Two mistakes explain all values: W_hh transposed and b_h left out\n")


def test_float32_is_not_called_a_mistake() -> None:
    h, values = np.float32(0), []
    for x in np.array([1, -2, 0.5, 3], dtype=np.float32):
        h = np.tanh(np.float32(0.51) * x + np.float32(0.37) * h)
        values.append(f"{h:.9g}")

    text = rnncalc(
        "check", "--wxh", "0.51", "--whh", "0.37", "--x", "1 -2 0.5 3", "--h", " ".join(values)
    ).out

    assert text.startswith("Float32 arithmetic explains all values\n")


@pytest.mark.parametrize(
    ("h", "sentence"),
    [
        (
            "nan 0.9407",
            "1 value is not a number; the largest of the others is 1e-05, h[0] at step 3",
        ),
        (
            "nan nan",
            "2 values are not numbers; the largest of the others is 3e-06, h[0] at step 4",
        ),
    ],
)
def test_the_largest_difference_is_not_of_what_is_no_number(h: str, sentence: str) -> None:
    # tanh of 0.5, 1.1386, 1.7442 and 2.2822 is 0.462117, 0.813954, 0.940710 and 0.979383
    printed = f"0.462117 {h} 0.97938"

    text = rnncalc("check", *UNIT, "--h", printed, "--atol", "0.0001").out

    assert text.splitlines()[1] == sentence


def test_the_right_values_of_a_quantity_have_all_digits_if_one_printed_value_has(
    tmp_path: Path,
) -> None:
    port = tmp_path / "port.json"
    port.write_text('{"h": [[0.25], [0.138], [0.31864450422551066], [0.97938]]}')

    text = rnncalc("check", *UNIT, "--expect", str(port), "--atol", "0.0001").out

    right = [line.split()[3] for line in text.splitlines() if "   h[0]   " in line]
    assert right == ["0.46211715726000974", "0.8139539961681341", "0.940710223854243"]


def test_small_values_of_few_digits_do_not_make_the_others_long() -> None:
    flags = (
        "--wxh",
        "0.001",
        "--whh",
        "0",
        "--x",
        "1234.56789 0.123456789 0.2",
        "--activation",
        "linear",
    )

    text = rnncalc("check", *flags, "--h", "1.13456789 0.000223456789 0.0003").out

    right = [line.split()[3] for line in text.splitlines() if "   h[0]   " in line]
    # nine digits each, as %.9g prints them
    assert right == ["1.23456789", "0.000123456789", "0.000200000000"]


UNIT = ("--wxh", "0.5", "--whh", "0.3", "--x", "1 2 3 4")
