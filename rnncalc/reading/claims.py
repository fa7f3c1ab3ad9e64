"""Claimed figures: what stands under `[expect]` -> the texts of each quantity, step by step.

Each figure keeps its text, from which the decimals it was printed with are read.
"""

import math
import re
from collections.abc import Mapping
from typing import Any

from rnncalc.errors import InputError, nearest, printable, quote
from rnncalc.network.forward import COMPUTED
from rnncalc.network.model import Network, counted
from rnncalc.reading.figures import Figure
from rnncalc.reading.literals import NUMBER, vanishes

NOT_PRINTED = "?"
_LEAST, _MOST = 1e-300, 1e300  # between them a figure needs no second look
_LONGEST_EXPONENT = 5  # characters: e-0323 is one
NO_NUMBER = re.compile(r"[+-]?(?:nan|inf|infinity)(?:\(.*\))?", re.IGNORECASE | re.ASCII)

Rows = list[list[str | None]]
"""The texts of the figures of one quantity, a row a step; None where nothing was printed."""


def claims(expect: Mapping[str, Any], network: Network, steps: int) -> dict[str, Rows]:
    """Return the texts of the figures under `[expect]`, each (T, its size) for this `network`.

    A list has an entry a step: a list of the components, or where there is one component the figure
    itself. `"?"` stands where nothing was printed, for a figure or for a whole step.

    Args:
        expect: any of `a h o y`; numbers as `Figure`, or as int.
        network: the network that is run.
        steps: T.

    Raises:
        InputError: a key is unknown, a shape does not fit, or a figure is none.
    """
    _refuse_keys(expect, network)
    sizes = {"a": network.hidden_size, "h": network.hidden_size}
    sizes |= dict.fromkeys(("o", "y"), network.output_size)
    found = {
        name: _quantity(expect[name], name, steps, sizes[name])
        for name in COMPUTED
        if name in expect
    }
    if not any(text for rows in found.values() for row in rows for text in row):
        raise InputError(
            "holds no figure to check; write for example h = [0.537, 0.851]", key="expect"
        )
    return found


def _refuse_keys(expect: Mapping[str, Any], network: Network) -> None:
    for name in expect:
        if name not in COMPUTED:
            raise InputError(f"unknown key{nearest(name, [*COMPUTED])}", key=_key(name))
        if name in ("o", "y") and network.readout is None:
            raise InputError(
                "is an output, but no why is given, so there is no output", key=_key(name)
            )


def _key(name: str) -> str:
    return f"expect.{printable(name)}"


def _quantity(value: object, name: str, steps: int, size: int) -> Rows:
    if not isinstance(value, list):
        value = [value]  # a single step
    if len(value) != steps:
        raise InputError(
            f"{counted(len(value), 'step')}, but x has {steps}; "
            f'"{NOT_PRINTED}" stands for a step that is not printed',
            key=_key(name),
        )
    try:
        return [_step(entry, name, t, size) for t, entry in enumerate(value, 1)]
    except InputError as error:
        raise InputError(error.message, key=_key(name)) from None


def _step(entry: object, name: str, t: int, size: int) -> list[str | None]:
    if entry == NOT_PRINTED:
        return [None] * size
    row = entry if isinstance(entry, list) else [entry]
    if len(row) != size:
        raise InputError(
            f"step {t} has {counted(len(row), 'figure')}, but {'H' if name in 'ah' else 'K'} is "
            f"{size}, so every step needs {size}"
        )
    plain: list[str | None] = [
        item.text.replace("_", "")
        for item in row
        if isinstance(item, Figure) and _LEAST < abs(item) < _MOST
    ]
    if len(plain) == len(row):  # there may be very many
        return plain
    return [_text(item, f"step {t}, figure {i}") for i, item in enumerate(row, 1)]


def _text(item: object, place: str) -> str | None:
    if item == NOT_PRINTED:
        return None
    if item is None:  # JavaScript's JSON for what is no number
        return "nan"
    if isinstance(item, bool) or not isinstance(item, int | float):
        found = quote(str(item), 30) if isinstance(item, str) else str(item).lower()
        hint = f'; write "{NOT_PRINTED}" for none'
        if isinstance(item, str) and NUMBER.fullmatch(item):
            hint = "; write it without quotes"
        raise InputError(f"{place}: {found} is not a number{hint}")
    text = item.text if isinstance(item, Figure) else repr(item)
    if NO_NUMBER.fullmatch(text):
        return text
    _refuse_infinite(item, text, place)
    if not item and vanishes(text):
        raise InputError(f"{place}: {quote(text, 20)} is below the smallest float, 5e-324")
    exponent = text.lower().partition("e")[2]
    if len(exponent) > _LONGEST_EXPONENT:
        raise InputError(f"{place}: {quote(text, 20)} has an exponent that no float has")
    return text.replace("_", "")


def _refuse_infinite(item: int | float, text: str, place: str) -> None:
    try:
        finite = math.isfinite(item)
    except OverflowError:  # an integer of more than 309 digits
        finite = False
    if not finite:
        raise InputError(f"{place}: {quote(text, 20)} is not a finite number")


def inputs_of(rows: object, steps: int, input_size: int) -> Rows:
    """Return the texts of the inputs (T, D) in `rows`.

    Raises:
        InputError: they are of another shape, or no numbers.
    """
    return _quantity(rows, "x", steps, input_size)
