"""A page for a terminal of any width: digits are never truncated."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from textwrap import wrap

from rnncalc.writing.columns import Column, rows_of
from rnncalc.writing.console import codes
from rnncalc.writing.entry import Entry, shortened
from rnncalc.writing.page import Page, WorkedStep, omitted
from rnncalc.writing.request import Request
from rnncalc.writing.side_by_side import given_lines

_GAP = "..."  # in place of the omitted steps
_BORDER = 3  # characters between two columns
_BREAK = re.compile(r" (?=[=≈+−] )")


def terminal_texts(pages: Iterable[Page], request: Request) -> Iterator[str]:
    """Yield the pages as text, with escape codes only if there are colours."""
    as_table: bool | None = None
    written = False
    for page in pages:
        if as_table is None or (page.heading and page.columns):
            as_table = bool(page.columns) and (_fits(page.columns, request) or not page.worked)
        lines = _page_lines(page, request, as_table=as_table)
        if page.heading and written:
            yield "\n"
        written = True
        yield "".join(f"{line.rstrip()}\n" for line in lines)


def _page_lines(page: Page, request: Request, *, as_table: bool) -> Iterator[str]:
    for line in page.heading:
        yield from _wrapped(line, request)
    yield from given_lines(page.given, page.origin, request.width) if page.given else ()
    for line in page.remarks:
        yield from _wrapped(line, request)
    parts = [*_parts(page, request)] if as_table and page.columns else []
    for part in parts:
        yield from _table(part, request, continued=not page.heading and len(parts) == 1)
    for at, step in enumerate([] if as_table and page.columns else page.worked):
        if page.left_out and at == page.gap:
            yield from ("", f" {_GAP} {omitted(page)}; use --all to show them")
        yield ""
        yield from _step_lines(step, request)
    if page.below:
        yield ""
    for line in page.below:
        yield from _wrapped(line, request)
    if page.plot:
        yield ""
        yield from _plot_wrapped(page.plot, request)


def _wrapped(line: str, request: Request) -> list[str]:
    return wrap(line, request.width or 100, subsequent_indent=" " * 6)


def _plot_wrapped(plot: list[str], request: Request) -> Iterator[str]:
    """Yield the lines of a plot; if they are too long, some steps of all units at a time."""
    if request.width is None or max(map(len, plot)) <= request.width:
        yield from plot
        return
    scale, *rows = plot
    yield from _wrapped(scale, request)
    split = len(rows[-1].partition(" ")[0]) + 1  # the last label is the longest
    bars = [row[split:] for row in rows]
    room = max(8, request.width - split)
    for begin in range(0, len(bars[0]), room):
        yield from [""] if begin else []
        end = begin + room
        yield from (row[:split] + bar[begin:end] for row, bar in zip(rows, bars, strict=True))


def _folded(line: str, width: int | None, indent: str = "") -> list[str]:
    """Return a line of working in lines of at most `width`, broken before an operator."""
    if width is None or len(line) <= width:
        return [line]
    lines = [""]
    for piece in _BREAK.split(line):
        joined = f"{lines[-1]} {piece}" if lines[-1].strip() else lines[-1] + piece
        if len(joined) > width and lines[-1].strip():
            lines.append(indent + piece)
        else:
            lines[-1] = joined
    return lines


def _step_lines(step: WorkedStep, request: Request) -> Iterator[str]:
    yield from _wrapped(step.title, request)
    for line in step.lines:
        hang = " " * (2 + len(line.partition(" = ")[0]) + 1)
        yield from _folded(f"  {line}", request.width, hang if " = " in line else " " * 4)


def _fits(columns: Sequence[Column], request: Request) -> bool:
    return request.width is None or sum(c.width + _BORDER for c in columns) <= request.width + 1


def _parts(page: Page, request: Request) -> Iterator[Page]:
    """Yield the page with parts of its columns that fit the width, each beginning with that of t.

    The columns that are added up stay together, and a part without them has no last row.
    """
    first, *others = page.columns
    added = [column for column in others if page.totals and any(column.entries[-1].lines)]
    parts = [[first]]
    for column in others:
        together = added if column in added[:1] and _fits([first, *added], request) else [column]
        if not _fits([*parts[-1], *together], request) and len(parts[-1]) > 1:
            parts.append([first])
        parts[-1].append(column)
    for columns in parts:
        if not page.totals or any(column in columns for column in added):
            yield replace(page, columns=columns)
            continue
        shorter = [replace(column, entries=column.entries[:-1]) for column in columns]
        yield replace(page, columns=shorter, totals=False)


def _table(page: Page, request: Request, *, continued: bool) -> Iterator[str]:
    """Yield the lines of a table; if it is continued, without its titles."""
    columns = page.columns
    least = len(_GAP) if page.left_out else 0
    widths = [max(column.width, len(column.group), least) for column in columns]
    border, cross, rule = (" | ", "-+-", "-") if request.plain else ("   ", "───", "─")
    ruler = f"{rule}{cross.join(rule * width for width in widths)}{rule}"
    if not continued:
        if any(column.group for column in columns):
            yield from ("", f" {border.join(_groups(columns, widths))}".rstrip())
        pairs = zip(columns, widths, strict=True)
        titles = (_styled(c.title, w - len(c.title), "bold", request.colors) for c, w in pairs)
        above = [] if any(column.group for column in columns) else [""]
        yield from (*above, f" {border.join(titles)}", ruler)
    tall = any(len(entry.lines) > 1 for column in columns for entry in column.entries)
    between = [ruler if request.plain else ""] if tall else []
    for n, row in enumerate(rows_of(columns)):
        if n or continued:
            yield from between
        if page.left_out and n == page.gap:
            yield from (
                f" {_GAP.rjust(widths[0])} {omitted(page)}; use --all to show them",
                *between,
            )
        if page.totals and n == len(columns[0].entries) - 1:
            yield ruler
        named = map(_spelt_out, row)
        entries = named if request.whole else map(shortened, named)
        cells = [_cell(*pair, page.scale, request) for pair in zip(entries, widths, strict=True)]
        if not tall:
            yield f" {border.join([line for (line,) in cells])}"
        for lines in zip_longest(*cells) if tall else ():
            padded = (line or " " * w for line, w in zip(lines, widths, strict=True))
            yield f" {border.join(padded)}"


def _groups(columns: Sequence[Column], widths: list[int]) -> list[str]:
    """Return the line above the titles: the layer and direction, where its columns begin."""
    before = ["", *(column.group for column in columns)]
    pairs = zip(columns, before, widths, strict=False)
    return [
        (column.group if column.group != group else "").rjust(width)
        for column, group, width in pairs
    ]


def _spelt_out(entry: Entry) -> Entry:
    """Return the entry with the names of its components in its lines."""
    return Entry(entry.texts, entry.states, entry.largest) if entry.names else entry


def _cell(entry: Entry, width: int, scale: float, request: Request) -> list[str]:
    """Return the lines of an entry, of that width: a column vector in tall brackets, and shades."""
    if len(entry.lines) == 1 and not request.colors:  # there may be very many
        return [entry.lines[0].rjust(width)]
    styles = [_style(entry, i, scale) for i in range(len(entry.lines))]
    if len(styles) == 1:
        (line,) = entry.lines
        return [_styled(line, width - len(line), styles[0], request.colors)]
    brackets = ["⎡⎤", *["⎢⎥"] * (len(styles) - 2), "⎣⎦"]
    return [
        _styled(line, width - len(line) - 2, style, request.colors, *bracket)
        for line, style, bracket in zip(entry.lines, styles, brackets, strict=True)
    ]


def _styled(
    text: str, indent: int, style: str, colors: str | None, left: str = "", right: str = ""
) -> str:
    before, after = codes(style, colors) if style and colors else ("", "")
    return f"{' ' * indent}{left}{before}{text}{after}{right}"


def _style(entry: Entry, i: int, scale: float) -> str:
    if entry.states:
        return shade(entry.states[i], scale)
    return "bold" if entry.largest == i else ""


def shade(value: float, scale: float) -> str:
    """Return a background from blue for -scale, through none for 0, to red for scale."""
    share = max(-1.0, min(1.0, value / scale))
    if abs(share) < 0.05:
        return ""
    fade = round(230 - 140 * abs(share))  # no darker, since the number is black
    red, green, blue = (255, fade, fade) if share > 0 else (fade, min(255, fade + 40), 255)
    return f"#{red:02x}{green:02x}{blue:02x}"
