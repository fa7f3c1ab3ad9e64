"""The right working of a value that is wrong."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from math import isfinite

from rnncalc.checking.readings import Authored
from rnncalc.checking.report import Mark, Report
from rnncalc.network.activations import LINEAR, SOFTMAX
from rnncalc.network.equations import Applied, Rows, ahead
from rnncalc.network.problem import Problem
from rnncalc.writing.formulas import outputs
from rnncalc.writing.request import Request
from rnncalc.writing.steps import Step, Values
from rnncalc.writing.working import Lines, worked

_LEAST_DECIMALS = 3
_MOST_DECIMALS = 12  # of the right working; nobody works with more


def working_of(problem: Problem, report: Report, request: Request) -> Callable[[Mark], list[str]]:
    """Return the function from a mark to what its author should have written."""
    decimals = max((mark.decimals for mark in report.not_ok), default=0)
    on_paper = replace(request, decimals=min(max(decimals, _LEAST_DECIMALS), _MOST_DECIMALS))
    functions = {f.name: f for f in problem.network.equations if isinstance(f, Applied)}
    worked_as = {of.name: output.name for output, of in outputs(problem.network.equations)}

    @lru_cache(maxsize=1)  # the values of a step follow each other
    def lines_of(name: str, t: int) -> Lines:
        step = _as_it_follows(problem, report.authored, name, t)
        return worked(problem.network, step, on_paper)

    def working(mark: Mark) -> list[str]:
        name, t, i = mark.quantity, mark.step, mark.component
        if not isfinite(mark.from_printed):
            return []
        lines, function = lines_of(name, t), functions.get(name)
        own = lines[name if name in lines else worked_as[name]][i]
        if function is None or function.activation is SOFTMAX or function.source not in lines:
            return [own]
        if report.authored.has(function.source, t, i):
            return [own]
        before = lines[function.source][i]
        return [before] if function.activation is LINEAR else [before, own]

    return working


def _as_it_follows(problem: Problem, authored: Authored, name: str, t: int) -> Step:
    """Return step `t`, from 0, up to `name` as it follows from the author's own values."""
    assert problem.x is not None
    network, redone = problem.network, authored.redone
    rows = {"x": problem.x[t], **{n: own[t] for n, own in authored.own.items()}}
    rows[name] = redone[name][t]
    for output, of in outputs(network.equations):
        if output.activation is LINEAR:  # both are the same, and worked once
            rows[of.name] = redone[of.name][t]
    backward, last = ahead(network.equations), len(problem.x) - 1
    before = {s: authored.before(s, t, 1 if s in backward else -1) for s in network.states}
    given = {s for s in network.states if t == (last if s in backward else 0)}
    return Step(t + 1, _lists(rows), _lists(before), frozenset(given))


def _lists(rows: Rows) -> Values:
    return {name: row.tolist() for name, row in rows.items()}
