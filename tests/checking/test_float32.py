"""Values of a port in single precision: explained where another order of additions gives them, only there.

The ports are loops in NumPy's float32 that add in various orders.
"""

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from calling import rnncalc
from rnncalc import Cell, Network, Readout
from rnncalc.network.cells import Layer
from rnncalc.network.float32 import SingleNoise
from rnncalc.network.forward import calculated
from sheets import VECTOR, Sheet, named

f32 = np.float32
Array = np.ndarray[tuple[int, ...], np.dtype[Any]]
Sums = Callable[..., Array]


def one_by_one(total: Array, *parts: tuple[Array, Array]) -> Array:
    for W, v in parts:
        for k in range(len(v)):
            total = total + W[:, k] * v[k]
    return total


def fused(total: Array, *parts: tuple[Array, Array]) -> Array:
    """Add each product before it is rounded, as processors do."""
    for W, v in parts:
        for k in range(len(v)):
            total = (total + W[:, k].astype(np.float64) * v[k]).astype(f32)
    return total


ORDERS: dict[str, Sums] = {
    "three products": lambda W, R, b, x, h: W @ x + R @ h + b,
    "as PyTorch": lambda W, R, b, x, h: (W @ x + b) + R @ h,
    "one matrix": lambda W, R, b, x, h: np.hstack((W, R)) @ np.concatenate((x, h)) + b,
    "row convention": lambda W, R, b, x, h: x @ W.T.copy() + h @ R.T.copy() + b,
    "bias first": lambda W, R, b, x, h: one_by_one(b, (W, x), (R, h)),
    "backwards": lambda W, R, b, x, h: (
        one_by_one(np.zeros_like(b), (R[:, ::-1], h[::-1]), (W[:, ::-1], x[::-1])) + b
    ),
    "fused": lambda W, R, b, x, h: fused(b, (W, x), (R, h)),
    "fused, bias last": lambda W, R, b, x, h: fused(np.zeros_like(b), (W, x), (R, h)) + b,
}


def exponentials(a: Array) -> Array:
    return f32(1) - f32(2) / (np.exp(f32(2) * a) + f32(1))


def softmax(o: Array) -> Array:
    powers = np.exp(o)
    return np.asarray(powers / powers.sum())


def port(weights: list[Array], x: Array, sums: Sums, tanh: Callable[[Array], Array]) -> list[Array]:
    """Return a, h, o and y of a loop in float32."""
    W, R, b, V, c = (np.ascontiguousarray(each, dtype=f32) for each in weights)
    h: Array = np.zeros(len(b), f32)
    rows = []
    for row in x.astype(f32):
        a = sums(W, R, b, row, h)
        h = tanh(a)
        o = V @ h + c
        rows.append((a, h, o, softmax(o)))
    return [np.array(each) for each in zip(*rows, strict=True)]


@pytest.mark.parametrize("tanh", [np.tanh, exponentials])
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("units", [1, 3, 32])
def test_every_order_of_additions_is_explained(units: int, order: str, tanh: Any) -> None:
    r = np.random.default_rng(units)
    shapes = [(units, 4), (units, units), (units,), (3, units), (3,)]
    weights = [r.normal(size=shape) / np.sqrt(shape[-1]) for shape in shapes]
    x = r.normal(size=(40, 4))
    W, R, b, V, c = weights
    equations = Network(Cell(W, R, b), Readout(V, c, "softmax")).equations
    noise = SingleNoise(equations, calculated(equations, {"h": np.zeros(units)}, {"x": x}))

    for name, rows in zip("ahoy", port(weights, x, ORDERS[order], tanh), strict=True):
        assert np.all(np.abs(rows - noise.single[name]) <= noise.between[name])


def test_a_direction_that_reads_backwards_is_exact_from_its_end() -> None:
    # h_2 = 2^24 is a float32; h_1 = 1 + 2^24 is not
    network = Network([Layer(None, Cell([[1]], [[1]], None, "linear"))])
    given = {"x": np.array([[1.0], [2.0**24]])}
    noise = SingleNoise(network.equations, calculated(network.equations, network.start(), given))

    for name in ("a_l0_reverse", "h_l0_reverse", "h"):
        assert noise.between[name][1] == 0
        assert noise.between[name][0] > 0


