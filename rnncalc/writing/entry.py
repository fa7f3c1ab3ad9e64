"""The entry of one step in a column of a table."""

from collections.abc import Sequence
from typing import NamedTuple


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
