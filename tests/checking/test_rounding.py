"""How far a value may be off that is redone from printed ones, which were rounded: by hand."""

from collections.abc import Sequence

import numpy as np
import pytest

from printed_example import texts
from rnncalc.checking.question import Question
from rnncalc.network.cells import Cell, Layer, Readout
from rnncalc.network.model import Network
from rnncalc.numerals.number import Written
from rnncalc.numerals.printed import Tolerance, printed_rows

Texts = Sequence[Sequence[str]]
INF = np.inf
CELL, READOUT = Cell([[1], [2]], [[0.5, -0.25], [2.0, -4.0]]), Readout([[3, -1]], None, "sigmoid")
FORWARD, BACKWARD = Network(CELL, READOUT), Network([Layer(None, CELL)], READOUT)
APART = Network(Cell([[1], [2]], [[0.5, 0.0], [2.0, -4.0]]), READOUT)
ROWS = [["0.1", "0.2"], ["0.10", "0.2"], ["?", "?"]]  # off by 0.05, but for one that is by 0.005
FIRST, SECOND = [0.025 + 0.0125, 0.1 + 0.2], [0.0025 + 0.0125, 0.01 + 0.2]  # times W_hh
OUTPUTS = [[0.15 + 0.05], [0.015 + 0.05], [INF]]  # times W_hy


def both(merge: str) -> Network:
    return Network([Layer(Cell([[1]], [[1]]), Cell([[1]], [[1]]), merge)])


def rounding(
    network: Network, printed: dict[str, Texts], tolerance: Tolerance | None = None
) -> dict[str, list[list[float]]]:
    rows = {
        name: printed_rows([[Written(v) if v else None for v in row] for row in of])
        for name, of in texts(**printed).items()
    }
    x = np.ones((len(next(iter(rows.values())).values), 1))
    question = Question(network.equations, network.start(), {"x": x}, rows, tolerance)
    return {name: of.tolist() for name, of in question.rounding.items()}


@pytest.mark.parametrize(
    ("network", "printed", "expected"),
    [
        # h_0 is exact
        (FORWARD, "h", {"a": [[0, 0], FIRST, SECOND], "h": [[0, 0], FIRST, SECOND], "o": OUTPUTS, "y": OUTPUTS}),
        # a tanh is no steeper than 1
        (FORWARD, "a", {"a": [[0, 0], FIRST, SECOND], "h": [[0.05] * 2, [0.005, 0.05], [INF] * 2], "o": OUTPUTS}),
        (BACKWARD, "h_l0_reverse", {"a_l0_reverse": [SECOND, [INF] * 2, [0, 0]], "o": OUTPUTS}),
        (BACKWARD, "a_l0_reverse", {"a_l0_reverse": [SECOND, [INF] * 2, [0, 0]], "o": OUTPUTS}),
    ],
)  # fmt: skip
def test_a_sum_is_off_by_what_is_printed_times_its_weights(
    network: Network, printed: str, expected: dict[str, list[list[float]]]
) -> None:
    found = rounding(network, {printed: ROWS})

    for name, rows in expected.items():
        assert np.array(found[name]) == pytest.approx(np.array(rows), rel=1e-5), name


def test_where_no_state_is_printed_nothing_is_known_but_of_the_first_step() -> None:
    found = rounding(APART, {"y": [["0.1"], ["0.2"]]})

    assert found == {"a": [[0, 0], [INF] * 2], "h": [[0, 0], [INF] * 2], "o": [[0], [INF]], "y": [[0], [INF]]}  # fmt: skip


@pytest.mark.parametrize(
    ("merge", "expected"),
    [
        ("concat", [[0.05, 0.05], [0.005, 0.05]]),
        ("sum", [[0.05 + 0.05], [0.005 + 0.05]]),
        ("ave", [[0.05], [0.0275]]),
        ("mul", [[INF], [INF]]),
    ],
)
def test_what_two_directions_give_is_off_by_both(merge: str, expected: list[list[float]]) -> None:
    printed: dict[str, Texts] = {"h_l0": [["0.1"], ["0.10"]], "h_l0_reverse": [["0.1"], ["0.1"]]}

    found = rounding(both(merge), printed)["h"]
    exact = rounding(both(merge), printed, Tolerance(absolute=0.0))["h"]

    assert np.array(found) == pytest.approx(np.array(expected), rel=1e-5)
    assert not np.any(exact)
