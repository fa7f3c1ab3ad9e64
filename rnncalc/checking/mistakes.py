"""Cases: a run with one mistake that is made in every step alike, and what changes it so.

Each suspect changes a case (what is run) the way the mistake does. One that changes nothing, such
as a symmetric matrix transposed, yields no case: it cannot be told from being right.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from rnncalc.arrays import Array
from rnncalc.checking.readings import outputs
from rnncalc.network.activations import ACTIVATIONS, LINEAR, SOFTMAX, Activation
from rnncalc.network.forward import forward
from rnncalc.network.model import Network
from rnncalc.network.trace import Trace


@dataclass(frozen=True, eq=False)
class Case:
    """A run with mistakes, and how its figures were listed.

    Attributes:
        network: the network.
        h0: (H,), the state before step 1.
        x: (T, D), the inputs.
        shift: by how many steps figures are listed early (-1) or late (1).
        flipped: whether the last step is listed first.
        in_place: whether each unit sees those before it as they are after the step.
    """

    network: Network
    h0: Array
    x: Array
    shift: int = 0
    flipped: bool = False
    in_place: bool = False

    def run(self) -> Trace:
        """Return the figures of the run.

        Raises:
            InputError: they overflow.
        """
        if not self.in_place:
            return forward(self.network, self.h0, self.x)
        cell, h = self.network.cell, self.h0.copy()
        a, states = np.empty((len(self.x), h.size)), np.empty((len(self.x), h.size))
        inputs = self.x @ cell.W_xh.T + cell.b_h
        for t, start in enumerate(inputs):
            for i, weights in enumerate(cell.W_hh):
                a[t, i] = start[i] + weights @ h
                h[i] = cell.activation(a[t, i : i + 1])[0]
            states[t] = h
        return Trace(1, self.x, a, states, *outputs(self.network, states, {}))

    def cell(self, **changes: object) -> "Case":
        """Return the case with another cell."""
        cell = replace(self.network.cell, **changes)  # type: ignore[arg-type]
        return replace(self, network=Network(cell, self.network.readout))

    def readout(self, **changes: object) -> "Case":
        """Return the case with another readout."""
        assert self.network.readout is not None
        readout = replace(self.network.readout, **changes)  # type: ignore[arg-type]
        return replace(self, network=Network(self.network.cell, readout))


@dataclass(frozen=True)
class Suspect:
    """A mistake.

    Attributes:
        id: fixed, for programs.
        text: for people.
        what: what it is about; two mistakes in one thing are no pair.
        change: yields the cases that a case becomes by the mistake, none where it stays the same.
    """

    id: str
    text: str
    what: str
    change: Callable[[Case], Iterable[Case]]


def _cell_matrix(name: str, change: Callable[[Array], Array]) -> Callable[[Case], Iterator[Case]]:
    def changed(case: Case) -> Iterator[Case]:
        old = getattr(case.network.cell, name)
        new = change(old)
        if new.shape == old.shape and not np.array_equal(new, old):
            yield case.cell(**{name: new})

    return changed


def _readout_matrix(
    name: str, change: Callable[[Array], Array]
) -> Callable[[Case], Iterator[Case]]:
    def changed(case: Case) -> Iterator[Case]:
        if case.network.readout is None:
            return
        old = getattr(case.network.readout, name)
        new = change(old)
        if new.shape == old.shape and not np.array_equal(new, old):
            yield case.readout(**{name: new})

    return changed


def _column_major(matrix: Array) -> Array:
    return np.reshape(matrix.ravel(), matrix.shape, order="F")


def _h0_ignored(case: Case) -> Iterator[Case]:
    if case.h0.any():
        yield replace(case, h0=np.zeros_like(case.h0))


def _reversed(case: Case) -> Iterator[Case]:
    backwards = case.x[::-1]
    if not np.array_equal(backwards, case.x):
        yield replace(case, x=backwards)
        yield replace(case, x=backwards, flipped=True)
    if len(case.x) > 1:
        yield replace(case, flipped=True)


def _shifted(by: int) -> Callable[[Case], Iterator[Case]]:
    def changed(case: Case) -> Iterator[Case]:
        if len(case.x) > 1:
            yield replace(case, shift=by)

    return changed


def _input_shifted(by: int) -> Callable[[Case], Iterator[Case]]:
    def changed(case: Case) -> Iterator[Case]:
        x = np.roll(case.x, by, axis=0)
        end = slice(0, 1) if by > 0 else slice(-1, None)
        for beyond in (np.zeros_like(case.x[end]), case.x[end]):
            x[end] = beyond
            if not np.array_equal(x, case.x):
                yield replace(case, x=x.copy())

    return changed


def _in_place(case: Case) -> Iterator[Case]:
    if case.network.hidden_size > 1:
        yield replace(case, in_place=True)


def _activation(f: Activation) -> Callable[[Case], Iterator[Case]]:
    def changed(case: Case) -> Iterator[Case]:
        if case.network.cell.activation is not f:
            yield case.cell(activation=f)

    return changed


def _softmax(g: Activation) -> Callable[[Case], Iterator[Case]]:
    def changed(case: Case) -> Iterator[Case]:
        if case.network.readout is not None and case.network.readout.activation is SOFTMAX:
            yield case.readout(activation=g)

    return changed


def _softmax_twice(a: Array, out: Array) -> None:
    SOFTMAX.function(SOFTMAX(a), out)


_TWICE = Activation("softmax of softmax", "softmax(softmax(a))", _softmax_twice, output_only=True)

SUSPECTS = (
    Suspect("whh-transposed", "W_hh transposed", "whh", _cell_matrix("W_hh", np.transpose)),
    Suspect("wxh-transposed", "W_xh transposed", "wxh", _cell_matrix("W_xh", np.transpose)),
    Suspect("why-transposed", "W_hy transposed", "why", _readout_matrix("W_hy", np.transpose)),
    Suspect(
        "whh-column-major",
        "W_hh read column by column, though written row by row",
        "whh",
        _cell_matrix("W_hh", _column_major),
    ),
    Suspect(
        "wxh-column-major",
        "W_xh read column by column, though written row by row",
        "wxh",
        _cell_matrix("W_xh", _column_major),
    ),
    Suspect("bh-missing", "b_h left out", "bh", _cell_matrix("b_h", np.zeros_like)),
    Suspect("bh-twice", "b_h added twice", "bh", _cell_matrix("b_h", lambda b: 2 * b)),
    Suspect("by-missing", "b_y left out", "by", _readout_matrix("b_y", np.zeros_like)),
    Suspect("by-twice", "b_y added twice", "by", _readout_matrix("b_y", lambda b: 2 * b)),
    Suspect(
        "recurrence-missing",
        "the recurrent term W_hh h left out",
        "whh",
        _cell_matrix("W_hh", np.zeros_like),
    ),
    Suspect("h0-ignored", "h_0 taken for zero", "h0", _h0_ignored),
    Suspect("reversed", "the sequence in reverse order", "order", _reversed),
    Suspect("early", "the states of one step later", "shift", _shifted(-1)),
    Suspect("late", "the states of one step before", "shift", _shifted(1)),
    *(
        Suspect(f"activation-{f.name}", f"{f.name} as the activation", "f", _activation(f))
        for f in ACTIVATIONS.values()
        if not f.output_only
    ),
    Suspect("softmax-missing", "softmax left out", "g", _softmax(LINEAR)),
    Suspect("softmax-twice", "softmax applied twice", "g", _softmax(_TWICE)),
    Suspect(
        "softmax-is-sigmoid", "sigmoid instead of softmax", "g", _softmax(ACTIVATIONS["sigmoid"])
    ),
)

ALONE = (
    Suspect("input-early", "the input of one step later", "x", _input_shifted(-1)),
    Suspect("input-late", "the input of one step before", "x", _input_shifted(1)),
    Suspect("in-place", "each h[i] from the h[0] to h[i - 1] of the same step", "place", _in_place),
)
"""Mistakes of ports; none of them is looked for together with another."""
