"""Worked lines are true: an independent evaluator reads them back."""

import json
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest

from calling import DOCUMENT, rnncalc
from evaluator import evaluated, links, printed_number
from networks import lines, network, work


def test_the_documents_lines_are_as_the_document_writes_them() -> None:
    assert work(*DOCUMENT) == [
        {
            "a": ["0.5 × 1 + 0.3 × 0 + 0.1 = 0.600"],
            "h": ["tanh(0.6) ≈ 0.537"],
            "y": ["0.4 × 0.537 + 0.2 ≈ 0.415"],
        },
        {
            "a": ["0.5 × 2 + 0.3 × 0.537 + 0.1 ≈ 1.261"],
            "h": ["tanh(1.261) ≈ 0.851"],
            "y": ["0.4 × 0.851 + 0.2 ≈ 0.541"],
        },
        {
            "a": ["0.5 × 3 + 0.3 × 0.851 + 0.1 ≈ 1.855"],
            "h": ["tanh(1.855) ≈ 0.952"],
            "y": ["0.4 × 0.952 + 0.2 ≈ 0.581"],
        },
    ]


def test_the_working_of_a_chosen_step_continues_from_the_step_before_it() -> None:
    assert work(*DOCUMENT, "--steps", "2:") == work(*DOCUMENT)[1:]


def test_signs_read_as_a_person_writes_them() -> None:
    (step,) = work("--wxh", "-0.5", "--whh", "-0.3", "--bh", "-0.1", "--h0", "-0.5", "--x", "-2")

    assert step["a"] == ["−0.5 × (−2) − 0.3 × (−0.5) − 0.1 = 1.050"]
    assert step["h"] == ["tanh(1.05) ≈ 0.782"]


def test_a_bias_that_was_not_given_has_no_term() -> None:
    (step,) = work("--wxh", "0.5", "--whh", "0.3", "--why", "2", "--x", "2")

    assert step == {
        "a": ["0.5 × 2 + 0.3 × 0 = 1.000"],
        "h": ["tanh(1) ≈ 0.762"],
        "y": ["2 × 0.762 ≈ 1.523"],
    }


def test_a_vector_has_one_line_per_component_with_inputs_and_memory_in_brackets() -> None:
    (step,) = work(
        *("--wxh", "0.1 0.2; 0.3 -0.4", "--whh", "0.5 0; 0 0.5", "--bh", "0.1 0"),
        *("--why", "1 0; 0 1", "--h0", "1 2", "--x", "1 2;", "--activation", "linear", "-p", "2"),
    )

    assert step == {
        "a": [
            "a[0] = (0.1 × 1 + 0.2 × 2) + (0.5 × 1 + 0 × 2) + 0.1 = 1.10",
            "a[1] = (0.3 × 1 − 0.4 × 2) + (0 × 1 + 0.5 × 2) + 0 = 0.50",
        ],
        "h": ["h[0] = 1.10", "h[1] = 0.50"],
        "o": ["o[0] = 1 × 1.1 + 0 × 0.5 = 1.10", "o[1] = 0 × 1.1 + 1 × 0.5 = 0.50"],
        "y": [
            "y[0] = e^1.1 / (e^1.1 + e^0.5) ≈ 3.00 / 4.65 ≈ 0.65",
            "y[1] = e^0.5 / (e^1.1 + e^0.5) ≈ 1.65 / 4.65 ≈ 0.35",
        ],
    }


def test_past_eight_terms_the_sums_are_shown_and_named() -> None:
    (step,) = work(
        *("--wxh", "1 2 3 4 5 6 7 8", "--whh", "0.5", "--bh", "-0.1", "--h0", "0.25"),
        *("--x", "1 1 1 1 1 1 1 0.5;", "--activation", "relu"),
    )

    assert step["a"] == ["W_xh x_t + W_hh h_{t-1} + b_h = 32.000 + 0.125 − 0.1 = 32.025"]


def test_eight_terms_are_written_out() -> None:
    (step,) = work(
        *("--wxh", "1 2 3 4 5 6 7", "--whh", "0.5", "--h0", "0.12345", "--x", "1 1 1 1 1 1 1;"),
        *("--why", ";".join("0" * 8), "--activation", "relu"),
    )

    # h_0 was given, and is shown as it was typed
    assert step["a"] == [
        "(1 × 1 + 2 × 1 + 3 × 1 + 4 × 1 + 5 × 1 + 6 × 1 + 7 × 1) + 0.5 × 0.12345 ≈ 28.062"
    ]
    assert step["y"][0] == f"y[0] = e^0 / ({' + '.join(['e^0'] * 8)}) = 1.000 / 8.000 = 0.125"


