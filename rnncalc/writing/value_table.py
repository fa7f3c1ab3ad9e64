"""The values of a page as tables: one row per step, one column per component."""

import re
from collections.abc import Iterator, Sequence
from html import escape

from rnncalc.network.naming import component, people
from rnncalc.writing.sheet import Group, Sheet
from rnncalc.writing.typeset import shade

_WIDEST = 24  # columns of a table
_FEW = 12  # columns that a page of paper can hold
_TALL = 40  # rows, of which more scroll within the page
_SUBSCRIPT = re.compile(r"([A-Za-z]+)_(\{[^}]*\}|[A-Za-z0-9]+)")


def tables_html(sheet: Sheet) -> str:
    """Return the tables of the steps, and those of an answer at the end."""
    found = [
        _table(sheet, numbers, groups)
        for numbers, every in sheet.tables
        for groups in _packed(every)
        if groups
    ]
    return f'<section id="values">\n<h2>Values</h2>\n{"".join(found)}</section>\n'


def _packed(groups: Sequence[Group]) -> Iterator[list[Group]]:
    """Yield the groups in tables that are not too wide; a wide one is a table of its own."""
    some: list[Group] = []
    for group in groups:
        if some and sum(len(each.parts) for each in [*some, group]) > _WIDEST:
            yield some
            some = []
        some.append(group)
    yield some


def _table(sheet: Sheet, numbers: Sequence[str], groups: Sequence[Group]) -> str:
    rows = [_row(number, at, groups) for at, number in enumerate(numbers)]
    columns = sum(len(group.parts) for group in groups)
    if sheet.left_out and len(numbers) > 1:
        text = f'<td colspan="{columns + 1}">{sheet.left_out} steps omitted</td>'
        rows.insert(sheet.gap, f'<tr class="gap">{text}</tr>')
    about = escape(", ".join(f"{g.title} of {g.label}" if g.label else g.title for g in groups))
    return (
        f'<div class="scroll{" tall" * (len(rows) > _TALL)}">'
        f'<table class="values{" many" * (columns > _FEW)}" aria-label="{about}">\n'
        f"<colgroup><col>{''.join(map(_columns, groups))}</colgroup>\n"
        f"<thead>{_head(groups)}</thead>\n<tbody>\n"
        + "\n".join(rows)
        + "\n</tbody></table></div>\n"
    )


def _columns(group: Group) -> str:
    """Return the columns of a quantity, which know its name for the script."""
    key = escape(group.key)
    return "".join(
        f'<col data-key="{key}" data-i="{group.worked[i] if group.worked else i}" '
        f'data-name="{escape(_name(group, i))}">'
        for i in range(len(group.parts))
    )


def _name(group: Group, i: int) -> str:
    return component(group.key, group.parts[i]) if group.parts[i] else people(group.key)


def _head(groups: Sequence[Group]) -> str:
    """Return the titles of the columns, and below them the names of components, if there are."""
    tall = any(group.parts != [""] for group in groups)
    first = [f'<th scope="col"{_span(2 if tall else 1, "row")}><i>t</i></th>']
    second = []
    for group in groups:
        label = f' <span class="where">{escape(group.label)}</span>' if group.label else ""
        title = _SUBSCRIPT.sub(_lowered, escape(group.title)) + label
        if group.parts == [""]:
            first.append(f'<th scope="col"{_span(2 if tall else 1, "row")}>{title}</th>')
        else:
            count = len(group.parts)
            first.append(f'<th scope="colgroup" class="first"{_span(count, "col")}>{title}</th>')
            second += [
                f'<th scope="col"{"" if i else " class=first"}><bdi>{escape(part)}</bdi></th>'
                for i, part in enumerate(group.parts)
            ]
    below = f"<tr>{''.join(second)}</tr>" if tall else ""
    return f"<tr>{''.join(first)}</tr>{below}"


def _lowered(found: re.Match[str]) -> str:
    """Return `h_t` with its subscript; of a title, mathematics is not read out everywhere."""
    return f"<i>{found[1]}</i><sub>{found[2].strip('{}')}</sub>"


def _span(n: int, of: str) -> str:
    return f' {of}span="{n}"' if n > 1 else ""


def _row(number: str, at: int, groups: Sequence[Group]) -> str:
    cells = "".join(_cells(group, at) for group in groups)
    return f'<tr data-t="{number.rstrip("*")}"><th scope="row">{number}</th>{cells}</tr>'


def _cells(group: Group, at: int) -> str:
    texts = []
    for i, shown in enumerate(group.rows[at]):
        look = shade(group.shares[at][i], 1.0) if group.shares else ""
        look = f"{look} first".strip() if not i else look
        if not group.is_number:
            look = f"{look} word".strip()
        if group.largest and group.largest[at] == i:
            look = f"{look} top".strip()
        text = escape(shown) if group.is_number else f"<bdi>{escape(shown)}</bdi>"
        texts.append(f'<td class="{look}">{text}</td>' if look else f"<td>{text}</td>")
    return "".join(texts)
