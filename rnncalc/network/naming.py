"""The names of quantities and weights as a person writes them: `dL/dh_t`, `W_hh`."""

import re

_OF_A_LAYER = re.compile(
    r"(d?[ahx]|dh_output|dh_next|slope|dwxh|dwhh|dbh|dbxh|dbhh)_(l[0-9]+(?:_reverse)?)$", re.ASCII
)
_OF_A_LOSS = {"loss": "L_t", "loss.total": "L", "loss_after": "L after"}


def symbol(key: str) -> str:
    """Return the symbol of a weight or a bias: `W_xh` for `wxh`, `b_h` for `bh`."""
    return "E" if key == "embedding" else f"{key[0].replace('w', 'W')}_{key[1:]}"


def at_step(name: str, lag: int = 0) -> str:
    """Return `h_t`, `h_{t-1}` or `dL/dh_t`; what a state gets from either side has no step."""
    stem = stem_of(name)
    if stem in ("dh_output", "dh_next") or name.startswith("slope") or name in _OF_A_LOSS:
        return people(name)
    return f"{people(name)}_{{t{lag:+}}}" if lag else f"{people(name)}_t"


def people(name: str) -> str:
    """Return a quantity without its step: `h`, `dL/dh` for `dh`, `dL/dW_hh` for `dwhh`."""
    stem = stem_of(name)
    suffix = name[len(stem) :]
    if stem in ("dh_output", "dh_next"):
        return _from(stem, suffix, f" ({label(name)})" if suffix else "")
    if name.startswith("slope"):
        return f"g'(o{name[7:]})" if name.startswith("slope_y") else f"f'(a{suffix})"
    if not is_derivative(name):
        return _of_the_whole(name)
    return f"dL/d{symbol(name[1:]) if name[1] in 'wbe' else name[1:]}"


def _from(stem: str, suffix: str, of: str) -> str:
    """Return where a part of the derivative of a state comes from."""
    if stem == "dh_output":
        return f"from above{of}" if suffix else "from o_t"
    return f"from t{'−' if suffix.endswith('reverse') else '+'}1{of}"


def _of_the_whole(name: str) -> str:
    """Return the name of a quantity of the whole sequence; any other unchanged."""
    table, _, key = name.partition(".")
    if table == "gradients":
        return "dL/dh_0" if key == "h0" else f"dL/d{symbol(key)}"
    return f"new {symbol(key)}" if table == "updated" else _OF_A_LOSS.get(name, name)


def component(name: str, where: str) -> str:
    """Return `h[0]`, `dL/dh[0]` or `(from t+1)[0]`."""
    of = people(name)
    return f"({of})[{where}]" if " " in of or "'" in of else f"{of}[{where}]"


def is_whole(name: str) -> bool:
    """Return whether a quantity is of the whole sequence, and not of a step."""
    return "." in name or name == "loss_after"


def is_derivative(name: str) -> bool:
    """Return whether a quantity is of the backward pass, and named `d` and what it is for."""
    if name == "dembedding":
        return True
    return len(name) > 1 and name[0] == "d" and name[1] in "yohaxwb"


def stem_of(name: str) -> str:
    """Return a quantity's name without its layer and direction: `dh` for `dh_l0_reverse`."""
    found = _OF_A_LAYER.match(name)
    return found[1] if found else name


def label(name: str) -> str:
    """Return the layer and the direction that a quantity is of: `l0 reverse`, or "" for none."""
    found = _OF_A_LAYER.match(name)
    return found[2].replace("_", " ") if found else ""
