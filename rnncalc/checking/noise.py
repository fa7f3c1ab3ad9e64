"""How far two right calculations of one network may drift apart.

Another program adds the same terms in another order, and its every sum ends in another last bit. A
network that forgets keeps that harmless; one whose recurrence is chaotic lets it grow until the
figures have nothing in common, and neither program is wrong.
"""

from dataclasses import dataclass

import numpy as np

from rnncalc.arrays import Array
from rnncalc.network.model import Network
from rnncalc.network.trace import Trace
from rnncalc.numerals.printed import EPSILON

_SHADOWS = 4
_SAFETY = 16  # another order of additions errs by a few units, and in directions not tried here
_GROWN = 4  # over many steps the errors of a single one even out


@dataclass(frozen=True, eq=False)
class Noise:
    """How far a right figure may be off, by quantity, each (T, 1).

    Attributes:
        grown: what has gathered over the steps before.
        fresh: what a single step adds.
    """

    grown: dict[str, Array]
    fresh: dict[str, Array]


def noise(network: Network, h0: Array, trace: Trace) -> Noise:
    """Run `network` beside itself, every sum moved by one unit in its last place.

    The state before step 1 may be zero, and a network may forget for long before it does not: so
    the move is made at every step, not only at the first.
    """
    sizes = _sizes(network, h0, trace)
    fresh = {name: _SAFETY * EPSILON * size[:, None] for name, size in sizes.items()}
    return Noise(_grown(network, h0, trace, sizes), fresh)


def _sizes(network: Network, h0: Array, trace: Trace) -> dict[str, Array]:
    """Return (T,) the size of the largest sum of a step, its terms taken without their signs."""
    before = np.abs(np.vstack((h0, trace.h[:-1])))
    cell, readout = network.cell, network.readout
    inner = before @ np.abs(cell.W_hh).T + np.abs(trace.x) @ np.abs(cell.W_xh).T + np.abs(cell.b_h)
    # the errors of n additions are of either sign, so about sqrt(n) of them remain
    hidden = inner.max(axis=1) * np.sqrt(cell.hidden_size + cell.input_size)
    sizes = {"a": hidden, "h": hidden}
    if readout:
        outer = np.abs(trace.h) @ np.abs(readout.W_hy).T + np.abs(readout.b_y)
        sizes |= dict.fromkeys(("o", "y"), outer.max(axis=1) * np.sqrt(cell.hidden_size))
    return sizes


def _grown(network: Network, h0: Array, trace: Trace, sizes: dict[str, Array]) -> dict[str, Array]:
    h = np.tile(h0, (_SHADOWS, 1))
    inputs = trace.x @ network.cell.W_xh.T + network.cell.b_h
    grown: dict[str, Array] = {name: np.empty((len(trace), 1)) for name in sizes}
    signs = np.array((-1, 1), dtype=np.int8)
    moves = np.random.default_rng(0).choice(signs, (len(trace), *h.shape))
    for t, (start, move) in enumerate(zip(inputs, moves, strict=True)):
        a = h @ network.cell.W_hh.T + start + move * (EPSILON * sizes["a"][t])
        h = network.cell.activation(a)
        found = {"a": a, "h": h} | _outputs(network, h)
        for name, values in found.items():
            drift = np.abs(values - getattr(trace, name)[t]).max()
            grown[name][t] = _GROWN * drift + _SAFETY * EPSILON * sizes[name][t]
    return grown


def _outputs(network: Network, h: Array) -> dict[str, Array]:
    if network.readout is None:
        return {}
    o = h @ network.readout.W_hy.T + network.readout.b_y
    return {"o": o, "y": network.readout.activation(o)}
