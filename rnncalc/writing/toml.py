"""A problem as TOML that runs again to the same values."""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from rnncalc.arrays import Array
from rnncalc.errors import counted
from rnncalc.network.cells import Cell, Readout
from rnncalc.network.objective import Objective
from rnncalc.network.problem import Problem
from rnncalc.reading.settings import Setting


def toml_text(problem: Problem, keys: Iterable[str] = ()) -> str:
    """Return every part of the problem as a key of a TOML file, with every digit.

    Args:
        problem: what is run.
        keys: more lines, which come before the tables.
    """
    network, rows = problem.network, [*problem.start.values()]
    lines = [] if network.is_stack else [*_cell(network.cells[0])]
    if network.readout:
        lines += [*_matrix("why", network.readout.W_hy), *_bias("by", network.readout.b_y)]
    if network.is_stack:
        lines += ["h0 = [", *(f"    {row.tolist()!r}," for row in rows), "]"]
    else:
        lines.append(_list("h0", rows[0]))
    lines += [*_names(problem), *_inputs(problem)]
    if not network.is_stack:
        lines.append(f'activation = "{network.cells[0].activation.name}"')
    if network.readout:
        lines.append(f'output_activation = "{network.readout.activation.name}"')
    if network.final:
        lines.append('readout = "final"')
    lines += keys
    lines += _dense("dense_before", network.before)
    lines += _dense("dense", network.readouts[:-1])
    if network.is_stack:
        lines += _layers(problem)
    return "\n".join(lines) + "\n"


def exercise_text(
    problem: Problem,
    sizes: Mapping[str, int],
    decimals: int,
    steps: range,
    keys: Iterable[str] = (),
    tables: Mapping[str, Mapping[str, Array]] | None = None,
) -> str:
    """Return the problem as TOML with places for some of its quantities, which `check` marks.

    Args:
        problem: what is run.
        sizes: the quantities, and their numbers of components.
        decimals: of the values.
        steps: those that are asked for, from 0.
        keys: more lines of the problem.
        tables: more places below `[expect]`, by the name of their table and their own.
    """
    assert problem.x is not None
    few = "" if len(steps) == len(problem.x) else f" --steps {_selection(steps)}"
    written = counted(decimals, "decimal")
    lines = [
        toml_text(problem, keys),
        f'# Fill in each value with {written}; what remains "?" is not checked.',
        f"# Then: rnncalc check{few}, and the name of this file.",
        "[expect]",
        *(_places(name, len(steps), size) for name, size in sizes.items()),
    ]
    for table, arrays in (tables or {}).items():
        lines += [f"[expect.{table}]", *(_place(key, of) for key, of in arrays.items())]
    return "\n".join(lines) + "\n"


def settings_lines(settings: Mapping[str, Setting]) -> Iterator[str]:
    """Yield what only `grad` and `check` use, as it was given."""
    from json import dumps

    for key in ("reduction", "dy", "dh_output", "learning_rate"):
        if key in settings:
            yield f"{key} = {dumps(settings[key].value)}"


def _selection(steps: range) -> str:
    """Return steps as `--steps` has them."""
    first, last = steps[0] + 1, steps[-1] + 1
    return str(first) if first == last else f"{first}:{last}"


def objective_lines(objective: Objective, rate: float | None) -> Iterator[str]:
    """Yield what `grad` differentiates, beside the targets and the loss."""
    if objective.loss:
        yield f'reduction = "{objective.reduction}"'
    else:
        for name, rows in objective.given.items():
            yield from _matrix("dh_output" if name == "dh" else name, rows)
    if rate is not None:
        yield f"learning_rate = {rate!r}"


def _place(key: str, of: Array) -> str:
    """Return the place of an array (n,) or (n, m)."""
    if of.ndim == 1:
        return f"{key} = {_strings('?' * len(of))}"
    return f"{key} = [{', '.join(_strings('?' * len(row)) for row in of)}]"


def _places(name: str, steps: int, size: int) -> str:
    if size == 1:
        return f"{name} = {_strings('?' * steps)}"
    row = f"    {_strings('?' * size)},\n"
    return f"{name} = [\n{row * steps}]"


def _names(problem: Problem) -> Iterator[str]:
    """Yield what stands for symbols, the names of the outputs, and the symbol that stops a text."""
    inputs, labels = problem.inputs, problem.labels
    if inputs and inputs.vocabulary:
        yield f"vocabulary = {_strings(inputs.vocabulary.symbols)}"
    if inputs and inputs.embedding is not None:
        yield from _matrix("embedding", inputs.embedding)
    if labels and not (inputs and inputs.vocabulary and inputs.vocabulary == labels):
        yield f"labels = {_strings(labels.symbols)}"
    if labels and problem.stop is not None:
        yield f"stop = {_string(labels.symbols[problem.stop])}"


def _inputs(problem: Problem) -> Iterator[str]:
    """Yield x, as symbols or ids where it was given so, the targets and the loss."""
    inputs = problem.inputs
    if problem.x is None:
        yield "# x comes from standard input"
    elif inputs is None or problem.spelt is None:
        yield from _matrix("x", problem.x)
    elif inputs.vocabulary:
        yield f"x = {_strings(map(inputs.name, problem.spelt))}"
    else:
        yield f"x = {[*problem.spelt]!r}"
    if problem.target is not None and problem.loss:
        rows = ('"?"' if np.isnan(row).any() else repr(row.tolist()) for row in problem.target)
        yield f"target = [{', '.join(rows)}]"
        yield f'loss = "{problem.loss.name}"'


def _strings(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_string, texts))}]"


def _string(text: str) -> str:
    """Return a TOML string; what JSON escapes, TOML escapes in the same way."""
    from json import dumps

    return dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _dense(key: str, layers: Iterable[Readout]) -> Iterator[str]:
    for layer in layers:
        yield from ("", f"[[{key}]]", f'name = "{layer.name}"', *_matrix("why", layer.W_hy))
        yield from (*_bias("by", layer.b_y), f'activation = "{layer.activation.name}"')


def _layers(problem: Problem) -> Iterator[str]:
    for layer in problem.network.layers:
        yield from ("", "[[layers]]")
        if layer.merge != "concat":
            yield f'merge = "{layer.merge}"'
        if layer.forward:
            yield from _cell(layer.forward)
            yield f'activation = "{layer.forward.activation.name}"'
        if layer.reverse:
            yield from ("", "[layers.reverse]", *_cell(layer.reverse))
            yield f'activation = "{layer.reverse.activation.name}"'


def _cell(cell: Cell) -> Iterator[str]:
    """Yield the weights and biases of a cell."""
    yield from _matrix("wxh", cell.W_xh)
    yield from _matrix("whh", cell.W_hh)
    for bias in cell.biases():
        yield _list(bias.key, bias.vector)


def _bias(key: str, vector: Array | None) -> list[str]:
    return [] if vector is None else [_list(key, vector)]


def _list(key: str, vector: Array) -> str:
    return f"{key} = {vector.tolist()!r}"


def _matrix(key: str, rows: Array) -> list[str]:
    """Return one line per row, so that it reads as a matrix; a single row or column is one line."""
    if rows.shape[1] == 1 or len(rows) == 1:
        return [f"{key} = {rows.tolist()!r}"]
    return [f"{key} = [", *(f"    {row.tolist()!r}," for row in rows), "]"]