def test_a_step_adds_a_unit_and_a_half_for_a_sum_three_for_a_function_and_none_for_relu() -> None:
    # the sums are of nothing, of 1 and -1, and of 100 and -1: the errors of three terms are of
    # either sign; softplus(0) is less than 1, and softplus(99) is 99
    x = np.array([[0.0, 0.0], [2.0, 4.0], [200.0, 4.0]])
    cell, other = (Cell([[0.5, -0.25]], [[0.0]], None, f) for f in ("softplus", "relu"))
    noise, flat = (
        SingleNoise(equations, calculated(equations, {"h": np.zeros(1)}, {"x": x}))
        for equations in (Network(cell).equations, Network(other).equations)
    )
    unit, root = 2.0**-23, math.sqrt(3)

    sums = [1.5 * unit, 1.5 * unit * (1 + 2 * root), 1.5 * unit * (1 + 101 * root)]
    assert noise.step["a"][:, 0] == pytest.approx(sums)
    assert noise.step["h"][:, 0].tolist() == [3 * unit, 3 * unit, 297 * unit]
    assert flat.step["h"][:, 0].tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("wrong", ["2.5000008", "2.5000005", "2.5000002"])
def test_nothing_is_rounded_where_a_float32_holds_every_number(wrong: str) -> None:
    numbers = ["--wxh", "1", "--whh", "0.5", "--activation", "linear", "--x"]

    result = rnncalc("check", *numbers, "1,2,3", "--h", f"1.0000000 {wrong} 4.2500000")

    assert result.status == 1
    assert result.out.startswith(f"First slip: h[0] at step 2: {wrong} printed, 2.5000000 is right")


@pytest.mark.parametrize("wrong", ["140.800040", "140.800019", "140.800005"])
def test_one_value_of_many_that_is_off_by_several_units_is_a_slip(wrong: str) -> None:
    # in float32, 1.1 is off by 2.4e-8, so at most 140.800003 would be printed
    doubled = " ".join(f"{1.1 * 2**t:.6f}" for t in range(7))
    numbers = ["--wxh", "1", "--whh", "2", "--activation", "linear", "--x", "1.1 0 0 0 0 0 0 0 0 0"]
    rest = " ".join(f"{1.1 * 2**t:.6f}" for t in (8, 9))

    out = rnncalc("check", *numbers, "--h", f"{doubled} {wrong} {rest}").out

    assert out.startswith(f"First slip: h[0] at step 8: {wrong} printed, 140.800000 is right")


@pytest.mark.parametrize(("moved", "ids"), [(0, ["float32"]), (16, []), (-16, [])])
def test_what_is_further_off_than_other_orders_is_not_explained(moved: int, ids: list[str]) -> None:
    sheet = VECTOR
    h = port(numbers_of(sheet), np.array(sheet.x), ORDERS["as PyTorch"], np.tanh)[1]
    h[1, 0] += f32(moved) * np.spacing(f32(1))
    values = {"h": [[str(value) for value in row] for row in h]}

    assert [id_ for id_, _ in named(sheet.but(h0=[0, 0]).marked(values))] == ids


def numbers_of(sheet: Sheet) -> list[Array]:
    return [np.array(v) for v in (sheet.W_xh, sheet.W_hh, sheet.b_h, sheet.W_hy, sheet.b_y)]


def test_of_a_port_with_a_mistake_what_float32_rounds_is_no_slip() -> None:
    h, texts = f32(0), []
    for x in (1, 2, 3, 4):  # without W_hh h
        h = np.tanh(f32(0.3) * f32(x) + f32(0.1))
        texts.append(str(h))
    flags = ["--wxh", "0.3", "--whh", "0.7", "--bh", "0.1", "--x", "1,2,3,4", "--h"]

    result = rnncalc("check", *flags, " ".join(texts), "-f", "json")

    found = json.loads(result.out)
    assert abs(float(texts[0]) - math.tanh(0.4)) > 0.5e-8  # all that its digits allow for
    assert [id_ for id_, _ in named(found)] == [
        "recurrence-missing+float32",
        "each-from-h0+float32",
    ]
    assert found["first_wrong"] == "h[1][0]"


