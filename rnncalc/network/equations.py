"""What a step consists of, as a list of equations, and the one loop that follows them.

    a_t = W_xh x_t + W_hh h_{t-1} + b_h        affine
    h_t = f(a_t)                               applied
    o_t = W_hy h_t + b_y                       affine
    y_t = g(o_t)                               applied

What two directions give is joined side by side, or combined. Whoever wants to know what a step
consists of asks the equations, and knows no quantity by name.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, Self, TypeAlias

import numpy as np

from rnncalc.arrays import Array
from rnncalc.network.activations import Activation
from rnncalc.network.functions import Formula
from rnncalc.network.naming import symbol

Rows: TypeAlias = dict[str, Array]
"""A row (n,), or rows (T, n), of each quantity by its name."""

At: TypeAlias = Callable[[str, int], Array]
"""From the name of a quantity and a lag to the row (m,), or the rows (T, m), that are due."""

Steps: TypeAlias = int | slice
ALL = slice(None)

Adopt: TypeAlias = Callable[[str, Steps, Array], Array]
"""From a quantity, a step (from 0) and the row that follows to the row to continue with."""


@dataclass(frozen=True, eq=False)
class Term:
    """A weight times a quantity, as part of a sum.

    Attributes:
        key: the weight's name as it is typed: `whh`.
        weight: (n, m), from the source to the sum.
        source: the quantity it is multiplied by: `h`, or `x`.
        lag: 0 for the quantity of the same step, -1 for that of the step before, 1 for that of the
            step after, as in a direction that reads the sequence backwards.
    """

    key: str
    weight: Array
    source: str
    lag: int = 0

    @property
    def symbol(self) -> str:
        """Its name in a formula: `W_hh` for `whh`."""
        return symbol(self.key)


@dataclass(frozen=True, eq=False)
class Bias:
    """A vector that is added to a sum: its name as it is typed, `bh`, and its (n,) values."""

    key: str
    vector: Array

    @property
    def symbol(self) -> str:
        """Its name in a formula: `b_h` for `bh`."""
        return symbol(self.key)


@dataclass(frozen=True, eq=False)
class Affine:
    """A sum of terms and biases: `a_t = W_xh x_t + W_hh h_{t-1} + b_h`.

    Attributes:
        name: of the quantity.
        terms: in the order in which they are written.
        biases: those that are given.
    """

    name: str
    terms: tuple[Term, ...]
    biases: tuple[Bias, ...] = ()

    @property
    def size(self) -> int:
        """n, the number of components."""
        return len(self.terms[0].weight)

    @property
    def bias(self) -> Array:
        """(n,), the sum of the biases."""
        return np.asarray(sum((bias.vector for bias in self.biases), np.zeros(self.size)))

    @property
    def reads(self) -> tuple[tuple[str, int], ...]:
        """The quantities it is calculated from, each with its lag."""
        return tuple((term.source, term.lag) for term in self.terms)

    def of(self, at: At) -> Array:
        """Return its row (n,), or rows (T, n)."""
        products = [at(term.source, term.lag) @ term.weight.T for term in self.terms]
        return np.asarray(sum([*products[1:], *(bias.vector for bias in self.biases)], products[0]))

    def changed(self, change: Callable[[Array], Array], key: str | None = None) -> "Affine":
        """Return the same sum with `change` made to the weight or bias of that key, or to all."""

        def new(old: str, array: Array) -> Array:
            return change(array) if key in (None, old) else array

        terms = tuple(replace(term, weight=new(term.key, term.weight)) for term in self.terms)
        biases = tuple(replace(bias, vector=new(bias.key, bias.vector)) for bias in self.biases)
        return replace(self, terms=terms, biases=biases)


class Weightless:
    """An equation without weights and biases."""

    def changed(self, change: Callable[[Array], Array], key: str | None = None) -> Self:  # noqa: ARG002
        """Return the equation itself: there is nothing to change."""
        return self


@dataclass(frozen=True, eq=False)
class Applied(Weightless):
    """A function of a quantity of the same step: `h_t = tanh(a_t)`.

    Attributes:
        name: of the quantity.
        activation: the function.
        source: the quantity it is applied to.
        size: n, the number of components of both.
    """

    name: str
    activation: Activation
    source: str
    size: int

    @property
    def reads(self) -> tuple[tuple[str, int], ...]:
        """The quantity it is calculated from, with its lag."""
        return ((self.source, 0),)

    def of(self, at: At) -> Array:
        """Return its row (n,), or rows (T, n)."""
        return self.activation(at(self.source, 0))


@dataclass(frozen=True, eq=False)
class Joined(Weightless):
    """Quantities of the same step, side by side: `h_t = [h_l0_t; h_l0_reverse_t]`.

    Attributes:
        name: of the quantity.
        sources: the quantities, in order.
        sizes: the number of components of each.
    """

    name: str
    sources: tuple[str, ...]
    sizes: tuple[int, ...]

    @property
    def size(self) -> int:
        """n, the number of components of them all."""
        return sum(self.sizes)

    def component(self, i: int) -> tuple[str, int]:
        """Return the quantity that component `i` is of, and which one of it."""
        for source, size in zip(self.sources, self.sizes, strict=True):
            if i < size:
                return source, i
            i -= size
        raise IndexError(i)

    @property
    def reads(self) -> tuple[tuple[str, int], ...]:
        """The quantities it consists of, each with its lag."""
        return tuple((source, 0) for source in self.sources)

    def of(self, at: At) -> Array:
        """Return its row (n,), or rows (T, n)."""
        return np.concatenate([at(source, 0) for source in self.sources], axis=-1)


@dataclass(frozen=True)
class Product:
    """A part of a sum: a factor times quantities, component by component.

    Attributes:
        factor: 1, -1, or another constant.
        sources: the quantities that are multiplied, each with its lag.
    """

    factor: float
    sources: tuple[tuple[str, int], ...]


@dataclass(frozen=True, eq=False)
class Combined(Weightless):
    """A signed sum of products of quantities: `h_t = h_l0_t + h_l0_reverse_t`, `dy_t = y_t − t_t`.

    Attributes:
        name: of the quantity.
        parts: in the order in which they are written.
        size: n, the number of components.
    """

    name: str
    parts: tuple[Product, ...]
    size: int

    @property
    def reads(self) -> tuple[tuple[str, int], ...]:
        """The quantities it is calculated from, each with its lag."""
        return tuple(source for part in self.parts for source in part.sources)

    def of(self, at: At) -> Array:
        """Return its row (n,), or rows (T, n)."""
        return np.asarray(reduce(np.add, [self._part(part, at) for part in self.parts]))

    def _part(self, part: Product, at: At) -> Array:
        product = reduce(np.multiply, [at(*source) for source in part.sources])
        # by hand the values are decimal numbers, and so must be what they are multiplied by
        factor = type(product.flat[0])(part.factor) if product.dtype == np.object_ else part.factor
        return np.asarray(factor * product)


@dataclass(frozen=True, eq=False)
class Called(Weightless):
    """A function of several quantities of the same step: `slope_t = 1 − h_t²`.

    Attributes:
        name: of the quantity.
        formula: the function.
        sources: the quantities that it takes, in order.
        size: n, the number of components.
    """

    name: str
    formula: Formula
    sources: tuple[str, ...]
    size: int

    @property
    def reads(self) -> tuple[tuple[str, int], ...]:
        """The quantities it is calculated from, each with its lag."""
        return tuple((source, 0) for source in self.sources)

    def of(self, at: At) -> Array:
        """Return its row (n,), or rows (T, n)."""
        return self.formula(*(at(source, 0) for source in self.sources))


@dataclass(frozen=True, eq=False)
class Sliced(Weightless):
    """Some components of a quantity of the same step: the part of one of those side by side.

    Attributes:
        name: of the quantity.
        source: the quantity that it is a part of.
        first: its first component there.
        size: n, the number of components.
    """

    name: str
    source: str
    first: int
    size: int

    @property
    def reads(self) -> tuple[tuple[str, int], ...]:
        """The quantity it is a part of, with its lag."""
        return ((self.source, 0),)

    def component(self, i: int) -> tuple[str, int]:
        """Return the quantity that component `i` is of, and which component of that it is."""
        return self.source, self.first + i

    def of(self, at: At) -> Array:
        """Return its row (n,), or rows (T, n)."""
        return at(self.source, 0)[..., self.first : self.first + self.size]


@dataclass(frozen=True, eq=False)
class Outer(Weightless):
    """A column times a row: `dL/dW_hh at t = dL/da_t h_{t-1}ᵀ`, flattened row by row.

    Attributes:
        name: of the quantity.
        left: the column (n,), of the same step.
        right: the row (m,), and its lag.
        shape: (n, m).
    """

    name: str
    left: str
    right: tuple[str, int]
    shape: tuple[int, int]

    @property
    def size(self) -> int:
        """The number of components."""
        return self.shape[0] * self.shape[1]

    @property
    def reads(self) -> tuple[tuple[str, int], ...]:
        """The quantities it is calculated from, each with its lag."""
        return ((self.left, 0), self.right)

    def of(self, at: At) -> Array:
        """Return its row (n m,), or rows (T, n m)."""
        product = at(self.left, 0)[..., :, None] * at(*self.right)[..., None, :]
        return product.reshape(*product.shape[:-2], self.size)


Equation: TypeAlias = Affine | Applied | Joined | Combined | Called | Sliced | Outer

Pass: TypeAlias = tuple[int, list[Equation]]
"""1 and what is calculated from the first step to the last, or -1 and what from the last."""


def passes(equations: Sequence[Equation]) -> list[Pass]:
    """Return the equations in passes over the sequence, each with its direction.

    A direction that reads backwards is a pass of its own, and so is what reads all of it; a network
    of forward layers is a single pass.
    """
    found: list[Pass] = []
    names = {equation.name for equation in equations}
    done: set[str] = set()  # by an earlier pass
    direction, current = 0, list[Equation]()
    for equation in equations:
        lags = _signs(equation, names - done)
        if direction and lags - {-direction}:
            found.append((direction, current))
            done.update(each.name for each in current)
            direction, current = 0, []
            lags = _signs(equation, names - done)
        direction = -lags.pop() if lags else direction
        current.append(equation)
    return [*found, (direction or 1, current)]


def _signs(equation: Equation, names: set[str]) -> set[int]:
    """Return -1 and 1: whether earlier steps are read, and later ones, of some quantities."""
    return {int(np.sign(lag)) for source, lag in equation.reads if lag and source in names}


def needed(equations: Sequence[Equation], names: Iterable[str]) -> tuple[Equation, ...]:
    """Return the equations that some quantities depend on."""
    found, reads = {*names}, {each.name: {source for source, _ in each.reads} for each in equations}
    while more := {source for name in found & reads.keys() for source in reads[name]} - found:
        found |= more
    return tuple(each for each in equations if each.name in found)


def parameters(equations: Iterable[Equation]) -> dict[str, Array]:
    """Return the weights and biases by their keys."""
    sums = [equation for equation in equations if isinstance(equation, Affine)]
    weights = {term.key: term.weight for each in sums for term in each.terms}
    return weights | {bias.key: bias.vector for each in sums for bias in each.biases}


def with_parameters(
    equations: Iterable[Equation], new: Mapping[str, Array]
) -> tuple[Equation, ...]:
    """Return the equations with other weights and biases, by their keys."""
    found = [*equations]
    for key, array in new.items():
        found = [each.changed(lambda _, array=array: array, key) for each in found]  # type: ignore[misc]
    return tuple(found)


def lagged(equations: Iterable[Equation]) -> tuple[str, ...]:
    """Return the quantities that are read with a lag, which a run has to be started with."""
    reads = (read for equation in equations for read in equation.reads)
    return tuple(dict.fromkeys(source for source, lag in reads if lag))


def ahead(equations: Iterable[Equation]) -> frozenset[str]:
    """Return the quantities whose row of the step after is read: those of a backward direction."""
    return frozenset(source for each in equations for source, lag in each.reads if lag > 0)


def keep(name: str, t: Steps, row: Array) -> Array:  # noqa: ARG001  # an Adopt
    """Continue with what follows."""
    return row


def follow(
    equations: Sequence[Equation], start: Mapping[str, Array], given: Rows, adopt: Adopt = keep
) -> tuple[Rows, Rows]:
    """Calculate step by step, and return the rows (T, n) of every quantity twice.

    First as each row follows, then as the calculation continued with it. Weights, start and what is
    given may be of any type that NumPy multiplies: float32, or decimal numbers.

    Args:
        equations: in the order in which they are calculated.
        start: the row beyond the first step, (n,), of each quantity that is read at a lag of -1,
            and that beyond the last step of each that is read at a lag of 1.
        given: (T, m), x and whatever else is not calculated.
        adopt: returns the row that the calculation continues with.
    """
    steps = len(next(iter(given.values())))
    followed: dict[str, list[Any]] = {equation.name: [None] * steps for equation in equations}
    adopted: dict[str, list[Any]] = {name: [*rows] for name, rows in given.items()}
    adopted |= {equation.name: [None] * steps for equation in equations}
    for direction, some in passes(equations):
        for t in range(steps)[::direction]:

            def at(source: str, lag: int) -> Array:
                due = t + lag  # noqa: B023
                row: Array = adopted[source][due] if 0 <= due < steps else start[source]
                return row

            for equation in some:
                row = equation.of(at)
                followed[equation.name][t] = row
                adopted[equation.name][t] = adopt(equation.name, t, row)
    return (
        {name: np.array(rows) for name, rows in followed.items()},
        {name: np.array(adopted[name]) for name in followed},
    )


def columns(
    equations: Sequence[Equation], start: Mapping[str, Array], known: Rows, adopt: Adopt = keep
) -> tuple[Rows, Rows]:
    """Do what `follow` does for all steps at once, where all that is read with a lag is known.

    Args:
        equations: in the order in which they are calculated.
        start: the row before the first one, (n,), of each quantity that is read with a lag.
        known: (T, m), what is given and each quantity that is read with a lag, as the calculation
            continued.
        adopt: returns the rows that the calculation continues with.
    """
    followed: Rows = {}
    adopted = dict(known)

    def at(source: str, lag: int) -> Array:
        rows = adopted[source]
        if lag > 0:
            return np.vstack((rows[lag:], start[source]))
        return np.vstack((start[source], rows[:lag])) if lag else rows

    for equation in equations:
        rows = equation.of(at)
        followed[equation.name] = rows
        adopted[equation.name] = adopt(equation.name, ALL, rows)
    return followed, {name: adopted[name] for name in followed}
