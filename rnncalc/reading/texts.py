"""Text from a file or standard input, as UTF-8, or an error that says what else it is."""

import codecs
import os
import re
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from rnncalc.errors import InputError, printable, quote

LIMIT = 128 * 2**20  # bytes; a larger sequence should be a stream
_BLOCK = 2**20
_MOST_COMPARED = 2_000  # files of a folder, among which the one that was meant is looked for


Stdin = Callable[[], BinaryIO]
"""Opens standard input, or raises an InputError."""


def read_text(path: str, stdin: Stdin | None = None) -> str:
    """Return the text of the file at `path`, or of standard input where `path` is `-`.

    Args:
        path: of the file.
        stdin: opens standard input; None where `-` is a file like any other, as in Python.

    Raises:
        InputError: it cannot be read, is too large, is not UTF-8, or has a zero byte.
    """
    name = name_of(path) if stdin else printable(path, 200)
    try:
        if path == "-" and stdin:
            return _decoded(stdin(), name)
        with Path(path).open("rb") as file:
            return _decoded(file, name)
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        meant = similar(path) if isinstance(error, FileNotFoundError) else ""
        raise InputError(f"{name}: cannot be read: {reason}{meant}") from error


def refuse_many(text: str, most: int, name: str, instead: str) -> None:
    """Refuse a text of more than `most` values and lists, which would take too much memory.

    Args:
        text: values between commas, spaces, semicolons or brackets.
        most: the limit.
        name: of the file.
        instead: what to do instead.
    """
    if sum(map(text.count, ", \t\n;[")) < most:  # nearly always
        return
    values = sum(1 for _ in re.finditer(r"[^\s,;\[\]]+|\[", text, re.ASCII))
    if values > most:
        limit = f"at most {most:,} are read{instead}"
        raise InputError(f"{name}: {values:,} values and lists, but {limit}")


def refuse_cells(cells: int, most: int) -> None:
    """Refuse a table that would take too much memory, empty though its cells may be."""
    if cells > most:
        limit = f"at most {most:,} are read; check a part of the sequence"
        raise InputError(f"a table of {cells:,} cells, but {limit}")


def name_of(path: str) -> str:
    """Return the name of the file at `path` for an error."""
    return "standard input" if path == "-" else printable(path, 200)


def similar(path: str) -> str:
    """Return `; did you mean 'model.toml'?` for the file whose name is most like a missing one."""
    from difflib import get_close_matches

    missing = Path(path)
    try:
        with os.scandir(missing.parent) as entries:
            names = [entry.name for entry in islice(entries, _MOST_COMPARED) if entry.is_file()]
    except (OSError, ValueError):
        return ""
    close = get_close_matches(missing.name[:100], names, n=1, cutoff=0.7)
    return f"; did you mean {quote(str(missing.with_name(close[0])), 200)}?" if close else ""


def read_some(file: BinaryIO, size: int) -> bytes:
    """Return the bytes that are there, at most `size`, after waiting for one; none at the end."""
    raw = getattr(file, "raw", None)  # a buffer mistakes an empty non-blocking pipe for its end
    if raw is None:
        read: Callable[[int], bytes] = getattr(file, "read1", file.read)
        return read(size)
    while (found := raw.read(size)) is None:
        from select import select

        select([raw], [], [])
    return bytes(found)


def _decoded(file: BinaryIO, name: str) -> str:
    """Decode block by block, so that an endless file of rubbish is refused at its first block."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    parts: list[str] = []
    size = 0
    while True:
        block = read_some(file, _BLOCK)
        size += len(block)
        if not size:
            raise InputError(f"{name}: is empty")
        if size == len(block) and block[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise InputError(f"{name}: is UTF-16; save it as UTF-8")
        if b"\0" in block:
            raise InputError(f"{name}: is a binary file, not text (or UTF-16; save it as UTF-8)")
        if size > LIMIT:
            raise InputError(f"{name}: is larger than {LIMIT >> 20} MiB")
        try:
            parts.append(decoder.decode(block, final=not block))
        except UnicodeDecodeError as error:
            line = sum(p.count("\n") for p in parts) + block.count(b"\n", 0, error.start) + 1
            raise InputError(f"{name}: line {line}: is not UTF-8; save it as UTF-8") from error
        if not block:
            return "".join(parts)
