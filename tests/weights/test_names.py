"""Names and configurations -> networks, in files made without the frameworks."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from plain_loop import F
from plain_stack import run
from rnncalc import ACTIVATIONS
from rnncalc.network.activation_names import activation_named
from rnncalc.network.more_activations import from_name
from rnncalc.reading.weights.choosing import Asked
from rnncalc.reading.weights.files import read
from rnncalc.reading.weights.opened import Found, describe, open_weights
from weight_files import (
    Called,
    Storage,
    View,
    keras_h5,
    legacy,
    npz,
    pytorch,
    safetensors,
    state_dict,
)

RANDOM = np.random.default_rng(8)
D, H, K = 3, 4, 2
X = RANDOM.normal(size=(5, D))


def random(*shape: int) -> NDArray[Any]:
    return RANDOM.normal(size=shape).astype(np.float32)


W_IH, W_HH, B_IH, B_HH, FC, FC_B = (
    random(H, D),
    random(H, H),
    random(H),
    random(H),
    random(K, H),
    random(K),
)
RNN = {"weight_ih_l0": W_IH, "weight_hh_l0": W_HH, "bias_ih_l0": B_IH, "bias_hh_l0": B_HH}
HEAD = {"fc.weight": FC, "fc.bias": FC_B}


def prefixed(prefix: str) -> dict[str, NDArray[Any]]:
    return {prefix + name: array for name, array in RNN.items()}


def by_hand(f: str = "tanh") -> tuple[NDArray[Any], NDArray[Any]]:
    h, found = np.zeros(H), []
    for x in X:
        a = (
            W_IH.astype(float) @ x
            + W_HH.astype(float) @ h
            + B_IH.astype(float)
            + B_HH.astype(float)
        )
        h = np.array([F[f](float(each)) for each in a])
        found.append(h)
    return np.array(found), np.array(found) @ FC.astype(float).T + FC_B.astype(float)


def opened(data: bytes, tmp_path: Path, **asked: Any) -> Found:
    (tmp_path / "m.bin").write_bytes(data)
    return open_weights(str(tmp_path / "m.bin"), **asked)


def calculated(data: bytes, tmp_path: Path, **asked: Any) -> dict[str, NDArray[Any]]:
    (tmp_path / "m.bin").write_bytes(data)
    return run(describe(read(str(tmp_path / "m.bin")), Asked(**asked)), X)


FORMATS = {
    "zip": pytorch(state_dict(RNN | HEAD)),
    "zip_protocol_4": pytorch(state_dict(RNN | HEAD), "m", 4),
    "big_endian": pytorch(state_dict({name: array.astype(">f4") for name, array in (RNN | HEAD).items()}), more={"byteorder": b"big"}),
    "legacy": legacy(state_dict(RNN | HEAD)),
    "checkpoint": pytorch({"epoch": 7, "best": Called("numpy.core.multiarray", "scalar", 1.5), "model_state_dict": state_dict(prefixed("net.rnn.") | HEAD)}),
    "safetensors": safetensors(RNN | HEAD),
    "npz": npz(prefixed("module.rnn.") | HEAD),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_gives_the_same_network(form: str, tmp_path: Path) -> None:
    h, y = by_hand()
    given = calculated(FORMATS[form], tmp_path)

    assert given["h"] == pytest.approx(h, abs=1e-14)
    assert given["y"] == pytest.approx(y, abs=1e-14)


def test_a_view_has_an_offset_and_strides(tmp_path: Path) -> None:
    flat = np.concatenate([[9], W_IH.T.ravel(), W_HH.T.ravel(), B_IH, B_HH]).astype(np.float32)
    all_of = Storage(flat)
    views = {
        "weight_ih_l0": View(all_of, 1, (H, D), (1, H)),
        "weight_hh_l0": View(all_of, 1 + H * D, (H, H), (1, H)),
        "bias_ih_l0": View(all_of, 1 + H * D + H * H, (H,), (1,)),
        "bias_hh_l0": View(all_of, 1 + H * D + H * H + H, (H,), (1,)),
    }

    assert calculated(pytorch(views), tmp_path)["h"] == pytest.approx(by_hand()[0], abs=1e-14)


def test_half_precision_is_widened_exactly(tmp_path: Path) -> None:
    halves = {name: array.astype(np.float16) for name, array in RNN.items()}
    upper = {name: (array.view(np.uint32) >> 16).astype(np.uint16) for name, array in RNN.items()}
    as_bf16 = {
        name: (array.view(np.uint32) & 0xFFFF0000).view(np.float32) for name, array in RNN.items()
    }
    of_16 = opened(safetensors(halves), tmp_path).network.layers[0].cells[0]
    of_bf16 = opened(safetensors(upper), tmp_path).network.layers[0].cells[0]

    assert of_16.W_xh.tolist() == halves["weight_ih_l0"].astype(float).tolist()
    assert of_bf16.W_xh.tolist() == as_bf16["weight_ih_l0"].astype(float).tolist()


def test_two_biases_stay_two(tmp_path: Path) -> None:
    cell = opened(safetensors(RNN), tmp_path).network.layers[0].cells[0]

    assert cell.b_h is None
    assert cell.b_xh is not None
    assert cell.b_hh is not None
    assert (cell.b_xh.tolist(), cell.b_hh.tolist()) == (B_IH.tolist(), B_HH.tolist())


def test_a_bias_that_a_flag_gives_need_not_be_there(tmp_path: Path) -> None:
    half = {name: array for name, array in RNN.items() if name != "bias_hh_l0"}
    cell = opened(safetensors(half), tmp_path, replaced=["bh"]).network.layers[0].cells[0]

    assert cell.b_hh is None


def module(kind: str, parameters: dict[str, Any], modules: dict[str, Any], **more: Any) -> Called:
    state = {
        "training": False,
        "_parameters": parameters,
        "_buffers": {},
        "_modules": modules,
        **more,
    }
    return Called(*kind.rsplit(".", 1), state=state)


def test_a_pickled_module_of_its_author_says_its_activation(tmp_path: Path) -> None:
    inner = module(
        "torch.nn.modules.rnn.RNN", dict(state_dict(RNN)), {}, mode="RNN_RELU", nonlinearity="relu"
    )
    linear = module(
        "torch.nn.modules.linear.Linear", dict(state_dict({"weight": FC, "bias": FC_B})), {}
    )
    data = pytorch(module("__main__.MyNet", {}, {"rnn": inner, "fc": linear}))
    given = calculated(data, tmp_path)

    assert given["h"] == pytest.approx(by_hand("relu")[0], abs=1e-14)
    assert given["y"] == pytest.approx(by_hand("relu")[1], abs=1e-14)
    assert not any("assumed" in note for note in opened(data, tmp_path).notes)


def test_several_rnns_may_be_a_stack(tmp_path: Path) -> None:
    second = {
        "weight_ih": random(5, H),
        "weight_hh": random(5, 5),
        "bias_ih": random(5),
        "bias_hh": random(5),
    }
    data = safetensors(
        {f"cells.0.{n.removesuffix('_l0')}": a for n, a in RNN.items()}
        | {f"cells.1.{n}": a for n, a in second.items()}
    )
    found = opened(data, tmp_path, rnn="cells.0,cells.1")

    assert [layer.output_size for layer in found.network.layers] == [H, 5]
    assert calculated(data, tmp_path, rnn="cells.0,cells.1")["h_l0"] == pytest.approx(
        by_hand()[0], abs=1e-14
    )


def test_which_of_two_rnns_is_calculated_is_a_note(tmp_path: Path) -> None:
    two = safetensors(prefixed("a.") | prefixed("b."))
    notes = [note.partition(": ")[2] for note in opened(two, tmp_path, rnn="b").notes]

    assert notes[1:2] == ["b is what is calculated"]


def test_counters_are_no_weights(tmp_path: Path) -> None:
    found = opened(safetensors(RNN | {"bn.num_batches_tracked": np.ones((), np.int64)}), tmp_path)

    assert not any("not used" in note for note in found.notes)


def test_a_linear_that_does_not_fit_is_a_note(tmp_path: Path) -> None:
    found = opened(
        safetensors(RNN | {"fc1.weight": random(64, 120), "fc2.weight": random(2, 64)}), tmp_path
    )

    assert found.network.readouts == ()
    assert [note.partition(": ")[2] for note in found.notes][1:] == [
        "fc1 is 64 x 120, which fits no state of 4 (120 = 30 steps of 4); h is the last thing shown",
        "fc2 is 2 x 64, which fits no state of 4 (64 = 16 steps of 4); h is the last thing shown",
        "not used: fc1.weight, fc2.weight",
    ]


def test_an_optimizer_is_no_second_network(tmp_path: Path) -> None:
    state = {
        n: {"exp_avg": tensor_of(a), "exp_avg_sq": tensor_of(a)} for n, a in enumerate(RNN.values())
    }
    data = pytorch(
        {"state_dict": state_dict(prefixed("rnn.") | HEAD), "optimizer": {"state": state}}
    )
    found = opened(data, tmp_path)

    assert read(str(tmp_path / "m.bin")).kind == "a PyTorch checkpoint"
    assert not any("not used" in note for note in found.notes)


def tensor_of(array: NDArray[Any]) -> View:
    found: View = state_dict({"a": array})["a"]
    return found


def test_an_embedding_is_found_by_its_name(tmp_path: Path) -> None:
    table = random(7, D)
    found = opened(safetensors(RNN | {"embedding.weight": table}), tmp_path)

    assert found.embedding is not None
    assert found.embedding.tolist() == table.tolist()


def test_a_matrix_without_a_bias_beside_a_linear_with_one_is_an_embedding(tmp_path: Path) -> None:
    square = {**RNN, "weight_ih_l0": random(H, H)}
    table, out = random(7, H), random(7, H)
    more = {"encoder.weight": table, "decoder.weight": out, "decoder.bias": random(7)}
    found = opened(safetensors({f"rnn.{name}": a for name, a in square.items()} | more), tmp_path)

    assert found.embedding is not None
    assert found.embedding.tolist() == table.tolist()
    assert found.network.readout is not None
    assert found.network.readout.W_hy.tolist() == out.tolist()
    note = "encoder is 7 x 4 without a bias, so it is taken for an embedding: a row for each symbol of x"
    assert found.notes[1].endswith(note)


# our own names, and those of tutorials


OWN = {"wxh": W_IH, "whh": W_HH, "bh": B_IH + 0.0}


@pytest.mark.parametrize("turned", [False, True])
def test_a_tutorial_is_transposed_if_its_shapes_say_so(turned: bool, tmp_path: Path) -> None:
    def way(a: NDArray[Any]) -> NDArray[Any]:
        return a.T if turned else a

    bias = (B_IH.astype(float) + B_HH.astype(float))[:, None]  # a column, as in min-char-rnn
    data = npz({"Wxh": way(W_IH), "Whh": way(W_HH), "Why": way(FC), "bh": bias, "by": FC_B[None]})
    h, y = by_hand()
    given = calculated(data, tmp_path, output_activation="linear")

    assert given["h"] == pytest.approx(h, abs=1e-14)
    assert given["y"] == pytest.approx(y, abs=1e-14)


def test_own_names_are_never_transposed(tmp_path: Path) -> None:
    square = random(H, H)
    cell = opened(npz({"wxh": square, "whh": W_HH}), tmp_path).network.layers[0].cells[0]

    assert cell.W_xh.tolist() == square.tolist()


def test_own_names_of_a_stack_with_an_activation(tmp_path: Path) -> None:
    data = npz({"wxh_l0": W_IH, "whh_l0": W_HH, "wxh_l0_reverse": W_IH, "whh_l0_reverse": W_HH, "bxh_l0_reverse": B_IH, "bhh_l0_reverse": B_HH,
                "wxh_l1": random(2, 2 * H), "whh_l1": random(2, 2), "why": random(3, 2), "activation": "relu", "h0": np.zeros((3, 4))})  # fmt: skip
    network = opened(data, tmp_path).network

    assert [cell.activation.name for layer in network.layers for cell in layer.cells] == [
        "relu"
    ] * 3
    assert network.sizes["y"] == 3


def test_h0_is_kept_without_the_readout(tmp_path: Path) -> None:
    more = {"why": random(2, H), "h0": np.arange(4.0)}
    found = opened(npz(OWN | more), tmp_path, head="none")

    assert found.start is not None
    assert found.start["h"].tolist() == [0, 1, 2, 3]
    assert found.network.readouts == ()


def test_the_words_of_a_file_are_used(tmp_path: Path) -> None:
    words = {"activation": "relu", "output_activation": "linear"}
    found = opened(npz(OWN | {"why": random(2, H)} | words), tmp_path)

    assert found.network.cells[0].activation.name == "relu"
    other = opened(npz(OWN | words), tmp_path, activation="tanh")
    assert other.network.cells[0].activation.name == "tanh"
    assert {name: found.uses[name] for name in words} == {
        "activation": "activation",
        "output_activation": "output_activation",
    }
    assert not any("not used" in note for note in found.notes)


# Flax


@pytest.mark.parametrize(
    "names",
    [
        "params/cell/i/kernel params/cell/h/kernel params/cell/i/bias",
        "cell.dense_i.kernel cell.dense_h.kernel cell.dense_i.bias",
    ],
)
def test_a_cell_of_flax(names: str, tmp_path: Path) -> None:
    i, h, b = names.split()
    head = {"Dense_0/kernel": FC.T.copy(), "Dense_0/bias": FC_B}
    bias = B_IH.astype(float) + B_HH.astype(float)
    given = calculated(npz({i: W_IH.T, h: W_HH.T, b: bias, **head}), tmp_path)

    assert given["h"] == pytest.approx(by_hand()[0], abs=1e-14)
    assert given["y"] == pytest.approx(by_hand()[1], abs=1e-14)


def test_what_is_transposed_is_listed(tmp_path: Path) -> None:
    names = {"cell/i/kernel": W_IH.T, "cell/h/kernel": W_HH.T, "cell/i/bias": B_IH}

    assert opened(npz(names), tmp_path).uses == {
        "cell/i/kernel": "wxh, transposed",
        "cell/h/kernel": "whh, transposed",
        "cell/i/bias": "bh",
    }


def test_both_directions_of_flax(tmp_path: Path) -> None:
    arrays = {
        f"params/bi/{way}_rnn/cell/{n}": a
        for way in ("forward", "backward")
        for n, a in (("i/kernel", W_IH.T), ("h/kernel", W_HH.T), ("i/bias", B_IH))
    }
    (layer,) = opened(npz(arrays), tmp_path).network.layers

    assert layer.reverse is not None
    assert layer.output_size == 2 * H


# Keras


SIMPLE = {"kernel:0": W_IH.T, "recurrent_kernel:0": W_HH.T, "bias:0": B_IH}


def of_keras(kind: str, name: str = "a", **config: Any) -> dict[str, Any]:
    return {
        "class_name": kind,
        "config": {
            "name": name,
            "units": H,
            "activation": "tanh",
            "return_sequences": True,
            **config,
        },
    }


@pytest.mark.parametrize(
    ("version", "inner", "listed"),
    [
        ("2.0.9", "a/", True),
        ("2.6.0", "a/simple_rnn_cell/", False),
        ("2.13.1", "a/simple_rnn_cell_3/", False),
        ("3.5.0", "sequential/a/simple_rnn_cell/", False),
    ],
)
def test_an_h5_of_every_age(version: str, inner: str, listed: bool, tmp_path: Path) -> None:
    pytest.importorskip("h5py")
    keras_h5(
        tmp_path / "m.h5",
        [of_keras("SimpleRNN")],
        {"a": {inner + key: array for key, array in SIMPLE.items()}},
        version=version,
        listed=listed,
    )
    (layer,) = open_weights(str(tmp_path / "m.h5")).network.layers

    assert layer.cells[0].W_xh.tolist() == W_IH.tolist()
    assert layer.cells[0].W_hh.tolist() == W_HH.tolist()
    assert layer.cells[0].b_h is not None
    assert layer.cells[0].b_h.tolist() == B_IH.tolist()


def test_weights_alone_of_keras_2(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "m.h5", "w") as file:
        for key, array in SIMPLE.items():
            file[f"a/a/simple_rnn_cell/{key}"] = array
        file["d/d/kernel:0"], file["d/d/bias:0"] = FC.T, FC_B
    network = open_weights(str(tmp_path / "m.h5"), activation="relu").network

    assert network.layers[0].cells[0].W_xh.tolist() == W_IH.tolist()
    assert network.readout is not None
    assert network.readout.W_hy.tolist() == FC.tolist()


@pytest.mark.parametrize(("version", "a"), [("2.6.0", 0.3 * 0.2 + 0.5), ("3.5.0", 0.3 / 6 + 0.5)])
def test_hard_sigmoid_depends_on_the_version(version: str, a: float, tmp_path: Path) -> None:
    pytest.importorskip("h5py")
    keras_h5(
        tmp_path / "m.h5",
        [of_keras("SimpleRNN", activation="hard_sigmoid")],
        {"a": SIMPLE},
        version=version,
    )
    f = open_weights(str(tmp_path / "m.h5")).network.layers[0].cells[0].activation

    assert f(np.array([0.3, 9.0, -9.0])).tolist() == pytest.approx([a, 1.0, 0.0], abs=1e-16)


def test_a_dense_network_of_keras_keeps_its_names(tmp_path: Path) -> None:
    pytest.importorskip("h5py")
    layers = [
        of_keras("InputLayer", "i"),
        of_keras("SimpleRNN", return_sequences=False),
        of_keras("Dropout", "d"),
        of_keras("Dense", "mid 1", activation="relu"),
        of_keras("Dense", "out", activation="softmax"),
    ]
    weights = {
        "a": SIMPLE,
        "mid 1": {"mid 1/kernel:0": random(H, 6), "mid 1/bias:0": random(6)},
        "out": {"out/kernel:0": random(6, K)},
    }
    keras_h5(tmp_path / "m.h5", layers, weights)
    network = open_weights(str(tmp_path / "m.h5")).network

    assert network.final
    assert [(each.name, each.activation.name) for each in network.readouts] == [
        ("mid_1", "relu"),
        ("", "softmax"),
    ]
    assert [
        r.name for r in open_weights(str(tmp_path / "m.h5"), head="mid 1").network.readouts
    ] == [""]
    assert not open_weights(str(tmp_path / "m.h5"), head="none").network.readouts


# activations with parameters in their names


@pytest.mark.parametrize(
    ("name", "at", "right"),
    [
        ("leaky_relu(0.2)", -1.5, -0.3),
        ("elu(0.5)", -1.0, 0.5 * (np.exp(-1) - 1)),
        ("celu(2)", -1.0, 2 * (np.exp(-0.5) - 1)),
        ("hard_sigmoid(0.2, 0.5)", 0.5, 0.6),
        ("hard_silu(0.2, 0.5)", 0.5, 0.3),
        ("affine(2, -1)", 0.5, 0.0),
        ("scaled_tanh(1.5, 0.5)", 1.0, 1.5 * np.tanh(0.5)),
        ("thresholded_relu(1)", 0.9, 0.0),
        ("soft_shrink(0.5)", -0.75, -0.25),
        ("hard_shrink(0.5)", -0.4, 0.0),
        ("squareplus(4)", 0.0, 1.0),
        ("clipped(0.5, tanh)", 3.0, np.tanh(0.5)),
        ("clipped(0.5, leaky_relu(0.1))", -3.0, -0.05),
        ("exponential", 1.0, np.e),
        ("silu", 1.0, 1 / (1 + np.exp(-1))),
        ("gelu(erf)", 1.0, 0.8413447460685429),
        ("gelu(tanh)", 1.0, 0.8411919906082768),
        ("mish", 1.0, np.tanh(np.log(1 + np.e))),
        ("log_sigmoid", 0.0, -np.log(2)),
        ("tanh_shrink", 1.0, 1 - np.tanh(1)),
    ],
)
def test_an_activation_of_a_file_can_be_typed_by_its_whole_name(
    name: str, at: float, right: float
) -> None:
    found = activation_named(name, "activation")

    assert found.name == name
    assert float(found(np.array([at]))[0]) == pytest.approx(right, abs=1e-15)


def test_a_long_parameter_survives_its_name() -> None:
    from rnncalc.network.more_activations import hard_sigmoid

    made = hard_sigmoid(1 / 6, 0.5)
    again = from_name(made.name)
    assert again is not None
    x = np.linspace(-4, 4, 99)
    assert again(x).tolist() == made(x).tolist()


@pytest.mark.parametrize(
    "name", ["leaky_relu()", "leaky_relu(0.1, 2)", "tanh(1)", "leaky_relu(x)", "clipped(1, tahn)"]
)
def test_other_names_are_unknown(name: str) -> None:
    with pytest.raises(ValueError, match="unknown activation"):
        activation_named(name, "activation")


def test_the_names_of_files_do_not_hide_typed_ones() -> None:
    assert not [name for name in ACTIVATIONS if from_name(name)]
