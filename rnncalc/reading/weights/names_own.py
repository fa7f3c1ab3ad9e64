"""Names as they are typed here, wxh whh bh why by, and as tutorials write them: Wxh, Whh, Why."""

import re
from collections.abc import Iterator, Sequence

from rnncalc.arrays import shape_of
from rnncalc.errors import InputError, counted
from rnncalc.network.activation_names import activation_named
from rnncalc.network.activations import Activation
from rnncalc.reading.weights.choosing import NO_HEAD, FlagError
from rnncalc.reading.weights.contents import Contents, shown, widened
from rnncalc.reading.weights.described import OTHER, Described, Names, lost_of

_OWN = re.compile(r"(?P<key>wxh|whh|bh|bxh|bhh)(?:_l(?P<layer>[0-9]{1,4})(?P<reverse>_reverse)?)?")
_READOUT = ("why", "by")
_TUTORIAL = {
    **dict.fromkeys(("Wxh", "W_xh", "W_hx", "Whx"), "wxh"),
    **dict.fromkeys(("Whh", "W_hh"), "whh"),
    **dict.fromkeys(("Why", "W_hy", "W_yh", "Wyh"), "why"),
    **dict.fromkeys(("bh", "b_h"), "bh"),
    **dict.fromkeys(("by", "b_y"), "by"),
}


def has_own(contents: Contents) -> bool:
    """Return whether the file has both matrices of a cell under names of this kind."""
    keys = {_TUTORIAL.get(name, name) for name in contents.arrays}
    keys |= {match["key"] for name in contents.arrays if (match := _OWN.fullmatch(name))}
    return {"wxh", "whh"} <= keys


def from_own(described: Described) -> None:
    """Add the network that names of this program, or of tutorials, describe.

    There is one network, so that --rnn is refused, and of --head all but `none`.

    Raises:
        InputError: a shape does not fit, or does not tell which axis is which.
    """
    if described.asked.rnn is not None:
        raise FlagError("--rnn: the file holds one network, and nothing to choose from")
    if described.asked.head not in (None, NO_HEAD):
        raise FlagError("--head: the file holds one readout at most; only none is known here")
    described.columns = True
    arrays = described.contents.arrays
    if any(_OWN.fullmatch(name) and name[0] == "w" for name in arrays):
        _own(described)
    else:
        _tutorial(described, {_TUTORIAL[name]: name for name in arrays if name in _TUTORIAL})


def _own(described: Described) -> None:
    """Add the network of wxh, whh, ... and of wxh_l0, whh_l0_reverse, ...: always (to, from)."""
    arrays = described.contents.arrays
    described.stack(_layers(described.contents), _word(described, "activation"))
    _read_out(described, {key: key for key in _READOUT if key in arrays})
    if "h0" in arrays:
        h0 = widened("h0", arrays["h0"])
        rows, states = h0.reshape(1, -1) if h0.ndim == 1 else h0, len(described.cells)
        if rows.ndim != 2 or len(rows) != states:
            raise InputError(f"h0 is {shape_of(h0)}, but must have {counted(states, 'row')}")
        described.start = list(rows)
        described.uses["h0"] = "h0"


def _layers(contents: Contents) -> Iterator[Sequence[Names]]:
    """Yield the directions of each layer."""
    cells: dict[tuple[int, bool], Names] = {}
    for name in contents.arrays:
        if match := _OWN.fullmatch(name):
            direction = (int(match["layer"] or 0), bool(match["reverse"]))
            cells.setdefault(direction, {})[match["key"]] = name
    for layer in range(1 + max(layer for layer, _ in cells)):
        if (layer, False) not in cells:
            raise InputError(f"wxh_l{layer} is missing")
        both = [cells[key] for key in ((layer, False), (layer, True)) if key in cells]
        yield [_whole(names) for names in both]


def _whole(names: Names) -> Names:
    """Return the names of a cell, if both of its matrices and a bias of one kind are there."""
    for key in lost_of(names):
        there = names.get(OTHER[key]) or next(iter(names.values()))
        name = "_".join([key, *there.split("_")[1:]])
        raise InputError(f"{name} is missing, though {shown(there)} is there")
    if "bh" in names and "bxh" in names:
        raise InputError(f"{shown(names['bh'])} and {shown(names['bxh'])} exclude each other")
    return names


def _word(described: Described, key: str) -> Activation | None:
    """Return the activation that a text in an .npz names."""
    found = described.contents.arrays.get(key)
    if found is None or found.raw.dtype.kind != "U" or found.raw.size != 1:
        return None
    described.uses[key] = key
    return activation_named(str(found.raw.reshape(-1)[0]), key)


def _read_out(described: Described, names: Names) -> None:
    """Add the readout, if there is why."""
    if "why" in names and described.asked.head != NO_HEAD:
        g = _word(described, "output_activation")
        described.after.append(described.dense("why", names, g))
        described.use(names)


def _tutorial(described: Described, names: Names) -> None:
    """Add the network of Wxh, Whh, Why, whose shapes say whether they are (to, from)."""
    readout = {key: names.pop(key) for key in _READOUT if key in names}
    described.from_to = _from_to(described, names)
    described.stack([[names]], _word(described, "activation"))
    _read_out(described, readout)
    H = described.layers[0].output_size
    for dense in described.after:
        if dense.input_size != H:
            raise InputError(
                f"{shown(readout['why'])} is {dense.output_size} x {dense.input_size} "
                f"as (to, from), but {shown(names['whh'])} is {H} x {H}"
            )
    order = "(from, to) and transposed here" if described.from_to else "(to, from)"
    note = f"{shown(names['wxh'])} and its like are {order}, as their shapes say"
    described.notes.append(note)


def _from_to(described: Described, names: Names) -> bool:
    """Return whether the matrices are (from, to); refuse what the shapes do not tell."""
    rows, columns = described.matrix(names["wxh"]).shape
    W_hh = described.matrix(names["whh"])
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
