"""What is refused, each in one line that says what was found and what to do."""

import json
import pickle
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rnncalc import InputError
from rnncalc.reading.weights.choosing import Asked
from rnncalc.reading.weights.contents import Contents, stored
from rnncalc.reading.weights.opened import describe, open_weights
from weight_files import (
    Called,
    Global,
    Storage,
    View,
    legacy,
    npz,
    pickled,
    pytorch,
    safetensors,
    state_dict,
    tensor,
    zipped,
)

FILES = Path(__file__).parent / "files"


def zeros(*shape: int) -> NDArray[Any]:
    return np.zeros(shape, np.float32)


def rnn(D: int = 3, H: int = 4, prefix: str = "", layer: str = "_l0") -> dict[str, NDArray[Any]]:
    return {
        f"{prefix}weight_ih{layer}": zeros(H, D),
        f"{prefix}weight_hh{layer}": zeros(H, H),
        f"{prefix}bias_ih{layer}": zeros(H),
        f"{prefix}bias_hh{layer}": zeros(H),
    }


def gated(gates: int, H: int = 4) -> dict[str, NDArray[Any]]:
    return {"lstm.weight_ih_l0": zeros(gates * H, 3), "lstm.weight_hh_l0": zeros(gates * H, H)}


def without(arrays: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: array for name, array in arrays.items() if name not in names}


def refused(data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **asked: Any) -> str:
    (tmp_path / "m.bin").write_bytes(data)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as caught:
        open_weights("m.bin", **asked)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def after_name(message: str) -> str:
    verbs = ("is ", "has ", "holds ", "asks ", "unpacks ")
    return f"m.bin {message}" if message.startswith(verbs) else f"m.bin: {message}"


def of_names(arrays: Mapping[str, Any]) -> bytes:
    return safetensors(arrays)


NAN = rnn() | {"weight_hh_l0": np.where(np.eye(4) == 1, np.float32(np.nan), np.float32(0))}
KERNEL = {"cell/i/kernel": zeros(3, 4), "cell/h/kernel": zeros(4, 4)}
READ = ".npz, .safetensors, PyTorch, Keras and ONNX are"

