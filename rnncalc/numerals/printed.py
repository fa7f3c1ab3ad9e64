"""Figures as somebody printed them, and when a number is the one that was printed."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rnncalc.arrays import Array

FULL_DIGITS = 12
"""From so many digits on a figure was not rounded for print, and differs in its last bits only."""

EPSILON = float(np.finfo(np.float64).eps)
_FEW_ULPS = 64 * EPSILON
_FEW_UNITS = 4.0
_LEAST_DECIMALS = -300  # of 0e400; a unit of more would be no float
_PROGRAM_DIGITS = 6
"""From so many digits on a figure was written by a program."""

Integers = np.ndarray[tuple[int, ...], np.dtype[np.int64]]
Mask = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


@dataclass(frozen=True)
class Tolerance:
    """How far a figure may be from the right one, instead of the rounding it shows."""

    absolute: float = 0.0
    relative: float = 0.0


@dataclass(frozen=True, eq=False)
class Figures:
    """The printed figures of one quantity, a row a step, or one such row.

    Attributes:
        texts: as they were printed, row by row; "" where nothing was.
        values: (T, n), NaN where nothing was printed, or what was is no number.
        decimals: (T, n), how many each is printed with, or stands for; below 0 for 12e3.
    """

    texts: tuple[str, ...]
    values: Array
    decimals: Integers

    @property
    def printed(self) -> Mask:
        """(T, n), whether there is a figure that is a number."""
        return ~np.isnan(self.values)

    @property
    def lost(self) -> Mask:
        """(T, n), whether a figure is printed that is no number, such as nan."""
        if self.printed.all():  # there may be very many
            return ~self.printed
        has_text = np.array([text != "" for text in self.texts])
        return np.asarray(~self.printed & has_text.reshape(self.values.shape))

    @property
    def unit(self) -> Array:
        """(T, n), one unit in the last decimal."""
        return np.power(10.0, -self.decimals.astype(np.float64))

    @property
    def full(self) -> Mask:
        """(T, n), whether it has so many digits that it was not rounded for print."""
        return np.asarray(_whole_digits(self.values) + self.decimals >= FULL_DIGITS)

    @cached_property
    def usual_decimals(self) -> int:
        """How many decimals most of them have; 0 where there are none."""
        return int(np.median(self.decimals[self.printed])) if self.printed.any() else 0

    def text(self, t: int, i: int) -> str:
        """Return the text of component `i` of row `t`."""
        return self.texts[t * self.values.shape[1] + i]

    def at(self, t: int, i: int | slice = slice(None)) -> "Figures":
        """Return row `t`, or one figure of it; its texts are left behind."""
        return Figures((), self.values[t, i], self.decimals[t, i])

    def rows(self, steps: slice) -> "Figures":
        """Return some rows; the texts are left behind."""
        return Figures((), self.values[steps], self.decimals[steps])


Claims = dict[str, Figures]
"""The printed figures by quantity: any of `a h o y`, each (T, its size)."""


def figures(rows: Sequence[Sequence[str | None]]) -> Figures:
    """Return the figures that `rows`, T texts of numbers or None by n, are."""
    texts = tuple(text or "" for row in rows for text in row)
    shape = (len(rows), len(rows[0]))
    values = np.array([float(text) if text else np.nan for text in texts])
    decimals = np.array([decimals_of(text) for text in texts], dtype=np.int64)
    values[~np.isfinite(values)] = np.nan
    return Figures(texts, values.reshape(shape), _with_lost_zeros(values, decimals).reshape(shape))


def _with_lost_zeros(values: Array, decimals: Integers) -> Integers:
    """Return `decimals`, as many as the others have for figures that a program wrote shorter.

    The `0` that C's %g or JavaScript writes among 0.149885 and -0.0995037 is 0.000000.
    """
    whole_digits = _whole_digits(values)
    digits = whole_digits + decimals
    some = ~np.isnan(values) & (decimals > 0)
    written = some & (digits >= _PROGRAM_DIGITS)
    if not written.any() or 2 * written.sum() < (~np.isnan(values)).sum():
        return decimals
    typical = int(np.median(digits[written]))
    usual = int(np.median(decimals[written]))
    shorter = (digits < typical) & (decimals < usual)
    return np.where(shorter, typical - whole_digits, decimals)


def _whole_digits(values: Array) -> Integers:
    """Return how many digits each has before the point: 2 for 12.5, -1 for 0.012, 0 for 0."""
    size = np.where(np.isnan(values) | (values == 0), 0.1, np.abs(values))
    return np.floor(np.log10(size)).astype(np.int64) + 1


def decimals_of(text: str) -> int:
    """Return with how many decimals a number is printed: 3 for 0.850, 0 for 4, 4 for 1.2e-3."""
    point = text.find(".")
    if "e" not in text and "E" not in text:
        return len(text) - point - 1 if point >= 0 else 0
    mantissa, _, exponent = text.lower().partition("e")
    power = int(exponent.lstrip("+-").lstrip("0")[:6] or 0)  # of a float; its zeros may be many
    return max(_LEAST_DECIMALS, decimals_of(mantissa) - (-power if "-" in exponent else power))


def allowance(printed: Figures, value: Array, tolerance: Tolerance | None = None) -> Array:
    """Return how far each figure may be from `value` and still be it, rounded.

    Half a unit of the last decimal, both sides included, so that a half may be rounded up or down;
    a few units in the last place where there are `FULL_DIGITS`; or the tolerance that is given.
    """
    size = np.abs(value)
    if tolerance is not None:
        return np.asarray(tolerance.absolute + tolerance.relative * size)
    unit = printed.unit
    # an exact half is a little more or less once it is a binary number
    half = unit * (0.5 + 1e-6) + 4 * EPSILON * np.maximum(size, 1.0)
    return np.where(printed.full, _FEW_UNITS * unit + _FEW_ULPS * size, half)


def fits(
    printed: Figures, value: Array, tolerance: Tolerance | None = None, slack: float | Array = 0.0
) -> Mask:
    """Return where a figure is `value`, rounded; never where nothing was printed.

    Args:
        printed: any number of figures.
        value: as many, or more rows of as many.
        tolerance: instead of the rounding.
        slack: how far `value` itself may be off.
    """
    distance = np.abs(printed.values - value)
    return np.asarray(distance <= allowance(printed, value, tolerance) + slack)


def cut(printed: Figures, value: Array) -> Mask:
    """Return where a figure has the digits of `value`, cut off instead of rounded."""
    lost = np.abs(value) - np.abs(printed.values)
    same_side = np.signbit(value) == np.signbit(printed.values)
    short = (lost >= 0) & (lost < printed.unit * (1 - 1e-9))
    return np.asarray(short & (same_side | (printed.values == 0)))


def blend(printed: Figures | None, value: Array) -> Array:
    """Return what was printed, and `value` where nothing was."""
    return value if printed is None else np.where(printed.printed, printed.values, value)
