"""The network: layers and readouts, and the equations of a step."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from rnncalc.arrays import Array, frozen, shape_of
from rnncalc.errors import InputError, counted
from rnncalc.network.cells import TRANSPOSED, Cell, Layer, Readout, wrong_size
from rnncalc.network.equations import Equation, Joined, Rows, lagged, passes


@dataclass(frozen=True, eq=False, init=False)
class Network:
    """Layers and, unless the states are all that is wanted, a readout.

    Attributes:
        layers: each reads what the one before it gives.
        readouts: what is calculated from the states, each from the one before; the last one is the
            output of the network. None of them where the states are all that is wanted.
        before: what is calculated from x, and read by the first layer.
        final: whether the readout answers once, from the last state of the last layer (and from
            the state that its backward direction has reached at step 1), and not at every step.

    Raises:
        InputError: the parts do not fit each other.
    """

    layers: tuple[Layer, ...]
    readouts: tuple[Readout, ...]
    before: tuple[Readout, ...]
    final: bool

    def __init__(
        self,
        layers: Cell | Layer | Sequence[Cell | Layer],
        readout: Readout | Sequence[Readout] | None = None,
        *,
        before: Sequence[Readout] = (),
        final: bool = False,
    ) -> None:
        """Take one layer or a list of them; a cell is a layer that reads forward."""
        some = (layers,) if isinstance(layers, Cell | Layer) else tuple(layers)
        if not some:
            raise InputError("a network needs a layer")
        made = tuple(each if isinstance(each, Layer) else Layer(each) for each in some)
        readouts = (readout,) if isinstance(readout, Readout) else tuple(readout or ())
        for name, value in (("layers", made), ("readouts", readouts), ("before", tuple(before))):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "final", final)
        self._check_shapes()

    def _check_shapes(self) -> None:
        for number, (above, layer) in enumerate(zip(self.layers[1:], self.layers, strict=False), 1):
            if above.input_size != layer.output_size:
                raise InputError(
                    f"wxh of layer {number} is {shape_of(above.cells[0].W_xh)}, "
                    f"but layer {number - 1} gives {counted(layer.output_size, 'value')}, "
                    f"so it needs {counted(layer.output_size, 'column')}"
                )
        size = self.hidden_size
        for readout in self.readouts:
            if readout.input_size != size:
                raise self._wrong_readout(readout, size)
            size = readout.output_size

    def _wrong_readout(self, readout: Readout, size: int) -> InputError:
        W_hy = readout.W_hy
        hint = TRANSPOSED if len(W_hy) == size else ""
        of = f"whh is {size} x {size}" if not self.is_stack else f"h has {counted(size, 'value')}"
        return InputError(
            f"{shape_of(W_hy)}, but {of}, so why needs {counted(size, 'column')}{hint}", key="why"
        )

    @property
    def is_stack(self) -> bool:
        """Whether there is more than one layer in one direction, so that names have suffixes."""
        return len(self.layers) > 1 or self.layers[0].reverse is not None

    @cached_property
    def equations(self) -> tuple[Equation, ...]:
        """What a step consists of, in the order in which it is calculated."""
        answers = () if self.final else self.answers
        return (*self._of_layers(), *answers)

    @cached_property
    def answers(self) -> tuple[Equation, ...]:
        """What the readouts add to a step or, if `final`, calculate once from h."""
        source, found = "h", list[Equation]()
        for readout in self.readouts:
            found += readout.equations(source)
            source = readout.output
        return tuple(found)

    def _of_layers(self) -> Iterator[Equation]:
        source = "x"
        for readout in self.before:
            yield from readout.equations(source)
            source = readout.output
        for number, layer in enumerate(self.layers):
            states = []
            for direction, lag, cell in layer.directions():
                suffix = f"_l{number}{direction}" if self.is_stack else ""
                yield from cell.equations(suffix, source, lag)
                states.append(f"h{suffix}")
            last = number + 1 == len(self.layers)  # the same layer may be there twice
            source = states[0]
            if len(states) > 1 or (last and self.is_stack):
                source = "h" if last else f"x_l{number + 1}"
                yield layer.merged(source, tuple(states))

    @cached_property
    def sizes(self) -> dict[str, int]:
        """The number of components of x and of every quantity, in the order of calculation."""
        return {"x": self.input_size} | {each.name: each.size for each in self.equations}

    @cached_property
    def states(self) -> tuple[str, ...]:
        """The quantities that one step hands to the next: `h`, or `h_l0`, `h_l0_reverse` ..."""
        return lagged(self.equations)

    @cached_property
    def repeated(self) -> frozenset[str]:
        """The quantities that only repeat others, side by side."""
        return frozenset(each.name for each in self.equations if isinstance(each, Joined))

    @cached_property
    def streams(self) -> bool:
        """Whether a step depends on no later one, so that a sequence can come in blocks."""
        return [direction for direction, _ in passes(self.equations)] == [1]

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The cells of all layers and directions, in the order of `states`."""
        return tuple(cell for layer in self.layers for cell in layer.cells)

    @property
    def readout(self) -> Readout | None:
        """The readout that gives the output of the network, if it has one."""
        return self.readouts[-1] if self.readouts else None

    @property
    def input_size(self) -> int:
        """D, the number of inputs."""
        return self.before[0].input_size if self.before else self.layers[0].input_size

    @property
    def hidden_size(self) -> int:
        """H, the number of components of the h that the readout reads."""
        return self.layers[-1].output_size

    @property
    def output_size(self) -> int:
        """K, the number of outputs; 0 where there is no readout."""
        return self.readout.output_size if self.readout else 0

    def start(self, h: ArrayLike | Mapping[str, Array] | None = None) -> Rows:
        """Return the states beyond the first step, by the names of their quantities.

        Args:
            h: (H,), or for a stack one row per state, in the order of `states`; None for zeros. A
                start by name is returned as it is. For a backward direction it is the state beyond
                the last step.

        Raises:
            InputError: it has another size, or a number is not finite.
        """
        if isinstance(h, Mapping):
            return dict(h)
        if h is None:
            return {f: np.zeros(n) for f, n in self.sizes.items() if f in self.states}
        rows = self._rows_of_start(h)
        found = {}
        for name, cell, row in zip(self.states, self.cells, rows, strict=True):
            found[name] = frozen(row, "h0", 1)
            if found[name].size != cell.hidden_size:
                raise self._wrong_start(name, found[name], cell.hidden_size)
        return found

    def _rows_of_start(self, h: ArrayLike) -> Sequence[Any]:
        if not self.is_stack:
            return [h]
        rows: Sequence[Any] = [*h] if isinstance(h, list | tuple | np.ndarray) else [h]
        if len(rows) != len(self.states):
            raise InputError(
                f"{counted(len(rows), 'row')}, but there are {len(self.states)} states "
                f"({', '.join(self.states)}), so h0 needs {counted(len(self.states), 'row')}",
                key="h0",
            )
        return rows

    def _wrong_start(self, name: str, row: Array, hidden_size: int) -> InputError:
        if not self.is_stack:
            return wrong_size(row, "h0", hidden_size)
        return InputError(f"{shape_of(row)} for {name}, which has {hidden_size}", key="h0")

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
