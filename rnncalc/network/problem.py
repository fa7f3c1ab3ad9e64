"""A Problem: a network, its start, and its inputs."""

from dataclasses import dataclass

from rnncalc.arrays import Array
from rnncalc.network.model import Network


@dataclass(frozen=True, eq=False)
class Problem:
    """What is to be run.

    Attributes:
        network: the cell and its readout.
        h0: (H,), the state before step 1.
        x: (T, D), the inputs; None where they come from standard input.
        given: the keys that were given and not left to their default.
    """

    network: Network
    h0: Array
    x: Array | None
    given: frozenset[str]
