"""Names as they are typed here, wxh whh bh why by, and as tutorials write them: Wxh, Whh, Why."""

import re
from dataclasses import dataclass

from rnncalc.arrays import Array, shape_of
from rnncalc.errors import InputError
from rnncalc.network.activation_names import activation_named
from rnncalc.network.activations import Activation
from rnncalc.reading.weights.choosing import NO_HEAD, FlagError
from rnncalc.reading.weights.contents import Contents, shown, widened
from rnncalc.reading.weights.parts import (
    Dense,
    Described,
    Half,
    Level,
    checked_half,
    suffixes,
    with_unused,
)

_OWN = re.compile(r"(?P<key>wxh|whh|bh|bxh|bhh)(?:_l(?P<layer>[0-9]{1,4})(?P<reverse>_reverse)?)?")
_READOUT = ("why", "by")
_WORDS = ("activation", "output_activation")
_TUTORIAL = {
    **dict.fromkeys(("Wxh", "W_xh", "W_hx", "Whx"), "wxh"),
    **dict.fromkeys(("Whh", "W_hh"), "whh"),
    **dict.fromkeys(("Why", "W_hy", "W_yh", "Wyh"), "why"),
    **dict.fromkeys(("bh", "b_h"), "bh"),
    **dict.fromkeys(("by", "b_y"), "by"),
}


@dataclass(frozen=True, eq=False)
class _Said:
    """The two activations that a file may name."""

    f: Activation | None
    g: Activation | None


def has_own(contents: Contents) -> bool:
    """Return whether the file has both matrices of a cell under names of this kind."""
    keys = {_TUTORIAL.get(name, name) for name in contents.arrays}
    keys |= {match["key"] for name in contents.arrays if (match := _OWN.fullmatch(name))}
    return {"wxh", "whh"} <= keys


def from_own(contents: Contents, rnn: str | None, head: str | None) -> Described:
    """Return the network that names of this program, or of tutorials, describe.

    Args:
        contents: of the file.
        rnn: must be None: there is one network.
        head: `none` for no readout; no other name is known.

    Raises:
        InputError: a shape does not fit, or does not tell which axis is which.
    """
    if rnn is not None:
        raise FlagError("--rnn: the file holds one network, and nothing to choose from")
    if head not in (None, NO_HEAD):
        raise FlagError("--head: the file holds one readout at most; only none is known here")
    said = _Said(*(_word(contents, key) for key in _WORDS))
    tutorial = not any(_OWN.fullmatch(name) and name[0] == "w" for name in contents.arrays)
    described = _tutorial(contents, said) if tutorial else _own(contents, said)
    if head == NO_HEAD:
        kept = {name: use for name, use in described.uses.items() if use not in _READOUT}
        described = Described(described.levels, notes=described.notes, uses=kept)
    return with_unused(contents, described)


def _word(contents: Contents, key: str) -> Activation | None:
    """Return the activation that a text in an .npz names."""
    found = contents.arrays.get(key)
    if found is None or found.raw.dtype.kind != "U" or found.raw.size != 1:
        return None
    return activation_named(str(found.raw.reshape(-1)[0]), key)


def _own(contents: Contents, said: _Said) -> Described:
    """Return the network of wxh, whh, ... and of wxh_l0, whh_l0_reverse, ...: always (to, from)."""
    cells: dict[tuple[int, bool], dict[str, str]] = {}
    for name in contents.arrays:
        if match := _OWN.fullmatch(name):
            direction = (int(match["layer"] or 0), bool(match["reverse"]))
            cells.setdefault(direction, {})[match["key"]] = name
    levels: list[Level] = []
    for layer in range(1 + max(layer for layer, _ in cells)):
        size = levels[-1].output_size if levels else None
        halves = [
            _half(contents, cells[layer, reverse], size, said)
            for reverse in (False, True)
            if (layer, reverse) in cells
        ]
        if (layer, False) not in cells:
            raise InputError(f"wxh_l{layer} is missing")
        levels.append(Level.of(halves))
    ordered = [cells[key] for key in sorted(cells)]
    named = zip(suffixes(tuple(levels)), ordered, strict=True)
    uses = {where: f"{key}{end}" for end, cell in named for key, where in cell.items()}
    after = _readout(contents, said)
    uses |= {key: key for key in _READOUT if after and key in contents.arrays}
    return Described(tuple(levels), after, start=_start(contents, uses), uses=uses)


