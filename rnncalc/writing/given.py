"""What a network is given, as a page shows it: its weights, its biases and its initial state."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from rnncalc.arrays import Array
from rnncalc.network.equations import Affine, Equation, ahead
from rnncalc.network.naming import label, symbol
from rnncalc.network.problem import Problem
from rnncalc.writing.request import Request
from rnncalc.writing.working import as_given

_MOST = 6  # rows and columns of a matrix that is shown; of a larger one, its size is


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


def givens(problem: Problem, request: Request) -> list[Given]:
    """Return what the equations of a network hold, in their order, and where a run starts.

    A start of zeros is a single 0; in a stack whose starts are all zero, there is none.
    """
    network = problem.network
    answers = [each for each in network.answers if each not in network.equations]
    found = [each for of in (*network.equations, *answers) for each in _of(of, request)]
    if not starts_at_zero(problem):
        found += _starts(problem, request)
    groups = dict.fromkeys(each.group for each in found)
    return [each for group in groups for each in found if each.group == group]


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


def lines_of(
    given: Sequence[Given], origin: str, equation: Callable[[Given], str], between: str, source: str
) -> Iterator[str]:
    """Yield a line for each layer and direction: its equations, and where its weights come from.

    Args:
        given: the weights and the states.
        origin: the file, which is named where only sizes are shown.
        equation: returns one of them as text.
        between: what is between two.
        source: what names the file.
    """
    for group, some in in_groups(given).items():
        text = between.join(map(equation, some))
        if origin and not all(each.rows for each in some):
            text += source
        yield f"{group}: {text}" if group else text


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
    return _as_given(name, array, group, request)


def _as_given(name: str, array: Array, group: str, request: Request) -> Given:
    return shown_array(name, array, lambda value: as_given(value, request).signed, group)


def shown_array(name: str, array: Array, text: Callable[[float], str], group: str = "") -> Given:
    """Return an array (n, m) or (n,) as it is shown, each of its numbers as a text."""
    size = " x ".join(map(str, array.shape))
    rows = [] if max(array.shape) > _MOST else array.reshape(len(array), -1).tolist()
    return Given(name, tuple(tuple(map(text, row)) for row in rows), size, group)


def _starts(problem: Problem, request: Request) -> Iterator[Given]:
    backward = ahead(problem.network.equations)
    for name, row in problem.start.items():
        step = "{T+1}" if name in backward else "0"
        values = row if row.any() else np.zeros(1)
        yield _as_given(f"{name[0]}_{step}", values, label(name), request)
