"""PyTorch, Keras and ONNX agree, in float64 to 1e-12, where the recurrence contracts.

A chaotic one amplifies the order of additions, which is an error of nobody's. What is missing is skipped.
"""

import json
from typing import Any

import numpy as np
import pytest

from calling import rnncalc
from rnncalc import ACTIVATIONS, Cell, Network, Readout, forward
from rnncalc.network.backward import Backward
from rnncalc.network.cells import Layer
from rnncalc.network.gradients import gradients_of, traces_of
from rnncalc.network.losses import LOSSES
from rnncalc.network.objective import with_targets

RANDOM = np.random.default_rng(20)
D, H, K, T = 5, 16, 4, 100
W_XH, B_H = RANDOM.normal(size=(H, D)), RANDOM.normal(size=H)
W_HH = RANDOM.normal(size=(H, H))
W_HH *= 0.9 / np.linalg.norm(W_HH, 2)  # contracts: no direction grows
W_HY, B_Y = RANDOM.normal(size=(K, H)), RANDOM.normal(size=K)
H0, X = RANDOM.uniform(-1, 1, size=H), RANDOM.normal(size=(T, D))


def ours(activation: str) -> tuple[list[list[float]], list[list[float]]]:
    network = Network(Cell(W_XH, W_HH, B_H, ACTIVATIONS[activation]), Readout(W_HY, B_Y))
    trace = forward(network, H0, X)
    assert trace.y is not None
    return trace.h.tolist(), trace.y.tolist()


def agree(activation: str, h: object, y: object) -> None:
    for given, right in zip(ours(activation), (h, y), strict=True):
        assert np.abs(np.array(given) - np.array(right)).max() <= 1e-12


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_pytorch_agrees(activation: str) -> None:
    torch = pytest.importorskip("torch")
    rnn = torch.nn.RNN(D, H, nonlinearity=activation, batch_first=True).double()
    linear = torch.nn.Linear(H, K).double()
    half = RANDOM.normal(size=H)  # two biases, whose sum is ours
    with torch.no_grad():
        rnn.weight_ih_l0.copy_(torch.tensor(W_XH))
        rnn.weight_hh_l0.copy_(torch.tensor(W_HH))
        rnn.bias_ih_l0.copy_(torch.tensor(half))
        rnn.bias_hh_l0.copy_(torch.tensor(B_H - half))
        linear.weight.copy_(torch.tensor(W_HY))
        linear.bias.copy_(torch.tensor(B_Y))
        h, _ = rnn(torch.tensor(X)[None], torch.tensor(H0)[None, None])
        y = torch.softmax(linear(h), -1)

    agree(activation, h[0].tolist(), y[0].tolist())


@pytest.mark.filterwarnings("ignore")  # Keras's own
@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid", "softsign"])
def test_keras_agrees(keras: Any, activation: str) -> None:
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    if keras.backend.result_type("float64", "float64") != "float64":
        pytest.skip("this Keras multiplies in float32, whatever it is told")
    rnn = keras.layers.SimpleRNN(H, activation=activation, return_sequences=True)
    dense = keras.layers.Dense(K, activation="softmax")
    rnn.build((1, T, D))
    dense.build((1, T, H))
    rnn.set_weights([W_XH.T, W_HH.T, B_H])  # kernels are transposed there
    dense.set_weights([W_HY.T, B_Y])
    h = rnn(
        keras.ops.convert_to_tensor(X[None], "float64"),
        initial_state=keras.ops.convert_to_tensor(H0[None], "float64"),
    )

    agree(activation, keras.ops.convert_to_numpy(h)[0], keras.ops.convert_to_numpy(dense(h))[0])


def test_onnx_agrees() -> None:
    onnx = pytest.importorskip("onnx")
    reference = pytest.importorskip("onnx.reference")
    node = onnx.helper.make_node("RNN", ["X", "W", "R", "B", "", "h0"], ["Y", ""], hidden_size=H)
    float64 = onnx.TensorProto.DOUBLE
    values = {
        "X": X[:, None],
        "W": W_XH[None],
        "R": W_HH[None],
        "B": np.concatenate([B_H / 2, B_H / 2])[None],
        "h0": H0[None, None],
    }
    inputs = [onnx.helper.make_tensor_value_info(n, float64, v.shape) for n, v in values.items()]
    output = onnx.helper.make_tensor_value_info("Y", float64, (T, 1, 1, H))
    graph = onnx.helper.make_graph([node], "rnn", inputs, [output])
    (h,) = reference.ReferenceEvaluator(onnx.helper.make_model(graph)).run(None, values)

    assert np.abs(h[:, 0, 0] - np.array(ours("tanh")[0])).max() <= 1e-12


def test_the_command_line_gives_the_same_as_the_library() -> None:
    flags = {"wxh": W_XH, "whh": W_HH, "bh": B_H, "why": W_HY, "by": B_Y, "h0": H0, "x": X}
    words = [
        word for key, value in flags.items() for word in (f"--{key}", json.dumps(value.tolist()))
    ]

    steps = json.loads(rnncalc("run", *words, "-f", "json").out)["steps"]

    assert [s["h"] for s in steps] == ours("tanh")[0]
    assert [s["y"] for s in steps] == ours("tanh")[1]


@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("layers", [1, 3])
def test_the_gradients_are_those_of_pytorchs_autograd(
    layers: int, bidirectional: bool, reduction: str
) -> None:
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    rnn = torch.nn.RNN(D, 4, layers, bidirectional=bidirectional).double()
    linear = torch.nn.Linear(8 if bidirectional else 4, K).double()
    given, classes = torch.from_numpy(X), torch.arange(T) % K
    loss = torch.nn.functional.cross_entropy(linear(rnn(given)[0]), classes, reduction=reduction)
    loss.backward()

    def cell(suffix: str) -> Cell:
        names = (f"weight_ih{suffix}", f"weight_hh{suffix}", f"bias_ih{suffix}", f"bias_hh{suffix}")
        W, R, b, c = (getattr(rnn, name).detach().numpy() for name in names)
        return Cell(W, R, None, "tanh", b, c)

    of = [
        Layer(cell(f"_l{n}"), cell(f"_l{n}_reverse") if bidirectional else None)
        for n in range(layers)
    ]
    readout = Readout(linear.weight.detach().numpy(), linear.bias.detach().numpy())
    network = Network(of, readout)
    goal = with_targets(np.eye(K)[classes.numpy()], LOSSES["cross_entropy"], reduction)
    backward = Backward(network, goal)

    found = gradients_of(backward, traces_of(backward, network.start(), X))

    assert found.loss == pytest.approx(loss.item(), rel=1e-12)
    keys = {"wxh": "weight_ih", "whh": "weight_hh", "bxh": "bias_ih", "bhh": "bias_hh"}
    for key, ours in found.by_key.items():
        if key in ("why", "by"):
            right = linear.weight.grad if key == "why" else linear.bias.grad
        else:
            stem, _, suffix = key.partition("_")
            right = getattr(rnn, f"{keys[stem]}_{suffix or 'l0'}").grad
        assert np.abs(ours - right.numpy()).max() <= 1e-12, key
