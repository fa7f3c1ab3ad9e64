"""Mistakes that are made at every step alike: each changes the equations, the start or the inputs.

Each suspect changes a case (what is run) the way the mistake does. If it changes nothing, as when a
symmetric matrix is transposed, it yields no case: it cannot be told from being right.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rnncalc.arrays import Array
from rnncalc.network.activations import ACTIVATIONS, LINEAR, SOFTMAX, Activation
from rnncalc.network.equations import (
    Adopt,
    Affine,
    Applied,
    Bias,
    Equation,
    Rows,
    Steps,
    Term,
    follow,
    lagged,
    parameters,
)
from rnncalc.network.forward import calculated

Listing = Callable[[Array, Array], Array]


@dataclass(frozen=True, eq=False)
class Case:
    """A run with mistakes, and how its values were listed.

    Attributes:
        equations: what a step consists of.
        start: (n,), the row before step 1 of each quantity that is read with a lag.
        x: (T, D), the inputs.
        listing: how the rows of a quantity, and the row before them, became those that are
            printed, NaN where nothing is known; None if they are printed as calculated.
        in_place: whether each unit sees those before it as they are after the step.
    """

    equations: tuple[Equation, ...]
    start: Rows
    x: Array
    listing: Listing | None = None
    in_place: bool = False

    def run(self) -> Rows:
        """Return the values of the run, (T, n) for each quantity.

        Raises:
            InputError: they overflow.
        """
        if self.in_place:
            return follow(self.equations, self.start, self.x, _overwriting(self))[1]
        return calculated(self.equations, self.start, self.x).rows


def _overwriting(case: Case) -> Adopt:
    """Continue as a loop does that writes each h[i] while others still read the state before."""
    inner = next(e for e in case.equations if isinstance(e, Affine) and _recurs(e))
    outer = next(e for e in case.equations if isinstance(e, Applied) and e.source == inner.name)
    W_hh = next(term.weight for term in inner.terms if term.lag)
    before = case.start[outer.name]

    def adopt(name: str, t: Steps, row: Array) -> Array:  # noqa: ARG001
        nonlocal before
        if name == inner.name:
            row, change = row.copy(), np.zeros_like(before)
            for i in range(len(row)):
                row[i] += W_hh[i] @ change
                change[i] = outer.activation(row[i : i + 1])[0] - before[i]
        elif name == outer.name:
            before = row
        return row

    return adopt


def _recurs(equation: Equation) -> bool:
    return any(lag for _, lag in equation.reads)


Change = Callable[[Case], Iterable[Case]]


@dataclass(frozen=True)
class Suspect:
    """A mistake.

    Attributes:
        id: fixed, for programs.
        text: for people.
        what: what it is about; two mistakes in one thing are no pair.
        change: yields the cases that a case becomes by the mistake, none if it stays the same.
    """

    id: str
    text: str
    what: str
    change: Change


def suspects(equations: Sequence[Equation]) -> tuple[Suspect, ...]:
    """Return the mistakes that can be made with these equations."""
    sums = [equation for equation in equations if isinstance(equation, Affine)]
    # the recurrent term comes first: its mistakes are the likelier ones
    terms = [term for each in sums for term in sorted(each.terms, key=lambda term: term.lag)]
    inner = [term for term in terms if any(term in each.terms for each in sums if _recurs(each))]
    return (
        *(_transposed(term) for term in terms),
        *(_by_column(term) for term in inner),
        *(found for each in sums for bias in each.biases for found in _bias_suspects(bias)),
        *(_without(term) for term in terms if term.lag),
        Suspect("h0-ignored", "h_0 taken for zero", "h0", _h0_ignored),
        Suspect("reversed", "the sequence in reverse order", "order", _reversed),
        Suspect("early", "the states of one step later", "shift", _listed(_early)),
        Suspect("late", "the states of one step before", "shift", _listed(_late, _late_from_start)),
        *(_other_function(f) for f in ACTIVATIONS.values() if not f.output_only),
        Suspect("softmax-missing", "softmax left out", "g", _softmax(LINEAR)),
        Suspect("softmax-twice", "softmax applied twice", "g", _softmax(_TWICE)),
        Suspect("softmax-is-sigmoid", "sigmoid instead of softmax", "g", _softmax(_SIGMOID)),
    )


def _parameter(key: str, change: Callable[[Array], Array]) -> Change:
    """Return the mistake that changes one weight or bias."""

    def changed(case: Case) -> Iterator[Case]:
        old = parameters(case.equations)[key]
        new = change(old)
        if new.shape == old.shape and not np.array_equal(new, old):
            equations = tuple(e.changed(change, key) for e in case.equations)
            yield replace(case, equations=equations)

    return changed


def _transposed(term: Term) -> Suspect:
    key, text = term.key, f"{term.symbol} transposed"
    return Suspect(f"{key}-transposed", text, key, _parameter(key, np.transpose))


def _by_column(term: Term) -> Suspect:
    key, text = term.key, f"{term.symbol} read column by column, though written row by row"
    return Suspect(f"{key}-column-major", text, key, _parameter(key, _column_major))


def _column_major(matrix: Array) -> Array:
    return np.reshape(matrix.ravel(), matrix.shape, order="F")


def _bias_suspects(bias: Bias) -> Iterator[Suspect]:
    key, name = bias.key, bias.symbol
    yield Suspect(f"{key}-missing", f"{name} left out", key, _parameter(key, np.zeros_like))
    yield Suspect(f"{key}-twice", f"{name} added twice", key, _parameter(key, lambda b: 2 * b))


def _without(term: Term) -> Suspect:
    text = f"the recurrent term {term.symbol} {term.source} left out"
    return Suspect("recurrence-missing", text, term.key, _parameter(term.key, np.zeros_like))


def _h0_ignored(case: Case) -> Iterator[Case]:
    if any(row.any() for row in case.start.values()):
        yield replace(case, start={n: np.zeros_like(row) for n, row in case.start.items()})


def _reversed(case: Case) -> Iterator[Case]:
    backwards = case.x[::-1]
    if not np.array_equal(backwards, case.x):
        yield replace(case, x=backwards)
        yield replace(case, x=backwards, listing=_last_first)
    if len(case.x) > 1:
        yield replace(case, listing=_last_first)


def _listed(*listings: Listing) -> Change:
    def changed(case: Case) -> Iterator[Case]:
        if len(case.x) > 1:
            yield from (replace(case, listing=listing) for listing in listings)

    return changed


def _last_first(rows: Array, _: Array) -> Array:
    return rows[::-1]


def _early(rows: Array, before: Array) -> Array:
    return np.vstack((rows[1:], np.full_like(before, np.nan)))


def _late(rows: Array, before: Array) -> Array:
    return np.vstack((np.full_like(before, np.nan), rows[:-1]))


def _late_from_start(rows: Array, before: Array) -> Array:
    return np.vstack((before, rows[:-1]))


def _applied(case: Case, f: Activation, wanted: Callable[[Applied], bool]) -> Iterator[Case]:
    """Yield the case with the function `f` in the wanted equations, if that is another one."""
    equations = tuple(
        replace(e, activation=f) if isinstance(e, Applied) and wanted(e) else e
        for e in case.equations
    )
    if any(new is not old for new, old in zip(equations, case.equations, strict=True)):
        yield replace(case, equations=equations)


def _other_function(f: Activation) -> Suspect:
    def changed(case: Case) -> Iterator[Case]:
        states = lagged(case.equations)
        yield from _applied(case, f, lambda e: e.name in states and e.activation is not f)

    return Suspect(f"activation-{f.name}", f"{f.name} as the activation", "f", changed)


def _softmax(g: Activation) -> Change:
    return lambda case: _applied(case, g, lambda e: e.activation is SOFTMAX)


def _softmax_twice(a: Array, out: Array) -> None:
    SOFTMAX.function(SOFTMAX(a), out)


_TWICE = Activation("softmax of softmax", "softmax(softmax(a))", _softmax_twice, output_only=True)
_SIGMOID = ACTIVATIONS["sigmoid"]


def _input_shifted(by: int) -> Change:
    def changed(case: Case) -> Iterator[Case]:
        x = np.roll(case.x, by, axis=0)
        end = slice(0, 1) if by > 0 else slice(-1, None)
        for beyond in (np.zeros_like(case.x[end]), case.x[end]):
            x[end] = beyond
            if not np.array_equal(x, case.x):
                yield replace(case, x=x.copy())

    return changed


def _in_place(case: Case) -> Iterator[Case]:
    if any(row.size > 1 for row in case.start.values()):
        yield replace(case, in_place=True)


ALONE = (
    Suspect("input-early", "the input of one step later", "x", _input_shifted(-1)),
    Suspect("input-late", "the input of one step before", "x", _input_shifted(1)),
    Suspect("in-place", "each h[i] from the h[0] to h[i - 1] of the same step", "place", _in_place),
)
"""Mistakes of ports that are not looked for together with others."""
