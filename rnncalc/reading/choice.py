"""Which steps a person chose: `2`, `1:3`, `-1`."""

import re
from dataclasses import dataclass

from rnncalc.errors import InputError, quote

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
