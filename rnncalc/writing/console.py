"""What the terminal can show: its width, its colours, its characters."""

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

_TO_ASCII = str.maketrans("×−≈⎡⎢⎣⎤⎥⎦─⋮←ᵀ", "*-~[[[]]]-:<'")
_PALE = 0xA0  # from here on the lesser channel of a shade is that of a pale one
_LONGER_IN_ASCII = {"²": "^2", "½": "1/2", "Σ": "sum"}


def colors_of(choice: str, output_format: str, *, terminal: bool) -> str | None:
    """Return Rich's name of the colours to use, or None.

    Args:
        choice: `always`, `never`, or `auto`: a picture has colours unless NO_COLOR is set; for a
            table, TERM and whether standard output is a terminal decide as well.
        output_format: only `table`, `html` and `svg` have colours.
        terminal: whether standard output is one.
    """
    from os import environ

    if output_format not in ("table", "html", "svg"):
        return None
    if choice == "never" or (choice == "auto" and environ.get("NO_COLOR")):
        return None
    if output_format != "table":
        return "truecolor"
    # Rich is slow to import, and these are all that it would look at
    told = {"FORCE_COLOR", "TTY_COMPATIBLE"} & environ.keys()
    if choice == "auto" and not told and not terminal:
        return None
    from rich.console import Console

    found = Console().color_system
    return found or ("256" if choice == "always" else None)


def spelled_out(text: str) -> str:
    """Return a text in which what takes several ASCII characters is written in them."""
    for character, ascii_ in _LONGER_IN_ASCII.items():
        text = text.replace(character, ascii_)
    return text


def in_ascii(text: str) -> str:
    """Return a page whose characters are replaced, one for one, by those that ASCII has."""
    return text.translate(_TO_ASCII)


def in_encoding(text: str, encoding: str) -> str:
    """Return a text in the characters of an encoding, those of ASCII where one is like another.

    A text that the encoding has all characters of stays as it is.
    """
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        pass
    else:
        return text
    plain = in_ascii(spelled_out(text))
    return plain.encode(encoding, errors="replace").decode(encoding)


def wrapped(text: str, width: int | None, indent: str, hang: str = "") -> list[str]:
    """Return a text in lines of at most `width`, if there is one; a number is never broken."""
    if width is None:
        return [indent + text]
    from textwrap import TextWrapper

    whole = TextWrapper(width, break_long_words=False, break_on_hyphens=False)
    whole.initial_indent, whole.subsequent_indent = indent, indent + hang
    return whole.wrap(text)


@lru_cache(maxsize=1000)
def codes(style: str, colors: str) -> tuple[str, str]:
    """Return the escape codes before and after black on a background such as `#ff8080`, or `bold`.

    Args:
        style: the background, or `bold`.
        colors: Rich's name for the colours to use.
    """
    from rich.console import COLOR_SYSTEMS
    from rich.style import Style

    if style != "bold" and colors in ("standard", "windows"):
        style = _of_sixteen(style)
    look = Style(bold=True) if style == "bold" else Style(color="#000000", bgcolor=style)
    before, _, after = look.render("|", color_system=COLOR_SYSTEMS[colors]).partition("|")
    return before, after


def _of_sixteen(shade: str) -> str:
    """Return one of 16 colours for a shade: the nearest to a pale one of either sign is grey."""
    red, blue = int(shade[1:3], 16), int(shade[5:7], 16)
    strong = min(red, blue) < _PALE
    if red > blue:
        return "bright_red" if strong else "bright_magenta"
    return "bright_blue" if strong else "bright_cyan"


def console(width: int, colors: str | None) -> "Console":
    """Return a console that is captured, and does not look at the environment."""
    from io import StringIO

    from rich.console import Console

    return Console(
        file=StringIO(),
        width=width,
        color_system=colors,  # type: ignore[arg-type]  # one of Rich's own names
        force_terminal=colors is not None,
        force_jupyter=False,  # in a notebook Rich would show it there and then
        legacy_windows=False,
        _environ={},  # COLUMNS, NO_COLOR and TERM were looked at before
    )
