"""A finite float64 array of a given rank, or what is wrong with it."""

from typing import cast

import numpy as np
from numpy.typing import ArrayLike

from rnncalc.errors import InputError

Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def shape_of(array: Array) -> str:
    """Return a shape as people write it: `2 x 3`, `3 values`, `1 value`."""
    if array.ndim == 1:
        return f"{array.size} value{'s' if array.size != 1 else ''}"
    return " x ".join(map(str, array.shape)) or "a single number"


def not_finite(array: Array) -> tuple[int, ...] | None:
    """Return where the first number is that is not finite, or None if all are."""
    finite = np.isfinite(array)
    return None if finite.all() else tuple(map(int, np.argwhere(~finite)[0]))


def frozen(value: ArrayLike, key: str, rank: int) -> Array:
    """Return a read-only float64 copy of `value`, which must be finite and of that rank."""
    try:
        given = np.asarray(value)
    except ValueError:
        raise InputError("has rows of different lengths", key=key) from None
    if given.dtype.kind not in "fiu":
        raise InputError(f"holds {given.dtype}, but must hold real numbers", key=key)
    if given.ndim != rank:
        wanted = "a list of numbers" if rank == 1 else "a list of rows"
        raise InputError(f"has shape {given.shape}, but must be {wanted}", key=key)
    if not given.size:
        raise InputError(f"has shape {given.shape}, but must not be empty", key=key)
    array = np.array(given, dtype=np.float64)
    if not_finite(array) is not None:
        raise InputError("holds a number that is not finite", key=key)
    array.setflags(write=False)
    return cast(Array, array)
