"""The entry of one step in a column of a table."""

from collections.abc import Sequence
from typing import NamedTuple

_MOST_COMPONENTS, _END_COMPONENTS = 16, 5  # of a column vector; of a longer one, from each end


class Entry(NamedTuple):
    """One step's entry in a column.

    Attributes:
        lines: one for each component, aligned on the point; or lines of working.
        states: the components of a state, to be shaded by their size; else none.
        largest: the component that a softmax decides for, or None.
        names: of the components, if they have names; a name may stand alone.
    """

    lines: list[str]
    states: Sequence[float] = ()
    largest: int | None = None
    names: Sequence[str] = ()

    @property
    def texts(self) -> list[str]:
        """The lines with the names of the components, and a mark at the largest."""
        if not self.names:
            return self.lines
        longest = max(map(len, self.names))
        pairs = zip(self.names, self.lines, strict=True)
        texts = [f"{name.ljust(longest)} {line}" if line else name for name, line in pairs]
        if self.largest is None:
            return texts
        return [f"{text} {'←' if i == self.largest else ' '}" for i, text in enumerate(texts)]


def shortened(entry: Entry) -> Entry:
    """Return the first and the last components of many, with ⋮ between them."""
    if len(entry.lines) <= _MOST_COMPONENTS:
        return entry
    ends = [*range(_END_COMPONENTS), *range(-_END_COMPONENTS, 0)]
    lines, states = ([of[i] for i in ends] if of else [] for of in (entry.lines, entry.states))
    lines.insert(_END_COMPONENTS, "⋮".center(len(lines[0])))
    if states:
        states.insert(_END_COMPONENTS, 0.0)
    shown = {i % len(entry.lines): n for n, i in enumerate(ends)}
    largest = shown.get(entry.largest) if entry.largest is not None else None
    beyond = largest is not None and largest >= _END_COMPONENTS
    return Entry(lines, states, largest + 1 if largest is not None and beyond else largest)
