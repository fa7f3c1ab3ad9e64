"""Numbers as a program prints them, four decimals, beside values that it calculated with all digits."""

import json
import math
import random

import pytest

from calling import rnncalc
from plain_loop import F, Matrix, affine
from sheets import Sheet, named

ALL_AGREE = "No slip: all values agree with weights rounded to 4 decimals"


def trained(seed: int, large: float = 0.7, small: float = 1.0) -> Sheet:
    """Return a network with weights of one size, and inputs and a start of another."""
    r, units = random.Random(seed), 4

    def matrix(rows: int, columns: int, size: float = large) -> Matrix:
        return [[r.gauss(0, size) for _ in range(columns)] for _ in range(rows)]

    return Sheet(
        W_xh=matrix(units, 4),
        W_hh=matrix(units, units),
        x=matrix(4, 4, small),
        b_h=matrix(1, units)[0],
        h0=matrix(1, units, small)[0],
        W_hy=matrix(3, units),
        b_y=matrix(1, 3)[0],
        f=r.choice(["tanh", "relu", "linear"]),
    )


def as_typed(sheet: Sheet) -> Sheet:
    matrices = {n: getattr(sheet, n) for n in ("W_xh", "W_hh", "x", "W_hy")}
    rounded = {n: [[round(v, 4) for v in row] for row in of] for n, of in matrices.items()}
    vectors = {n: [round(v, 4) for v in getattr(sheet, n)] for n in ("b_h", "h0", "b_y")}
    return sheet.but(**rounded, **vectors)


@pytest.mark.parametrize("seed", range(12))
def test_values_that_differ_by_no_more_than_the_rounding_of_what_is_given_agree(seed: int) -> None:
    sheet = trained(seed)

    result = rnncalc("check", "-c", "-", stdin=as_typed(sheet).toml(sheet.values()))

    assert (result.status, result.out.splitlines()[0]) == (0, ALL_AGREE)


def test_a_program_is_told_that_the_weights_were_taken_to_be_rounded() -> None:
    typed, values = as_typed(trained(0)), trained(0).values()

    assert typed.marked(values)["weights_rounded"] == 4
    assert "weights_rounded" not in typed.marked(typed.values())


@pytest.mark.parametrize("seed", [0, 1, 3, 5])  # with W_hh + 1, the states of 2 and 4 explode
@pytest.mark.parametrize("id_", ["residual", "activation-sigmoid", "bh-missing", "whh-transposed"])
def test_a_mistake_is_named_up_to_the_rounding_of_the_weights(id_: str, seed: int) -> None:
    full = trained(seed)
    typed, eye = as_typed(full), [[float(i == k) for k in range(4)] for i in range(4)]
    changes: dict[str, dict[str, object]] = {
        "residual": {"W_hh": [[a + b for a, b in zip(*rows, strict=True)] for rows in zip(full.W_hh, eye, strict=True)]},
        "activation-sigmoid": {"f": "sigmoid"},
        "bh-missing": {"b_h": [0.0] * 4},
        "whh-transposed": {"W_hh": [list(column) for column in zip(*full.W_hh, strict=True)]},
    }  # fmt: skip

    found = typed.marked(full.but(**changes[id_]).values("hy", 6))

    assert [name for name, _ in named(found)] == [id_]


@pytest.mark.parametrize("seed", [0, 5, 8, 15])
def test_inputs_and_a_start_are_rounded_too(seed: int) -> None:
    # large weights multiply what was rounded away from small inputs
    sheet = trained(seed, large=1.5, small=0.05)

    result = rnncalc("check", "-c", "-", stdin=as_typed(sheet).toml(sheet.values("h")))

    assert (result.status, result.out.splitlines()[0]) == (0, ALL_AGREE)


def test_a_slip_is_found_among_them() -> None:
    sheet = trained(0)
    printed = sheet.values("h")
    printed["h"][2][1] = f"{float(printed['h'][2][1]) + 0.05:.4f}"

    result = rnncalc("check", "-c", "-", stdin=as_typed(sheet).toml(printed))

    assert result.status == 1
    assert ALL_AGREE not in result.out


