"""Numbers that may have been typed with a decimal comma, `0,5`; here commas separate numbers."""

import re
from typing import Any

from rnncalc.numerals.number import DECIMAL_COMMA, Written, typed

_ONE = DECIMAL_COMMA.pattern
_TYPED = rf"(?<![0-9.,]){_ONE}(?![0-9.]|,[0-9])"
_WORD = rf"({_ONE})(?:,{_ONE})*"


def only_commas(text: str) -> str:
    """Return the first number with a decimal comma, if all in `text` may be such numbers."""
    words = typed(text).replace(";", " ").split()
    found = re.match(_WORD, words[0], re.ASCII) if words else None
    return found[1] if found and all(re.fullmatch(_WORD, w, re.ASCII) for w in words) else ""


def first_comma(text: str) -> str:
    """Return the first number in `text` that may have a decimal comma, or ""."""
    found = re.search(_TYPED, typed(text), re.ASCII)
    return found[0] if found else ""


def hint(comma: str, key: str = "") -> str:
    """Return what to type for a number such as 0,5."""
    of = f" in {key}" if key else ""
    return f"; if {comma}{of} is one number, type {comma.replace(',', '.')}"


def joined(value: Any) -> Any:
    """Return nested lists with two whole numbers in a row as one, 0, 5 as 0.5; also in tables."""
    if isinstance(value, dict):
        return {key: joined(of) for key, of in value.items()}
    if not isinstance(value, list):
        return value
    found, at = list[Any](), 0
    while at < len(value):
        texts = [*map(_whole, value[at : at + 2])]
        if len(texts) == 2 and all(texts) and texts[1].isdigit():
            found.append(Written(".".join(texts)))
            at += 1
        else:
            found.append(joined(value[at]))
        at += 1
    return found


def _whole(item: Any) -> str:
    """Return the digits of a whole number, with its sign; "" for anything else."""
    if isinstance(item, float) and not isinstance(item, Written):
        return f"{item:.0f}" if item.is_integer() else ""
    text = typed(item.text if isinstance(item, Written) else str(item))
    return text if isinstance(item, str | int | float) and text.lstrip("+-").isdigit() else ""
