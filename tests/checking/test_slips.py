"""A mistake in one figure is named with its numbers."""

import pytest
from claimed import Claimed, load, numbers, scalar, texts

from calling import ROOT
from rnncalc.network.cells import Cell
from rnncalc.network.model import Network

PUBLISHED = ROOT / "tests" / "published"


def causes(claimed: Claimed, where: str) -> dict[str, str]:
    mark = next(mark for mark in claimed.marked().marks if mark.where == where)
    assert mark.verdict == "slip"
    return {cause.id: cause.text for cause in mark.consistent_with}


# a_2 = 0.5 * 2 + 0.3 * 0.53705 + 0.1 = 1.26111, tanh 0.85137; a_3 = 1.85541, tanh 0.95225
@pytest.mark.parametrize(
    ("quantity", "figures", "expected"),
    [
        ("a", "? 0.2611 ?", {"term-dropped": "0.5 × x[0] left out"}),
        ("a", "? 2.2611 ?", {"term-twice": "0.5 × x[0] added twice"}),
        ("a", "? 1.4222 ?", {"term-twice": "0.3 × h[0] added twice"}),
        ("a", "? ? 1.6000", {"recurrence-missing": "0.3 × h[0] left out, the recurrent term"}),
        ("a", "? 1.1611 ?", {"bh-missing": "the bias 0.1 left out"}),
        ("a", "? 1.3611 ?", {"bh-twice": "the bias 0.1 added twice"}),
        ("a", "? 0.9389 ?", {"sign-turned": "0.3 × h[0] with its sign turned"}),
        ("a", "? ? 1.7611", {"previous-state": "h of step 1 used instead of h of step 2"}),
        ("a", "? ? 1.3554", {"previous-input": "x of step 2 used instead of x of step 3"}),
        ("h", "? 1.2611 ?", {"activation-forgotten": "tanh left out: a[0] as it is"}),
        ("h", "? 0.6918 ?", {"activation-twice": "tanh twice"}),
        ("h", "? 0.7792 ?", {"activation-sigmoid": "sigmoid instead of tanh"}),
        ("h", "? 0.8541 ?", {"digits-exchanged": "digits of 0.8514 exchanged"}),
        ("h", "? 8.5137 ?", {"point-moved": "0.8514 with its point moved"}),
        ("h", "? -0.8514 ?", {"sign-of-figure": "0.8514 with its sign turned"}),
        ("h", "? 0.850 ?", {"few-units-off": "tanh misread by 1 unit of the last digit"}),
        ("h", "? 0.8123 ?", {}),
        ("o", "? 0.3405 ?", {"by-missing": "the bias 0.2 left out"}),
        ("y", "? 0.4148 ?", {"previous-state": "h of step 1 used instead of h of step 2"}),
        ("y", "? 0.7044 ?", {"activation-forgotten": "tanh left out: a used instead of h"}),
    ],
)
def test_a_slip_is_named(quantity: str, figures: str, expected: dict[str, str]) -> None:
    claimed = scalar(**{quantity: figures})
    t = figures.split().index(next(text for text in figures.split() if text != "?"))

    assert causes(claimed, f"{quantity}[{t}][0]") == expected


def test_a_row_taken_for_a_column_is_named() -> None:
    cell = Cell(numbers([[0.2], [0.7]]), numbers([[0.5, 0.31], [-0.23, 0.1]]))
    # W_xh[0] * 1 + (0.5, -0.23) * (0.4, 0.9) instead of (0.5, 0.31) * (0.4, 0.9)
    claimed = Claimed(Network(cell), numbers([0.4, 0.9]), numbers([[1]]), texts(a=[["0.193", "?"]]))

    assert causes(claimed, "a[0][0]") == {
        "row-for-column": "column 0 of W_hh used instead of its row 0"
    }


def test_a_term_that_is_zero_is_not_said_to_be_left_out() -> None:
    claimed = scalar(a="0.7 ? ?")  # the bias twice; 0.3 × h_0 is 0

    assert causes(claimed, "a[0][0]") == {"bh-twice": "the bias 0.1 added twice"}


def test_several_mistakes_are_named_where_several_fit() -> None:
    # step 2 with h_0 = 0 for h_1 and step 2 without its recurrent term are the same number
    assert causes(scalar(a="? 1.1000 ?"), "a[1][0]") == {
        "recurrence-missing": "0.3 × h[0] left out, the recurrent term",
        "previous-state": "h of step 0 used instead of h of step 1",
    }


def test_the_dropped_term_of_an_exam_solution_is_named() -> None:
    # known_wrong.json: "second row of W_hh h_1 dropped"
    claimed = load(PUBLISHED / "ktu_exam_3step_softmax.toml")

    assert causes(claimed, "a[1][1]")["term-dropped"] == "0.5 × h[1] left out"
