"""The functions f and g: one entry in `ACTIVATIONS` each, stable for every finite input."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rnncalc.arrays import Array
from rnncalc.errors import InputError, nearest, quote


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
        Activation("softplus", "ln(1 + e^a)", _softplus),
        Activation("softsign", "a / (1 + |a|)", _softsign),
        Activation("elu", "a if a > 0, else e^a - 1", _elu),
        Activation("hard_tanh", "a, but at least -1 and at most 1", _hard_tanh),
        SOFTMAX,
    )
}

_OTHER_NAMES = {"identity": "linear", "none": "linear", "logistic": "sigmoid", "heaviside": "step"}


def as_activation(given: Activation | str, key: str) -> Activation:
    """Return the activation that is given, or the one of that name, for `key`.

    Raises:
        InputError: there is none of that name, or it is no activation.
    """
    if isinstance(given, str):
        return activation_named(given, key)
    if not isinstance(given, Activation):
        raise InputError(f"{quote(repr(given))} is none; give a name, such as 'tanh'", key=key)
    if given.output_only and key == "activation":
        raise _output_only(given.name, key)
    return given


def activation_named(name: str, key: str) -> Activation:
    """Return the activation called `name` for `key`, `activation` or `output_activation`.

    Raises:
        InputError: there is none of that name, or it is for the output only.
    """
    known = [n for n, f in ACTIVATIONS.items() if key == "output_activation" or not f.output_only]
    if name in known:
        return ACTIVATIONS[name]
    if name in ACTIVATIONS:
        raise _output_only(name, key)
    hint = nearest(_OTHER_NAMES.get(name.lower(), name), known)
    raise InputError(f"unknown activation {quote(name)}{hint}", key=key)


def _output_only(name: str, key: str) -> InputError:
    return InputError(f"{name} is for the output only; use --output-activation {name}", key=key)
