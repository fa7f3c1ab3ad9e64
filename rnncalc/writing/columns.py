"""What a step consists of and what its figures are called: the only home of the column names."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the names are wanted before NumPy is
    from rnncalc.arrays import Array
    from rnncalc.network.trace import Trace

QUANTITIES = ("x", "a", "h", "o", "y")
"""In the order in which they are computed and written; o and y need a readout."""

Only = tuple[str, ...] | None
"""The quantities to write; None for all. t is always written."""


def quantities(trace: "Trace", only: Only = None) -> "dict[str, Array]":
    """Return the quantities of `trace` by name, each (T, its size), without those left out."""
    every = {name: getattr(trace, name) for name in QUANTITIES if only is None or name in only}
    return {name: rows for name, rows in every.items() if rows is not None}


def columns(trace: "Trace", only: Only = None) -> list[str]:
    """Return the names of the figures of a step: `t`, `x[0]`, `x[1]`, `a[0]`, ..., `y[0]`."""
    sizes = {name: rows.shape[1] for name, rows in quantities(trace, only).items()}
    return ["t", *(f"{name}[{i}]" for name, size in sizes.items() for i in range(size))]
