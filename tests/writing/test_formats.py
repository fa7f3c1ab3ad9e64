"""Every figure shown in any format is the rounding of the JSON's; and nothing breaks out of it."""

import json
import re
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from html import unescape

import pytest

from calling import rnncalc
from networks import network
from rnncalc.writing.terminal import Look, _plot_wrapped

FORMATS = ["table", "markdown", "latex", "html", "svg"]


def rounding(value: float, decimals: int) -> str:
    quantum = Decimal(1).scaleb(-decimals)
    return f"{Decimal(repr(value)).quantize(quantum, ROUND_HALF_UP):f}"


def figures(text: str, decimals: int) -> Counter[str]:
    """Return the numbers of `text` with just `decimals` decimals, without a -0."""
    found = re.findall(rf"(?<![\d.])-?\d+\.\d{{{decimals}}}(?!\d)", text)
    return Counter(re.sub(r"^-(0\.0+)$", r"\1", number) for number in found)


def body(output_format: str, text: str) -> str:
    if output_format == "html":
        return unescape(re.sub(r"<[^>]*>", "", text.split("<body>")[1]))
    if output_format == "svg":
        return unescape("\n".join(re.findall(r"<text[^>]*>([^<]*)</text>", text)))
    return text


@pytest.mark.parametrize("output_format", FORMATS)
@pytest.mark.parametrize("seed", range(8))
def test_every_figure_is_the_rounding_of_the_jsons(output_format: str, seed: int) -> None:
    arguments = network(seed, digits=1)
    arguments[arguments.index("-p") + 1] = "5"
    steps = json.loads(rnncalc("run", *arguments, "-f", "json").out)["steps"]
    shown = ["a", "h", *(["y"] if "y" in steps[0] else [])]
    right = Counter(rounding(v, 5) for step in steps for name in shown for v in step[name])

    result = rnncalc("run", *arguments, "-f", output_format)

    assert figures(body(output_format, result.out), 5) == Counter(
        {re.sub(r"^-(0\.0+)$", r"\1", text): n for text, n in right.items()}
    )


@pytest.mark.parametrize("output_format", FORMATS)
@pytest.mark.parametrize("seed", range(8))
def test_the_working_is_the_same_in_every_format(output_format: str, seed: int) -> None:
    arguments = [*network(seed), "--work", "--steps", "2"]
    (step,) = json.loads(rnncalc("run", *arguments, "-f", "json").out)["steps"]

    shown = body(output_format, rnncalc("run", *arguments, "-f", output_format).out)

    if output_format == "latex":
        shown = re.sub(r"\\operatorname\{(\w+)\}", r"\1", shown.replace("\\_", "_"))
        shown = shown.replace("\\times", "×").replace("\\approx", "≈").replace("\\tanh", "tanh")
        shown = (
            shown.replace("&", "")
            .replace("\\\\\n", " ")
            .replace("\\textstyle\\sum", "the sum of all")
        )
        shown = re.sub(r"[{}]", "", shown).replace("−", "-")
        shown = shown.replace("W_xh", "W_xh")
    plain = re.sub(r"\s+", "", shown)
    for line in (line for of in step["work"].values() for line in of):
        wanted = re.sub(r"\s+", "", line)
        if output_format == "latex":
            wanted = re.sub(r"e\^\(([^)]*)\)", r"e^\1", wanted).replace("−", "-")
        assert wanted in plain, line


def test_without_colour_not_one_escape_byte_goes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ("run", "--wxh", "1", "--whh", "1", "--x", "1 2", "--plot", "--work")

    assert "\x1b" not in rnncalc(*arguments).out
    assert "\x1b" not in rnncalc(*arguments, "--color", "never").out
    assert "\x1b[" in rnncalc(*arguments, "--color", "always").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in rnncalc(*arguments).out


