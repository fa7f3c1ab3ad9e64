"""One wrong value: every single mistake that gives it is named with its numbers, and nothing else.

Nothing is printed but that value, with seven decimals where the table has a number: then only the
mistake that the row means gives it. The numbers are those of a plain loop.
"""

import json

import pytest

from calling import ROOT, rnncalc
from plain_loop import F, affine, recur, softmax
from readme import mistakes
from sheets import SCALAR as S
from sheets import VECTOR as V
from sheets import Sheet, named

Causes = dict[str, str]
"""The texts by id, in the order in which they are named."""

ONE = Sheet(  # one unit, two inputs; some of what is multiplied is zero
    W_xh=[[0.5, -0.7]],
    W_hh=[[0.3]],
    x=[[0, 2], [1.3, 0.6], [0, 0.9]],
    b_h=[0.1],
    h0=[0],
    W_hy=[[0.4]],
    b_y=[0.2],
)
WIDE = Sheet(  # no matrix but W_hh is square
    W_xh=[[0, 0.9, -0.35], [0.2, 0.45, 0.6]],
    W_hh=[[0.4, -0.3], [0.25, 0.6]],
    x=[[0.8, 1.5, -0.7], [0.4, 0, 1.1]],
    b_h=[0.05, -0.15],
    h0=[0, 0.8],
    W_hy=[[0.7, -0.2], [0.15, 0.55], [-0.9, 0.35]],
    b_y=[0.02, -0.12, 0.3],
    g="softmax",
)
BELOW = S.but(x=[[-1.4], [-4.2], [0.6]])  # a is negative, below -1, and between 0 and 1
RIGHT = V.a[2][1]

