"""Rounding, the only one there is: halves away from zero, as on paper, on the decimal value.

The decimal value is the one that is shown everywhere else: 0.0005 is a half, whatever the binary
number below it is.
"""

from decimal import ROUND_HALF_UP, Context, Decimal

_WIDE = Context(
    prec=400, rounding=ROUND_HALF_UP
)  # the widest float has 309 digits before its point
_SHORT = 10  # characters of a number that a person reads at a glance
_LEAST_OF_LARGE = 3  # decimals of 1.234e+20: fewer would hide most of it
_TINY = 1e-6  # below, zeros are counted with an exponent
_POSITIONAL = 1e16  # from here on a float has no decimals, and zeros would be invented


def exact(value: float) -> Decimal:
    """Return the decimal number that `repr` shows."""
    return Decimal(repr(value))


def rounded(value: float | Decimal, decimals: int) -> Decimal:
    """Return `value` rounded to `decimals` decimals, halves away from zero, and never -0."""
    number = value if isinstance(value, Decimal) else exact(value)
    result = number.quantize(Decimal(1).scaleb(-decimals), context=_WIDE)
    return result.copy_abs() if result.is_zero() else result


def fixed(value: float | Decimal, decimals: int) -> str:
    """Return `value` with just `decimals` decimals; from 1e16 on in scientific notation."""
    if -_POSITIONAL < value < _POSITIONAL:
        return f"{rounded(value, decimals):f}"
    return _scientific(value, max(decimals, _LEAST_OF_LARGE))


def _scientific(value: float | Decimal, decimals: int) -> str:
    number = value if isinstance(value, Decimal) else exact(value)
    power = number.adjusted()
    mantissa = rounded(number.scaleb(-power, context=_WIDE), decimals)
    if abs(mantissa) >= 10:  # 9.9996 with three decimals
        mantissa, power = rounded(mantissa / 10, decimals), power + 1
    return f"{mantissa:f}e{power:+03d}"


def short(value: float, decimals: int) -> str:
    """Return a number as it was typed while it is short, else with `decimals` + 3 digits."""
    text = plain(value)
    if len(text.lstrip("-")) <= _SHORT or value == int(value):
        return text
    digits = max(decimals + 2, exact(value).adjusted() + decimals)  # none before the point is lost
    return plain(float(exact(value).normalize(Context(digits + 1, ROUND_HALF_UP))))


def plain(value: float) -> str:
    """Return every digit of `value`, and no more: 1, 0.25, -3."""
    if not value:
        return "0"
    if abs(value) >= _POSITIONAL or abs(value) < _TINY:
        return repr(value)
    return f"{exact(value):f}".removesuffix(".0")
