"""An exercise is the same page without its results, and what is filled in can be marked."""

import json
import re
from pathlib import Path

import pytest

from calling import ROOT, rnncalc
from networks import network
from rnncalc.writing.numbers import BLANK

SAMPLES = sorted((ROOT / "sample_configs").glob("*.toml"))
FORMATS = ["table", "markdown", "latex", "html", "svg"]
WORK = [(), ("--work",)]


def text_of(page: str) -> str:
    """Return what can be read on a page."""
    bare = re.sub(r"<style.*?</style>|<script.*?</script>", " ", page, flags=re.DOTALL)
    return re.sub(r"<[^>]*>|&#160;", " ", bare).replace("−", "-")


@pytest.mark.parametrize("work", WORK)
@pytest.mark.parametrize("output_format", FORMATS)
@pytest.mark.parametrize("seed", range(6))
def test_no_result_can_be_read(seed: int, output_format: str, work: tuple[str, ...]) -> None:
    run = ["run", *network(seed, digits=1)]
    run[run.index("-p") + 1] = "5"
    steps = json.loads(rnncalc(*run, "-f", "json").out)["steps"]
    page = text_of(rnncalc(*run, "--blank", "-f", output_format, *work).out)

    results = {abs(v) for step in steps for name in "ahoy" for v in step.get(name, ())}
    for value in results - {0.0, 1.0}:
        assert f"{value:.5f}" not in page


@pytest.mark.parametrize("output_format", FORMATS)
@pytest.mark.parametrize("x", ["1 2 3", "-1 -2 -3"])
def test_nothing_tells_the_sign_of_a_result(output_format: str, x: str) -> None:
    run = ("run", "--wxh", "1;2", "--whh", "1 0; 0 1", "--why", "1 1; 2 3", "--color", "always")
    blank = ("--blank", "--work", "-f", output_format)
    positive = rnncalc(*run, "--x", "1 2 3", *blank).out
    other = rnncalc(*run, "--x", x, *blank).out

    # apart from the inputs that are given, the two pages are alike
    def shape(page: str) -> str:
        return re.sub(r"[\s()]|\\left|\\right|\d", "", text_of(page)).replace("-", "")

    assert shape(other) == shape(positive)


@pytest.mark.parametrize("work", WORK)
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_the_page_is_as_long_as_with_its_results(path: Path, work: tuple[str, ...]) -> None:
    run = ("run", "-c", str(path), "--steps", "1:2" if path.stem != "parity" else "1", *work)
    if "names" in path.stem or "translation" in path.stem:
        run = (*run, "--all")
    full, blank = rnncalc(*run), rnncalc(*run, "--blank")

    assert blank.status == full.status == 0
    assert abs(blank.out.count("\n") - full.out.count("\n")) <= 2
    assert BLANK in blank.out


def test_a_table_is_empty_where_its_results_were() -> None:
    run = ("run", "--wxh", "0.5", "--whh", "0.3", "--x", "1 2", "--blank")

    assert rnncalc(*run).out.splitlines()[3:] == [
        "to be filled in with 3 decimals",
        "",
        " t   x_t     a_t     h_t",
        "─────────────────────────",
        " 1     1   _____   _____",
        " 2     2   _____   _____",
    ]


def test_the_next_step_does_not_give_a_result_away() -> None:
    run = ("run", "--wxh", "0.5", "--whh", "0.3", "--x", "1 2", "--work", "--h0", "0.7", "--blank")

    assert [line.split("   ")[2].strip() for line in rnncalc(*run).out.splitlines()[-2:]]
    last = rnncalc(*run).out.splitlines()[-2:]
    assert "0.5 × 1 + 0.3 × 0.7 = _____   tanh(_____) = _____" in last[0]
    assert "0.5 × 2 + 0.3 × _____ = _____   tanh(_____) = _____" in last[1]


def filled(sheet: str, steps: list[dict[str, list[float]]]) -> str:
    """Return the file with each "?" replaced by the value that belongs there."""
    head, places = sheet.split("[expect]")
    for name in re.findall(r"^(\w+) = \[", places, re.MULTILINE):
        values = iter([f"{v:.6f}" for step in steps for v in step[name]])
        section = re.search(rf"^{name} = \[.*?\](?=\n\w|\n*\Z)", places, re.MULTILINE | re.DOTALL)
        assert section
        done = re.sub(r'"\?"', lambda _: next(values), section[0])  # noqa: B023
        places = places.replace(section[0], done)
        assert next(values, None) is None
    assert '"?"' not in places
    return f"{head}[expect]{places}"


@pytest.mark.parametrize("seed", range(8))
def test_what_is_filled_in_is_marked(seed: int, tmp_path: Path) -> None:
    run = ["run", *network(seed, digits=1)]
    run[run.index("-p") + 1] = "6"
    steps = json.loads(rnncalc(*run, "-f", "json").out)["steps"]
    sheet = rnncalc(*run, "--blank", "-f", "toml").out

    path = tmp_path / "exercise.toml"
    path.write_text(filled(sheet, steps))
    assert rnncalc("check", str(path)).status == 0
    path.write_text(re.sub(r"(\[expect\]\na = \[+\s*\[?)-?[\d.]+", r"\g<1>77.7", path.read_text()))
    assert "77.7 printed" in rnncalc("check", str(path)).out


