"""From files and from Python's own lists and arrays to a problem."""

from collections.abc import Mapping
from dataclasses import replace
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np

from rnncalc.errors import InputError
from rnncalc.network.problem import Problem
from rnncalc.numerals.number import NOT_PRINTED, LiteralError, number, printed
from rnncalc.reading import literals, shapes, spelling
from rnncalc.reading.settings import DERIVATIVES, EXPECT, WEIGHTS, WORDS, Setting

_START = 4096  # bytes, which tell text from weights


def settings_of(path: str | PathLike[str], **more: str) -> dict[str, Setting]:
    """Return the settings in a TOML file, or those that name a file of weights.

    Args:
        path: of the file; which of the two it is, its first bytes tell.
        more: names as they would be typed, `activation="relu"`, `rnn="encoder"`, `head="none"`.

    Raises:
        InputError: the file cannot be read, or a setting is unknown.
    """
    name = fspath(path)
    for key in more:
        if key not in WORDS:
            raise InputError(f"unknown setting; known are {', '.join(WORDS)}", key=key)
    given = {key: Setting(value, key) for key, value in more.items()}
    if _is_text(name):
        from rnncalc.reading.toml import from_file

        return {**from_file(name), **given}
    return {WEIGHTS: Setting(name, "load"), **given}


def _is_text(path: str) -> bool:
    try:
        with Path(path).open("rb") as file:
            start = file.read(_START)
    except OSError:
        return True  # whose reader says why it cannot be read
    return b"\0" not in start and not start.startswith(b"version https://git-lfs")


def with_x(problem: Problem, x: Any) -> Problem:
    """Return the problem with other inputs, and so without its targets.

    Args:
        problem: whose network reads them.
        x: T steps of D numbers, or T numbers where D is 1; or symbols.

    Raises:
        InputError: they do not fit the network.
    """
    value, inputs = _listed(x), problem.inputs
    spelt = spelling.spelt_in(Setting(value, "x"), inputs) if inputs else None
    if inputs and spelt is not None:
        rows = inputs.of(spelt)
    else:
        numbers = _numbers(value, "x", number) if isinstance(value, str) else value
        size = problem.network.input_size
        rows = shapes.steps(numbers, "x", input_size=size, one_line=False)
    return replace(problem, x=rows, spelt=spelt, target=None, loss=None)


def with_objective(
    problem: Problem, settings: Mapping[str, Setting], given: Mapping[str, Any]
) -> tuple[Problem, dict[str, Setting]]:
    """Return the problem with its targets, and the settings that say what is differentiated.

    Args:
        problem: with inputs.
        settings: of the file.
        given: `target`, one for each step, and None or "?" where there is none; `loss`,
            `reduction` and `learning_rate`. They override the settings, unless they are None.

    Raises:
        InputError: the targets do not fit the outputs, or there is no such loss.
    """
    assert problem.x is not None
    more = {key: Setting(_listed(of), key) for key, of in given.items() if of is not None}
    left_out = DERIVATIVES if "target" in more else ()
    found = {key: of for key, of in settings.items() if key not in left_out} | more
    try:
        target = spelling.target_of(found, problem.network, problem.labels, len(problem.x))
    except InputError as error:
        raise (error.at(found[error.key].place) if error.key in found else error) from None
    return replace(problem, target=target[0], loss=target[1]), found


def expected(values: Mapping[str, Any]) -> Setting:
    """Return values to check: lists of numbers, or texts, which say their decimals: `"0.850"`.

    Raises:
        InputError: a text is not a number.
    """
    found = {name: _printed(value, name) for name, value in values.items()}
    return Setting(found, "values", places={name: name for name in found})


def _printed(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):  # gradients
        return {key: _printed(of, f"{name}.{key}") for key, of in value.items()}
    value = _listed(value)
    if isinstance(value, list):
        return [_printed(each, name) for each in value]
    return _numbers(value, name, printed) if isinstance(value, str) else value


def _numbers(text: str, place: str, item: literals.Item) -> Any:
    """Return the numbers that a text lists, as the command line reads them."""
    try:
        return literals.parse(text, item)
    except LiteralError as error:
        raise literals.error_in(text, error, place=place) from None


def _listed(value: Any) -> Any:
    """Return arrays, of any library, as lists, and None as "?"."""
    if value is None:
        return NOT_PRINTED
    if isinstance(value, list | tuple):
        return [_listed(each) for each in value]
    if isinstance(value, str | int | float):
        return value
    return np.asarray(value).tolist()


def with_expected(settings: Mapping[str, Setting], values: Mapping[str, Any]) -> dict[str, Setting]:
    """Return the settings with values to check in place of those of the file."""
    return {**settings, EXPECT: expected(values)}
