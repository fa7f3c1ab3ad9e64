"""Settings -> what stands for symbols, the names of outputs, and targets."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from rnncalc.arrays import Array
from rnncalc.errors import InputError, counted
from rnncalc.network.activations import LINEAR
from rnncalc.network.losses import Loss, default_loss, loss_named
from rnncalc.network.model import Network
from rnncalc.network.symbols import Inputs, Vocabulary, one_hot
from rnncalc.numerals.number import NOT_PRINTED, LiteralError
from rnncalc.reading import shapes
from rnncalc.reading.flags import number_or_none
from rnncalc.reading.literals import error_in, parse
from rnncalc.reading.settings import STREAM, Setting
from rnncalc.reading.vocabulary import (
    embedding_of,
    ids_in,
    labels_of,
    listed_in,
    positions_in,
    refuse_other_size,
    unknown_symbol,
    vocabulary_of,
)

_NEARLY = 1e-6  # what rounded probabilities may miss 1 by, for each of them

ONE_ANSWER = "the readout is final: it answers once, at the end"

Settings = Mapping[str, Setting]


def inputs_of(settings: Settings, network: Network, embedding: Array | None) -> Inputs | None:
    """Return what stands for symbols or ids, or None if x is numbers.

    Args:
        settings: of the problem.
        network: that reads the inputs.
        embedding: (V, D), of a file of weights; a setting overrides it.

    Raises:
        InputError: the vocabulary or the embedding does not fit the network.
    """
    vocabulary = vocabulary_of(settings["vocabulary"].value) if "vocabulary" in settings else None
    rows = embedding
    if "embedding" in settings:
        rows = _rows(settings["embedding"].value, network.input_size)
    if rows is not None:
        return Inputs(vocabulary, embedding_of(rows, vocabulary, network.input_size))
    if vocabulary is None:
        return None
    refuse_other_size(vocabulary, network.input_size)
    return Inputs(vocabulary)


def _rows(value: Any, input_size: int) -> Any:
    """Return the rows of an embedding; where each has one number, a flat list is a column."""
    if isinstance(value, list) and shapes.rank_of(value, "embedding") == 1 and input_size == 1:
        return [[number] for number in value]
    return value


def spelt_in(x: Setting, inputs: Inputs) -> tuple[int, ...] | None:
    """Return the positions (T,) of the symbols or ids that x is; None for rows of numbers.

    Raises:
        InputError: a symbol or an id is unknown.
    """
    value = listed(x.value)
    if inputs.vocabulary is None:
        found = ids_in(value, len(inputs))
    else:
        found = _positions(value, inputs.vocabulary, "x")
        if found is None and inputs.is_one_hot:
            found = _hot(numbers_in(value), len(inputs.vocabulary))
    return None if found is None else tuple(found)


def _hot(rows: Any, size: int) -> list[int] | None:
    """Return the positions of the ones in rows that are one-hot; None where any is not."""
    found = []
    for row in rows:
        if not isinstance(row, list) or len(row) != size or row.count(0) != size - 1:
            return None
        if 1 not in row:
            return None
        found.append(row.index(1))
    return found


def listed(value: Any) -> Any:
    """Return an array as lists, and anything else as it is."""
    return value.tolist() if isinstance(value, np.ndarray) else value


def numbers_of(x: Setting) -> Setting:
    """Return x, its value as numbers where it is a text of rows of them."""
    return replace(x, value=numbers_in(x.value))


def numbers_in(value: Any) -> Any:
    """Return the rows of numbers that a text is; anything else as it is."""
    return parse(value) if isinstance(value, str) and value != STREAM else value


def _positions(value: Any, vocabulary: Vocabulary, key: str) -> list[int] | None:
    try:
        return positions_in(value, vocabulary, key)
    except InputError:
        if isinstance(value, str) and _is_rows(value):
            return None
        raise


def _is_rows(text: str) -> bool:
    try:
        found = parse(text)
    except LiteralError:
        return False
    return isinstance(found, list) and isinstance(found[0], list)


def outputs_of(
    settings: Settings, network: Network, inputs: Inputs | None
) -> tuple[Vocabulary | None, int | None]:
    """Return the names of the outputs, if they have names, and the output that stops a text.

    The names are the symbols of the vocabulary where there are as many outputs.

    Raises:
        InputError: there are more or fewer labels than outputs, or stop is not one of them.
    """
    outputs = network.output_size
    labels = inputs.vocabulary if inputs else None
    if "labels" in settings:
        if not outputs:
            raise InputError("name the outputs, but without why there are none", key="labels")
        labels = labels_of(settings["labels"].value, outputs)
    elif labels and len(labels) != outputs:
        labels = None
    if "stop" not in settings:
        return labels, None
    if labels is None:
        return None, _stop_id(settings["stop"].value, inputs, outputs)
    symbol = settings["stop"].value
    if symbol not in labels.symbols:
        raise InputError(unknown_symbol(str(symbol), labels), key="stop")
    return labels, labels.positions[symbol]


def _stop_id(value: Any, inputs: Inputs | None, outputs: int) -> int:
    """Return the id that stops a text whose symbols have no names."""
    text = str(value)
    if (
        inputs is None
        or inputs.vocabulary
        or not text.isdecimal()
        or int(text) not in range(outputs)
    ):
        raise InputError("is a symbol, but the outputs have no names", key="stop")
    return int(text)


def target_of(
    settings: Settings, network: Network, labels: Vocabulary | None, steps: int | None
) -> tuple[Array | None, Loss | None]:
    """Return the targets (T, K), a row of NaN where there is none, and the loss.

    A single "?" says that there are no targets at all, whatever the file says.

    Args:
        settings: of the problem.
        network: whose outputs, or states where there is no readout, the targets are for.
        labels: of the outputs; targets may be written with them.
        steps: T, or None where x comes from standard input.

    Raises:
        InputError: a target is not what the outputs can be.
    """
    if "loss" in settings:
        loss_named(str(settings["loss"].value))
    if "target" not in settings:
        return None, None
    value = listed(settings["target"].value)
    if value in (NOT_PRINTED, [NOT_PRINTED]) and not _is_label(NOT_PRINTED, labels):
        return None, None
    loss = _loss_of(settings, network)
    rows = _targets(value, network.output_size or network.hidden_size, labels)
    if network.final and len(rows) == 1 and steps:  # the readout answers at the last step
        rows = np.vstack((np.full((steps - 1, rows.shape[1]), np.nan), rows))
    if steps is not None and len(rows) != steps:
        raise InputError(
            f"{counted(len(rows), 'target')}, but x has {counted(steps, 'step')}; "
            f'give one for each, and "?" where there is none{_without(settings, labels)}',
            key="target",
        )
    if network.final and not np.isnan(rows[:-1]).all():
        raise InputError(f"{ONE_ANSWER}, so there is one target", key="target")
    _refuse_impossible(loss, rows)
    return rows, loss


def _is_label(symbol: str, labels: Vocabulary | None) -> bool:
    return labels is not None and symbol in labels.positions


def _without(settings: Settings, labels: Vocabulary | None) -> str:
    """Return what to type where x is of a flag and the targets of the file's own x remain."""
    places = (settings[key].place if key in settings else "" for key in ("x", "target"))
    flags = [place.startswith("--") for place in places]
    if flags != [True, False] or _is_label(NOT_PRINTED, labels):
        return ""
    return '; --target "?" leaves out those of the file'


