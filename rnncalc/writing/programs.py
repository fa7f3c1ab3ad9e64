r"""A run for programs: JSON, JSON Lines and CSV with every digit, whatever the terminal is.

Each takes blocks of steps and yields text as they come. A value is written as the shortest text
that reads back to the same bits, which is Python's `repr`; a line ends with a bare `\n`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from rnncalc.arrays import Array
from rnncalc.network.equations import Rows
from rnncalc.network.model import Network
from rnncalc.network.problem import Problem
from rnncalc.network.trace import Trace
from rnncalc.writing.request import Request

_NO_ANSWER: Rows = {}
_VALUES_AT_ONCE = 2**13  # enough to be fast, and little memory even where a step is wide


def json_text(
    problem: Problem, request: Request, traces: Iterable[Trace], answer: Rows = _NO_ANSWER
) -> Iterator[str]:
    """Yield one JSON object: the network, the state before step 1, and one line per step."""
    arithmetic = "float32" if request.float32 else "exact"
    if request.by_hand:
        arithmetic = f"by hand, {request.decimals} decimals"
    yield (
        f'{{"network": {_described(problem.network)}, "arithmetic": "{arithmetic}", '
        f'"h0": {_start(problem)!r}, "steps": [\n'
    )
    between = ""
    for lines in _step_lines(problem.network, request, traces, ",\n"):
        yield between + lines.removesuffix(",\n")
        between = ",\n"
    yield f"\n]{_final(answer, request)}}}\n"


def jsonl_text(
    problem: Problem, request: Request, traces: Iterable[Trace], answer: Rows = _NO_ANSWER
) -> Iterator[str]:
    """Yield JSON Lines: the steps, one per line, and below them the answer of a final readout."""
    yield from _step_lines(problem.network, request, traces, "\n")
    if answer:
        yield f"{{{_final(answer, request).removeprefix(', ')}}}\n"


def _final(answer: Rows, request: Request) -> str:
    """Return `, "final": {"h": [...], "o": [...], "y": [...]}`, or "" where there is none."""
    if not answer:
        return ""
    shown = {name: row.tolist() for name, row in answer.items() if request.shows(name)}
    values = ", ".join(f'"{n}": {request.components_of(n, of)!r}' for n, of in shown.items())
    return f', "final": {{{values}}}'


def csv_text(
    problem: Problem, request: Request, traces: Iterable[Trace], answer: Rows = _NO_ANSWER
) -> Iterator[str]:
    """Yield CSV: a line of column names (`t,x[0],a[0],a[1]`), then one row per step.

    What a final readout answers is in the last row.
    """
    network, shown = problem.network, _shown(problem.network, request)
    names = ["t", *(f"{name}[{i}]" for name, some in shown.items() for i in some)]
    row = ",".join(["%r"] * len(names))
    ends = [e for e in network.answers if network.final and request.shows(e.name)]
    of_ends = {e.name: request.components.get(e.name, range(e.size)) for e in ends}
    names += [f"{name}[{i}]" for name, some in of_ends.items() for i in some]
    empty = "," * (len(names) - row.count("%"))
    texts = _with_header(",".join(names) + "\n", _csv_rows(row + empty + "\n", traces, shown))
    return _with_answer(texts, empty, of_ends, answer) if ends else texts


def _csv_rows(
    row: str, traces: Iterable[Trace], shown: Mapping[str, Sequence[int]]
) -> Iterator[str]:
    for trace in traces:
        yield from _filled(row, trace, shown)


def _with_header(header: str, texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        if header:
            yield header
            header = ""
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


def _start(problem: Problem) -> list[Any]:
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
    network: Network, request: Request, traces: Iterable[Trace], end: str
) -> Iterator[str]:
    """Yield the steps as objects, `{"t": 1, "x": [1.0, 2.0]}`, each before `end`."""
    shown = _shown(network, request)
    lists = (f'"{name}": [{", ".join(["%r"] * len(some))}]' for name, some in shown.items())
    row = ", ".join(['{"t": %r', *lists])
    for trace in traces:
        if request.work:
            yield from _with_work(network, request, trace, _filled(row + "\n", trace, shown), end)
        else:
            yield from _filled(row + "}" + end, trace, shown)


def _with_work(
    network: Network, request: Request, trace: Trace, texts: Iterable[str], end: str
) -> Iterator[str]:
    """Yield the steps as objects that also have the lines of the working, by quantity."""
    from json import dumps

    from rnncalc.writing.steps import steps_of
    from rnncalc.writing.working import worked

    for line, step in zip("".join(texts).splitlines(), steps_of(trace), strict=True):
        yield f'{line}, "work": {dumps(worked(network, step, request))}}}{end}'


def _columns(rows: Array, some: Sequence[int]) -> Array:
    return rows if len(some) == rows.shape[1] else rows[:, some]


def _filled(row: str, trace: Trace, shown: Mapping[str, Sequence[int]]) -> Iterator[str]:
    """Yield `row`, which has one `%r` for t and one for each value, filled for every step.

    One `%` fills many rows: the fastest writer in the standard library, and close to what the
    `repr` of the values alone takes.
    """
    t = np.arange(trace.first, trace.first + len(trace), dtype=np.float64)
    table = np.column_stack((t, *(_columns(trace[name], some) for name, some in shown.items())))
    width = table.shape[1]
    at_once = max(1, _VALUES_AT_ONCE // width)
    for start in range(0, len(trace), at_once):
        some = table[start : start + at_once]
        values: list[float] = some.ravel().tolist()
        values[::width] = map(int, values[::width])  # t is written 1, not 1.0
        yield row * len(some) % tuple(values)
