"""Mistakes that can be read off what was printed: another b_h, another h_0, scaled inputs.

PyTorch's cell has two biases, and a port that forgets one of them runs with another b_h. Subtract
W_xh x and W_hh h from each printed pre-activation: if the remainder is the same at every step, it
is the bias that was used. What remains of the first step is from h_0, and what remains of W_xh x in
the same proportion everywhere is a factor of the inputs.
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


def other_starts(question: Question, inner: Sum) -> Iterator[Array]:
    """Yield the shortest state before step 1 (H,) that gives the first printed sum, if any.

    It must be so short that chance does not give it.
    """
    equation, printed, inverse = inner
    (recurrent,) = (term for term in equation.terms if term.lag)
    first = printed.at(slice(0, 1))
    half = question.allowed(first, first.values)
    with np.errstate(all="ignore"):
        sums_ = inverse(np.array([first.values - half, first.values, first.values + half]))[:, 0]
    if not np.isfinite(sums_).all() or np.linalg.matrix_rank(recurrent.weight) < len(sums_[1]):
        return
    start = question.start[recurrent.source]
    known = question.authored.redone[equation.name][0] - recurrent.weight @ start
    inverted = np.linalg.inv(recurrent.weight)
    found, width = inverted @ (sums_[1] - known), np.abs(inverted) @ (sums_[2] - sums_[0])
    for decimals in range(_MOST_DECIMALS):
        short = np.round(found, decimals)
        if (np.abs(short - found) <= width).all() and not np.array_equal(short, start):
            if (width * 10.0 ** (decimals + 2)).max() < 1:  # one in a hundred by chance
                yield short
            return


def input_factors(question: Question, inner: Sum) -> Iterator[float]:
    """Yield the factors of the inputs that agree with the printed sums, the simplest first."""
    equation, printed, inverse = inner
    x_terms = [term for term in equation.terms if term.source == "x"]
    with np.errstate(all="ignore"):
        sums_ = inverse(printed.values)
    given = sum((question.x @ term.weight.T for term in x_terms), np.zeros_like(sums_))
    rest = sums_ - (question.authored.redone[equation.name] - given)
    usable = np.isfinite(rest) & (given != 0)
    if not usable.any():
        return
    factor = float((rest * given)[usable].sum() / (given[usable] ** 2).sum())
    if factor and np.isfinite(factor):
        simple = [float(f"{factor:.{n}g}") for n in (1, 2, 3)]
        yield from dict.fromkeys(
            [*simple, *(1 / round(1 / factor, n) for n in (0, 1) if round(1 / factor, n))]
        )
