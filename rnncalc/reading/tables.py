"""Files that another program wrote -> the values in them, as `[expect]` would list them.

What is read is what programs write: our own formats, and those of the tools that read them.
"""

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from io import StringIO
from itertools import chain
from typing import Any, NamedTuple

from rnncalc.errors import InputError, counted, few, printable, quote
from rnncalc.numerals.number import (
    LEFT_OUT,
    NO_NUMBER,
    NOT_PRINTED,
    NUMBER,
    LiteralError,
    Written,
    printed,
    quotes_typed,
    typed,
    written,
)
from rnncalc.reading import literals, markdown
from rnncalc.reading.commas import first_comma, only_commas
from rnncalc.reading.pasted import is_call
from rnncalc.reading.texts import refuse_cells

MOST_VALUES = 1_000_000  # of a file; a cell of a table takes up to 900 bytes of memory
_MOST_LEFT_OUT = 10**6  # steps between those of a file
_LONG = 400  # digits of an integer, more than any float has
_PLACE = r"(?:\[([0-9]{1,9})\]|_?([0-9]{1,9}))?"
_COMPONENT = r"(.*?)(?:\[([0-9]{1,9})\]|[_.]?([0-9]{1,9}))"  # out[0], out_0, out.0, out0 or 0
_BLANKS = " \t\r\n"
_SUM = ["sum"]  # the first cell of the last row of a table of `grad`
_PLAIN = b"0123456789+-.eE"  # all that plain numbers are made of
_GIVEN = "x"  # beside the values, to see that it is the run of the same steps
_WHOLE = ("loss", "gradients", "updated", "loss_after")  # what `grad` writes below its steps
_BELOW = {
    "final",
    "text",
    *_WHOLE,
    "flow",
}  # in the last lines of our JSON Lines, which are not steps
_OURS = {  # what else we write ourselves
    *("t", "work", "network", "arithmetic", "h0", "steps"),
    *("labels", "symbol", "best", "target", "p", "loss", "drawn_from", "generated", "text"),
}


class Names(NamedTuple):
    """The names that a file may use.

    Attributes:
        every: x and the quantities, in the order in which they are calculated.
        ends: whether h is what such an answer is formed of, and not both directions at a step.
        labels: the names of the outputs.
    """

    every: tuple[str, ...]
    ends: bool = False
    labels: tuple[str, ...] = ()

    @property
    def computed(self) -> tuple[str, ...]:
        """The quantities that can be checked."""
        return tuple(name for name in self.every if name != _GIVEN)

    def among(self, titles: Iterable[str]) -> list[str]:
        """Return those that are there, x last."""
        return [name for name in (*self.computed, _GIVEN) if name in titles]

    def lacking(self, name: str) -> str:
        """Return what has to be given before a value of that name can be checked, or ""."""
        backward = name in ("gradients", "updated") or re.match(r"d[yohaxwb]|dh_", name)
        if backward and not any("." in each for each in self.every):
            return "; values of a backward pass need a target or dy"
        return ""

    def column(self, title: str) -> re.Match[str] | None:
        """Return what a title says: the quantity, and the component in group 2 or 3."""
        names = "|".join(sorted(self.every, key=len, reverse=True))
        return re.fullmatch(f"({names}){_PLACE}", title, re.ASCII)


class Expected(NamedTuple):
    """What a file holds that a program wrote.

    Attributes:
        values: what `[expect]` would hold.
        ignored: the names of everything else.
        inputs: the x beside them, one row per step, or None.
        empty: how many cells of a table are empty.
        timed: whether its steps have a t, so that there is a row for every step of the run.
        missing: the steps of the run, counted from 1, that it does not have though others have a t.
        commas: the first number of each that may have a decimal comma, such as `0,5`.
    """

    values: dict[str, Any]
    ignored: tuple[str, ...] = ()
    inputs: Any = None
    empty: int = 0
    timed: bool = False
    missing: tuple[int, ...] = ()
    commas: Mapping[str, str] = {}  # of a tuple nobody changes it


