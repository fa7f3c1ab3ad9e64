"""A page as Markdown, for notes and README files."""

from rnncalc.writing.page import Cell, Page, WorkedStep


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
    rows = [
        [_cell(cell) for cell in row] for row in zip(*(c.cells for c in page.columns), strict=True)
    ]
    if page.left_out:
        rows.insert(page.gap, ["...", _left_out(page), *[""] * (len(titles) - 2)])
    rule = ["--:"] * len(titles)
    return "\n".join(f"| {' | '.join(row)} |" for row in [titles, rule, *rows])


def _cell(cell: Cell) -> str:
    lines = [line.strip() for line in cell.lines]
    if cell.largest is not None:
        lines[cell.largest] = f"**{lines[cell.largest]}**"
    return "<br>".join(lines)


def _step(step: WorkedStep) -> str:
    lines = [line for of in step.lines.values() for line in of]
    return f"**{step.title}**\n\n{_code(lines)}"
