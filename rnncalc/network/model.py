"""The network as frozen records whose shapes are checked once, when they are made."""

from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
from numpy.typing import ArrayLike

from rnncalc.errors import InputError
from rnncalc.network.activations import LINEAR, SOFTMAX, TANH, Activation, Array, as_activation


def shape_of(array: Array) -> str:
    """Return a shape as people write it: `2 x 3`, `3 values`, `1 value`."""
    if array.ndim == 1:
        return f"{array.size} value{'s' if array.size != 1 else ''}"
    return " x ".join(map(str, array.shape)) or "a single number"


def counted(n: int, noun: str) -> str:
    """Return `1 row`, `2 rows`."""
    return f"{n} {noun}{'s' if n != 1 else ''}"


def frozen(value: ArrayLike, key: str, rank: int) -> Array:
    """Return a read-only float64 copy of `value`, which must be finite and of that rank."""
    try:
        given = np.asarray(value)
    except ValueError:
        raise InputError("has rows of different lengths", key=key) from None
    if given.dtype.kind not in "fiu":
        raise InputError(f"holds {given.dtype}, but must hold real numbers", key=key)
    if given.ndim != rank:
        wanted = "a list of numbers" if rank == 1 else "a list of rows"
        raise InputError(f"has shape {given.shape}, but must be {wanted}", key=key)
    if not given.size:
        raise InputError(f"has shape {given.shape}, but must not be empty", key=key)
    array = np.array(given, dtype=np.float64)
    if not np.isfinite(array).all():
        raise InputError("holds a number that is not finite", key=key)
    array.setflags(write=False)
    return cast(Array, array)


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
        b_h: (H,), zero unless given.
        activation: f; may be given by its name.

    Raises:
        InputError: a shape does not fit, or a number is not finite.
    """

    W_xh: Array
    W_hh: Array
    b_h: Array
    activation: Activation

    def __init__(
        self,
        W_xh: ArrayLike,
        W_hh: ArrayLike,
        b_h: ArrayLike | None = None,
        activation: Activation | str = TANH,
    ) -> None:
        _set(self, W_xh=frozen(W_xh, "wxh", 2), W_hh=frozen(W_hh, "whh", 2))
        b_h = np.zeros(len(self.W_hh)) if b_h is None else b_h
        f = as_activation(activation, "activation")
        _set(self, b_h=frozen(b_h, "bh", 1), activation=f)
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
        if self.b_h.size != rows:
            raise _wrong_size(self.b_h, "bh", rows)

    @cached_property
    def joined(self) -> Array:
        """[W_hh W_xh b_h], (H, H + D + 1): times [h; x; 1] it is the pre-activation.

        By columns in memory, which is the faster way to multiply it by a vector.
        """
        return np.asfortranarray(np.hstack((self.W_hh, self.W_xh, self.b_h[:, None])))

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


def _wrong_size(vector: Array, key: str, hidden_size: int) -> InputError:
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
        b_y: (K,), zero unless given.
        activation: g; softmax unless given, but linear where K is 1. May be given by its name.

    Raises:
        InputError: a shape does not fit, or a number is not finite.
    """

    W_hy: Array
    b_y: Array
    activation: Activation

    def __init__(
        self,
        W_hy: ArrayLike,
        b_y: ArrayLike | None = None,
        activation: Activation | str | None = None,
    ) -> None:
        matrix = frozen(W_hy, "why", 2)
        outputs = len(matrix)
        bias = frozen(np.zeros(outputs) if b_y is None else b_y, "by", 1)
        g = default_output_activation(outputs) if activation is None else activation
        g = as_activation(g, "output_activation")
        _set(self, W_hy=matrix, b_y=bias, activation=g)
        if bias.size != outputs:
            raise InputError(
                f"{shape_of(bias)}, but why has {counted(outputs, 'row')}, so by needs {outputs}",
                key="by",
            )


@dataclass(frozen=True, eq=False)
class Network:
    """A cell and, unless the states are all that is wanted, a readout.

    Raises:
        InputError: the readout does not fit the cell.
    """

    cell: Cell
    readout: Readout | None = None

    def __post_init__(self) -> None:
        if self.readout is None:
            return
        W_hy, n = self.readout.W_hy, self.hidden_size
        if W_hy.shape[1] != n:
            hint = "; its transpose would fit" if len(W_hy) == n else ""
            raise InputError(
                f"{shape_of(W_hy)}, but whh is {n} x {n}, "
                f"so why needs {counted(n, 'column')}{hint}",
                key="why",
            )

    @property
    def input_size(self) -> int:
        """D, the number of inputs."""
        return self.cell.input_size

    @property
    def hidden_size(self) -> int:
        """H, the number of hidden units."""
        return self.cell.hidden_size

    @property
    def output_size(self) -> int:
        """K, the number of outputs; 0 where there is no readout."""
        return len(self.readout.W_hy) if self.readout else 0

    def state(self, h: ArrayLike) -> Array:
        """Return `h` as a state of this network, (H,).

        Raises:
            InputError: it has another size, or a number is not finite.
        """
        vector = frozen(h, "h0", 1)
        if vector.size != self.hidden_size:
            raise _wrong_size(vector, "h0", self.hidden_size)
        return vector

    def sequence(self, x: ArrayLike) -> Array:
        """Return `x` as a sequence of inputs of this network, (T, D).

        Raises:
            InputError: a step has another number of values, or a number is not finite.
        """
        steps = frozen(x, "x", 2)
        if steps.shape[1] != self.input_size:
            raise wrong_step(1, steps.shape[1], self.input_size)
        return steps


def wrong_step(t: int, given: int, input_size: int) -> InputError:
    """Return the error for step `t` having `given` values."""
    return InputError(
        f"step {t} has {counted(given, 'value')}, "
        f"but wxh has {counted(input_size, 'column')}, so every step needs {input_size}",
        key="x",
    )
