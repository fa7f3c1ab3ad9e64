"""A worked example with its printed values, read without the program's own reader."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rnncalc.arrays import Array
from rnncalc.checking.check import check
from rnncalc.checking.report import Report
from rnncalc.network.activations import ACTIVATIONS, TANH
from rnncalc.network.cells import Cell, Readout
from rnncalc.network.model import Network
from rnncalc.numerals.number import Written
from rnncalc.numerals.printed import Tolerance, printed_rows

Texts = dict[str, list[list[str | None]]]


class Example(NamedTuple):
    """A network, its run, and the texts of the values that somebody printed for it."""

    network: Network
    h0: Array
    x: Array
    texts: Texts

    def marked(self, tolerance: Tolerance | None = None) -> Report:
        """Return what `check` says."""
        return checked(self.network, self.h0, self.x, self.texts, tolerance)


def checked(
    network: Network, h0: Array, x: Array, texts: Texts, tolerance: Tolerance | None = None
) -> Report:
    """Return what `check` says of the texts of printed values."""
    printed = {
        name: printed_rows([[Written(text) if text else None for text in row] for row in rows])
        for name, rows in texts.items()
    }
    return check(network, network.start(h0), x, printed, tolerance)


def load(path: Path) -> Example:
    """Return the example in `path`; every number in it keeps its text."""
    with path.open("rb") as file:
        found = tomllib.load(file, parse_float=str)
    if "vocabulary" in found:
        found["x"] = [[int(c == symbol) for symbol in found["vocabulary"]] for c in found["x"]]
    W = {key: numbers(found[key]) for key in ("wxh", "whh", "bh", "h0", "x")}
    cell = Cell(W["wxh"], W["whh"], W["bh"], ACTIVATIONS[found["activation"]])
    readout = None
    if "why" in found:
        g = ACTIVATIONS[found["output_activation"]]
        readout = Readout(numbers(found["why"]), numbers(found["by"]), g)
    return Example(Network(cell, readout), W["h0"], W["x"], texts(**found["expect"]))


def numbers(value: Sequence[object]) -> Array:
    """Return nested lists of numbers, or of their texts, as an array."""
    return np.array(value, dtype=np.float64)


def texts(**quantities: Sequence[Sequence[object]]) -> Texts:
    """Return values as texts, None for "?"."""
    return {
        name: [[None if item == "?" else str(item) for item in row] for row in rows]
        for name, rows in quantities.items()
    }


def network(units: int = 1, outputs: int = 1) -> Network:
    """Return a network of one input."""
    cell = Cell(numbers([[0.5]] * units), numbers([[0.25] * units] * units))
    readout = Readout(numbers([[0.5] * units] * outputs)) if outputs else None
    return Network(cell, readout)


def scalar(**quantities: str) -> Example:
    """Return the source document's network with printed values, one per step: `h="0.5 0.8 ?"`."""
    cell = Cell(numbers([[0.5]]), numbers([[0.3]]), numbers([0.1]), TANH)
    network = Network(cell, Readout(numbers([[0.4]]), numbers([0.2])))
    rows = {name: [[item] for item in line.split()] for name, line in quantities.items()}
    return Example(network, numbers([0]), numbers([[1], [2], [3]]), texts(**rows))


def printed(rows: dict[str, Array], decimals: int = 4) -> Texts:
    """Return arrays (T, n) as they are printed."""
    return texts(**{n: [[f"{v:.{decimals}f}" for v in row] for row in r] for n, r in rows.items()})
