"""How a gradient fades or grows on its way back through time."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rnncalc.arrays import Array
from rnncalc.errors import InputError
from rnncalc.network.backward import Backward
from rnncalc.network.equations import Affine, Applied, Called, Equation, Term
from rnncalc.network.gradients import Descended


@dataclass(frozen=True, eq=False)
class Way:
    """The way of dL/dh_t back through the steps.

    Attributes:
        name: of the state: `h`.
        key: of the weight that it is multiplied by at each step: `whh`.
        lag: -1, or 1 for a state that comes from the step after.
        slope: the symbol of the slope that it is multiplied by: `1 − h_t²`.
        size: H.
        factors: (T,), the size of dh_t/dh_{t-1} = diag(f'(a_t)) W_hh: the value of a single unit,
            else the largest singular value.
        to_end: (T,), the size of dh_T/dh_t, the product of the factors from T down to t + 1.
        norms: (T,), the length of dL/dh_t.
    """

    name: str
    key: str
    lag: int
    slope: str
    size: int
    factors: Array
    to_end: Array
    norms: Array

    @property
    def left(self) -> Array:
        """(T,), the length of dL/dh_t relative to that where the way begins; NaN if that is 0."""
        begin = self.norms[min(self.lag, 0)]  # of the last step, or of the first
        return self.norms / begin if begin else np.full_like(self.norms, np.nan)


def way_back(found: Descended, name: str) -> Way:
    """Return the way back of the gradient of a state.

    Raises:
        InputError: a factor, or a product of them, overflows.
    """
    backward = found.backward
    term, outer = _recurrence(backward.forward, name)
    slope = next(e for e in backward.back if e.name == _slope_of(backward, outer))
    assert isinstance(slope, Called)
    rows = np.vstack([trace[slope.name] for trace in found.traces])
    derivatives = np.vstack([trace[f"d{name}"] for trace in found.traces])
    with np.errstate(all="ignore"):
        matrices = rows[:, :, None] * term.weight
    order = slice(None, None, -term.lag)
    to_end = [*_products(matrices[order], np.eye(len(term.weight)))]
    symbol = slope.formula.symbolic([f"{source}_t" for source in slope.sources])
    return Way(
        name,
        term.key,
        term.lag,
        symbol,
        len(term.weight),
        np.array([_size(matrix) for matrix in matrices]),
        np.array(to_end[order]),
        np.linalg.norm(derivatives, axis=1),
    )


def _recurrence(equations: tuple[Equation, ...], name: str) -> tuple[Term, Applied]:
    """Return the term that reads a state at a lag, and the function that gives the state."""
    for each in equations:
        if isinstance(each, Affine):
            for term in each.terms:
                if term.source == name and term.lag:
                    outer = next(e for e in equations if e.name == name)
                    assert isinstance(outer, Applied)
                    return term, outer
    raise AssertionError(f"{name} is not a state")


def _slope_of(backward: Backward, outer: Applied) -> str:
    product = next(each for each in backward.back if each.name == f"d{outer.source}")
    return product.reads[1][0]


def _products(matrices: Array, product: Array) -> Iterator[float]:
    """Yield the size of dh_T/dh_t for each t: `product`, and all matrices after it before that."""
    found = []
    for matrix in matrices[::-1]:
        found.append(_size(product))
        with np.errstate(all="ignore"):
            product = product @ matrix
    yield from reversed(found)


def _size(matrix: Array) -> float:
    if not np.isfinite(matrix).all():
        raise InputError(
            "--flow: the factors of a gradient on its way back are no longer finite: "
            "their product has grown past 1.8e308, the largest number there is"
        )
    return float(matrix[0, 0]) if matrix.size == 1 else float(np.linalg.norm(matrix, 2))
