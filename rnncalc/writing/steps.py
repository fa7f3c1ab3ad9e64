"""Which steps a page shows: all of a short sequence, the first and last of a long one."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

from rnncalc.network.trace import Trace

MOST, ENDS = 24, 10  # steps on a page; steps shown from each end of a longer sequence
AT_ONCE = 1000  # steps of a part of a page that shows all of them

Values = dict[str, list[float]]
"""The components of each quantity by its name."""


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
        t: counted from 1.
        values: of this step.
        before: of the step before it, for each quantity that is read with a lag; of the step after
            it in a direction that reads backwards.
        given: the quantities for which that is the initial state, and not calculated.
        notes: what is known of it beside its quantities, as in a Trace.
    """

    t: int
    values: Values
    before: Values
    given: frozenset[str] = frozenset()
    notes: Mapping[str, Any] = field(default_factory=dict)

    def at(self, source: str, lag: int) -> list[float]:
        """Return the components of a quantity that this step is calculated from."""
        return (self.before if lag else self.values)[source]


@dataclass(frozen=True)
class Excerpt:
    """The steps to show, and how many are omitted between `first` and `last`."""

    first: list[Step]
    last: list[Step]
    left_out: int

    @property
    def steps(self) -> list[Step]:
        """All steps to show."""
        return [*self.first, *self.last]


def steps_of(trace: Trace) -> Iterator[Step]:
    """Yield the steps of a trace."""
    rows = {name: array.tolist() for name, array in trace.rows.items()}
    beyond = {name: [row.tolist()] for name, row in trace.before.items()}
    beside = {
        name: rows[name][1:] + row if name in trace.ahead else row + rows[name][:-1]
        for name, row in beyond.items()
    }
    notes = {name: of.tolist() for name, of in trace.notes.items()}
    last = len(trace) - 1 if trace.to_end else -1
    for t in range(len(trace)):
        values = {name: of[t] for name, of in rows.items()}
        row = {name: of[t] for name, of in beside.items()}
        given = {n for n in row if (t == last if n in trace.ahead else trace.first + t == 1)}
        known = {name: of[t] for name, of in notes.items()}
        yield Step(trace.first + t, values, row, frozenset(given), known)


def every_step(traces: Iterable[Trace], at_once: int | None) -> Iterator[Excerpt]:
    """Yield all steps of a run, up to `at_once` at a time."""
    steps = chain.from_iterable(map(steps_of, traces))
    while some := list(islice(steps, at_once)):
        yield Excerpt(some, [], 0)


def excerpt(traces: Iterable[Trace], most: int = MOST) -> Excerpt:
    """Return what to show of a run, holding little more than that.

    Args:
        traces: all of the run.
        most: steps that are shown, at least `MOST`; of more, the first and the last.
    """
    first: list[Step] = []
    last: deque[Step] = deque(maxlen=ENDS)
    steps = 0
    for trace in traces:
        room = max(0, most - steps)
        first += steps_of(trace.part(0, min(room, len(trace))))
        rest = max(room, len(trace) - ENDS)
        if rest < len(trace):
            last += steps_of(trace.part(rest, len(trace)))
        steps += len(trace)
    if steps <= most:
        return Excerpt(first, [], 0)
    if len(last) < ENDS:  # the others of the last ones are among the first
        last.extendleft(reversed(first[most - ENDS + len(last) :]))
    return Excerpt(first[:ENDS], list(last), steps - 2 * ENDS)
