"""Cells, layers and readouts: weights whose shapes are checked once, when they are made."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from numpy.typing import ArrayLike

from rnncalc.arrays import Array, frozen, shape_of
from rnncalc.errors import InputError, counted
from rnncalc.network.activation_names import as_activation
from rnncalc.network.activations import LINEAR, SOFTMAX, TANH, Activation
from rnncalc.network.equations import (
    Affine,
    Applied,
    Bias,
    Combined,
    Equation,
    Joined,
    Product,
    Term,
)

TRANSPOSED = "; its transpose would fit (for x W, as Keras writes it)"
_BOTH_TRANSPOSED = f"{TRANSPOSED[:-1]}; then transpose whh too)"  # its shape would not tell
OUTPUTS = ("o", "y")
"""The quantities that only a network with a readout has."""


def default_output_activation(output_size: int) -> Activation:
    """Return softmax, but linear for a single output: a softmax of one number is always 1."""
    return LINEAR if output_size == 1 else SOFTMAX


def _set(record: object, **fields: object) -> None:
    for name, value in fields.items():
        object.__setattr__(record, name, value)


@dataclass(frozen=True, eq=False, init=False)
class Cell:
    """The recurrence of a vanilla (Elman) network: h_t = f(W_xh x_t + W_hh h_{t-1} + b_h).

    Goodfellow, Bengio and Courville, Deep Learning (2016), equations 10.8 and 10.9.

    Attributes:
        W_xh: (H, D), from the input to the hidden state.
        W_hh: (H, H), from the hidden state to the next one.
        b_h: (H,), or None where there is no bias.
        activation: f; may be given by its name.
        b_xh: (H,), the bias beside W_xh of a cell with two, as PyTorch has; else None.
        b_hh: (H,), the one beside W_hh.

    Raises:
        InputError: a shape does not fit, a number is not finite, or b_h is given beside the two
            biases that take its place.
    """

    W_xh: Array
    W_hh: Array
    b_h: Array | None
    activation: Activation
    b_xh: Array | None
    b_hh: Array | None

    def __init__(
        self,
        W_xh: ArrayLike,
        W_hh: ArrayLike,
        b_h: ArrayLike | None = None,
        activation: Activation | str = TANH,
        b_xh: ArrayLike | None = None,
        b_hh: ArrayLike | None = None,
    ) -> None:
        _set(self, W_xh=frozen(W_xh, "wxh", 2), W_hh=frozen(W_hh, "whh", 2))
        _set(self, activation=as_activation(activation, "activation"))
        _set(self, b_h=_vector(b_h, "bh"), b_xh=_vector(b_xh, "bxh"), b_hh=_vector(b_hh, "bhh"))
        self._check_shapes()

    def _check_shapes(self) -> None:
        W_xh, W_hh = self.W_xh, self.W_hh
        rows, columns = W_hh.shape
        if rows != columns:
            _refuse_whh(W_hh, W_xh)
        if len(W_xh) != rows:
            _refuse_either(W_xh, W_hh, self.biases())
        for bias in self.biases():
            if bias.vector.size != rows:
                raise wrong_size(bias.vector, bias.key, rows)
            if bias.key != "bh" and self.b_h is not None:
                raise InputError("stands for the sum of bxh and bhh; give it or the two", key="bh")

    def biases(self, suffix: str = "") -> tuple[Bias, ...]:
        """Return those that are given, their keys with a suffix such as `_l0`."""
        of = {"bh": self.b_h, "bxh": self.b_xh, "bhh": self.b_hh}
        return tuple(Bias(key + suffix, b) for key, b in of.items() if b is not None)

    def equations(self, suffix: str, source: str, lag: int) -> Iterator[Equation]:
        """Yield what a step consists of: a and h.

        Args:
            suffix: of the names in a stack, `_l0` or `_l0_reverse`; else empty.
            source: the quantity that the cell reads.
            lag: -1, or 1 for a cell that reads the sequence from its end.
        """
        a, h = f"a{suffix}", f"h{suffix}"
        terms = (
            Term(f"wxh{suffix}", self.W_xh, source),
            Term(f"whh{suffix}", self.W_hh, h, lag),
        )
        yield Affine(a, terms, self.biases(suffix))
        yield Applied(h, self.activation, a, self.hidden_size)

    @property
    def input_size(self) -> int:
        """D, the number of inputs."""
        return self.W_xh.shape[1]

    @property
    def hidden_size(self) -> int:
        """H, the number of hidden units."""
        return self.W_xh.shape[0]


def _refuse_whh(W_hh: Array, W_xh: Array) -> None:
    n = len(W_xh)
    raise InputError(
        f"{shape_of(W_hh)}, but wxh has {counted(n, 'row')}, so whh must be {n} x {n}", key="whh"
    )


def _refuse_either(W_xh: Array, W_hh: Array, biases: Sequence[Bias]) -> None:
    """Refuse wxh and whh for different numbers of units: which is wrong, a bias may know."""
    n, rows = len(W_xh), len(W_hh)
    if W_xh.shape[1] != rows and {b.vector.size for b in biases} == {n}:
        raise InputError(
            f"{shape_of(W_hh)}, but wxh has {counted(n, 'row')} and "
            f"{biases[0].key} {shape_of(biases[0].vector)}, so whh must be {n} x {n}",
            key="whh",
        )
    hint = _BOTH_TRANSPOSED if W_xh.shape[1] == rows else f", or whh must be {n} x {n}"
    raise InputError(
        f"{shape_of(W_xh)}, but whh is {shape_of(W_hh)}, so wxh needs {counted(rows, 'row')}{hint}",
        key="wxh",
    )


def wrong_size(vector: Array, key: str, hidden_size: int) -> InputError:
    """Return the error for a vector that does not have one component per hidden unit."""
    return InputError(
        f"{shape_of(vector)}, but whh is {hidden_size} x {hidden_size}, "
        f"so {key} needs {hidden_size}",
        key=key,
    )


MERGES = ("concat", "sum", "mul", "ave")
"""What becomes of the states of two directions: side by side, or combined by component."""


@dataclass(frozen=True, eq=False)
class Layer:
    """The cells of a layer: one that reads forward, one that reads backward, or both.

    Schuster and Paliwal, Bidirectional recurrent neural networks (1997).

    Attributes:
        forward: reads the sequence from its first step, or None.
        reverse: reads it from its last step, or None.
        merge: one of `MERGES`, what the next layer reads of two directions.

    Raises:
        InputError: there is no cell, or the two do not fit each other.
    """

    forward: Cell | None
    reverse: Cell | None = None
    merge: str = "concat"

    def __post_init__(self) -> None:
        """Check that the cells fit each other."""
        if not self.cells:
            raise InputError("a layer needs a cell")
        if self.merge not in MERGES:
            raise InputError(f"merge is one of {', '.join(MERGES)}, not {self.merge!r}")
        inputs = {cell.input_size for cell in self.cells}
        if len(inputs) > 1:
            raise InputError(
                f"{shape_of(self.cells[1].W_xh)}, but wxh of the forward direction is "
                f"{shape_of(self.cells[0].W_xh)}: both read the same inputs",
                key="wxh",
            )
        if self.merge != "concat" and len({cell.hidden_size for cell in self.cells}) > 1:
            raise InputError(f"merge {self.merge} needs two directions of one size", key="whh")

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The cells, forward first."""
        return tuple(cell for cell in (self.forward, self.reverse) if cell)

    @property
    def input_size(self) -> int:
        """The number of inputs."""
        return self.cells[0].input_size

    @property
    def output_size(self) -> int:
        """The number of components that the next layer reads."""
        sizes = [cell.hidden_size for cell in self.cells]
        return sum(sizes) if self.merge == "concat" else sizes[0]

    def directions(self) -> Iterator[tuple[str, int, Cell]]:
        """Yield the suffix of its names, the lag and the cell of each direction."""
        if self.forward:
            yield "", -1, self.forward
        if self.reverse:
            yield "_reverse", 1, self.reverse

    def merged(self, name: str, states: tuple[str, ...]) -> Equation:
        """Return the equation of what the next layer, or the readout, reads of the states."""
        if self.merge == "concat" or len(states) == 1:
            return Joined(name, states, tuple(cell.hidden_size for cell in self.cells))
        if self.merge == "mul":
            parts = [Product(1.0, tuple((state, 0) for state in states))]
        else:
            factor = 1.0 if self.merge == "sum" else 0.5
            parts = [Product(factor, ((state, 0),)) for state in states]
        return Combined(name, tuple(parts), self.output_size)


