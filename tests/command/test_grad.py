"""`rnncalc grad`, as a person and as a program sees it."""

import json
import math
import re
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from calling import ROOT, rnncalc
from rnncalc.arrays import Array

SCALAR = ["--wxh", "0.5", "--whh", "0.1", "--why", "1", "--x", "1,2,3"]
CLASSES = ["-c", str(ROOT / "sample_configs" / "two_classes.toml"), "--target", "? 0 1"]
HELLO = ["-c", str(ROOT / "tests" / "published" / "hello_one_hot.toml")]
GRADIENT = str(ROOT / "sample_configs" / "gradient.toml")


def grad(*arguments: str) -> str:
    result = rnncalc("grad", *arguments)
    assert result.err == ""
    assert result.status == 0
    return result.out


def refused(*arguments: str) -> str:
    result = rnncalc("grad", *arguments)
    assert result.status == 2
    assert result.out == ""
    return result.err.removeprefix("Error: ").removesuffix("\n")


def test_the_table_goes_from_the_last_step_to_the_first_and_ends_with_sums() -> None:
    # the numbers of tests/published_gradients/table_bangla.json
    assert grad(*SCALAR, "--target", "0.5 1 1.5") == (
        "L = ½ (y − target)² = 0.194  (the sum over 3 steps)\n"
        "dL/dy_t = y_t − target_t\n"
        "from o_t = W_hyᵀ dL/dy_t\n"
        "from t+1 = W_hhᵀ dL/da_{t+1}\n"
        "dL/dh_t = from o_t + from t+1\n"
        "dL/da_t = dL/dh_t (1 − h_t²)\n"
        "W_xh = 0.5   W_hh = 0.1   W_hy = 1   h_0 = 0\n"
        "\n"
        "   t   dL/dy_t   from o_t   from t+1   dL/dh_t   1 − h_t²   dL/da_t   dL/dW_xh   dL/dW_hh\n"
        "──────────────────────────────────────────────────────────────────────────────────────────\n"
        "   3    −0.582     −0.582      0.000    −0.582      0.157    −0.091     −0.274     −0.071\n"
        "   2    −0.220     −0.220     −0.009    −0.229      0.391    −0.089     −0.179     −0.041\n"
        "   1    −0.038     −0.038     −0.009    −0.047      0.786    −0.037     −0.037      0.000\n"
        "──────────────────────────────────────────────────────────────────────────────────────────\n"
        " sum                                                                    −0.489     −0.112\n"
        "\n"
        "sums over the steps\n"
        "  dL/dW_hy = −0.723\n"
    )


def test_the_sample_can_be_followed_in_the_head() -> None:
    found = json.loads(grad("-c", GRADIENT, "-f", "json"))

    assert [step["t"] for step in found["steps"]] == [3, 2, 1]
    assert [step["dh"] for step in found["steps"]] == [[0.5], [0.25], [0.125]]
    assert found["loss"] == {
        "name": "half_squared_error",
        "reduction": "sum",
        "value": 0.125,
        "per_step": [0.0, 0.0, 0.125],
    }
    assert found["gradients"] == {"wxh": [[1.25]], "whh": [[1.0]], "why": [[1.25]]}
    assert found["updated"] == {"wxh": [[0.875]], "whh": [[0.4]], "why": [[0.875]]}


def test_json_lists_the_steps_in_the_order_of_calculation() -> None:
    found = json.loads(grad(*SCALAR, "--target", "0.5 1 1.5", "-f", "json"))

    names = ["t", "dy", "do", "dh_output", "dh_next", "dh", "slope", "da", "dx"]
    assert list(found["steps"][0]) == names
    assert list(found) == ["network", "arithmetic", "h0", "steps", "loss", "gradients"]


def test_what_a_step_adds_is_written_only_if_it_is_named() -> None:
    found = json.loads(grad(*CLASSES, "--only", "dwhh,da", "-f", "json"))

    assert list(found["steps"][0]) == ["t", "da", "dwhh"]
    total = [sum(rows) for rows in zip(*(step["dwhh"] for step in found["steps"]), strict=True)]
    assert total == pytest.approx([*chain(*found["gradients"]["whh"])], abs=1e-15)


def test_the_shares_of_a_step_follow_from_its_da_and_the_state_before() -> None:
    found = json.loads(grad(*CLASSES, "--only", "dwhh,da,h", "-f", "json"))
    last, before = found["steps"][:2]

    outer = [a * h for a in last["da"] for h in before["h"]]
    assert last["dwhh"] == pytest.approx(outer, abs=1e-16)


def test_csv_has_the_last_step_first() -> None:
    lines = grad(*SCALAR, "--target", "? ? 1.5", "--only", "da", "-f", "csv").splitlines()

    assert lines[0] == "t,da[0]"
    assert [line.partition(",")[0] for line in lines[1:]] == ["3", "2", "1"]


def test_json_lines_end_with_the_sums() -> None:
    lines = grad(*SCALAR, "--target", "? ? 1.5", "-f", "jsonl").splitlines()

    assert [json.loads(line).get("t") for line in lines] == [3, 2, 1, None]
    assert list(json.loads(lines[-1])) == ["loss", "gradients"]


def test_a_learning_rate_shows_old_and_new_weights_and_the_loss_after() -> None:
    out = grad("-c", GRADIENT)

    assert out.endswith(
        "learning rate 0.1: new = old − 0.1 × gradient\n"
        "L was 0.125 and is 0.025 with the new weights\n"
        "\n"
        " weight   gradient   old     new\n"
        "─────────────────────────────────\n"
        "   W_xh      1.250   1     0.875\n"
        "   W_hh      1.000   0.5   0.400\n"
        "   W_hy      1.250   1     0.875\n"
    )


