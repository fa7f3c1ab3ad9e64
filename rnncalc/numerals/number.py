"""One number as text: a finite float, or why it is not one."""

import math
import re

from rnncalc.errors import printable, quote

# ASCII only: float() would also take 1_000, a full-width 1 and the word nan
NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d"


class LiteralError(ValueError):
    """The text is no number and no list of them; `position` is the index where that shows."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


def number(text: str, position: int = 0) -> float:
    """Return the finite float that `text` is in plain ASCII digits.

    Raises:
        LiteralError: it is something else; the message says what.
    """
    if NUMBER.fullmatch(text):
        value = float(text)
        if math.isinf(value):
            raise LiteralError(
                f"{printable(text, 20)} is beyond the largest float, 1.8e308", position
            )
        if not value and vanishes(text):
            raise LiteralError(
                f"{printable(text, 20)} is below the smallest float, 5e-324", position
            )
        return value
    raise LiteralError(f"{quote(text, 30)} is not a number{_hint(text)}", position)


def vanishes(text: str) -> bool:
    """Return whether the text of a zero has a digit that is none: 1e-400."""
    return any(digit in text.lower().partition("e")[0] for digit in "123456789")


def _hint(text: str) -> str:
    ascii_minus = text.translate(dict.fromkeys(map(ord, _DASHES), "-"))
    if ascii_minus != text and NUMBER.fullmatch(ascii_minus):
        dash = next(c for c in text if c in _DASHES)
        return f": its minus is U+{ord(dash):04X}; type -, as in {ascii_minus}"
    if text.lstrip("+-").lower() in ("inf", "infinity", "nan"):
        return "; only finite numbers are"
    if NUMBER.fullmatch(text.replace("_", "")):
        return f"; write {text.replace('_', '')}"
    if not text.isascii() and any(c.isnumeric() for c in text):
        return "; only the digits 0 to 9 are"
    if text.startswith("@"):
        return "; @FILE stands alone"
    return ""


class Written(float):
    """A float with the text it was read from: `0.850` and `0.85` are different statements.

    Attributes:
        text: as it was written.
    """

    text: str

    def __new__(cls, text: str) -> "Written":
        """Read `text` as `float` does."""
        figure = float.__new__(cls, text)  # super() would cost a fifth more
        figure.text = text
        return figure


class Literal(str):
    """The text of a number, as a program wrote it, so that it is told from a text in quotes."""

    __slots__ = ()


NOT_PRINTED = "?"


NO_NUMBER = re.compile(r"[+-]?(?:nan|inf|infinity)(?:\(.*\))?", re.IGNORECASE | re.ASCII)
