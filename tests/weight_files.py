"""Files of weights as the frameworks write them, made without the frameworks."""

import io
import json
import pickle
import struct
import zipfile
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]
LEGACY = (0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": True})


def safetensors(arrays: Arrays, *, types: Mapping[str, str] | None = None, **header: Any) -> bytes:
    """Return the bytes of a file; `header` replaces entries, and `types` the types."""
    table: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    data = b""
    for name, array in arrays.items():
        dtype = (types or {}).get(name) or {
            "f8": "F64",
            "f4": "F32",
            "f2": "F16",
            "u2": "BF16",
            "i8": "I64",
        }[array.dtype.str[1:]]
        table[name] = {
            "dtype": dtype,
            "shape": list(array.shape),
            "data_offsets": [len(data), len(data) + array.nbytes],
        }
        data += array.tobytes()
    text = json.dumps({**table, **header}).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


class Global:
    """A name in a pickle, which nobody has to be able to import."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name

    def __call__(self) -> None:
        raise AssertionError("a name in a pickle was called")


class Storage:
    """Numbers beside the pickle."""

    def __init__(self, numbers: NDArray[Any], dtype: str = "FloatStorage") -> None:
        self.numbers, self.dtype = numbers, dtype


class View:
    """A tensor: a part of a storage."""

    def __init__(
        self, storage: Storage, offset: int, shape: Sequence[int], strides: Sequence[int]
    ) -> None:
        self.storage, self.offset, self.shape, self.strides = (
            storage,
            offset,
            tuple(shape),
            tuple(strides),
        )

    def __reduce__(self) -> Any:
        return Global("torch._utils", "_rebuild_tensor_v2"), (
            self.storage,
            self.offset,
            self.shape,
            self.strides,
            False,
            OrderedDict(),
        )


class Called:
    """What a pickle asks to be made by calling a name."""

    def __init__(self, module: str, name: str, *arguments: object, state: object = None) -> None:
        self.made = (Global(module, name), arguments, *([state] if state is not None else []))

    def __reduce__(self) -> Any:
        return self.made


class StateDict(OrderedDict[str, Any]):
    """An OrderedDict with an attribute, as PyTorch's state_dict() is: a reader has to bear it."""

    def __reduce__(self) -> Any:
        return (
            Global("collections", "OrderedDict"),
            (),
            {"_metadata": OrderedDict()},
            None,
            iter(self.items()),
        )


# written in Python, so that a part can be replaced
_Base: Any = vars(pickle)["_Pickler"]


class _Pickler(_Base):  # type: ignore[misc]
    def __init__(self, file: io.BytesIO, protocol: int) -> None:
        super().__init__(file, protocol)
        self.storages: list[Storage] = []

    def persistent_id(self, obj: Any) -> Any:
        if not isinstance(obj, Storage):
            return None
        if obj not in self.storages:
            self.storages.append(obj)
        return (
            "storage",
            Global("torch", obj.dtype),
            str(self.storages.index(obj)),
            "cpu",
            obj.numbers.size,
        )

    def save(self, obj: Any, save_persistent_id: bool = True) -> None:
        if isinstance(obj, Global):
            self.write(b"c" + f"{obj.module}\n{obj.name}\n".encode())
        else:
            super().save(obj, save_persistent_id)


def tensor(array: NDArray[Any], dtype: str = "") -> View:
    names = {"f8": "DoubleStorage", "f4": "FloatStorage", "f2": "HalfStorage", "i8": "LongStorage"}
    strides: list[int] = []
    n = 1
    for size in array.shape[::-1]:
        strides.insert(0, n)
        n *= size
    return View(
        Storage(array.ravel(), dtype or names[array.dtype.str[1:]]), 0, array.shape, strides
    )


def state_dict(arrays: Arrays) -> StateDict:
    return StateDict((name, tensor(array)) for name, array in arrays.items())


def pickled(whole: object, protocol: int = 2) -> tuple[bytes, list[Storage]]:
    file = io.BytesIO()
    pickler = _Pickler(file, protocol)
    pickler.dump(whole)
    return file.getvalue(), pickler.storages


def zipped(entries: Mapping[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return file.getvalue()


def pytorch(
    whole: object, root: str = "archive", protocol: int = 2, more: Mapping[str, bytes] | None = None
) -> bytes:
    data, storages = pickled(whole, protocol)
    entries = {
        "data.pkl": data,
        "byteorder": b"little",
        **{f"data/{n}": s.numbers.tobytes() for n, s in enumerate(storages)},
        "version": b"3\n",
        **(more or {}),
    }
    return zipped({f"{root}/{name}": each for name, each in entries.items()})


def legacy(whole: object) -> bytes:
    data, storages = pickled(whole)
    keys = [str(n) for n in range(len(storages))]
    head = b"".join(pickle.dumps(each, 2) for each in LEGACY)
    tail = b"".join(struct.pack("<q", s.numbers.size) + s.numbers.tobytes() for s in storages)
    return head + data + pickle.dumps(keys, 2) + tail


def npz(arrays: Mapping[str, Any]) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def keras_h5(
    path: Path,
    layers: Sequence[Mapping[str, Any]],
    weights: Mapping[str, Arrays],
    *,
    version: str = "2.6.0",
    listed: bool = False,
) -> None:
    """Write the .h5 of a Sequential as Keras 2 does; the paths of the weights are as they are given.

    Args:
        path: of the file.
        layers: the configuration, a class_name and a config each.
        weights: by the name of the layer, the arrays by their paths below it.
        version: of Keras.
        listed: whether the configuration is a list of layers, as in Keras 2.0.
    """
    import h5py

    config = list(layers) if listed else {"name": "sequential", "layers": list(layers)}
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = version.encode()
        file.attrs["model_config"] = json.dumps(
            {"class_name": "Sequential", "config": config}
        ).encode()
        for layer, arrays in weights.items():
            group = file.create_group(f"model_weights/{layer}")
            for name, array in arrays.items():
                group[name] = array
        file["optimizer_weights/iterations"] = np.zeros(())
