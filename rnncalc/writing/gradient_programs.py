"""Gradients for programs: JSON, JSON Lines and CSV, the last step first, with every digit."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from json import dumps
from math import isfinite
from typing import Any

import numpy as np

from rnncalc.network.backward import Backward
from rnncalc.network.flow import way_back
from rnncalc.network.gradients import Descended
from rnncalc.network.objective import COUNTED
from rnncalc.network.problem import Problem
from rnncalc.network.trace import TARGET, Trace
from rnncalc.writing.gradients import reversed_steps, worked_back
from rnncalc.writing.programs import Cells, filled, opening, values_in, with_header
from rnncalc.writing.request import Request

Shown = Mapping[str, Sequence[int]]
"""The components of each quantity that are written."""


def text_of(problem: Problem, found: Descended, request: Request, steps: range) -> Iterator[str]:
    """Return the text in parts.

    Args:
        problem: what was run.
        found: the backward pass.
        request: the format, and which quantities are written.
        steps: those that are written, from 0.
    """
    shown = _shown(found.backward, request)
    known = ["x", *shown, *([COUNTED] if TARGET in shown else [])]
    every = Trace(1, {name: np.vstack([of[name] for of in found.traces]) for name in known})
    some = every.part(steps.start, steps.stop)
    if request.format == "csv":
        return _csv(shown, some)
    objects = _objects(found, request, shown, some)
    sums = _sums(problem, found, request)
    if request.format == "jsonl":
        return chain((f"{each}\n" for each in objects), [f"{{{sums}}}\n"])
    return iter([opening(problem, request), ",\n".join(objects), f"\n], {sums}}}\n"])


def _shown(backward: Backward, request: Request) -> Shown:
    """Return the components to write of each quantity: without `--only`, the backward pass."""
    names = request.only or backward.names
    return {n: request.components.get(n, range(backward.sizes[n])) for n in names}


def _csv(shown: Shown, trace: Trace) -> Iterator[str]:
    names = ["t", *(f"{name}[{i}]" for name, some in shown.items() for i in some)]
    row = ",".join(["%r", *(_formats(name, some) for name, some in shown.items())]) + "\n"
    empty = "," * (len(shown.get(TARGET, ())) - 1)
    cells = _cells(shown, trace, lambda values: ",".join(map(repr, values)), empty)
    return with_header(names, filled(row, trace, cells, order=-1))


def _objects(found: Descended, request: Request, shown: Shown, trace: Trace) -> Iterator[str]:
    """Yield a JSON object for each step."""
    lists = (
        f'"{n}": %s' if n == TARGET else f'"{n}": [{", ".join(["%r"] * len(some))}]'
        for n, some in shown.items()
    )
    row = ", ".join(['{"t": %r', *lists]) + "\n"
    written = filled(row, trace, _cells(shown, trace, repr, "null"), order=-1)
    lines = "".join(written).splitlines()
    if not request.work:
        return (line + "}" for line in lines)
    steps = reversed_steps(found.traces, range(trace.first - 1, trace.first - 1 + len(trace)))
    works = (dumps(worked_back(found.backward, step, request)) for step in steps)
    return (f'{line}, "work": {work}}}' for line, work in zip(lines, works, strict=True))


def _formats(name: str, some: Sequence[int]) -> str:
    return "%s" if name == TARGET else ",".join(["%r"] * len(some))


def _cells(
    shown: Shown, trace: Trace, written: Callable[[list[float]], str], none: str
) -> list[Cells]:
    """Return the values of each quantity; of targets the texts, and `none` where there is none."""
    cells: dict[str, Cells] = dict(zip(shown, values_in(trace, shown), strict=True))
    if TARGET in shown:
        counts, rows = trace[COUNTED][:, 0].tolist(), trace[TARGET][:, [*shown[TARGET]]].tolist()
        pairs = zip(counts, rows, strict=True)
        cells[TARGET] = [written(row) if is_one else none for is_one, row in pairs]
    return [*cells.values()]


def _sums(problem: Problem, found: Descended, request: Request) -> str:
    """Return the loss, the gradients and what a step of descent makes of the weights."""
    gradients, objective = found.gradients, found.backward.objective
    loss: Any = None
    if objective.loss:
        loss = {
            "name": objective.loss.name,
            "reduction": objective.reduction,
            "value": gradients.loss,
            "per_step": gradients.per_step.tolist(),
        }
    sums: dict[str, Any] = {key: of.tolist() for key, of in gradients.by_key.items()}
    if found.descent.start:
        rows = [row.tolist() for row in gradients.h0.values()]
        sums["h0"] = rows if problem.network.is_stack else rows[0]
    written = {"loss": loss, "gradients": sums}
    if found.descent.rate is not None:
        written["updated"] = {key: of.tolist() for key, of in found.updated.items()}
        if objective.loss:
            written["loss_after"] = found.loss_after
    if request.plot:
        written["flow"] = {name: _flow(found, name) for name in problem.network.states}
    return ", ".join(f'"{key}": {dumps(of)}' for key, of in written.items())


def _flow(found: Descended, name: str) -> dict[str, list[float | None]]:
    """Return how a gradient fades or grows, in time order."""
    way = way_back(found, name)
    return {
        "factor": way.factors.tolist(),
        "to_end": way.to_end.tolist(),
        "norm": way.norms.tolist(),
        "left": [value if isfinite(value) else None for value in way.left.tolist()],
    }