def test_past_eight_outputs_the_sum_of_their_powers_is_named() -> None:
    (step,) = work("--wxh", "1", "--whh", "0", "--why", ";".join("0" * 9), "--x", "1")

    assert step["y"][0] == "y[0] = e^0 / the sum of all = 1.000 / 9.000 ≈ 0.111"


def test_large_logits_are_written_as_differences_from_the_largest() -> None:
    (step,) = work(
        "--wxh", "1", "--whh", "0", "--why", "1000; -1000", "--x", "1", "--activation", "linear"
    )

    assert step["y"] == [
        "y[0] = e^(1000 − 1000) / (e^(1000 − 1000) + e^(−1000 − 1000)) ≈ 1.000 / 1.000 ≈ 1.000",
        "y[1] = e^(−1000 − 1000) / (e^(1000 − 1000) + e^(−1000 − 1000)) ≈ 0.000 / 1.000 ≈ 0.000",
    ]


@pytest.mark.parametrize(
    ("function", "x", "line"),
    [
        ("relu", "2", "relu(2) = 2.000"),
        ("relu", "-2", "relu(−2) = 0.000"),
        ("relu", "1.2346", "relu(1.235) ≈ 1.235"),
        ("relu", "0.3000000000001", "relu(0.300) ≈ 0.300"),
        ("step", "2", "step(2) = 1.000"),
        ("hard_tanh", "-2", "hard_tanh(−2) = −1.000"),
        ("softsign", "1", "softsign(1) = 0.500"),
        ("softsign", "2", "softsign(2) ≈ 0.667"),
        ("elu", "2", "elu(2) = 2.000"),
        ("elu", "-20", "elu(−20) ≈ −1.000"),
        ("tanh", "0", "tanh(0) = 0.000"),
        ("tanh", "20", "tanh(20) ≈ 1.000"),
        ("sigmoid", "0", "sigmoid(0) = 0.500"),
        ("softplus", "0", "softplus(0) ≈ 0.693"),
    ],
)
def test_a_function_equals_its_result_only_if_no_digit_of_either_is_lost(
    function: str, x: str, line: str
) -> None:
    (step,) = work("--wxh", "1", "--whh", "0", "--x", x, "--activation", function)

    assert step["h"] == [line]


def test_noise_in_the_last_bits_is_not_a_lost_digit() -> None:
    # 0.1 × 3 is 0.30000000000000004 in binary
    (step,) = work("--wxh", "0.1", "--whh", "0", "--x", "3", "--activation", "relu")

    assert step["h"] == ["relu(0.3) = 0.300"]


@pytest.mark.parametrize(
    ("why", "line"),
    [
        ("0;0", "e^0 / (e^0 + e^0) = 1.000 / 2.000 = 0.500"),
        ("0;0;0", "e^0 / (e^0 + e^0 + e^0) = 1.000 / 3.000 ≈ 0.333"),
        ("20;20", "e^(20 − 20) / (e^(20 − 20) + e^(20 − 20)) = 1.000 / 2.000 = 0.500"),
        ("1;1", "e^1 / (e^1 + e^1) ≈ 2.718 / 5.437 ≈ 0.500"),
    ],
)
def test_powers_of_e_are_rounded_but_e_to_the_0(why: str, line: str) -> None:
    (step,) = work(
        *("--wxh", "1", "--whh", "0", "--why", why, "--x", "1"),
        *("--activation", "linear", "--output-activation", "softmax"),
    )

    assert step["y"][0] == f"y[0] = {line}"


@pytest.mark.parametrize(
    ("why", "power"),
    [("10;0", "e^10"), ("0;-10", "e^0"), ("11;0", "e^(11 − 11)"), ("0;-11", "e^(0 − 0)")],
)
def test_logits_past_ten_on_either_side_are_written_as_differences(why: str, power: str) -> None:
    (step,) = work("--wxh", "1", "--whh", "0", "--why", why, "--x", "1", "--activation", "linear")

    assert step["y"][0].startswith(f"y[0] = {power} / ")


