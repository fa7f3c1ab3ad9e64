"""The process that reads an HDF5 file from its standard input; see `hdf5`.

It answers with a word in a line, and then what is wrong, or the arrays in the format safetensors.
"""

import json
import struct
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from io import BytesIO
from math import ceil
from time import process_time
from typing import Any

import numpy as np

from rnncalc.errors import InputError
from rnncalc.reading.weights.contents import (
    LIMIT,
    MOST,
    DamageError,
    Raw,
    shown,
    size_in_bytes,
)
from rnncalc.reading.weights.files import damage_told
from rnncalc.reading.weights.safetensors import TYPES

_DEEPEST = 30
_OPTIMIZER = ("optimizer_weights", "optimizer")
_MEMORY = 3 * 2**30
_SECONDS = 2  # of the processor; any file takes a tenth of one, but a damaged one has no end
_PER_SECOND = 2**24  # bytes, about a tenth of what the library reads
_TYPES = {np.dtype(code).name: kind for kind, code in TYPES.items()}  # U16 after BF16


def main() -> None:
    """Read standard input, and write the answer to standard output."""
    import h5py  # noqa: F401  # a slow processor takes seconds, which are not the file's

    data = sys.stdin.buffer.read()
    _limit(len(data))
    try:
        with damage_told("it"):
            answer = b"read\n" + _packed(*_read(data))
    except InputError as error:
        kind, _, text = error.message.partition(" ")
        kind = "damaged" if text.startswith("is damaged: ") else "refused"
        answer = f"{kind}\n{text.removeprefix('is damaged: ')}".encode()
    sys.stdout.buffer.write(answer)


def _limit(size: int) -> None:
    """End this process if it takes more memory, or more of the processor, than such a file can."""
    with suppress(ImportError, ValueError, OSError):  # Windows has no such limits
        import resource

        seconds = ceil(process_time()) + _SECONDS + size // _PER_SECOND
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def _packed(arrays: Mapping[str, Raw], facts: Mapping[str, Any]) -> bytes:
    """Return the arrays in the format safetensors, the facts among its metadata."""
    header: dict[str, Any] = {"__metadata__": {"facts": json.dumps(facts)}}
    at = 0
    for name, raw in arrays.items():
        span = [at, at := at + raw.nbytes]
        dtype = _TYPES[raw.dtype.name]
        header[name] = {"dtype": dtype, "shape": list(raw.shape), "data_offsets": span}
    text = json.dumps(header).encode()
    parts = (raw.astype(raw.dtype.newbyteorder("<")).tobytes() for raw in arrays.values())
    return struct.pack("<Q", len(text)) + text + b"".join(parts)


def _read(data: bytes) -> tuple[dict[str, Raw], dict[str, Any]]:
    import h5py

    with h5py.File(BytesIO(data), "r") as file:
        members = dict(_walk(h5py, file))
        found = {path: each for path, each in members.items() if isinstance(each, h5py.Dataset)}
        for path, each in found.items():
            if each.shape is None or each.dtype.hasobject or each.dtype.name not in _TYPES:
                raise InputError(f"has {shown(path)}, which is not an array of numbers")
        total = sum(each.size * each.dtype.itemsize for each in found.values())
        if total > LIMIT // 2:  # they are handed on in one piece
            raise DamageError(f"its arrays take {total:,} bytes, more than is read")
        arrays = {path: _array(path, each) for path, each in sorted(found.items())}
        return arrays, _facts(file, members)


def _facts(file: Any, members: Mapping[str, Any]) -> dict[str, Any]:
    """Return the version, the configuration, and the names of the layers by their paths."""
    ends = {p.removesuffix("/vars"): each for p, each in members.items() if p.endswith("/vars")}
    names = {path: _text(each.attrs["name"]) for path, each in ends.items() if "name" in each.attrs}
    facts: dict[str, Any] = {"names": names, "version": _text(file.attrs.get("keras_version", ""))}
    if "model_config" in file.attrs:
        facts["config"] = _text(file.attrs["model_config"])
    return facts


def _walk(h5py: Any, file: Any) -> Iterator[tuple[str, Any]]:
    """Yield the groups and datasets by their paths; a link out of the file is refused."""
    waiting = [("", file, 0)]
    count = 0
    while waiting:
        path, group, depth = waiting.pop()
        if depth > _DEEPEST:
            raise DamageError("its groups are nested too deeply")
        for key in group:
            inner = f"{path}/{key}" if path else key
            if (count := count + 1) > MOST:
                raise DamageError(f"it has more than {MOST} groups and arrays")
            if not depth and key in _OPTIMIZER:
                continue
            if not isinstance(group.get(key, getlink=True), h5py.HardLink):
                raise InputError(f"has a link at {shown(inner)}, which is not followed")
            each = group[key]
            yield inner, each
            if isinstance(each, h5py.Group):
                waiting.append((inner, each, depth + 1))


def _array(path: str, dataset: Any) -> Raw:
    """Return the numbers of a dataset, after a look at how much memory they and a chunk take."""
    if dataset.is_virtual or dataset.external:
        raise InputError(f"has {shown(path)} in another file, which is not read")
    size_in_bytes(dataset.shape, dataset.dtype.itemsize)
    size_in_bytes(dataset.chunks or (), dataset.dtype.itemsize)
    found: Raw = dataset[()]
    return found


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