def test_the_working_of_a_step_with_vectors() -> None:
    out = grad(*CLASSES, "--work", "--steps", "3")
    lines = [line.strip() for line in out.splitlines()]

    assert "t = 3   x = [0.6, 0.4]   target = [0, 1]" in lines
    assert "dL/do[0] = 0.613 − 0 ≈ 0.613" in lines
    assert "(from o_t)[0] = 0.9 × 0.613 − 0.5 × (−0.613) ≈ 0.858" in lines
    assert "(f'(a))[2] = 1 − (−0.284)² ≈ 0.919" in lines
    assert "dL/da[0] = 0.858 × 0.928 ≈ 0.796" in lines
    assert "dL/dW_xh[0] = 0.796 × [0.6, 0.4] ≈ [0.477, 0.318]" in lines


def number(text: str) -> float:
    return float(text.replace("−", "-").strip("()"))


@pytest.mark.parametrize("precision", ["1", "2", "4"])
def test_by_hand_every_equals_sign_is_literally_true(precision: str) -> None:
    steps = json.loads(grad(*CLASSES, "--work", "--by-hand", "-p", precision, "-f", "json"))[
        "steps"
    ]
    lines = [line for step in steps for of in step["work"].values() for line in of]
    products = [
        re.fullmatch(r"\S+ = (−?[\d.]+) × (\(?−?[\d.]+\)?) ([=≈]) (−?[\d.]+)", of) for of in lines
    ]
    found = [match for match in products if match]

    assert found
    for match in found:
        exactly = number(match[1]) * number(match[2])
        off = abs(exactly - number(match[4]))
        assert off <= 0.5001 * 10 ** -int(precision), match[0]
        assert (off < 1e-12) == (match[3] == "="), match[0]


def test_by_hand_the_sums_are_those_of_the_rounded_parts() -> None:
    found = json.loads(grad(*CLASSES, "--by-hand", "-p", "2", "--only", "dwxh", "-f", "json"))

    columns = zip(*(step["dwxh"] for step in found["steps"]), strict=True)
    added = [round(sum(column), 9) for column in columns]
    assert [*chain(*found["gradients"]["wxh"])] == pytest.approx(added, abs=1e-12)
    assert all(round(value, 2) == value for step in found["steps"] for value in step["dwxh"])


def test_the_flow_tells_what_is_left_of_the_gradient() -> None:
    out = grad("-c", GRADIENT, "--flow").splitlines()

    assert out[4:10] == [
        " t   dh_t/dh_{t-1}   dh_T/dh_t   |dL/dh_t|   of |dL/dh_T|",
        "──────────────────────────────────────────────────────────",
        " 3           0.500       1.000       0.500        100.0 %",
        " 2           0.500       0.500       0.250         50.0 %",
        " 1           0.500       0.250       0.125         25.0 %",
        "",
    ]
    assert out[-1] == "h ▃▅█"


UNITS = ["--wxh", "0.5; -0.3", "--whh", "0.9 0.8; -0.2 0.4", "--x", "1,2,-1"]


def test_the_flow_of_several_units_is_the_largest_singular_value() -> None:
    W, R, h = np.array([0.5, -0.3]), np.array([[0.9, 0.8], [-0.2, 0.4]]), np.zeros(2)
    found = json.loads(grad(*UNITS, "--dh-output", "?; ?; 1 1", "--flow", "-f", "json"))

    def last(moved: Array, begin: int) -> Array:
        for x in (1, 2, -1)[begin:]:
            moved = np.tanh(W * x + R @ moved)
        return moved

    for begin, x in enumerate((1, 2, -1), 1):  # dh_3/dh_t by differences
        h = np.tanh(W * x + R @ h)
        columns = [(last(h + e, begin) - last(h - e, begin)) / 2e-5 for e in 1e-5 * np.eye(2)]
        size = np.linalg.norm(np.transpose(columns), 2)
        assert found["flow"]["h"]["to_end"][begin - 1] == pytest.approx(size, rel=1e-8)


def test_the_flow_of_a_backward_direction_begins_at_step_1(tmp_path: Path) -> None:
    file = tmp_path / "model.toml"
    file.write_text(
        "x = [1, 2]\ndh_output = [[0, 1], [0, 0]]\n[[layers]]\nwxh = 1\nwhh = 0.25\n"
        '[layers.reverse]\nactivation = "linear"\nwxh = 1\nwhh = 0.5\n'
    )

    flow = json.loads(grad("-c", str(file), "--flow", "-f", "json"))["flow"]["h_l0_reverse"]

    assert flow == {
        "factor": [0.5, 0.5],
        "to_end": [1.0, 0.5],
        "norm": [1.0, 0.5],
        "left": [1, 0.5],
    }


def test_derivatives_may_be_given() -> None:
    by_target = json.loads(grad(*SCALAR, "--target", "? ? 1.5", "-f", "json"))
    dy = by_target["steps"][0]["dy"][0]

    given = json.loads(grad(*SCALAR, "--dy", f"? ? {dy!r}", "-f", "json"))

    assert given["loss"] is None
    assert given["gradients"] == by_target["gradients"]
    assert [step["dh"] for step in given["steps"]] == [step["dh"] for step in by_target["steps"]]


