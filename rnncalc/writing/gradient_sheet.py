"""What a web page shows of a backward pass: each step from the last to the first, and the sums."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from rnncalc.arrays import Array
from rnncalc.errors import counted
from rnncalc.network.backward import Backward
from rnncalc.network.flow import Way, way_back
from rnncalc.network.gradients import Descended
from rnncalc.network.naming import label, symbol
from rnncalc.network.problem import Problem
from rnncalc.writing.chart import Chart, Line
from rnncalc.writing.columns import Column
from rnncalc.writing.formulas import formulas
from rnncalc.writing.forward_pass import forward_tables
from rnncalc.writing.given import Given, shown_array
from rnncalc.writing.gradients import (
    columns_back,
    descent_lines,
    excerpt_back,
    flow_columns,
    flow_heading,
    heading,
    hidden_in,
    loss_line,
    shown_names,
    shown_value,
    worked_back,
)
from rnncalc.writing.page import about_network, fitted
from rnncalc.writing.request import Request
from rnncalc.writing.scale import size_of_state
from rnncalc.writing.sheet import Sheet, about, charts, most_steps
from rnncalc.writing.steps import Excerpt


def sheet_of_gradients(problem: Problem, found: Descended, request: Request, steps: range) -> Sheet:
    """Return the page of a backward pass, or of how much of the gradient is left at each step.

    Args:
        problem: what was run.
        found: the backward pass.
        request: how it is shown.
        steps: those that are shown, from 0.
    """
    backward, request = found.backward, replace(request, work=True)
    shown = excerpt_back(found, request, steps, most_steps(backward.sizes))
    request = fitted(request, shown, hidden_in(backward))
    if request.plot:
        return _flow(problem, found, request, steps)
    names = shown_names(backward, request)
    above, before = heading(problem, found, request, names), _before(found, request, shown)
    numbers = [str(step.t) for step in shown.steps]
    backwards = numbers, columns_back(backward, request, shown, names)
    page = replace(
        above,
        heading=[*formulas(problem.network), *above.heading],
        gap=len(shown.first),
        left_out=shown.left_out,
        below=_below(found, request),
        scale=size_of_state(problem.network, before),
    )
    return Sheet(
        f"Backpropagation through {counted(len(steps), 'step')}",
        about(problem.network),
        request,
        page,
        [*forward_tables(problem, found, request, before), backwards],
        charts=[] if request.hidden else _charts(backward, shown),
        drawn="Gradient over time",
        worked=[worked_back(backward, step, request) for step in shown.steps],
        sums=[*_sums(found, request)],
    )


def _before(found: Descended, request: Request, shown: Excerpt) -> Excerpt:
    """Return the steps of the forward pass: of an exercise all, from which the others follow."""
    steps, most = sum(map(len, found.traces)), most_steps(found.backward.sizes)
    every = request.hidden and steps <= most
    return excerpt_back(found, request, range(steps), most) if every else shown


def _charts(backward: Backward, shown: Excerpt) -> list[Chart]:
    """Return the derivatives of the states over time."""
    names = [f"d{name}" for name in backward.network.states]
    values = [v for step in shown.steps for name in names for v in step.values[name]]
    low, high = min(0.0, *values), max(0.0, *values)
    return charts(names, shown, low, high if high > low else low + 1)


def _below(found: Descended, request: Request) -> list[str]:
    """Return what a step of descent does to the loss."""
    if found.descent.rate is None:
        return []
    first, *others = descent_lines(found, request)
    return [first.capitalize(), *others]


def _sums(found: Descended, request: Request) -> Iterator[tuple[str, list[Given]]]:
    """Yield the gradients, and the weights after a step of descent."""
    gradients = {f"dL/d{symbol(key)}": of for key, of in found.gradients.by_key.items()}
    if found.descent.start:
        gradients |= {f"dL/d{name}_0": of for name, of in found.gradients.h0.items()}
    clipped = "" if found.descent.clip is None else ", and clipped"
    yield (
        f"Gradients, summed over the steps{clipped}",
        [_sum(*each, request) for each in gradients.items()],
    )
    if found.updated:
        new = [_sum(symbol(key), of, request) for key, of in found.updated.items()]
        yield "New weights", new


def _sum(name: str, of: Array, request: Request) -> Given:
    largest = float(np.abs(of).max())
    return shown_array(name, of, lambda value: shown_value(value, request, largest))


def _flow(problem: Problem, found: Descended, request: Request, steps: range) -> Sheet:
    """Return how much of the gradient is left at each step, one table per state, and charts."""
    ways = [way_back(found, name) for name in found.backward.network.states]
    lines = [loss_line(found, request), *map(flow_heading, ways)]
    page = replace(about_network(problem, request), heading=lines, remarks=())
    return Sheet(
        f"The gradient over {counted(len(steps), 'step')}",
        about(problem.network),
        request,
        page,
        [_table(way, request, steps) for way in ways],
        charts=_charts_of(ways, steps),
        drawn="Size of the gradient over time",
    )


def _charts_of(ways: Sequence[Way], steps: range) -> list[Chart]:
    lines = [Line(way.name, way.name, way.norms[steps.start : steps.stop].tolist()) for way in ways]
    high = max(max(line.values) for line in lines)
    if len(steps) < 2:
        return []
    return [Chart("|dL/dh| over time", [t + 1 for t in steps], 0, lines, 0.0, high or 1.0)]


def _table(way: Way, request: Request, steps: range) -> tuple[list[str], list[Column]]:
    first, *columns = flow_columns(way, request, steps)
    numbers = [entry.lines[0].strip() for entry in first.entries]
    return numbers, [replace(column, group=label(way.name)) for column in columns]