@dataclass(frozen=True, eq=False, init=False)
class Readout:
    """The output of a network: y_t = g(W_hy h_t + b_y), Deep Learning, equations 10.10 and 10.11.

    Of several that follow each other, each but the last has a name, and so have its o and y.

    Attributes:
        W_hy: (K, H), from the hidden state to the output.
        b_y: (K,), or None where there is no bias.
        activation: g; softmax unless given, but linear where K is 1. May be given by its name.
        name: "" for the output of the network, or that of a layer before it.

    Raises:
        InputError: a shape does not fit, or a number is not finite.
    """

    W_hy: Array
    b_y: Array | None
    activation: Activation
    name: str

    def __init__(
        self,
        W_hy: ArrayLike,
        b_y: ArrayLike | None = None,
        activation: Activation | str | None = None,
        name: str = "",
    ) -> None:
        matrix = frozen(W_hy, "why", 2)
        outputs = len(matrix)
        bias = _vector(b_y, "by")
        g = default_output_activation(outputs) if activation is None else activation
        g = as_activation(g, "output_activation")
        _set(self, W_hy=matrix, b_y=bias, activation=g, name=name)
        if bias is not None and bias.size != outputs:
            raise InputError(
                f"{shape_of(bias)}, but why has {counted(outputs, 'row')}, so by needs {outputs}",
                key="by",
            )

    @property
    def input_size(self) -> int:
        """H, the number of values that it reads."""
        return self.W_hy.shape[1]

    @property
    def output_size(self) -> int:
        """K, the number of outputs."""
        return len(self.W_hy)

    @property
    def output(self) -> str:
        """The name of the quantity that it gives: `y`, or `y_dense`."""
        return OUTPUTS[1] + self._suffix

    @property
    def _suffix(self) -> str:
        return f"_{self.name}" if self.name else ""

    def equations(self, source: str) -> Iterator[Equation]:
        """Yield what it adds to a step: o and y, calculated from `source`."""
        o, end = OUTPUTS[0] + self._suffix, self._suffix
        biases = () if self.b_y is None else (Bias(f"by{end}", self.b_y),)
        yield Affine(o, (Term(f"why{end}", self.W_hy, source),), biases)
        yield Applied(self.output, self.activation, o, self.output_size)


def _vector(given: ArrayLike | None, key: str) -> Array | None:
    return None if given is None else frozen(given, key, 1)
