"""What is said of a value: ok, carried, cut or slip."""

import json
from pathlib import Path

import numpy as np
import pytest

from calling import ROOT
from printed_example import Example, load, numbers, scalar, texts
from rnncalc.checking.report import Report
from rnncalc.network.activations import ACTIVATIONS
from rnncalc.network.by_hand import run_by_hand
from rnncalc.network.cells import Cell, Readout
from rnncalc.network.model import Network
from rnncalc.numerals.printed import Tolerance, decimals_of
from rnncalc.numerals.rounding import fixed
from sheets import VECTOR as V

PUBLISHED = ROOT / "tests" / "published"
KNOWN_WRONG = json.loads((PUBLISHED / "known_wrong.json").read_text())
ALL_OK = {"ok": 3, "carried": 0, "cut": 0, "slip": 0}


def verdicts(report: Report) -> dict[str, str]:
    return {mark.where: mark.verdict for mark in report.marks}


def wrong(report: Report) -> dict[str, str]:
    return {mark.where: mark.verdict for mark in report.not_ok}


def sums(x: list[list[float]], weights: list[float], printed: list[str]) -> Example:
    """Return a network whose a is the weighted sum of x alone."""
    network = Network(Cell(numbers([weights]), numbers([[0]]), numbers([0]), ACTIVATIONS["linear"]))
    return Example(network, numbers([0]), numbers(x), texts(a=[[text] for text in printed]))


@pytest.mark.parametrize("path", sorted(PUBLISHED.glob("*.toml")), ids=lambda path: path.stem)
def test_every_wrong_value_of_a_published_example_is_found_and_its_kind_named(path: Path) -> None:
    known = {entry["where"]: entry["kind"] for entry in KNOWN_WRONG.get(path.stem, [])}

    assert wrong(load(path).marked()) == known


def test_the_document_has_one_slip_and_one_value_carried_from_it() -> None:
    report = scalar(h="0.537 0.850 0.952", y="0.415 0.540 0.581").marked()

    assert verdicts(report) == {
        "h[0][0]": "ok",
        "y[0][0]": "ok",
        "h[1][0]": "slip",
        "y[1][0]": "carried",
        "h[2][0]": "ok",
        "y[2][0]": "ok",
    }
    assert report.counts == {"ok": 4, "carried": 1, "cut": 0, "slip": 1}
    assert report.first_wrong is not None
    assert report.first_wrong.where == "h[1][0]"
    assert report.first_wrong.right == pytest.approx(0.8513711765929612, abs=1e-15)
    assert report.consistent_with == ()


def test_the_value_that_is_furthest_off_is_known() -> None:
    # 0.8513712 and 0.5405485 are right
    largest = scalar(h="0.537 0.850 0.952", y="0.415 0.540 ?", a="? ? ?").marked().largest

    assert largest is not None
    assert largest[:3] == ("h", 1, 0)
    assert largest.size == pytest.approx(0.0013711765929612, abs=1e-15)


def test_an_exact_half_may_be_rounded_up_or_down() -> None:
    both = sums([[0.5, 0.25]] * 3, [0.25, 0.5], ["0.25", "0.2", "0.3"])

    assert both.marked().counts == ALL_OK


def test_a_decimal_tie_is_a_tie_though_not_in_binary() -> None:
    both = sums([[0.311, 0.842]] * 3, [0.1, 0.7], ["0.6205", "0.620", "0.621"])

    assert both.marked().counts == ALL_OK


def test_digits_cut_off_are_a_cut_on_either_side_of_zero() -> None:
    report = sums([[0.7859], [-0.7859], [0.7859]], [1.0], ["0.785", "-0.785", "0.784"]).marked()

    assert verdicts(report) == {"a[0][0]": "cut", "a[1][0]": "cut", "a[2][0]": "slip"}


def test_zeros_at_the_end_say_how_far_a_value_was_rounded() -> None:
    report = sums([[0.8513]] * 3, [1.0], ["0.85", "0.850", "0.851"]).marked()

    assert wrong(report) == {"a[1][0]": "slip"}


def test_an_integer_claims_no_decimals() -> None:
    report = sums([[2.6]] * 3, [1.0], ["3", "2", "4"]).marked()

    assert wrong(report) == {"a[1][0]": "cut", "a[2][0]": "slip"}


@pytest.mark.parametrize(
    ("text", "decimals"),
    [("0.850", 3), ("0.85", 2), ("4", 0), ("1.2e-3", 4), ("12E-1", 1), ("1.5e3", -2), ("-.5", 1)],
)
def test_decimals_are_read_from_the_text(text: str, decimals: int) -> None:
    assert decimals_of(text) == decimals


