import numpy as np
import pytest

from rnncalc import Cell, InputError, Layer, Network, Readout, forward
from rnncalc.network.activations import ACTIVATIONS

TWO = np.eye(2)


def refusal(make: object) -> str:
    with pytest.raises(InputError) as caught:
        make()  # type: ignore[operator]
    return str(caught.value)


def test_a_bias_is_missing_and_an_activation_tanh_unless_given() -> None:
    cell = Cell(W_xh=TWO, W_hh=TWO)

    assert cell.b_h is None
    assert cell.activation.name == "tanh"


def test_an_output_is_softmax_but_linear_where_it_is_single() -> None:
    assert Readout(W_hy=TWO).activation.name == "softmax"
    assert Readout(W_hy=TWO[:1]).activation.name == "linear"


def test_whh_must_be_square() -> None:
    assert (
        refusal(lambda: Cell(TWO, np.ones((2, 3))))
        == "whh: 2 x 3, but wxh has 2 rows, so whh must be 2 x 2"
    )


def test_wxh_needs_a_row_a_hidden_unit() -> None:
    assert (
        refusal(lambda: Cell(np.ones((3, 1)), TWO))
        == "wxh: 3 x 1, but whh is 2 x 2, so wxh needs 2 rows, or whh must be 3 x 3"
    )
    assert (
        refusal(lambda: Cell(np.ones((3, 2)), TWO))
        == "wxh: 3 x 2, but whh is 2 x 2, so wxh needs 2 rows; its transpose would fit (for x W, as Keras writes it; then transpose whh too)"
    )


def test_whh_is_wrong_if_wxh_and_the_bias_agree() -> None:
    assert (
        refusal(lambda: Cell(np.ones((3, 1)), TWO, np.ones(3)))
        == "whh: 2 x 2, but wxh has 3 rows and bh 3 values, so whh must be 3 x 3"
    )
    assert (
        refusal(lambda: Cell(np.ones((3, 1)), TWO, np.ones(2)))
        == "wxh: 3 x 1, but whh is 2 x 2, so wxh needs 2 rows, or whh must be 3 x 3"
    )


def test_why_needs_a_column_a_hidden_unit() -> None:
    assert (
        refusal(lambda: Network(Cell(TWO, TWO), Readout(np.ones((2, 3)))))
        == "why: 2 x 3, but whh is 2 x 2, so why needs 2 columns; its transpose would fit (for x W, as Keras writes it)"
    )


def test_a_bias_needs_a_number_a_unit() -> None:
    assert (
        refusal(lambda: Cell(TWO, TWO, np.ones(3)))
        == "bh: 3 values, but whh is 2 x 2, so bh needs 2"
    )
    assert (
        refusal(lambda: Readout(TWO, np.ones(1)))
        == "by: 1 value, but why has 2 rows, so by needs 2"
    )


def test_a_step_needs_a_number_an_input() -> None:
    network = Network(Cell(TWO, TWO))

    assert (
        refusal(lambda: network.sequence([[1.0, 2.0, 3.0]]))
        == "x: step 1 has 3 values, but wxh has 2 columns, so every step needs 2"
    )


def test_a_number_that_is_not_finite_is_refused() -> None:
    assert refusal(lambda: Cell([[np.inf]], TWO)) == "wxh: holds a number that is not finite"


def test_what_two_directions_give_has_the_number_of_the_layer_that_reads_it() -> None:
    both = Layer(Cell(TWO, TWO), Cell(TWO, TWO), "sum")

    names = [equation.name for equation in Network([both, both]).equations]

    assert names == [
        *("a_l0", "h_l0", "a_l0_reverse", "h_l0_reverse", "x_l1"),
        *("a_l1", "h_l1", "a_l1_reverse", "h_l1_reverse", "h"),
    ]


def test_a_network_does_not_change_with_the_array_it_was_made_of() -> None:
    weights = np.eye(2)
    cell = Cell(weights, TWO)

    weights[0, 0] = 7.0

    assert cell.W_xh.tolist() == [[1.0, 0.0], [0.0, 1.0]]
    with pytest.raises(ValueError, match="read-only"):
        cell.W_xh[0, 0] = 7.0


def test_an_activation_may_be_given_by_its_name() -> None:
    assert Cell(TWO, TWO, activation="relu").activation.name == "relu"
    assert Readout(TWO, activation="sigmoid").activation.name == "sigmoid"
    assert refusal(lambda: Cell(TWO, TWO, activation="rleu")) == (
        "activation: unknown activation 'rleu'; did you mean 'relu'?"
    )
    assert refusal(lambda: Cell(TWO, TWO, activation=np.tanh)) == (  # type: ignore[arg-type]
        "activation: expected a name such as 'tanh', got '<ufunc 'tanh'>'"
    )


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ([1.0, 2.0], "x: has shape (2,), but must be a list of rows"),
        (np.zeros((0, 2)), "x: has shape (0, 2), but must not be empty"),
        ([["1", "2"]], "x: holds <U1, but must hold real numbers"),
        ([[1j, 2]], "x: holds complex128, but must hold real numbers"),
        ([[True, False]], "x: holds bool, but must hold real numbers"),
        ([[1.0, 2.0], [3.0]], "x: has rows of different lengths"),
    ],
)
def test_an_array_that_is_no_sequence_is_named(x: object, message: str) -> None:
    network = Network(Cell(TWO, TWO))

    assert refusal(lambda: forward(network, h=np.zeros(2), x=x)) == message  # type: ignore[arg-type]


def test_softmax_is_no_activation_of_a_cell_and_no_name_is_none() -> None:
    with pytest.raises(InputError, match="softmax is for the output only"):
        Cell(W_xh=[[1]], W_hh=[[1]], activation=ACTIVATIONS["softmax"])
    with pytest.raises(InputError, match="unknown activation ''"):
        Readout(W_hy=[[1]], activation="")
