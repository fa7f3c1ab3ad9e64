"""A page for a terminal of any width, and its picture as HTML or SVG: no number is ever cut."""

import re
from collections.abc import Iterator
from textwrap import wrap
from typing import TYPE_CHECKING

from rnncalc.writing.console import console
from rnncalc.writing.page import Column, Entry, Page, WorkedStep, rows_of
from rnncalc.writing.request import Request

if TYPE_CHECKING:
    from rich.text import Text

_GAP = "..."  # in place of the steps left out
_BORDER = 3  # characters between two columns
_BREAK = re.compile(r" (?=[=≈+−] )")


def terminal_text(page: Page, request: Request) -> str:
    """Return the page as lines of text, with escape codes only if there are colours."""
    lines = [row for line in page.heading for row in _wrapped(line, request)]
    as_table = page.columns and (_fits(page.columns, request) or not page.worked)
    for part in _parts(page.columns, request) if as_table else []:
        lines += ["", *(_said(line, page.left_out) for line in _table(part, page, request))]
    for at, step in enumerate([] if as_table else page.worked):
        if page.left_out and at == page.gap:
            lines += ["", _said(f" {_GAP}", page.left_out)]
        lines += ["", *_step_lines(step, request)]
    if page.plot:
        lines += ["", *_plot_wrapped(page.plot, request)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def picture_text(page: Page, request: Request) -> str:
    """Return the page as an HTML document, or as an SVG picture."""
    from rich.terminal_theme import DEFAULT_TERMINAL_THEME as WHITE
    from rich.text import Text

    text = Text.from_ansi(terminal_text(page, request))
    recorder = console(max(map(len, text.plain.splitlines())), "truecolor", record=True)
    recorder.print(text)
    if request.format == "html":
        return recorder.export_html(theme=WHITE)
    return recorder.export_svg(title="rnncalc", theme=WHITE)


def _wrapped(line: str, request: Request) -> list[str]:
    return wrap(line, request.width or 100, subsequent_indent=" " * 6)


def _plot_wrapped(plot: list[str], request: Request) -> Iterator[str]:
    """Yield the lines of a plot; if they are too long, some steps of all units at a time."""
    scale, *rows = plot
    yield from _wrapped(scale, request)
    split = len(rows[-1].partition(" ")[0]) + 1  # the last label is the longest
    bars = [row[split:] for row in rows]
    room = max(8, request.width - split) if request.width else len(bars[0])
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


def _fits(columns: list[Column], request: Request) -> bool:
    return request.width is None or sum(_width(c) + _BORDER for c in columns) <= request.width + 1


def _parts(columns: list[Column], request: Request) -> list[list[Column]]:
    """Return the columns in parts that fit the width, each beginning with the column of t."""
    first, *others = columns
    parts = [[first]]
    for column in others:
        if not _fits([*parts[-1], column], request) and len(parts[-1]) > 1:
            parts.append([first])
        parts[-1].append(column)
    return parts


def _width(column: Column) -> int:
    bracket = 2 if any(len(entry.lines) > 1 for entry in column.entries) else 0
    longest = max(len(line) for entry in column.entries for line in entry.lines)
    return max(len(column.title), longest + bracket)


def _said(line: str, left_out: int) -> str:
    """Return a line of the table; that of the gap says how many steps are left out."""
    if not left_out or _GAP not in line:
        return line
    return f"{line[: line.index(_GAP)]}{_GAP} {left_out} steps left out; --all shows them"


def _table(columns: list[Column], page: Page, request: Request) -> list[str]:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    tall = any(len(entry.lines) > 1 for column in columns for entry in column.entries)
    table = Table(box=box.ASCII2 if request.plain else box.SIMPLE_HEAD, show_edge=False)
    gap = len(_GAP) if page.left_out else 0
    widths = [max(_width(column), gap) for column in columns]
    for column, width in zip(columns, widths, strict=True):
        # not right-justified: Rich would strip the blanks that align a number on its point
        table.add_column(Text(column.title.rjust(width)), no_wrap=True)
    rows = [
        [_text(entry, page.scale, width) for entry, width in zip(row, widths, strict=True)]
        for row in rows_of(columns)
    ]
    if page.left_out:
        rows.insert(page.gap, [Text(_GAP.rjust(width)) for width in widths])
    for row in rows:
        table.add_row(*row, end_section=tall)
    out = console(sum(widths) + _BORDER * (len(widths) + 1), request.colors)
    with out.capture() as capture:
        out.print(table)
    return capture.get().splitlines()


def _text(entry: Entry, scale: float, width: int) -> "Text":
    """Return an entry as text of that width: a column vector in tall brackets, and shades."""
    from rich.text import Text

    if len(entry.lines) == 1:
        (line,) = entry.lines
        return Text(" " * (width - len(line))).append(line, style=_style(entry, 0, scale))
    text = Text()
    for i, line in enumerate(entry.lines):
        left, right = "⎡⎤" if i == 0 else "⎣⎦" if i == len(entry.lines) - 1 else "⎢⎥"
        text.append(" " * (width - len(line) - 2) + left).append(
            line, style=_style(entry, i, scale)
        ).append(right)
        text.append("\n" if i < len(entry.lines) - 1 else "")
    return text


def _style(entry: Entry, i: int, scale: float) -> str:
    if entry.states:
        return _shade(entry.states[i], scale)
    return "bold" if entry.largest == i else ""


def _shade(value: float, scale: float) -> str:
    """Return a background from blue for -scale, through none for 0, to red for scale."""
    share = max(-1.0, min(1.0, value / scale))
    if abs(share) < 0.05:
        return ""
    fade = round(230 - 140 * abs(share))  # no darker: the number is black
    red, green, blue = (255, fade, fade) if share > 0 else (fade, min(255, fade + 40), 255)
    return f"#000000 on #{red:02x}{green:02x}{blue:02x}"
