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
from rnncalc.checking.mistakes import Case, function_of, recurrent_states, recurrent_sums
from rnncalc.checking.question import Question
from rnncalc.checking.report import Cause
from rnncalc.network.equations import Affine, Bias, Term
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
        if bounds := _bounds(question, inner, slack):
            least, most = (inner.equation.bias + bound for bound in bounds)
            for decimals in range(_MOST_DECIMALS + 1):
                found = np.round((least + most) / 2, decimals)
                if ((found >= least) & (found <= most)).all():
                    yield found


def _sums(question: Question) -> Iterator[Sum]:
    """Yield the recurrent sums that can be read off what was printed, of itself or its function."""
    printed = question.printed
    for inner, recurrent in recurrent_sums(question.equations):
        outer = function_of(inner, question.equations)
        inverse = _INVERSES.get(outer.activation.name)
        if inner.name in printed:
            yield Sum(inner, recurrent, printed[inner.name], np.positive)
        elif outer.name in printed and inverse:
            yield Sum(inner, recurrent, printed[outer.name], inverse)


def _bounds(question: Question, inner: Sum, slack: float) -> tuple[Array, Array] | None:
    """Return (H,) between which two vectors the offset of the bias is, if the steps agree on it."""
    low, high = _offsets(question, inner, slack)
    bounded = np.isfinite(low) & np.isfinite(high)
    if not bounded.any(axis=0).all():
        return None
    least, most = low.max(axis=0), high.min(axis=0)
    width = np.max(high - low, axis=0, where=bounded, initial=np.finfo(np.float64).tiny)
    digits = np.log10(np.maximum(np.abs(least + most) / 2 / width, 1.0))
    agree = ((bounded.sum(axis=0) - 1) * digits).sum() >= _DIGITS
    return (least, most) if agree else None


def _offsets(question: Question, inner: Sum, slack: float) -> tuple[Array, Array]:
    """Return (T, H) between which two numbers the offset of each sum lies."""
    equation, _, printed, inverse = inner
    half = question.allowed(printed, printed.values)
    half += slack * np.maximum(np.abs(printed.values), 1.0)
    redone, spread = question.authored.redone[equation.name], question.rounding[equation.name]
    low, high = inverse(printed.values - half), inverse(printed.values + half)
    # beyond what the function reaches, and where nothing is printed, nothing is known
    low = np.where(np.isnan(low), -np.inf, low) - redone - spread
    high = np.where(np.isnan(high), np.inf, high) - redone + spread
    return low, high


def _starts(question: Question, inner: Sum) -> Iterator[Array]:
    """Yield the shortest state before step 1 (H,) that gives the first printed sum, if any.

    It must be so short that chance does not give it.
    """
    W = inner.recurrent.weight
    low, high = (rows[0] for rows in _offsets(question, inner, 0.0))
    if not np.isfinite(high - low).all() or np.linalg.matrix_rank(W) < len(W):
        return
    inverted = np.linalg.inv(W)
    found = question.start[inner.recurrent.source] + inverted @ (low + high) / 2
    width = np.abs(inverted) @ (high - low)
    for decimals in range(_MOST_DECIMALS):
        short = np.round(found, decimals)
        if (np.abs(short - found) <= width).all():
            if (width * 10.0 ** (decimals + 2)).max() < 1:  # one in a hundred by chance
                yield short
            return


def _factors(question: Question, inner: Sum) -> Iterator[float]:
    """Yield the factors of the inputs that agree with the printed sums, the simplest first."""
    equation, _, printed, inverse = inner
    x_terms = [term for term in equation.terms if term.source == "x"]
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
        yield from simple
