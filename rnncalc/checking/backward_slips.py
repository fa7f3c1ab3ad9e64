"""What may have gone wrong in one value of a backward pass: in it, or on the way to it."""

from collections.abc import Iterator, Sequence

import numpy as np

from rnncalc.arrays import Array
from rnncalc.checking.backward_mistakes import Edit, edits_of_a_step
from rnncalc.checking.question import Question
from rnncalc.checking.readings import Authored
from rnncalc.checking.slips import Guess, Place, single
from rnncalc.network.equations import Combined, Equation, Rows, follow
from rnncalc.network.naming import at_step

Edited = tuple[Edit, Array]
"""A mistake, and the row (n,) that it gives."""


def edited_rows(question: Question, own: Authored, place: Place) -> list[Edited]:
    """Return the mistakes between the author's own values and the row at `place`."""
    whole = "." in place.name
    redo = _over_all if whole else _at_one
    way = _way(question, place, whole=whole)
    names = [each.name for each in way]
    found = list[Edited]()
    for edit in edits_of_a_step(way, question.equations, question.given):
        rest = way[names.index(edit.equation.name) + 1 :]
        row = redo(question, own, [edit.equation, *rest], place)
        if row is not None:
            found.append((edit, row))
    return found


def backward_guesses(
    question: Question, own: Authored, place: Place, edited: Sequence[Edited]
) -> Iterator[Guess]:
    """Yield the mistakes between the author's own values and the one at `place`.

    Args:
        question: what is checked.
        own: the author's own values.
        place: of the value.
        edited: the mistakes in its row, which are the same for each of its components.
    """
    for edit, row in edited:
        if np.isfinite(row[place.i]):
            yield single(edit.id, row[place.i], edit.text)
    yield from _part_guesses(question, own, place)


def _way(question: Question, place: Place, *, whole: bool) -> list[Equation]:
    """Return the equations that lead to the place from what was printed or given."""
    sources, found = {place.name}, list[Equation]()
    for each in reversed(question.equations):
        hidden = not _is_printed(question, each.name, place.t, whole=whole)
        if each.name in sources and (hidden or each.name == place.name):
            sources |= {source for source, lag in each.reads if whole or not lag}
            found.insert(0, each)
    return found


def _is_printed(question: Question, name: str, t: int, *, whole: bool) -> bool:
    printed = question.printed.get(name)
    if printed is None:
        return False
    return bool(printed.printed.any() if whole else printed.printed[t].any())


def _at_one(
    question: Question, own: Authored, way: Sequence[Equation], place: Place
) -> Array | None:
    """Return the row at the place, calculated along the way in its step alone."""
    name, t, _ = place
    rows: Rows = {}

    def at(source: str, lag: int) -> Array:
        if not lag and source in rows:
            return rows[source]
        if source in question.given:
            of = question.given[source]
            return of[t + lag] if 0 <= t + lag < len(of) else np.zeros(of.shape[1])
        return own.before(source, t, lag)

    for each in way:
        try:
            rows[each.name] = each.of(at)
        except KeyError:  # beyond the first or the last step
            return None
    return rows[name]


def _over_all(
    question: Question, own: Authored, way: Sequence[Equation], place: Place
) -> Array | None:
    """Return the row at the place, calculated along the way in every step."""
    names = {each.name for each in way}
    known = {name: rows for name, rows in own.own.items() if name not in names}
    zeros = {n: np.zeros(rows.shape[1]) for n, rows in (question.given | own.own).items()}
    found, _ = follow(way, {**zeros, **own.start}, {**question.given, **known})
    row: Array = found[place.name][place.t]
    return row


def _part_guesses(question: Question, own: Authored, place: Place) -> Iterator[Guess]:
    """Yield each mistake of taking one part of a sum with the wrong sign."""
    equation = question.equation(place.name)
    if not isinstance(equation, Combined) or "." in place.name:
        return
    values = []
    for part in equation.parts:
        alone = Combined(equation.name, (part,), equation.size)
        row = _at_one(question, own, [alone], place)
        values.append(0.0 if row is None else float(row[place.i]))
    total = sum(values)
    for part, of in zip(equation.parts, values, strict=True):
        named = " × ".join(_named(*source) for source in part.sources)
        if of:
            yield single("sign-turned", total - 2 * of, f"{named} with the wrong sign")


def _named(source: str, lag: int) -> str:
    """Return `dL/dh_t`, or `what comes from t+1`."""
    of = at_step(source, lag)
    return f"what comes {of}" if of.startswith("from") else of
