"""What was set, where: the keys of a TOML file and the flags, before they mean anything."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rnncalc.errors import InputError, nearest, printable, quote
from rnncalc.reading import literals
from rnncalc.reading.figures import Figure
from rnncalc.reading.texts import name_of, read_text

WORDS = ("activation", "output_activation")
KEYS = ("wxh", "whh", "bh", "why", "by", "h0", "x", *WORDS)
STREAM = "-"  # the value of an x that comes from standard input, a line a step
_FIGURES = ("a", "h", "o", "y")
EXPECT = "expect"  # the table of the figures that `rnncalc check` marks

# Not compiled before a file is read, since a start without one is faster so.
# What makes tomllib take all memory: a key of thousands of parts. No key of ours has more than two.
_LONG_KEY = r"(?<![\w.-])(?>(?>[\w-]+|\"[^\"\n]*\"|'[^'\n]*')[ \t]*\.[ \t]*){16}"
_LONG_PREFIXED = r"0[xob][0-9a-fA-F_]{3500}"
_KEY_LINE = r"^[ \t]*(?:\[[ \t]*)?([\"']?)([\w-]+)\1[ \t]*[=\]]"
_AT = r" \(at (?:line (\d+), column (\d+)|end of document)\)$"


@dataclass(frozen=True)
class Setting:
    """A value as it was written, and where.

    Attributes:
        value: nested lists of numbers, or the name of an activation.
        place: `--whh`, or `model.toml: line 3: whh`.
        one_line: whether a flat list was a row of a file.
        places: where the keys of a table are, as far as is known.
    """

    value: Any
    place: str
    one_line: bool = False
    places: Mapping[str, str] = field(default_factory=dict)


def once_each(given: Mapping[str, list[str] | None]) -> dict[str, str]:
    """Return the text of each flag, from a list of what followed it: `{"wxh": ["0.5"]}`.

    Raises:
        InputError: a flag came twice, or without its value.
    """
    return {key: once(flag(key), texts) for key, texts in given.items() if texts}


def from_flags(texts: Mapping[str, str]) -> dict[str, Setting]:
    """Return the settings of the flags.

    Raises:
        InputError: a value is not what the flag takes.
    """
    return {key: _from_flag(key, text) for key, text in texts.items()}


def flag(key: str) -> str:
    """Return `--output-activation` for `output_activation`."""
    return "--" + key.replace("_", "-")


def _from_flag(key: str, text: str) -> Setting:
    place = flag(key)
    if key in WORDS:
        return Setting(text, place)
    if key == "x" and text == "-":
        return Setting(STREAM, place)
    if text == "@":
        raise InputError(f"{place}: @ needs the name of a file, as in {place} @numbers.csv")
    if text.startswith("@"):
        return _from_number_file(text[1:], place)
    try:
        return Setting(literals.parse(text), place)
    except literals.LiteralError as error:
        raise literals.error_in(text, error, place=place) from None


def once(place: str, texts: list[str]) -> str:
    """Return the one value that followed a flag.

    Raises:
        InputError: there are two, or it is the next flag.
    """
    if len(texts) > 1:
        raise InputError(f"{place}: given {len(texts)} times; once is enough")
    if not texts[0].strip():
        raise InputError(f"{place}: its value is empty")
    if texts[0].startswith("--"):
        raise InputError(f"{place}: its value is missing: {quote(texts[0])} is the next flag")
    return texts[0]


def _from_number_file(path: str, place: str) -> Setting:
    try:
        text = read_text(path)
    except InputError as error:
        raise error.at(place) from None
    place = f"{place}: {name_of(path)}"
    try:
        value, one_line = literals.parse_lines(text)
    except literals.LiteralError as error:
        raise literals.error_in(text, error, place=place) from None
    return Setting(value, place, one_line)


def from_file(path: str) -> dict[str, Setting]:
    """Return the settings of a TOML file, or of standard input where `path` is `-`.

    Raises:
        InputError: it cannot be read, is no TOML, or has a key that is none of ours.
    """
    text, name = read_text(path), name_of(path)
    table = parse_toml(text, name)
    lines = key_lines(text)
    places = {key: f"{name}: line {lines[key]}" if key in lines else name for key in table}
    for key in table:
        if key not in (*KEYS, EXPECT):
            hint = nearest(key, [*KEYS, EXPECT])
            if key in _FIGURES:
                hint = "; figures that rnncalc check marks stand below a line [expect]"
            raise InputError(f"{places[key]}: unknown key {quote(key)}{hint}")
    found = {key: Setting(table[key], f"{places[key]}: {key}") for key in KEYS if key in table}
    if EXPECT in table:
        inner = {key: f"{name}: line {line}" for key, line in lines.items() if key not in table}
        found[EXPECT] = Setting(table[EXPECT], places[EXPECT], places=inner)
    return found


def key_lines(text: str) -> dict[str, int]:
    """Return the line of each key's first mention: tomllib does not tell."""
    lines: dict[str, int] = {}
    line, start = 1, 0
    for match in re.finditer(_KEY_LINE, text, re.ASCII | re.MULTILINE):
        line += text.count("\n", start, match.start())
        start = match.start()
        lines.setdefault(match[2], line)
    return lines


