"""How far two right programs may drift apart: two that are run here stay within it."""

import numpy as np
import pytest

from rnncalc.arrays import Array
from rnncalc.network.activations import SOFTMAX, TANH
from rnncalc.network.cells import Cell, Layer
from rnncalc.network.forward import forward
from rnncalc.network.model import Network
from rnncalc.network.noise import Noise, moved

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


def test_large_inputs_make_the_steps_after_them_no_less_certain() -> None:
    x = np.random.default_rng(3).normal(size=(40, 1))
    x[:10] = 1e6  # an ulp of which is 1e-10
    network = Network(Cell(W_XH, W_HH))

    noise = Noise(network.equations, forward(network, np.zeros(2), x))

    assert noise.grown["a"][:10].max() > 1e-10
    assert noise.grown["a"][10:].max() < 1e-13


@pytest.mark.parametrize("size", [1, 2, 5])
def test_no_softmax_moves_further_than_the_bound_says(size: int) -> None:
    rng = np.random.default_rng(size)
    for _ in range(500):
        o, off = rng.normal(size=(1, size)) * 10 ** rng.uniform(-2, 3), 10 ** rng.uniform(-6, 2)
        signs = rng.choice((-1.0, 1.0), size=(20, size))
        y, others = plain_softmax(o), plain_softmax(o + off * signs)

        bound = moved(SOFTMAX, o, np.full_like(o, off))

        assert (np.abs(others - y) <= bound * (1 + 1e-9) + 1e-15).all()
        assert (bound <= np.minimum(1.0, off / 2)).all()  # as far as half of what moves it


def plain_softmax(o: Array) -> Array:
    e = np.exp(o - o.max(axis=1, keepdims=True))
    return np.asarray(e / e.sum(axis=1, keepdims=True))


def test_where_a_function_is_flat_its_value_is_certain_whatever_its_argument_is_off_by() -> None:
    a, off = np.array([[1e20, 0.0]]), np.array([[1e5, 1e-10]])
    assert moved(TANH, a, off)[0, 0] == 0
    assert moved(TANH, a, off)[0, 1] == pytest.approx(1e-10)
    assert (moved(SOFTMAX, np.array([[1e20, -1e20]]), np.full((1, 2), 1e5)) == 0).all()