SUMS_A: list[tuple[Sheet, str, float, str, str]] = [
    (S, "a[2][0]", S.a[2][0] - 0.3 * S.h[1][0], "recurrence-missing", "0.3 × h[0] left out, the recurrent term"),
    (S, "a[2][0]", S.a[2][0] + 0.3 * S.h[1][0], "term-twice", "0.3 × h[0] added twice"),
    (S, "a[2][0]", S.a[2][0] - 2 * 0.3 * S.h[1][0], "sign-turned", "0.3 × h[0] with the wrong sign"),
    (S, "a[2][0]", S.a[2][0] - 0.5 * 3, "term-dropped", "0.5 × x[0] left out"),
    (S, "a[2][0]", S.a[2][0] + 0.5 * 3, "term-twice", "0.5 × x[0] added twice"),
    (S, "a[2][0]", S.a[2][0] - 2 * 0.5 * 3, "sign-turned", "0.5 × x[0] with the wrong sign"),
    (S, "a[2][0]", S.a[2][0] - 0.1, "bh-missing", "the bias 0.1 left out"),
    (S, "a[2][0]", S.a[2][0] + 0.1, "bh-twice", "the bias 0.1 added twice"),
    (S, "a[2][0]", S.a[2][0] - 2 * 0.1, "sign-turned", "the bias 0.1 with the wrong sign"),
    (S, "a[2][0]", S.a[2][0] + 0.3 * (S.h[0][0] - S.h[1][0]), "previous-state", "h of step 1 used instead of h of step 2"),
    (S, "a[2][0]", S.a[2][0] + 0.5 * (2 - 3), "previous-input", "x of step 2 used instead of x of step 3"),
    (ONE, "a[0][0]", ONE.a[0][0] + 0.7 * 2, "term-dropped", "-0.7 × x[1] left out"),
    (ONE, "a[0][0]", ONE.a[0][0] - 0.7 * 2, "term-twice", "-0.7 × x[1] added twice"),
    (ONE, "a[0][0]", ONE.a[0][0] + 2 * 0.7 * 2, "sign-turned", "-0.7 × x[1] with the wrong sign"),
    (ONE, "a[1][0]", ONE.a[1][0] - 0.5 * 1.3, "term-dropped", "0.5 × x[0] left out"),
    (ONE, "a[1][0]", ONE.a[1][0] + 0.7 * 0.6, "term-dropped", "-0.7 × x[1] left out"),
    (ONE, "a[2][0]", ONE.a[2][0] - 0.3 * ONE.h[1][0], "recurrence-missing", "0.3 × h[0] left out, the recurrent term"),
    (ONE, "a[2][0]", ONE.a[2][0] + 0.7 * 0.9, "term-dropped", "-0.7 × x[1] left out"),
    (WIDE, "a[0][0]", WIDE.a[0][0] + 0.35 * -0.7, "term-dropped", "-0.35 × x[2] left out"),
    (WIDE, "a[0][0]", WIDE.a[0][0] + 0.9 * 1.5, "term-twice", "0.9 × x[1] added twice"),
    (WIDE, "a[0][0]", WIDE.a[0][0] - 2 * 0.9 * 1.5, "sign-turned", "0.9 × x[1] with the wrong sign"),
    (WIDE, "a[1][1]", WIDE.a[1][1] - 0.6 * 1.1, "term-dropped", "0.6 × x[2] left out"),
    (WIDE, "a[1][1]", WIDE.a[1][1] - 0.25 * WIDE.h[0][0] + -0.3 * WIDE.h[0][0], "row-for-column", "column 1 of W_hh used instead of its row 1"),
    (V, "a[2][1]", RIGHT + 0.63 * V.h[1][0], "term-dropped", "-0.63 × h[0] left out"),
    (V, "a[2][1]", RIGHT - 0.15 * V.h[1][1], "term-dropped", "0.15 × h[1] left out"),
    (V, "a[2][1]", RIGHT - 0.83 * 2.2, "term-dropped", "0.83 × x[0] left out"),
    (V, "a[2][1]", RIGHT - 0.27 * -0.4, "term-dropped", "0.27 × x[1] left out"),
    (V, "a[2][1]", RIGHT + 0.15 * V.h[1][1], "term-twice", "0.15 × h[1] added twice"),
    (V, "a[2][1]", RIGHT + 0.27 * -0.4, "term-twice", "0.27 × x[1] added twice"),
    (V, "a[2][1]", RIGHT + 2 * 0.63 * V.h[1][0], "sign-turned", "-0.63 × h[0] with the wrong sign"),
    (V, "a[2][1]", RIGHT - 2 * 0.83 * 2.2, "sign-turned", "0.83 × x[0] with the wrong sign"),
    (V, "a[2][1]", RIGHT + 0.63 * V.h[1][0] - 0.15 * V.h[1][1], "recurrence-missing", "the recurrent terms left out"),
    (V, "a[2][1]", RIGHT + 2 * (0.63 * V.h[1][0] - 0.15 * V.h[1][1]), "sign-turned", "the recurrent terms with the wrong sign"),
    (V, "a[2][1]", RIGHT + 0.21, "bh-missing", "the bias -0.21 left out"),
    (V, "a[2][1]", RIGHT - 0.21, "bh-twice", "the bias -0.21 added twice"),
    (V, "a[2][1]", RIGHT + 2 * 0.21, "sign-turned", "the bias -0.21 with the wrong sign"),
    (V, "a[1][1]", V.a[1][1] - 0.63 * (0.55 - V.h[0][0]) + 0.15 * (-0.4 - V.h[0][1]), "previous-state", "h of step 0 used instead of h of step 1"),
    (V, "a[2][1]", RIGHT - 0.63 * (V.h[0][0] - V.h[1][0]) + 0.15 * (V.h[0][1] - V.h[1][1]), "previous-state", "h of step 1 used instead of h of step 2"),
    (V, "a[2][1]", RIGHT + 0.83 * (-0.6 - 2.2) + 0.27 * (1.3 + 0.4), "previous-input", "x of step 2 used instead of x of step 3"),
    (V, "a[1][0]", V.a[1][0] + 0.31 * (1.0 + 0.6) - 0.42 * (-1.7 - 1.3), "previous-input", "x of step 1 used instead of x of step 2"),
    (V, "a[2][1]", RIGHT + (0.74 + 0.63) * V.h[1][0], "row-for-column", "column 1 of W_hh used instead of its row 1"),
    (V, "a[2][0]", V.a[2][0] + (-0.63 - 0.74) * V.h[1][1], "row-for-column", "column 0 of W_hh used instead of its row 0"),
    (V, "a[2][1]", RIGHT + (-0.42 - 0.83) * 2.2, "row-for-column", "column 1 of W_xh used instead of its row 1"),
    (V, "a[0][0]", V.a[0][0] + (0.83 + 0.42) * -1.7, "row-for-column", "column 0 of W_xh used instead of its row 0"),
]  # fmt: skip
"""A mistake in an a, and the a that it gives."""

