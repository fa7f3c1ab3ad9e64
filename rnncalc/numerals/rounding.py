"""The one place that rounds: ties away from zero, as on paper, on the decimal that `repr` shows.

A tie is what a person takes for one: 0.0005, whatever the binary number below it is, and also
0.24499999999999997, which a calculation in floats makes of 0.245.
"""

import math
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rnncalc.arrays import Array

PAPER = Context(prec=1400, rounding=ROUND_HALF_UP, traps=[])
"""Exact: the product of any two floats fits in these digits. What overflows is infinite or NaN."""

_DIGITS = 17  # that tell a float from all others; more of them would be invented
_CERTAIN = 15  # digits that a float keeps of any decimal number
_NEAR_TIE = 1e-9  # of the last decimal
_NOISE = 5  # units in the last place: 4 of a calculation, 1 of the two roundings to a float
_SHORT = 10  # characters of a number that a person reads at a glance
_LEAST_OF_LARGE = 3  # decimals of 1.234e+20: fewer would hide most of it
_TINY = 1e-6  # below, zeros are counted with an exponent
_POSITIONAL = 1e16  # from here on a float has no decimals, and zeros would be invented

SCIENTIFIC = _DIGITS + 1
"""In place of a number of decimals: 1.234e-20."""


def exact(value: float) -> Decimal:
    """Return the decimal number that `repr` shows."""
    return Decimal(repr(value))


def noise(value: float | Decimal) -> Decimal:
    """Return how far a value may be from the decimal number that a person takes it for."""
    return Decimal(_NOISE * math.ulp(float(value)))


def rounded(value: float | Decimal, decimals: int) -> Decimal:
    """Return `value` rounded to `decimals` decimals, ties away from zero, and never -0."""
    number = value if isinstance(value, Decimal) else exact(value)
    size = number.copy_abs()
    if size and number.adjusted() + decimals + 2 <= _CERTAIN:  # a tie has one more decimal
        size = PAPER.add(size, noise(value))
    result = size.quantize(Decimal(1).scaleb(-decimals), context=PAPER)
    return result.copy_sign(number) if result else result


def rounded_rows(values: "Array", decimals: int) -> "Array":
    """Return what `rounded` does, but as floats, and of many values at once.

    They may be sums of larger numbers, and so further from a tie than `rounded` allows for.
    """
    import numpy as np  # not needed to print a few values

    units, size = 10.0**decimals, np.abs(values)
    tie = 0.5 - _NEAR_TIE - 8 * np.finfo(np.float64).eps * np.maximum(size, 1.0) * units
    whole = np.floor(size * units) + (size * units % 1 >= tie)
    return np.copysign(whole / units, values) + 0.0  # never -0


def fixed(value: float | Decimal, decimals: int) -> str:
    """Return `value` with `decimals` decimals, or fewer where it has no more digits.

    From 1e16 on, and for the decimals `SCIENTIFIC`, in scientific notation.
    """
    if isinstance(value, float) and decimals <= _DIGITS:
        scaled = abs(value) * 10.0**decimals
        # far from a tie, Python rounds a float to the same digits, and ten times as fast
        if scaled < 1e12 and abs(scaled % 1 - 0.5) > 1e-3:
            return f"{value if scaled > 0.5 else 0.0:.{decimals}f}"  # never -0
    number = value if isinstance(value, Decimal) else exact(value)
    if abs(number) >= _POSITIONAL or decimals == SCIENTIFIC:
        return _scientific(number, decimals) if number else "0"
    return f"{rounded(number, _no_more(number, decimals)):f}"


def _no_more(number: Decimal, decimals: int) -> int:
    """Return how many of the decimals have digits that were not invented."""
    digits = _DIGITS - 1 - max(number.adjusted(), -1)
    return min(decimals, max(digits, _decimals(number)))


def _decimals(number: Decimal) -> int:
    """Return how many decimals a finite number is written with."""
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    return max(-exponent, 0)


def _scientific(number: Decimal, decimals: int) -> str:
    power = number.adjusted()
    mantissa = number.scaleb(-power, context=PAPER)
    usual = _LEAST_OF_LARGE if decimals == SCIENTIFIC else max(decimals, _LEAST_OF_LARGE)
    most = _no_more(mantissa, usual)
    mantissa = rounded(mantissa, most)
    if abs(mantissa) >= 10:  # 9.9996 with three decimals
        mantissa, power = rounded(mantissa / 10, most), power + 1
    return f"{mantissa:f}e{power:+03d}"


def short(value: float, decimals: int) -> str:
    """Return a number as it was typed while it is short, else with `decimals` + 3 digits."""
    text = plain(value)
    if len(text.lstrip("-")) <= _SHORT or value == int(value):
        return text
    size = exact(value).adjusted()
    # no digit before the point is lost
    return plain(float(rounded(value, decimals + max(2 - size, 0))))


def plain(value: float) -> str:
    """Return every digit of `value`, and no more: 1, 0.25, -3."""
    if not value:
        return "0"
    if abs(value) >= _POSITIONAL or abs(value) < _TINY:
        return repr(value)
    return f"{exact(value):f}".removesuffix(".0")


def next_above(value: float) -> str:
    """Return the next larger number of one digit, `7e-08` for 6.2e-08; `value` is above 0."""
    text = f"{value:.0e}"
    if float(text) > value:
        return text
    unit = float("1e" + text.partition("e")[2])
    return f"{float(text) + unit:.0e}"


def is_all_of(text: str, value: float) -> bool:
    """Return whether `text` has every digit of `value`, but for noise: 0.41000000000000003."""
    shown, whole = Decimal(text), exact(value)
    if shown == whole:
        return True
    digits = shown.adjusted() + 1 + _decimals(shown.normalize())
    return digits <= _CERTAIN and abs(shown - whole) <= noise(value)
