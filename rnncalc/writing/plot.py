"""The states over time: one line of bars for each hidden unit."""

from collections.abc import Sequence

from rnncalc.network.model import Network
from rnncalc.writing.formulas import functions
from rnncalc.writing.numbers import short
from rnncalc.writing.steps import Excerpt

_BARS, _PLAIN_BARS = "▁▂▃▄▅▆▇█", "_.-:=+*#"
_RANGES = {
    **dict.fromkeys(("tanh", "softsign", "hard_tanh"), (-1.0, 1.0)),
    **dict.fromkeys(("sigmoid", "step"), (0.0, 1.0)),
}


def scale_of(network: Network, shown: Excerpt) -> tuple[float, float]:
    """Return the lowest and the highest state that is possible or, if unlimited, that is shown."""
    named = functions(network.equations)
    limits = []
    for name in network.states:
        values = [value for step in shown.steps for value in step.values[name]]
        seen = min(0.0, *values), max(0.0, *values)
        limits.append(_RANGES.get(named[name].name, seen) if name in named else seen)
    low, high = min(low for low, _ in limits), max(high for _, high in limits)
    return (low, high) if low < high else (0.0, 1.0)


def plot_lines(
    states: Sequence[str], shown: Excerpt, low: float, high: float, *, plain: bool = False
) -> list[str]:
    """Return one line for each component, with one bar per step shown, below a line of the scale.

    Args:
        states: the quantities to draw.
        shown: the steps.
        low: the state that the lowest bar represents.
        high: the state that the highest bar represents.
        plain: whether only ASCII can be shown.
    """
    bars = _PLAIN_BARS if plain else _BARS
    lines = {}
    for name in states:
        rows = [step.values[name] for step in shown.steps]
        for i, values in enumerate(zip(*rows, strict=True)):
            drawn = [bars[_level(value, low, high)] for value in values]
            if shown.left_out:
                drawn.insert(len(shown.first), " ... ")
            lines[f"{name}[{i}]" if len(rows[0]) > 1 else name] = "".join(drawn)
    width = max(map(len, lines))
    scale = f"{bars[0]} is {short(low, 3)}, {bars[-1]} is {short(high, 3)}"
    drawings = [f"{label.ljust(width)} {drawing}" for label, drawing in lines.items()]
    return [f"{', '.join(states)} over time: {scale}", *drawings]


def bars(values: Sequence[float], low: float, high: float, *, plain: bool = False) -> str:
    """Return one bar for each value, the highest for `high`."""
    of = _PLAIN_BARS if plain else _BARS
    return "".join(of[_level(value, low, high)] for value in values)


def _level(value: float, low: float, high: float) -> int:
    # halved, so that the largest floats do not overflow
    span = high / 2 - low / 2
    share = (value / 2 - low / 2) / span if span else 0.0  # half of the smallest float is 0
    return round(share * (len(_BARS) - 1))
