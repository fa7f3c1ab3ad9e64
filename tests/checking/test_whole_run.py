"""A mistake made in every step is named, alone, and nothing else is.

What is printed are the values of a plain loop that makes the mistake.
"""

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from calling import rnncalc
from plain_loop import F, Matrix, Vector, affine, recur, softmax
from readme import mistakes
from sheets import SCALAR as S
from sheets import VECTOR as V
from sheets import Printed, Sheet, named

Rows = list[list[float]]


def transposed(matrix: Matrix) -> Rows:
    return [list(column) for column in zip(*matrix, strict=True)]


def twice(b: list[float]) -> list[float]:
    return [2 * value for value in b]


def printed(name: str, rows: Rows, decimals: int = 4) -> Printed:
    return {name: [[f"{v:.{decimals}f}" for v in row] for row in rows]}


def ids(found: dict[str, Any]) -> list[str]:
    return [id_ for id_, _ in named(found)]


def in_place(sheet: Sheet) -> Printed:
    """Return the values of a loop that overwrites its state unit by unit."""
    h = [*sheet.h0]
    rows: dict[str, Rows] = {"a": [], "h": [], "o": [], "y": []}
    for x in sheet.x:
        a = []
        for i, (W_xh, W_hh, b_h) in enumerate(zip(sheet.W_xh, sheet.W_hh, sheet.b_h, strict=True)):
            a += affine([[*W_xh, *W_hh]], [*x, *h], b_h)
            h[i] = F[sheet.f](a[i])
        o = affine(sheet.W_hy, h, sheet.b_y)
        for name, row in zip("ahoy", (a, [*h], o, sheet.output(o)), strict=True):
            rows[name].append(row)
    return {name: printed(name, values)[name] for name, values in rows.items()}


def a_loop(sheet: Sheet, step: Callable[[int, Vector], Vector], names: str = "ahoy") -> Printed:
    """Return the values of a loop whose sums are `step(t, h)`, with h of the step before."""
    h: Vector = sheet.h0
    rows: dict[str, Rows] = {"a": [], "h": [], "o": [], "y": []}
    for t in range(len(sheet.x)):
        a = [*step(t, h)]
        h = [F[sheet.f](value) for value in a]
        o = affine(sheet.W_hy, h, sheet.b_y)
        for name, row in zip("ahoy", (a, h, o, sheet.output(o)), strict=True):
            rows[name].append([*row])
    return {name: printed(name, rows[name])[name] for name in names}


def each_from_h0(sheet: Sheet) -> Printed:
    def step(t: int, _: Vector) -> Vector:
        return [
            wx + wh
            for wx, wh in zip(
                affine(sheet.W_xh, sheet.x[t], sheet.b_h),
                affine(sheet.W_hh, sheet.h0, 0),
                strict=True,
            )
        ]

    return a_loop(sheet, step)


def input_for_state(sheet: Sheet) -> Printed:
    def step(t: int, _: Vector) -> Vector:
        past = affine(sheet.W_hh, sheet.x[t - 1] if t else sheet.h0, 0)
        return [u + v for u, v in zip(affine(sheet.W_xh, sheet.x[t], sheet.b_h), past, strict=True)]

    return a_loop(sheet, step)


def product(sheet: Sheet) -> Printed:
    def step(t: int, h: Vector) -> Vector:
        past = affine(sheet.W_hh, h, 0)
        return [u * v for u, v in zip(affine(sheet.W_xh, sheet.x[t], sheet.b_h), past, strict=True)]

    return a_loop(sheet, step)


def clipped(sheet: Sheet, limit: float) -> Printed:
    """Return the states of a loop whose functions exceed a limit on neither side."""
    h, rows = sheet.h0, []
    for x in sheet.x:
        ((_, h),) = recur(sheet.W_xh, sheet.W_hh, sheet.b_h, sheet.f, h, [x])
        h = [max(-limit, min(value, limit)) for value in h]
        rows.append(h)
    return printed("h", rows)