def parse_toml(text: str, name: str) -> dict[str, Any]:
    """Return the table in `text`, its decimal numbers as figures.

    Raises:
        InputError: it is no TOML; the message has the line.
    """
    import tomllib

    long_key = re.search(_LONG_KEY, text, re.ASCII)
    if long_key:
        line = text.count("\n", 0, long_key.start()) + 1
        raise InputError(f"{name}: line {line}: a key of more than 16 parts")
    try:
        if re.search(_LONG_PREFIXED, text):  # int() would take it, and str() not give it back
            raise ValueError
        return tomllib.loads(text, parse_float=Figure)
    except tomllib.TOMLDecodeError as error:
        raise _toml_error(text, name, str(error)) from None
    except RecursionError:
        raise InputError(f"{name}: lists nested too deep; rows of numbers are enough") from None
    except ValueError:  # int() refuses more digits than it can convert in reasonable time
        line = text.count("\n", 0, _first_long_integer(text)) + 1
        raise InputError(f"{name}: line {line}: an integer of more than 4300 digits") from None


def _first_long_integer(text: str) -> int:
    found = re.search(rf"{_LONG_PREFIXED}|[0-9_]{{4300}}", text)
    return found.start() if found else 0


def _toml_error(text: str, name: str, message: str) -> InputError:
    at = re.search(_AT, message)
    message = message[: at.start()] if at else message
    lines = text.split("\n")
    number = min(int(at[1]), len(lines)) if at and at[1] else len(lines)
    column = int(at[2]) - 1 if at and at[2] else len(lines[-1])
    message = message[:1].lower() + message[1:]
    shown = literals.shown(lines[number - 1], column)
    return InputError(f"{name}: line {number}: {message}{_toml_hint(message)}", lines=shown)


def _toml_hint(message: str) -> str:
    if "newline or end of document" in message:
        return "; a list needs brackets: x = [1, 2, 3]"
    if "unclosed array" in message:
        return "; commas stand between numbers: [1, 2]"
    if "cannot overwrite" in message:
        return "; this key is there twice"
    if "invalid value" in message:
        return '; values look like 0.5, [1, 2] or [[1, 2], [3, 4]], names like "tanh"'
    return ""


def refuse_twice(arguments: list[str], flags: list[list[str]]) -> None:
    """Refuse a flag that is given twice, under whichever of its names: `-fjson --format=csv`."""
    for names in flags:
        count = sum(_is_flag(word, name) for word in arguments for name in names)
        if count > 1:
            raise InputError(f"{names[0]}: given {count} times; once is enough")


def _is_flag(word: str, name: str) -> bool:
    return (
        word.split("=", maxsplit=1)[0] == name if name.startswith("--") else word.startswith(name)
    )


def refuse_two_readers(given: Mapping[str, str]) -> None:
    """Refuse standard input for two flags: `{"-c": "-", "--bh": "@-"}`."""
    readers = [f"{name} {text}" for name, text in given.items() if text in ("-", "@-")]
    if len(readers) > 1:
        raise InputError(
            f"{' and '.join(readers)}: standard input can be only one of them; name a file"
        )


def leftovers(words: list[str], arguments: list[str], known: list[str]) -> InputError:
    """Return the error for `words` that belong to no flag: `--x 1 2 3`, or `--whx 1`.

    Args:
        words: those that are left over.
        arguments: the whole command line.
        known: the flags there are.
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
        known: gives the flags there are; it takes a while, and is seldom asked.
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
        literals.number(word.rstrip(",;"))
    except literals.LiteralError:
        return False
    return True
