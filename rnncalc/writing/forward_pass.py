"""The forward pass above a backward one: what each step is given, and what follows from it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from rnncalc.network.equations import Rows
from rnncalc.network.gradients import Descended
from rnncalc.network.notes import Ending
from rnncalc.network.objective import COUNTED
from rnncalc.network.problem import Problem
from rnncalc.network.trace import LOSS, SYMBOL, TARGET
from rnncalc.writing.columns import Column
from rnncalc.writing.gradients import excerpt_back, reversed_steps
from rnncalc.writing.named import target_of
from rnncalc.writing.numbers import BLANK
from rnncalc.writing.page import Page, pages
from rnncalc.writing.request import Request
from rnncalc.writing.sheet import answered, columns_of_answer, columns_of_run
from rnncalc.writing.steps import Excerpt, Step


def forward_pages(
    problem: Problem, found: Descended, request: Request, steps: range
) -> Iterator[Page]:
    """Yield the pages of the forward pass at some steps, counted from 0.

    With `--only` the table has what is given alone, since nothing else is asked for.
    """
    whole = replace(request, only=(), components={}, steps=None, work=False)
    shown = _in_time_order(problem, found, excerpt_back(found, whole, steps))
    last = _last(problem, found)
    ending = Ending(_answer(problem, last))
    for page in pages(problem, whole, [shown], ending):
        if page.worked:  # the answer at the end
            yield _with_target(page, problem, whole, last)
            continue
        columns = [] if _is_named(found, request) else page.columns
        yield replace(page, columns=[*filter(_is_given, columns)] if request.only else columns)


def forward_tables(
    problem: Problem, found: Descended, request: Request, shown: Excerpt
) -> list[tuple[list[str], list[Column]]]:
    """Return the tables of the forward pass for a web page, at the steps of the backward pass.

    With `--only` an exercise has what is given alone, and anything else has none.
    """
    if _is_named(found, request) or (request.only and not request.hidden):
        return []
    whole = replace(request, only=(), components={}, whole=True)
    shown = _in_time_order(problem, found, shown)
    columns = columns_of_run(problem, whole, shown.steps, {})
    if request.only:
        columns = [c for c in columns if any({*each.lines} != {BLANK} for each in c.entries)]
    tables = [([str(step.t) for step in shown.steps], columns)]
    if answer := _answer(problem, _last(problem, found)):
        at_end = answered(problem, whole, answer)
        tables.append((["end"], columns_of_answer(problem, whole, at_end)))
    return tables


def _is_named(found: Descended, request: Request) -> bool:
    """Return whether `--only` names all that is given, which is in the backward pass then."""
    given = {"x", TARGET} if found.backward.objective.loss else {"x"}
    return given <= {*request.only}


def _in_time_order(problem: Problem, found: Descended, shown: Excerpt) -> Excerpt:
    """Return the steps from the first to the last, each with what is known beside it."""
    first, last = shown.last[::-1], shown.first[::-1]
    if not shown.left_out:
        first, last = [*first, *last], []
    noted = [[_noted(problem, found, step) for step in some] for some in (first, last)]
    return Excerpt(noted[0], noted[1], shown.left_out)


def _noted(problem: Problem, found: Descended, step: Step) -> Step:
    notes: dict[str, float | Sequence[float]] = {}
    if problem.spelt is not None:
        notes[SYMBOL] = float(problem.spelt[step.t - 1])
    if found.backward.objective.loss:
        counts, target = bool(step.values[COUNTED][0]), step.values[TARGET]
        notes[TARGET] = target if counts else [np.nan] * len(target)
        notes[LOSS] = step.values[LOSS][0] if counts else np.nan
    return replace(step, notes=notes)


def _last(problem: Problem, found: Descended) -> Step:
    """Return the last step of all."""
    steps = sum(map(len, found.traces))
    return _noted(problem, found, next(reversed_steps(found.traces, [steps - 1])))


def _answer(problem: Problem, last: Step) -> Rows:
    """Return what a readout answers that is asked once, at the end; empty for any other."""
    names = ["h", *(each.name for each in problem.network.answers)] if problem.network.final else []
    return {name: np.array(last.values[name]) for name in names}


def _with_target(page: Page, problem: Problem, request: Request, last: Step) -> Page:
    target = target_of(problem, request, last)
    worked = [replace(of, lines=[*of.lines, *target]) for of in page.worked]
    return replace(page, worked=worked)


def _is_given(column: Column) -> bool:
    """Return whether a column is there to be read, and not to be filled in."""
    return any(text.strip() not in ("", BLANK) for entry in column.entries for text in entry.texts)
