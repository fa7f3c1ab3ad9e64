"""The number syntax of a flag and of a number file: text -> numbers, lists and lists of lists."""

import re
from shutil import get_terminal_size
from typing import TypeAlias

from rnncalc.errors import InputError
from rnncalc.numerals.number import LiteralError, number

Nested: TypeAlias = "float | list[Nested]"

_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
_ITEM = re.compile(r"[^\s,]+|,")
_BAD_PUNCTUATION = {
    ";": "; inside brackets; rows are lists too: [[1, 2], [3, 4]]",
    r"[\[,]\s*,": "nothing before the comma",
    r",\s*\]": "nothing after the comma",
}


def parse(text: str) -> Nested:
    """Return the value of a flag: `0.5`, `1,2,3`, `0.1 0.2; 0.3 0.4` or `[[0.1, 0.2], [0.3, 0.4]]`.

    Blanks or commas separate numbers and `;` separates rows; a `;` at the end makes a matrix of one
    row. A single number is a float, one row is a list, and several rows are a list of lists.

    Raises:
        LiteralError: it is none of these.
    """
    if text.lstrip().startswith("["):
        return _brackets(text)
    rows = list(_rows(text, ";"))
    if len(rows) > 1 and not rows[-1]:
        rows.pop()
        single = False
    else:
        single = len(rows) == 1
    for n, row in enumerate(rows, 1):
        if not row:
            position = [m.start() for m in re.finditer(";|$", text)][n - 1]
            raise LiteralError(f"row {n} is empty" if len(rows) > 1 else "is empty", position)
    if not single:
        return [*rows]
    return rows[0][0] if len(rows[0]) == 1 else rows[0]


def parse_lines(text: str) -> tuple[Nested, bool]:
    """Return the value of a number file: as `parse`, but a newline also ends a row.

    Blank lines are ignored, and `#` begins a comment. A single row or column is a flat list; the
    second value says whether it was a row.

    Raises:
        LiteralError: a line is not a row of numbers; the file is empty.
    """
    # blanks replace a comment, so that every position stays the same
    text = re.sub("#[^\n]*", lambda comment: " " * len(comment[0]), text)
    if text.lstrip().startswith("["):
        return _brackets(text), False
    rows = [row for row in _rows(text, "[;\n]") if row]
    if not rows:
        raise LiteralError("holds no numbers", 0)
    if len(rows) == 1:
        return [*rows[0]], True
    column = all(len(row) == 1 for row in rows)
    return ([row[0] for row in rows] if column else [*rows]), False


def _rows(text: str, separator: str) -> "list[list[Nested]]":
    """Return the rows of `text`, including empty ones."""
    rows, start = [], 0
    for end in [*(m.start() for m in re.finditer(separator, text)), len(text)]:
        rows.append(_row(text, start, end))
        start = end + 1
    return rows


def _row(text: str, start: int, end: int) -> list[Nested]:
    words = text[start:end].split()
    if len(words) > 1 and all(map(_DECIMAL_COMMA.fullmatch, words)):
        points = " ".join(words[:2]).replace(",", ".")
        raise LiteralError(
            f"commas and blanks both stand between numbers; a decimal has a point: {points}",
            text.index(words[0], start),
        )
    numbers: list[Nested] = []
    comma = None
    for item in _ITEM.finditer(text, start, end):
        if item[0] != ",":
            numbers.append(number(item[0], item.start()))
            comma = None
        elif comma is not None or not numbers:
            raise LiteralError("nothing before the comma", item.start())
        else:
            comma = item.start()
    if comma is not None:
        raise LiteralError("nothing after the comma", comma)
    return numbers


def _brackets(text: str) -> Nested:
    """Return the value of a list in brackets, with commas or blanks between its items."""
    for pattern, message in _BAD_PUNCTUATION.items():
        found = re.search(pattern, text)
        if found:
            raise LiteralError(message, found.end() - 1)
    whole: list[Nested] = []
    open_lists, opened_at = [whole], [0]
    for token in re.finditer(r"[\[\]]|[^\s,\[\]]+", text):
        word, at = token[0], token.start()
        if len(open_lists) == 1 and whole:
            raise LiteralError("text after the closing bracket", at)
        if word == "[":
            if len(open_lists) > 2:
                raise LiteralError("brackets inside the brackets of a row", at)
            open_lists.append([])
            opened_at.append(at)
        elif word == "]":
            closed = open_lists.pop()
            open_lists[-1].append([*closed])
            opened_at.pop()
        else:
            open_lists[-1].append(number(word, at))
    if len(open_lists) > 1:
        raise LiteralError("this bracket is never closed", opened_at[-1])
    return whole[0]


def shown(text: str, position: int) -> tuple[str, str]:
    """Return the line of `text` around `position`, and a line with a caret below that place."""
    width = max(20, min(60, get_terminal_size().columns - 4))
    begin = text.rfind("\n", 0, position) + 1
    end = text.find("\n", position)
    line = text[begin : end if end >= 0 else len(text)]
    at = position - begin
    cut = max(0, at - width + 10)
    visible = line[cut : cut + width]
    return (
        "".join(
            c if c.isprintable() else "?" for c in visible
        ),  # one for one, so that the caret is in its place
        " " * (at - cut) + "^",
    )


def error_in(text: str, error: LiteralError, *, place: str = "") -> InputError:
    """Return the input error for `error` in `text`, with the line and a caret."""
    line = f"line {text.count(chr(10), 0, error.position) + 1}: " if "\n" in text.rstrip() else ""
    prefix = f"{place}: " if place else ""
    lines = shown(text, error.position) if text.strip() else ()
    return InputError(f"{prefix}{line}{error}", lines=lines)
