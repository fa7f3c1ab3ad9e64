"""Steps on standard input: the same whatever the cuts, at once, and refused by line."""

import io
import math
import os
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncalc.errors import InputError
from rnncalc.reading.flags import from_flags
from rnncalc.reading.steps import steps_from

Steps = list[list[float]]


class Pieces(io.BytesIO):
    """A file that has only some bytes ready at a time, as a pipe has."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = pieces

    def read1(self, size: int | None = -1, /) -> bytes:
        assert size not in (None, -1)  # never "all there is": memory is constant
        return next(self._pieces, b"")


def read(file: BinaryIO | bytes, input_size: int) -> tuple[Steps, str]:
    """Return the steps, and the error that ended them."""
    opened = io.BytesIO(file) if isinstance(file, bytes) else file
    steps: Steps = []
    try:
        for block in steps_from(opened, input_size, "here"):
            assert block.shape == (len(block), input_size)
            steps += block.tolist()
    except InputError as error:
        return steps, str(error)
    return steps, ""


def cut(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    for size in sizes:
        if data:
            yield data[:size]
            data = data[size:]
    if data:
        yield data


LAYOUTS = [
    b"1 2\n3 -4.5\n",
    b"1 2\n3 -4.5",
    b"1,2\n3,-4.5\n",
    b"1, 2\n3\t, -4.5\n",
    b"\t1 2  \n 3  -4.5\n",
    b"1 2\n3, -4.5\n",
    b"[1, 2]\n[3, -4.5]\n",
    b"[1,2]\n[3,-4.5]",
    b" [ 1 , 2 ] \n[3,-45e-1]\n",
    b"[1,2]\n3 -4.5\n",
    b"1 2\r\n3 -4.5\r\n",
    b"\xef\xbb\xbf1 2\n3 -4.5\n",
    b"\xef\xbb\xbf[1,2]\r\n[3,-4.5]\r\n",
    b"\n1 2\n   \n\n3 -4.5\n\n",
    b"# t x\n1 2 # first\n  # between\n3 -4.5# second\n",
    b"# caf\xc3\xa9\n+1. 2e0\n3 -.45E+01\n",
    b"1 2\n3 \xe2\x88\x924.5\n",
    b"1 2\n9/3 -9/2\n",
]


@pytest.mark.parametrize("lines", LAYOUTS)
def test_a_line_is_a_step_in_each_way_of_writing_it(lines: bytes) -> None:
    assert read(lines, 2) == ([[1.0, 2.0], [3.0, -4.5]], "")


@pytest.mark.parametrize("lines", LAYOUTS)
def test_a_file_of_numbers_may_hold_whatever_a_stream_does(lines: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(lines)

    assert from_flags({"x": f"@{path}"}, whole=True)["x"].value == [[1.0, 2.0], [3.0, -4.5]]


@pytest.mark.parametrize("lines", [b"1\n2\n3", b"[1]\n[2]\n[3]\n", b"1\n[2]\n\n3 # c\n"])
def test_with_one_input_a_number_is_a_step(lines: bytes) -> None:
    assert read(lines, 1) == ([[1.0], [2.0], [3.0]], "")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"1 2 3", "'1 2 3' has 3 values, but wxh has 2 columns, so every step needs 2"),
        (b"1", "'1' has 1 value, but wxh has 2 columns, so every step needs 2"),
        (b"[]", "'[]' has 0 values, but wxh has 2 columns, so every step needs 2"),
        (b"1;2", "'1;2' is more than one row; a line is one step"),
        (b"[[1, 2]]", "'[[1, 2]]' is more than one row; a line is one step"),
        (b"1 nan", "'nan' is not a number; only finite numbers are\n  1 nan\n    ^"),
        (b"inf 1", "'inf' is not a number; only finite numbers are\n  inf 1\n  ^"),
        (
            b"-Infinity 1",
            "'-Infinity' is not a number; only finite numbers are\n  -Infinity 1\n  ^",
        ),
        (b"1 1e999", "1e999 is beyond the largest float, 1.8e308\n  1 1e999\n    ^"),
        (b"1 1_000", "'1_000' is not a number; write 1000\n  1 1_000\n    ^"),
        (b"NaN NaN", "'NaN' is not a number; only finite numbers are\n  NaN NaN\n  ^"),
        (b"nan,nan", "'nan' is not a number; only finite numbers are\n  nan,nan\n  ^"),
        (b"null null", "'null' is not a number\n  null null\n  ^"),
        (b"1 1E-400", "1E-400 is below the smallest float, 5e-324\n  1 1E-400\n    ^"),
        (b"1 0x10", "'0x10' is not a number\n  1 0x10\n    ^"),
        (b"1 1e", "'1e' is not a number\n  1 1e\n    ^"),
        (b"1 -", "'-' is not a number\n  1 -\n    ^"),
        (b"1 1-1", "'1-1' is not a number\n  1 1-1\n    ^"),
        (b"[1, true]", "'true' is not a number\n  [1, true]\n      ^"),
        (b"1,,2", "nothing before the comma\n  1,,2\n    ^"),
        (b",1,2", "nothing before the comma\n  ,1,2\n  ^"),
        (b"1,2,", "nothing after the comma\n  1,2,\n     ^"),
        (b"[1, 2", "this bracket is never closed\n  [1, 2\n  ^"),
        (b"[1, 2] 3", "text after the closing bracket\n  [1, 2] 3\n         ^"),
        (b"1 \x1b[2J", "'\\x1b' is not a number\n  1 ?[2J\n    ^"),
        (
            "1 ١".encode(),
            "'١' is not a number; only the digits 0 to 9 are\n  1 ١\n    ^",
        ),
        (
            "1 –2".encode(),
            "'–2' is not a number: its minus is U+2013; type -, as in -2\n  1 –2\n    ^",
        ),
        (
            "1\u00a02".encode(),
            "'1\\xa02' is not a number: U+00A0 does not separate numbers; type a space\n  1?2\n  ^",
        ),
        (
            b"1 0." + b"3" * 800,
            f"0.33333333333333333… has 801 digits; at most 800 are read\n  1 0.{'3' * 56}\n    ^",
        ),
        (b"t,x", "'t,x' is not numbers; leave a header line out, as `tail -n +2` does"),
        (b'"x[0]" b', "'\"x[0]\" b' is not numbers; leave a header line out, as `tail -n +2` does"),
        (
            b'{"t": 1}',
            "'{\"t\": 1}' is a JSON object; a step is a list of numbers, as `jq -c .x` writes",
        ),
        (b"1\r2", "'1\\r2' holds a carriage return; a line ends with \\n"),
        (b"1 \xff", "is not UTF-8 text"),
        (b"1 \0", "is UTF-16 or not text; save it as UTF-8"),
        (b"1 2" + b" " * 140_000, "longer than 133120 bytes; a line is one step"),
    ],
)
def test_a_bad_line_is_named_once_the_good_ones_before_it_are_there(
    line: bytes, message: str
) -> None:
    expected = ([[1.0, 2.0], [3.0, 4.0]], f"here: line 4: {message}")

    assert read(b"1 2\n\n3 4\n" + line + b"\n5 6\n", 2) == expected
    assert read(b"1 2\n\n3 4\n" + line, 2) == expected


@pytest.mark.parametrize("lines", [b"[12\n", b"12]\n", b"[1\n2]\n", b"[1\n2\n"])
def test_a_bracket_without_the_other_in_its_line_is_refused(lines: bytes) -> None:
    steps, message = read(lines, 1)

    assert steps == []
    assert message.startswith("here: line 1: ")


@pytest.mark.parametrize("pieces", [[b"1\n\xef\xbb\xbf2\n"], [b"1\n", b"\xef\xbb\xbf2\n"]])
def test_a_byte_order_mark_is_allowed_only_at_the_very_beginning(pieces: list[bytes]) -> None:
    steps, message = read(Pieces(iter(pieces)), 1)

    assert steps == [[1.0]]
    assert message.startswith("here: line 2: ")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_utf_16_is_named(encoding: str) -> None:
    message = "here: line 1: is UTF-16 or not text; save it as UTF-8"

    assert read("1\n2\n".encode(encoding), 1) == ([], message)


@pytest.mark.parametrize("nothing", [b"", b"\n", b"  \n\n", b"# 1\n", b"\xef\xbb\xbf"])
def test_no_steps_at_all_is_an_error(nothing: bytes) -> None:
    message = "here: holds no steps; at least one line of numbers is needed"

    assert read(nothing, 1) == ([], message)


@pytest.mark.parametrize("byte", [b"\0", b"1", b" ", b"#"])
def test_a_line_that_never_ends_is_refused(byte: bytes) -> None:
    chunks = iter(lambda: byte * 65536, b"")

    steps, message = read(Pieces(chunks), 1)

    assert steps == []
    assert message.startswith("here: line 1: ")


def test_each_line_of_a_slow_producer_is_a_block_as_soon_as_it_is_there() -> None:
    reading, writing = os.pipe()
    with open(reading, "rb") as file, open(writing, "wb", buffering=0) as producer:  # noqa: PTH123  # a descriptor has no path
        blocks = steps_from(file, 1, "here")
        producer.write(b"1\n")
        assert next(blocks).tolist() == [[1.0]]
        producer.write(b"2\n3\n4")
        assert next(blocks).tolist() == [[2.0], [3.0]]
        producer.write(b"5\n")
        assert next(blocks).tolist() == [[45.0]]
        producer.write(b"6")
        producer.close()
        assert next(blocks).tolist() == [[6.0]]
        assert next(blocks, None) is None


def test_a_file_on_disk_is_read_in_blocks(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(b"".join(b"%d\n" % t for t in range(50_000)))

    with path.open("rb") as file:
        lengths = [len(block) for block in steps_from(file, 1, "here")]

    assert sum(lengths) == 50_000
    assert len(lengths) == 5  # 288890 bytes, 65536 at a time


NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers(-(10**25), 10**25).map(str),
    st.from_regex(
        r"[-+]?([0-9]{1,25}\.?[0-9]{0,25}|\.[0-9]{1,25})([eE][-+]?[0-9]{1,3})?", fullmatch=True
    ),
    st.text("0123456789+-.eE_nai ", min_size=1, max_size=5),
)
LINES = st.one_of(
    st.lists(NUMBERS, min_size=2, max_size=2).flatmap(
        lambda two: st.sampled_from([f"{two[0]} {two[1]}", ",".join(two), f"[{two[0]}, {two[1]}]"])
    ),
    st.sampled_from(
        ["", "# c", " ", "1 2 # c", "1 2\r", "1", "1 2 3", "1,,2", "[]", "[1,2],[3,4]", "é"]
    ),
)
FINITE = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def fields_of(line: str) -> list[str]:
    bare = line.removeprefix("[").removesuffix("]").strip()
    return re.split(r"\s*,\s*|\s+", bare) if bare else []


def by_the_book(text: str) -> tuple[Steps, int]:
    """Return the steps of two numbers, and the number of the first line that is not a step, or 0."""
    steps: Steps = []
    for number, line in enumerate(text.split("\n"), 1):
        said = line.partition("#")[0].strip()
        fields = fields_of(said)
        # what is not 0 is refused where no float but 0 is near it
        numbers = [
            float(field)
            for field in fields
            if FINITE.fullmatch(field) and (float(field) or not Decimal(field))
        ]
        if said and (len(fields) != 2 or len(numbers) != 2 or not all(map(math.isfinite, numbers))):
            return steps, number
        if said:
            steps.append(numbers)
    return steps, 0


@settings(max_examples=100, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=6).map("\n".join))
def test_what_is_read_is_what_python_reads_from_each_field(text: str) -> None:
    steps, bad_line = by_the_book(text)

    given_steps, message = read(text.encode(), 2)

    assert repr(given_steps) == repr(steps)  # -0.0 is not 0.0
    if bad_line:
        assert message.startswith(f"here: line {bad_line}: ")
    else:
        assert bool(message) == (not steps)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(LINES, min_size=1, max_size=8).map("\n".join),
    st.lists(st.integers(1, 30), max_size=20),
    st.booleans(),
)
def test_steps_and_error_do_not_depend_on_how_the_bytes_arrive(
    text: str, sizes: list[int], bom: bool
) -> None:
    data = b"\xef\xbb\xbf" * bom + text.encode()

    assert read(Pieces(cut(data, sizes)), 2) == read(data, 2)
    assert read(Pieces(cut(data, [1] * len(data))), 2) == read(data, 2)


def test_the_length_limit_does_not_depend_on_how_the_bytes_arrive() -> None:
    for length in (132_095, 132_096, 132_097, 200_000):
        data = b"1\n" + b"2".ljust(length) + b"\n"
        whole = read(data, 1)
        assert whole == read(Pieces(cut(data, [65536] * 9)), 1)
        assert whole == read(Pieces(cut(data, [length + 2, 1])), 1)
        assert bool(whole[1]) == (length > 132_096)


def test_after_a_line_as_long_as_a_line_may_be_the_next_is_read() -> None:
    longest = b"2".ljust(132_096)

    assert read(Pieces(iter([longest, b"\n3\n"])), 1) == ([[2.0], [3.0]], "")