@pytest.mark.parametrize("seed", range(60))
def test_every_line_is_true_within_what_its_printed_roundings_allow(seed: int) -> None:
    arguments = network(seed)
    decimals = int(arguments[arguments.index("-p") + 1])
    half = 0.5000001 * 10**-decimals

    for line in lines(work(*arguments)):
        for left, relation, right in links(line):
            if "the sum of all" in left:
                continue
            low, high = evaluated(left, 0.0 if relation == "=" else half)
            a, b = evaluated(right, 1e-12 if relation == "=" else half)
            assert low <= b, line
            assert a <= high, line


@pytest.mark.parametrize("seed", range(60))
def test_by_hand_the_right_side_is_exactly_the_left_side_rounded(seed: int) -> None:
    arguments = network(seed)
    decimals = int(arguments[arguments.index("-p") + 1])

    for line in lines(work(*arguments, "--by-hand")):
        if not links(line):
            continue
        left, relation, right = links(line)[-1]
        value = evaluated(left)[0]
        quantum = Decimal(1).scaleb(-decimals)
        # a half may go either way in the evaluator's floats, but nothing else may
        near_half = abs(abs(value) * 10**decimals % 1 - 0.5) < 1e-6
        allowed = {Decimal(repr(value)).quantize(quantum, ROUND_HALF_UP)}
        allowed |= {
            Decimal(repr(value + e)).quantize(quantum, ROUND_HALF_UP)
            for e in (1e-9, -1e-9)
            if near_half
        }
        assert abs(printed_number(right)) in {abs(number) for number in allowed}, line
        if relation == "=":
            assert abs(value - float(printed_number(right))) < 1e-9, line


def fraction_line(left: str) -> Fraction:
    """Return the exact value of a sum of products in brackets."""
    text = left.replace("−", "-").replace("×", "*")
    names: dict[str, Fraction] = {}
    parts = []
    for word in text.replace("(", " ( ").replace(")", " ) ").replace("-", " - ").split():
        if word[0].isdigit():
            names[f"n{len(names)}"] = Fraction(word)
            parts.append(f"n{len(names) - 1}")
        else:
            parts.append(word)
    return Fraction(eval("".join(parts), {"__builtins__": {}}, names))  # our own text


@pytest.mark.parametrize("seed", range(60))
def test_an_equals_sign_of_sums_and_products_is_exact_and_an_approximate_one_is_not(
    seed: int,
) -> None:
    for step in work(*network(seed)):
        for line in [*step["a"], *step.get("o", [])]:
            for left, relation, right in links(line):
                exact = fraction_line(left) == Fraction(printed_number(right))
                assert exact or relation == "≈", line


def test_ties_round_away_from_zero_on_the_decimal_value() -> None:
    for x, a in (
        ("0.0005", "0.001"),
        ("0.0015", "0.002"),
        ("-0.0005", "−0.001"),
        ("1.0005", "1.001"),
    ):
        (step,) = work("--wxh", "1", "--whh", "0", "--x", x, "--activation", "linear")
        assert step["a"][0].endswith(f" {a}")


def test_by_hand_the_rounded_values_are_used_from_then_on() -> None:
    result = json.loads(rnncalc("run", *DOCUMENT, "--by-hand", "-f", "json").out)

    assert result["arithmetic"] == "by hand, 3 decimals"
    assert [(s["a"], s["h"], s["o"], s["y"]) for s in result["steps"]] == [
        ([0.6], [0.537], [0.415], [0.415]),
        ([1.261], [0.851], [0.54], [0.54]),
        ([1.855], [0.952], [0.581], [0.581]),
    ]


def test_by_hand_is_exact_in_the_decimal_before_it_is_rounded() -> None:
    # 0.15 x 0.15 = 0.0225, which in binary is a little more, and 0.35 x 0.35 = 0.1225, a little less
    for number, rounded in ((0.15, 0.023), (0.35, 0.123), (0.45, 0.203), (1.005, 1.01)):
        out = rnncalc(
            "run",
            "--wxh",
            str(number),
            "--whh",
            "0",
            "--x",
            str(number),
            "--by-hand",
            "--activation",
            "linear",
            "-f",
            "json",
        ).out
        assert json.loads(out)["steps"][0]["a"] == [rounded]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--wxh", "2", "--whh", "1", "--x", "1.7e308"),
        (
            "--wxh",
            "1",
            "--whh",
            "0",
            "--why",
            "2",
            "--x",
            "1.7e308",
            "--activation",
            "linear",
            "--output-activation",
            "tanh",
        ),
    ],
)
@pytest.mark.parametrize("output_format", ["json", "table"])
def test_by_hand_what_overflows_is_named_with_its_step(
    arguments: tuple[str, ...], output_format: str
) -> None:
    result = rnncalc("run", *arguments, "--by-hand", "-f", output_format)

    assert (result.status, result.out) == (2, "")
    assert result.err.startswith(
        f"Error: step 1: {'o' if '--why' in arguments else 'a'} is no longer finite"
    )


