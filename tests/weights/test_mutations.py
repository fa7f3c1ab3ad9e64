"""Damaged files: one line, no traceback, no hang, whatever was damaged."""

import io
import random
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from rnncalc import InputError
from rnncalc.reading.weights.opened import open_weights
from weight_files import legacy, npz, pytorch, state_dict, zipped

FILES = Path(__file__).parent / "files"
EACH = 60
FEWER = 10  # of those that are read in a process of their own
ARRAYS = {
    name: np.random.default_rng(4).normal(size=shape).astype("f4")
    for name, shape in {
        "a.weight_ih_l0": (4, 3),
        "a.weight_hh_l0": (4, 4),
        "a.bias_ih_l0": (4,),
        "a.bias_hh_l0": (4,),
        "fc.weight": (2, 4),
    }.items()
}
Mutation = Callable[[random.Random, bytes], bytes]


def flipped(r: random.Random, data: bytes) -> bytes:
    found = bytearray(data)
    for _ in range(r.choice([1, 1, 2, 8, 40])):
        found[r.randrange(len(found))] = r.choice([0, 1, 0x7F, 0x80, 0xFF, r.randrange(256)])
    return bytes(found)


def cut(r: random.Random, data: bytes) -> bytes:
    return data[: r.randrange(len(data))]


def without(r: random.Random, data: bytes) -> bytes:
    at = r.randrange(len(data))
    return data[:at] + data[at + r.randrange(1, 30) :]


def doubled(r: random.Random, data: bytes) -> bytes:
    at = r.randrange(len(data))
    return data[: at + r.randrange(1, 60)] + data[at:]


def other_digit(r: random.Random, data: bytes) -> bytes:
    digits = [n for n, byte in enumerate(data) if 48 <= byte <= 57] or [0]
    at = r.choice(digits)
    return (
        data[:at]
        + r.choice([b"9", b"-1", b"99999999999", b"1e9", b'"', b"[", b"null"])
        + data[at + 1 :]
    )


MUTATIONS: list[Mutation] = [flipped, flipped, cut, without, doubled, other_digit]


def inside(r: random.Random, data: bytes, mutation: Mutation) -> bytes:
    """Change an entry of a zip file, whose checksums are right again."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    name = r.choice([name for name, each in entries.items() if each])
    return zipped({**entries, name: mutation(r, entries[name])})


def originals() -> dict[str, bytes]:
    names = ["torch_bi2.safetensors", "torch_classifier.pt", "keras_bi_stack.keras", "onnx_bi.onnx"]
    found = {name: (FILES / name).read_bytes() for name in names}
    own = {
        key: np.ones(shape) for key, shape in {"wxh": (4, 3), "whh": (4, 4), "why": (2, 4)}.items()
    }
    with zipfile.ZipFile(FILES / "keras_bi_stack.keras") as archive:
        found["model.weights.h5"] = archive.read("model.weights.h5")
    return found | {
        "legacy.pt": legacy(state_dict(ARRAYS)),
        "made.pt": pytorch(state_dict(ARRAYS)),
        "own.npz": npz(own),
    }


def mutants(name: str, data: bytes, count: int, seed: int = 0) -> Iterator[bytes]:
    r = random.Random(f"{name}{seed}")
    for _ in range(count):
        mutation = r.choice(MUTATIONS)
        if data[:2] == b"PK" and r.random() < 0.7:
            yield inside(r, data, mutation)
        else:
            yield mutation(r, data)


def outcome(path: Path) -> str:
    """Return the one line of an error, or nothing."""
    asked = (
        {"activation": "tanh", "rnn": "layers/simple_rnn"}
        if path.name.endswith("weights.h5")
        else {}
    )
    try:
        open_weights(str(path), **asked)
    except InputError as error:
        return str(error)
    return ""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", originals())
def test_a_damaged_file_is_one_line(name: str, tmp_path: Path) -> None:
    package = {".keras": "h5py", ".h5": "h5py", ".onnx": "onnx"}.get(Path(name).suffix)
    if package:
        pytest.importorskip(package)
    path = tmp_path / name
    path.write_bytes(originals()[name])
    assert outcome(path) == ""
    begin = time.monotonic()
    for data in mutants(name, originals()[name], FEWER if package == "h5py" else EACH):
        path.write_bytes(data)
        told = outcome(path)
        assert "\n" not in told
        assert told.isprintable()

    assert time.monotonic() - begin < 30
