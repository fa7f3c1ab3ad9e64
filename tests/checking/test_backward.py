"""Printed values of a backward pass: what is right passes, and each mistake is named."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mistaken_gradient as mistaken
from calling import ROOT, rnncalc
from rnncalc.checking.backward_mistakes import backward_suspects
from rnncalc.checking.check import check
from rnncalc.checking.mistakes import Case
from rnncalc.checking.report import Report
from rnncalc.network.audit import Audit
from rnncalc.network.backward import Backward
from rnncalc.network.cells import Cell, Readout
from rnncalc.network.equations import Rows, follow
from rnncalc.network.losses import LOSSES, default_loss
from rnncalc.network.model import Network
from rnncalc.network.objective import with_targets
from rnncalc.numerals.number import Written
from rnncalc.numerals.printed import AllPrinted, printed_rows
from rnncalc.numerals.rounding import fixed

DECIMALS, STEPS = 5, 3
X = np.array([[0.9, -0.4], [0.3, 0.8], [-0.7, 0.6]])
W_XH = np.array([[0.6, -0.3], [0.2, 0.9]])
W_HH = np.array([[0.5, -0.8], [0.3, 0.7]])
W_HY = np.array([[0.7, -0.6], [0.4, 0.9]])
RATE = 0.1


def network(g: str = "linear") -> Network:
    return Network(Cell(W_XH, W_HH, [0.1, -0.2]), Readout(W_HY, [0.05, 0.1], g))


def audit(net: Network, loss: str | None = None, reduction: str = "sum") -> Audit:
    assert net.readout
    kind = LOSSES[loss] if loss else default_loss(net.readout.activation)
    target = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    return Audit(Backward(net, with_targets(target, kind, reduction), on_paper=True), STEPS, RATE)


def as_printed(rows: Rows, names: dict[str, int]) -> AllPrinted:
    found = {}
    for name, size in names.items():
        texts = [[Written(fixed(value, DECIMALS)) for value in row] for row in rows[name].tolist()]
        nothing: list[Written | None] = [None] * size
        found[name] = printed_rows(
            [texts[0], *[nothing] * (STEPS - 1)] if "." in name else [*texts]
        )
    return found


def report(net: Network, work: Audit, rows: Rows, names: dict[str, int]) -> Report:
    return check(net, net.start(), X, as_printed(rows, names), audit=work)


def the_right(net: Network, work: Audit) -> Rows:
    return case_of(net, work).run()


def case_of(net: Network, work: Audit) -> Case:
    return Case(work.equations, work.beyond(net.start()), {"x": X, **work.given})


@pytest.mark.parametrize("g", ["linear", "softmax", "sigmoid"])
def test_all_right_values_pass(g: str) -> None:
    net = network(g)
    work = audit(net)

    found = report(net, work, the_right(net, work), work.sizes)

    assert found.counts["ok"] == sum(n * (1 if "." in k else STEPS) for k, n in work.sizes.items())
    assert found.all_ok


IDS = sorted(
    {
        s.id
        for g in ("linear", "softmax")
        for s in backward_suspects(audit(network(g)).equations, {"x": X, **audit(network(g)).given})
    }
    - {"gradient-clipped", "dh-for-da"}
)


@pytest.mark.parametrize("printed", ["everything", "what people print"])
@pytest.mark.parametrize("id_", IDS)
def test_a_mistake_at_every_step_is_named_alone(id_: str, printed: str) -> None:
    net = network("softmax" if id_.startswith("output-slope") else "linear")
    work = audit(net)
    case = case_of(net, work)
    suspect = next(s for s in backward_suspects(case.equations, case.given) if s.id == id_)
    names = dict(work.sizes)
    if printed != "everything":
        kept = ("h", "y", "dy", "do", "dh", "da", "loss")
        names = {k: n for k, n in names.items() if k in kept or "." in k or k == "dx"}
    runs, right = [changed.run() for changed in suspect.change(case)], case.run()
    rows = next(r for r in runs if any(np.abs(r[k] - right[k]).max() > 1e-3 for k in names))

    found = report(net, work, rows, names)

    assert [cause.id for cause in found.consistent_with] == [id_]


@pytest.mark.parametrize("shape", mistaken.SHAPES)
@pytest.mark.parametrize("wrong", mistaken.IDS)
def test_a_mistake_of_an_independent_loop_is_named(wrong: str, shape: str) -> None:
    s, rows, names = next(mistaken.cases(np.random.default_rng(3), wrong, shape))

    found = mistaken.report_of(s, rows, names)

    assert wrong.partition(" ")[0] in [cause.id for cause in found.consistent_with]


@pytest.mark.parametrize("shape", mistaken.SHAPES)
def test_what_an_independent_loop_prints_is_right(shape: str) -> None:
    rng = np.random.default_rng(4)
    for decimals in (2, 3, 4, 5, 6, 12, 17):
        s = mistaken.random_setup(rng, shape)
        rows = mistaken.run(s)
        names = mistaken.names_of(s, rows, everything=True)

        assert mistaken.report_of(s, rows, names, decimals).all_ok


def test_which_target_was_taken_is_said() -> None:
    said = {}
    for wrong in ("other-target before", "other-target after"):
        s, rows, names = next(mistaken.cases(np.random.default_rng(6), wrong, "one layer"))
        said[wrong] = [c.text for c in mistaken.report_of(s, rows, names).consistent_with]

    assert said == {
        "other-target before": ["the target of the step before"],
        "other-target after": ["the target of the step after"],
    }


def test_one_weight_whose_gradient_is_transposed_is_said() -> None:
    wrong = "gradient-transposed of W_hh"
    s, rows, names = next(mistaken.cases(np.random.default_rng(6), wrong, "two layers"))

    found = mistaken.report_of(s, rows, names)

    assert [c.text for c in found.consistent_with] == ["the gradient transposed (dL/dW_hh)"]


def test_an_independent_loop_with_an_untransposed_weight_is_caught() -> None:
    # the line d_h = Whh @ temp of a beginner's RNN
    net = network()
    work = audit(net)
    right = the_right(net, work)
    target = work.backward.objective.given["target"]
    later, da = np.zeros(2), np.zeros((STEPS, 2))
    for t in reversed(range(STEPS)):
        dh = W_HY.T @ (right["y"][t] - target[t]) + W_HH @ later
        later = da[t] = dh * (1 - right["h"][t] ** 2)
    rows = right | {"da": da}

    found = report(net, work, rows, {"h": 2, "da": 2})

    assert [(c.id, c.text) for c in found.consistent_with] == [
        ("whh-not-transposed", "W_hh not transposed")
    ]


def test_a_forward_and_a_backward_mistake_are_named_together() -> None:
    net = network()
    work = audit(net)
    case = case_of(net, work)
    other = Network(Cell(W_XH, W_HH.T, [0.1, -0.2]), net.readout)
    equations = (*other.equations, *case.equations[len(other.equations) :])
    wrong = Case(equations, case.start, case.given)
    suspect = next(
        s for s in backward_suspects(equations, case.given) if s.id == "state-of-same-step"
    )
    rows = next(iter(suspect.change(wrong))).run()

    found = report(net, work, rows, {"h": 2, "y": 2, "da": 2, "gradients.whh": 4})

    assert [c.id for c in found.consistent_with] == ["whh-transposed+state-of-same-step"]


def test_a_forward_mistake_is_named_where_nothing_printed_of_the_forward_pass_needs_w_hy() -> None:
    net = network()
    work = audit(net)
    other = Network(Cell(W_XH, W_HH.T, [0.1, -0.2]), net.readout)
    case = case_of(net, work)
    equations = (*other.equations, *case.equations[len(other.equations) :])

    found = report(
        net, work, Case(equations, case.start, case.given).run(), {"h": 2, "da": 2, "dh": 2}
    )

    assert [(c.id, c.text) for c in found.consistent_with] == [
        ("whh-transposed", "W_hh transposed")
    ]


def test_a_wrong_gradient_of_a_backward_direction_alone_has_a_verdict(tmp_path: Path) -> None:
    path = tmp_path / "both.toml"
    path.write_text(
        "x = [[1, 2], [2, 0], [3, 1]]\nwhy = [[1, -1]]\ntarget = [1, 0, 2]\n"
        "[[layers]]\nwxh = [[0.5, 0.1]]\nwhh = 0.3\n"
        "[layers.reverse]\nwxh = [[0.4, 0.2]]\nwhh = 0.2\n"
        "[expect.gradients]\nwxh_l0_reverse = [[5.21, 4.37]]\n"
    )
    result = rnncalc("check", str(path))

    assert result.status == 1
    assert result.out.splitlines()[-1] == "0 ok, 0 carried, 0 cut, 2 slip"


def test_dh_printed_for_da_is_named() -> None:
    net = network()
    work = audit(net)
    right = the_right(net, work)

    found = report(net, work, right | {"da": right["dh"]}, {"h": 2, "da": 2, "gradients.whh": 4})

    assert [(c.id, c.text) for c in found.consistent_with] == [
        ("dh-for-da", "dL/dh printed for dL/da")
    ]


def test_a_weight_that_both_passes_read_transposed_is_one_mistake() -> None:
    net = network()
    work = audit(net)
    other = Network(Cell(W_XH, W_HH.T, [0.1, -0.2]), net.readout)
    rows = the_right(other, audit(other))

    found = report(net, work, rows, {"h": 2, "da": 2, "dh": 2})

    assert [(c.id, c.text) for c in found.consistent_with] == [
        ("whh-transposed", "W_hh transposed")
    ]


def test_gradients_divided_by_the_number_of_steps_are_named() -> None:
    # da = (1 + 0.5, 1), so dL/dW_xh = 1.5 x 1 + 1 x 2 = 3.5 and dL/dW_hh = 1 x h_1 = 1
    problem = ["--wxh", "1", "--whh", "0.5", "--activation", "linear", "--x", "1,2"]
    lines = ["[expect]", "da = [1.5, 1]", "[expect.gradients]", "wxh = 1.75", "whh = 0.5"]

    text = rnncalc("check", *problem, "--dh-output", "1,1", "-c", "-", stdin="\n".join(lines)).out

    assert text.startswith("One mistake explains all values: the gradient divided by 2, the number")


@pytest.mark.parametrize(
    ("limit", "printed", "is_named"),
    [
        # the largest are 0.8309, of b_h, then 0.8071 and 0.7789, of b_y
        (0.2, "", True),
        (0.79, "gradients", True),
        (0.81, "gradients", False),  # one value, and nobody knows whether that was the limit
        (0.8, "gradients.bh", True),  # one value, but a limit that people choose
    ],
)
def test_a_clipped_gradient_is_named(limit: float, printed: str, is_named: bool) -> None:
    net = network()
    work = audit(net)
    rows = dict(the_right(net, work))
    for name in work.sizes:
        if name.startswith("gradients."):
            rows[name] = np.clip(rows[name], -limit, limit)
    names = {k: n for k, n in work.sizes.items() if k.startswith(printed) and k[:2] != "up"}

    found = report(net, work, rows, names)

    clipped = [("gradient-clipped", f"the gradient clipped at {limit}")]
    assert [(c.id, c.text) for c in found.consistent_with] == (clipped if is_named else [])


@pytest.mark.parametrize("seed", range(6))
def test_one_wrong_value_is_found_and_what_follows_is_carried(seed: int) -> None:
    r = random.Random(seed)
    net = network()
    work = audit(net)
    rows = {name: of.copy() for name, of in the_right(net, work).items()}
    # dL/dh of the last step without its second product, and continued with
    i = r.randrange(2)
    rows["dh"][2, i] -= W_HY[1, i] * rows["do"][2, 1]
    printed = as_printed(rows, {"do": 2, "dh": 2, "da": 2})
    continued = check(net, net.start(), X, printed, audit=work)

    first = continued.first_slip
    assert first
    assert (first.quantity, first.step, first.component) == ("dh", 2, i)


def test_one_value_with_the_target_of_the_step_before_is_named() -> None:
    net = network()
    work = audit(net)
    rows = {name: of.copy() for name, of in the_right(net, work).items()}
    rows["dy"][1, 0] = rows["y"][1, 0] - work.backward.objective.given["target"][0, 0]

    found = report(net, work, rows, {"y": 2, "dy": 2})

    named = {(m.step, m.component): {c.id: c.text for c in m.consistent_with} for m in found.not_ok}
    assert named.keys() == {(1, 0)}
    assert named[1, 0]["other-target"] == "the target of the step before"


def test_a_mistake_on_the_way_to_a_printed_value_is_named() -> None:
    net = network()
    work = audit(net)
    rows = {name: of.copy() for name, of in the_right(net, work).items()}
    # target − y in one step, and nothing is printed between y and dL/dh
    rows["dh"][1] -= 2 * W_HY.T @ rows["dy"][1]

    found = report(net, work, rows, {"y": 2, "dh": 2})

    named = {(m.step, m.component): [c.id for c in m.consistent_with] for m in found.not_ok}
    both = ["difference-turned", "sign-turned"]  # of y − target, or of all that it gives dL/dh
    assert named == {(1, 0): both, (1, 1): both}


def test_one_part_with_the_wrong_sign_is_named() -> None:
    net = network()
    work = audit(net)
    rows = {name: of.copy() for name, of in the_right(net, work).items()}
    rows["dh"][1, 0] = rows["dh_output"][1, 0] - rows["dh_next"][1, 0]

    found = report(net, work, rows, {"dh_output": 2, "dh_next": 2, "dh": 2})

    assert [(m.step, m.component) for m in found.not_ok if m.verdict == "slip"] == [(1, 0)]
    assert found.first_slip
    assert "sign-turned" in [cause.id for cause in found.first_slip.consistent_with]


def test_the_sample_with_a_slip_is_marked() -> None:
    result = rnncalc("check", "-c", str(ROOT / "sample_configs" / "gradient_with_a_slip.toml"))

    assert result.status == 1
    assert result.out.splitlines()[:2] == [
        "One mistake explains all values: h_t used instead of h_{t-1}",
        "First slip: dL/dW_hh at step 3: 1.25 printed, 0.50 is right",
    ]


def test_each_mistake_in_a_gradient_is_made_once_for_all_components(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = list[int]()

    def counting(*args: Any) -> tuple[Rows, Rows]:
        made[-1] += 1
        return follow(*args)

    net = network()
    work = audit(net)
    monkeypatch.setattr("rnncalc.checking.backward_slips.follow", counting)
    for wrong in (1, 4):
        rows = {name: of.copy() for name, of in the_right(net, work).items()}
        rows["gradients.whh"][0, :wrong] += [0.31, 1.77, -0.93, 2.41][:wrong]
        made.append(0)
        assert report(net, work, rows, {"gradients.whh": 4}).counts["slip"] == wrong

    assert made[0] == made[1] > 0


def test_losses_and_new_weights_are_checked_too(tmp_path: Path) -> None:
    file = tmp_path / "work.toml"
    file.write_text(
        (ROOT / "sample_configs" / "gradient.toml").read_text()
        + "\n[expect]\nloss = 0.125\nloss_after = 0.0246\n[expect.updated]\nwhh = 0.6\nwhy = 0.875\n"
    )

    result = rnncalc("check", "-c", str(file))

    assert "explains all values" not in result.out
    assert "new W_hh" in result.out
    assert "the gradient added, not subtracted" in result.out


@pytest.mark.parametrize(
    ("name", "change", "text"),
    [
        ("dy", lambda rows: 2 * rows["dy"][1, 0], "dL/dy_t with a factor 2"),
        (
            "dh",
            lambda rows: rows["dh_output"][1, 0] - rows["dh_next"][1, 0],
            "what comes from t+1 with the wrong sign",
        ),
        (
            "dh_next",
            lambda rows: rows["dh_next"][1, 0] - 0.5 * rows["da"][2, 0],
            "0.5 × dL/da[0] left out",
        ),
    ],
)
def test_a_mistake_is_named_as_the_page_names_it(
    name: str, change: Callable[[Rows], float], text: str
) -> None:
    net = network()
    work = audit(net)
    rows = {of: values.copy() for of, values in the_right(net, work).items()}
    rows[name][1, 0] = change(rows)

    found = report(
        net, work, rows, {"y": 2, "dy": 2, "dh_output": 2, "dh_next": 2, "dh": 2, "da": 2}
    )

    assert found.first_slip
    assert text in [cause.text for cause in found.first_slip.consistent_with]
