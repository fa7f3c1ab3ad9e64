"""A Problem: a network, its start, and its inputs."""

from dataclasses import dataclass

from rnncalc.arrays import Array
from rnncalc.network.equations import Rows
from rnncalc.network.losses import Loss
from rnncalc.network.model import Network
from rnncalc.network.symbols import Inputs, Vocabulary


@dataclass(frozen=True, eq=False)
class Problem:
    """What is to be run.

    Attributes:
        network: the layers and the readout.
        start: (H,), the state before step 1, by the name of its quantity.
        x: (T, D), the inputs; None where they come from standard input.
        notes: what was assumed or converted when it was read, a sentence each.
        inputs: what stands for symbols or ids, if x may be such.
        spelt: (T,), the positions of the symbols or ids that x was given as; None for numbers.
        labels: the names of the outputs.
        target: (T, K), what the outputs should be; a row of NaN at a step without a target.
        loss: how far the outputs are from it.
        stop: the output that ends a text which is generated.
        origin: the files that the weights come from; "" where they were typed.
    """

    network: Network
    start: Rows
    x: Array | None
    notes: tuple[str, ...] = ()
    inputs: Inputs | None = None
    spelt: tuple[int, ...] | None = None
    labels: Vocabulary | None = None
    target: Array | None = None
    loss: Loss | None = None
    stop: int | None = None
    origin: str = ""
