"""The command line: arguments in, text out, and an exit status."""

import sys
from collections.abc import Callable
from copy import copy
from enum import StrEnum
from functools import cache
from inspect import Parameter, signature
from os import environ
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.models import CommandInfo

from rnncalc import __version__
from rnncalc.cli.help import LOSS, NETWORK, OUTPUT, PRINTED, SEQUENCE, SHOW, Grouped
from rnncalc.cli.memory import load_numpy
from rnncalc.cli.output import (
    FAILED,
    WRONG_INPUT,
    can_show,
    fail,
    say,
    size_to_wait_for,
    status_of,
    terminal_width,
    write,
)
from rnncalc.errors import InputError, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rnncalc.arrays import Array
    from rnncalc.network.problem import Problem
    from rnncalc.reading.settings import Setting
    from rnncalc.writing.request import Choice, Request

# Click's usage errors; since Typer 0.26 Click is inside Typer, and this is its only public way in.
_UsageError: type[Exception] = typer.BadParameter.__mro__[2]

app = typer.Typer(
    name="rnncalc",
    rich_markup_mode=None,  # plain help halves the start-up time, and is the same in a pipe
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

_TOPICS_ARE = "rnncalc help TOPIC shows one of these; rnncalc COMMAND --help lists flags.\n\n"
_DRAWN = "⎡⋮─≈×−█●△□✶┤"  # characters of a page that not every terminal has

_SHOWN_STEPS = "Show only these steps: 2, 1:3, 5: or -1 (the last)."

# unexpected arguments are kept, so that a message can say more about them
_KEEP_THE_REST = {"ignore_unknown_options": True, "allow_extra_args": True}


_CHECK = "Check values worked out by hand or by a program."
_GRAD = "Show backpropagation through time, step by step."
_SEE = (
    "Separate numbers with spaces or commas, and rows with ; or read them from a file: @FILE. "
    "More: rnncalc help {}"
)
Format = StrEnum("Format", "table json jsonl csv markdown md latex tex html svg toml")
CheckFormat = StrEnum("CheckFormat", "table json")
ColorChoice = StrEnum("ColorChoice", "auto always never")
_IN_FULL = {"md": "markdown", "tex": "latex"}


def _once(group: str, flag: str, metavar: str, text: str, **more: Any) -> Any:  # noqa: ANN401  # Typer's own
    """Return the option of a flag that may be given once."""
    more |= {"show_default": False, "rich_help_panel": group}
    return typer.Option(*flag.split(), metavar=metavar, help=text, **more)


def _switch(group: str, flag: str, text: str) -> Any:  # noqa: ANN401  # Typer's own
    """Return the option of a flag without a value."""
    return typer.Option(flag, help=text, rich_help_panel=group)


def _activation_names(incomplete: str) -> list[str]:
    from rnncalc.network.activations import ACTIVATIONS

    return [n for n, f in ACTIVATIONS.items() if n.startswith(incomplete) and not f.output_only]


def _output_activation_names(incomplete: str) -> list[str]:
    from rnncalc.network.activations import ACTIVATIONS

    return [name for name in ACTIVATIONS if name.startswith(incomplete)]


Values = list[str] | None  # of a flag that may be given once: a list, to notice a second one
_WEIGHTS = "Weights of NumPy, PyTorch, Keras or ONNX."
_PROBLEM: dict[str, Any] = {
    "config": _once(
        NETWORK, "-c --config", "FILE", "TOML file; its keys are named like the flags."
    ),
    "wxh": _once(NETWORK, "--wxh", "MATRIX", "Input to hidden, H rows of D numbers."),
    "whh": _once(NETWORK, "--whh", "MATRIX", "Hidden to hidden, H x H."),
    "bh": _once(NETWORK, "--bh", "VECTOR", "Hidden bias, H numbers. [default: 0]"),
    "why": _once(NETWORK, "--why", "MATRIX", "Hidden to output, K x H. [default: no output]"),
    "by": _once(NETWORK, "--by", "VECTOR", "Output bias, K numbers. [default: 0]"),
    "activation": _once(
        NETWORK,
        "--activation",
        "NAME",
        "Of the hidden state. [default: tanh]",
        autocompletion=_activation_names,
    ),
    "output_activation": _once(
        NETWORK,
        "--output-activation",
        "NAME",
        "Of the output. [default: softmax, K = 1: linear]",
        autocompletion=_output_activation_names,
    ),
    "readout": _once(
        NETWORK, "--readout", "WHEN", "Output after all steps, or the final one only."
    ),
    "bxh": _once(NETWORK, "--bxh", "VECTOR", "PyTorch's bias_ih, with --bhh in place of --bh."),
    "bhh": _once(NETWORK, "--bhh", "VECTOR", "PyTorch's bias_hh, with --bxh."),
    "weights": _once(NETWORK, "--weights", "FILE", _WEIGHTS),
    "rnn": _once(NETWORK, "--rnn", "NAME", "Which RNN of that file, if it holds several."),
    "head": _once(NETWORK, "--head", "NAME", "Which of its layers reads out h, or none."),
    "x": _once(SEQUENCE, "--x", "STEPS", "Inputs, T steps of D numbers; - for standard input."),
    "h0": _once(SEQUENCE, "--h0", "VECTOR", "Initial state, a row per state of a stack. [0]"),
    "vocabulary": _once(
        SEQUENCE, "--vocabulary", "SYMBOLS", "What x is spelt with: helo, or words with spaces."
    ),
    "embedding": _once(
        SEQUENCE, "--embedding", "MATRIX", "D numbers per symbol. [default: one-hot vectors]"
    ),
    "labels": _once(
        SEQUENCE, "--labels", "NAMES", "Names of the outputs. [default: the K symbols]"
    ),
    "target": _once(SEQUENCE, "--target", "STEPS", "What y should be at each step; ? for none."),
    "loss": _once(
        SEQUENCE,
        "--loss",
        "NAME",
        "cross_entropy, binary_cross_entropy, half_squared_error or squared_error. "
        "[default: the usual one of the output]",
    ),
    "stop": _once(SEQUENCE, "--stop", "SYMBOL", "The symbol that ends a generated text."),
}
"""The flags of every command that takes a problem."""


def _with_problem(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the flags of a problem before its own; Typer reads them off its signature."""
    own = signature(command)
    context, *others = (p for p in own.parameters.values() if p.kind is not p.VAR_KEYWORD)
    flags = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[Values, flag])
        for name, flag in _PROBLEM.items()
    ]
    others = [each.replace(kind=Parameter.KEYWORD_ONLY) for each in others]
    command.__signature__ = own.replace(  # type: ignore[attr-defined]
        parameters=[context, *flags, *others]
    )
    return command


_PRINTED = ("a", "h", "o", "y")
A = Annotated[Values, _once(PRINTED, "--a", "STEPS", "Pre-activations, written like --x.")]
H = Annotated[Values, _once(PRINTED, "--h", "STEPS", "States; ? for a value that is missing.")]
O = Annotated[Values, _once(PRINTED, "--o", "STEPS", "Outputs before softmax.")]  # noqa: E741
Y = Annotated[Values, _once(PRINTED, "--y", "STEPS", "Outputs.")]

Reduction = Annotated[
    Values,
    _once(LOSS, "--reduction", "NAME", "sum or mean over steps with a target. [default: sum]"),
]
Dy = Annotated[Values, _once(LOSS, "--dy", "STEPS", "In place of targets: dL/dy_t; ? for 0.")]
DhOutput = Annotated[
    Values, _once(LOSS, "--dh-output", "STEPS", "Without a readout: dL/dh_t, from the loss alone.")
]
LearningRate = Annotated[
    Values, _once(LOSS, "--learning-rate", "NUMBER", "Take a step of gradient descent too.")
]


def _decimals(text: str) -> Any:  # noqa: ANN401  # Typer's own
    return _once(SHOW, "--precision -p", "NUMBER", text)


def _format(text: str) -> Any:  # noqa: ANN401  # Typer's own
    return _once(OUTPUT, "--format -f", "NAME", text)


_FORMATS = "table, json, jsonl, csv, markdown (md), latex (tex), html or svg. [default: table]"
Color = Annotated[
    ColorChoice,
    _once(
        OUTPUT, "--color", "WHEN", "auto, always or never; NO_COLOR is honoured. [default: auto]"
    ),
]
ByHand = Annotated[
    bool,
    _switch(SHOW, "--by-hand", "Calculate as on paper: round each value, and use it rounded."),
]
Whole = Annotated[bool, _switch(SHOW, "--all", "Show every step of a long sequence.")]
Decimals = Annotated[Values, _decimals("Decimals in tables and in --by-hand. [default: 3]")]
Work = Annotated[bool, _switch(SHOW, "--work", "Show how each value is calculated.")]
Steps = Annotated[Values, _once(SHOW, "--steps", "STEPS", _SHOWN_STEPS)]
Standalone = Annotated[
    bool, _switch(OUTPUT, "--standalone", "Of -f latex, a document instead of a fragment.")
]
Blank = Annotated[
    bool, _switch(SHOW, "--blank", "An exercise: leave the results empty; -f toml to fill them in.")
]


@app.callback(invoke_without_command=True)
def _top(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", "-V", help="Print the version and stop.")
    ] = False,
) -> None:
    """A calculator for recurrent neural networks that shows its working.

    \b
    rnncalc run --wxh 0.5 --whh 0.3 --bh 0.1 --why 0.4 --by 0.2 --x 1,2,3
    rnncalc init > model.toml
    rnncalc run -c model.toml --work
    """
    if version:
        write([f"rnncalc {__version__}\n"])
        raise typer.Exit
    if context.invoked_subcommand is None:
        write([context.get_help() + "\n"])


@app.command(cls=Grouped, context_settings=_KEEP_THE_REST, epilog=_SEE.format("input"))
@_with_problem
def run(
    context: typer.Context,
    generate: Annotated[
        Values,
        _once(
            SEQUENCE,
            "--generate",
            "N",
            "Append N steps; each output (its symbol) is the next input.",
        ),
    ] = None,
    temperature: Annotated[
        Values,
        _once(
            SEQUENCE,
            "--temperature",
            "T",
            "Draw symbols from softmax(o / T). [default: the largest]",
        ),
    ] = None,
    seed: Annotated[
        Values, _once(SEQUENCE, "--seed", "S", "Draw the same symbols again. [default: 0]")
    ] = None,
    steps: Steps = None,
    only: Annotated[
        Values,
        _once(
            SHOW,
            "--only",
            "NAMES",
            "Show only these of x,a,h,o,y, e.g. h,y; or text: the appended symbols.",
        ),
    ] = None,
    work: Work = False,
    by_hand: ByHand = False,
    float32: Annotated[
        bool,
        _switch(SHOW, "--float32", "Calculate in single precision, the same on every machine."),
    ] = False,
    plot: Annotated[
        bool, _switch(SHOW, "--plot", "Plot the states over time below the table.")
    ] = False,
    precision: Decimals = None,
    whole: Whole = False,
    blank: Blank = False,
    output_format: Annotated[Format, _format(_FORMATS)] = Format.table,
    standalone: Standalone = False,
    color: Color = ColorChoice.auto,
    show_config: Annotated[
        bool, _switch(OUTPUT, "--show-config", "Print the complete setup as TOML, and stop.")
    ] = False,
    **_: object,  # of the problem
) -> None:
    """Run a network over a sequence and show every step.

    \b
    rnncalc run --wxh 0.5 --whh 0.3 --bh 0.1 --why 0.4 --by 0.2 --x 1,2,3
    rnncalc run --wxh "1 0; 0 1" --whh "0.5 0; 0 0.5" --x "1 0; 0 1" --work
    rnncalc run -c model.toml -f json | jq ".steps[-1].h"

    """
    load_numpy()
    settings = _settings(context)
    problem = _problem(settings)
    if show_config:
        from rnncalc.writing.toml import settings_lines, toml_text

        return write([toml_text(problem, settings_lines(settings))])
    from rnncalc.cli.arguments import generation
    from rnncalc.commands.run import requested, texts
    from rnncalc.reading.flags import once

    look: dict[str, Any] = {"work": work, "by_hand": by_hand, "float32": float32}
    look |= {"plot": plot, "whole": whole} | generation(generate, temperature, seed)
    look |= {"enough": precision is None and not by_hand}
    look |= {"standalone": standalone, "blank": blank}
    options = _options(output_format, color, precision, **look)
    chosen = once("--steps", steps), once("--only", only)
    request = requested(problem, options, *chosen)
    return write(texts(problem, request, _steps_of_standard_input(problem)))


@app.command(
    cls=Grouped, context_settings=_KEEP_THE_REST, short_help=_CHECK, epilog=_SEE.format("checking")
)
@_with_problem
def check(
    context: typer.Context,
    a: A = None,
    h: H = None,
    o: O = None,
    y: Y = None,
    expect: Annotated[
        Values,
        _once(PRINTED, "--expect", "FILE", "JSON, JSON Lines, CSV or rows; - for standard input."),
    ] = None,
    quantity: Annotated[
        Values,
        _once(PRINTED, "--quantity", "NAME", "What they are, if the file does not name them."),
    ] = None,
    reduction: Reduction = None,
    dy: Dy = None,
    dh_output: DhOutput = None,
    learning_rate: LearningRate = None,
    steps: Annotated[
        Values,
        _once(PRINTED, "--steps", "STEPS", "Only these steps were printed, e.g. -1 (the last)."),
    ] = None,
    by_hand: Annotated[
        bool, _switch(PRINTED, "--by-hand", "They were rounded at every step, as on paper.")
    ] = False,
    float32: Annotated[
        bool, _switch(PRINTED, "--float32", "They come from single precision: allow for its error.")
    ] = False,
    atol: Annotated[
        Values, _once(PRINTED, "--atol", "NUMBER", "Absolute tolerance, instead of rounding.")
    ] = None,
    rtol: Annotated[
        Values, _once(PRINTED, "--rtol", "NUMBER", "Relative tolerance, instead of rounding.")
    ] = None,
    precision: Annotated[
        Values, _decimals("Decimals of --by-hand. [default: those of each quantity]")
    ] = None,
    whole: Annotated[bool, _switch(SHOW, "--all", "List the correct values too.")] = False,
    output_format: Annotated[
        CheckFormat, _format("table or json. [default: table]")
    ] = CheckFormat.table,
    color: Color = ColorChoice.auto,
    **_: object,  # of the problem
) -> None:
    """Check values worked out by hand or by another program, and explain the first wrong one.

    \b
    rnncalc check --wxh 0.5 --whh 0.3 --x 1,2,3 --h "0.462 0.814 0.941"
    rnncalc check -c worked.toml
    rnncalc check -c model.toml --expect port.csv --rtol 1e-6

    """
    load_numpy()
    from rnncalc.cli.arguments import tolerance
    from rnncalc.commands.check import requested, texts
    from rnncalc.reading.flags import once

    source = {"expect": once("--expect", expect), "quantity": once("--quantity", quantity)}
    look = {"by_hand": by_hand, "float32": float32, "whole": whole}
    printed_steps = _printed_steps(once("--steps", steps))
    options = _options(output_format, color, precision, steps=printed_steps, **look, **source)
    tolerances = tolerance("--atol", atol), tolerance("--rtol", rtol)
    settings = _settings(context)
    request = requested(options, *tolerances)
    written, notes, all_right = texts(_problem(settings), request, settings)
    for note in notes:
        say(f"Note: {note}")
    write(written)
    raise typer.Exit(0 if all_right else FAILED)


@app.command(
    cls=Grouped, context_settings=_KEEP_THE_REST, short_help=_GRAD, epilog=_SEE.format("gradients")
)
@_with_problem
def grad(
    context: typer.Context,
    reduction: Reduction = None,
    dy: Dy = None,
    dh_output: DhOutput = None,
    learning_rate: LearningRate = None,
    truncate: Annotated[
        Values, _once(LOSS, "--truncate", "STEPS", "Stop the gradient every so many steps.")
    ] = None,
    clip: Annotated[
        Values, _once(LOSS, "--clip", "NUMBER", "Limit each component of a gradient to this size.")
    ] = None,
    steps: Steps = None,
    only: Annotated[
        Values,
        _once(SHOW, "--only", "NAMES", "Show only these: dh,da,dwhh; also x,h,y,target,dx,h0."),
    ] = None,
    work: Work = False,
    by_hand: ByHand = False,
    flow: Annotated[
        bool, _switch(SHOW, "--flow", "Show how much of the gradient is left at each step.")
    ] = False,
    precision: Decimals = None,
    whole: Whole = False,
    blank: Blank = False,
    output_format: Annotated[Format, _format(_FORMATS)] = Format.table,
    standalone: Standalone = False,
    color: Color = ColorChoice.auto,
    **_: object,  # of the problem
) -> None:
    """Show backpropagation through time: the gradient of a loss, step by step.

    \b
    rnncalc grad --wxh 0.5 --whh 0.1 --why 1 --x 1,2,3 --target "0.5 1 1.5"
    rnncalc grad -c model.toml --target "? ? 1" --learning-rate 0.1 --work
    rnncalc grad -c model.toml --flow
    """
    load_numpy()
    from rnncalc.cli.arguments import tolerance, whole_number
    from rnncalc.commands.grad import requested, texts
    from rnncalc.network.gradients import Descent
    from rnncalc.reading.flags import once
    from rnncalc.reading.objective import learning_rate_of, objective_of

    settings = _settings(context, whole=True)
    problem = _problem(settings)
    look = {"work": work, "by_hand": by_hand, "whole": whole, "plot": flow}
    look |= {"enough": precision is None and not by_hand}
    look |= {"standalone": standalone, "blank": blank}
    options = _options(output_format, color, precision, **look)
    window = whole_number("--truncate", truncate, 1)
    descent = Descent(learning_rate_of(settings), tolerance("--clip", clip), window)
    words = {"steps": once("--steps", steps), "only": once("--only", only)}
    objective = objective_of(settings, problem)
    asked = requested(problem, objective, descent, options, words)
    return write(texts(problem, *asked))


def _printed_steps(text: str | None) -> "Choice | None":
    from rnncalc.commands.choice import parse_steps

    return parse_steps(text) if text else None


def _problem(settings: "dict[str, Setting]") -> "Problem":
    """Return the problem of a command, after noting what was converted to it."""
    from rnncalc.reading.problem import problem_of

    problem = problem_of(settings)
    for note in problem.notes:
        say(f"Note: {note}")
    return problem


def _options(
    output_format: str,
    color: str,
    precision: Values,
    **more: Any,  # noqa: ANN401  # its fields
) -> "Request":
    """Return the options of a command, with what is known of the terminal."""
    from rnncalc.cli.arguments import whole_number
    from rnncalc.writing.console import colors_of
    from rnncalc.writing.request import Request

    name = _IN_FULL.get(output_format, output_format)
    decimals = whole_number("--precision", precision, 0, 17)
    if decimals is not None:
        more |= {"decimals": decimals, "precision": decimals}
    colors, plain = colors_of(color, name), not can_show(_DRAWN)
    return Request(name, width=terminal_width(), plain=plain, colors=colors, **more)


def _settings(context: typer.Context, *, whole: bool = False) -> "dict[str, Setting]":
    """Return the settings of the file and the flags of a command; flags override the file.

    Args:
        context: of the command.
        whole: whether `--x -` reads standard input to its end.
    """
    from rnncalc.cli.arguments import refuse_two_readers, refuse_two_sources
    from rnncalc.reading import flags
    from rnncalc.reading.settings import KEYS

    given = context.params
    texts = flags.once_each({key: given[key] for key in KEYS if key in given})
    printed = flags.once_each({key: given[key] for key in _PRINTED if key in given})
    expect = flags.once("--expect", given.get("expect"))
    config = _config(context)
    refuse_two_sources(expect, printed)
    paths = {name: path for name, path in (("-c", config), ("--expect", expect)) if path}
    refuse_two_readers(paths | {flags.flag(k): text for k, text in (texts | printed).items()})
    settings: dict[str, Setting] = {}
    if config is not None:
        from rnncalc.reading.toml import from_file

        settings = from_file(config)
    spelt = flags.spelt_keys({*settings, *texts})
    settings |= flags.from_flags(texts, whole=whole or "expect" in given, spelt=spelt)
    return flags.with_printed(settings, printed)


def _config(context: typer.Context) -> str | None:
    """Return the name of the TOML file, and refuse any other unexpected argument."""
    from rnncalc.cli.arguments import config_of, leftovers, refuse_twice
    from rnncalc.reading import flags

    arguments: list[str] = context.obj
    takers = [p.opts for p in context.command.params if not getattr(p, "is_flag", True)]
    refuse_twice(arguments, takers)
    config, others = config_of(flags.once("-c", context.params["config"]), context.args)
    if others:
        known = [name for p in context.command.params for name in p.opts]
        raise leftovers(others, arguments, known)
    return config


def _steps_of_standard_input(problem: "Problem") -> "Iterator[Array]":
    """Yield blocks of steps (n, D) or, if inputs are symbols, of their positions."""
    from rnncalc.reading.steps import steps_from

    if sys.stdin is None:
        raise InputError("standard input: is closed")
    if sys.stdin.isatty():
        say("reading steps from standard input: one step per line, then Ctrl-D")
    file = sys.stdin.buffer
    if problem.inputs:
        from rnncalc.reading.spelt import spelt_from

        blocks: Iterator[Any] = spelt_from(file, problem.inputs, "standard input")
    else:
        blocks = steps_from(file, problem.network.input_size, "standard input")
    size = size_to_wait_for()
    if size:
        from rnncalc.cli.progress import watched

        blocks = watched(blocks, size, file.tell)
    yield from blocks


@app.command()
def activations() -> None:
    """List the activations and their formulas."""
    load_numpy()
    from rnncalc.network.activations import ACTIVATIONS

    only = {True: "  (output only)", False: ""}
    write(f"{f.name:<10} {f.formula}{only[f.output_only]}\n" for f in ACTIVATIONS.values())


@app.command()
def init(
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="A sample.", show_default=False)
    ] = "",
    listed: Annotated[bool, typer.Option("--list", help="List the samples, and stop.")] = False,
) -> None:
    """Print a commented starter file, or a sample.

    \b
    rnncalc init > model.toml
    rnncalc init --list
    rnncalc init names > names.toml
    """
    from rnncalc.commands import samples

    write([samples.listing() if listed else samples.text(name or samples.STARTER)])


@app.command(name="help")
def help_(
    topic: Annotated[
        str, typer.Argument(metavar="[TOPIC]", help="A topic, or a command.", show_default=False)
    ] = "",
) -> None:
    """Read the manual: list its topics, or show one."""
    from rnncalc.commands import manual

    if not topic:
        return write([_TOPICS_ARE, manual.listing()])
    found = manual.text(topic, _names())
    from rnncalc.writing.console import colors_of, in_encoding

    if not can_show(found):
        found = in_encoding(found, sys.stdout.encoding)
    colors = colors_of("auto", "table")
    if colors:
        from rnncalc.writing.manual import rendered

        found = rendered(found, terminal_width() or 80, colors)
    return write([found])


@app.command(short_help="List what is in a file of weights, and what is used.")
def weights(
    path: Annotated[str, typer.Argument(metavar="FILE", help=_WEIGHTS, show_default=False)],
    rnn: Annotated[Values, _PROBLEM["rnn"]] = None,
    head: Annotated[Values, _PROBLEM["head"]] = None,
    activation: Annotated[Values, _PROBLEM["activation"]] = None,
    output_activation: Annotated[Values, _PROBLEM["output_activation"]] = None,
) -> None:
    """List what is in a file of weights, what was chosen and why, and what is not used.

    \b
    rnncalc weights model.pth
    rnncalc weights rnn.safetensors --rnn encoder --head none

    Nothing in the file is run. Keras needs rnncalc[keras], and ONNX rnncalc[onnx].
    """
    load_numpy()
    from rnncalc.commands.weights import texts
    from rnncalc.reading.flags import once_each
    from rnncalc.reading.weights.choosing import Asked

    given = {"rnn": rnn, "head": head, "activation": activation}
    get = once_each({**given, "output_activation": output_activation}).get
    asked = Asked(get("rnn"), get("head"), get("activation"), get("output_activation"))
    write(texts(path, asked, terminal_width()))


def _every_flag() -> list[str]:
    """Return the flags of all commands."""
    commands = _commands("").commands.values()
    return [name for c in commands for flag in c.params for name in flag.opts]


def _of_a_command(arguments: list[str]) -> list[str]:
    """Return `run --help` for `help run`, and all else as it is."""
    if len(arguments) == 2 and arguments[0] == "help" and arguments[1] in _names():
        return [arguments[1], "--help"]
    return arguments


def _names() -> list[str]:
    return [_name(command) for command in app.registered_commands]


def _name(command: CommandInfo) -> str:
    return str(command.name or getattr(command.callback, "__name__", ""))


@cache
def _commands(name: str) -> Any:  # noqa: ANN401  # Click's
    """Return the commands; if one is named, that alone: to build all takes a tenth of the start."""
    chosen = copy(app)
    named = [command for command in app.registered_commands if _name(command) == name]
    chosen.registered_commands = named or app.registered_commands
    return typer.main.get_command(chosen)


def _let_a_shell_be_named(arguments: list[str]) -> None:
    """Make `--show-completion zsh` mean zsh: unless told, Typer asks for the shell around it."""
    if arguments[:1] in (["--show-completion"], ["--install-completion"]) and arguments[1:]:
        environ["_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION"] = "1"


def main(arguments: list[str]) -> int:
    """Run the command line on `arguments` and return the exit status."""
    from rnncalc.cli.arguments import (
        refuse_no_command,
        refuse_single_dash,
        without_typographic_quotes,
    )

    arguments = _of_a_command(without_typographic_quotes(arguments))
    _let_a_shell_be_named(arguments)

    def action() -> int | None:
        refuse_no_command(arguments)
        refuse_single_dash(arguments, _every_flag)
        try:
            status: int | None = _commands(arguments[0] if arguments else "")(
                arguments, prog_name="rnncalc", standalone_mode=False, obj=arguments
            )
        except _UsageError as error:
            message = error.format_message()  # type: ignore[attr-defined]  # see _UsageError
            return fail(printable(message, 400), WRONG_INPUT)
        return status

    # of check, 1 says that a value is wrong
    return status_of(action, WRONG_INPUT if arguments[:1] == ["check"] else FAILED)
