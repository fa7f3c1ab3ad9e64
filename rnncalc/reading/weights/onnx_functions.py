"""The activations of ONNX: of an RNN node, and those that are nodes of their own."""

from collections.abc import Callable

from rnncalc.errors import InputError
from rnncalc.network import more_activations as more
from rnncalc.network.activations import ACTIVATIONS, Activation
from rnncalc.reading.weights.contents import shown
from rnncalc.reading.weights.protobuf import Node

_ALL = {**ACTIVATIONS, **more.WITHOUT_PARAMETERS}
_PLAIN = {
    "Tanh": "tanh",
    "Relu": "relu",
    "Sigmoid": "sigmoid",
    "Softsign": "softsign",
    "Softplus": "softplus",
    "Selu": "selu",
    "Mish": "mish",
    "Exp": "exponential",
}


def _elu(alpha: float) -> Activation:
    return ACTIVATIONS["elu"] if alpha == 1 else more.elu(alpha)


# what makes it, and alpha and beta unless given; None where the specification gives none
_MADE: dict[str, tuple[Callable[..., Activation], tuple[float | None, ...]]] = {
    "Elu": (_elu, (1.0,)),
    "Celu": (more.celu, (1.0,)),
    "LeakyRelu": (more.leaky_relu, (0.01,)),
    "ThresholdedRelu": (more.thresholded_relu, (1.0,)),
    "HardSigmoid": (more.hard_sigmoid, (0.2, 0.5)),
    "Affine": (more.affine, (None, None)),
    "ScaledTanh": (more.scaled_tanh, (None, None)),
}
_IN_RNN = {  # in any case
    name.lower(): name
    for name in (
        *("Tanh", "Relu", "Sigmoid", "Softsign", "Softplus", "Elu", "LeakyRelu"),
        *("ThresholdedRelu", "HardSigmoid", "Affine", "ScaledTanh"),
    )
}
NODES = {*_PLAIN, *_MADE, "HardSwish", "Gelu", "Softmax", "LogSoftmax"} - {"Affine", "ScaledTanh"}
"""The nodes that are an activation."""


def functions_of(rnn: Node, directions: int) -> list[Activation]:
    """Return the activation of each direction, with its alpha and beta and the clip."""
    names = rnn.attributes.get("activations") or ["Tanh"] * directions
    lists = [[*(rnn.attributes.get(f"activation_{key}") or ())] for key in ("alpha", "beta")]
    if len(names) < directions:
        raise InputError(f"{shown(rnn.short)} has {len(names)} activations for {directions}")
    found = [_function(rnn, str(name), lists) for name in names[:directions]]
    clip = rnn.attributes.get("clip")
    return [more.clipped(float(clip), f) if clip else f for f in found]


def _function(rnn: Node, name: str, lists: list[list[float]]) -> Activation:
    """Return an activation; those that have parameters take the next of each list."""
    known = _IN_RNN.get(name.lower())
    if known is None:
        raise InputError(f"{shown(rnn.short)} has the activation {shown(name)}, not known")
    if known in _PLAIN:
        return _ALL[_PLAIN[known]]
    make, defaults = _MADE[known]
    given = [
        values.pop(0) if values else default
        for values, default in zip(lists, defaults, strict=False)
    ]
    if None in given:
        raise InputError(f"{shown(rnn.short)} has {shown(name)} without alpha and beta")
    return make(*given)


def function_of(node: Node) -> Activation:
    """Return the activation that a node is.

    Raises:
        InputError: it is a softmax along another axis than the last.
    """
    if node.op in _PLAIN:
        return _ALL[_PLAIN[node.op]]
    if node.op in _MADE:
        make, defaults = _MADE[node.op]
        given = zip(("alpha", "beta"), defaults, strict=False)
        return make(*(float(node.attributes.get(key, default)) for key, default in given))
    if node.op == "HardSwish":
        return more.hard_silu(1 / 6, 0.5)
    if node.op == "Gelu":
        return _ALL["gelu(tanh)" if node.attributes.get("approximate") == "tanh" else "gelu(erf)"]
    if node.attributes.get("axis", -1) == 0:  # after a layer there is one more, the last
        raise InputError(f"{node} is not along the last axis, and not calculated")
    return _ALL["log(softmax)" if node.op == "LogSoftmax" else "softmax"]
