import math

import numpy as np
import pytest

from plain_loop import F, softmax
from rnncalc import ACTIVATIONS, InputError
from rnncalc.network.activations import activation_named

FINITE = [
    -1.7e308,
    -1e300,
    -1000.0,
    -745.2,
    -20.5,
    -1.0,
    -0.3,
    -5e-324,
    0.0,
    1e-9,
    0.7,
    1.0,
    33.3,
    800.0,
    1e300,
    1.7e308,
]


@pytest.mark.parametrize("name", F)
@pytest.mark.parametrize("a", FINITE)
def test_an_activation_is_right_for_every_finite_input(name: str, a: float) -> None:
    given = float(ACTIVATIONS[name](np.array([a]))[0])

    assert math.isclose(given, F[name](a), rel_tol=1e-15, abs_tol=1e-323)


def test_no_activation_but_softmax_lacks_an_independent_check() -> None:
    assert set(ACTIVATIONS) - {"softmax"} == set(F)


@pytest.mark.parametrize(
    "o", [[0.0], [1000.0, 0.0], [-1000.0, 0.0], [1e308, -1e308], [1.0, 2.0, 3.0], [0.0] * 5]
)
def test_softmax_is_right_for_every_finite_input(o: list[float]) -> None:
    given = ACTIVATIONS["softmax"](np.array(o)).tolist()

    assert given == pytest.approx(softmax(o), rel=1e-15, abs=1e-323)


def test_softmax_works_on_each_row() -> None:
    rows = ACTIVATIONS["softmax"](np.array([[0.0, math.log(3)], [math.log(4), 0.0]]))

    assert rows == pytest.approx(np.array([[0.25, 0.75], [0.8, 0.2]]))


def test_step_is_1_from_0_on() -> None:
    assert ACTIVATIONS["step"](np.array([-0.1, 0.0, 0.1])).tolist() == [0.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("name", "key", "message"),
    [
        ("tahn", "activation", "unknown activation 'tahn'; did you mean 'tanh'?"),
        ("Tanh", "activation", "unknown activation 'Tanh'; did you mean 'tanh'?"),
        ("identity", "activation", "unknown activation 'identity'; did you mean 'linear'?"),
        ("hard-tanh", "activation", "unknown activation 'hard-tanh'; did you mean 'hard_tanh'?"),
        (
            "softmax",
            "activation",
            "softmax is for the output only; use --output-activation softmax",
        ),
        (
            "qqq",
            "activation",
            "unknown activation 'qqq'; known are tanh, relu, sigmoid, linear, step, softplus, "
            "softsign, elu, hard_tanh",
        ),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(name: str, key: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        activation_named(name, key)

    assert caught.value.message == message
