"""Pages as a part of a web page, for notebooks: no script, and no style but its own."""

from collections.abc import Iterable, Iterator
from html import escape

from rnncalc.writing.columns import rows_of
from rnncalc.writing.entry import Entry
from rnncalc.writing.given import Given, lines_of
from rnncalc.writing.mathematics import is_formula, is_word, parts_of
from rnncalc.writing.mathml import math, row
from rnncalc.writing.page import Page, omitted
from rnncalc.writing.terminal import shade

_CELL = "text-align:right;vertical-align:middle;white-space:pre;padding:0.2em 0.8em"
_NUMBERS = "font-variant-numeric:tabular-nums"


def fragment_html(pages: Iterable[Page]) -> str:
    """Return pages as HTML: formulas and matrices typeset, and a table with shaded states."""
    return f"<div>\n{''.join(part for page in pages for part in _parts(page))}</div>\n"


def text_html(text: str) -> str:
    """Return text as HTML, its lines as they are."""
    return f'<pre style="line-height:1.3">{escape(text)}</pre>\n'


def _parts(page: Page) -> Iterator[str]:
    yield from map(_formula, page.heading)
    source = f" &emsp; (from {escape(page.origin)})"
    for line in lines_of(page.given, page.origin, _equation, " &emsp; ", source):
        yield f'<p style="line-height:2">{line}</p>\n'
    yield from (f"<p>{escape(line)}</p>\n" for line in page.remarks)
    if page.columns:
        yield _table(page)
    for at, step in enumerate([] if page.columns else page.worked):
        if page.left_out and at == page.gap:
            yield f"<p>({omitted(page)})</p>\n"
        yield text_html("\n".join([step.title, *(f"  {line}" for line in step.lines)]))
    for lines in (page.below, page.plot):
        if lines:
            yield text_html("\n".join(lines))


def _formula(line: str) -> str:
    if not is_formula(line):
        return f"<p>{escape(line)}</p>\n"
    body, remark = parts_of(line)
    return f"<div>{math(body)}{f' ({escape(remark)})' if remark else ''}</div>\n"


def _equation(given: Given) -> str:
    if not given.rows:
        return f"{math(given.symbol)}: {given.size.replace('x', '×')}"
    if given.is_number:
        return math(f"{given.symbol} = {given.rows[0][0]}")
    lines = (
        f"<mtr>{''.join(f'<mtd>{row(text)}</mtd>' for text in texts)}</mtr>" for texts in given.rows
    )
    return (
        f"<math>{row(given.symbol)}<mo>=</mo><mrow><mo>(</mo><mtable>{''.join(lines)}</mtable>"
        "<mo>)</mo></mrow></math>"
    )


def _table(page: Page) -> str:
    lines = [
        "".join(_cell(entry, page.scale) for entry in entries) for entries in rows_of(page.columns)
    ]
    if page.left_out:
        lines.insert(
            page.gap, f'<td colspan="{len(page.columns)}" style="{_CELL}">{omitted(page)}</td>'
        )
    head = "".join(
        f'<th style="{_CELL}">{c.title if is_word(c.title) else math(c.title)}'
        f"{f' {escape(c.group)}' if c.group else ''}</th>"
        for c in page.columns
    )
    body = "".join(f"<tr>{line}</tr>\n" for line in lines)
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n"


def _cell(entry: Entry, scale: float) -> str:
    lines = "\n".join(_line(entry, i, scale) for i in range(len(entry.lines)))
    return f'<td style="{_CELL};{_NUMBERS}">{lines}</td>'


def _line(entry: Entry, i: int, scale: float) -> str:
    text = escape(entry.texts[i])
    if entry.largest == i:
        return f"<b>{text}</b>"
    color = shade(entry.states[i], scale) if entry.states else ""
    return f'<span style="background:{color};color:#000">{text}</span>' if color else text
