r"""A run for programs: JSON, JSON Lines and CSV with every digit, whatever the terminal is.

Each takes blocks of steps and yields text as they come. A value is written as the shortest text
that reads back to the same bits, which is Python's `repr`; a line ends with a bare `\n`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import accumulate
from typing import Any

import numpy as np

from rnncalc.arrays import Array
from rnncalc.network.equations import Rows
from rnncalc.network.model import Network
from rnncalc.network.notes import Ending
from rnncalc.network.problem import Problem
from rnncalc.network.trace import DRAWN, GENERATED, TARGET, Trace
from rnncalc.writing.notes import names_of, notes_of, target_size
from rnncalc.writing.request import Request

Cells = Array | list[str]
"""Values (T, n), or a text for each step."""

_NO_END = Ending()
_VALUES_AT_ONCE = 2**13  # enough to be fast, and little memory even where a step is wide


def json_text(
    problem: Problem, request: Request, traces: Iterable[Trace], end: Ending = _NO_END
) -> Iterator[str]:
    """Yield one JSON object: the network, the state before step 1, and one line per step."""
    yield opening(problem, request, _labels(problem))
    between = ""
    for lines in _step_lines(problem, request, traces, ",\n"):
        yield between + lines.removesuffix(",\n")
        between = ",\n"
    yield f"\n]{''.join(f', {part}' for part in _below(problem, request, end))}}}\n"


def opening(problem: Problem, request: Request, labels: str = "") -> str:
    """Return what a JSON object begins with, up to its steps."""
    arithmetic = "float32" if request.float32 else "exact"
    if request.by_hand:
        arithmetic = f"by hand, {request.decimals} decimals"
    return (
        f'{{"network": {_described(problem.network)}, {labels}'
        f'"arithmetic": "{arithmetic}", "h0": {start(problem)!r}, "steps": [\n'
    )


def jsonl_text(
    problem: Problem, request: Request, traces: Iterable[Trace], end: Ending = _NO_END
) -> Iterator[str]:
    """Yield JSON Lines: the steps, one per line, and below them what is of the whole run."""
    yield from _step_lines(problem, request, traces, "\n")
    for part in _below(problem, request, end):
        yield f"{{{part}}}\n"


def _labels(problem: Problem) -> str:
    if problem.labels is None:
        return ""
    from json import dumps

    return f'"labels": {dumps(problem.labels.symbols)}, '


def _below(problem: Problem, request: Request, end: Ending) -> Iterator[str]:
    """Yield `"final": {...}`, `"loss": {...}` and `"text": "ello"`, as far as there are any."""
    if end.answer:
        yield _final(end.answer, request)
    if end.loss:
        numbers = ", ".join(f'"{name}": {value!r}' for name, value in end.losses().items())
        yield f'"loss": {{"name": "{end.loss.name}", {numbers}}}'
    if end.text is not None:
        from json import dumps

        yield f'"text": {dumps(end.text_in(problem.labels))}'


def _final(answer: Rows, request: Request) -> str:
    """Return `"final": {"h": [...], "o": [...], "y": [...]}`."""
    shown = {name: row.tolist() for name, row in answer.items() if request.shows(name)}
    values = ", ".join(f'"{n}": {request.components_of(n, of)!r}' for n, of in shown.items())
    return f'"final": {{{values}}}'


def csv_text(
    problem: Problem, request: Request, traces: Iterable[Trace], end: Ending = _NO_END
) -> Iterator[str]:
    """Yield CSV: a line of column names (`t,x[0],a[0],a[1]`), then one row per step.

    What a final readout answers is in the last row.
    """
    network = problem.network
    before, after = names_of(problem, request)
    values = [f"{name}[{i}]" for name, some in _shown(network, request).items() for i in some]
    names = ["t", *before, *values, *(title for n in after for title in _titles(n, problem))]
    ends = [e for e in network.answers if network.final and request.shows(e.name)]
    of_ends = {e.name: request.components.get(e.name, range(e.size)) for e in ends}
    of_answer = [f"{name}[{i}]" for name, some in of_ends.items() for i in some]
    empty, size = "," * len(of_answer), target_size(problem)
    written = partial(csv_note, size)
    rows = (
        text
        for trace in traces
        for text in csv_rows(trace, _cells(problem, request, trace, written), empty + "\n")
    )
    texts = with_header([*names, *of_answer], rows)
    return _with_answer(texts, empty, of_ends, end.answer) if ends else texts


def _titles(name: str, problem: Problem) -> list[str]:
    """Return the names of the columns of a note: a target of numbers has one per output."""
    sizes = {TARGET: target_size(problem), DRAWN: problem.network.output_size}
    size = sizes.get(name, 1)
    return [name] if size == 1 else [f"{name}[{i}]" for i in range(size)]


def _cells(
    problem: Problem, request: Request, trace: Trace, written: Callable[[str, Any], str]
) -> dict[str, Cells]:
    """Return what is in the rows of a trace behind t: notes, values, and notes."""
    before, after = names_of(problem, request)
    notes = notes_of(problem, trace) if before or after else {}
    left, right = (
        {name: [written(name, value) for value in notes[name]] for name in names}
        for names in (before, after)
    )
    return {**left, **values_in(trace, _shown(problem.network, request)), **right}


def csv_note(size: int, name: str, value: Any) -> str:  # noqa: ANN401  # a name, numbers, or None
    """Return a note in a row of CSV; of a target that is missing, `size` empty cells."""
    if isinstance(value, list):
        return ",".join(map(repr, value))
    if isinstance(value, str):
        quoted = '"' + value.replace('"', '""') + '"'
        return quoted if any(c in value for c in ',"\n\r') else value
    if value is None:
        return "," * (size - 1) if name == TARGET else ""
    return repr(value).lower() if isinstance(value, bool) else repr(value)


def with_header(names: Sequence[str], texts: Iterable[str]) -> Iterator[str]:
    """Yield the texts of rows, and before the first, when nothing has failed, their names."""
    header = [",".join(names) + "\n"]
    for text in texts:
        yield from header
        header = []
        yield text


def _with_answer(
    texts: Iterable[str], empty: str, ends: Mapping[str, Sequence[int]], answer: Rows
) -> Iterator[str]:
    """Yield the texts, with the answer in place of the empty cells that the last one ends with."""
    last = ""
    for text in texts:
        yield last
        last = text
    values = ",".join(repr(float(answer[name][i])) for name, some in ends.items() for i in some)
    yield f"{last.removesuffix(empty + chr(10))},{values}\n"


def start(problem: Problem) -> list[Any]:
    """Return the state before step 1; of a stack one row per state."""
    rows = [row.tolist() for row in problem.start.values()]
    return rows if problem.network.is_stack else rows[0]


def _shown(network: Network, request: Request) -> dict[str, Sequence[int]]:
    """Return the components to write; what one layer hands to the next is not written twice."""
    twice = network.repeated - {"h"}
    return {
        name: request.components.get(name, range(size))
        for name, size in network.sizes.items()
        if request.shows(name) and (name in request.only or name not in twice)
    }


def _described(network: Network) -> str:
    """Return the sizes and functions of a network as a JSON object."""
    output = f'"{network.readout.activation.name}"' if network.readout else "null"
    sizes = ", ".join(str(cell.hidden_size) for cell in network.cells)
    names = ", ".join(f'"{cell.activation.name}"' for cell in network.cells)
    if network.is_stack:  # one for each state, in the order of h0
        sizes, names = f"[{sizes}]", f"[{names}]"
    return (
        f'{{"input_size": {network.input_size}, "hidden_size": {sizes}, '
        f'"output_size": {network.output_size}, '
        f'"activation": {names}, "output_activation": {output}}}'
    )


def _step_lines(
    problem: Problem, request: Request, traces: Iterable[Trace], end: str
) -> Iterator[str]:
    """Yield the steps as objects, `{"t": 1, "x": [1.0, 2.0]}`, each before `end`."""
    for trace in traces:
        cells = _cells(problem, request, trace, json_note)
        if request.work:
            lines = json_rows(trace, cells, "\n")
            yield from _with_work(problem.network, request, trace, lines, end)
        else:
            yield from json_rows(trace, cells, "}" + end)


def json_note(name: str, value: Any) -> str:  # noqa: ANN401  # a name, numbers, or None
    """Return `, "symbol": "h"`; of steps that may be appended, only those that are have a mark."""
    from json import dumps

    return "" if name == GENERATED and not value else f', "{name}": {dumps(value)}'


def _with_work(
    network: Network, request: Request, trace: Trace, texts: Iterable[str], end: str
) -> Iterator[str]:
    """Yield the steps as objects that also have the lines of the working, by quantity."""
    from json import dumps

    from rnncalc.writing.steps import steps_of
    from rnncalc.writing.working import worked

    for line, step in zip("".join(texts).splitlines(), steps_of(trace), strict=True):
        yield f'{line}, "work": {dumps(worked(network.equations, step, request))}}}{end}'


def values_in(trace: Trace, shown: Mapping[str, Sequence[int]]) -> dict[str, Cells]:
    """Return the values (T, n) of each quantity that are written."""
    rows = {name: trace[name] for name in shown}
    return {n: of if len(shown[n]) == of.shape[1] else of[:, shown[n]] for n, of in rows.items()}


def csv_rows(trace: Trace, cells: Mapping[str, Cells], end: str, order: int = 1) -> Iterator[str]:
    """Yield the steps as rows of CSV."""
    formats = ("%s" if isinstance(of, list) else _formats(",", of) for of in cells.values())
    return _filled(",".join(["%r", *formats]) + end, trace, [*cells.values()], order)


def json_rows(trace: Trace, cells: Mapping[str, Cells], end: str, order: int = 1) -> Iterator[str]:
    """Yield the steps as JSON objects, whose notes bring their names."""
    formats = (
        "%s" if isinstance(of, list) else f', "{name}": [{_formats(", ", of)}]'
        for name, of in cells.items()
    )
    return _filled("".join(['{"t": %r', *formats]) + end, trace, [*cells.values()], order)


def _formats(between: str, values: Array) -> str:
    return between.join(["%r"] * values.shape[1])


def _filled(row: str, trace: Trace, cells: Sequence[Cells], order: int) -> Iterator[str]:
    """Yield `row`, which has one `%r` for t and for each value, filled for every step.

    One `%` fills many rows: the fastest writer in the standard library, and close to what the
    `repr` of the values alone takes. There is a `%s` for each text. An order of -1 begins with the
    last step.
    """
    t = np.arange(trace.first, trace.first + len(trace), dtype=np.float64)
    numbers = [np.zeros((len(trace), 1)) if isinstance(of, list) else of for of in cells]
    places = accumulate([1, *(of.shape[1] for of in numbers)])
    texts = [
        (at, of[::order]) for at, of in zip(places, cells, strict=False) if isinstance(of, list)
    ]
    table = np.column_stack((t, *numbers))[::order]
    width = table.shape[1]
    at_once = max(1, _VALUES_AT_ONCE // width)
    for first in range(0, len(trace), at_once):
        some = table[first : first + at_once]
        values: list[Any] = some.ravel().tolist()
        values[::width] = map(int, values[::width])  # t is written 1, not 1.0
        for at, of in texts:
            values[at::width] = of[first : first + at_once]
        yield row * len(some) % tuple(values)
