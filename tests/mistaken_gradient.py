"""An independent backward pass, with a mistake put in where one is wanted, and what `check` says.

Random networks of one layer, of two, and of two directions, by the loop of a beginner.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from rnncalc.arrays import Array
from rnncalc.checking.check import check
from rnncalc.checking.report import Report
from rnncalc.network.audit import Audit
from rnncalc.network.backward import Backward
from rnncalc.network.cells import Cell, Layer, Readout
from rnncalc.network.losses import LOSSES
from rnncalc.network.model import Network
from rnncalc.network.objective import with_targets
from rnncalc.numerals.number import Written
from rnncalc.numerals.printed import AllPrinted, printed_rows

Rows = dict[str, Array]
SHAPES = ("one layer", "two layers", "two directions")
DECIMALS, RATE = 5, 0.1


@dataclass(frozen=True)
class Setup:
    """A network as plain arrays, and what it should have said.

    Attributes:
        cells: W_xh, W_hh and b_h by the suffix of their names; a direction that reads backwards has
            a suffix that ends in `reverse`.
        target: (T, K), rows of NaN where there is none.
    """

    cells: dict[str, tuple[Array, Array, Array]]
    W_hy: Array
    b_y: Array
    x: Array
    target: Array
    f: str = "tanh"
    g: str = "linear"
    loss: str = "half_squared_error"
    mean: bool = False
    layers: tuple[tuple[str, ...], ...] = (("",),)


def random_setup(rng: np.random.Generator, shape: str) -> Setup:
    """Return a network with weights of two decimals."""
    D, H, K, T = (int(rng.integers(low, 5)) for low in (1, 1, 1, 3))
    g = str(rng.choice(["linear", "sigmoid", "softmax"]))
    K = max(K, 2) if g == "softmax" else K

    def some(*size: int) -> Array:
        return rng.normal(0, 0.8, size).round(2)

    layers = {
        "one layer": (("",),),
        "two layers": (("_l0",), ("_l1",)),
        "two directions": (("_l0", "_l0_reverse"),),
    }[shape]
    cells, below = dict[str, tuple[Array, Array, Array]](), D
    for suffixes in layers:
        cells |= {suffix: (some(H, below), some(H, H), some(H)) for suffix in suffixes}
        below = H * len(suffixes)
    target = _targets(rng, g, T, K)
    own = {"linear": "half_squared_error", "sigmoid": "binary_cross_entropy"}.get(
        g, "cross_entropy"
    )
    loss = str(rng.choice([own, own, "half_squared_error", "squared_error"]))
    f, mean = str(rng.choice(["tanh", "tanh", "sigmoid", "relu"])), bool(rng.random() < 0.3)
    return Setup(cells, some(K, below), some(K), some(T, D), target, f, g, loss, mean, layers)


def _targets(rng: np.random.Generator, g: str, T: int, K: int) -> Array:
    target = rng.normal(0, 1, (T, K)).round(1)
    if g == "softmax":
        target = np.eye(K)[rng.integers(K, size=T)]
    elif g == "sigmoid":
        target = rng.integers(2, size=(T, K)).astype(np.float64)
    at = rng.choice(["each", "last", "some"])
    if at == "last":
        target[:-1] = np.nan
    elif at == "some":
        target[rng.random(T) < 0.4] = np.nan
        target[-1] = np.where(np.isnan(target[-1]), 0.0, target[-1])
        target[-1, 0] = 1.0 if np.isnan(target[-1]).any() or not target[-1].any() else target[-1, 0]
    return target


F: dict[str, Any] = {
    "tanh": (np.tanh, lambda a: 1 - np.tanh(a) ** 2, lambda a: 1 - a**2),
    "sigmoid": (
        lambda a: 1 / (1 + np.exp(-a)),
        lambda a: np.exp(-a) / (1 + np.exp(-a)) ** 2,
        lambda a: a * (1 - a),
    ),
    "relu": (lambda a: np.maximum(a, 0), lambda a: (a > 0) * 1.0, None),
}


def run(s: Setup, wrong: str = "", ahead: str = "") -> Rows:
    """Return every value of both passes, by the loop of a beginner.

    Args:
        s: the network.
        wrong: the mistake in the backward pass, one of `IDS`.
        ahead: that in the forward pass.
    """
    rows, inputs = _forward(s, ahead)
    goal = _goal(s, wrong)
    has = _has(goal)
    _seed(s, rows, goal, has, wrong)
    W = s.W_hy if wrong == "why-not-transposed" else s.W_hy.T
    grads = dict[str, Array]()
    grads |= {"why": _outer(rows["do"], inputs["y"]), "by": rows["do"]}
    above = rows["do"] @ W.T
    if len(s.layers) > 1 or len(s.layers[0]) > 1:
        rows["dh"] = above
    for suffixes in reversed(s.layers):
        parts = np.split(above, len(suffixes), axis=1)
        below = np.zeros_like(inputs[suffixes[0]])
        for suffix, part in zip(suffixes, parts, strict=True):
            below = below + _through(s, rows, grads, inputs[suffix], (suffix, part), wrong)
        above = below
    rows["dx"] = above
    _finish(s, rows, grads, wrong)
    return rows


def _forward(s: Setup, wrong: str) -> tuple[Rows, Rows]:
    f, rows, inputs, below = F[s.f][0], dict[str, Array](), dict[str, Array](), s.x
    for suffixes in s.layers:
        states = []
        for suffix in suffixes:
            W, R, b = s.cells[suffix]
            R = R.T if wrong == "whh-transposed" else R
            b = 0 * b if wrong == "bh-missing" else b
            order = [*range(len(below))][:: _direction(suffix)]
            a, h, state = np.zeros((len(below), len(b))), np.zeros((len(below), len(b))), 0 * b
            for t in order:
                a[t] = W @ below[t] + R @ state + b
                state = h[t] = f(a[t])
            rows |= {f"a{suffix}": a, f"h{suffix}": h}
            inputs[suffix] = below
            states.append(h)
        below = np.hstack(states)
    rows["h"] = inputs["y"] = below
    rows["o"] = below @ s.W_hy.T + (0 if wrong == "by-missing" else s.b_y)
    rows["y"] = _output(s.g, rows["o"])
    return rows, inputs


def _direction(suffix: str) -> int:
    return -1 if suffix.endswith("reverse") else 1


def _output(g: str, o: Array) -> Array:
    if g == "softmax":
        e = np.exp(o)
        return np.asarray(e / e.sum(axis=1, keepdims=True))
    return np.asarray(F[g][0](o)) if g in F else o


def _goal(s: Setup, wrong: str) -> Array:
    """Return the targets that are compared with, those of another step for one mistake."""
    goal = s.target
    if wrong.startswith("other-target"):
        by = 1 if "before" in wrong else -1
        goal = np.roll(goal, by, axis=0)
        if "around" not in wrong:
            goal[0 if by > 0 else -1] = np.nan
    return goal


def _has(target: Array) -> Any:
    """Return (T,), whether a step has a target."""
    return ~np.isnan(target).any(axis=1)


def _seed(s: Setup, rows: Rows, goal: Array, has: Any, wrong: str) -> None:
    y = rows["y"]
    t = np.where(has[:, None], goal, y)
    counted, parts = _has(s.target), 1
    if s.mean != (wrong in ("mean-for-sum", "sum-for-mean")):
        parts = int(counted.sum())
    factor = 2.0 if s.loss == "squared_error" else 1.0
    factor *= {"slope-doubled": 2.0, "slope-halved": 0.5, "difference-turned": -1.0}.get(wrong, 1.0)
    if s.loss in ("binary_cross_entropy", "cross_entropy"):
        do = y - t
        if wrong == "output-slope-missing":
            do = np.where(has[:, None], _by_output(s.loss, y, t), 0.0)
        elif wrong == "output-slope-twice":
            do = _back(s.g, y, do)
        rows["do"] = factor * do / parts
    else:
        rows["dy"] = factor * (y - t) / parts
        do = _back(s.g, y, rows["dy"])
        if wrong == "output-slope-twice":
            do = _back(s.g, y, do)
        rows["do"] = rows["dy"] if wrong == "output-slope-missing" else do
    _losses(s, rows, wrong)


def _by_output(loss: str, y: Array, t: Array) -> Array:
    return np.asarray(-t / y if loss == "cross_entropy" else (y - t) / (y * (1 - y)))


def _back(g: str, y: Array, d: Array) -> Array:
    """Return what the output activation passes back."""
    if g == "softmax":
        return np.array([(np.diag(p) - np.outer(p, p)) @ row for p, row in zip(y, d, strict=True)])
    return d * y * (1 - y) if g == "sigmoid" else d


def _losses(s: Setup, rows: Rows, wrong: str) -> None:
    y, counted = rows["y"], _has(s.target)
    t = np.where(counted[:, None], s.target, 0.5)
    with np.errstate(all="ignore"):
        if s.loss == "cross_entropy":
            each = -t * np.log(y)
        elif s.loss == "binary_cross_entropy":
            each = -(t * np.log(y) + (1 - t) * np.log(1 - y))
        else:
            each = (y - t) ** 2 / (1 if s.loss == "squared_error" else 2)
    each = each * {"loss-halved": 0.5, "loss-doubled": 2.0}.get(wrong, 1.0)
    rows["loss"] = np.where(counted, each.sum(axis=1), 0.0)[:, None]
    mean = s.mean != (wrong in ("mean-for-sum", "sum-for-mean"))
    total = rows["loss"].sum() / (counted.sum() if mean else 1)
    rows["loss.total"] = np.array([[total]])


def _through(
    s: Setup, rows: Rows, grads: Rows, x: Array, of: tuple[str, Array], wrong: str
) -> Array:
    """Add the backward pass of one direction, and return what it passes to what it reads."""
    suffix, above = of
    W, R, _ = s.cells[suffix]
    slope = _slopes(s, rows[f"a{suffix}"], wrong)
    T, order = len(x), [*range(len(x))][:: -_direction(suffix)]
    later, dh, da = (np.zeros((T, len(R))) for _ in range(3))
    back = R if wrong in ("whh-not-transposed", f"whh{suffix}-not-transposed") else R.T
    for n, t in enumerate(order):
        from_ = n - (2 if wrong == "later-step-wrong" else 1)
        if from_ >= 0 and wrong != "later-step-missing":
            passed = (dh if wrong == "later-slope-missing" else da)[order[from_]]
            later[t] = passed if wrong == "whh-missing" else back @ passed
        first = wrong == "overwritten" and n > 0
        dh[t] = later[t] if first else above[t] + later[t]
        da[t] = dh[t] * slope[t]
        if wrong == "slope-missing":
            da[t] = dh[t]
        elif wrong == "slope-twice":
            da[t] = dh[t] * slope[t] * slope[t]
    shown = dh if wrong == "dh-for-da" else da
    rows |= {f"dh_output{suffix}": above, f"dh_next{suffix}": later, f"dh{suffix}": dh}
    rows |= {f"slope{suffix}": slope, f"da{suffix}": shown}
    h: Array = rows[f"h{suffix}"]
    before = h.copy()
    if wrong != "state-of-same-step":
        before[order[-1]] = 0.0
        for t, following in pairwise(order):
            before[t] = h[following]
    left = dh if wrong == "dh-in-share" else da
    grads |= {f"wxh{suffix}": _outer(left, x), f"whh{suffix}": _outer(left, before)}
    grads |= {f"bh{suffix}": da}
    return da @ W


def _slopes(s: Setup, a: Array, wrong: str) -> Array:
    f, right, of_a = F[s.f]
    if wrong == "slope-not-squared":
        return np.asarray(1 - f(a))
    return np.asarray((of_a if wrong == "slope-of-a" else right)(a))


def _outer(left: Array, right: Array) -> Array:
    """Return what each step adds to the gradient of a weight, (T, n, m)."""
    return np.array([np.outer(d, v) for d, v in zip(left, right, strict=True)])


def _finish(s: Setup, rows: Rows, grads: Rows, wrong: str) -> None:
    """Add up what the steps add, and update the weights."""
    old = {"why": s.W_hy, "by": s.b_y}
    for suffix, (W, R, b) in s.cells.items():
        old |= {f"wxh{suffix}": W, f"whh{suffix}": R, f"bh{suffix}": b}
    sums = {key: parts.sum(axis=0) for key, parts in grads.items()}
    limit = float(f"{0.5 * max(np.abs(each).max() for each in sums.values()):.1g}")
    for key, parts in grads.items():
        total = sums[key]
        if wrong == "last-step-only":
            total = parts[-1]
        elif wrong == "first-step-only":  # `=` instead of `+=` in a loop that goes back
            total = parts[0]
        elif wrong == "gradient-clipped":
            total = np.clip(total, -limit, limit)
        sign = -1 if wrong == "update-turned" else 1
        rate = 1 if wrong == "rate-missing" else RATE
        turned = wrong == TURNED[0] or (wrong == TURNED[1] and key[:3] == "whh")
        used = total.T if turned and wrong != TURNED[0] else total
        rows[f"updated.{key}"] = (old[key] - sign * rate * used).reshape(1, -1)
        rows[f"gradients.{key}"] = (total.T if turned else total).reshape(1, -1)


TURNED = ("gradient-transposed where it is printed", "gradient-transposed of W_hh")
IDS = (
    "whh-not-transposed",
    "why-not-transposed",
    "state-of-same-step",
    "later-step-missing",
    "overwritten",
    "later-step-wrong",
    "later-slope-missing",
    "whh-missing",
    "slope-twice",
    "slope-missing",
    "slope-of-a",
    "slope-not-squared",
    "difference-turned",
    "slope-doubled",
    "slope-halved",
    "mean-for-sum",
    "sum-for-mean",
    "last-step-only",
    "first-step-only",
    "dh-in-share",
    "dh-for-da",
    *TURNED,
    "output-slope-missing",
    "output-slope-twice",
    "other-target before",
    "other-target after",
    "other-target before, around",
    "update-turned",
    "rate-missing",
    "gradient-clipped",
    "loss-halved",
    "loss-doubled",
)


def possible(s: Setup, wrong: str) -> bool:
    """Return whether a mistake can be made in a network."""
    if wrong == "why-not-transposed":
        return s.W_hy.shape[0] == s.W_hy.shape[1]
    if wrong == "slope-of-a":
        return s.f != "relu"
    if wrong == "slope-not-squared":
        return s.f == "tanh"
    if wrong.startswith("output-slope"):
        return s.g != "linear"
    return wrong != ("mean-for-sum" if s.mean else "sum-for-mean")


def audit_of(s: Setup) -> tuple[Network, Audit]:
    """Return the network and its backward pass as rnncalc has them."""
    cells = {k: Cell(W, R, b, s.f) for k, (W, R, b) in s.cells.items()}
    layers = [Layer(cells[of[0]], cells[of[1]] if of[1:] else None) for of in s.layers]
    net = Network(layers, Readout(s.W_hy, s.b_y, s.g))
    goal = with_targets(s.target, LOSSES[s.loss], "mean" if s.mean else "sum")
    return net, Audit(Backward(net, goal, on_paper=True), len(s.x), RATE)


def names_of(s: Setup, rows: Rows, *, everything: bool) -> list[str]:
    """Return what is printed: all there is, or what most people print."""
    if everything:
        return [name for name in rows if name not in ("dy", "do") or name == _seeded(s, rows)]
    whole = ("gradients.", "updated.") if s.mean else ("gradients.",)
    stems = [f"{stem}{suffix}" for stem in ("h", "dh", "da") for suffix in s.cells]
    return [n for n in rows if n in (*stems, "y", _seeded(s, rows)) or n.startswith(whole)]


def _seeded(s: Setup, rows: Rows) -> str:
    return "dy" if "dy" in rows and s.g == "linear" else "do"


def as_printed(rows: Rows, names: list[str], steps: int, decimals: int = DECIMALS) -> AllPrinted:
    """Return the values as they are printed."""
    found = {}
    for name in names:
        texts = [[Written(f"{v:.{decimals}f}") for v in row] for row in rows[name].tolist()]
        nothing: list[Written | None] = [None] * len(texts[0])
        found[name] = printed_rows([*texts, *[nothing] * (steps - len(texts))])
    return found


def report_of(s: Setup, rows: Rows, names: list[str], decimals: int = DECIMALS) -> Report:
    """Return what `check` says."""
    net, audit = audit_of(s)
    return check(net, net.start(), s.x, as_printed(rows, names, len(s.x), decimals), audit=audit)


def alike(one: Rows, other: Rows, names: list[str], within: float) -> bool:
    """Return whether both have the same values."""
    return all(np.abs(one[n] - other[n][: len(one[n])]).max() <= within for n in names)


def cases(
    rng: np.random.Generator, wrong: str, shape: str
) -> Iterator[tuple[Setup, Rows, list[str]]]:
    """Yield networks with what a loop with a mistake prints, where that differs from right."""
    while True:
        s = random_setup(rng, shape)
        if not possible(s, wrong):
            continue
        rows, right = run(s, wrong), run(s)
        if not all(np.isfinite(of).all() for of in (*rows.values(), *right.values())):
            continue
        names = names_of(s, rows, everything=bool(rng.random() < 0.5))
        if not alike(rows, right, names, 10**-DECIMALS):
            yield s, rows, names
