"""Gradients for programs: JSON, JSON Lines and CSV, the last step first, with every digit."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from json import dumps
from math import isfinite
from typing import Any

import numpy as np

from rnncalc.network.flow import way_back
from rnncalc.network.gradients import Descended
from rnncalc.network.objective import COUNTED
from rnncalc.network.problem import Problem
from rnncalc.network.trace import TARGET, Trace
from rnncalc.writing.gradients import reversed_steps, worked_back
from rnncalc.writing.programs import (
    Cells,
    csv_note,
    csv_rows,
    json_note,
    json_rows,
    opening,
    values_in,
    with_header,
)
from rnncalc.writing.request import Request


def text_of(problem: Problem, found: Descended, request: Request, steps: range) -> Iterator[str]:
    """Return the text in parts.

    Args:
        problem: what was run.
        found: the backward pass.
        request: the format, and which quantities are written.
        steps: those that are written, from 0.
    """
    sizes, names = found.backward.sizes, request.only or found.backward.names
    shown = {name: request.components.get(name, range(sizes[name])) for name in names}
    known = {"x", *shown, *([COUNTED] if TARGET in shown else [])}
    every = Trace(1, {name: np.vstack([of[name] for of in found.traces]) for name in known})
    some = every.part(steps.start, steps.stop)
    if request.format == "csv":
        columns = ["t", *(f"{name}[{i}]" for name, of in shown.items() for i in of)]
        written = partial(csv_note, len(shown.get(TARGET, ())))
        return with_header(columns, csv_rows(some, _cells(shown, some, written), "\n", -1))
    lines = "".join(json_rows(some, _cells(shown, some, json_note), "\n", -1)).splitlines()
    ends = _works(found, request, steps) if request.work else ["}"] * len(lines)
    objects = map("".join, zip(lines, ends, strict=True))
    sums = _sums(problem, found, request)
    if request.format == "jsonl":
        return chain((f"{each}\n" for each in objects), [f"{{{sums}}}\n"])
    return iter([opening(problem, request), ",\n".join(objects), f"\n], {sums}}}\n"])


def _cells(
    shown: Mapping[str, Sequence[int]], trace: Trace, written: Callable[[str, Any], str]
) -> dict[str, Cells]:
    """Return the values of each quantity, and of targets the texts, since some steps have none."""
    cells = values_in(trace, shown)
    if TARGET in shown:
        rows = trace[TARGET][:, [*shown[TARGET]]].tolist()
        pairs = zip(trace[COUNTED][:, 0].tolist(), rows, strict=True)
        cells[TARGET] = [written(TARGET, row if counts else None) for counts, row in pairs]
    return cells


def _works(found: Descended, request: Request, steps: range) -> Iterator[str]:
    for step in reversed_steps(found.traces, steps):
        yield f', "work": {dumps(worked_back(found.backward, step, request).lines)}}}'


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
