"""The backward pass against differences of an independent loop, and against PyTorch."""

import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

import plain_gradient as plain
from rnncalc.arrays import Array
from rnncalc.errors import InputError
from rnncalc.network.activation_names import activation_named
from rnncalc.network.activations import ACTIVATIONS, LINEAR
from rnncalc.network.backward import Backward, contributions
from rnncalc.network.cells import MERGES, Cell, Layer, Readout
from rnncalc.network.equations import Combined, Product, follow, parameters
from rnncalc.network.gradients import (
    Gradients,
    gradients_of,
    loss_with,
    traces_of,
    updated,
)
from rnncalc.network.losses import LOSSES, default_loss
from rnncalc.network.model import Network
from rnncalc.network.more_activations import WITHOUT_PARAMETERS, from_name
from rnncalc.network.objective import Objective, with_targets

SLOPED = [f.name for f in ACTIVATIONS.values() if f.slope]
STEPS = 5


def of(seed: int, *shape: int) -> Array:
    return np.random.default_rng(seed).uniform(-0.9, 0.9, shape)


def network(
    f: str = "tanh", g: str | None = "linear", D: int = 2, H: int = 3, K: int = 2
) -> Network:
    readout = None if g is None else Readout(of(4, K, H), of(5, K), g)
    return Network(Cell(of(1, H, D), of(2, H, H), of(3, H), f), readout)


def objective(
    net: Network, loss: str | None = None, reduction: str = "sum", at: Sequence[int] = (1, 2, 4)
) -> Objective:
    kind = LOSSES[loss] if loss else default_loss(net.readout.activation if net.readout else LINEAR)
    has = np.isin(np.arange(STEPS), at)
    target = np.abs(of(8, STEPS, net.output_size or net.hidden_size))
    if kind.name == "cross_entropy":
        target /= target.sum(axis=1, keepdims=True)
    target[~has] = np.nan
    return with_targets(target, kind, reduction)


def gradients(net: Network, goal: Objective, start: Array | None = None) -> Gradients:
    x, backward = of(9, STEPS, net.input_size), Backward(net, goal)
    return gradients_of(backward, traces_of(backward, net.start(start), x))


def targets_of(goal: Objective) -> list[list[float] | None]:
    rows = zip(goal.given["target"].tolist(), goal.given["counted"].tolist(), strict=True)
    return [row if counted else None for row, (counted,) in rows]


def assert_close(
    found: dict[str, Array], expected: dict[str, Array], tolerance: float = 1e-7
) -> None:
    assert found.keys() == expected.keys()
    largest = max(np.abs(each).max() for each in expected.values())
    for key, each in expected.items():
        assert np.abs(found[key] - each).max() <= tolerance * largest, key


def compare(net: Network, goal: Objective, f: str = "tanh", h0: Array | None = None) -> None:
    """Hold the gradients of one layer against differences of the loop."""
    h = np.zeros(net.hidden_size) if h0 is None else h0
    g = net.readout.activation.name if net.readout else None
    x, targets = of(9, STEPS, net.input_size).tolist(), targets_of(goal)
    assert goal.loss

    def loss(weights: dict[str, Array]) -> float:
        rows = plain.states(weights, f, weights["h0"].tolist(), x, "")
        assert goal.loss
        return plain.total(plain.outputs(weights, g, rows), targets, goal.loss.name, goal.reduction)

    weights = parameters(net.equations) | {"h0": h}
    found = gradients(net, goal, h)

    assert found.loss == pytest.approx(loss(weights), rel=1e-13)
    assert_close(found.by_key | {"h0": found.h0["h"]}, plain.differences(weights, loss))


@pytest.mark.parametrize("f", SLOPED)
def test_every_activation(f: str) -> None:
    net = network(f)

    compare(net, objective(net), f, of(6, 3))


@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("g", [*SLOPED, "softmax", None])
def test_every_output_by_the_usual_loss(g: str | None, reduction: str) -> None:
    net = network(g=g)

    compare(net, objective(net, reduction=reduction))


@pytest.mark.parametrize("loss", ["half_squared_error", "squared_error"])
@pytest.mark.parametrize("g", ["linear", "sigmoid", "softmax", None])
def test_squared_losses_of_any_output(g: str | None, loss: str) -> None:
    net = network(g=g)

    compare(net, objective(net, loss, "mean", (0, 3)))


@pytest.mark.parametrize("sizes", [(1, 1, 1), (3, 1, 2), (1, 4, 1)])
def test_other_sizes(sizes: tuple[int, int, int]) -> None:
    net = network("tanh", "linear", *sizes)

    compare(net, objective(net))