def test_where_nothing_is_printed_the_next_step_follows_from_what_would_be_there() -> None:
    # h_1 = 0.6 instead of 0.537; then tanh(1.1 + 0.3 * 0.6) = 0.8565, tanh(1.6 + 0.3 * 0.8565) = 0.9524
    report = scalar(h="0.6000 ? 0.9524").marked()

    assert verdicts(report) == {"h[0][0]": "slip", "h[2][0]": "carried"}


def test_a_value_that_follows_from_a_slip_is_carried_whether_the_slip_was_rounded_or_not() -> None:
    # the bias forgotten in step 1: h_1 = tanh(0.5) = 0.46212, of which 0.46 is printed; after it
    # tanh(1.1 + 0.3 * 0.46212) = 0.84507, and 0.3 * 0.46 gives 0.84488
    for text in ("0.84507", "0.84488"):
        report = scalar(h=f"0.46 {text} ?").marked()
        assert verdicts(report) == {"h[0][0]": "slip", "h[1][0]": "carried"}


def test_what_follows_from_a_slip_is_carried_through_a_value_that_is_not_printed() -> None:
    (_, h_1), *_ = V.h
    after = V.but(h0=[-0.2, h_1], x=V.x[1:]).h  # its author kept all digits in mind
    texts = [["-0.2000", f"{h_1:.4f}"], [f"{after[0][0]:.1f}", "?"]]
    texts += [[f"{value:.4f}" for value in row] for row in after[1:]]

    found = {mark["where"]: mark["verdict"] for mark in V.marked({"h": texts})["figures"]}

    others = ("h[1][0]", "h[2][0]", "h[2][1]", "h[3][0]", "h[3][1]")
    assert found == {"h[0][0]": "slip", "h[0][1]": "ok"} | dict.fromkeys(others, "carried")


def test_right_digits_that_are_cut_off_are_cut_in_every_step() -> None:
    # 0.85137 and 0.95225, of four digits
    example = scalar(a="0.6 1.2611 1.8554", h="0.5370 0.8513 0.9522")

    assert wrong(example.marked()) == {"h[1][0]": "cut", "h[2][0]": "cut"}


def test_h_may_follow_from_the_printed_a_or_from_the_printed_state() -> None:
    # a_2 = 1.261 is printed as 1.26: tanh(1.26) is 0.85106, tanh(1.1 + 0.3 * 0.5370) is 0.85137
    for text in ("0.85106", "0.85137"):
        report = scalar(a="0.60 1.26 1.86", h=f"0.53705 {text} ?").marked()
        assert wrong(report) == ({"h[1][0]": "carried"} if text == "0.85106" else {})


def test_full_digits_are_compared_within_a_few_units_in_the_last_place() -> None:
    near, far = "0.53704956699803541", "0.53704956699893529"
    assert verdicts(scalar(h=f"{near} ? ?").marked()) == {"h[0][0]": "ok"}
    assert verdicts(scalar(h=f"{far} ? ?").marked()) == {"h[0][0]": "slip"}


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("0.750000000004", "ok"),  # twelve digits: four units of the last one
        ("0.750000000005", "slip"),
        ("0.75000000001", "slip"),  # eleven digits: half a unit of the last one
        ("0.75000000000001066", "ok"),  # 64 × 2^-52 × 0.75 = 1.066e-14 off
        ("0.75000000000002132", "slip"),  # twice as far
    ],
)
def test_twelve_digits_and_more_may_differ_as_other_additions_let_them(
    text: str, verdict: str
) -> None:
    assert verdicts(sums([[0.75]], [1.0], [text]).marked()) == {"a[0][0]": verdict}


@pytest.mark.parametrize(
    ("text", "in_full"),
    [
        ("0.500000000001", True),  # twelve digits
        ("-5.00000000001e-01", True),
        ("0.0500000000001", True),
        ("0.50000000001", False),
        ("0.0050000000001", False),
        ("-5.0000000001E-01", False),
    ],
)
def test_a_slip_of_twelve_digits_and_more_was_printed_in_full(text: str, in_full: bool) -> None:
    assert scalar(h=f"{text} ? ?").marked().in_full == ({"h"} if in_full else set())


def test_a_tolerance_of_ones_own_replaces_the_rounding() -> None:
    example = scalar(h="0.53 0.85 0.96")

    assert example.marked(Tolerance(absolute=0.01)).counts == ALL_OK
    assert example.marked(Tolerance(relative=0.001)).counts["ok"] == 0