def parse_expected(text: str, names: Names, steps: int, quantity: str | None = None) -> Expected:
    """Return the printed values in the text of a file that a program wrote.

    It may be our own JSON, JSON Lines or CSV, with all quantities or some, a table in Markdown,
    whatever is around it, a JSON object of the shape of `[expect]`, or, if `quantity` is given,
    just rows of numbers: one step per line, or as JSON, NumPy or PyTorch print them.

    Args:
        text: of the file.
        names: of the quantities.
        steps: T; in a file whose steps have a t, those left out were not printed.
        quantity: what rows without a name are.

    Raises:
        InputError: it is none of these.
    """
    given, text = text, typed(text)  # printed values keep their minus signs
    start = text.lstrip(" \r\n")[:1]
    if tables := [*markdown.tables_in(given, MOST_VALUES)]:
        found = _from_markdown(tables, names, steps, quantity)
    elif start == "{":
        objects, below = _objects(text)
        answer = below.get("final")
        if isinstance(answer, dict):
            objects = _with_answer(objects, answer, steps, apart=("h",) if names.ends else ())
        whole = _whole(below, names)
        alone = bool(whole) and objects == [below] and not below.keys() - _BELOW  # and no steps
        found = Expected({}) if alone else _from_objects(objects, names, steps, quantity)
        ignored = tuple(name for name in found.ignored if name not in whole)
        found = found._replace(values=found.values | whole, ignored=ignored)
        if isinstance(answer, dict) and found.missing == (*range(1, steps),):
            found = found._replace(missing=())  # the answer is all there is
    elif start == "[":
        found = _from_list(text if "{" in text else given, names, steps, quantity)
    elif _has_header(text, start):
        found = _from_csv(given, names, steps, quantity)
    else:
        name = _required(quantity)
        found = Expected({name: _rows(given)}, commas={name: only_commas(text)})
    if quantity is None:
        return found
    values = {quantity: _only(found.values, quantity)}
    return Expected(values, timed=found.timed, missing=found.missing, commas=found.commas)


def _has_header(text: str, start: str) -> bool:
    named = start.isalpha() or start in ('"', ",", ";", "\t")
    return named and not is_call(text) and not NO_NUMBER.match(text.lstrip())


def _only(found: dict[str, Any], quantity: str) -> object:
    if quantity not in found:
        raise InputError(f"holds no {quantity}; it has {', '.join(found)}")
    return found[quantity]


def _required(quantity: str | None) -> str:
    if quantity is None:
        raise InputError("is a plain list of rows; say of what, for example --quantity h")
    return quantity


