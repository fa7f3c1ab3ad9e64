"""Functions that files of weights name: each with its parameters in its name, as frameworks differ.

`hard_sigmoid` is clip(a/6 + 0.5) in Keras 3 and clip(0.2 a + 0.5) in Keras 2 and ONNX: a name alone
would be ambiguous, so `rnncalc activations` does not list them.
"""

import math
import re
from collections.abc import Callable

import numpy as np

from rnncalc.arrays import Array
from rnncalc.network.activations import ACTIVATIONS, Activation, Slope
from rnncalc.network.functions import Formula
from rnncalc.numerals.printed import Mask

Function = Callable[[Array], Array]


def _activation(
    name: str,
    formula: str,
    function: Function,
    derivative: Function | None = None,
    *,
    output_only: bool = False,
) -> Activation:
    def write(a: Array, out: Array) -> None:
        np.copyto(out, function(a))

    return Activation(name, formula, write, output_only, _slope(name, derivative))


def _slope(name: str, derivative: Function | None) -> Slope | None:
    if derivative is None:
        return None
    return Slope(Formula(f"slope of {name}", f"{name}'({{0.signed}})", derivative))


def _short(*numbers: float) -> str:
    """Return `0.2, 0.5`: every digit, but no more."""
    return ", ".join(f"{n:.17g}" if float(f"{n:.15g}") != n else f"{n:.15g}" for n in numbers)


def leaky_relu(alpha: float) -> Activation:
    """Return a where a > 0, else alpha a."""
    n = _short(alpha)
    return _activation(
        f"leaky_relu({n})",
        f"a if a > 0, else {n} a",
        lambda a: np.maximum(a, 0.0) + alpha * np.minimum(a, 0.0),
        lambda a: np.where(a > 0, 1.0, alpha),
    )


def elu(alpha: float) -> Activation:
    """Return a where a > 0, else alpha (e^a - 1)."""
    n = _short(alpha)
    return _activation(
        f"elu({n})",
        f"a if a > 0, else {n} (e^a - 1)",
        lambda a: np.maximum(a, 0.0) + alpha * np.expm1(np.minimum(a, 0.0)),
        lambda a: np.where(a > 0, 1.0, alpha * np.exp(a)),
    )


def celu(alpha: float) -> Activation:
    """Return a where a > 0, else alpha (e^(a/alpha) - 1)."""
    n = _short(alpha)
    return _activation(
        f"celu({n})",
        f"a if a > 0, else {n} (e^(a/{n}) - 1)",
        lambda a: np.maximum(a, 0.0) + alpha * np.expm1(np.minimum(a, 0.0) / alpha),
        lambda a: np.exp(np.minimum(a, 0.0) / alpha),
    )


def hard_sigmoid(alpha: float, beta: float) -> Activation:
    """Return alpha a + beta, but at least 0 and at most 1."""
    n, m = _short(alpha), _short(beta)
    return _activation(
        f"hard_sigmoid({n}, {m})",
        f"{n} a + {m}, but at least 0 and at most 1",
        lambda a: np.clip(alpha * a + beta, 0.0, 1.0),
        lambda a: np.where(_between(alpha * a + beta), alpha, 0.0),
    )


def _between(value: Array) -> Mask:
    return np.asarray((value > 0) & (value < 1))


def hard_silu(alpha: float, beta: float) -> Activation:
    """Return a times hard_sigmoid(a)."""
    gate = hard_sigmoid(alpha, beta)
    slope = gate.slope
    assert slope
    return _activation(
        gate.name.replace("sigmoid", "silu"),
        f"a times ({gate.formula})",
        lambda a: a * gate(a),
        lambda a: gate(a) + a * slope.formula(a),
    )


def affine(alpha: float, beta: float) -> Activation:
    """Return alpha a + beta."""
    n, m = _short(alpha), _short(beta)
    return _activation(
        f"affine({n}, {m})",
        f"{n} a + {m}",
        lambda a: alpha * a + beta,
        lambda a: np.full_like(a, alpha),
    )


def scaled_tanh(alpha: float, beta: float) -> Activation:
    """Return alpha tanh(beta a)."""
    n, m = _short(alpha), _short(beta)
    return _activation(
        f"scaled_tanh({n}, {m})",
        f"{n} tanh({m} a)",
        lambda a: alpha * np.tanh(beta * a),
        lambda a: alpha * beta * (1 - np.tanh(beta * a) ** 2),
    )


def thresholded_relu(alpha: float) -> Activation:
    """Return a where a > alpha, else 0."""
    n = _short(alpha)
    return _activation(
        f"thresholded_relu({n})",
        f"a if a > {n}, else 0",
        lambda a: np.where(a > alpha, a, 0.0),
        lambda a: np.where(a > alpha, 1.0, 0.0),
    )


def soft_shrink(alpha: float) -> Activation:
    """Return a brought nearer to 0 by alpha, and 0 where it is nearer than that."""
    n = _short(alpha)
    return _activation(
        f"soft_shrink({n})",
        f"a - {n} if a > {n}, a + {n} if a < -{n}, else 0",
        lambda a: np.copysign(np.maximum(np.abs(a) - alpha, 0.0), a),
        lambda a: np.where(np.abs(a) > alpha, 1.0, 0.0),
    )


def hard_shrink(alpha: float) -> Activation:
    """Return a where it is farther from 0 than alpha, else 0."""
    n = _short(alpha)
    return _activation(
        f"hard_shrink({n})",
        f"a if |a| > {n}, else 0",
        lambda a: np.where(np.abs(a) > alpha, a, 0.0),
        lambda a: np.where(np.abs(a) > alpha, 1.0, 0.0),
    )


