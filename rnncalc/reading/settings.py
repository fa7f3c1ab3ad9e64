"""Raw settings from a TOML file and flags, each with where it came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rnncalc.errors import nearest

WORDS = ("activation", "output_activation", "readout", "weights", "rnn", "head", "loss", "stop")
TEXTS = ("vocabulary", "labels")  # a text in a flag, never numbers
SPELT = ("x", "target")  # symbols, if there is a vocabulary; else numbers
NUMBERS = ("wxh", "whh", "bh", "bxh", "bhh", "why", "by", "h0")
DERIVATIVES = ("dy", "dh_output")  # in place of targets
DIFFERENTIATED = ("target", *DERIVATIVES)  # one of these says what a gradient is of
OBJECTIVE = ("reduction", *DERIVATIVES, "learning_rate")  # of `grad`, beside target and loss
KEYS = (*NUMBERS, "x", *WORDS, *TEXTS, "embedding", "target", *OBJECTIVE)
CELL = ("wxh", "whh", "bh", "bxh", "bhh", "activation")  # of a layer, or of the only one
WEIGHTS = "weights"  # the file that the weights are in
LAYERS = "layers"  # the tables of a stack
BEFORE, DENSE = "dense_before", "dense"  # of what lies before the layers, and before the readout
TABLES = (LAYERS, BEFORE, DENSE)
STREAM = "-"  # the value of an x that comes from standard input, one line per step
EXPECT = "expect"  # the table of the values that `rnncalc check` checks

_MOST_LISTED = 12
_BACKWARD = ("dy", "do", "dh", "da", "dx", "dwxh", "dwhh", "dbh", "dwhy", "dby")
_BOOKS = ("u", "w", "v")
_KERAS = {"kernel": "wxh", "recurrentkernel": "whh"}
_ELSEWHERE = {
    "wih": "wxh",
    "wax": "wxh",
    "weightih": "wxh",
    "weightihl0": "wxh",
    "waa": "whh",
    "weighthh": "whh",
    "weighthhl0": "whh",
    "b": "bh",
    "ba": "bh",
    "bias": "bh",
    "wya": "why",
    "wyh": "why",
    "who": "why",
    "c": "by",
    "bo": "by",
    "a0": "h0",
    "bih": "bxh",
    "biasih": "bxh",
    "biasihl0": "bxh",
    "biashh": "bhh",
    "biashhl0": "bhh",
}


@dataclass(frozen=True)
class Setting:
    """A value as it was written, and its place.

    Attributes:
        value: nested lists of numbers, or the name of an activation.
        place: `--whh`, or `model.toml: line 3: whh`.
        one_line: whether a flat list was a row of a file.
        comma: the first number of a text such as `0,5`, which may have a decimal comma.
        places: of the keys of a table, as far as they are known.
        commas: what `comma` is, of the keys of a table.
    """

    value: Any
    place: str
    one_line: bool = False
    comma: str = ""
    places: Mapping[str, str] = field(default_factory=dict)
    commas: Mapping[str, str] = field(default_factory=dict)


def hint(name: str, known: list[str]) -> str:
    """Return what an unknown key or flag is called here, or which ones are known."""
    letters = name.lstrip("-").lower().replace("_", "").replace("-", "")
    if name.startswith("--d") and letters in _BACKWARD:
        return f"; printed values of a backward pass go below [expect] in a file: {letters} = ..."
    dashes = "--" if name.startswith("-") else ""
    if letters in _BOOKS:
        return f"; U, W and V are called {dashes}wxh, {dashes}whh and {dashes}why here"
    if letters in _ELSEWHERE:
        return f"; it is called {dashes}{_ELSEWHERE[letters]} here"
    if letters in _KERAS:
        return f"; its transpose is called {dashes}{_KERAS[letters]} here"
    meant = nearest(name, known)
    if meant.startswith("; known are") and len(known) > _MOST_LISTED:
        return "; the keys are called like the flags of rnncalc run --help"
    return meant
