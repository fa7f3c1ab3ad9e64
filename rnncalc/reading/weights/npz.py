"""NumPy's archive, .npz: a zip file with one .npy per array."""

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from rnncalc.errors import InputError
from rnncalc.reading.weights.contents import (
    Contents,
    DamageError,
    Raw,
    Stored,
    shown,
    size_in_bytes,
    stored,
)

if TYPE_CHECKING:
    from zipfile import ZipFile

MAGIC = b"\x93NUMPY"
_LONGEST = 10_000
_KEYS = {
    "descr": "'([<>|=]?[a-zA-Z][0-9]{0,9})'",
    "fortran_order": "(True|False)",
    "shape": r"\(([0-9L, ]*)\)",
}


def read_npz(archive: "ZipFile", name: str) -> Contents:
    """Return the arrays of an archive.

    Raises:
        InputError: an array is of Python objects.
        DamageError: an entry is not an array.
    """
    arrays = {each.removesuffix(".npy"): _entry(archive, each) for each in archive.namelist()}
    return Contents(name, "an archive of NumPy", arrays)


def _entry(archive: "ZipFile", entry: str) -> Stored:
    try:
        return stored(read_npy(archive.read(entry)))
    except InputError as error:
        raise InputError(f"{shown(entry)} {error}") from None


def read_npy(data: bytes) -> Raw:
    """Return the array of a .npy file. Nothing in it is unpickled.

    Raises:
        InputError: it is of Python objects.
        DamageError: it is not an array.
    """
    begin, shape, fortran, dtype = _header(data)
    if dtype.hasobject:
        raise InputError("holds pickled Python objects, which are never read; save with np.savez")
    size = size_in_bytes(shape, dtype.itemsize)
    if size > len(data) - begin:
        raise DamageError(f"expected {size} bytes of numbers, found {len(data) - begin}")
    flat = np.frombuffer(data, dtype, size // max(dtype.itemsize, 1), begin)
    return flat.reshape(shape, order="F" if fortran else "C")


def _header(data: bytes) -> tuple[int, tuple[int, ...], bool, np.dtype[Any]]:
    """Return where the numbers begin, their shape, whether columns come first, and their type.

    NumPy's own reader evaluates the header as Python and, if that fails, as Python 2.
    """
    if data[:6] != MAGIC or data[6:7] not in (b"\1", b"\2", b"\3"):
        raise DamageError("an array does not begin as a .npy file does")
    width = 2 if data[6] == 1 else 4
    begin = 8 + width + int.from_bytes(data[8 : 8 + width], "little")
    text = data[8 + width : min(begin, _LONGEST)].decode("latin-1")
    found = [re.search(f"'{key}': *{value}", text) for key, value in _KEYS.items()]
    if not all(found) or begin > len(data):
        raise DamageError("the header of an array is not that of an array of numbers")
    descr, fortran, shape = (match[1] for match in found if match)
    sizes = tuple(int(n) for n in re.findall("[0-9]{1,20}", shape))
    return begin, sizes, fortran == "True", np.dtype(descr)
