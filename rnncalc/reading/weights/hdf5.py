"""Keras' files: .h5 and .weights.h5, which are HDF5, and .keras, a zip file around one.

The library of HDF5 may end a process whose file is damaged, so it works in a process of its own.
"""

import json
import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from rnncalc.errors import InputError
from rnncalc.reading.weights.contents import Contents, DamageError
from rnncalc.reading.weights.safetensors import read_safetensors

if TYPE_CHECKING:
    from zipfile import ZipFile

_PATIENCE = 60  # seconds on a busy machine
_CHILD = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from rnncalc.reading.weights.hdf5_process import main; main()"
)


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
    if find_spec("h5py") is None:
        raise InputError(
            "needs h5py, which is not installed: pip install h5py, the extra rnncalc[keras]"
        )
    found = read_safetensors(_read_elsewhere(data), name)
    facts = json.loads(found.facts["metadata"]["facts"])
    if "config" in facts:
        facts["config"] = _table(facts["config"])
    kind = "a Keras model" if "config" in facts else "weights of Keras without a configuration"
    return Contents(name, kind, found.arrays, facts)


def _read_elsewhere(data: bytes) -> bytes:
    """Return the arrays and facts of an HDF5 file as another process read them."""
    command = [sys.executable, "-I", "-c", _CHILD, json.dumps(sys.path)]
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=_PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        raise DamageError(f"the library of HDF5 takes more than {_PATIENCE} seconds") from None
    kind, _, answer = done.stdout.partition(b"\n")
    if kind == b"refused":
        raise InputError(answer.decode())
    if kind == b"damaged":
        raise DamageError(answer.decode())
    if kind != b"read":
        raise DamageError("the library of HDF5 cannot read it")
    return answer


def _table(text: str | bytes) -> dict[str, Any]:
    table = json.loads(text)
    if not isinstance(table, dict):
        raise DamageError("its configuration is not a table")
    return table
