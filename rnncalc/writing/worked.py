"""A step with its working, for whichever renderer, and the loss of a run as `grad` works it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite

import numpy as np

from rnncalc.network.equations import Equation
from rnncalc.network.notes import compared
from rnncalc.network.problem import Problem
from rnncalc.network.trace import LOSS, TARGET
from rnncalc.writing.request import Request
from rnncalc.writing.steps import Step
from rnncalc.writing.working import Lines, equations_of, worked


@dataclass(frozen=True)
class Worked:
    """A step that is worked.

    Attributes:
        step: its values.
        equations: those that are worked, by the quantity that each gives.
        lines: the working.
        given: the input and the target, as far as they are not among the numbers.
        title: `t = 3`.
        key: t, or `end`.
    """

    step: Step
    equations: Mapping[str, Equation]
    lines: Lines
    given: Sequence[str] = ()
    title: str = "At the end"
    key: str = "end"


def worked_step(
    request: Request, step: Step, equations: Sequence[Equation], given: Sequence[str] = ()
) -> Worked:
    """Return a step, or the answer at the end of all, with the working of some equations."""
    lines = worked(equations, step, request)
    due = equations_of(equations, request).items()
    named = (f"t = {step.t}", str(step.t)) if step.t else ()
    return Worked(step, {name: of for name, of in due if name in lines}, lines, given, *named)


def worked_run(problem: Problem, request: Request, step: Step) -> Worked:
    """Return a step of a run with its working, and that of its loss if it has one.

    The loss is shown whatever the quantities are: `0.5 × (0.415 − 0.5)² ≈ 0.004`.
    """
    step, loss = _with_loss(problem, request, step)
    found = worked_step(request, step, problem.network.equations)
    of = worked_step(replace(request, only=(), components={}), step, loss)
    lines, equations = found.lines | of.lines, {**found.equations, **of.equations}
    return replace(found, equations=equations, lines=lines)


def _with_loss(problem: Problem, request: Request, step: Step) -> tuple[Step, list[Equation]]:
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
