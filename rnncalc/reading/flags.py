"""From flags to settings and numbers: the notation of the command line."""

import re
from collections.abc import Collection, Mapping

from rnncalc.errors import InputError, printable, quote
from rnncalc.numerals.number import NOT_PRINTED, LiteralError, number, printed
from rnncalc.reading import literals
from rnncalc.reading.commas import only_commas
from rnncalc.reading.npy import values_in
from rnncalc.reading.settings import DERIVATIVES, EXPECT, SPELT, STREAM, TEXTS, WORDS, Setting
from rnncalc.reading.texts import Stdin, name_of, read_text, refuse_many

Typed = Mapping[str, str]
"""The texts behind flags by their keys: `{"only": "h,y", "clip": "5"}`."""

NUMBER_FILES = (".npy", ".csv", ".txt", ".json", ".jsonl")
_MOST_VALUES = 4_000_000  # of a file; each takes up to 230 bytes of memory


def once_each(given: Mapping[str, list[str] | None]) -> dict[str, str]:
    """Return the text of each flag that is given, from lists of values: `{"wxh": ["0.5"]}`.

    Raises:
        InputError: a flag is given twice, or without its value.
    """
    found = {key: once(flag(key), texts) for key, texts in given.items()}
    return {key: text for key, text in found.items() if text is not None}


def from_flags(
    texts: Mapping[str, str],
    *,
    whole: bool,
    spelt: Collection[str] = (),
    stdin: Stdin | None = None,
) -> dict[str, Setting]:
    """Return the settings of the flags.

    Args:
        texts: the values by key.
        whole: whether `--x -` reads all of standard input now, and not step by step later.
        spelt: the keys whose texts are symbols.
        stdin: opens standard input.

    Raises:
        InputError: a value is not what the flag takes.
    """
    found = dict[str, Setting]()
    for key, text in texts.items():
        if key == "x" and text == "-" and not whole:
            found[key] = Setting(STREAM, flag(key))
        else:
            found[key] = _from_flag(key, text, spelt, stdin)
    return found


def spelt_keys(given: Collection[str]) -> tuple[str, ...]:
    """Return the keys whose texts are symbols, beside the keys that are given."""
    named = {"x": {"vocabulary"}, "target": {"vocabulary", "labels"}}
    return tuple(key for key in SPELT if named[key].intersection(given))


def with_printed(
    settings: Mapping[str, Setting], texts: Mapping[str, str], stdin: Stdin | None = None
) -> dict[str, Setting]:
    """Return the settings with the printed values of `--h "0.54 0.49"` and its like in [expect].

    Raises:
        InputError: a text is not a list of printed values.
    """
    given = {name: _numbers(text, flag(name), printed, stdin) for name, text in texts.items()}
    below = settings.get(EXPECT, Setting({}, " and ".join(map(flag, given))))
    if not given or not isinstance(below.value, dict):
        return dict(settings)
    value = below.value | {name: setting.value for name, setting in given.items()}
    places = {**below.places, **{name: setting.place for name, setting in given.items()}}
    commas = {**below.commas, **{name: setting.comma for name, setting in given.items()}}
    return {**settings, EXPECT: Setting(value, below.place, places=places, commas=commas)}


def flag(key: str) -> str:
    """Return `--output-activation` for `output_activation`."""
    return "--" + key.replace("_", "-")


def _from_flag(key: str, text: str, spelt: Collection[str], stdin: Stdin | None) -> Setting:
    if key in (*WORDS, "reduction"):
        return Setting(text, flag(key))
    if key in DERIVATIVES:
        return _numbers(text, flag(key), number_or_none, stdin)
    if key in TEXTS or key in spelt:
        return _text(text, flag(key), stdin)
    return _numbers(text, flag(key), printed if key == "target" else number, stdin)


def _text(text: str, place: str, stdin: Stdin | None) -> Setting:
    """Return the text of a flag, of a file, or of standard input."""
    _refuse_at(text, place)
    if not text.startswith("@") and text != "-":
        return Setting(text, place)
    path = text.removeprefix("@")
    try:
        array = values_in(path, printed=False)
        value = read_text(path, stdin) if array is None else array
        return Setting(value, f"{place}: {name_of(path)}")
    except InputError as error:
        raise error.at(place) from None


