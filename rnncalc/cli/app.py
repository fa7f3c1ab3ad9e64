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
    DONE,
    FAILED,
    WRONG_INPUT,
    encoding,
    fail,
    say,
    size_to_wait_for,
    standard_input,
    status_of,
    terminal_width,
    write,
)
from rnncalc.errors import printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from rnncalc.arrays import Array
    from rnncalc.commands import Answer
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
) -> Callable[[Callable[..., int]], Callable[..., int]]:
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
def run(context: typer.Context, **given: Any) -> int:
    """Run a network over a sequence and show every step.

    \b
    rnncalc run --wxh 0.5 --whh 0.3 --bh 0.1 --why 0.4 --by 0.2 --x 1,2,3
    rnncalc run --wxh "1 0; 0 1" --whh "0.5 0; 0 0.5" --x "1 0; 0 1" --work
    rnncalc run -c model.toml -f json | jq ".steps[-1].h"

    """
    load_numpy()
    if given.pop("show_config"):
        from rnncalc.writing.toml import settings_lines, toml_text

        settings = _settings(context)
        write([toml_text(_problem(settings), settings_lines(settings))])
        return DONE
    from rnncalc.commands import run as command

    return _answer(command, context, given)


@_command(OF_CHECK, "checking", "Check values worked out by hand or by a program.")
def check(context: typer.Context, **given: Any) -> int:
    """Check values worked out by hand or by another program, and explain the first wrong one.

    \b
    rnncalc check --wxh 0.5 --whh 0.3 --x 1,2,3 --h "0.462 0.814 0.941"
    rnncalc check -c worked.toml
    rnncalc check -c model.toml --expect port.csv --rtol 1e-6

    """
    load_numpy()
    from rnncalc.commands import check as command

    return _answer(command, context, given, whole=True)


@_command(OF_GRAD, "gradients", "Show backpropagation through time, step by step.")
def grad(context: typer.Context, **given: Any) -> int:
    """Show backpropagation through time: the gradient of a loss, step by step.

    \b
    rnncalc grad --wxh 0.5 --whh 0.1 --why 1 --x 1,2,3 --target "0.5 1 1.5"
    rnncalc grad -c model.toml --target "? ? 1" --learning-rate 0.1 --work
    rnncalc grad -c model.toml --flow
    """
    load_numpy()
    from rnncalc.commands import grad as command

    return _answer(command, context, given, whole=True)


def _answer(
    command: "ModuleType", context: typer.Context, given: dict[str, Any], *, whole: bool = False
) -> int:
    """Options, then work, then output: what each command with a problem does.

    Args:
        command: a file of `rnncalc.commands`.
        context: of the command.
        given: its flags.
        whole: whether `--x -` reads standard input to its end.
    """
    settings = _settings(context, whole=whole)
    problem = _problem(settings)
    typed = _typed(given)
    options = _options(given, typed, stream=_steps_of_standard_input(problem))
    request = command.requested(problem, settings, options, typed)
    return _print(command.answer(problem, request))


def _print(answer: "Answer") -> int:
    """Print what a command answers, and return the exit status."""
    for note in answer.notes:
        say(f"Note: {note}")
    write(answer.texts)
    return DONE if answer.all_right else FAILED


def _typed(given: dict[str, Any]) -> dict[str, str]:
    """Return what was typed behind the flags that are not of the problem."""
    from rnncalc.reading.flags import once_each
    from rnncalc.reading.settings import KEYS

    others = given.keys() - {*KEYS, *_PRINTED, "config"}
    return once_each({key: of for key, of in given.items() if key in others and type(of) is list})


def _problem(settings: "dict[str, Setting]") -> "Problem":
    """Return the problem of a command, after noting what was converted to it."""
    from rnncalc.reading.problem import problem_of

    problem = problem_of(settings)
    for note in problem.notes:
        say(f"Note: {note}")
    return problem


def _options(given: dict[str, Any], typed: dict[str, str], **more: Any) -> "Request":
    """Return the options of a command, with what is known of the terminal.

    Args:
        given: the flags; each switch is a field of a request.
        typed: the texts behind them.
        more: other fields.
    """
    from rnncalc.reading.flags import whole_number
    from rnncalc.writing.console import colors_of, in_encoding
    from rnncalc.writing.request import MOST_DECIMALS, Request

    name = _IN_FULL.get(given["format"], given["format"])
    more |= {switch: True for switch, value in given.items() if value is True}
    decimals = whole_number(typed, "precision", 0, MOST_DECIMALS)
    if decimals is not None:
        more |= {"decimals": decimals, "precision": decimals}
    more["enough"] = decimals is None and not given["by_hand"]
    width, plain = terminal_width(), in_encoding(_DRAWN, encoding()) != _DRAWN
    colors = colors_of(given["color"], name, terminal=width is not None)
    return Request(name, width=width, plain=plain, colors=colors, stdin=standard_input, **more)


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

        settings = from_file(config, standard_input)
    spelt = flags.spelt_keys({*settings, *texts})
    settings |= flags.from_flags(texts, whole=whole, spelt=spelt, stdin=standard_input)
    return flags.with_printed(settings, printed, standard_input)


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

    file = standard_input()
    if sys.stdin.isatty():
        say("reading steps from standard input: one step per line, then Ctrl-D")
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
def activations() -> int:
    """List the activations and their formulas."""
    load_numpy()
    from rnncalc.commands.activations import answer

    return _print(answer())


@app.command()
def init(
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="A sample.", show_default=False)
    ] = "",
    listed: Annotated[bool, typer.Option("--list", help="List the samples, and stop.")] = False,
) -> int:
    """Print a commented starter file, or a sample.

    \b
    rnncalc init > model.toml
    rnncalc init --list
    rnncalc init names > names.toml
    """
    from rnncalc.commands.init import answer

    return _print(answer(None if listed else name))


@app.command(name="help")
def help_(
    topic: Annotated[
        str, typer.Argument(metavar="[TOPIC]", help="A topic, or a command.", show_default=False)
    ] = "",
) -> int:
    """Read the manual: list its topics, or show one."""
    from rnncalc.commands.help import answer
    from rnncalc.writing.console import colors_of

    width = terminal_width()
    colors = colors_of("auto", "table", terminal=width is not None) if topic else None
    return _print(answer(topic, _names(), encoding(), width, colors))


@app.command(short_help="List what is in a file of weights, and what is used.")
@with_flags(OF_WEIGHTS)
def weights(
    path: Annotated[str, typer.Argument(metavar="FILE", help=WEIGHT_FILES, show_default=False)],
    **given: Any,
) -> int:
    """List what is in a file of weights, what was chosen and why, and what is not used.

    \b
    rnncalc weights model.pth
    rnncalc weights rnn.safetensors --rnn encoder --head none

    Nothing in the file is run. Keras needs rnncalc[keras], and ONNX rnncalc[onnx].
    """
    load_numpy()
    from rnncalc.commands.weights import answer
    from rnncalc.reading.flags import once_each
    from rnncalc.reading.weights.choosing import Asked

    get = once_each(given).get
    asked = Asked(get("rnn"), get("head"), get("activation"), get("output_activation"))
    return _print(answer(path, asked, terminal_width()))


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
