"""Typing mistakes that Typer would misread, and what a word processor makes of quotes."""

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import takewhile
from pathlib import Path

from rnncalc.errors import InputError, counted, printable, quote
from rnncalc.numerals.number import QUOTES, LiteralError, number
from rnncalc.reading.flags import NUMBER_FILES, flag
from rnncalc.reading.settings import KEYS, hint
from rnncalc.reading.texts import name_of, similar


def without_typographic_quotes(arguments: list[str]) -> list[str]:
    """Return the arguments with `“1`, `2`, `3”` joined to `1 2 3`: no shell knows such quotes."""
    line = "\0".join(arguments)
    if line.isascii():
        return arguments
    quoted = f"(?<![^\0=])[{QUOTES}]([^{QUOTES}]*)[{QUOTES}](?![^\0])"
    return re.sub(quoted, lambda found: found[1].replace("\0", " "), line).split("\0")


def refuse_twice(arguments: list[str], flags: list[list[str]]) -> None:
    """Refuse a flag that is given twice, under any of its names: `-fjson --format=csv`."""
    for names in flags:
        count = sum(_is_flag(word, name) for word in arguments for name in names)
        if count > 1:
            raise InputError(f"{names[0]}: given {count} times; once is enough")


def _is_flag(word: str, name: str) -> bool:
    return (
        word.split("=", maxsplit=1)[0] == name if name.startswith("--") else word.startswith(name)
    )


def refuse_two_readers(given: Mapping[str, str]) -> None:
    """Refuse to read standard input for two flags: `{"-c": "-", "--bh": "@-"}`."""
    readers = [f"{name} {text}" for name, text in given.items() if text in ("-", "@-")]
    if len(readers) > 1:
        raise InputError(
            f"{' and '.join(readers)}: standard input can be only one of them; name a file"
        )


def refuse_two_sources(expect: str | None, names: Iterable[str]) -> None:
    """Refuse printed values in flags beside a file of them."""
    given = " and ".join(map(flag, names))
    if expect and given:
        raise InputError(f"{given}: cannot be combined with --expect; give all values in one place")


def config_of(path: str | None, words: list[str]) -> tuple[str | None, list[str]]:
    """Return the name of the TOML file, which may stand alone, and the other unexpected words.

    Raises:
        InputError: there are two files.
    """
    files = [word for word in words if _is_toml(word)]
    if path is None and len(files) == 1:
        return files[0], [word for word in words if word != files[0]]
    if files:
        given = f"-c {printable(path)} is given" if path else counted(len(files), "TOML file")
        raise InputError(f"unexpected argument {quote(files[-1])}: {given}; name one file")
    return path, words


def _is_toml(word: str) -> bool:
    return word.lower().endswith(".toml") and not word.startswith("-")


_WEIGHT_FILES = (
    *(".npz", ".safetensors", ".pt", ".pth", ".bin", ".ckpt"),
    *(".keras", ".h5", ".onnx"),
)


def leftovers(words: list[str], arguments: list[str], known: list[str]) -> InputError:
    """Return the error for unexpected arguments: `--x 1 2 3`, or `--whx 1`.

    Args:
        words: the unexpected ones.
        arguments: the whole command line.
        known: all flags.
    """
    word = words[0]
    if _is_like_a_flag(word):
        return _unknown_flag(word, known)
    if _is_path(word):
        return _unexpected_file(word, known)
    before = arguments[: arguments.index(word)] if word in arguments else []
    last = next((w for w in reversed(before) if w.startswith("--") and len(w) > 2), "")
    if not last or before[-1:] == ["--"]:
        return InputError(f"unexpected argument {quote(word)}; --help lists the flags")
    listed = _quoted(arguments[len(before) - before[::-1].index(last) :])
    return InputError(f"{last}: {quote(word)} follows its value; quote a list: {last} {listed}")


def _quoted(values: list[str]) -> str:
    """Return the values up to the next flag as one: rows if each is a row, else a list."""
    own = [*takewhile(lambda word: not _is_like_a_flag(word), values)]
    rows = all(map(_is_row, own))
    text = "; ".join(word.strip(" ,;") for word in own) if rows else " ".join(own)
    return f'"{printable(text)}"'


def _is_like_a_flag(word: str) -> bool:
    return word.startswith("-") and not _is_number(word) and not _is_row(word)


def _is_row(word: str) -> bool:
    """Return whether `word` is several numbers, such as `-0.3 0.5`."""
    numbers = word.replace(",", " ").split()
    return len(numbers) > 1 and all(map(_is_number, numbers))


def _is_path(word: str) -> bool:
    """Return whether `word` looks like the name of a file: it has an ending, or is in a folder."""
    named = re.search(r"\.[A-Za-z]\w*$|[A-Za-z].*[/\\]|[/\\].*[A-Za-z]", word)
    return bool(named) and not any(map(_is_number, word.split()))


def _is_file(path: str) -> bool:
    try:
        return Path(path).is_file()
    except (OSError, ValueError):  # a name that is too long
        return False


def _unexpected_file(word: str, known: list[str]) -> InputError:
    name = name_of(word)
    if not _is_file(word):
        return InputError(f"{name}: there is no such file{similar(word)}")
    meant = f"if it is TOML, type -c {name}"
    if word.endswith(_WEIGHT_FILES):
        meant = f"type --weights {name}"
    elif word.endswith(NUMBER_FILES):
        printed = f"printed values are --expect {name}"
        meant = printed if "--expect" in known else f"the numbers of a file are --x @{name}"
    return InputError(f"unexpected argument {quote(word)}; {meant}")


def refuse_single_dash(arguments: list[str], known: Callable[[], list[str]]) -> None:
    """Refuse -wxh and -by-hand: they would be read as -w, -x and -h, and print the help.

    Args:
        arguments: the whole command line.
        known: returns all flags; it is slow, and rarely called.
    """
    for word in arguments:
        name = f"-{word.partition('=')[0]}"
        if re.match("--[a-z][a-z0-9_-]", name) and name.replace("_", "-") in (*known(), "--help"):
            raise _unknown_flag(word, [name.replace("_", "-")])


def refuse_no_command(arguments: list[str]) -> None:
    """Refuse `rnncalc --wxh 0.5` and `rnncalc model.toml`, where the command is missing."""
    first = arguments[0].partition("=")[0] if arguments else ""
    if first in (*map(flag, KEYS), "-c", "--config"):
        raise InputError(
            f"{quote(first)}: a command comes first: rnncalc run {printable(first)} ..."
        )
    if _is_toml(first):
        raise InputError(f"{quote(first)}: a command comes first: rnncalc run {printable(first)}")


def _unknown_flag(word: str, known: list[str]) -> InputError:
    meant = hint(word.split("=", maxsplit=1)[0], known)
    if meant.startswith(("; known are", "; the keys")):
        meant = "; --help lists them"
    return InputError(f"unknown flag {quote(word)}{meant}")


def _is_number(word: str) -> bool:
    """Return whether `word` is a number, such as -2, which looks like a flag."""
    try:
        number(word.rstrip(",;"))
    except LiteralError:
        return False
    return True
