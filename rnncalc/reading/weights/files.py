"""From the name of a file to its contents: it is recognised by its first bytes, not by its name."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from rnncalc.errors import InputError, printable
from rnncalc.reading.texts import name_of, similar
from rnncalc.reading.weights.choosing import FlagError
from rnncalc.reading.weights.contents import LIMIT, MOST, Contents, DamageError, shown

if TYPE_CHECKING:
    from zipfile import ZipFile

_HDF5 = b"\x89HDF\r\n\x1a\n"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_LFS = b"version https://git-lfs"
_KERAS_WEIGHTS = "model.weights.h5"
_VERBS = ("is ", "has ", "holds ", "asks ", "needs ", "keeps ", "unpacks ", "cannot ")
_READ = ".npz, .safetensors, PyTorch, Keras and ONNX"
# all that was ever raised for damaged files by zipfile, json, NumPy, h5py and onnx
_DAMAGE = (
    *(ValueError, LookupError, TypeError, ArithmeticError, AttributeError, EOFError, OSError),
    *(RuntimeError, MemoryError, AssertionError, SyntaxError, BufferError),
)


def read(path: str) -> Contents:
    """Return what the file of weights at `path` holds.

    Raises:
        InputError: it cannot be read, is none of the known formats, or is damaged.
    """
    name = name_of(path)
    data = _bytes(path, name)
    with damage_told(name):
        return _contents(data, name)


@contextmanager
def damage_told(name: str) -> Iterator[None]:
    """Turn whatever a damaged file raises into one line; other errors get the name of the file."""
    from struct import error as struct_error
    from zipfile import BadZipFile
    from zlib import error as zlib_error

    try:
        yield
    except FlagError:
        raise
    except InputError as error:
        raise type(error)(_told(name, str(error))) from None
    except (*_DAMAGE, struct_error, BadZipFile, zlib_error) as error:
        raise InputError(f"{name} is damaged: {_reason(error)}") from error


def _told(name: str, message: str) -> str:
    """Return `m.pth is empty`, but `m.pth: lstm is an LSTM`."""
    return f"{name}{'' if message.startswith(_VERBS) else ':'} {message}"


def _reason(error: Exception) -> str:
    told = error.args[0] if isinstance(error, KeyError) and error.args else error
    text = " ".join(str(told).split())
    if isinstance(error, MemoryError):
        return "it asks for more memory than there is"
    if isinstance(error, DamageError) or " " in text:
        return printable(text, 200).removesuffix(".")
    if isinstance(error, KeyError) and text:
        return f"{printable(text, 80)} is missing"
    return f"{printable(text, 80)} ({type(error).__name__})" if text else type(error).__name__


def _bytes(path: str, name: str) -> bytes:
    if path == "-":
        raise InputError("weights are read from a file, not from standard input")
    try:
        with Path(path).open("rb") as file:
            data = file.read(LIMIT + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        meant = similar(path) if isinstance(error, FileNotFoundError) else ""
        raise InputError(f"{name} cannot be read: {reason}{meant}") from error
    if len(data) > LIMIT:
        raise InputError(f"{name} is larger than {LIMIT >> 20} MiB")
    return data


def _contents(data: bytes, name: str) -> Contents:
    if not data:
        raise InputError("is empty")
    if data.startswith(_LFS):
        raise InputError(
            f"is a Git LFS pointer of {len(data)} bytes, not the file; git lfs pull brings it"
        )
    if data.startswith(_ZIP):
        return _zipped(data, name)
    if data.startswith(_HDF5):
        from rnncalc.reading.weights.hdf5 import read_hdf5

        return read_hdf5(data, name)
    return _plain(data, name)


def _plain(data: bytes, name: str) -> Contents:
    """Return the contents of a file that is not a container of another kind."""
    if data[8:9] == b"{":
        from rnncalc.reading.weights.safetensors import read_safetensors

        return read_safetensors(data, name)
    if data.startswith(b"\x80"):
        from rnncalc.reading.weights.pytorch import LEGACY, read_legacy

        if data.startswith(LEGACY):
            return read_legacy(data, name)
        raise InputError("is a pickle, which is never run; save the state_dict with torch.save")
    if data.startswith(b"\x93NUMPY"):
        _refuse_npy(data)
    if data.startswith(b"\x08") and len(data) > 1:  # the field ir_version, which comes first
        from rnncalc.reading.weights.protobuf import read_onnx

        return read_onnx(data, name)
    raise InputError(f"is not a file of weights that is known; {_READ} are")


def _refuse_npy(data: bytes) -> None:
    from rnncalc.reading.weights.npz import read_npy

    read_npy(data)
    raise InputError(
        "is one array without a name; save all weights with np.savez(file, wxh=..., whh=...)"
    )


def _zipped(data: bytes, name: str) -> Contents:
    from zipfile import ZipFile

    with ZipFile(BytesIO(data)) as archive:
        entries = archive.namelist()
        _refuse_bomb(archive)
        pickle = next((e for e in entries if e == "data.pkl" or e.endswith("/data.pkl")), None)
        if pickle:
            from rnncalc.reading.weights.pytorch import read_zip

            return read_zip(archive, pickle, name)
        if _KERAS_WEIGHTS in entries:
            from rnncalc.reading.weights.hdf5 import read_keras

            return read_keras(archive, name)
        if entries and all(entry.endswith(".npy") for entry in entries):
            from rnncalc.reading.weights.npz import read_npz

            return read_npz(archive, name)
    held = ", ".join(map(shown, entries[:3])) or "nothing"
    raise InputError(f"is a zip file of {held}, not a file of weights that is known; {_READ} are")


def _refuse_bomb(archive: "ZipFile") -> None:
    """Refuse, before anything is unpacked, what would take too much memory."""
    entries = archive.infolist()
    size = sum(entry.file_size for entry in entries)
    if size > LIMIT or len(entries) > MOST:
        raise InputError(f"unpacks to {size:,} bytes in {len(entries)} entries, more than is read")
    if len({entry.filename for entry in entries}) < len(entries):
        raise DamageError("two entries have the same name")