def padded(values: Printed, length: int) -> Printed:
    """Return the values with zeros in place of the steps after `length`."""
    return {
        n: [*r[:length], *[["0.0000"] * len(r[0])] * (len(r) - length)] for n, r in values.items()
    }


def in_float32(sheet: Sheet, decimals: int = 9) -> Printed:
    """Return the states of a loop in float32 that adds one product after the other."""
    single = np.float32
    W = [[single(w) for w in (*wx, *wh)] for wx, wh in zip(sheet.W_xh, sheet.W_hh, strict=True)]
    b_h, h, rows = [single(b) for b in sheet.b_h], [single(v) for v in sheet.h0], []
    for x in sheet.x:
        joined = [*(single(v) for v in x), *h]
        h = []
        for row, total in zip(W, b_h, strict=True):
            for weight, value in zip(row, joined, strict=True):
                total += weight * value  # noqa: PLW2901  # a sum
            h.append(single(F[sheet.f](float(total))))
        rows.append([float(v) for v in h])
    return printed("h", rows, decimals)


NO_OUTPUT = V.but(W_hy=[], b_y=[])
SIGMOID = V.but(f="sigmoid")
AT_ZERO = S.but(x=[[0.0], [8.0], [20.0], [-8.0]], h0=[0.0], b_h=[0.0], W_hy=[], b_y=[])
"""Where step and step0, and relu and relu6, are not the same."""
LONG_INPUT = V.but(
    W_xh=[[0.31, -0.42, 0.2], [0.83, 0.27, -0.5]],
    x=[[1.0, -0.7, 0.4], [0.3, 0.8, -0.2], [-0.5, 0.1, 0.9], [0.6, -0.4, 0.7]],
)
CLIPPED = V.but(f="linear")
LONG = V.but(x=[[round(1.5 * math.sin(7 * t), 2), round(math.cos(5 * t), 2)] for t in range(60)])
X, B_H, B_Y = [[*x] for x in V.x], [*V.b_h], [*V.b_y]


def with_gaps(values: Printed) -> Printed:
    """Return values of V without three of them."""
    return {n: [rows[0], ["?", rows[1][1]], [rows[2][0], "?"], [rows[3][0], "?"]] for n, rows in values.items()}  # fmt: skip


WHH_TRANSPOSED = {"whh-transposed": "W_hh transposed"}


def interleaved(sheet: Sheet) -> Printed:
    """Return the first half of both directions of a layer, unit by unit."""
    backward = sheet.but(x=[*reversed(sheet.x)], b_h=sheet.b_h[::-1]).h[::-1]
    rows = [
        [value for pair in zip(one, other, strict=True) for value in pair]
        for one, other in zip(sheet.h, backward, strict=True)
    ]
    return printed("h", [row[: len(sheet.W_xh)] for row in rows])


FOUR = V.but(
    W_xh=[[0.31, -0.42], [0.83, 0.27], [-0.55, 0.61], [0.14, 0.97]],
    W_hh=[[0.5, 0.2, -0.1, 0.4], [-0.6, 0.1, 0.3, 0.2], [0.3, -0.4, 0.2, 0.1], [0.2, 0.6, -0.3, 0.1]],
    b_h=[0.12, -0.21, 0.33, -0.05],
    h0=[0.1, -0.4, 0.2, 0.3],
    W_hy=[],
    b_y=[],
)  # fmt: skip

