"""NumPy's archive, .npz: a zip file with one .npy per array."""

from io import BytesIO
from typing import TYPE_CHECKING

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
    file = BytesIO(data)
    version = np.lib.format.read_magic(file)
    readers = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    if version not in readers:
        raise DamageError(f"version {version} of the .npy format is not known")
    shape, fortran, dtype = readers[version](file)
    if dtype.hasobject:
        raise InputError("holds pickled Python objects, which are never read; save with np.savez")
    begin, size = file.tell(), size_in_bytes(shape, dtype.itemsize)
    if size > len(data) - begin:
        raise DamageError(f"{size} bytes of numbers are due, {len(data) - begin} are there")
    flat = np.frombuffer(data, dtype, size // max(dtype.itemsize, 1), begin)
    return flat.reshape(shape, order="F" if fortran else "C")
