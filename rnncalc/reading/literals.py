"""The number syntax of a flag and of a number file: text -> numbers, lists and lists of lists."""

import re
from collections.abc import Callable
from shutil import get_terminal_size
from typing import TypeAlias

from rnncalc.errors import InputError, printable, visible
from rnncalc.numerals.number import (
    DECIMAL_COMMA,
    SHORT,
    LiteralError,
    Written,
    number,
    printed,
    typed,
    with_point,
)
from rnncalc.reading.pasted import as_notation

Nested: TypeAlias = "float | str | list[Nested]"
Item: TypeAlias = Callable[[str, int], float | str]
"""Makes the item of a word and its position: `number`, or `printed`."""

_TOKEN = re.compile(r"[\[\],;\n]|[^ \t\r\f\v\[\],;\n]+")
_BLANKS = " \t\r\f\v"
_PLAIN = "0123456789+-.eE, \t\r"  # all that a row of plain numbers is made of
_LARGEST = 1.7976931348623157e308
_SURE_DECIMAL = r"(?<![\w.,])(?:[+-]0,[0-9]+|[+-]?[0-9]+,0[0-9]+)(?![\w.,])"
_MIXED = "nested brackets and ; exclude each other: [[1, 2], [3, 4]] or [1 2; 3 4]"
_MOST_ROWS = 4  # of those in an error
_DEEPEST = 3  # a batch of sequences; that it is one is for others to say


def parse(text: str, item: Item = number) -> Nested:
    """Return the value of a flag: `0.5`, `1,2,3`, `0.1 0.2; 0.3 0.4` or `[[0.1, 0.2], [0.3, 0.4]]`.

    Spaces or commas separate numbers, `;` or a newline separates rows, and a `;` at the end makes a
    matrix of a single row. A single number is a float, a row or a column of lines is a list, and
    several rows are a list of lists. What NumPy, PyTorch, Excel and LaTeX print is read as well,
    and a matrix of MATLAB, `[0.1 0.2; 0.3 0.4]`.

    Raises:
        LiteralError: it is none of these.
    """
    return _parsed(text, item)[0]


def pasted(value: object, place: str, item: Item = number) -> object:
    """Return the numbers of a text with brackets, as NumPy or PyTorch print an array.

    Anything else is returned as it is; what is wrong with it is for others to say.

    Raises:
        InputError: there are brackets, but not around numbers.
    """
    if not isinstance(value, str) or "[" not in value:
        return value
    try:
        return parse(value, item)
    except LiteralError as error:
        raise error_in(value, error, place=place) from None


def parse_lines(text: str, item: Item = number) -> tuple[Nested, bool]:
    """Return the value of a number file: as `parse`, but `#` begins a comment.

    The second value says whether it is a flat list in a single line.

    Raises:
        LiteralError: a line is not a row of numbers; the file is empty.
    """
    # blanks replace a comment, so that every position stays the same
    text = re.sub("#[^\n]*", lambda comment: " " * len(comment[0]), text)
    if not text.strip(_BLANKS + "\n"):
        raise LiteralError("holds no numbers", 0)
    return _parsed(text, item)


def _parsed(text: str, item: Item) -> tuple[Nested, bool]:
    kept = item is printed and not text.isascii()  # printed values keep their minus sign
    reader = _Reader((lambda word, at: item(text[at : at + len(word)], at)) if kept else item)
    start = 0
    notation = as_notation(typed(text))
    for line in notation.split("\n"):
        if "," in line:
            _refuse_decimal_commas(line, start)
        if kept or not reader.took_plain_row(line):
            for token in _TOKEN.finditer(line):
                reader.take(token[0], start + token.start())
        start += len(line) + 1
        reader.take("\n", start - 1)
    return reader.value(len(notation))