CASES: list[tuple[Sheet, Printed, dict[str, str]]] = [
    # a square matrix read column by column is the transposed one
    (V, V.but(W_hh=transposed(V.W_hh)).values(), WHH_TRANSPOSED),
    (V, with_gaps(V.but(W_hh=transposed(V.W_hh)).values("y")), WHH_TRANSPOSED),
    (V, V.but(W_xh=transposed(V.W_xh)).values(), {"wxh-transposed": "W_xh transposed"}),
    (LONG_INPUT, LONG_INPUT.but(W_xh=[[0.31, 0.2, 0.27], [-0.42, 0.83, -0.5]]).values(), {"wxh-column-major": "W_xh read column by column, though written row by row"}),
    (V, V.but(W_hy=transposed(V.W_hy)).values(), {"why-transposed": "W_hy transposed"}),
    (V, V.but(b_h=[0, 0]).values(), {"bh-missing": "b_h left out"}),
    (NO_OUTPUT, NO_OUTPUT.but(b_h=[0, 0]).values("h"), {"bh-missing": "b_h left out"}),
    (V, V.but(b_h=twice(B_H)).values(), {"bh-twice": "b_h added twice"}),
    (V, V.but(b_y=[0, 0]).values(), {"by-missing": "b_y left out"}),
    (V, V.but(b_y=twice(B_Y)).values(), {"by-twice": "b_y added twice"}),
    (V, V.but(W_hh=[[0, 0], [0, 0]]).values(), {"recurrence-missing": "the recurrent term W_hh h left out"}),
    (V, V.but(h0=[0, 0]).values(), {"h0-ignored": "h_0 taken for zero"}),
    (V, V.but(x=X[::-1]).values(), {"reversed": "the sequence read backwards, and listed in that order"}),
    (V, {n: rows[::-1] for n, rows in V.values().items()}, {"listed-backwards": "the rows listed backwards, the last step first"}),
    (V, {n: rows[::-1] for n, rows in V.but(x=X[::-1]).values().items()}, {"read-backwards": "the sequence read backwards, but listed in time order"}),
    (V, {"h": [*V.values()["h"][1:], ["9.0000", "9.0000"]]}, {"early": "the states of one step later"}),
    (V, {"y": [*V.values()["y"][1:], ["?", "?"]]}, {"early": "the states of one step later"}),
    (V, printed("h", [[*V.h0], *V.h[:-1]]), {"late": "the states of one step before"}),
    (V, {"h": [["9.0000", "9.0000"], *V.values()["h"][:-1]]}, {"late": "the states of one step before"}),
    (V, {"y": [["?", "?"], *V.values()["y"][:-1]]}, {"late": "the states of one step before"}),
    (SIGMOID, V.values(), {"activation-tanh": "tanh as the activation"}),
    *((V, V.but(f=f).values(), {f"activation-{f}": f"{f} as the activation"}) for f in F if f not in ("tanh", "step0", "relu6")),
    (AT_ZERO, AT_ZERO.but(f="step0").values("h"), {"activation-step0": "step0 as the activation"}),
    (AT_ZERO, AT_ZERO.but(f="step").values("h"), {"activation-step": "step as the activation"}),
    (AT_ZERO, AT_ZERO.but(f="relu6").values("h"), {"activation-relu6": "relu6 as the activation"}),
    (AT_ZERO, AT_ZERO.but(f="relu").values("h"), {"activation-relu": "relu as the activation"}),
    (V, V.but(g="linear").values(), {"softmax-missing": "softmax left out"}),
    (V, V.values("aho") | printed("y", [softmax(y) for y in V.y]), {"softmax-twice": "softmax applied twice"}),
    (V, V.but(g="sigmoid").values(), {"softmax-is-sigmoid": "sigmoid instead of softmax"}),
    (V, in_float32(V), {"float32": "float32 arithmetic"}),
    *((V, V.but(x=[*X[1:], last]).values(), {"input-early": "the input of one step later"}) for last in (X[-1], [0, 0])),
    *((V, V.but(x=[first, *X[:-1]]).values(), {"input-late": "the input of one step before"}) for first in (X[0], [0, 0])),
    (V, in_place(V), {"in-place": "each h[i] from the h[0] to h[i - 1] of the same step"}),
    (LONG, in_place(LONG), {"in-place": "each h[i] from the h[0] to h[i - 1] of the same step"}),
    (S, S.but(b_h=[0.25]).values(decimals=7), {"bh-other": "another b_h: 0.25"}),
    (V, V.but(W_xh=transposed(V.W_xh), W_hh=transposed(V.W_hh), W_hy=transposed(V.W_hy)).values(), {"all-transposed": "every matrix transposed: x W instead of W x"}),
    (LONG_INPUT, LONG_INPUT.but(W_hh=transposed(V.W_hh), W_hy=transposed(V.W_hy)).values(), {"all-transposed": "every matrix transposed: x W instead of W x"}),
    (V, V.but(W_xh=V.W_hh, W_hh=V.W_xh).values(), {"wxh-whh-exchanged": "W_xh and W_hh exchanged"}),
    # [W_xh W_hh] is [[0.31, -0.42, 0.2, 0.52, 0.74], [0.83, 0.27, -0.5, -0.63, 0.15]]
    (LONG_INPUT, LONG_INPUT.but(W_xh=[[0.2, 0.52, 0.74], [-0.5, -0.63, 0.15]], W_hh=[[0.31, -0.42], [0.83, 0.27]]).values(), {"split-order": "[W_xh W_hh] split in the wrong order"}),
    (LONG_INPUT, LONG_INPUT.but(W_xh=[[0.52, 0.74, 0.31], [-0.63, 0.15, 0.83]], W_hh=[[-0.42, 0.2], [0.27, -0.5]]).values(), {"split-order": "[W_xh W_hh] split in the wrong order"}),
    (V, V.but(W_hh=[[1.52, 0.74], [-0.63, 1.15]]).values(), {"residual": "h_{t-1} added to the sum: W_hh + 1 instead of W_hh"}),
    (V, each_from_h0(V), {"each-from-h0": "every step from h_0: a batch taken for time steps, or the state reset"}),
    (V, input_for_state(V), {"input-for-state": "x_{t-1} used instead of h_{t-1}"}),
    (LONG, product(LONG), {"product": "W_xh x + b_h multiplied by W_hh h, not added"}),
    (V, product(V), {"product": "W_xh x + b_h multiplied by W_hh h, not added"}),
    (V, {n: [rows[-1]] * 4 for n, rows in V.values().items()}, {"last-everywhere": "every row is the last one: one array stored again and again"}),
    (V, padded(V.values(), 2), {"padding": "zeros after the end of the sequence (step 2)"}),
    # nothing is printed of the states that are zero
    (V, printed("y", [*V.y[:2], softmax(V.b_y), softmax(V.b_y)]), {"padding": "zeros after the end of the sequence (step 2)"}),
    (V, {"h": [row[::-1] for row in V.values()["h"]]}, {"units-reordered": "the units in another order (h: 1, 0)"}),
    (FOUR, interleaved(FOUR), {"units-reordered": "the units in another order (h: 0, ?, 1, ?; ? is not a unit of this run)"}),
    (V, interleaved(V), {"other-units": "h[1] printed from something else, such as the other direction"}),
    (CLIPPED, clipped(CLIPPED, 0.8), {"clipped": "the state clipped at 0.8"}),
    (CLIPPED, clipped(CLIPPED, 1.12), {"clipped": "the state clipped at 1.12"}),  # two values
    (V, V.values("aho") | printed("y", [[math.log(p) for p in y] for y in V.y]), {"log-softmax": "log-softmax instead of softmax"}),
    (V, V.values("aho") | printed("y", [[100 * p for p in y] for y in V.y]), {"per-cent": "the values given in per cent"}),
    *((V.but(g="sigmoid"), V.but(g=f).values(), {f"output-activation-{f}": f"{f} as the output activation"}) for f in F if f not in ("sigmoid", "step0", "relu6")),
    (V.but(g="linear"), V.but(g="sigmoid").values(), {"output-activation-sigmoid": "sigmoid as the output activation"}),
    (S, S.but(g="tanh").values(), {"output-activation-tanh": "tanh as the output activation"}),
    # the softmax of anything single, but that nobody takes for an output
    (S, S.values("aho") | printed("y", [[1]] * 3), {"output-activation-step": "step as the output activation"}),
    (V.but(g="tanh"), V.values(), {"output-activation-softmax": "softmax as the output activation"}),
    (V, V.but(h0=[0.1, 0.3]).values(), {"h0-other": "another h_0: [0.1, 0.3]"}),
    (V, with_gaps(V.but(h0=[0.1, 0.3]).values("h")), {"h0-other": "another h_0: [0.1, 0.3]"}),
    (V, with_gaps(V.but(x=[[value * 2.5 for value in row] for row in X]).values("h")), {"inputs-scaled": "the inputs scaled by 2.5"}),
    (V, with_gaps(V.but(b_h=[0.25, -0.5]).values("h", 8)), {"bh-other": "another b_h: [0.25, -0.5]"}),
    *((V, V.but(x=[[value / by for value in row] for row in X]).values(), {"inputs-scaled": f"the inputs scaled by 1/{by}"}) for by in (4, 3, 1.5, -3)),
    *((V, V.but(x=[[value * by for value in row] for row in X]).values("h"), {"inputs-scaled": f"the inputs scaled by {by}"}) for by in (2.5, 3, 1.28, -1)),
]  # fmt: skip
"""What is right, what is printed, and all that is named for it."""

