"""`rnncalc activations`: the functions that a network may have, and their formulas."""

from rnncalc.commands import Answer
from rnncalc.network.activations import ACTIVATIONS

_ONLY = {True: "  (output only)", False: ""}


def answer() -> Answer:
    """Return one line per activation: its name, and its formula."""
    return Answer(f"{f.name:<10} {f.formula}{_ONLY[f.output_only]}\n" for f in ACTIVATIONS.values())
