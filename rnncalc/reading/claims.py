"""Claimed figures: what stands under `[expect]` -> the texts of each quantity, step by step.

Each figure keeps its text, from which the decimals it was printed with are read.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from rnncalc.arrays import Array, shape_of
from rnncalc.errors import InputError, counted, few, nearest, printable, quote
from rnncalc.network.forward import COMPUTED
from rnncalc.network.model import Network
from rnncalc.numerals.number import NO_NUMBER, NOT_PRINTED, NUMBER, Figure, vanishes
from rnncalc.numerals.printed import Tolerance, allowance, figures
from rnncalc.numerals.rounding import plain
from rnncalc.reading.settings import EXPECT, Setting
from rnncalc.reading.tables import Expected, parse_expected
from rnncalc.reading.texts import name_of, read_text

_LEAST, _MOST = 1e-300, 1e300  # between them a figure needs no second look
_LONGEST_EXPONENT = 5  # characters: e-0323 is one

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


_SAME_INPUT = 2e-7  # of a number: rounded to float32 it is the same


@dataclass(frozen=True)
class Claimed:
    """Where the figures are that somebody claims, and how exact they are to be.

    Attributes:
        path: of a file with them, or None where they are in the settings.
        quantity: what they are, where the file does not say.
        atol: the largest absolute error, instead of the rounding that a figure shows.
        rtol: the largest relative one.
    """

    path: str | None = None
    quantity: str | None = None
    atol: float | None = None
    rtol: float | None = None


def _notes(expected: Expected, x: Array) -> Iterator[str]:
    """Yield what a file holds that is not judged."""
    if expected.passed_over:
        names = few(expected.passed_over)
        yield f"{names} passed over; what is judged is called a, h, o or y, or h[0], h[1] ..."
    if expected.empty:
        are = "is" if expected.empty == 1 else "are"
        yield f"{counted(expected.empty, 'cell')} {are} empty; nothing is judged there"
    if expected.inputs is not None:
        yield from _other_input(expected.inputs, x)


def _other_input(rows: object, x: Array) -> Iterator[str]:
    """Yield where the inputs beside the figures are not those of this run."""
    try:
        given = figures(inputs_of(rows, *x.shape))
    except InputError:
        yield f"its x is not {shape_of(x)}, as in this run"
        return
    off = np.abs(given.values - x) > allowance(given, x) + _SAME_INPUT * np.abs(x)
    for t, i in np.argwhere(off)[:1].tolist():
        right = plain(float(x[t, i]))
        yield f"x[{i}] at step {t + 1} is {given.text(t, i)}, but {right} in this run"


Places = Callable[[str], str]
"""Gives the place of a key below [expect]."""


def _expected(
    settings: Mapping[str, Setting], claimed: Claimed, steps: int
) -> tuple[Places, Expected]:
    """Return the figures by quantity, and where they are."""
    if claimed.path is not None:
        return _from_file(claimed.path, steps, claimed.quantity)
    if claimed.quantity is not None:
        raise InputError(
            "--quantity: says what the figures of --expect FILE are; there is no --expect"
        )
    if EXPECT not in settings:
        raise InputError(
            "there are no figures to check; write them under [expect] in the file of -c, "
            "h = [0.537, 0.851], or name a file with --expect"
        )
    expect = settings[EXPECT]
    if not isinstance(expect.value, dict):
        raise InputError(f"{expect.place}: expect is a table: [expect], and below it h = [...]")

    def place_of(key: str) -> str:
        return expect.places.get(key.removeprefix("expect."), expect.place)

    return place_of, Expected(expect.value)


def _from_file(path: str, steps: int, quantity: str | None) -> tuple[Places, Expected]:
    if quantity is not None and quantity not in COMPUTED:
        known = nearest(quantity, [*COMPUTED])
        raise InputError(f"--quantity: unknown quantity {quote(quantity)}{known}")
    try:
        text = read_text(path)
    except InputError as error:
        raise error.at("--expect") from None
    place = f"--expect: {name_of(path)}"
    try:
        return lambda _: place, parse_expected(text, steps, quantity)
    except InputError as error:
        raise error.at(place) from None


def _tolerance(claimed: Claimed) -> Tolerance | None:
    for name, value in (("--atol", claimed.atol), ("--rtol", claimed.rtol)):
        if value is not None and not isfinite(value):
            raise InputError(f"{name}: {value} is not a finite number")
    if claimed.atol is None and claimed.rtol is None:
        return None
    return Tolerance(absolute=claimed.atol or 0.0, relative=claimed.rtol or 0.0)
