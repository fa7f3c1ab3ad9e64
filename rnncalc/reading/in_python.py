"""Errors in the words of Python: `[[1, 2], [3, 4]]`, `None` and `head="none"`."""

import re
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from rnncalc.errors import InputError
from rnncalc.numerals.number import NOT_PRINTED

_P = ParamSpec("_P")
_R = TypeVar("_R")

_SAID = re.compile(  # what was quoted from outside stays; then a flag and its value, or numbers
    r"'[^']*'|(?<![\w/.-])--([a-z][a-z0-9-]*)(?: (\w+|\"[^\"]*\"))?|\"([0-9?][0-9?. ;-]*)\""
)


def in_python(call: Callable[_P, _R]) -> Callable[_P, _R]:
    """Return `call` with its input errors in the words of Python rather than of a shell."""

    @wraps(call)
    def spoken(*arguments: _P.args, **named: _P.kwargs) -> _R:
        try:
            return call(*arguments, **named)
        except InputError as error:
            said = _SAID.sub(_spelt, error.message)
            raise InputError(said, key=error.key, lines=error.lines) from None

    return spoken


def _spelt(found: re.Match[str]) -> str:
    flag, value, numbers = found.groups()
    if numbers:
        return _listed(numbers)
    if not flag:
        return found[0]
    name = flag.replace("-", "_")
    if value is None:
        return name
    if value.startswith('"'):
        return f"{name}={_listed(value[1:-1])}"
    return f'{name}="{value}"' if _is_a_name(value) else f"{name} {value}"


def _is_a_name(word: str) -> bool:
    from rnncalc.network.activations import ACTIVATIONS

    return word == "none" or word in ACTIVATIONS


def _listed(text: str) -> str:
    """Return the list of Python that a text of the command line stands for."""
    rows = [row.split() for row in text.split(";") if row.strip()]
    if len(rows) == len(rows[0]) == 1 and ";" not in text:
        return "None" if rows == [[NOT_PRINTED]] else f'"{text}"'
    lists = ["[" + ", ".join(row).replace(NOT_PRINTED, "None") + "]" for row in rows]
    return f"[{', '.join(lists)}]" if ";" in text else lists[0]
