"""Arithmetic as on paper: every figure is rounded when it is written down, and carried on so."""

from collections.abc import Iterable, Iterator
from decimal import Context, Decimal

import numpy as np
from numpy.typing import ArrayLike

from rnncalc.arrays import Array
from rnncalc.network.activations import Activation
from rnncalc.network.model import Network
from rnncalc.network.trace import Trace, finite_steps, overflow
from rnncalc.numerals.rounding import exact, rounded

# products and sums of a line are not rounded: any two floats' product has its digits in these;
# what is not finite is named afterwards, with its step
_PAPER = Context(prec=1400, traps=[])
_LARGEST = Decimal("1.8e308")
Row = list[Decimal]


def run_by_hand(
    network: Network, h: ArrayLike, blocks: Iterable[ArrayLike], decimals: int
) -> Iterator[Trace]:
    """Yield a trace for each block (T, D), as `run` does, in decimal arithmetic.

    What is written down, and so rounded to `decimals` decimals, is each component of a, h, o and y;
    not the single products, nor the exponentials of a softmax. Halves are rounded away from zero.

    Raises:
        InputError: a shape does not fit, a number is not finite, or the state overflows.
    """
    cell, readout = network.cell, network.readout
    state, first = _decimals(network.state(h)), 1
    joined = [_decimals(row) for row in np.hstack((cell.W_xh, cell.W_hh, cell.b_h[:, None]))]
    output = (
        [_decimals(row) for row in np.hstack((readout.W_hy, readout.b_y[:, None]))]
        if readout
        else []
    )
    for block in blocks:
        before = np.array(state, dtype=np.float64)
        x = network.sequence(block)
        rows: list[list[Row]] = []
        for x_t in x:
            a = _affine(joined, [*_decimals(x_t), *state], decimals)
            state = _applied(cell.activation, a, decimals)
            o = _affine(output, state, decimals)
            y = _applied(readout.activation, o, decimals) if readout else []
            rows.append([a, state, o, y])
            if not all(map(_is_finite, (a, state, o, y))):
                break  # what comes after it is nothing
        trace = _trace(first, x[: len(rows)], before, rows, has_readout=readout is not None)
        if good := finite_steps(trace):
            yield trace.part(0, good)
        if good < len(trace):
            raise overflow(trace, good)
        first += len(x)


def _decimals(row: Iterable[float]) -> Row:
    return [exact(float(value)) for value in row]


def _affine(matrix: list[Row], vector: Row, decimals: int) -> Row:
    """Return each row of `matrix`, whose last column is the bias, times `vector`, rounded."""
    one = [*vector, Decimal(1)]
    return [_written(_dot(row, one), decimals) for row in matrix]


def _dot(row: Row, vector: Row) -> Decimal:
    total = Decimal(0)
    for weight, value in zip(row, vector, strict=True):
        total = _PAPER.add(total, _PAPER.multiply(weight, value))
    return total


def _applied(f: Activation, a: Row, decimals: int) -> Row:
    values = f(np.array(a, dtype=np.float64))
    return [_written(exact(float(value)), decimals) for value in values]


def _is_finite(row: Row) -> bool:
    return bool(np.isfinite(np.array(row, dtype=np.float64)).all())


def _written(number: Decimal, decimals: int) -> Decimal:
    """Return a figure as it is written down; one beyond all floats is refused with its step."""
    written = number.is_finite() and -_LARGEST < number < _LARGEST
    return rounded(number, decimals) if written else number


def _trace(
    first: int, x: Array, before: Array, rows: list[list[Row]], *, has_readout: bool
) -> Trace:
    a, h, o, y = (np.array(column, dtype=np.float64) for column in zip(*rows, strict=True))
    return Trace(first, x, a, h, *((o, y) if has_readout else (None, None)), before=before)
