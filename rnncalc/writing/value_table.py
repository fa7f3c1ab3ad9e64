"""The values of a page as tables: one row per step, one column per component."""

import re
from collections.abc import Iterator, Sequence
from html import escape

from rnncalc.network.naming import component, people
from rnncalc.writing.columns import Column, rows_of
from rnncalc.writing.entry import Entry
from rnncalc.writing.sheet import Sheet
from rnncalc.writing.typeset import shade

_WIDEST = 24  # columns of a table
_FEW = 12  # columns that a page of paper can hold
_TALL = 40  # rows, of which more scroll within the page
_SUBSCRIPT = re.compile(r"([A-Za-z]+)_(\{[^}]*\}|[A-Za-z0-9]+)")


def tables_html(sheet: Sheet) -> str:
    """Return the tables of the steps, and those of an answer at the end."""
    found = [
        _table(sheet, numbers, columns)
        for numbers, every in sheet.tables
        for columns in _packed(every)
        if columns
    ]
    return f'<section id="values">\n<h2>Values</h2>\n{"".join(found)}</section>\n'


def _packed(columns: Sequence[Column]) -> Iterator[list[Column]]:
    """Yield the columns in tables that are not too wide; a wide one is a table of its own."""
    some: list[Column] = []
    for column in columns:
        if some and sum(len(each.parts) for each in [*some, column]) > _WIDEST:
            yield some
            some = []
        some.append(column)
    yield some


def _table(sheet: Sheet, numbers: Sequence[str], columns: Sequence[Column]) -> str:
    rows = []
    for number, entries in zip(numbers, rows_of(columns), strict=True):
        pairs = zip(columns, entries, strict=True)
        cells = "".join(_cells(*pair, sheet.page.scale) for pair in pairs)
        head = f'<th scope="row">{number}</th>'
        rows.append(f'<tr data-t="{number.rstrip("*")}">{head}{cells}</tr>')
    count = sum(len(column.parts) for column in columns)
    if sheet.page.left_out and len(numbers) > 1:
        text = f'<td colspan="{count + 1}">{sheet.page.left_out} steps omitted</td>'
        rows.insert(sheet.page.gap, f'<tr class="gap">{text}</tr>')
    about = escape(", ".join(f"{c.title} of {c.group}" if c.group else c.title for c in columns))
    return (
        f'<div class="scroll{" tall" * (len(rows) > _TALL)}">'
        f'<table class="values{" many" * (count > _FEW)}" aria-label="{about}">\n'
        f"<colgroup><col>{''.join(map(_columns, columns))}</colgroup>\n"
        f"<thead>{_head(columns)}</thead>\n<tbody>\n"
        + "\n".join(rows)
        + "\n</tbody></table></div>\n"
    )


def _columns(column: Column) -> str:
    """Return the columns of a quantity, which know its name for the script."""
    key = escape(column.key)
    return "".join(
        f'<col data-key="{key}" data-i="{column.worked[i] if column.worked else i}" '
        f'data-name="{escape(_name(column, i))}">'
        for i in range(len(column.parts))
    )


def _name(column: Column, i: int) -> str:
    return component(column.key, column.parts[i]) if column.parts[i] else people(column.key)


def _head(columns: Sequence[Column]) -> str:
    """Return the titles of the columns, and below them the names of components, if there are."""
    tall = any(any(column.parts) for column in columns)
    first = [f'<th scope="col"{_span(2 if tall else 1, "row")}><i>t</i></th>']
    second = []
    for column in columns:
        label = f' <span class="where">{escape(column.group)}</span>' if column.group else ""
        title = _SUBSCRIPT.sub(_lowered, escape(column.title)) + label
        if not any(column.parts):
            first.append(f'<th scope="col"{_span(2 if tall else 1, "row")}>{title}</th>')
        else:
            count = len(column.parts)
            first.append(f'<th scope="colgroup" class="first"{_span(count, "col")}>{title}</th>')
            second += [
                f'<th scope="col"{"" if i else " class=first"}><bdi>{escape(part)}</bdi></th>'
                for i, part in enumerate(column.parts)
            ]
    below = f"<tr>{''.join(second)}</tr>" if tall else ""
    return f"<tr>{''.join(first)}</tr>{below}"


def _lowered(found: re.Match[str]) -> str:
    """Return `h_t` with its subscript; of a title, mathematics is not read out everywhere."""
    return f"<i>{found[1]}</i><sub>{found[2].strip('{}')}</sub>"


def _span(n: int, of: str) -> str:
    return f' {of}span="{n}"' if n > 1 else ""


def _cells(column: Column, entry: Entry, scale: float) -> str:
    texts = [*(entry.names if any(entry.names) else entry.lines)]
    texts += [""] * (len(column.parts) - len(texts))  # of a missing target
    cells = []
    for i, shown in enumerate(texts):
        looks = {
            shade(entry.states[i], scale) if entry.states else "": True,
            "first": not i,
            "word": not column.is_number,
            "top": entry.largest == i and len(column.parts) > 1,
        }
        look = " ".join(name for name, on in looks.items() if name and on)
        text = escape(shown) if column.is_number else f"<bdi>{escape(shown)}</bdi>"
        cells.append(f'<td class="{look}">{text}</td>' if look else f"<td>{text}</td>")
    return "".join(cells)