SUMS_O: list[tuple[Sheet, str, float, str, str]] = [
    (S, "o[1][0]", S.o[1][0] - 0.4 * S.h[1][0], "term-dropped", "0.4 × h[0] left out"),
    (S, "o[1][0]", S.o[1][0] + 0.4 * S.h[1][0], "term-twice", "0.4 × h[0] added twice"),
    (S, "o[1][0]", S.o[1][0] - 2 * 0.4 * S.h[1][0], "sign-turned", "0.4 × h[0] with the wrong sign"),
    (S, "o[1][0]", S.o[1][0] - 0.2, "by-missing", "the bias 0.2 left out"),
    (S, "o[1][0]", S.o[1][0] + 0.2, "by-twice", "the bias 0.2 added twice"),
    (S, "o[1][0]", S.o[1][0] - 2 * 0.2, "sign-turned", "the bias 0.2 with the wrong sign"),
    (S, "o[1][0]", S.o[1][0] + 0.4 * (S.h[0][0] - S.h[1][0]), "previous-state", "h of step 1 used instead of h of step 2"),
    (S, "o[1][0]", S.o[1][0] + 0.4 * (S.a[1][0] - S.h[1][0]), "activation-forgotten", "tanh left out: a used instead of h"),
    (V, "o[2][0]", V.o[2][0] - 1.21 * V.h[2][0], "term-dropped", "1.21 × h[0] left out"),
    (V, "o[2][1]", V.o[2][1] - 0.92 * V.h[2][1], "term-dropped", "0.92 × h[1] left out"),
    (V, "o[2][0]", V.o[2][0] - 0.33 * V.h[2][1], "term-twice", "-0.33 × h[1] added twice"),
    (V, "o[2][1]", V.o[2][1] - 2 * 0.46 * V.h[2][0], "sign-turned", "0.46 × h[0] with the wrong sign"),
    (V, "o[2][1]", V.o[2][1] + 0.16, "by-missing", "the bias -0.16 left out"),
    (V, "o[2][0]", V.o[2][0] + 0.34, "by-twice", "the bias 0.34 added twice"),
    (V, "o[2][1]", V.o[2][1] + 2 * 0.16, "sign-turned", "the bias -0.16 with the wrong sign"),
    (V, "o[0][0]", V.o[0][0] + 1.21 * (0.55 - V.h[0][0]) - 0.33 * (-0.4 - V.h[0][1]), "previous-state", "h of step 0 used instead of h of step 1"),
    (V, "o[2][1]", V.o[2][1] + 0.46 * (V.h[1][0] - V.h[2][0]) + 0.92 * (V.h[1][1] - V.h[2][1]), "previous-state", "h of step 2 used instead of h of step 3"),
    (V, "o[2][1]", V.o[2][1] + 0.46 * (V.a[2][0] - V.h[2][0]) + 0.92 * (V.a[2][1] - V.h[2][1]), "activation-forgotten", "tanh left out: a used instead of h"),
    (V, "o[2][0]", V.o[2][0] + (0.46 + 0.33) * V.h[2][1], "row-for-column", "column 0 of W_hy used instead of its row 0"),
    (V, "o[2][1]", V.o[2][1] + (-0.33 - 0.46) * V.h[2][0], "row-for-column", "column 1 of W_hy used instead of its row 1"),
    (WIDE, "o[1][2]", WIDE.o[1][2] - 0.35 * WIDE.h[1][1], "term-dropped", "0.35 × h[1] left out"),
    (WIDE, "o[1][1]", WIDE.o[1][1] + 0.12, "by-missing", "the bias -0.12 left out"),
]  # fmt: skip
"""A mistake in an o, and the o that it gives."""

