"""Backpropagation through time: each forward equation transposed, from the last step to the first.

    dL/dy_t = y_t − target_t
    from o_t = W_hyᵀ dL/do_t
    from t+1 = W_hhᵀ dL/da_{t+1}
    dL/dh_t = from o_t + from t+1
    dL/da_t = dL/dh_t f'(a_t)
    dL/dW_hh = sum over t of dL/da_t h_{t-1}ᵀ

Goodfellow, Bengio and Courville, Deep Learning (2016), equations 10.18 to 10.28.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from rnncalc.arrays import Array
from rnncalc.errors import InputError
from rnncalc.network.activations import LINEAR, SOFTMAX
from rnncalc.network.cells import OUTPUTS
from rnncalc.network.equations import (
    Affine,
    Applied,
    Called,
    Combined,
    Equation,
    Joined,
    Outer,
    Product,
    Rows,
    Sliced,
    Term,
    lagged,
    parameters,
)
from rnncalc.network.functions import Formula
from rnncalc.network.model import Network
from rnncalc.network.objective import COUNTED, Objective, loss_equations, output_slope
from rnncalc.network.problem import Problem
from rnncalc.network.trace import LOSS, TARGET

TRANSPOSED, FIRST, PART = "ᵀ", "first", " part "
EMBEDDING, CHOSEN = "embedding", "symbol"


def named(prefix: str, name: str) -> str:
    """Return `dh_output_l0` for `dh_output` of `h_l0`, and `slope_y` for `slope` of `y`."""
    stem, underline, suffix = name.partition("_")
    letter = "" if prefix != "slope" or stem == "h" else f"_{stem}"
    return f"{prefix}{letter}{underline}{suffix}"


@dataclass(frozen=True, eq=False)
class Backward:
    """A network together with the backward pass of an objective.

    Attributes:
        network: the layers and the readout.
        objective: what is differentiated.
        on_paper: whether the loss is calculated from y as it is written down.
        by_step: the keys of the weights and biases whose gradients are wanted step by step.
        inputs: whether dL/dx is wanted.
        outputs: whether dL/dy is wanted even where the loss gives dL/do at once.
        embedding: (V, D), whose rows x consists of, or None.
        positions: (T,), which row of it each x_t is.
    """

    network: Network
    objective: Objective
    on_paper: bool = False
    by_step: tuple[str, ...] = ()
    inputs: bool = True
    outputs: bool = False
    embedding: Array | None = None
    positions: tuple[int, ...] = ()

    @cached_property
    def forward(self) -> tuple[Equation, ...]:
        """The equations of the network; a readout that answers once is calculated at each step."""
        if self._keeps_ends:
            return (*self.network.equations[:-1], *self._ends(), *self.network.answers)
        if self.network.final:
            return (*self.network.equations, *self.network.answers)
        return self.network.equations

    @property
    def _keeps_ends(self) -> bool:
        """Whether the readout answers once, from a state that is reached at step 1."""
        return self.network.final and self.network.layers[-1].reverse is not None

    def _ends(self) -> Iterator[Equation]:
        """Yield the state of step 1 kept until the last step, and what the readout reads there."""
        number, layer = len(self.network.layers) - 1, self.network.layers[-1]
        states = []
        for direction, lag, cell in layer.directions():
            name = f"h_l{number}{direction}"
            if lag == 1:
                parts = (
                    Product(1.0, ((f"h_end_l{number}", -1),)),
                    Product(1.0, ((name, 0), (FIRST, 0))),
                )
                name = f"h_end_l{number}"
                yield Combined(name, parts, cell.hidden_size)
            states.append(name)
        yield layer.merged("h", tuple(states))

    def marks(self, steps: int) -> Rows:
        """Return what else is given: 1 at step 1, and at the symbol of each step, each (T, n)."""
        found: Rows = {}
        if self._keeps_ends:
            found[FIRST] = np.zeros((steps, 1))
            found[FIRST][0] = 1.0
        if self.embedding is not None:
            found[CHOSEN] = np.zeros((steps, len(self.embedding)))
            found[CHOSEN][np.arange(steps), self.positions[:steps]] = 1.0
        return found

    @cached_property
    def output(self) -> tuple[str, str, int]:
        """The names of what the loss compares and of the sum below it, and their size."""
        readout = self.network.readout
        if readout is None:
            return "h", "h", self.network.hidden_size
        last = self.forward[-1]
        assert isinstance(last, Applied)
        return last.name, last.source, last.size

    @cached_property
    def seeds(self) -> tuple[Equation, ...]:
        """The loss, and the derivative that the backward pass begins with, unless it is given."""
        loss = self.objective.loss
        if loss is None:
            return ()
        y, o, size = self.output
        slope = f"d{o}" if loss.activation and y != o else self._seed
        wanted = loss_equations(self.objective, slope, (y, o, size), on_paper=self.on_paper)
        return tuple(wanted)

    @property
    def _seed(self) -> str:
        """The name of the derivative that is due for the output: of a state, the part of a step."""
        y = self.output[0]
        return "dh_output" if y in self.network.states else f"d{y}"

    @cached_property
    def equations(self) -> tuple[Equation, ...]:
        """All equations of a step: forward, loss, backward."""
        return (*self.forward, *self.seeds, *self.back)

    @cached_property
    def calculated(self) -> tuple[Equation, ...]:
        """The equations, with what each step adds to the gradients that are wanted step by step."""
        shares = (self.shares[key] for key in self.by_step)
        return (*self.equations, *self.beside, *shares)

    @cached_property
    def beside(self) -> tuple[Equation, ...]:
        """What nothing else needs: dL/dy where the loss gives dL/do at once, if it is wanted."""
        y, _, size = self.output
        found = output_slope(self.objective, y, size) if self.outputs else None
        return (found,) if found else ()

    @cached_property
    def back(self) -> tuple[Equation, ...]:
        """The backward pass, in the order in which it is calculated."""
        found: list[Equation] = []
        for equation in reversed(self.forward):
            if f"d{equation.name}" not in self._known:
                found += self._derivative(equation.name, equation.size)
            if self._needs_slope(equation):
                assert isinstance(equation, Applied)
                found.append(_slope(equation))
        if self.inputs or self.embedding is not None:
            found += self._derivative("x", self.network.input_size)
        return tuple(found)

    def _needs_slope(self, equation: Equation) -> bool:
        if not isinstance(equation, Applied) or equation.activation is SOFTMAX:
            return False
        is_plain = equation.activation is LINEAR and equation.name[0] == OUTPUTS[1]
        return not is_plain and f"d{equation.source}" not in self._known

    def _derivative(self, name: str, size: int) -> Iterator[Equation]:
        """Yield dL/d of a quantity: the sum of what comes from each that reads it."""
        own, parts = f"d{name}", [*contributions(self.forward, name, size)]
        if name not in self.network.states:
            yield from _summed(own, [part for _, part in parts])
            return
        here, later = named("dh_output", name), named("dh_next", name)
        yield from _summed(here, [part for lag, part in parts if not lag])
        yield from _summed(later, [part for lag, part in parts if lag])
        known = [here] if here in self._known or not all(lag for lag, _ in parts) else []
        sources = [*known, *([later] if any(lag for lag, _ in parts) else [])]
        yield Combined(own, tuple(Product(1.0, ((each, 0),)) for each in sources), size)

    @cached_property
    def _known(self) -> frozenset[str]:
        """What the backward pass begins with."""
        return frozenset({each.name for each in self.seeds} | self.objective.given.keys())

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The derivatives and slopes of a step, given ones first, in the order of calculation."""
        given = [name for name in self.objective.given if name not in (TARGET, COUNTED)]
        found = (each.name for each in (*self.beside, *self.seeds, *self.back))
        return (*given, *(name for name in found if name != LOSS and PART not in name))

    @cached_property
    def shares(self) -> dict[str, Equation]:
        """What each step adds to the gradient of a weight or a bias, by the key of that."""
        found = {key: share for each in self.forward for key, share in _shares(each)}
        if self.embedding is not None:  # x_t is its row of the symbol of the step
            rows, columns = self.embedding.shape
            found[EMBEDDING] = Outer(f"d{EMBEDDING}", CHOSEN, ("dx", 0), (rows, columns))
        return found

    @cached_property
    def weights(self) -> dict[str, Array]:
        """The weights and biases that have a gradient, by their keys."""
        known = parameters(self.forward)
        if self.embedding is not None:
            known = known | {EMBEDDING: self.embedding}
        return {key: known[key] for key in self.shares}

    @cached_property
    def sizes(self) -> dict[str, int]:
        """The number of components of everything that is given or calculated."""
        given = {name: rows.shape[1] for name, rows in self.objective.given.items()}
        possible = replace(self, outputs=True)
        return (
            {"x": self.network.input_size}
            | {name: rows.shape[1] for name, rows in self.marks(1).items()}
            | given
            | {each.name: each.size for each in (*self.forward, *possible.beside)}
            | {each.name: each.size for each in (*self.equations, *self.shares.values())}
        )

    def start(self, start: Rows) -> Rows:
        """Return what is beyond the first and the last step: no gradient comes from there."""
        beyond = [name for name in lagged(self.equations) if name not in start]
        return {**start, **{name: np.zeros(self.sizes[name]) for name in beyond}}


