"""A stack, step by step: a loop of its own to hold descriptions of files against."""

import numpy as np
from numpy.typing import NDArray

from rnncalc.network.cells import Cell
from rnncalc.reading.weights.described import Described

Rows = NDArray[np.float64]


def direction(cell: Cell, x: Rows, start: Rows | None, *, reverse: bool) -> Rows:
    H = cell.W_hh.shape[0]
    bias = sum((b for b in (cell.b_h, cell.b_xh, cell.b_hh) if b is not None), np.zeros(H))
    h = np.zeros(H) if start is None else start
    found = np.zeros((len(x), H))
    for t in reversed(range(len(x))) if reverse else range(len(x)):
        h = cell.activation(cell.W_xh @ x[t] + cell.W_hh @ h + bias)
        found[t] = h
    return found


def run(described: Described, x: Rows) -> dict[str, Rows]:
    """Return every h_l0, h_l0_reverse, ..., the merged h, and y_NAME, which is one row if final."""
    starts = [] if described.start is None else list(described.start)
    found: dict[str, Rows] = {}
    for dense in described.before:
        x = dense.activation(x @ dense.W_hy.T + (0 if dense.b_y is None else dense.b_y))
    last = x[-1:]
    for k, layer in enumerate(described.layers):
        parts, ends = [], []
        for cell, reverse in ((layer.forward, False), (layer.reverse, True)):
            if cell is not None:
                start = starts.pop(0) if starts else None
                part = direction(cell, x, start, reverse=reverse)
                found[f"h_l{k}" + "_reverse" * reverse] = part
                parts.append(part)
                ends.append(part[:1] if reverse else part[-1:])
        x, last = (merged(each, layer.merge) for each in (parts, ends))
    found["h"] = x = last if described.final else x
    for dense in described.after:
        x = dense.activation(x @ dense.W_hy.T + (0 if dense.b_y is None else dense.b_y))
        found[f"y_{dense.name}"] = x
    found["y"] = x
    return found


def merged(parts: list[Rows], merge: str) -> Rows:
    if merge == "concat" or len(parts) == 1:
        return np.concatenate(parts, axis=1)
    both = {"sum": parts[0] + parts[1], "mul": parts[0] * parts[1]}
    return {**both, "ave": (parts[0] + parts[1]) / 2}[merge]