SIGMOID = S.but(f="sigmoid", g="sigmoid")
LINEAR = S.but(f="linear", b_h=[0.4], x=[[1.28], [2], [3]])  # a_1 is 1.04
RELU = S.but(f="relu", x=[[1], [-4], [3]], g="relu")
FUNCTIONS: list[tuple[Sheet, str, float, Causes]] = [
    # 0 < a < 1, a > 1, -1 < a < 0 and a < -1 are told apart by step, hard_tanh, relu and elu
    (S, "h[1][0]", S.a[1][0], {"activation-forgotten": "tanh left out: a[0] as it is"}),
    (S, "h[0][0]", S.a[0][0], {"activation-forgotten": "tanh left out: a[0] as it is"}),
    (V, "h[2][1]", V.a[2][1], {"activation-forgotten": "tanh left out: a[1] as it is"}),
    (S, "h[1][0]", F["tanh"](S.h[1][0]), {"activation-twice": "tanh twice"}),
    (V, "h[1][1]", F["tanh"](V.h[1][1]), {"activation-twice": "tanh twice"}),
    (S, "h[1][0]", F["sigmoid"](S.a[1][0]), {"activation-sigmoid": "sigmoid instead of tanh"}),
    (S, "h[1][0]", F["softplus"](S.a[1][0]), {"activation-softplus": "softplus instead of tanh"}),
    (S, "h[1][0]", F["softsign"](S.a[1][0]), {"activation-softsign": "softsign instead of tanh"}),
    (V, "h[1][1]", F["softsign"](V.a[1][1]), {"activation-softsign": "softsign instead of tanh"}),
    (BELOW, "h[0][0]", F["elu"](BELOW.a[0][0]), {"activation-elu": "elu instead of tanh"}),
    (BELOW, "h[0][0]", 0, {"activation-relu": "relu instead of tanh", "activation-step": "step instead of tanh"}),
    (BELOW, "h[1][0]", -1, {"activation-hard_tanh": "hard_tanh instead of tanh"}),
    (BELOW, "h[2][0]", 1, {"activation-step": "step instead of tanh"}),
    (SIGMOID, "h[1][0]", F["tanh"](SIGMOID.a[1][0]), {"activation-tanh": "tanh instead of sigmoid"}),
    (SIGMOID, "h[1][0]", SIGMOID.a[1][0], {"activation-forgotten": "sigmoid left out: a[0] as it is"}),
    (SIGMOID, "h[1][0]", F["sigmoid"](SIGMOID.h[1][0]), {"activation-twice": "sigmoid twice"}),
    (RELU, "h[1][0]", F["elu"](RELU.a[1][0]), {"activation-elu": "elu instead of relu"}),
    (RELU, "h[1][0]", RELU.a[1][0], {"activation-forgotten": "relu left out: a[0] as it is"}),
    (SIGMOID, "y[1][0]", SIGMOID.o[1][0], {"activation-forgotten": "sigmoid left out: o[0] as it is"}),
    (SIGMOID, "y[1][0]", F["sigmoid"](SIGMOID.y[1][0]), {"activation-twice": "sigmoid twice"}),
    (SIGMOID, "y[1][0]", F["tanh"](SIGMOID.o[1][0]), {"activation-tanh": "tanh instead of sigmoid"}),
    (SIGMOID, "y[1][0]", F["softsign"](SIGMOID.o[1][0]), {"activation-softsign": "softsign instead of sigmoid"}),
    (V, "y[2][1]", V.o[2][1], {"softmax-missing": "softmax left out: o[1] as it is"}),
    (V, "y[2][0]", softmax(V.y[2])[0], {"softmax-twice": "softmax twice"}),
    (WIDE, "y[1][2]", softmax(WIDE.y[1])[2], {"softmax-twice": "softmax twice"}),
    (V, "y[2][1]", F["sigmoid"](V.o[2][1]), {"softmax-is-sigmoid": "sigmoid instead of softmax"}),
    (WIDE, "y[0][2]", F["sigmoid"](WIDE.o[0][2]), {"softmax-is-sigmoid": "sigmoid instead of softmax"}),
]  # fmt: skip
"""A mistake in f or g, and the h or y that it gives."""

