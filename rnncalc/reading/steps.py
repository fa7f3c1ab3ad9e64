"""Steps from standard input or an open file, one per line, as they arrive."""

from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from rnncalc.arrays import Array, not_finite
from rnncalc.errors import InputError, counted, quote
from rnncalc.numerals.number import MOST_DIGITS, SHORT, LiteralError
from rnncalc.reading import commas
from rnncalc.reading.literals import error_in, parse
from rnncalc.reading.texts import read_some

_BYTES_AT_ONCE = 2**16
_PLAIN = b"0123456789+-.eE, \t\n"  # all that lines of plain numbers are made of
_DIGITS = bytes.maketrans(_PLAIN, b"1" * 15 + b"    ")  # to find a number that is too long
_RUN = b"1" * (MOST_DIGITS + 1)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_BOM = b"\xef\xbb\xbf"


def steps_from(file: BinaryIO, input_size: int, place: str) -> Iterator[Array]:
    """Yield the steps of `file` in blocks (n, D), each as soon as its lines are there.

    A line is a step: numbers separated by blanks or commas, or a JSON list. Blank lines and `#`
    comments are ignored. The numbers and the errors do not depend on how the bytes arrive, nor
    does the memory depend on how many there are.

    Args:
        file: opened for bytes; its `read1`, if it has one, does not wait for more.
        input_size: D.
        place: the name of the file in an error: `standard input`.

    Raises:
        InputError: a line is not a step (the steps before it come first), or there is no step.
    """
    line, empty = 1, True
    for lines in _whole_lines(file, _longest(input_size), place):
        text = lines.removeprefix(_BOM) if line == 1 else lines
        plain = _plain_steps(text, input_size)
        blocks = _checked_steps(text, input_size, line, place) if plain is None else iter((plain,))
        for block in blocks:
            yield block
            empty = False
        line += lines.count(b"\n")
    if empty:
        raise InputError(f"{place}: holds no steps; at least one line of numbers is needed")


def _longest(input_size: int) -> int:
    """Return how many bytes a line may have: room for long numbers and for a comment."""
    return 2 * _BYTES_AT_ONCE + 1024 * input_size


def _whole_lines(file: BinaryIO, longest: int, place: str) -> Iterator[bytes]:
    """Yield whole lines, as many as there are; the start of a line waits for its end."""
    start = b""
    while len(start) <= longest and (new := _some(file, place)):
        lines, newline, end = new.rpartition(b"\n")
        if newline:
            yield start + lines + newline
            start = end
        else:
            start += new
    if start:
        yield start + b"\n"


def _some(file: BinaryIO, place: str) -> bytes:
    try:
        return read_some(file, _BYTES_AT_ONCE)
    except OSError as error:
        raise InputError(f"{place}: cannot be read: {error.strerror}") from None


def _plain_steps(lines: bytes, input_size: int) -> Array | None:
    """Return the steps (n, D) of lines of plain numbers, or None if each must be examined."""
    plain = _without_brackets(lines.replace(b"\r\n", b"\n") if b"\r" in lines else lines)
    too_long = lines.find(b"\n") > _longest(input_size)
    if plain.translate(None, _PLAIN) or plain.isspace() or too_long:
        return None
    rows = plain.decode().split("\n")[:-1]
    try:
        # after the byte check, loadtxt can be lenient only about blank lines
        steps = np.loadtxt(rows, delimiter="," if b"," in plain else None, comments=None, ndmin=2)
    except ValueError:
        return None
    short = _RUN not in plain.translate(_DIGITS)
    right = short and steps.shape == (len(rows), input_size) and not_finite(steps) is None
    # 1e-400 reads as 0, and so does a number of 400 digits
    may_vanish = not steps.all() and (b"e-" in plain.lower() or len(max(rows, key=len)) > SHORT)
    return steps if right and not may_vanish else None


def _without_brackets(lines: bytes) -> bytes:
    """Return `lines` without the brackets around each, as `jq -c` writes them; other lines stay."""
    if lines[:1] != b"[" or lines[-2:] != b"]\n":
        return lines
    if lines.count(b"]\n[") != lines.count(b"\n") - 1:
        return lines
    return lines[1:-2].replace(b"]\n[", b"\n") + b"\n"


def _checked_steps(lines: bytes, input_size: int, first: int, place: str) -> Iterator[Array]:
    """Yield the steps (n, D) before the first line that is not one, and raise its error."""
    rows, refused = [], None
    for number, line in enumerate(lines.split(b"\n")[:-1], first):
        try:
            row = _step(line, input_size, f"{place}: line {number}")
        except InputError as error:
            refused = error
            break
        if row:
            rows.append(row)
    if rows:
        yield np.array(rows)
    if refused:
        raise refused


def _step(line: bytes, input_size: int, place: str) -> list[float]:
    """Return the D numbers of a line; no numbers if it is blank or a comment.

    Raises:
        InputError: it is neither; the message begins with `place`.
    """
    text = _text(line, input_size, place).partition("#")[0].strip()
    if not text:
        return []
    if "\r" in text:
        raise InputError(f"{place}: {quote(text)} holds a carriage return; a line ends with \\n")
    try:
        value = parse(text)
    except LiteralError as error:
        raise _refused(text, error, place) from None
    row = value if isinstance(value, list) else [value]
    numbers = [item for item in row if isinstance(item, float)]
    if len(numbers) < len(row):
        comma = commas.only_commas(text) if input_size in (1, len(row)) else ""
        meant = commas.hint(comma) if comma else ""
        raise InputError(f"{place}: {quote(text)} is more than one row; a line is one step{meant}")
    if len(numbers) != input_size:
        comma = commas.only_commas(text) if len(numbers) == 2 * input_size else ""
        meant = commas.hint(comma) if comma else ""
        raise InputError(
            f"{place}: {quote(text)} has {counted(len(numbers), 'value')}, but wxh has "
            f"{counted(input_size, 'column')}, so every step needs {input_size}{meant}"
        )
    return numbers


def _text(line: bytes, input_size: int, place: str) -> str:
    """Return the text of a line that is not too long."""
    if b"\0" in line or line.startswith(_UTF16):
        raise InputError(f"{place}: is UTF-16 or not text; save it as UTF-8")
    if len(line) > _longest(input_size):
        raise InputError(f"{place}: longer than {_longest(input_size)} bytes; a line is one step")
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise InputError(f"{place}: is not UTF-8 text") from None


def _refused(text: str, error: LiteralError, place: str) -> InputError:
    """Return the error for a line that is not a row of numbers, with what it probably is."""
    if text.startswith("{"):
        hint = "is a JSON object; a step is a list of numbers, as `jq -c .x` writes"
        return InputError(f"{place}: {quote(text)} {hint}")
    fields = text.replace(",", " ").lower().split()
    words = all(field.strip("\"'")[:1].isalpha() for field in fields)
    if words and not {"nan", "inf", "infinity", "true", "false", "null"}.intersection(fields):
        hint = "is not numbers; leave a header line out, as `tail -n +2` does"
        return InputError(f"{place}: {quote(text)} {hint}")
    return error_in(text, error, place=place)
