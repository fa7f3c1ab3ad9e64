"""The loss of a step of a run, worked as `rnncalc grad` works it."""

from dataclasses import replace
from math import isfinite

import numpy as np

from rnncalc.network.equations import Equation
from rnncalc.network.notes import compared
from rnncalc.network.problem import Problem
from rnncalc.network.trace import LOSS, TARGET
from rnncalc.writing.request import Request
from rnncalc.writing.steps import Step
from rnncalc.writing.working import worked


def with_loss(problem: Problem, request: Request, step: Step) -> tuple[Step, list[Equation]]:
    """Return a step with its target and its loss as values, and the equation of the loss.

    A step without a target, or whose loss is not finite, stays as it is, and there is no equation.
    """
    row = np.array([step.notes.get(TARGET, np.nan)], dtype=np.float64)
    if problem.loss is None or np.isnan(row).any() or not isfinite(step.notes[LOSS]):
        return step, []
    # here, since few runs have targets
    from rnncalc.network.objective import loss_equations, with_targets

    objective = with_targets(row, problem.loss)
    on_paper = request.by_hand or "o" not in step.values
    output = compared(step.values), "o", row.size
    loss, _ = loss_equations(objective, "", output, on_paper=on_paper)
    given = {name: of[0].tolist() for name, of in objective.given.items()}
    values = {**step.values, **given, LOSS: [step.notes[LOSS]]}
    return replace(step, values=values), [loss]


def loss_lines(problem: Problem, request: Request, step: Step) -> list[str]:
    """Return `0.5 × (0.415 − 0.5)² ≈ 0.004`, or no line where there is no loss."""
    scored, equations = with_loss(problem, request, step)
    everything = replace(request, only=(), components={})
    return worked(problem.network, scored, everything, equations).get(LOSS, [])