SIGN, EXCHANGED, MOVED, FEW = "sign-of-figure", "digits-exchanged", "point-moved", "few-units-off"
READINGS: list[tuple[Sheet, str, str, Causes]] = [
    # h_2 = 0.8513712, a_2 = 1.2611149, o_2 = 0.5405485
    (S, "h[1][0]", "-0.8514", {SIGN: "0.8514 with the wrong sign"}),
    (S, "a[1][0]", "-1.26", {SIGN: "1.26 with the wrong sign"}),
    (S, "o[1][0]", "-0.541", {SIGN: "0.541 with the wrong sign"}),
    (S, "y[1][0]", "-0.541", {SIGN: "0.541 with the wrong sign"}),
    (BELOW, "h[0][0]", "0.53704957", {SIGN: "-0.53704957 with the wrong sign"}),
    (S, "h[1][0]", "0.8541", {EXCHANGED: "digits of 0.8514 exchanged"}),
    (S, "h[1][0]", "0.5814", {EXCHANGED: "digits of 0.8514 exchanged"}),
    (S, "a[1][0]", "1.6211", {EXCHANGED: "digits of 1.2611 exchanged"}),
    (S, "a[1][0]", "2.1611", {EXCHANGED: "digits of 1.2611 exchanged"}),  # across the point
    (LINEAR.but(x=[[24.4], [2], [3]]), "a[0][0]", "31", {EXCHANGED: "digits of 13 exchanged"}),
    (S, "y[1][0]", "0.504548", {EXCHANGED: "digits of 0.540548 exchanged"}),
    (BELOW, "h[0][0]", "-0.5307", {EXCHANGED: "digits of -0.5370 exchanged"}),
    (S, "h[1][0]", "8.514", {MOVED: "0.851 with its point moved"}),
    (S, "h[1][0]", "8.51371", {MOVED: "0.85137 with its point moved"}),
    (S, "h[1][0]", "8.510", {MOVED: "0.851 with its point moved"}),  # after it was rounded
    (S, "h[1][0]", "85.14", {MOVED: "0.85 with its point moved"}),
    (S, "h[1][0]", "85.00", {MOVED: "0.85 with its point moved"}),
    (S, "h[1][0]", "851.37", {MOVED: "0.85 with its point moved"}),
    (S, "h[1][0]", "851.000", {MOVED: "0.851 with its point moved"}),
    (S, "h[1][0]", "0.0851", {MOVED: "0.8514 with its point moved"}),
    (S, "h[1][0]", "0.00851", {MOVED: "0.85137 with its point moved"}),
    (S, "h[1][0]", "0.000851", {MOVED: "0.851371 with its point moved"}),
    (S, "a[1][0]", "0.1261", {MOVED: "1.2611 with its point moved"}),
    (S, "a[1][0]", "0.13", {MOVED: "1.26 with its point moved"}),
    (S, "o[1][0]", "5.405", {MOVED: "0.541 with its point moved"}),
    (BELOW, "h[0][0]", "-5.3705", {MOVED: "-0.5370 with its point moved"}),
    (LINEAR, "a[0][0]", "0.10", {MOVED: "1.04 with its point moved"}),
    (S, "h[1][0]", "0.86", {FEW: "tanh misread by 1 unit of the last digit"}),
    (S, "h[1][0]", "0.84", {FEW: "tanh misread by 1 unit of the last digit"}),
    (S, "h[1][0]", "0.850", {FEW: "tanh misread by 1 unit of the last digit"}),
    (S, "h[1][0]", "0.856", {FEW: "tanh misread by 5 units of the last digit"}),
    (S, "h[1][0]", "0.846", {FEW: "tanh misread by 5 units of the last digit"}),
    (S, "h[1][0]", "0.8519", {FEW: "tanh misread by 5 units of the last digit"}),
    (S, "h[1][0]", "0.85132", {FEW: "tanh misread by 5 units of the last digit"}),
    (S, "h[1][0]", "0.851376", {FEW: "tanh misread by 5 units of the last digit"}),
    (SIGMOID, "y[1][0]", "0.628", {FEW: "sigmoid misread by 2 units of the last digit"}),
    (V, "y[2][0]", "0.388", {FEW: "softmax misread by 3 units of the last digit"}),
    (S, "h[1][0]", "nan", {"no-number": "an overflow, or 0 divided by 0, before it"}),
]  # fmt: skip
"""A mistake in reading or writing down a value that was right, and what is printed."""


