"""What is differentiated: a loss and its derivative, as equations of a step."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from rnncalc.arrays import Array
from rnncalc.errors import InputError
from rnncalc.network.equations import Called, Equation, Rows
from rnncalc.network.functions import Formula, Written
from rnncalc.network.losses import Loss
from rnncalc.network.trace import LOSS, TARGET

COUNTED, MEAN = "counted", "mean slope"
REDUCTIONS = ("sum", "mean")

_Each = Callable[[Array, Array], Array]
_Number = Any  # with `signed`, `factor` and `value`


@dataclass(frozen=True)
class Derived:
    """A loss with its derivative, component by component.

    Attributes:
        text: the formula of a step, for people.
        value: from y and target to the part of each component, before the sum over components.
        slope: from y and target to the derivative of each component.
        pattern: the derivative, of one component.
        written: writes the value of a step with its numbers.
        activation: the output activation that it belongs to, through which the derivative is
            y − target at once; "" for any.
        stable: from o and target to the part of each component, where y may round to 0 or 1.
    """

    text: str
    value: _Each
    slope: _Each
    pattern: str
    written: Written
    activation: str = ""
    stable: _Each | None = None


def _difference(y: Array, target: Array) -> Array:
    return y - target


def _half_square(y: Array, target: Array) -> Array:
    # by hand the values are decimal numbers, which a float does not multiply
    return np.asarray((y - target) * (y - target) / 2)


def _logarithms(y: Array, target: Array) -> Array:
    return -np.where(target != 0, target * np.log(y), 0.0)


def _both_logarithms(y: Array, target: Array) -> Array:
    return _logarithms(y, target) + _logarithms(1 - y, 1 - target)


def _of_logits(o: Array, target: Array) -> Array:
    shifted = o - o.max(axis=-1, keepdims=True)
    total = np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return np.asarray(target * (total - shifted))


def _of_logit(o: Array, target: Array) -> Array:
    return np.asarray(np.logaddexp(0.0, o) - target * o)


_DIFFERENCE = "{0.signed} − {1.factor}"


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
    name, loss = objective.loss.name, DERIVED[objective.loss.name]
    stable = None if on_paper else loss.stable
    value = partial(_value, loss.value, stable)
    formula = Formula(name, loss.text, value, loss.stable is None, loss.written)
    yield Called(LOSS, formula, (y, TARGET, COUNTED, *((o,) if stable else ())), 1)
    over = objective.parts
    pattern = loss.pattern if over == 1 else f"({loss.pattern}) / {over}"
    derived = Formula(
        f"slope of {name}" if over == 1 else f"{MEAN} of {name}",
        pattern,
        partial(_slope, loss.slope, over),
        exact=True,
        own=partial(_written_slope, pattern),
    )
    yield Called(slope, derived, (y, TARGET, COUNTED), size)


def _value(each: _Each, stable: _Each | None, *rows: Array) -> Array:
    y, target, counted = rows[:3]
    parts = stable(rows[3], target) if stable else each(y, target)
    total = parts.sum(axis=-1, keepdims=True)
    return np.where(counted != 0, total, 0 * counted)


def _slope(each: _Each, over: int, y: Array, target: Array, counted: Array) -> Array:
    derived = each(y, target)
    return np.where(counted != 0, derived / over if over > 1 else derived, 0 * derived)


def _written_slope(pattern: str, i: int, numbers: Sequence[Sequence[_Number]]) -> str:
    y, target, counted = numbers[:3]
    return pattern.format(y[i], target[i]) if counted[0].value else ""


def _squares(factor: str, _: int, numbers: Sequence[Sequence[_Number]]) -> str:
    y, target, counted = numbers[:3]
    if not counted[0].value:
        return ""
    pairs = zip(y, target, strict=True)
    parts = [f"({_DIFFERENCE})²".format(*pair) for pair in pairs]
    together = " + ".join(parts)
    return f"{factor}({together})" if factor and len(parts) > 1 else f"{factor}{together}"


def _logarithm(_: int, numbers: Sequence[Sequence[_Number]]) -> str:
    y, target, counted = numbers[:3]
    pairs = [pair for pair in zip(y, target, strict=True) if pair[1].value]
    if not counted[0].value:
        return ""
    return _negated([_times(t, f"ln({of.signed})") for of, t in pairs])


def _both(_: int, numbers: Sequence[Sequence[_Number]]) -> str:
    y, target, counted = numbers[:3]
    if not counted[0].value:
        return ""
    parts = []
    for of, t in zip(y, target, strict=True):
        parts += [_times(t, f"ln({of.signed})")] if t.value else []
        if t.value != 1:
            rest = f"ln(1 − {of.factor})"
            parts.append(f"(1 − {t.factor}) × {rest}" if t.value else rest)
    return _negated(parts)


def _times(number: _Number, text: str) -> str:
    return text if number.value == 1 else f"{number.signed} × {text}"


def _negated(parts: list[str]) -> str:
    alone = len(parts) == 1 and parts[0].startswith("ln")
    return f"−{parts[0]}" if alone else f"−({' + '.join(parts)})"


DERIVED = {
    "half_squared_error": Derived(
        "½ Σ (y − target)²",
        _half_square,
        _difference,
        _DIFFERENCE,
        partial(_squares, "0.5 × "),
    ),
    "squared_error": Derived(
        "Σ (y − target)²",
        lambda y, target: (y - target) * (y - target),
        lambda y, target: 2 * (y - target),
        f"2 × ({_DIFFERENCE})",
        partial(_squares, ""),
    ),
    "cross_entropy": Derived(
        "−Σ target ln y", _logarithms, _difference, _DIFFERENCE, _logarithm, "softmax", _of_logits
    ),
    "binary_cross_entropy": Derived(
        "−Σ (target ln y + (1 − target) ln (1 − y))",
        _both_logarithms,
        _difference,
        _DIFFERENCE,
        _both,
        "sigmoid",
        _of_logit,
    ),
}
