"""From what a person typed to an activation."""

from rnncalc.errors import InputError, nearest, quote
from rnncalc.network.activations import ACTIVATIONS, Activation

_OTHER_NAMES = {"identity": "linear", "none": "linear", "logistic": "sigmoid", "heaviside": "step"}
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
    if found is None:
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