NAMES: dict[str, tuple[dict[str, NDArray[Any]], dict[str, Any], str]] = {
    "several_rnns": (rnn(prefix="encoder.") | rnn(2, prefix="decoder."), {}, "m.bin holds 2 RNNs: encoder (D 3, H 4), decoder (D 2, H 4); choose one with --rnn"),
    "a_stack": (rnn(prefix="a.") | rnn(4, layer="_l1", prefix="a.") | rnn(prefix="b."), {}, "m.bin holds 2 RNNs: a (D 3, H 4, 2 layers), b (D 3, H 4); choose one with --rnn"),
    "lstm": (gated(4), {}, "m.bin: lstm is an LSTM (lstm.weight_hh_l0 is 16 x 4, 4 gates); only a vanilla RNN is calculated"),
    "gru": (gated(3), {}, "m.bin: lstm is a GRU (lstm.weight_hh_l0 is 12 x 4, 3 gates); only a vanilla RNN is calculated"),
    "projection": ({"weight_ih_l0": zeros(16, 3), "weight_hh_l0": zeros(16, 2), "weight_hr_l0": zeros(2, 4)}, {}, "m.bin: rnn is an LSTM (weight_hh_l0 is 16 x 2, 4 gates); only a vanilla RNN is calculated"),
    "one_bias": (without(rnn(), "bias_hh_l0"), {}, "m.bin: bias_hh_l0 is missing, though bias_ih_l0 is there (shape 4); give --bh to replace both"),
    "other_bias": (without(rnn(), "bias_ih_l0"), {}, "m.bin: bias_ih_l0 is missing, though bias_hh_l0 is there (shape 4); give --bh to replace both"),
    "no_whh": (without(rnn(), "weight_hh_l0"), {}, "m.bin: weight_hh_l0 is missing, though weight_ih_l0 is there"),
    "no_first_layer": (rnn(layer="_l1"), {}, "m.bin: weight_ih_l0 is missing, though weight_ih_l1 is there"),
    "no_middle_layer": (rnn() | rnn(4, layer="_l2"), {}, "m.bin: weight_ih_l1 is missing, though weight_ih_l0 is there"),
    "half_a_layer": (rnn() | rnn(layer="_l0_reverse") | rnn(8, layer="_l1"), {}, "m.bin: weight_ih_l1_reverse is missing, though weight_ih_l0 is there"),
    "layers_that_do_not_fit": (rnn() | rnn(5, layer="_l1"), {}, "m.bin: weight_ih_l1 takes 5 inputs, but the layer before gives 4 values"),
    "not_square": (rnn() | {"weight_hh_l0": zeros(4, 5)}, {}, "m.bin: weight_hh_l0 is 4 x 5, but must be square"),
    "two_sizes": (rnn() | {"weight_ih_l0": zeros(5, 3)}, {}, "m.bin: weight_ih_l0 has 5 outputs, but weight_hh_l0 is 4 x 4, so it needs 4"),
    "bias_of_another_size": (rnn() | {"bias_hh_l0": zeros(5)}, {}, "m.bin: bias_hh_l0 is 5 values, but must be 4 values"),
    "a_bias_that_is_a_row": (rnn() | {"bias_hh_l0": zeros(1, 4)}, {}, "m.bin: bias_hh_l0 is 1 x 4, but must be 4 values"),
    "bias_of_a_head": (rnn() | {"fc.weight": zeros(2, 4), "fc.bias": zeros(3)}, {}, "m.bin: fc.bias is 3 values, but must be 2 values"),
    "an_empty_matrix": (rnn() | {"weight_ih_l0": zeros(0, 3)}, {}, "m.bin: weight_ih_l0 is 0 x 3, but must be a matrix"),
    "no_matrix": (rnn() | {"weight_ih_l0": zeros(4)}, {}, "m.bin: weight_ih_l0 is 4 values, but must be a matrix"),
    "not_a_number": (NAN, {}, "m.bin: weight_hh_l0[0, 0] is nan; every value must be finite"),
    "infinity": (rnn() | {"bias_hh_l0": np.array([0, 0, 0, np.inf], np.float32)}, {}, "m.bin: bias_hh_l0[3] is inf; every value must be finite"),
    "two_heads": (rnn() | {"fc.weight": zeros(2, 4), "out.weight": zeros(3, 4)}, {}, "m.bin: 2 Linear layers fit after rnn: fc, out; choose one with --head, or --head none"),
    "no_rnn": ({"fc.weight": zeros(2, 4), "fc.bias": zeros(2)}, {}, "m.bin holds no RNN that is known; its 2 arrays are fc.weight, fc.bias"),
    "letters": ({"W": zeros(4, 4), "U": zeros(4, 3), "b": zeros(4)}, {}, "m.bin holds no RNN that is known; its 3 arrays are W, U, b; name them wxh, whh, bh, why and by; U, W and V of many books are wxh, whh and why"),
    "other_names": ({"w_in": zeros(4, 4), "wxh": zeros(4, 3)}, {}, "m.bin holds no RNN that is known; its 2 arrays are w_in, wxh; name them wxh, whh, bh, why and by"),
    "nothing": ({}, {}, "m.bin holds no arrays"),
    "square_of_a_tutorial": ({"Wxh": zeros(8, 8), "Whh": zeros(8, 8)}, {}, "m.bin: Wxh is 8 x 8: (to, from) or (from, to)? Write wxh, whh and why for (to, from), in lower case"),
    "tutorial_that_does_not_fit": ({"Wxh": zeros(5, 3), "Whh": zeros(4, 4)}, {}, "m.bin: Wxh is 5 x 3, but Whh is 4 x 4, so one side must be 4"),
    "tutorial_of_two_orders": ({"Wxh": zeros(4, 3), "Whh": zeros(4, 4), "Why": zeros(4, 2)}, {}, "m.bin: Why is 4 x 2 as (to, from), but Whh is 4 x 4"),
    "own_transposed": ({"wxh": zeros(3, 4), "whh": zeros(4, 4)}, {}, "m.bin: wxh has 3 outputs, but whh is 4 x 4, so it needs 4"),
    "own_half": ({"wxh_l0": zeros(4, 3), "whh_l0": zeros(4, 4), "wxh_l1": zeros(4, 4)}, {}, "m.bin: whh_l1 is missing, though wxh_l1 is there"),
    "own_one_bias": ({"wxh_l0": zeros(4, 3), "whh_l0": zeros(4, 4), "bxh_l0": zeros(4)}, {}, "m.bin: bhh_l0 is missing, though bxh_l0 is there"),
    "own_h0": ({"wxh": zeros(4, 3), "whh": zeros(4, 4), "h0": zeros(3, 4)}, {}, "m.bin: h0 is 3 x 4, but must have 1 row"),
    "own_h0_of_a_batch": ({"wxh": zeros(4, 3), "whh": zeros(4, 4), "h0": zeros(1, 1, 4)}, {}, "m.bin: h0 is 1 x 1 x 4, but must have 1 row"),
    "own_two_kinds_of_bias": ({"wxh": zeros(4, 3), "whh": zeros(4, 4), "bh": zeros(4), "bxh": zeros(4), "bhh": zeros(4)}, {}, "m.bin: bh and bxh exclude each other"),
    "flax_lstm": ({"cell/hf/kernel": zeros(4, 4), "cell/if/kernel": zeros(3, 4)}, {}, "m.bin holds an LSTM or a GRU (cell/hf/kernel); only a vanilla RNN is calculated"),
    "flax_gru": ({"cell.dense_i.kernel": zeros(3, 12), "cell.dense_h.kernel": zeros(4, 12)}, {}, "m.bin: cell is a GRU (cell.dense_h.kernel is 4 x 12, 3 gates); only a vanilla RNN is calculated"),
    "flax_two": ({f"params/{name}/{key}": array for name in ("a", "b") for key, array in KERNEL.items()}, {}, "m.bin holds 2 RNNs: a.cell (D 3, H 4), b.cell (D 3, H 4); choose one with --rnn"),
}  # fmt: skip


