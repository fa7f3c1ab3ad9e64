"""A page as Markdown, for notes and README files."""

from rnncalc.writing.page import Entry, Page, WorkedStep, rows_of


def markdown_text(page: Page) -> str:
    """Return the page: formulas as code, a pipe table, a vector's components below each other."""
    parts = [_code(page.heading)]
    if page.columns:
        parts.append(_table(page))
    else:
        parts += [_step(step) for step in page.worked]
        parts[1 + page.gap : 1 + page.gap] = [_left_out(page)] if page.left_out else []
    if page.plot:
        parts.append(_code(page.plot))
    return "\n\n".join(parts) + "\n"


def _code(lines: list[str]) -> str:
    """Return lines as code by indentation: a fence would end another one around the page."""
    return "\n".join(f"    {line}" for line in lines)


def _left_out(page: Page) -> str:
    return f"({page.left_out} steps left out)"


def _table(page: Page) -> str:
    titles = [f"`{column.title}`" for column in page.columns]
    rows = [[_entry(entry) for entry in row] for row in rows_of(page.columns)]
    if page.left_out:
        rows.insert(page.gap, ["...", _left_out(page), *[""] * (len(titles) - 2)])
    rule = ["--:"] * len(titles)
    return "\n".join(f"| {' | '.join(row)} |" for row in [titles, rule, *rows])


def _entry(entry: Entry) -> str:
    lines = [line.strip() for line in entry.lines]
    if entry.largest is not None:
        lines[entry.largest] = f"**{lines[entry.largest]}**"
    return "<br>".join(lines)


def _step(step: WorkedStep) -> str:
    return f"**{step.title}**\n\n{_code(step.lines)}"
