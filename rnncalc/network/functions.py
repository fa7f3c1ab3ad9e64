"""A function of several quantities of one step, and how a person writes it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from rnncalc.arrays import Array

Written: TypeAlias = Callable[[int, Sequence[Sequence[Any]]], str]
"""From a component and the numbers of each source, with `signed` and `factor`, to their formula."""


@dataclass(frozen=True)
class Formula:
    """A function of the rows of some quantities, such as `1 − h_t²`.

    Attributes:
        name: what it is, for programs: `slope of tanh`.
        pattern: what it computes of one component: `1 − {0.factor}²`.
        function: from a row (n,), or rows (..., n), of each quantity to the row or rows.
        exact: whether decimal numbers give exact decimal numbers; else they are made floats.
        own: writes a component where the pattern does not say it all.
    """

    name: str
    pattern: str
    function: Callable[..., Array]
    exact: bool = False
    own: Written | None = None

    def __call__(self, *rows: Array) -> Array:
        """Return the row, or the rows."""
        if not self.exact:
            rows = tuple(of.astype(np.float64) if of.dtype == np.object_ else of for of in rows)
        with np.errstate(all="ignore"):
            return np.asarray(self.function(*rows))

    def written(self, i: int, numbers: Sequence[Sequence[Any]]) -> str:
        """Return component `i` with its numbers: `1 − 0.537²`."""
        if self.own:
            return self.own(i, numbers)
        return self.pattern.format(*(of[i] for of in numbers))

    def symbolic(self, names: Sequence[str]) -> str:
        """Return the formula with the names of the quantities: `1 − h_t²`."""
        return self.pattern.format(*map(_Symbol, names))


class _Symbol(str):
    """A name in place of a number."""

    @property
    def signed(self) -> str:
        """The name, on its own."""
        return str(self)

    factor = signed
