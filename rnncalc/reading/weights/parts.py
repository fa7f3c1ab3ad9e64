"""A network as a file describes it, before it becomes a Network: layers, readouts, and choices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from rnncalc.arrays import Array, shape_of
from rnncalc.errors import InputError, counted
from rnncalc.network.activations import Activation
from rnncalc.reading.weights.contents import Contents, shown

CONCAT = "concat"
_LISTED = 4


@dataclass(frozen=True, eq=False)
class Half:
    """A layer in one direction.

    Attributes:
        W_xh: (H, D).
        W_hh: (H, H).
        b_h: (H,), one bias; or
        b_xh: (H,), the first of two; and
        b_hh: (H,), the second.
        activation: f, or None where the file does not say.
    """

    W_xh: Array
    W_hh: Array
    b_h: Array | None = None
    b_xh: Array | None = None
    b_hh: Array | None = None
    activation: Activation | None = None

    @property
    def sizes(self) -> tuple[int, int]:
        """D and H."""
        return self.W_xh.shape[1], self.W_hh.shape[0]


@dataclass(frozen=True, eq=False)
class Level:
    """A layer: one direction or both, and how the states of both become one."""

    forward: Half | None
    reverse: Half | None = None
    merge: str = CONCAT

    @classmethod
    def of(cls, halves: Sequence[Half], merge: str = CONCAT) -> "Level":
        """Return the layer of a forward direction and, perhaps, a backward one."""
        forward, *others = halves
        return cls(forward, others[0] if others else None, merge)

    @property
    def halves(self) -> tuple[Half, ...]:
        """The directions that there are, forward first."""
        return tuple(half for half in (self.forward, self.reverse) if half)

    @property
    def input_size(self) -> int:
        """D."""
        return self.halves[0].sizes[0]

    @property
    def output_size(self) -> int:
        """The number of components of what the next layer reads."""
        sizes = [half.sizes[1] for half in self.halves]
        return sum(sizes) if self.merge == CONCAT else sizes[0]


@dataclass(frozen=True, eq=False)
class Dense:
    """A layer without a memory: W (K, H), b (K,), its activation or None, and its name."""

    name: str
    W: Array
    b: Array | None = None
    activation: Activation | None = None


@dataclass(frozen=True, eq=False)
class Described:
    """A network as a file describes it.

    Attributes:
        levels: the layers, the first one first.
        after: the readouts, each of which reads the one before.
        before: the layers without a memory that x goes through.
        final: whether only the last state is read out.
        start: one row per state, in the order l0, l0_reverse, l1, ...; None where it is zero.
        embedding: (V, E), from symbols to what the first layer reads.
        notes: a sentence for each choice.
        uses: what each array of the file is here; an array without a use is not in it.
    """

    levels: tuple[Level, ...]
    after: tuple[Dense, ...] = ()
    before: tuple[Dense, ...] = ()
    final: bool = False
    start: tuple[Array, ...] | None = None
    embedding: Array | None = None
    notes: tuple[str, ...] = ()
    uses: Mapping[str, str] = field(default_factory=dict)

    def noted(self, *notes: str, uses: Mapping[str, str] | None = None) -> "Described":
        """Return the network with more notes, and with more uses of arrays."""
        return replace(self, notes=(*self.notes, *notes), uses={**self.uses, **(uses or {})})


def suffixes(levels: Sequence[Level]) -> list[str]:
    """Return `_l0`, `_l0_reverse`, ... for each direction; nothing for one layer in one."""
    directions = [
        (k, "_reverse" if half is level.reverse else "")
        for k, level in enumerate(levels)
        for half in level.halves
    ]
    if len(levels) == 1 and levels[0].reverse is None:
        return [""]
    return [f"_l{k}{direction}" for k, direction in directions]


def checked_half(half: Half, names: Mapping[str, str], input_size: int | None = None) -> Half:
    """Return a layer whose shapes fit each other, and what it reads.

    Args:
        half: the layer.
        names: of its arrays in the file: `{"wxh": "weight_ih_l0", ...}`.
        input_size: D, where it is known.

    Raises:
        InputError: a shape does not fit; the message has the names in the file.
    """
    D, H = half.sizes
    square, reader = names["whh"], names["wxh"]
    if half.W_hh.shape != (H, H):
        raise InputError(f"{shown(square)} is {shape_of(half.W_hh)}, but must be square")
    if len(half.W_xh) != H:
        raise InputError(
            f"{shown(reader)} has {counted(len(half.W_xh), 'output')}, "
            f"but {shown(square)} is {H} x {H}, so it needs {H}"
        )
    for key, bias in (("bh", half.b_h), ("bxh", half.b_xh), ("bhh", half.b_hh)):
        if bias is not None and bias.shape != (H,):
            raise InputError(f"{shown(names[key])} is {shape_of(bias)}, but must be {H} values")
    if input_size not in (None, D):
        raise InputError(
            f"{shown(reader)} takes {counted(D, 'input')}, "
            f"but the layer before gives {counted(input_size or 0, 'value')}"
        )
    return half


def with_unused(contents: Contents, described: Described) -> Described:
    """Return the network with a note about the arrays that are not in it."""
    left = [
        name
        for name, each in contents.arrays.items()
        if name not in described.uses and is_weight(name) and each.raw.dtype.kind != "i"
    ]
    if not left:
        return described
    more = f" and {len(left) - _LISTED} more" if len(left) > _LISTED else ""
    note = f"not used: {', '.join(map(shown, left[:_LISTED]))}{more}"
    return described.noted(note)


def is_weight(name: str) -> bool:
    """Return whether an array is a weight, not the state of an optimizer or generator."""
    first = name.partition(".")[0]
    return not (first.startswith(("optim", "lr_sched", "scheduler")) or "seed_generator" in name)
