"""Running a network over a block of steps."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from rnncalc.arrays import Array
from rnncalc.network.cells import Cell, Readout
from rnncalc.network.model import Network
from rnncalc.network.trace import Trace, finite_steps, overflow

_ROWS = 64  # of the buffers: few to split into views, and they stay in the cache
_NUMBERS = 2**15  # in a block of steps: its arrays then reuse memory instead of asking for more

COMPUTED = ("a", "h", "o", "y")
"""The quantities of a step in the order in which they are computed; o and y need a readout."""

Recur: TypeAlias = Callable[[Array, Array], tuple[Array, Array]]


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
    trace = _traced(network, _recurrence(network.cell), network.state(h), x, first)
    if (good := finite_steps(trace)) < len(trace):
        raise overflow(trace, good)
    return trace


def run(network: Network, h: ArrayLike, blocks: Iterable[ArrayLike]) -> Iterator[Trace]:
    """Yield traces of a sequence that comes in blocks (T, D), from the state `h` (H,).

    A long block is yielded in parts, so that memory depends on neither. Where the state overflows,
    all steps before that one are yielded first: what comes out does not depend on the cuts.
    """
    at_once = max(_ROWS, min(512, _NUMBERS // network.cell.joined.shape[1]))
    recur = _recurrence(network.cell)
    state, first = network.state(h), 1
    for block in blocks:
        steps = network.sequence(block)
        for begin in range(0, len(steps), at_once):
            trace = _traced(network, recur, state, steps[begin : begin + at_once], first)
            first, state = first + len(trace), trace.h[-1].copy()  # what is yielded may be changed
            if good := finite_steps(trace):
                yield trace.part(0, good)
            if good < len(trace):
                raise overflow(trace, good)


def _traced(network: Network, recur: Recur, h: Array, x: Array, first: int) -> Trace:
    with np.errstate(all="ignore"):  # what overflows is named afterwards, with its step
        a, states = recur(h, x)
        o, y = _read_out(network.readout, states) if network.readout else (None, None)
    return Trace(first, x, a, states, o, y, before=h)


def _recurrence(cell: Cell) -> Recur:
    """Return the function from h (H,) and x (T, D) to a (T, H) and h (T, H).

    A step is one product, [W_hh W_xh b_h] [h; x; 1], between buffers that were split into rows
    beforehand: the fastest that NumPy can do. A product over all rows at once would give other last
    bits for other cuts.
    """
    n = cell.hidden_size
    joined = np.ones((_ROWS + 1, n + cell.input_size + 1))
    a_rows = np.empty((_ROWS, n))
    h_rows = joined[1:, :n]  # the h of a step is in place for the next
    views = list(zip(joined[:-1], a_rows, h_rows, strict=True))
    multiply, f = cell.joined.dot, cell.activation.function

    def recur(h: Array, x: Array) -> tuple[Array, Array]:
        a, states = np.empty((len(x), n)), np.empty((len(x), n))
        for begin in range(0, len(x), _ROWS):
            some = x[begin : begin + _ROWS]
            end = begin + len(some)
            joined[0, :n], joined[: len(some), n:-1] = h, some
            for z, a_t, h_t in views[: len(some)]:
                multiply(z, a_t)
                f(a_t, h_t)
            a[begin:end], states[begin:end] = a_rows[: len(some)], h_rows[: len(some)]
            h = states[end - 1]
        return a, states

    return recur


def _read_out(readout: Readout, h: Array) -> tuple[Array, Array]:
    o = np.matvec(readout.W_hy, h)
    o += readout.b_y
    y = np.empty_like(o)
    readout.activation.function(o, y)
    return o, y
