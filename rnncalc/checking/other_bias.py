"""Another b_h: the mistake that moves every pre-activation by the same vector.

PyTorch's cell has two biases, and a port that forgets one of them runs with another b_h. Subtract
W_xh x and W_hh h from each printed pre-activation: if the remainder is the same at every step, it
is the bias that was used.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from rnncalc.arrays import Array
from rnncalc.checking.question import Question
from rnncalc.network.equations import Affine, Applied
from rnncalc.numerals.printed import Printed

_INVERSES: dict[str, Callable[[Array], Array]] = {
    "tanh": np.arctanh,
    "sigmoid": lambda h: np.log(h) - np.log1p(-h),
    "linear": np.positive,
}
_DIGITS = 6.0  # on which the steps must agree before chance is ruled out
_SUM_IN_FLOAT32 = 16 * float(np.finfo(np.float32).eps)  # how far it is off, as far as it matters
_MOST_DECIMALS = 16


class Sum(NamedTuple):
    """A recurrent sum, what was printed of it, and how to get from there to the sum."""

    equation: Affine
    printed: Printed
    inverse: Callable[[Array], Array]


def other_biases(question: Question, inner: Sum) -> Iterator[Array]:
    """Yield each bias (H,) that agrees with the printed values of every step, the shortest first.

    One that agrees with single steps need not give the whole run: that is still to be seen.
    """
    for slack in (0.0, _SUM_IN_FLOAT32):
        least, most = _bounds(question, inner, slack)
        bias = inner.equation.bias
        for decimals in range(_MOST_DECIMALS + 1) if least.size else ():
            found = np.round(bias + (least + most) / 2, decimals)
            if ((found >= bias + least) & (found <= bias + most)).all():
                yield found


def sums(question: Question) -> Iterator[Sum]:
    """Yield the recurrent sums that can be read off what was printed, of itself or its function."""
    printed = question.printed
    for outer in question.equations:
        inner = question.equation(outer.reads[0][0]) if isinstance(outer, Applied) else None
        if not isinstance(inner, Affine) or not any(term.lag for term in inner.terms):
            continue
        assert isinstance(outer, Applied)
        inverse = _INVERSES.get(outer.activation.name)
        if inner.name in printed:
            yield Sum(inner, printed[inner.name], np.positive)
        elif outer.name in printed and inverse:
            yield Sum(inner, printed[outer.name], inverse)


def _bounds(question: Question, inner: Sum, slack: float) -> tuple[Array, Array]:
    """Return (H,) between which two vectors the offset of the bias is; empty if there is none."""
    nothing = np.empty(0), np.empty(0)
    low, high = _offsets(question, inner, slack)
    bounded = np.isfinite(low) & np.isfinite(high)
    if not bounded.any(axis=0).all():
        return nothing
    least, most = np.nanmax(low, axis=0), np.nanmin(high, axis=0)
    if (least > most).any() or not ((least > 0) | (most < 0)).any():
        return nothing
    width = np.max(high - low, axis=0, where=bounded, initial=np.finfo(np.float64).tiny)
    digits = np.log10(np.maximum(np.abs(least + most) / 2 / width, 1.0))
    agree = ((bounded.sum(axis=0) - 1) * digits).sum() >= _DIGITS
    return (least, most) if agree else nothing


def _offsets(question: Question, inner: Sum, slack: float) -> tuple[Array, Array]:
    """Return (T, H) between which two numbers the offset of each sum lies."""
    equation, printed, inverse = inner
    half = question.allowed(printed, printed.values)
    half += slack * np.maximum(np.abs(printed.values), 1.0)
    redone, spread = question.authored.redone[equation.name], question.rounding[equation.name]
    low, high = inverse(printed.values - half), inverse(printed.values + half)
    # beyond what the function reaches, nothing is known
    low = np.where(np.isnan(low) & printed.printed, -np.inf, low) - redone - spread
    high = np.where(np.isnan(high) & printed.printed, np.inf, high) - redone + spread
    return low, high
