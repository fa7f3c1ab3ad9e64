"""A quantity over the steps that are shown: a column of a table, for whichever renderer."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from rnncalc.network.activations import SOFTMAX
from rnncalc.network.cells import OUTPUTS
from rnncalc.network.naming import at_step, label
from rnncalc.network.problem import Problem
from rnncalc.network.symbols import shown_symbol
from rnncalc.writing.entry import Entry
from rnncalc.writing.entry import shortened as of_many
from rnncalc.writing.formulas import functions
from rnncalc.writing.named import MOST_NAMED, NAMED, note_entries
from rnncalc.writing.notes import FOR_PROGRAMS, IN_WORDS, names_of
from rnncalc.writing.numbers import texts_of
from rnncalc.writing.request import Request
from rnncalc.writing.steps import Step


@dataclass(frozen=True)
class Column:
    """A column of a table, with an entry for each step.

    Attributes:
        key: what the quantity is known by: `h_l0`, or `best`.
        title: `h_t`, or a word.
        entries: one for each step.
        group: the layer and direction that it is of, `l0 reverse`; "" in a network of one layer.
        parts: the names of the components; one alone has none.
        is_number: whether these are numbers, and not words.
        worked: the line of working that each component has, if not one of its own.
        least: the characters that it takes at least.
    """

    key: str
    title: str
    entries: list[Entry]
    group: str = ""
    parts: Sequence[str] = ("",)
    is_number: bool = True
    worked: Sequence[int] = ()
    least: int = 0

    @cached_property
    def width(self) -> int:
        """The characters of the longest line, or of the title."""
        brackets = 2 if any(len(entry.lines) > 1 for entry in self.entries) else 0
        longest = max(len(line) for entry in self.entries for line in entry.texts)
        return max(len(self.title), longest + brackets, self.least)


Widths = dict[str, tuple[int, int]]
"""By the key of a column: the most characters of a value from its point on, and in all."""


def rows_of(columns: Sequence[Column]) -> list[tuple[Entry, ...]]:
    """Return the entries of some columns, one row per step."""
    return [*zip(*(column.entries for column in columns), strict=True)]


def shortened(column: Column) -> Column:
    """Return a column whose long vectors have their first and last components only."""
    entries = [each if each.names else of_many(each) for each in column.entries]
    return replace(column, entries=entries)


def plain_column(title: str, texts: Sequence[str]) -> Column:
    """Return a column of numbers other than the quantities of a step, aligned on the point."""
    return aligned(Column(title, title, [Entry([text]) for text in texts]), {})


def aligned(column: Column, widths: Widths) -> Column:
    """Return a column of numbers aligned on the point and all of one width, or of `widths`."""
    texts = [entry.lines for entry in column.entries]
    return with_lines(column, aligned_texts(column.key, texts, widths))


def with_lines(column: Column, lines: Sequence[list[str]]) -> Column:
    """Return a column with other lines in each entry."""
    pairs = zip(column.entries, lines, strict=True)
    return replace(column, entries=[entry._replace(lines=of) for entry, of in pairs])


def aligned_texts(key: str, texts: list[list[str]], widths: Widths) -> list[list[str]]:
    """Return the values of a column, aligned as `aligned` does."""
    places, width = widths.get(key, (0, 0))
    tails = [[len(text) - text.find(".") if "." in text else 0 for text in row] for row in texts]
    places = max(places, *map(max, tails))
    if places > min(map(min, tails)):
        pairs = (zip(*both, strict=True) for both in zip(texts, tails, strict=True))
        texts = [[text + " " * (places - tail) for text, tail in row] for row in pairs]
    width = max(width, *(len(text) for row in texts for text in row))
    widths[key] = places, width
    return [[text.rjust(width) for text in row] for row in texts]


def columns_of(
    problem: Problem,
    request: Request,
    steps: list[Step],
    names: Sequence[str],
    states: Collection[str],
) -> list[Column]:
    """Return the columns of a run: notes, quantities in the order of calculation, notes.

    Args:
        problem: what was run.
        request: how it is shown.
        steps: the steps.
        names: the quantities.
        states: those that are shaded by their size.
    """
    before, after = names_of(problem, request)
    columns = [_noted(problem, request, name, steps) for name in before]
    for name in names:
        values = [step.values[name] for step in steps]
        columns.append(column_of(problem, request, name, values, states))
    after = [name for name in after if name not in FOR_PROGRAMS]
    return [*columns, *(_noted(problem, request, name, steps) for name in after)]


def column_of(
    problem: Problem,
    request: Request,
    name: str,
    rows: Sequence[list[float]],
    states: Collection[str],
) -> Column:
    """Return the column of a quantity with these values, of which only some may be shown."""
    network = problem.network
    softmax = functions([*network.equations, *network.answers]).get(name) is SOFTMAX
    entries = []
    for row in rows:
        of, texts = request.components_of(name, row), texts_of(name, row, request)
        look = of if name in states else (), of.index(max(of)) if softmax else None
        # neither a shade nor bold gives anything away
        entries.append(Entry(texts) if name in request.hidden else Entry(texts, *look))
    title, group = at_step(name[0] if label(name) else name), label(name)
    return Column(name, title, entries, group, _parts(problem, request, name, len(rows[0])))


def _parts(problem: Problem, request: Request, name: str, size: int) -> list[str]:
    """Return the names of a quantity's components that are shown; one alone has none."""
    if size == 1:
        return [""]
    names = [str(i) for i in range(size)]
    if problem.labels and name in OUTPUTS:
        names = [shown_symbol(symbol) for symbol in problem.labels.symbols]
    return request.components_of(name, names)


def _noted(problem: Problem, request: Request, name: str, steps: list[Step]) -> Column:
    """Return the column of a note: of symbols and their like, or of numbers."""
    entries = note_entries(problem, request, name, steps)
    size = max(len(entry.lines) for entry in entries)
    parts = [str(i) for i in range(size)] if size > 1 else [""]
    words = any(text for entry in entries for text in entry.names)
    title = name if name in IN_WORDS else at_step(name)
    return Column(name, title, entries, "", parts, is_number=not words)


def with_names(problem: Problem, request: Request, column: Column, steps: list[Step]) -> Column:
    """Return the column of an output with its names in each entry; of very many, the largest."""
    labels, name = problem.labels, column.key
    if labels is None or name not in OUTPUTS:
        return column
    some = request.components.get(name, range(len(labels)))
    names = [shown_symbol(labels.symbols[i]) for i in some]
    entries = []
    for entry, step in zip(column.entries, steps, strict=True):
        row = request.components_of(name, step.values[name])
        order = [*range(len(row))]
        if len(order) > MOST_NAMED and not (request.whole or request.hidden):
            order.sort(key=lambda i: -row[i])  # used at once
            order = order[:NAMED]
        largest = order.index(max(order, key=row.__getitem__)) if len(row) > 1 else None
        lines = [entry.lines[i] for i in order]
        marked = None if request.hidden else largest
        entries.append(Entry(lines, (), marked, [names[i] for i in order]))
    return replace(column, entries=entries)
