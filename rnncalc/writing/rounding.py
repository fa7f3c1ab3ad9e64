"""Rounding for eyes: the only place where a figure loses digits.

Halves are rounded away from zero, as on paper, and on the decimal value that is shown everywhere
else: 0.0005 is a half, whatever the binary number below it is.
"""

from decimal import ROUND_HALF_UP, Context, Decimal

_WIDE = Context(
    prec=400, rounding=ROUND_HALF_UP
)  # the widest float has 309 digits before its point
_POSITIONAL = 1e16  # from here on a float has no decimals, and zeros would be invented


def rounded(value: float | Decimal, decimals: int) -> Decimal:
    """Return `value` rounded to `decimals` decimals, halves away from zero, and never -0."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    result = exact.quantize(Decimal(1).scaleb(-decimals), context=_WIDE)
    return result.copy_abs() if result.is_zero() else result


def fixed(value: float, decimals: int) -> str:
    """Return `value` with just `decimals` decimals; from 1e16 on in scientific notation."""
    if abs(value) < _POSITIONAL:
        return f"{rounded(value, decimals):f}"
    return scientific(value, decimals)


def scientific(value: float, decimals: int) -> str:
    """Return `value` as 1.234e+20, with `decimals` decimals."""
    exact = Decimal(repr(value))
    power = exact.adjusted()
    mantissa = rounded(exact.scaleb(-power, context=_WIDE), decimals)
    if mantissa.copy_abs() >= 10:  # 9.9996 with three decimals
        mantissa, power = rounded(mantissa / 10, decimals), power + 1
    return f"{mantissa:f}e{power:+03d}"


def given(value: float, decimals: int) -> str:
    """Return a number that a person typed: as it is while it is short, else rounded."""
    if abs(value) < _POSITIONAL:
        text = f"{Decimal(repr(value)):f}".removesuffix(".0")
        if len(text.lstrip("-")) <= max(8, decimals + 2):
            return "0" if text == "-0" else text
    elif abs(value) < 10 * _POSITIONAL and value == int(value):
        return scientific(value, decimals)
    return fixed(value, decimals)
