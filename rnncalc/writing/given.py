"""What a network is given, as a page shows it: its weights, its biases and its initial state."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from rnncalc.arrays import Array
from rnncalc.network.equations import Affine, Equation, Rows, ahead
from rnncalc.network.model import Network
from rnncalc.network.naming import label, symbol
from rnncalc.network.problem import Problem
from rnncalc.writing.request import Request
from rnncalc.writing.working import as_given

MOST = 6
"""The rows and columns of a matrix that is shown; of a larger one, its size is."""


@dataclass(frozen=True)
class Given:
    """A weight, a bias or an initial state.

    Attributes:
        symbol: `W_xh`.
        rows: its numbers as texts, a vector as a column; none of them where it is too large.
        size: `128 x 27`, or `128` for a vector.
        group: the layer and direction that it is of, `l0 reverse`; "" in a network of one layer.
    """

    symbol: str
    rows: tuple[tuple[str, ...], ...]
    size: str
    group: str = ""

    @property
    def is_number(self) -> bool:
        """Whether it is a single number, which needs no brackets."""
        return len(self.rows) == len(self.rows[0]) == 1 if self.rows else False


def givens(network: Network, start: Rows, request: Request) -> list[Given]:
    """Return what the equations of a network hold, in their order, and where a run starts.

    A start of zeros is a single 0; in a stack whose starts are all zero, there is none.
    """
    answers = [each for each in network.answers if each not in network.equations]
    found = [each for of in (*network.equations, *answers) for each in _of(of, request)]
    starts = [*_starts(network, start, request)]
    groups = dict.fromkeys(each.group for each in (*found, *starts))
    return [each for group in groups for each in (*found, *starts) if each.group == group]


def starts_at_zero(problem: Problem) -> list[str]:
    """Return the remark that all initial states of a stack are 0, or nothing."""
    zero = not any(row.any() for row in problem.start.values())
    return ["every initial state is 0"] if problem.network.is_stack and zero else []


def in_groups(given: Sequence[Given]) -> dict[str, list[Given]]:
    """Return what is given by the layer and direction that it is of."""
    groups: dict[str, list[Given]] = {}
    for each in given:
        groups.setdefault(each.group, []).append(each)
    return groups


def _of(equation: Equation, request: Request) -> Iterator[Given]:
    """Yield the weights and biases of an equation."""
    if not isinstance(equation, Affine):
        return
    group = label(equation.name)
    for term in equation.terms:
        yield _given(term.key, term.weight, group, request)
    for bias in equation.biases:
        yield _given(bias.key, bias.vector, group, request)


def _given(key: str, array: Array, group: str, request: Request) -> Given:
    name = symbol(key.removesuffix(f"_{group.replace(' ', '_')}") if group else key)
    return _shown(name, array, group, request)


def _shown(name: str, array: Array, group: str, request: Request) -> Given:
    """Return an array (n, m) or (n,) as it is shown."""
    size = " x ".join(map(str, array.shape))
    if max(array.shape) > MOST:
        return Given(name, (), size, group)
    rows = array.tolist() if array.ndim > 1 else [[value] for value in array.tolist()]
    texts = (tuple(as_given(value, request).signed for value in row) for row in rows)
    return Given(name, tuple(texts), size, group)


def _starts(network: Network, start: Rows, request: Request) -> Iterator[Given]:
    if network.is_stack and not any(row.any() for row in start.values()):
        return
    backward = ahead(network.equations)
    for name, row in start.items():
        step = "{T+1}" if name in backward else "0"
        values = row if row.any() else np.zeros(1)
        yield _shown(f"{name[0]}_{step}", values, label(name), request)