def backward_of(problem: Problem, objective: Objective, *, on_paper: bool) -> Backward:
    """Return the backward pass of a problem; an embedding that x is taken from has a gradient."""
    rows = problem.inputs.embedding if problem.inputs and problem.spelt else None
    spelt = problem.spelt or ()
    return Backward(problem.network, objective, on_paper, embedding=rows, positions=spelt)


def _summed(name: str, parts: Sequence[Equation]) -> Iterator[Equation]:
    """Yield a single part under that name, or the parts and their sum."""
    if len(parts) == 1:
        yield replace(parts[0], name=name)
    elif parts:
        numbered = [replace(part, name=f"{name}{PART}{n}") for n, part in enumerate(parts)]
        yield from numbered
        sums = tuple(Product(1.0, ((part.name, 0),)) for part in numbered)
        yield Combined(name, sums, parts[0].size)


def contributions(
    equations: Sequence[Equation], name: str, size: int
) -> Iterator[tuple[int, Equation]]:
    """Yield what each reader of a quantity passes back to it, with the lag of the reading."""
    sums = [each for each in equations if isinstance(each, Affine)]
    for lag in (0, -1, 1):
        terms = [(each, term) for each in sums for term in each.terms]
        back = tuple(
            Term(f"{term.key}{TRANSPOSED}", term.weight.T, f"d{each.name}", -lag)
            for each, term in terms
            if (term.source, term.lag) == (name, lag)
        )
        if back:
            yield lag, Affine("", back)
    for each in equations:
        if isinstance(each, Applied) and each.source == name:
            yield 0, _through(each)
        elif isinstance(each, Joined) and name in each.sources:
            yield 0, Sliced("", f"d{each.name}", _first(equations, each, name), size)
        elif isinstance(each, Combined):
            for lag in dict.fromkeys(lag for source, lag in each.reads if source == name):
                parts = tuple(_factors(part, (name, lag), each.name) for part in each.parts)
                yield lag, Combined("", tuple(part for part in parts if part), size)


