"""Each file of tests/bad begins with the message that it gets."""

import itertools
from pathlib import Path

import pytest

from calling import ROOT, rnncalc

BAD = sorted((ROOT / "tests" / "bad").glob("*.toml"))


def expected(path: Path) -> str:
    """Return the comment at the top, with the path in the place of FILE."""
    lines = path.read_text().splitlines()
    comments = itertools.takewhile(lambda line: line[0] == "#", lines)
    return "".join(f"{line[2:]}\n" for line in comments).replace("FILE", str(path))


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
@pytest.mark.parametrize("output_format", ["table", "json"])
def test_a_bad_file_gets_its_message_and_no_output(path: Path, output_format: str) -> None:
    result = rnncalc("run", "-c", str(path), "-f", output_format)

    assert result.err == expected(path)
    assert (result.status, result.out) == (2, "")


DEEP = "x = " + "[" * 1000 + "1" + "]" * 1000
MEGABYTE = 2**20


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "FILE: is empty"),
        ("wxh = 1".encode("utf-16"), "FILE: is UTF-16; save it as UTF-8"),
        (
            "wxh = 1".encode("utf-16-le"),
            "FILE: is a binary file, not text (or UTF-16; save it as UTF-8)",
        ),
        (b"wxh = 1\n# caf\xe9\n", "FILE: line 2: is not UTF-8; save it as UTF-8"),
        (DEEP.encode(), "FILE: lists nested too deep; rows of numbers are enough"),
        (b"wxh = 1\nwhh = " + b"1" * 5000, "FILE: line 2: a number of more than 800 digits"),
        (
            b"wxh = " + b"1" * 4000 + b"\nwhh = 1\nx = 1",
            "FILE: line 1: wxh: an integer beyond the largest float, 1.8e308",
        ),
        (b"wxh = 1\nwhh = 0x" + b"F" * 4000, "FILE: line 2: a number of more than 800 digits"),
        (
            b"wxh = 1\nwhh = 1.\n" + b"x = 0." + b"3" * 800,
            "FILE: line 2: 1. is not a TOML number; write 1.0\n  whh = 1.\n         ^",
        ),
        (b"wxh = 1\nwhh = 0." + b"3" * 800, "FILE: line 2: a number of more than 800 digits"),
        (
            b"x = [" + b"[],\n" * 1_000_000 + b"]",
            "FILE: 1,000,003 values and lists, but at most 1,000,000 are read from TOML; put them in a file of numbers: --x @numbers.csv",
        ),
        (b"a." * 100_000 + b"b = 1", "FILE: line 1: a key of more than 16 parts"),
        (
            b"x = 1\ny = {" + b"a." * 100_000 + b"b = 1}",
            "FILE: line 2: a key of more than 16 parts",
        ),
        (b"[" + b'"a" . ' * 100_000 + b"b]", "FILE: line 1: a key of more than 16 parts"),
        (
            b"wxh = 1\nwxh = 2\n",
            "FILE: line 2: cannot overwrite a value; this key is there twice\n  wxh = 2\n         ^",
        ),
    ],
    ids=[
        "empty",
        "utf-16",
        "utf-16-le",
        "latin-1",
        "deep",
        "digits",
        "large",
        "hexadecimal",
        "decimals of a later line",
        "decimals",
        "many",
        "dots",
        "inline dots",
        "table dots",
        "twice",
    ],
)
def test_a_file_that_is_not_valid_is_refused(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    path.write_bytes(content)

    result = rnncalc("run", "-c", str(path))

    assert result.err == f"Error: {message}\n".replace("FILE", str(path))
    assert (result.status, result.out) == (2, "")


def test_a_byte_order_mark_is_not_an_error(tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    path.write_text("wxh = 1\nwhh = 1\nx = 1\n", encoding="utf-8-sig")

    assert rnncalc("run", "-c", str(path)).status == 0


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/nonexistent", "cannot be read: No such file or directory"),
        ("/", "cannot be read: Is a directory"),
        ("a\0b", "cannot be read: embedded null byte"),
        ("/dev/zero", "is a binary file, not text (or UTF-16; save it as UTF-8)"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(path: str, reason: str) -> None:
    shown = path.replace("\0", "\\x00")

    assert rnncalc("run", "-c", path).err == f"Error: {shown}: {reason}\n"
    assert rnncalc("run", "--x", f"@{path}").err == f"Error: --x: {shown}: {reason}\n"
