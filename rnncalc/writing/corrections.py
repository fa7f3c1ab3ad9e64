"""The right working of a value that is wrong."""

from collections.abc import Callable
from functools import lru_cache, partial
from math import isfinite

from rnncalc.arrays import Array
from rnncalc.checking.readings import Authored
from rnncalc.checking.report import Mark, Report
from rnncalc.network.activations import LINEAR, SOFTMAX
from rnncalc.network.forward import COMPUTED
from rnncalc.network.model import Network
from rnncalc.network.problem import Problem
from rnncalc.writing.steps import Step
from rnncalc.writing.working import Lines, Paper, worked

_LEAST_DECIMALS = 3
_MOST_DECIMALS = 12  # of the right working; nobody works with more


def working_of(problem: Problem, x: Array, report: Report) -> Callable[[Mark], list[str]]:
    """Return the function from a mark to what its author should have written."""
    decimals = max((mark.decimals for mark in report.not_ok), default=0)
    paper = Paper(min(max(decimals, _LEAST_DECIMALS), _MOST_DECIMALS))
    network, given = problem.network, problem.given
    follows = partial(_as_it_follows, network, x, report.authored)

    @lru_cache(maxsize=1)  # the figures of a step come one after the other
    def lines_of(name: str, t: int) -> Lines:
        return worked(network, given, follows(name, t), paper)

    def working(mark: Mark) -> list[str]:
        name, t, i = mark.quantity, mark.step, mark.component
        if not isfinite(mark.from_printed):
            return []
        lines = lines_of(name, t)
        through = _through(network, name)
        if through not in lines or report.authored.has(through, t, i):
            return [lines.get(name, lines.get("y", []))[i]]
        if network.cell.activation is LINEAR and name == "h":
            return [lines["a"][i]]
        return [lines[through][i], lines[name][i]]

    return working


def _through(network: Network, name: str) -> str:
    """Return the quantity whose one component a component of `name` comes from, or nothing."""
    softmax = network.readout is not None and network.readout.activation is SOFTMAX
    return {"h": "a", "y": "" if softmax else "o"}.get(name, "")


def _as_it_follows(network: Network, x: Array, authored: Authored, name: str, t: int) -> Step:
    """Return step `t`, from 0, up to `name` as it follows from the author's own figures."""
    own, redone = authored.own, authored.redone
    rows = {"x": x[t], **{q: own.row(q, t) for q in COMPUTED}, name: redone.row(name, t)}
    if network.readout is not None and network.readout.activation is LINEAR:
        rows["o"] = redone.row("o", t)  # o and y are the same, and worked once
    return Step(t + 1, {q: row.tolist() for q, row in rows.items()}, own.states[t].tolist())
