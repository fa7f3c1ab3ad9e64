"""How far two right programs may drift apart: two that are run here stay within it."""

import numpy as np
import pytest

from rnncalc.arrays import Array
from rnncalc.network.cells import Cell, Layer
from rnncalc.network.forward import forward
from rnncalc.network.model import Network
from rnncalc.network.noise import Noise

W_XH, W_HH = np.array([[0.7], [-1.2]]), np.array([[0.5, -0.4], [0.3, 0.6]])


def states(x: Array, order: int) -> Array:
    """Return the states (T, 2) of a program that adds the last term first."""
    h, rows = np.zeros(2), []
    for x_t in x[::order]:
        h = np.tanh(W_HH[:, 1] * h[1] + W_HH[:, 0] * h[0] + W_XH[:, 0] * x_t[0])
        rows.append(h)
    return np.array(rows)[::order]


@pytest.mark.parametrize("steps", [5, 600])
def test_where_a_network_forgets_drift_stays_small_in_both_directions_however_long(
    steps: int,
) -> None:
    cell = Cell(W_XH, W_HH)
    network = Network([Layer(cell, cell)])
    x = np.random.default_rng(2).normal(size=(steps, 1))
    trace = forward(network, np.zeros((2, 2)), x)

    noise = Noise(network.equations, trace)

    for name, order in (("h_l0", 1), ("h_l0_reverse", -1)):
        drift = np.abs(states(x, order) - trace[name]).max(axis=1, keepdims=True)
        assert (drift <= noise.grown[name]).all()
        assert (noise.fresh[name] <= noise.grown[name]).all()
        assert noise.grown[name].max() < 1e-13
