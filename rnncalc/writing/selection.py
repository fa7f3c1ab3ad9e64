"""The chosen steps of a run."""

from collections import deque
from collections.abc import Iterable, Iterator

from rnncalc.errors import InputError, quote
from rnncalc.network.forward import Trace
from rnncalc.reading.choice import Choice


def selected(traces: Iterable[Trace], choice: Choice) -> Iterator[Trace]:
    """Yield the chosen steps of `traces`, as soon as it is known that they are chosen.

    Raises:
        InputError: there are fewer steps.
    """
    held: deque[Trace] = deque()
    steps = given = 0
    for trace in traces:
        held.append(trace)
        steps += len(trace)
        while held and _end(held[0]) <= steps - choice.from_end:
            part = _before_the_end(held.popleft(), choice)
            given += len(part)
            yield from [part] if len(part) else []
        if 0 < choice.last <= steps and choice.first > 0:
            break
    first, last = (n if n > 0 else steps + 1 + n for n in (choice.first, choice.last))
    for trace in held:
        part = _within(trace, first, last)
        given += len(part)
        yield from [part] if len(part) else []
    if not given:
        known = f"there {'is' if steps == 1 else 'are'} {steps} step{'' if steps == 1 else 's'}"
        raise InputError(f"--steps: {quote(choice.text)}: {known}")


def _end(trace: Trace) -> int:
    return trace.first + len(trace) - 1


def _before_the_end(trace: Trace, choice: Choice) -> Trace:
    """Return what is chosen of steps that are not among the last `from_end`."""
    if choice.first < 0:
        return trace.part(0, 0)
    return _within(trace, choice.first, choice.last if choice.last > 0 else _end(trace))


def _within(trace: Trace, first: int, last: int) -> Trace:
    begin = min(len(trace), max(0, first - trace.first))
    return trace.part(begin, max(begin, min(len(trace), last - trace.first + 1)))
