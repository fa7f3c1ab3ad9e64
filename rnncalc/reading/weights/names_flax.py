"""Flax's names: cell/i/kernel and cell/h/kernel (linen), cell.dense_i.kernel (nnx)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from rnncalc.arrays import shape_of
from rnncalc.errors import InputError
from rnncalc.network.activations import LINEAR
from rnncalc.reading.weights.choosing import Linear, chosen_head, chosen_rnns
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

_NAME = re.compile(
    r"(?:(?P<path>.*)[/.])?(?:dense_)?(?P<part>[ih])[/.](?P<leaf>kernel|bias)(?:[/.](?:raw_)?value)?",
    re.DOTALL,
)
_GATED = re.compile(r"(.*[/.])?(?P<gate>hf|hg|ho|hn|hz|hr)[/.](kernel|bias)", re.DOTALL)
_DENSE = re.compile(r"(?P<stem>.*)[/.](?P<leaf>kernel|bias)(?:[/.](?:raw_)?value)?", re.DOTALL)
_KEYS = {("i", "kernel"): "wxh", ("h", "kernel"): "whh", ("i", "bias"): "bxh", ("h", "bias"): "bhh"}
_BARE = "cell"


@dataclass(frozen=True, eq=False)
class _Rnn:
    """The arrays of a cell, or of two in a Bidirectional: by our keys, their names in the file."""

    forward: dict[str, str]
    reverse: dict[str, str] | None = None


def has_flax(contents: Contents) -> bool:
    """Return whether the names are those of Flax."""
    return any(_NAME.fullmatch(name) or _GATED.fullmatch(name) for name in contents.arrays)


def from_flax(contents: Contents, rnn: str | None, head: str | None) -> Described:
    """Return the network that names of Flax describe.

    Args:
        contents: of the file.
        rnn: which cell, or several that form a stack.
        head: which Dense reads it out; `none` for none.

    Raises:
        InputError: it is not a SimpleCell, a part is missing, or a choice has to be made.
    """
    found = _rnns(contents)
    names = chosen_rnns({name: _sizes(contents, each) for name, each in found.items()}, rnn)
    levels: list[Level] = []
    cells: list[dict[str, str]] = []
    for name in names:
        size = levels[-1].output_size if levels else None
        sides = [side for side in (found[name].forward, found[name].reverse) if side]
        levels.append(Level.of([_half(contents, name, side, size) for side in sides]))
        cells += sides
    named = zip(suffixes(tuple(levels)), cells, strict=True)
    turned = {"wxh", "whh"}
    uses = {
        where: f"{key}{end}" + ", transposed" * (key in turned)
        for end, cell in named
        for key, where in cell.items()
    }
    notes = ("every kernel is transposed: Flax writes (from, to), and rnncalc (to, from)",)
    described = Described(tuple(levels), notes=notes, uses=uses)
    return with_unused(contents, _with_head(contents, described, names[-1], head))


def _rnns(contents: Contents) -> dict[str, _Rnn]:
    cells: dict[str, dict[str, str]] = {}
    for name in contents.arrays:
        if match := _NAME.fullmatch(name):
            path = re.sub(r"^params[/.]?", "", match["path"] or "") or _BARE
            cells.setdefault(path, {})[_KEYS[match["part"], match["leaf"]]] = name
    whole = {path: cell for path, cell in cells.items() if {"wxh", "whh"} <= set(cell)}
    for path, cell in whole.items():
        _refuse_gates(contents, path, cell)
    if not whole:
        gates = next((n for n in contents.arrays if _GATED.fullmatch(n)), "")
        kind = "an LSTM or a GRU" if gates else "half of a SimpleCell"
        where = shown(gates or next(iter(next(iter(cells.values())).values())))
        raise InputError(f"holds {kind} ({where}); only a vanilla RNN is calculated")
    return _in_pairs(whole)


def _refuse_gates(contents: Contents, path: str, cell: dict[str, str]) -> None:
    shape = contents.arrays[cell["whh"]].shape
    gates = shape[1] // shape[0] if len(shape) == 2 and shape[0] else 0
    if gates in (3, 4) and shape[1] == gates * shape[0]:
        kind = "a GRU" if gates == 3 else "an LSTM"
        raise InputError(
            f"{shown(path)} is {kind} ({shown(cell['whh'])} is {shape[0]} x {shape[1]}, "
            f"{gates} gates); only a vanilla RNN is calculated"
        )


def _in_pairs(cells: dict[str, dict[str, str]]) -> dict[str, _Rnn]:
    """Return the cells, with forward_rnn and backward_rnn of the same path as one."""
    found: dict[str, _Rnn] = {}
    for path, cell in cells.items():
        if "backward_rnn" in path and path.replace("backward_rnn", "forward_rnn") in cells:
            continue
        other = (
            cells.get(path.replace("forward_rnn", "backward_rnn"))
            if "forward_rnn" in path
            else None
        )
        name = path.partition("forward_rnn")[0].rstrip("/.") or "rnn" if other else path
        found[name.replace("/", ".")] = _Rnn(cell, other)
    return found


def _sizes(contents: Contents, rnn: _Rnn) -> str:
    shape = contents.arrays[rnn.forward["wxh"]].shape
    sizes = f"D {shape[0]}, H {shape[1]}" if len(shape) == 2 else "no matrix"
    return sizes + ", bidirectional" * (rnn.reverse is not None)


def _half(contents: Contents, name: str, cell: dict[str, str], size: int | None) -> Half:
    a = {key: widened(where, contents.arrays[where]) for key, where in cell.items()}
    for key in ("wxh", "whh"):
        if a[key].ndim != 2:
            raise InputError(f"{shown(cell[key])} is {shape_of(a[key])}, but must be a matrix")
    b_xh, b_hh = a.get("bxh"), a.get("bhh")
    both = b_xh is not None and b_hh is not None
    b_h = None if both else b_xh if b_xh is not None else b_hh
    half = Half(a["wxh"].T, a["whh"].T, b_h, b_xh if both else None, b_hh if both else None)
    keys = cell if both else {**cell, "bh": cell.get("bxh", cell.get("bhh", name))}
    return checked_half(half, keys, size)


def _with_head(contents: Contents, described: Described, last: str, head: str | None) -> Described:
    linear = list(_linears(contents, described))
    name, notes = chosen_head(linear, described.levels[-1].output_size, head, last)
    described = replace(described, notes=(*described.notes, *notes))
    if name is None:
        return described
    used = {}
    for each in contents.arrays:
        match = _DENSE.fullmatch(each)
        if match and _stem(match["stem"]) == name:
            used[match["leaf"]] = each
    W = widened(used["kernel"], contents.arrays[used["kernel"]]).T
    b = widened(used["bias"], contents.arrays[used["bias"]]) if "bias" in used else None
    if b is not None and b.shape != (len(W),):
        raise InputError(f"{shown(used['bias'])} is {shape_of(b)}, but must be {len(W)} values")
    note = (
        "the output is linear, as Flax's Dense returns it; --output-activation softmax changes that"
    )
    texts = {"kernel": "why, transposed", "bias": "by"}
    return replace(
        described,
        after=(Dense(name, W, b, LINEAR),),
        notes=(*described.notes, note),
        uses={**described.uses, **{where: texts[leaf] for leaf, where in used.items()}},
    )


def _linears(contents: Contents, described: Described) -> Iterator[Linear]:
    for name, each in contents.arrays.items():
        match = _DENSE.fullmatch(name)
        is_kernel = match and match["leaf"] == "kernel" and len(each.shape) == 2
        if match and is_kernel and name not in described.uses:
            yield Linear(_stem(match["stem"]), (each.shape[1], each.shape[0]))


def _stem(path: str) -> str:
    return re.sub(r"^params[/.]", "", path).replace("/", ".")
