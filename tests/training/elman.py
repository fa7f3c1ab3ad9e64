"""Training of small networks with NumPy: backpropagation through time, and Adam.

It shares no code with rnncalc, which reads what comes out of it. Sequences of a batch are the
second axis: x is (T, B, D), h (T + 1, B, H) begins with the initial state, o is (T, B, K).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Positions = NDArray[np.int64]
Parameters = dict[str, Array]

SAMPLES = Path(__file__).parents[2] / "sample_configs"
DATA = Path(__file__).parents[1] / "data"


def initial(rng: np.random.Generator, inputs: int, hidden: int, outputs: int = 0) -> Parameters:
    """Return small random weights; W_hh is orthogonal, which keeps long memories trainable."""
    q, _ = np.linalg.qr(rng.normal(size=(hidden, hidden)))
    p = {
        "wxh": rng.normal(size=(hidden, inputs)) * 0.5,
        "whh": q * 0.9,
        "bh": np.zeros(hidden),
    }
    if outputs:
        p |= {"why": rng.normal(size=(outputs, hidden)) * 0.3, "by": np.zeros(outputs)}
    return p


def run(p: Parameters, x: Array, h0: Array | None = None) -> tuple[Array, Array]:
    """Return the states h (T + 1, B, H) and, where there is a readout, o (T, B, K)."""
    steps, batch = x.shape[:2]
    h = np.zeros((steps + 1, batch, len(p["whh"])))
    if h0 is not None:
        h[0] = h0
    free = x @ p["wxh"].T + p["bh"]
    for t in range(steps):
        h[t + 1] = np.tanh(free[t] + h[t] @ p["whh"].T)
    return h, h[1:] @ p["why"].T + p["by"] if "why" in p else np.empty(0)


def backward(p: Parameters, x: Array, h: Array, do: Array | None, dh: Array | None) -> Parameters:
    """Return the gradients of the weights, and those of `x` and `h0`.

    Args:
        p: the weights.
        x: (T, B, D), the inputs.
        h: (T + 1, B, H), the states.
        do: (T, B, K), dL/do_t, or None where there is no readout.
        dh: (T, B, H), what is added to dL/dh_t from outside, or None.
    """
    into = np.zeros_like(h[1:]) if dh is None else dh
    grads: Parameters = {}
    if do is not None:
        into = into + do @ p["why"]
        grads = {"why": np.einsum("tbk,tbh->kh", do, h[1:]), "by": do.sum(axis=(0, 1))}
    da, carried = np.empty_like(h[1:]), np.zeros_like(h[0])
    for t in reversed(range(len(x))):
        da[t] = (into[t] + carried) * (1 - h[t + 1] ** 2)
        carried = da[t] @ p["whh"]
    grads["wxh"] = np.einsum("tbh,tbd->hd", da, x)
    grads["whh"] = np.einsum("tbh,tbg->hg", da, h[:-1])
    return grads | {"bh": da.sum(axis=(0, 1)), "x": da @ p["wxh"], "h0": carried}


def softmax(o: Array) -> Array:
    e: Array = np.exp(o - o.max(axis=-1, keepdims=True))
    total: Array = e.sum(axis=-1, keepdims=True)
    return e / total


def cross_entropy(o: Array, target: Positions, weight: Array) -> tuple[float, Array]:
    """Return the weighted sum of -ln p(target) over (T, B), and its gradient (T, B, K)."""
    y = softmax(o)
    hit = np.eye(o.shape[-1])[target]
    loss = -float((np.log((y * hit).sum(axis=-1)) * weight).sum())
    return loss, (y - hit) * weight[..., None]


def adam(
    p: Parameters,
    gradients: Callable[[Parameters, int], Mapping[str, Array]],
    iterations: int,
    rate: float,
    decay: float = 0.0,
) -> Parameters:
    """Return the weights after Adam; the rate falls to zero along half a cosine.

    Args:
        p: the weights to begin with.
        gradients: those of a batch, from the weights and the number of the iteration.
        iterations: how many.
        rate: at the start.
        decay: how much of rate * weight is taken away in each iteration.
    """
    p = {key: value.copy() for key, value in p.items()}
    m = {key: np.zeros_like(value) for key, value in p.items()}
    v = {key: np.zeros_like(value) for key, value in p.items()}
    for n in range(1, iterations + 1):
        now = rate * (1 + math.cos(math.pi * n / iterations)) / 2
        found = gradients(p, n)
        norm = math.sqrt(sum(float((found[key] ** 2).sum()) for key in p))
        for key, value in [*p.items()]:
            g = found[key] / max(1.0, norm / 5)  # long sequences: the norm is clipped at 5
            m[key] = 0.9 * m[key] + 0.1 * g
            v[key] = 0.999 * v[key] + 0.001 * g * g
            step = m[key] / (1 - 0.9**n) / (np.sqrt(v[key] / (1 - 0.999**n)) + 1e-8)
            p[key] = value - now * (step + decay * value)
    return p


def padded(texts: Sequence[Sequence[int]], fill: int) -> tuple[Positions, Array]:
    """Return positions (T, B) of sequences of different lengths, and 1.0 until each ends."""
    steps = max(map(len, texts))
    positions = np.full((steps, len(texts)), fill)
    inside = np.zeros((steps, len(texts)))
    for b, text in enumerate(texts):
        positions[: len(text), b] = text
        inside[: len(text), b] = 1.0
    return positions, inside


def rounded(p: Parameters, decimals: int) -> Parameters:
    # adding 0.0 turns -0.0 into 0.0
    return {key: value.round(decimals) + 0.0 for key, value in p.items()}


def toml(name: str, array: Array) -> str:
    """Return `name = [...]`, one row per line; numbers without needless zeros."""
    if array.ndim == 1:
        return f"{name} = {_row(array)}\n"
    rows = ",\n".join(map(_row, array))
    return f"{name} = [\n{rows},\n]\n"


def _row(row: Array) -> str:
    return f"[{','.join(f'{value:.12g}' for value in row)}]"


def weights(p: Parameters) -> str:
    """Return the weights in TOML, in the order of a step."""
    keys = ("wxh", "whh", "bh", "why", "by")
    return "".join(toml(key, p[key]) for key in keys if key in p)
