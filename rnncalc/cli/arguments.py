"""Typing mistakes that Typer would misread."""

import re
from collections.abc import Callable, Mapping

from rnncalc.errors import InputError, nearest, printable, quote
from rnncalc.numerals.number import LiteralError, number
from rnncalc.reading.flags import flag
from rnncalc.reading.settings import KEYS


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


def leftovers(words: list[str], arguments: list[str], known: list[str]) -> InputError:
    """Return the error for unexpected arguments: `--x 1 2 3`, or `--whx 1`.

    Args:
        words: the unexpected ones.
        arguments: the whole command line.
        known: all flags.
    """
    word = words[0]
    if word.startswith("-") and not _is_number(word):
        return _unknown_flag(word, known)
    before = arguments[: arguments.index(word)] if word in arguments else []
    last = next((w for w in reversed(before) if w.startswith("--") and len(w) > 2), "")
    if word.endswith(".toml"):
        return InputError(f"{quote(word)} belongs to no flag; did you mean -c {printable(word)}?")
    if not last or before[-1:] == ["--"]:
        return InputError(f"{quote(word)} belongs to no flag; --help lists them")
    value = " ".join([*before[len(before) - before[::-1].index(last) :], *words])
    listed = printable(value.split(" --")[0])
    return InputError(f'{last}: {quote(word)} follows its value; quote a list: {last} "{listed}"')


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
    if first.endswith(".toml"):
        raise InputError(
            f"{quote(first)}: a command comes first: rnncalc run -c {printable(first)}"
        )


def _unknown_flag(word: str, known: list[str]) -> InputError:
    hint = nearest(word.split("=", maxsplit=1)[0], known)
    return InputError(f"unknown flag {quote(word)}{hint if '?' in hint else '; --help lists them'}")


def _is_number(word: str) -> bool:
    """Return whether `word` is a number, such as -2, which looks like a flag."""
    try:
        number(word.rstrip(",;"))
    except LiteralError:
        return False
    return True
