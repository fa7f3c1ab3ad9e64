"""From flags to settings: the notation of the command line."""

from collections.abc import Mapping

from rnncalc.errors import InputError, quote
from rnncalc.numerals.number import LiteralError
from rnncalc.reading import literals
from rnncalc.reading.settings import STREAM, WORDS, Setting
from rnncalc.reading.texts import name_of, read_text


def once_each(given: Mapping[str, list[str] | None]) -> dict[str, str]:
    """Return the text of each flag that is there, from lists of values: `{"wxh": ["0.5"]}`.

    Raises:
        InputError: a flag is there twice, or without its value.
    """
    found = {key: once(flag(key), texts) for key, texts in given.items()}
    return {key: text for key, text in found.items() if text is not None}


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
    except LiteralError as error:
        raise literals.error_in(text, error, place=place) from None


def once(place: str, texts: list[str] | None) -> str | None:
    """Return the one value that followed a flag, or None if the flag is not there.

    Raises:
        InputError: there are two values, or it is the next flag.
    """
    if not texts:
        return None
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
    except LiteralError as error:
        raise literals.error_in(text, error, place=place) from None
    return Setting(value, place, one_line)
