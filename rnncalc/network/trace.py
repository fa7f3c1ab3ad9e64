"""A Trace: consecutive steps of a run, and the first of them that is not finite."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from rnncalc.arrays import Array
from rnncalc.errors import InputError
from rnncalc.network.equations import Equation, Rows

SYMBOL, TARGET, LOSS, GENERATED = "symbol", "target", "loss", "generated"
"""Notes: the position of the symbol that x was given as (T,), the targets (T, K), the loss (T,),
and 1 at each step that was appended (T,)."""

DRAWN = "drawn_from"
"""A note: the probabilities (T, K) that the next symbol is drawn with, softmax(o / T)."""


@dataclass(frozen=True, eq=False)
class Trace:
    """Consecutive steps of a run; `trace["h"]`, or `trace.h`, is the (T, H) array of its states.

    Attributes:
        first: t of the first row; t counts from 1.
        rows: (T, n) for x and for each quantity, in the order in which they are calculated.
        before: (n,), the row before the first one of each quantity that is read with a lag, and the
            row after the last one of each in `ahead`; empty where nobody asks for it.
        ahead: the quantities whose row of the step after is read.
        to_end: whether the last row is that of the last step, as far as anything is read ahead.
        notes: (T,) or (T, n), what is known of each step beside its quantities: `SYMBOL`, ...
    """

    first: int
    rows: Rows
    before: Mapping[str, Array] = field(default_factory=dict)
    ahead: frozenset[str] = frozenset()
    to_end: bool = True
    notes: Mapping[str, Array] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return T, the number of steps."""
        return len(self.rows["x"])

    def __getitem__(self, name: str) -> Array:
        """Return the rows (T, n) of a quantity."""
        return self.rows[name]

    def __getattr__(self, name: str) -> Array:
        """Return the rows (T, n) of a quantity: `trace.h`."""
        rows: Rows = self.__dict__.get("rows", {})  # there is none while a copy is being made
        if name not in rows:
            raise AttributeError(f"a trace of {', '.join(rows)} has no {name}")
        return rows[name]

    def part(self, begin: int, end: int) -> "Trace":
        """Return the rows from `begin`, counted from 0, to before `end`."""
        rows = {name: of[begin:end] for name, of in self.rows.items()}
        before = {name: self._beside(name, begin, end) for name in self.before}
        to_end = self.to_end and end >= len(self)
        notes = {name: of[begin:end] for name, of in self.notes.items()}
        return Trace(self.first + begin, rows, before, self.ahead, to_end, notes)

    def _beside(self, name: str, begin: int, end: int) -> Array:
        """Return the row that is read beside those from `begin` to before `end`."""
        if name in self.ahead:
            return self.rows[name][end] if end < len(self) else self.before[name]
        return self.rows[name][begin - 1] if begin else self.before[name]


def given_in(trace: Trace, equations: Iterable[Equation]) -> Rows:
    """Return the rows (T, m) of what the equations do not calculate: x, and targets."""
    calculated = {each.name for each in equations}
    return {name: rows for name, rows in trace.rows.items() if name not in calculated}


def finite_steps(trace: Trace) -> int:
    """Return how many steps there are before the first with a value that is not finite."""
    if all(np.isfinite(rows).all() for rows in trace.rows.values()):
        return len(trace)
    finite = np.logical_and.reduce([np.isfinite(rows).all(axis=1) for rows in trace.rows.values()])
    return int(finite.argmin())


def overflow(trace: Trace, row: int) -> InputError:
    """Return the error for a row that is not finite; the state is named before what led to it.

    In a direction that reads backwards the first such row is the last one in time.
    """
    names = [*(name for name in trace.before if name in trace.rows), *trace.rows]
    bad = next(name for name in names if not np.isfinite(trace[name][row]).all())
    if bad in trace.ahead:
        row = int(np.flatnonzero(~np.isfinite(trace[bad]).all(axis=1))[-1])
    y = trace.rows.get("y", np.full((len(trace), 1), np.nan))[row]
    if bad == LOSS and ((y == 0) | (y == 1)).any():
        return infinite_loss(trace.first + row)
    if bad.startswith("dy"):
        return InputError(
            f"step {trace.first + row}: dL/dy is infinite: y is 0 or 1 where its target is not; "
            "dL/do = y − target is finite (do)"
        )
    return grown("the loss" if bad == LOSS else bad, trace.first + row)


def infinite_loss(t: int) -> InputError:
    """Return the error for the loss of step `t` whose y is 0 or 1 where its target is not."""
    return InputError(
        f"step {t}: the loss is infinite: y is 0 or 1 where its target is not, "
        "perhaps because it was rounded; more decimals may help (-p)"
    )


def grown(name: str, t: int) -> InputError:
    """Return the error for a value of step `t` that is too large for a float."""
    return InputError(
        f"step {t}: {name} is no longer finite: it has grown past 1.8e308, "
        "the largest number there is"
    )
