"""What the terminal can show: its width, its colours, its characters."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

_TO_ASCII = str.maketrans("×−≈⎡⎢⎣⎤⎥⎦─", "*-~[[[]]]-")


@dataclass(frozen=True)
class Look:
    """How a page is laid out.

    Attributes:
        width: columns of the terminal, or None for as wide as it comes.
        plain: whether only ASCII can be shown.
        colors: Rich's name for the colours there are, such as `truecolor`, or None.
    """

    width: int | None = None
    plain: bool = False
    colors: str | None = None


def colors_of(choice: str, output_format: str) -> str | None:
    """Return the name of the colours to use, or None.

    Args:
        choice: `always`, `never`, or `auto`: in a picture always, else NO_COLOR, TERM, and whether
            standard output is a terminal decide.
        output_format: `table`, or a picture: `html`, `svg`.
    """
    from os import environ

    from rich.console import Console

    if choice == "never" or (choice == "auto" and environ.get("NO_COLOR")):
        return None
    if output_format != "table":
        return "truecolor"
    found = Console().color_system
    return found or ("256" if choice == "always" else None)


def in_ascii(text: str) -> str:
    """Return a page with other characters for those that ASCII has not, one for one."""
    return text.translate(_TO_ASCII)


def console(width: int, colors: str | None, *, record: bool = False) -> "Console":
    """Return a console that writes nowhere but is captured, or recorded, and asks nobody."""
    from io import StringIO

    from rich.console import Console

    return Console(
        file=StringIO(),
        width=width,
        color_system=colors,  # type: ignore[arg-type]  # one of Rich's own names
        force_terminal=colors is not None,
        legacy_windows=False,
        record=record,
        _environ={},  # COLUMNS, NO_COLOR and TERM were asked before
    )
