"""Numbers as people read them: rounded, and with the minus sign of mathematics."""

from decimal import Decimal

from rnncalc.numerals import rounding

BLANK = "_____"
"""In place of a value that is to be filled in."""


def fixed(value: float | Decimal, decimals: int) -> str:
    """Return a value with its decimals: `−0.500`."""
    return with_minus(rounding.fixed(value, decimals))


def short(value: float, decimals: int) -> str:
    """Return a number as it was typed while it is short: `−0.5`."""
    return with_minus(rounding.short(value, decimals))


def with_minus(text: str) -> str:
    """Return a number with the minus sign of mathematics; programs read a hyphen."""
    return f"−{text[1:]}" if text.startswith("-") else text
