r"""Tables in Markdown, as `-f md` writes them or as a person types them, with text around them.

A vector's components are below each other, `0.410<br>0.200`, beside their names if they have any,
`**odd 1.000**`; a title is a formula, `$h_{t}$ l0 reverse`, or the name of a column, `h[0]`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import NamedTuple

from rnncalc.errors import InputError, counted
from rnncalc.network.cells import OUTPUTS
from rnncalc.network.naming import at_step, label, people, stem_of
from rnncalc.network.symbols import shown_symbol
from rnncalc.numerals.number import NOT_PRINTED, typed
from rnncalc.reading.texts import refuse_cells

_BLANKS = " \t\r"
_RULE = r"[ \t]*:?-+:?[ \t]*"
_OMITTED = ("...", "…", "⋮")  # the first cell of a row that stands for many


class Table(NamedTuple):
    """A table, each row with the number of its line in the file, and its cells part by part."""

    titles: list[str]
    rows: list[tuple[int, list[list[str]]]]


def tables_in(text: str, most: int) -> Iterator[Table]:
    """Yield the tables in a text, of at most so many cells and components.

    Raises:
        InputError: there are more, or a row has another number of cells than the titles above it.
    """
    lines = enumerate(text.split("\n") if "|" in text else [], 1)
    above, cells = "", 0
    for _, line in lines:
        size = _size_below(above, line)
        if size:
            cells = cells or text.count("|") + text.count("<br")
            refuse_cells(cells, most)
            below = takewhile(lambda numbered: "|" in numbered[1], lines)
            yield Table(_cells(above), [*_rows(below, size)])
        above = line


def _size_below(titles: str, line: str) -> int:
    """Return how many titles there are if `line` is the rule below them, or 0."""
    if "|" not in titles or "-" not in line or line.strip("|:-" + _BLANKS):
        return 0
    cells, size = _cells(line), len(_cells(titles))
    return size if len(cells) == size and all(re.fullmatch(_RULE, c) for c in cells) else 0


def _rows(lines: Iterable[tuple[int, str]], size: int) -> Iterator[tuple[int, list[list[str]]]]:
    for n, line in lines:
        cells = _cells(line)
        if len(cells) != size:
            found = f"{counted(len(cells), 'cell')}, but the header has {size}"
            raise InputError(f"line {n} has {found}")
        if cells[0] not in _OMITTED:
            yield n, [_parts(cell) for cell in cells]


def _cells(line: str) -> list[str]:
    row = line.strip(_BLANKS).removeprefix("|")
    cells = [cell.strip(_BLANKS) for cell in re.split(r"(?<!\\)\|", row)]
    return cells if cells[-1] or len(cells) == 1 else cells[:-1]


def _parts(cell: str) -> list[str]:
    """Return the components in a cell, without what only sets them in bold or as a formula."""
    return [part.strip("*$`" + _BLANKS) for part in re.split(r"<br ?/?>", cell)]


def by_title(known: Sequence[str]) -> dict[str, str]:
    """Return the known names by what their titles have in common in all notations."""
    names = dict[str, str]()
    for name in known:
        group = f" {label(name)}"
        for shown in (at_step(stem_of(name)) + group, people(stem_of(name)) + group, people(name)):
            names.setdefault(_letters(shown), name)
    return names


def named(title: str, names: Mapping[str, str]) -> str:
    """Return the name that a title stands for, or the title itself."""
    return names.get(_letters(title), title.strip("*$`" + _BLANKS))


def _letters(title: str) -> str:
    r"""Return what a title has in all notations: `dLht` of `dL/h_t` and `$\mathrm{d}L/h_{t}$`."""
    return re.sub(r"\\(?:mathrm|text)|[^A-Za-z0-9+'-]", "", typed(title))


def by_label(parts: list[str], name: str, labels: Sequence[str]) -> list[str]:
    """Return all components of an output of which some have their labels beside them.

    Those that are not there were not printed. Without labels the parts are the components.
    """
    pairs = [part.rpartition(" ") for part in parts]
    if name not in OUTPUTS or not labels or not all(before for before, _, _ in pairs):
        return parts
    places = {typed(shown_symbol(symbol)): i for i, symbol in enumerate(labels)}
    found = [NOT_PRINTED] * len(labels)
    for before, _, value in pairs:
        at = places.get(typed(re.sub(r"\\([\\`*_|<>&\[\]~$#])", r"\1", before)))
        if at is None:
            return parts
        found[at] = value
    return found
