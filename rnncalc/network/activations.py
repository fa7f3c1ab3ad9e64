"""The functions f and g: one entry in `ACTIVATIONS` each, stable for every finite input."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rnncalc.arrays import Array

_SELU_SCALE, _SELU_ALPHA = 1.0507009873554805, 1.6732632423543772


@dataclass(frozen=True)
class Activation:
    """A named function of the pre-activation.

    Attributes:
        name: as it is typed: `tanh`.
        formula: what it computes, as it is printed by `rnncalc activations`.
        function: writes f(a) into its second argument, an array of the shape of `a`; softmax works
            along the last axis, all others element by element.
        output_only: whether it is meant for the output alone.
    """

    name: str
    formula: str
    function: Callable[[Array, Array], object]
    output_only: bool = False

    def __call__(self, a: Array) -> Array:
        """Return f(a), of the shape of `a`; of decimal numbers, in float64."""
        a = a.astype(np.float64) if a.dtype == np.object_ else a
        out = np.empty_like(a)
        with np.errstate(all="ignore"):
            self.function(a, out)
        return out


def _relu(a: Array, out: Array) -> None:
    np.maximum(a, 0.0, out=out)


def _sigmoid(a: Array, out: Array) -> None:
    # exp of a number that is never positive cannot overflow
    e = np.exp(-np.abs(a))
    np.divide(np.where(a >= 0, 1.0, e), 1.0 + e, out)


def _step(a: Array, out: Array) -> None:
    np.heaviside(a, 1.0, out)


def _softplus(a: Array, out: Array) -> None:
    np.logaddexp(a, 0.0, out)


def _softsign(a: Array, out: Array) -> None:
    np.divide(a, 1.0 + np.abs(a), out)


def _elu(a: Array, out: Array) -> None:
    np.copyto(out, np.where(a > 0, a, np.expm1(np.minimum(a, 0.0))))


def _step0(a: Array, out: Array) -> None:
    np.heaviside(a, 0.0, out)


def _relu6(a: Array, out: Array) -> None:
    np.clip(a, 0.0, 6.0, out=out)


def _selu(a: Array, out: Array) -> None:
    # Klambauer et al., Self-Normalizing Neural Networks (2017)
    negative = _SELU_SCALE * _SELU_ALPHA * np.expm1(np.minimum(a, 0.0))
    np.copyto(out, np.where(a > 0, _SELU_SCALE * a, negative))


def _hard_tanh(a: Array, out: Array) -> None:
    np.clip(a, -1.0, 1.0, out=out)


def _softmax(a: Array, out: Array) -> None:
    # the largest exponent is 0, so nothing overflows and the sum is at least 1
    np.subtract(a, a.max(axis=-1, keepdims=True), out)
    np.exp(out, out)
    np.divide(out, out.sum(axis=-1, keepdims=True), out)


TANH = Activation("tanh", "(e^a - e^-a) / (e^a + e^-a)", np.tanh)
LINEAR = Activation("linear", "a", np.positive)
SOFTMAX = Activation("softmax", "e^a[i] / (e^a[0] + e^a[1] + ...)", _softmax, output_only=True)

ACTIVATIONS = {
    activation.name: activation
    for activation in (
        TANH,
        Activation("relu", "max(0, a)", _relu),
        Activation("sigmoid", "1 / (1 + e^-a)", _sigmoid),
        LINEAR,
        Activation("step", "1 if a >= 0, else 0", _step),
        Activation("step0", "1 if a > 0, else 0", _step0),
        Activation("softplus", "ln(1 + e^a)", _softplus),
        Activation("softsign", "a / (1 + |a|)", _softsign),
        Activation("elu", "a if a > 0, else e^a - 1", _elu),
        Activation("selu", "1.0507 a if a > 0, else 1.7581 (e^a - 1)", _selu),
        Activation("relu6", "max(0, a), but at most 6", _relu6),
        Activation("hard_tanh", "a, but at least -1 and at most 1", _hard_tanh),
        SOFTMAX,
    )
}
