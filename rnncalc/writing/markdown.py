r"""A page as Markdown, for notes, notebooks and README files; mathematics is between dollars.

What GitHub, Jupyter, Quarto and Obsidian all render: within a line, without a backslash before
punctuation, which Markdown would take for its own (so a row of a matrix ends with \cr).
"""

import re
from collections.abc import Iterable, Iterator

from rnncalc.writing.columns import Column, rows_of
from rnncalc.writing.entry import Entry
from rnncalc.writing.given import Given, lines_of
from rnncalc.writing.mathematics import is_formula, is_word, math, parts_of
from rnncalc.writing.numbers import BLANK
from rnncalc.writing.page import Page, omitted

_BREAK = "\\\n"


def markdown_text(pages: Iterable[Page]) -> str:
    """Return the pages: formulas, a pipe table, a vector's components below each other."""
    return "\n\n".join(part for page in pages for part in _parts(page)) + "\n"


def _parts(page: Page) -> Iterator[str]:
    if page.heading:
        yield _BREAK.join(map(_formula, page.heading))
    if page.given:
        source = f" (from {_plain(page.origin)})"
        yield _BREAK.join(lines_of(page.given, page.origin, _equation, ", ", source))
    if page.remarks:
        yield _BREAK.join(map(_plain, page.remarks))
    if page.columns:
        yield _table(page)
    for at, step in enumerate([] if page.columns else page.worked):
        if page.left_out and at == page.gap:
            yield f"({omitted(page)})"
        yield f"**{_plain(step.title)}**\n\n{_code(step.lines)}"
    if page.below:
        yield _code(page.below)
    if page.plot:
        yield _code(page.plot)


def _code(lines: list[str]) -> str:
    """Return lines as code by indentation: a fence would end another one around the page."""
    return "\n".join(f"    {line}" for line in lines)


def _plain(text: str) -> str:
    """Return text whose characters mean nothing else in Markdown."""
    return re.sub(r"([\\`*_|<>&\[\]~$#])", r"\\\1", text)


def _math(text: str) -> str:
    """Return mathematics within a line; what Markdown would take for its own is written out."""
    body = math(text).replace("\\_", "\\char95 ").replace("|", "\\vert ")
    return f"${body}$"


def _formula(line: str) -> str:
    if not is_formula(line):
        return _plain(line)
    body, remark = parts_of(line)
    return _math(body) + (f" ({_plain(remark)})" if remark else "")


def _equation(given: Given) -> str:
    name = math(given.symbol)
    if not given.rows:
        return f"${name}$: {given.size.replace('x', '×')}"
    if given.is_number:
        return f"${name} = {math(given.rows[0][0])}$"
    rows = " \\cr ".join(" & ".join(map(math, row)) for row in given.rows)
    return f"${name} = \\begin{{pmatrix}} {rows} \\end{{pmatrix}}$"


def _table(page: Page) -> str:
    titles = [*map(_title, page.columns)]
    rows = [[_entry(entry) for entry in row] for row in rows_of(page.columns)]
    if page.left_out:
        rows.insert(page.gap, ["...", f"({omitted(page)})", *[""] * (len(titles) - 2)])
    rule = ["--:"] * len(titles)
    return "\n".join(f"| {' | '.join(row)} |" for row in [titles, rule, *rows])


def _title(column: Column) -> str:
    title = column.title if is_word(column.title) else _math(column.title)
    return f"{title} {column.group}".rstrip()


def _entry(entry: Entry) -> str:
    lines = ["" if line.strip() == BLANK else line.strip() for line in entry.lines]
    if entry.names:
        pairs = zip(entry.names, lines, strict=True)
        lines = [f"{_plain(name)} {line}".strip() for name, line in pairs]
    if entry.largest is not None:
        lines[entry.largest] = f"**{lines[entry.largest]}**"
    return "<br>".join(lines)
