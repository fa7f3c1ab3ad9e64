"""Pages -> the text of whichever format is asked for."""

# Each format is imported where it is needed: a table starts without the others.

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rnncalc.writing.console import in_ascii
from rnncalc.writing.request import Request

if TYPE_CHECKING:
    from rnncalc.writing.page import Page


def rendered(shown: "Iterable[Page]", request: Request) -> Iterator[str]:
    """Return the text of pages in parts, in the format that is requested."""
    texts = _rendered(shown, request)
    return map(in_ascii, texts) if request.plain else iter(texts)


def _rendered(shown: "Iterable[Page]", request: Request) -> Iterable[str]:
    if request.format in ("markdown", "latex") and not request.whole:
        from rnncalc.writing.page import shortened

        shown = map(shortened, shown)
    if request.format == "markdown":
        from rnncalc.writing.markdown import markdown_text

        return [markdown_text(shown)]
    if request.format == "latex":
        from rnncalc.writing.latex import latex_text

        return [latex_text(shown, standalone=request.standalone)]
    if request.format == "svg":
        from rnncalc.writing.svg import svg_text

        return [svg_text(shown, request)]
    from rnncalc.writing.terminal import terminal_texts

    return terminal_texts(shown, request)