OF_THE_STATES = (
    *("input-early", "input-late", "in-place", "wxh-whh-exchanged", "split-order", "residual"),
    *("each-from-h0", "input-for-state", "product", "padding", "h0-other", "inputs-scaled"),
)


@pytest.mark.parametrize(("right", "values", "expected"), CASES)
def test_one_mistake_in_every_step_is_named_alone(
    right: Sheet, values: Printed, expected: dict[str, str]
) -> None:
    assert named(right.marked(values)) == [*expected.items()]


@pytest.mark.parametrize(
    ("right", "values", "expected"),
    [row for row in CASES if next(iter(row[2])) in OF_THE_STATES and {"h", "y"} <= row[1].keys()],
)
@pytest.mark.parametrize("names", ["hy", "h"])
def test_what_ports_get_wrong_is_named_from_the_states_alone(
    right: Sheet, values: Printed, expected: dict[str, str], names: str
) -> None:
    assert named(right.marked({n: values[n] for n in names})) == [*expected.items()]


def test_every_id_that_the_readme_lists_for_a_whole_run_has_a_case() -> None:
    whole_run, _ = mistakes()

    # as outputs these two are named like step and relu, from which they differ as states only here
    others = {"output-activation-step0", "output-activation-relu6"}
    assert {id_ for *_, expected in CASES for id_ in expected} | others == whole_run


