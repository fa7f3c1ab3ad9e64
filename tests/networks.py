"""Random networks as flags, and their working."""

import json
import random

from calling import rnncalc

ACTIVATIONS = [
    "tanh",
    "relu",
    "sigmoid",
    "linear",
    "step",
    "softplus",
    "softsign",
    "elu",
    "hard_tanh",
]
Work = list[dict[str, list[str]]]


def work(*arguments: str) -> Work:
    result = rnncalc("run", *arguments, "--work", "-f", "json")
    assert result.err == ""
    return [step["work"] for step in json.loads(result.out)["steps"]]


def lines(steps: Work) -> list[str]:
    return [line for step in steps for of in step.values() for line in of]


def network(seed: int, digits: int = 2) -> list[str]:
    """Return the flags of a random network of up to 12 units, its numbers with a few digits."""
    r = random.Random(seed)
    D, H, K, T = r.randint(1, 6), r.choice([1, 1, 2, 3, 6]), r.choice([0, 1, 2, 3, 10]), 3

    def matrix(rows: int, columns: int) -> str:
        return json.dumps(
            [[round(r.uniform(-2, 2), digits) for _ in range(columns)] for _ in range(rows)]
        )

    def vector(n: int) -> str:
        return json.dumps([round(r.uniform(-1, 1), digits) for _ in range(n)])

    flags = ["--wxh", matrix(H, D), "--whh", matrix(H, H), "--x", matrix(T, D), "--h0", vector(H)]
    flags += ["--activation", r.choice(ACTIVATIONS), "-p", str(r.choice([1, 2, 3, 4, 6]))]
    flags += ["--bh", vector(H)] if r.random() < 0.5 else []
    if K:
        flags += ["--why", matrix(K, H), "--output-activation", r.choice([*ACTIVATIONS, "softmax"])]
        flags += ["--by", vector(K)] if r.random() < 0.5 else []
    return flags