@pytest.mark.parametrize("continued", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_one_slip_makes_no_slips_of_right_values(seed: int, continued: bool) -> None:
    sheet = trained(seed)
    h = [[float(v) for v in row] for row in sheet.h]
    h[1][1] += 0.05
    for t in (2, 3) if continued else ():
        weights = [[*wx, *wh] for wx, wh in zip(sheet.W_xh, sheet.W_hh, strict=True)]
        h[t] = [F[sheet.f](a) for a in affine(weights, [*sheet.x[t], *h[t - 1]], sheet.b_h)]
    printed = {"h": [[f"{v:.4f}" for v in row] for row in h]}

    result = rnncalc("check", "-c", "-", "-f", "json", stdin=as_typed(sheet).toml(printed))

    found = json.loads(result.out)
    slips = [mark["where"] for mark in found["figures"] if mark["verdict"] in ("slip", "cut")]
    assert (result.status, slips) == (1, ["h[1][1]"])
    table = rnncalc("check", "-c", "-", stdin=as_typed(sheet).toml(printed)).out
    assert table.splitlines()[1] == "Weights rounded to 4 decimals are allowed for"


@pytest.mark.parametrize(("count", "verdict"), [(2, "ok"), (3, "cut")])
def test_two_values_look_truncated_by_chance_where_weights_were_rounded_and_three_do_not(
    count: int, verdict: str
) -> None:
    typed, left = as_typed(trained(0)), count
    texts = [[f"{math.trunc(h * 1e5) / 1e5:.5f}" for h in row] for row in typed.h]
    for row, values in zip(texts, typed.h, strict=True):
        for i, h in enumerate(values):
            if row[i] == f"{h:.5f}" or not left:
                row[i] = "?"
            else:
                left -= 1

    counts = typed.marked({"h": texts})["counts"]

    assert counts == {"ok": 0, "carried": 0, "cut": 0, "slip": 0} | {verdict: count}


def test_what_drifts_beyond_the_rounding_of_the_weights_does_not_pass() -> None:
    # each step follows from the one before up to the rounding of the weights, but not the run
    h, printed = 0.0, []
    for t in range(1, 13):
        h = 0.9999 * h + 0.1234 + 0.1111 + 0.00012 * t
        printed.append(f"{h:.6f}")
    flags = ["--wxh", "0.1234", "--whh", "0.9999", "--bh", "0.1111", "--activation", "linear"]

    result = rnncalc("check", *flags, "--x", "1 " * 12, "--h", " ".join(printed), "-f", "json")

    assert result.status == 1
    assert json.loads(result.out)["counts"]["carried"] > 0


def test_numbers_with_few_decimals_are_not_taken_for_rounded_ones() -> None:
    sheet = trained(1)
    full = sheet.but(W_xh=[[round(v, 2) for v in row] for row in sheet.W_xh])
    short = as_typed(sheet).but(
        **{
            n: [[round(v, 2) for v in row] for row in getattr(sheet, n)]
            for n in ("W_xh", "W_hh", "W_hy")
        }
    )

    result = rnncalc("check", "-c", "-", stdin=short.toml(full.values()))

    assert result.status == 1
    assert ALL_AGREE not in result.out


def test_weights_that_give_right_values_were_not_rounded() -> None:
    # 0.5123, 0.5123 x 2 + 0.3217 x 0.5123, ...: eight decimals are right, so the weights are exact
    given = ["--wxh", "0.5123", "--whh", "0.3217", "--x", "1,2,3", "--activation", "linear"]

    result = rnncalc("check", *given, "--h", "0.51230000 1.18940691 1.91993220")

    assert result.status == 1
    assert "First slip: h[0] at step 3: 1.91993220 printed, 1.91953220 is right" in result.out


def test_the_function_of_a_printed_value_is_not_moved_by_weights() -> None:
    sheet = trained(0).but(f="relu")
    printed = sheet.values("ah")
    t, i = next((t, i) for t, row in enumerate(sheet.h) for i, v in enumerate(row) if v > 0.1)
    printed["h"][t][i] = f"{float(printed['h'][t][i]) + 0.0003:.4f}"

    result = rnncalc("check", "-c", "-", stdin=as_typed(sheet).toml(printed))

    assert result.status == 1
    assert f"First slip: h[{i}] at step {t + 1}: {printed['h'][t][i]} printed" in result.out


@pytest.mark.parametrize(("first", "status"), [("1.2242", 0), ("1.1780", 0), ("1.2262", 1), ("1.1760", 1)])  # fmt: skip
def test_the_rounding_of_weights_explains_up_to_a_fiftieth_of_the_largest_value(
    first: str, status: int
) -> None:
    # 0.0012 may be 0.00124, and then 1.2011 = 1000 x 0.0012 + 0.0011 is 1.2411; 1.2011 / 50 = 0.0240
    given = ["--wxh", "0.0012", "--whh", "0", "--bh", "0.0011", "--activation", "linear"]

    assert rnncalc("check", *given, "--x", "1000,900", "--h", f"{first} 1.0811").status == status


@pytest.mark.parametrize(
    ("wxh", "bh", "h", "status"),
    [
        ("0.1234", "0.1111", "123.525", 0),  # 123.5111
        ("0.123", "0.111", "123.113", 1),  # 123.111, but people write three decimals
        ("0.1234", "0.1", "123.513", 1),  # 123.5, and most of the three weights have fewer
        ("0.12345678", "0.11111111", "123.567896", 0),  # 123.56789111
        ("0.123456781", "0.111111111", "123.5678931", 1),  # 123.567892111
    ],
)
def test_numbers_of_four_to_eight_decimals_are_those_of_a_program(
    wxh: str, bh: str, h: str, status: int
) -> None:
    given = ["--wxh", wxh, "--whh", "0", "--bh", bh, "--activation", "linear", "--x", "1000"]

    assert rnncalc("check", *given, "--h", h).status == status


def test_half_of_the_weights_are_not_most() -> None:
    given = ["--wxh", "0.1234", "--whh", "0", "--activation", "linear", "--x", "1000"]

    assert rnncalc("check", *given, "--h", "123.413").status == 1  # 123.4


@pytest.mark.parametrize(
    ("h", "status"),
    [
        ("0.62340000 1.13570000 1.64805000 2.16036000", 0),  # half of them may be right by chance
        ("0.62340000 1.13570000 1.64800000 2.16036000", 1),
        ("0.62340000 1.13570000 1.64805000 ?", 1),
        ("0.62340000 1.13574000 ? ?", 0),  # and so may a single one
        ("0.62340000 ? ? 2.16036000", 0),
    ],
)
def test_weights_were_not_rounded_if_most_values_are_right_to_their_last_digit(
    h: str, status: int
) -> None:
    # 0.5123 x + 0.1111
    given = ["--wxh", "0.5123", "--whh", "0", "--bh", "0.1111", "--activation", "linear"]

    assert rnncalc("check", *given, "--x", "1,2,3,4", "--h", h).status == status


@pytest.mark.parametrize(("h", "status"), [("2.16075", 0), ("2.15985", 0), ("2.16110", 1), ("2.15950", 1)])  # fmt: skip
def test_the_rounding_of_weights_explains_five_standard_deviations(h: str, status: int) -> None:
    # 2.1603 = 4 x 0.5123 + 0.1111, off by up to 0.00005 each, evenly: 5 sqrt(16 + 1) 0.00005 / sqrt(3) = 0.0006
    given = ["--wxh", "0.5123", "--whh", "0", "--bh", "0.1111", "--activation", "linear"]

    assert rnncalc("check", *given, "--x", "4", "--h", h).status == status
