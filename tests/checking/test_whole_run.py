"""A mistake made in every step is named, alone, and nothing else is."""

import math
from typing import Any

import numpy as np
import pytest
from claimed import Claimed, printed, scalar, texts

from plain_loop import F, affine, recur, softmax
from rnncalc.arrays import Array
from rnncalc.network.activations import ACTIVATIONS
from rnncalc.network.cells import Cell, Readout
from rnncalc.network.model import Network
from rnncalc.numerals.printed import Tolerance

Rows = dict[str, Array]

W_XH = [[0.31, -0.42], [0.83, 0.27]]
W_HH = [[0.52, 0.74], [-0.63, 0.15]]
W_HY = [[1.21, -0.33], [0.46, 0.92]]
B_H, B_Y, H0 = [0.12, -0.21], [0.34, -0.16], [0.55, -0.4]
X = [[1.0, -1.7], [-0.6, 1.3], [2.2, -0.4], [0.7, 0.9]]


def transposed(matrix: list[list[float]]) -> list[list[float]]:
    return [list(column) for column in zip(*matrix, strict=True)]


SOUND: dict[str, Any] = {
    "W_xh": W_XH,
    "W_hh": W_HH,
    "b_h": B_H,
    "W_hy": W_HY,
    "b_y": B_Y,
    "h0": H0,
    "x": X,
    "f": "tanh",
    "g": softmax,
}


def run(**mistakes: object) -> Rows:
    """Return the figures of a plain loop."""
    n = SOUND | mistakes
    steps = recur(n["W_xh"], n["W_hh"], n["b_h"], n["f"], n["h0"], n["x"])
    o = [affine(n["W_hy"], h, n["b_y"]) for _, h in steps]
    a, h = zip(*steps, strict=True)
    rows = {"a": a, "h": h, "o": o, "y": [n["g"](row) for row in o]}
    return {name: np.array(values) for name, values in rows.items()}


def claimed(rows: Rows, decimals: int = 4) -> Claimed:
    network = Network(
        Cell(np.array(W_XH), np.array(W_HH), np.array(B_H)),
        Readout(np.array(W_HY), np.array(B_Y)),
    )
    return Claimed(network, np.array(H0), np.array(X), printed(rows, decimals))


def named(rows: Rows, decimals: int = 4) -> list[str]:
    return [cause.id for cause in claimed(rows, decimals).marked().consistent_with]


def twice(b: list[float]) -> list[float]:
    return [2 * value for value in b]


