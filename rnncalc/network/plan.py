"""A list of equations as NumPy calls, the fastest way to run them.

What does not depend on an earlier step is calculated for many steps at once; what does is a flat
list of calls on rows that were split beforehand. All products have one fixed shape, so that the
bits of a row never depend on how a sequence was cut into blocks.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain

import numpy as np

from rnncalc.arrays import Array
from rnncalc.network.equations import Affine, Applied, Equation, Rows, lagged

ROWS = 64  # steps in a buffer: few enough to stay in the cache, and every BLAS kernel divides them
_SMALL = 2**15  # numbers in the weights of a sum: joining fewer saves a call in each step

Run = Callable[[Mapping[str, Array], Array], Rows]
Call = Callable[[], object]
Stage = Callable[[int], None]
"""Calculates the rows of some quantities; takes how many steps of the buffers are in use."""


def plan(equations: Sequence[Equation], input_size: int) -> Run:
    """Return the function from a start and x (T, D) to the rows (T, n) of every quantity.

    A buffer has the row of the step before in its row 0, so step t of a block is row t + 1.
    """
    sizes = {"x": input_size} | {equation.name: equation.size for equation in equations}
    buffers: Rows = {name: np.zeros((ROWS + 1, size)) for name, size in sizes.items()}
    stages = [_stage(group, buffers) for group in groups(equations)]
    carried = lagged(equations)

    def run(start: Mapping[str, Array], x: Array) -> Rows:
        found: Rows = {e.name: np.empty((len(x), e.size)) for e in equations}
        for name in carried:
            buffers[name][0] = start[name]
        for begin in range(0, len(x), ROWS):
            some = x[begin : begin + ROWS]
            buffers["x"][1 : len(some) + 1] = some
            buffers["x"][len(some) + 1 :] = 0.0
            for stage in stages:
                stage(len(some))
            for name, rows in found.items():
                rows[begin : begin + len(some)] = buffers[name][1 : len(some) + 1]
            for name in carried:
                buffers[name][0] = buffers[name][len(some)]
        return found

    return run


def groups(equations: Sequence[Equation]) -> Iterator[list[Equation]]:
    """Yield the equations one by one, but those that form a cycle through a lag together."""
    reads = {e.name: {source for source, _ in e.reads} - {"x"} for e in equations}
    for _ in equations:  # what is read by what is read: as far as it goes
        reads = {name: of.union(*(reads[each] for each in of)) for name, of in reads.items()}
    done: set[str] = set()
    for equation in equations:
        if equation.name in done:
            continue
        own = reads[equation.name]
        cycle = [e for e in equations if e.name in own and equation.name in reads[e.name]]
        group = cycle or [equation]
        done.update(e.name for e in group)
        yield group


def _stage(group: list[Equation], buffers: Rows) -> Stage:
    names = {equation.name for equation in group}
    if not any(source in names for equation in group for source, _ in equation.reads):
        return partial(_whole, group[0], buffers)
    return _loop(group, names, buffers)


def _whole(equation: Equation, buffers: Rows, _: int) -> None:
    """Calculate all rows of a quantity that depends on no earlier step."""
    if isinstance(equation, Applied):
        equation.activation.function(buffers[equation.source][1:], buffers[equation.name][1:])
    else:
        buffers[equation.name][1:] = equation.of(partial(_due, buffers))


def _due(buffers: Rows, source: str, lag: int) -> Array:
    return buffers[source][1 + lag : ROWS + 1 + lag]


def _loop(group: list[Equation], names: set[str], buffers: Rows) -> Stage:
    """Return the stage that calculates quantities that depend on each other's earlier steps."""
    prepare: list[Callable[[], None]] = []
    calls: list[list[Call]] = []
    for equation in group:
        if isinstance(equation, Applied):
            inner, outer = buffers[equation.source][1:], buffers[equation.name][1:]
            calls.append(_calls(equation.activation.function, inner, outer))
        elif equation is group[0] and _is_small(equation, names):
            calls.append(_joined(equation, names, buffers, prepare))
        else:
            calls += _summed(equation, names, buffers, prepare)
    flat, per_step = list(chain.from_iterable(zip(*calls, strict=True))), len(calls)

    def stage(steps: int) -> None:
        for ready in prepare:
            ready()
        for call in flat[: steps * per_step]:
            call()

    return stage


def _calls(function: Callable[..., object], *rows: Array) -> list[Call]:
    """Return the call of a function on each row, where the last of the `rows` takes the result."""
    return [partial(function, *each) for each in zip(*rows, strict=True)]


def _is_small(equation: Affine, names: set[str]) -> bool:
    """Return whether one product of all terms is faster than a product, and an addition."""
    inside = [term.lag for term in equation.terms if term.source in names]
    return inside == [-1] and sum(term.weight.size for term in equation.terms) <= _SMALL


def _joined(
    equation: Affine, names: set[str], buffers: Rows, prepare: list[Callable[[], None]]
) -> list[Call]:
    """Return the calls of one product for each step: [W_hh W_xh b_h] [h; x; 1].

    The buffer of h becomes a part of [h; x; 1], so that the h of a step is in place for the next.
    """
    terms = sorted(equation.terms, key=lambda term: term.source not in names)
    weights = [term.weight for term in terms] + [bias.vector[:, None] for bias in equation.biases]
    matrix = _by_columns(np.hstack(weights))
    joined = np.ones((ROWS + 1, matrix.shape[1]))
    edges = np.cumsum([term.weight.shape[1] for term in terms])
    buffers[terms[0].source] = joined[:, : edges[0]]
    for term, begin, end in zip(terms[1:], edges[:-1], edges[1:], strict=True):
        due = _due(buffers, term.source, term.lag)
        prepare.append(partial(np.copyto, joined[:-1, begin:end], due))
    return _calls(matrix.dot, joined[:-1], buffers[equation.name][1:])


def _summed(
    equation: Affine, names: set[str], buffers: Rows, prepare: list[Callable[[], None]]
) -> list[list[Call]]:
    """Return the calls of a product and an addition per step; the rest is calculated before."""
    inside = [term for term in equation.terms if term.source in names]
    rest = replace(equation, terms=tuple(t for t in equation.terms if t.source not in names))
    free, more = np.zeros((ROWS, equation.size)), np.empty((ROWS, equation.size))
    out = buffers[equation.name][1:]
    if rest.terms or rest.biases:
        prepare.append(lambda: np.copyto(free, rest.of(partial(_due, buffers))))
    calls = []
    for n, term in enumerate(inside):
        product = more if n else out
        due = _due(buffers, term.source, term.lag)
        calls.append(_calls(_by_columns(term.weight).dot, due, product))
        calls.append(_calls(np.add, out, product if n else free, out))
    return calls


def _by_columns(matrix: Array) -> Array:
    """Return the matrix by columns in memory: the faster way to multiply it by a vector."""
    return np.asfortranarray(matrix)
