"""What of a run is asked for: which steps, such as `1:3`, and which quantities, such as `h,y`."""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rnncalc.errors import InputError, nearest, quote
from rnncalc.network.trace import Trace
from rnncalc.writing.columns import QUANTITIES

_STEPS = re.compile(r"([+-]?[0-9]{1,15})?(?:(:)([+-]?[0-9]{1,15})?)?", re.ASCII)


_RANGE = re.compile(r"([1-9][0-9]{0,14})(?:-|\.\.+)([1-9][0-9]{0,14})", re.ASCII)


@dataclass(frozen=True)
class Choice:
    """The steps from `first` to `last`, both included, counted from 1 or, negative, from the end.

    Attributes:
        first: 1 where the text begins with a colon.
        last: -1 where the text ends with one.
        text: as it was typed.
    """

    first: int
    last: int
    text: str

    @property
    def from_end(self) -> int:
        """How many steps at the end have to be known before the choice is."""
        return max(0, -self.first, -self.last - 1)


def parse_choice(text: str) -> Choice:
    """Return the choice that `text` is: `2`, `1:3`, `3:`, `:-2`, `-1`.

    Raises:
        InputError: it is none.
    """
    found = _STEPS.fullmatch(text.strip())
    if not found or not (found[1] or found[3]):
        meant = _RANGE.fullmatch(text.strip())
        forward = meant and int(meant[1]) <= int(meant[2])
        hint = f"{meant[1]}:{meant[2]}" if meant and forward else "2, 1:3, 5: or -1"
        raise InputError(f"--steps: {quote(text)} is no choice of steps; type {hint}")
    first = int(found[1] or 1)
    last = int(found[3] or -1) if found[2] else first
    if not first or not last:
        raise InputError(
            f"--steps: {quote(text)}: steps are counted from 1, or from the end with -1"
        )
    if first > last and (first > 0) == (last > 0):
        raise InputError(f"--steps: {quote(text)} ends before it begins; type {last}:{first}")
    return Choice(first, last, text.strip())


def chosen(names: Iterable[str], *, has_readout: bool) -> tuple[str, ...]:
    """Return the quantities that a person chose by `names`, in the order of `QUANTITIES`.

    Raises:
        InputError: a name is unknown, or the network has no such quantity, or there is none.
    """
    wanted = [name.strip() for name in names]
    for name in wanted:
        if name not in QUANTITIES:
            raise InputError(f"unknown quantity {quote(name)}{nearest(name, [*QUANTITIES])}")
        if name in ("o", "y") and not has_readout:
            raise InputError(f"{name} is an output, but no why is given, so there is no output")
    if not wanted:
        raise InputError(f"no quantity is named; known are {', '.join(QUANTITIES)}")
    return tuple(name for name in QUANTITIES if name in wanted)


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
