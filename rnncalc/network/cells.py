"""A cell and a readout: weights whose shapes are checked once, when they are made."""

from dataclasses import dataclass

from numpy.typing import ArrayLike

from rnncalc.arrays import Array, frozen, shape_of
from rnncalc.errors import InputError, counted
from rnncalc.network.activations import LINEAR, SOFTMAX, TANH, Activation, as_activation
from rnncalc.network.equations import Affine, Applied, Bias, Term

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

    Raises:
        InputError: a shape does not fit, or a number is not finite.
    """

    W_xh: Array
    W_hh: Array
    b_h: Array | None
    activation: Activation

    def __init__(
        self,
        W_xh: ArrayLike,
        W_hh: ArrayLike,
        b_h: ArrayLike | None = None,
        activation: Activation | str = TANH,
    ) -> None:
        _set(self, W_xh=frozen(W_xh, "wxh", 2), W_hh=frozen(W_hh, "whh", 2))
        f = as_activation(activation, "activation")
        _set(self, b_h=None if b_h is None else frozen(b_h, "bh", 1), activation=f)
        self._check_shapes()

    def _check_shapes(self) -> None:
        W_xh, W_hh = self.W_xh, self.W_hh
        rows, columns = W_hh.shape
        if rows != columns:
            _refuse_whh(W_hh, W_xh)
        if len(W_xh) != rows:
            hint = "; its transpose would fit" if W_xh.shape[1] == rows else ""
            raise InputError(
                f"{shape_of(W_xh)}, but whh is {shape_of(W_hh)}, "
                f"so wxh needs {counted(rows, 'row')}{hint}",
                key="wxh",
            )
        if self.b_h is not None and self.b_h.size != rows:
            raise wrong_size(self.b_h, "bh", rows)

    @property
    def equations(self) -> tuple[Affine, Applied]:
        """What a step consists of: a and h."""
        terms = (Term("wxh", self.W_xh, "x"), Term("whh", self.W_hh, "h", -1))
        return (
            Affine("a", terms, _given("bh", self.b_h)),
            Applied("h", self.activation, "a", self.hidden_size),
        )

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


def wrong_size(vector: Array, key: str, hidden_size: int) -> InputError:
    """Return the error for a vector that does not have one component per hidden unit."""
    return InputError(
        f"{shape_of(vector)}, but whh is {hidden_size} x {hidden_size}, "
        f"so {key} needs {hidden_size}",
        key=key,
    )


@dataclass(frozen=True, eq=False, init=False)
class Readout:
    """The output of a network: y_t = g(W_hy h_t + b_y), Deep Learning, equations 10.10 and 10.11.

    Attributes:
        W_hy: (K, H), from the hidden state to the output.
        b_y: (K,), or None where there is no bias.
        activation: g; softmax unless given, but linear where K is 1. May be given by its name.

    Raises:
        InputError: a shape does not fit, or a number is not finite.
    """

    W_hy: Array
    b_y: Array | None
    activation: Activation

    def __init__(
        self,
        W_hy: ArrayLike,
        b_y: ArrayLike | None = None,
        activation: Activation | str | None = None,
    ) -> None:
        matrix = frozen(W_hy, "why", 2)
        outputs = len(matrix)
        bias = None if b_y is None else frozen(b_y, "by", 1)
        g = default_output_activation(outputs) if activation is None else activation
        g = as_activation(g, "output_activation")
        _set(self, W_hy=matrix, b_y=bias, activation=g)
        if bias is not None and bias.size != outputs:
            raise InputError(
                f"{shape_of(bias)}, but why has {counted(outputs, 'row')}, so by needs {outputs}",
                key="by",
            )

    @property
    def equations(self) -> tuple[Affine, Applied]:
        """What it adds to a step: o and y."""
        return (
            Affine(OUTPUTS[0], (Term("why", self.W_hy, "h"),), _given("by", self.b_y)),
            Applied(OUTPUTS[1], self.activation, OUTPUTS[0], len(self.W_hy)),
        )


def _given(key: str, vector: Array | None) -> tuple[Bias, ...]:
    return () if vector is None else (Bias(key, vector),)
