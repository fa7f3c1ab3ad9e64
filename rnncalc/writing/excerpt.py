"""Which steps a page shows: all of a short sequence, the first and last of a long one."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rnncalc.network.forward import Trace

MOST, ENDS = 24, 10  # a page; what is kept of each end of more than a page


@dataclass(frozen=True)
class Step:
    """One step: its t, and the components of each quantity by name."""

    t: int
    values: dict[str, list[float]]


@dataclass(frozen=True)
class Excerpt:
    """The steps to show, and how many are left out between `first` and `last`."""

    first: list[Step]
    last: list[Step]
    left_out: int


def steps_of(trace: Trace, start: int = 0) -> Iterator[Step]:
    """Yield the steps of a trace from row `start` on."""
    rows = {
        name: array[start:].tolist()
        for name in ("x", "a", "h", "o", "y")
        if (array := getattr(trace, name)) is not None
    }
    for i, values in enumerate(zip(*rows.values(), strict=True)):
        yield Step(trace.first + start + i, dict(zip(rows, values, strict=True)))


def excerpt(traces: Iterable[Trace], *, whole: bool = False) -> Excerpt:
    """Return what to show of a run, holding no more than that; `whole` keeps every step."""
    first: list[Step] = []
    last: deque[Step] = deque(maxlen=ENDS)
    steps = 0
    for trace in traces:
        steps += len(trace)
        if whole or steps <= MOST:
            first += steps_of(trace)
            continue
        if len(first) < MOST:
            first += list(steps_of(trace))[: MOST - len(first)]
        last += steps_of(trace, start=max(0, len(trace) - ENDS))
    if whole or steps <= MOST:
        return Excerpt(first, [], 0)
    ends = [*first[-ENDS:], *last] if len(last) < ENDS else list(last)
    return Excerpt(first[:ENDS], sorted(ends, key=lambda s: s.t)[-ENDS:], steps - 2 * ENDS)
