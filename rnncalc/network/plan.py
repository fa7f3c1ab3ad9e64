"""A list of equations as NumPy calls, the fastest way to run them.

What does not depend on another step is calculated for many steps at once; what does is a flat list
of calls on rows that were split beforehand. All products have one fixed shape, so that the bits of
a row never depend on how a sequence was cut into blocks. A pass from the last step to the first is
one from the first to the last over rows in reverse order.
"""

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from operator import call

import numpy as np

from rnncalc.arrays import Array
from rnncalc.network.equations import (
    Affine,
    Applied,
    At,
    Combined,
    Equation,
    Pass,
    Rows,
    passes,
)

_LEAST, _MOST = 64, 256  # steps in a buffer; every BLAS kernel takes 64 rows without a remainder
_NUMBERS = 2**17  # in all buffers: few enough for the cache
_SMALL = 2**15  # numbers in the weights of a sum: joining fewer saves a call in each step
_BLOCK = 2**16  # numbers of a weight that are read at a time: the cache holds more than one block

Run = Callable[[Mapping[str, Array], Rows], Rows]
Call = tuple[Callable[..., object], *tuple[Iterable[object], ...]]
"""A function, and for each of its arguments what it is in each step: the rows of a buffer."""

Stage = Callable[[int], None]
"""Calculates the rows of some quantities; takes how many steps of the buffers are in use."""


