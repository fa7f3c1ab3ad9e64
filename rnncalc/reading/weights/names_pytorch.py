"""PyTorch's names: weight_ih_l0, weight_hh_l0_reverse, fc.weight, below any prefix."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rnncalc.arrays import shape_of
from rnncalc.errors import InputError
from rnncalc.network.activations import ACTIVATIONS, Activation
from rnncalc.reading.weights.choosing import Linear, chosen_rnns, gated
from rnncalc.reading.weights.contents import Contents, shown, widened
from rnncalc.reading.weights.described import OTHER, Described, Names, is_weight, lost_of

_NAME = re.compile(
    r"(?:(?P<prefix>.*)\.)?(?P<part>weight_ih|weight_hh|bias_ih|bias_hh)"
    r"(?:_l(?P<layer>[0-9]{1,4}))?(?P<reverse>_reverse)?",
    re.DOTALL | re.ASCII,
)
_KEYS = {"weight_ih": "wxh", "weight_hh": "whh", "bias_ih": "bxh", "bias_hh": "bhh"}
_PARTS = {key: part for part, key in _KEYS.items()}
_GATES = {3: "GRU", 4: "LSTM"}
_BARE = "rnn"  # what an RNN without a prefix is called


@dataclass(frozen=True, eq=False)
class _Group:
    """The arrays of one RNN.

    Attributes:
        prefix: what the names of its arrays begin with.
        layered: whether they end in `_l0` and its like; those of an RNNCell do not.
        cells: by the layer and whether it reads backwards, the names in the file by ours.
    """

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

    @property
    def there(self) -> str:
        """The first of its arrays."""
        return next(iter(next(iter(self.cells.values())).values()))

    def array(self, key: str, layer: int = 0, *, reverse: bool = False) -> str:
        """Return the name that an array has, or would have, in the file."""
        prefix = f"{self.prefix}." if self.prefix else ""
        return f"{prefix}{_PARTS[key]}" + f"_l{layer}" * self.layered + "_reverse" * reverse


def has_pytorch(contents: Contents) -> bool:
    """Return whether the names are those of PyTorch."""
    return any(_NAME.fullmatch(name) for name in contents.arrays)


def from_pytorch(described: Described) -> None:
    """Add the network that names of PyTorch describe.

    Raises:
        InputError: it is not a vanilla RNN, a part is missing, or a choice has to be made.
    """
    contents, asked = described.contents, described.asked
    groups = _groups(contents)
    names = chosen_rnns(_vanilla(contents, groups), asked.rnn)
    for name in names:
        layers = _layers(contents, groups[name], asked.replaced)
        described.stack(layers, _said(contents, groups[name]))
        if len(groups) > 1:
            described.notes.append(f"{shown(name)} is what is calculated")
    linears = _linears(described, groups[names[-1]])
    _find_embedding(described, linears)
    left = [each for each in linears if each.names["why"] not in described.uses]
    described.read_out(left, names[-1], ", as PyTorch's Linear returns it")


def _groups(contents: Contents) -> dict[str, _Group]:
    """Return the RNNs of a file by their names."""
    groups: dict[str, _Group] = {}
    for name in contents.arrays:
        if match := _NAME.fullmatch(name):
            prefix = match["prefix"] or ""
            known = _Group(prefix, match["layer"] is not None, {})
            cells = groups.setdefault(prefix or _BARE, known).cells
            direction = (int(match["layer"] or 0), bool(match["reverse"]))
            cells.setdefault(direction, {})[_KEYS[match["part"]]] = name
    return groups


def _vanilla(contents: Contents, groups: dict[str, _Group]) -> dict[str, str]:
    """Return what each RNN without gates is; that there is none is an error."""
    gates = {name: _gates(contents, group) for name, group in groups.items()}
    if all(gates.values()):
        name, number = next(iter(gates.items()))
        cell = groups[name].cells[0, False]["whh"]
        shape = shape_of(contents.arrays[cell].raw)
        raise gated(name, _GATES[number], f"{shown(cell)} is {shape}, {number} gates")
    return {name: _sizes(contents, groups[name]) for name, number in gates.items() if not number}


def _gates(contents: Contents, group: _Group) -> int:
    """Return the number of gates, 0 for a vanilla RNN, after looking for its first matrices."""
    for key in ("wxh", "whh"):
        if key not in group.cells.get((0, False), {}):
            raise _missing(group.array(key), group.there)
    projection = group.array("whh").replace("weight_hh", "weight_hr")
    if projection in contents.arrays:
        return 4
    shape = contents.arrays[group.cells[0, False]["whh"]].shape
    return next((n for n in _GATES if len(shape) == 2 and shape[0] == n * shape[1] > 0), 0)


def _sizes(contents: Contents, group: _Group) -> str:
    """Return `D 3, H 4, 2 layers, bidirectional`."""
    inputs, states = (contents.arrays[group.cells[0, False][k]].shape[-1:] for k in ("wxh", "whh"))
    more = [f"{group.layers} layers"] * (group.layers > 1)
    more += ["bidirectional"] * (len(group.directions) > 1)
    return ", ".join([f"D {inputs[0]}, H {states[0]}" if inputs and states else "", *more])


def _layers(
    contents: Contents, group: _Group, replaced: frozenset[str]
) -> Iterator[Sequence[Names]]:
    """Yield the directions of each layer; the matrices must be there, and both biases or none."""
    for layer in range(group.layers):
        for reverse in group.directions:
            names = group.cells.get((layer, reverse), {})
            for key in lost_of(names):
                name = group.array(key, layer, reverse=reverse)
                if key[0] == "w":
                    raise _missing(name, group.there)
                if "bh" not in replaced:
                    other = names[OTHER[key]]
                    shape = ", ".join(map(str, contents.arrays[other].shape))
                    raise _missing(name, other, f" (shape {shape}); give --bh to replace both")
        yield [group.cells[layer, reverse] for reverse in group.directions]


def _missing(name: str, there: str, more: str = "") -> InputError:
    return InputError(f"{shown(name)} is missing, though {shown(there)} is there{more}")


def _said(contents: Contents, group: _Group) -> Activation | None:
    """Return the activation that a pickled module names, or None."""
    module = contents.facts.get("modules", {}).get(group.prefix, {})
    name = module.get("nonlinearity") or str(module.get("mode", ""))
    return ACTIVATIONS.get(str(name).lower().removeprefix("rnn_"))


def _linears(described: Described, last: _Group) -> list[Linear]:
    """Return the matrices that no RNN has, of the same state_dict as the RNN."""
    contents = described.contents
    roots = [r for r in contents.facts.get("roots", ()) if last.prefix.startswith(r)]
    root = f"{max(roots, key=len)}." if roots else ""
    found = []
    for name, each in contents.arrays.items():
        stem = name.removesuffix(".weight")
        free = name.startswith(root) and is_weight(name) and name not in described.uses
        if len(each.shape) == 2 and stem != name and free:
            names = {"why": name, "by": f"{stem}.bias"}
            there = {key: where for key, where in names.items() if where in contents.arrays}
            found.append(Linear(stem, (each.shape[0], each.shape[1]), there))
    return found


def _find_embedding(described: Described, linears: list[Linear]) -> None:
    """Add the matrix whose rows are inputs, if there is one such matrix."""
    facts, D, H = described.contents.facts, described.layers[0].input_size, described.width
    rows = [each for each in linears if "by" not in each.names and each.shape[1] == D]
    told = [each for each in rows if _is_embedding(facts, each.name)]
    heads = [each for each in linears if "by" in each.names and each.shape[1] == H]
    fits = told or (rows if heads and not facts.get("modules") else [])
    if len(fits) != 1:
        return
    name, kernel, symbols = shown(fits[0].name), fits[0].names["why"], fits[0].shape[0]
    why = "" if told else " without a bias, so it is taken for an embedding"
    described.embedding = widened(kernel, described.contents.arrays[kernel])
    described.uses[kernel] = "embedding"
    described.notes.append(f"{name} is {symbols} x {D}{why}: a row for each symbol of x")


def _is_embedding(facts: Mapping[str, Any], name: str) -> bool:
    """Return whether a pickled module, or else the name, says that it is an embedding."""
    kind = facts.get("modules", {}).get(name, {}).get("class", "")
    if kind:
        return str(kind).endswith(".Embedding")
    return bool(re.search("emb|wte", name.rpartition(".")[2].lower()))