class _Reader:
    """Takes the tokens of a text one by one.

    Attributes:
        rows: the rows outside of brackets that are complete.
        open: the row that is being read, and the lists in it that are not closed.
        inner: the rows inside the open bracket that a semicolon has ended.
    """

    def __init__(self, item: Item) -> None:
        self.item = item
        self.rows: list[list[Nested]] = []
        self.open: list[list[Nested]] = [[]]
        self.inner: list[Nested] = []
        self.opened_at: list[int] = []
        self.comma: int | None = None
        self.semicolons = 0

    def took_plain_row(self, line: str) -> bool:
        """Take a whole line of plain numbers at once, which is much faster."""
        numbers = None if self.opened_at or self.open[0] else _plain_numbers(line, self.item)
        if numbers:
            self.rows.append(numbers)
        return bool(numbers)

    def take(self, token: str, at: int) -> None:
        match token:
            case "[":
                self._open(at)
            case "]" if self.opened_at:
                self._close()
            case ",":
                self._take_comma(at)
            case ";" | "\n":
                self._end_row(token, at)
            case _:
                self._take_word(token, at)

    def _open(self, at: int) -> None:
        self._refuse_mixture(at, has_list=False)
        if self.inner:
            raise LiteralError(_MIXED, at)
        if len(self.open) > _DEEPEST:
            raise LiteralError("brackets nested more than three deep", at)
        self.open.append([])
        self.opened_at.append(at)
        self.comma = None

    def _close(self) -> None:
        self._refuse_comma()
        closed = self.open.pop()
        if self.inner:
            closed, self.inner = [*self.inner, *([closed] if closed else [])], []
        self.opened_at.pop()
        self.open[-1].append(closed)

    def _take_comma(self, at: int) -> None:
        if self.comma is not None or not self.open[-1]:
            raise LiteralError("nothing before the comma", at)
        self.comma = at

    def _take_word(self, word: str, at: int) -> None:
        self._refuse_mixture(at, has_list=True)
        self.open[-1].append(self.item(word, at))
        self.comma = None

    def _end_row(self, token: str, at: int) -> None:
        if self.opened_at:
            if token == ";":
                self._end_inner_row(at)
            return
        self._refuse_comma()
        if token == ";":
            self.semicolons += 1
            if not self.open[0]:
                raise LiteralError(f"row {len(self.rows) + 1} is empty", at)
        if self.open[0]:
            self.rows.append(self.open[0])
            self.open = [[]]

    def _end_inner_row(self, at: int) -> None:
        """End a row of `[1 2; 3 4]`, as MATLAB writes a matrix."""
        row = self.open[-1]
        if len(self.opened_at) > 1 or any(isinstance(item, list) for item in row):
            raise LiteralError(_MIXED, at)
        self._refuse_comma()
        if not row:
            raise LiteralError(f"row {len(self.inner) + 1} is empty", at)
        self.inner.append(row)
        self.open[-1] = []

    def _refuse_comma(self) -> None:
        if self.comma is not None:
            raise LiteralError("nothing after the comma", self.comma)

    def _refuse_mixture(self, at: int, *, has_list: bool) -> None:
        """Refuse a number after a list outside of brackets, and the other way round."""
        row = self.open[0]
        if len(self.open) == 1 and row and isinstance(row[-1], list) == has_list:
            where = "after the closing" if has_list else "before the opening"
            raise LiteralError(f"text {where} bracket", at)

    def value(self, end: int) -> tuple[Nested, bool]:
        """Return what was read, and whether it is a flat list in a single row."""
        if self.opened_at:
            raise LiteralError("this bracket is never closed", self.opened_at[-1])
        if not self.rows:
            raise LiteralError("is empty", end)
        if any(isinstance(item, list) for row in self.rows for item in row[:1]):
            lists = [part for row in self.rows for part in _lists(row)]
            return (lists[0] if len(lists) == 1 else lists), False
        if self.semicolons:
            return [*self.rows], False
        if len(self.rows) == 1:
            (row,) = self.rows
            return (row[0] if len(row) == 1 else row), len(row) > 1
        column = all(len(row) == 1 for row in self.rows)
        return ([row[0] for row in self.rows] if column else [*self.rows]), False


def _lists(row: list[Nested]) -> list[Nested]:
    """Return the lists of a row; numbers between lines of lists are one."""
    return row if isinstance(row[0], list) else [row]


def _plain_numbers(line: str, item: Item) -> list[Nested] | None:
    """Return the numbers of a line that needs no second look, or None."""
    separators = line.count(", ") if " " in line else line.count(",")
    if line.strip(_PLAIN) or line.count(",") != separators:
        return None
    words = [*map(str.strip, line.split(","))] if separators else line.split()
    try:
        numbers = [*map(float if item is number else Written, words)]
    except ValueError:
        return None
    may_vanish = "e-" in line.lower() and not all(numbers)
    too_large = max(map(abs, numbers), default=0) > _LARGEST
    too_long = max(map(len, words), default=0) > SHORT
    return None if may_vanish or too_large or too_long else [*numbers]


def _refuse_decimal_commas(line: str, start: int) -> None:
    """Refuse `0,5 1,5`, where commas and spaces would both separate numbers, and `0,05`."""
    sure = re.search(_SURE_DECIMAL, line, re.ASCII)
    if sure:
        raise LiteralError(with_point(sure[0]), start + sure.start())
    for row in re.finditer(r"[^;\[\]]+", line):
        words = [*re.finditer(r"\S+", row[0], re.ASCII)]
        decimals = [word[0] for word in words if DECIMAL_COMMA.fullmatch(word[0])]
        if decimals and len(words) > 1:
            points = " ".join(_cut(decimals[:2])).replace(",", ".")
            one_row = len(decimals) == len(words) and not re.search(r"[;\[]", line)
            rows = _rows_of(decimals) if one_row else ""
            raise LiteralError(
                f"commas and spaces both separate numbers here; a decimal has a point: {points}"
                + rows,
                start + row.start() + words[0].start(),
            )


def _rows_of(pairs: list[str]) -> str:
    """Return how `1,0 0,1` is written where each pair is a row."""
    listed = "; ".join(_cut(pairs[:_MOST_ROWS])).replace(",", " ")
    listed += "; ..." * (len(pairs) > _MOST_ROWS)
    return f'; rows are separated by ;, as in "{listed}"'


def _cut(words: list[str]) -> list[str]:
    return [printable(word, 20) for word in words]


def shown(text: str, position: int) -> tuple[str, str]:
    """Return the line of `text` around `position`, and a line with a caret below that place."""
    width = max(20, min(60, get_terminal_size().columns - 4))
    begin = text.rfind("\n", 0, position) + 1
    end = text.find("\n", position)
    line = text[begin : end if end >= 0 else len(text)]
    at = position - begin
    cut = max(0, at - width + 10)
    window = line[cut : cut + width]
    # one for one, so that the caret is in its place
    return "".join(c if visible(c) else "?" for c in window), " " * (at - cut) + "^"


def error_in(text: str, error: LiteralError, *, place: str = "") -> InputError:
    """Return the input error for `error` in `text`, with the line and a caret."""
    line = f"line {text.count(chr(10), 0, error.position) + 1}: " if "\n" in text.rstrip() else ""
    prefix = f"{place}: " if place else ""
    lines = shown(text, error.position) if text.strip() else ()
    return InputError(f"{prefix}{line}{error}", lines=lines)
