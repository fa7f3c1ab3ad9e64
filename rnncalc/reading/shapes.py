"""From nested lists to arrays of the right rank; nothing is broadcast, reshaped or transposed."""

import datetime
from typing import Any

import numpy as np

from rnncalc.arrays import Array, shape_of
from rnncalc.errors import InputError, counted, quote
from rnncalc.network.model import wrong_step
from rnncalc.numerals.number import NUMBER, Written, why_not, with_point
from rnncalc.reading import commas

_FLAT, _ROWS = 1, 2


def rank_of(value: Any, key: str) -> int:
    """Return 0 for a number, 1 for a list of numbers and 2 for a list of rows.

    Raises:
        InputError: it is none of these, or a number is not a finite one; the message has the place.
    """
    if not isinstance(value, list):
        _refuse_non_number(value, key, "")
        return 0
    _refuse_empty(value, key, "")
    if not any(isinstance(item, list) for item in value):
        for place, item in enumerate(value if _uncertain(value) else (), 1):
            _refuse_non_number(item, key, f"number {place}: ")
        return _FLAT
    _refuse_batch(value, key)
    for at, row in enumerate(value, 1):
        _refuse_bad_row(row, key, f"{'step' if key == 'x' else 'row'} {at}")
    return _ROWS


def _refuse_bad_row(row: Any, key: str, name: str) -> None:
    if not isinstance(row, list):
        raise InputError(
            f"{name} is {named(row)}, but other {name.split(maxsplit=1)[0]}s are lists", key=key
        )
    _refuse_empty(row, key, f"{name}: ")
    for place, item in enumerate(row if _uncertain(row) else (), 1):
        _refuse_non_number(item, key, f"{name}, number {place}: ")


def _uncertain(row: list[Any]) -> bool:
    """Return whether a row has anything but the finite floats of the number notation."""
    return {*map(type, row)} != {float}


def _refuse_batch(value: list[Any], key: str) -> None:
    """Refuse lists of lists of rows: a batch of sequences, or several matrices."""
    if not all(isinstance(part, list) and part and isinstance(part[0], list) for part in value):
        return
    if key != "x":
        raise InputError(f"lists of rows in a list, but {key} is one list of rows", key=key)
    raise InputError(batch(value, "x"), key=key)


def batch(value: list[Any], name: str) -> str:
    """Return what is wrong with a batch of sequences."""
    sequences, steps = counted(len(value), "sequence"), counted(len(value[0]), "step")
    single = 1 in (len(value), len(value[0]))
    hint = ", without the extra brackets" if single else ""
    return f"{name} has {sequences} of {steps}; give one{hint}"


def _refuse_empty(value: list[Any], key: str, place: str) -> None:
    if not value:
        raise InputError(f"{place}an empty list; at least one number is needed", key=key)


