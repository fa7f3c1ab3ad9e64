"""The same equations in single precision, and how far a correct port in it may be off.

Every sum is taken in the order of the index, and as PyTorch groups it, (W x + b_xh) + (W_hh h +
b_hh); a function is calculated in float64 and rounded. So the values are the same on every machine,
and nearer to PyTorch than sums in whatever order is fast.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import cast

import numpy as np
from numpy.typing import ArrayLike

from rnncalc.arrays import Array
from rnncalc.network.activations import Activation
from rnncalc.network.equations import (
    Adopt,
    Affine,
    Applied,
    At,
    Equation,
    Rows,
    Steps,
    Term,
    follow,
    keep,
    needed,
    parameters,
    passes,
)
from rnncalc.network.forward import in_blocks
from rnncalc.network.model import Network
from rnncalc.network.noise import NOT_ROUNDED, Noise, moved
from rnncalc.network.trace import Trace, given_in
from rnncalc.numerals.printed import Mask

_EPSILON = float(np.finfo(np.float32).eps)
_AT_ONCE = 64  # steps
_PARTS = 4  # of a unit, by one of which sums are moved, so that functions are nearly straight
_UNITS = 1.5  # in the last place, that a step adds


@dataclass(frozen=True, eq=False)
class _InOrder(Affine):
    """A sum in single precision whose additions are made one after the other."""

    def of(self, at: At) -> Array:
        parts: list[Array] = [self._part(term, at(term.source, term.lag)) for term in self.terms]
        return reduce(np.add, parts)

    def _part(self, term: Term, values: Array) -> Array:
        """Return W v and the biases beside it; those that are beside no term go with the first."""
        # of a row (m,), as steps are followed one by one; the only sum of NumPy's that is in order
        part = np.add.accumulate(term.weight * values, axis=1)[:, -1]
        first = term is self.terms[0]
        for bias in self.biases:
            beside = [each.key[1:] for each in self.terms]
            if bias.key[1:] == term.key[1:] or (first and bias.key[1:] not in beside):
                part = part + bias.vector
        return cast(Array, part)


def run_float32(
    network: Network, h: ArrayLike | Mapping[str, Array], blocks: Iterable[ArrayLike]
) -> Iterator[Trace]:
    """Yield traces of a sequence that comes in blocks (T, D), as `run` does, in single precision.

    Each value is the shortest decimal number that reads back to the same float32.

    Raises:
        InputError: a shape does not fit, a number is not finite, or the state overflows.
    """

    def calculate(start: Rows, x: Array) -> Rows:
        return shortest_in_float32(network.equations, start, {"x": x})

    yield from in_blocks(network, h, blocks, calculate, _AT_ONCE)


def shortest_in_float32(
    equations: Sequence[Equation], start: Mapping[str, Array], given: Rows
) -> Rows:
    """Return what `in_float32` does, each value as the shortest number that reads back to it."""
    return {name: _shortest(rows) for name, rows in in_float32(equations, start, given).items()}


def in_float32(
    equations: Sequence[Equation], start: Mapping[str, Array], given: Rows, adopt: Adopt = keep
) -> Rows:
    """Return the rows (T, n) of every quantity, calculated in float32.

    Args:
        equations: in the order in which they are calculated.
        start: the row beyond the first step of each quantity that is read with a lag.
        given: (T, m), x and whatever else is not calculated.
        adopt: returns the row that the calculation continues with, for `follow`.
    """

    def rounded(name: str, t: Steps, row: Array) -> Array:
        return _single(adopt(name, t, row))

    before = {name: _single(row) for name, row in start.items()}
    single = [_in_order(equation) for equation in equations]
    with np.errstate(all="ignore"):  # what overflows is named afterwards
        known = {name: _single(row) for name, row in given.items()}
        return follow(single, before, known, rounded)[1]


@dataclass(frozen=True, eq=False)
class SingleNoise(Noise):
    """How far a right value may be off that was calculated in single precision.

    All ports round the weights and inputs alike, which moves values more than the order of their
    additions does. So a value is held against our own in float32.
    """

    epsilon: float = _EPSILON

    @cached_property
    def single(self) -> Rows:
        """Each value in float32, (T, n)."""
        trace = self.trace
        return in_float32(self.equations, trace.before, given_in(trace, self.equations))

    @cached_property
    def fresh(self) -> Rows:
        """What a single step adds, (T, 1), its sum included."""
        found: Rows = {}
        for each in self.equations:
            if isinstance(each, Applied):
                off = self._through(each, found[each.source])
                found[each.name] = off.max(axis=1, keepdims=True)
            else:
                found[each.name] = 2 * self.step[each.name]
        return found

    @cached_property
    def grown(self) -> Rows:
        """How far a value in float32 may be from the exact one, (T, n)."""
        return {n: np.abs(self.single[n] - self.trace[n]) + of for n, of in self.between.items()}

    @cached_property
    def between(self) -> Rows:
        """How far a value of another port may be from `single`, (T, n) or (T, 1).

        Sums moved by a quarter of a unit drift apart a quarter as far as any order of additions was
        seen to (1,000 networks, eight orders, with and without fused additions). What a single step
        adds is a unit and a half for a sum, three for a function. Where nothing is rounded,
        nothing differs.
        """
        drift = Noise(self.equations, self.trace, _EPSILON / _PARTS).drift
        found: Rows = {}
        for each in self.equations:
            name = each.name
            if isinstance(each, Applied):
                off = self._through(each, found[each.source])
            else:
                off = _PARTS * drift[name] + self.step[name]
            found[name] = np.where(self._is_exact(name), 0.0, off)
        return found

    @cached_property
    def step(self) -> Rows:
        """How far a value may be off that is calculated from those of another port, (T, 1)."""
        found: Rows = {}
        for each in self.equations:
            units = _UNITS * (self.sizes[each.name] + 1)
            if isinstance(each, Applied):
                size = np.maximum(np.abs(self.trace[each.name]).max(axis=1, keepdims=True), 1.0)
                units = 0.0 * size if each.activation.name in NOT_ROUNDED else 2 * _UNITS * size
            found[each.name] = _EPSILON * units
        return found

    def _through(self, equation: Applied, off: Array) -> Array:
        """Return how far a function may be off whose argument is, (T, n)."""
        f, a = equation.activation, self.single[equation.source].astype(np.float64)
        return moved(f, a, off) + self.step[equation.name]

    def _is_exact(self, name: str) -> Mask:
        """Return (T, 1), whether all that leads to a value so far is the same in float32."""
        some = needed(self.equations, [name])
        numbers = [*parameters(some).values(), *self.trace.before.values()]
        if not all(np.array_equal(_single(each), each) for each in numbers):
            return np.zeros((len(self.trace), 1), dtype=np.bool_)
        given = given_in(self.trace, self.equations)
        read = {source for each in some for source, _ in each.reads} & given.keys()
        rows = {n: _single(given[n]) for n in read} | {e.name: self.single[e.name] for e in some}
        every = np.hstack([rows[n] == self.trace[n] for n in rows])
        same: Mask = np.asarray(every.all(axis=1, keepdims=True))
        for direction, _ in passes(some):  # of two, what comes after a step counts too
            same[::direction] = np.logical_and.accumulate(same[::direction])
        return same


def _in_order(equation: Equation) -> Equation:
    if isinstance(equation, Affine):
        single = equation.changed(_single)
        return _InOrder(single.name, single.terms, single.biases)
    if isinstance(equation, Applied):
        f = equation.activation
        rounded = Activation(f.name, f.formula, _rounded(f), f.output_only)
        return Applied(equation.name, rounded, equation.source, equation.size)
    return equation


def _rounded(f: Activation) -> Callable[[Array, Array], object]:
    def function(a: Array, out: Array) -> None:
        out[...] = f(a.astype(np.float64))

    return function


def _shortest(rows: Array) -> Array:
    return cast(Array, rows.astype(np.str_).astype(np.float64))


def _single(array: Array) -> Array:
    # of its type only that it holds numbers is used
    return cast(Array, array.astype(np.float32))
