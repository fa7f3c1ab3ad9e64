"""Every value shown in any format is the rounding of the JSON's, and nothing breaks out of it."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from html import unescape
from itertools import product
from xml.etree import ElementTree

import numpy as np
import pytest

from calling import rnncalc
from networks import network
from rnncalc.errors import InputError
from rnncalc.network.trace import Trace
from rnncalc.numerals.rounding import fixed, plain, short
from rnncalc.reading.choice import parse_steps, selected
from rnncalc.writing.request import Request
from rnncalc.writing.terminal import _plot_wrapped

FORMATS = ["table", "markdown", "latex", "svg"]  # test_html.py is of web pages


def rounding(value: float, decimals: int) -> str:
    quantum = Decimal(1).scaleb(-decimals)
    return f"{Decimal(repr(value)).quantize(quantum, ROUND_HALF_UP):f}"


def numbers_in(text: str, decimals: int) -> Counter[str]:
    """Return the numbers of `text` with just `decimals` decimals, without a -0."""
    found = re.findall(rf"(?<![\d.])-?\d+\.\d{{{decimals}}}(?!\d)", text.replace("−", "-"))
    return Counter(re.sub(r"^-(0\.0+)$", r"\1", number) for number in found)


def body(output_format: str, text: str) -> str:
    if output_format == "svg":
        return unescape("\n".join(re.findall(r"<text[^>]*>([^<]*)</text>", text)))
    return text


@pytest.mark.parametrize("output_format", FORMATS)
@pytest.mark.parametrize("seed", range(8))
def test_every_value_is_the_rounding_of_the_jsons(output_format: str, seed: int) -> None:
    arguments = network(seed, digits=1)
    arguments[arguments.index("-p") + 1] = "5"
    steps = json.loads(rnncalc("run", *arguments, "-f", "json").out)["steps"]
    shown = ["a", "h", *(["y"] if "y" in steps[0] else [])]
    right = Counter(rounding(v, 5) for step in steps for name in shown for v in step[name])

    result = rnncalc("run", *arguments, "-f", output_format)

    assert numbers_in(body(output_format, result.out), 5) == Counter(
        {re.sub(r"^-(0\.0+)$", r"\1", text): n for text, n in right.items()}
    )


@pytest.mark.parametrize("output_format", FORMATS)
@pytest.mark.parametrize("seed", range(8))
def test_the_working_is_the_same_in_every_format(output_format: str, seed: int) -> None:
    arguments = [*network(seed), "--work", "--steps", "2"]
    (step,) = json.loads(rnncalc("run", *arguments, "-f", "json").out)["steps"]

    shown = body(output_format, rnncalc("run", *arguments, "-f", output_format).out)

    plain = re.sub(r"\s+", "", unfolded(shown) if output_format == "latex" else shown)
    for name, lines in step["work"].items():
        for line in lines:
            wanted = re.sub(r"\s+", "", line)
            if output_format == "latex":
                wanted = as_in_latex(wanted, name)
            assert wanted in plain, line


def unfolded(latex: str) -> str:
    """Return the working of a fragment in the characters of other pages."""
    text = re.sub(r"\\operatorname\{(\w+)\}", r"\1", latex.replace("\\_", "_"))
    text = re.sub(r" \\\\\n&(?:\\quad)?", " ", text)
    text = re.sub(
        r"\\frac\{((?:[^{}]|\{[^{}]*\})*)\}\{((?:[^{}]|\{[^{}]*\})*)\}", r"\1 / (\2)", text
    )
    for command, character in (("times", "×"), ("approx", "≈"), ("tanh", "tanh")):
        text = text.replace(f"\\{command}", character)
    text = re.sub(r"\\text\{([^}]*)\}", r"\1", text)
    return re.sub(r"[{}&]", "", text)


def as_in_latex(line: str, name: str) -> str:
    """Return a line of working without the blanks, as `unfolded` gives it."""
    line = re.sub(r"e\^\(([^)]*)\)", r"e^\1", line).replace("−", "-")
    line = re.sub(r"/(the\w+|e\^[-\d.]+|[\d.]+)(?=[≈=])", r"/(\1)", line)
    return re.sub(rf"^{name}\[(\d+)\]=", rf"{name}_2,\1=", line)


def test_without_colour_not_one_escape_byte_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ("run", "--wxh", "1", "--whh", "1", "--x", "1 2", "--plot", "--work")

    assert "\x1b" not in rnncalc(*arguments).out
    assert "\x1b" not in rnncalc(*arguments, "--color", "never").out
    assert "\x1b[" in rnncalc(*arguments, "--color", "always").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in rnncalc(*arguments).out
    assert "\x1b[" in rnncalc(*arguments, "--color", "always").out


# tanh(9) and tanh(-9) are 1 and -1; softmax(1, -1) is 1 / (1 + e^-2) = 0.881, and 0.119
TWO_CLASSES = ("run", "--wxh", "1;-1", "--whh", "0 0; 0 0", "--why", "1 0; 0 1", "--x", "9")


def test_the_largest_probability_is_bold_in_markdown() -> None:
    assert "**0.881**<br>0.119" in rnncalc(*TWO_CLASSES, "-f", "markdown").out


def test_in_the_terminal_the_largest_probability_is_bold_and_a_state_has_a_shade(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("COLORTERM", raising=False)
    out = rnncalc(*TWO_CLASSES, "--color", "always").out
    found = re.findall(r"\x1b\[([\d;]+)m([^\x1b]*)", out)
    codes = {text.strip(): code for code, text in found}

    def background(text: str) -> tuple[int, ...]:
        """Return red, green and blue, each from 0 to 5: of 256 colours 216 are such a cube."""
        place = int(codes[text].partition("48;5;")[2]) - 16
        return place // 36, place // 6 % 6, place % 6

    assert codes["0.881"] == "1"
    assert "0.119" not in codes
    red, blue = background("1.000"), background("−1.000")
    assert red[0] == 5 > red[1] == red[2]
    assert blue[2] == 5 > blue[1] > blue[0]
    assert "9.000" not in codes  # a pre-activation has none


@pytest.mark.parametrize("term", ["xterm", "linux", "xterm-256color"])
def test_states_above_and_below_zero_differ_whatever_the_colours(
    term: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("COLORTERM", raising=False)
    states = [n / 10 for n in range(1, 11)]
    x = " ".join(f"{sign * state}" for state in states for sign in (1, -1))
    run = ("run", "--wxh", "1", "--whh", "0", "--activation", "linear", "--only", "h", f"--x={x}")

    found = re.findall(r"\x1b\[([\d;]+)m ?([−\d.]+)\x1b", rnncalc(*run, "--color", "always").out)

    colors = {text: code for code, text in found}
    assert len(colors) == 20
    plus = {code for text, code in colors.items() if text[0] != "−"}
    minus = {code for text, code in colors.items() if text[0] == "−"}
    assert not plus & minus
    assert len(plus) > 1 < len(minus)  # the size is seen, too


def painted(svg: str) -> dict[str, str]:
    """Return the colour behind each text of a picture that has one."""
    pattern = r'<rect [^>]*fill="(#\w+)"/>\n<text[^>]*>([^<]*)</text>'
    return {text: color for color, text in re.findall(pattern, svg)}


def test_a_state_is_red_above_zero_and_blue_below_and_the_paler_the_smaller() -> None:
    run = ("run", "--wxh", "1", "--whh", "0", "--activation", "linear", "--x", "4 2 -8 0.1")
    colors = painted(rnncalc(*run, "-f", "svg").out)
    channels = {
        state: [int(part, 16) for part in re.findall("..", color[1:])]
        for state, color in colors.items()
    }
    red, green, blue = zip(
        *(channels[state] for state in ("4.000", "2.000", "−8.000")), strict=True
    )

    # 8 is the largest size of a state, so 4 and 2 are a half and a quarter of full red
    assert red[0] == red[1] == blue[2] == 255
    assert 0 < blue[0] < blue[1] < 255
    assert (green[0], green[1]) == (blue[0], blue[1])
    assert 0 < red[2] < green[2] < 255  # no darker than black can be read on
    assert "0.100" not in colors


def test_the_largest_probability_is_bold_in_a_picture_too() -> None:
    svg = rnncalc(*TWO_CLASSES, "-f", "svg").out

    assert re.findall(r'<text class="b"[^>]*>([^<]*)<', svg)[-1] == "0.881"


def test_a_picture_is_well_formed_and_needs_nothing_else() -> None:
    run = ("run", "--vocabulary", "<&>", "--wxh", "1 2 3;1 0 1", "--whh", "0 0;0 0", "--x", "<&>")
    svg = rnncalc(*run, "--plot", "-f", "svg").out

    root = ElementTree.fromstring(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert not re.search(r"https?://(?!www.w3.org/2000/svg)|@font-face|@import|url\(", svg)
    assert "circle" not in svg  # the buttons of a window
    names = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"h[0]", "h[1]", "step t"} <= {*names}


def test_the_components_of_a_vector_are_aligned_on_their_points() -> None:
    out = rnncalc("run", "--wxh", "1 1 1", "--whh", "0", "--x", "1 0.25 -10.5;").out

    assert [line[5:13] for line in out.splitlines()[-3:]] == ["⎡  1   ⎤", "⎢  0.25⎥", "⎣−10.5 ⎦"]


def test_a_terminal_without_unicode_gets_ascii() -> None:
    arguments = (
        "run",
        "--wxh",
        "1;2",
        "--whh",
        "1 0; 0 1",
        "--why",
        "1 1; 2 2",
        "--x",
        "1",
        "--plot",
        "--work",
    )

    assert rnncalc(*arguments, encoding="ascii").out.isascii()
    assert (
        rnncalc(*arguments[:-1], encoding="latin-1").out
        == """\