UNNAMED: list[tuple[Sheet, str, float | str]] = [
    (S, "h[1][0]", "0.87"),  # of two decimals one unit is misread, of three to six five, of others none
    (S, "h[1][0]", "0.83"),
    (S, "h[1][0]", "0.857"),
    (S, "h[1][0]", "0.845"),
    (S, "h[1][0]", "0.8520"),
    (S, "h[1][0]", "0.85131"),
    (S, "h[1][0]", "0.851377"),
    (S, "h[1][0]", "0.8513713"),
    (S, "h[2][0]", "1.1"),
    (S, "h[2][0]", "3"),
    (S, "a[1][0]", "1.2612"),  # a sum is read off no function
    (S, "o[1][0]", "0.5408"),
    (S, "y[1][0]", "0.5408"),
    (LINEAR, "h[0][0]", "1.041"),
    (S, "h[1][0]", "0.4518"),  # the exchanged digits are not neighbours
    (S, "h[1][0]", "0.85937"),  # one digit is another
    (S, "h[1][0]", "0.09"),  # one digit shows no point that was moved
    (S, "h[1][0]", "0.0852"),  # 0.0851 is right, but for its point
    (S, "h[1][0]", "8513.71"),  # too far
    (S, "h[1][0]", "0.0000851"),
    (LINEAR, "h[1][0]", F["tanh"](LINEAR.a[1][0])),  # no function was due
    (LINEAR, "y[1][0]", F["sigmoid"](LINEAR.o[1][0])),
    (V, "y[2][1]", F["tanh"](V.o[2][1])),  # for a softmax only a sigmoid is taken
    (V, "a[0][1]", V.a[0][1] + 0.83 * (0.7 - 1.0) + 0.27 * (0.9 + 1.7)),  # there is no step before step 1
    (V, "a[0][1]", V.a[0][1] - 0.63 * (V.h[3][0] - 0.55) + 0.15 * (V.h[3][1] + 0.4)),
    (V, "a[2][1]", RIGHT + 0.63 * V.h[1][0] - 0.83 * 2.2),  # two mistakes
    (V, "a[2][1]", RIGHT - 3 * 0.15 * V.h[1][1]),
]  # fmt: skip
"""What no single mistake gives: it is a slip, but none is named."""


def text(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.7f}"


def causes(sheet: Sheet, where: str, value: float | str) -> list[tuple[str, str]]:
    """Return what is named for a value where nothing else is printed, and nothing else is judged."""
    (mark,) = sheet.marked(sheet.alone(where, text(value)))["figures"]
    assert (mark["where"], mark["verdict"]) == (where, "slip")
    return named(mark)


def outer(where: str) -> str:
    """Return where the h stands that is a function of an a, or the y of an o."""
    return {"a": "h", "o": "y"}[where[0]] + where[1:]


@pytest.mark.parametrize(("sheet", "where", "value", "id_", "cause"), SUMS_A + SUMS_O)
def test_a_mistake_in_a_sum_is_named_alone(
    sheet: Sheet, where: str, value: float, id_: str, cause: str
) -> None:
    assert causes(sheet, where, value) == [(id_, cause)]


@pytest.mark.parametrize(("sheet", "where", "value", "id_", "cause"), SUMS_A)
def test_a_mistake_in_an_a_that_is_not_printed_is_named_from_its_h(
    sheet: Sheet, where: str, value: float, id_: str, cause: str
) -> None:
    assert causes(sheet, outer(where), F[sheet.f](value)) == [(id_, cause)]


@pytest.mark.parametrize("g", ["linear", "sigmoid"])
@pytest.mark.parametrize(("sheet", "where", "value", "id_", "cause"), SUMS_O)
def test_a_mistake_in_an_o_that_is_not_printed_is_named_from_its_y(
    g: str, sheet: Sheet, where: str, value: float, id_: str, cause: str
) -> None:
    assert causes(sheet.but(g=g), outer(where), F[g](value)) == [(id_, cause)]


@pytest.mark.parametrize(
    ("sheet", "where", "value", "id_", "cause"), [row for row in SUMS_O if row[0].g == "softmax"]
)
def test_a_mistake_in_an_o_that_is_not_printed_is_named_from_each_y_of_its_softmax(
    sheet: Sheet, where: str, value: float, id_: str, cause: str
) -> None:
    step, component = int(where[2]), int(where[5])
    o = sheet.o[step]
    o[component] = value

    found = sheet.marked(sheet.alone(f"y[{step}][0]", *map(text, softmax(o))))["figures"]

    assert [mark["verdict"] for mark in found] == ["slip"] * len(o)
    assert [named(mark) for mark in found] == [[(id_, cause)]] * len(o)


@pytest.mark.parametrize(("sheet", "where", "value", "expected"), FUNCTIONS)
def test_a_mistake_in_a_function_is_named_alone(
    sheet: Sheet, where: str, value: float, expected: Causes
) -> None:
    assert causes(sheet, where, value) == [*expected.items()]


@pytest.mark.parametrize(("sheet", "where", "printed", "expected"), READINGS)
def test_a_mistake_in_reading_or_writing_is_named_alone(
    sheet: Sheet, where: str, printed: str, expected: Causes
) -> None:
    assert causes(sheet, where, printed) == [*expected.items()]


