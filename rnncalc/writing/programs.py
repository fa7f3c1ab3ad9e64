r"""A trace for programs: JSON, JSON Lines and CSV with every digit, whatever the terminal is.

Each takes blocks of steps and yields text as they come. A figure is the shortest text that reads
back to the same bits, which is Python's `repr`; a line ends with a bare `\n`.
"""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from rnncalc.arrays import Array
from rnncalc.network.model import Network
from rnncalc.network.trace import Trace
from rnncalc.writing.columns import Only, columns, quantities
from rnncalc.writing.steps import Step, steps_of

Working = Callable[[Step], dict[str, list[str]]] | None
"""From a step to the lines of its working, by quantity."""

_FIGURES_AT_ONCE = 2**13  # enough to be fast, and little memory even where a step is wide


def json_text(
    network: Network,
    h0: Array,
    traces: Iterable[Trace],
    *,
    only: Only = None,
    arithmetic: str = "exact",
    work: Working = None,
) -> Iterator[str]:
    """Yield one JSON object: the network, the state `h0` (H,) before step 1, and a step a line."""
    yield (
        f'{{"network": {_described(network)}, "arithmetic": "{arithmetic}", '
        f'"h0": {h0.tolist()!r}, "steps": [\n'
    )
    between = ""
    for trace in traces:
        for lines in _step_lines(trace, only, work, ",\n"):
            yield between + lines.removesuffix(",\n")
            between = ",\n"
    yield "\n]}\n"


def jsonl_text(
    traces: Iterable[Trace], *, only: Only = None, work: Working = None
) -> Iterator[str]:
    """Yield JSON Lines: a step of the JSON a line."""
    for trace in traces:
        yield from _step_lines(trace, only, work, "\n")


def csv_text(traces: Iterable[Trace], *, only: Only = None) -> Iterator[str]:
    """Yield CSV: a line of column names, then a row a step."""
    row = ""
    for trace in traces:
        if not row:
            names = columns(trace, only)
            row = ",".join(["%r"] * len(names)) + "\n"
            yield ",".join(names) + "\n"
        yield from _filled(row, trace, only)


def _described(network: Network) -> str:
    output = f'"{network.readout.activation.name}"' if network.readout else "null"
    return (
        f'{{"input_size": {network.input_size}, "hidden_size": {network.hidden_size}, '
        f'"output_size": {network.output_size}, "activation": "{network.cell.activation.name}", '
        f'"output_activation": {output}}}'
    )


def _step_lines(trace: Trace, only: Only, work: Working, end: str) -> Iterator[str]:
    """Yield the steps as objects, each before `end`."""
    if work is None:
        yield from _filled(_step_object(trace, only) + end, trace, only)
        return
    from json import dumps

    for i, step in enumerate(steps_of(trace)):
        (line,) = _filled(_step_object(trace, only), trace.part(i, i + 1), only)
        yield f'{line[:-1]}, "work": {dumps(work(step))}}}{end}'


def _step_object(trace: Trace, only: Only) -> str:
    """Return `{"t": %r, "x": [%r, %r], ...}`, to be filled with the figures of a step."""
    lists = (
        f'"{name}": [{", ".join(["%r"] * rows.shape[1])}]'
        for name, rows in quantities(trace, only).items()
    )
    return "{" + ", ".join(['"t": %r', *lists]) + "}"


def _filled(row: str, trace: Trace, only: Only) -> Iterator[str]:
    """Yield `row`, which has a `%r` for t and for each figure, for every step of `trace`.

    One `%` fills many rows: the fastest writer that the standard library has, and close to what
    the `repr` of the figures alone takes.
    """
    t = np.arange(trace.first, trace.first + len(trace), dtype=np.float64)
    table = np.column_stack((t, *quantities(trace, only).values()))
    width = table.shape[1]
    at_once = max(1, _FIGURES_AT_ONCE // width)
    for start in range(0, len(trace), at_once):
        some = table[start : start + at_once]
        figures: list[float] = some.ravel().tolist()
        figures[::width] = map(int, figures[::width])  # t is written 1, not 1.0
        yield row * len(some) % tuple(figures)
