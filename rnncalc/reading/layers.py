"""Settings -> cells and layers: one cell, or the tables [[layers]] and [layers.reverse]."""

from collections.abc import Mapping
from typing import Any

from rnncalc.arrays import Array
from rnncalc.errors import InputError, quote
from rnncalc.network.activation_names import activation_named
from rnncalc.network.activations import LINEAR, TANH, Activation
from rnncalc.network.cells import MERGES, Cell, Layer, Readout
from rnncalc.reading import shapes
from rnncalc.reading.flags import flag
from rnncalc.reading.settings import CELL, LAYERS, Setting, hint

_REVERSE, _MERGE = "reverse", "merge"
_NEEDED = ("wxh", "whh")
_OF_DENSE = ("name", "why", "by", "activation")
_READOUTS = ("steps", "final")


def cell_of(settings: Mapping[str, Setting]) -> Cell:
    """Return the cell that the settings of a layer describe.

    Raises:
        InputError: a value is not what its key needs, or does not fit another.
    """
    W_hh = shapes.square(settings["whh"].value, "whh")
    W_xh = shapes.matrix(settings["wxh"].value, "wxh", side="row", hidden_size=len(W_hh))
    biases = {key: vector_of(settings, key) for key in ("bh", "bxh", "bhh")}
    f = activation_of(settings, "activation") or TANH
    return Cell(W_xh, W_hh, biases["bh"], f, biases["bxh"], biases["bhh"])


def readout_of(settings: Mapping[str, Setting], hidden_size: int) -> Readout | None:
    """Return the readout that the settings describe, or None if there is no why."""
    if "why" not in settings:
        return None
    W_hy = shapes.matrix(settings["why"].value, "why", side="column", hidden_size=hidden_size)
    g = activation_of(settings, "output_activation")
    if W_hy.shape[1] != hidden_size:  # the network says so; by would be accused of it
        return Readout(W_hy, None, g)
    return Readout(W_hy, vector_of(settings, "by"), g)


def dense_of(settings: Mapping[str, Setting], key: str) -> list[Readout]:
    """Return the dense layers of the tables [[dense]], or of [[dense_before]], in order.

    Raises:
        InputError: a table is not what it must be.
    """
    if key not in settings:
        return []
    tables, place = settings[key].value, settings[key].place
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise InputError(f"is a list of tables: write [[{key}]] before each", key=key)
    return [_dense(table, f"{place}[{number}]", number) for number, table in enumerate(tables)]


def _dense(table: dict[str, Any], place: str, number: int) -> Readout:
    for key in table:
        if key not in _OF_DENSE:
            raise InputError(f"{place}: unknown key {quote(key)}{hint(key, [*_OF_DENSE])}")
    if "why" not in table:
        raise InputError(f"{place}: why is missing")
    name = table.get("name", f"dense{number}")
    if not isinstance(name, str) or not name.isidentifier():
        raise InputError(f"{place}.name: is a name of letters, digits and _")
    settings = {key: Setting(value, f"{place}.{key}") for key, value in table.items()}
    try:
        W_hy = shapes.matrix_of_rows(table["why"], "why")
        g = activation_of(settings, "activation") or LINEAR
        return Readout(W_hy, vector_of(settings, "by"), g, name)
    except InputError as error:
        raise (error.at(settings[error.key].place) if error.key in settings else error) from None


def is_final(settings: Mapping[str, Setting], *, otherwise: bool) -> bool:
    """Return whether the readout answers once, at the end."""
    if "readout" not in settings:
        return otherwise
    kind = settings["readout"].value
    if kind not in _READOUTS:
        raise InputError(f"is {' or '.join(_READOUTS)}, not {quote(str(kind))}", key="readout")
    return bool(kind == _READOUTS[1])


def layers_of(settings: Mapping[str, Setting]) -> list[Layer]:
    """Return the layers of a stack, the one that reads x first.

    Raises:
        InputError: a table is not what it must be, or there are weights outside of the tables.
    """
    tables = settings[LAYERS].value
    for key in CELL:
        if key in settings and key != "activation":
            raise InputError(
                f"is for a network of one layer, but the file has [[{LAYERS}]]; "
                f"write it below the layer that is meant",
                key=key,
            )
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise InputError(f"is a list of tables: write [[{LAYERS}]] before each", key=LAYERS)
    if not tables:
        raise InputError("is empty; write [[layers]] and below it wxh and whh", key=LAYERS)
    return [
        _layer(table, f"{settings[LAYERS].place}[{number}]", settings.get("activation"))
        for number, table in enumerate(tables)
    ]


def _layer(table: dict[str, Any], place: str, activation: Setting | None) -> Layer:
    backward, merge = table.get(_REVERSE), table.get(_MERGE, MERGES[0])
    if backward is not None and not isinstance(backward, dict):
        raise InputError(f"{place}.{_REVERSE}: is a table: [{LAYERS}.{_REVERSE}]")
    if merge not in MERGES:
        raise InputError(
            f"{place}.{_MERGE}: is one of {', '.join(MERGES)}, not {quote(str(merge))}"
        )
    own = {key: value for key, value in table.items() if key not in (_REVERSE, _MERGE)}
    forward = _cell(own, place, activation) if own or backward is None else None
    reverse = _cell(backward, f"{place}.{_REVERSE}", activation) if backward is not None else None
    try:
        return Layer(forward, reverse, merge)
    except InputError as error:
        raise error.at(f"{place}.{_REVERSE}: {error.key}") from None


def _cell(table: dict[str, Any], place: str, activation: Setting | None) -> Cell:
    for key in table:
        if key not in CELL:
            raise InputError(f"{place}: unknown key {quote(key)}{hint(key, [*CELL, _REVERSE])}")
    settings = {key: Setting(value, f"{place}.{key}") for key, value in table.items()}
    for key in _NEEDED:
        if key not in settings:
            raise InputError(f"{place}: {key} is missing")
    of_all = activation and activation.place == flag("activation")
    if activation and (of_all or "activation" not in settings):
        settings["activation"] = activation
    try:
        return cell_of(settings)
    except InputError as error:
        raise (error.at(settings[error.key].place) if error.key in settings else error) from None


def vector_of(settings: Mapping[str, Setting], key: str) -> Array | None:
    """Return the vector of a key, or None if it is not given."""
    return shapes.vector(settings[key].value, key) if key in settings else None


def activation_of(settings: Mapping[str, Setting], key: str) -> Activation | None:
    """Return the activation of a key, or None if it is not given."""
    if key not in settings:
        return None
    name = settings[key].value
    if not isinstance(name, str):
        raise InputError(f'{quote(str(name))} is not a name; write one in quotes: "tanh"', key=key)
    return activation_named(name, key)
