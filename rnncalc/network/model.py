"""The network: layers and a readout, and the equations of a step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from numpy.typing import ArrayLike

from rnncalc.arrays import Array, frozen, shape_of
from rnncalc.errors import InputError, counted
from rnncalc.network.cells import Cell, Readout, wrong_size
from rnncalc.network.equations import Equation, Rows, lagged


@dataclass(frozen=True, eq=False, init=False)
class Network:
    """Layers and, unless the states are all that is wanted, a readout.

    Attributes:
        layers: the cells; this version runs a single one.
        readout: the output, or None.

    Raises:
        InputError: the readout does not fit the layers, or there is more than one layer.
    """

    layers: tuple[Cell, ...]
    readout: Readout | None

    def __init__(self, layers: Cell | Sequence[Cell], readout: Readout | None = None) -> None:
        """Take one cell, or a list of them."""
        cells = (layers,) if isinstance(layers, Cell) else tuple(layers)
        if len(cells) != 1:
            raise InputError(f"{counted(len(cells), 'layer')}, but this version runs one")
        object.__setattr__(self, "layers", cells)
        object.__setattr__(self, "readout", readout)
        self._check_readout()

    def _check_readout(self) -> None:
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

    @cached_property
    def equations(self) -> tuple[Equation, ...]:
        """What a step consists of, in the order in which it is calculated."""
        (cell,) = self.layers
        return cell.equations + (self.readout.equations if self.readout else ())

    @cached_property
    def sizes(self) -> dict[str, int]:
        """The number of components of x and of every quantity, in the order of calculation."""
        return {"x": self.input_size} | {each.name: each.size for each in self.equations}

    @cached_property
    def states(self) -> tuple[str, ...]:
        """The quantities that one step hands to the next: `h`."""
        return lagged(self.equations)

    @property
    def input_size(self) -> int:
        """D, the number of inputs."""
        return self.layers[0].input_size

    @property
    def hidden_size(self) -> int:
        """H, the number of hidden units."""
        return self.layers[-1].hidden_size

    @property
    def output_size(self) -> int:
        """K, the number of outputs; 0 where there is no readout."""
        return len(self.readout.W_hy) if self.readout else 0

    def start(self, h: ArrayLike | Mapping[str, Array]) -> Rows:
        """Return `h`, the state before the first step, by the name of its quantity.

        Such a start is returned as it is.

        Raises:
            InputError: it has another size, or a number is not finite.
        """
        if isinstance(h, Mapping):
            return dict(h)
        vector = frozen(h, "h0", 1)
        if vector.size != self.hidden_size:
            raise wrong_size(vector, "h0", self.hidden_size)
        return dict.fromkeys(self.states, vector)

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
