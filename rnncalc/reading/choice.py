"""Which steps of a run to show, such as `1:3`, and which quantities, such as `h,y`."""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from rnncalc.errors import InputError, counted, nearest, quote
from rnncalc.network.cells import OUTPUTS
from rnncalc.network.model import Network
from rnncalc.network.trace import Trace
from rnncalc.reading.flags import Typed

_STEPS = re.compile(r"([+-]?[0-9]{1,15})?(?:(:)([+-]?[0-9]{1,15})?)?", re.ASCII)
_COMPONENTS = re.compile(r"([0-9]{1,9})?(?:(:)([0-9]{1,9})?)?\]", re.ASCII)
_RANGE = re.compile(r"^([0-9]{1,15})(?:[-–]|\.\.+)([0-9]{1,15})$", re.ASCII)


@dataclass(frozen=True)
class Choice:
    """The steps from `first` to `last`, inclusive, counted from 1 or, if negative, from the end.

    Attributes:
        first: 1 where the text begins with a colon.
        last: -1 where the text ends with one.
        text: as it was typed.
    """

    first: int
    last: int
    text: str


def parse_steps(text: str) -> Choice:
    """Return the steps that `text` names: `2`, `1:3` or `1-3`, `3:`, `:-2`, `-1`.

    Raises:
        InputError: it does not name any.
    """
    plain = _RANGE.sub(r"\1:\2", text.strip(" "))
    found = _STEPS.fullmatch(plain)
    if not found or not (found[1] or found[3]):
        raise InputError(
            f"--steps: {quote(text)} is not a valid step selection; type 2, 1:3, 5: or -1"
        )
    first = int(found[1] or 1)
    last = int(found[3] or -1) if found[2] else first
    if not first or not last:
        raise InputError(
            f"--steps: {quote(text)}: steps are counted from 1, or from the end with -1"
        )
    if first > last and (first > 0) == (last > 0):
        raise InputError(f"--steps: {quote(text)} ends before it begins; type {last}:{first}")
    return Choice(first, last, text.strip(" "))


def steps_of(typed: Typed) -> Choice | None:
    """Return the steps that are chosen by `--steps`, or None for all."""
    return parse_steps(typed["steps"]) if "steps" in typed else None


def chosen(choice: Choice, steps: int) -> range:
    """Return the chosen ones of `steps` steps, counted from 0.

    Raises:
        InputError: there are none.
    """
    first, last = (n if n > 0 else steps + 1 + n for n in (choice.first, choice.last))
    found = range(max(first, 1) - 1, min(last, steps))
    if not found:
        raise _none_chosen(choice, steps)
    return found


def asked_for(choice: Choice | None, steps: int) -> range:
    """Return the steps that are shown of so many, counted from 0: all, unless some are chosen.

    Raises:
        InputError: there are none.
    """
    return chosen(choice, steps) if choice else range(steps)


def parse_only(text: str, network: Network) -> tuple[tuple[str, ...], dict[str, list[int]]]:
    """Return the quantities that `text` names, such as `h,y`, in the order of calculation.

    Also the components of each of which only some are named: `h_l1[0:4]`, `y[2]`.

    Raises:
        InputError: a name is unknown, or the network has no such quantity or component.
    """
    sizes = network.sizes | {each.name: each.size for each in network.answers}
    return parse_names(text, sizes)


def parse_names(
    text: str, sizes: Mapping[str, int]
) -> tuple[tuple[str, ...], dict[str, list[int]]]:
    """Return the quantities that `text` names, of those with `sizes`, as `parse_only` does.

    Raises:
        InputError: a name is unknown, or there is no such quantity or component.
    """
    known = list(dict.fromkeys((*sizes, *OUTPUTS)))
    parts: dict[str, set[int]] = {}
    for part in text.split(","):
        name, bracket, inside = part.strip().partition("[")
        if name not in known:
            raise InputError(f"--only: unknown quantity {quote(name)}{nearest(name, known)}")
        if name not in sizes:
            raise InputError(
                f"--only: {name} is an output, but no why is given, so there is no output"
            )
        every = range(sizes[name])
        chosen = _components(part.strip(), inside, len(every)) if bracket else every
        parts.setdefault(name, set()).update(chosen)
    names = tuple(name for name in sizes if name in parts)
    return names, {n: sorted(parts[n]) for n in names if len(parts[n]) < sizes[n]}


def _components(part: str, inside: str, size: int) -> range:
    """Return the components of `h[0:4]` or `h[2]`, counted from 0, the end not included."""
    found = _COMPONENTS.fullmatch(inside)
    if not found:
        raise InputError(f"--only: {quote(part)} is not a quantity; type h, h[0] or h[0:4]")
    begin = int(found[1] or 0)
    end = (int(found[3]) if found[3] else size) if found[2] else begin + 1
    if not begin < end <= size:
        raise InputError(f"--only: {quote(part)}: the components are counted from 0 to {size - 1}")
    return range(begin, end)


def selected(traces: Iterable[Trace], choice: Choice, *, to_end: bool = False) -> Iterator[Trace]:
    """Yield the chosen steps of `traces`, as soon as it is clear that they are chosen.

    Args:
        traces: of the whole run.
        choice: the steps.
        to_end: whether the rest of the run is calculated too, since its end is shown.

    Raises:
        InputError: there are fewer steps.
    """
    held: deque[Trace] = deque()
    steps = given = 0
    undecided = max(0, -choice.first, -choice.last - 1)  # steps before the end
    for trace in traces:
        held.append(trace)
        steps += len(trace)
        while held and _end(held[0]) <= steps - undecided:
            part = _before_the_end(held.popleft(), choice)
            given += len(part)
            yield from [part] if len(part) else []
        if 0 < choice.last <= steps and choice.first > 0 and not to_end:
            break
    first, last = (n if n > 0 else steps + 1 + n for n in (choice.first, choice.last))
    for trace in held:
        part = _within(trace, first, last)
        given += len(part)
        yield from [part] if len(part) else []
    if not given:
        raise _none_chosen(choice, steps)


def _none_chosen(choice: Choice, steps: int) -> InputError:
    are = "is" if steps == 1 else "are"
    return InputError(f"--steps: {quote(choice.text)}: there {are} {counted(steps, 'step')}")


def _end(trace: Trace) -> int:
    return trace.first + len(trace) - 1


def _before_the_end(trace: Trace, choice: Choice) -> Trace:
    """Return the chosen ones of steps that are known not to be among the last."""
    if choice.first < 0:
        return trace.part(0, 0)
    return _within(trace, choice.first, choice.last if choice.last > 0 else _end(trace))


def _within(trace: Trace, first: int, last: int) -> Trace:
    begin = min(len(trace), max(0, first - trace.first))
    return trace.part(begin, max(begin, min(len(trace), last - trace.first + 1)))