def test_the_largest_probability_is_bold_and_a_state_has_a_shade() -> None:
    out = rnncalc(
        *("run", "--wxh", "1;-1", "--whh", "0 0; 0 0", "--why", "1 0; 0 1", "--x", "9"),
        *("-f", "markdown"),
    ).out

    assert "**0.881**<br>0.119" in out


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
h_0 = 0

 t | x_t |     a_t |     h_t |     y_t
---+-----+---------+---------+---------
 1 |   1 | [1.000] | [0.762] | [0.151]
   |     | [2.000] | [0.964] | [0.849]

h over time: _ is -1, # is 1
h[0] *
h[1] #
"""
    )


def test_the_plot_shows_what_decays_and_what_oscillates() -> None:
    out = rnncalc(
        "run",
        "--wxh",
        "1;1",
        "--whh",
        "0.5 0; 0 -1",
        "--activation",
        "linear",
        "--x",
        "8 0 0 0",
        "--plot",
    ).out

    assert out.splitlines()[-3:] == ["h over time: ▁ is -8, █ is 8", "h[0] █▆▅▅", "h[1] █▁█▁"]


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
        " ... 10 steps left out; --all shows them",
        "  21     1    21    21",
    ]
    assert len(rnncalc(*arguments, "--all").out.splitlines()) == 3 + 1 + 2 + 30


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
def test_chosen_steps_have_the_figures_of_the_whole_run(
    choice: str, steps: list[int], source: str
) -> None:
    given = ("--x", "1 2 3 4 5") if source == "flag" else ("--x", "-")
    arguments = ("run", "--wxh", "0.5", "--whh", "0.3", *given, "-f", "jsonl")
    stdin = "1\n2\n3\n4\n5\n"
    whole = rnncalc(*arguments, stdin=stdin).out.splitlines()

    chosen = rnncalc(*arguments, "--steps", choice, stdin=stdin).out.splitlines()

    assert chosen == [whole[t - 1] for t in steps]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--steps", "9"), "--steps: '9': there are 3 steps"),
        (("--steps", "-9"), "--steps: '-9': there are 3 steps"),
        (("--steps", "0"), "--steps: '0': steps are counted from 1, or from the end with -1"),
        (("--steps", "3:1"), "--steps: '3:1' ends before it begins; type 1:3"),
        (("--steps", "a"), "--steps: 'a' is no choice of steps; type 2, 1:3, 5: or -1"),
        (("--steps", "2-4"), "--steps: '2-4' is no choice of steps; type 2:4"),
        (("--steps", "1,2"), "--steps: '1,2' is no choice of steps; type 1:2"),
        (("--steps", "2..4"), "--steps: '2..4' is no choice of steps; type 2:4"),
        (("--steps", "1-"), "--steps: '1-' is no choice of steps; type 2, 1:3, 5: or -1"),
        (("--work", "-f", "csv"), "--work: csv has no room for it; use -f jsonl"),
        (
            ("--plot", "-f", "json"),
            "--plot: json has no room for it; use table, markdown, html or svg",
        ),
        (("--only", "z"), "--only: unknown quantity 'z'; known are x, a, h, o, y"),
        (("--only", "y"), "--only: y is an output, but no why is given, so there is no output"),
    ],
)
def test_what_cannot_be_shown_is_said(arguments: tuple[str, ...], message: str) -> None:
    result = rnncalc("run", "--wxh", "1", "--whh", "1", "--x", "1 2 3", *arguments)

    assert (result.status, result.out, result.err) == (2, "", f"Error: {message}\n")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "cp437"])
@pytest.mark.parametrize("output_format", [*FORMATS, "json", "csv"])
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


def test_a_plot_wider_than_the_terminal_shows_some_steps_of_all_units_at_a_time() -> None:
    plot = ["h over time: ▁ is 0, █ is 1", "h[0]  ▁█▁█▁█▁█▁█", "h[10] █▁█▁█▁█▁█▁"]

    assert list(_plot_wrapped(plot, Look(width=14))) == [
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
