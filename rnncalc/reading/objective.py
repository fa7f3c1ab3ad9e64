"""Settings -> what `rnncalc grad` differentiates: a loss and its targets, or given derivatives."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnncalc.arrays import Array
from rnncalc.errors import InputError, counted, nearest, quote
from rnncalc.network.objective import REDUCTIONS, Objective, with_targets
from rnncalc.network.problem import Problem
from rnncalc.numerals.number import NOT_PRINTED
from rnncalc.reading import shapes
from rnncalc.reading.settings import DIFFERENTIATED, Setting
from rnncalc.reading.spelling import ONE_ANSWER

Settings = Mapping[str, Setting]


def objective_of(settings: Settings, problem: Problem) -> Objective:
    """Return what the settings differentiate.

    Raises:
        InputError: there is nothing to differentiate, or it does not fit the network.
    """
    given = [key for key in DIFFERENTIATED if key in settings]
    _refuse_other_than_one(settings, given)
    try:
        if given == ["target"]:
            return _with_loss(settings, problem)
        return _given(settings, problem, given[0])
    except InputError as error:
        raise (error.at(settings[error.key].place) if error.key in settings else error) from None


def learning_rate_of(settings: Settings) -> float | None:
    """Return the learning rate, or None.

    Raises:
        InputError: it is not a positive number.
    """
    if "learning_rate" not in settings:
        return None
    setting = settings["learning_rate"]
    try:
        if shapes.rank_of(setting.value, "learning_rate") or setting.value <= 0:
            raise InputError("is one number greater than 0, such as 0.1")
    except InputError as error:
        raise error.at(setting.place) from None
    return float(setting.value)


def _refuse_other_than_one(settings: Settings, given: list[str]) -> None:
    if not given:
        raise InputError(
            'there is nothing to differentiate; type for example --target "? ? 1" or, for the '
            'derivatives themselves, --dy "0 0 1"; the file of -c may have a key target or dy'
        )
    if len(given) > 1:
        first, second = (settings[key].place for key in given[:2])
        raise InputError(f"{second}: is given beside {first}; give one of them")
    for key in ("reduction", "loss"):
        if key in settings and given != ["target"]:
            place = settings[given[0]].place
            raise InputError(
                f"{settings[key].place}: is for targets, but {place} gives the derivatives"
            )


def _with_loss(settings: Settings, problem: Problem) -> Objective:
    if problem.target is None or problem.loss is None:  # a "?" leaves out all targets
        raise InputError("no step has a target; at least one is needed", key="target")
    return with_targets(problem.target, problem.loss, _reduction(settings))


def _reduction(settings: Settings) -> str:
    if "reduction" not in settings:
        return REDUCTIONS[0]
    found = str(settings["reduction"].value).strip().lower()
    if found not in REDUCTIONS:
        known = nearest(found, [*REDUCTIONS])
        raise InputError(f"unknown reduction {quote(found)}{known}", key="reduction")
    return found


def _given(settings: Settings, problem: Problem, key: str) -> Objective:
    """Return derivatives that are given; `?` stands for a step where they are 0."""
    network = problem.network
    if key == "dy" and not network.readout:
        raise InputError(
            "is for the output, but without why there is none; "
            "dh_output gives the derivatives of the states",
            key=key,
        )
    if key == "dh_output" and network.readout:
        raise InputError(
            "is for a network without a readout; dy gives the derivatives of its output", key=key
        )
    assert problem.x is not None  # grad reads standard input to its end
    size = network.output_size or network.hidden_size
    rows = _rows(settings[key].value, key, len(problem.x), size, final=network.final)
    return Objective({"dh" if key == "dh_output" and network.is_stack else key: rows})


def _rows(value: Any, key: str, steps: int, size: int, *, final: bool) -> Array:
    entries = value if isinstance(value, list) else [value]
    if steps == 1 < size == len(entries):
        entries = [entries]
    if final and len(entries) == 1:
        entries = [NOT_PRINTED] * (steps - 1) + entries
    if len(entries) != steps:
        raise InputError(
            f"{counted(len(entries), 'step')}, but x has {steps}; "
            f'"{NOT_PRINTED}" stands for a step without one',
            key=key,
        )
    if final and any(entry not in (NOT_PRINTED, [NOT_PRINTED]) for entry in entries[:-1]):
        raise InputError(f"{ONE_ANSWER}, so there is one derivative", key=key)
    rows = np.zeros((steps, size))
    for t, entry in enumerate(entries):
        if entry not in (NOT_PRINTED, [NOT_PRINTED]):
            rows[t] = _row(entry, key, t + 1, size)
    return rows


def _row(entry: Any, key: str, t: int, size: int) -> Array:
    row = entry if isinstance(entry, list) else [entry]
    if NOT_PRINTED in row:
        raise InputError(
            f'step {t}: "{NOT_PRINTED}" stands for a whole step; of one value, write 0', key=key
        )
    if len(row) != size:
        raise InputError(
            f"step {t} has {counted(len(row), 'value')}, but every step needs {size}", key=key
        )
    shapes.rank_of(row, key)
    return np.array(row, dtype=np.float64)