@pytest.mark.parametrize(("sheet", "where", "value"), UNNAMED)
def test_what_no_single_mistake_gives_has_no_name(
    sheet: Sheet, where: str, value: float | str
) -> None:
    assert causes(sheet, where, value) == []


@pytest.mark.parametrize("printed", ["8.506", "8.54", "82.0", "400"])
def test_a_value_with_other_digits_did_not_have_its_point_moved(printed: str) -> None:
    assert causes(S, "h[1][0]", printed) == []  # of 0.8513712


def test_every_id_that_the_readme_lists_for_a_single_slip_has_a_row() -> None:
    ids = {row[3] for row in SUMS_A + SUMS_O}
    ids |= {id_ for row in FUNCTIONS + READINGS for id_ in row[3]}
    whole_run, single = mistakes()

    assert single <= ids <= single | whole_run


def test_several_mistakes_are_named_where_several_fit() -> None:
    # h_0 is 0: with it for h_1, step 2 is step 2 without its recurrent term
    assert causes(S, "a[1][0]", 1.1) == [
        ("recurrence-missing", "0.3 × h[0] left out, the recurrent term"),
        ("previous-state", "h of step 0 used instead of h of step 1"),
    ]


@pytest.mark.parametrize("before", [0.5, S.h[0][0]])
def test_a_mistake_may_be_made_from_the_printed_value_or_from_the_same_unrounded(
    before: float,
) -> None:
    printed = {**S.alone("h[0][0]", "0.5"), **S.alone("a[1][0]", text(1.0 + 0.3 * before))}

    a_2, h_1 = S.marked(printed)["figures"][::-1]

    assert (h_1["verdict"], a_2["verdict"]) == ("ok", "slip")
    assert named(a_2) == [("bh-missing", "the bias 0.1 left out")]


def test_a_sum_that_is_printed_and_right_is_not_blamed_for_what_follows_from_it() -> None:
    printed = {**S.alone("a[1][0]", "1.2611"), **S.alone("h[1][0]", text(F["tanh"](1.1611)))}

    a_2, h_2 = S.marked(printed)["figures"]

    assert (a_2["verdict"], h_2["verdict"], named(h_2)) == ("ok", "slip", [])


@pytest.mark.parametrize(
    ("component", "cause"), [(0, []), (1, [("by-missing", "the bias -0.16 left out")])]
)
def test_of_a_softmax_only_an_o_that_is_not_printed_is_blamed(
    component: int, cause: list[tuple[str, str]]
) -> None:
    o = V.o[2]
    right = V.alone("o[2][0]", text(o[0]))
    o[component] -= V.b_y[component]

    printed = {**right, **V.alone("y[2][0]", *map(text, softmax(o)))}
    o_0, *y = V.marked(printed)["figures"]

    assert o_0["verdict"] == "ok"
    assert [(value["verdict"], named(value)) for value in y] == [("slip", cause)] * 2


def test_a_mistake_in_an_o_has_to_give_every_printed_value_of_its_softmax() -> None:
    o = WIDE.o[1]
    o[1] += 0.12
    y = [*map(text, softmax(o))]
    cause = [("by-missing", "the bias -0.12 left out")]

    *_, last = WIDE.marked(WIDE.alone("y[1][0]", y[0], "?", y[2]))["figures"]
    assert (last["verdict"], named(last)) == ("slip", cause)

    *_, last = WIDE.marked(WIDE.alone("y[1][0]", text(WIDE.y[1][0]), y[1], y[2]))["figures"]
    assert (last["verdict"], named(last)) == ("slip", [])


SHORT = Sheet([[0.3, 0]], [[0]], [[1, 1], [0, 0]], [0], [1], [[1]], [0])
SHORT_O = SHORT.but(W_xh=[[1, 0]], f="linear", g="sigmoid")


