"""Running a network over a block of steps."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from rnncalc.arrays import Array
from rnncalc.network.equations import Equation, Rows, ahead
from rnncalc.network.model import Network
from rnncalc.network.plan import ROWS, plan
from rnncalc.network.trace import Trace, finite_steps, overflow

_MOST_ROWS = 512
_NUMBERS = 2**15  # in a block of steps: its arrays then reuse memory instead of asking for more


def forward(
    network: Network, h: ArrayLike | Mapping[str, Array], x: ArrayLike, first: int = 1
) -> Trace:
    """Run `x` (T, D) from the state `h`; the last row of the result's h is the next `h`.

        a_t = W_xh x_t + W_hh h_{t-1} + b_h     (T, H)
        h_t = f(a_t)                            (T, H)
        o_t = W_hy h_t + b_y                    (T, K)
        y_t = g(o_t)                            (T, K)

    Goodfellow, Bengio and Courville, Deep Learning (2016), equations 10.8 to 10.11. However a
    sequence is cut into blocks, the values are the same to the last bit (with one BLAS thread).

    Args:
        network: the layers and the readout.
        h: the state before the first step, (H,), or one row per state of a stack.
        x: the inputs, one row per step.
        first: t of the first step, when this is not the first block.

    Raises:
        InputError: a shape does not fit, a number is not finite, or the state overflows.
    """
    return calculated(network.equations, network.start(h), network.sequence(x), first)


def calculated(equations: Sequence[Equation], start: Rows, x: Array, first: int = 1) -> Trace:
    """Return the trace of any equations over `x` (T, D), from a start by name.

    Raises:
        InputError: a quantity overflows.
    """
    with np.errstate(all="ignore"):  # what overflows is named afterwards, with its step
        rows = plan(equations, {"x": x.shape[1]})(start, {"x": x})
    trace = Trace(first, {"x": x, **rows}, start, ahead(equations))
    if (good := finite_steps(trace)) < len(trace):
        raise overflow(trace, good)
    return trace


def run(
    network: Network, h: ArrayLike | Mapping[str, Array], blocks: Iterable[ArrayLike]
) -> Iterator[Trace]:
    """Yield traces of a sequence that comes in blocks (T, D), from the state `h`.

    A long block is yielded in parts, so that memory depends on neither. Where the state overflows,
    all steps before that one are yielded first: what comes out does not depend on the cuts. A
    network with a backward direction needs the whole sequence before it yields anything.
    """
    if not network.streams:
        x = network.sequence(np.concatenate([*blocks]))
        yield calculated(network.equations, network.start(h), x)
        return
    at_once = max(ROWS, min(_MOST_ROWS, _NUMBERS // sum(network.sizes.values()) // ROWS * ROWS))
    calculate = plan(network.equations, {"x": network.input_size})
    before, first = network.start(h), 1
    for block in blocks:
        steps = network.sequence(block)
        for begin in range(0, len(steps), at_once):
            some = steps[begin : begin + at_once]
            with np.errstate(all="ignore"):
                trace = Trace(first, {"x": some, **calculate(before, {"x": some})}, before)
            first += len(trace)
            before = {name: trace[name][-1].copy() for name in before}  # a trace may be changed
            if good := finite_steps(trace):
                yield trace.part(0, good)
            if good < len(trace):
                raise overflow(trace, good)
