"""How often the mistake that was made is the one that is named: `python tests/benchmarks/diagnosis.py`.

Random networks, run by a loop of their own with one mistake put in (or two), rounded to 4 decimals.
`named`: the mistake is among those named. `alone`: no other is, except one that gives the very same
values. `wrong` counts what may never be: two mistakes explained by a single other one.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).parents[1]))

from printed_example import Texts, checked
from rnncalc.arrays import Array
from rnncalc.network.activations import ACTIVATIONS
from rnncalc.network.cells import Cell, Readout
from rnncalc.network.model import Network

Rows = dict[str, Array]
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "tanh": np.tanh,
    "relu": lambda a: np.maximum(a, 0),
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
    "linear": lambda a: a,
    "step": lambda a: (a >= 0) * 1.0,
    "softplus": lambda a: np.log1p(np.exp(a)),
    "softsign": lambda a: a / (1 + abs(a)),
    "elu": lambda a: np.where(a > 0, a, np.exp(np.minimum(a, 0)) - 1),
    "hard_tanh": lambda a: np.clip(a, -1, 1),
    "softmax": lambda a: np.exp(a) / np.exp(a).sum(),
}


@dataclass(frozen=True)
class Setup:
    """A network as plain arrays, and what is wrong with how it is run."""

    W_xh: Any
    W_hh: Any
    W_hy: Any
    b_h: Any
    b_y: Any
    h0: Any
    x: Any
    f: str = "tanh"
    g: str = "softmax"
    listing: str = ""


def random_setup(rng: np.random.Generator, most: int = 5) -> Setup:
    """Return a network with weights, biases and h0 of one or two decimals, as in a book."""
    D, H, K, T = (int(rng.integers(low, most + 1)) for low in (1, 1, 2, 3))

    def some(*shape: int) -> Array:
        return rng.normal(0, 0.7, shape).round(2)

    return Setup(
        *(some(H, D), some(H, H), some(K, H), some(H), some(K), some(H)),
        x=rng.normal(0, 1, (T, D)).round(2),
        f=str(rng.choice(["tanh", "tanh", "relu", "sigmoid"])),
        g=str(rng.choice(["softmax", "linear", "sigmoid"])),
    )


def run(setup: Setup) -> Rows:
    """Return a h o y, each (T, n), by the loop of a beginner."""
    h, rows = setup.h0, []
    for x in setup.x:
        a = setup.W_xh @ x + setup.W_hh @ h + setup.b_h
        h = FUNCTIONS[setup.f](a)
        o = setup.W_hy @ h + setup.b_y
        y = o
        for name in setup.g.split():
            y = FUNCTIONS[name](y)
        rows.append((a, h, o, y))
    found = {n: np.array(v) for n, v in zip("ahoy", zip(*rows, strict=True), strict=True)}
    return listed(setup, found)


def listed(setup: Setup, rows: Rows) -> Rows:
    """Return the rows a step early or late; what falls off an end comes back at the other."""
    if not setup.listing:
        return rows
    h = np.roll(rows["h"], 1 if setup.listing == "late" else -1, axis=0)
    if setup.listing == "late":
        h[0] = setup.h0
    return rows | {"h": h}


MISTAKES: dict[str, Callable[[Setup], Setup]] = {
    "whh-transposed": lambda s: replace(s, W_hh=s.W_hh.T),
    "wxh-transposed": lambda s: replace(s, W_xh=s.W_xh.T),
    "why-transposed": lambda s: replace(s, W_hy=s.W_hy.T),
    "whh-column-major": lambda s: replace(
        s, W_hh=s.W_hh.flatten().reshape(s.W_hh.shape, order="F")
    ),
    "wxh-column-major": lambda s: replace(
        s, W_xh=s.W_xh.flatten().reshape(s.W_xh.shape, order="F")
    ),
    "bh-missing": lambda s: replace(s, b_h=0 * s.b_h),
    "bh-twice": lambda s: replace(s, b_h=2 * s.b_h),
    "by-missing": lambda s: replace(s, b_y=0 * s.b_y),
    "by-twice": lambda s: replace(s, b_y=2 * s.b_y),
    "recurrence-missing": lambda s: replace(s, W_hh=0 * s.W_hh),
    "h0-ignored": lambda s: replace(s, h0=0 * s.h0),
    "reversed": lambda s: replace(s, x=s.x[::-1]),
    "early": lambda s: replace(s, listing="early"),
    "late": lambda s: replace(s, listing="late"),
    **{
        f"activation-{f}": (lambda s, f=f: replace(s, f=f))  # type: ignore[misc]
        for f in FUNCTIONS
        if f != "softmax"
    },
    "softmax-missing": lambda s: replace(s, g=s.g.replace("softmax", "linear")),
    "softmax-twice": lambda s: replace(s, g=s.g.replace("softmax", "softmax softmax")),
    "softmax-is-sigmoid": lambda s: replace(s, g=s.g.replace("softmax", "sigmoid")),
}


def say(*words: object) -> None:
    """Write a line, at once."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def network_of(s: Setup) -> Network:
    """Return the network as rnncalc has it."""
    return Network(
        Cell(s.W_xh, s.W_hh, s.b_h, ACTIVATIONS[s.f]), Readout(s.W_hy, s.b_y, ACTIVATIONS[s.g])
    )


