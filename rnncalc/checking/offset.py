"""Another b_h: the mistake that moves every pre-activation by the same vector.

PyTorch's cell has two biases, and a port that forgets one of them runs with another b_h. Which one
can be read off: what remains of each printed pre-activation, once the inputs and the state printed
before it are taken off, is the same in every step.
"""

from collections.abc import Callable

import numpy as np

from rnncalc.checking.figures import allowance
from rnncalc.checking.marking import Question
from rnncalc.checking.report import Cause
from rnncalc.network.activations import Array
from rnncalc.rounding import plain

_INVERSES: dict[str, Callable[[Array], Array]] = {
    "tanh": np.arctanh,
    "sigmoid": lambda h: np.log(h) - np.log1p(-h),
    "linear": np.positive,
}
_DIGITS = 6.0  # of agreement between the steps, before it is none by chance
_FLOAT32 = 16 * float(np.finfo(np.float32).eps)  # a sum in float32, as far as it matters here


def other_bias(question: Question) -> tuple[Cause, ...]:
    """Return the cause that b_h is another, where that explains every printed figure."""
    for slack in (0.0, _FLOAT32) if question.tolerance is None else (0.0,):
        bias = _bias(question, slack)
        if bias and _outputs_follow(question, slack):
            return (Cause("bh-other", f"another b_h: {bias}"),)
    return ()


def _outputs_follow(question: Question, slack: float) -> bool:
    """Return whether o and y, and h where a is printed, follow from what is printed before them."""
    names = {"o", "y"} | ({"h"} if "a" in question.claims else set())
    readout = question.network.readout
    gain = 1.0 if readout is None else max(1.0, float(np.abs(readout.W_hy).sum(axis=1).max()))
    for name, printed in question.claims.items():
        follows = question.redone.rows(name)
        # what it follows from was rounded as it was
        rounding = gain * allowance(printed, follows, question.tolerance)
        size = slack * np.maximum(np.abs(follows).max(axis=1, keepdims=True), 1.0)
        fit = question.fits(name, follows, rounding + size)
        if name in names and not (fit | ~printed.printed).all():
            return False
    return True


def _bias(question: Question, slack: float) -> str:
    """Return the b_h that agrees with every step, as far as it is known, or nothing."""
    low, high = _offsets(question, slack)
    bounded = np.isfinite(low) & np.isfinite(high)
    if not low.size or not bounded.any(axis=0).all():
        return ""
    least, most = np.nanmax(low, axis=0), np.nanmin(high, axis=0)
    if (least > most).any() or not ((least > 0) | (most < 0)).any():
        return ""
    middle = (least + most) / 2
    width = np.max(high - low, axis=0, where=bounded, initial=0.0)
    digits = np.log10(np.maximum(np.abs(middle) / width, 1.0))
    if ((bounded.sum(axis=0) - 1) * digits).sum() < _DIGITS:
        return ""
    decimals = max(0, int(np.floor(-np.log10(float((most - least).max())))))
    bias = (question.network.cell.b_h + middle).tolist()
    texts = [plain(round(value, decimals)) for value in bias]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


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