def test_without_a_readout_the_targets_are_for_h() -> None:
    network = [*SCALAR[:4], *SCALAR[6:]]
    found = json.loads(grad(*network, "--target", "? ? 1.5", "-f", "json"))
    last = found["steps"][0]["dh_output"][0]

    given = json.loads(grad(*network, "--dh-output", f"? ? {last!r}", "-f", "json"))

    assert last == pytest.approx(0.9182941369262763 - 1.5, abs=1e-12)
    assert given["gradients"] == found["gradients"]


def test_dl_dh0_is_there_if_it_is_named() -> None:
    found = json.loads(grad("-c", GRADIENT, "--only", "h0", "-f", "json"))

    assert found["gradients"]["h0"] == [0.0625]


def test_a_mean_is_over_the_steps_with_a_target() -> None:
    total = json.loads(grad(*SCALAR, "--target", "? 1 1.5", "-f", "json"))
    mean = json.loads(grad(*SCALAR, "--target", "? 1 1.5", "--reduction", "mean", "-f", "json"))

    assert mean["loss"]["value"] == pytest.approx(total["loss"]["value"] / 2)
    assert mean["gradients"]["whh"][0] == pytest.approx([total["gradients"]["whh"][0][0] / 2])


def test_the_heading_says_mean_and_by_hand() -> None:
    # by hand the states are 0.46 and 0.78, which miss 1 and 1 by 0.54 and 0.22
    command = [*SCALAR[:6], "--x", "1,2", "--target", "1 1", "--reduction", "mean", "--by-hand"]
    lines = grad(*command, "-p", "2").splitlines()

    assert lines[0] == "L = ½ (y − target)² = 0.09  (the mean over 2 steps)"  # (0.15 + 0.02) / 2
    assert lines[1] == "dL/dy_t = (y_t − target_t) / 2"
    assert "by hand: each value rounded to 2 decimals as it is written down" in lines


def test_windows_are_refused_where_a_direction_reads_backwards(tmp_path: Path) -> None:
    file = tmp_path / "model.toml"
    file.write_text("x = [1, 2]\n[[layers]]\n[layers.reverse]\nwxh = 1\nwhh = 0.5\n")

    assert refused("-c", str(file), "--target", "1 1", "--truncate", "1") == (
        "--truncate is for networks that only read forward"
    )


def test_clipping_and_windows_say_so() -> None:
    out = grad("-c", GRADIENT, "--clip", "1", "--truncate", "2")

    assert "the gradient stops at the start of each window of 2 steps\n" in out
    assert "each component of a gradient beyond 1 is clipped to 1\n" in out


@pytest.mark.parametrize(
    ("format_", "last", "title"),
    [
        ("table", "clipped      ", "sums over the steps, clipped"),
        ("markdown", "| clipped |", "**sums over the steps, clipped**"),
        ("latex", "clipped &  &", "sums over the steps, clipped"),
        ("html", "", "Gradients, summed over the steps, and clipped"),
    ],
)
def test_what_was_clipped_is_not_called_a_sum(format_: str, last: str, title: str) -> None:
    out = grad(*SCALAR, "--target", "0.5 1 1.5", "--clip", "0.3", "-f", format_)

    assert last in out
    assert title in out
    assert "sum &" not in out
    assert "| sum |" not in out


@pytest.mark.parametrize("format_", ["table", "markdown", "latex", "svg"])
def test_every_format_for_people(format_: str) -> None:  # the web page has tests of its own
    out = grad(*CLASSES, "-f", format_, "--work")

    assert "sums over the steps" in re.sub(r"&#160;|\u00a0", " ", out)


def test_ascii_terminals_get_ascii() -> None:
    result = rnncalc("grad", "-c", GRADIENT, "--work", encoding="ascii")

    assert result.out.isascii()
    assert "L = 1/2 (y - target)^2 = 0.125  (at step 3)" in result.out


def test_what_is_printed_is_never_a_bare_delta() -> None:
    for format_ in ("table", "latex"):
        assert not re.search("δ|delta", grad(*CLASSES, "--work", "-f", format_))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            SCALAR,
            'there is nothing to differentiate; type for example --target "? ? 1" or, for the '
            'derivatives themselves, --dy "0 0 1"; the file of -c may have a key target or dy',
        ),
        (
            [*SCALAR, "--target", "1 2 3", "--dy", "1 2 3"],
            "--dy: is given beside --target; give one of them",
        ),
        (
            [*SCALAR, "--dy", "1 2 3", "--truncate", "two"],
            "--truncate: 'two' is not a whole number of at least 1",
        ),
        ([*SCALAR, "--target", "? ? ?"], "--target: no step has a target; at least one is needed"),
        (
            [*SCALAR, "--target", "? ? 1", "--loss", "cross_entropy"],
            "--loss: cross_entropy is for an output with softmax, but this one has linear",
        ),
        (
            [*SCALAR, "--target", "? ? 1", "--activation", "step"],
            "step is flat: its slope is 0 wherever it has one, so no gradient passes through it; "
            "sigmoid or hard_tanh are its usual substitutes",
        ),
        (
            [*SCALAR, "--dy", "1 2"],
            '--dy: 2 steps, but x has 3; "?" stands for a step without one',
        ),
        (
            [*SCALAR, "--target", "? ? 1", "--learning-rate", "-1"],
            "--learning-rate: is one number greater than 0, such as 0.1",
        ),
        (
            [*SCALAR, "--target", "? ? 1", "--reduction", "max"],
            "--reduction: unknown reduction 'max'; known are sum, mean",
        ),
        (
            [*CLASSES[:2], "--target", "0.5 0.4; ?; ?"],
            "--target: step 1: a distribution adds up to 1, but this one to 0.9",
        ),
        (
            [*SCALAR[:4], "--why", "1; 2", "--x", "1,2", "--dy", "1 2; ? 3"],
            '--dy: step 2: "?" stands for a whole step; of one value, write 0',
        ),
        (
            [*SCALAR, "--target", "? ? 1", "--flow", "--only", "dh"],
            "--flow has columns of its own; leave --only out",
        ),
        (
            [*SCALAR, "--target", "? ? 1", "--only", "delta"],
            "--only: unknown quantity 'delta'; known are x, target, a, h, o, y, loss, dy, do, "
            "dh_output, dh_next, dh, slope, da, dx, dwxh, dwhh, dwhy",
        ),
        (
            [*SCALAR, "--target", "? ? 1", "--work", "-f", "csv"],
            "--work is not available with csv; use jsonl",
        ),
    ],
)
def test_errors_say_what_to_type_instead(arguments: list[str], message: str) -> None:
    assert refused(*arguments) == message


