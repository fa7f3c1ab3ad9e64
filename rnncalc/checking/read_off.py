"""Mistakes that can be read off what was printed: another b_h, another h_0, scaled inputs.

PyTorch's cell has two biases, and a port that forgets one of them runs with another b_h. Subtract
W_xh x and W_hh h from each printed pre-activation: if the remainder is the same at every step, it
is the bias that was used. What remains of the first step is from h_0, and what remains of W_xh x in
the same proportion everywhere is a factor of the inputs.

Each is what agrees with single steps. Whether it gives the whole run is still to be seen.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from rnncalc.arrays import Array
from rnncalc.checking.mistakes import Case, recurrent_states, recurrent_term
from rnncalc.checking.question import Question
from rnncalc.checking.report import Cause
from rnncalc.network.equations import Affine, Applied, Bias, Term
from rnncalc.numerals.printed import Printed
from rnncalc.numerals.rounding import plain

_INVERSES: dict[str, Callable[[Array], Array]] = {
    "tanh": np.arctanh,
    "sigmoid": lambda h: np.log(h) - np.log1p(-h),
    "linear": np.positive,
    "softsign": lambda h: h / (1 - np.abs(h)),
    "relu": lambda h: np.where(h > 0, h, np.nan),  # of 0, the sum may be anything below
    "elu": lambda h: np.where(h > 0, h, np.log1p(h)),
    "softplus": lambda h: np.log(np.expm1(h)),
}
_SOME = 3  # values: some factor fits any two
_FACTORS = (1 / 255, 1 / 256, 1 / 100, 1 / 10, 1 / 2, 2, 10, 100)  # tried whatever is printed
_DIGITS = 6.0  # on which the steps must agree before chance is ruled out
_SUM_IN_FLOAT32 = 16 * float(np.finfo(np.float32).eps)  # how far it is off, as far as it matters
_MOST_DECIMALS = 16


class Sum(NamedTuple):
    """A recurrent sum, what was printed of it, and how to get from there to the sum."""

    equation: Affine
    recurrent: Term
    printed: Printed
    inverse: Callable[[Array], Array]


def other_biases(question: Question, case: Case) -> Iterator[tuple[Cause, Case]]:
    """Yield the cases with another bias."""
    for inner in _sums(question):
        equation, key = inner.equation, f"b{inner.recurrent.key[2:]}"
        for vector in _biases(question, inner):
            bias = Bias(equation.biases[0].key if equation.biases else key, vector)
            symbol = " + ".join(each.symbol for each in equation.biases) or bias.symbol
            cause = Cause(f"{bias.key}-missing", f"{symbol} left out")
            if vector.any():
                cause = Cause(f"{bias.key}-other", f"another {symbol}: {_listed(vector)}")
            yield cause, case.with_equations(replace(equation, biases=(bias,)))


def other_starts(question: Question, case: Case) -> Iterator[tuple[Cause, Case]]:
    """Yield the cases with another state before step 1."""
    for inner in _sums(question):
        for start in _starts(question, inner):
            other = replace(case, start={**case.start, inner.recurrent.source: start})
            yield Cause("h0-other", f"another h_0: {_listed(start)}"), other
    for state in recurrent_states(case.equations):
        ones = np.ones(state.size)
        other = replace(case, start={**case.start, state.name: ones})
        yield Cause("h0-other", f"another h_0: {_listed(ones)}"), other


def scaled_inputs(question: Question, case: Case) -> Iterator[tuple[Cause, Case]]:
    """Yield the cases with scaled inputs."""
    found = [factor for inner in _sums(question) for factor in _factors(question, inner)]
    for factor in dict.fromkeys([*found, *_FACTORS]):
        cause = Cause("inputs-scaled", f"the inputs scaled by {_by(factor)}")
        yield cause, case.reading(factor * case.x)


def _by(factor: float) -> str:
    """Return a factor as a number or as 1/n, whichever is shorter."""
    number, inverse = f"{factor:g}", f"{1 / factor:g}"
    return f"1/{inverse}" if abs(factor) < 1 and len(inverse) <= len(number) else number


def _listed(vector: Array) -> str:
    texts = [plain(value) for value in vector.tolist()]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def _biases(question: Question, inner: Sum) -> Iterator[Array]:
    """Yield each bias (H,) that agrees with what is printed in every step, the shortest first."""
    for slack in (0.0, _SUM_IN_FLOAT32):
        least, most = _bounds(question, inner, slack)
        bias = inner.equation.bias
        for decimals in range(_MOST_DECIMALS + 1) if least.size else ():
            found = np.round(bias + (least + most) / 2, decimals)
            if ((found >= bias + least) & (found <= bias + most)).all():
                yield found


def _sums(question: Question) -> Iterator[Sum]:
    """Yield the recurrent sums that can be read off what was printed, of itself or its function."""
    printed = question.printed
    for outer in question.equations:
        inner = question.equation(outer.source) if isinstance(outer, Applied) else None
        recurrent = recurrent_term(inner)
        if not (isinstance(outer, Applied) and isinstance(inner, Affine) and recurrent):
            continue
        inverse = _INVERSES.get(outer.activation.name)
        if inner.name in printed:
            yield Sum(inner, recurrent, printed[inner.name], np.positive)
        elif outer.name in printed and inverse:
            yield Sum(inner, recurrent, printed[outer.name], inverse)


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
    equation, _, printed, inverse = inner
    half = question.allowed(printed, printed.values)
    half += slack * np.maximum(np.abs(printed.values), 1.0)
    redone, spread = question.authored.redone[equation.name], question.rounding[equation.name]
    low, high = inverse(printed.values - half), inverse(printed.values + half)
    # beyond what the function reaches, nothing is known
    low = np.where(np.isnan(low) & printed.printed, -np.inf, low) - redone - spread
    high = np.where(np.isnan(high) & printed.printed, np.inf, high) - redone + spread
    return low, high


def _starts(question: Question, inner: Sum) -> Iterator[Array]:
    """Yield the shortest state before step 1 (H,) that gives the first printed sum, if any.

    It must be so short that chance does not give it.
    """
    equation, recurrent, printed, inverse = inner
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


def _factors(question: Question, inner: Sum) -> Iterator[float]:
    """Yield the factors of the inputs that agree with the printed sums, the simplest first."""
    equation, _, printed, inverse = inner
    x_terms = [term for term in equation.terms if term.source == "x"]
    with np.errstate(all="ignore"):
        sums_ = inverse(printed.values)
    given = sum((question.x @ term.weight.T for term in x_terms), np.zeros_like(sums_))
    rest = sums_ - (question.authored.redone[equation.name] - given)
    usable = np.isfinite(rest) & (given != 0)
    if usable.sum() < _SOME:
        return
    factor = float((rest * given)[usable].sum() / (given[usable] ** 2).sum())
    if factor and np.isfinite(factor):
        parts = [1 / round(1 / factor, n) for n in (0, 1) if round(1 / factor, n)]
        digits = [float(f"{factor:.{n}g}") for n in (1, 2, 3)]
        simple = [*parts[:1], *digits, *parts[1:]] if abs(factor) < 1 else [*digits, *parts]
        yield from (each for each in dict.fromkeys(simple) if each != 1)
