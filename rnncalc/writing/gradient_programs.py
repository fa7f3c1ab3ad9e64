"""Gradients for programs: JSON, JSON Lines and CSV, the last step first, with every digit."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from json import dumps
from math import isfinite
from typing import Any

import numpy as np

from rnncalc.arrays import Array
from rnncalc.network.backward import Backward
from rnncalc.network.flow import way_back
from rnncalc.network.gradients import Descended
from rnncalc.network.objective import COUNTED
from rnncalc.network.problem import Problem
from rnncalc.network.trace import TARGET, Trace
from rnncalc.writing.gradients import reversed_steps, worked_back
from rnncalc.writing.programs import described, filled, start
from rnncalc.writing.request import Request

_NO_TARGET = re.compile(r"\[nan(?:, nan)*\]")


def text_of(problem: Problem, found: Descended, request: Request, steps: range) -> Iterator[str]:
    """Return the text in parts.

    Args:
        problem: what was run.
        found: the backward pass.
        request: the format, and which quantities are written.
        steps: those that are written, from 0.
    """
    shown = shown_of(found.backward, request)
    trace = Trace(1, {n: _column(found, n) for n in ["x", *shown]})
    some = trace.part(steps.start, steps.stop)
    if request.format == "csv":
        return _csv(shown, some)
    lists = (f'"{name}": [{", ".join(["%r"] * len(of))}]' for name, of in shown.items())
    row = ", ".join(['{"t": %r', *lists])
    written = "".join(filled(row + "\n", some, shown, order=-1))
    lines = _NO_TARGET.sub("null", written).splitlines()
    ends = _works(found, request, steps) if request.work else ["}"] * len(lines)
    objects = (line + end for line, end in zip(lines, ends, strict=True))
    if request.format == "jsonl":
        return _jsonl(objects, _sums(problem, found, request))
    return _json(problem, request, objects, _sums(problem, found, request))


def _column(found: Descended, name: str) -> Array:
    """Return the rows (T, n) of a quantity; nan where there is no target, which is all that is."""
    rows = np.vstack([of[name] for of in found.traces])
    if name != TARGET:
        return rows
    counts = np.vstack([of[COUNTED] for of in found.traces])
    return np.where(counts != 0, rows, np.nan)


def shown_of(backward: Backward, request: Request) -> dict[str, Sequence[int]]:
    """Return the components to write of each quantity: without `--only`, the backward pass."""
    sizes = backward.sizes
    names = request.only or backward.names
    return {name: request.components.get(name, range(sizes[name])) for name in names}


def _csv(shown: Mapping[str, Sequence[int]], trace: Trace) -> Iterator[str]:
    names = ["t", *(f"{name}[{i}]" for name, some in shown.items() for i in some)]
    yield ",".join(names) + "\n"
    for text in filled(",".join(["%r"] * len(names)) + "\n", trace, shown, order=-1):
        yield text.replace("nan", "")


def _works(found: Descended, request: Request, steps: range) -> Iterator[str]:
    for step in reversed_steps(found.traces, steps):
        yield f', "work": {dumps(worked_back(found.backward, step, request))}}}'


def _jsonl(objects: Iterable[str], sums: str) -> Iterator[str]:
    for each in objects:
        yield each + "\n"
    yield f"{{{sums}}}\n"


def _json(problem: Problem, request: Request, objects: Iterable[str], sums: str) -> Iterator[str]:
    arithmetic = f"by hand, {request.decimals} decimals" if request.by_hand else "exact"
    yield (
        f'{{"network": {described(problem.network)}, "arithmetic": "{arithmetic}", '
        f'"h0": {start(problem)!r}, "steps": [\n'
    )
    yield ",\n".join(objects)
    yield f"\n], {sums}}}\n"


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
