"""Values as somebody printed them, and when a number agrees with a printed one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

import numpy as np

from rnncalc.arrays import Array
from rnncalc.numerals.number import Written, typed

FULL_DIGITS = 12
"""With so many digits a value was not rounded for print, and may differ in its last bits only."""

EPSILON = float(np.finfo(np.float64).eps)
_FEW_ULPS = 64 * EPSILON
_FEW_UNITS = 4.0
_LEAST_DECIMALS = -300  # of 0e400; a larger unit would not be a float
_ALL_DIGITS = 16
"""So many has a float that was not rounded; a shorter one is short itself."""

_PROGRAM_DIGITS = 6
"""With so many digits a value was written by a program."""

Integers = np.ndarray[tuple[int, ...], np.dtype[np.int64]]
Mask = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


@dataclass(frozen=True)
class Tolerance:
    """How far a value may be from the right one, instead of the rounding that it shows."""

    absolute: float = 0.0
    relative: float = 0.0


@dataclass(frozen=True, eq=False)
class Printed:
    """The printed values of one quantity, one row per step, or a single row.

    Attributes:
        texts: as they were printed, row by row; "" where nothing was.
        values: (T, n), NaN where nothing was printed, or something that is not a finite number.
        decimals: (T, n), how many each was printed with, or stands for; below 0 for 12e3.
    """

    texts: tuple[str, ...]
    values: Array
    decimals: Integers

    @property
    def printed(self) -> Mask:
        """(T, n), True where a finite number was printed."""
        return ~np.isnan(self.values)

    @property
    def lost(self) -> Mask:
        """(T, n), True where something else was printed, such as nan."""
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
        """(T, n), True where a value has so many digits that it was not rounded for print."""
        return np.asarray(_whole_digits(self.values) + self.decimals >= FULL_DIGITS)

    @cached_property
    def most_decimals(self) -> int:
        """How many decimals the longest value has; 0 if there are no values."""
        return int(self.decimals.max(initial=0, where=self.printed))

    def text(self, t: int, i: int) -> str:
        """Return the text of component `i` of row `t`."""
        return self.texts[t * self.values.shape[1] + i]

    def at(self, t: int | slice, i: int | slice = slice(None)) -> "Printed":
        """Return one row, one value of it, or several rows; the texts are left behind."""
        return Printed((), self.values[t, i], self.decimals[t, i])

    def over(self, values: Array, t: int | slice = slice(None)) -> Array:
        """Return row `t`, or all rows, as printed, and `values` where nothing was."""
        return np.where(self.printed[t], self.values[t], values)


AllPrinted = dict[str, Printed]
"""The printed values by quantity, each (T, its size)."""


def printed_rows(rows: Sequence[Sequence[Written | None]]) -> Printed:
    """Return the printed values of a quantity: T rows of n numbers, None where nothing was."""
    every = [*chain.from_iterable(rows)]
    texts = ["" if item is None else item.text for item in every]
    values = np.array([np.nan if item is None else item for item in every])
    values[~np.isfinite(values)] = np.nan
    return printed_texts(texts, values.reshape(len(rows), -1))


def printed_texts(texts: Sequence[str], values: Array) -> Printed:
    """Return the printed values (T, n) of plain numbers, with the texts row by row."""
    # what `decimals_of` counts, in half the time where there is no exponent
    decimals = np.array([*map(len, texts)]) - [text.find(".") + 1 or len(text) for text in texts]
    for k in [k for k, text in enumerate(texts) if "e" in text or "E" in text]:
        decimals[k] = decimals_of(texts[k])
    return Printed(tuple(texts), values, decimals.reshape(values.shape))


def zeros_restored(printed: Printed) -> tuple[Printed, ...]:
    """Return the ways to read values that a program wrote without their trailing zeros.

    C's %g and JavaScript write a fixed number of digits, Python's round() and NumPy a fixed number
    of decimals; all of them write 0.5 for 0.500000. If most values have few digits, as a person
    writes them, the only way to read them is as they are.
    """
    whole_digits, number = _whole_digits(printed.values), printed.printed
    digits = whole_digits + printed.decimals
    written = number & (printed.decimals > 0) & (digits >= _PROGRAM_DIGITS)
    if not written.any() or 2 * written.sum() < number.sum():
        return (printed,)
    typical, usual = (int(np.median(each[written])) for each in (digits, printed.decimals))
    if typical >= _ALL_DIGITS:
        return (replace(printed, decimals=np.maximum(printed.decimals, typical - whole_digits)),)
    longest = int(printed.decimals[written].max())
    shorter = (digits < typical) & (printed.decimals < usual)
    by_digits = np.where(shorter, typical - whole_digits, printed.decimals)
    by_decimals = np.where(printed.decimals < longest, longest, printed.decimals)
    return replace(printed, decimals=by_decimals), replace(printed, decimals=by_digits)


def _whole_digits(values: Array) -> Integers:
    """Return how many digits each has before the point: 2 for 12.5, -1 for 0.012, 0 for 0."""
    size = np.where(np.isnan(values) | (values == 0), 0.1, np.abs(values))
    return np.floor(np.log10(size)).astype(np.int64) + 1


def decimals_of(text: str) -> int:
    """Return how many decimals a number is printed with: 3 for 0.850, 0 for 4, 4 for 1.2e-3."""
    if "e" not in text and "E" not in text:
        return len(text) - point - 1 if (point := text.find(".")) >= 0 else 0
    mantissa, _, exponent = typed(text).lower().partition("e")
    power = int(exponent.lstrip("+-").lstrip("0")[:6] or 0)  # of a float; its zeros may be many
    return max(_LEAST_DECIMALS, decimals_of(mantissa) - (-power if "-" in exponent else power))


def digits_of(text: str) -> int:
    """Return how many significant digits a number is printed with: 3 for 0.850, 2 for -1.2e-3."""
    mantissa = typed(text).lower().partition("e")[0]
    return len(mantissa.lstrip("+-0.").replace(".", ""))


def allowance(printed: Printed, value: Array, tolerance: Tolerance | None = None) -> Array:
    """Return how far each printed value may be from `value` and still agree with it.

    Half a unit of the last decimal, inclusive, so that a tie may be rounded up or down;
    a few units in the last place from `FULL_DIGITS` on; or the tolerance, if there is one.
    """
    size = np.abs(value)
    if tolerance is not None:
        return np.asarray(tolerance.absolute + tolerance.relative * size)
    unit = printed.unit
    # a decimal tie is a little more or less than one as a binary number
    half = unit * (0.5 + 1e-6) + 4 * EPSILON * np.maximum(size, 1.0)
    return np.where(printed.full, _FEW_UNITS * unit + _FEW_ULPS * size, half)


def fits(
    printed: Printed, value: Array, tolerance: Tolerance | None = None, slack: float | Array = 0.0
) -> Mask:
    """Return where a printed value agrees with `value`; never where nothing was printed.

    Args:
        printed: any number of values.
        value: as many, or several rows of as many.
        tolerance: replaces the rounding.
        slack: how far `value` itself may be off.
    """
    distance = np.abs(printed.values - value)
    return np.asarray(distance <= allowance(printed, value, tolerance) + slack)


def cut(printed: Printed, value: Array) -> Mask:
    """Return where a printed value has the digits of `value`, truncated instead of rounded."""
    lost = np.abs(value) - np.abs(printed.values)
    same_side = np.signbit(value) == np.signbit(printed.values)
    short = (lost >= 0) & (lost < printed.unit * (1 - 1e-9))
    return np.asarray(short & (same_side | (printed.values == 0)))
