"""Names as they are typed here, wxh whh bh why by, and as tutorials write them: Wxh, Whh, Why."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rnncalc.arrays import shape_of
from rnncalc.errors import InputError
from rnncalc.network.activation_names import activation_named
from rnncalc.network.activations import Activation
from rnncalc.reading.weights.choosing import NO_HEAD, Asked, FlagError
from rnncalc.reading.weights.contents import Contents, shown, widened
from rnncalc.reading.weights.parts import Dense, Described, with_unused
from rnncalc.reading.weights.stacked import Named, Weights, stacked

_OWN = re.compile(r"(?P<key>wxh|whh|bh|bxh|bhh)(?:_l(?P<layer>[0-9]{1,4})(?P<reverse>_reverse)?)?")
_READOUT = ("why", "by")
_TUTORIAL = {
    **dict.fromkeys(("Wxh", "W_xh", "W_hx", "Whx"), "wxh"),
    **dict.fromkeys(("Whh", "W_hh"), "whh"),
    **dict.fromkeys(("Why", "W_hy", "W_yh", "Wyh"), "why"),
    **dict.fromkeys(("bh", "b_h"), "bh"),
    **dict.fromkeys(("by", "b_y"), "by"),
}

Names = dict[str, str]


def has_own(contents: Contents) -> bool:
    """Return whether the file has both matrices of a cell under names of this kind."""
    keys = {_TUTORIAL.get(name, name) for name in contents.arrays}
    keys |= {match["key"] for name in contents.arrays if (match := _OWN.fullmatch(name))}
    return {"wxh", "whh"} <= keys


def from_own(contents: Contents, asked: Asked) -> Described:
    """Return the network that names of this program, or of tutorials, describe.

    There is one network, so that --rnn is refused, and of --head all but `none`.

    Raises:
        InputError: a shape does not fit, or does not tell which axis is which.
    """
    if asked.rnn is not None:
        raise FlagError("--rnn: the file holds one network, and nothing to choose from")
    if asked.head not in (None, NO_HEAD):
        raise FlagError("--head: the file holds one readout at most; only none is known here")
    tutorial = not any(_OWN.fullmatch(name) and name[0] == "w" for name in contents.arrays)
    described = _tutorial(contents, asked) if tutorial else _own(contents, asked)
    return with_unused(contents, described)


def _own(contents: Contents, asked: Asked) -> Described:
    """Return the network of wxh, whh, ... and of wxh_l0, whh_l0_reverse, ...: always (to, from)."""
    weights = Weights(contents, columns=True)
    described = stacked(weights, _layers(contents))
    readout = {key: key for key in _READOUT if key in contents.arrays}
    described = _read_out(weights, described, readout, asked)
    if "h0" not in contents.arrays:
        return described
    h0 = widened("h0", contents.arrays["h0"])
    start = tuple(h0.reshape(1, -1) if h0.ndim == 1 else h0)  # a row per state, or the only one
    return replace(described, start=start).noted(uses={"h0": "h0"})


def _layers(contents: Contents) -> Iterator[Sequence[Named]]:
    """Yield the directions of each layer."""
    cells: dict[tuple[int, bool], Names] = {}
    for name in contents.arrays:
        if match := _OWN.fullmatch(name):
            direction = (int(match["layer"] or 0), bool(match["reverse"]))
            cells.setdefault(direction, {})[match["key"]] = name
    f = _word(contents, "activation")
    for layer in range(1 + max(layer for layer, _ in cells)):
        if (layer, False) not in cells:
            raise InputError(f"wxh_l{layer} is missing")
        both = [cells[key] for key in ((layer, False), (layer, True)) if key in cells]
        yield [Named(_whole(names), f) for names in both]


def _whole(names: Names) -> Names:
    """Return the names of a cell, if both of its matrices and a bias of one kind are there."""
    lost = [key for key in ("wxh", "whh") if key not in names]
    if ("bxh" in names) != ("bhh" in names):
        lost.append("bhh" if "bxh" in names else "bxh")
    for key in lost:
        there = (
            next(iter(names.values())) if key[0] == "w" else names["bxh" if key == "bhh" else "bhh"]
        )
        name = "_".join([key, *there.split("_")[1:]])
        raise InputError(f"{name} is missing, though {shown(there)} is there")
    if "bh" in names and "bxh" in names:
        raise InputError(f"{shown(names['bh'])} and {shown(names['bxh'])} exclude each other")
    return names


def _word(contents: Contents, key: str) -> Activation | None:
    """Return the activation that a text in an .npz names."""
    found = contents.arrays.get(key)
    if found is None or found.raw.dtype.kind != "U" or found.raw.size != 1:
        return None
    return activation_named(str(found.raw.reshape(-1)[0]), key)


def _read_out(weights: Weights, described: Described, names: Names, asked: Asked) -> Described:
    """Return the network with a readout, if there is why; whether by fits, a Network checks."""
    if "why" not in names or asked.head == NO_HEAD:
        return described
    g = _word(weights.contents, "output_activation")
    dense = Dense("why", weights.matrix(names["why"]), weights.vector(names.get("by")), g)
    return replace(described, after=(dense,)).noted(uses=weights.uses_of(names))


def _tutorial(contents: Contents, asked: Asked) -> Described:
    """Return the network of Wxh, Whh, Why, whose shapes say whether they are (to, from)."""
    names = {_TUTORIAL[name]: name for name in contents.arrays if name in _TUTORIAL}
    turned = _from_to(Weights(contents), names)
    weights = Weights(contents, turned, columns=True)
    readout = {key: names.pop(key) for key in _READOUT if key in names}
    described = stacked(weights, [[Named(names, _word(contents, "activation"))]])
    described = _read_out(weights, described, readout, asked)
    for dense in described.after:
        W_hh = weights.matrix(names["whh"])
        if dense.W.shape[1] != len(W_hh):
            raise InputError(
                f"{shown(readout['why'])} is {shape_of(dense.W)} as (to, from), but "
                f"{shown(names['whh'])} is {shape_of(W_hh)}"
            )
    order = "(from, to) and transposed here" if turned else "(to, from)"
    return described.noted(f"{shown(names['wxh'])} and its like are {order}, as their shapes say")


def _from_to(weights: Weights, names: Names) -> bool:
    """Return whether the matrices are (from, to); refuse what the shapes do not tell."""
    rows, columns = weights.matrix(names["wxh"]).shape
    W_hh = weights.matrix(names["whh"])
    name, H = shown(names["wxh"]), len(W_hh)
    if rows == columns == H:
        raise InputError(
            f"{name} is {H} x {H}: (to, from) or (from, to)? "
            "Write wxh, whh and why for (to, from), in lower case"
        )
    if H not in (rows, columns):
        raise InputError(
            f"{name} is {rows} x {columns}, but {shown(names['whh'])} is {shape_of(W_hh)}, "
            f"so one side must be {H}"
        )
    return columns == H
