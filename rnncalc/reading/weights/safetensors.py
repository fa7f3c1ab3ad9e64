"""The format safetensors: a length, a JSON header of that length, and raw numbers."""

from itertools import pairwise
from typing import Any

import numpy as np

from rnncalc.reading.weights.contents import (
    LIMIT,
    MOST,
    Contents,
    DamageError,
    Stored,
    shown,
    size_in_bytes,
    stored,
)

_LENGTH = 8
_MOST_HEADER = 16 * 2**20
TYPES = {"BF16": "u2", "BOOL": "?"}
"""NumPy's names of the types; bfloat16 has none."""
TYPES |= {f"F{8 * n}": f"f{n}" for n in (2, 4, 8)}
TYPES |= {f"{kind}{8 * n}": f"{kind.lower()}{n}" for kind in "IU" for n in (1, 2, 4, 8)}


def read_safetensors(data: bytes, name: str) -> Contents:
    """Return the arrays of a file.

    Raises:
        DamageError: the header does not fit the bytes, or arrays overlap.
    """
    begin = _LENGTH + int.from_bytes(data[:_LENGTH], "little")
    if begin > min(len(data), _MOST_HEADER):
        raise DamageError(
            f"expected a header of {begin - _LENGTH} bytes, but the file has {len(data)}"
        )
    header = _header(data[_LENGTH:begin])
    metadata = header.pop("__metadata__", None) or {}
    if len(header) > MOST:
        raise DamageError(f"{len(header)} arrays are more than {MOST}")
    _refuse_overlaps(header)
    values = memoryview(data)[begin:]
    arrays = {each: _array(each, entry, values) for each, entry in header.items()}
    return Contents(name, "a file of safetensors", arrays, {"metadata": metadata})


def _header(text: bytes) -> dict[str, dict[str, Any]]:
    import json

    header = json.loads(text)
    if not isinstance(header, dict) or not all(isinstance(e, dict) for e in header.values()):
        raise DamageError("its header is not a table of arrays")
    return header


def _refuse_overlaps(header: dict[str, dict[str, Any]]) -> None:
    spans = sorted((*_span(each, entry), each) for each, entry in header.items())
    for (_, end, first), (begin, _, second) in pairwise(spans):
        if begin < end:
            raise DamageError(f"{shown(first)} and {shown(second)} overlap")


def _span(name: str, entry: dict[str, Any]) -> tuple[int, int]:
    begin, end = entry["data_offsets"]
    if type(begin) is not int or type(end) is not int or not 0 <= begin <= end <= LIMIT:
        raise DamageError(f"the offsets of {shown(name)} are outside of the file")
    return begin, end


def _array(name: str, entry: dict[str, Any], values: memoryview) -> Stored:
    begin, end = _span(name, entry)
    shape = tuple(entry["shape"])
    kind = entry["dtype"]
    if kind not in TYPES or not all(type(n) is int for n in shape):
        raise DamageError(f"the type of {shown(name)}, {shown(str(kind))}, is not known")
    dtype = np.dtype(f"<{TYPES[kind]}")
    size = size_in_bytes(shape, dtype.itemsize)
    if size != end - begin or end > len(values):
        raise DamageError(f"{shown(name)} needs {size} bytes, which its offsets do not give")
    raw = np.frombuffer(values[begin:end], dtype).reshape(shape)
    return stored(raw, bfloat16=kind == "BF16")
