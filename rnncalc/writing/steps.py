"""Which steps a page shows: all of a short sequence, the first and last of a long one."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rnncalc.network.trace import Trace
from rnncalc.writing.columns import quantities

MOST, ENDS = 24, 10  # a page; what is kept of each end of more than a page


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
        t: counted from 1.
        values: the components of each quantity by its name.
        before: h_{t-1}, (H,).
    """

    t: int
    values: dict[str, list[float]]
    before: list[float]


@dataclass(frozen=True)
class Excerpt:
    """The steps to show, and how many are left out between `first` and `last`."""

    first: list[Step]
    last: list[Step]
    left_out: int

    @property
    def steps(self) -> list[Step]:
        """All steps to show."""
        return [*self.first, *self.last]


def steps_of(trace: Trace) -> Iterator[Step]:
    """Yield the steps of a trace."""
    rows = {name: array.tolist() for name, array in quantities(trace).items()}
    before = trace.before.tolist()
    for t, values in enumerate(zip(*rows.values(), strict=True), trace.first):
        step = Step(t, dict(zip(rows, values, strict=True)), before)
        yield step
        before = step.values["h"]


def excerpt(traces: Iterable[Trace], *, whole: bool = False) -> Excerpt:
    """Return what to show of a run, holding little more than that; `whole` keeps every step."""
    first: list[Step] = []
    last: deque[Step] = deque(maxlen=ENDS)
    steps = 0
    for trace in traces:
        room = len(trace) if whole else max(0, MOST - steps)
        first += steps_of(trace.part(0, min(room, len(trace))))
        rest = max(room, len(trace) - ENDS)
        if rest < len(trace):
            last += steps_of(trace.part(rest, len(trace)))
        steps += len(trace)
    if whole or steps <= MOST:
        return Excerpt(first, [], 0)
    if len(last) < ENDS:  # the rest of the last ones are among the first
        last.extendleft(reversed(first[MOST - ENDS + len(last) :]))
    return Excerpt(first[:ENDS], list(last), steps - 2 * ENDS)
