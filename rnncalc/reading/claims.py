"""Claimed figures: `[expect]` of a config, or a file that another program wrote -> their texts.

Each figure keeps its text, from which the decimals it was printed with are read.
"""

import csv
import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from rnncalc.errors import InputError, nearest, printable, quote
from rnncalc.network.forward import COMPUTED
from rnncalc.network.model import Network, counted
from rnncalc.reading.figures import Figure
from rnncalc.reading.literals import NUMBER, vanishes

NOT_PRINTED = "?"
_MOST_LEFT_OUT = 10**6  # steps between those of a file
_LEAST, _MOST = 1e-300, 1e300  # between them a figure needs no second look
_LONGEST_EXPONENT = 5  # characters: e-0323 is one
_COLUMN = re.compile(r"([a-z]+)(?:\[([0-9]+)\])?")

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
    if isinstance(item, bool) or not isinstance(item, int | float):
        found = quote(str(item), 30) if isinstance(item, str) else str(item).lower()
        raise InputError(f'{place}: {found} is not a number; write "{NOT_PRINTED}" for none')
    text = item.text if isinstance(item, Figure) else repr(item)
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


def parse_expected(text: str, quantity: str | None = None) -> dict[str, Any]:
    """Return what `[expect]` would hold, from the text of a file that a program wrote.

    Our own JSON, JSON Lines and CSV, with all quantities or some; or, where `quantity` is named,
    nothing but rows of numbers: JSON, or a step a line. What is not `a h o y` is passed over.

    Raises:
        InputError: it is none of these.
    """
    if quantity is not None and quantity not in COMPUTED:
        raise InputError(f"unknown quantity {quote(quantity)}{nearest(quantity, [*COMPUTED])}")
    start = text.lstrip()[:1]
    if start == "{":
        found = _from_steps(_objects(text))
    elif start == "[":
        found = _from_list(_json(text), quantity)
    elif start.isalpha() or start == '"':
        found = _from_csv(text)
    else:
        found = {_named(quantity): _plain_rows(text)}
    return found if quantity is None else {quantity: _only(found, quantity)}


def _only(found: dict[str, Any], quantity: str) -> object:
    if quantity not in found:
        raise InputError(f"holds no {quantity}; it has {', '.join(found)}")
    return found[quantity]


def _named(quantity: str | None) -> str:
    if quantity is None:
        raise InputError("is a plain list of rows; say of what, for example --quantity h")
    return quantity


def _objects(text: str) -> list[Any]:
    """Return the steps of our JSON, or of JSON Lines, where every line is one."""
    first_line = text.lstrip().partition("\n")[0]
    try:
        whole = _is_whole(first_line)
    except InputError:
        whole = False  # the object goes on in the next line
    if not whole:
        found = _json(text)
        return _steps_of(found)
    return [
        _json(line, f"line {n}: ") for n, line in enumerate(text.splitlines(), 1) if line.strip()
    ]


def _is_whole(line: str) -> bool:
    """Return whether a line is a step on its own."""
    found = _json(line)
    return isinstance(found, dict) and "steps" not in found


def _steps_of(found: object) -> list[Any]:
    steps = found.get("steps", [found]) if isinstance(found, dict) else None
    if not isinstance(steps, list) or not steps:
        raise InputError('"steps" is not a list of steps')
    return steps


