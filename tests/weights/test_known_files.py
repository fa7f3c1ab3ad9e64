"""Files that the frameworks wrote, against what the frameworks calculated from them.

Made with PyTorch 2.14.1, safetensors 0.8.0, Keras 3.15.1 and onnx 1.23.2; beside each is the result, in float32 unless it ends in 64.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from plain_stack import Rows, run
from rnncalc import forward
from rnncalc.reading.weights.choosing import Asked
from rnncalc.reading.weights.files import read
from rnncalc.reading.weights.opened import Found, describe, list_weights, open_weights

FILES = Path(__file__).parent / "files"
FLOAT64, FLOAT32 = 1e-13, 2e-6


def known(name: str) -> dict[str, Rows]:
    with np.load(FILES / f"{name}.expect.npz") as file:
        return {key: file[key].astype(np.float64) for key in file}


def opened(name: str, **asked: str) -> Found:
    return open_weights(str(FILES / name), **asked)


def far(given: Any, right: Rows) -> float:
    return float(np.abs(np.asarray(given) - right).max())


def test_two_layers_in_both_directions_with_a_start() -> None:
    right = known("torch_bi2.safetensors")
    network = opened("torch_bi2.safetensors").network
    names = ("h_l0", "h_l0_reverse", "h_l1", "h_l1_reverse")
    given = forward(network, dict(zip(names, right["h0"], strict=True)), right["x"])

    for name in names:
        assert far(given[name], right[f"{name}64"]) <= FLOAT64
    assert far(given["h"], right["y64"]) <= FLOAT64


@pytest.mark.parametrize(
    ("name", "asked", "prefix", "answer"),
    [
        ("torch_classifier.pt", {}, "", "logits64"),
        ("torch_two_rnns.safetensors", {"rnn": "decoder"}, "decoder_", "logits64"),
        ("torch_two_rnns.safetensors", {"rnn": "decoder", "head": "out"}, "decoder_", "logits64"),
    ],
)
def test_a_state_dict_and_the_linear_after_it(
    name: str, asked: dict[str, str], prefix: str, answer: str
) -> None:
    right = known(name)
    network = opened(name, **asked).network
    given = forward(network, np.zeros(network.hidden_size), right[f"{prefix}x"])

    assert far(given["h"], right[f"{prefix}y64"]) <= FLOAT64
    assert far(given["y"], right[prefix + answer]) <= FLOAT64


def test_an_rnn_without_its_head() -> None:
    right = known("torch_two_rnns.safetensors")
    network = opened("torch_two_rnns.safetensors", rnn="encoder", head="none").network
    given = forward(network, np.zeros(4), right["encoder_x"])

    assert network.readouts == ()
    assert far(given["h"], right["encoder_y64"]) <= FLOAT64


def test_a_keras_model_that_answers_once() -> None:
    pytest.importorskip("h5py")
    right = known("keras_bi_stack.keras")
    found = describe(read(str(FILES / "keras_bi_stack.keras")), Asked())
    given = run(found, right["x"])
    both = np.concatenate([given["h_l0"], given["h_l0_reverse"]], axis=1)

    assert found.final
    assert far(both, right["layer_bidirectional"]) <= FLOAT32
    assert far(given["h"][0], right["layer_second"]) <= FLOAT32
    assert far(given["y_dense_3"][0], right["out"]) <= FLOAT32


def test_a_network_is_what_was_described() -> None:
    pytest.importorskip("h5py")
    found, x = opened("keras_bi_stack.keras"), known("keras_bi_stack.keras")["x"]
    network = found.network
    given = forward(network, {name: np.zeros(network.sizes[name]) for name in network.states}, x)
    right = run(describe(read(str(FILES / "keras_bi_stack.keras")), Asked()), x)

    assert network.final
    assert [readout.activation.name for readout in network.readouts] == ["softmax"]
    for name in ("h_l0", "h_l0_reverse", "h_l1"):
        assert far(given[name], right[name]) <= 1e-15


def test_an_onnx_node_with_two_activations_and_a_start() -> None:
    pytest.importorskip("onnx")
    right, found = known("onnx_bi.onnx"), opened("onnx_bi.onnx")
    assert found.start is not None
    given = forward(found.network, found.start, right["x"][:, 0])

    assert far(given["h_l0"], right["rnn_0_Y"][:, 0, 0]) <= FLOAT32
    assert far(given["h_l0_reverse"], right["rnn_0_Y"][:, 1, 0]) <= FLOAT32


def test_every_choice_is_a_note() -> None:
    assert opened("torch_classifier.pt").notes == tuple(
        f"{FILES / 'torch_classifier.pt'}: {note}"
        for note in (
            "tanh is assumed, as the file does not say; --activation relu changes that",
            "fc is taken to read out h of encoder.rnn, as its shape fits; --head none leaves it out",
            "the output is linear, as PyTorch's Linear returns it; --output-activation softmax changes that",
        )
    )


def test_what_is_asked_for_needs_no_note() -> None:
    found = opened("torch_classifier.pt", activation="relu", head="fc", output_activation="softmax")

    assert found.notes == ()
    assert found.network.layers[0].cells[0].activation.name == "relu"
    assert found.network.readouts[0].activation.name == "softmax"


def test_each_array_is_listed_with_its_use() -> None:
    listing = list_weights(str(FILES / "torch_classifier.pt"), Asked())
    assert listing.found
    uses = listing.found.uses

    assert [(n, a.shape, a.dtype, uses[n]) for n, a in listing.contents.arrays.items()] == [
        ("encoder.rnn.weight_ih_l0", (6, 3), "float32", "wxh"),
        ("encoder.rnn.weight_hh_l0", (6, 6), "float32", "whh"),
        ("encoder.rnn.bias_ih_l0", (6,), "float32", "bxh"),
        ("encoder.rnn.bias_hh_l0", (6,), "float32", "bhh"),
        ("fc.weight", (2, 6), "float32", "why"),
        ("fc.bias", (2,), "float32", "by"),
    ]
