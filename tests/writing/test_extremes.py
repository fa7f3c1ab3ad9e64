"""Worked lines are literally true at every size and precision: exact fractions read them back."""

import json
import math
import random
import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calling import rnncalc
from evaluator import Slack, interval, links, printed_number
from networks import ACTIVATIONS, lines, work
from rnncalc.numerals.rounding import fixed

EPSILON = Fraction(2) ** -52


def number(r: random.Random, spread: float) -> float:
    """Return a number of any size, with a few digits or with all that a float has."""
    if r.random() < 0.2:
        return 0.0
    size = 10.0 ** round(r.uniform(-spread, spread))
    return float(f"{r.uniform(-2, 2) * size:.{r.choice([1, 2, 3, 17])}g}")


def extreme(seed: int) -> list[str]:
    """Return the flags of a random network whose numbers are tiny and huge."""
    r = random.Random(seed)
    spread = r.choice([0, 1, 4, 10, 18])
    D, H, K = r.choice([1, 2, 9, 12]), r.choice([1, 2, 3]), r.choice([0, 1, 3, 10])

    def matrix(rows: int, columns: int, spread: float = spread) -> str:
        return json.dumps([[number(r, spread) for _ in range(columns)] for _ in range(rows)])

    flags = ["--wxh", matrix(H, D), "--whh", matrix(H, H), "--x", matrix(3, D)]
    flags += ["--bh", matrix(1, H)[1:-1], "--h0", matrix(1, H)[1:-1]]
    flags += ["--activation", r.choice(ACTIVATIONS), "-p", str(r.randint(0, 17))]
    if K:
        output = r.choice([*ACTIVATIONS, "softmax"])
        flags += ["--why", matrix(K, H, min(spread, 4)), "--output-activation", output]
    return flags


CASES = [[*extreme(seed), *by_hand] for seed in range(60) for by_hand in ([], ["--by-hand"])]
WIDE = [arguments for arguments in CASES if len(json.loads(arguments[1])[0]) > 8]


def rounding(decimals: int) -> Slack:
    """Return how far a shown number may be from the one it stands for: half of its last digit.

    A short one with fewer decimals is shown in full; a long one may have lost its last zeros.
    """

    def slack(token: str) -> Fraction:
        mantissa, _, power = token.partition("e")
        own = len(mantissa.partition(".")[2])
        if not power and own < decimals and len(mantissa) < 16:
            return Fraction(10) ** -decimals / 2 if len(mantissa) > 6 else Fraction(0)
        return Fraction(10) ** (int(power or 0) - own) / 2

    return slack


def noise(left: str) -> Fraction:
    """Return what floats may lose in calculating a sum."""
    sizes = re.sub(r"^−|\(−", lambda found: found[0].strip("−"), left).replace(" − ", " + ")
    return interval(sizes)[1] * 64 * EPSILON


@pytest.mark.parametrize("arguments", CASES, ids=range(len(CASES)))
def test_an_equals_sign_is_literally_true(arguments: list[str]) -> None:
    for line in lines(work(*arguments)):
        for left, relation, right in links(line):
            if relation == "=" and "the sum of all" not in left:
                low, high = interval(left)
                assert low == high == interval(right)[0], line


@pytest.mark.parametrize("arguments", CASES, ids=range(len(CASES)))
def test_an_approximate_line_is_true_within_the_rounding_of_its_numbers(
    arguments: list[str],
) -> None:
    slack = rounding(int(arguments[arguments.index("-p") + 1]))

    for line in lines(work(*arguments)):
        for left, _, right in links(line):
            if "the sum of all" not in left:
                low, high = interval(left, slack)
                a, b = interval(right, slack)
                lost = noise(left) if "^" not in left else Fraction(0)
                assert low - lost <= b, line
                assert a <= high + lost, line


@pytest.mark.parametrize("arguments", WIDE, ids=range(len(WIDE)))
def test_sums_shown_as_numbers_add_up_to_their_total(arguments: list[str]) -> None:
    found = [line.partition(" = ")[2] for step in work(*arguments) for line in step["a"]]
    for line in (line.partition(" = ")[2] if "W_" in line else line for line in found):
        left, _, right = re.split(r" ([=≈]) ", line)
        half = rounding(0)(right.strip("−"))
        assert abs(interval(left)[0] - interval(right)[0]) <= half + noise(left), line


