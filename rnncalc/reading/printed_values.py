"""Printed values: [expect], flags, or a file that a program wrote -> Printed by name."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, pairwise
from typing import Any, NamedTuple

import numpy as np

from rnncalc.arrays import Array, shape_of
from rnncalc.errors import InputError, counted, few, nearest, printable, quote
from rnncalc.network.cells import OUTPUTS
from rnncalc.network.model import Network
from rnncalc.network.naming import is_whole
from rnncalc.numerals.number import (
    LEFT_OUT,
    MOST_DIGITS,
    NO_NUMBER,
    NOT_FINITE,
    NOT_PRINTED,
    NUMBER,
    SHORT,
    TOO_LARGE,
    LiteralError,
    Written,
    why_not,
    with_point,
    written,
)
from rnncalc.numerals.printed import AllPrinted, Printed, allowance, printed_rows, printed_texts
from rnncalc.numerals.rounding import plain
from rnncalc.reading import commas
from rnncalc.reading.npy import values_in
from rnncalc.reading.settings import EXPECT, Setting
from rnncalc.reading.shapes import batch, named
from rnncalc.reading.tables import MOST_VALUES, Expected, Names, parse_expected
from rnncalc.reading.texts import Stdin, name_of, read_text, refuse_many

_LEAST, _MOST = 1e-300, 1e300  # between them a value needs no second look
_LONGEST_EXPONENT = 5  # characters: e-0323 is one
_GAPS = 3  # between the steps of a file; of more than that only the first is named
_SAME_INPUT = 2e-7  # of a number: rounded to float32 it is the same

Places = Callable[[str], str]
"""Gives the place of the printed values of a quantity."""


class Source(NamedTuple):
    """Where printed values come from, besides [expect] and the flags.

    Attributes:
        path: the file of `--expect`, or None.
        quantity: what its values are, if the file does not say.
        steps: the steps that were printed, from 0; None for all.
        labels: the names of the outputs, which may be beside their values.
        stdin: opens standard input, where the path is `-`.
    """

    path: str | None = None
    quantity: str | None = None
    steps: range | None = None
    labels: tuple[str, ...] = ()
    stdin: Stdin | None = None


_DIRECTIONS = "; two directions side by side?"
_EXPECT_ALONE = Source()


class _Steps(NamedTuple):
    """The number of steps of the run, and those that were printed, from 0."""

    total: int
    chosen: range


def printed_values(
    settings: Mapping[str, Setting],
    network: Network,
    x: Array,
    source: Source = _EXPECT_ALONE,
    sizes: Mapping[str, int] | None = None,
) -> tuple[AllPrinted, tuple[str, ...]]:
    """Return the printed values of each quantity, (T, its size), and notes on what is ignored.

    Args:
        settings: of the problem; the values are below `[expect]` unless a file has them.
        network: the network that is run.
        x: (T, D), its inputs.
        source: the file and the steps that were printed.
        sizes: of all quantities, if there are more than those of the network.

    Raises:
        InputError: there are no values, or they are not what they must be.
    """
    known = network.sizes if sizes is None else sizes
    ends = network.final and not network.streams  # its answer is of no single step
    names = Names(tuple(dict.fromkeys((*known, *OUTPUTS))), ends, source.labels)
    if source.path is not None:
        place_of, expected = _from_file(source.path, names, len(x), source)
    else:
        place_of, expected = _from_settings(settings, source.quantity)
    steps = _Steps(len(x), range(len(x)) if source.steps is None else source.steps)
    try:
        every = expected if sizes is None else _whole_apart(expected, steps)
        printed = _all_printed(every, names, known, steps)
    except InputError as error:
        raise error.at(place_of(error.key)) from None
    return printed, tuple(f"{place_of('')}: {note}" for note in _notes(expected, x, steps))


def _from_settings(
    settings: Mapping[str, Setting], quantity: str | None
) -> tuple[Places, Expected]:
    if quantity is not None:
        raise InputError(
            "--quantity: says what the values of --expect FILE are; there is no --expect"
        )
    if EXPECT not in settings:
        raise InputError(
            'there are no values to check; type for example --h "0.537 0.851", write them under '
            "[expect] in the file of -c, h = [0.537, 0.851], or name a file with --expect"
        )
    expect = settings[EXPECT]
    if not isinstance(expect.value, dict):
        raise InputError(f"{expect.place} is a table: [expect], and below it h = [...]")
    return lambda key: _place_of(expect, key), Expected(expect.value, commas=expect.commas)


def _place_of(expect: Setting, name: str) -> str:
    below = f"{expect.place}.{printable(name)}" if name else expect.place
    return expect.places.get(name, below)


def _from_file(path: str, names: Names, steps: int, source: Source) -> tuple[Places, Expected]:
    quantity = source.quantity
    if quantity is not None and quantity not in names.computed:
        known = nearest(quantity, [*names.computed])
        raise InputError(f"--quantity: unknown quantity {quote(quantity)}{known}")
    place = f"--expect: {name_of(path)}"
    try:
        array = values_in(path, printed=True)
        text = read_text(path, source.stdin) if array is None else ""
    except InputError as error:
        raise error.at("--expect") from None

    def place_of(key: str) -> str:
        return f"{place}: {printable(key)}" if key else place

    if array is not None:
        if quantity is None:
            raise InputError(f"{place}: one array without a name; add --quantity h, or o or y")
        return place_of, Expected({quantity: array})
    refuse_many(text, MOST_VALUES, place, "; check a part of the sequence")
    try:
        found = parse_expected(text, names, steps, quantity)
    except InputError as error:
        raise error.at(place) from None
    return place_of, found


def _whole_apart(expected: Expected, steps: _Steps) -> Expected:
    """Return the values with those of the whole sequence under names of their own.

    `[expect.gradients]` and below it `whh` is `gradients.whh`; a single loss is `loss.total`.
    """
    values = dict(expected.values)
    for table in ("gradients", "updated"):
        below = values.pop(table, {})
        if not isinstance(below, dict):
            raise InputError(f"is a table: [expect.{table}], and below it whh = ...", key=table)
        values |= {f"{table}.{key}": value for key, value in below.items()}
    loss: Any = values.pop("loss", None)
    if isinstance(loss, dict) and not loss.keys() & {"value", "per_step"}:
        loss = None  # the summary of a run
    if isinstance(loss, dict):  # our own
        values["loss"] = loss.get("per_step", [NOT_PRINTED])
        loss = loss.get("value")
    if isinstance(loss, list) and (len(loss) > 1 or steps.total == 1):
        values["loss"] = loss
    elif loss is not None:
        values["loss.total"] = loss
    return expected._replace(values=values)


def _of_the_whole(value: object, name: str, steps: int, size: int) -> Printed:
    """Return a value, vector or matrix in the row of step 1."""
    flat: list[Any] = value if isinstance(value, list) else [value]
    while any(isinstance(part, list) for part in flat):
        flat = [item for part in flat for item in (part if isinstance(part, list) else [part])]
    if flat == [NOT_PRINTED]:
        flat = flat * size
    if len(flat) != size:
        raise InputError(f"{counted(len(flat), 'value')}, but it has {size}", key=name)
    try:
        row = [_value(item, 1, i) for i, item in enumerate(flat, 1)]
    except InputError as error:
        raise InputError(error.message, key=name) from None
    nothing: list[Written | None] = [None] * size
    return printed_rows([row, *[nothing] * (steps - 1)])


def _all_printed(
    expected: Expected, names: Names, sizes: Mapping[str, int], steps: _Steps
) -> AllPrinted:
    """Return the values of each quantity.

    A list has one entry per step: a list of the components, or the value itself if there is one
    component. `"?"` stands for what was not printed, a value or a whole step.
    """
    for name in expected.values:
        if name not in names.computed:
            meant = names.lacking(name) or nearest(name, [*names.computed])
            raise InputError(f"unknown key{meant}", key=name)
        if name not in sizes:
            raise InputError("is an output, but no why is given, so there is no output", key=name)
    found = {
        name: _of_the_whole(expected.values[name], name, steps.total, size)
        if is_whole(name)
        else _hinted(_chosen(expected.values[name], expected, steps), name, steps, size, expected)
        for name, size in sizes.items()
        if name in expected.values
    }
    if not any(any(of.texts) for of in found.values()):
        raise InputError("holds no value to check; write for example h = [0.537, 0.851]")
    return found


def _chosen(rows: Any, expected: Expected, steps: _Steps) -> Any:
    """Return the rows of the chosen steps, of a file that has a row for every step."""
    if expected.timed and len(rows) == steps.total:
        return [rows[t] for t in steps.chosen]
    return rows


def _hinted(value: object, name: str, steps: _Steps, size: int, expected: Expected) -> Printed:
    """Return the values (T, n) of one quantity, or say what a decimal comma has to do with it."""
    try:
        return _printed(value, name, steps, size)
    except InputError as error:
        meant = _comma_hint(value, name, steps, size, expected.commas.get(name, ""))
        if not meant:
            raise
        raise InputError(error.message.removesuffix(_DIRECTIONS) + meant, key=name) from None


def _printed(value: object, name: str, steps: _Steps, size: int) -> Printed:
    """Return the values (T, n) of one quantity."""
    count = len(steps.chosen)
    entries = value if isinstance(value, list) else [value]
    try:
        entries = _without_batch(entries, count)
        if count == 1 and len(entries) == size > 1 and not isinstance(entries[0], list):
            entries = [entries]  # one step, and no other way to read it
        _refuse_other_count(entries, steps, size)
        if count == steps.total and (plain := _plain(entries, size)):
            return plain
        rows: list[list[Written | None]] = [[None] * size] * steps.total
        for t, entry in zip(steps.chosen, entries, strict=True):
            rows[t] = _step(entry, name, t + 1, size)
        return printed_rows(rows)
    except InputError as error:
        raise InputError(error.message + _sum_hint(name), key=name) from None


def _sum_hint(name: str) -> str:
    """Return a hint if the values of one step may have been taken for their sum."""
    if not name.startswith(("dw", "db")):
        return ""
    return (
        f"; {name} is what each step adds, and the gradient is {name[1:]} under [expect.gradients]"
    )


def _plain(rows: list[Any], size: int) -> Printed | None:
    """Return the values of rows of plain numbers, or None if each must be examined."""
    if {*map(type, rows)} == {Written}:  # of one component
        rows = [[item] for item in rows]
    if {*map(type, rows)} != {list} or {*map(len, rows)} != {size}:
        return None
    items = [*chain.from_iterable(rows)]
    if {*map(type, items)} != {Written}:
        return None
    texts = [item.text for item in items]
    if not all(map(_is_plain, texts)):
        return None
    values = np.array(items)
    magnitude = np.abs(values)
    unusual = np.flatnonzero(~((magnitude > _LEAST) & (magnitude < _MOST))).tolist()
    if any(magnitude[k] or "e" in texts[k].lower() for k in unusual):  # or 0e-99999999
        return None
    return printed_texts(texts, values.reshape(-1, size))


def _is_plain(text: str, longest: int = SHORT) -> bool:
    """Return whether a number is short, and without the _ of TOML between its digits."""
    return len(text) <= longest and "_" not in text


def _without_batch(entries: list[Any], count: int) -> list[Any]:
    """Return the steps of a batch of one sequence, as PyTorch prints it: 1 x T x n or T x 1 x n."""
    lists = [part for part in entries if isinstance(part, list) and part]
    if not lists or len(lists) < len(entries) or not all(isinstance(p[0], list) for p in lists):
        return entries
    if len(entries) == 1 and len(entries[0]) == count:
        return list(entries[0])
    if len(entries) == count and all(len(part) == 1 for part in entries):
        return [part[0] for part in entries]
    raise InputError(batch(entries, "it"))


def _refuse_other_count(entries: list[Any], steps: _Steps, size: int) -> None:
    count = len(steps.chosen)
    if len(entries) == count:
        return
    if len(entries) == count * size and not any(isinstance(entry, list) for entry in entries):
        raise InputError(
            f"one flat list of {len(entries)} values, but every step has {size}; "
            'separate the steps, as in "1 2; 3 4"'
        )
    found = counted(len(entries), "step")
    if count < steps.total:
        raise InputError(f"{found}, but --steps selects {count}")
    if len(entries) == count + 1 and size > 1 and entries[0] == [*range(size)]:
        raise InputError(f"{found}, but x has {count}; leave out a line of the columns' names")
    raise InputError(
        f'{found}, but x has {count}; "{NOT_PRINTED}" stands for a step that was not printed'
    )


def _comma_hint(value: object, name: str, steps: _Steps, size: int, comma: str) -> str:
    """Return a hint if `0,537` was read as two numbers, and everything fits if it is one."""
    entries = commas.joined(value) if comma else None
    if not isinstance(entries, list):
        return ""
    meant = commas.hint(printable(comma, 20))
    if _fits(entries, name, steps, size):
        return meant
    flat = [entry[0] for entry in entries if isinstance(entry, list) and len(entry) == 1]
    rows = [flat[at : at + size] for at in range(0, len(flat), size)]
    apart = len(flat) == len(entries) and _fits(rows, name, steps, size)  # 0,5;1,5 of Excel
    return f"{meant}, with spaces between the values of a step" if apart else ""


def _fits(rows: list[Any], name: str, steps: _Steps, size: int) -> bool:
    try:
        _printed(rows, name, steps, size)
    except InputError:
        return False
    return True


def _step(entry: object, name: str, t: int, size: int) -> list[Written | None]:
    row = entry if isinstance(entry, list) else [entry]
    if row == [NOT_PRINTED]:
        return [None] * size
    if LEFT_OUT in row:
        at = row.index(LEFT_OUT)
        row = [*row[:at], *[NOT_PRINTED] * (size - len(row) + 1), *row[at + 1 :]]
    if len(row) == size:
        return [_value(item, t, i) for i, item in enumerate(row, 1)]
    letter = {**dict.fromkeys(OUTPUTS, "K is "), "x": "D is ", "a": "H is ", "h": "H is "}
    hint = _DIRECTIONS if len(row) == 2 * size and name in ("a", "h") else ""
    raise InputError(
        f"step {t} has {counted(len(row), 'value')}, but {letter.get(name, f'{name} has ')}"
        f"{size}, so every step needs {size}{hint}"
    )


def _value(item: object, t: int, i: int) -> Written | None:
    if (
        isinstance(item, Written)
        and _LEAST < abs(item) < _MOST
        and _is_plain(item.text, MOST_DIGITS)
    ):
        return item  # nearly always, and there may be very many
    place = f"step {t}, value {i}"
    if item == NOT_PRINTED:
        return None
    if item is None:  # JavaScript's JSON for what is not a number
        return Written("nan")
    if isinstance(item, bool) or not isinstance(item, int | float):
        found = quote(item, 30) if isinstance(item, str) else named(item)
        raise InputError(f"{place}: {found} is not a number{_instead(item)}")
    text = _text_of(item, place)
    if NO_NUMBER.fullmatch(text):
        return Written(text)
    reason = why_not(item, text)
    if reason:
        said = NOT_FINITE if reason == TOO_LARGE else reason
        raise InputError(f"{place}: {quote(text, 20)} is {said}")
    exponent = text.lower().partition("e")[2]
    if len(exponent) > _LONGEST_EXPONENT:
        raise InputError(f"{place}: {quote(text, 20)} has an exponent that no float has")
    return Written(text.replace("_", ""))


def _instead(item: object) -> str:
    """Return what to write in place of something that is not a number."""
    if isinstance(item, str) and NUMBER.fullmatch(item):
        return "; write it without quotes"
    comma = commas.first_comma(item) if isinstance(item, str) else ""
    return f"; {with_point(comma)}" if comma else f'; write "{NOT_PRINTED}" for none'


def _text_of(item: int | float, place: str) -> str:
    try:
        return written(item.text).text if isinstance(item, Written) else repr(item)
    except LiteralError as error:
        raise InputError(f"{place}: {error}") from None


def _notes(expected: Expected, x: Array, steps: _Steps) -> Iterator[str]:
    """Yield what a file holds that is not checked."""
    if expected.ignored:
        names = few(expected.ignored)
        yield f"{names} ignored; the values to check are called a, h, o or y, or h[0], h[1] ..."
    if expected.empty:
        are = "is" if expected.empty == 1 else "are"
        yield f"{counted(expected.empty, 'cell')} {are} empty; nothing is checked there"
    missing = [t for t in expected.missing if t - 1 in steps.chosen]
    if missing:
        are = "is" if len(missing) == 1 else "are"
        was = "it was" if len(missing) == 1 else "they were"
        yield f"{_steps_named(missing)} {are} not in the file; {was} not checked"
    if expected.inputs is not None:
        yield from _other_input(_chosen(expected.inputs, expected, steps), x, steps)


def _steps_named(ts: Sequence[int]) -> str:
    """Return `step 2`, `steps 2 and 5 to 9`, or the first of them where there are many gaps."""
    starts = [k for k, t in enumerate(ts) if not k or t != ts[k - 1] + 1]
    if len(starts) > _GAPS:
        return f"{len(ts)} steps, such as {ts[0]},"
    texts = list[str]()
    for run in (ts[k:end] for k, end in pairwise([*starts, len(ts)])):
        texts += [f"{run[0]} to {run[-1]}"] if len(run) > 2 else map(str, run)
    *others, last = texts
    listed = f"{', '.join(others)} and {last}" if others else last
    return f"step{'s' if len(ts) > 1 else ''} {listed}"


def _other_input(rows: object, x: Array, steps: _Steps) -> Iterator[str]:
    """Yield where the inputs beside the values are not those of this run."""
    try:
        given = _printed(rows, "x", steps, x.shape[1])
    except InputError:
        yield f"its x is not {shape_of(x[steps.chosen])}, as in this run"
        return
    off = np.abs(given.values - x) > allowance(given, x) + _SAME_INPUT * np.abs(x)
    for t, i in np.argwhere(off)[:1].tolist():
        right = plain(float(x[t, i]))
        yield f"x[{i}] at step {t + 1} is {given.text(t, i)}, but {right} in this run"
