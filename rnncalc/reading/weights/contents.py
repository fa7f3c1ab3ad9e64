"""What a file of weights holds: arrays by their names, and what else the file says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np

from rnncalc.arrays import Array, not_finite
from rnncalc.errors import InputError, printable

LIMIT = 512 * 2**20
"""Bytes of a file, and of all that is unpacked from it."""
MOST = 10_000
"""Arrays, entries of an archive, or nodes of a graph."""
_MOST_NUMBERS = 2**24  # of one matrix: 128 MiB in float64

Raw = np.ndarray[Any, np.dtype[Any]]


class DamageError(ValueError):
    """The bytes are not what the format says; the message says where."""


@dataclass(frozen=True, eq=False)
class Stored:
    """An array as it is stored.

    Attributes:
        raw: the array; of bfloat16, the upper halves of its numbers as integers.
        dtype: its type as people call it: `float32`.
    """

    raw: Raw
    dtype: str

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape."""
        return tuple(self.raw.shape)


@dataclass(frozen=True, eq=False)
class Contents:
    """What a file holds.

    Attributes:
        name: of the file, printable.
        kind: what it is, for people: `a PyTorch state_dict`.
        arrays: by their names in the file, in its order.
        facts: what it says besides; each format has its own.
    """

    name: str
    kind: str
    arrays: Mapping[str, Stored]
    facts: Mapping[str, Any] = field(default_factory=dict)


def stored(raw: Raw, *, bfloat16: bool = False) -> Stored:
    """Return an array together with the name of its type."""
    return Stored(raw, "bfloat16" if bfloat16 else raw.dtype.name)


def widened(name: str, of: Stored) -> Array:
    """Return the numbers of an array in float64, exactly.

    Raises:
        InputError: they are not real numbers, or one is not finite.
    """
    if of.raw.size > _MOST_NUMBERS:
        raise InputError(f"{shown(name)} has {of.raw.size:,} numbers; {_MOST_NUMBERS:,} are read")
    if of.dtype == "bfloat16":
        values = (of.raw.astype(np.uint32) << 16).view(np.float32).astype(np.float64)
    elif of.raw.dtype.kind in "fiu" and of.raw.dtype.itemsize <= np.dtype(np.float64).itemsize:
        with np.errstate(invalid="ignore"):  # a signalling NaN, which is refused below
            values = of.raw.astype(np.float64)
    else:
        raise InputError(
            f"{shown(name)} holds {of.dtype}, not real numbers of at most 64 bits".lstrip()
        )
    _refuse_infinite(name, values)
    return values


def _refuse_infinite(name: str, values: Array) -> None:
    at = not_finite(values)
    if at is not None:
        found, index = float(values[at]), ", ".join(map(str, at))
        raise InputError(f"{shown(name)}[{index}] is {found}; every value must be finite")


def size_in_bytes(shape: tuple[int, ...], itemsize: int) -> int:
    """Return how much memory an array takes.

    Raises:
        DamageError: more than `LIMIT`, or a dimension is negative.
    """
    if any(n < 0 for n in shape) or (size := prod(shape) * itemsize) > LIMIT:
        raise DamageError(f"an array of {printable(' x '.join(map(str, shape)), 80)} is too large")
    return size


def shown(name: str) -> str:
    """Return the name of an array or of a layer for a message."""
    return printable(name, 80)


def article_of(kind: str) -> str:
    """Return `an` before Add, LSTM and RNN, and `a` before Conv and GRU."""
    return "an" if kind[:1] in "AEIOU" or kind.startswith(("RNN", "LSTM")) else "a"