@pytest.mark.parametrize(
    ("both", "name", "text"),
    [
        (V.but(W_hh=transposed(V.W_hh), b_h=[0, 0]).values(), "whh-transposed+bh-missing", "W_hh transposed and b_h left out"),
        (V.but(b_h=[0, 0], b_y=twice(B_Y)).values(), "bh-missing+by-twice", "b_h left out and b_y added twice"),
        (in_float32(V.but(W_hh=transposed(V.W_hh))), "whh-transposed+float32", "W_hh transposed, in float32 arithmetic"),
    ],
)  # fmt: skip
def test_two_mistakes_are_named_as_a_pair_and_never_as_one(
    both: Printed, name: str, text: str
) -> None:
    assert named(V.marked(both)) == [(name, text)]


@pytest.mark.parametrize(
    ("quantity", "digits", "names"), [("y", 5.90, []), ("h", 6.47, ["whh-transposed+bh-missing"])]
)
def test_a_pair_is_believed_from_six_digits_on_that_chance_would_have_to_hit(
    quantity: str, digits: float, names: list[str]
) -> None:
    # two steps with two decimals each; one value off by n units is log10(1 + n) digits
    both = V.but(W_hh=transposed(V.W_hh), b_h=[0, 0]).values(quantity, 2)[quantity][:2]
    right = getattr(V, quantity)
    off = [
        abs(float(b) - r) * 100
        for pair in zip(both, right, strict=False)
        for b, r in zip(*pair, strict=True)
    ]
    assert sum(math.log10(1 + n) for n in off if n > 1) == pytest.approx(digits, abs=0.01)

    assert ids(V.marked({quantity: both + [["?", "?"]] * 2})) == names


