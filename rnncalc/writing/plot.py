"""The states over time as a line of bars for each hidden unit."""

from rnncalc.numerals.rounding import short
from rnncalc.writing.steps import Excerpt

_BARS, _PLAIN_BARS = "▁▂▃▄▅▆▇█", "_.-:=+*#"
_RANGES = {
    **dict.fromkeys(("tanh", "softsign", "hard_tanh"), (-1.0, 1.0)),
    **dict.fromkeys(("sigmoid", "step"), (0.0, 1.0)),
}


def scale_of(shown: Excerpt, activation: str) -> tuple[float, float]:
    """Return the lowest and the highest state there can be, or where that is no limit, there is."""
    if activation in _RANGES:
        return _RANGES[activation]
    values = [value for step in shown.steps for value in step.values["h"]]
    low, high = min(0.0, *values), max(0.0, *values)
    return (low, high) if low < high else (0.0, 1.0)


def plot_lines(shown: Excerpt, low: float, high: float, *, plain: bool = False) -> list[str]:
    """Return a line for each component of h, a bar a step shown, below a line with the scale.

    Args:
        shown: the steps.
        low: the state that the lowest bar stands for.
        high: the state that the highest stands for.
        plain: whether only ASCII can be shown.
    """
    states = [step.values["h"] for step in shown.steps]
    bars = _PLAIN_BARS if plain else _BARS
    lines = [f"h over time: {bars[0]} is {short(low, 3)}, {bars[-1]} is {short(high, 3)}"]
    for i in range(len(states[0])):
        drawn = [bars[_level(h[i], low, high)] for h in states]
        if shown.left_out:
            drawn.insert(len(shown.first), " ... ")
        lines.append(f"{_label(i, len(states[0]))} {''.join(drawn)}")
    return lines


def _label(i: int, size: int) -> str:
    """Return the name of a component, all of one width."""
    return f"h[{i}]".ljust(len(f"h[{size - 1}]")) if size > 1 else "h"


def _level(value: float, low: float, high: float) -> int:
    # halved, so that the largest floats do not overflow
    span = high / 2 - low / 2
    share = (value / 2 - low / 2) / span if span else 0.0  # half of the smallest float is 0
    return round(share * (len(_BARS) - 1))
