"""A problem as TOML that runs again to the same values."""

from collections.abc import Iterator

import numpy as np

from rnncalc.arrays import Array
from rnncalc.network.equations import Affine
from rnncalc.network.problem import Problem


def toml_text(problem: Problem) -> str:
    """Return every part of the problem as a key of a TOML file, with every digit."""
    network = problem.network
    lines = [line for each in network.equations if isinstance(each, Affine) for line in _keys(each)]
    lines += [f"{name}0 = {_list(row)}" for name, row in problem.start.items()]
    lines.append(
        "# x comes from standard input" if problem.x is None else f"x = {_matrix(problem.x)}"
    )
    lines.append(f'activation = "{network.layers[-1].activation.name}"')
    if network.readout:
        lines.append(f'output_activation = "{network.readout.activation.name}"')
    return "\n".join(lines) + "\n"


def _keys(equation: Affine) -> Iterator[str]:
    """Yield the weights and biases of a sum; a bias that was not given is 0."""
    yield from (f"{term.key} = {_matrix(term.weight)}" for term in equation.terms)
    yield from (f"{bias.key} = {_list(bias.vector)}" for bias in equation.biases)
    if not equation.biases:  # wxh and whh lead to h, and so would bh
        yield f"b{equation.terms[0].key[2:]} = {_list(np.zeros(equation.size))}"


def _list(vector: Array) -> str:
    return repr(vector.tolist())


def _matrix(rows: Array) -> str:
    """Return one line per row, so that it reads as a matrix; a single row or column is one line."""
    if rows.shape[1] == 1 or len(rows) == 1:
        return repr(rows.tolist())
    return "[\n" + "".join(f"    {_list(row)},\n" for row in rows) + "]"