def test_values_that_are_right_are_no_evidence_for_a_pair() -> None:
    # those of y differ in 5.1 digits; all those of a and h are right, up to half a unit
    y = V.but(W_hy=transposed(V.W_hy), b_y=[0, 0]).values("y", 2)["y"]

    assert ids(V.marked({**V.values("ah", 2), "y": [*y[:3], ["?", "?"]]})) == []
    assert ids(V.marked({**V.values("ah", 2), "y": y})) == ["why-transposed+by-missing"]


@pytest.mark.parametrize(
    ("right", "values"),
    [
        (V, V.but(x=[*X[:2], [0.1, 0.1], X[3]]).values()),  # in no list
        (V, {n: [rows[0], ["0.0000"] * 2, *rows[2:]] for n, rows in V.values().items()}),  # no end
        (V, {"h": [V.values()["h"][0][::-1], *V.values()["h"][1:]]}),  # another order in one step
        (V, V.but(x=[[u / 4, v / 2] for u, v in X]).values()),  # scaled by two factors
        (V, V.but(W_hh=[[1.52, 0.74], [-0.63, 2.15]]).values()),
        (V, V.but(W_hh=[[*row] for row in V.W_xh]).values()),  # exchanged in one place only
        (V, V.values("aho") | printed("y", [[100 * p for p in V.y[0]], *V.y[1:]])),
        (
            CLIPPED,
            {
                "h": [
                    [min(a, b) for a, b in zip(row, ("0.8000", "0.5000"), strict=True)]
                    for row in CLIPPED.values()["h"]
                ]
            },
        ),
        (V, V.but(h0=[0.1, 0.3]).values("h", 2)),  # which others would give as well
        (V, V.but(h0=[0.1, 0.3]).values("h", 3)),
        # nothing is read off a selu, nor off a unit that is never printed
        (V.but(f="selu"), V.but(f="selu", b_h=[0.07, 0.44]).values("h")),
        (V, {"h": [[h, "?"] for h, _ in V.but(b_h=[0.07, 0.44]).values("h")["h"]]}),
        (CLIPPED, clipped(CLIPPED, 1.2)),  # a single one has that value
        (V.but(x=X[:1]), printed("h", [[*V.h0]])),  # a single step has none before it
        (V.but(x=X[:1]), V.but(x=X[1:2]).values("h")),
        (NO_OUTPUT, NO_OUTPUT.but(W_hh=[[0.52, 0.74], [0, 0]]).values("h")),
        (LONG_INPUT, LONG_INPUT.but(W_xh=[[0.31, -0.42, 0.2], [0, 0, 0]]).values("h")),
    ],
)
def test_a_run_that_no_known_mistake_gives_has_no_name(right: Sheet, values: Printed) -> None:
    found = right.marked(values)

    assert found["counts"]["slip"] > 0
    assert ids(found) == []


def test_a_calculation_by_hand_with_a_mistake_in_every_step_is_named_too() -> None:
    h, rows = [*V.h0], []
    for x in X:  # every state is rounded before it is used
        (step,) = V.but(h0=h, x=[x], b_h=[0, 0]).h
        h = [round(value, 2) for value in step]
        rows.append(h)

    assert ids(V.marked(printed("h", rows, 2))) == ["bh-missing"]


