"""An independent forward pass: lists and loops, as the equations are written, and no NumPy."""

import math
from collections.abc import Callable, Sequence

Vector = Sequence[float]
Matrix = Sequence[Sequence[float]]

F: dict[str, Callable[[float], float]] = {
    "tanh": math.tanh,
    "relu": lambda a: a if a > 0 else 0.0,
    "sigmoid": lambda a: 1 / (1 + math.exp(-a)) if a >= 0 else math.exp(a) / (1 + math.exp(a)),
    "linear": lambda a: a,
    "step": lambda a: 1.0 if a >= 0 else 0.0,
    "step0": lambda a: 1.0 if a > 0 else 0.0,
    "relu6": lambda a: min(max(a, 0.0), 6.0),
    # Klambauer et al., Self-Normalizing Neural Networks (2017), appendix A1.1
    "selu": lambda a: 1.0507009873554805 * (a if a > 0 else 1.6732632423543772 * math.expm1(a)),
    "softplus": lambda a: max(a, 0.0) + math.log1p(math.exp(-abs(a))),
    "softsign": lambda a: a / (1 + abs(a)),
    "elu": lambda a: a if a > 0 else math.expm1(a),
    "hard_tanh": lambda a: -1.0 if a < -1 else 1.0 if a > 1 else a,
}


def softmax(o: Vector) -> list[float]:
    exponentials = [math.exp(value - max(o)) for value in o]
    return [e / math.fsum(exponentials) for e in exponentials]


def affine(W: Matrix, v: Vector, b: float | Vector) -> list[float]:
    biases = [b] * len(W) if isinstance(b, int | float) else b
    return [
        math.fsum([*(w * u for w, u in zip(row, v, strict=True)), c])
        for row, c in zip(W, biases, strict=True)
    ]


def recur(
    W_xh: Matrix, W_hh: Matrix, b_h: Vector, f: str, h: Vector, x: Matrix
) -> list[list[list[float]]]:
    """Return [a_t, h_t] of each step."""
    steps = []
    for x_t in x:
        joined = [[*wx, *wh] for wx, wh in zip(W_xh, W_hh, strict=True)]
        a = affine(joined, [*x_t, *h], b_h)
        h = [F[f](value) for value in a]
        steps.append([a, h])
    return steps
