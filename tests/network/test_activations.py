import math

import numpy as np
import pytest

from plain_loop import F, softmax
from rnncalc import ACTIVATIONS, InputError
from rnncalc.network.activation_names import activation_named
from rnncalc.network.more_activations import from_name

KNOWN = "tanh, relu, sigmoid, linear, step, step0, softplus, softsign, elu, selu, relu6, hard_tanh"
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


@pytest.mark.parametrize("name", ["ReLU", "HARD_TANH", "Hardtanh", "hard-tanh", "ReLU6"])
def test_a_name_may_be_written_as_in_other_frameworks(name: str) -> None:
    plain = name.lower().replace("-", "_").replace("hardtanh", "hard_tanh")
    assert activation_named(name, "activation") is ACTIVATIONS[plain]


def test_selu_has_the_constants_that_keep_mean_0_and_variance_1() -> None:
    # Klambauer et al., Self-Normalizing Neural Networks (2017), equation 14
    e, root = math.e, math.erfc(1 / math.sqrt(2))
    alpha = -math.sqrt(2 / math.pi) / (root * math.sqrt(e) - 1)
    scale = (
        (1 - root * math.sqrt(e))
        * math.sqrt(2 * math.pi)
        / math.sqrt(
            2 * math.erfc(math.sqrt(2)) * e**2
            + math.pi * root**2 * e
            - 2 * (2 + math.pi) * root * math.sqrt(e)
            + math.pi
            + 2
        )
    )
    low, one = ACTIVATIONS["selu"](np.array([-1000.0, 1.0]))

    assert low == pytest.approx(-scale * alpha, rel=1e-13)
    assert one == pytest.approx(scale, rel=1e-13)
    assert (round(alpha, 4), round(scale, 4)) == (1.6733, 1.0507)


def test_step0_is_1_above_0_only() -> None:
    assert ACTIVATIONS["step0"](np.array([-0.1, 0.0, 0.1])).tolist() == [0.0, 0.0, 1.0]


def test_relu6_ends_at_6() -> None:
    assert ACTIVATIONS["relu6"](np.array([-1.0, 0.0, 5.5, 6.5])).tolist() == [0.0, 0.0, 5.5, 6.0]


def test_step_is_1_from_0_on() -> None:
    assert ACTIVATIONS["step"](np.array([-0.1, 0.0, 0.1])).tolist() == [0.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("name", "key", "message"),
    [
        ("tahn", "activation", "unknown activation 'tahn'; did you mean 'tanh'?"),
        ("Tahn", "activation", "unknown activation 'Tahn'; did you mean 'tanh'?"),
        ("leaky_relu", "activation", f"unknown activation 'leaky_relu'; known are {KNOWN}"),
        ("GELU", "activation", f"unknown activation 'GELU'; known are {KNOWN}"),
        (
            "log_softmax",
            "output_activation",
            f"unknown activation 'log_softmax'; known are {KNOWN}, softmax",
        ),
        ("identity", "activation", "unknown activation 'identity'; did you mean 'linear'?"),
        ("Identity", "activation", "unknown activation 'Identity'; did you mean 'linear'?"),
        ("relu(6)", "activation", "unknown activation 'relu(6)'; did you mean 'relu6'?"),
        (
            "softmax",
            "activation",
            "softmax is for the output only; use --output-activation softmax",
        ),
        (
            "qqq",
            "activation",
            f"unknown activation 'qqq'; known are {KNOWN}",
        ),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(name: str, key: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        activation_named(name, key)

    assert caught.value.message == message


def test_the_logarithm_of_softmax_works_on_each_row() -> None:
    rows = [[0.0, math.log(3)], [math.log(4), 0.0]]
    f = from_name("log(softmax)")
    assert f

    expected = np.log([softmax(row) for row in rows])

    assert f(np.array(rows)) == pytest.approx(expected, rel=1e-14)
    assert f(np.array(rows[0])) == pytest.approx(expected[0], rel=1e-14)
    assert f(np.array([1000.0, 0.0])).tolist() == [0.0, -1000.0]