STATES: dict[str, Callable[[Array], Array]] = {
    "late": lambda h: np.vstack((np.zeros_like(h[:1]), h[:-1])),
    "listed-backwards": lambda h: h[::-1],
    "last-everywhere": lambda h: np.tile(h[-1], (len(h), 1)),
    "units-reordered": lambda h: h[:, ::-1],
    "padding": lambda h: np.vstack((h[:-1], np.zeros_like(h[:1]))),
    "per-cent": lambda h: f32(100) * h,
}


@pytest.mark.parametrize("id_", STATES)
def test_states_that_a_port_lists_otherwise_are_named(id_: str) -> None:
    sheet = VECTOR.but(h0=[0, 0])
    h = port(numbers_of(sheet), np.array(sheet.x), ORDERS["as PyTorch"], np.tanh)[1]

    found = sheet.marked({"h": [[str(value) for value in row] for row in STATES[id_](h)]})

    assert [name for name, _ in named(found)] == [f"{id_}+float32"]


def test_a_port_that_overwrites_its_state_is_named() -> None:
    sheet = VECTOR.but(h0=[0, 0])
    W, R, b, *_ = (each.astype(f32) for each in numbers_of(sheet))
    h, rows = np.zeros(2, f32), []
    for x in np.array(sheet.x, f32):
        for i in range(2):
            h[i] = np.tanh(W[i] @ x + b[i] + R[i] @ h)
        rows.append([str(value) for value in h])

    assert [id_ for id_, _ in named(sheet.marked({"h": rows}))] == ["in-place+float32"]


def test_float32_values_of_weights_with_four_decimals_are_not_put_down_to_the_weights() -> None:
    sheet = VECTOR.but(
        W_xh=[[0.3141, -0.4217], [0.8312, 0.2718]], W_hh=[[0.5203, 0.7411], [-0.6317, 0.1523]]
    )
    sheet = sheet.but(b_h=[0.1234, -0.2111], h0=[0, 0])
    h = port(numbers_of(sheet), np.array(sheet.x), ORDERS["bias first"], np.tanh)[1]

    found = sheet.marked({"h": [[str(value) for value in row] for row in h]})

    assert [id_ for id_, _ in named(found)] == ["float32"]


@pytest.mark.parametrize(
    ("truncated", "id_"), [(False, "float32"), (True, "later-step-missing+float32")]
)
def test_gradients_in_float32_are_explained_without_being_asked(truncated: bool, id_: str) -> None:
    w, r, v = f32(0.5), f32(0.3), f32(0.4)
    x, target = [f32(k) for k in (1, 2, 3)], [f32(k) for k in (1, 0, 2)]
    h = [f32(0)]
    for value in x:
        h.append(np.tanh(w * value + r * h[-1]))
    dw, dr, later = f32(0), f32(0), f32(0)
    for t in (3, 2, 1):  # of L = sum of (y - target)^2 / 2
        da = ((v * h[t] - target[t - 1]) * v + later) * (f32(1) - h[t] * h[t])
        dw, dr, later = dw + da * x[t - 1], dr + da * h[t - 1], f32(0) if truncated else r * da
    lines = ["wxh = 0.5", "whh = 0.3", "why = 0.4", "x = [1, 2, 3]", "target = [1, 0, 2]"]
    lines += ["[expect.gradients]", f"wxh = {dw}", f"whh = {dr}"]

    result = rnncalc("check", "-c", "-", "-f", "json", stdin="\n".join(lines))

    assert result.err == ""
    assert [name for name, _ in named(json.loads(result.out))] == [id_]