def _refuse_at(text: str, place: str) -> None:
    if text == "@":
        raise InputError(f"{place}: @ needs the name of a file, as in {place} @numbers.csv")


def _numbers(text: str, place: str, item: literals.Item, stdin: Stdin | None) -> Setting:
    """Return the value of a flag: numbers, the name of a file of them, or - for standard input."""
    _refuse_at(text, place)
    if text.startswith("@") or text == "-":
        return _from_number_file(text.removeprefix("@"), place, item, stdin)
    try:
        return Setting(literals.parse(text, item), place, comma=only_commas(text))
    except LiteralError as error:
        refused = literals.error_in(text, error, place=place)
        raise InputError(refused.message + _meant(text, place), lines=refused.lines) from None


def _meant(text: str, place: str) -> str:
    """Return what was meant by a text that is not numbers: the name of a file, or symbols."""
    if text.endswith(NUMBER_FILES):
        return f"; the numbers of a file are {place} @{printable(text)}"
    if place == flag("x") and not any(c.isdigit() for c in text):
        return "; symbols need --vocabulary"
    return ""


def number_or_none(text: str, position: int = 0) -> float | str:
    """Return the number that `text` is, or "?" for none.

    Raises:
        LiteralError: it is neither.
    """
    return text if text == NOT_PRINTED else number(text, position)


def once(place: str, texts: list[str] | None) -> str | None:
    """Return the one value that followed a flag, or None if the flag is not given.

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


def _from_number_file(path: str, place: str, item: literals.Item, stdin: Stdin | None) -> Setting:
    try:
        array = values_in(path, printed=item is printed)
        if array is not None:
            return Setting(array, f"{place}: {name_of(path)}")
        text = read_text(path, stdin)
    except InputError as error:
        raise error.at(place) from None
    place = f"{place}: {name_of(path)}"
    refuse_many(text, _MOST_VALUES, place, "; run streams a longer sequence: --x -")
    try:
        value, one_line = literals.parse_lines(text, item)
    except LiteralError as error:
        raise literals.error_in(text, error, place=place) from None
    return Setting(value, place, one_line, only_commas(text))


def limit(typed: Typed, key: str) -> float | None:
    """Return the value of `--atol` or `--clip`, or None if it is not given.

    Raises:
        InputError: it is not a number, or is negative.
    """
    if key not in typed:
        return None
    value = _number(typed, key)
    if value < 0:
        raise InputError(f"{flag(key)}: {quote(typed[key], 20)} is negative; at least 0 is needed")
    return value


def whole_number(typed: Typed, key: str, least: int, most: int | None = None) -> int | None:
    """Return the value of a flag such as `--precision`, or None if it is not given.

    Raises:
        InputError: it is not a whole number from `least` to `most`.
    """
    if key not in typed:
        return None
    text = typed[key]
    plain = re.fullmatch(r"[0-9]{1,15}", text.strip(" "), re.ASCII)
    if not plain or int(text) < least or (most is not None and int(text) > most):
        wanted = f"of at least {least}" if most is None else f"from {least} to {most}"
        raise InputError(f"{flag(key)}: {quote(text, 20)} is not a whole number {wanted}")
    return int(text)


def temperature(typed: Typed) -> float | None:
    """Return the value of `--temperature`, or None if it is not given.

    Raises:
        InputError: it is not a number above 0.
    """
    if "temperature" not in typed:
        return None
    value = _number(typed, "temperature")
    if value <= 0:
        raise InputError(
            f"--temperature: {quote(typed['temperature'], 20)} is not above 0; "
            "leave it out to choose the largest o"
        )
    return value


def _number(typed: Typed, key: str) -> float:
    try:
        return number(typed[key].strip(" "))
    except LiteralError as error:
        raise InputError(f"{flag(key)}: {error}") from None