CERTAIN = ["--wxh", "500", "--whh", "0", "--why", "400; -400", "--output-activation", "softmax"]


def test_the_derivative_by_the_output_is_there_if_it_is_asked_for() -> None:
    # published with tests/published/hello_one_hot.toml: p of 'e' is 0.174951 at step 1
    command = [*HELLO, "--only", "dy,do", "-f", "json"]
    steps = {step["t"]: step for step in json.loads(grad(*command))["steps"]}

    assert [*steps[1]] == ["t", "dy", "do"]
    assert steps[1]["dy"] == pytest.approx([0, -1 / 0.174951, 0, 0], rel=1e-5)
    assert "dL/dy[1] = −1 / 0.175 ≈ −5.716" in grad(*HELLO, "--only", "dy", "--work", "--steps=1")


def test_an_infinite_derivative_is_refused_with_the_finite_one_to_ask_for() -> None:
    assert refused(*CERTAIN, "--x", "1", "--target", "1", "--only", "dy") == (
        "step 1: dL/dy is infinite: y is 0 or 1 where its target is not; "
        "dL/do = y − target is finite (do)"
    )


@pytest.mark.parametrize(
    ("problem", "enough"),
    [
        # -ln y is 16.02278547 in full, so y is 1.1e-7
        (["--x", "1,2", "--why", "8; -8", "--target", "? 1"], 7),
        (["--x", "1,2", "--why", "8", "--output-activation", "sigmoid", "--target", "? 0"], 4),
        # and 38.4 x 0.99991 / ln 10 is 16.7: seventeen decimals are the most
        (["--x", "1,2", "--why", "19.2; -19.2", "--target", "? 1"], 17),
        # at the last step 1 - y is 3.9e-5; before, where 1 is right or nothing due, it is 1.1e-7
        (
            [
                *("--x", "2,2,0.05", "--why", "16", "--output-activation", "sigmoid"),
                *("--target", "? 1 0"),
            ],
            5,
        ),
    ],
)
def test_by_hand_an_infinite_loss_says_how_many_decimals_are_enough(
    problem: list[str], enough: int
) -> None:
    command = ["--wxh", "5", "--whh", "0.5", *problem, "--by-hand"]

    for fewer in ("3", str(enough - 1)):
        assert refused(*command, "-p", fewer) == (
            "y rounds to 0 or 1 where its target is not, so that the loss is infinite; "
            f"-p {enough} writes down enough decimals"
        )
    assert grad(*command, "-p", str(enough)).startswith("L = ")


def test_by_hand_a_loss_for_which_no_decimals_are_enough_is_refused() -> None:
    # y is 0, or e^-40 = 4.2e-18
    for certain in (CERTAIN, (*CERTAIN[:5], "20; -20", *CERTAIN[6:])):
        assert refused(*certain, "--x", "1", "--target", "1", "--by-hand").endswith(
            "the loss is infinite; leave out --by-hand"
        )


def test_the_finite_loss_of_a_certain_output_is_checked(tmp_path: Path) -> None:
    # h is 1, so o is 400 and -400, and -ln y[1] is 800 + ln(1 + e^-800); no float tells y[1] from 0
    written = tmp_path / "port.json"
    for loss, status in (("800.000", 0), ("799.000", 1)):
        written.write_text(f'{{"da": [[0.000]], "loss": {loss}}}')

        result = rnncalc("check", *CERTAIN, "--x", "1", "--target", "1", "--expect", str(written))

        assert (result.status, result.err) == (status, "")


def test_run_and_grad_have_the_same_loss_where_an_output_rounds_to_0() -> None:
    # o is 400 and -400, so -ln y[1] is 800 + ln(1 + e^-800)
    given = [*CERTAIN, "--x", "1", "--target", "1", "-f", "json"]
    losses = [json.loads(rnncalc(name, *given).out)["loss"] for name in ("run", "grad")]

    assert [losses[0]["sum"], losses[1]["value"]] == [800.0, 800.0]


def test_run_refuses_a_loss_that_is_not_of_its_output_as_grad_does() -> None:
    given = [*SCALAR, "--target", "? ? 1", "--loss", "cross_entropy"]
    message = "--loss: cross_entropy is for an output with softmax, but this one has linear"

    assert refused(*given) == message
    assert rnncalc("run", *given).err == f"Error: {message}\n"


