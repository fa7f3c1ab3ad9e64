"""What was set, and where: keys of a TOML file and flags, before they are interpreted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

WORDS = ("activation", "output_activation")
KEYS = ("wxh", "whh", "bh", "why", "by", "h0", "x", *WORDS)
STREAM = "-"  # the value of an x that comes from standard input, one line per step
EXPECT = "expect"  # the table of the values that `rnncalc check` checks


@dataclass(frozen=True)
class Setting:
    """A value as it was written, and its place.

    Attributes:
        value: nested lists of numbers, or the name of an activation.
        place: `--whh`, or `model.toml: line 3: whh`.
        one_line: whether a flat list was a row of a file.
        places: of the keys of a table, as far as they are known.
    """

    value: Any
    place: str
    one_line: bool = False
    places: Mapping[str, str] = field(default_factory=dict)
