"""Train sample_configs/names.toml; `python -m training.first_names` in tests, about two minutes.

The first names of the United States census of 1990, from the package `names` 0.3.0. Every tenth
name is held out; tests/data/names_held_out.txt has those.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from training.elman import (
    DATA,
    SAMPLES,
    Array,
    Parameters,
    Positions,
    adam,
    backward,
    cross_entropy,
    initial,
    padded,
    rounded,
    run,
    weights,
)

VOCABULARY = ".abcdefghijklmnopqrstuvwxyz"
HEAD = """\
# A character network that makes up first names: 16 units, 27 symbols; "." begins and ends a name.
# Try: rnncalc run -c names.toml --generate 12 --temperature 0.7 --only text
# Trained on {seen:,} names of the US census of 1990 (package names 0.3.0) by tests/training/first_names.py.
# On {held_out} names it has not seen, its loss is {loss:.2f} nats per letter ({perplexity:.1f} letters to choose from).
vocabulary = "{vocabulary}"
x = "."
stop = "."
"""


def names() -> list[str]:
    spec = find_spec("names")
    assert spec
    assert spec.origin
    folder = Path(spec.origin).parent
    lists = [folder / f"dist.{kind}.first" for kind in ("female", "male")]
    lines = [line for path in lists for line in path.read_text().splitlines()]
    return sorted({line.split()[0].lower() for line in lines})


def batch(some: list[str]) -> tuple[Array, Positions, Array]:
    """Return x (T, B, 27), the next symbols (T, B), and 1.0 until the name ends."""
    texts = [[VOCABULARY.index(c) for c in f".{name}."] for name in some]
    positions, inside = padded(texts, 0)
    return np.eye(len(VOCABULARY))[positions[:-1]], positions[1:], inside[1:]


def loss(p: Parameters, some: list[str]) -> float:
    """Return the mean loss per symbol, the last "." included."""
    x, target, inside = batch(some)
    return cross_entropy(run(p, x)[1], target, inside)[0] / float(inside.sum())


def train(seen: list[str], seed: int, iterations: int) -> Parameters:
    rng = np.random.default_rng(seed)

    def gradients(p: Parameters, _: int) -> Parameters:
        x, target, inside = batch([seen[i] for i in rng.integers(len(seen), size=64)])
        h, o = run(p, x)
        _loss, do = cross_entropy(o, target, inside / inside.sum())
        return backward(p, x, h, do, None)

    size = len(VOCABULARY)
    return adam(initial(rng, size, 16, size), gradients, iterations, 0.01)


def main() -> None:
    everything = names()
    held_out = everything[::10]
    seen = [name for name in everything if name not in set(held_out)]
    p = rounded(train(seen, 1, int(sys.argv[1]) if sys.argv[1:] else 40_000), 2)
    unseen = loss(p, held_out)
    sys.stdout.write(f"{len(seen)} {len(held_out)} {loss(p, seen):.4f} {unseen:.4f}\n")
    (DATA / "names_held_out.txt").write_text("\n".join(held_out) + "\n")
    counts = {"seen": len(seen), "held_out": len(held_out)}
    head = HEAD.format(loss=unseen, perplexity=np.exp(unseen), vocabulary=VOCABULARY, **counts)
    (SAMPLES / "names.toml").write_text(head + weights(p))


if __name__ == "__main__":
    main()
