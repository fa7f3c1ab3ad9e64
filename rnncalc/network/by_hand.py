"""Arithmetic as on paper: every figure is rounded when it is written down, and carried on so."""

from collections.abc import Iterable, Iterator
from decimal import Context, Decimal

import numpy as np
from numpy.typing import ArrayLike

from rnncalc.errors import InputError
from rnncalc.network.activations import Activation, Array
from rnncalc.network.forward import Trace
from rnncalc.network.model import Network
from rnncalc.rounding import exact, rounded

_PAPER = Context(prec=60)  # products and sums of a line are not rounded; 60 digits hold them
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
        for t, x_t in enumerate(x, first):
            a = _affine(joined, [*_decimals(x_t), *state], decimals)
            state = _applied(cell.activation, a, decimals, t)
            o = _affine(output, state, decimals)
            y = _applied(readout.activation, o, decimals, t) if readout else []
            rows.append([a, state, o, y])
        yield _trace(first, x, before, rows, has_readout=readout is not None)
        first += len(x)


def _decimals(row: Iterable[float]) -> Row:
    return [exact(float(value)) for value in row]


def _affine(matrix: list[Row], vector: Row, decimals: int) -> Row:
    """Return each row of `matrix`, whose last column is the bias, times `vector`, rounded."""
    one = [*vector, Decimal(1)]
    return [rounded(_dot(row, one), decimals) for row in matrix]


def _dot(row: Row, vector: Row) -> Decimal:
    total = Decimal(0)
    for weight, value in zip(row, vector, strict=True):
        total = _PAPER.add(total, _PAPER.multiply(weight, value))
    return total


def _applied(f: Activation, a: Row, decimals: int, t: int) -> Row:
    values = f(np.array(a, dtype=np.float64))
    if not np.isfinite(values).all():
        raise InputError(f"step {t}: a figure is no longer finite: it has grown past 1.8e308")
    return [rounded(float(value), decimals) for value in values]


def _trace(
    first: int, x: Array, before: Array, rows: list[list[Row]], *, has_readout: bool
) -> Trace:
    a, h, o, y = (np.array(column, dtype=np.float64) for column in zip(*rows, strict=True))
    return Trace(first, x, a, h, *((o, y) if has_readout else (None, None)), before=before)
