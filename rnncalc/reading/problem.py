"""Settings -> a Problem: the defaults, the order of precedence, and what must be there."""

from collections.abc import Mapping

import numpy as np

from rnncalc.arrays import Array
from rnncalc.errors import InputError, quote
from rnncalc.network.activations import TANH, Activation, activation_named
from rnncalc.network.cells import Cell, Readout, default_output_activation
from rnncalc.network.model import Network
from rnncalc.network.problem import Problem
from rnncalc.reading import shapes as arrays
from rnncalc.reading.flags import flag
from rnncalc.reading.settings import STREAM, Setting

_NEEDED = {"wxh": "0.5", "whh": "0.3", "x": "1 2 3"}


def problem_of(settings: Mapping[str, Setting]) -> Problem:
    """Return the problem that the settings are.

    Raises:
        InputError: a value is missing, is not what its key needs, or does not fit another.
    """
    _refuse_missing(settings)
    try:
        return _problem(settings)
    except InputError as error:
        place = settings[error.key].place if error.key in settings else ""
        raise (error.at(place) if place else error) from None


def _refuse_missing(settings: Mapping[str, Setting]) -> None:
    missing = [key for key in _NEEDED if key not in settings]
    if missing:
        example = " ".join(f'{flag(key)} "{_NEEDED[key]}"' for key in missing)
        raise InputError(
            f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing; "
            f"type for example {example}, or name a file with -c (rnncalc init prints one)"
        )
    for key in ("by", "output_activation"):
        if key in settings and "why" not in settings:
            raise InputError(
                f"{settings[key].place}: is for the output, but without why there is none; "
                'type for example --why "0.4"'
            )


def _problem(settings: Mapping[str, Setting]) -> Problem:
    W_hh = arrays.square(settings["whh"].value, "whh")
    hidden_size = len(W_hh)
    W_xh = arrays.matrix(settings["wxh"].value, "wxh", side="row", hidden_size=hidden_size)
    f = _activation(settings, "activation") or TANH
    cell = Cell(W_xh, W_hh, _vector(settings, "bh", hidden_size), f)
    network = Network(cell, _readout(settings, hidden_size))
    x = settings["x"]
    return Problem(
        network,
        h0=network.state(_vector(settings, "h0", hidden_size)),
        x=None
        if x.value == STREAM and x.place == flag("x")
        else arrays.steps(x.value, "x", input_size=network.input_size, one_line=x.one_line),
        given=frozenset(settings),
    )


def _readout(settings: Mapping[str, Setting], hidden_size: int) -> Readout | None:
    if "why" not in settings:
        return None
    W_hy = arrays.matrix(settings["why"].value, "why", side="column", hidden_size=hidden_size)
    g = _activation(settings, "output_activation") or default_output_activation(len(W_hy))
    return Readout(W_hy, _vector(settings, "by", len(W_hy)), g)


def _vector(settings: Mapping[str, Setting], key: str, size: int) -> Array:
    """Return the vector that was given, or `size` zeros."""
    return arrays.vector(settings[key].value, key) if key in settings else np.zeros(size)


def _activation(settings: Mapping[str, Setting], key: str) -> Activation | None:
    if key not in settings:
        return None
    name = settings[key].value
    if not isinstance(name, str):
        raise InputError(f'{quote(str(name))} is no name; write one in quotes: "tanh"', key=key)
    return activation_named(name, key)