def test_a_short_value_is_right_unless_the_author_used_it_and_a_term_is_missing() -> None:
    # 0.3 is 0.2502, rounded; beside four decimals and before tanh(0.3) = 0.2913 it is 0.3000
    example = load(PUBLISHED / "ktu_exam_3step_softmax.toml")
    assert wrong(example.marked())["a[1][1]"] == "slip"

    example.texts["h"][1][1] = "0.2451"
    assert "a[1][1]" not in wrong(example.marked())


def test_softmax_is_redone_from_the_printed_logits() -> None:
    cell = Cell(numbers([[1]]), numbers([[0]]), numbers([0]), ACTIVATIONS["linear"])
    network = Network(cell, Readout(numbers([[1], [0]])))
    # softmax(1, 0) = 0.7311, 0.2689; softmax(2, 0) = 0.8808, 0.1192
    sheet = texts(o=[["2.0", "0.0"]], y=[["0.8808", "0.1192"]])
    report = Example(network, numbers([0]), numbers([[1]]), sheet).marked()

    assert wrong(report) == {"o[0][0]": "slip", "y[0][0]": "carried", "y[0][1]": "carried"}


@pytest.mark.parametrize(
    ("printed", "found"),
    [
        # C's %g and JavaScript write 0 and 0.5 where they mean 0.000000 and 0.500000
        ("0 0.851371 0.952253", {"h[0][0]": "slip"}),
        ("0.5 0.851371 0.952253", {"h[0][0]": "slip"}),
        ("1 0.8513711765929612 0.9522529801665088", {"h[0][0]": "slip"}),
        ("0.53705 0.851371 0.952253", {}),  # 0.537050, without its zero
        # a person's 1, or 0.5, is a rounded one
        ("1 0.8514 0.9523", {}),
        ("0.5 0.8514 0.9523", {}),
        ("1 1 1", {}),
    ],
)
def test_a_short_value_among_those_of_a_program_has_lost_its_zeros(
    printed: str, found: dict[str, str]
) -> None:
    assert wrong(scalar(h=printed).marked()) == found


def test_right_only_for_want_of_decimals_is_said() -> None:
    # 1 is printed for 0.53705 and 0.851371; 0.952253 is near enough
    for last in ("1", "0.3", "5"):  # a slip is not right for want of decimals
        number, worst = scalar(h=f"1 1 {last}").marked().coarse
        assert (number, round(worst, 5)) == (2, 0.46295)
    assert scalar(h="0.5 0.9 1").marked().coarse == (0, 0.0)
    assert scalar(h="1 1 1").marked(Tolerance(absolute=1)).coarse == (0, 0.0)


@pytest.mark.parametrize(
    ("x", "printed", "found"),
    [
        (0.45, "0.5", "carried"),  # tanh(0.45) = 0.42, and of 0.5 it is 0.46
        (0.5, "1", "slip"),  # tanh(0.5) = 0.46, and of 1 it is 0.76, but nobody rounds so
    ],
)
def test_on_paper_values_are_rounded_to_a_decimal_at_least(
    x: float, printed: str, found: str
) -> None:
    network = Network(Cell(numbers([[1]]), numbers([[0]])))
    example = Example(network, numbers([0]), numbers([[x]]), texts(h=[[printed]]))

    assert wrong(example.marked()) == {"h[0][0]": found}


def test_an_unprinted_pre_activation_was_rounded_on_paper() -> None:
    network = Network(Cell(numbers([[0.5]]), numbers([[-0.6]]), numbers([0.1])))
    x = numbers([[-3], [1], [-2]])

    def found(h_3: str) -> dict[str, str]:
        sheet = texts(h=[["-0.885"], ["0.811"], [h_3]])
        return wrong(Example(network, numbers([0]), x, sheet).marked())

    # a_3 = 0.5 * -2 - 0.6 * 0.811 + 0.1 = -1.3866; tanh(-1.3866) = -0.88235, tanh(-1.387) = -0.88251
    assert found("-0.882") == {}
    assert found("-0.883") == {"h[2][0]": "carried"}
    assert found("-0.881") == {"h[2][0]": "slip"}


@pytest.mark.parametrize("names", ["h", "hy", "y", "ho", "ahoy"])
def test_a_sheet_worked_on_paper_has_no_slip(names: str) -> None:
    rng = np.random.default_rng(0)
    for _ in range(60):
        D, H, K, T, decimals = rng.integers((1, 1, 1, 2, 2), (3, 4, 4, 6, 5)).tolist()
        W_xh, W_hh, W_hy = (np.round(rng.normal(size=s), 1) for s in ((H, D), (H, H), (K, H)))
        b_h, b_y = np.round(rng.normal(size=H), 1), np.round(rng.normal(size=K), 1)
        network = Network(Cell(W_xh, W_hh, b_h), Readout(W_hy, b_y))
        x, h0 = np.round(rng.normal(size=(T, D)), 1), np.zeros(H)
        (trace,) = run_by_hand(network, h0, [x], decimals)
        sheet = {
            name: [[fixed(v, decimals) for v in row] for row in getattr(trace, name).tolist()]
            for name in names
        }

        assert set(wrong(Example(network, h0, x, texts(**sheet)).marked()).values()) <= {"carried"}