@pytest.mark.parametrize(
    ("sheet", "id_", "cause"),
    [
        (SHORT.but(b_h=[0.048]), "bh-missing", "the bias 0.048 left out"),
        (SHORT.but(W_xh=[[0.204, 0]], b_h=[0.048]), "bh-twice", "the bias 0.048 added twice"),
        (SHORT.but(W_xh=[[0.324, 0]], b_h=[0.024]), "sign-turned", "the bias 0.024 with the wrong sign"),
        (SHORT.but(W_xh=[[0.3, 0.048]]), "term-dropped", "0.048 × x[1] left out"),
        (SHORT.but(W_xh=[[0.204, 0.048]]), "term-twice", "0.048 × x[1] added twice"),
        (SHORT.but(W_hh=[[0.048]]), "recurrence-missing", "0.048 × h[0] left out, the recurrent term"),
        (SHORT_O.but(W_hy=[[0.3]], b_y=[0.048]), "by-missing", "the bias 0.048 left out"),
        (SHORT_O.but(W_hy=[[0.204]], b_y=[0.048]), "by-twice", "the bias 0.048 added twice"),
    ],
)  # fmt: skip
def test_a_short_value_is_a_slip_if_its_author_used_it_and_a_mistake_in_a_term_gives_it(
    sheet: Sheet, id_: str, cause: str
) -> None:
    # right are 0.348 or 0.252, of which 0.3 is the rounding; with the mistake it is 0.3000
    inner, name, f = ("o", "y", sheet.g) if id_.startswith("by") else ("a", "h", sheet.f)
    after = sheet.W_hh[0][0] * F[f](0.3) + sheet.b_h[0] if inner == "a" else sheet.b_y[0]
    printed = {inner: [["0.3"], [f"{after:.4f}"]], name: [[f"{F[f](0.3):.4f}"], ["?"]]}

    found = {mark["where"]: mark for mark in sheet.marked(printed)["figures"]}

    assert found[f"{name}[0][0]"]["verdict"] == "carried"
    assert found[f"{inner}[0][0]"]["verdict"] == "slip"
    assert named(found[f"{inner}[0][0]"]) == [(id_, cause)]


def test_the_dropped_term_of_an_exam_solution_is_named() -> None:
    # known_wrong.json: "second row of W_hh h_1 dropped"
    path = ROOT / "tests" / "published" / "ktu_exam_3step_softmax.toml"
    found = json.loads(rnncalc("check", "-c", str(path), "-f", "json").out)
    (mark,) = (mark for mark in found["figures"] if mark["where"] == "a[1][1]")

    assert ("term-dropped", "0.5 × h[1] left out") in named(mark)


SHARED = {"by-missing": "b_y left out", "by-twice": "b_y added twice"}
SHARED |= {"why-transposed": "W_hy transposed"}
SHARED |= {"previous-state": "h of step 1 used instead of h of step 2"}


@pytest.mark.parametrize("id_", SHARED)
def test_a_mistake_in_a_whole_sum_is_seen_in_its_softmax(id_: str) -> None:
    W_xh, W_hh, W_hy = [[0.5, -0.3], [0.2, 0.8]], [[0.1, 0.4], [-0.2, 0.3]], [[1, -0.5], [0.3, 0.7]]
    b_h, b_y, x = [0.1, 0.2], [0.4, -0.1], [[1.0, 0.0], [0.5, 1.0], [-1.0, 2.0]]
    h = [h for _, h in recur(W_xh, W_hh, b_h, "tanh", [0, 0], x)]
    b, W, read = b_y, W_hy, h[1]
    if id_.startswith("by"):
        b = [(2 if id_ == "by-twice" else 0) * v for v in b_y]
    elif id_ == "why-transposed":
        W = [*map(list, zip(*W_hy, strict=True))]
    else:
        read = h[0]
    sums = [affine(W_hy, h[0], b_y), affine(W, read, b), affine(W_hy, h[2], b_y)]
    y = "; ".join(" ".join(f"{v:.3f}" for v in softmax(o)) for o in sums)
    flags = ["--wxh", "0.5 -0.3; 0.2 0.8", "--whh", "0.1 0.4; -0.2 0.3", "--bh", "0.1 0.2"]
    flags += ["--why", "1 -0.5; 0.3 0.7", "--by", "0.4 -0.1", "--output-activation", "softmax"]

    result = rnncalc("check", *flags, "--x", "1 0; 0.5 1; -1 2", "--y", y, "-f", "json")

    found = json.loads(result.out)["figures"]
    wrong = [mark for mark in found if mark["verdict"] != "ok"]
    assert [mark["where"] for mark in wrong] == ["y[1][0]", "y[1][1]"]
    for mark in wrong:
        assert {"id": id_, "text": SHARED[id_]} in mark["consistent_with"]
