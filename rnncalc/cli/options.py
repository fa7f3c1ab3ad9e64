"""The flags of the commands: each is a parameter that Typer reads off a command's signature."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from inspect import Parameter, signature
from typing import Annotated, Any

import typer

from rnncalc.cli.help import LOSS, NETWORK, OUTPUT, PRINTED, SEQUENCE, SHOW

Values = list[str] | None  # of a flag that may be given once: a list, to notice a second one
ColorChoice = StrEnum("ColorChoice", "auto always never")
Format = StrEnum("Format", "table json jsonl csv markdown md latex tex html svg toml")
CheckFormat = StrEnum("CheckFormat", "table json")


def with_flags(flags: Iterable[Parameter]) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Return what gives a command, which takes them as `**given`, these flags behind its own."""

    def decorate(command: Callable[..., int]) -> Callable[..., int]:
        plain = signature(command)
        own = [each for each in plain.parameters.values() if each.kind is not each.VAR_KEYWORD]
        command.__signature__ = plain.replace(  # type: ignore[attr-defined]
            parameters=[*own, *flags]
        )
        return command

    return decorate


def _flag(names: str, option: Any, kind: Any, default: object = None, name: str = "") -> Parameter:  # noqa: ANN401  # Typer's own
    """Return a flag, a parameter called like the first of its names that is a word."""
    word = next(each for each in names.split() if each.startswith("--"))
    name = name or word.removeprefix("--").replace("-", "_")
    return Parameter(
        name, Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, option]
    )


def _once(group: str, names: str, metavar: str, text: str, **more: Any) -> Parameter:  # noqa: ANN401  # Typer's own
    """Return a flag that may be given once."""
    more |= {"metavar": metavar, "show_default": False, "rich_help_panel": group}
    return _flag(names, typer.Option(*names.split(), help=text, **more), Values)


def _switch(group: str, names: str, text: str, name: str = "") -> Parameter:
    """Return a flag without a value; `name` is what a Request calls it."""
    option = typer.Option(names, help=text, rich_help_panel=group)
    return _flag(names, option, bool, default=False, name=name)


def _choice(names: str, metavar: str, text: str, default: StrEnum) -> Parameter:
    """Return a flag whose value is one of several."""
    more = {"metavar": metavar, "show_default": False, "rich_help_panel": OUTPUT}
    option = typer.Option(*names.split(), help=text, **more)  # type: ignore[call-overload]
    return _flag(names, option, type(default), default)


def _activation_names(incomplete: str) -> list[str]:
    from rnncalc.network.activations import ACTIVATIONS

    return [n for n, f in ACTIVATIONS.items() if n.startswith(incomplete) and not f.output_only]


def _output_activation_names(incomplete: str) -> list[str]:
    from rnncalc.network.activations import ACTIVATIONS

    return [name for name in ACTIVATIONS if name.startswith(incomplete)]


WEIGHT_FILES = "Weights of NumPy, PyTorch, Keras or ONNX."
_ACTIVATION = _once(
    NETWORK,
    "--activation",
    "NAME",
    "Of the hidden state. [default: tanh]",
    autocompletion=_activation_names,
)
_OUTPUT_ACTIVATION = _once(
    NETWORK,
    "--output-activation",
    "NAME",
    "Of the output. [default: softmax, K = 1: linear]",
    autocompletion=_output_activation_names,
)
_RNN = _once(NETWORK, "--rnn", "NAME", "Which RNN of that file, if it holds several.")
_HEAD = _once(NETWORK, "--head", "NAME", "Which of its layers reads out h, or none.")
OF_WEIGHTS = (_RNN, _HEAD, _ACTIVATION, _OUTPUT_ACTIVATION)

_PROBLEM = (
    _once(NETWORK, "-c --config", "FILE", "TOML file; its keys are named like the flags."),
    _once(NETWORK, "--wxh", "MATRIX", "Input to hidden, H rows of D numbers."),
    _once(NETWORK, "--whh", "MATRIX", "Hidden to hidden, H x H."),
    _once(NETWORK, "--bh", "VECTOR", "Hidden bias, H numbers. [default: 0]"),
    _once(NETWORK, "--why", "MATRIX", "Hidden to output, K x H. [default: no output]"),
    _once(NETWORK, "--by", "VECTOR", "Output bias, K numbers. [default: 0]"),
    _ACTIVATION,
    _OUTPUT_ACTIVATION,
    _once(NETWORK, "--readout", "WHEN", "Output after all steps, or the final one only."),
    _once(NETWORK, "--bxh", "VECTOR", "PyTorch's bias_ih, with --bhh in place of --bh."),
    _once(NETWORK, "--bhh", "VECTOR", "PyTorch's bias_hh, with --bxh."),
    _once(NETWORK, "--weights", "FILE", WEIGHT_FILES),
    _RNN,
    _HEAD,
    _once(SEQUENCE, "--x", "STEPS", "Inputs, T steps of D numbers; - for standard input."),
    _once(SEQUENCE, "--h0", "VECTOR", "Initial state, a row per state of a stack. [0]"),
    _once(SEQUENCE, "--vocabulary", "SYMBOLS", "What x is spelt with: helo, or words with spaces."),
    _once(SEQUENCE, "--embedding", "MATRIX", "D numbers per symbol. [default: one-hot vectors]"),
    _once(SEQUENCE, "--labels", "NAMES", "Names of the outputs. [default: the K symbols]"),
    _once(SEQUENCE, "--target", "STEPS", "What y should be at each step; ? for none."),
    _once(
        SEQUENCE,
        "--loss",
        "NAME",
        "cross_entropy, binary_cross_entropy, half_squared_error or squared_error. "
        "[default: the usual one of the output]",
    ),
    _once(SEQUENCE, "--stop", "SYMBOL", "The symbol that ends a generated text."),
)
"""The flags of every command that takes a problem."""

