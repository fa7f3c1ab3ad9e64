"""Weights as a program prints them: four decimals, though it calculates with all digits."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from rnncalc.arrays import Array
from rnncalc.errors import InputError
from rnncalc.network.equations import Equation, Rows, parameters
from rnncalc.network.forward import calculated
from rnncalc.network.trace import Trace, given_in
from rnncalc.numerals.printed import decimals_of
from rnncalc.numerals.rounding import plain

_LEAST = 4  # decimals, as PyTorch and NumPy print; people write fewer
_MOST = 8  # from so many on, the rest of a weight is too small to matter
_SOME = 100  # steps of the inputs, which show how they were printed
_DRAWS = 32
_SIGMAS = 5.0  # of what the draws show: more than chance gives among many thousands of values
MOST_OFF = 0.02  # of a value: what moves further explains anything


def spread(equations: Sequence[Equation], right: Trace) -> tuple[int, Rows] | None:
    """Return the decimals of the weights, and (T, n) how far the digits after them move a value.

    None unless most weights have four decimals or more, unlike 0.5 and 0.3, and the values depend
    on them smoothly. Inputs and a start with as many decimals are moved, too.
    """
    decimals = _decimals(parameters(equations).values())
    if decimals is None:
        return None
    squares = {name: np.zeros_like(rows) for name, rows in right.rows.items()}
    try:
        for moved in _moved(equations, right, decimals):
            for name, rows in moved.items():
                squares[name] += (rows - right[name]) ** 2
    except InputError:  # one of them overflows
        return None
    off = {name: _SIGMAS * np.sqrt(each / _DRAWS) for name, each in squares.items()}
    least = 0.5 * 10.0**-decimals
    limits = {name: MOST_OFF * np.maximum(np.abs(right[name]).max(), least) for name in off}
    return decimals, {name: np.minimum(each, limits[name]) for name, each in off.items()}


def _moved(equations: Sequence[Equation], right: Trace, decimals: int) -> Iterator[Rows]:
    """Yield the rows of runs whose numbers are as far off as rounding may have put them.

    Raises:
        InputError: one of them overflows.
    """
    random, half = np.random.default_rng(0), 0.5 * 10.0**-decimals

    def move(weight: Array) -> Array:
        return weight + random.uniform(-half, half, weight.shape)

    def move_each(rows: Rows) -> Rows:
        return {n: move(of) if n in rounded else of for n, of in rows.items()}

    start, given = {**right.before}, given_in(right, equations)
    rounded = {n for n, of in (start | given).items() if _decimals([of[:_SOME]]) == decimals}
    for _ in range(_DRAWS):
        some = [each.changed(move) for each in equations]
        yield calculated(some, move_each(start), move_each(given)).rows


def _decimals(arrays: Iterable[Array]) -> int | None:
    """Return the decimals of numbers as a program prints them; None if they do not look like it."""
    values = np.concatenate([each.ravel() for each in arrays])
    found = [decimals_of(plain(value)) for value in values.tolist()]
    long = sum(n >= _LEAST for n in found)
    return max(found) if 2 * long > len(found) and max(found) <= _MOST else None