def test_a_run_in_float32_is_all_right_where_its_digits_do_not_show_it() -> None:
    found = V.marked(in_float32(V, decimals=4))

    assert found["counts"] == {"ok": 8, "carried": 0, "cut": 0, "slip": 0}
    assert ids(found) == []


def test_nothing_is_named_where_all_is_right() -> None:
    found = V.marked(V.values())

    assert (found["first_wrong"], ids(found)) == (None, [])


def test_hand_arithmetic_is_not_taken_for_float32() -> None:
    # off by 2e-6 and 8e-7, where float32 is off by 3e-8
    found = S.marked({"h": [["0.537052"], ["0.851372"], ["?"]]})

    assert found["counts"]["ok"] == 0
    assert "float32" not in ids(found)


@pytest.mark.parametrize(
    ("f", "names"),
    [
        *(("tanh", names) for names in ("ahoy", "hy", "ah", "h")),
        *(("sigmoid", "h"), ("linear", "h"), ("relu", "ah")),
    ],
)
@pytest.mark.parametrize("decimals", [4, 7, 16])
def test_another_bias_is_named_with_its_numbers(f: str, names: str, decimals: int) -> None:
    right = V.but(f=f)
    other = right.but(b_h=[0.07, 0.44])  # of the two biases of PyTorch's cell only one

    ((name, text),) = named(right.marked(other.values(names, decimals)))

    assert name == "bh-other"
    numbers = [float(n) for n in text.removeprefix("another b_h: ").strip("[]").split(", ")]
    assert numbers == pytest.approx([0.07, 0.44], abs=10 ** (1 - min(decimals, 8)))


@pytest.mark.parametrize(
    ("W_xh", "W_hh", "b_h", "x", "factor", "decimals", "by"),
    [
        (0.7, -0.4, 0.4, [-0.1, 0.3, 0.4, 1.6], 1.2, 1, "1.2"),  # 1.15 would do
        (0.5, -0.1, -0.3, [-1.8, -1.5, 1.2, 0.0], 7, 0, "7"),  # and so would 7.1
        (0.4, -0.5, -0.1, [-0.4, 1.5, 1.7, 1.1], 1 / 3, 1, "1/3"),
        (0.9, 0.1, 0.3, [-1.9, -0.9, -1.2], 1 / 1.5, 1, "1/1.5"),
        (0.4, -0.5, -0.1, [-0.4, 1.5, 1.7, 1.1], 1 / 7, 2, "1/7"),  # and so would 0.14
    ],
)
def test_of_the_factors_that_would_do_the_simplest_is_named(
    W_xh: float, W_hh: float, b_h: float, x: Vector, factor: float, decimals: int, by: str
) -> None:
    right = Sheet([[W_xh]], [[W_hh]], [[v] for v in x], [b_h], [0], [], [], f="linear")
    scaled = right.but(x=[[v * factor] for v in x])

    found = named(right.marked(scaled.values("h", decimals)))

    assert found == [("inputs-scaled", f"the inputs scaled by {by}")]


@pytest.mark.parametrize("by", ["1/255", "1/256", "1/100", "1/10", "1/2", "2", "10", "100"])
def test_usual_factors_are_tried_where_no_state_is_printed(by: str) -> None:
    top, _, bottom = by.partition("/")
    right = V.but(f="linear", g="linear")
    scaled = right.but(x=[[value * float(top) / float(bottom or 1) for value in row] for row in X])

    found = named(right.marked(scaled.values("y", 7)))

    assert found == [("inputs-scaled", f"the inputs scaled by {by}")]