def _whole(below: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """Return what is of the whole sequence, if it can be checked."""
    if not any("." in name for name in names.every):
        return {}
    return {name: below[name] for name in _WHOLE if below.get(name) is not None}


def _objects(text: str) -> tuple[list[Any], dict[str, Any]]:
    """Return the steps of our JSON, or of JSON Lines, where every line is one, and what is below.

    In JSON Lines what is of the whole sequence is in the last line.
    """
    first_line, _, more = text.strip().partition("\n")
    try:
        several = bool(more) and _is_a_step(first_line)
    except InputError:
        several = False  # the object continues on the next line
    if not several:
        found = _json(text)
        below = found if isinstance(found, dict) else {}
        has_more = "steps" in below or "t" not in below  # else it is a step
        return _steps_of(found), below if has_more else {}
    lines = [
        _json(line, f"line {n}: ") for n, line in enumerate(text.split("\n"), 1) if line.strip()
    ]
    last = lines[-1]
    return lines, last if isinstance(last, dict) and not last.keys() - _BELOW else {}


def _with_answer(
    objects: list[Any], answer: Mapping[str, Any], last: int, apart: Sequence[str]
) -> list[Any]:
    """Return the steps with what the last one answers as its own: the o and y below `final`.

    Args:
        objects: the steps.
        answer: what is below `final`.
        last: the number of the last step.
        apart: what only the answer has under these names; in a step they mean something else.
    """
    if not all(isinstance(item, dict) for item in objects):
        return objects
    steps = [item for item in objects if item.keys() - _BELOW]
    plain = [{name: of for name, of in item.items() if name not in apart} for item in steps]
    return [*plain[:-1], {**answer, **plain[-1]}] if plain else [{**answer, "t": last}]


def _is_a_step(line: str) -> bool:
    """Return whether a line is a step on its own."""
    found = _json(line)
    return isinstance(found, dict) and "steps" not in found


def _steps_of(found: object) -> list[Any]:
    steps = found.get("steps", [found]) if isinstance(found, dict) else None
    if not isinstance(steps, list) or not steps:
        raise InputError('"steps" is not a list of steps')
    return steps


def _json(text: str, place: str = "") -> object:
    try:
        return json.loads(
            text,
            parse_float=Written,
            parse_int=_integer,
            parse_constant=Written,
            object_pairs_hook=_object,
        )
    except InputError as error:
        raise error.at(place.removesuffix(": ")) if place else error from None
    except LiteralError as error:
        raise InputError(f"{place}{error}") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{place}is not JSON: {error}") from None


def _integer(text: str) -> int | Written:
    return int(text) if len(text) <= _LONG else written(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(n for n, times in Counter(n for n, _ in pairs).items() if times > 1)
        raise InputError(f"{quote(twice)} is there twice in one object")
    return found


def _renamed(titles: Iterable[str], names: Names, quantity: str | None) -> dict[str, str]:
    """Return the names that `quantity` gives to titles that are not names.

    A single title is the quantity, whatever it is called; out0, out1 ... are its components, and
    so are 0, 1 ..., as pandas calls the columns of an array.
    """
    given = [title for title in dict.fromkeys(titles) if title and title not in _OURS]
    if quantity is None or any(map(names.column, given)):
        return {}
    if len(given) == 1:
        return {given[0]: quantity}
    parts = [match for title in given if (match := re.fullmatch(_COMPONENT, title, re.ASCII))]
    places = [int(match[2] or match[3]) for match in parts]
    one_name = len({match[1] for match in parts}) == 1
    if not one_name or len(parts) < len(given) or sorted(places) != [*range(len(given))]:
        return {}
    if not parts[0][1] and places != sorted(places):  # a row of numbers rather than a header
        return {}
    return {title: f"{quantity}[{place}]" for title, place in zip(given, places, strict=True)}


def _from_objects(
    objects: Sequence[Any], names: Names, steps: int, quantity: str | None
) -> Expected:
    """Return the quantities of objects like {"t": 1, "h": [0.5]}, one per step."""
    if not all(isinstance(item, dict) for item in objects):
        raise InputError('a step is not an object; write for example {"t": 1, "h": [0.5]}')
    objects = [item for item in objects if item.keys() - _BELOW] or objects
    if new := _renamed((title for item in objects for title in item), names, quantity):
        objects = [{new.get(k, k): value for k, value in item.items()} for item in objects]
    only = objects[0]
    if len(objects) == 1 and "t" not in only and (steps > 1 or _has_rows(only)):
        return _picked(only, names)
    titles = list(dict.fromkeys(name for item in objects for name in item))
    there = names.among(titles)
    if not set(there) - {_GIVEN}:
        refuse_cells(len(titles) * len(objects), MOST_VALUES)
        lines = [(n, [step.get(k) for k in titles]) for n, step in enumerate(objects, 1)]
        return _from_columns(titles, lines, names, steps, lambda item, *_: item)
    rows = {name: [step.get(name, NOT_PRINTED) for step in objects] for name in there}
    ts = [step.get("t") for step in objects]
    return _found(rows, _unknown(titles, names), ts=ts, steps=steps)


def _has_rows(found: Mapping[str, Any]) -> bool:
    lists = (value for value in found.values() if isinstance(value, list))
    return any(isinstance(row, list) for rows in lists for row in rows)


def _picked(found: Mapping[str, Any], names: Names) -> Expected:
    """Return the quantities of an object that has all steps of each: {"h": [[0.5], [0.8]]}."""
    there = names.among(found)
    if not set(there) - {_GIVEN}:
        has = f"; it has {few(list(found))}" if found else ""
        raise InputError(f"holds none of {', '.join(names.computed)}{has}")
    return _found({name: found[name] for name in there}, _unknown(found, names))


def _found(
    rows: Mapping[str, Any],
    unknown: tuple[str, ...],
    empty: int = 0,
    ts: Sequence[Any] = (),
    steps: int = 0,
) -> Expected:
    """Return the rows by name, by their t if they have one."""
    timed = any(t is not None for t in ts)
    numbers = _step_numbers(ts) if timed else []
    placed = _in_order(numbers, rows, steps) if timed else rows
    missing = {*range(1, steps + 1)}.difference(numbers) if timed and len(ts) < steps else ()
    values = {name: of for name, of in placed.items() if name != _GIVEN}
    return Expected(values, unknown, placed.get(_GIVEN), empty, timed, tuple(sorted(missing)))


def _unknown(titles: Iterable[str], names: Names) -> tuple[str, ...]:
    known = {*names.every, *_OURS}
    return tuple(title for title in titles if title and title.partition("[")[0] not in known)


def _step_numbers(ts: Sequence[Any]) -> list[int]:
    numbers = [_step_number(t) for t in ts]
    if len({*numbers}) < len(numbers) or max(numbers) > len(numbers) + _MOST_LEFT_OUT:
        raise InputError("the t of its steps are not 1, 2, 3 and so on, each at most once")
    return numbers


def _in_order(numbers: Sequence[int], rows: Mapping[str, Any], steps: int) -> dict[str, Any]:
    """Return the rows by the numbers of their steps; "?" for those that are left out."""
    found = {}
    for name, given in rows.items():
        found[name] = [NOT_PRINTED] * max(steps, *numbers)
        for t, row in zip(numbers, given, strict=True):
            found[name][t - 1] = row
    return found


def _step_number(t: object) -> int:
    text = t.text if isinstance(t, Written) else str(t)
    match = re.fullmatch(r"0*([1-9][0-9]{0,14})(?:\.0*)?", text, re.ASCII)
    if t in (None, ""):
        raise InputError("a step has no t, though others have one")
    if isinstance(t, bool) or not match:
        raise InputError(f"t is {quote(text, 20)}, but steps are counted 1, 2, 3 and so on")
    return int(match[1])


def _from_list(text: str, names: Names, steps: int, quantity: str | None) -> Expected:
    """Return rows of numbers, or of objects."""
    try:
        rows = _json(text)
    except InputError:  # NumPy and PyTorch write lists as well
        if "{" in text:
            raise
        rows = _rows(text)
    if isinstance(rows, list) and any(isinstance(row, dict) for row in rows):
        return _from_objects(rows, names, steps, quantity)
    name = _required(quantity)
    return Expected({name: rows}, commas={name: first_comma(text) if ", " in text else ""})


def _rows(text: str) -> object:
    """Return the printed values in the notation of flags, with one row per line."""
    try:
        return literals.parse_lines(text, printed)[0]
    except LiteralError as error:
        raise literals.error_in(text, error) from None


def _from_markdown(
    tables: Sequence[markdown.Table], names: Names, steps: int, quantity: str | None
) -> Expected:
    """Return the quantities of the first table that has any, one row per step."""
    by_title = markdown.by_title(names.every)
    known = [[markdown.named(title, by_title) for title in table.titles] for table in tables]
    at = next((n for n, titles in enumerate(known) if any(map(names.column, titles))), 0)
    titles, rows = known[at], tables[at].rows
    lines = [
        (n, [markdown.by_label(*pair, names.labels) for pair in zip(row, titles, strict=True)])
        for n, row in rows
        if row[0] != _SUM
    ]
    new = _renamed(titles, names, quantity)
    titles = [new.get(title, title) for title in titles]
    if all(len(parts) == 1 for _, row in lines for parts in row):
        plain = [(n, [part for (part,) in row]) for n, row in lines]
        found = _from_columns(titles, plain, names, steps, _cell)
    else:
        found = _from_vectors(titles, lines, names, steps)
    sums = _sums(titles, rows, names)
    return found._replace(values=found.values | sums)


def _sums(
    titles: list[str], rows: list[tuple[int, list[list[str]]]], names: Names
) -> dict[str, Any]:
    """Return the gradients in the last row of the table of `grad`, below their shares."""
    sums = {
        title[1:]: [_cell(part, n, title) for part in parts]
        for n, row in rows
        if row[0] == _SUM
        for title, parts in zip(titles, row, strict=True)
        if f"gradients.{title[1:]}" in names.every
    }
    return {"gradients": sums} if sums else {}


def _from_vectors(
    titles: list[str], lines: list[tuple[int, list[list[str]]]], names: Names, steps: int
) -> Expected:
    """Return the quantities of a table with a vector in each cell."""
    for title in titles:
        if (match := names.column(title)) and match[0] != match[1]:
            raise InputError(f"{title} is one component, but other columns have all of theirs")
    there = names.among(titles)
    rows = {
        name: [[_cell(part, n, name) for part in row[titles.index(name)]] for n, row in lines]
        for name in there
    }
    ts = [row[titles.index("t")][0] for _, row in lines] if "t" in titles else []
    empty = sum(row[titles.index(name)].count("") for name in there for _, row in lines)
    return _found(rows, _unknown(titles, names), empty, ts, steps)


def _from_csv(text: str, names: Names, steps: int, quantity: str | None) -> Expected:
    first = text.lstrip(" \r\n").partition("\n")[0]
    delimiter = next((d for d in ",\t;" if d in first), ",")
    refuse_cells(text.count(delimiter) + text.count("\n"), MOST_VALUES)
    reader = csv.reader(StringIO(quotes_typed(text)), delimiter=delimiter, strict=True)
    lines: list[tuple[int, list[str]]] = []
    try:
        lines += ((reader.line_num, line) for line in reader if any(map(str.strip, line)))
    except csv.Error as error:
        reason = printable(str(error))
        raise InputError(f"line {reader.line_num}: is not CSV: {reason}") from None
    if not lines:
        raise InputError("all its cells are empty; a table begins with names, such as t,h[0],h[1]")
    (_, header), *lines = lines
    for n, line in lines:
        if len(line) != len(header):
            raise InputError(
                f"line {n} has {counted(len(line), 'value')}, but the header has {len(header)}"
            )
    titles = [title.strip(_BLANKS) for title in header]
    new = _renamed(titles, names, quantity)
    return _from_columns([new.get(k, k) for k in titles], lines, names, steps, _cell)


def _from_columns(
    titles: list[str],
    lines: list[tuple[int, list[Any]]],
    names: Names,
    steps: int,
    value: Callable[[Any, int, str], Any],
) -> Expected:
    """Return the quantities of a table, one row per step; a column is a component: h[0], h0 or h_0.

    Args:
        titles: of the columns.
        lines: each with its number in the file.
        names: of the quantities.
        steps: T.
        value: makes the value of a cell, the number of its line and its title.
    """
    columns = _columns(titles, names)
    if not lines:
        raise InputError("has names of columns, but no row of values below them")
    by_column = [*zip(*(line for _, line in lines), strict=True)]
    cells = {name: [by_column[k] for k in at] for name, at in columns.items()}
    rows: dict[str, list[Any]] = {
        name: (_plain(cells[name]) if value is _cell else [])
        or [[value(line[k], n, titles[k]) for k in places] for n, line in lines]
        for name, places in columns.items()
    }
    unknown = tuple(title for title in _unknown(titles, names) if not names.column(title))
    empty = sum(column.count("") for of in cells.values() for column in of)
    ts: list[Any] = []
    if "t" in titles:
        at = titles.index("t")
        given = (line[at] for _, line in lines)
        ts = [t.strip(_BLANKS) if isinstance(t, str) else t for t in given]
    return _found(rows, unknown, empty, ts, steps)


def _plain(columns: list[tuple[Any, ...]]) -> list[list[Written]]:
    """Return the rows of columns of plain numbers, or none if each cell must be examined."""
    text = "".join(chain.from_iterable(columns))
    longest = max(map(len, chain.from_iterable(columns)))
    if longest > _LONG or not text.isascii() or text.encode().translate(None, _PLAIN):
        return []
    try:
        numbers = [map(Written, column) for column in columns]
        return [*map(list, zip(*numbers, strict=True))]
    except ValueError:
        return []


def _columns(titles: Sequence[str], names: Names) -> dict[str, list[int]]:
    """Return the places of each quantity's components, in their order."""
    found: dict[str, list[tuple[int, int]]] = {}
    for k, title in enumerate(titles):
        match = names.column(title)
        if match:
            found.setdefault(match[1], []).append((int(match[2] or match[3] or 0), k))
    if not set(found) - {_GIVEN}:
        known = few([title for title in titles if title])
        raise InputError(
            f"none of its names ({known}) is {', '.join(names.computed)}, or one of their "
            f"components, such as h[0]{next(filter(None, map(names.lacking, titles)), '')}"
        )
    for name, places in found.items():
        if sorted(i for i, _ in places) != [*range(len(places))]:
            called = few([titles[k] for _, k in places])
            raise InputError(f"the columns of {name} are {called}, not {name}[0], {name}[1], ...")
    return {name: [k for _, k in sorted(places)] for name, places in found.items()}


def _cell(word: str, line: int, title: str) -> Written | str:
    """Return the value of a cell of a table; an empty one was not printed."""
    try:
        if NUMBER.fullmatch(word):
            return written(word)
        plain = word.strip(_BLANKS)
        if plain == LEFT_OUT:
            return plain
        return printed(plain) if plain else NOT_PRINTED
    except LiteralError as error:
        raise InputError(f"line {line}, {title}: {error}") from None