def _refuse_non_number(value: Any, key: str, place: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        hint = "; write numbers without quotes" if isinstance(value, str) else ""
        if isinstance(value, str) and key == "x" and not NUMBER.fullmatch(value):
            hint = '; symbols need a vocabulary, such as vocabulary = "helo"'
        if isinstance(value, str) and (comma := commas.first_comma(value)):
            hint = f"; {with_point(comma)}"
        raise InputError(f"{place}{named(value)} is not a number{hint}", key=key)
    text = value.text if isinstance(value, Written) else str(value)
    reason = why_not(value, text)
    if reason:
        found = "an integer" if isinstance(value, int) else f"{quote(text, 20)} is"
        raise InputError(f"{place}{found} {reason}", key=key)


def named(value: Any) -> str:
    """Return what a value is called that is not a number."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{quote(value, 30)[1:-1]}"'
        case datetime.date() | datetime.time():
            return f"the date {value}"
        case dict():
            return "a table"
        case list():
            return "a list"
        case _:
            return str(value)


def vector(value: Any, key: str) -> Array:
    """Return (n,): a list, a single row or a single column as it is, and a number as one of 1."""
    flat = _flattened(value)
    rank = rank_of(flat, key)
    if rank == _ROWS:
        raise InputError(
            f'a list of rows, but {key} is one flat list of numbers, as in "0.1 0.2"', key=key
        )
    return _array(flat if rank else [flat])


def read_as_vector(value: Any) -> str:
    """Return the shape of a row or a column that is read as a vector, such as `2 x 1`, or ""."""
    if _flattened(value) is value:
        return ""
    sizes = []
    while isinstance(value, list):
        sizes.append(str(len(value)))
        value = value[0]
    return " x ".join(sizes)


def _flattened(value: Any) -> Any:
    """Return the single row or column of a matrix as a list, and anything else as it is."""
    if not isinstance(value, list) or not value or not all(isinstance(p, list) for p in value):
        return value
    if len(value) == 1:  # PyTorch's h_0 is 1 x 1 x H
        return _flattened(value[0])
    return [row[0] for row in value] if all(len(row) == 1 for row in value) else value


def square(value: Any, key: str) -> Array:
    """Return (H, H), or a matrix that is not square, which the cell refuses with its shape."""
    rank = rank_of(value, key)
    if rank == _ROWS:
        return _matrix(value, key)
    if rank == _FLAT and len(value) > 1:
        raise InputError(
            f"one flat list of {len(value)} numbers, but {key} is square; "
            'separate its rows, as in "0.1 0.2; 0.3 0.4"',
            key=key,
        )
    return _array([value] if rank else [[value]])


def matrix_of_rows(value: Any, key: str) -> Array:
    """Return a matrix of which nothing else decides the shape: rows, or a single number."""
    rank = rank_of(value, key)
    if rank == _FLAT and len(value) > 1:
        raise InputError("one flat list; write its rows, as in [[0.1, 0.2], [0.3, 0.4]]", key=key)
    return _matrix(value, key) if rank == _ROWS else _array([value] if rank else [[value]])


def matrix(value: Any, key: str, *, side: str, hidden_size: int) -> Array:
    """Return a matrix with one `side` (`row` or `column`) per hidden unit: wxh (H, D), why (K, H).

    A flat list is a row or a column, whichever fits `hidden_size`.
    """
    rank = rank_of(value, key)
    if rank == _ROWS:
        return _matrix(value, key)
    if not rank:
        return _array([[value]])
    one_unit = hidden_size == 1
    if not one_unit and len(value) != hidden_size:
        raise InputError(
            f"one flat list of {len(value)} numbers, but whh is {hidden_size} x {hidden_size}, "
            f"so {key} needs {hidden_size} {side}s",
            key=key,
        )
    as_row = one_unit == (side == "row")
    return _array([value] if as_row else [[item] for item in value])


def steps(value: Any, key: str, *, input_size: int, one_line: bool = False) -> Array:
    """Return (T, D): a flat list is one number per step, and allowed only if D is 1.

    Args:
        value: the nested lists.
        key: `x`.
        input_size: D.
        one_line: whether a flat list of D numbers may be a single step (a file with one row).
    """
    rank = rank_of(value, key)
    if rank == _ROWS:
        for t, row in enumerate(value, 1):
            if len(row) != input_size:
                raise wrong_step(t, len(row), input_size)
        return _array(value)
    if input_size == 1:
        return _array([[item] for item in value] if rank else [[value]])
    if one_line and rank and len(value) == input_size:
        return _array([value])
    found = f"a flat list of {len(value)} numbers" if rank else "a single number"
    raise InputError(
        f"{found}, one per step, but wxh has {input_size} columns, so every step needs "
        f"{input_size}; "
        'separate the steps, as in "1 2; 3 4" ("1 2;" is one step)',
        key=key,
    )


def _matrix(rows: list[list[float]], key: str) -> Array:
    for number, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            raise InputError(
                f"row {number} has {shape_of(_array(row))}, but row 1 has {len(rows[0])}", key=key
            )
    return _array(rows)


def _array(value: Any) -> Array:
    return np.array(value, dtype=np.float64)