def _loss_of(settings: Settings, network: Network) -> Loss:
    found = network.readout.activation if network.readout else LINEAR
    if "loss" not in settings:
        return default_loss(found)
    loss = loss_named(str(settings["loss"].value))
    if loss.activation and loss.activation != found.name:
        but = f"this one has {found.name}" if network.readout else "without why there is none"
        raise InputError(
            f"{loss.name} is for an output with {loss.activation}, but {but}", key="loss"
        )
    return loss


def _refuse_impossible(loss: Loss, target: Array) -> None:
    """Refuse targets with which the derivative would not be y - target."""
    for t, row in enumerate(target, 1):
        if not loss.activation or np.isnan(row).any():
            continue
        if (row < 0).any() or (row > 1).any():
            raise InputError(f"step {t}: {loss.name} needs targets between 0 and 1", key="target")
        total = float(row.sum())
        if loss.activation == "softmax" and abs(total - 1) > _NEARLY * len(row):
            raise InputError(
                f"step {t}: a distribution adds up to 1, but this one to {total:g}", key="target"
            )


def _targets(value: Any, outputs: int, labels: Vocabulary | None) -> Array:
    if labels is not None and outputs > 1:
        found = _positions(value, labels, "target")
        if found is not None:
            return _one_hot_or_none(found, outputs)
    steps = _numbers_or_none(value) if isinstance(value, str) else value
    steps = steps if isinstance(steps, list) else [steps]
    if outputs > 1 and not any(isinstance(step, list) for step in steps):
        return _classes(steps, outputs)
    return np.array([_target(step, t, outputs) for t, step in enumerate(steps, 1)])


def _numbers_or_none(text: str) -> Any:
    """Return the numbers of a text, "?" where there is none."""
    strings = listed_in(text)
    if not isinstance(strings, str):
        return strings
    try:
        return parse(text, number_or_none)
    except LiteralError as error:
        found = error_in(text, error)
        raise InputError(found.message, key="target", lines=found.lines) from None


def _one_hot_or_none(positions: list[int], outputs: int) -> Array:
    """Return one-hot rows; a row of NaN for a position beyond the outputs, which is "?"."""
    missing = np.array(positions) >= outputs
    rows = one_hot(
        [0 if none else at for at, none in zip(positions, missing, strict=True)], outputs
    )
    rows[missing] = np.nan
    return rows


def _classes(numbers: list[Any], outputs: int) -> Array:
    """Return one-hot rows for the numbers of classes, counted from 0."""
    rows = np.full((len(numbers), outputs), np.nan)
    for t, number in enumerate(numbers):
        if number == NOT_PRINTED:
            continue
        ids = ids_in([number], outputs, "target")
        rows[t] = one_hot(ids or [0], outputs)
    return rows


def _target(step: Any, t: int, outputs: int) -> list[float]:
    if step in (NOT_PRINTED, [NOT_PRINTED]):
        return [np.nan] * outputs
    row = step if isinstance(step, list) else [step]
    if len(row) != outputs:
        raise InputError(
            f"step {t} has {counted(len(row), 'value')}, but why has {counted(outputs, 'row')}, "
            f"so every target needs {outputs}",
            key="target",
        )
    if row == [NOT_PRINTED] * outputs:
        return [np.nan] * outputs
    shapes.rank_of(row, "target")
    return [float(value) for value in row]
