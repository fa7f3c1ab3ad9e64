"""One number as text: a finite float, or why it is not one."""

import math
import re

from rnncalc.errors import printable, quote

# ASCII only: float() would also take 1_000, a full-width 1 and the word nan
NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
NO_NUMBER = re.compile(r"[+-]?(?:nan|inf|infinity)(?:\(.*\))?", re.IGNORECASE | re.ASCII)
NOT_PRINTED = "?"
LEFT_OUT = "⋮"
"""In place of the components of a long vector that are not shown."""

DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
MOST_DIGITS = 800
"""A float needs at most 767 digits; more take time and change nothing."""
SHORT = 300
"""Characters; a shorter number without an exponent is neither too large nor too small."""

NOT_FINITE = "not a finite number"
TOO_LARGE = "beyond the largest float, 1.8e308"
TOO_SMALL = "below the smallest float, 5e-324"

_FRACTION = re.compile(r"([+-]?[0-9]{1,300})/([0-9]{1,300})")
_DASHES = "\u2010\u2011\u2012\u2013\u2014\ufe63\uff0d"
QUOTES = "“”„‟«»‘’‚"
_TYPED_QUOTES = str.maketrans("“”„‟‘’‚", '""""\'\'\'')
_TYPED = _TYPED_QUOTES | str.maketrans("\u2212", "-")


class LiteralError(ValueError):
    """The text is not a number or a list of them; `position` is the index where that shows."""

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.position = position


def typed(text: str) -> str:
    """Return `text` with the minus sign U+2212 and typographic quotes as a keyboard types them.

    Every character stays in its place.
    """
    return text if text.isascii() else text.translate(_TYPED)


def with_point(text: str) -> str:
    """Return how a number such as `0,5` is written, for an error."""
    return f"a decimal has a point: {printable(text.replace(',', '.'), 20)}"


def quotes_typed(text: str) -> str:
    """Return `text` with typographic quotes as a keyboard types them."""
    return text if text.isascii() else text.translate(_TYPED_QUOTES)


def number(text: str, position: int = 0) -> float:
    """Return the finite float that `text` is in plain ASCII digits, such as 0.5, 7. or 1/2.

    Raises:
        LiteralError: it is something else; the message says what.
    """
    if NUMBER.fullmatch(text):
        _refuse_long(text, position)
        value = float(text)
        reason = why_not(value, text)
        if reason:
            raise LiteralError(f"{printable(text, 20)} is {reason}", position)
        return value
    fraction = _FRACTION.fullmatch(text)
    if fraction and int(fraction[2]):
        return int(fraction[1]) / int(fraction[2])
    raise LiteralError(f"{quote(text, 30)} is not a number{_hint(text)}", position)


def printed(text: str, position: int = 0) -> "Written | str":
    """Return a printed value with its text, `Written("nan")` for NaN, or "?".

    Raises:
        LiteralError: it is something else; the message says what.
    """
    plain = typed(text)
    if NUMBER.fullmatch(plain):
        return written(text, position)
    if text == NOT_PRINTED:
        return text
    if NO_NUMBER.fullmatch(plain):
        return Written("inf" if "inf" in text.lower() else "nan")
    number(plain, position)
    raise LiteralError(f"{quote(text, 30)} is a fraction; a printed value is a decimal", position)


def why_not(value: float, text: str) -> str | None:
    """Return what the number `text` is instead of a finite float, `value`; None if it is one."""
    try:
        finite = math.isfinite(value)
    except OverflowError:  # an integer of more than 308 digits
        finite = False
    if not finite:
        return NOT_FINITE if "n" in text.lower() else TOO_LARGE
    return TOO_SMALL if not value and _vanishes(text) else None


def _vanishes(text: str) -> bool:
    """Return whether the text of a zero has a digit other than 0: 1e-400."""
    return any(digit in text.lower().partition("e")[0] for digit in "123456789")


def _refuse_long(text: str, position: int = 0) -> None:
    if len(text) > MOST_DIGITS and (digits := sum(map(str.isdigit, text))) > MOST_DIGITS:
        raise LiteralError(
            f"{printable(text, 20)} has {digits} digits; at most {MOST_DIGITS} are read", position
        )


def _hint(text: str) -> str:
    ascii_minus = text.translate(dict.fromkeys(map(ord, _DASHES), "-"))
    if ascii_minus != text and NUMBER.fullmatch(ascii_minus):
        dash = next(c for c in text if c in _DASHES)
        return f": its minus is U+{ord(dash):04X}; type -, as in {ascii_minus}"
    blank = next((c for c in text if c.isspace() and c not in " \t\r\n\f\v"), "")
    if blank:
        return f": U+{ord(blank):04X} does not separate numbers; type a space"
    if DECIMAL_COMMA.fullmatch(text):
        return f"; {with_point(text)}"
    if NUMBER.fullmatch(text.replace("_", "")):
        return f"; write {printable(text.replace('_', ''), 20)}"
    if text.startswith("@"):
        return "; @FILE stands alone"
    return _hint_at_characters(text)


def _hint_at_characters(text: str) -> str:
    if text.lstrip("+-").lower() in ("inf", "infinity", "nan"):
        return "; only finite numbers are"
    if text in ("...", "…"):
        return "; values were left out here when it was printed"
    if any(c in QUOTES for c in text):
        return '; straight quotes belong around a list: "1 0; 0 1"'
    if not text.isascii() and any(c.isnumeric() for c in text):
        return "; only the digits 0 to 9 are"
    return ""


class Written(float):
    """A float with the text it was read from: `0.850` and `0.85` are different statements.

    Attributes:
        text: as it was written.
    """

    __slots__ = ("text",)  # there may be very many
    text: str

    def __new__(cls, text: str) -> "Written":
        """Read `text` as `float` does, and U+2212 as a minus sign."""
        plain = text if text.isascii() else typed(text)
        value = float.__new__(cls, plain)  # super() would cost a fifth more
        value.text = text
        return value


def written(text: str, position: int = 0) -> Written:
    """Return a number with its text.

    Raises:
        LiteralError: it has more digits than are read.
        ValueError: it is not a number.
    """
    _refuse_long(text, position)
    return Written(text)
