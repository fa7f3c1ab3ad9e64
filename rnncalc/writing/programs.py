r"""A run for programs: JSON, JSON Lines and CSV with every digit, whatever the terminal is.

Each takes blocks of steps and yields text as they come. A value is written as the shortest text
that reads back to the same bits, which is Python's `repr`; a line ends with a bare `\n`.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from rnncalc.network.model import Network
from rnncalc.network.problem import Problem
from rnncalc.network.trace import Trace
from rnncalc.writing.request import Request

_VALUES_AT_ONCE = 2**13  # enough to be fast, and little memory even where a step is wide


def json_text(problem: Problem, request: Request, traces: Iterable[Trace]) -> Iterator[str]:
    """Yield one JSON object: the network, the state before step 1, and one line per step."""
    arithmetic = f"by hand, {request.decimals} decimals" if request.by_hand else "exact"
    yield (
        f'{{"network": {_described(problem.network)}, "arithmetic": "{arithmetic}", '
        f'"h0": {_start(problem)!r}, "steps": [\n'
    )
    between = ""
    for lines in _step_lines(problem.network, request, traces, ",\n"):
        yield between + lines.removesuffix(",\n")
        between = ",\n"
    yield "\n]}\n"


def jsonl_text(problem: Problem, request: Request, traces: Iterable[Trace]) -> Iterator[str]:
    """Yield JSON Lines: the steps of the JSON, one per line."""
    return _step_lines(problem.network, request, traces, "\n")


def csv_text(problem: Problem, request: Request, traces: Iterable[Trace]) -> Iterator[str]:
    """Yield CSV: a line of column names (`t,x[0],a[0],a[1]`), then one row per step."""
    sizes = _sizes(problem.network, request)
    names = ["t", *(f"{name}[{i}]" for name, size in sizes.items() for i in range(size))]
    row = ",".join(["%r"] * len(names)) + "\n"
    header = ",".join(names) + "\n"
    for trace in traces:
        if header:
            yield header
            header = ""
        yield from _filled(row, trace, sizes)


def _start(problem: Problem) -> list[Any]:
    """Return the state before step 1; of a stack one row per state."""
    rows = [row.tolist() for row in problem.start.values()]
    return rows if problem.network.is_stack else rows[0]


def _sizes(network: Network, request: Request) -> dict[str, int]:
    """Return the sizes of the quantities to write: what one layer hands to the next is not twice."""
    twice = network.repeated - {"h"}
    return {
        name: size
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
    sizes = _sizes(network, request)
    lists = (f'"{name}": [{", ".join(["%r"] * size)}]' for name, size in sizes.items())
    row = ", ".join(['{"t": %r', *lists])
    for trace in traces:
        if request.work:
            yield from _with_work(network, request, trace, _filled(row + "\n", trace, sizes), end)
        else:
            yield from _filled(row + "}" + end, trace, sizes)


def _with_work(
    network: Network, request: Request, trace: Trace, texts: Iterable[str], end: str
) -> Iterator[str]:
    """Yield the steps as objects that also have the lines of the working, by quantity."""
    from json import dumps

    from rnncalc.writing.steps import steps_of
    from rnncalc.writing.working import worked

    for line, step in zip("".join(texts).splitlines(), steps_of(trace), strict=True):
        yield f'{line}, "work": {dumps(worked(network, step, request))}}}{end}'


def _filled(row: str, trace: Trace, names: Iterable[str]) -> Iterator[str]:
    """Yield `row`, which has one `%r` for t and one for each value, filled for every step.

    One `%` fills many rows: the fastest writer in the standard library, and close to what the
    `repr` of the values alone takes.
    """
    t = np.arange(trace.first, trace.first + len(trace), dtype=np.float64)
    table = np.column_stack((t, *(trace[name] for name in names)))
    width = table.shape[1]
    at_once = max(1, _VALUES_AT_ONCE // width)
    for start in range(0, len(trace), at_once):
        some = table[start : start + at_once]
        values: list[float] = some.ravel().tolist()
        values[::width] = map(int, values[::width])  # t is written 1, not 1.0
        yield row * len(some) % tuple(values)
