"""A sequence in a .npy file, in place of a file of text: `--x @x.npy`."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from rnncalc.errors import InputError
from rnncalc.numerals.number import Written
from rnncalc.reading.texts import LIMIT, name_of

_MAGIC = b"\x93NUMPY"


def values_in(path: str, *, printed: bool) -> Any:
    """Return the nested lists of a .npy file, or None for any other file.

    Args:
        path: of a file, told by its first bytes.
        printed: whether each number keeps its shortest text, as a printed value does.

    Raises:
        InputError: it is damaged, too large, or not an array of finite numbers.
    """
    data = _bytes(path)
    if data is None:
        return None
    from rnncalc.reading.weights.contents import stored, widened
    from rnncalc.reading.weights.files import damage_told
    from rnncalc.reading.weights.npz import read_npy

    with damage_told(name_of(path)):
        raw = _of_one_sequence(read_npy(data))
        if printed and raw.dtype.kind in "fiu":
            return _written(raw)
        return widened("", stored(raw)).tolist()


def _of_one_sequence(raw: Any) -> Any:
    """Return the steps of a batch of one, T x 1 x D or 1 x T x D; anything else as it is."""
    if raw.ndim == 3 and 1 in raw.shape[:2]:  # the axes of a batch
        return raw.reshape(-1, raw.shape[2])
    return raw


def _bytes(path: str) -> bytes | None:
    """Return the whole file if it begins as a .npy file does; another reader reports trouble."""
    with suppress(OSError, ValueError), Path(path).open("rb") as file:
        if path != "-" and file.read(len(_MAGIC)) == _MAGIC:
            data = _MAGIC + file.read(LIMIT)
            if len(data) > LIMIT:
                raise InputError(f"{name_of(path)} is larger than {LIMIT >> 20} MiB")
            return data
    return None


def _written(raw: Any) -> Any:
    if raw.ndim:
        return [_written(each) for each in raw]
    return Written(str(raw))