@pytest.mark.parametrize(
    ("given", "flag", "what"),
    [
        (["--target", "1 2"], "target", "target"),
        (["--target", "1 ?"], "target", "target"),
        (["--dy", "1 2"], "dy", "derivative"),
    ],
)
def test_a_final_readout_has_one_target(given: list[str], flag: str, what: str) -> None:
    command = [*SCALAR[:6], "--x", "1 2", "--readout", "final", *given]
    message = f"--{flag}: the readout is final: it answers once, at the end, so there is one {what}"

    assert refused(*command) == message
    if flag == "target":
        assert rnncalc("run", *command).err == f"Error: {message}\n"


def test_a_final_readout_of_a_stream_has_one_target() -> None:
    # h is 1, 2.5 and 4.25
    flags = ["--wxh", "1", "--whh", "0.5", "--activation", "linear", "--why", "1"]
    command = ["run", *flags, "--readout", "final", "--x", "-", "-f", "json", "--target"]

    whole = json.loads(rnncalc(*command, "3.25", stdin="1\n2\n3\n").out)

    assert whole["loss"]["sum"] == whole["loss"]["mean"] == 0.5
    assert rnncalc(*command, "? 3.25", stdin="1\n2\n3\n").err == (
        "Error: target: 2 steps, but x has 3\n"
    )


def test_by_hand_an_infinite_loss_of_the_answer_is_told_with_the_last_step() -> None:
    # h is nearly 1, so y is 1.1e-7 where the target is
    given = ["--wxh", "5", "--whh", "0", "--why", "8; -8", "--x", "0,1", "--target", "? 1"]

    said = rnncalc("run", *given, "--readout", "final", "--by-hand").err

    assert said.startswith("Error: step 2: the loss is infinite: y is 0 or 1 where its target is")


@pytest.mark.parametrize("name", ["h", "y", "y[0]"])
def test_what_a_final_readout_has_at_the_end_alone_has_no_steps(name: str) -> None:
    command = ["-c", str(ROOT / "sample_configs" / "both_directions.toml"), "--readout", "final"]

    assert refused(*command, "--target", "1", "--only", name) == (
        f"--only: {name} has no steps, since the readout is final; rnncalc run shows it"
    )
    assert grad(*SCALAR[:6], "--x", "1 2", "--readout", "final", "--target", "1", "--only", "h")


def test_an_unknown_loss_is_refused_even_if_nothing_is_lost() -> None:
    assert rnncalc("run", *SCALAR, "--loss", "square").err.startswith(
        "Error: --loss: unknown loss 'square'; did you mean 'squared_error'"
    )


def test_a_loss_is_refused_beside_derivatives() -> None:
    assert refused(*SCALAR, "--dy", "1 2 3", "--loss", "squared_error") == (
        "--loss: is for targets, but --dy gives the derivatives"
    )


def test_the_config_that_run_shows_has_the_same_gradients(tmp_path: Path) -> None:
    # no biases, which would change last digits, and all that grad alone reads
    file, shown = tmp_path / "model.toml", tmp_path / "shown.toml"
    file.write_text(
        "wxh = [[0.3], [0.7]]\nwhh = [[0.1, 0.7], [0.2, 0.6]]\nwhy = [[0.9, -0.7]]\nx = [1, 2]\n"
        'target = [0.1, 0.3]\nreduction = "mean"\nlearning_rate = 0.3\n'
    )
    shown.write_text(rnncalc("run", "-c", str(file), "--show-config").out)

    assert "bh" not in shown.read_text()
    assert grad("-c", str(shown), "-f", "json") == grad("-c", str(file), "-f", "json")


def test_by_hand_run_has_the_losses_of_grad() -> None:
    # y is 0.5, 0.8, 0.9: halves of 0.09, 0.49 and 0.36, each rounded
    given = [*SCALAR[:2], "--whh", "0.3", "--why", "1", "--x", "1,2,3", "--target", "0.2 0.1 0.3"]
    command = [*given, "-p", "1", "--by-hand", "-f", "json"]
    run = json.loads(rnncalc("run", *command).out)

    assert [step["loss"] for step in run["steps"]] == [0.0, 0.2, 0.2]
    assert json.loads(grad(*command))["loss"]["value"] == run["loss"]["sum"] == 0.4
    assert run["loss"]["mean"] == 0.1


@pytest.mark.parametrize("name", ["run", "grad"])
def test_a_loss_that_overflows_was_not_rounded(name: str) -> None:
    given = ["--wxh", "1e200", "--whh", "1", "--why", "1", "--activation", "linear"]
    given += ["--x", "1e-200, 1", "--target", "? 1"]

    assert rnncalc(name, *given).err == (
        "Error: step 2: the loss is no longer finite: it has grown past 1.8e308, "
        "the largest number there is\n"
    )


def test_by_hand_an_infinite_loss_of_a_run_is_told_with_its_step() -> None:
    # h is 0 and nearly 1, so y is a half, and then 1.1e-7 where the target is
    given = ["--wxh", "5", "--whh", "0", "--why", "8; -8", "--x", "0,1", "--target", "? 1"]

    assert rnncalc("run", *given, "--by-hand").err == (
        "Error: step 2: the loss is infinite: y is 0 or 1 where its target is not, "
        "perhaps because it was rounded; more decimals may help (-p)\n"
    )


@pytest.mark.parametrize("output_format", ["table", "json"])
def test_a_flow_that_overflows_is_told(output_format: str) -> None:
    given = [
        "--wxh",
        "1",
        "--whh",
        "1e200",
        "--why",
        "1",
        "--x",
        "0,0,1e-300",
        "--activation",
        "linear",
    ]
    command = [*given, "--target", "? ? 0", "--flow", "-f", output_format]
    assert refused(*command).startswith("--flow: the factors of a gradient on its way back are no")