def printed(rows: Rows, names: str, decimals: int = 4) -> Texts:
    """Return the values of the quantities in `names` as they are printed."""
    return {n: [[f"{v:.{decimals}f}" for v in row] for row in rows[n]] for n in names}


def same(one: Rows, other: Rows, names: str) -> bool:
    """Return whether both are printed alike."""
    return all(
        one[n].shape == other[n].shape and np.array_equal(one[n].round(4), other[n].round(4))
        for n in names
    )


def mistaken(s: Setup, ids: tuple[str, ...]) -> Rows | None:
    """Return the rows with mistakes `ids`, or None where they cannot be made."""
    if not MISTAKES.keys() >= {*ids}:
        return None
    try:
        for id_ in ids:
            s = MISTAKES[id_](s)
        rows = run(s)
    except ValueError:  # a transposed matrix that does not fit
        return None
    sound = {n: r for n, r in rows.items() if r.ndim == 2 and np.isfinite(r).all()}
    return rows if len(sound) == 4 else None


def cases(rng: np.random.Generator, count: int, at_once: int) -> Iterator[tuple[Any, ...]]:
    """Yield networks, what was done wrong, what was printed, and of which quantities."""
    while count:
        s = random_setup(rng)
        ids = tuple(map(str, rng.choice(list(MISTAKES), at_once, replace=False)))
        names = str(rng.choice(["ahoy", "hy", "h", "y", "ah"]))
        wrong = mistaken(s, ids)
        if wrong is None or same(wrong, run(s), names):
            continue
        parts = [mistaken(s, (id_,)) for id_ in ids]
        if at_once > 1 and any(p is None or same(p, wrong, names) for p in parts):
            continue  # one of the two hides the other
        count -= 1
        yield s, ids, wrong, names


def one_mistake(rng: np.random.Generator, count: int) -> None:
    """Print how often one mistake is named, and named alone."""
    made, named, alone, strictly = Counter[str](), Counter[str](), 0, 0
    for s, (done,), rows, names in cases(rng, count, 1):
        report = checked(network_of(s), s.h0, s.x, printed(rows, names))
        found = [cause.id for cause in report.consistent_with]
        # read column by column, a square matrix is transposed
        id_ = done if done in found else done.replace("column-major", "transposed")
        made[id_] += 1
        named[id_] += id_ in found
        others = [m for m in found if m != id_]
        twins = {m.replace("column-major", "transposed") for m in found}
        strictly += twins == {id_.replace("column-major", "transposed")}
        alone += (
            id_ in found
            and all(
                (r := mistaken(s, (o,)) if o in MISTAKES else None) is not None
                and same(r, rows, names)
                for o in others
            )
            if others
            else id_ in found
        )
    say(
        f"one mistake, {count} networks: named {sum(named.values()) / count:.2%}, "
        f"alone, transposed and column-major taken as one, {strictly / count:.2%}, alone but for the same values {alone / count:.2%}"
    )
    for id_ in made:
        if named[id_] < made[id_]:
            say(f"    {id_}: {named[id_]} of {made[id_]}")


def two_mistakes(rng: np.random.Generator, count: int) -> None:
    """Print what is said of two mistakes at once."""
    said = Counter[str]()
    for s, ids, rows, names in cases(rng, count, 2):
        report = checked(network_of(s), s.h0, s.x, printed(rows, names))
        found = [set(cause.id.split("+")) for cause in report.consistent_with]
        true = {"whh-transposed" if i == "whh-column-major" else i for i in ids}
        if not found:
            said["none"] += 1
        elif true in found:
            said["the pair" if len(found) == 1 else "the pair and others"] += 1
        elif any(len(f) == 1 for f in found):
            said["a single one"] += 1
            exact = [
                same(r, rows, names) for f in found if (r := mistaken(s, tuple(f))) is not None
            ]
            said["  of these, giving the same values"] += any(exact)
        else:
            said["another pair"] += 1
    say(f"two mistakes, {count} networks:", {k: f"{n / count:.2%}" for k, n in said.items()})


SLIPS = (
    "term-dropped",
    "term-twice",
    "sign-turned",
    "previous-state",
    "previous-input",
    "row-for-column",
    "activation-forgotten",
    "activation-twice",
    "digits-exchanged",
    "point-moved",
    "sign-of-figure",
    "few-units-off",
    "bias-missing",
    "bias-twice",
)


