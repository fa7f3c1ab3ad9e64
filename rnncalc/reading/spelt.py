"""Symbols or ids from standard input, as they arrive."""

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from rnncalc.errors import InputError
from rnncalc.network.symbols import Inputs, Vocabulary
from rnncalc.numerals.number import LiteralError, number
from rnncalc.reading.texts import read_some
from rnncalc.reading.vocabulary import ids_in, symbols_in, unknown_symbol

_BYTES_AT_ONCE = 2**16
_BREAK = re.compile(r"\s(?=\S*$)")
_WORD = re.compile(r"[^\s,]+")


def spelt_from(file: BinaryIO, inputs: Inputs, place: str) -> Iterator[list[int]]:
    """Yield the positions of symbols or ids, each block as soon as it is there.

    A text is read as that of `--x`, one symbol per line or many. What comes out does not depend on
    how the bytes arrive.

    Args:
        file: opened for bytes.
        inputs: what stands for the symbols.
        place: the name of the file in an error: `standard input`.

    Raises:
        InputError: a symbol is unknown (those before it come first), or there is none.
    """
    step, line, found = 1, 1, list[int]()
    for text in _texts(file, inputs, place):
        found, refused = _read(text, inputs)
        if found:
            yield found
        if refused:
            at, message = refused
            line += text.count("\n", 0, at)
            raise InputError(f"{place}: line {line}: step {step + len(found)}: {message}")
        step += len(found)
        line += text.count("\n")
    if step == 1:
        raise InputError(f"{place}: holds no symbols; at least one is needed")


def _texts(file: BinaryIO, inputs: Inputs, place: str) -> Iterator[str]:
    """Yield the text in parts, none of which ends within a word."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    whole = bool(inputs.vocabulary and inputs.vocabulary.of_characters)
    rest = ""
    while True:
        try:
            block = read_some(file, _BYTES_AT_ONCE)
            text = rest + decoder.decode(block, final=not block)
        except OSError as error:
            raise InputError(f"{place}: cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise InputError(f"{place}: is not UTF-8 text") from None
        end = len(text) if whole or not block else _end_of_words(text)
        if end:
            yield text[:end]
        if not block:
            return
        rest = text[end:]


def _end_of_words(text: str) -> int:
    last = _BREAK.search(text)
    return last.end() if last else 0


def _read(text: str, inputs: Inputs) -> tuple[list[int], tuple[int, str] | None]:
    """Return the positions before the first word that is not one, and its index and message."""
    if inputs.vocabulary is None:
        return _ids(text, len(inputs))
    return _symbols(text, inputs.vocabulary)


def _symbols(text: str, vocabulary: Vocabulary) -> tuple[list[int], tuple[int, str] | None]:
    found: list[int] = []
    for at, symbol in symbols_in(text, vocabulary):
        position = vocabulary.positions.get(symbol)
        if position is None:
            return found, (at, unknown_symbol(symbol, vocabulary))
        found.append(position)
    return found, None


def _ids(text: str, size: int) -> tuple[list[int], tuple[int, str] | None]:
    found: list[int] = []
    for word in _WORD.finditer(text):
        try:
            found += ids_in([number(word[0])], size) or []
        except LiteralError as error:
            return found, (word.start(), str(error))
        except InputError as error:
            return found, (word.start(), error.message.removeprefix("step 1: "))
    return found, None
