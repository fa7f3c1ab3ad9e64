"""Running a network over a block of steps."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from rnncalc.errors import InputError
from rnncalc.network.activations import Array
from rnncalc.network.model import Cell, Network, Readout


@dataclass(frozen=True, eq=False)
class Trace:
    """Consecutive steps of a run, as arrays with a row a step.

    Attributes:
        first: t of the first row; t counts from 1.
        x: (T, D), the inputs.
        a: (T, H), the pre-activations.
        h: (T, H), the hidden states.
        o: (T, K), the outputs before g, or None without a readout.
        y: (T, K), the outputs, or None without a readout.
    """

    first: int
    x: Array
    a: Array
    h: Array
    o: Array | None = None
    y: Array | None = None

    def __len__(self) -> int:
        """Return T, the number of steps."""
        return len(self.h)


def forward(network: Network, h: ArrayLike, x: ArrayLike, first: int = 1) -> Trace:
    """Run `x` (T, D) from the state `h` (H,); the last row of the result's h is the next `h`.

        a_t = W_xh x_t + W_hh h_{t-1} + b_h     (T, H)
        h_t = f(a_t)                            (T, H)
        o_t = W_hy h_t + b_y                    (T, K)
        y_t = g(o_t)                            (T, K)

    Goodfellow, Bengio and Courville, Deep Learning (2016), equations 10.8 to 10.11. However a
    sequence is cut into blocks, the figures are the same to the last bit (with one BLAS thread).

    Args:
        network: the cell and its readout.
        h: the state before the first step.
        x: the inputs, a row a step.
        first: t of the first step, when this is not the first block.

    Raises:
        InputError: a shape does not fit, a number is not finite, or the state overflows.
    """
    x = network.sequence(x)
    with np.errstate(all="ignore"):  # what overflows is named below, with its step
        a, states = _recur(network.cell, network.state(h), x)
        o, y = _read_out(network.readout, states) if network.readout else (None, None)
    trace = Trace(first, x, a, states, o, y)
    _refuse_overflow(trace)
    return trace


def run(network: Network, h: ArrayLike, blocks: Iterable[ArrayLike]) -> Iterator[Trace]:
    """Yield a trace for each block of inputs (T, D), each from the last state of the one before."""
    first = 1
    for x in blocks:
        trace = forward(network, h, x, first)
        yield trace
        first, h = first + len(trace), trace.h[-1]


def _recur(cell: Cell, h: Array, x: Array) -> tuple[Array, Array]:
    # One product a step, [W_hh W_xh b_h] [h; x; 1], on rows of one buffer: the fastest that NumPy
    # can do, and a product over all rows at once would give other last bits for other cuts.
    steps, n = len(x), cell.hidden_size
    joined = np.empty((steps + 1, n + x.shape[1] + 1))
    joined[0, :n], joined[:steps, n:-1], joined[:, -1] = h, x, 1.0
    states, a = joined[1:, :n], np.empty((steps, n))
    multiply = np.hstack((cell.W_hh, cell.W_xh, cell.b_h[:, None])).dot
    f = cell.activation.function
    for z, a_t, h_t in zip(joined, a, states, strict=False):  # joined has a row more: the last h
        multiply(z, a_t)
        f(a_t, h_t)
    return a, np.ascontiguousarray(states)


def _read_out(readout: Readout, h: Array) -> tuple[Array, Array]:
    o = np.matvec(readout.W_hy, h) + readout.b_y
    y = np.empty_like(o)
    readout.activation.function(o, y)
    return o, y


def _refuse_overflow(trace: Trace) -> None:
    """Name the first step whose figures are not finite; the state before what led to it."""
    named = {"h": trace.h, "a": trace.a, "o": trace.o, "y": trace.y}
    bad = {
        name: int(np.argmin(np.isfinite(rows).all(axis=1)))
        for name, rows in named.items()
        if rows is not None and not np.isfinite(rows).all()
    }
    if bad:
        name = min(bad, key=lambda n: bad[n])
        raise InputError(
            f"step {trace.first + bad[name]}: {name} is no longer finite: "
            "it has grown past 1.8e308, the largest number there is"
        )
