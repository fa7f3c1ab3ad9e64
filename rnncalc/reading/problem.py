"""Settings -> a Problem: what must be there, and what is assumed if it is not."""

from collections.abc import Iterator, Mapping

import numpy as np

from rnncalc.arrays import Array
from rnncalc.errors import InputError, quote
from rnncalc.network.activations import TANH, Activation, activation_named
from rnncalc.network.cells import Cell, Readout
from rnncalc.network.model import Network
from rnncalc.network.problem import Problem
from rnncalc.reading import shapes
from rnncalc.reading.flags import flag
from rnncalc.reading.settings import STREAM, Setting

_VECTORS = ("bh", "by", "h0")
_NEEDED = {"wxh": "0.5", "whh": "0.3", "x": "1 2 3"}


def problem_of(settings: Mapping[str, Setting]) -> Problem:
    """Return the problem that the settings describe.

    Raises:
        InputError: a value is missing, is not what its key needs, or does not fit another.
    """
    _refuse_missing(settings)
    try:
        return _problem(settings)
    except InputError as error:
        place = settings[error.key].place if error.key in settings else ""
        hinted = InputError(error.message + _comma_hint(settings), key=error.key)
        raise (hinted.at(place) if place else hinted) from None


def conversions(settings: Mapping[str, Setting]) -> Iterator[str]:
    """Yield a note for each row or column that was read as a vector."""
    for key in _VECTORS:
        shape = shapes.read_as_vector(settings[key].value) if key in settings else ""
        if shape:
            yield f"{settings[key].place}: {shape}, read as a vector"


def _comma_hint(settings: Mapping[str, Setting]) -> str:
    """Return what to type for a number such as 0,5, where one may be why the shapes do not fit."""
    for key, setting in settings.items():
        if setting.comma:
            point = setting.comma.replace(",", ".")
            return f"; if {setting.comma} in {key} is one number, type {point}"
    return ""


def _refuse_missing(settings: Mapping[str, Setting]) -> None:
    missing = [key for key in _NEEDED if key not in settings]
    if missing:
        example = " ".join(f'{flag(key)} "{_NEEDED[key]}"' for key in missing)
        *others, last = map(flag, missing)
        names = f"{', '.join(others)} and {last} are" if others else f"{last} is"
        raise InputError(
            f"{names} missing; "
            f"type for example {example}, or name a file with -c (rnncalc init prints one)"
        )
    for key in ("by", "output_activation"):
        if key in settings and "why" not in settings:
            raise InputError(
                f"{settings[key].place}: is for the output, but without why there is none; "
                'type for example --why "0.4"'
            )


def _problem(settings: Mapping[str, Setting]) -> Problem:
    W_hh = shapes.square(settings["whh"].value, "whh")
    hidden_size = len(W_hh)
    W_xh = shapes.matrix(settings["wxh"].value, "wxh", side="row", hidden_size=hidden_size)
    f = _activation(settings, "activation") or TANH
    cell = Cell(W_xh, W_hh, _vector(settings, "bh"), f)
    network = Network(cell, _readout(settings, hidden_size))
    h0 = _vector(settings, "h0")
    start = network.start(np.zeros(hidden_size) if h0 is None else h0)
    return Problem(network, start, _inputs(settings["x"], network.input_size))


def _inputs(x: Setting, input_size: int) -> Array | None:
    """Return the inputs (T, D), or None if they come from standard input."""
    if x.value == STREAM and x.place == flag("x"):
        return None
    return shapes.steps(x.value, "x", input_size=input_size, one_line=x.one_line)


def _readout(settings: Mapping[str, Setting], hidden_size: int) -> Readout | None:
    if "why" not in settings:
        return None
    W_hy = shapes.matrix(settings["why"].value, "why", side="column", hidden_size=hidden_size)
    g = _activation(settings, "output_activation")
    if W_hy.shape[1] != hidden_size:  # the network says so; by would be accused of it
        return Readout(W_hy, None, g)
    return Readout(W_hy, _vector(settings, "by"), g)


def _vector(settings: Mapping[str, Setting], key: str) -> Array | None:
    return shapes.vector(settings[key].value, key) if key in settings else None


def _activation(settings: Mapping[str, Setting], key: str) -> Activation | None:
    if key not in settings:
        return None
    name = settings[key].value
    if not isinstance(name, str):
        raise InputError(f'{quote(str(name))} is not a name; write one in quotes: "tanh"', key=key)
    return activation_named(name, key)
