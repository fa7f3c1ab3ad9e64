"""The command line: words in, words out, an exit status."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rnncalc import __version__
from rnncalc.errors import InputError, printable
from rnncalc.output import (
    WRONG_INPUT,
    can_show,
    fail,
    say,
    size_to_wait_for,
    status_of,
    terminal_width,
    write,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rnncalc.network.activations import Array
    from rnncalc.reading.config import Problem

# Click's usage errors; since Typer 0.26 Click is inside Typer, and this is its only public way in.
_UsageError: type[Exception] = typer.BadParameter.__mro__[2]

app = typer.Typer(
    name="rnncalc",
    rich_markup_mode=None,  # plain help costs half the start, and is the same in a pipe
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


class Format(StrEnum):
    """What `-f` takes."""

    table = "table"
    json = "json"
    jsonl = "jsonl"
    csv = "csv"
    markdown = "markdown"
    latex = "latex"
    html = "html"
    svg = "svg"


class Color(StrEnum):
    """What `--color` takes."""

    auto = "auto"
    always = "always"
    never = "never"


Values = list[str] | None  # a flag that may be given once; a list, to see when it is given twice


def _value(key: str, metavar: str, text: str) -> object:
    return typer.Option(f"--{key}", metavar=metavar, help=text, show_default=False)


def _activation_names(incomplete: str) -> list[str]:
    from rnncalc.network.activations import ACTIVATIONS

    return [n for n, f in ACTIVATIONS.items() if n.startswith(incomplete) and not f.output_only]


def _output_activation_names(incomplete: str) -> list[str]:
    from rnncalc.network.activations import ACTIVATIONS

    return [name for name in ACTIVATIONS if name.startswith(incomplete)]


@app.callback(invoke_without_command=True)
def _top(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    """A calculator for recurrent neural networks that shows its working.

    \b
    rnncalc run --wxh 0.5 --whh 0.3 --bh 0.1 --why 0.4 --by 0.2 --x 1,2,3
    rnncalc init > model.toml
    rnncalc run -c model.toml
    """
    if version:
        write([f"rnncalc {__version__}\n"])
        raise typer.Exit
    if context.invoked_subcommand is None:
        write([context.get_help() + "\n"])


# what belongs to no flag is kept, to say more about it than that
@app.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
def run(
    context: typer.Context,
    wxh: Annotated[Values, _value("wxh", "MATRIX", "Input to hidden, H x D.")] = None,
    whh: Annotated[Values, _value("whh", "MATRIX", "Hidden to hidden, H x H.")] = None,
    bh: Annotated[Values, _value("bh", "VECTOR", "Hidden bias, H numbers. [default: 0]")] = None,
    why: Annotated[
        Values, _value("why", "MATRIX", "Hidden to output, K x H. [default: none]")
    ] = None,
    by: Annotated[Values, _value("by", "VECTOR", "Output bias, K numbers. [default: 0]")] = None,
    h0: Annotated[Values, _value("h0", "VECTOR", "State before step 1. [default: 0]")] = None,
    x: Annotated[Values, _value("x", "STEPS", "Inputs, T steps of D numbers.")] = None,
    activation: Annotated[
        Values,
        typer.Option(
            metavar="NAME",
            autocompletion=_activation_names,
            show_default=False,
            help="f of the hidden state; rnncalc activations lists them. [default: tanh]",
        ),
    ] = None,
    output_activation: Annotated[
        Values,
        typer.Option(
            metavar="NAME",
            autocompletion=_output_activation_names,
            show_default=False,
            help="g of the output. [default: softmax; linear for one output]",
        ),
    ] = None,
    config: Annotated[
        Values,
        typer.Option(
            "--config",
            "-c",
            metavar="FILE",
            show_default=False,
            help="TOML file with the same names as keys; - is standard input. Flags win.",
        ),
    ] = None,
    output_format: Annotated[
        Format, typer.Option("--format", "-f", help="How to write the result.")
    ] = Format.table,
    steps: Annotated[
        Values,
        typer.Option(
            metavar="STEPS", show_default=False, help="Only these: 2, 1:3, 5:, or -1, the last."
        ),
    ] = None,
    only: Annotated[
        Values,
        typer.Option(metavar="NAMES", show_default=False, help="Only these of x,a,h,o,y: h,y."),
    ] = None,
    work: Annotated[bool, typer.Option("--work", help="Show every substitution.")] = False,
    by_hand: Annotated[
        bool,
        typer.Option(
            "--by-hand",
            help="Calculate as on paper: each a, h, o and y is rounded to -p decimals when it is "
            "written down, and carried on so. Products and exponentials are not rounded.",
        ),
    ] = False,
    plot: Annotated[
        bool, typer.Option("--plot", help="Draw the states over time below the table.")
    ] = False,
    precision: Annotated[
        int, typer.Option("--precision", "-p", min=0, max=17, help="Decimals for eyes and by hand.")
    ] = 3,
    whole: Annotated[
        bool, typer.Option("--all", help="Every step of a long sequence in the table.")
    ] = False,
    color: Annotated[Color, typer.Option(help="Shade the states in a terminal.")] = Color.auto,
    show_config: Annotated[
        bool, typer.Option("--show-config", help="Print what would be run, as TOML, and stop.")
    ] = False,
) -> None:
    """Run a network over a sequence and show every step.

    \b
    rnncalc run --wxh 0.5 --whh 0.3 --bh 0.1 --why 0.4 --by 0.2 --x 1,2,3
    rnncalc run --wxh "1 0; 0 1" --whh "0.5 0; 0 0.5" --x "1 0; 0 1" -p 4
    rnncalc run -c model.toml -f json | jq ".steps[-1].h"

    Numbers are separated by blanks or commas, rows by ; and @FILE reads them from a file.
    """
    flags = {
        "wxh": wxh,
        "whh": whh,
        "bh": bh,
        "why": why,
        "by": by,
        "h0": h0,
        "x": x,
        "activation": activation,
        "output_activation": output_activation,
    }
    problem = _problem(flags, config, context.args)
    if show_config:
        from rnncalc.writing.toml import toml_text

        return write([toml_text(problem)])
    from rnncalc.reading.choice import parse_choice
    from rnncalc.reading.settings import once
    from rnncalc.running import Request, answered
    from rnncalc.writing.page import Wanted
    from rnncalc.writing.records import chosen
    from rnncalc.writing.terminal import Look, colors_of
    from rnncalc.writing.work import Paper

    names = once("--only", only).split(",") if only else None
    plain = not can_show("⎡⋮─≈×−█")
    for_eyes = output_format not in (Format.json, Format.jsonl, Format.csv)
    request = Request(
        output_format.value,
        Wanted(
            Paper(precision, by_hand),
            chosen(names, has_readout=problem.network.readout is not None) if names else None,
            work,
            plot,
            plain,
        ),
        Look(
            terminal_width(),
            plain,
            colors_of(color.value, output_format.value) if for_eyes else None,
        ),
        parse_choice(once("--steps", steps)) if steps else None,
        whole,
    )
    return write(answered(problem, request, _steps_of_standard_input(problem)))


def _steps_of_standard_input(problem: "Problem") -> "Iterator[Array]":
    from rnncalc.reading.stream import steps_from

    if sys.stdin is None:
        raise InputError("standard input: is closed")
    if sys.stdin.isatty():
        say("reading steps from standard input: a line a step, then Ctrl-D")
    file = sys.stdin.buffer
    blocks = steps_from(file, problem.network.input_size, "standard input")
    size = size_to_wait_for()
    if size:
        from rnncalc.writing.progress import watched

        blocks = watched(blocks, size, file.tell)
    yield from blocks


def _problem(flags: dict[str, Values], config: Values, rest: list[str]) -> "Problem":
    from rnncalc.reading import config as reading
    from rnncalc.reading import settings

    texts = settings.once_each(flags)
    path = settings.once("-c", config) if config else None
    if path == "-" and texts.get("x") == settings.STREAM:
        raise InputError("-c - and --x -: standard input can be only one of them; name a file")
    if rest:
        raise settings.leftovers(rest, sys.argv[1:])
    of_file = settings.from_file(path) if path else {}
    return reading.problem({**of_file, **settings.from_flags(texts)})


@app.command()
def activations() -> None:
    """List the activations and their formulas."""
    from rnncalc.network.activations import ACTIVATIONS

    only = {True: "  (output only)", False: ""}
    write(f"{f.name:<10} {f.formula}{only[f.output_only]}\n" for f in ACTIVATIONS.values())


@app.command()
def init() -> None:
    """Print a commented starter file.

    \b
    rnncalc init > model.toml
    """
    starter = Path(__file__).with_name("starter.toml")
    write([starter.read_text(encoding="utf-8")])


def main(arguments: list[str]) -> int:
    """Run the command line on `arguments` and return the exit status."""
    from rnncalc.reading.settings import refuse_single_dash

    def action() -> int | None:
        refuse_single_dash(arguments)
        try:
            status: int | None = app(arguments, prog_name="rnncalc", standalone_mode=False)
        except _UsageError as error:
            message = error.format_message()  # type: ignore[attr-defined]  # see _UsageError
            return fail(printable(message, 400), WRONG_INPUT)
        return status

    return status_of(action)
