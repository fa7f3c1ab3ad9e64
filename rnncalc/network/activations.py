"""The functions f and g: one entry in `ACTIVATIONS` each, stable for every finite input."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rnncalc.arrays import Array
from rnncalc.network.functions import Formula
from rnncalc.numerals.printed import Mask

_SELU_SCALE, _SELU_ALPHA = 1.0507009873554805, 1.6732632423543772


@dataclass(frozen=True)
class Slope:
    """The derivative f'(a) in its usual form.

    Attributes:
        formula: a function of one row.
        of_value: whether that is the value, h = f(a), and not the argument, a.
    """

    formula: Formula
    of_value: bool = False


@dataclass(frozen=True)
class Activation:
    """A named function of the pre-activation.

    Attributes:
        name: as it is typed: `tanh`.
        formula: what it computes, as it is printed by `rnncalc activations`.
        function: writes f(a) into its second argument, an array of the shape of `a`; softmax works
            along the last axis, all others element by element.
        output_only: whether it is meant for the output alone.
        slope: its derivative; None for one without a useful derivative, and for softmax, which
            mixes the components.
    """

    name: str
    formula: str
    function: Callable[[Array, Array], object]
    output_only: bool = False
    slope: Slope | None = None

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
    np.divide(np.where(np.signbit(a), e, 1.0), 1.0 + e, out)


def _step(a: Array, out: Array) -> None:
    np.heaviside(a, 1.0, out)


def _softplus(a: Array, out: Array) -> None:
    np.logaddexp(a, 0.0, out)


def _softsign(a: Array, out: Array) -> None:
    np.divide(a, 1.0 + np.abs(a), out)


def _elu(a: Array, out: Array) -> None:
    np.add(np.maximum(a, 0.0), np.expm1(np.minimum(a, 0.0)), out)


def _step0(a: Array, out: Array) -> None:
    np.heaviside(a, 0.0, out)


def _relu6(a: Array, out: Array) -> None:
    np.clip(a, 0.0, 6.0, out=out)


def _selu(a: Array, out: Array) -> None:
    # Klambauer et al., Self-Normalizing Neural Networks (2017)
    negative = _SELU_SCALE * _SELU_ALPHA * np.expm1(np.minimum(a, 0.0))
    np.add(_SELU_SCALE * np.maximum(a, 0.0), negative, out)


def _hard_tanh(a: Array, out: Array) -> None:
    np.clip(a, -1.0, 1.0, out=out)


def _softmax(a: Array, out: Array) -> None:
    # the largest exponent is 0, so nothing overflows and the sum is at least 1
    np.subtract(a, a.max(axis=-1, keepdims=True), out)
    np.exp(out, out)
    np.divide(out, out.sum(axis=-1, keepdims=True), out)


def _value(name: str, pattern: str, function: Callable[[Array], Array]) -> Slope:
    """Return a slope that is calculated from the value, exactly where that is a decimal number."""
    return Slope(Formula(f"slope of {name}", pattern, function, exact=True), of_value=True)


def _argument(name: str, pattern: str, function: Callable[[Array], Array]) -> Slope:
    return Slope(Formula(f"slope of {name}", pattern, function))


def _either(name: str, where: Callable[[Array], Mask]) -> Slope:
    """Return a slope that is 1 where the function follows its argument, and 0 where it is flat."""
    pattern = f"{name}'({{0.signed}})"
    function = Formula(
        f"slope of {name}", pattern, lambda a: where(a).astype(np.float64), exact=True
    )
    return Slope(function)


def _elu_slope(a: Array) -> Array:
    return np.exp(np.minimum(a, 0.0))


def _selu_slope(a: Array) -> Array:
    return _SELU_SCALE * np.where(a > 0, 1.0, _SELU_ALPHA * np.exp(a))


TANH = Activation(
    "tanh",
    "(e^a - e^-a) / (e^a + e^-a)",
    np.tanh,
    slope=_value("tanh", "1 − {0.factor}²", lambda h: 1 - h * h),
)
LINEAR = Activation("linear", "a", np.positive, slope=_value("linear", "1", lambda h: h * 0 + 1))
SOFTMAX = Activation("softmax", "e^a[i] / (e^a[0] + e^a[1] + ...)", _softmax, output_only=True)

ACTIVATIONS = {
    activation.name: activation
    for activation in (
        TANH,
        Activation("relu", "max(0, a)", _relu, slope=_either("relu", lambda a: a > 0)),
        Activation(
            "sigmoid",
            "1 / (1 + e^-a)",
            _sigmoid,
            slope=_value("sigmoid", "{0.signed} × (1 − {0.factor})", lambda h: h * (1 - h)),
        ),
        LINEAR,
        Activation("step", "1 if a >= 0, else 0", _step),
        Activation("step0", "1 if a > 0, else 0", _step0),
        Activation(
            "softplus",
            "ln(1 + e^a)",
            _softplus,
            slope=_argument("softplus", "sigmoid({0.signed})", lambda a: 1 / (1 + np.exp(-a))),
        ),
        Activation(
            "softsign",
            "a / (1 + |a|)",
            _softsign,
            slope=_argument("softsign", "1 / (1 + |{0.signed}|)²", lambda a: (1 + np.abs(a)) ** -2),
        ),
        Activation(
            "elu",
            "a if a > 0, else e^a - 1",
            _elu,
            slope=_argument("elu", "elu'({0.signed})", _elu_slope),
        ),
        Activation(
            "selu",
            "1.0507 a if a > 0, else 1.7581 (e^a - 1)",
            _selu,
            slope=_argument("selu", "selu'({0.signed})", _selu_slope),
        ),
        Activation(
            "relu6",
            "max(0, a), but at most 6",
            _relu6,
            slope=_either("relu6", lambda a: (a > 0) & (a < 6)),
        ),
        Activation(
            "hard_tanh",
            "a, but at least -1 and at most 1",
            _hard_tanh,
            slope=_either("hard_tanh", lambda a: np.abs(a) < 1),
        ),
        SOFTMAX,
    )
}
