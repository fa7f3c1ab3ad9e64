"""Arrays by their names -> layers, and the matrix that reads them out.

PyTorch, Flax, Keras, tutorials and this program differ in the names and in the order of the axes;
what is done with the arrays once they are found is here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from rnncalc.arrays import Array, shape_of
from rnncalc.errors import InputError
from rnncalc.network.activations import LINEAR, Activation
from rnncalc.reading.weights.choosing import Linear, chosen_head
from rnncalc.reading.weights.contents import Contents, shown, widened
from rnncalc.reading.weights.parts import Dense, Described, Half, Level, checked_half, suffixes


@dataclass(frozen=True, eq=False)
class Named:
    """A layer in one direction: where its arrays are.

    Attributes:
        names: of its arrays in the file, by ours: `{"wxh": "weight_ih_l0", ...}`.
        activation: f, or None where the file does not say.
    """

    names: Mapping[str, str]
    activation: Activation | None = None


@dataclass(frozen=True, eq=False)
class Weights:
    """The arrays of a file in the order of axes that is used here.

    Attributes:
        contents: of the file.
        from_to: whether matrices are (from, to) in the file.
        columns: whether a bias may be a matrix of one row or column.
    """

    contents: Contents
    from_to: bool = False
    columns: bool = False

    def matrix(self, name: str) -> Array:
        """Return a matrix as (to, from)."""
        found = widened(name, self.contents.arrays[name])
        if found.ndim != 2 or not found.size:
            raise InputError(f"{shown(name)} is {shape_of(found)}, but must be a matrix")
        return found.T if self.from_to else found

    def vector(self, name: str | None) -> Array | None:
        """Return a bias, or None where there is no such name."""
        if name is None:
            return None
        found = widened(name, self.contents.arrays[name])
        return found.ravel() if self.columns and found.ndim == 2 and 1 in found.shape else found

    def half(self, cell: Named, size: int | None) -> Half:
        """Return a layer in one direction, which reads `size` values where that is known."""
        names = cell.names
        W_xh, W_hh = self.matrix(names["wxh"]), self.matrix(names["whh"])
        b_h, b_xh, b_hh = (self.vector(names.get(key)) for key in ("bh", "bxh", "bhh"))
        return checked_half(Half(W_xh, W_hh, b_h, b_xh, b_hh, cell.activation), names, size)

    def dense(self, name: str, names: Mapping[str, str], f: Activation | None) -> Dense:
        """Return a layer without a memory, whose arrays are `why` and perhaps `by`."""
        W, b = self.matrix(names["why"]), self.vector(names.get("by"))
        if b is not None and b.shape != (len(W),):
            bias = shown(names["by"])
            raise InputError(f"{bias} is {shape_of(b)}, but must be {len(W)} values")
        return Dense(name, W, b, f)

    def uses_of(self, names: Mapping[str, str], end: str = "") -> dict[str, str]:
        """Return what each array is used as: `wxh_l0, transposed`."""
        turned = ", transposed" * self.from_to
        return {where: f"{key}{end}{turned * (key[0] == 'w')}" for key, where in names.items()}


def stacked(weights: Weights, layers: Iterable[Sequence[Named]]) -> Described:
    """Return the network of layers, each of which is its directions, forward first.

    Raises:
        InputError: a shape does not fit.
    """
    levels: list[Level] = []
    cells: list[Named] = []
    for layer in layers:
        size = levels[-1].output_size if levels else None
        levels.append(Level.of([weights.half(cell, size) for cell in layer]))
        cells += layer
    return Described(tuple(levels), uses=uses_of(weights, levels, cells))


def uses_of(weights: Weights, levels: Sequence[Level], cells: Sequence[Named]) -> dict[str, str]:
    """Return what the arrays of each layer, in each direction, are used as."""
    ends = zip(suffixes(levels), cells, strict=True)
    return {k: v for end, cell in ends for k, v in weights.uses_of(cell.names, end).items()}


def transposed(framework: str) -> str:
    """Return the note that matrices are written the other way round."""
    return f"every kernel is transposed: {framework} writes (from, to), and rnncalc (to, from)"


def read_out(
    weights: Weights,
    described: Described,
    found: Sequence[Linear],
    head: str | None,
    *,
    after: str,
    gives: str = "",
) -> Described:
    """Return the network with the layer, if any, that reads out its states.

    Args:
        weights: of the file.
        described: the network so far.
        found: the matrices that may read it out.
        head: the value of --head.
        after: the name of the last RNN.
        gives: why the output is linear.
    """
    size = described.levels[-1].output_size
    linear, notes = chosen_head(found, size, head, after)
    if linear is None:
        return described.noted(*notes)
    note = f"the output is linear{gives}; --output-activation softmax changes that"
    described = replace(described, after=(weights.dense(linear.name, linear.names, LINEAR),))
    return described.noted(*notes, note, uses=weights.uses_of(linear.names))
