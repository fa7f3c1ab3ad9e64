"""Settings -> a Problem: what must be there, and what is assumed if it is not."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from rnncalc.arrays import Array
from rnncalc.errors import InputError
from rnncalc.network.model import Network
from rnncalc.network.problem import Problem
from rnncalc.reading import commas, literals, shapes
from rnncalc.reading.flags import flag
from rnncalc.reading.layers import cell_of, dense_of, is_final, layers_of, readout_of
from rnncalc.reading.settings import (
    BEFORE,
    CELL,
    DENSE,
    LAYERS,
    STREAM,
    TABLES,
    WEIGHTS,
    WORDS,
    Setting,
)
from rnncalc.reading.texts import name_of

_VECTORS = ("bh", "bxh", "bhh", "by", "h0")
_WEIGHTS = (*TABLES, "wxh", "whh", "bh", "bxh", "bhh", "why", "by")
_NAMES = {"vocabulary", "embedding", "labels", "target", "loss", "stop"}
_NEEDED = {"wxh": "0.5", "whh": "0.3", "x": "1 2 3"}


def problem_of(settings: Mapping[str, Setting], *, with_x: bool = True) -> Problem:
    """Return the problem that the settings describe.

    Args:
        settings: of a file and of flags.
        with_x: whether there must be inputs.

    Raises:
        InputError: a value is missing, is not what its key needs, or does not fit another.
    """
    _refuse_missing(settings, with_x=with_x)
    try:
        return _problem(settings)
    except InputError as error:
        place = settings[error.key].place if error.key in settings else ""
        hint = "" if error.key in WORDS else _comma_hint(settings)
        hinted = InputError(error.message + hint, key=error.key, lines=error.lines)
        raise (hinted.at(place) if place else hinted) from None


def _comma_hint(settings: Mapping[str, Setting]) -> str:
    """Return what to type for a number such as 0,5, if everything would fit then."""
    one_number = {
        key: replace(setting, value=commas.joined(setting.value))
        for key, setting in settings.items()
        if setting.comma
    }
    for suspects in (*([key] for key in one_number), [*one_number]):
        changed = {key: one_number[key] for key in suspects}
        if changed and _fits({**settings, **changed}):
            return commas.hint(settings[suspects[0]].comma, suspects[0])
    return ""


def _fits(settings: Mapping[str, Setting]) -> bool:
    try:
        _problem(settings)
    except InputError:
        return False
    return True


def _refuse_missing(settings: Mapping[str, Setting], *, with_x: bool) -> None:
    elsewhere = LAYERS in settings or WEIGHTS in settings
    needed = [key for key in _NEEDED if not (elsewhere and key in CELL) and (with_x or key != "x")]
    missing = [key for key in needed if key not in settings]
    if missing:
        example = " ".join(f'{flag(key)} "{_NEEDED[key]}"' for key in missing)
        *others, last = map(flag, missing)
        names = f"{', '.join(others)} and {last} are" if others else f"{last} is"
        raise InputError(
            f"{names} missing; "
            f"type for example {example}, or name a file with -c (rnncalc init prints one)"
        )
    for key in ("by", "output_activation", *(["readout"] if LAYERS not in settings else [])):
        if key in settings and "why" not in settings and WEIGHTS not in settings:
            raise InputError(
                f"{settings[key].place}: is for the output, but without why there is none; "
                'type for example --why "0.4"'
            )


def _problem(settings: Mapping[str, Setting]) -> Problem:
    for key in ("rnn", "head"):
        if key in settings and WEIGHTS not in settings:
            raise InputError("is for a file of weights, but there is no --weights", key=key)
    if WEIGHTS in settings:
        from rnncalc.reading.with_weights import network_with_weights

        network, found = network_with_weights(settings)
        start, embedding, notes = found.start, found.embedding, found.notes
    else:
        network, start, embedding, notes = _network(settings), None, None, ()
    if start is None or "h0" in settings:
        start = _start(settings, network)
    notes = (*notes, *_conversions(settings, network))
    if embedding is None and not _NAMES.intersection(settings):
        x = _inputs(settings["x"], network) if "x" in settings else None
        return Problem(network, start, x, notes, origin=_origin(settings))
    problem = Problem(network, start, None, notes, origin=_origin(settings))
    return _with_names(settings, problem, embedding)


def _origin(settings: Mapping[str, Setting]) -> str:
    """Return the names of the files that the weights come from."""
    found = [name_of(settings[WEIGHTS].value)] if WEIGHTS in settings else []
    for key in _WEIGHTS:
        if key in settings:
            place = settings[key].place
            flag_, _, file = place.partition(": ")
            found.append(file if flag_.startswith("--") else flag_)
    return ", ".join(dict.fromkeys(filter(None, found)))


def _with_names(
    settings: Mapping[str, Setting], problem: Problem, embedding: Array | None
) -> Problem:
    """Return the problem with its x, where inputs or outputs have names, or targets."""
    from rnncalc.reading import spelling

    network, x = problem.network, settings.get("x")
    inputs = spelling.inputs_of(settings, network, embedding)
    spelt = spelling.spelt_in(x, inputs) if x and inputs and not _streams(x) else None
    rows = None
    if inputs and spelt is not None:
        rows = inputs.of(spelt)
    elif x:
        rows = _inputs(spelling.numbers_of(x), network)
    labels, stop = spelling.outputs_of(settings, network, inputs)
    steps = None if rows is None else len(rows)
    target, loss = spelling.target_of(settings, network, labels, steps)
    named = replace(problem, x=rows, inputs=inputs, spelt=spelt, labels=labels, stop=stop)
    return replace(named, target=target, loss=loss)


def _network(settings: Mapping[str, Setting]) -> Network:
    layers = layers_of(settings) if LAYERS in settings else [cell_of(settings)]
    try:
        hidden_size = Network(layers).hidden_size
    except InputError as error:
        raise error.at(settings[LAYERS].place) from None
    before, dense = dense_of(settings, BEFORE), dense_of(settings, DENSE)
    readout = readout_of(settings, dense[-1].output_size if dense else hidden_size)
    if dense and readout is None:
        raise InputError("lies before a readout; give its weights as why", key=DENSE)
    readouts = [*dense, readout] if readout else []
    return Network(layers, readouts, before=before, final=is_final(settings, otherwise=False))


def _conversions(settings: Mapping[str, Setting], network: Network) -> Iterator[str]:
    """Yield a note for each row or column that was read as a vector."""
    for key in _VECTORS:
        if key not in settings or (key == "h0" and network.is_stack):
            continue
        shape = shapes.read_as_vector(settings[key].value)
        if shape:
            yield f"{settings[key].place}: {shape}, read as a vector"


def _start(settings: Mapping[str, Setting], network: Network) -> dict[str, Array]:
    if "h0" not in settings:
        return network.start()
    value = settings["h0"].value
    if not network.is_stack:
        return network.start(shapes.vector(value, "h0"))
    if len(network.states) == 1:  # a single layer that reads backwards
        return network.start([shapes.vector(value, "h0")])
    rows = value if isinstance(value, list) else [value]
    return network.start([shapes.vector(row, "h0") for row in rows])


def _streams(x: Setting) -> bool:
    return isinstance(x.value, str) and x.value == STREAM and x.place == flag("x")


def _inputs(x: Setting, network: Network) -> Array | None:
    """Return the inputs (T, D), or None if they come from standard input."""
    if _streams(x):
        return None
    value = literals.pasted(x.value, x.place)
    return shapes.steps(value, "x", input_size=network.input_size, one_line=x.one_line)
