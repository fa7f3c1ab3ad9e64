"""A network as a file describes it, and how arrays become its layers once their names are found.

PyTorch, Flax, Keras, tutorials and this program differ in the names of arrays and in the order of
their axes, and in little else.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rnncalc.arrays import Array, shape_of
from rnncalc.errors import InputError, counted
from rnncalc.network.activations import LINEAR, TANH, Activation
from rnncalc.network.cells import Cell, Layer, Readout
from rnncalc.reading.weights.choosing import Asked, Linear, chosen_head
from rnncalc.reading.weights.contents import Contents, shown, widened

_LISTED = 4

Names = dict[str, str]
"""Of the arrays of a layer in the file, by ours: {"wxh": "weight_ih_l0", ...}."""


OTHER = {"wxh": "whh", "whh": "wxh", "bxh": "bhh", "bhh": "bxh"}
"""What lies beside an array in a cell with two biases."""


@dataclass(eq=False)
class Described:
    """A network as a file describes it; whoever knows the names of the arrays adds to it.

    Attributes:
        contents: of the file.
        asked: what flags say.
        given: f of every layer if --activation says it, or None.
        from_to: whether matrices are (from, to) in the file.
        columns: whether a bias may be a matrix of one row or column.
        assumed: whether f of a layer is tanh because nobody says what it is.
        layers: the first one first.
        cells: the names of the arrays of each layer in each direction.
        after: the readouts, each of which reads the one before.
        before: the layers without a memory that x goes through.
        final: whether only the last state is read out.
        start: one row per state, in the order l0, l0_reverse, l1, ...; None where it is zero.
        embedding: (V, E), from symbols to what the first layer reads.
        notes: a sentence for each choice.
        uses: what each array of the file is here; an array without a use is not in it.
    """

    contents: Contents
    asked: Asked
    given: Activation | None
    from_to: bool = False
    columns: bool = False
    assumed: bool = False
    layers: list[Layer] = field(default_factory=list)
    cells: list[Names] = field(default_factory=list)
    after: list[Readout] = field(default_factory=list)
    before: list[Readout] = field(default_factory=list)
    final: bool = False
    start: list[Array] | None = None
    embedding: Array | None = None
    notes: list[str] = field(default_factory=list)
    uses: dict[str, str] = field(default_factory=dict)

    @property
    def width(self) -> int | None:
        """How many values the next layer is given; None for the first, which decides."""
        for layers in (self.after, self.layers, self.before):
            if layers:
                return layers[-1].output_size
        return None if self.embedding is None else self.embedding.shape[1]

    def suffixes(self) -> list[str]:
        """Return `_l0`, `_l0_reverse`, ... for each direction; nothing for one layer in one."""
        if len(self.layers) == 1 and self.layers[0].reverse is None:
            return [""]
        layers = enumerate(self.layers)
        return [f"_l{k}{end}" for k, layer in layers for end, _, _ in layer.directions()]

    # arrays

    def matrix(self, name: str) -> Array:
        """Return a matrix as (to, from)."""
        found = widened(name, self.contents.arrays[name])
        if found.ndim != 2 or not found.size:
            raise InputError(f"{shown(name)} is {shape_of(found)}, but must be a matrix")
        return found.T if self.from_to else found

    def vector(self, name: str) -> Array:
        """Return a bias."""
        found = widened(name, self.contents.arrays[name])
        return found.ravel() if self.columns and found.ndim == 2 and 1 in found.shape else found

    def use(self, names: Names, end: str = "") -> None:
        """Note what each array is used as: `wxh_l0, transposed`."""
        turned = ", transposed" * self.from_to
        for key, name in names.items():
            self.uses[name] = f"{key}{end}{turned * (key[0] == 'w')}"

    # layers

    def cell(self, names: Names, said: Activation | None = None) -> Cell:
        """Return a layer in one direction.

        Args:
            names: of its arrays; the matrices must be there.
            said: f, or None where the file does not say.
        """
        self.cells.append(names)
        read = {"w": self.matrix, "b": self.vector}
        return self.checked(names, {key: read[key[0]](name) for key, name in names.items()}, said)

    def checked(self, names: Names, arrays: Mapping[str, Array], said: Activation | None) -> Cell:
        """Return a layer in one direction if its shapes fit each other, and what it is given.

        Raises:
            InputError: a shape does not fit; the message has the names in the file.
        """
        W_xh, W_hh = arrays["wxh"], arrays["whh"]
        reader, square, H = shown(names["wxh"]), shown(names["whh"]), len(W_hh)
        if W_hh.shape != (H, H):
            raise InputError(f"{square} is {shape_of(W_hh)}, but must be square")
        if len(W_xh) != H:
            raise InputError(
                f"{reader} has {counted(len(W_xh), 'output')}, "
                f"but {square} is {H} x {H}, so it needs {H}"
            )
        for key in ("bh", "bxh", "bhh"):
            if key in arrays:
                _check_bias(names[key], arrays[key], H)
        D = W_xh.shape[1]
        if self.width not in (None, D):
            raise InputError(
                f"{reader} takes {counted(D, 'input')}, "
                f"but the layer before gives {counted(self.width or 0, 'value')}"
            )
        self.assumed |= not (self.given or said)
        b_h, b_xh, b_hh = (arrays.get(key) for key in ("bh", "bxh", "bhh"))
        return Cell(W_xh, W_hh, b_h, self.given or said or TANH, b_xh, b_hh)

    def stack(self, layers: Iterable[Sequence[Names]], said: Activation | None = None) -> None:
        """Add layers, each of which is its directions, forward first."""
        for layer in layers:
            self.layers.append(layer_of([self.cell(names, said) for names in layer]))
        self.use_cells()

    def use_cells(self) -> None:
        """Note what the arrays of each layer, in each direction, are used as."""
        for names, end in zip(self.cells, self.suffixes(), strict=True):
            self.use(names, end)

    def dense(self, name: str, names: Names, g: Activation | None) -> Readout:
        """Return a layer without a memory, whose arrays are `why` and perhaps `by`."""
        W = self.matrix(names["why"])
        b = self.vector(names["by"]) if "by" in names else None
        if b is not None:
            _check_bias(names["by"], b, len(W))
        return Readout(W, b, g, name)

    def read_out(self, found: Sequence[Linear], after: str, gives: str = "") -> None:
        """Add the layer, if there is one, that reads out the states.

        Args:
            found: the matrices that may do it.
            after: the name of the last RNN.
            gives: why the output is linear.
        """
        linear, notes = chosen_head(found, self.width or 0, self.asked.head, after)
        self.notes += notes
        if linear is not None:
            self.after = [self.dense(linear.name, linear.names, LINEAR)]
            self.use(linear.names)
            text = f"the output is linear{gives}; --output-activation softmax changes that"
            self.notes.append(text)

    # notes

    def note_transposed(self, framework: str) -> None:
        """Note that matrices are written the other way round."""
        self.notes.append(
            f"every kernel is transposed: {framework} writes (from, to), and rnncalc (to, from)"
        )

    def note_unused(self) -> None:
        """Note which arrays are not in the network."""
        left = [
            name
            for name, each in self.contents.arrays.items()
            if name not in self.uses and is_weight(name) and each.raw.dtype.kind != "i"
        ]
        more = f" and {len(left) - _LISTED} more" if len(left) > _LISTED else ""
        if left:
            self.notes.append(f"not used: {', '.join(map(shown, left[:_LISTED]))}{more}")


def lost_of(names: Names) -> list[str]:
    """Return which matrices are missing, and which of two biases, where the other one is there."""
    lost = [key for key in ("wxh", "whh") if key not in names]
    return lost + [key for key in ("bxh", "bhh") if key not in names and OTHER[key] in names]


def layer_of(cells: Sequence[Cell], merge: str = "concat") -> Layer:
    """Return the layer of a forward direction and, perhaps, a backward one."""
    forward, *reverse = cells
    return Layer(forward, reverse[0] if reverse else None, merge)


def _check_bias(name: str, bias: Array, size: int) -> None:
    if bias.shape != (size,):
        raise InputError(f"{shown(name)} is {shape_of(bias)}, but must be {size} values")


def is_weight(name: str) -> bool:
    """Return whether an array is a weight, not the state of an optimizer or generator."""
    first = name.partition(".")[0]
    return not (first.startswith(("optim", "lr_sched", "scheduler")) or "seed_generator" in name)