@pytest.mark.parametrize("arguments", CASES[1::2], ids=range(len(CASES) // 2))
def test_by_hand_a_sum_is_its_exact_value_rounded(arguments: list[str]) -> None:
    half = Fraction(10) ** -int(arguments[arguments.index("-p") + 1]) / 2
    for line in (line for step in work(*arguments) for line in step["a"]):
        left, _, right = re.split(r" ([=≈]) ", line)[-3:]
        shown = interval(right)[0]
        # what is written down is a float, and may have been taken for a tie
        slack = max(half, rounding(0)(right.strip("−"))) + 6 * Fraction(math.ulp(float(shown)))
        assert abs(interval(left)[0] - shown) <= slack, line


def cells(arguments: list[str]) -> Iterator[tuple[str, float]]:
    """Yield each value of a table as it is shown, and in full."""
    steps = json.loads(rnncalc("run", *arguments, "-f", "json").out)["steps"]
    table = rnncalc("run", *arguments, "--all", "-f", "markdown").out.splitlines()
    titles = [*re.findall(r"\$(\w)(?:_\{t\})?\$", next(row for row in table if "| $t$" in row))]
    for column, name in enumerate(titles):
        for row, step in zip(table[-len(steps) :], steps, strict=True):
            texts = row.split("|")[1 + column].replace("*", "").strip().split("<br>")
            if name in "ahoy":
                numbers = [text.replace("−", "-") for text in texts]
                yield from zip(numbers, step[name], strict=True)


@pytest.mark.parametrize("arguments", CASES[::2], ids=range(len(CASES) // 2))
def test_a_value_in_a_table_is_rounded_and_has_no_more_digits_than_a_float(
    arguments: list[str],
) -> None:
    decimals = int(arguments[arguments.index("-p") + 1])
    for text, value in cells(arguments):
        mantissa, _, power = text.lstrip("-").partition("e")
        digits = mantissa.replace(".", "").lstrip("0")
        unit = Fraction(10) ** (int(power or 0) - len(mantissa.partition(".")[2]))
        off = abs(Fraction(text) - Fraction(repr(value)))

        assert off <= unit / 2 + 5 * Fraction(math.ulp(value)), (text, value)
        assert len(digits) <= 17, (text, value)
        assert bool(power) == (abs(value) >= 1e16), (text, value)
        if not power and len(digits) < 17:
            assert len(mantissa.partition(".")[2]) == decimals, (text, value)


@settings(max_examples=300)
@given(st.integers(-(10**7), 10**7), st.integers(0, 7), st.integers(-4, 4))
def test_a_float_that_a_person_takes_for_a_tie_is_rounded_away_from_zero(
    whole: int, decimals: int, ulps: int
) -> None:
    tie = (abs(whole) + Decimal("0.5")).scaleb(-decimals)
    value = float(tie)
    for _ in range(abs(ulps)):
        value = math.nextafter(value, math.inf if ulps > 0 else 0.0)

    assert fixed(math.copysign(value, whole), decimals).lstrip("-") == fixed(
        float(Decimal(abs(whole) + 1).scaleb(-decimals)), decimals
    )
    below = float(tie) - 8 * math.ulp(float(tie))
    assert Decimal(fixed(below, decimals)) == Decimal(abs(whole)).scaleb(-decimals)


def test_a_tie_is_rounded_alike_in_the_table_in_the_working_and_by_hand() -> None:
    # 0.7 × 0.35 is 0.24499999999999997 in binary
    run = ("--wxh", "0.7", "--whh", "0", "--x", "0.35", "--activation", "linear", "-p", "2")

    assert rnncalc("run", *run).out.splitlines()[-1].split() == ["1", "0.35", "0.25", "0.25"]
    assert work(*run) == [{"a": ["0.7 × 0.35 + 0 × 0 ≈ 0.25"], "h": ["0.25"]}]
    assert rnncalc("run", *run, "--by-hand").out.splitlines()[-1].split()[2:] == ["0.25", "0.25"]


@pytest.mark.parametrize(
    ("decimals", "by_hand", "line"),
    [
        ("2", (), "softsign(0.6) ≈ 0.38"),
        ("2", ("--by-hand",), "softsign(0.6) ≈ 0.38"),
        ("3", (), "softsign(0.6) = 0.375"),
        # in floats, 0.6 / 1.6 is not 0.375
        ("17", (), "softsign(0.6) ≈ 0.37499999999999994"),
    ],
)
def test_the_exact_quotient_decides_how_a_softsign_is_rounded(
    decimals: str, by_hand: tuple[str, ...], line: str
) -> None:
    run = ("--wxh", "1", "--whh", "0", "--x", "0.6", "--activation", "softsign", "-p", decimals)

    assert work(*run, *by_hand)[0]["h"] == [line]


@pytest.mark.parametrize(
    ("x", "decimals", "relation"),
    [
        ("1000000000000000.4", "0", "≈"),
        ("1000000000000000.4", "1", "="),
        ("0.30000000000000004", "3", "≈"),
        ("0.3", "3", "="),
    ],
)
def test_a_given_number_with_a_digit_that_is_not_shown_is_approximate(
    x: str, decimals: str, relation: str
) -> None:
    run = ("--wxh", "1", "--whh", "0", "--x", x, "--activation", "relu", "-p", decimals)
    (step,) = work(*run)

    assert re.findall("[=≈]", step["a"][0]) == [relation]


def test_a_softplus_at_zero_is_irrational_at_any_precision() -> None:
    run = ("--wxh", "0", "--whh", "0", "--x", "1", "--activation", "softplus", "-p")

    for decimals in ("3", "16", "17"):
        assert work(*run, decimals)[0]["h"][0].startswith("softplus(0) ≈ 0.693")


def test_sums_have_more_decimals_until_they_add_up_to_their_total() -> None:
    run = (
        "--wxh",
        "0.0444 0.0444 0.0444 0.0444 0.0444 0.0444 0.0444 0.0444 0.0442",
        "--whh",
        "-0.0126",
    )
    (step,) = work(*run, "--h0", "1", "--x", "1 1 1 1 1 1 1 1 1;")

    # 0.399 − 0.013 would be 0.386
    assert step["a"] == ["W_xh x_t + W_hh h_{t-1} = 0.3994 − 0.0126 ≈ 0.387"]


def test_of_a_tie_that_a_float_misses_the_parts_show_that_it_is_one() -> None:
    # the sum is 0.0445; as floats, 0.04449999999999976, so 0.044 and not 0.045 is what a table has
    zeros = "; 0 0 0 0 0 0" * 5
    matrices = (
        "-1.1 0.4 -0.5 0.8 -0.9 -0.3" + zeros,
        "-0.757 -0.171 -0.084 -0.141 0.097 0.43" + zeros,
    )
    vectors = ("0 -1.3 -0.3 -1.7 0.9 0.8", "0.757 0 0 0 0 0", "0.54 0.71 -0.03 -0.8 0.79 -0.05;")
    flags = zip(("--wxh", "--whh", "--h0", "--bh", "--x"), (*matrices, *vectors), strict=True)

    out = rnncalc("run", *[each for pair in flags for each in pair], "--work").out

    assert (
        "a[0] = (W_xh x_t)[0] + (W_hh h_{t-1})[0] + b_h[0] = −1.6310 + 0.9185 + 0.757 ≈ 0.044"
        in out
    )


def test_a_quotient_has_more_decimals_until_it_gives_its_result() -> None:
    (step,) = work("--wxh", "1", "--whh", "0", "--x", "0", "--bh", "2", "--why", "0.5;0.02")

    for line in step["y"]:
        quotient, _, result = line.split(" ≈ ")[-2], "", line.split(" ≈ ")[-1]
        above, below = (printed_number(text) for text in quotient.split(" / "))
        assert round(above / below, 3) == printed_number(result)
