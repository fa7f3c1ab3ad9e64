"""A picture of a page as it looks in a terminal, and of charts, as SVG that needs nothing else."""

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import NamedTuple

from rnncalc.writing.chart import HEIGHT, WIDTH, Chart, asset, chart_svg
from rnncalc.writing.page import Page
from rnncalc.writing.request import Request
from rnncalc.writing.terminal import terminal_texts

_CODE = re.compile(r"\x1b\[([\d;]*)m")
_BACKGROUND = re.compile(r"48;2;(\d+);(\d+);(\d+)")
_ACROSS, _DOWN, _MARGIN = 8.4, 18, 16  # of a character; around the picture
_BASE = 13.5  # from the top of a line to the foot of its letters
_STYLE = """
.page{fill:var(--bg)}
text{fill:var(--fg);font:14px Menlo,Consolas,"DejaVu Sans Mono",monospace}
.b{font-weight:700}
.on{fill:#000}
.chart text{font:15px system-ui,sans-serif}
"""


class _Run(NamedTuple):
    """Some characters of a line that look alike.

    Attributes:
        column: where they begin.
        text: the characters.
        color: of the background, or "".
        bold: whether they are bold.
    """

    column: int
    text: str
    color: str
    bold: bool


def svg_text(pages: Iterable[Page], request: Request, charts: Sequence[Chart] = ()) -> str:
    """Return the pages as a picture, with charts below them."""
    lines = "".join(terminal_texts(pages, request)).splitlines()
    plain = [_CODE.sub("", line) for line in lines]
    width = max([len(line) * _ACROSS for line in plain] + [WIDTH] * bool(charts)) + 2 * _MARGIN
    height = len(lines) * _DOWN + 2 * _MARGIN
    parts = [element for n, line in enumerate(lines) for element in _line(line, n)]
    for number, chart in enumerate(charts):
        place = f'x="{_MARGIN}" y="{height}" width="{WIDTH}" height="{HEIGHT}" '
        parts.append(chart_svg(chart, number, place))
        height += HEIGHT + _MARGIN
    size = f"{width:.0f} {height}"
    text = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" '
        f'width="{width:.0f}" height="{height}">\n<title>rnncalc</title>\n'
        f"<style>{asset('chart.css')}{_STYLE}</style>\n"
        '<rect class="page" width="100%" height="100%"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )
    return text.encode("ascii", "xmlcharrefreplace").decode() if request.plain else text


def _line(line: str, number: int) -> Iterator[str]:
    """Yield the elements of a line: what is behind its characters, and the characters."""
    top = _MARGIN + number * _DOWN
    for run in _runs(line):
        x, wide = _MARGIN + run.column * _ACROSS, len(run.text) * _ACROSS
        if run.color:
            yield (
                f'<rect x="{x:.1f}" y="{top}" width="{wide:.1f}" height="{_DOWN}" '
                f'fill="{run.color}"/>'
            )
        shown = run.text.strip()
        if shown:
            x += (len(run.text) - len(run.text.lstrip())) * _ACROSS
            look = " ".join(["on"] * bool(run.color) + ["b"] * run.bold)
            kind = f' class="{look}"' if look else ""
            yield (
                f'<text{kind} x="{x:.1f}" y="{top + _BASE}" xml:space="preserve" '
                f'textLength="{len(shown) * _ACROSS:.1f}">{escape(shown, quote=False)}</text>'
            )


def _runs(line: str) -> Iterator[_Run]:
    """Yield the runs of a line of a terminal, which are told apart by escape codes."""
    column, color, bold = 0, "", False
    texts = _CODE.split(line)
    for text, code in zip(texts[::2], [*texts[1::2], ""], strict=True):
        if text:
            yield _Run(column, text, color, bold)
        column += len(text)
        found = _BACKGROUND.search(code)
        color = "#{:02x}{:02x}{:02x}".format(*map(int, found.groups())) if found else ""
        bold = code == "1"
