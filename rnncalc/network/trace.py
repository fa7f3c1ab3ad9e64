"""A Trace: consecutive steps of a run, and the first of them that is not finite."""

from dataclasses import dataclass, field

import numpy as np

from rnncalc.arrays import Array
from rnncalc.errors import InputError


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
        before: (H,), the state before the first row; empty where nobody asks for it.
    """

    first: int
    x: Array
    a: Array
    h: Array
    o: Array | None = None
    y: Array | None = None
    before: Array = field(default_factory=lambda: np.empty(0), kw_only=True)

    def __len__(self) -> int:
        """Return T, the number of steps."""
        return len(self.h)

    def part(self, begin: int, end: int) -> "Trace":
        """Return the rows from `begin`, counted from 0, to before `end`."""
        rows = slice(begin, end)
        o, y = (None if q is None else q[rows] for q in (self.o, self.y))
        before = self.h[begin - 1] if begin else self.before
        first = self.first + begin
        return Trace(first, self.x[rows], self.a[rows], self.h[rows], o, y, before=before)


def finite_steps(trace: Trace) -> int:
    """Return how many steps there are before the first with a figure that is not finite."""
    given = [rows for rows in (trace.a, trace.h, trace.o, trace.y) if rows is not None]
    if all(np.isfinite(rows).all() for rows in given):
        return len(trace)
    finite = np.logical_and.reduce([np.isfinite(rows).all(axis=1) for rows in given])
    return int(finite.argmin())


def overflow(trace: Trace, row: int) -> InputError:
    """Return the error for a row that is not finite; the state is named before what led to it."""
    named = {"h": trace.h, "a": trace.a, "o": trace.o, "y": trace.y}
    bad = [name for name, q in named.items() if q is not None and not np.isfinite(q[row]).all()]
    return InputError(
        f"step {trace.first + row}: {bad[0]} is no longer finite: "
        "it has grown past 1.8e308, the largest number there is"
    )