MISTAKES: dict[str, dict[str, Any]] = {
    "why-transposed": {"W_hy": transposed(W_HY)},
    "bh-missing": {"b_h": [0, 0]},
    "bh-twice": {"b_h": twice(B_H)},
    "by-missing": {"b_y": [0, 0]},
    "by-twice": {"b_y": twice(B_Y)},
    "recurrence-missing": {"W_hh": [[0, 0], [0, 0]]},
    "h0-ignored": {"h0": [0, 0]},
    "reversed": {"x": X[::-1]},
    "softmax-missing": {"g": list},
    "softmax-twice": {"g": lambda o: softmax(softmax(o))},
    "softmax-is-sigmoid": {"g": lambda o: [F["sigmoid"](value) for value in o]},
    **{f"activation-{f}": {"f": f} for f in ACTIVATIONS if f not in ("tanh", "softmax")},
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_one_mistake_in_every_step_is_named_alone(mistake: str) -> None:
    assert named(run(**MISTAKES[mistake])) == [mistake]


def test_a_square_matrix_read_column_by_column_is_a_transposed_one() -> None:
    assert named(run(W_hh=transposed(W_HH))) == ["whh-transposed", "whh-column-major"]
    assert named(run(W_xh=transposed(W_XH))) == ["wxh-transposed", "wxh-column-major"]


def test_a_matrix_that_is_not_square_can_be_read_column_by_column_too() -> None:
    W_xh, x = np.array([[0.31, -0.42, 0.2], [0.83, 0.27, -0.5]]), [[1.0, -0.7, 0.4]] * 3
    network = Network(Cell(W_xh, np.array(W_HH)))
    mixed = np.array(W_xh.ravel()).reshape(3, 2).T.tolist()
    rows = {"h": np.array([h for _, h in recur(mixed, W_HH, [0, 0], "tanh", H0, x)])}

    report = Claimed(network, np.array(H0), np.array(x), printed(rows)).marked()

    assert [cause.id for cause in report.consistent_with] == ["wxh-column-major"]


def test_states_a_step_early_or_late_are_named() -> None:
    right = run()
    early = {"h": np.vstack((right["h"][1:], [[9.0, 9.0]]))}
    late = {"h": np.vstack(([H0], right["h"][:-1]))}

    assert (named(early), named(late)) == (["early"], ["late"])


def test_two_mistakes_are_named_as_a_pair_and_never_as_one() -> None:
    both = run(W_hh=transposed(W_HH), b_h=[0, 0])

    assert named(both) == ["whh-transposed+bh-missing"]


@pytest.mark.parametrize(
    ("quantity", "digits", "names"), [("y", 5.90, []), ("h", 6.47, ["whh-transposed+bh-missing"])]
)
def test_a_pair_is_believed_from_six_digits_on_that_chance_would_have_to_hit(
    quantity: str, digits: float, names: list[str]
) -> None:
    # two steps with two decimals each; one figure off by n units is log10(1 + n) digits
    both, right = run(W_hh=transposed(W_HH), b_h=[0, 0])[quantity][:2], run()[quantity][:2]
    off = [abs(float(f"{b:.2f}") - r) * 100 for b, r in zip(both.flat, right.flat, strict=True)]
    assert sum(math.log10(1 + n) for n in off if n > 1) == pytest.approx(digits, abs=0.01)

    rows = [[f"{v:.2f}" for v in row] for row in both] + [["?", "?"]] * 2
    report = claimed({})._replace(texts=texts(**{quantity: rows})).marked()

    assert [cause.id for cause in report.consistent_with] == names


def test_a_mistake_that_is_in_no_list_has_no_name() -> None:
    assert named(run(x=[*X[:2], [0.1, 0.1], X[3]])) == []


def test_a_calculation_by_hand_with_a_mistake_in_every_step_is_named_too() -> None:
    h, rows = np.array(H0), []
    for x in X:  # every state is rounded before it is used
        a = np.array(W_XH) @ x + np.array(W_HH) @ h
        h = np.tanh(a).round(2)
        rows.append(h)

    assert named({"h": np.array(rows)}, decimals=2) == ["bh-missing"]


def test_figures_in_float32_are_told_from_right_ones_where_their_digits_allow_it() -> None:
    W_xh, W_hh, b_h, h = (np.array(v, np.float32) for v in (W_XH, W_HH, B_H, H0))
    rows = []
    for x in np.array(X, np.float32):
        h = np.tanh(W_xh @ x + W_hh @ h + b_h)
        rows.append(h)

    assert named({"h": np.array(rows)}, decimals=9) == ["float32"]
    assert claimed({"h": np.array(rows)}, decimals=4).marked().all_ok


def test_nothing_is_named_where_all_is_right() -> None:
    report = claimed(run()).marked()

    assert report.all_ok
    assert report.consistent_with == ()


def test_hand_arithmetic_is_not_taken_for_float32() -> None:
    # off by 2e-6 and 8e-7, where float32 is off by 3e-8
    report = scalar(h="0.537052 0.851372 ?").marked()

    assert "float32" not in {cause.id for cause in report.consistent_with}


def in_place() -> Rows:
    """Return the figures of a loop that overwrites its state unit by unit."""
    h: list[float] = list(H0)
    rows: dict[str, list[list[float]]] = {"a": [], "h": [], "o": [], "y": []}
    for x in X:
        a = []
        for i in range(2):
            a.append(affine([W_XH[i]], x, [B_H[i]])[0] + affine([W_HH[i]], h, [0.0])[0])
            h[i] = math.tanh(a[i])
        o = affine(W_HY, h, B_Y)
        for name, row in zip("ahoy", (a, list(h), o, softmax(o)), strict=True):
            rows[name].append(row)
    return {name: np.array(values) for name, values in rows.items()}


@pytest.mark.parametrize(
    ("rows", "name"),
    [
        (run(x=[*X[1:], X[-1]]), "input-early"),
        (run(x=[*X[1:], [0.0, 0.0]]), "input-early"),
        (run(x=[X[0], *X[:-1]]), "input-late"),
        (run(x=[[0.0, 0.0], *X[:-1]]), "input-late"),
        (in_place(), "in-place"),
    ],
)
@pytest.mark.parametrize("names", ["ahoy", "hy", "h"])
def test_what_ports_get_wrong_is_named(rows: Rows, name: str, names: str) -> None:
    assert named({n: rows[n] for n in names}) == [name]


@pytest.mark.parametrize("names", ["ahoy", "hy", "ah", "h"])
@pytest.mark.parametrize("decimals", [4, 7, 16])
def test_another_bias_is_named_with_its_numbers(names: str, decimals: int) -> None:
    rows = run(b_h=[0.07, 0.44])  # of the two biases of PyTorch's cell only one

    (cause,) = claimed({n: rows[n] for n in names}, decimals).marked().consistent_with

    assert cause.id == "bh-other"
    numbers = [float(n) for n in cause.text.removeprefix("another b_h: ").strip("[]").split(", ")]
    assert numbers == pytest.approx([0.07, 0.44], abs=10 ** (1 - min(decimals, 8)))


def test_another_bias_is_named_in_float32_as_well() -> None:
    h, rows = np.array(H0, np.float32), []
    W_xh, W_hh, b_h = (np.array(q, np.float32) for q in (W_XH, W_HH, [0.07, 0.44]))
    for x in np.array(X, np.float32):
        h = np.tanh(W_xh @ x + W_hh @ h + b_h)
        rows.append(h)

    (cause,) = claimed({"h": np.array(rows, np.float64)}, 17).marked().consistent_with

    assert cause.id == "bh-other"
    assert cause.text.startswith("another b_h: [0.07, 0.44")


def test_outputs_that_do_not_follow_are_no_matter_of_the_hidden_bias() -> None:
    rows = run(b_h=[0.07, 0.44], g=lambda o: o)

    assert named(rows) == []


def test_the_bias_that_is_named_gives_what_is_printed() -> None:
    network = Network(Cell(np.array([[0.5]]), np.array([[0.3]])))
    x = np.array([[0.1], [0.2], [0.3], [0.4], [0.5], [0.6]])
    h = ["0.093", "0.170", "0.240", "0.306", "0.367", "0.425"]  # with b_h = 0.0437
    sheet = texts(h=[[v] for v in h])

    (cause,) = Claimed(network, np.zeros(1), x, sheet).marked().consistent_with

    b_h = np.array([float(cause.text.removeprefix("another b_h: "))])
    other = Network(Cell(np.array([[0.5]]), np.array([[0.3]]), b_h))
    counts = Claimed(other, np.zeros(1), x, sheet).marked().counts
    assert (counts["cut"], counts["slip"]) == (0, 0)


def test_a_tolerance_of_nothing_is_one() -> None:
    network = Network(Cell(np.array([[1]]), np.array([[1]]), activation="linear"))
    sheet = texts(h=[["4"], ["8"], ["12"], ["16"], ["20"]])

    (cause,) = (
        Claimed(network, np.zeros(1), np.ones((5, 1)), sheet).marked(Tolerance()).consistent_with
    )

    assert cause.text == "another b_h: 3"