@pytest.mark.parametrize("more", [["--truncate", "1"], ["--clip", "0.1"]])
def test_an_answer_sheet_is_for_what_check_knows(more: list[str]) -> None:
    assert refused(*SCALAR, "--target", "? ? 1", *more, "--blank", "-f", "toml") == (
        "-f toml is for check, which knows neither --truncate nor --clip; leave them out"
    )


def test_keys_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "model.toml"
    file.write_text(
        'wxh = 0.5\nwhh = 0.1\nwhy = 1\nx = [1, 2, 3]\ntarget = ["?", 1, 1.5]\n'
        'loss = "squared_error"\nreduction = "mean"\nlearning_rate = 0.1\n'
    )

    found = json.loads(grad("-c", str(file), "-f", "json"))

    assert found["loss"]["name"] == "squared_error"
    assert found["loss"]["reduction"] == "mean"
    assert list(found)[-2:] == ["updated", "loss_after"]
    assert found["loss_after"] < found["loss"]["value"]


def test_our_own_json_passes_check(tmp_path: Path) -> None:
    written = tmp_path / "port.json"
    written.write_text(grad("-c", GRADIENT, "-f", "json"))

    result = rnncalc("check", "-c", GRADIENT, "--expect", str(written))

    assert (result.status, result.out) == (0, "All 35 values are right.\n")


@pytest.mark.parametrize("layout", ["ascending", "without t", "columns", "sums alone", "a table"])
def test_what_a_port_writes_passes_check_in_any_layout(layout: str, tmp_path: Path) -> None:
    network = ["--wxh", "0.5", "--whh", "0.1", "--why", "1", "--x", "1,2,3"]
    problem = [*network, "--target", "? 1 1.5", "--reduction", "mean", "--learning-rate", "0.1"]
    ours = json.loads(grad(*problem, "-f", "json"))
    steps, whole = ours["steps"][::-1], {key: ours[key] for key in ("gradients", "updated", "loss")}
    nameless = [{name: of for name, of in step.items() if name != "t"} for step in steps]
    columns = {name: [step[name] for step in steps] for name in ("dh", "da")}
    found = {
        "ascending": {"steps": steps, **whole},
        "without t": {"steps": nameless, **whole},
        "columns": {**columns, **whole},
        "sums alone": whole,
        "a table": "t,dh,da\n"
        + "".join(f"{step['t']},{step['dh'][0]},{step['da'][0]}\n" for step in steps),
    }[layout]
    values = {"ascending": 34, "without t": 34, "columns": 16, "sums alone": 10, "a table": 6}
    written = tmp_path / "port"
    written.write_text(found if isinstance(found, str) else json.dumps(found))

    result = rnncalc("check", *problem, "--expect", str(written))

    assert (result.out, result.err) == (f"All {values[layout]} values are right.\n", "")


def test_check_takes_the_flags_that_say_what_was_differentiated(tmp_path: Path) -> None:
    written = tmp_path / "port.csv"
    without = ["--wxh", "0.5", "--whh", "0.1", "--x", "1,2"]
    for problem in (
        [*without, "--why", "1", "--dy", "? 2"],
        [*without, "--dh-output", "1 2"],
        [*without, "--target", "0 1", "--loss", "squared_error"],
    ):
        written.write_text(grad(*problem, "-f", "csv"))

        assert rnncalc("check", *problem, "--expect", str(written)).status == 0


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--dy", "1 2"], '--dy: 2 steps, but x has 3; "?" stands for a step without one'),
        (
            ["--target", "? ? 1", "--reduction", "max"],
            "--reduction: unknown reduction 'max'; known are sum, mean",
        ),
        (
            ["--target", "? ? 1", "--dy", "1 2 3"],
            "--dy: is given beside --target; give one of them",
        ),
    ],
)
def test_check_refuses_what_grad_refuses(more: list[str], message: str) -> None:
    result = rnncalc("check", *SCALAR, *more, "--h", "0.462 0.780 0.918")

    assert (result.status, result.err) == (2, f"Error: {message}\n")


def test_check_says_what_values_of_a_backward_pass_need(tmp_path: Path) -> None:
    file, table = tmp_path / "model.toml", tmp_path / "port.csv"
    file.write_text("[expect]\nda = [1, 2, 3]\n")
    table.write_text("t,da\n1,0.5\n")

    for arguments in (["-c", str(file)], ["--expect", str(table)]):
        result = rnncalc("check", *SCALAR, *arguments)

        assert result.status == 2
        assert result.err.endswith("; values of a backward pass need a target or dy\n")