def stack(seed: int) -> tuple[Network, list[tuple[list[str], str]]]:
    """Return a random stack, and for each layer the suffixes of its cells and how they merge."""
    r = random.Random(seed)
    layers, sizes, size = [], [], 2
    for number in range(r.randint(1, 3)):
        forward, backward = r.choice([(True, True), (True, False), (False, True), (True, True)])
        H, merge = r.randint(1, 3), r.choice(MERGES)
        cells = [
            Cell(
                of(r.randrange(99), H, size),
                of(r.randrange(99), H, H),
                None,
                "tanh",
                of(1, H),
                of(2, H),
            )
            for _ in range(forward + backward)
        ]
        layers.append(Layer(cells[0] if forward else None, cells[-1] if backward else None, merge))
        directions = [""] * forward + ["_reverse"] * backward
        sizes.append(([f"_l{number}{d}" for d in directions], merge))
        size = layers[-1].output_size
    readout = Readout(of(4, 2, size), of(5, 2)) if r.random() < 0.7 else None
    net = Network(layers, readout)
    return net, sizes if net.is_stack else [([""], "concat")]


def merged(states: list[Array], merge: str) -> Array:
    if merge == "concat" or len(states) == 1:
        return np.hstack(states)
    combine = {"sum": np.add, "ave": np.add, "mul": np.multiply}[merge]
    return np.asarray(combine(*states) / (2 if merge == "ave" else 1))


@pytest.mark.parametrize("seed", range(24))
def test_stacks_in_both_directions(seed: int) -> None:
    net, layers = stack(seed)
    goal = objective(net)
    g = net.readout.activation.name if net.readout else None

    def loss(weights: dict[str, Array]) -> float:
        x = of(9, STEPS, 2)
        for suffixes, merge in layers:
            found: list[Array] = []
            for suffix in suffixes:
                order = slice(None, None, -1 if suffix.endswith("reverse") else 1)
                h = weights[f"h{suffix}"].tolist()
                found.append(
                    np.array(plain.states(weights, "tanh", h, x[order].tolist(), suffix))[order]
                )
            x = merged(found, merge)
        assert goal.loss
        return plain.total(plain.outputs(weights, g, x.tolist()), targets_of(goal), goal.loss.name)

    starts = {name: of(n, net.sizes[name]) for n, name in enumerate(net.states)}
    backward = Backward(net, goal)
    found = gradients_of(backward, traces_of(backward, starts, of(9, STEPS, 2)))
    expected = plain.differences(parameters(net.equations) | starts, loss)

    assert_close(found.by_key | found.h0, expected)


@pytest.mark.parametrize("seed", range(8))
def test_planned_and_stepped_runs_agree(seed: int) -> None:
    net, _ = stack(seed)
    backward, x = Backward(net, objective(net)), of(9, STEPS, 2)
    start = net.start()

    (trace,) = traces_of(backward, start, x)
    stepped, _ = follow(
        backward.equations, backward.start(start), {"x": x, **backward.objective.given}
    )

    for name, rows in stepped.items():
        assert np.abs(trace[name] - rows).max() <= 1e-14, name


def test_a_product_with_the_state_before_passes_back_what_it_was_multiplied_by_later() -> None:
    # h_t = z_t h_{t-1}, and L = h_3: so dL/dh_t is the product of the z after it
    gated = Combined("h", (Product(1.0, (("z", 0), ("h", -1))),), 1)
    ((lag, part),) = contributions([gated], "h", 1)
    sources = Product(1.0, (("of_L", 0),)), Product(1.0, (("dh_next", 0),))
    back = [replace(part, name="dh_next"), Combined("dh", sources, 1)]
    given = {"z": np.array([[2.0], [3.0], [5.0]]), "of_L": np.array([[0.0], [0.0], [1.0]])}

    found, _ = follow(back, {"dh": np.zeros(1), "z": np.zeros(1)}, given)

    assert (lag, found["dh"].ravel().tolist()) == (-1, [15.0, 5.0, 1.0])


def test_given_derivatives_take_the_place_of_a_loss() -> None:
    net = network(g="softmax")
    goal = objective(net, "half_squared_error")
    (trace,) = traces_of(backward := Backward(net, goal), net.start(), of(9, STEPS, 2))

    given = gradients(net, Objective({"dy": trace["dy"]}))

    assert given.loss is None
    assert_close(given.by_key, gradients_of(backward, [trace]).by_key, 0)


@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("g", ["softmax", "sigmoid"])
def test_the_derivative_by_the_output_gives_that_by_the_sum_below_it(
    g: str, reduction: str
) -> None:
    # through the Jacobian of the output, which the usual loss leaves out
    net = network(g=g)
    backward = Backward(net, objective(net, reduction=reduction), outputs=True)

    (trace,) = traces_of(backward, net.start(), of(9, STEPS, 2))

    for y, dy, do in zip(trace["y"], trace["dy"], trace["do"], strict=True):
        between = np.outer(y, y) if g == "softmax" else np.diag(y * y)
        assert (np.diag(y) - between) @ dy == pytest.approx(do, rel=1e-12, abs=1e-15)


