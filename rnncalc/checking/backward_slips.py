"""What may have gone wrong in one value of a backward pass: in it, or on the way to it."""

from collections.abc import Iterator, Sequence

import numpy as np

from rnncalc.arrays import Array
from rnncalc.checking.backward_mistakes import Edit, edits_of_a_step
from rnncalc.checking.question import Question
from rnncalc.checking.readings import Authored
from rnncalc.checking.slips import Guess, Place
from rnncalc.network.equations import Combined, Equation, Rows, follow


def backward_guesses(question: Question, own: Authored, place: Place) -> Iterator[Guess]:
    """Yield the mistakes between the author's own values and the one at `place`."""
    name, _, i = place
    whole = "." in name
    for edit in edits_of_a_step(question.equations, question.given):
        way = _way(question, edit.equation.name, place, whole=whole)
        if not way:
            continue
        changed = [edit.equation if each.name == edit.equation.name else each for each in way]
        value = (_over_all if whole else _at_one)(question, own, changed, place)
        if value is not None and np.isfinite(value[i]):
            yield _one(edit, float(value[i]))
    yield from _part_guesses(question, own, place)


def _one(edit: Edit, value: float) -> Guess:
    return Guess(edit.id, np.array([value]), lambda _: edit.text)


def _way(question: Question, begin: str, place: Place, *, whole: bool) -> list[Equation]:
    """Return the equations from `begin` to the place, by way of what was not printed."""
    name, t, _ = place
    reached, way = {begin}, list[Equation]()
    for each in question.equations:
        sources = {source for source, lag in each.reads if whole or not lag}
        if each.name != begin and not (sources & reached and reached & {e.name for e in way}):
            continue
        if each.name != name and _is_printed(question, each.name, t, whole=whole):
            if each.name == begin:
                return []
            continue
        way.append(each)
        reached.add(each.name)
        if each.name == name:
            return way
    return []


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
    """Yield the mistakes in one part of a sum: left out, or with the wrong sign."""
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
        named = " × ".join(source for source, _ in part.sources)
        if of:
            turned, text = np.array([total - 2 * of]), f"{named} with the wrong sign"
            yield Guess("sign-turned", turned, lambda _, text=text: text)  # type: ignore[misc]