a_t = W_xh x_t + W_hh h_{t-1}
h_t = tanh(a_t)
y_t = softmax(W_hy h_t)

W_xh = [1]   W_hh = [1  0]   W_hy = [1  1]   h_0 = 0
       [2]          [0  1]          [2  2]

 t | x_t |     a_t |     h_t |     y_t
---+-----+---------+---------+---------
 1 |   1 | [1.000] | [0.762] | [0.151]
   |     | [2.000] | [0.964] | [0.849]

h over time
   1 +   x
     |   o
 0.5 +
     |
   0 +----
     |
-0.5 +
     |
  -1 +
     +----
   t     1
o h[0]   x h[1]
"""
    )


def plotted(*arguments: str) -> list[str]:
    """Return the lines of a plot, which is the last thing on a page."""
    out = rnncalc("run", *arguments, "--activation", "linear", "--plot").out
    return out[out.index("h over time") :].splitlines()


def test_the_plot_shows_what_decays_and_what_oscillates() -> None:
    # h[0] is 8, 4, 2, 1 and h[1] is 8, -8, 8, -8: one line of the plot for every 2.5
    assert plotted("--wxh", "1;1", "--whh", "0.5 0; 0 -1", "--x", "8 0 0 0") == [
        "h over time",
        " 10 ┤",
        "    │   ✶       ○",
        "  5 ┤       ●",
        "    │           ●",
        "  0 ┤───────────────●",
        "    │",
        " −5 ┤",
        "    │       ○       ○",
        "−10 ┤",
        "    └────────────────",
        "  t     1   2   3   4",
        "● h[0]   ○ h[1]   ✶ several",
    ]


def test_the_plot_of_many_units_has_a_line_of_bars_for_each() -> None:
    units = range(8)
    wxh, whh = ";".join("1" * 8), ";".join(" ".join("0" * 8) for _ in units)

    scale, *lines, numbers = plotted("--wxh", wxh, "--whh", whh, "--x", "0 7 3 1")[1:]

    assert scale == "▁ is 0, █ is 7"
    assert lines == [f"h[{i}] ▁▁▁▁████▄▄▄▄▂▂▂▂" for i in units]
    assert numbers == "t       1   2   3   4"


def test_of_a_long_sequence_the_first_and_last_ten_steps_are_shown() -> None:
    arguments = (
        "run",
        "--wxh",
        "1",
        "--whh",
        "1",
        "--activation",
        "linear",
        "--x",
        " ".join(["1"] * 30),
        "-p",
        "0",
    )
    lines = rnncalc(*arguments).out.splitlines()

    assert lines[4 + 11 :][:3] == [
        "  10     1    10    10",
        " ... 10 steps omitted; use --all to show them",
        "  21     1    21    21",
    ]
    assert len(rnncalc(*arguments, "--all").out.splitlines()) == 3 + 1 + 2 + 30


@pytest.mark.parametrize("output_format", ["table", "markdown", "latex"])
@pytest.mark.parametrize("work", [(), ("--work",)])
def test_the_gap_says_how_many_steps_are_omitted(output_format: str, work: tuple[str, ...]) -> None:
    x = " ".join(["1"] * 30)
    run = ("run", "--wxh", "1;1", "--whh", "1 0; 0 1", "--x", x, "-f", output_format, *work)
    # a step begins a line with its number alone or as "t = 10"
    step = r"^(?:\\par\S*)?[ |$*]*(?:t = )?(\d+)(?= |\$)(?! =)|10 steps (omitted)"

    found = ["".join(either) for either in re.findall(step, rnncalc(*run).out, re.MULTILINE)]

    assert found == [*map(str, range(1, 11)), "omitted", *map(str, range(21, 31))]


def test_a_plot_has_a_gap_where_steps_are_omitted() -> None:
    # h_t is 1 in the first ten steps and 0 in the last ten
    x = " ".join(["1"] * 10 + ["0"] * 20)
    lines = plotted("--wxh", "1", "--whh", "0", "--x", x)

    top, bottom = lines[1], lines[-3]
    assert top == "   1 ┤" + "   ●" * 10
    assert bottom == "   0 ┤" + " " * 44 + "   ●" * 10
    assert lines[-1].split() == ["t", *map(str, range(1, 11)), "…", *map(str, range(21, 31))]


@pytest.mark.parametrize("steps", [23, 24, 25, 29, 33, 34, 35, 600, 1500])
@pytest.mark.parametrize("source", ["flag", "stream"])
def test_the_steps_shown_are_the_right_ones_however_they_come(steps: int, source: str) -> None:
    x = ["1"] * steps
    given = ("--x", " ".join(x)) if source == "flag" else ("--x", "-")
    out = rnncalc(
        "run", "--wxh", "1", "--whh", "1", "--activation", "linear", *given, stdin="\n".join(x)
    ).out

    shown = [int(row[0]) for line in out.splitlines()[5:] if (row := line.split())[0].isdigit()]
    everything = list(range(1, steps + 1))
    assert shown == (everything if steps <= 24 else everything[:10] + everything[-10:])


@pytest.mark.parametrize(
    ("choice", "steps"),
    [
        ("2", [2]),
        ("1:3", [1, 2, 3]),
        ("-1", [5]),
        ("4:", [4, 5]),
        (":2", [1, 2]),
        ("-2:", [4, 5]),
        ("2:-2", [2, 3, 4]),
        ("-3:-2", [3, 4]),
        ("4:9", [4, 5]),
    ],
)
@pytest.mark.parametrize("source", ["flag", "stream"])
def test_chosen_steps_have_the_values_of_the_whole_run(
    choice: str, steps: list[int], source: str
) -> None:
    given = ("--x", "1 2 3 4 5") if source == "flag" else ("--x", "-")
    arguments = ("run", "--wxh", "0.5", "--whh", "0.3", *given, "-f", "jsonl")
    stdin = "1\n2\n3\n4\n5\n"
    whole = rnncalc(*arguments, stdin=stdin).out.splitlines()

    chosen = rnncalc(*arguments, "--steps", choice, stdin=stdin).out.splitlines()

    assert chosen == [whole[t - 1] for t in steps]


@pytest.mark.parametrize("size", [1, 2, 5])
def test_chosen_steps_are_the_same_whatever_the_blocks(size: int) -> None:
    whole = Trace(1, dict.fromkeys(("x", "a", "h"), np.arange(1.0, 6.0)[:, None]))
    blocks = [whole.part(begin, min(begin + size, 5)) for begin in range(0, 5, size)]

    for first, last in product([*range(-6, 0), *range(1, 7)], repeat=2):
        begin, end = (n if n > 0 else 6 + n for n in (first, last))  # -1 is step 5
        try:
            traces = list(selected(blocks, parse_steps(f"{first}:{last}")))
        except InputError:  # there are none
            traces = []
        found = [t for trace in traces for t in range(trace.first, trace.first + len(trace))]
        assert found == [t for t in range(1, 6) if begin <= t <= end]
        assert found == [h for trace in traces for h in trace.h.ravel().tolist()]


@pytest.mark.parametrize(
    ("choice", "asked"),
    [("2", [2]), ("2:3", [2, 3]), ("3:", [3, 4, 5]), ("2:-2", [3, 4, 5])],
)
def test_a_chosen_step_is_there_at_once_and_none_is_requested_after_the_last(
    choice: str, asked: list[int]
) -> None:
    taken = 0

    def traces() -> Iterator[Trace]:
        nonlocal taken
        for t in range(1, 6):
            taken = t
            yield Trace(t, dict.fromkeys(("x", "a", "h"), np.array([[0.0]])))

    assert [taken for _ in selected(traces(), parse_steps(choice))] == asked
    assert taken == asked[-1]


def test_one_step_is_not_called_steps() -> None:
    result = rnncalc("run", "--wxh", "1", "--whh", "1", "--x", "1", "--steps", "2")

    assert result.err == "Error: --steps: '2': there is 1 step\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--steps", "9"), "--steps: '9': there are 3 steps"),
        (("--steps", "-9"), "--steps: '-9': there are 3 steps"),
        (("--steps", "0"), "--steps: '0': steps are counted from 1, or from the end with -1"),
        (("--steps", "3:1"), "--steps: '3:1' ends before it begins; type 1:3"),
        (("--steps", "a"), "--steps: 'a' is not a valid step selection; type 2, 1:3, 5: or -1"),
        (("--steps", "1,2"), "--steps: '1,2' is not a valid step selection; type 2, 1:3, 5: or -1"),
        (("--steps", "4-2"), "--steps: '4-2' ends before it begins; type 2:4"),
        (("--steps", "1-"), "--steps: '1-' is not a valid step selection; type 2, 1:3, 5: or -1"),
        (("--work", "-f", "csv"), "--work is not available with csv; use jsonl"),
        (
            ("--plot", "-f", "json"),
            "--plot is not available with json; use table, markdown, html or svg",
        ),
        (
            ("--plot", "-f", "latex"),
            "--plot is not available with latex; use table, markdown, html or svg",
        ),
        (("--only", "z"), "--only: unknown quantity 'z'; known are x, a, h, o, y"),
        (("--only", "y"), "--only: y is an output, but no why is given, so there is no output"),
    ],
)
def test_what_cannot_be_shown_is_reported(arguments: tuple[str, ...], message: str) -> None:
    result = rnncalc("run", "--wxh", "1", "--whh", "1", "--x", "1 2 3", *arguments)

    assert (result.status, result.out, result.err) == (2, "", f"Error: {message}\n")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "cp437"])
@pytest.mark.parametrize("output_format", [*FORMATS, "html", "json", "csv"])
@pytest.mark.parametrize("more", [(), ("--work",), ("--plot",)])
def test_every_format_can_be_written_in_every_encoding(
    encoding: str, output_format: str, more: tuple[str, ...]
) -> None:
    if (output_format, *more) in (
        ("csv", "--work"),
        ("csv", "--plot"),
        ("json", "--plot"),
        ("latex", "--plot"),
    ):
        pytest.skip("refused")
    x = " ".join(["-1"] * 30)
    run = ("run", "--wxh", "-0.5;1", "--whh", "0.5 -1;0 1", "--why", "1 1;-1 2", "--x", x)

    result = rnncalc(*run, "-f", output_format, *more, encoding=encoding)

    assert (result.status, result.err) == (0, "")


def test_a_page_of_paper_holds_what_it_shows() -> None:
    wide = (
        "run",
        "--wxh",
        "0.1234567",
        "--whh",
        "0.345678",
        "--bh",
        "0.111111",
        "--why",
        "0.654321",
        "--by",
        "0.222222",
        "--x",
        "1.23456",
        "--work",
        "-p",
        "6",
        "-f",
        "latex",
    )

    assert "\\begin{align*}" in rnncalc(*wide).out
    assert (
        "\\begin{tabular}"
        in rnncalc("run", "--wxh", "1", "--whh", "1", "--x", "1", "--work", "-f", "latex").out
    )


@pytest.mark.parametrize("width", [30, 45, 60])
@pytest.mark.parametrize("more", [(), ("--work",), ("--plot",)])
def test_in_a_narrow_terminal_no_line_is_too_long_and_no_value_is_lost(
    width: int, more: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in range(3):
        run = ("run", *network(seed, digits=1), *more)
        decimals = int(run[run.index("-p") + 1])
        wide = rnncalc(*run).out
        with monkeypatch.context() as narrowed:
            narrowed.setattr("rnncalc.cli.app.terminal_width", lambda: width)
            narrow = rnncalc(*run).out

        assert max(map(len, narrow.splitlines())) <= width
        assert numbers_in(narrow, decimals) == numbers_in(wide, decimals)


def test_a_table_is_split_only_if_the_terminal_is_narrower(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = ("run", "--wxh", "1", "--whh", "0", "--why", "1", "--x", "1 22222222222222")
    table = rnncalc(*run).out
    width = max(map(len, table.splitlines()))  # of the line below the titles

    monkeypatch.setattr("rnncalc.cli.app.terminal_width", lambda: width)
    assert rnncalc(*run).out == table
    monkeypatch.setattr("rnncalc.cli.app.terminal_width", lambda: width - 1)
    titles = [line.split() for line in rnncalc(*run).out.splitlines() if line.startswith(" t ")]
    assert titles == [["t", "x_t", "a_t", "h_t"], ["t", "y_t"]]


@pytest.mark.parametrize(
    ("units", "steps", "rows"), [(1, 45, [30, 15]), (2, 45, [15, 15, 15]), (45, 2, [1, 1])]
)
def test_a_table_of_more_lines_than_a_page_of_paper_is_several(
    units: int, steps: int, rows: list[int]
) -> None:
    zeros = ";".join([" ".join(["0"] * units)] * units)
    x = " ".join(["1"] * steps)
    run = ("run", "--wxh", ";".join(["1"] * units), "--whh", zeros, "--x", x, "--all")

    tables = rnncalc(*run, "-f", "latex").out.split("\\begin{tabular}")[1:]

    assert [len(re.findall(r"^\$\d+\$ &", table, re.MULTILINE)) for table in tables] == rows


def test_in_latex_a_long_line_is_broken_before_its_result_and_the_largest_output_is_bold() -> None:
    numbers = ("--wxh", "0.125 0.25 0.375", "--whh", "0", "--x", "0.125 0.125 0.125;")
    run = ("run", *numbers, "--h0", "0.125", "--bh", "0.0078125", "--why", "0;1", "-f", "latex")

    # 0.125 × (0.125 + 0.25 + 0.375) + 0.0078125 = 0.1015625
    assert "\\\\\n&\\quad + 0.0078125 \\approx 0.102" in rnncalc(*run, "--work").out
    # 1 / (1 + e^-tanh(0.1015625)) = 0.5253
    assert "0.475 \\\\ \\mathbf{0.525}" in rnncalc(*run).out


def test_in_the_table_the_sum_of_an_output_comes_before_the_output() -> None:
    run = ("run", "--wxh", "1", "--whh", "0", "--why", "1", "--output-activation", "sigmoid")

    titles = rnncalc(*run, "--x", "1", "--work").out.splitlines()[6].split()

    assert titles == ["t", "x_t", "a_t", "h_t", "o_t", "y_t"]


def test_a_plot_wider_than_the_terminal_shows_some_steps_of_all_units_at_a_time() -> None:
    plot = ["h over time: ▁ is 0, █ is 1", "h[0]  ▁█▁█▁█▁█▁█", "h[10] █▁█▁█▁█▁█▁"]

    assert list(_plot_wrapped(plot, Request(width=14))) == [
        *("h over time: ▁", "      is 0, █", "      is 1", "h[0]  ▁█▁█▁█▁█", "h[10] █▁█▁█▁█▁"),
        *("", "h[0]  ▁█", "h[10] █▁"),
    ]


def test_a_number_that_was_typed_is_not_rounded_away() -> None:
    run = (
        "run",
        "--wxh",
        "0.00012345",
        "--whh",
        "0.1234567890123",
        "--h0",
        "1",
        "--x",
        "100000000",
        "--activation",
        "linear",
        "--work",
        "--only",
        "a",
        "-f",
        "markdown",
    )

    assert "0.00012345 × 100000000 + 0.123457 × 1 ≈ 12345.123" in rnncalc(*run).out


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (-3.0, "-3"),
        (1e-6, "0.000001"),
        (9.9e-7, "9.9e-07"),
        (9007199254740991.0, "9007199254740991"),
        (1e16, "1e+16"),
        (-1e16, "-1e+16"),
    ],
)
def test_every_digit_is_written_and_zeros_only_while_they_can_be_counted(
    value: float, text: str
) -> None:
    assert plain(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-0.12345678, "-0.12345678"),  # ten characters and a sign
        (-0.123456789, "-0.123457"),  # more: three decimals and three digits
        (1.23456789e-9, "1.23457e-09"),
        (12345.6789012, "12345.679"),
        (-12345678901.0, "-12345678901"),
    ],
)
def test_a_long_number_is_shortened_but_not_an_integer(value: float, text: str) -> None:
    assert short(value, 3) == text


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (-0.0004, 3, "0.000"),
        (9007199254740991.0, 1, "9007199254740991.0"),
        (1e16, 1, "1.000e+16"),
        (-1e16, 0, "-1.000e+16"),
        (1.23456e200, 4, "1.2346e+200"),
        (-9.9996e20, 3, "-1.000e+21"),
    ],
)
def test_a_value_has_its_decimals_while_a_float_has_any(
    value: float, decimals: int, text: str
) -> None:
    assert fixed(value, decimals) == text
