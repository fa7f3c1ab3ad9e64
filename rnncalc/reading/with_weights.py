"""A file of weights, and the settings that override what is in it."""

from collections.abc import Mapping
from dataclasses import replace

from rnncalc.errors import InputError
from rnncalc.network.cells import Cell, Readout
from rnncalc.network.model import Network
from rnncalc.reading.layers import is_final, readout_of, vector_of
from rnncalc.reading.settings import CELL, TABLES, WEIGHTS, Setting
from rnncalc.reading.weights.opened import Found, open_weights

_BIASES = ("bh", "bxh", "bhh")


def network_with_weights(
    settings: Mapping[str, Setting],
) -> tuple[Network, Found]:
    """Return the network, and what else is in the file.

    Raises:
        InputError: the file cannot be read, or a setting does not fit what is in it.
    """
    for key in (*TABLES, "wxh", "whh"):
        if key in settings:
            raise InputError("is in the file of weights too; give one of them", key=key)
    found = _opened(settings)
    network = found.network
    final = is_final(settings, otherwise=network.final)
    layers = [_with_biases(settings, network)] if _given(settings) else [*network.layers]
    readouts = _readouts(settings, network)
    made = Network(layers, readouts, before=network.before, final=final)
    return made, found


def _opened(settings: Mapping[str, Setting]) -> Found:
    texts = {key: _text(settings, key) for key in ("rnn", "head", "activation")}
    g = None if "why" in settings else _text(settings, "output_activation")
    path, place = settings[WEIGHTS].value, settings[WEIGHTS].place
    if not isinstance(path, str):
        raise InputError("is the name of a file, in quotes", key=WEIGHTS)
    replaced = [key for key in CELL if key in settings]
    return open_weights(path, **texts, output_activation=g, replaced=replaced, place=place)


def _text(settings: Mapping[str, Setting], key: str) -> str | None:
    if key not in settings:
        return None
    value = settings[key].value
    if not isinstance(value, str):
        raise InputError("is a name, in quotes", key=key)
    return value


def _given(settings: Mapping[str, Setting]) -> list[str]:
    return [key for key in _BIASES if key in settings]


def _with_biases(settings: Mapping[str, Setting], network: Network) -> Cell:
    """Return the only cell with the biases that are given in place of those of the file."""
    if network.is_stack:
        raise InputError(
            "is for a network of one layer, but the file has a stack", key=_given(settings)[0]
        )
    (cell,) = network.cells
    b = {key: vector_of(settings, key) for key in _BIASES}
    return replace(cell, b_h=b["bh"], b_xh=b["bxh"], b_hh=b["bhh"])


def _readouts(settings: Mapping[str, Setting], network: Network) -> list[Readout]:
    """Return the readouts of the file, or the one that is given in their place."""
    given = readout_of(settings, network.hidden_size)
    if given:
        return [given]
    b_y = vector_of(settings, "by")
    if b_y is None:
        return [*network.readouts]
    if network.readout is None:
        raise InputError("is for the output, but the file has none; give --why too", key="by")
    return [*network.readouts[:-1], replace(network.readout, b_y=b_y)]
