"""How large the states of a network may be: the scale of a plot, and of the shades of a table."""

from rnncalc.network.model import Network
from rnncalc.writing.formulas import functions
from rnncalc.writing.steps import Excerpt

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


def size_of_state(network: Network, shown: Excerpt) -> float:
    """Return the size of a state that counts as large."""
    low, high = scale_of(network, shown)
    return max(-low, high)
