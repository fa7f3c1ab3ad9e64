"""A page for a terminal of any width, and its picture as HTML or SVG: figures are never cut."""

import re
from collections.abc import Iterator
from textwrap import wrap
from typing import TYPE_CHECKING

from rnncalc.writing.console import Look, console
from rnncalc.writing.page import Cell, Column, Page, WorkedStep

if TYPE_CHECKING:
    from rich.console import Console
    from rich.terminal_theme import TerminalTheme
    from rich.text import Text

_GAP = "..."  # in the place of the steps left out
_BORDER = 3  # characters between two columns
_BREAK = re.compile(r" (?=[=≈+−] )")


def terminal_text(page: Page, look: Look) -> str:
    """Return the page as lines of text, with escape codes only where there are colours."""
    lines = [row for line in page.heading for row in _wrapped(line, look)]
    as_table = page.columns and (_fits(page.columns, look) or not page.worked)
    for part in _parts(page.columns, look) if as_table else []:
        lines += ["", *(_said(line, page.left_out) for line in _table(part, page, look))]
    for at, step in enumerate([] if as_table else page.worked):
        if page.left_out and at == page.gap:
            lines += ["", _said(f" {_GAP}", page.left_out)]
        lines += ["", *_step_lines(step, look)]
    if page.plot:
        lines += ["", *_plot_wrapped(page.plot, look)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def html_text(page: Page, look: Look) -> str:
    """Return the page as an HTML document."""
    return _recorded(page, look).export_html(theme=_white())


def svg_text(page: Page, look: Look) -> str:
    """Return the page as an SVG picture."""
    return _recorded(page, look).export_svg(title="rnncalc", theme=_white())


def _white() -> "TerminalTheme":
    from rich.terminal_theme import DEFAULT_TERMINAL_THEME

    return DEFAULT_TERMINAL_THEME


def _recorded(page: Page, look: Look) -> "Console":
    from rich.text import Text

    text = Text.from_ansi(terminal_text(page, look))
    recorder = console(max(map(len, text.plain.splitlines())), "truecolor", record=True)
    recorder.print(text)
    return recorder


def _wrapped(line: str, look: Look) -> list[str]:
    return wrap(line, look.width or 100, subsequent_indent=" " * 6)


def _plot_wrapped(plot: list[str], look: Look) -> Iterator[str]:
    """Yield the lines of a plot; where they are too long, some steps of all units at a time."""
    scale, *rows = plot
    yield from _wrapped(scale, look)
    split = len(rows[-1].partition(" ")[0]) + 1  # the last label is the longest
    bars = [row[split:] for row in rows]
    room = max(8, look.width - split) if look.width else len(bars[0])
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


def _step_lines(step: WorkedStep, look: Look) -> Iterator[str]:
    yield from _wrapped(step.title, look)
    for of in step.lines.values():
        for line in of:
            hang = " " * (2 + len(line.partition(" = ")[0]) + 1)
            yield from _folded(f"  {line}", look.width, hang if " = " in line else " " * 4)


def _fits(columns: list[Column], look: Look) -> bool:
    return look.width is None or sum(_width(c) + _BORDER for c in columns) <= look.width + 1


def _parts(columns: list[Column], look: Look) -> list[list[Column]]:
    """Return the columns in parts that fit the width, each beginning with the column of t."""
    first, *others = columns
    parts = [[first]]
    for column in others:
        if not _fits([*parts[-1], column], look) and len(parts[-1]) > 1:
            parts.append([first])
        parts[-1].append(column)
    return parts


def _width(column: Column) -> int:
    bracket = 2 if any(len(cell.lines) > 1 for cell in column.cells) else 0
    longest = max(len(line) for cell in column.cells for line in cell.lines)
    return max(len(column.title), longest + bracket)


def _said(line: str, left_out: int) -> str:
    """Return the line of the gap as one that says how many steps it stands for."""
    if not left_out or _GAP not in line:
        return line
    return f"{line[: line.index(_GAP)]}{_GAP} {left_out} steps left out; --all shows them"


def _table(columns: list[Column], page: Page, look: Look) -> list[str]:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    tall = any(len(cell.lines) > 1 for column in columns for cell in column.cells)
    table = Table(box=box.ASCII2 if look.plain else box.SIMPLE_HEAD, show_edge=False)
    gap = len(_GAP) if page.left_out else 0
    widths = [max(_width(column), gap) for column in columns]
    for column, width in zip(columns, widths, strict=True):
        # not right-justified: Rich would take the blanks away that align a figure on its point
        table.add_column(Text(column.title.rjust(width)), no_wrap=True)
    rows = [
        [_text(cell, page.scale, width) for cell, width in zip(row, widths, strict=True)]
        for row in zip(*(c.cells for c in columns), strict=True)
    ]
    if page.left_out:
        rows.insert(page.gap, [Text(_GAP.rjust(width)) for width in widths])
    for row in rows:
        table.add_row(*row, end_section=tall)
    out = console(sum(widths) + _BORDER * (len(widths) + 1), look.colors)
    with out.capture() as capture:
        out.print(table)
    return capture.get().splitlines()


def _text(cell: Cell, scale: float, width: int) -> "Text":
    """Return a cell as text of that width: a column vector in tall brackets, and shades."""
    from rich.text import Text

    if len(cell.lines) == 1:
        (line,) = cell.lines
        return Text(" " * (width - len(line))).append(line, style=_style(cell, 0, scale))
    text = Text()
    for i, line in enumerate(cell.lines):
        left, right = "⎡⎤" if i == 0 else "⎣⎦" if i == len(cell.lines) - 1 else "⎢⎥"
        text.append(" " * (width - len(line) - 2) + left).append(
            line, style=_style(cell, i, scale)
        ).append(right)
        text.append("\n" if i < len(cell.lines) - 1 else "")
    return text


def _style(cell: Cell, i: int, scale: float) -> str:
    if cell.quantity == "h":
        return _shade(cell.values[i], scale)
    return "bold" if cell.largest == i else ""


def _shade(value: float, scale: float) -> str:
    """Return a background from blue for -scale through none for 0 to red for scale."""
    share = max(-1.0, min(1.0, value / scale))
    if abs(share) < 0.05:
        return ""
    fade = round(230 - 140 * abs(share))  # no darker: the figure is black
    red, green, blue = (255, fade, fade) if share > 0 else (fade, min(255, fade + 40), 255)
    return f"#000000 on #{red:02x}{green:02x}{blue:02x}"