def _json(text: str, place: str = "") -> object:
    try:
        return json.loads(text, parse_float=Figure, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        if isinstance(error, InputError):
            raise error.at(place.removesuffix(": ")) if place else error from None
        raise InputError(f"{place}is not JSON: {error}") from None


def _refuse_constant(name: str) -> float:
    raise InputError(f"{name} is not a finite number")


def _from_steps(steps: Sequence[Any]) -> dict[str, Any]:
    """Return the quantities of objects like {"t": 1, "h": [0.5]}, one a step."""
    if not all(isinstance(step, dict) for step in steps):
        raise InputError('a step is not an object; write for example {"t": 1, "h": [0.5]}')
    names = [name for name in COMPUTED if any(name in step for step in steps)]
    if not names:
        raise InputError(f"holds none of {', '.join(COMPUTED)}")
    rows = {name: [step.get(name, NOT_PRINTED) for step in steps] for name in names}
    return _in_order([step.get("t") for step in steps], rows)


def _in_order(steps: list[Any], rows: dict[str, list[Any]]) -> dict[str, Any]:
    """Return the rows by their t, where they have one; "?" for those that are left out."""
    if all(t is None for t in steps):
        return dict(rows)
    numbers = [_step_number(t) for t in steps]
    if len({*numbers}) < len(numbers) or max(numbers) > len(numbers) + _MOST_LEFT_OUT:
        raise InputError("the t of its steps are not 1, 2, 3 and so on, each at most once")
    found = {}
    for name, given in rows.items():
        found[name] = [NOT_PRINTED] * max(numbers)
        for t, row in zip(numbers, given, strict=True):
            found[name][t - 1] = row
    return found


def _step_number(t: object) -> int:
    text = str(t)
    if isinstance(t, bool) or not text.isdecimal() or len(text) > 15 or not int(text):
        raise InputError(f"t is {quote(text, 20)}, but steps are counted 1, 2, 3 and so on")
    return int(text)


def _from_list(rows: object, quantity: str | None) -> dict[str, Any]:
    """Return rows of numbers, or of objects."""
    if isinstance(rows, list) and any(isinstance(row, dict) for row in rows):
        return _from_steps(rows)
    return {_named(quantity): rows}


def _from_csv(text: str) -> dict[str, Any]:
    try:
        header, *lines = csv.reader(line for line in text.splitlines() if line.strip())
    except csv.Error as error:
        raise InputError(f"is not CSV: {error}") from None
    columns = _columns(header)
    for n, line in enumerate(lines, 2):
        if len(line) != len(header):
            raise InputError(
                f"line {n} has {counted(len(line), 'value')}, but the header has {len(header)}"
            )
    rows: dict[str, list[Any]] = {
        name: [
            [_cell(line[k], f"line {n}, {header[k]}") for k in places]
            for n, line in enumerate(lines, 2)
        ]
        for name, places in columns.items()
    }
    titles = [title.strip() for title in header]
    if "t" not in titles or not lines:
        return dict(rows)
    return _in_order([line[titles.index("t")].strip() for line in lines], rows)


def _columns(header: Sequence[str]) -> dict[str, list[int]]:
    """Return the places of each quantity's components, in their order."""
    found: dict[str, list[tuple[int, int]]] = {}
    for k, title in enumerate(header):
        match = _COLUMN.fullmatch(title.strip())
        if match and match[1] in COMPUTED:
            found.setdefault(match[1], []).append((int(match[2] or 0), k))
    if not found:
        raise InputError(f"line 1: none of its columns is {', '.join(COMPUTED)}, such as h[0]")
    for name, places in found.items():
        if sorted(i for i, _ in places) != [*range(len(places))]:
            raise InputError(f"line 1: the columns of {name} are not {name}[0], {name}[1], ...")
    return {name: [k for _, k in sorted(places)] for name, places in found.items()}


def _plain_rows(text: str) -> list[list[Any]]:
    """Return a step a line, numbers with blanks or commas between them."""
    lines = [line.partition("#")[0] for line in text.splitlines()]
    return [
        [_cell(word, f"line {n}") for word in line.replace(",", " ").split()]
        for n, line in enumerate(lines, 1)
        if line.strip()
    ]


def _cell(word: str, place: str) -> float | str:
    word = word.strip()
    if word in ("", NOT_PRINTED):
        return NOT_PRINTED
    if not NUMBER.fullmatch(word):
        raise InputError(f"{place}: {quote(word, 30)} is not a number")
    return Figure(word)