def _first(equations: Sequence[Equation], joined: Joined, name: str) -> int:
    """Return where a quantity begins among those that are side by side."""
    sizes = {each.name: each.size for each in equations}
    return sum(sizes[source] for source in joined.sources[: joined.sources.index(name)])


def _factors(part: Product, factor: tuple[str, int], name: str) -> Product | None:
    """Return a product without one of its factors, times the derivative of what it is part of."""
    if factor not in part.sources:
        return None
    lag = factor[1]
    others = tuple((source, at - lag) for source, at in part.sources if (source, at) != factor)
    return Product(part.factor, ((f"d{name}", -lag), *others))


def _through(equation: Applied) -> Equation:
    """Return what a function passes back: dL/da = dL/dh f'(a)."""
    derivative = f"d{equation.name}"
    if equation.activation is SOFTMAX:
        return Called("", _SOFTMAX_BACK, (equation.name, derivative), equation.size)
    if equation.activation is LINEAR and equation.name[0] == OUTPUTS[1]:
        return Combined("", (Product(1.0, ((derivative, 0),)),), equation.size)
    sources = (derivative, 0), (named("slope", equation.name), 0)
    return Combined("", (Product(1.0, sources),), equation.size)


def softmax_back(y: Array, derivative: Array) -> Array:
    """Return what softmax passes back of dL/dy, (n,) or (T, n)."""
    return np.asarray(y * (derivative - (y * derivative).sum(axis=-1, keepdims=True)))


def _written_back(i: int, numbers: Sequence[Sequence[Any]]) -> str:
    y, derivative = numbers
    products = " + ".join(f"{of.signed} × {d.factor}" for of, d in zip(y, derivative, strict=True))
    return f"{y[i].signed} × ({derivative[i].signed} − ({products}))"


_SOFTMAX_BACK = Formula(
    "slope of softmax",
    "{0.signed} ({1.signed} − Σ {0.signed} {1.signed})",
    softmax_back,
    exact=True,
    own=_written_back,
)


def _slope(equation: Applied) -> Equation:
    """Return the equation of f'(a_t), in the form that is usual for the function.

    Raises:
        InputError: the function has no useful slope.
    """
    slope = equation.activation.slope
    name = equation.activation.name
    if slope is None and not name.startswith("step"):
        raise InputError(f"the derivative of {name} is not known here, so there is no gradient")
    if slope is None:
        raise InputError(
            f"{name} is flat: its slope is 0 wherever it has one, so no "
            "gradient passes through it; sigmoid or hard_tanh are its usual substitutes"
        )
    source = equation.name if slope.of_value else equation.source
    return Called(named("slope", equation.name), slope.formula, (source,), equation.size)


def _shares(equation: Equation) -> Iterator[tuple[str, Equation]]:
    """Yield what a step adds to the gradients of the weights and biases of a sum."""
    if not isinstance(equation, Affine):
        return
    for term in equation.terms:
        right, shape = (term.source, term.lag), term.weight.shape
        yield term.key, Outer(f"d{term.key}", f"d{equation.name}", right, (shape[0], shape[1]))
    for bias in equation.biases:
        part = Product(1.0, ((f"d{equation.name}", 0),))
        yield bias.key, Combined(f"d{bias.key}", (part,), equation.size)