def test_saturated_values_are_short_without_a_program() -> None:
    network = Network(Cell(numbers([[10]]), numbers([[0]]), activation="sigmoid"))
    sheet = texts(h=[["1"], ["1"], ["1"], ["0.731059"]])

    assert (
        wrong(Example(network, numbers([0]), numbers([[1], [1], [1], [0.1]]), sheet).marked()) == {}
    )


@pytest.mark.parametrize(
    ("activation", "x", "right", "other"),
    [
        ("tanh", 1e20, "1", "0.3"),
        ("tanh", -1e13, "-1", "-0.98"),
        ("tanh", 1e12, "1.0000", "0.9970"),
        ("sigmoid", 1e20, "1", "0.5"),
        ("step", 1e20, "1", "0"),
        ("softsign", 1e16, "1.00", "0.50"),
    ],
)
def test_a_function_of_a_number_that_no_rounding_brings_near_0_is_known(
    activation: str, x: float, right: str, other: str
) -> None:
    network = Network(Cell(numbers([[1]]), numbers([[0.5]]), activation=activation))
    for h, expected in ((right, {}), (other, {"h[0][0]": "slip"})):
        example = Example(network, numbers([0]), numbers([[x]]), texts(h=[[h]]))
        for tolerance in (None, Tolerance(relative=1e-6)):
            assert wrong(example.marked(tolerance)) == expected


def test_a_softmax_of_numbers_that_no_rounding_brings_together_is_known() -> None:
    readout = Readout(numbers([[1], [-1]]), activation="softmax")
    network = Network(Cell(numbers([[1]]), numbers([[0]]), activation="linear"), readout)
    for y, expected in (("1 0", set()), ("0.5 0.5", {"slip"}), ("0 1", {"slip"})):
        sheet = texts(y=[y.split()])
        example = Example(network, numbers([0]), numbers([[1e20]]), sheet)
        assert {*wrong(example.marked()).values()} == expected


def test_a_value_that_is_large_beside_a_small_one_does_not_make_that_uncertain() -> None:
    network = Network(Cell(numbers([[1, 0], [0, 1]]), numbers([[0, 0], [0, 0]])))
    sheet = texts(h=[["1.00", "0.50"]])  # tanh(1) = 0.76
    found = wrong(Example(network, numbers([0, 0]), numbers([[1e20, 1]]), sheet).marked())
    assert found == {"h[0][1]": "slip"}


def test_a_quantity_of_which_nothing_is_printed_changes_nothing() -> None:
    network = Network(Cell(numbers([[0.5]]), numbers([[0.3]]), numbers([0.1]), "sigmoid"))
    h = [["0.65"], ["0.79"]]  # a_2 = 1.1 + 0.3 * 0.65 = 1.295, on paper 1.30: sigmoid 0.7858
    found = [
        wrong(Example(network, numbers([0]), numbers([[1], [2]]), sheet).marked())
        for sheet in (texts(h=h), texts(h=h, a=[["?"], ["?"]]))
    ]

    assert found == [{"h[1][0]": "carried"}] * 2


def test_one_typing_mistake_leaves_a_sheet_worked_on_paper_as_it_is() -> None:
    network = Network(
        Cell(numbers([[-0.61, 0.42]]), numbers([[-0.17]]), numbers([-0.05]), "softplus")
    )
    x = [[-0.9, 0.3], [0.8, 1.8], [-0.1, -0.7], [0.5, -0.9], [-0.2, 0.1], [0.1, 0.4], [0.5, 0.3]]
    x.append([-0.6, 0.1])
    h = "1.054 0.743 0.511 0.365 0.719 0.661 0.537 0.836".split()  # noqa: SIM905  # 0.743 is 0.713

    found = wrong(Example(network, numbers([0]), numbers(x), texts(h=[[v] for v in h])).marked())

    assert found["h[1][0]"] == "slip"
    assert found["h[7][0]"] == "carried"


def test_a_tie_is_rounded_in_a_reason_as_it_is_in_the_table() -> None:
    report = sums([[1]], [0.125], ["-0.13"]).marked()
    (mark,) = report.not_ok
    assert fixed(mark.right, 2) == "0.13"  # 0.125 on paper; Python's format gives 0.12
    assert "0.13 with the wrong sign" in [cause.text for cause in mark.consistent_with]