_LOSS = (
    _once(LOSS, "--reduction", "NAME", "sum or mean over steps with a target. [default: sum]"),
    _once(LOSS, "--dy", "STEPS", "In place of targets: dL/dy_t; ? for 0."),
    _once(LOSS, "--dh-output", "STEPS", "Without a readout: dL/dh_t, from the loss alone."),
    _once(LOSS, "--learning-rate", "NUMBER", "Take a step of gradient descent too."),
)
_STEPS = _once(SHOW, "--steps", "STEPS", "Show only these steps: 2, 1:3, 5: or -1 (the last).")
_WORK = _switch(SHOW, "--work", "Show how each value is calculated.")
_BY_HAND = _switch(
    SHOW, "--by-hand", "Calculate as on paper: round each value, and use it rounded."
)
_PAGE = (
    _once(SHOW, "--precision -p", "NUMBER", "Decimals in tables and in --by-hand. [default: 3]"),
    _switch(SHOW, "--all", "Show every step of a long sequence.", "whole"),
    _switch(SHOW, "--blank", "An exercise: leave the results empty; -f toml to fill them in."),
    _choice(
        "--format -f",
        "NAME",
        "table, json, jsonl, csv, markdown (md), latex (tex), html or svg. [default: table]",
        Format.table,
    ),
    _switch(OUTPUT, "--standalone", "Of -f latex, a document instead of a fragment."),
)
_COLOR = _choice(
    "--color",
    "WHEN",
    "auto, always or never; NO_COLOR is honoured. [default: auto]",
    ColorChoice.auto,
)

OF_RUN = (
    *_PROBLEM,
    _once(
        SEQUENCE, "--generate", "N", "Append N steps; each output (its symbol) is the next input."
    ),
    _once(
        SEQUENCE, "--temperature", "T", "Draw symbols from softmax(o / T). [default: the largest]"
    ),
    _once(SEQUENCE, "--seed", "S", "Draw the same symbols again. [default: 0]"),
    _STEPS,
    _once(
        SHOW,
        "--only",
        "NAMES",
        "Show only these of x,a,h,o,y, e.g. h,y; or text: the appended symbols.",
    ),
    _WORK,
    _BY_HAND,
    _switch(SHOW, "--float32", "Calculate in single precision, the same on every machine."),
    _switch(SHOW, "--plot", "Plot the states over time below the table."),
    *_PAGE,
    _COLOR,
    _switch(OUTPUT, "--show-config", "Print the complete setup as TOML, and stop."),
)

OF_CHECK = (
    *_PROBLEM,
    _once(PRINTED, "--a", "STEPS", "Pre-activations, written like --x."),
    _once(PRINTED, "--h", "STEPS", "States; ? for a value that is missing."),
    _once(PRINTED, "--o", "STEPS", "Outputs before softmax."),
    _once(PRINTED, "--y", "STEPS", "Outputs."),
    _once(PRINTED, "--expect", "FILE", "JSON, JSON Lines, CSV or rows; - for standard input."),
    _once(PRINTED, "--quantity", "NAME", "What they are, if the file does not name them."),
    *_LOSS,
    _once(PRINTED, "--steps", "STEPS", "Only these steps were printed, e.g. -1 (the last)."),
    _switch(PRINTED, "--by-hand", "They were rounded at every step, as on paper."),
    _switch(PRINTED, "--float32", "They come from single precision: allow for its error."),
    _once(PRINTED, "--atol", "NUMBER", "Absolute tolerance, instead of rounding."),
    _once(PRINTED, "--rtol", "NUMBER", "Relative tolerance, instead of rounding."),
    _once(
        SHOW, "--precision -p", "NUMBER", "Decimals of --by-hand. [default: those of each quantity]"
    ),
    _switch(SHOW, "--all", "List the correct values too.", "whole"),
    _choice("--format -f", "NAME", "table or json. [default: table]", CheckFormat.table),
    _COLOR,
)

OF_GRAD = (
    *_PROBLEM,
    *_LOSS,
    _once(LOSS, "--truncate", "STEPS", "Stop the gradient every so many steps."),
    _once(LOSS, "--clip", "NUMBER", "Limit each component of a gradient to this size."),
    _STEPS,
    _once(SHOW, "--only", "NAMES", "Show only these: dh,da,dwhh; also x,h,y,target,dx,h0."),
    _WORK,
    _BY_HAND,
    _switch(SHOW, "--flow", "Show how much of the gradient is left at each step.", "plot"),
    *_PAGE,
    _COLOR,
)