def squareplus(b: float) -> Activation:
    """Return (a + sqrt(a^2 + b)) / 2."""
    n = _short(b)
    return _activation(
        f"squareplus({n})",
        f"(a + sqrt(a^2 + {n})) / 2",
        lambda a: (a + np.hypot(a, b**0.5)) / 2,
        lambda a: (1 + a / np.hypot(a, b**0.5)) / 2,
    )


def clipped(limit: float, of: Activation) -> Activation:
    """Return f(a) of an a that is first brought between -limit and limit, as ONNX's `clip`."""
    n = _short(limit)

    def write(a: Array, out: Array) -> None:
        of.function(np.clip(a, -limit, limit), out)

    def derivative(a: Array) -> Array:
        assert of.slope
        inside = np.clip(a, -limit, limit)
        slope = of.slope.formula(of(inside) if of.slope.of_value else inside)
        return np.where(np.abs(a) < limit, slope, 0.0)

    formula = f"{of.formula}, of an a that is at least -{n} and at most {n}"
    name = f"clipped({n}, {of.name})"
    slope = _slope(name, derivative if of.slope else None)
    return Activation(name, formula, write, of.output_only, slope)


def _sigmoid(a: Array) -> Array:
    return ACTIVATIONS["sigmoid"](a)


def _gelu(a: Array) -> Array:
    """Return a/2 (1 + erf(a / sqrt 2)), which erfc gives without cancellation below 0."""
    erfc = np.vectorize(math.erfc, otypes=[np.float64])
    scaled: Array = a * 0.5 * erfc(-a / math.sqrt(2))
    return scaled


def _gelu_tanh(a: Array) -> Array:
    return 0.5 * a * (1.0 + np.tanh(math.sqrt(2 / math.pi) * (a + 0.044715 * a**3)))


def _gelu_slope(a: Array) -> Array:
    erfc = np.vectorize(math.erfc, otypes=[np.float64])
    bell = np.exp(-a * a / 2) / math.sqrt(2 * math.pi)
    return np.asarray(0.5 * erfc(-a / math.sqrt(2)) + a * bell)


def _gelu_tanh_slope(a: Array) -> Array:
    scale = math.sqrt(2 / math.pi)
    t = np.tanh(scale * (a + 0.044715 * a**3))
    return np.asarray(0.5 * (1 + t) + 0.5 * a * (1 - t * t) * scale * (1 + 3 * 0.044715 * a * a))


def _mish_slope(a: Array) -> Array:
    t = np.tanh(np.logaddexp(a, 0.0))
    return np.asarray(t + a * (1 - t * t) * _sigmoid(a))


def _log_softmax(a: Array) -> Array:
    shifted: Array = a - a.max(axis=-1, keepdims=True)
    found: Array = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return found


WITHOUT_PARAMETERS = {
    each.name: each
    for each in (
        _activation("exponential", "e^a", np.exp, np.exp),
        _activation(
            "silu",
            "a / (1 + e^-a)",
            lambda a: a * _sigmoid(a),
            lambda a: _sigmoid(a) * (1 + a * (1 - _sigmoid(a))),
        ),
        _activation("gelu(erf)", "a/2 (1 + erf(a / sqrt 2))", _gelu, _gelu_slope),
        _activation(
            "gelu(tanh)",
            "a/2 (1 + tanh(sqrt(2/pi) (a + 0.044715 a^3)))",
            _gelu_tanh,
            _gelu_tanh_slope,
        ),
        _activation(
            "mish",
            "a tanh(ln(1 + e^a))",
            lambda a: a * np.tanh(np.logaddexp(a, 0.0)),
            _mish_slope,
        ),
        _activation(
            "log_sigmoid",
            "-ln(1 + e^-a)",
            lambda a: -np.logaddexp(-a, 0.0),
            lambda a: _sigmoid(-a),
        ),
        _activation(
            "tanh_shrink",
            "a - tanh(a)",
            lambda a: a - np.tanh(a),
            lambda a: np.tanh(a) ** 2,
        ),
        _activation("log(softmax)", "ln softmax(a)[i]", _log_softmax, output_only=True),
    )
}
"""Those without a parameter, by their names."""

_WITH_PARAMETERS: dict[str, tuple[Callable[..., Activation], int]] = {
    "leaky_relu": (leaky_relu, 1),
    "elu": (elu, 1),
    "celu": (celu, 1),
    "hard_sigmoid": (hard_sigmoid, 2),
    "hard_silu": (hard_silu, 2),
    "affine": (affine, 2),
    "scaled_tanh": (scaled_tanh, 2),
    "thresholded_relu": (thresholded_relu, 1),
    "soft_shrink": (soft_shrink, 1),
    "hard_shrink": (hard_shrink, 1),
    "squareplus": (squareplus, 1),
}
_NUMBER = r"-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]{1,3})?"


def from_name(name: str) -> Activation | None:
    """Return the activation with this very name, such as `leaky_relu(0.2)`, or None.

    So a network from a file that is printed as TOML runs again.
    """
    if name in WITHOUT_PARAMETERS:
        return WITHOUT_PARAMETERS[name]
    if inner := re.fullmatch(rf"clipped\(({_NUMBER}), (.+)\)", name):
        of = ACTIVATIONS.get(inner[2]) or from_name(inner[2])
        return of and clipped(float(inner[1]), of)
    call = re.fullmatch(rf"([a-z_]+)\(({_NUMBER}(?:, {_NUMBER})*)\)", name)
    if call and call[1] in _WITH_PARAMETERS:
        make, count = _WITH_PARAMETERS[call[1]]
        numbers = [float(each) for each in call[2].split(", ")]
        return make(*numbers) if len(numbers) == count else None
    return None
