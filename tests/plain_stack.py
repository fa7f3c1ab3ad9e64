"""A stack, step by step: a loop of its own to hold descriptions of files against."""

import numpy as np
from numpy.typing import NDArray

from rnncalc.reading.weights.parts import Described, Half

Rows = NDArray[np.float64]


def direction(half: Half, x: Rows, start: Rows | None, *, reverse: bool) -> Rows:
    H = half.W_hh.shape[0]
    bias = sum((b for b in (half.b_h, half.b_xh, half.b_hh) if b is not None), np.zeros(H))
    h = np.zeros(H) if start is None else start
    found = np.zeros((len(x), H))
    assert half.activation is not None
    for t in reversed(range(len(x))) if reverse else range(len(x)):
        h = half.activation(half.W_xh @ x[t] + half.W_hh @ h + bias)
        found[t] = h
    return found


def run(described: Described, x: Rows) -> dict[str, Rows]:
    """Return every h_l0, h_l0_reverse, ..., the merged h, and y_NAME, which is one row if final."""
    starts = list(described.start or ())
    found: dict[str, Rows] = {}
    for dense in described.before:
        assert dense.activation is not None
        x = dense.activation(x @ dense.W.T + (0 if dense.b is None else dense.b))
    last = x[-1:]
    for k, level in enumerate(described.levels):
        parts, ends = [], []
        for half, reverse in ((level.forward, False), (level.reverse, True)):
            if half is not None:
                start = starts.pop(0) if starts else None
                part = direction(half, x, start, reverse=reverse)
                found[f"h_l{k}" + "_reverse" * reverse] = part
                parts.append(part)
                ends.append(part[:1] if reverse else part[-1:])
        x, last = (merged(each, level.merge) for each in (parts, ends))
    found["h"] = x = last if described.final else x
    for dense in described.after:
        assert dense.activation is not None
        x = dense.activation(x @ dense.W.T + (0 if dense.b is None else dense.b))
        found[f"y_{dense.name}"] = x
    found["y"] = x
    return found


def merged(parts: list[Rows], merge: str) -> Rows:
    if merge == "concat" or len(parts) == 1:
        return np.concatenate(parts, axis=1)
    both = {"sum": parts[0] + parts[1], "mul": parts[0] * parts[1]}
    return {**both, "ave": (parts[0] + parts[1]) / 2}[merge]
