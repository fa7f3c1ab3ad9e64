"""The network as frozen records whose shapes are checked once, when they are made."""

from dataclasses import dataclass

from numpy.typing import ArrayLike

from rnncalc.arrays import Array, frozen, shape_of
from rnncalc.errors import InputError, counted
from rnncalc.network.cells import Cell, Readout, _wrong_size


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
