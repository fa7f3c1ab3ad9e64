"""Running a network over a block of steps."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from rnncalc.arrays import Array
from rnncalc.network.equations import Equation, Rows, ahead
from rnncalc.network.model import Network
from rnncalc.network.plan import plan, steps_at_once
from rnncalc.network.trace import Trace, finite_steps, overflow


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
    return calculated(network.equations, network.start(h), {"x": network.sequence(x)}, first)


def calculated(equations: Sequence[Equation], start: Rows, given: Rows, first: int = 1) -> Trace:
    """Return the trace of any equations over what is given (T, D), such as x, from a start by name.

    Raises:
        InputError: a quantity overflows.
    """
    with np.errstate(all="ignore"):  # what overflows is named afterwards, with its step
        rows = plan(equations, {name: of.shape[1] for name, of in given.items()})(start, given)
    trace = Trace(first, {**given, **rows}, start, ahead(equations))
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
    at_once = steps_at_once(network.sizes.values())
    planned = plan(network.equations, {"x": network.input_size})

    def calculate(before: Rows, x: Array) -> Rows:
        with np.errstate(all="ignore"):
            return planned(before, {"x": x})

    yield from in_blocks(network, h, blocks, calculate, at_once)


def in_blocks(
    network: Network,
    h: ArrayLike | Mapping[str, Array],
    blocks: Iterable[ArrayLike],
    calculate: Callable[[Rows, Array], Rows],
    at_once: int,
) -> Iterator[Trace]:
    """Yield traces of a sequence that comes in blocks, as `run` does.

    Args:
        network: the network.
        h: the state before the first step.
        blocks: of steps (T, D).
        calculate: gives the rows of every quantity, from the state before some steps and from them.
        at_once: the most steps in a trace.

    Raises:
        InputError: a shape does not fit, a number is not finite, or the state overflows.
    """
    some_ahead = ahead(network.equations)
    if not network.streams:
        whole = np.concatenate([network.sequence(block) for block in blocks])
        blocks, at_once = [whole], len(whole)
    before, first = network.start(h), 1
    for block in blocks:
        steps = network.sequence(block)
        for begin in range(0, len(steps), at_once):
            x = steps[begin : begin + at_once]
            trace = Trace(first, {"x": x, **calculate(before, x)}, before, some_ahead)
            first += len(trace)
            before = {name: trace[name][-1].copy() for name in before}  # a trace may be changed
            good = finite_steps(trace)
            if good and (good == len(trace) or network.streams):
                yield trace.part(0, good)
            if good < len(trace):
                raise overflow(trace, good)
