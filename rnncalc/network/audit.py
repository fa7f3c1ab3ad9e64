"""The backward pass with its sums as equations, so that each printed value of it can be redone.

    sum.whh_t = sum.whh_{t+1} + dL/dW_hh at t
    gradients.whh = sum.whh of step 1
    updated.whh = W_hh − rate × gradients.whh

Quantities of the whole sequence are in the row of step 1, where the backward pass ends.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np

from rnncalc.arrays import Array
from rnncalc.network.backward import FIRST, Backward, contributions
from rnncalc.network.equations import (
    Affine,
    Called,
    Combined,
    Equation,
    Product,
    Rows,
    lagged,
)
from rnncalc.network.functions import Formula
from rnncalc.network.gradients import loss_with
from rnncalc.network.naming import is_derivative
from rnncalc.network.trace import LOSS

GRADIENTS, UPDATED, OLD, SUM = "gradients.", "updated.", "old.", "sum."
TOTAL, AFTER, LAST = "loss.total", "loss_after", "last"


@dataclass(frozen=True, eq=False)
class Audit:
    """A backward pass, its sums, and a step of descent.

    Attributes:
        backward: the pass.
        steps: T.
        rate: of the step of descent, or None for none.
        start: the states beyond the first step, for the loss after a step of descent; None where
            that is not wanted, since it takes a run.
        x: (T, D), the inputs, for the same.
        decimals: of each value, if that loss is calculated by hand; None for no rounding.
    """

    backward: Backward
    steps: int
    rate: float | None = None
    start: Rows | None = None
    x: Array | None = None
    decimals: int | None = None

    @cached_property
    def equations(self) -> tuple[Equation, ...]:
        """All equations, in the order in which they are calculated."""
        backward = replace(self.backward, by_step=tuple(self.backward.shares), outputs=True)
        return (*backward.calculated, *self._sums())

    @cached_property
    def sizes(self) -> dict[str, int]:
        """The number of components of every quantity that can be printed."""
        return {each.name: each.size for each in self.equations if not each.name.startswith(SUM)}

    @cached_property
    def given(self) -> Rows:
        """(T, n), what is not calculated, except for x."""
        old = {
            f"{OLD}{key}": np.tile(self._weights[key].ravel(), (self.steps, 1))
            for key in (self.backward.shares if self.rate is not None else ())
        }
        first, last = np.zeros((2, self.steps, 1))
        first[0] = last[-1] = 1.0
        marks = self.backward.marks(self.steps)
        return {**self.backward.objective.given, **marks, **old, FIRST: first, LAST: last}

    @cached_property
    def indices(self) -> dict[str, list[str]]:
        """What the components of the derivatives of weights are called: `0,1`; "" for one alone."""
        found: dict[str, list[str]] = {}
        for key, share in self.backward.shares.items():
            shape = self._weights[key].shape
            texts = [",".join(map(str, at)) if share.size != 1 else "" for at in np.ndindex(shape)]
            found |= dict.fromkeys((f"d{key}", f"{GRADIENTS}{key}", f"{UPDATED}{key}"), texts)
        return found | {name: [""] for name in (LOSS, TOTAL, AFTER)}

    def beyond(self, start: Rows) -> Rows:
        """Return what is beyond the first and the last step, by name."""
        sizes = {each.name: each.size for each in self.equations}
        zeros = {name: np.zeros(sizes[name]) for name in lagged(self.equations)}
        return {**zeros, **start}

    @cached_property
    def _weights(self) -> dict[str, Array]:
        return self.backward.weights

    def _sums(self) -> Iterator[Equation]:
        for key, share in self.backward.shares.items():
            total = f"{SUM}{key}"
            yield _running(total, f"d{key}", share.size)
            yield Combined(f"{GRADIENTS}{key}", (Product(1.0, ((total, 0),)),), share.size)
            if self.rate is not None:
                parts = (
                    Product(1.0, ((f"{OLD}{key}", 0),)),
                    Product(-self.rate, ((f"{GRADIENTS}{key}", 0),)),
                )
                yield Combined(f"{UPDATED}{key}", parts, share.size)
        yield from self._of_start()
        if self.backward.objective.loss:
            yield _running(f"{SUM}{LOSS}", LOSS, 1)
            part = Product(1.0 / self.backward.objective.parts, ((f"{SUM}{LOSS}", 0),))
            yield Combined(TOTAL, (part,), 1)
            if self.rate is not None and self.x is not None:
                yield self._after()

    def _of_start(self) -> Iterator[Equation]:
        """Yield dL/dh_0, which the first step passes back."""
        for state in self.backward.network.states:
            if state != "h":  # a stack has several starts
                continue
            size = self.backward.sizes[state]
            for lag, part in contributions(self.backward.forward, state, size):
                if lag:
                    assert isinstance(part, Affine)
                    terms = tuple(replace(term, lag=0) for term in part.terms)
                    yield Affine(f"{GRADIENTS}h0", terms)

    def _after(self) -> Equation:
        keys = tuple(self.backward.shares)
        formula = Formula("loss after", "L", partial(self._loss_of, keys))
        return Called(AFTER, formula, (FIRST, *(f"{UPDATED}{key}" for key in keys)), 1)

    def _loss_of(self, keys: tuple[str, ...], first: Array, *rows: Array) -> Array:
        """Return the loss with the new weights at step 1, where they are complete; else 0."""
        assert self.start is not None
        assert self.x is not None
        found = np.zeros((*rows[0].shape[:-1], 1))
        complete = np.broadcast_to(first, found.shape)[..., 0]
        for at in np.ndindex(complete.shape):
            if not complete[at]:
                continue
            pairs = zip(keys, rows, strict=True)
            weights = {key: row[at].reshape(self._weights[key].shape) for key, row in pairs}
            found[at] = loss_with(self.backward, weights, self.start, self.x, self.decimals)
        return found


def _running(total: str, share: str, size: int) -> Combined:
    """Return the sum of what this step and the later ones add."""
    parts = (Product(1.0, ((total, 1),)), Product(1.0, ((share, 0),)))
    return Combined(total, parts, size)


def is_backward(name: str) -> bool:
    """Return whether a quantity is of the loss or of the backward pass."""
    others = ("slope", GRADIENTS, UPDATED, SUM, TOTAL, AFTER)
    return is_derivative(name) or name == LOSS or name.startswith(others)