def test_an_answer_sheet_asks_for_the_chosen_steps_alone() -> None:
    run = ("run", "--wxh", "0.5", "--whh", "0.3", "--x", "1 2 3", "--only", "h")
    sheet = rnncalc(*run, "--steps", "2:-1", "--blank", "-f", "toml").out

    assert sheet.splitlines()[-4:] == [
        '# Fill in each value with 3 decimals; what remains "?" is not checked.',
        "# Then: rnncalc check --steps 2:3, and the name of this file.",
        "[expect]",
        'h = ["?", "?"]',
    ]
    # tanh(1 + 0.3 × 0.46212), tanh(1.5 + 0.3 × 0.81386)
    right = sheet.replace('["?", "?"]', "[0.814, 0.941]")
    marked = rnncalc("check", "--steps", "2:3", "-c", "-", stdin=right)
    assert marked.out == "All 2 values are right.\n"


def test_an_answer_sheet_of_gradients_asks_for_the_chosen_steps_alone() -> None:
    sheet = rnncalc(*BACK, "--steps", "3", "--only", "dh", "--blank", "-f", "toml").out

    assert "check --steps 3, and" in sheet
    # 2 (sigmoid(2 × 0.96683) − 0)
    right = sheet.replace('dh = ["?"]', "dh = [1.747]")
    marked = rnncalc("check", "--steps", "3", "-c", "-", stdin=right)
    assert marked.out == "The value is right.\n"


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_an_exercise_of_every_sample_is_read_back(path: Path) -> None:
    sheet = rnncalc("run", "-c", str(path), "--blank", "-f", "toml")
    read = rnncalc("check", "-c", "-", stdin=sheet.out)

    assert sheet.status == 0
    assert "holds no value to check" in read.err


GRAD = ("grad", "--wxh", "0.5;1", "--whh", "-0.1 0; 1 1", "--why", "1 1;1 2", "--x", "1,2")


@pytest.mark.parametrize("output_format", ["table", "markdown", "latex"])
@pytest.mark.parametrize("work", WORK)
def test_an_exercise_in_gradients_has_no_result(output_format: str, work: tuple[str, ...]) -> None:
    grad = (*GRAD, "--target", "0 1;1 0", "--learning-rate", "0.1", "-f", output_format, *work)
    page = text_of(rnncalc(*grad, "--blank").out)

    assert "." in page
    # three decimals are those of results
    assert re.findall(r"\d\.\d\d\d", page) == []
    assert re.findall(r"\d\.\d\d\d", text_of(rnncalc(*grad).out))


READOUT = ("--why", "2", "--output-activation", "sigmoid")
BACK = ("grad", "--wxh", "0.5", "--whh", "0.3", *READOUT, "--x", "1 0 4", "--target", "1 ? 0")


def test_an_exercise_in_gradients_begins_with_the_forward_pass() -> None:
    page = rnncalc(*BACK, "--blank").out

    assert page.splitlines()[:11] == [
        "a_t = W_xh x_t + W_hh h_{t-1}",
        "h_t = tanh(a_t)",
        "y_t = sigmoid(W_hy h_t)",
        "W_xh = 0.5   W_hh = 0.3   W_hy = 2   h_0 = 0",
        "to be filled in with 3 decimals",
        "",
        " t   x_t     a_t     h_t     y_t   target    loss",
        "──────────────────────────────────────────────────",
        " 1     1   _____   _____   _____        1   _____",
        " 2     0   _____   _____   _____",
        " 3     4   _____   _____   _____        0   _____",
    ]
    assert page.count("W_xh = 0.5") == page.count("to be filled in") == 1


@pytest.mark.parametrize("output_format", FORMATS)
@pytest.mark.parametrize(
    "only", [(), ("--only", "da"), ("--only", "x,da"), ("--only", "x,target,da"), ("--steps", "2")]
)
def test_an_exercise_in_gradients_gives_every_input_and_target(
    output_format: str, only: tuple[str, ...]
) -> None:
    # numbers that are nowhere else on the page
    asked = ("grad", "--wxh", "5", "--whh", "3", "--why", "2", "--x", "71 82", "--target", "91 94")
    page = text_of(rnncalc(*asked, *only, "--blank", "-f", output_format).out)

    assert [number for number in ("71", "82", "91", "94") if number not in page] == []
    assert ("h_t" in page or "h_{t}" in page) or output_format == "html"


def test_an_exercise_of_a_part_leaves_no_more_empty_than_that() -> None:
    table = rnncalc(*BACK, "--blank", "--only", "da").out.split("\n\n")[1]

    assert table.splitlines() == [
        " t   x_t   target",
        "──────────────────",
        " 1     1        1",
        " 2     0",
        " 3     4        0",
    ]


