"""A calculation as its author had it: what was printed, and what follows where nothing was."""

from dataclasses import dataclass

import numpy as np

from rnncalc.arrays import Array
from rnncalc.network.model import Network
from rnncalc.network.trace import Trace
from rnncalc.numerals.printed import Claims, blend


@dataclass(frozen=True, eq=False)
class Track:
    """The figures that a calculation went on with.

    Attributes:
        states: (T + 1, H), from h_0 on: `states[t]` is the state before row t.
        a: (T, H), the pre-activations.
        o: (T, K), the outputs before g; K is 0 without a readout.
        y: (T, K), the outputs.
    """

    states: Array
    a: Array
    o: Array
    y: Array

    def rows(self, name: str) -> Array:
        """Return `a`, `h`, `o` or `y`, (T, n)."""
        rows: Array = self.states[1:] if name == "h" else getattr(self, name)
        return rows

    def row(self, name: str, t: int) -> Array:
        """Return row `t` of `a h o y`, (n,)."""
        row: Array = self.rows(name)[t]
        return row


@dataclass(frozen=True, eq=False)
class Authored:
    """A calculation as its author had it.

    Attributes:
        claims: what was printed.
        redone: every figure as it follows from what was printed before it.
        own: what was printed, and where nothing was, what follows.
    """

    claims: Claims
    redone: Track
    own: Track

    def has(self, name: str, t: int, i: int) -> bool:
        """Return whether component `i` of row `t` of `name` was printed."""
        return name in self.claims and bool(self.claims[name].printed[t, i])


def of_trace(h0: Array, trace: Trace) -> Track:
    """Return a track to be written to, with the figures of `trace`."""
    nothing = np.empty((len(trace), 0))
    o, y = (nothing if rows is None else rows.copy() for rows in (trace.o, trace.y))
    return Track(np.vstack((h0, trace.h)), trace.a.copy(), o, y)


def from_printed(network: Network, h0: Array, x: Array, claims: Claims) -> Track:
    """Return every figure redone from the figures printed before it.

    Each pre-activation from the printed state before it, each state from the printed
    pre-activation, each output from the printed state, each g(o) from the printed o; where one of
    these is not printed, from what follows from those that are.
    """
    states = _printed_states(network, h0, x, claims)
    a = _pre_activations(network, states[:-1], x)
    h = network.cell.activation(blend(claims.get("a"), a))
    o, y = outputs(network, states[1:], claims)
    return Track(np.vstack((h0, h)), a, o, y)


def printed(redone: Track, claims: Claims) -> Track:
    """Return what was printed, and where nothing was, what `from_printed` gave."""
    h0, h = redone.states[:1], redone.states[1:]
    return Track(
        np.vstack((h0, blend(claims.get("h"), h))),
        *(blend(claims.get(name), getattr(redone, name)) for name in "aoy"),
    )


def straight(network: Network, x: Array, own: Track) -> Track:
    """Return h and y of the track `own` redone from the states alone, past the printed a and o."""
    a = _pre_activations(network, own.states[:-1], x)
    o, y = outputs(network, own.states[1:], {})
    return Track(np.vstack((own.states[:1], network.cell.activation(a))), a, o, y)


def on_paper(network: Network, h0: Array, x: Array, claims: Claims) -> Track:
    """Return every figure as it follows where what is not printed was rounded on paper as well.

    Who prints h and y with three decimals has written a and o down so too, and went on with them.
    """
    cell, readout = network.cell, network.readout
    a, h = np.empty((len(x), h0.size)), np.empty((len(x), h0.size))
    before, inputs = np.vstack((h0, h)), x @ cell.W_xh.T + cell.b_h
    for t in range(len(x)):
        here = slice(t, t + 1)
        a[here] = before[here] @ cell.W_hh.T + inputs[here]
        h[here] = cell.activation(_written(claims, "a", "h", a[here], here))
        before[t + 1] = _written(claims, "h", "y", h[here], here)
    states, every = np.vstack((h0, h)), slice(None)
    if readout is None:
        return Track(states, a, *outputs(network, h, {}))
    o = before[1:] @ readout.W_hy.T + readout.b_y
    return Track(states, a, o, readout.activation(_written(claims, "o", "y", o, every)))


def _written(claims: Claims, name: str, after: str, values: Array, steps: slice) -> Array:
    """Return rows of `name`: as printed, else rounded like what comes after it, or anything."""
    of = claims.get(after) or next(iter(claims.values()))
    unit = 10.0**-of.usual_decimals
    # halves away from zero, also where a half is a little less once it is a binary number
    written = np.copysign(np.floor(np.abs(values) / unit + 0.5 + 1e-9) * unit, values)
    return blend(claims[name].rows(steps), written) if name in claims else written


def outputs(network: Network, h: Array, claims: Claims) -> tuple[Array, Array]:
    """Return o and y (T, K) from the states `h` (T, H), y from the printed o."""
    if network.readout is None:
        return np.empty((len(h), 0)), np.empty((len(h), 0))
    o = h @ network.readout.W_hy.T + network.readout.b_y
    return o, network.readout.activation(blend(claims.get("o"), o))


def _pre_activations(network: Network, before: Array, x: Array) -> Array:
    cell = network.cell
    return np.asarray(before @ cell.W_hh.T + x @ cell.W_xh.T + cell.b_h)


def _printed_states(network: Network, h0: Array, x: Array, claims: Claims) -> Array:
    """Return (T + 1, H), from h_0 on; a state that is not printed follows from the one before."""
    h, a = claims.get("h"), claims.get("a")
    states = np.vstack((h0, np.full((len(x), h0.size), np.nan) if h is None else h.values))
    for t in np.flatnonzero(np.isnan(states).any(axis=1)).tolist():
        here = slice(t - 1, t)
        redone = _pre_activations(network, states[here], x[here])
        f = network.cell.activation(blend(a.rows(here) if a else None, redone))
        states[t] = np.where(np.isnan(states[t]), f[0], states[t])
    return states
