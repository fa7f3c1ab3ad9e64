"""How far outputs are from their targets: one entry in `LOSSES` for each loss."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rnncalc.arrays import Array
from rnncalc.errors import InputError, nearest, quote
from rnncalc.network.activations import Activation


@dataclass(frozen=True)
class Loss:
    """A loss of one step; a step without a target, a row of NaN, has the loss NaN.

    Attributes:
        name: as it is typed: `cross_entropy`.
        formula: what it computes, of the components y[i] and their targets t[i].
        value: from y (T, K) and the targets (T, K) to the loss of each step, (T,).
    """

    name: str
    formula: str
    value: Callable[[Array, Array], Array]


def _half_squared_error(y: Array, target: Array) -> Array:
    return 0.5 * _squared_error(y, target)


def _squared_error(y: Array, target: Array) -> Array:
    return np.asarray(((y - target) ** 2).sum(axis=1))


def _cross_entropy(y: Array, target: Array) -> Array:
    return np.asarray(-_weighted_logarithms(y, target).sum(axis=1))


def _binary_cross_entropy(y: Array, target: Array) -> Array:
    of_ones, of_zeros = _weighted_logarithms(y, target), _weighted_logarithms(1 - y, 1 - target)
    return np.asarray(-(of_ones + of_zeros).sum(axis=1))


def _weighted_logarithms(y: Array, target: Array) -> Array:
    """Return t[i] ln y[i], which is 0 where t[i] is 0."""
    logarithms = np.zeros_like(y)
    with np.errstate(divide="ignore", invalid="ignore"):
        np.log(y, out=logarithms, where=target != 0)
    return np.asarray(np.where(target == 0, 0.0, target * logarithms))


LOSSES = {
    loss.name: loss
    for loss in (
        Loss("half_squared_error", "1/2 sum of (y[i] - t[i])^2", _half_squared_error),
        Loss("squared_error", "sum of (y[i] - t[i])^2", _squared_error),
        Loss("cross_entropy", "-sum of t[i] ln y[i]", _cross_entropy),
        Loss(
            "binary_cross_entropy",
            "-sum of t[i] ln y[i] + (1 - t[i]) ln(1 - y[i])",
            _binary_cross_entropy,
        ),
    )
}

_OF_OUTPUTS = {"softmax": "cross_entropy", "sigmoid": "binary_cross_entropy"}


def default_loss(output_activation: Activation) -> Loss:
    """Return cross-entropy for probabilities, and half the squared error for anything else."""
    return LOSSES[_OF_OUTPUTS.get(output_activation.name, "half_squared_error")]


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
