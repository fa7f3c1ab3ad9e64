"""The one error that a person can cause, and how text from outside is quoted in it."""

import re
from collections.abc import Sequence

_FEW = 4
# characters that Python calls printable, though nothing is seen: fillers, joiners, variations
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


class InputError(ValueError):
    """What was given is wrong; the message is one line that a person can act on.

    Args:
        message: what was found, what was expected, and what decided that.
        key: the quantity it is about (`whh`), where only the caller knows the place. The text
            of the error begins with it until `at` gives the place.
        lines: at most a few lines that show it, printed below the message.
    """

    def __init__(self, message: str, *, key: str = "", lines: tuple[str, ...] = ()) -> None:
        named = f"{key}: {message}" if key else message
        super().__init__("\n  ".join((named, *lines)))
        self.message = message
        self.key = key
        self.lines = lines

    def at(self, place: str) -> "InputError":
        """Return the same error with `place` before its message."""
        return InputError(f"{place}: {self.message}", lines=self.lines)


def visible(character: str) -> bool:
    """Return whether a character can be seen, and is not one that a terminal acts on."""
    return character.isprintable() and not _UNSEEN.match(character)


def printable(text: str, limit: int = 60) -> str:
    """Return about `limit` characters of `text`; those that are not visible are escaped."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return "".join(c if visible(c) else c.encode("unicode_escape").decode() for c in cut)


def quote(text: str, limit: int = 60) -> str:
    """Return `printable` text in single quotes."""
    return f"'{printable(text, limit)}'"


def few(names: Sequence[str]) -> str:
    """Return the first names of a list, printable, and how many more there are."""
    listed = ", ".join(printable(name, 20) for name in names[:_FEW])
    return f"{listed} and {len(names) - _FEW} more" if len(names) > _FEW else listed


def nearest(word: str, known: list[str]) -> str:
    """Return `; did you mean 'whh'?` for the known word nearest to `word`, or the list of all.

    Nearest is what `word` is the beginning of, if there is only one such word.
    """
    from difflib import get_close_matches

    plain = {_letters(name): name for name in known}
    letters = _letters(word[:40])
    begun = [name for name in plain if name.startswith(letters)] if letters else []
    only = [letters] if letters in plain else begun if len(begun) == 1 else []
    close = only or get_close_matches(letters, plain, n=1, cutoff=0.6)
    return f"; did you mean '{plain[close[0]]}'?" if close else f"; known are {', '.join(known)}"


def _letters(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def counted(n: int, noun: str) -> str:
    """Return `1 row`, `2 rows`."""
    return f"{n} {noun}{'s' if n != 1 else ''}"