def test_derivatives_of_steps_beside_gradients_with_an_unknown_mistake_have_no_name() -> None:
    lines = ["wxh = 0.5", "whh = 0.3", "x = [1, 2]", "dh_output = [0.1, 0.2]", "[expect]"]
    lines += ["da = [0.77123, 0.31234]", "[expect.gradients]", "wxh = 0.12345678"]

    result = rnncalc("check", "-c", "-", "-f", "json", stdin="\n".join(lines))

    assert (result.err, named(json.loads(result.out))) == ("", [])


def test_the_tolerance_that_is_named_allows_for_a_right_port() -> None:
    flags = ["--wxh", "0.3", "--whh", "0.7", "--x", "1,2,3"]
    port = rnncalc("run", *flags, "--float32", "-f", "json").out

    said = rnncalc("check", *flags, "--expect", "-", stdin=port).out.splitlines()[2]
    atol = said.rpartition("--atol ")[2]

    assert said.startswith("The largest difference is ")
    assert rnncalc("check", *flags, "--expect", "-", "--atol", atol, stdin=port).status == 0
    smaller = str(float(atol) - 1e-8)
    assert rnncalc("check", *flags, "--expect", "-", "--atol", smaller, stdin=port).status == 1


def test_what_float32_adds_up_over_many_steps_is_right_where_it_is_allowed_for() -> None:
    h, rows = f32(0), []
    for _ in range(300):
        h += f32(0.1)
        rows.append(f"{float(h):.9f}")
    expect = f"[expect]\nh = [{', '.join(rows)}]"
    flags = ["--wxh", "0.1", "--whh", "1", "--activation", "linear", "--x", ",".join(["1"] * 300)]

    result = rnncalc("check", *flags, "-c", "-", "--float32", "-f", "json", stdin=expect)

    assert json.loads(result.out)["counts"] == {"ok": 300, "carried": 0, "cut": 0, "slip": 0}


@pytest.mark.parametrize(
    "flags",
    [
        # two values have the sixteen digits of a float64, which no float32 has
        ["--wxh", "0.5", "--whh", "0.3", "--x", "1 2 3", "--h", "0.46211715726000974 0.8139539961681341 0.940710223954243"],
        # weights of four decimals and full values: the last is wrong, by 2e-4
        ["--wxh=-0.6 -1.0512 0.3309", "--whh=-1.1606", "--bh=-0.3336", "--activation", "softsign", "--x", "1 2 -1; 0 -1 0; 0 0 -1", "--a=-3.3669000000000002 1.6124279420183654 -1.3810326054215791"],
        # %.8g, where only the third is wrong; with fixed decimals most would be, and the weights explain it
        ["--wxh", "1.1822", "--whh", "0.4234", "--bh", "0.4935", "--x", "0.7 -0.2 0.4 1.1", "--a", "1.32104 0.62416572 1.2011528 2.1470123"],
        # as large as a float is
        ["--wxh", "0.5", "--whh", "0.3", "--x", "1 2 3", "--h", "0.462117 0.813954 1e308"],
    ],
)  # fmt: skip
def test_one_wrong_value_is_a_slip_and_has_no_cause_of_the_whole_run(flags: list[str]) -> None:
    result = rnncalc("check", *flags, "-f", "json")

    found = json.loads(result.out)
    assert (result.status, found["counts"]["slip"], named(found)) == (1, 1, [])


def test_a_wrong_derivative_is_not_explained_by_float32() -> None:
    lines = ["wxh = 0.5", "whh = 0.3", "x = [1, 2]", "dh_output = [0.1, 0.2]", "[expect]"]
    h = [math.tanh(0.5)]
    h.append(math.tanh(2 * 0.5 + 0.3 * h[0]))
    da = [0.0, 0.2 * (1 - h[1] ** 2)]
    da[0] = (0.1 + 0.3 * da[1]) * (1 - h[0] ** 2)
    right = f"da = [{f32(da[0])}, {f32(da[1])}]"
    wrong = f"da = [{f32(da[0] + 1e-5)}, {f32(da[1])}]"

    for text, status in ((right, 0), (wrong, 1)):
        given = "\n".join([*lines, text])
        assert rnncalc("check", "-c", "-", "--float32", stdin=given).status == status