def test_no_digit_before_the_point_of_a_typed_number_is_lost() -> None:
    (step,) = work(
        "--wxh", "1", "--whh", "0", "--x", "1234567.891", "--activation", "linear", "-p", "2"
    )

    assert step["a"] == ["1 × 1234567.89 + 0 × 0 ≈ 1234567.89"]


def test_by_hand_sums_are_exact_however_far_apart_their_terms_are() -> None:
    run = ("run", "--whh", "0", "--activation", "linear", "--by-hand", "-f", "csv")

    for weights, x in (("1 1 -1", "1e61 0.5 1e61;"), ("1 1 -1", "1e300 5e-1 1e300;")):
        out = rnncalc(*run, "--wxh", weights, "--x", x).out
        assert out.splitlines()[1].split(",")[-1] == "0.5"


@pytest.mark.parametrize("why", ["1;1", "1;0"])
def test_by_hand_a_state_that_overflows_ends_the_run_after_the_steps_before(why: str) -> None:
    arguments = ("--wxh", "1e307", "--whh", "0", "--activation", "linear", "--why", why)

    steps = ("--x", "-", "--by-hand", "-f", "csv")

    result = rnncalc("run", *arguments, *steps, stdin="1\n2\n100\n")

    assert result.err.startswith("Error: step 3: h is no longer finite")
    assert (result.status, len(result.out.splitlines())) == (2, 3)


def test_powers_too_small_to_be_seen_are_written_as_differences() -> None:
    arguments = ("--wxh", "1", "--whh", "0", "--x", "30", "--why", "-8;-9", "--work")

    # e^-8 = 0.000335 and e^-9 = 0.000123; 1 / (1 + e^-1) = 0.731
    assert (
        "y[0] = e^(−8 + 8) / (e^(−8 + 8) + e^(−9 + 8)) ≈ 1.000 / 1.368 ≈ 0.731"
        in rnncalc("run", *arguments).out
    )


def test_a_long_input_is_shortened_with_ties_away_from_zero() -> None:
    run = ("run", "--wxh", "1", "--whh", "0", "--x", "0.001234565")

    assert rnncalc(*run).out.splitlines()[-1].split()[1] == "0.00123457"


@pytest.mark.parametrize("x", ["5e-324", "-5e-324"])
def test_the_smallest_state_can_be_drawn(x: str) -> None:
    run = ("run", "--wxh", "1", "--whh", "0", "--activation", "linear", "--plot")

    assert rnncalc(*run, f"--x={x}").status == 0


def test_the_loss_of_each_step_is_worked() -> None:
    # (y − target)² in the head: relu of x, so y is 1, 2 and 3
    flags = ["--wxh", "1", "--whh", "0", "--why", "1", "--activation", "relu", "--x", "1,2,3"]
    lines = rnncalc("run", *flags, "--target", "2 ? 1", "--work", "-p", "1").out.splitlines()

    assert lines[-5].endswith("0.5 × (1 − 2)² = 0.5")
    assert lines[-4].endswith("1 × 2 = 2.0")
    assert lines[-3].endswith("0.5 × (3 − 1)² = 2.0")


def test_the_loss_of_a_class_is_worked() -> None:
    # y = softmax([0, 0])
    flags = ["--wxh", "1", "--whh", "0", "--why", "0; 0", "--x", "1,2", "--target", "? 1"]
    page = rnncalc("run", *flags, "--work").out
    first, last = page.partition("t = 1")[2].split("t = 2")

    assert "loss" not in first
    assert last.splitlines()[0] == "   x = 2   target = [0, 1]"
    assert "  loss = −ln(0.5) ≈ 0.693" in last.splitlines()
    blank = rnncalc("run", *flags, "--work", "--blank").out.splitlines()
    assert [line for line in blank if "loss = " in line] == ["  loss = −ln(_____) = _____"]
    assert "ln(0.5) ≈ 0.693" in rnncalc("run", *flags, "-f", "html").out


LOGIT = ("--wxh", "1", "--whh", "0", "--why", "1", "--activation", "linear")
SIGMOID = (*LOGIT, "--output-activation", "sigmoid")


