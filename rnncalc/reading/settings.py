"""What was set, where: the keys of a TOML file and the flags, before they mean anything."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

WORDS = ("activation", "output_activation")
KEYS = ("wxh", "whh", "bh", "why", "by", "h0", "x", *WORDS)
STREAM = "-"  # the value of an x that comes from standard input, a line a step
EXPECT = "expect"  # the table of the figures that `rnncalc check` marks


@dataclass(frozen=True)
class Setting:
    """A value as it was written, and where.

    Attributes:
        value: nested lists of numbers, or the name of an activation.
        place: `--whh`, or `model.toml: line 3: whh`.
        one_line: whether a flat list was a row of a file.
        places: where the keys of a table are, as far as is known.
    """

    value: Any
    place: str
    one_line: bool = False
    places: Mapping[str, str] = field(default_factory=dict)
