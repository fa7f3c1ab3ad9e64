"""What a page shows, for whichever renderer: formulas, columns of figures, and the working."""

import re
from dataclasses import dataclass, replace

from rnncalc.errors import counted
from rnncalc.network.model import Network
from rnncalc.network.problem import Problem
from rnncalc.numerals.rounding import fixed, short
from rnncalc.writing.plot import plot_lines, scale_of
from rnncalc.writing.steps import Excerpt, Step
from rnncalc.writing.working import Lines, Paper, worked


@dataclass(frozen=True)
class Wanted:
    """What a person asked to see.

    Attributes:
        paper: how numbers are written.
        only: the quantities to show, or None for x, a, h and y.
        work: whether the substitutions are shown.
        plot: whether the states are drawn over time.
        plain: whether only ASCII can be shown.
    """

    paper: Paper
    only: tuple[str, ...] | None = None
    work: bool = False
    plot: bool = False
    plain: bool = False


@dataclass(frozen=True)
class Cell:
    """A cell of the table.

    Attributes:
        quantity: its name: `h`.
        lines: one for each component, aligned on the point; or one of working.
        values: the components.
        largest: the component that a softmax decides for, or None.
    """

    quantity: str
    lines: list[str]
    values: list[float]
    largest: int | None = None


@dataclass(frozen=True)
class Column:
    """A column of the table, with a cell for each step shown."""

    title: str
    cells: list[Cell]


@dataclass(frozen=True)
class WorkedStep:
    """The working of a step with vectors: its title, and lines by quantity."""

    title: str
    lines: Lines


@dataclass(frozen=True)
class Page:
    """A page.

    Attributes:
        heading: the formulas, the start, and what there is to say about the arithmetic.
        columns: the table; none where there are vectors and their working.
        worked: the working step by step; where there are columns as well, they have it too.
        gap: before which step some are left out.
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


def page(problem: Problem, shown: Excerpt, wanted: Wanted) -> Page:
    """Return the page for the steps shown of a problem."""
    network = problem.network
    lines = [worked_lines(problem, step, wanted) for step in shown.steps] if wanted.work else []
    in_table = not lines or network.input_size == network.hidden_size == 1 >= network.output_size
    low, high = scale_of(shown, network.cell.activation.name)
    return Page(
        heading=[*formulas(network, problem.given), *_remarks(problem, wanted)],
        columns=_columns(network, shown.steps, lines, wanted) if in_table else [],
        worked=_by_step(shown.steps, lines, wanted) if lines else [],
        gap=len(shown.first),
        left_out=shown.left_out,
        plot=plot_lines(shown, low, high, plain=wanted.plain) if wanted.plot else [],
        scale=max(-low, high),
    )


def formulas(network: Network, given_keys: frozenset[str]) -> list[str]:
    """Return the equations of the network, with the functions it really uses."""
    f = network.cell.activation.name
    bias = " + b_h" if "bh" in given_keys else ""
    lines = [f"a_t = W_xh x_t + W_hh h_{{t-1}}{bias}"]
    lines.append("h_t = a_t  (linear)" if f == "linear" else f"h_t = {f}(a_t)")
    if network.readout:
        g = network.readout.activation.name
        inner = "W_hy h_t" + (" + b_y" if "by" in given_keys else "")
        lines.append(f"y_t = {inner}  (linear)" if g == "linear" else f"y_t = {g}({inner})")
    return lines


def _remarks(problem: Problem, wanted: Wanted) -> list[str]:
    h0 = problem.h0.tolist()
    lines = [f"h_0 = {_listed(h0, wanted.paper) if any(h0) else '0'}"]
    if wanted.paper.by_hand:
        lines.append(f"by hand: a, h, o and y rounded to {_decimals(wanted.paper)} as written")
    elif wanted.work:
        lines.append(f"calculated in full, shown with {_decimals(wanted.paper)}")
    return lines


def _decimals(paper: Paper) -> str:
    return counted(paper.decimals, "decimal")


def _listed(values: list[float], paper: Paper) -> str:
    texts = [paper.given(value).signed for value in values]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def worked_lines(problem: Problem, step: Step, wanted: Wanted) -> Lines:
    """Return the working of a step, of the quantities that are wanted."""
    lines = worked(problem.network, problem.given, step, wanted.paper)
    if wanted.only and "o" in wanted.only and "o" not in lines and "y" in lines:
        lines = {"o": [re.sub(r"^y(?=\[)", "o", line) for line in lines["y"]], **lines}
    return {name: of for name, of in lines.items() if not wanted.only or name in wanted.only}


def _by_step(steps: list[Step], lines: list[Lines], wanted: Wanted) -> list[WorkedStep]:
    paper = wanted.paper
    titles = [f"t = {step.t}   x = {_listed(step.values['x'], paper)}" for step in steps]
    return [
        WorkedStep(title, {name: _named(name, rows) for name, rows in of.items()})
        for title, of in zip(titles, lines, strict=True)
    ]


def _named(name: str, lines: list[str]) -> list[str]:
    """Return the lines of a quantity; the line of a single component gets its name as well."""
    return [f"{name} = {lines[0]}"] if len(lines) == 1 else lines


def _columns(
    network: Network, steps: list[Step], lines: list[Lines], wanted: Wanted
) -> list[Column]:
    readout = network.readout
    names = ["x", "a", "h", "y"] if readout else ["x", "a", "h"]
    if readout and lines and readout.activation.name != "linear":
        names.insert(3, "o")
    columns = [Column("t", [Cell("t", [str(step.t)], []) for step in steps])]
    for name in wanted.only or names:
        if lines and name in lines[0]:
            values = [step.values[name] for step in steps]
            cells = [Cell(name, of[name], v) for of, v in zip(lines, values, strict=True)]
        else:
            cells = _cells(steps, name, wanted.paper)
        if name == "y" and readout and readout.activation.name == "softmax":
            cells = [replace(c, largest=c.values.index(max(c.values))) for c in cells]
        columns.append(Column(f"{name}_t", cells))
    return columns


def _cells(steps: list[Step], name: str, paper: Paper) -> list[Cell]:
    """Return the figures of a quantity, all of one width and aligned on the point."""
    show = short if name == "x" else fixed
    texts = [[show(value, paper.decimals) for value in step.values[name]] for step in steps]
    places = max(len(_from_point(text)) for cell in texts for text in cell)
    padded = [[text + " " * (places - len(_from_point(text))) for text in cell] for cell in texts]
    width = max(len(text) for cell in padded for text in cell)
    return [
        Cell(name, [text.rjust(width) for text in cell], step.values[name])
        for cell, step in zip(padded, steps, strict=True)
    ]


def _from_point(text: str) -> str:
    return text[text.index(".") :] if "." in text else ""
