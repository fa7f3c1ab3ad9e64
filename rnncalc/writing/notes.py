"""What is shown beside the quantities of a step: its symbol, the best output, target and loss."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from rnncalc.arrays import Array
from rnncalc.network.cells import OUTPUTS
from rnncalc.network.notes import compared
from rnncalc.network.problem import Problem
from rnncalc.network.symbols import shown_symbol
from rnncalc.network.trace import DRAWN, GENERATED, LOSS, SYMBOL, TARGET, Trace
from rnncalc.writing.request import Request
from rnncalc.writing.steps import Step

BEST, P = "best", "p"
FOR_PROGRAMS = (BEST, DRAWN, GENERATED)  # a table marks its entries, or has no room
IN_WORDS = (SYMBOL, BEST, TARGET, P, LOSS)  # titles that are words, not letters of a formula
_MONOTONE = ("softmax", "sigmoid", "linear", "tanh")  # the largest y is that of the largest o

Notes = dict[str, list[Any]]
"""By name, one value for each step: None where there is none."""


def names_of(problem: Problem, request: Request) -> tuple[list[str], list[str]]:
    """Return the names of what precedes the quantities of a step, and of what follows them."""
    network = problem.network
    spelt = problem.inputs is not None and (problem.spelt is not None or problem.x is None)
    has_y = network.readout is not None and not network.final
    several = problem.labels is not None and len(problem.labels) > 1
    after = [BEST] if several and has_y and request.shows("y") else []
    if problem.target is not None and problem.loss and not network.final:
        after += [TARGET, *([P] if problem.loss.name == "cross_entropy" else []), LOSS]
    after += [DRAWN] if request.temperature is not None and request.shows("y") else []
    after += [GENERATED] if request.generated else []
    return [SYMBOL] if spelt else [], after


def notes_of(problem: Problem, trace: Trace) -> Notes:
    """Return what is known of the steps of a trace beside their quantities."""
    return dict(_each(problem, trace))


def _each(problem: Problem, trace: Trace) -> Iterator[tuple[str, list[Any]]]:
    notes = trace.notes
    if SYMBOL in notes and problem.inputs:
        inputs = problem.inputs
        yield SYMBOL, [inputs.name(int(at)) for at in notes[SYMBOL].tolist()]
    if problem.labels and "y" in trace.rows:
        symbols = problem.labels.symbols
        yield BEST, [symbols[at] for at in best_of(problem, trace).tolist()]
    if TARGET in notes:
        targets = notes[TARGET]
        named = has_named_targets(problem)
        yield TARGET, [_target(problem, row, named=named) for row in targets]
        sure = (targets == 1).sum(axis=1) == 1
        given = trace[compared(trace.rows)]
        p = np.where(sure, (given * (targets == 1)).sum(axis=1), np.nan)
        yield P, _numbers(p)
        yield LOSS, _numbers(notes[LOSS])
    if DRAWN in notes:
        yield DRAWN, notes[DRAWN].tolist()
    if GENERATED in notes:
        yield GENERATED, [bool(each) for each in notes[GENERATED].tolist()]


def best_of(problem: Problem, trace: Trace) -> "np.typing.NDArray[np.intp]":
    """Return (T,), the position of the largest output; of its sum where two round to one y."""
    readout = problem.network.readout
    by_sum = readout is not None and readout.activation.name in _MONOTONE
    found: np.typing.NDArray[np.intp] = trace["o" if by_sum else "y"].argmax(axis=1)
    return found


def _target(problem: Problem, row: Array, *, named: bool) -> Any:  # noqa: ANN401  # a name, numbers, or None
    if np.isnan(row).any():
        return None
    if named and problem.labels:
        return problem.labels.symbols[int(row.argmax())]
    return row.tolist()


def _numbers(values: Array) -> list[float | None]:
    return [None if value != value else value for value in values.tolist()]  # noqa: PLR0124  # NaN


def note_of(problem: Problem, step: Step, name: str) -> Any:  # noqa: ANN401  # a name or numbers
    """Return the target of one step, its probability, or the loss; None where there is none."""
    if name == LOSS:
        return _numbers(np.array([step.notes[LOSS]]))[0]
    row = np.array(step.notes[TARGET])
    if name == TARGET:
        return _target(problem, row, named=has_named_targets(problem))
    sure = (row == 1).sum() == 1
    return step.values[compared(step.values)][int(row.argmax())] if sure else None


def is_letters(symbol: str) -> bool:
    """Return whether a symbol can stand in a formula of LaTeX as it is."""
    return symbol.isascii() and symbol.isalnum()


def with_names_of(problem: Problem, request: Request) -> Request:
    """Return the request with what the problem says of symbols and names."""
    spelt = problem.inputs is not None and (problem.spelt is not None or problem.x is None)
    one_hot = bool(spelt and problem.inputs and problem.inputs.is_one_hot)
    if problem.labels is None:
        return replace(request, one_hot=one_hot)
    if request.format == "latex" and not all(map(is_letters, problem.labels.symbols)):
        return replace(request, one_hot=one_hot)
    names = [shown_symbol(symbol) for symbol in problem.labels.symbols]
    return replace(request, one_hot=one_hot, names=dict.fromkeys(OUTPUTS, names))


def target_size(problem: Problem) -> int:
    """Return how many columns of a CSV file targets need: one where they have names."""
    if has_named_targets(problem) or problem.target is None:
        return 1
    return problem.target.shape[1]


def has_named_targets(problem: Problem) -> bool:
    """Return whether every target is one of several outputs that have names."""
    target, labels = problem.target, problem.labels
    if target is None or labels is None or len(labels) == 1:
        return False
    given = target[~np.isnan(target).any(axis=1)]
    return bool(((given == 1).sum(axis=1) == 1).all() and ((given != 0).sum(axis=1) == 1).all())