@pytest.mark.parametrize("case", NAMES)
def test_names_and_shapes(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arrays, asked, message = NAMES[case]

    assert refused(of_names(arrays), tmp_path, monkeypatch, **asked) == f"--weights: {message}"


TWO = (
    rnn(prefix="encoder.")
    | rnn(2, prefix="decoder.")
    | {"fc.weight": zeros(2, 4), "wide.weight": zeros(64, 240)}
)
FLAGS = {
    "rnn": ({"rnn": "encodr"}, "--rnn: no 'encodr'; did you mean 'encoder'?"),
    "no_such_rnn": ({"rnn": "xyz"}, "--rnn: no 'xyz'; known are encoder, decoder"),
    "head": ({"rnn": "encoder", "head": "wied"}, "--head: no 'wied'; did you mean 'wide'?"),
    "head_of_another_size": ({"rnn": "encoder", "head": "wide"}, "--head: wide is 64 x 240, which fits no state of 4"),
    "activation": ({"rnn": "encoder", "activation": "tahn"}, "--activation: unknown activation 'tahn'; did you mean 'tanh'?"),
    "output_activation": ({"rnn": "encoder", "head": "none", "output_activation": "softmax"}, "--output-activation: there is no output that it could apply to"),
    "stack": ({"rnn": "encoder,decoder"}, "--weights: m.bin: decoder.weight_ih_l0 takes 2 inputs, but the layer before gives 4 values"),
}  # fmt: skip


@pytest.mark.parametrize("case", FLAGS)
def test_what_flags_ask_for(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, message = FLAGS[case]

    assert refused(of_names(TWO), tmp_path, monkeypatch, **asked) == message


def entry(shape: list[int], begin: int, end: int, dtype: str = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def bare(header: object, data: bytes = b"") -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def view(offset: int, shape: tuple[int, ...], strides: tuple[int, ...], numbers: int = 12) -> bytes:
    return pytorch({"weight_ih_l0": View(Storage(zeros(numbers)), offset, shape, strides)})


def evil(module: str, name: str) -> bytes:
    return pytorch(
        {"weight_ih_l0": tensor(zeros(4, 3)), "x": Called(module, name, "echo run > pwned")}
    )


def npy_header(text: str, data: bytes = b"") -> bytes:
    header = text.encode() + b" " * (-(len(text) + 11) % 64) + b"\n"
    return zipped(
        {"wxh.npy": b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data}
    )


OBJECTS = np.array([{"a": 1}], dtype=object)
BYTES = {
    "empty": (b"", "is empty"),
    "text": (b"epoch,loss\n1,0.5\n", f"is not a file of weights that is known; {READ}"),
    "lfs": (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 9\n", "is a Git LFS pointer of 63 bytes, not the file; git lfs pull brings it"),
    "pickle": (pickle.dumps({"a": 1}), "is a pickle, which is never run; save the state_dict with torch.save"),
    "npy": (b"\x93NUMPY" + npz({"a": zeros(2)}).split(b"\x93NUMPY")[1][:136], "is one array without a name; save all weights with np.savez(file, wxh=..., whh=...)"),
    "other_zip": (zipped({"word/document.xml": b"<a/>"}), f"is a zip file of word/document.xml, not a file of weights that is known; {READ}"),
    "empty_zip": (zipped({}), f"is a zip file of nothing, not a file of weights that is known; {READ}"),
    "torchscript": (pytorch(state_dict(rnn()), more={"code/net.py": b"", "constants.pkl": b""}), "is TorchScript, a program with its weights, which is not run; save the weights: torch.save(model.state_dict(), ...)"),
    "objects_in_npz": (npz({"wxh": OBJECTS}), "wxh.npy holds pickled Python objects, which are never read; save with np.savez"),
    "complex": (npz({"wxh": np.zeros((4, 3), complex), "whh": zeros(4, 4)}), "wxh holds complex128, not real numbers of at most 64 bits"),
    "words": (npz({"wxh": np.array([["a"]]), "whh": zeros(1, 1)}), "wxh holds str32, not real numbers of at most 64 bits"),
    "system": (evil("posix", "system"), "asks for posix.system, which no file of weights does; nothing of it was run"),
    "system_of_windows": (evil("nt", "system"), "asks for nt.system, which no file of weights does; nothing of it was run"),
    "eval": (evil("builtins", "eval"), "asks for builtins.eval, which no file of weights does; nothing of it was run"),
    "old_eval": (evil("__builtin__", "eval"), "asks for builtins.eval, which no file of weights does; nothing of it was run"),
    "popen": (evil("subprocess", "Popen"), "asks for subprocess.Popen, which no file of weights does; nothing of it was run"),
    "import": (evil("importlib", "import_module"), "asks for importlib.import_module, which no file of weights does; nothing of it was run"),
    "numpy_runs": (evil("numpy.testing._private.utils", "runstring"), "asks for numpy.testing._private.utils.runstring, which no file of weights does; nothing of it was run"),
    "hub": (evil("torch.hub", "load"), "asks for torch.hub.load, which no file of weights does; nothing of it was run"),
    "inner_os": (evil("torch", "serialization.os.system"), "asks for torch.serialization.os.system, which no file of weights does; nothing of it was run"),
    "pip": (evil("pip", "main"), "asks for pip.main, which no file of weights does; nothing of it was run"),
    "legacy_system": (legacy({"a": Called("posix", "system", "x")}), "asks for posix.system, which no file of weights does; nothing of it was run"),
    "only_named": (pytorch({"weight_ih_l0": tensor(zeros(4, 3)), "x": Global("os", "system")}), "asks for os.system, which no file of weights does; nothing of it was run"),
    "bomb": (zipped({f"{n}.npy": b"\0" * 2**26 for n in range(9)}, zipfile.ZIP_DEFLATED), "unpacks to 603,979,776 bytes in 9 entries, more than is read"),
    "view_beyond": (view(1, (4, 3), (3, 1)), "is damaged: weight_ih_l0 reads 13 values of a storage of 12"),
    "view_of_strides": (view(0, (4, 3), (4, 1)), "is damaged: weight_ih_l0 reads 15 values of a storage of 12"),
    "view_that_repeats": (view(0, (10**9, 10**9), (0, 0)), "is damaged: weight_ih_l0 reads 1000000000000000000 values of a storage of 12"),
    "negative_stride": (view(11, (12,), (-1,)), "is damaged: a tensor has a size, an offset or a stride that is not a whole number"),
    "short_storage": (zipped({"a/data.pkl": pickled(state_dict(rnn()))[0], **{f"a/data/{n}": b"\0" * 8 for n in range(4)}}), "is damaged: weight_ih_l0 reads 12 values of a storage of 2"),
    "no_storage": (zipped({"a/data.pkl": pickled(state_dict(rnn()))[0]}), "is damaged: There is no item named 'a/data/0' in the archive"),
    "cut_pickle": (zipped({"a/data.pkl": pickled(state_dict(rnn()))[0][:-20]}), "is damaged: the pickle ends too soon"),
    "cut_zip": (pytorch(state_dict(rnn()))[:-40], "is damaged: File is not a zip file"),
    "cut_legacy": (legacy(state_dict(rnn()))[:-100], "is damaged: weight_hh_l0 reads 16 values of a storage of 3"),
    "inst": (zipped({"a/data.pkl": b"(S'echo'\nios\nsystem\n."}), "is damaged: a pickle of weights has no opcode b'i'"),
    "mark_as_a_value": (zipped({"a/data.pkl": b"(\x85."}), "is damaged: the pickle takes more than it has"),
    "nothing_remembered": (zipped({"a/data.pkl": b"h\x05"}), "is damaged: the pickle remembers nothing under 5"),
    "unknown_operation": (zipped({"a/data.pkl": b"\xff."}), "is damaged: at position 0, opcode b'\\xff' unknown"),
    "extension": (zipped({"a/data.pkl": b"\x80\x02\x82\x01."}), "is damaged: a pickle of weights has no opcode b'\\x82'"),
    "long_header": (struct.pack("<Q", 2**60) + b"{}", "is damaged: expected a header of 1152921504606846976 bytes, but the file has 10"),
    "overlap": (bare({"a": entry([2], 0, 8), "b": entry([2], 4, 12)}, b"\0" * 12), "is damaged: a and b overlap"),
    "outside": (bare({"a": entry([2], 0, 8)}), "is damaged: a needs 8 bytes, which its offsets do not give"),
    "wrong_size": (bare({"a": entry([3], 0, 8)}, b"\0" * 8), "is damaged: a needs 12 bytes, which its offsets do not give"),
    "negative": (bare({"a": entry([2], -8, 0)}, b"\0" * 8), "is damaged: the offsets of a are outside of the file"),
    "huge": (bare({"a": entry([2**40, 2**40], 0, 8)}, b"\0" * 8), "is damaged: an array of 1099511627776 x 1099511627776 is too large"),
    "type": (bare({"a": entry([2], 0, 8, "F4")}, b"\0" * 8), "is damaged: the type of a, F4, is not known"),
    "no_type": (bare({"a": {"shape": [2]}}), "is damaged: data_offsets is missing"),
    "not_json": (struct.pack("<Q", 4) + b"{a:1", "is damaged: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
    "npy_header": (npy_header("{'descr': '<f4', 'fortran_order': False, 'shape': (4, 1000000000000), }"), "is damaged: an array of 4 x 1000000000000 is too large"),
    "npy_short": (npy_header("{'descr': '<f4', 'fortran_order': False, 'shape': (4, 3), }", b"\0" * 8), "is damaged: expected 48 bytes of numbers, found 8"),
    "not_an_array": (zipped({"a.npy": b"abc"}), "is damaged: an array does not begin as a .npy file does"),
}  # fmt: skip


@pytest.mark.parametrize("case", BYTES)
def test_files(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, message = BYTES[case]

    assert refused(data, tmp_path, monkeypatch) == f"--weights: {after_name(message)}"
    assert not (tmp_path / "pwned").exists()


def test_an_npy_of_objects_is_not_unpickled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save(tmp_path / "list.npy", OBJECTS, allow_pickle=True)
    message = refused((tmp_path / "list.npy").read_bytes(), tmp_path, monkeypatch)

    assert (
        message
        == "--weights: m.bin holds pickled Python objects, which are never read; save with np.savez"
    )


@pytest.mark.parametrize(
    ("path", "reason"), [("nowhere.pth", "No such file or directory"), (".", "Is a directory")]
)
def test_a_file_that_cannot_be_read(path: str, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        open_weights(path)

    assert str(caught.value) == f"--weights: {path} cannot be read: {reason}"


def test_standard_input_is_not_a_file() -> None:
    with pytest.raises(InputError) as caught:
        open_weights("-")

    assert str(caught.value) == "--weights: weights are read from a file, not from standard input"


@pytest.mark.parametrize(
    ("name", "package", "extra"),
    [("keras_bi_stack.keras", "h5py", "keras"), ("onnx_bi.onnx", "onnx", "onnx")],
)
def test_a_missing_extra_is_named(
    name: str, package: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, package, None)
    with pytest.raises(InputError) as caught:
        open_weights(str(FILES / name))

    assert (
        str(caught.value)
        == f"--weights: {FILES / name} needs {package}, which is not installed: pip install {package}, the extra rnncalc[{extra}]"
    )


# Keras


def keras_layer(kind: str, name: str = "a", **config: Any) -> dict[str, Any]:
    return {
        "class_name": kind,
        "config": {
            "name": name,
            "units": 4,
            "activation": "tanh",
            "return_sequences": True,
            **config,
        },
    }


SIMPLE = {"kernel:0": zeros(3, 4), "recurrent_kernel:0": zeros(4, 4), "bias:0": zeros(4)}
INNER = {"class_name": "SimpleRNN", "config": keras_layer("SimpleRNN")["config"]}
KERAS = {
    "lstm": ([keras_layer("LSTM", "a")], "a is an LSTM; only a vanilla RNN is calculated"),
    "gru_after": ([keras_layer("SimpleRNN"), keras_layer("GRU", "b")], "b is a GRU; only a vanilla RNN is calculated"),
    "lstm_in_both": ([keras_layer("Bidirectional", merge_mode="sum", layer={"class_name": "LSTM", "config": {}})], "a is an LSTM; only a vanilla RNN is calculated"),
    "no_rnn": ([keras_layer("Dense"), keras_layer("Dense", "b")], "has no SimpleRNN; its layers are Dense, Dense"),
    "conv": ([keras_layer("Conv1D", "conv1d"), keras_layer("SimpleRNN")], "conv1d is a Conv1D, which is not calculated"),
    "norm": ([keras_layer("SimpleRNN"), keras_layer("BatchNormalization", "bn")], "bn is a BatchNormalization, which is not calculated; --head none shows the states"),
    "flatten": ([keras_layer("SimpleRNN"), keras_layer("Flatten", "f")], "f is a Flatten, which is not calculated; --head none shows the states"),
    "model_within": ([keras_layer("SimpleRNN"), keras_layer("Sequential", "s")], "has a model within the model, a Sequential, which is not calculated"),
    "activation": ([keras_layer("SimpleRNN", activation="sparsemax")], "a has the activation sparsemax, which is not known"),
    "softmax_inside": ([keras_layer("SimpleRNN", activation="softmax")], "a has the activation softmax, which needs an output"),
    "no_weights": ([keras_layer("SimpleRNN", "other")], "has no weights of other"),
    "merge": ([keras_layer("Bidirectional", merge_mode=None, layer=INNER)], "a has merge_mode None, which is not calculated"),
    "after_the_last_state": ([keras_layer("SimpleRNN", return_sequences=False), keras_layer("SimpleRNN", "b")], "b reads what is not a sequence of states"),
    "cells": ([keras_layer("RNN", cell={"class_name": "StackedRNNCells", "config": {}})], "a is an RNN of a StackedRNNCells, which is not calculated"),
}  # fmt: skip


@pytest.mark.parametrize("case", KERAS)
def test_layers_of_keras(case: str) -> None:
    layers, message = KERAS[case]
    arrays = {f"model_weights/a/{name}": stored(array) for name, array in SIMPLE.items()}
    config = {"class_name": "Sequential", "config": {"layers": layers}}
    contents = Contents("m.h5", "", arrays, {"names": {}, "version": "2.6.0", "config": config})
    with pytest.raises(InputError) as caught:
        describe(contents, Asked())

    assert str(caught.value) == message


@pytest.mark.parametrize("kind", ["soft", "external", "virtual", "shape"])
def test_hdf5_that_reaches_out_or_is_too_large(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    h5py = pytest.importorskip("h5py")
    np.save(tmp_path / "x.npy", zeros(4))
    with h5py.File(tmp_path / "m.h5", "w") as file:
        if kind == "soft":
            file["a"] = h5py.SoftLink("/b")
        elif kind == "external":
            file["a"] = h5py.ExternalLink("other.h5", "/b")
        elif kind == "virtual":
            layout = h5py.VirtualLayout((4,), "f4")
            layout[:] = h5py.VirtualSource("other.h5", "b", (4,))
            file.create_virtual_dataset("a", layout)
        else:
            file.create_dataset("a", (2**20, 2**20), "f4", chunks=(1, 2**20))
    message = refused((tmp_path / "m.h5").read_bytes(), tmp_path, monkeypatch)
    right = {
        "soft": "has a link at a, which is not followed",
        "external": "has a link at a, which is not followed",
        "virtual": "has a in another file, which is not read",
    }

    assert (
        message
        == f"--weights: m.bin {right.get(kind, 'is damaged: its arrays take 4,398,046,511,104 bytes, more than is read')}"
    )


# ONNX


def onnx_model(
    nodes: list[Any], inputs: dict[str, list[int]], weights: dict[str, NDArray[Any]] | None = None
) -> bytes:
    import onnx

    value = onnx.helper.make_tensor_value_info
    given = [onnx.numpy_helper.from_array(array, name) for name, array in (weights or {}).items()]
    graph = onnx.helper.make_graph(
        nodes, "g", [value(n, 1, s) for n, s in inputs.items()], [value("Y", 1, None)], given
    )
    model: bytes = onnx.helper.make_model(graph).SerializeToString()
    return model


W = {"W": zeros(1, 4, 3), "R": zeros(1, 4, 4)}
X = {"X": [5, 1, 3]}
ONNX: dict[str, tuple[list[tuple[Any, ...]], dict[str, list[int]], dict[str, NDArray[Any]], str]] = {
    "lstm": ([("LSTM", "X W R", {"hidden_size": 4, "name": "lstm"})], X, {}, "lstm is an LSTM; only a vanilla RNN is calculated"),
    "inputs": ([("RNN", "X W R", {"hidden_size": 4, "name": "rnn"})], X | {"W": [1, 4, 3], "R": [1, 4, 4]}, {}, "W of node rnn is an input of the graph, not in the file"),
    "calculated": ([("Exp", "X", {}, "W"), ("RNN", "X W R", {"hidden_size": 4, "name": "rnn"})], X, {"R": W["R"]}, "W of node rnn is calculated by Exp, so it is not a weight of the file"),
    "loop": ([("Loop", "X", {})], X, {}, "has no RNN node, but a Loop, which is not calculated; tf2onnx writes a SimpleRNN so: give the .keras or .h5"),
    "no_rnn": ([("Relu", "X", {})], X, {}, "has no RNN node; its nodes are Relu"),
    "conv": ([("Conv", "X C", {"name": "conv"}, "Z"), ("RNN", "Z W R", {"name": "rnn"})], X, W | {"C": zeros(1, 1, 1)}, "rnn reads a Conv (conv), which is not calculated; with --rnn, x is what rnn reads"),
    "after": ([("RNN", "X W R", {"name": "rnn"}, "Z"), ("BatchNormalization", "Z S S S S", {"name": "bn"})], X, W | {"S": zeros(1)}, "a BatchNormalization (bn) after rnn is not calculated; --head none shows the states"),
    "activation": ([("RNN", "X W R", {"name": "rnn", "activations": ["Celu"]})], X, W, "rnn has the activation Celu, not known"),
    "affine": ([("RNN", "X W R", {"name": "rnn", "activations": ["Affine"]})], X, W, "rnn has Affine without alpha and beta"),
    "direction": ([("RNN", "X W R", {"name": "rnn", "direction": "up"})], X, W, "rnn has the direction up"),
    "bias": ([("RNN", "X W R B", {"name": "rnn"})], X, W | {"B": zeros(1, 4)}, "B of rnn has 4 values, but needs 8"),
    "shape": ([("RNN", "X W R", {"name": "rnn"})], X, W | {"W": zeros(4, 3)}, "W of node rnn is 4 x 3, but needs 3 axes, first 1"),
    "two": ([("RNN", "X W R", {"name": "a"}, "Z"), ("RNN", "X W R", {"name": "b"})], X, W, "holds 2 RNNs: a (D 3, H 4), b (D 3, H 4); choose one with --rnn"),
}  # fmt: skip


@pytest.mark.parametrize("case", ONNX)
def test_graphs_of_onnx(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    onnx = pytest.importorskip("onnx")
    nodes, inputs, weights, message = ONNX[case]
    made = [
        onnx.helper.make_node(op, of.split(), [*out] or ["Y"], **attributes)
        for op, of, attributes, *out in nodes
    ]

    assert (
        refused(onnx_model(made, inputs, weights), tmp_path, monkeypatch)
        == f"--weights: {after_name(message)}"
    )


def test_weights_beside_an_onnx_file_are_not_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    onnx = pytest.importorskip("onnx")
    model = onnx.load_model_from_string(
        onnx_model([onnx.helper.make_node("RNN", ["X", "W", "R"], ["Y"])], X, W)
    )
    onnx.save(
        model, tmp_path / "m.onnx", save_as_external_data=True, location="m.data", size_threshold=0
    )
    message = refused((tmp_path / "m.onnx").read_bytes(), tmp_path, monkeypatch)

    assert (
        message
        == "--weights: m.bin keeps W in m.data, which is not read; save the model with its weights inside"
    )