@pytest.mark.parametrize(
    ("biases", "used", "cause"),
    [
        ([], 0.25, ("bh-other", "another b_h: 0.25")),
        (["--bh", "0.1"], 0.25, ("bh-other", "another b_h: 0.25")),
        (["--bxh", "0.1", "--bhh", "0.3"], 0.25, ("bxh-other", "another b_xh + b_hh: 0.25")),
        (["--bxh", "0.1", "--bhh", "0.3"], 0.0, ("bxh-missing", "b_xh + b_hh left out")),
    ],
)
def test_another_bias_is_named_whatever_biases_there_are(
    biases: list[str], used: float, cause: tuple[str, str]
) -> None:
    h = " ".join(f"{h:.7f}" for (h,) in S.but(b_h=[used]).h)
    flags = ["--wxh", "0.5", "--whh", "0.3", *biases, "--x", "1,2,3", "--h", h, "-f", "json"]

    assert named(json.loads(rnncalc("check", *flags).out)) == [cause]


@pytest.mark.parametrize(("steps", "names"), [(3, []), (4, ["bh-other"])])
def test_another_bias_is_believed_where_the_steps_after_the_first_agree_in_six_digits(
    steps: int, names: list[str]
) -> None:
    # 1.2, where 0.01 is known, is log10(120) = 2.08 digits in each step
    x = [0.3, -0.8, 0.5, 1.1][:steps]
    right = Sheet([[1]], [[0]], [[v] for v in x], [0], [0], [], [], f="linear")

    assert ids(right.marked({"a": [[f"{v + 1.2:.2f}"] for v in x]})) == names


@pytest.mark.parametrize("f", ["sigmoid", "linear", "softsign", "relu", "elu", "softplus"])
def test_another_bias_is_read_off_other_functions(f: str) -> None:
    ((name, text),) = named(V.but(f=f).marked(V.but(f=f, b_h=[0.07, 0.44]).values("h", 9)))

    assert (name, text) == ("bh-other", "another b_h: [0.07, 0.44]")


@pytest.mark.parametrize("right", [V, CLIPPED.but(x=[[100 * v for v in row] for row in X])])
def test_another_bias_is_named_in_float32_as_well(right: Sheet) -> None:
    ((name, text),) = named(right.marked(in_float32(right.but(b_h=[0.07, 0.44]), decimals=17)))

    assert name == "bh-other+float32"
    assert text.startswith("another b_h: [0.07, 0.44")


def test_outputs_that_do_not_follow_are_no_matter_of_the_hidden_bias() -> None:
    assert ids(V.marked(V.but(b_h=[0.07, 0.44], g="linear").values())) == []


def test_the_bias_that_is_named_gives_what_is_printed() -> None:
    right = S.but(b_h=[0.0], x=[[0.1], [0.2], [0.3], [0.4], [0.5], [0.6]])
    h = ["0.093", "0.170", "0.240", "0.306", "0.367", "0.425"]  # with b_h = 0.0437
    sheet = {"h": [[value] for value in h]}

    ((_, text),) = named(right.marked(sheet))

    b_h = float(text.removeprefix("another b_h: "))
    counts = right.but(b_h=[b_h]).marked(sheet)["counts"]
    assert (counts["cut"], counts["slip"]) == (0, 0)


def test_a_tolerance_of_nothing_is_one() -> None:
    right = Sheet([[1]], [[1]], [[1]] * 5, [0], [0], [[1]], [0], f="linear")
    sheet = {"h": [["4"], ["8"], ["12"], ["16"], ["20"]]}

    assert named(right.marked(sheet, "--atol", "0")) == [("bh-other", "another b_h: 3")]


def test_another_value_at_0_is_named_before_other_mistakes() -> None:
    # an exam's threshold unit, which puts out 1 until it has read the first 0
    sheet = S.but(
        W_xh=[[-1]],
        W_hh=[[1]],
        b_h=[1],
        W_hy=[[-1]],
        b_y=[1],
        x=[[v] for v in (1, 1, 1, 0, 1)],
        f="step",
    )

    found = ids(sheet.marked({"y": [["1"], ["1"], ["1"], ["0"], ["0"]]}))

    assert found[0] == "activation-step0"
    assert len(found) > 1
