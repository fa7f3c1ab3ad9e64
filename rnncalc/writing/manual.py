"""A page of the manual in a terminal with colours; anywhere else it is read as it is written."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

_BLOCK = re.compile(r"^```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_MOST_COLUMNS = 100
_STYLES = {  # which can be read on a light and on a dark background
    "markdown.h1": "bold",
    "markdown.h2": "bold",
    "markdown.code": "cyan",
    "markdown.table.header": "bold",
    "markdown.table.border": "dim",
}


def rendered(markdown: str, width: int, colors: str) -> str:
    """Return a page with its headings, tables and paragraphs set by Rich.

    What is typed and printed stays as it is, even where it is wider than the terminal.

    Args:
        markdown: the page.
        width: columns of the terminal.
        colors: Rich's name for the colours to use.
    """
    from rich.markdown import Markdown
    from rich.theme import Theme

    from rnncalc.writing.console import console

    page = console(min(width, _MOST_COLUMNS), colors)
    page.push_theme(Theme(_STYLES))
    for text, is_block in _parts(markdown):
        if is_block:
            _print_block(page, text)
        else:
            page.print(Markdown(text))
    found: str = page.file.getvalue()  # type: ignore[attr-defined]  # a StringIO, as made there
    return re.sub(r"[ ]+$", "", found, flags=re.MULTILINE)


def _parts(markdown: str) -> Iterator[tuple[str, bool]]:
    """Yield what is between the blocks of a page, and the blocks."""
    for n, text in enumerate(_BLOCK.split(markdown)):
        yield text, n % 2 == 1


def _print_block(page: "Console", text: str) -> None:
    page.print()
    for line in text.splitlines():
        style = "bold" if line.startswith("$ ") else ""
        page.out(f"  {line}", style=style, highlight=False)
    page.print()
