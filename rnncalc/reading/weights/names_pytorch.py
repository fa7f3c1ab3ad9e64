"""PyTorch's names: weight_ih_l0, weight_hh_l0_reverse, fc.weight, below any prefix."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rnncalc.arrays import Array, shape_of
from rnncalc.errors import InputError
from rnncalc.network.activations import ACTIVATIONS, LINEAR, Activation
from rnncalc.reading.weights.choosing import Linear, chosen_head, chosen_rnns
from rnncalc.reading.weights.contents import Contents, shown, widened
from rnncalc.reading.weights.parts import (
    Dense,
    Described,
    Half,
    Level,
    checked_half,
    is_weight,
    suffixes,
    with_unused,
)

_NAME = re.compile(
    r"(?:(?P<prefix>.*)\.)?(?P<part>weight_ih|weight_hh|bias_ih|bias_hh)"
    r"(?:_l(?P<layer>[0-9]{1,4}))?(?P<reverse>_reverse)?",
    re.DOTALL | re.ASCII,
)
_KEYS = {"weight_ih": "wxh", "weight_hh": "whh", "bias_ih": "bxh", "bias_hh": "bhh"}
_PARTS = {key: part for part, key in _KEYS.items()}
_GATES = {3: "a GRU", 4: "an LSTM"}
_BARE = "rnn"  # what an RNN without a prefix is called

Names = dict[str, str]


@dataclass(frozen=True, eq=False)
class _Group:
    """The arrays of one RNN.

    Attributes:
        name: what it is called here.
        prefix: what stands before the names of its arrays.
        layered: whether they end in `_l0` and its like; those of an RNNCell do not.
        cells: by the layer and whether it reads backwards, the names in the file by ours.
    """

    name: str
    prefix: str
    layered: bool
    cells: dict[tuple[int, bool], Names]

    @property
    def layers(self) -> int:
        return 1 + max(layer for layer, _ in self.cells)

    @property
    def directions(self) -> tuple[bool, ...]:
        """False for forward, and True where any layer reads backwards."""
        return (False, True) if any(reverse for _, reverse in self.cells) else (False,)

    def array(self, key: str, layer: int, *, reverse: bool) -> str:
        """Return the name that an array has, or would have, in the file."""
        prefix = f"{self.prefix}." if self.prefix else ""
        return f"{prefix}{_PARTS[key]}" + f"_l{layer}" * self.layered + "_reverse" * reverse


def has_pytorch(contents: Contents) -> bool:
    """Return whether the names are those of PyTorch."""
    return any(_NAME.fullmatch(name) for name in contents.arrays)


def from_pytorch(
    contents: Contents, rnn: str | None, head: str | None, replaced: frozenset[str]
) -> Described:
    """Return the network that names of PyTorch describe.

    Args:
        contents: of the file.
        rnn: which RNN, or several that form a stack.
        head: which Linear reads it out; `none` for none.
        replaced: the keys that flags give.

    Raises:
        InputError: it is not a vanilla RNN, a part is missing, or a choice has to be made.
    """
    groups = _groups(contents)
    vanilla = _vanilla(contents, groups)
    chosen = [groups[name] for name in chosen_rnns(vanilla, rnn)]
    levels: list[Level] = []
    cells: list[Names] = []
    for group in chosen:
        for layer in range(group.layers):
            size = levels[-1].output_size if levels else None
            levels.append(_level(contents, group, layer, size, replaced))
        cells += [group.cells[key] for key in sorted(group.cells)]
    named = zip(suffixes(tuple(levels)), cells, strict=True)
    uses = {where: f"{key}{end}" for end, cell in named for key, where in cell.items()}
    notes = [f"{shown(g.name)} is what is calculated" for g in chosen if len(groups) > 1]
    described = Described(tuple(levels), notes=tuple(notes), uses=uses)
    return _with_linears(contents, described, chosen[-1], head)


def _groups(contents: Contents) -> dict[str, _Group]:
    """Return the RNNs of a file by their names."""
    groups: dict[str, _Group] = {}
    for name in contents.arrays:
        if match := _NAME.fullmatch(name):
            prefix = match["prefix"] or ""
            known = _Group(prefix or _BARE, prefix, match["layer"] is not None, {})
            cells = groups.setdefault(known.name, known).cells
            direction = (int(match["layer"] or 0), bool(match["reverse"]))
            cells.setdefault(direction, {})[_KEYS[match["part"]]] = name
    return groups


def _vanilla(contents: Contents, groups: dict[str, _Group]) -> dict[str, str]:
    """Return what each RNN without gates is; that there is none is an error."""
    gated = {name: _gates(contents, group) for name, group in groups.items()}
    if all(gated.values()):
        name, gates = next(iter(gated.items()))
        cell = groups[name].cells[0, False]["whh"]
        shape = shape_of(contents.arrays[cell].raw)
        raise InputError(
            f"{shown(name)} is {_GATES[gates]} ({shown(cell)} is {shape}, {gates} gates); "
            "only a vanilla RNN is calculated"
        )
    return {name: _sizes(contents, groups[name]) for name, gates in gated.items() if not gates}


def _gates(contents: Contents, group: _Group) -> int:
    """Return the number of gates, 0 for a vanilla RNN, after looking for its first matrices."""
    there = next(iter(next(iter(group.cells.values())).values()))
    for key in ("wxh", "whh"):
        if key not in group.cells.get((0, False), {}):
            lost = group.array(key, 0, reverse=False)
            raise InputError(f"{shown(lost)} is missing, though {shown(there)} is there")
    projection = group.array("whh", 0, reverse=False).replace("weight_hh", "weight_hr")
    if projection in contents.arrays:
        return 4
    shape = contents.arrays[group.cells[0, False]["whh"]].shape
    gates = shape[0] // shape[1] if len(shape) == 2 and shape[1] and not shape[0] % shape[1] else 0
    return gates if gates in _GATES else 0


def _sizes(contents: Contents, group: _Group) -> str:
    """Return `D 3, H 4, 2 layers, bidirectional`."""
    inputs, states = (contents.arrays[group.cells[0, False][k]].shape[-1:] for k in ("wxh", "whh"))
    more = [f"{group.layers} layers"] * (group.layers > 1)
    more += ["bidirectional"] * (len(group.directions) > 1)
    return ", ".join([f"D {inputs[0]}, H {states[0]}" if inputs and states else "", *more])


def _level(
    contents: Contents, group: _Group, layer: int, size: int | None, replaced: frozenset[str]
) -> Level:
    """Return a layer; its matrices must be there, and either both biases or none."""
    halves = []
    for reverse in group.directions:
        cell = group.cells.get((layer, reverse), {})
        lost = [key for key in ("wxh", "whh") if key not in cell]
        if ("bxh" in cell) != ("bhh" in cell) and "bh" not in replaced:
            lost.append("bhh" if "bxh" in cell else "bxh")
        for key in lost:
            raise _missing(contents, group, cell, group.array(key, layer, reverse=reverse))
        arrays = {key: widened(where, contents.arrays[where]) for key, where in cell.items()}
        halves.append(replace(_half(arrays, cell, size), activation=_said(contents, group)))
    return Level.of(halves)


def _half(arrays: dict[str, Array], cell: Names, size: int | None) -> Half:
    for key in ("wxh", "whh"):
        if arrays[key].ndim != 2:
            raise InputError(f"{shown(cell[key])} is {shape_of(arrays[key])}, but must be a matrix")
    half = Half(arrays["wxh"], arrays["whh"], None, arrays.get("bxh"), arrays.get("bhh"))
    return checked_half(half, cell, size)


def _missing(contents: Contents, group: _Group, cell: Names, lost: str) -> InputError:
    biases = [name for key, name in cell.items() if key in ("bxh", "bhh")]
    if "bias" in lost.rpartition(".")[2] and biases:
        shape = ", ".join(map(str, contents.arrays[biases[0]].shape))
        there = f"{shown(biases[0])} is there (shape {shape}); give --bh to replace both"
    else:
        there = f"{shown(next(iter(next(iter(group.cells.values())).values())))} is there"
    return InputError(f"{shown(lost)} is missing, though {there}")


def _said(contents: Contents, group: _Group) -> Activation | None:
    """Return the activation that a pickled module names, or None."""
    module = contents.facts.get("modules", {}).get(group.prefix, {})
    name = module.get("nonlinearity") or str(module.get("mode", ""))
    return ACTIVATIONS.get(str(name).lower().removeprefix("rnn_"))


def _with_linears(
    contents: Contents, described: Described, last: _Group, head: str | None
) -> Described:
    """Return the network with the matrices around the RNN, and a note about what is left."""
    candidates = _linears(contents, described, last)
    described = _with_embedding(contents, described, candidates)
    heads = [each for each in candidates if f"{each.name}.weight" not in described.uses]
    size = described.levels[-1].output_size
    name, notes = chosen_head(heads, size, head, last.name)
    described = replace(described, notes=(*described.notes, *notes))
    if name is not None:
        described = _read_out(contents, described, name)
    return with_unused(contents, described)


def _linears(contents: Contents, described: Described, last: _Group) -> list[Linear]:
    """Return the matrices that no RNN has, of the same state_dict as the RNN."""
    roots = [r for r in contents.facts.get("roots", ()) if last.prefix.startswith(r)]
    root = f"{max(roots, key=len)}." if roots else ""
    found = []
    for name, each in contents.arrays.items():
        stem = name.removesuffix(".weight")
        if len(each.shape) == 2 and stem != name and name.startswith(root) and is_weight(name):
            found.append(Linear(stem, (each.shape[0], each.shape[1])))
    return [each for each in found if f"{each.name}.weight" not in described.uses]


def _with_embedding(
    contents: Contents, described: Described, candidates: Sequence[Linear]
) -> Described:
    """Return the network with the matrix whose rows are inputs, if there is one such matrix."""
    D, H = described.levels[0].input_size, described.levels[-1].output_size
    bare = [each for each in candidates if f"{each.name}.bias" not in contents.arrays]
    rows = [each for each in bare if each.shape[1] == D]
    told = [each for each in rows if _is_embedding(contents, each.name)]
    heads = [each for each in candidates if each not in bare and each.shape[1] == H]
    fits = told or (rows if heads and not contents.facts.get("modules") else [])
    if len(fits) != 1:
        return described
    name, (symbols, _) = f"{fits[0].name}.weight", fits[0].shape
    why = "" if told else " without a bias, so it is taken for an embedding"
    note = f"{shown(fits[0].name)} is {symbols} x {D}{why}: a row for each symbol of x"
    return replace(
        described,
        embedding=widened(name, contents.arrays[name]),
        notes=(*described.notes, note),
        uses={**described.uses, name: "embedding"},
    )


def _is_embedding(contents: Contents, name: str) -> bool:
    """Return whether a pickled module, or else the name, says that it is an embedding."""
    kind = contents.facts.get("modules", {}).get(name, {}).get("class", "")
    if kind:
        return str(kind).endswith(".Embedding")
    return bool(re.search("emb|wte", name.rpartition(".")[2].lower()))


def _read_out(contents: Contents, described: Described, name: str) -> Described:
    """Return the network with a readout, whose output is what a Linear gives."""
    used = {f"{name}.weight": "why"}
    if f"{name}.bias" in contents.arrays:
        used[f"{name}.bias"] = "by"
    W, *b = (widened(each, contents.arrays[each]) for each in used)
    if b and b[0].shape != (len(W),):
        raise InputError(f"{shown(name)}.bias is {shape_of(b[0])}, but must be {len(W)} values")
    note = (
        "the output is linear, as PyTorch's Linear returns it; "
        "--output-activation softmax changes that"
    )
    return replace(
        described,
        after=(Dense(name, W, b[0] if b else None, LINEAR),),
        notes=(*described.notes, note),
        uses={**described.uses, **used},
    )