def steps_at_once(sizes: Iterable[int]) -> int:
    """Return how many steps of quantities of these sizes are calculated at once."""
    return max(_LEAST, min(_MOST, _NUMBERS // sum(sizes) // _LEAST * _LEAST))


def plan(equations: Sequence[Equation], sizes: Mapping[str, int]) -> Run:
    """Return the function from a start and what is given (T, m) to the rows (T, n) of the rest.

    Args:
        equations: in the order in which they are calculated.
        sizes: the number of components of everything that is given, such as x.
    """
    of_all = {**sizes} | {equation.name: equation.size for equation in equations}
    runs = [_pass(each, of_all) for each in passes(equations)]

    def run(start: Mapping[str, Array], given: Rows) -> Rows:
        steps = len(next(iter(given.values())))
        found: Rows = {e.name: np.empty((steps, e.size)) for e in equations}
        known = given | found
        for calculate in runs:
            calculate(start, known)
        return found

    return run


def _pass(one: Pass, sizes: Mapping[str, int]) -> Callable[[Mapping[str, Array], Rows], None]:
    """Return the function that fills in the rows of one pass, from a start and what is known.

    A buffer has the row beyond the first step of a block in its row 0, so step t is row t + 1, and
    the row after it is that beyond the last step.
    """
    direction, equations = one
    names = [equation.name for equation in equations]
    reads = dict.fromkeys(read for equation in equations for read in equation.reads)
    outside = {source: {lag * direction for s, lag in reads if s == source} for source, _ in reads}
    for name in names:
        outside.pop(name, None)
    carried = [name for name in names if any(lag for source, lag in reads if source == name)]
    at_once = steps_at_once(sizes.values())
    buffers: Rows = {name: _buffer(at_once + 2, sizes[name]) for name in (*names, *outside)}
    stages = [_stage(group, buffers, direction) for group in groups(equations)]

    def calculate(start: Mapping[str, Array], known: Rows) -> None:
        rows = {name: known[name][::direction] for name in buffers}
        steps = len(next(iter(rows.values())))
        for name in carried:
            buffers[name][0] = start[name]
        for begin in range(0, steps, at_once):
            used = min(at_once, steps - begin)
            for name, lags in outside.items():
                _fill(buffers[name], rows[name], begin, lags, start.get(name))
            for stage in stages:
                stage(used)
            for name in names:
                rows[name][begin : begin + used] = buffers[name][1 : used + 1]
            for name in carried:
                buffers[name][0] = buffers[name][used]

    return calculate


def _fill(buffer: Array, rows: Array, begin: int, lags: set[int], beyond: Array | None) -> None:
    """Copy a block of the rows that are known to the buffer, with those beside it if needed."""
    some = rows[begin : begin + len(buffer) - 2]
    end = len(some) + 1
    buffer[1:end] = some
    buffer[end:] = 0.0
    if -1 in lags:
        buffer[0] = rows[begin - 1] if begin else beyond
    if 1 in lags:
        buffer[end] = rows[begin + len(some)] if begin + len(some) < len(rows) else beyond


def groups(equations: Sequence[Equation]) -> Iterator[list[Equation]]:
    """Yield the equations one by one, but those that form a cycle through a lag together.

    Each comes after those that it is calculated from.
    """
    names = {equation.name for equation in equations}
    reads = {e.name: {source for source, _ in e.reads} & names for e in equations}
    for _ in equations:  # what is read by what is read: as far as it goes
        reads = {name: of.union(*(reads[each] for each in of)) for name, of in reads.items()}
    waiting = [*equations]
    while waiting:
        # whatever reads no other that still waits, but those in a cycle with it
        still = {equation.name for equation in waiting}
        first = next(
            e for e in waiting if all(e.name in reads[name] for name in reads[e.name] & still)
        )
        own = reads[first.name] & still
        yield [e for e in waiting if e.name in own] if own else [first]
        waiting = [e for e in waiting if e.name not in own | {first.name}]


def _stage(group: list[Equation], buffers: Rows, direction: int) -> Stage:
    names = {equation.name for equation in group}
    due = partial(_due, buffers, direction)
    if not any(source in names for equation in group for source, _ in equation.reads):
        return partial(_whole, group[0], buffers, due)
    return _loop(group, names, buffers, due)


def _whole(equation: Equation, buffers: Rows, due: At, _: int) -> None:
    """Calculate all rows of a quantity that depends on no earlier step."""
    out = buffers[equation.name][1:-1]
    if isinstance(equation, Applied):
        equation.activation.function(due(equation.source, 0), out)
    else:
        out[:] = equation.of(due)


def _due(buffers: Rows, direction: int, source: str, lag: int) -> Array:
    buffer, first = buffers[source], 1 + lag * direction
    return buffer[first : first + len(buffer) - 2]


def _loop(group: list[Equation], names: set[str], buffers: Rows, due: At) -> Stage:
    """Return the stage that calculates quantities that depend on each other's earlier steps."""
    prepare: list[Callable[[], None]] = []
    calls: list[Call] = []
    for equation in group:
        out = buffers[equation.name][1:-1]
        if isinstance(equation, Applied):
            calls.append((equation.activation.function, [*due(equation.source, 0)], [*out]))
        elif isinstance(equation, Combined):
            calls += _combined(equation, due, out)
        elif not isinstance(equation, Affine):
            calls.append(_by_row(equation, due, out))
        elif equation is group[0] and _is_small(equation, names):
            calls.append(_joined(equation, names, buffers, due, prepare))
        else:
            calls += _summed(equation, names, due, out, prepare)

    def stage(steps: int) -> None:
        for ready in prepare:
            ready()
        # all calls of a step, then those of the next: a loop that runs without the interpreter
        deque(zip(range(steps), *(map(*each) for each in calls), strict=False), maxlen=0)

    return stage


def _by_row(equation: Equation, due: At, out: Array) -> Call:
    """Return the call of an equation of a kind that is rare in a cycle."""

    def calculate(row: int) -> None:
        out[row] = equation.of(lambda source, lag: due(source, lag)[row])

    return calculate, range(len(out))


def _combined(equation: Combined, due: At, out: Array) -> list[Call]:
    """Return the calls of a sum of products: one for each product and addition."""
    more, calls, total = np.empty_like(out), list[Call](), out
    for n, part in enumerate(equation.parts):
        first, *others = (due(*source) for source in part.sources)
        product = more if n else out
        for other in others:
            calls.append((np.multiply, [*first], [*other], [*product]))
            first = product
        if part.factor not in (1, -1) or (part.factor == -1 and not n):
            factors = np.full_like(out, part.factor)
            calls.append((np.multiply, [*first], [*factors], [*product]))
            first = product
        if n:
            subtracts = part.factor == -1
            calls.append((np.subtract if subtracts else np.add, [*total], [*first], [*out]))
            total = out
        else:
            total = first  # a part that is a quantity as it is needs no copy
    return calls if total is out else [*calls, (np.positive, [*total], [*out])]


def _is_small(equation: Affine, names: set[str]) -> bool:
    """Return whether one product of all terms is faster than a product, and an addition."""
    inside = [abs(term.lag) for term in equation.terms if term.source in names]
    return inside == [1] and sum(term.weight.size for term in equation.terms) <= _SMALL


def _joined(
    equation: Affine, names: set[str], buffers: Rows, due: At, prepare: list[Callable[[], None]]
) -> Call:
    """Return the call of one product for each step: [W_hh W_xh b_h] [h; x; 1].

    The buffer of h becomes a part of [h; x; 1], so that the h of a step is in place for the next.
    """
    terms = sorted(equation.terms, key=lambda term: term.source not in names)
    weights = [term.weight for term in terms] + [bias.vector[:, None] for bias in equation.biases]
    matrix = by_columns(np.hstack(weights))
    out = buffers[equation.name][1:-1]
    width = matrix.shape[1]
    joined = _buffer(len(out) + 2, width)
    joined[:] = 1.0
    edges = np.cumsum([term.weight.shape[1] for term in terms])
    buffers[terms[0].source] = joined[:, : edges[0]]
    for term, begin, end in zip(terms[1:], edges[:-1], edges[1:], strict=True):
        source = due(term.source, term.lag)
        prepare.append(partial(np.copyto, joined[:-2, begin:end], source))
    return matrix.dot, [*joined[:-2]], [*out]


def _summed(
    equation: Affine, names: set[str], due: At, out: Array, prepare: list[Callable[[], None]]
) -> list[Call]:
    """Return the calls of a product and an addition per step; the rest is calculated before."""
    inside = [term for term in equation.terms if term.source in names]
    rest = replace(equation, terms=tuple(t for t in equation.terms if t.source not in names))
    free, more = np.zeros_like(out), np.empty_like(out)
    free[:] = equation.bias
    if rest.terms:
        prepare.append(lambda: np.copyto(free, rest.of(due)))
    calls = list[Call]()
    for n, term in enumerate(inside):
        product = more if n else out
        calls += _products(term.weight, due(term.source, term.lag), product)
        calls.append((np.add, [*out], [*(product if n else free)], [*out]))
    return calls


def _products(weight: Array, rows: Array, out: Array) -> list[Call]:
    """Return the calls of the product of a weight and each row.

    A weight that the cache cannot hold is read block by block, to and fro: a step begins with what
    the step before it has read last. The order of the blocks does not change the bits of any.
    """
    n = -(-weight.size // _BLOCK)
    dots = [by_columns(block).dot for block in np.array_split(weight, n)]
    outs = [[*block] for block in np.array_split(out, n, axis=1)]
    return [
        (
            call,
            [dots[fro if t % 2 else to] for t in range(len(out))],
            [*rows],
            [outs[fro if t % 2 else to][t] for t in range(len(out))],
        )
        for to, fro in zip(range(n), reversed(range(n)), strict=True)
    ]


def by_columns(matrix: Array) -> Array:
    """Return the matrix by columns in memory: the faster way to multiply it by a vector."""
    same = from_cache_line(matrix.shape[::-1]).T
    same[:] = matrix
    return same


def _buffer(steps: int, size: int) -> Array:
    """Return the rows of a quantity, each from the begin of a cache line."""
    return from_cache_line((steps, -(-size // 8) * 8))[:, :size]


def from_cache_line(shape: tuple[int, ...]) -> Array:
    """Return zeros that begin where a cache line does, which NumPy's own do by chance.

    A product reads 64 bytes at a time: from two cache lines if these are elsewhere, and a run of
    128 units or more takes a third longer.
    """
    numbers = np.zeros(math.prod(shape) + 7)
    first = -numbers.ctypes.data % 64 // 8
    return numbers[first : first + math.prod(shape)].reshape(shape)
