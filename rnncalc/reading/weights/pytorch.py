"""What torch.save writes, read with NumPy alone: the zip file of today and the format before it.

The pickle inside only says which tensors there are; see `pickled`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from rnncalc.errors import InputError
from rnncalc.reading.weights.contents import (
    MOST,
    Contents,
    DamageError,
    Raw,
    Stored,
    shown,
    stored,
)
from rnncalc.reading.weights.pickled import Made, Name, Tensor, unpickled

if TYPE_CHECKING:
    from zipfile import ZipFile

LEGACY = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46"
_TYPES = {
    "DoubleStorage": "f8",
    "FloatStorage": "f4",
    "HalfStorage": "f2",
    "BFloat16Storage": "u2",
    "LongStorage": "i8",
    "IntStorage": "i4",
    "ShortStorage": "i2",
    "CharStorage": "i1",
    "ByteStorage": "u1",
    "BoolStorage": "?",
    "ComplexFloatStorage": "c8",
    "ComplexDoubleStorage": "c16",
}
_SAID = ("mode", "nonlinearity", "batch_first", "bidirectional")  # by a pickled module, of itself
_DEEPEST = 60
_MOST_OBJECTS = 200_000


def read_zip(archive: "ZipFile", pickle: str, name: str) -> Contents:
    """Return the arrays of the zip file whose pickle is the entry `pickle`.

    Raises:
        InputError: it is TorchScript, or asks for what no file of weights needs.
        DamageError: a tensor does not fit its storage.
    """
    root = pickle.removesuffix("data.pkl")
    entries = set(archive.namelist())
    if any(entry.startswith(f"{root}code/") for entry in entries):
        raise InputError(
            "is TorchScript, a program with its weights, which is not run; "
            "save the weights: torch.save(model.state_dict(), ...)"
        )
    order = archive.read(f"{root}byteorder") if f"{root}byteorder" in entries else b"little"
    walk = _walked(unpickled(BytesIO(archive.read(pickle))))

    @cache
    def read(key: str) -> bytes:
        return archive.read(f"{root}data/{key}")

    return _contents(walk, read, ">" if order == b"big" else "<", name)


def read_legacy(data: bytes, name: str) -> Contents:
    """Return the arrays of a file that PyTorch before 1.6 wrote: five pickles, then the storages.

    Raises:
        InputError: it asks for what no file of weights needs.
        DamageError: a tensor does not fit its storage.
    """
    file = BytesIO(data)
    _, _, system, whole, keys = [unpickled(file) for _ in range(5)]
    order = "<" if not isinstance(system, dict) or system.get("little_endian", True) else ">"
    walk = _walked(whole)
    types = {tensor.storage.key: tensor.storage.dtype for tensor in walk.tensors.values()}
    storages: dict[str, bytes] = {}
    at = file.tell()
    for key in map(str, keys if isinstance(keys, list) else ()):
        count = int.from_bytes(data[at : at + 8], "little" if order == "<" else "big")
        if count and key not in types:
            raise DamageError(f"storage {shown(key)} belongs to no tensor")
        end = at + 8 + (count and count * np.dtype(_TYPES[types[key]]).itemsize)
        storages[key], at = data[at + 8 : end], end
    return _contents(walk, storages.__getitem__, order, name)


def _contents(walk: "_Walk", read: Callable[[str], bytes], order: str, name: str) -> Contents:
    arrays = {each: _array(each, tensor, read, order) for each, tensor in walk.tensors.items()}
    kind = "a pickled PyTorch module" if walk.modules else "a PyTorch state_dict"
    if any(each.startswith(f"{key}.") for key in walk.inner for each in arrays):
        kind = "a PyTorch checkpoint"
    return Contents(name, kind, arrays, {"modules": walk.modules, "roots": tuple(walk.inner)})


def _array(name: str, tensor: Tensor, read: Callable[[str], bytes], order: str) -> Stored:
    """Return a view of the storage, with the offset and the strides of the tensor."""
    storage = tensor.storage
    if storage.dtype not in _TYPES:
        raise DamageError(f"{shown(name)} is stored as {shown(storage.dtype)}, which is not known")
    numbers = np.frombuffer(read(storage.key), order + _TYPES[storage.dtype])
    offset, count = tensor.offset, prod(tensor.shape)
    if storage.view:
        offset += storage.view[0]
    last = offset + sum((n - 1) * s for n, s in zip(tensor.shape, tensor.strides, strict=True))
    if count and (last >= numbers.size or count > numbers.size):
        raise DamageError(
            f"{shown(name)} reads {max(last + 1, count)} values of a storage of {numbers.size}"
        )
    size = numbers.itemsize
    strides = [s * size for s in tensor.strides]
    raw: Raw = np.empty(tensor.shape, numbers.dtype)
    if count:
        raw = np.ndarray(raw.shape, raw.dtype, numbers, offset * size, strides)
    return stored(raw, bfloat16=storage.dtype == "BFloat16Storage")


@dataclass
class _Walk:
    """What was found in an object: tensors by their paths, and what modules say of themselves.

    Attributes:
        tensors: by the path to them, joined with dots.
        modules: what the module at a path says: its class, its mode.
        inner: the paths of the state_dicts within a checkpoint.
    """

    tensors: dict[str, Tensor] = field(default_factory=dict)
    modules: dict[str, dict[str, Any]] = field(default_factory=dict)
    inner: list[str] = field(default_factory=list)
    seen: int = 0

    def visit(self, value: object, path: str, depth: int) -> None:
        self.seen += 1
        if depth > _DEEPEST or self.seen > _MOST_OBJECTS or len(self.tensors) > MOST:
            raise DamageError("it is nested too deeply, or holds too many objects")
        if isinstance(value, Tensor):
            self.tensors[path] = value
            return
        if isinstance(value, dict) and depth and any(isinstance(v, Tensor) for v in value.values()):
            self.inner.append(path)
        for key, inner in self.within(value, path):
            self.visit(inner, f"{path}.{key}" if path else str(key), depth + 1)

    def within(self, value: object, path: str) -> Iterator[tuple[object, object]]:
        """Yield what a container or a module holds, by the keys that a state_dict would have."""
        if isinstance(value, dict):
            yield from value.items()
        elif isinstance(value, list | tuple):
            yield from enumerate(value)
        elif isinstance(value, Made):
            for state in map(_attributes, value.state):
                if "_modules" in state:
                    self.modules[path] = _said(value, state)
                    for part in ("_parameters", "_buffers", "_modules"):
                        yield from _attributes(state.get(part)).items()
                else:
                    yield from state.items()


def _walked(whole: object) -> _Walk:
    walk = _Walk()
    walk.visit(whole, "", 0)
    return walk


def _attributes(state: object) -> dict[Any, Any]:
    return state if isinstance(state, dict) else {}


def _said(module: Made, state: dict[Any, Any]) -> dict[str, Any]:
    """Return the class of a module, and its settings as far as they are plain values."""
    kind = str(module.of) if isinstance(module.of, Name) else ""
    plain = {k: state[k] for k in _SAID if isinstance(state.get(k), str | bool)}
    return {"class": kind, **plain}
