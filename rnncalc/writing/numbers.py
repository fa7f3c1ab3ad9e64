"""Numbers as people read them: rounded, and with the minus sign of mathematics."""

from collections.abc import Sequence
from decimal import Decimal

from rnncalc.network.trace import TARGET
from rnncalc.numerals import rounding
from rnncalc.writing.request import Request

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


def texts_of(name: str, values: list[float], request: Request) -> list[str]:
    """Return the components of a quantity that are shown: what is given as it was typed."""
    values = request.components_of(name, values)
    if name in request.hidden:
        return [BLANK] * len(values)
    show, places = (short if name in ("x", TARGET) else fixed), request.places(name)
    return [show(value, places) for value in values]


def bracketed(texts: Sequence[str]) -> str:
    """Return the components of a vector, `[0.5, −1]`, or the only one."""
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
