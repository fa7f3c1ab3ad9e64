"""Symbols as a person types them: texts and lists of strings -> vocabularies and positions."""

import json
import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any

from rnncalc.arrays import Array, frozen, shape_of
from rnncalc.errors import InputError, counted, few, quote
from rnncalc.network.symbols import Vocabulary
from rnncalc.numerals.number import NOT_PRINTED
from rnncalc.reading.literals import shown

_SEPARATORS = " ,\t\r\n\f\v"  # between characters, unless they are symbols themselves
_MOST_COMPARED = 5_000  # symbols among which the nearest is looked for


def vocabulary_of(value: Any, key: str = "vocabulary") -> Vocabulary:
    """Return the symbols of `helo`, of `<s> the cat`, or of a list of strings.

    A text without blanks is its characters; otherwise its words, between blanks.

    Args:
        value: what was typed.
        key: `vocabulary`, or `labels`.

    Raises:
        InputError: it is neither a text nor a list of strings, or a symbol is repeated.
    """
    listed = listed_in(value) if isinstance(value, str) else value
    if isinstance(listed, str):
        words = listed.split()
        symbols = tuple(words if len(words) > 1 else "".join(words))
    elif isinstance(listed, list):
        symbols = tuple(_string(item, f"symbol {n}", key) for n, item in enumerate(listed, 1))
    else:
        message = f'{_kind(listed)}, but {key} is a text, "helo", or a list of strings'
        raise InputError(message, key=key)
    if not symbols:
        raise InputError("is empty; at least one symbol is needed", key=key)
    _refuse_repeated(symbols, key)
    return Vocabulary(symbols)


def listed_in(text: str, vocabulary: Vocabulary | None = None) -> str | list[str]:
    """Return the strings of a JSON list, as a flag or a file may have it, or the text itself.

    Args:
        text: what was typed.
        vocabulary: of the text; where brackets and quotes are symbols, there is no list.
    """
    symbols = vocabulary.positions if vocabulary else {}
    if not text.lstrip().startswith("[") or {"[", '"'} <= symbols.keys():
        return text
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return found if found and all(isinstance(item, str) for item in found) else text


def labels_of(value: Any, outputs: int) -> Vocabulary:
    """Return the names of `outputs` outputs; for a single output, a text is its name.

    Raises:
        InputError: they are not names, or are more or fewer than the outputs.
    """
    listed = listed_in(value) if isinstance(value, str) else value
    single = outputs == 1 and isinstance(listed, str) and listed.split() == [listed]
    labels = vocabulary_of([listed] if single else listed, "labels")
    if len(labels) != outputs:
        raise InputError(
            f"{counted(len(labels), 'label')}, but why has {counted(outputs, 'row')}, "
            f"so {outputs} {'is' if outputs == 1 else 'are'} needed",
            key="labels",
        )
    return labels


def embedding_of(rows: Any, vocabulary: Vocabulary | None, input_size: int) -> Array:
    """Return the embedding (V, D), one row per symbol.

    Args:
        rows: lists of numbers.
        vocabulary: V symbols; without one, inputs are ids.
        input_size: D.

    Raises:
        InputError: it has another size.
    """
    matrix = frozen(rows, "embedding", 2)
    wanted = (len(vocabulary) if vocabulary else len(matrix), input_size)
    if matrix.shape == wanted:
        return matrix
    hint = "; its transpose would fit" if matrix.shape[::-1] == wanted else ""
    if len(matrix) != wanted[0]:
        of = f"the vocabulary has {counted(wanted[0], 'symbol')}"
        needed = f"embedding needs {counted(wanted[0], 'row')}"
    else:
        of = f"wxh has {counted(input_size, 'column')}"
        needed = f"every row of embedding needs {input_size}"
    raise InputError(f"{shape_of(matrix)}, but {of}, so {needed}{hint}", key="embedding")


def refuse_other_size(vocabulary: Vocabulary, input_size: int) -> None:
    """Refuse a vocabulary whose one-hot inputs do not fit W_xh, where there is no embedding."""
    if len(vocabulary) != input_size:
        raise InputError(
            f"{counted(len(vocabulary), 'symbol')}, but wxh has {counted(input_size, 'column')}, "
            f"so {input_size} {'is' if input_size == 1 else 'are'} needed; "
            "or give an embedding, one row per symbol",
            key="vocabulary",
        )


def positions_in(value: Any, vocabulary: Vocabulary, key: str = "x") -> list[int] | None:
    """Return the positions (T,) of symbols; None where the value is rows of numbers.

    If every symbol is one character, a text is read character by character, and blanks and commas
    only separate unless they are symbols themselves; otherwise its words are symbols.

    Args:
        value: a text, or a list of strings; or what is not symbols.
        vocabulary: where they are looked up.
        key: `x`, or `target`, where "?" has the position after the last.

    Raises:
        InputError: a symbol is unknown, there are none, or there are numbers beside a vocabulary.
    """
    listed = listed_in(value, vocabulary) if isinstance(value, str) else value
    if isinstance(listed, str):
        return _positions_in_text(listed, vocabulary, key)
    if isinstance(listed, list) and any(isinstance(item, list) for item in listed):
        return None
    if listed == []:
        raise _no_symbols(key)
    if not isinstance(listed, list) or not any(isinstance(item, str) for item in listed):
        raise _numbers_beside_symbols(listed, vocabulary, key)
    return [
        _position(_string(item, f"step {t}", key), vocabulary, f"step {t}", key)
        for t, item in enumerate(listed, 1)
    ]


