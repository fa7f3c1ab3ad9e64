"""Keras' files: .h5 and .weights.h5, which are HDF5, and .keras, a zip file around one."""

from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any

from rnncalc.errors import InputError
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

if TYPE_CHECKING:
    from zipfile import ZipFile

_DEEPEST = 30
_OPTIMIZER = ("optimizer_weights", "optimizer")


def read_keras(archive: "ZipFile", name: str) -> Contents:
    """Return what a .keras file holds: the configuration and the weights.

    Raises:
        InputError: h5py is missing.
        DamageError: a part is not what it should be.
    """
    entries = set(archive.namelist())
    for needed in ("config.json", "metadata.json"):
        if needed not in entries:
            raise DamageError(f"{needed} is missing")
    config, metadata = (_table(archive.read(e)) for e in ("config.json", "metadata.json"))
    found = read_hdf5(archive.read("model.weights.h5"), name)
    facts = {**found.facts, "config": config, "version": str(metadata.get("keras_version", ""))}
    return Contents(name, "a Keras model", found.arrays, facts)


def read_hdf5(data: bytes, name: str) -> Contents:
    """Return what an HDF5 file holds.

    Raises:
        InputError: h5py is missing, or a part of the file lies elsewhere.
        DamageError: a part is not what it should be.
    """
    try:
        import h5py
    except ImportError:
        raise InputError(
            "needs h5py, which is not installed: pip install 'rnncalc[keras]'"
        ) from None
    with h5py.File(BytesIO(data), "r") as file:
        members = dict(_walk(h5py, file))
        total = sum(each.size * each.dtype.itemsize for each in _datasets(h5py, members).values())
        if total > LIMIT:
            raise DamageError(f"its arrays take {total:,} bytes, more than is read")
        arrays = {
            path: _array(path, each) for path, each in sorted(_datasets(h5py, members).items())
        }
        facts = _facts(file, members)
    kind = "a Keras model" if "config" in facts else "weights of Keras without a configuration"
    return Contents(name, kind, arrays, facts)


def _datasets(h5py: Any, members: dict[str, Any]) -> dict[str, Any]:
    found = {path: each for path, each in members.items() if isinstance(each, h5py.Dataset)}
    for path, each in found.items():
        if each.shape is None or each.dtype.hasobject:
            raise InputError(f"has {shown(path)}, which is not an array of numbers")
    return found


def _facts(file: Any, members: dict[str, Any]) -> dict[str, Any]:
    """Return the version, the configuration, and the names of the layers by their paths."""
    ends = {path.removesuffix("/vars"): each for path, each in members.items() if "/vars" in path}
    names = {path: _text(each.attrs["name"]) for path, each in ends.items() if "name" in each.attrs}
    facts: dict[str, Any] = {"names": names, "version": _text(file.attrs.get("keras_version", ""))}
    if "model_config" in file.attrs:
        facts["config"] = _table(_text(file.attrs["model_config"]))
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


def _array(path: str, dataset: Any) -> Stored:
    """Return the numbers of a dataset, after a look at how much memory they and a chunk take."""
    if dataset.is_virtual or dataset.external:
        raise InputError(f"has {shown(path)} in another file, which is not read")
    size_in_bytes(dataset.shape, dataset.dtype.itemsize)
    size_in_bytes(dataset.chunks or (), dataset.dtype.itemsize)
    return stored(dataset[()])


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _table(text: str | bytes) -> dict[str, Any]:
    import json

    table = json.loads(text)
    if not isinstance(table, dict):
        raise DamageError("its configuration is not a table")
    return table
