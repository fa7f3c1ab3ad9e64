"""Arithmetic as on paper: each value is rounded when it is written down, and used as rounded."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, localcontext
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike

from rnncalc.arrays import Array
from rnncalc.network.equations import Equation, Rows, Steps, ahead, follow
from rnncalc.network.forward import in_blocks
from rnncalc.network.model import Network
from rnncalc.network.trace import Trace, finite_steps, overflow
from rnncalc.numerals.rounding import PAPER, exact, rounded

_AT_ONCE = 64  # steps: if one overflows, the rest of them were calculated in vain


def run_by_hand(
    network: Network,
    h: ArrayLike | Mapping[str, Array],
    blocks: Iterable[ArrayLike],
    decimals: int,
) -> Iterator[Trace]:
    """Yield traces of a sequence that comes in blocks (T, D), as `run` does, in decimal arithmetic.

    Each component of a, h, o and y is rounded to `decimals` decimals. Individual products and the
    exponentials in a softmax are not rounded. Ties are rounded away from zero.

    Raises:
        InputError: a shape does not fit, a number is not finite, or the state overflows.
    """
    places = dict.fromkeys(network.sizes, decimals)
    equations = [equation.changed(_decimals) for equation in network.equations]

    def calculate(before: Rows, x: Array) -> Rows:
        return written(equations, before, {"x": x}, places)

    yield from in_blocks(network, h, blocks, calculate, _AT_ONCE)


def by_hand(
    equations: Sequence[Equation], start: Rows, given: Rows, places: Mapping[str, int]
) -> Trace:
    """Return the trace of any equations over what is given (T, D), with decimals by quantity.

    Raises:
        InputError: a quantity overflows.
    """
    rows = {**given, **written(equations, start, given, places)}
    trace = Trace(1, rows, start, ahead(equations))
    if (good := finite_steps(trace)) < len(trace):
        raise overflow(trace, good)
    return trace


def written(
    equations: Sequence[Equation],
    before: Mapping[str, Array],
    given: Rows,
    places: Mapping[str, int],
) -> Rows:
    """Return the rows (T, n) of every quantity, each value rounded and used as rounded."""

    def adopt(name: str, _t: Steps, row: Array) -> Array:
        if name not in places:
            return row
        return _each(lambda value: _rounded(value, places[name]), _decimals(row))

    exact_equations = [equation.changed(_decimals) for equation in equations]
    start = {name: _decimals(row) for name, row in before.items()}
    exact_rows = {name: _decimals(rows) for name, rows in given.items()}
    with localcontext(PAPER):
        _, found = follow(exact_equations, start, exact_rows, adopt)
    return {name: rows.astype(np.float64) for name, rows in found.items()}


def _decimals(array: Array) -> Array:
    """Return the decimal number that `repr` shows for each value; Decimals are kept."""
    return array if array.dtype == np.object_ else _each(lambda value: exact(float(value)), array)


def _rounded(number: Decimal, decimals: int) -> Decimal:
    """Return the float that is written down; what overflows is reported later, with its step."""
    return exact(float(rounded(number, decimals)))


def _each(function: Callable[[Any], Decimal], array: Array) -> Array:
    return cast(Array, np.frompyfunc(function, 1, 1)(array))
