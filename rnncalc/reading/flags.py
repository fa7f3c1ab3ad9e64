"""From flags to settings: the notation of the command line."""

from collections.abc import Collection, Mapping

from rnncalc.errors import InputError, printable, quote
from rnncalc.numerals.number import NOT_PRINTED, LiteralError, number, printed
from rnncalc.reading import literals
from rnncalc.reading.commas import only_commas
from rnncalc.reading.npy import values_in
from rnncalc.reading.settings import DERIVATIVES, EXPECT, SPELT, STREAM, TEXTS, WORDS, Setting
from rnncalc.reading.texts import name_of, read_text, refuse_many

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
    texts: Mapping[str, str], *, whole: bool, spelt: Collection[str] = ()
) -> dict[str, Setting]:
    """Return the settings of the flags.

    Args:
        texts: the values by key.
        whole: whether `--x -` reads all of standard input now, and not step by step later.
        spelt: the keys whose texts are symbols.

    Raises:
        InputError: a value is not what the flag takes.
    """
    return {key: _from_flag(key, text, whole, spelt) for key, text in texts.items()}


def spelt_keys(given: Collection[str]) -> tuple[str, ...]:
    """Return the keys whose texts are symbols, beside the keys that are given."""
    named = {"x": {"vocabulary"}, "target": {"vocabulary", "labels"}}
    return tuple(key for key in SPELT if named[key].intersection(given))


def with_printed(settings: Mapping[str, Setting], texts: Mapping[str, str]) -> dict[str, Setting]:
    """Return the settings with the printed values of `--h "0.54 0.49"` and its like in [expect].

    Raises:
        InputError: a text is not a list of printed values.
    """
    given = {name: _numbers(text, flag(name), printed) for name, text in texts.items()}
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


def _from_flag(key: str, text: str, whole: bool, spelt: Collection[str]) -> Setting:
    if key in (*WORDS, "reduction"):
        return Setting(text, flag(key))
    if key in DERIVATIVES:
        return _numbers(text, flag(key), number_or_none)
    if key == "x" and text == "-" and not whole:
        return Setting(STREAM, flag(key))
    if key in TEXTS or key in spelt:
        return _text(text, flag(key))
    return _numbers(text, flag(key), printed if key == "target" else number)


def _text(text: str, place: str) -> Setting:
    """Return the text of a flag, of a file, or of standard input."""
    _refuse_at(text, place)
    if not text.startswith("@") and text != "-":
        return Setting(text, place)
    path = text.removeprefix("@")
    try:
        array = values_in(path, printed=False)
        return Setting(read_text(path) if array is None else array, f"{place}: {name_of(path)}")
    except InputError as error:
        raise error.at(place) from None


def _refuse_at(text: str, place: str) -> None:
    if text == "@":
        raise InputError(f"{place}: @ needs the name of a file, as in {place} @numbers.csv")


def _numbers(text: str, place: str, item: literals.Item) -> Setting:
    """Return the value of a flag: numbers, the name of a file of them, or - for standard input."""
    _refuse_at(text, place)
    if text.startswith("@") or text == "-":
        return _from_number_file(text.removeprefix("@"), place, item)
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


def _from_number_file(path: str, place: str, item: literals.Item) -> Setting:
    try:
        array = values_in(path, printed=item is printed)
        if array is not None:
            return Setting(array, f"{place}: {name_of(path)}")
        text = read_text(path)
    except InputError as error:
        raise error.at(place) from None
    place = f"{place}: {name_of(path)}"
    refuse_many(text, _MOST_VALUES, place, "; run streams a longer sequence: --x -")
    try:
        value, one_line = literals.parse_lines(text, item)
    except LiteralError as error:
        raise literals.error_in(text, error, place=place) from None
    return Setting(value, place, one_line, only_commas(text))
