"""The right working of a value that is wrong."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from math import isfinite

from rnncalc.checking.readings import Authored
from rnncalc.checking.report import Mark, Report
from rnncalc.network.activations import LINEAR, SOFTMAX
from rnncalc.network.audit import AFTER, GRADIENTS, TOTAL, Audit
from rnncalc.network.equations import Applied, Equation, Joined, Rows, Sliced, ahead, lagged
from rnncalc.network.problem import Problem
from rnncalc.network.trace import LOSS
from rnncalc.writing.formulas import outputs
from rnncalc.writing.request import Request
from rnncalc.writing.steps import Step, Values
from rnncalc.writing.working import MOST_TERMS, Lines, sum_line, worked

_LEAST_DECIMALS = 3
_MOST_DECIMALS = 12  # of the right working; nobody works with more


def working_of(
    problem: Problem, report: Report, request: Request, audit: Audit | None = None
) -> Callable[[Mark], list[str]]:
    """Return the function from a mark to what its author should have written."""
    equations = problem.network.equations
    if audit:  # what nothing printed depends on was not calculated
        equations = tuple(e for e in audit.equations if e.name in report.authored.own)
    assert problem.x is not None
    given = {"x": problem.x, **(audit.given if audit else {})}
    decimals = max((mark.decimals for mark in report.not_ok), default=0)
    shown = replace(request, decimals=min(max(decimals, _LEAST_DECIMALS), _MOST_DECIMALS))
    if audit:  # what an author did not write down was not rounded
        shown = replace(shown, by_hand=False)
    functions = {f.name: f for f in equations if isinstance(f, Applied)}
    worked_as = {of.name: output.name for output, of in outputs(equations)}
    joined = {each.name: each for each in equations if isinstance(each, Joined | Sliced)}

    @lru_cache(maxsize=1)  # the values of a step follow each other
    def lines_of(name: str, t: int) -> Lines:
        step = _as_it_follows(equations, given, report.authored, name, t)
        return worked(equations, step, shown)

    def working(mark: Mark) -> list[str]:
        name, t, i = mark.quantity, mark.step, mark.component
        if not isfinite(mark.from_printed) or name == AFTER:
            return []
        while name in joined:  # what lies side by side is worked where it comes from
            name, i = joined[name].component(i)
        if name.startswith((GRADIENTS, TOTAL)):
            return _as_a_sum(report.authored, mark, shown)
        lines, function = lines_of(name, t), functions.get(name)
        found = _own(lines, name, worked_as.get(name, ""), i)
        if function is None or function.activation is SOFTMAX or function.source not in lines:
            return found
        if report.authored.has(function.source, t, i):
            return found
        before = lines[function.source][i]
        return [before] if function.activation is LINEAR else [before, *found]

    return working


def _own(lines: Lines, name: str, otherwise: str, i: int) -> list[str]:
    """Return the line of a component, under its own name or that of its output; none if hidden."""
    return lines.get(name, lines.get(otherwise, []))[i : i + 1]


def _as_a_sum(authored: Authored, mark: Mark, request: Request) -> list[str]:
    """Return the sum of what the steps add, the last step first."""
    share = LOSS if mark.quantity == TOTAL else f"d{mark.quantity.removeprefix(GRADIENTS)}"
    if share not in authored.own or len(authored.own[share]) > MOST_TERMS:
        return []
    shares = authored.own[share][::-1, mark.component].tolist()
    return [sum_line(shares, share, mark.from_printed, request)]


def _as_it_follows(
    equations: Sequence[Equation], given: Rows, authored: Authored, name: str, t: int
) -> Step:
    """Return step `t`, from 0, up to `name` as it follows from the author's own values."""
    redone = authored.redone
    rows = {
        **{n: of[t] for n, of in given.items()},
        **{n: own[t] for n, own in authored.own.items()},
    }
    rows[name] = redone[name][t]
    for output, of in outputs(equations):
        if output.activation is LINEAR:  # both are the same, and worked once
            rows[of.name] = redone[of.name][t]
    backward, last, states = ahead(equations), len(given["x"]) - 1, lagged(equations)
    before = {s: authored.before(s, t, 1 if s in backward else -1) for s in states}
    first = {s for s in states if t == (last if s in backward else 0)}
    return Step(t + 1, _lists(rows), _lists(before), frozenset(first))


def _lists(rows: Rows) -> Values:
    return {name: row.tolist() for name, row in rows.items()}