def test_a_loss_whose_y_reads_0_or_1_is_worked_from_o() -> None:
    # −ln(σ(o)) = ln(1 + e^o) − o, and −ln(1 − σ(o)) = ln(1 + e^o)
    run = ("run", *SIGMOID, "--x", "800;-800;16;800;-800", "--target", "0 1 0.25 1 0", "--work")
    rows = rnncalc(*run).out.splitlines()[-7:-2]

    assert rows[0].endswith(" ln(1 + e^800) ≈ 800.000")
    assert rows[1].endswith(" ln(1 + e^(−800)) − (−800) ≈ 800.000")
    # 16 − 0.25 × 16, and 1.1e-7
    assert rows[2].endswith(" ln(1 + e^16) − 0.25 × 16 ≈ 12.000")
    # no logarithm of 0 is needed where y and the target agree
    assert rows[3].endswith(" −ln(1) ≈ 0.000")
    assert rows[4].endswith(" −ln(1 − 0) ≈ 0.000")


def test_the_loss_of_a_class_whose_y_reads_0_is_worked_from_o() -> None:
    flags = ("--wxh", "1", "--whh", "0", "--why", "400; -400", "--activation", "linear")
    run = (*flags, "--output-activation", "softmax", "--x", "1", "--target", "1", "--work")

    line = "ln(e^400 + e^(−400)) − (−400) ≈ 800.000"
    assert f"  loss = {line}" in rnncalc("run", *run).out.splitlines()
    assert f"  L_t = {line}" in rnncalc("grad", *run).out.splitlines()
    # an exercise does not say which form is due
    assert "loss = −ln(_____) = _____" in rnncalc("run", *run, "--blank").out


@pytest.mark.parametrize(
    ("output", "target", "line"),
    [
        ("sigmoid", "1 0;", "−(ln(0.5) + ln(1 − 0.5)) ≈ 1.386"),
        ("softmax", "0.25 0.75;", "−(0.25 × ln(0.5) + 0.75 × ln(0.5)) ≈ 0.693"),
        ("linear", "1 0;", "0.5 × ((0 − 1)² + (0 − 0)²) = 0.500"),
    ],
)
def test_the_loss_of_two_outputs_is_a_sum(output: str, target: str, line: str) -> None:
    flags = ("--wxh", "1", "--whh", "0", "--why", "0; 0", "--output-activation", output)

    lines = rnncalc("run", *flags, "--x", "1", "--target", target, "--work").out.splitlines()

    assert f"  loss = {line}" in lines


def test_past_eight_outputs_such_a_loss_is_not_written_out() -> None:
    def loss(outputs: int) -> list[str]:
        o = "; ".join(["-400", *["400"] * (outputs - 1)])
        flags = ("--wxh", "1", "--whh", "0", "--why", o, "--activation", "linear", "--x", "1")
        target = f"0.5 0.5 {'0 ' * (outputs - 2)};"
        lines = rnncalc("run", *flags, "--target", target, "--work").out.splitlines()
        return [line for line in lines if line.startswith("  loss = ")]

    # −ln y is 800 + ln 7 and ln 7, or 800 + ln 8 and ln 8; the targets take half of each
    total = f"ln(e^(−400) + {' + '.join(['e^400'] * 7)})"
    assert loss(8) == [f"  loss = 0.5 × ({total} − (−400)) + 0.5 × ({total} − 400) ≈ 401.946"]
    assert loss(9) == ["  loss = 402.079"]


def test_a_loss_by_hand_is_worked_from_y_as_it_is_written() -> None:
    run = ("run", *SIGMOID, "--x", "5", "--target", "0", "--work", "--by-hand", "-p", "3")

    # ln 0.007 = −4.962, where −ln(1 − σ(5)) = 5.007
    assert "−ln(1 − 0.993) ≈ 4.962" in rnncalc(*run).out


def test_each_slope_says_for_itself_whether_it_was_rounded() -> None:
    # the second unit stays 0; tanh(0.5) = 0.462
    flags = ("--wxh", "0.5;0", "--whh", "0 0;0 0", "--why", "1 1", "--x", "1", "--target", "1")
    lines = rnncalc("grad", *flags, "--work").out.splitlines()

    assert "  (f'(a))[0] = 1 − 0.462² ≈ 0.786" in lines
    assert "  (f'(a))[1] = 1 − 0² = 1.000" in lines