def test_given_derivatives_of_the_states() -> None:
    net = network(g=None)
    goal = objective(net)
    (trace,) = traces_of(backward := Backward(net, goal), net.start(), of(9, STEPS, 2))

    given = gradients(net, Objective({"dh_output": trace["dh_output"]}))

    assert_close(given.by_key, gradients_of(backward, [trace]).by_key, 0)


def test_a_window_stops_the_gradient_but_not_the_state() -> None:
    net = network()
    goal, x = objective(net, at=range(STEPS)), of(9, STEPS, 2)
    backward = Backward(net, goal)
    whole = traces_of(backward, net.start(), x)[0]
    parts = traces_of(backward, net.start(), x, window=2)
    separate, state = [], net.start()
    for begin in (0, 2, 4):
        alone = Backward(net, Objective(goal.part(begin, begin + 2), goal.loss))
        (trace,) = traces_of(alone, state, x[begin : begin + 2])
        separate.append(gradients_of(alone, [trace]).by_key)
        state = {"h": trace["h"][-1]}

    assert [(part.first, len(part)) for part in parts] == [(1, 2), (3, 2), (5, 1)]
    assert np.array_equal(np.vstack([part["h"] for part in parts]), whole["h"])
    expected = {key: np.sum([each[key] for each in separate], axis=0) for key in separate[0]}
    assert_close(gradients_of(backward, parts).by_key, expected, 1e-14)


def test_step_has_no_useful_slope() -> None:
    net = network("step")

    with pytest.raises(InputError) as error:
        gradients(net, objective(net))

    assert str(error.value) == (
        "step is flat: its slope is 0 wherever it has one, so no gradient passes through it; "
        "sigmoid or hard_tanh are its usual substitutes"
    )


@pytest.mark.parametrize(
    ("f", "at", "slope"),
    [
        *(("relu", 0, 0), ("hard_tanh", 1, 0), ("hard_tanh", -1, 0), ("relu6", 6, 0)),
        *(("relu6", 0, 0), ("selu", 0, 1.7580993408473766)),  # 1.0507 × 1.6733, from the left
    ],
)
def test_the_slope_at_a_kink(f: str, at: float, slope: float) -> None:
    found = ACTIVATIONS[f].slope
    assert found

    assert found.formula(np.array([float(at)])).tolist() == [slope]


@pytest.mark.parametrize(
    ("f", "at", "value", "slope"),
    [  # those of PyTorch 2.13; clipped is hardtanh of another limit, affine is of ONNX
        ("leaky_relu(0.2)", 0, 0, 0.2),
        ("affine(2, 0.5)", 0, 0.5, 2),
        ("elu(0.5)", 0, 0, 0.5),
        ("celu(0.7)", 0, 0, 1),
        ("hard_sigmoid(0.16666666666666666, 0.5)", -3, 0, 0),
        ("hard_sigmoid(0.16666666666666666, 0.5)", 3, 1, 0),
        ("hard_silu(0.16666666666666666, 0.5)", -3, 0, 0),
        ("hard_silu(0.16666666666666666, 0.5)", 3, 3, 1),
        ("thresholded_relu(0.3)", 0.3, 0, 0),
        ("thresholded_relu(0.3)", -0.3, 0, 0),
        ("soft_shrink(0.2)", 0.2, 0, 0),
        ("soft_shrink(0.2)", -0.2, 0, 0),
        ("hard_shrink(0.2)", 0.2, 0, 0),
        ("hard_shrink(0.2)", -0.2, 0, 0),
        ("clipped(0.5, linear)", 0.5, 0.5, 0),
        ("clipped(0.5, linear)", -0.5, -0.5, 0),
    ],
)
def test_a_function_that_files_name_and_its_slope_at_a_kink(
    f: str, at: float, value: float, slope: float
) -> None:
    found = from_name(f)
    assert found
    assert found.slope
    h = found(np.array([float(at)]))

    derived = found.slope.formula(h if found.slope.of_value else np.array([float(at)]))

    assert (h.tolist(), derived.tolist()) == ([value], [slope])


def test_clipping_is_by_value() -> None:
    net = network()
    backward = Backward(net, objective(net))
    traces = traces_of(backward, net.start(), of(9, STEPS, 2))
    plainly = gradients_of(backward, traces).by_key

    clipped = gradients_of(backward, traces, clip=0.25).by_key

    assert any(np.abs(each).max() > 0.25 for each in plainly.values())
    assert all(np.array_equal(clipped[k], np.clip(v, -0.25, 0.25)) for k, v in plainly.items())