def _half(contents: Contents, cell: dict[str, str], size: int | None, said: _Said) -> Half:
    for key in ("wxh", "whh"):
        if key not in cell:
            there = next(iter(cell.values()))
            end = there[there.index("_l") :] if "_l" in there else ""
            raise InputError(f"{key}{end} is missing, though {shown(there)} is there")
    if ("bxh" in cell) != ("bhh" in cell):
        there, lost = ("bxh", "bhh") if "bxh" in cell else ("bhh", "bxh")
        raise InputError(f"{lost} is missing, though {shown(cell[there])} is there")
    if "bh" in cell and "bxh" in cell:
        raise InputError(f"{shown(cell['bh'])} and {shown(cell['bxh'])} exclude each other")
    a = {key: _array(contents, where, key) for key, where in cell.items()}
    half = Half(a["wxh"], a["whh"], a.get("bh"), a.get("bxh"), a.get("bhh"), said.f)
    return checked_half(half, cell, size)


def _array(contents: Contents, name: str, key: str) -> Array:
    """Return a matrix, or a bias as a vector, even if it is a row or a column."""
    found = widened(name, contents.arrays[name])
    if key[0] == "w" and found.ndim != 2:
        raise InputError(f"{shown(name)} is {shape_of(found)}, but must be a matrix")
    if key[0] == "b" and found.ndim == 2 and 1 in found.shape:
        return found.ravel()
    return found


def _readout(contents: Contents, said: _Said) -> tuple[Dense, ...]:
    if "why" not in contents.arrays:
        return ()
    b = _array(contents, "by", "by") if "by" in contents.arrays else None
    return (Dense("why", _array(contents, "why", "why"), b, said.g),)


def _start(contents: Contents, uses: dict[str, str]) -> tuple[Array, ...] | None:
    """Return h0: one row per state, or the only one."""
    if "h0" not in contents.arrays:
        return None
    uses["h0"] = "h0"
    found = widened("h0", contents.arrays["h0"])
    return tuple(found.reshape(1, -1) if found.ndim == 1 else found)


def _tutorial(contents: Contents, said: _Said) -> Described:
    """Return the network of Wxh, Whh, Why, whose shapes say whether they are (to, from)."""
    names = {_TUTORIAL[name]: name for name in contents.arrays if name in _TUTORIAL}
    a = {key: _array(contents, name, key) for key, name in names.items()}
    turned = _from_to(names, a)
    if turned:
        a |= {key: a[key].T for key in ("wxh", "whh", "why") if key in a}
    half = checked_half(Half(a["wxh"], a["whh"], a.get("bh"), activation=said.f), names)
    after: tuple[Dense, ...] = ()
    if "why" in a:
        after = (Dense("why", a["why"], a.get("by"), said.g),)
        if a["why"].shape[1] != len(a["whh"]):
            raise InputError(
                f"{shown(names['why'])} is {shape_of(a['why'])} as (to, from), but "
                f"{shown(names['whh'])} is {shape_of(a['whh'])}"
            )
    order = "(from, to) and transposed here" if turned else "(to, from)"
    note = f"{shown(names['wxh'])} and its like are {order}, as their shapes say"
    ends = {key: ", transposed" * (turned and key[0] == "w") for key in names}
    uses = {name: key + ends[key] for key, name in names.items() if key != "by" or "why" in names}
    return Described((Level(half),), after, notes=(note,), uses=uses)


def _from_to(names: dict[str, str], a: dict[str, Array]) -> bool:
    """Return whether the matrices are (from, to); refuse what the shapes do not tell."""
    rows, columns = a["wxh"].shape
    H = len(a["whh"])
    name = shown(names["wxh"])
    if rows == columns == H:
        raise InputError(
            f"{name} is {H} x {H}: (to, from) or (from, to)? "
            "Write wxh, whh and why for (to, from), in lower case"
        )
    if H not in (rows, columns):
        raise InputError(
            f"{name} is {rows} x {columns}, but {shown(names['whh'])} is {shape_of(a['whh'])}, "
            f"so one side must be {H}"
        )
    return columns == H