def ids_in(value: Any, size: int, key: str = "x") -> list[int] | None:
    """Return ids (T,), positions in an embedding of `size` rows; None where there are rows.

    Raises:
        InputError: a number is not an id.
    """
    given = value if isinstance(value, list) else [value]
    if not given or any(isinstance(item, list) for item in given):
        return None
    ids = []
    for t, item in enumerate(given, 1):
        if isinstance(item, str):
            lacking = "outputs have no names" if key == "target" else "inputs have no vocabulary"
            message = f"{quote(item, 20)} is a symbol, but the {lacking}"
            raise InputError(f"step {t}: {message}; they are 0 to {size - 1}", key=key)
        if isinstance(item, bool) or not isinstance(item, int | float) or item not in range(size):
            raise InputError(f"step {t}: {_not_an_id(item, size, key)}", key=key)
        ids.append(int(item))
    return ids


def _not_an_id(item: object, size: int, key: str) -> str:
    typed, rows = str(item).removesuffix(".0"), counted(size, "row")  # flags give floats
    if key != "target":
        return f"{typed} is not an id; embedding has {rows}, so ids are 0 to {size - 1}"
    return (
        f"{typed} is not the number of an output; why has {rows}, so these are 0 to {size - 1}; "
        'a target for each output is a row, as in "0.1 0.9; 1 0"'
    )


def symbols_in(text: str, vocabulary: Vocabulary) -> Iterator[tuple[int, str]]:
    """Yield the symbols of a text, each with the index of its first character."""
    if not vocabulary.of_characters:
        yield from ((word.start(), word[0]) for word in re.finditer(r"\S+", text))
        return
    known = vocabulary.positions
    yield from ((at, c) for at, c in enumerate(text) if c in known or c not in _SEPARATORS)


def unknown_symbol(symbol: str, vocabulary: Vocabulary) -> str:
    """Return the message for a symbol that is not in the vocabulary, with the nearest known one."""
    return f"{quote(symbol, 20)} is not in the vocabulary{_nearest(symbol, vocabulary)}"


def _positions_in_text(text: str, vocabulary: Vocabulary, key: str) -> list[int]:
    found = []
    for t, (at, symbol) in enumerate(symbols_in(text, vocabulary), 1):
        position = _looked_up(symbol, vocabulary, key)
        if position is None:
            message = f"step {t}: {unknown_symbol(symbol, vocabulary)}"
            raise InputError(message, key=key, lines=shown(text, at))
        found.append(position)
    if not found:
        raise _no_symbols(key)
    return found


def _no_symbols(key: str) -> InputError:
    return InputError("holds no symbols; at least one is needed", key=key)


def _position(symbol: str, vocabulary: Vocabulary, place: str, key: str) -> int:
    position = _looked_up(symbol, vocabulary, key)
    if position is None:
        raise InputError(f"{place}: {unknown_symbol(symbol, vocabulary)}", key=key)
    return position


def _looked_up(symbol: str, vocabulary: Vocabulary, key: str) -> int | None:
    """Return the position of a symbol; one beyond the others for "?", where there is no target."""
    missing = len(vocabulary) if key == "target" and symbol == NOT_PRINTED else None
    return vocabulary.positions.get(symbol, missing)


def _nearest(symbol: str, vocabulary: Vocabulary) -> str:
    symbols = vocabulary.symbols
    if len(symbol) > 1 and all(c in vocabulary.positions for c in symbol):
        return f"; separate symbols, as in {quote(' '.join(symbol), 30)}"
    folded = {name.casefold(): name for name in reversed(symbols)}
    near = [symbol.casefold()] if symbol.casefold() in folded else []
    if not near and len(symbols) <= _MOST_COMPARED:
        near = get_close_matches(symbol.casefold()[:40], folded, n=1, cutoff=0.6)
    if near:
        return f"; did you mean {quote(folded[near[0]], 20)}?"
    return f"; known are {few(symbols)}"


def _numbers_beside_symbols(value: Any, vocabulary: Vocabulary, key: str) -> InputError:
    some = vocabulary.text(range(min(3, len(vocabulary))))
    found = "a flat list of numbers" if isinstance(value, list) else _kind(value)
    return InputError(
        f"{found} beside a vocabulary; write symbols, as in {quote(some, 30)}, "
        "or one row of numbers per step",
        key=key,
    )


def _string(item: Any, place: str, key: str) -> str:
    if not isinstance(item, str):
        raise InputError(f'{place} is {_kind(item)}; write symbols in quotes, as in "1"', key=key)
    if not item:
        raise InputError(f"{place} is empty; a symbol has at least one character", key=key)
    return item


def _kind(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return quote(str(value), 20)[1:-1]
        case list():
            return "a list"
        case dict():
            return "a table"
        case _:
            return quote(str(value), 30)


def _refuse_repeated(symbols: Sequence[str], key: str) -> None:
    seen: dict[str, int] = {}
    for n, symbol in enumerate(symbols, 1):
        if symbol in seen:
            once = "".join(dict.fromkeys(s for s in symbols if s != "," or symbol != ","))
            whole = all(len(each) == 1 for each in symbols) and len(once) <= 30
            hint = f": {quote(once)}" if whole else ""
            noun = "label" if key == "labels" else "symbol"
            raise InputError(
                f"{noun}s {seen[symbol]} and {n} are both {quote(symbol, 20)}; "
                f"list each {noun} once{hint}",
                key=key,
            )
        seen[symbol] = n
