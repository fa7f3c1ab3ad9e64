"""How far outputs are from their targets: one entry in `LOSSES` for each loss."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from rnncalc.arrays import Array
from rnncalc.errors import InputError, nearest, quote
from rnncalc.network.activations import Activation
from rnncalc.network.functions import Formula, Written

Each = Callable[[Array, Array], Array]
Number = Any  # with `signed`, `factor` and `value`


@dataclass(frozen=True)
class Loss:
    """A loss of one step with its derivative, component by component.

    Attributes:
        name: as it is typed: `cross_entropy`.
        text: the formula of a step, for people.
        value: from y and target to the part of each component, before the sum over components.
        slope: the derivative of each component, of y and target.
        written: writes the value of a step with its numbers.
        activation: the output activation that it belongs to, through which the derivative is
            y − target at once; "" for any.
        stable: from o and target to the part of each component, where y may round to 0 or 1.
        by_output: the derivative by y, where `slope` is that by the sum below it; else None.
    """

    name: str
    text: str
    value: Each
    slope: Formula
    written: Written
    activation: str = ""
    stable: Each | None = None
    by_output: Formula | None = None

    def of(self, y: Array, target: Array, o: Array | None = None) -> Array:
        """Return the loss of each step, (T,): NaN where the target, a row of (T, K), is NaN.

        Args:
            y: (T, K).
            target: (T, K).
            o: (T, K), of which y is the activation; None for a loss of y as it is written down.
        """
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            parts = (
                self.stable(o, target) if self.stable and o is not None else self.value(y, target)
            )
            return np.asarray(parts.sum(axis=1))


def _difference(y: Array, target: Array) -> Array:
    return y - target


def _half_square(y: Array, target: Array) -> Array:
    # by hand the values are decimal numbers, which a float does not multiply
    return np.asarray((y - target) * (y - target) / 2)


def _logarithms(y: Array, target: Array) -> Array:
    return -np.where(target != 0, target * np.log(y), 0.0)


def _both_logarithms(y: Array, target: Array) -> Array:
    return _logarithms(y, target) + _logarithms(1 - y, 1 - target)


def _by_probabilities(y: Array, target: Array) -> Array:
    return np.asarray(np.where(target != 0, -target / y, 0.0))


def _by_probability(y: Array, target: Array) -> Array:
    return np.asarray((y - target) / (y * (1 - y)))


def _of_logits(o: Array, target: Array) -> Array:
    shifted = o - o.max(axis=-1, keepdims=True)
    total = np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return np.asarray(target * (total - shifted))


def _of_logit(o: Array, target: Array) -> Array:
    return np.asarray(np.logaddexp(0.0, o) - target * o)


_MOST_POWERS = 8  # of a line
_DIFFERENCE = "{0.signed} − {1.factor}"
_OVER = "−{1.factor} / {0.factor}"


def _squares(factor: str, _: int, numbers: Sequence[Sequence[Number]]) -> str:
    y, target, counted = numbers
    if not counted[0].value:
        return ""
    pairs = zip(y, target, strict=True)
    parts = [f"({_DIFFERENCE})²".format(*pair) for pair in pairs]
    together = " + ".join(parts)
    return f"{factor}({together})" if factor and len(parts) > 1 else f"{factor}{together}"


def _logarithm(_: int, numbers: Sequence[Sequence[Number]]) -> str:
    y, target, counted, *o = numbers  # o, unless the loss is of y as it is written down
    pairs = [pair for pair in zip(y, target, strict=True) if pair[1].value]
    if not counted[0].value:
        return ""
    if o and any(not of.value for of, _ in pairs):
        return _by_sums(target, o[0])
    return _negated([_times(t, f"ln({of.signed})") for of, t in pairs])


def _by_sums(target: Sequence[Number], o: Sequence[Number]) -> str:
    """Return `ln(e^800 + e^(−800)) − (−800)`, where y is so small that it reads 0; "" if long."""
    if len(o) > _MOST_POWERS:
        return ""
    total = f"ln({' + '.join(f'e^{of.factor}' for of in o)})"
    pairs = [(of, t) for of, t in zip(o, target, strict=True) if t.value]
    parts = [(t, f"{total} − {of.factor}") for of, t in pairs]
    return " + ".join(text if t.value == 1 else f"{t.signed} × ({text})" for t, text in parts)


def _both(_: int, numbers: Sequence[Sequence[Number]]) -> str:
    y, target, counted, *o = numbers
    pairs = [*zip(y, target, strict=True)]
    if not counted[0].value:
        return ""
    lost = ((t.value and not of.value) or (t.value != 1 and of.value == 1) for of, t in pairs)
    if o and any(lost):
        return " + ".join(map(_by_sum, target, o[0]))
    parts = []
    for of, t in pairs:
        parts += [_times(t, f"ln({of.signed})")] if t.value else []
        if t.value != 1:
            rest = f"ln(1 − {of.factor})"
            parts.append(f"(1 − {t.factor}) × {rest}" if t.value else rest)
    return _negated(parts)


def _by_sum(target: Number, o: Number) -> str:
    """Return `ln(1 + e^(−800)) − (−800)`, where y reads 0 or 1, of which there is no logarithm."""
    total = f"ln(1 + e^{o.factor})"
    return f"{total} − {_times(target, o.factor)}" if target.value else total


def _quotient(i: int, numbers: Sequence[Sequence[Number]]) -> str:
    y, target = numbers
    return _OVER.format(y[i], target[i]) if target[i].value else ""


def _times(number: Number, text: str) -> str:
    return text if number.value == 1 else f"{number.signed} × {text}"


def _negated(parts: list[str]) -> str:
    alone = len(parts) == 1 and parts[0].startswith("ln")
    return f"−{parts[0]}" if alone else f"−({' + '.join(parts)})"


LOSSES = {
    loss.name: loss
    for loss in (
        Loss(
            "half_squared_error",
            "½ Σ (y − target)²",
            _half_square,
            Formula("slope", _DIFFERENCE, _difference, exact=True),
            partial(_squares, "0.5 × "),
        ),
        Loss(
            "squared_error",
            "Σ (y − target)²",
            lambda y, target: (y - target) * (y - target),
            Formula("slope", f"2 × ({_DIFFERENCE})", lambda y, t: 2 * (y - t), exact=True),
            partial(_squares, ""),
        ),
        Loss(
            "cross_entropy",
            "−Σ target ln y",
            _logarithms,
            Formula("slope", _DIFFERENCE, _difference, exact=True),
            _logarithm,
            "softmax",
            _of_logits,
            Formula("output slope", _OVER, _by_probabilities, own=_quotient),
        ),
        Loss(
            "binary_cross_entropy",
            "−Σ (target ln y + (1 − target) ln (1 − y))",
            _both_logarithms,
            Formula("slope", _DIFFERENCE, _difference, exact=True),
            _both,
            "sigmoid",
            _of_logit,
            Formula(
                "output slope",
                "({0.signed} − {1.factor}) / ({0.factor} × (1 − {0.factor}))",
                _by_probability,
            ),
        ),
    )
}


def default_loss(output_activation: Activation) -> Loss:
    """Return cross-entropy for probabilities, and half the squared error for anything else."""
    own = (loss for loss in LOSSES.values() if loss.activation == output_activation.name)
    return next(own, LOSSES["half_squared_error"])


def loss_named(name: str) -> Loss:
    """Return the loss of that name.

    Raises:
        InputError: there is none.
    """
    known = {_letters(each): loss for each, loss in LOSSES.items()}
    if _letters(name) not in known:
        raise InputError(f"unknown loss {quote(name)}{nearest(name, [*LOSSES])}", key="loss")
    return known[_letters(name)]


def _letters(name: str) -> str:
    return name.strip().lower().replace("_", "").replace("-", "")
