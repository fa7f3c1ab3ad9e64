"""A page as Markdown, for notes and README files."""

import re
from collections.abc import Iterable, Iterator

from rnncalc.writing.entry import Entry
from rnncalc.writing.page import Page, omitted, rows_of
from rnncalc.writing.side_by_side import given_lines


def markdown_text(pages: Iterable[Page]) -> str:
    """Return the pages: formulas as code, a pipe table, a vector's components below each other."""
    return "\n\n".join(part for page in pages for part in _parts(page)) + "\n"


def _parts(page: Page) -> Iterator[str]:
    if page.heading:
        yield _code([*page.heading, *given_lines(page.given, page.origin, None), *page.remarks])
    if page.columns:
        yield _table(page)
    for at, step in enumerate([] if page.columns else page.worked):
        if page.left_out and at == page.gap:
            yield f"({omitted(page)})"
        yield f"**{step.title}**\n\n{_code(step.lines)}"
    if page.below:
        yield _code(page.below)
    if page.plot:
        yield _code(page.plot)


def _code(lines: list[str]) -> str:
    """Return lines as code by indentation: a fence would end another one around the page."""
    return "\n".join(f"    {line}" for line in lines)


def _table(page: Page) -> str:
    titles = [f"`{column.title}` {column.group}".rstrip() for column in page.columns]
    rows = [[_entry(entry) for entry in row] for row in rows_of(page.columns)]
    if page.left_out:
        rows.insert(page.gap, ["...", f"({omitted(page)})", *[""] * (len(titles) - 2)])
    rule = ["--:"] * len(titles)
    return "\n".join(f"| {' | '.join(row)} |" for row in [titles, rule, *rows])


def _entry(entry: Entry) -> str:
    lines = [line.strip() for line in entry.lines]
    if entry.names:
        names = (re.sub(r"([\\`*_|<>&\[\]~])", r"\\\1", name) for name in entry.names)
        lines = [f"{name} {line}".strip() for name, line in zip(names, lines, strict=True)]
    if entry.largest is not None:
        lines[entry.largest] = f"**{lines[entry.largest]}**"
    return "<br>".join(lines)
