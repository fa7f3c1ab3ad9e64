"""Train sample_configs/forecast.toml; `python -m training.forecast` in tests, about two minutes.

Box and Jenkins' airline passengers, 1949 to 1960, as the package `sktime` 1.2.0 has them. The
network learns from 1949 to 1957; 1958 decides which of a few starts is kept; 1959 and 1960 are
held out, and tests/data/airline.csv has all years.
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
    adam,
    backward,
    initial,
    rounded,
    run,
    toml,
    weights,
)

HIDDEN, GIVEN, FREE, UNSCORED = 12, 24, 24, 10  # units; months
HEAD = """\
# A forecast: how many passengers fly next month? Airline passengers, 1949 to 1960, from sktime 1.2.0.
# x is the growth from month to month in 1957 and 1958, 10 ln(passengers / passengers of last month):
# 0.5 is about 5 % more. Continued, each y is the next x: rnncalc run -c forecast.toml --generate 23
# The y from step 24 on are a forecast of 1959 and 1960 from the 337,000 passengers of December 1958.
# Trained on 1949 to 1957 by tests/training/forecast.py; the passengers of the next two years come out
# within {error:.1f} % on average; those of the same month in 1958 are off by {naive:.1f} %. 12 units.
"""


def passengers() -> Array:
    spec = find_spec("sktime")
    assert spec
    assert spec.origin
    path = Path(spec.origin).parent / "datasets" / "data" / "Airline" / "Airline.csv"
    (DATA / "airline.csv").write_text(path.read_text())
    return np.array([float(line.split(",")[1]) for line in path.read_text().splitlines()[1:]])


def train(x: Array, seed: int) -> Parameters:
    """Return weights from windows of `x`: 24 months are given, then y is the next input."""
    rng = np.random.default_rng(seed)

    def gradients(p: Parameters, _: int) -> Parameters:
        starts = rng.integers(0, len(x) - GIVEN - FREE, size=16)
        windows = np.stack([x[s : s + GIVEN + FREE + 1] for s in starts], axis=1)[..., None]
        inputs = windows[:-1] + rng.normal(size=windows[:-1].shape) * 0.1
        inputs[GIVEN:] = continued(p, inputs[:GIVEN], FREE)
        h, o = run(p, inputs)
        do = (o - windows[1:]) * 5 / o.size
        do[:UNSCORED] = 0  # too early: the network has seen too few months
        return backward(p, inputs, h, do, None)

    return adam(initial(rng, 1, HIDDEN, 1), gradients, 3_000, 0.01, decay=0.01)


def continued(p: Parameters, x: Array, months: int) -> Array:
    """Return the next `months` values (months, B, 1) after x (T, B, 1)."""
    h, o = run(p, x)
    found = [o[-1]]
    while len(found) < months:
        h, o = run(p, found[-1][None], h[-1])
        found.append(o[-1])
    return np.array(found)


def error(p: Parameters, growth: Array, begin: int, true: Array) -> float:
    """Return the mean error in percent of a forecast from month `begin` on."""
    x = growth[begin - GIVEN - 1 : begin - 1, None, None]
    forecast = np.exp(np.cumsum(continued(p, x, len(true) - begin)) / 10) * true[begin - 1]
    return float(np.abs(forecast / true[begin:] - 1).mean() * 100)


def main() -> None:
    true = passengers()
    growth = (np.diff(np.log(true)) * 10).round(2)
    tried = [rounded(train(growth[:107], seed), 3) for seed in range(1, 5)]
    errors = [error(p, growth, 108, true[:120]) for p in tried]
    p = tried[int(np.argmin(errors))]
    found = error(p, growth, 120, true)
    naive = float(np.abs(np.tile(true[108:120], 2) / true[120:] - 1).mean() * 100)
    sys.stdout.write(f"{errors} -> {found:.2f} %; last year's: {naive:.2f} %\n")
    x = toml("x", growth[119 - GIVEN : 119])
    text = HEAD.format(error=found, naive=naive) + x + weights(p)
    (SAMPLES / "forecast.toml").write_text(text)


if __name__ == "__main__":
    main()
