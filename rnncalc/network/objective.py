"""What is differentiated: a loss and its derivative, as equations of a step."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from rnncalc.arrays import Array
from rnncalc.errors import InputError
from rnncalc.network.equations import Called, Equation, Rows
from rnncalc.network.functions import Formula
from rnncalc.network.losses import Each, Loss, Number
from rnncalc.network.trace import LOSS, TARGET

COUNTED, MEAN = "counted", "mean "
REDUCTIONS = ("sum", "mean")


@dataclass(frozen=True, eq=False)
class Objective:
    """What is differentiated: a loss with its targets, or derivatives that are given.

    Attributes:
        given: (T, n), `target` (0 where there is none) and `counted` (1 where there is one), or
            `dy`, or `dh_output`.
        loss: None where the derivatives are given.
        reduction: one of `REDUCTIONS`: what the losses of the steps become.
    """

    given: Rows
    loss: Loss | None = None
    reduction: str = REDUCTIONS[0]

    @property
    def parts(self) -> int:
        """By how many the losses and derivatives of the steps are divided."""
        return int(self.given[COUNTED].sum()) if self.reduction == "mean" else 1

    def total(self, per_step: Array) -> float:
        """Return the loss, from its values (T, 1) for each step."""
        return float(per_step.sum() / self.parts)

    def part(self, begin: int, end: int) -> Rows:
        """Return what is given for some of the steps."""
        return {name: rows[begin:end] for name, rows in self.given.items()}


def with_targets(target: Array, loss: Loss, reduction: str = REDUCTIONS[0]) -> Objective:
    """Return the objective of a loss.

    Args:
        target: (T, n), a row of NaN at a step without a target.
        loss: the loss.
        reduction: one of `REDUCTIONS`.

    Raises:
        InputError: no step has a target.
    """
    counted: Array = np.asarray(~np.isnan(target).any(axis=1, keepdims=True), dtype=np.float64)
    if not counted.any():
        raise InputError("no step has a target; at least one is needed", key=TARGET)
    known = np.asarray(np.where(np.isnan(target), 0.0, target))
    return Objective({TARGET: known, COUNTED: counted}, loss, reduction)


def loss_equations(
    objective: Objective, slope: str, output: tuple[str, str, int], *, on_paper: bool
) -> Iterator[Equation]:
    """Yield the loss of a step, and its derivative under the name `slope`.

    Args:
        objective: one with a loss.
        slope: `dy`, or `do` where the loss goes with the activation.
        output: the names of y and o, and their size.
        on_paper: whether the loss is calculated from y as written down, and not from o.
    """
    y, o, size = output
    assert objective.loss
    loss = objective.loss
    stable = None if on_paper else loss.stable
    value = partial(_value, loss.value, stable)
    formula = Formula(loss.name, loss.text, value, loss.stable is None, loss.written)
    yield Called(LOSS, formula, (y, TARGET, COUNTED, *((o,) if stable else ())), 1)
    reads = (y, TARGET, COUNTED)
    yield Called(slope, _derivative(objective, loss.slope), reads, size)


def output_slope(objective: Objective, y: str, size: int) -> Called | None:
    """Return dL/dy, where the loss gives the derivative of the sum below y at once; else None."""
    if objective.loss is None or objective.loss.by_output is None:
        return None
    formula = _derivative(objective, objective.loss.by_output)
    return Called(f"d{y}", formula, (y, TARGET, COUNTED), size)


def _derivative(objective: Objective, of: Formula) -> Formula:
    """Return the derivative of a loss, divided by the number of steps where it is a mean."""
    over = objective.parts
    assert objective.loss
    return replace(
        of,
        name=f"{'' if over == 1 else MEAN}{of.name} of {objective.loss.name}",
        pattern=of.pattern if over == 1 else f"({of.pattern}) / {over}",
        function=partial(_slope, of, over),
        own=partial(_written_slope, of, over),
    )


def _value(each: Each, stable: Each | None, *rows: Array) -> Array:
    y, target, counted, *o = rows
    parts = stable(o[0], target) if stable else each(y, target)
    total = parts.sum(axis=-1, keepdims=True)
    return np.where(counted != 0, total, counted)


def _slope(of: Formula, over: int, y: Array, target: Array, counted: Array) -> Array:
    return np.where(counted != 0, of.function(y, target) / over, counted)


def _written_slope(of: Formula, over: int, i: int, numbers: Sequence[Sequence[Number]]) -> str:
    y, target, counted = numbers
    text = of.written(i, [y, target]) if counted[0].value else ""
    return f"({text}) / {over}" if text and over != 1 else text
