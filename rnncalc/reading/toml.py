"""From a TOML file to settings, each with its line."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from rnncalc.errors import InputError, printable, quote
from rnncalc.numerals.number import (
    DECIMAL_COMMA,
    MOST_DIGITS,
    NUMBER,
    LiteralError,
    number,
    printed,
    typed,
    with_point,
    written,
)
from rnncalc.reading import literals
from rnncalc.reading.commas import first_comma
from rnncalc.reading.flags import number_or_none
from rnncalc.reading.settings import (
    DERIVATIVES,
    EXPECT,
    KEYS,
    NUMBERS,
    TABLES,
    WEIGHTS,
    Setting,
    hint,
)
from rnncalc.reading.texts import Stdin, name_of, read_text, refuse_many

MOST_VALUES = 1_000_000
"""Each takes about 620 bytes of memory while tomllib reads it."""

_PASTED = (*NUMBERS, "embedding")  # x may be symbols, which only a vocabulary tells
_CHECKED = ("a", "h", "o", "y")

# Compiled only when a file is read, so that a start without one is faster.
# A key of thousands of parts makes tomllib take all memory; our keys have at most two.
_LONG_KEY = r"(?<![\w.-])(?>(?>[\w-]+|\"[^\"\n]*\"|'[^'\n]*')[ \t]*\.[ \t]*){16}"
_LONG_PREFIXED = r"0[xob][0-9a-fA-F_]{3500}"
_KEY_LINE = r"^[ \t]*(?:\[\[?[ \t]*)?([\"']?)([\w-]+)\1[ \t]*[=\]]"
_AT = r" \(at (?:line (\d+), column (\d+)|end of document)\)$"
_WORD = r"[^\s,\[\]{}#=\"']+"
_ONE = DECIMAL_COMMA.pattern
_DECIMAL_COMMA = rf"((?<=[=\s\[]){_ONE})(?:\s*(?:#.*)?$|[ \t]+{_ONE})"


def from_file(path: str, stdin: Stdin | None = None) -> dict[str, Setting]:
    """Return the settings of a TOML file, or of standard input where `path` is `-`.

    Raises:
        InputError: it cannot be read, is not TOML, or has an unknown key.
    """
    text, name = read_text(path, stdin), name_of(path)
    table = parse_toml(text, name)
    lines = key_lines(text)
    places = {key: f"{name}: line {lines[key]}" if key in lines else name for key in table}
    for key in table:
        if key not in (*KEYS, *TABLES, EXPECT):
            meant = hint(key, [*KEYS, *TABLES, EXPECT])
            if key in _CHECKED:
                meant = "; values for rnncalc check go below a line [expect]"
            raise InputError(f"{places[key]}: unknown key {quote(key)}{meant}")
    texts = text.split("\n")
    commas = _commas(texts, lines)
    below = next(filter(None, (comma for key, comma in commas.items() if key not in table)), "")
    found = dict[str, Setting]()
    for key in (*KEYS, *TABLES):
        if key in table:
            place = f"{places[key]}: {key}"
            comma = below if key in TABLES else commas.get(key, "")
            found[key] = Setting(_pasted(table[key], place, key), place, comma=comma)
    if WEIGHTS in found and isinstance(table[WEIGHTS], str) and path != "-":
        beside = str(Path(path).parent / table[WEIGHTS])
        found[WEIGHTS] = Setting(beside, found[WEIGHTS].place)
    if EXPECT in table:
        inner = {k: f"{name}: line {n}: {EXPECT}.{k}" for k, n in lines.items() if k not in table}
        expected = _expected(table[EXPECT], f"{places[EXPECT]}: {EXPECT}", inner)
        found[EXPECT] = replace(expected, commas=commas)
    return found


def _expected(value: Any, place: str, inner: Mapping[str, str]) -> Setting:
    if isinstance(value, dict):
        below = value.items()
        value = {k: _printed(of, inner.get(k, f"{place}.{k}")) for k, of in below}
    return Setting(value, place, places=inner)


def _printed(value: Any, place: str) -> Any:
    """Return printed values, some of them perhaps as a program prints an array."""
    if isinstance(value, dict):  # [expect.gradients]
        return {key: _printed(of, f"{place}.{key}") for key, of in value.items()}
    if isinstance(value, list) and any(isinstance(item, str) for item in value):
        return [literals.pasted(item, place, printed) for item in value]
    return literals.pasted(value, place, printed)


def _pasted(value: Any, place: str, key: str) -> Any:
    """Return a value with what programs print read as numbers, also in the tables of layers."""
    if isinstance(value, dict):
        return {k: _pasted(of, f"{place}.{k}", k) for k, of in value.items()}
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return [_pasted(item, f"{place}[{n}]", key) for n, item in enumerate(value)]
    if key in DERIVATIVES:
        return literals.pasted(value, place, number_or_none)
    return literals.pasted(value, place) if key in _PASTED else value


def _commas(texts: list[str], lines: Mapping[str, int]) -> dict[str, str]:
    """Return the first number of each key that may have a decimal comma, `0,5`, or ""."""
    starts = sorted({*lines.values()})
    ends = dict(zip(starts, [*starts[1:], len(texts) + 1], strict=True))
    return {
        key: next(filter(None, map(first_comma, texts[line - 1 : ends[line] - 1])), "")
        for key, line in lines.items()
    }


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

    instead = " from TOML; put them in a file of numbers: --x @numbers.csv"
    refuse_many(text, MOST_VALUES, name, instead)
    _refuse_long_key(text, name)
    try:
        return _loaded(text)
    except tomllib.TOMLDecodeError as error:
        first = error
    except RecursionError:
        raise InputError(f"{name}: lists nested too deep; rows of numbers are enough") from None
    except ValueError:  # a number of more digits than are read
        at = _first_long_number(text)
        line = text.count("\n", 0, at.start()) + 1 if at else 1
        message = f"a number of more than {MOST_DIGITS} digits"
        raise InputError(f"{name}: line {line}: {message}") from None
    try:  # typographic quotes and minus signs are not TOML, but can be read in only one way
        return _loaded(typed(text))
    except (ValueError, RecursionError):
        raise _toml_error(text, name, str(first)) from None


def _loaded(text: str) -> dict[str, Any]:
    import tomllib

    if re.search(_LONG_PREFIXED, text):  # int() would accept it, and str() would fail
        raise LiteralError("too long")
    return tomllib.loads(text, parse_float=written)


def _refuse_long_key(text: str, name: str) -> None:
    long_key = re.search(_LONG_KEY, text, re.ASCII)
    if long_key:
        line = text.count("\n", 0, long_key.start()) + 1
        raise InputError(f"{name}: line {line}: a key of more than 16 parts")


def _first_long_number(text: str) -> re.Match[str] | None:
    return re.search(rf"{_LONG_PREFIXED}|[0-9_.]{{{MOST_DIGITS + 1}}}", text)


def _toml_error(text: str, name: str, message: str) -> InputError:
    at = re.search(_AT, message)
    message = message[: at.start()] if at else message
    lines = text.split("\n")
    line = min(int(at[1]), len(lines)) if at and at[1] else len(lines)
    column = int(at[2]) - 1 if at and at[2] else len(lines[-1])
    message = message[:1].lower() + message[1:]
    ended = "; a ] is missing" if at and not at[1] and "[" in text else ""
    known = _wrong_number(lines[line - 1], column)
    said = known or f"{message}{ended or _toml_hint(message)}"
    shown = literals.shown(lines[line - 1], column)
    return InputError(f"{name}: line {line}: {said}", lines=shown)


def _wrong_number(line: str, column: int) -> str:
    """Return what is wrong with the number at `column`, or "" if nothing is known to be."""
    comma = re.search(_DECIMAL_COMMA, line, re.ASCII)
    if comma:
        return with_point(comma[1])
    words = re.finditer(_WORD, line, re.ASCII)
    word = next((w for w in words if w.start() <= column <= w.end()), None)
    if word is None:
        return ""
    whole = re.search(r"[+-]?[0-9]+(?=,$)", line[: word.start()], re.ASCII)
    if whole and re.fullmatch("0[0-9]+", word[0]):
        return with_point(f"{whole[0]},{word[0]}")
    written = _as_toml(word[0])
    different = written and written != word[0].lower()
    return f"{printable(word[0])} is not a TOML number; write {written}" if different else ""


def _as_toml(word: str) -> str:
    """Return how TOML writes a number such as 7., .5, 07.5 or 1/2; "" for anything else."""
    try:
        value = number(word)
    except LiteralError:
        return ""
    if not NUMBER.fullmatch(word):
        return repr(value)
    mantissa, e, exponent = word.lower().partition("e")
    unsigned = mantissa.lstrip("+-")
    sign = mantissa.removesuffix(unsigned)
    whole, point, decimals = unsigned.partition(".")
    zero = "0" if point else ""
    return printable(f"{sign}{whole.lstrip('0') or '0'}{point}{decimals or zero}{e}{exponent}")


def _toml_hint(message: str) -> str:
    if "newline or end of document" in message:
        return "; a list needs brackets: x = [1, 2, 3]"
    if "unclosed array" in message:
        return "; separate numbers with commas: [1, 2]"
    if "cannot overwrite" in message:
        return "; this key is there twice"
    if "invalid value" in message:
        return '; values look like 0.5, [1, 2] or [[1, 2], [3, 4]], names like "tanh"'
    return ""