def test_by_hand_every_part_is_rounded_before_it_is_added() -> None:
    # f linear: h = 0.33, 0.6567 ~ 0.66; the target is missed by 0.66 and so on
    net = Network(Cell([[0.33]], [[0.99]], None, "linear"), Readout([[1.0]]))
    goal = with_targets(np.array([[np.nan], [0.0]]), LOSSES["half_squared_error"])
    backward = Backward(net, goal, on_paper=True, by_step=("wxh", "whh", "why"))

    traces = traces_of(backward, net.start(), np.array([[1.0], [1.0]]), decimals=2)
    found = gradients_of(backward, traces, decimals=2)

    # 0.33 x 0.99 = 0.3267 and 0.33: 0.6567 ~ 0.66; 0.66 x 0.99 = 0.6534 ~ 0.65; 0.66 x 0.33 ~ 0.22
    assert traces[0]["h"].tolist() == [[0.33], [0.66]]
    assert traces[0]["dh"].tolist() == [[0.65], [0.66]]
    assert found.by_key == {"wxh": [[1.31]], "whh": [[0.22]], "why": [[0.44]]}
    assert found.loss == 0.22


def test_a_step_of_gradient_descent() -> None:
    net = network(g="softmax")
    goal, x = objective(net), of(9, STEPS, 2)
    backward, start, weights = Backward(net, goal), net.start(), parameters(net.equations)
    found = gradients(net, goal)

    new = updated(found, weights, 0.1, None)

    assert_close(new, {key: weights[key] - 0.1 * found.by_key[key] for key in weights}, 0)
    rows = plain.states(new, "tanh", [0.0] * 3, x.tolist(), "")
    after = plain.total(plain.outputs(new, "softmax", rows), targets_of(goal), "cross_entropy")
    assert loss_with(backward, new, start, x, None) == pytest.approx(after, rel=1e-13)


@pytest.mark.parametrize("logit", [-800.0, 800.0])
def test_a_certain_output_has_a_finite_loss(logit: float) -> None:
    net = Network(Cell([[1.0]], [[0.0]], None, "linear"), Readout([[1.0]], None, "sigmoid"))
    goal = with_targets(np.array([[float(logit < 0)]]), LOSSES["binary_cross_entropy"])
    backward = Backward(net, goal)

    found = gradients_of(backward, traces_of(backward, net.start(), np.array([[logit]])))

    assert found.loss == 800.0


NAMED = [
    *("leaky_relu(0.2)", "elu(0.5)", "celu(0.7)", "hard_sigmoid(0.2, 0.5)", "affine(2, 0.5)"),
    *("hard_silu(0.166, 0.5)", "scaled_tanh(1.7, 0.6)", "thresholded_relu(0.3)"),
    *("soft_shrink(0.2)", "hard_shrink(0.2)", "squareplus(4)", "clipped(0.5, tanh)"),
    *(name for name in WITHOUT_PARAMETERS if name != "log(softmax)"),
]


@pytest.mark.parametrize("name", NAMED)
def test_the_slopes_of_functions_that_files_name_are_those_of_differences(name: str) -> None:
    f, step = activation_named(name, "activation"), 1e-5
    a = np.array([-2.9, -1.3, -0.45, -0.1, 0.05, 0.35, 0.8, 1.9, 2.7])
    assert f.name == name
    assert f.slope

    found = f.slope.formula(f(a) if f.slope.of_value else a)

    near, far = f(a + step) - f(a - step), f(a + 2 * step) - f(a - 2 * step)
    assert np.abs(found - (8 * near - far) / (12 * step)).max() < 1e-9


@pytest.mark.parametrize("seed", range(10))
def test_a_readout_that_answers_once_reads_the_end_of_each_direction(seed: int) -> None:
    plainly, layers = stack(seed)
    readout = Readout(of(4, 2, plainly.hidden_size), of(5, 2))
    net = Network(plainly.layers, readout, final=True)
    goal = objective(net, at=(STEPS - 1,))

    def loss(weights: dict[str, Array]) -> float:
        x = of(9, STEPS, 2)
        for suffixes, merge in layers:
            found, ends = [], []
            for suffix in suffixes:
                order = slice(None, None, -1 if suffix.endswith("reverse") else 1)
                h = [0.0] * len(weights[f"whh{suffix}"])
                rows = np.array(plain.states(weights, "tanh", h, x[order].tolist(), suffix))
                found.append(rows[order])
                ends.append(rows[-1:])
            x, end = merged(found, merge), merged(ends, merge)
        assert goal.loss
        y = plain.outputs(weights, "softmax", end.tolist())
        return plain.total(y, targets_of(goal)[-1:], goal.loss.name)

    weights = parameters(Backward(net, goal).forward)
    found = gradients(net, goal)

    assert found.loss == pytest.approx(loss(weights), rel=1e-13)
    assert_close(found.by_key, plain.differences(weights, loss))
