"""Flax's names: cell/i/kernel and cell/h/kernel (linen), cell.dense_i.kernel (nnx)."""

import re
from collections.abc import Iterator

from rnncalc.arrays import shape_of
from rnncalc.errors import InputError
from rnncalc.reading.weights.choosing import Linear, chosen_rnns, gated
from rnncalc.reading.weights.contents import Contents, shown
from rnncalc.reading.weights.described import Described, Names

_LEAF = r"[/.](?P<leaf>kernel|bias)(?:[/.](?:raw_)?value)?"
_NAME = re.compile(rf"(?:(?P<path>.*)[/.])?(?:dense_)?(?P<part>[ih]){_LEAF}", re.DOTALL)
_GATED = re.compile(r"(.*[/.])?(?P<gate>hf|hg|ho|hn|hz|hr)[/.](kernel|bias)", re.DOTALL)
_DENSE = re.compile(rf"(?P<stem>.*){_LEAF}", re.DOTALL)
_KEYS = {("i", "kernel"): "wxh", ("h", "kernel"): "whh", ("i", "bias"): "bxh", ("h", "bias"): "bhh"}
_BARE = "cell"


def has_flax(contents: Contents) -> bool:
    """Return whether the names are those of Flax."""
    return any(_NAME.fullmatch(name) or _GATED.fullmatch(name) for name in contents.arrays)


def from_flax(described: Described) -> None:
    """Add the network that names of Flax describe.

    Raises:
        InputError: it is not a SimpleCell, a part is missing, or a choice has to be made.
    """
    contents = described.contents
    found = _in_pairs(_cells(contents))
    sizes = {name: _sizes(contents, each) for name, each in found.items()}
    names = chosen_rnns(sizes, described.asked.rnn)
    described.from_to = True
    described.stack(found[name] for name in names)
    described.note_transposed("Flax")
    described.read_out([*_linears(described)], names[-1], ", as Flax's Dense returns it")


def _cells(contents: Contents) -> dict[str, Names]:
    """Return the names of the arrays of each SimpleCell, by its path."""
    cells: dict[str, Names] = {}
    for name in contents.arrays:
        if match := _NAME.fullmatch(name):
            path = re.sub(r"^params[/.]?", "", match["path"] or "") or _BARE
            cells.setdefault(path, {})[_KEYS[match["part"], match["leaf"]]] = name
    whole = {path: cell for path, cell in cells.items() if {"wxh", "whh"} <= set(cell)}
    for path, cell in whole.items():
        _refuse_gates(contents, path, cell)
        if ("bxh" in cell) != ("bhh" in cell):  # the only bias
            cell["bh"] = cell.pop("bxh" if "bxh" in cell else "bhh")
    if not whole:
        gates = next((n for n in contents.arrays if _GATED.fullmatch(n)), "")
        kind = "an LSTM or a GRU" if gates else "half of a SimpleCell"
        where = shown(gates or next(iter(next(iter(cells.values())).values())))
        raise InputError(f"holds {kind} ({where}); only a vanilla RNN is calculated")
    return whole


def _refuse_gates(contents: Contents, path: str, cell: Names) -> None:
    raw = contents.arrays[cell["whh"]].raw
    for gates, kind in ((3, "GRU"), (4, "LSTM")):
        if raw.ndim == 2 and raw.shape[1] == gates * raw.shape[0] > 0:
            raise gated(path, kind, f"{shown(cell['whh'])} is {shape_of(raw)}, {gates} gates")


def _in_pairs(cells: dict[str, Names]) -> dict[str, list[Names]]:
    """Return the directions of each RNN: forward_rnn and backward_rnn of one path are one."""
    found: dict[str, list[Names]] = {}
    for path, cell in cells.items():
        backward = path.replace("forward_rnn", "backward_rnn")
        if backward != path and backward in cells:
            name = path.partition("forward_rnn")[0].rstrip("/.") or "rnn"
            found[name.replace("/", ".")] = [cell, cells[backward]]
        elif path.replace("backward_rnn", "forward_rnn") not in cells or "backward_rnn" not in path:
            found[path.replace("/", ".")] = [cell]
    return found


def _sizes(contents: Contents, cells: list[Names]) -> str:
    shape = contents.arrays[cells[0]["wxh"]].shape
    sizes = f"D {shape[0]}, H {shape[1]}" if len(shape) == 2 else "no matrix"
    return sizes + ", bidirectional" * (len(cells) > 1)


def _linears(described: Described) -> Iterator[Linear]:
    """Yield the matrices that no cell has."""
    contents = described.contents
    found: dict[str, Names] = {}
    for name in contents.arrays:
        if name not in described.uses and (match := _DENSE.fullmatch(name)):
            stem = re.sub(r"^params[/.]", "", match["stem"]).replace("/", ".")
            found.setdefault(stem, {})["why" if match["leaf"] == "kernel" else "by"] = name
    for stem, names in found.items():
        shape = contents.arrays[names["why"]].shape if "why" in names else ()
        if len(shape) == 2:
            yield Linear(stem, (shape[1], shape[0]), names)
