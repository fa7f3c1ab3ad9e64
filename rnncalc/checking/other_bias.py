"""Another b_h: the mistake that moves every pre-activation by the same vector.

PyTorch's cell has two biases, and a port that forgets one of them runs with another b_h. Which one
can be read off: what remains of each printed pre-activation, once the inputs and the state printed
before it are taken off, is the same in every step.
"""

from collections.abc import Callable, Iterator

import numpy as np

from rnncalc.arrays import Array
from rnncalc.checking.verdicts import Question
from rnncalc.numerals.printed import allowance

_INVERSES: dict[str, Callable[[Array], Array]] = {
    "tanh": np.arctanh,
    "sigmoid": lambda h: np.log(h) - np.log1p(-h),
    "linear": np.positive,
}
_DIGITS = 6.0  # of agreement between the steps, before it is none by chance
_SUM_IN_FLOAT32 = 16 * float(np.finfo(np.float32).eps)  # how far it is off, as far as it matters
_MOST_DECIMALS = 16


def other_biases(question: Question) -> Iterator[Array]:
    """Yield each b_h (H,) that agrees with the printed figures of every step, the shortest first.

    One that agrees with single steps need not give the whole run: that is still to be seen.
    """
    for slack in (0.0, _SUM_IN_FLOAT32):
        least, most = _bounds(question, slack)
        b_h = question.network.cell.b_h
        for decimals in range(_MOST_DECIMALS + 1) if least.size else ():
            bias = np.round(b_h + (least + most) / 2, decimals)
            if ((bias >= b_h + least) & (bias <= b_h + most)).all():
                yield bias


def _bounds(question: Question, slack: float) -> tuple[Array, Array]:
    """Return (H,) between which two vectors the offset of b_h is; empty where there is none."""
    nothing = np.empty(0), np.empty(0)
    low, high = _offsets(question, slack)
    bounded = np.isfinite(low) & np.isfinite(high)
    if not low.size or not bounded.any(axis=0).all():
        return nothing
    least, most = np.nanmax(low, axis=0), np.nanmin(high, axis=0)
    if (least > most).any() or not ((least > 0) | (most < 0)).any():
        return nothing
    width = np.max(high - low, axis=0, where=bounded, initial=np.finfo(np.float64).tiny)
    digits = np.log10(np.maximum(np.abs(least + most) / 2 / width, 1.0))
    agree = ((bounded.sum(axis=0) - 1) * digits).sum() >= _DIGITS
    return (least, most) if agree else nothing


def _state_half(question: Question, half: Array) -> Array:
    """Return (T, H) how far each state may be off, from how far the figures that are used may."""
    states = question.claims.get("h")
    if states is None:  # none of the three functions is steeper than 1
        return half
    return np.maximum(half, allowance(states, states.values, question.tolerance))


def _offsets(question: Question, slack: float) -> tuple[Array, Array]:
    """Return (T, H) between which two numbers the offset of each pre-activation lies."""
    cell, own = question.network.cell, question.authored.own
    name = "a" if "a" in question.claims else "h"
    inverse = np.positive if name == "a" else _INVERSES.get(cell.activation.name)
    if name not in question.claims or inverse is None:
        return np.empty((0, 0)), np.empty((0, 0))
    printed = question.claims[name]
    half = allowance(printed, printed.values, question.tolerance)
    half += slack * np.maximum(np.abs(printed.values), 1.0)
    spread = np.zeros_like(half)
    spread[1:] = np.nan_to_num(_state_half(question, half)[:-1], nan=np.inf) @ np.abs(cell.W_hh).T
    base = own.states[:-1] @ cell.W_hh.T + question.x @ cell.W_xh.T + cell.b_h
    low, high = inverse(printed.values - half), inverse(printed.values + half)
    # beyond what the function reaches, nothing is known
    low = np.where(np.isnan(low) & printed.printed, -np.inf, low) - base - spread
    high = np.where(np.isnan(high) & printed.printed, np.inf, high) - base + spread
    return low, high
