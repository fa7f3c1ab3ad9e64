"""Independent derivatives: central differences of a loss that lists and loops calculate."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from plain_loop import F, affine, softmax
from rnncalc.arrays import Array

Row = Sequence[float]

LOSSES: dict[str, Callable[[Row, Row], float]] = {
    "half_squared_error": lambda y, t: sum((a - b) ** 2 for a, b in zip(y, t, strict=True)) / 2,
    "squared_error": lambda y, t: sum((a - b) ** 2 for a, b in zip(y, t, strict=True)),
    "cross_entropy": lambda y, t: -sum(b * math.log(a) for a, b in zip(y, t, strict=True) if b),
    "binary_cross_entropy": lambda y, t: (
        -sum(b * math.log(a) + (1 - b) * math.log(1 - a) for a, b in zip(y, t, strict=True))
    ),
}


def states(weights: dict[str, Array], f: str, h: Row, x: Sequence[Row], suffix: str) -> list[Row]:
    """Return the states of one cell over the steps of x, in the order in which it reads them."""
    found: list[Row] = []
    for x_t in x:
        W, R = weights[f"wxh{suffix}"], weights[f"whh{suffix}"]
        bias = sum(weights[b + suffix] for b in ("bh", "bxh", "bhh") if b + suffix in weights)
        h = [
            F[f](a) for a in affine(np.hstack((W, R)).tolist(), [*x_t, *h], [*(bias + 0 * W[:, 0])])
        ]
        found.append(h)
    return found


def outputs(weights: dict[str, Array], g: str | None, h: Sequence[Row]) -> list[Row]:
    if g is None:
        return [*h]
    by = weights.get("by", np.zeros(len(weights["why"]))).tolist()
    logits = [affine(weights["why"].tolist(), row, by) for row in h]
    return [softmax(o) if g == "softmax" else [F[g](a) for a in o] for o in logits]


def total(
    y: Sequence[Row], targets: Sequence[Row | None], loss: str, reduction: str = "sum"
) -> float:
    pairs = [(row, t) for row, t in zip(y, targets, strict=True) if t is not None]
    value = math.fsum(LOSSES[loss](*pair) for pair in pairs)
    return value / len(pairs) if reduction == "mean" else value


def differences(
    weights: dict[str, Array], calculate: Callable[[dict[str, Array]], float], step: float = 1e-5
) -> dict[str, Array]:
    """Return dL/dW of each weight by central differences of the fourth order."""
    found = {}
    for key, array in weights.items():
        found[key] = np.empty_like(array)
        for at in np.ndindex(array.shape):

            def moved(
                by: float, key: str = key, array: Array = array, at: tuple[int, ...] = at
            ) -> float:
                other = array.copy()
                other[at] += by
                return calculate({**weights, key: other})

            near, far = moved(step) - moved(-step), moved(2 * step) - moved(-2 * step)
            found[key][at] = (8 * near - far) / (12 * step)
    return found
