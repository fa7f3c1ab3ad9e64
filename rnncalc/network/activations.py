"""The functions f and g: one entry in `ACTIVATIONS` each, stable for every finite input."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rnncalc.arrays import Array
from rnncalc.errors import InputError, nearest, quote

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

_OTHER_NAMES = {"identity": "linear", "none": "linear", "logistic": "sigmoid", "heaviside": "step"}
_FROM_FILES = {"exponential", "silu", "mish", "logsigmoid", "tanhshrink"}  # and those with ( )
_ELSEWHERE = {  # other frameworks have these, and a similar name here would be another function
    *("celu", "exponential", "gelu", "glu", "hardshrink", "hardsigmoid", "hardsilu", "hardswish"),
    *("leakyrelu", "logsigmoid", "logsoftmax", "maxout", "mish", "prelu", "rrelu", "sgn", "sign"),
    *("signum", "silu", "softmin", "softshrink", "sparsemax", "sparseplus", "squareplus", "swish"),
    *("tanhshrink", "thresholdedrelu"),
}


def as_activation(given: Activation | str, key: str) -> Activation:
    """Return the activation that is given, or the one of that name, for `key`.

    Raises:
        InputError: it is not an activation, or there is none of that name.
    """
    if isinstance(given, str):
        return activation_named(given, key)
    if not isinstance(given, Activation):
        raise InputError(f"expected a name such as 'tanh', got {quote(repr(given))}", key=key)
    if given.output_only and key == "activation":
        raise _output_only(given.name, key)
    return given


def activation_named(name: str, key: str) -> Activation:
    """Return the activation called `name` for `key`, `activation` or `output_activation`.

    Raises:
        InputError: there is none of that name, or it is for the output only.
    """
    letters = _letters(name)
    found = next((f for n, f in ACTIVATIONS.items() if _letters(n) == letters), None)
    if found is None and ("(" in name or letters in _FROM_FILES):
        from rnncalc.network.more_activations import from_name

        found = from_name(name.strip())
    if found:
        return as_activation(found, key)
    known = [n for n, f in ACTIVATIONS.items() if key == "output_activation" or not f.output_only]
    hint = nearest(_OTHER_NAMES.get(letters, name), known)
    if letters in _ELSEWHERE:
        hint = f"; known are {', '.join(known)}"
    raise InputError(f"unknown activation {quote(name)}{hint}", key=key)


def _letters(name: str) -> str:
    """Return `hardtanh` for hard_tanh, Hardtanh and hard-tanh."""
    return name.strip().lower().replace("_", "").replace("-", "")


def _output_only(name: str, key: str) -> InputError:
    return InputError(f"{name} is for the output only; use --output-activation {name}", key=key)
