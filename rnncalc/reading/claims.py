"""Printed values: [expect] in a TOML file, or a file that a program wrote -> Printed by name."""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from rnncalc.arrays import Array, shape_of
from rnncalc.errors import InputError, counted, few, nearest, printable, quote
from rnncalc.network.cells import OUTPUTS
from rnncalc.network.model import Network
from rnncalc.numerals.number import NO_NUMBER, NOT_PRINTED, NUMBER, Literal, Written, vanishes
from rnncalc.numerals.printed import AllPrinted, Printed, allowance, printed_rows
from rnncalc.numerals.rounding import plain
from rnncalc.reading.settings import EXPECT, Setting
from rnncalc.reading.tables import Expected, Names, parse_expected
from rnncalc.reading.texts import name_of, read_text

_LEAST, _MOST = 1e-300, 1e300  # between them a value needs no second look
_SHORT = 100  # characters of a value that needs no second look, unless it has an exponent
_LETTER = re.compile("[A-Za-z]")
_LONGEST_EXPONENT = 5  # characters: e-0323 is one
_SAME_INPUT = 2e-7  # of a number: rounded to float32 it is the same

Places = Callable[[str], str]
"""Gives the place of a key below [expect]."""


def claims(
    settings: Mapping[str, Setting],
    network: Network,
    x: Array,
    path: str | None = None,
    quantity: str | None = None,
) -> tuple[AllPrinted, tuple[str, ...]]:
    """Return the printed values of each quantity, (T, its size), and what else there is to say.

    Args:
        settings: of the problem; the values are below `[expect]` unless a file has them.
        network: the network that is run.
        x: (T, D), its inputs.
        path: the file with the values, or None.
        quantity: what they are, if the file does not say.

    Raises:
        InputError: there are no values, or they are not what they must be.
    """
    names = Names(tuple(dict.fromkeys((*network.sizes, *OUTPUTS))))
    if path is not None:
        place_of, expected = _from_file(path, names, len(x), quantity)
    else:
        place_of, expected = _from_settings(settings, quantity)
    try:
        printed = _all_printed(expected.values, names, network, len(x))
    except InputError as error:
        raise error.at(f"{place_of(error.key)}: {error.key}") from None
    return printed, tuple(f"{place_of('')}: {note}" for note in _notes(expected, x))


def _from_settings(
    settings: Mapping[str, Setting], quantity: str | None
) -> tuple[Places, Expected]:
    if quantity is not None:
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


def _from_file(
    path: str, names: Names, steps: int, quantity: str | None
) -> tuple[Places, Expected]:
    if quantity is not None and quantity not in names.computed:
        known = nearest(quantity, [*names.computed])
        raise InputError(f"--quantity: unknown quantity {quote(quantity)}{known}")
    try:
        text = read_text(path)
    except InputError as error:
        raise error.at("--expect") from None
    place = f"--expect: {name_of(path)}"
    try:
        return lambda _: place, parse_expected(text, names, steps, quantity)
    except InputError as error:
        raise error.at(place) from None


def _all_printed(
    expect: Mapping[str, Any], names: Names, network: Network, steps: int
) -> AllPrinted:
    """Return the values of each quantity.

    A list has one entry per step: a list of the components, or the value itself if there is one
    component. `"?"` stands for what was not printed, a value or a whole step.
    """
    for name in expect:
        if name not in names.computed:
            raise InputError(f"unknown key{nearest(name, [*names.computed])}", key=_key(name))
        if name not in network.sizes:
            raise InputError(
                "is an output, but no why is given, so there is no output", key=_key(name)
            )
    found = {
        name: _printed(expect[name], name, steps, size)
        for name, size in network.sizes.items()
        if name in expect
    }
    if not any(any(of.texts) for of in found.values()):
        raise InputError(
            "holds no figure to check; write for example h = [0.537, 0.851]", key="expect"
        )
    return found


def _key(name: str) -> str:
    return f"expect.{printable(name)}"


def _printed(value: object, name: str, steps: int, size: int) -> Printed:
    if not isinstance(value, list):
        value = [value]  # a single step
    if len(value) != steps:
        raise InputError(
            f"{counted(len(value), 'step')}, but x has {steps}; "
            f'"{NOT_PRINTED}" stands for a step that is not printed',
            key=_key(name),
        )
    try:
        return printed_rows([_step(entry, name, t, size) for t, entry in enumerate(value, 1)])
    except InputError as error:
        raise InputError(error.message, key=_key(name)) from None


def _step(entry: object, name: str, t: int, size: int) -> list[str]:
    if entry == NOT_PRINTED:
        return [""] * size
    row = entry if isinstance(entry, list) else [entry]
    if len(row) != size:
        letter = "K" if name in OUTPUTS else "D" if name == "x" else "H"
        raise InputError(
            f"step {t} has {counted(len(row), 'figure')}, but {letter} is "
            f"{size}, so every step needs {size}"
        )
    if {*map(type, row)} == {Literal} and not _LETTER.search("".join(row)):
        if max(map(len, row)) < _SHORT:
            return row  # nearly always, and there may be very many
    return [_value(item, t, i) for i, item in enumerate(row, 1)]


def _value(item: object, t: int, i: int) -> str:
    if isinstance(item, Literal):
        item = Written(item)
    if isinstance(item, Written) and _LEAST < abs(item) < _MOST and "_" not in item.text:
        return item.text
    place = f"step {t}, figure {i}"
    if item == NOT_PRINTED:
        return ""
    if item is None:  # JavaScript's JSON for what is not a number
        return "nan"
    if isinstance(item, bool) or not isinstance(item, int | float):
        found = quote(str(item), 30) if isinstance(item, str) else str(item).lower()
        hint = f'; write "{NOT_PRINTED}" for none'
        if isinstance(item, str) and NUMBER.fullmatch(item):
            hint = "; write it without quotes"
        raise InputError(f"{place}: {found} is not a number{hint}")
    text = item.text if isinstance(item, Written) else repr(item)
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
    """Yield where the inputs beside the values are not those of this run."""
    try:
        given = _printed(rows, "x", *x.shape)
    except InputError:
        yield f"its x is not {shape_of(x)}, as in this run"
        return
    off = np.abs(given.values - x) > allowance(given, x) + _SAME_INPUT * np.abs(x)
    for t, i in np.argwhere(off)[:1].tolist():
        right = plain(float(x[t, i]))
        yield f"x[{i}] at step {t + 1} is {given.text(t, i)}, but {right} in this run"