def test_an_exercise_of_one_answer_gives_its_target() -> None:
    final = ("grad", "--wxh", "0.5", "--whh", "0.3", "--why", "2", "--x", "1 2", "--target", "7")
    page = rnncalc("grad", "-c", "-", *final[1:], "--blank", stdin='readout = "final"').out

    assert "at the end\n  h = _____\n  y = _____\n  target = 7\n" in page


def test_a_step_without_a_target_has_none_in_a_table() -> None:
    table = rnncalc(*BACK, "--only", "x,target,h").out.split("\n\n")[1]

    # tanh(0.5), tanh(0.3 × 0.46212), tanh(2 + 0.3 × 0.13774) by a pocket calculator
    assert table.splitlines()[2:] == [
        " 3     4          0   0.967",
        " 2     0              0.138",
        " 1     1          1   0.462",
    ]


def test_gradients_that_are_filled_in_are_marked() -> None:
    grad = ("grad", "--wxh", "0.5", "--whh", "-0.1", "--why", "1", "--x", "1,2,3")
    sheet = rnncalc(*grad, "--target", "0.5 1 1.5", "--blank", "-f", "toml").out
    # by an independent loop: tests/plain_gradient.py gives dL/dh_1 = -0.027 and dL/dW_hh = -0.144
    sheet = sheet.replace('dh = ["?"', "dh = [-0.027")
    right = sheet.replace('\nwhh = [["?"]]', "\nwhh = [[-0.144]]")
    wrong = sheet.replace('\nwhh = [["?"]]', "\nwhh = [[-0.145]]")

    assert rnncalc("check", "-c", "-", stdin=right).out == "All 2 values are right.\n"
    assert "−0.145 printed, −0.144 is right" in rnncalc("check", "-c", "-", stdin=wrong).out


RUN = ("run", "--wxh", "1", "--whh", "1", "--x", "1 2")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        *(
            (
                (*RUN, "--blank", "-f", name),
                f"--blank is not available with {name}; "
                "use table, markdown, latex, html, svg or toml",
            )
            for name in ("json", "jsonl", "csv")
        ),
        (
            (*RUN, "-f", "toml"),
            "-f toml is for an exercise, with --blank; run --show-config prints a problem as TOML",
        ),
        (
            (*RUN, "--blank", "--plot"),
            "--plot draws what --blank leaves empty; leave one of them out",
        ),
        (
            (*RUN, "--why", "1", "--blank", "--generate", "2"),
            "--generate: the next input gives away what --blank leaves empty; "
            "leave one of them out",
        ),
        (
            (*GRAD, "--target", "0 1; 1 0", "--blank", "--flow"),
            "--flow shows what --blank leaves empty; leave one of them out",
        ),
        (
            ("run", "--wxh", "1", "--whh", "1", "--x", "-", "--blank", "-f", "toml"),
            "--blank -f toml writes the inputs too, so --x cannot be a stream",
        ),
        (
            (*RUN, "--standalone", "-f", "html"),
            "--standalone is not available with html; use -f latex",
        ),
    ],
)
def test_what_does_not_fit_an_exercise_is_refused(arguments: tuple[str, ...], message: str) -> None:
    result = rnncalc(*arguments)

    assert (result.status, result.out, result.err) == (2, "", f"Error: {message}\n")


def test_an_exercise_does_not_say_how_small_its_values_are() -> None:
    for command in (
        ("run", "--wxh", "0.0001", "--whh", "0", "--x", "1 2"),
        ("grad", "--wxh", "1", "--whh", "0.0001", "--x", "1 2", "--why", "1", "--target", "? 1"),
    ):
        assert "would read 0.000" in rnncalc(*command).out
        assert "would read 0.000" not in rnncalc(*command, "--blank").out
        assert "would read 0.000" not in text_of(rnncalc(*command, "--blank", "-f", "html").out)


def test_an_answer_sheet_asks_once_for_what_has_two_names() -> None:
    # of a linear output, dL/do is dL/dy; the page has no column for it
    grad = ("grad", "--wxh", "1", "--whh", "1", "--why", "1", "--x", "1 2", "--target", "1 1")
    sheet = rnncalc(*grad, "--blank", "-f", "toml").out.partition("[expect]")[2]

    assert re.findall(r"^\w+", sheet.partition("[expect.")[0], re.MULTILINE) == ["dy", "dh", "da"]


def test_a_slope_that_is_a_constant_is_left_empty() -> None:
    grad = ("grad", "--wxh", "1", "--whh", "1", "--why", "1", "--activation", "linear")
    run = (*grad, "--x", "1", "--target", "2", "--work", "--only", "slope")

    assert "1 = 1.000" in rnncalc(*run).out
    assert rnncalc(*run, "--blank").out.split("f'(a)")[1].split()[2:3] == [BLANK]
