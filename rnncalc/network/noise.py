"""How far two correct calculations of one network may drift apart.

Another program adds the same terms in another order, so the last bit of every sum differs. In a
network that forgets, this stays harmless; if the recurrence is chaotic, it grows until the values
have nothing in common, and neither program is wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np

from rnncalc.arrays import Array
from rnncalc.network.activations import SOFTMAX, Activation
from rnncalc.network.equations import (
    Affine,
    Applied,
    Called,
    Combined,
    Equation,
    Outer,
    Rows,
    Steps,
    columns,
    follow,
    passes,
)
from rnncalc.network.trace import Trace, given_in
from rnncalc.numerals.printed import EPSILON

_SHADOWS = 4
_SAFETY = 16  # another order of additions errs by a few units, and in directions not tried here
_GROWN = 4  # over many steps the errors of a single one even out
_SIGNS = np.array((-1, 1), dtype=np.int8)
NOT_ROUNDED = ("linear", "relu", "relu6", "step", "step0", "hard_tanh")
"""Functions that give their argument, or one of a few numbers, as they are."""

_AT_ONCE = 512  # steps: the shadows of more would take much memory


@dataclass(frozen=True, eq=False)
class Noise:
    """How far a right value may be off, by quantity, each (T, 1) or (T, n).

    Attributes:
        equations: what a step consists of.
        trace: the run.
        epsilon: the unit in the last place of 1.
    """

    equations: Sequence[Equation]
    trace: Trace
    epsilon: float = EPSILON

    @cached_property
    def fresh(self) -> Rows:
        """What a single step adds."""
        unit, found = _SAFETY * self.epsilon, dict[str, Array]()
        for each in self.equations:
            name = each.name
            if isinstance(each, Affine):
                found[name] = unit * self.sums[name]
            elif isinstance(each, Applied):
                found[name] = self._through(each, found[each.source])
            else:
                found[name] = unit * self.sizes[name]
        return found

    def _through(self, equation: Applied, off: Array) -> Array:
        """Return how far a function may be off whose argument is, (T, n)."""
        f = equation.activation
        through = moved(f, self.trace[equation.source], off)
        if f.name in NOT_ROUNDED:
            return np.minimum(through, off)  # where a step function jumps, a sum is what it is
        return through + _SAFETY * self.epsilon * np.abs(self.trace[equation.name])

    @cached_property
    def grown(self) -> Rows:
        """What has accumulated over the steps before."""
        return {n: _GROWN * drift + self.fresh[n] for n, drift in self.drift.items()}

    @cached_property
    def drift(self) -> Rows:
        """How far runs drift apart that differ in the last place of their sums.

        The network is run beside itself, with every recurrent sum moved by one unit in the last
        place. The state before step 1 may be zero, and a network may forget for a long time before
        it does not: so the sums are moved at every step, not only at the first.
        """
        return _drift(self.equations, self.trace, self.sizes, self.epsilon)

    @cached_property
    def sizes(self) -> Rows:
        """The size of the numbers that the largest value is calculated from, (T, 1)."""
        found = _sizes(self.equations, self.trace, self.sums)
        return {n: size[:, None] for n, size in found.items()}

    @cached_property
    def sums(self) -> Rows:
        """The size of the numbers that each value of a sum is calculated from, (T, n)."""
        return _sums(self.equations, self.trace)


def moved(f: Activation, a: Array, off: Array) -> Array:
    """Return how far f(a) moves where `a` does, by `off` either way, (T, n)."""
    if f is SOFTMAX:
        return _softmax_moved(a, off.max(axis=1, keepdims=True))
    return cast(Array, np.maximum(np.abs(f(a + off) - f(a)), np.abs(f(a - off) - f(a))))


def _softmax_moved(o: Array, off: Array) -> Array:
    """Return a bound on how far softmax(o) moves where every o does, by `off` (T, 1).

    It is a sigmoid of how far an o is above the others, ln(y / (1 - y)), which moves by 2 off at
    most. At z a sigmoid is no steeper than e^-|z| and 1/4, and |z| is the way to the highest other
    o, or a little less if there are several.
    """
    if o.shape[1] == 1:
        return np.zeros_like(o)  # it is always 1
    second, highest = np.sort(o, axis=1)[:, -2:].T[..., None]
    away = np.where(o == highest, highest - second, highest - o)
    nearest = np.maximum(away - np.log(o.shape[1]) - 2 * off, 0.0)
    steepest: Array = np.minimum(np.exp(-nearest), 0.25)
    return np.minimum(2 * off * steepest, 1.0)


def _sums(equations: Sequence[Equation], trace: Trace) -> Rows:
    """Return (T, n), the size of each sum: that of its terms without their signs."""
    sums = [each.changed(np.abs) for each in equations if isinstance(each, Affine)]
    start = {name: np.abs(row) for name, row in trace.before.items()}
    known = {name: np.abs(rows) for name, rows in trace.rows.items()}
    sizes: Rows = {}
    for each in sums:
        found, _ = columns([each], start, known)
        # the errors of n additions are of either sign, so about sqrt(n) of them remain
        terms = sum(term.weight.shape[1] for term in each.terms)
        sizes[each.name] = found[each.name] * np.sqrt(terms)
    return sizes


def _sizes(equations: Sequence[Equation], trace: Trace, sums: Rows) -> Rows:
    """Return (T,), the size of the largest sum that each quantity is calculated from."""
    sizes: Rows = {name: of.max(axis=1) for name, of in sums.items()}
    for other in equations:  # a function is no steeper than 1; x is given, and not off at all
        if not isinstance(other, Affine):
            sources = [sizes.get(source, np.zeros(len(trace))) for source, _ in other.reads]
            if isinstance(other, Combined | Called | Outer):  # as large as what is multiplied
                sources.append(np.abs(trace[other.name]).max(axis=1))
            sizes[other.name] = np.max(sources, axis=0)
    return sizes


def _alike(rows: Array) -> Array:
    """Return the rows (T, m) for each of the runs, (T, runs, m)."""
    return np.broadcast_to(rows[:, None], (len(rows), _SHADOWS, rows.shape[1]))


def _drift(equations: Sequence[Equation], trace: Trace, sizes: Rows, epsilon: float) -> Rows:
    """Return (T, 1), how far runs drift apart whose recurrent sums are moved in the last place."""
    moved = {e.name: e.size for e in equations if any(lag for _, lag in e.reads)}
    before = {name: np.tile(row, (_SHADOWS, 1)) for name, row in trace.before.items()}
    random = np.random.default_rng(0)
    found: Rows = {name: np.empty((len(trace), 1)) for name in sizes}
    at_once = _AT_ONCE if len(passes(equations)) == 1 else len(trace)
    for begin in range(0, len(trace), at_once):
        part = trace.part(begin, min(begin + at_once, len(trace)))
        moves = {name: random.choice(_SIGNS, (len(part), _SHADOWS, n)) for name, n in moved.items()}

        def adopt(name: str, t: Steps, row: Array) -> Array:
            if name not in moves:  # noqa: B023  # called in this part only
                return row
            assert isinstance(t, int)
            move: Array = epsilon * sizes[name][begin + t] * moves[name][t]  # noqa: B023
            return row + move

        given = {name: _alike(rows) for name, rows in given_in(part, equations).items()}
        _, shadows = follow(equations, before, given, adopt)
        last = shadows | given
        before = {name: last[name][-1] for name in before if name in last}
        for name, rows in shadows.items():
            here = slice(begin, begin + len(part))
            found[name][here, 0] = np.abs(rows - part[name][:, None]).max(axis=(1, 2))
    return found
