"""What a web page shows of a backward pass: each step from the last to the first, and the sums."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from rnncalc.arrays import Array
from rnncalc.errors import counted
from rnncalc.network.backward import Backward
from rnncalc.network.equations import Outer
from rnncalc.network.flow import Way, way_back
from rnncalc.network.gradients import Descended
from rnncalc.network.naming import at_step, is_derivative, label, people, stem_of, symbol
from rnncalc.network.objective import COUNTED
from rnncalc.network.problem import Problem
from rnncalc.network.trace import TARGET
from rnncalc.writing.chart import Chart, Line
from rnncalc.writing.formulas import called_in, formulas
from rnncalc.writing.forward_pass import forward_tables
from rnncalc.writing.given import MOST, Given, givens
from rnncalc.writing.gradients import (
    equations_back,
    excerpt_back,
    flow_columns,
    flow_heading,
    heading,
    hidden_in,
    loss_line,
    shown_names,
    shown_texts,
    shown_value,
    slopes_of,
    worked_back,
)
from rnncalc.writing.numbers import short
from rnncalc.writing.page import finer, listed
from rnncalc.writing.request import Request
from rnncalc.writing.sheet import Group, Sheet, Worked, about, charts, most_steps
from rnncalc.writing.steps import Excerpt, Step
from rnncalc.writing.working import equations_of


def sheet_of_gradients(problem: Problem, found: Descended, request: Request, steps: range) -> Sheet:
    """Return the page of a backward pass, or of how much of the gradient is left at each step.

    Args:
        problem: what was run.
        found: the backward pass.
        request: how it is shown.
        steps: those that are shown, from 0.
    """
    backward = found.backward
    hidden = hidden_in(backward) if request.blank else request.hidden
    request = replace(request, work=True, hidden=hidden)
    shown = excerpt_back(found, request, steps, most_steps(backward.sizes))
    request = replace(request, finer=finer(shown, request))
    if request.plot:
        return _flow(problem, found, request, steps)
    names = shown_names(backward, request)
    above = heading(problem, found, request, names)
    tables = forward_tables(problem, found, request, _before(found, request, shown))
    tables.append(([str(s.t) for s in shown.steps], _groups(backward, request, shown, names)))
    size = counted(len(steps), "step")
    sheet = _sheet(problem, request, f"Backpropagation through {size}")
    return replace(
        sheet,
        heading=[*formulas(problem.network), *above.heading, *above.remarks],
        charts=[] if hidden else _charts(backward, shown),
        tables=tables,
        worked=[_worked(backward, request, step) for step in shown.steps],
        gap=len(shown.first),
        left_out=shown.left_out,
        below=[*_below(found, request)],
        sums=[*_sums(found, request)],
        drawn="Gradient over time",
    )


def _before(found: Descended, request: Request, shown: Excerpt) -> Excerpt:
    """Return the steps of the forward pass: of an exercise all, from which the others follow."""
    steps, most = sum(map(len, found.traces)), most_steps(found.backward.sizes)
    every = request.hidden and steps <= most
    return excerpt_back(found, request, range(steps), most) if every else shown


def _sheet(problem: Problem, request: Request, title: str) -> Sheet:
    network = problem.network
    given = givens(network, problem.start, request)
    parts: list[list[str]] = [[], []]
    return Sheet(
        title,
        about(network),
        parts[0],
        given,
        problem.origin,
        [],
        [],
        [],
        0,
        0,
        parts[1],
        request,
        frozenset(),
        1.0,
    )


def _charts(backward: Backward, shown: Excerpt) -> list[Chart]:
    """Return the derivatives of the states over time."""
    names = [f"d{name}" for name in backward.network.states]
    values = [v for step in shown.steps for name in names for v in step.values[name]]
    low, high = min(0.0, *values), max(0.0, *values)
    return charts(names, shown, low, high if high > low else low + 1)


def _worked(backward: Backward, request: Request, step: Step) -> Worked:
    lines = worked_back(backward, step, request)
    due = equations_of(equations_back(backward, request), request)
    given = f"x = {listed(step.values['x'], request)}"
    if backward.objective.loss and step.values[COUNTED][0]:
        given += f", target = {listed(step.values[TARGET], request)}"
    equations = {name: of for name, of in due.items() if name in lines}
    return Worked(str(step.t), f"t = {step.t}", given, step, equations, lines)


def _groups(
    backward: Backward, request: Request, shown: Excerpt, names: Sequence[str]
) -> list[Group]:
    slopes = {name: text for name, text in slopes_of(backward).items() if text != "1"}
    return [_group(backward, request, shown, name, slopes.get(name, "")) for name in names]


def _group(backward: Backward, request: Request, shown: Excerpt, name: str, slope: str) -> Group:
    chosen = request.components.get(name, range(len(shown.steps[0].values[name])))
    share, of = backward.shares.get(name[1:]) if is_derivative(name) else None, label(name)
    title = slope or (people(name) if share else at_step(name))
    if of:
        title = title.replace(f" ({of})", "").replace(name[len(stem_of(name)) :], "")
    lines = [i // share.shape[1] for i in chosen] if isinstance(share, Outer) else ()
    return Group(
        name,
        title,
        of,
        _parts(request, name, chosen) if len(shown.steps[0].values[name]) > 1 else [""],
        [shown_texts(name, step, request) for step in shown.steps],
        worked=lines,
    )


def _parts(request: Request, name: str, chosen: Sequence[int]) -> list[str]:
    """Return what the components are called: `0`, `e`, or `0,1` of a matrix."""
    base = called_in(request, name, 0).rpartition("[")[0]
    return [called_in(request, name, i).removeprefix(base)[1:-1] for i in chosen]


def _below(found: Descended, request: Request) -> Iterator[str]:
    """Yield what a step of descent does to the loss."""
    if found.descent.rate is None:
        return
    rate = short(found.descent.rate, request.decimals)
    yield f"Learning rate {rate}: new = old − {rate} × gradient"
    if found.loss_after is not None and found.gradients.loss is not None:
        before, after = (shown_value(v, request) for v in (found.gradients.loss, found.loss_after))
        yield f"L was {before} and is {after} with the new weights"


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
    size = " x ".join(map(str, of.shape))
    if max(of.shape) > MOST:
        return Given(name, (), size)
    largest = float(np.abs(of).max())
    rows = of.reshape(len(of), -1).tolist()
    texts = (tuple(shown_value(value, request, largest) for value in row) for row in rows)
    return Given(name, tuple(texts), size)


def _flow(problem: Problem, found: Descended, request: Request, steps: range) -> Sheet:
    """Return how much of the gradient is left at each step, one table per state, and charts."""
    ways = [way_back(found, name) for name in found.backward.network.states]
    sheet = _sheet(problem, request, f"The gradient over {counted(len(steps), 'step')}")
    lines = [line for way in ways for line in flow_heading(way)]
    return replace(
        sheet,
        heading=[loss_line(found, request), *lines],
        charts=_charts_of(ways, steps),
        tables=[_table(way, request, steps) for way in ways],
        drawn="Size of the gradient over time",
    )


def _charts_of(ways: Sequence[Way], steps: range) -> list[Chart]:
    lines = [Line(way.name, way.name, way.norms[steps.start : steps.stop].tolist()) for way in ways]
    high = max(max(line.values) for line in lines)
    if len(steps) < 2:
        return []
    return [Chart("|dL/dh| over time", [t + 1 for t in steps], 0, lines, 0.0, high or 1.0)]


def _table(way: Way, request: Request, steps: range) -> tuple[list[str], list[Group]]:
    first, *columns = flow_columns(way, request, steps)
    groups = [
        Group(c.title, c.title, label(way.name), [""], [entry.lines for entry in c.entries])
        for c in columns
    ]
    return [entry.lines[0].strip() for entry in first.entries], groups
