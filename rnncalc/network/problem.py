"""A Problem: a network, its start, and its inputs."""

from dataclasses import dataclass

from rnncalc.arrays import Array
from rnncalc.network.equations import Rows
from rnncalc.network.model import Network


@dataclass(frozen=True, eq=False)
class Problem:
    """What is to be run.

    Attributes:
        network: the layers and the readout.
        start: (H,), the state before step 1, by the name of its quantity.
        x: (T, D), the inputs; None where they come from standard input.
        notes: what was assumed or converted when it was read, a sentence each.
    """

    network: Network
    start: Rows
    x: Array | None
    notes: tuple[str, ...] = ()
