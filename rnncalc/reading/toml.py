"""From a TOML file to settings, each with its line."""

import re
from typing import Any

from rnncalc.errors import InputError, nearest, quote
from rnncalc.numerals.number import Written
from rnncalc.reading import literals
from rnncalc.reading.settings import EXPECT, KEYS, Setting
from rnncalc.reading.texts import name_of, read_text

_CHECKED = ("a", "h", "o", "y")

# Compiled only when a file is read, so that a start without one is faster.
# A key of thousands of parts makes tomllib take all memory; our keys have at most two.
_LONG_KEY = r"(?<![\w.-])(?>(?>[\w-]+|\"[^\"\n]*\"|'[^'\n]*')[ \t]*\.[ \t]*){16}"
_LONG_PREFIXED = r"0[xob][0-9a-fA-F_]{3500}"
_KEY_LINE = r"^[ \t]*(?:\[[ \t]*)?([\"']?)([\w-]+)\1[ \t]*[=\]]"
_AT = r" \(at (?:line (\d+), column (\d+)|end of document)\)$"


def from_file(path: str) -> dict[str, Setting]:
    """Return the settings of a TOML file, or of standard input where `path` is `-`.

    Raises:
        InputError: it cannot be read, is not TOML, or has an unknown key.
    """
    text, name = read_text(path), name_of(path)
    table = parse_toml(text, name)
    lines = key_lines(text)
    places = {key: f"{name}: line {lines[key]}" if key in lines else name for key in table}
    for key in table:
        if key not in (*KEYS, EXPECT):
            hint = nearest(key, [*KEYS, EXPECT])
            if key in _CHECKED:
                hint = "; figures that rnncalc check marks stand below a line [expect]"
            raise InputError(f"{places[key]}: unknown key {quote(key)}{hint}")
    found = {key: Setting(table[key], f"{places[key]}: {key}") for key in KEYS if key in table}
    if EXPECT in table:
        inner = {key: f"{name}: line {line}" for key, line in lines.items() if key not in table}
        found[EXPECT] = Setting(table[EXPECT], places[EXPECT], places=inner)
    return found


def key_lines(text: str) -> dict[str, int]:
    """Return the line of each key's first mention, which tomllib does not tell."""
    lines: dict[str, int] = {}
    line, start = 1, 0
    for match in re.finditer(_KEY_LINE, text, re.ASCII | re.MULTILINE):
        line += text.count("\n", start, match.start())
        start = match.start()
        lines.setdefault(match[2], line)
    return lines


def parse_toml(text: str, name: str) -> dict[str, Any]:
    """Return the table in `text`, its decimal numbers with their texts.

    Raises:
        InputError: it is not TOML; the message has the line.
    """
    import tomllib

    long_key = re.search(_LONG_KEY, text, re.ASCII)
    if long_key:
        line = text.count("\n", 0, long_key.start()) + 1
        raise InputError(f"{name}: line {line}: a key of more than 16 parts")
    try:
        if re.search(_LONG_PREFIXED, text):  # int() would accept it, and str() would fail
            raise ValueError
        return tomllib.loads(text, parse_float=Written)
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