def slipped(rng: np.random.Generator, s: Setup, slip: str, t0: int, i: int) -> tuple[Rows, str]:
    """Return the rows where unit `i` is wrong at step `t0`, and the id of what was done."""
    h, before, rows, id_ = s.h0, s.h0, [], slip.replace("bias", "bh")
    for t, x in enumerate(s.x):
        a = s.W_xh @ x + s.W_hh @ h + s.b_h
        if t == t0:
            change, found = wrong_sum(rng, s, slip, i, (before, h, s.x[t - 1], x))
            a[i] += change
            id_ = found or id_
        new = FUNCTIONS[s.f](a)
        if t == t0:
            new[i] = wrong_value(rng, s, slip, a[i], new[i])
        before, h = h, new
        o = s.W_hy @ h + s.b_y
        rows.append((a, h, o, FUNCTIONS[s.g](o)))
    return {n: np.array(v) for n, v in zip("ahoy", zip(*rows, strict=True), strict=True)}, id_


def wrong_sum(
    rng: np.random.Generator, s: Setup, slip: str, i: int, vectors: tuple[Array, ...]
) -> tuple[float, str]:
    """Return by how much a slip changes the sum of unit `i`, and its id where it has another."""
    older, h, past, x = vectors
    terms = np.concatenate((s.W_hh[i] * h, s.W_xh[i] * x))
    k = int(rng.integers(len(terms)))
    column = s.W_hh[:, i] - s.W_hh[i]
    changes = {
        "term-dropped": -terms[k],
        "term-twice": terms[k],
        "sign-turned": -2 * terms[k],
        "bias-missing": -s.b_h[i],
        "bias-twice": s.b_h[i],
        "previous-state": s.W_hh[i] @ (older - h),
        "previous-input": s.W_xh[i] @ (past - x),
        "row-for-column": column @ h,
    }
    alone = slip == "term-dropped" and k == 0 and len(h) == 1
    return float(changes.get(slip, 0.0)), "recurrence-missing" if alone else ""


def wrong_value(rng: np.random.Generator, s: Setup, slip: str, a: float, h: float) -> float:
    """Return what a slip makes of h, the function of `a`."""
    if slip == "activation-forgotten":
        return a
    if slip == "activation-twice":
        return float(FUNCTIONS[s.f](h))
    if slip in ("digits-exchanged", "point-moved", "sign-of-figure", "few-units-off"):
        return miswritten(rng, slip, h)
    return h


def miswritten(rng: np.random.Generator, slip: str, value: float) -> float:
    """Return a value of 4 decimals written down wrong."""
    text = f"{value:.4f}"
    if slip == "sign-of-figure":
        return -float(text)
    if slip == "point-moved":
        return float(text) * float(rng.choice([0.1, 10]))
    if slip == "few-units-off":
        return float(text) + float(rng.choice([-3, -2, -1, 1, 2, 3])) * 1e-4
    k = len(text) - 1 - int(rng.integers(1, 4))
    swapped = list(text)
    swapped[k], swapped[k + 1] = text[k + 1], text[k]
    return float("".join(swapped)) if "." not in text[k : k + 2] else value


def slips(rng: np.random.Generator, count: int) -> None:
    """Print how often a slip in one value is found, and its cause named."""
    made, found, named, alone = (Counter[str]() for _ in range(4))
    later, after = Counter[str](), Counter[str]()
    while sum(made.values()) < count:
        s, slip = random_setup(rng), str(rng.choice(SLIPS))
        t0, i = int(rng.integers(1, len(s.x))), int(rng.integers(len(s.b_h)))
        names = str(rng.choice(["ahoy", "h", "hy", "ah"]))
        rows, id_ = slipped(rng, s, slip, t0, i)
        right = run(s)
        if not np.isfinite(rows["h"]).all():
            continue
        at_once = {n: r[t0 : t0 + 1] for n, r in rows.items()}
        if same({n: r[t0 : t0 + 1] for n, r in right.items()}, at_once, names):
            continue
        report = checked(network_of(s), s.h0, s.x, printed(rows, names))
        first = report.first_slip
        wrong = next(
            n
            for n in "ahoy"
            if n in names and (rows[n][t0].round(4) != right[n][t0].round(4)).any()
        )
        made[slip] += 1
        if first is None or (first.quantity, first.step, first.component) != (wrong, t0, i):
            later[f"{slip}: first slip elsewhere"] += 1
            continue
        found[slip] += 1
        causes = {c.id for c in first.consistent_with}
        named[slip] += id_ in causes
        alone[slip] += causes == {id_}
        after["slips after the first"] += sum(m.verdict == "slip" for m in report.marks) - 1
        after["wrong after the first"] += sum(m.verdict != "ok" for m in report.marks) - 1
        after["networks where a value after it is a slip"] += (
            sum(m.verdict == "slip" for m in report.marks) > 1
        )
    total = sum(made.values())
    say(
        f"one slip, {total} networks: found {sum(found.values()) / total:.2%}, "
        f"named {sum(named.values()) / sum(found.values()):.2%}, alone {sum(alone.values()) / sum(found.values()):.2%}"
    )
    for slip in SLIPS:
        say(
            f"    {slip}: {made[slip]} made, {found[slip]} found, {named[slip]} named, {alone[slip]} alone"
        )
    say("   ", dict(later), dict(after))


if __name__ == "__main__":
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    generator = np.random.default_rng(5)
    one_mistake(generator, size)
    two_mistakes(generator, size // 2)
    slips(generator, size)
