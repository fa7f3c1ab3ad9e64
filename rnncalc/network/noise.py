"""How far two correct calculations of one network may drift apart.

Another program adds the same terms in another order, so the last bit of every sum differs. In a
network that forgets, this stays harmless; if the recurrence is chaotic, it grows until the values
have nothing in common, and neither program is wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rnncalc.arrays import Array
from rnncalc.network.equations import (
    Affine,
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
_AT_ONCE = 512  # steps: the shadows of more would take much memory


@dataclass(frozen=True, eq=False)
class Noise:
    """How far a right value may be off, by quantity, each (T, 1).

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
        return {n: _SAFETY * self.epsilon * size for n, size in self.sizes.items()}

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
        """The size of the numbers that a value is calculated from, (T, 1)."""
        return {n: size[:, None] for n, size in _sizes(self.equations, self.trace).items()}


def _sizes(equations: Sequence[Equation], trace: Trace) -> Rows:
    """Return (T,), the size of the largest sum of each step, its terms without their signs."""
    sums = [each.changed(np.abs) for each in equations if isinstance(each, Affine)]
    start = {name: np.abs(row) for name, row in trace.before.items()}
    known = {name: np.abs(rows) for name, rows in trace.rows.items()}
    sizes: Rows = {}
    for each in sums:
        found, _ = columns([each], start, known)
        # the errors of n additions are of either sign, so about sqrt(n) of them remain
        terms = sum(term.weight.shape[1] for term in each.terms)
        sizes[each.name] = found[each.name].max(axis=1) * np.sqrt(terms)
    for other in equations:  # a function is no steeper than 1; x is given, and not off at all
        if not isinstance(other, Affine):
            sources = [sizes.get(source, np.zeros(len(trace))) for source, _ in other.reads]
            if isinstance(other, Combined | Called | Outer):  # as large as what is multiplied
                sources.append(known[other.name].max(axis=1))
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
