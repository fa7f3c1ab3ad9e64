"""What a page shows, for whichever renderer: formulas, columns of values, and the working."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rnncalc.errors import counted
from rnncalc.network.activations import SOFTMAX
from rnncalc.network.model import Network
from rnncalc.network.problem import Problem
from rnncalc.numerals.rounding import fixed, short
from rnncalc.writing.formulas import formulas, functions, outputs
from rnncalc.writing.plot import plot_lines, scale_of
from rnncalc.writing.request import Request
from rnncalc.writing.steps import Excerpt, Step
from rnncalc.writing.working import Lines, as_given, worked


@dataclass(frozen=True)
class Entry:
    """One step's entry in a column.

    Attributes:
        lines: one for each component, aligned on the point; or lines of working.
        states: the components of a state, to be shaded by their size; else none.
        largest: the component that a softmax decides for, or None.
    """

    lines: list[str]
    states: Sequence[float] = ()
    largest: int | None = None


@dataclass(frozen=True)
class Column:
    """A column of the table, with an entry for each step shown."""

    title: str
    entries: list[Entry]


@dataclass(frozen=True)
class WorkedStep:
    """The working of a step with vectors."""

    title: str
    lines: list[str]


@dataclass(frozen=True)
class Page:
    """A page.

    Attributes:
        heading: the formulas, the start, and a remark about the arithmetic.
        columns: the table; none where there are vectors and their working.
        worked: the working step by step; if there are columns as well, they have it too.
        gap: the index of the step before which some are left out.
        left_out: how many.
        plot: lines that draw the states over time.
        scale: the size of a state that counts as large.
    """

    heading: list[str]
    columns: list[Column]
    worked: list[WorkedStep]
    gap: int
    left_out: int
    plot: list[str]
    scale: float


def rows_of(columns: list[Column]) -> list[tuple[Entry, ...]]:
    """Return the entries of some columns, one row per step."""
    return [*zip(*(column.entries for column in columns), strict=True)]


def page(problem: Problem, request: Request, shown: Excerpt) -> Page:
    """Return the page for the steps shown of a problem."""
    network = problem.network
    lines = [worked(network, step, request) for step in shown.steps] if request.work else []
    in_table = not lines or all(size == 1 for size in network.sizes.values())
    low, high = scale_of(network, shown)
    return Page(
        heading=[*formulas(network.equations), *_remarks(problem, request)],
        columns=_columns(network, request, shown.steps, lines) if in_table else [],
        worked=_by_step(request, shown.steps, lines) if lines else [],
        gap=len(shown.first),
        left_out=shown.left_out,
        plot=plot_lines(network.states, shown, low, high, plain=request.plain)
        if request.plot
        else [],
        scale=max(-low, high),
    )


def _remarks(problem: Problem, request: Request) -> list[str]:
    lines = [
        f"{name}_0 = {_listed(row.tolist(), request) if row.any() else '0'}"
        for name, row in problem.start.items()
    ]
    decimals = counted(request.decimals, "decimal")
    if request.by_hand:
        lines.append(f"by hand: a, h, o and y rounded to {decimals} as written")
    elif request.work:
        lines.append(f"calculated in full, shown with {decimals}")
    return lines


def _listed(values: list[float], request: Request) -> str:
    texts = [as_given(value, request).signed for value in values]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def _by_step(request: Request, steps: list[Step], lines: list[Lines]) -> list[WorkedStep]:
    worked_steps = []
    for step, of in zip(steps, lines, strict=True):
        # the line of a single component has no name yet
        named = ([f"{name} = {rows[0]}"] if len(rows) == 1 else rows for name, rows in of.items())
        title = f"t = {step.t}   x = {_listed(step.values['x'], request)}"
        worked_steps.append(WorkedStep(title, [line for rows in named for line in rows]))
    return worked_steps


def _columns(
    network: Network, request: Request, steps: list[Step], lines: list[Lines]
) -> list[Column]:
    columns = [Column("t", [Entry([str(step.t)]) for step in steps])]
    for name in request.only or _usual(network, lines):
        values = [step.values[name] for step in steps]
        if lines and name in lines[0]:
            texts = [of[name] for of in lines]
        else:
            texts = _aligned(values, short if name == "x" else fixed, request.decimals)
        columns.append(Column(f"{name}_t", _entries(network, name, texts, values)))
    return columns


def _usual(network: Network, lines: list[Lines]) -> list[str]:
    """Return the quantities that have a column: the sum inside an output only if it is worked."""
    inside = {of.name for _, of in outputs(network.equations)}
    return [name for name in network.sizes if name not in inside or (lines and name in lines[0])]


def _entries(
    network: Network, name: str, texts: list[list[str]], values: list[list[float]]
) -> list[Entry]:
    pairs = zip(texts, values, strict=True)
    if name in network.states:
        return [Entry(text, of) for text, of in pairs]
    if functions(network.equations).get(name) is SOFTMAX:
        return [Entry(text, largest=of.index(max(of))) for text, of in pairs]
    return [Entry(text) for text in texts]


def _aligned(
    values: list[list[float]], show: Callable[[float, int], str], decimals: int
) -> list[list[str]]:
    """Return the values of a quantity, all of one width and aligned on the point."""
    texts = [[show(value, decimals) for value in row] for row in values]
    places = max(len(_from_point(text)) for row in texts for text in row)
    padded = [[text + " " * (places - len(_from_point(text))) for text in row] for row in texts]
    width = max(len(text) for row in padded for text in row)
    return [[text.rjust(width) for text in row] for row in padded]


def _from_point(text: str) -> str:
    return text[text.index(".") :] if "." in text else ""
