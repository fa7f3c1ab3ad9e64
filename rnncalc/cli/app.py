"""The command line: arguments in, text out, and an exit status."""

import sys
from collections.abc import Callable, Iterable
from copy import copy
from functools import cache
from inspect import Parameter
from os import environ
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.models import CommandInfo

from rnncalc import __version__
from rnncalc.cli.help import Grouped
from rnncalc.cli.memory import load_numpy
from rnncalc.cli.options import OF_CHECK, OF_GRAD, OF_RUN, OF_WEIGHTS, WEIGHT_FILES, with_flags
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
    from rnncalc.writing.request import Request

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
_PRINTED = ("a", "h", "o", "y")  # flags of printed values

# unexpected arguments are kept, so that a message can say more about them
_KEEP_THE_REST = {"ignore_unknown_options": True, "allow_extra_args": True}

_SEE = (
    "Separate numbers with spaces or commas, and rows with ; or read them from a file: @FILE. "
    "More: rnncalc help {}"
)
_IN_FULL = {"md": "markdown", "tex": "latex"}


def _command(
    flags: Iterable[Parameter], topic: str, short_help: str | None = None
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return what makes a function with these flags the command of its name."""
    register = app.command(
        cls=Grouped,
        context_settings=_KEEP_THE_REST,
        short_help=short_help,
        epilog=_SEE.format(topic),
    )
    return lambda function: register(with_flags(flags)(function))


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


@_command(OF_RUN, "input")
def run(context: typer.Context, **given: Any) -> None:
    """Run a network over a sequence and show every step.

    \b
    rnncalc run --wxh 0.5 --whh 0.3 --bh 0.1 --why 0.4 --by 0.2 --x 1,2,3
    rnncalc run --wxh "1 0; 0 1" --whh "0.5 0; 0 0.5" --x "1 0; 0 1" --work
    rnncalc run -c model.toml -f json | jq ".steps[-1].h"

    """
    load_numpy()
    settings = _settings(context)
    problem = _problem(settings)
    if given.pop("show_config"):
        from rnncalc.writing.toml import settings_lines, toml_text

        return write([toml_text(problem, settings_lines(settings))])
    from rnncalc.cli.arguments import generation
    from rnncalc.commands.run import requested, texts
    from rnncalc.reading.flags import once

    appended = generation(given["generate"], given["temperature"], given["seed"])
    options = _options(given, **appended)
    chosen = once("--steps", given["steps"]), once("--only", given["only"])
    request = requested(problem, options, *chosen)
    return write(texts(problem, request, _steps_of_standard_input(problem)))


@_command(OF_CHECK, "checking", "Check values worked out by hand or by a program.")
def check(context: typer.Context, **given: Any) -> None:
    """Check values worked out by hand or by another program, and explain the first wrong one.

    \b
    rnncalc check --wxh 0.5 --whh 0.3 --x 1,2,3 --h "0.462 0.814 0.941"
    rnncalc check -c worked.toml
    rnncalc check -c model.toml --expect port.csv --rtol 1e-6

    """
    load_numpy()
    from rnncalc.cli.arguments import tolerance
    from rnncalc.commands.check import requested, texts
    from rnncalc.commands.choice import parse_steps
    from rnncalc.reading.flags import once

    source = {key: once(f"--{key}", given[key]) for key in ("expect", "quantity")}
    steps = once("--steps", given["steps"])
    options = _options(given, steps=parse_steps(steps) if steps else None, **source)
    tolerances = (tolerance(f"--{key}", given[key]) for key in ("atol", "rtol"))
    request = requested(options, *tolerances)
    settings = _settings(context)
    written, notes, all_right = texts(_problem(settings), request, settings)
    for note in notes:
        say(f"Note: {note}")
    write(written)
    raise typer.Exit(0 if all_right else FAILED)


@_command(OF_GRAD, "gradients", "Show backpropagation through time, step by step.")
def grad(context: typer.Context, **given: Any) -> None:
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
    problem, options = _problem(settings), _options(given)
    window = whole_number("--truncate", given["truncate"], 1)
    descent = Descent(learning_rate_of(settings), tolerance("--clip", given["clip"]), window)
    chosen = once("--steps", given["steps"]), once("--only", given["only"])
    objective = objective_of(settings, problem)
    return write(texts(problem, *requested(problem, objective, descent, options, *chosen)))


def _problem(settings: "dict[str, Setting]") -> "Problem":
    """Return the problem of a command, after noting what was converted to it."""
    from rnncalc.reading.problem import problem_of

    problem = problem_of(settings)
    for note in problem.notes:
        say(f"Note: {note}")
    return problem


def _options(given: dict[str, Any], **more: Any) -> "Request":
    """Return the options of a command, with what is known of the terminal.

    Args:
        given: the flags; each switch is a field of a request.
        more: its other fields.
    """
    from rnncalc.cli.arguments import whole_number
    from rnncalc.writing.console import colors_of
    from rnncalc.writing.request import MOST_DECIMALS, Request

    name = _IN_FULL.get(given["format"], given["format"])
    more |= {switch: True for switch, value in given.items() if value is True}
    decimals = whole_number("--precision", given["precision"], 0, MOST_DECIMALS)
    if decimals is not None:
        more |= {"decimals": decimals, "precision": decimals}
    enough = decimals is None and not given["by_hand"]
    colors, plain = colors_of(given["color"], name), not can_show(_DRAWN)
    width = terminal_width()
    return Request(name, enough=enough, width=width, plain=plain, colors=colors, **more)


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
@with_flags(OF_WEIGHTS)
def weights(
    path: Annotated[str, typer.Argument(metavar="FILE", help=WEIGHT_FILES, show_default=False)],
    **given: Any,
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

    get = once_each(given).get
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
def _commands(name: str) -> Any:  # Click's
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
