"""The same equations in single precision, and how far a correct port in it may be off."""

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np

from rnncalc.arrays import Array
from rnncalc.network.equations import Equation, Rows, follow
from rnncalc.network.noise import Noise
from rnncalc.network.trace import Trace

_EPSILON = float(np.finfo(np.float32).eps)


def in_float32(equations: Sequence[Equation], start: Mapping[str, Array], x: Array) -> Rows:
    """Return the rows (T, n) of every quantity, calculated in float32."""
    single = [equation.changed(_single) for equation in equations]
    before = {name: _single(row) for name, row in start.items()}
    return follow(single, before, {"x": _single(x)})[0]


def float32_error(equations: Sequence[Equation], trace: Trace) -> Rows:
    """Return (T, 1), how far from `trace` another order of additions in float32 may come out.

    Four times our own error in float32 so far, or what moved sums drift apart if that is more, and
    four units in the last place.
    """
    single = in_float32(equations, trace.before, trace.x)
    moved = Noise(equations, trace, _EPSILON / 4).grown
    error: Rows = {}
    for name, rows in single.items():
        drift = np.abs(rows - trace[name]).max(axis=1, keepdims=True)
        size = np.maximum(np.abs(trace[name]).max(axis=1, keepdims=True), 1.0)
        grown = np.maximum(4 * np.maximum.accumulate(drift), moved[name])
        error[name] = grown + 4 * _EPSILON * size
    return error


def _single(array: Array) -> Array:
    # of its type only that it holds numbers is used
    return cast(Array, array.astype(np.float32))
