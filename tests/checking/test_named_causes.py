"""Whatever is named for a whole run, run again, gives what is printed.

Each mistake is made in random networks by a loop of NumPy that knows nothing of the program, and so
is each that is named, be it the one that was made or another.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import pytest

from printed_example import Texts, checked
from rnncalc.arrays import Array
from rnncalc.checking.mistakes import suspects
from rnncalc.checking.report import Cause
from rnncalc.network.activations import ACTIVATIONS
from rnncalc.network.cells import Cell, Readout
from rnncalc.network.model import Network

Rows = dict[str, Array]
Function = Callable[[Any], Any]
DECIMALS = 5
NETWORKS = 3  # of each mistake


def softmax(o: Array) -> Array:
    exponentials = np.exp(o - o.max())
    return np.asarray(exponentials / exponentials.sum())


def log_softmax(o: Array) -> Array:
    return np.asarray(o - o.max() - np.log(np.exp(o - o.max()).sum()))


F: dict[str, Function] = {
    "tanh": np.tanh,
    "relu": lambda a: np.maximum(a, 0),
    "relu6": lambda a: np.clip(a, 0, 6),
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
    "linear": lambda a: 1 * a,
    "step": lambda a: (a >= 0) * 1.0,
    "step0": lambda a: (a > 0) * 1.0,
    "softplus": lambda a: np.logaddexp(0, a),
    "softsign": lambda a: a / (1 + abs(a)),
    "elu": lambda a: np.where(a > 0, a, np.expm1(np.minimum(a, 0))),
    "selu": lambda a: 1.0507009873554805 * np.where(a > 0, a, 1.6732632423543772 * np.expm1(np.minimum(a, 0))),
    "hard_tanh": lambda a: np.clip(a, -1, 1),
    "softmax": softmax,
}  # fmt: skip


@dataclass(frozen=True)
class Port:
    """A program that runs a network, with what it does wrong.

    `past` gives what it takes for h_{t-1} from t and h_{t-1}; `join` makes a sum of the input's
    part, with the bias, and the state's; `after` makes h_t of t, h_{t-1} and f(a_t); `listed` makes the rows that are printed of the rows of a
    quantity, NaN where it is not known what is printed.
    """

    W_xh: Any
    W_hh: Any
    W_hy: Any
    b_h: Any
    b_y: Any
    h0: Any
    x: Any
    f: Function
    g: Function
    past: "Callable[[Port, int, Array], Array]" = lambda _port, _t, h: h
    join: Callable[[Array, Array], Array] = np.add
    after: "Callable[[int, Array, Array], Array]" = lambda _t, _h, new: new
    in_place: bool = False
    listed: Callable[[Array], Array] | None = None
    type: Any = np.float64

    def run(self) -> Rows:
        """Return a, h, o and y, each (T, n)."""
        single: dict[str, Any] = {n: np.asarray(v, self.type) for n, v in vars(self).items() if n[:2] in ("W_", "b_", "h0", "x")}  # fmt: skip
        p = replace(self, **single)
        h, rows = p.h0, []
        for t, x in enumerate(p.x):
            a = p.join(p.W_xh @ x + p.b_h, p.W_hh @ p.past(p, t, h))
            new = p.f(a)
            for i in range(len(h)) if p.in_place else ():
                done = np.where(np.arange(len(h)) < i, new, h)
                a[i] = p.W_xh[i] @ x + p.b_h[i] + p.W_hh[i] @ done
                new[i] = p.f(a[i : i + 1])[0]
            h = np.asarray(p.after(t, h, new), self.type)
            o = p.W_hy @ h + p.b_y
            rows.append((a, h, o, p.g(o)))
        return {n: np.array(v) for n, v in zip("ahoy", zip(*rows, strict=True), strict=True)}


def random_port(r: np.random.Generator, g: str = "") -> tuple[Port, Network]:
    """Return a right program, and its network."""
    D, H, K, T = (int(r.integers(low, 5)) for low in (1, 1, 1, 3))
    D, K = (H, H) if r.random() < 0.3 else (D, K)  # so that every matrix is square
    f = str(r.choice(["tanh", "tanh", "sigmoid", "relu", "linear"]))
    g = g or str(r.choice(["softmax", "linear", "sigmoid"]) if K > 1 else "linear")

    def some(*shape: int) -> Array:
        return r.normal(0, 0.7, shape).round(2)

    W_xh, W_hh, W_hy, b_h, b_y, h0, x = (
        some(H, D), some(H, H), some(K, H), some(H), some(K), some(H), some(T, D),
    )  # fmt: skip
    cell, readout = Cell(W_xh, W_hh, b_h, ACTIVATIONS[f]), Readout(W_hy, b_y, ACTIVATIONS[g])
    return Port(W_xh, W_hh, W_hy, b_h, b_y, h0, x, F[f], F[g]), Network(cell, readout)


def by_columns(W: Array) -> Array:
    return W.flatten().reshape(W.shape, order="F")


def shifted(by: int) -> Callable[[Port, str], Iterator[Port]]:
    """Return the mistake of reading x one step off; what is beyond its end is zero or repeated."""

    def made(p: Port, _: str) -> Iterator[Port]:
        end = slice(0, 1) if by > 0 else slice(-1, None)
        for beyond in (0 * p.x[end], p.x[end], np.roll(p.x, by, axis=0)[end]):
            x = np.roll(p.x, by, axis=0)
            x[end] = beyond
            yield replace(p, x=x)

    return made


def split(p: Port, _: str) -> Iterator[Port]:
    D, H = p.W_xh.shape[1], len(p.W_hh)
    for joined in (np.hstack((p.W_xh, p.W_hh)), np.hstack((p.W_hh, p.W_xh))):
        yield replace(p, W_xh=joined[:, H:], W_hh=joined[:, :H])
        yield replace(p, W_xh=joined[:, :D], W_hh=joined[:, D:])


def late(p: Port, _: str) -> Iterator[Port]:
    unknown = np.nan
    yield replace(p, listed=lambda rows: np.vstack((0 * rows[:1] + unknown, rows[:-1])))
    yield replace(p, listed=lambda rows: np.vstack((p.h0, rows[:-1])) if rows.shape[1] == len(p.h0) else rows)  # fmt: skip


def padded(p: Port, text: str) -> Iterator[Port]:
    end = int(found[1]) if (found := re.search(r"\(step (\d+)\)", text)) else len(p.x) - 1
    yield replace(p, listed=lambda rows: np.vstack((rows[:end], 0 * rows[end:])))
    yield replace(p, after=lambda t, _, new: new if t < end else 0 * new)


def residual(p: Port, text: str) -> Iterator[Port]:
    if "activation" not in text:
        yield replace(p, W_hh=p.W_hh + np.eye(len(p.W_hh)))
    if "W_hh" not in text:
        yield replace(p, after=lambda _, h, new: h + new)


def product_for_sum(p: Port, text: str) -> Iterator[Port]:
    if "W_xh x multiplied" not in text:
        yield replace(p, join=np.multiply)
    if "b_h" not in text:
        yield replace(p, join=lambda Wx, Rh: (Wx - p.b_h) * Rh + p.b_h)


def past_input(p: Port, _: str) -> Iterator[Port]:
    for first in (p.h0, 0 * p.h0, p.x[-1]):
        yield replace(p, past=lambda p, t, _h, first=first: p.x[t - 1] if t else first)  # type: ignore[misc]


def reordered(p: Port, text: str) -> Iterator[Port]:
    found = re.search(r"\(\w+: ([\d, ]+)\)", text)
    order = [*map(int, found[1].split(","))] if found else [*range(1, len(p.h0)), 0]
    yield replace(p, listed=lambda rows: rows[:, order] if rows.shape[1] == len(order) else rows)


def clipped(p: Port, text: str) -> Iterator[Port]:
    # an author's limit has few digits, and at least two values are at it
    highest = np.sort(np.abs(p.run()["h"]).ravel())
    limit = float(found[1]) if (found := re.search(r"at (\S+)$", text)) else highest[-3].round(1)
    yield replace(p, f=lambda a: np.clip(p.f(a), -limit, limit))
    yield replace(p, f=lambda a: np.minimum(p.f(a), limit))


def number_in(text: str) -> Array:
    """Return the vector or the factor at the end of a text."""
    words = text.replace("[", " ").replace("]", "").split(":")[-1].replace(",", " ").split()
    return np.array([float(w) for w in words])


def scaled(p: Port, text: str) -> Iterator[Port]:
    top, _, bottom = text.rsplit(" ", 1)[-1].partition("/")
    yield replace(p, x=p.x * float(top) / float(bottom or 1))


def one(change: Callable[[Port], Port]) -> Callable[[Port, str], Iterator[Port]]:
    return lambda port, _: iter((change(port),))


MISTAKES: dict[str, Callable[[Port, str], Iterator[Port]]] = {
    **{f"{k[:1].lower()}{k[2:]}-transposed": one(lambda p, k=k: replace(p, **{k: getattr(p, k).T})) for k in ("W_xh", "W_hh", "W_hy")},  # type: ignore[misc]
    "wxh-column-major": one(lambda p: replace(p, W_xh=by_columns(p.W_xh))),
    "bh-missing": one(lambda p: replace(p, b_h=0 * p.b_h)),
    "bh-twice": one(lambda p: replace(p, b_h=2 * p.b_h)),
    "by-missing": one(lambda p: replace(p, b_y=0 * p.b_y)),
    "by-twice": one(lambda p: replace(p, b_y=2 * p.b_y)),
    "recurrence-missing": one(lambda p: replace(p, W_hh=0 * p.W_hh)),
    "h0-ignored": one(lambda p: replace(p, h0=0 * p.h0)),
    "reversed": one(lambda p: replace(p, x=p.x[::-1])),
    "read-backwards": one(lambda p: replace(p, x=p.x[::-1], listed=lambda rows: rows[::-1])),
    "listed-backwards": one(lambda p: replace(p, listed=lambda rows: rows[::-1])),
    "early": one(lambda p: replace(p, listed=lambda rows: np.vstack((rows[1:], 0 * rows[:1] + np.nan)))),
    "late": late,
    **{f"activation-{n}": one(lambda p, f=f: replace(p, f=f)) for n, f in F.items() if n != "softmax"},  # type: ignore[misc]
    **{f"output-activation-{n}": one(lambda p, f=f: replace(p, g=f)) for n, f in F.items()},  # type: ignore[misc]
    "softmax-missing": one(lambda p: replace(p, g=F["linear"])),
    "softmax-twice": one(lambda p: replace(p, g=lambda o: softmax(softmax(o)))),
    "softmax-is-sigmoid": one(lambda p: replace(p, g=F["sigmoid"])),
    "log-softmax": one(lambda p: replace(p, g=log_softmax)),
    "input-early": shifted(-1),
    "input-late": shifted(1),
    "in-place": one(lambda p: replace(p, in_place=True)),
    "all-transposed": one(lambda p: replace(p, **{k: w.T for k in ("W_xh", "W_hh", "W_hy") if len(w := getattr(p, k)) == len(w.T)})),
    "wxh-whh-exchanged": one(lambda p: replace(p, W_xh=p.W_hh, W_hh=p.W_xh)),
    "split-order": split,
    "residual": residual,
    "each-from-h0": one(lambda p: replace(p, past=lambda p, _t, _h: p.h0)),
    "input-for-state": past_input,
    "product": product_for_sum,
    "last-everywhere": one(lambda p: replace(p, listed=lambda rows: 0 * rows + rows[-1])),
    "padding": padded,
    "units-reordered": reordered,
    "clipped": clipped,
    "per-cent": one(lambda p: replace(p, listed=lambda rows: 100 * rows)),
    "float32": one(lambda p: replace(p, type=np.float32)),
    "bh-other": lambda p, text: iter((replace(p, b_h=number_in(text)),)),
    "h0-other": lambda p, text: iter((replace(p, h0=number_in(text)),)),
    "inputs-scaled": scaled,
}  # fmt: skip
"""Each yields what it makes of a program; one of them is meant. The text says which number."""

READ_OFF = ("bh-other", "h0-other", "inputs-scaled", "float32")
"""Mistakes of which there is no end, or which five decimals do not show."""


def with_mistakes(port: Port, cause: Cause) -> Iterator[Port]:
    """Yield the programs that a cause may mean; `a+b` is two mistakes."""
    ports = [port]
    for id_ in cause.id.split("+"):
        ports = [changed for each in ports for changed in MISTAKES[id_](each, cause.text)]
    yield from ports


def gives(port: Port, values: Rows) -> bool:
    """Return whether a program gives the printed values (T, n) of every quantity."""
    try:
        rows = port.run()
    except ValueError:  # a shape does not fit
        return False
    slack = 0.5000001 * 10.0**-DECIMALS + (2e-6 if port.type is np.float32 else 1e-9)

    def same(found: Array, name: str) -> bool:
        off = np.abs(np.broadcast_to(found, values[name].shape) - values[name])
        return bool((np.isnan(off) | (off <= slack)).all())  # of what is not known or printed

    # of what is listed otherwise, a quantity may be and another may not
    listed = port.listed or (lambda rows: rows)
    return all(same(rows[n], n) or same(listed(rows[n]), n) for n in values)


def mistaken(id_: str, r: np.random.Generator) -> tuple[Port, Network, Rows] | None:
    """Return a right program, and what one with a mistake prints, if that differs and is finite."""
    port, network = random_port(r, "softmax" if "softmax" in id_ and "output" not in id_ else "")
    names = str(r.choice(["ahoy", "hy", "h", "y", "ah"]))
    try:
        changed = [*MISTAKES[id_](port, "")]
        wrong = changed[int(r.integers(len(changed)))]
        rows = wrong.run()
    except ValueError:
        return None
    if wrong.listed:
        rows = {n: wrong.listed(rows[n]) for n in names}
    elif any(np.isnan(rows[n]).any() for n in names):
        return None
    sound = all(rows[n].ndim == 2 and not np.isinf(rows[n]).any() for n in names)
    values = {n: rows[n].round(DECIMALS) for n in names}
    return (port, network, values) if sound and not gives(port, values) else None


def causes(port: Port, network: Network, values: Rows) -> tuple[Cause, ...]:
    """Return what is named for values, each of which gives them."""
    texts: Texts = {
        n: [[None if np.isnan(v) else f"{v:.{DECIMALS}f}" for v in row] for row in rows]
        for n, rows in values.items()
    }
    found = checked(network, port.h0, port.x, texts).consistent_with
    for cause in found:
        assert any(gives(each, values) for each in with_mistakes(port, cause)), (cause, texts)
    return found


def ids_of_the_table() -> set[str]:
    square, wide = [[1, 1], [1, 1]], [[1, 1, 1], [1, 1, 1]]
    networks = [Network(Cell(W, square, [1, 1]), Readout(square, [1, 1])) for W in (square, wide)]
    return {suspect.id for each in networks for suspect in suspects(each.equations)}


def test_every_mistake_of_the_table_is_made_here() -> None:
    assert {*MISTAKES} - {*READ_OFF} == ids_of_the_table()


@pytest.mark.parametrize("id_", [id_ for id_ in MISTAKES if id_ not in READ_OFF])
def test_every_mistake_that_is_named_gives_what_is_printed(id_: str) -> None:
    r = np.random.default_rng(sum(map(ord, id_)))
    made = (found for _ in range(40 * NETWORKS) if (found := mistaken(id_, r)))

    named = [causes(*found) for found, _ in zip(made, range(NETWORKS), strict=False)]

    assert any(named)


PAIRS = [*product(("whh-transposed", "bh-missing", "by-twice"), ("reversed", "activation-sigmoid"))]


@pytest.mark.parametrize("pair", PAIRS)
def test_every_pair_that_is_named_gives_what_is_printed(pair: tuple[str, str]) -> None:
    r = np.random.default_rng(len("".join(pair)))
    for _ in range(NETWORKS):
        port, network = random_port(r)
        (wrong,) = with_mistakes(port, Cause("+".join(pair), ""))
        causes(port, network, {n: rows.round(DECIMALS) for n, rows in wrong.run().items()})