@pytest.mark.parametrize(("width", "titles"), [(80, 2), (40, 3), (95, 1)])
def test_the_columns_that_are_added_up_stay_together(
    width: int, titles: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rnncalc.cli.app.terminal_width", lambda: width)
    lines = grad(*SCALAR, "--target", "0.5 1 1.5").splitlines()

    heads = [line for line in lines if line.startswith("   t ")]
    assert len(heads) == titles
    assert "dL/dW_xh   dL/dW_hh" in heads[-1]
    # a part without sums has no last row for them
    assert sum(line.startswith(" sum") for line in lines) == 1


@pytest.mark.parametrize(
    "problem",
    [
        # dL/do has one decimal, h three
        'why = [[-1.4, -1.3], [-0.4, 0.8]]\noutput_activation = "linear"\n'
        "dy = [[-0.4, 0.7], [0.1, 0.4], [0.6, 0.0]]\n",
        # the loss after a step of descent is of a run that is rounded too
        'why = [[0.8, 0.3], [-0.5, 0.4]]\noutput_activation = "sigmoid"\nlearning_rate = 0.1\n'
        'target = ["?", [1, 0], [1, 1]]\nreduction = "mean"\n',
    ],
)
@pytest.mark.parametrize("precision", ["3", "6"])
def test_what_grad_writes_by_hand_passes_check(
    problem: str, precision: str, tmp_path: Path
) -> None:
    file, written = tmp_path / "model.toml", tmp_path / "by_hand.json"
    file.write_text(
        f'{problem}activation = "sigmoid"\nx = [[-0.26, 1.35], [-1.51, -0.36], [0.76, -0.73]]\n'
        "wxh = [[-0.42, -0.32], [-0.45, -1.15]]\nwhh = [[-0.38, 0.81], [-1.74, -0.19]]\n"
        "bh = [-0.6, -1.67]\n"
    )
    written.write_text(grad("-c", str(file), "--by-hand", "-p", precision, "-f", "json"))

    for more in ([], ["--by-hand", "-p", precision]):
        result = rnncalc("check", "-c", str(file), "--expect", str(written), *more)

        assert result.status == 0, result.out


# each derivative of a sigmoid ends in a zero: 0.235700, 0.249980, 0.232070
_ZEROS = """
x = [[1.3, 0.68, -0.9], [-1.4, -0.71, -0.7], [-1.57, -1.37, -1.37]]
wxh = [[-0.46, 0.62, -0.23], [0.03, 0.43, -1.14]]
whh = [[-0.13, -0.3], [0.13, -0.72]]
bh = [-0.2, 0.2]
why = [[0, -0.6]]
output_activation = "sigmoid"
dy = ["?", 1, 0]
learning_rate = 0.1
"""
# a total of 0.553840 is written 0.55384, of losses with six decimals
_EMBEDDED = """
vocabulary = "abcd"
embedding = [[-1.9], [0.6], [-1.0], [-0.9]]
x = "cad"
wxh = [[0.8], [-0.3]]
whh = [[-1.26, -1.12], [0.03, -0.26]]
bh = [-0.24, -1.44]
why = [[-1.3, 1.4]]
by = [-0.63]
target = ["?", [-0.9], [-1.0]]
loss = "squared_error"
"""


@pytest.mark.parametrize(("problem", "short"), [(_ZEROS, ": [0.2357],"), (_EMBEDDED, ": 0.55384,")])
def test_values_that_end_in_a_zero_do_not_say_how_others_were_rounded(
    problem: str, short: str, tmp_path: Path
) -> None:
    file, written = tmp_path / "model.toml", tmp_path / "by_hand.json"
    file.write_text(problem)
    written.write_text(grad("-c", str(file), "--by-hand", "-p", "6", "-f", "json"))

    result = rnncalc("check", "-c", str(file), "--expect", str(written))

    assert short in written.read_text()
    assert result.out.startswith("No slip: what differs follows from rounded values\n")


def test_check_by_hand_marks_a_wrong_gradient(tmp_path: Path) -> None:
    file = tmp_path / "model.toml"
    file.write_text(_EMBEDDED + "[expect.gradients]\nwhh = [[-1.120, -1.391], [1.159, 7.531]]\n")

    result = rnncalc("check", "-c", str(file), "--by-hand", "-p", "3")

    assert result.status == 1
    # da and h by hand, then rounded products: 0.098 + 1.236 + 0
    assert "First slip: dL/dW_hh[1,1]: 7.531 printed, 1.334 is right" in result.out.splitlines()


def test_a_loss_that_is_infinite_after_the_update_by_hand_is_told(tmp_path: Path) -> None:
    file = tmp_path / "model.toml"
    file.write_text(
        "x = [[-0.9], [-0.2], [0.2]]\nwhy = [[-1.2, 1.6, 1.2], [0.1, -0.7, -0.7]]\n"
        'target = [[1, 0], "?", [0, 1]]\nreduction = "mean"\nlearning_rate = 0.5\n'
        'activation = "relu"\nwxh = [[-0.8], [-1.2], [-0.2]]\n'
        "bxh = [0.38, -0.92, -1.17]\nbhh = [0.6, -0.1, 1.0]\n"
        "whh = [[0.33, -1.35, 0.82], [0.08, 1.63, 0.25], [0.53, 0.29, -2.3]]\n"
    )

    assert refused("-c", str(file), "--by-hand", "-p", "4").startswith(
        "with the new weights, step 3: the loss is infinite: y is 0 or 1 where its target is not"
    )


def test_an_embedding_has_a_gradient_that_adds_up_dx_by_symbol(tmp_path: Path) -> None:
    file = tmp_path / "model.toml"
    file.write_text(
        'vocabulary = "helo"\nembedding = [[0.1, 0.5], [-0.3, 0.2], [0.7, -0.6], [0.4, 0.9]]\n'
        'x = "hell"\ntarget = "ello"\nwxh = [[0.1, 0.2], [0.5, -0.1]]\n'
        "whh = [[0.1, 0.2], [0.3, -0.4]]\nwhy = [[1, 2], [0.5, -1], [0.3, 0.2], [-1, 1]]\n"
    )

    found = json.loads(grad("-c", str(file), "-f", "json"))

    h, e, l, m = (step["dx"] for step in found["steps"][::-1])  # noqa: E741  # h, e, l, l
    both = [one + other for one, other in zip(l, m, strict=True)]
    assert found["gradients"]["embedding"] == [h, e, pytest.approx(both), [0.0, 0.0]]
    assert "dL/dE[1] = " in grad("-c", str(file))


def test_a_readout_that_answers_once_has_one_target(tmp_path: Path) -> None:
    file = tmp_path / "model.toml"
    file.write_text(
        'x = [1, 0.5, -1]\ntarget = [1]\nreadout = "final"\nwhy = [[0.4, -0.5]]\n'
        "[[layers]]\nwxh = 0.5\nwhh = 0.3\n[layers.reverse]\nwxh = 0.2\nwhh = 0.6\n"
    )

    found = json.loads(grad("-c", str(file), "-f", "json"))

    # the backward direction has read x_3 and x_2 when it ends at step 1
    h, b = 0.0, 0.0
    for x in (1, 0.5, -1):
        h = math.tanh(0.5 * x + 0.3 * h)
    for x in (-1, 0.5, 1):
        b = math.tanh(0.2 * x + 0.6 * b)
    assert found["loss"]["value"] == pytest.approx((0.4 * h - 0.5 * b - 1) ** 2 / 2, rel=1e-12)
    assert [step["dh_output_l0_reverse"] for step in found["steps"]][:2] == [[0.0], [0.0]]


def test_the_working_adds_up_what_each_step_gives() -> None:
    # y = x by relu: all of it can be followed in the head
    flags = [
        "--wxh",
        "1",
        "--whh",
        "0",
        "--why",
        "1",
        "--activation",
        "relu",
        "--x",
        "1,2",
        "--target",
        "0.5,1.5",
        "-p",
        "1",
    ]
    lines = rnncalc("grad", *flags, "--work").out.splitlines()

    below = lines[lines.index("sums over the steps") + 1 :]
    assert below == [
        "  dL/dW_xh = 1 + 0.5 = 1.5",
        "  dL/dW_hh = 0.5 + 0 = 0.5",
        "  dL/dW_hy = 1 + 0.5 = 1.5",
    ]


def test_sums_beside_some_of_the_steps_say_that_they_are_of_all() -> None:
    flags = ("--wxh", "0.5", "--whh", "0.1", "--why", "1", "--x", "1,2,3", "--target", "1,1,1")
    remark = "the sums are over all 3 steps, not only those that are shown"

    assert remark in rnncalc("grad", *flags, "--steps", "1").out.splitlines()
    assert remark.capitalize() in rnncalc("grad", *flags, "--steps", "1", "-f", "html").out
    assert remark not in rnncalc("grad", *flags).out


def test_only_a_part_of_a_table_with_sums_has_a_row_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rnncalc.cli.app.terminal_width", lambda: 40)
    flags = ("--wxh", "0.5", "--whh", "0.1", "--why", "1", "--x", "1,2,3", "--target", "1,1,1")
    lines = rnncalc("grad", *flags).out.splitlines()

    assert sum(line.startswith("   t ") for line in lines) == 3
    sums = [line.split() for line in lines if line.startswith(" sum")]
    assert [len(row) for row in sums] == [3]  # its name, dL/dW_xh and dL/dW_hh


FORWARD = ("--wxh", "0.5", "--whh", "0.3", "--why", "1", "--x", "1 2", "--target", "0.5 ?")


def test_the_working_begins_with_the_forward_pass() -> None:
    page = rnncalc("grad", *FORWARD, "--work").out.split("\n\n")

    # tanh(0.5), and tanh(1 + 0.3 × 0.46212) = tanh(1.13864); 0.5 × (0.46212 − 0.5)²
    assert page[1].splitlines() == [
        " t   x_t     a_t     h_t     y_t   target    loss",
        "──────────────────────────────────────────────────",
        " 1     1   0.500   0.462   0.462      0.5   0.001",
        " 2     2   1.139   0.814   0.814",
    ]
    assert page[2].startswith("L = ½ (y − target)² = 0.001  (at step 1)\n")


def test_the_forward_pass_has_the_chosen_steps() -> None:
    page = rnncalc("grad", *FORWARD, "--work", "--steps", "2").out.split("\n\n")

    assert [row.split()[0] for row in page[1].splitlines()[2:]] == ["2"]


def test_a_chosen_quantity_is_worked_alone() -> None:
    assert "loss" not in rnncalc("grad", *FORWARD, "--work", "--only", "dh").out


@pytest.mark.parametrize("more", [(), ("--steps", "1")])
def test_an_answer_at_the_end_is_that_of_the_last_step(more: tuple[str, ...]) -> None:
    final = ("-c", "-", *FORWARD[:-1], "0.5")
    page = rnncalc("grad", *final, "--work", *more, stdin='readout = "final"').out

    # tanh(1 + 0.3 × 0.46212)
    assert "at the end\n  h = 0.814\n  y = 0.814\n  target = 0.5\n" in page


MSE = ("--wxh", "1", "--whh", "0", "--output-activation", "linear")


def test_a_step_without_a_target_has_none_for_a_program() -> None:
    flags = (*MSE, "--why", "1;1", "--x", "1 2", "--target", "?; 0 3")
    asked = ("grad", *flags, "--only", "x,target", "-f")

    assert [
        json.loads(line)["target"] for line in rnncalc(*asked, "jsonl").out.splitlines()[:2]
    ] == [
        [0.0, 3.0],
        None,
    ]
    assert rnncalc(*asked, "csv").out == "t,x[0],target[0],target[1]\n2,2.0,0.0,3.0\n1,1.0,,\n"
