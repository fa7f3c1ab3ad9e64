"""What PyTorch, Keras and ONNX write is read as they calculate it; what is missing is skipped."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from plain_stack import Rows, run
from rnncalc.reading.weights.choosing import Asked
from rnncalc.reading.weights.files import read
from rnncalc.reading.weights.opened import describe

X = np.random.default_rng(5).normal(size=(9, 3))
T, D, H, K = 9, 3, 4, 2

# the sources and licences of these are their frameworks'; every weight is random


def described_run(path: Path, x: Rows = X, **asked: str) -> dict[str, Rows]:
    return run(describe(read(str(path)), Asked(**asked)), x)  # type: ignore[arg-type]


def far(given: Rows, right: Any) -> float:
    return float(np.abs(given - np.asarray(right)).max())


# PyTorch


@pytest.fixture
def torch() -> Any:
    torch = pytest.importorskip("torch")
    torch.manual_seed(3)
    return torch


def ran(torch: Any, rnn: Any) -> Rows:
    with torch.no_grad():
        y, _ = rnn.double()(torch.tensor(X))
    found: Rows = y.numpy()
    return found


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
@pytest.mark.parametrize("bias", [False, True])
def test_every_rnn_of_pytorch(
    torch: Any, tmp_path: Path, layers: int, bidirectional: bool, nonlinearity: str, bias: bool
) -> None:
    rnn = torch.nn.RNN(D, H, layers, nonlinearity, bias, bidirectional=bidirectional)
    torch.save(rnn.state_dict(), tmp_path / "rnn.pth")
    given = described_run(tmp_path / "rnn.pth", activation=nonlinearity)

    assert far(given["h"], ran(torch, rnn)) <= 1e-15


class Net:
    """Made into a module in the test: a class that only its author has."""


def net(torch: Any) -> Any:
    class Classifier(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.rnn = torch.nn.RNN(D, H, 2, nonlinearity="relu")
            self.fc = torch.nn.Linear(H, K)

        def forward(self, x: Any) -> Any:
            return self.fc(self.rnn(x)[0])

    Classifier.__qualname__ = Classifier.__name__ = "Net"
    globals()["Net"] = Classifier
    return Classifier().double()


def saved(torch: Any, whole: object, path: Path, **options: object) -> Path:
    torch.save(whole, path, **options)
    return path


@pytest.mark.parametrize(
    "form", ["state_dict", "legacy", "checkpoint", "module", "legacy_module", "wrapped", "float32"]
)
def test_every_form_that_pytorch_saves(torch: Any, tmp_path: Path, form: str) -> None:
    model = net(torch)
    with torch.no_grad():
        right = model(torch.tensor(X)).numpy()
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.tensor(X)).sum().backward()
    optimizer.step()
    with torch.no_grad():
        right = model(torch.tensor(X)).numpy()
    old = {"_use_new_zipfile_serialization": False}
    whole, options = {
        "state_dict": (model.state_dict(), {}),
        "legacy": (model.state_dict(), old),
        "checkpoint": (
            {
                "epoch": 3,
                "model_state_dict": model.state_dict(),
                "optimizer": optimizer.state_dict(),
            },
            {},
        ),
        "module": (model, {}),
        "legacy_module": (model, old),
        "wrapped": ({f"module.{key}": value for key, value in model.state_dict().items()}, {}),
        "float32": ({key: value.float() for key, value in model.state_dict().items()}, {}),
    }[form]
    given = described_run(saved(torch, whole, tmp_path / "any.name", **options), activation="relu")

    assert far(given["y"], right) <= (1e-6 if form == "float32" else 1e-15)


def test_a_module_says_its_activation(torch: Any, tmp_path: Path) -> None:
    model = net(torch)
    path = saved(torch, model, tmp_path / "model.pt")
    found = describe(read(str(path)), Asked())

    assert [layer.forward.activation.name for layer in found.layers if layer.forward] == [
        "relu",
        "relu",
    ]
    assert not any("assumed" in note for note in found.notes)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_widened_exactly(torch: Any, tmp_path: Path, dtype: str) -> None:
    rnn = torch.nn.RNN(D, H).to(getattr(torch, dtype))
    path = saved(torch, rnn.state_dict(), tmp_path / "rnn.pt")

    assert far(described_run(path)["h"], ran(torch, rnn)) <= 1e-15


def turned(tensor: Any) -> Any:
    return tensor.T if tensor.ndim == 2 else tensor


def test_tensors_that_share_a_storage_are_views_with_offsets_and_strides(
    torch: Any, tmp_path: Path
) -> None:
    rnn = torch.nn.RNN(D, H).double()
    flat = torch.cat([turned(p.detach()).flatten() for p in rnn.parameters()])
    views, at = {}, 0
    for name, parameter in rnn.state_dict().items():
        view = flat[at : at + parameter.numel()].view(turned(parameter).shape)
        views[name], at = turned(view), at + parameter.numel()
    path = saved(torch, views, tmp_path / "rnn.pt")

    assert far(described_run(path)["h"], ran(torch, rnn)) <= 1e-15


def test_an_rnn_cell(torch: Any, tmp_path: Path) -> None:
    cell = torch.nn.RNNCell(D, H).double()
    path = saved(
        torch, {f"cell.{k}": v for k, v in cell.state_dict().items()}, tmp_path / "cell.pt"
    )
    h, right = torch.zeros(H).double(), []
    with torch.no_grad():
        for x in torch.tensor(X):
            h = cell(x, h)
            right.append(h.tolist())

    assert far(described_run(path)["h"], right) <= 1e-15


def test_safetensors(torch: Any, tmp_path: Path) -> None:
    library = pytest.importorskip("safetensors.torch")
    rnn = torch.nn.RNN(D, H, 2, bidirectional=True).double()
    library.save_file(rnn.state_dict(), tmp_path / "rnn.st", {"format": "pt"})

    assert far(described_run(tmp_path / "rnn.st")["h"], ran(torch, rnn)) <= 1e-15


@pytest.mark.filterwarnings("ignore")
def test_torchscript_is_refused(torch: Any, tmp_path: Path) -> None:
    scripted = torch.jit.trace(torch.nn.RNN(D, H), torch.zeros(T, D))
    torch.jit.save(scripted, tmp_path / "rnn.pt")
    with pytest.raises(
        ValueError, match=r"rnn.pt is TorchScript, a program with its weights, which is not run"
    ):
        read(str(tmp_path / "rnn.pt"))


# Keras


KERAS = [
    "tanh", "relu", "sigmoid", "linear", "softplus", "softsign", "elu", "selu", "relu6", "hard_tanh", "hard_sigmoid", "leaky_relu",
    "exponential", "silu", "gelu", "mish", "log_sigmoid", "hard_silu", "celu", "tanh_shrink", "soft_shrink", "hard_shrink", "squareplus",
]  # fmt: skip


SHORT = {"exponential": X[:2]}  # soon beyond every float


def of_keras(keras: Any, path: Path, *layers: Any, x: Rows = X) -> tuple[dict[str, Rows], Rows]:
    """Return what we calculate, and what Keras does, of a model with random biases."""
    model = keras.Sequential([keras.Input(x.shape), *layers])
    random = np.random.default_rng(1)
    model.set_weights([w + random.normal(size=w.shape) * 0.1 for w in model.get_weights()])
    model.save(path)
    return described_run(path, x), answer(keras, model, x.astype("float32"))


def answer(keras: Any, model: Any, x: Any) -> Rows:
    """Return what Keras calculates, whichever backend it has."""
    found: Rows = keras.ops.convert_to_numpy(model(x[None]))[0]
    return found


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("activation", KERAS)
def test_every_activation_of_keras(keras: Any, tmp_path: Path, activation: str) -> None:
    given, right = of_keras(
        keras,
        tmp_path / "m.keras",
        keras.layers.SimpleRNN(H, activation=activation, return_sequences=True),
        keras.layers.Dense(K, activation),
        x=SHORT.get(activation, X),
    )

    assert far(given["y"], right) <= 1e-5 * max(1, float(np.abs(right).max()))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("activation", ["softmax", "log_softmax"])
def test_every_output_activation_of_keras(keras: Any, tmp_path: Path, activation: str) -> None:
    given, right = of_keras(
        keras,
        tmp_path / "m.keras",
        keras.layers.SimpleRNN(H, return_sequences=True),
        keras.layers.Dense(K, activation),
    )

    assert far(given["y"], right) <= 2e-6


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("merge", ["concat", "sum", "mul", "ave"])
@pytest.mark.parametrize("sequences", [False, True])
@pytest.mark.parametrize("name", ["m.keras", "m.h5"])
def test_both_directions_of_keras(
    keras: Any, tmp_path: Path, merge: str, sequences: bool, name: str
) -> None:
    rnn = keras.layers.SimpleRNN(H, return_sequences=sequences)
    layers = [
        keras.layers.Bidirectional(keras.layers.SimpleRNN(5, return_sequences=True)),
        keras.layers.Bidirectional(rnn, merge_mode=merge),
    ]
    given, right = of_keras(keras, tmp_path / name, *layers, keras.layers.Dense(K, "softmax"))

    assert far(given["y"] if sequences else given["y"][0], right) <= 2e-6


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("sequences", [False, True])
@pytest.mark.parametrize("name", ["m.keras", "m.h5"])
def test_layers_that_read_backwards(keras: Any, tmp_path: Path, sequences: bool, name: str) -> None:
    """Keras gives such a sequence in reversed order, and the next layer reads it as it comes."""
    first = keras.layers.SimpleRNN(5, return_sequences=True, go_backwards=True)
    second = keras.layers.SimpleRNN(H, return_sequences=sequences)
    given, right = of_keras(keras, tmp_path / name, first, second, keras.layers.Dense(K))

    assert far(given["y"][::-1] if sequences else given["y"][0], right) <= 2e-6


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["m.keras", "m.h5"])
def test_layers_around_the_rnn(keras: Any, tmp_path: Path, name: str) -> None:
    layers = keras.layers
    before = [
        layers.Dense(4, "relu", name="in_1"),
        layers.Dropout(0.5),
        layers.TimeDistributed(layers.Dense(3, "tanh")),
    ]
    after = [
        layers.Dropout(0.2),
        layers.Dense(5, name="mid"),
        layers.Activation("relu"),
        layers.Dense(K, "softmax", name="out"),
    ]
    given, right = of_keras(
        keras,
        tmp_path / name,
        *before,
        layers.SimpleRNN(H, return_sequences=True, use_bias=False),
        layers.SimpleRNN(H),
        *after,
    )

    assert far(given["y"][0], right) <= 2e-6
    assert set(given) == {"h_l0", "h_l1", "h", "y_mid", "y_out", "y"}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["m.keras", "m.h5"])
def test_a_mask_of_an_embedding_is_said_and_is_no_branch(
    keras: Any, tmp_path: Path, name: str
) -> None:
    """Keras passes over a masked step, so that the sequence without it gives the same."""
    given_ids = keras.Input((5,), dtype="int32")
    h = keras.layers.Embedding(7, D, mask_zero=True, name="words")(given_ids)
    model = keras.Model(given_ids, keras.layers.Dense(K)(keras.layers.SimpleRNN(H)(h)))
    model.save(tmp_path / name)
    found = describe(read(str(tmp_path / name)), Asked())
    assert found.embedding is not None
    assert any(note.startswith("words masks symbol 0") for note in found.notes)

    right = answer(keras, model, np.array([3, 0, 6, 0, 1]))
    assert far(run(found, found.embedding[[3, 6, 1]])["y"][0], right) <= 2e-6


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["m.keras", "m.h5"])
def test_an_embedding_and_the_functional_interface(keras: Any, tmp_path: Path, name: str) -> None:
    ids = np.array([3, 0, 6, 6, 1])
    given_ids = keras.Input((5,))
    h = keras.layers.Embedding(7, D)(given_ids)
    h = keras.layers.SimpleRNN(H, return_sequences=True)(h)
    model = keras.Model(given_ids, keras.layers.Dense(K)(h))
    model.save(tmp_path / name)
    found = describe(read(str(tmp_path / name)), Asked())
    assert found.embedding is not None

    assert far(run(found, found.embedding[ids])["y"], answer(keras, model, ids)) <= 2e-6


@pytest.mark.filterwarnings("ignore")
def test_a_branch_and_a_convolution_are_refused(keras: Any, tmp_path: Path) -> None:
    layers, x = keras.layers, keras.Input((T, D))
    h = layers.SimpleRNN(H, return_sequences=True, name="first")(x)
    keras.Model(x, layers.Add(name="add")([layers.Dense(H)(h), layers.Dense(H)(h)])).save(
        tmp_path / "branch.keras"
    )
    keras.Sequential([x, layers.SimpleRNN(H), layers.BatchNormalization(name="norm")]).save(
        tmp_path / "norm.keras"
    )
    keras.Sequential([x, layers.Conv1D(3, 2, name="conv"), layers.SimpleRNN(H)]).save(
        tmp_path / "conv.keras"
    )
    for name, message in (
        ("branch", "has a branch before add, which is not calculated"),
        ("conv", "conv is a Conv1D, which is not calculated$"),
        ("norm", "norm is a BatchNormalization, which is not calculated; --head none shows the"),
    ):
        with pytest.raises(ValueError, match=message):
            describe(read(str(tmp_path / f"{name}.keras")), Asked())


@pytest.mark.filterwarnings("ignore")
def test_weights_alone_need_what_they_do_not_say(keras: Any, tmp_path: Path) -> None:
    model = keras.Sequential(
        [
            keras.Input((T, D)),
            keras.layers.SimpleRNN(H, "relu", return_sequences=True),
            keras.layers.Dense(K),
        ]
    )
    model.save_weights(tmp_path / "m.weights.h5")
    given = described_run(tmp_path / "m.weights.h5", activation="relu")

    assert far(given["y"], answer(keras, model, X)) <= 2e-6
    with pytest.raises(
        ValueError,
        match=r"has weights but no configuration; give the .keras or .h5 of the whole model, or --activation and --rnn",
    ):
        described_run(tmp_path / "m.weights.h5")


# ONNX


@pytest.fixture
def runtime() -> Any:
    pytest.importorskip("onnx")
    return pytest.importorskip("onnxruntime")


def session(runtime: Any, path: Path, x: Rows) -> list[Rows]:
    found = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    outputs: list[Rows] = found.run(None, {found.get_inputs()[0].name: x.astype("float32")})
    return outputs


def taken(torch: Any, of: str, y: Any, h: Any) -> Any:
    """Return what a readout reads: every step, the last step, or the last states."""
    if of == "both_states":
        return torch.cat((h[-2], h[-1]), 1)
    return {"every": y, "last_step": y[:, -1, :], "last_state": h[-1]}[of]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("takes", "both"),
    [
        ("every", False),
        ("every", True),
        ("last_step", False),
        ("last_step", True),
        ("last_state", False),
        ("both_states", True),
    ],
)
@pytest.mark.parametrize("layers", [1, 2])
def test_what_pytorch_exports(
    torch: Any, runtime: Any, tmp_path: Path, layers: int, both: bool, takes: str
) -> None:
    class Exported(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.rnn = torch.nn.RNN(D, H, layers, bidirectional=both, batch_first=True)
            self.fc = torch.nn.Linear(2 * H if both else H, 5)
            self.out = torch.nn.Linear(5, K)

        def forward(self, x: Any) -> Any:
            read = taken(torch, takes, *self.rnn(x))
            return torch.softmax(self.out(torch.relu(self.fc(read))), -1)

    path = tmp_path / "m.onnx"
    torch.onnx.export(Exported(), (torch.zeros(1, T, D),), path, dynamo=False)
    (right,) = session(runtime, path, X[None])
    given = described_run(path)["y"]

    assert far(given if takes == "every" else given[-1], right[0]) <= 2e-6


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("dynamic", [False, True])
@pytest.mark.parametrize("given", ["zeros", "constant", "learned", "input"])
def test_the_start_that_pytorch_exports(
    torch: Any, runtime: Any, tmp_path: Path, given: str, dynamic: bool
) -> None:
    class Exported(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.rnn = torch.nn.RNN(D, H, 2, bidirectional=True)
            self.h0 = torch.nn.Parameter(torch.randn(4, 1, H))

        def forward(self, x: Any, h0: Any = None) -> Any:
            batch = x.shape[1]
            if given == "zeros":
                h0 = torch.zeros(4, batch, H)
            elif given == "constant":
                h0 = torch.full((4, batch, H), 0.3)
            elif given == "learned":
                h0 = self.h0.expand(-1, batch, -1).contiguous()
            return self.rnn(x, h0)[0]

    path, inputs = tmp_path / "m.onnx", [torch.tensor(X, dtype=torch.float32)[:, None]]
    if given == "input":
        inputs.append(torch.zeros(4, 1, H))
    names = ["x", "h0"][: len(inputs)]
    axes = {"x": {0: "steps", 1: "batch"}} if dynamic else None
    torch.onnx.export(
        Exported(), tuple(inputs), path, dynamo=False, input_names=names, dynamic_axes=axes
    )
    session = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (right,) = session.run(None, dict(zip(names, (each.numpy() for each in inputs), strict=True)))
    found = describe(read(str(path)), Asked())

    assert far(run(found, X)["h"], right[:, 0]) <= 2e-6
    assert any("h0 is 0 unless --h0 gives it" in note for note in found.notes) == (given == "input")


ONNX = [
    ("Tanh", {}), ("Relu", {}), ("Sigmoid", {}), ("Softsign", {}), ("Softplus", {}), ("Affine", {"activation_alpha": [0.5], "activation_beta": [0.1]}),
    ("LeakyRelu", {"activation_alpha": [0.2]}), ("LeakyRelu", {}), ("ThresholdedRelu", {"activation_alpha": [0.3]}), ("HardSigmoid", {}),
    ("HardSigmoid", {"activation_alpha": [0.3], "activation_beta": [0.4]}), ("Elu", {"activation_alpha": [0.5]}), ("Elu", {}),
    ("ScaledTanh", {"activation_alpha": [1.5], "activation_beta": [0.5]}),
]  # fmt: skip


@pytest.mark.parametrize(("activation", "attributes"), ONNX)
@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
@pytest.mark.parametrize("clip", [0.0, 0.4])
def test_every_activation_of_onnx(
    runtime: Any,
    tmp_path: Path,
    activation: str,
    attributes: dict[str, Any],
    direction: str,
    clip: float,
) -> None:
    import onnx

    dirs, random = 1 + (direction == "bidirectional"), np.random.default_rng(2)
    weights = {"W": (dirs, H, D), "R": (dirs, H, H), "B": (dirs, 2 * H), "H0": (dirs, 1, H)}
    given = [
        onnx.numpy_helper.from_array(random.normal(size=s).astype("float32") * 0.4, n)
        for n, s in weights.items()
    ]
    doubled = {key: value * dirs for key, value in attributes.items()} | (
        {"clip": clip} if clip else {}
    )
    node = onnx.helper.make_node(
        "RNN",
        ["X", "W", "R", "B", "", "H0"],
        ["Y", "Y_h"],
        "cell",
        hidden_size=H,
        direction=direction,
        activations=[activation] * dirs,
        **doubled,
    )
    value = onnx.helper.make_tensor_value_info
    outs = [value("Y", 1, [T, dirs, 1, H]), value("Y_h", 1, [dirs, 1, H])]
    graph = onnx.helper.make_graph([node], "g", [value("X", 1, [T, 1, D])], outs, given)
    model = onnx.helper.make_model(
        graph, opset_imports=[onnx.helper.make_opsetid("", 14)], ir_version=8
    )
    onnx.save(model, tmp_path / "m.onnx")
    Y, _ = session(runtime, tmp_path / "m.onnx", X[:, None])
    ours = described_run(tmp_path / "m.onnx")
    names = {
        "forward": ["h_l0"],
        "reverse": ["h_l0_reverse"],
        "bidirectional": ["h_l0", "h_l0_reverse"],
    }

    for n, name in enumerate(names[direction]):
        assert far(ours[name], Y[:, n, 0]) <= 2e-6


def test_a_cast_of_bfloat16_is_of_its_numbers(tmp_path: Path) -> None:
    """1.5 is 0x3fc0 in bfloat16, and no 16320."""
    onnx = pytest.importorskip("onnx")
    halves = onnx.helper.make_tensor(
        "halves", onnx.TensorProto.BFLOAT16, [1, H, D], b"\xc0\x3f" * (H * D), raw=True
    )
    square = onnx.numpy_helper.from_array(np.zeros((1, H, H), "f4"), "R")
    cast = onnx.helper.make_node("Cast", ["halves"], ["W"], to=onnx.TensorProto.FLOAT)
    rnn = onnx.helper.make_node("RNN", ["X", "W", "R"], ["Y"], "rnn", hidden_size=H)
    value = onnx.helper.make_tensor_value_info
    given, out = value("X", 1, [T, 1, D]), value("Y", 1, [T, 1, 1, H])
    graph = onnx.helper.make_graph([cast, rnn], "g", [given], [out], [halves, square])
    onnx.save(onnx.helper.make_model(graph), tmp_path / "m.onnx")
    (layer,) = describe(read(str(tmp_path / "m.onnx")), Asked()).layers

    assert layer.cells[0].W_xh.tolist() == [[1.5] * D] * H


@pytest.mark.filterwarnings("ignore")
def test_an_unrolled_graph_is_refused(torch: Any, runtime: Any, tmp_path: Path) -> None:
    del runtime

    class Loop(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.cell = torch.nn.RNNCell(D, H)

        def forward(self, x: Any) -> Any:
            h = torch.zeros(1, H)
            for t in range(4):
                h = self.cell(x[t], h)
            return h

    torch.onnx.export(Loop(), (torch.zeros(4, 1, D),), tmp_path / "m.onnx", dynamo=False)
    with pytest.raises(
        ValueError,
        match=r"has no RNN node, but .*Tanh 4 times.*: unrolled by the exporter; export with dynamo=False, or give the state_dict",
    ):
        described_run(tmp_path / "m.onnx")
