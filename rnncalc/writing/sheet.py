"""What a web page shows: the network, charts, a table of values, and each step typeset."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from rnncalc.errors import counted
from rnncalc.network.cells import Cell
from rnncalc.network.equations import Rows
from rnncalc.network.model import Network
from rnncalc.network.naming import people
from rnncalc.network.notes import Ending
from rnncalc.network.problem import Problem
from rnncalc.network.symbols import shown_symbol
from rnncalc.network.trace import LOSS, SYMBOL, Trace
from rnncalc.writing.chart import Chart, lines_over
from rnncalc.writing.columns import Column, column_of, columns_of
from rnncalc.writing.given import Given
from rnncalc.writing.named import below, mark, spelt_input, target_of
from rnncalc.writing.page import Page, calculated, fitted, heading, names_shown
from rnncalc.writing.request import Request
from rnncalc.writing.scale import scale_of, size_of_state
from rnncalc.writing.steps import MOST, Excerpt, Step, every_step, excerpt
from rnncalc.writing.worked import Worked, worked_run, worked_step
from rnncalc.writing.working import Lines

_MOST_STEPS, _MOST_VALUES = 200, 40_000  # of a page; of a longer run the first and last steps
_TOGETHER = 8  # lines that one chart can hold


@dataclass(frozen=True)
class Sheet:
    """A web page.

    Attributes:
        title: what it is about, in a line.
        about: the sizes of the network.
        request: how values are shown.
        page: what other renderers show too: formulas, weights, and what is known at the end.
        tables: the values of the steps, then those of an answer at the end.
        charts: the states.
        drawn: the title of the charts.
        worked: the steps.
        sums: matrices that are known at the end, each list of them with a title.
        states: the quantities that are shaded.
    """

    title: str
    about: str
    request: Request
    page: Page
    tables: Sequence[tuple[Sequence[str], Sequence[Column]]]
    charts: Sequence[Chart] = ()
    drawn: str = "States over time"
    worked: Sequence[Worked] = ()
    sums: Sequence[tuple[str, Sequence[Given]]] = ()
    states: frozenset[str] = frozenset()


def shown_of(network: Network, request: Request, traces: Iterable[Trace]) -> Excerpt:
    """Return the steps of a page: all of them, unless they are very many."""
    if request.whole:
        return next(every_step(traces, None))
    return excerpt(traces, most_steps(network.sizes))


def most_steps(sizes: Mapping[str, int]) -> int:
    """Return how many steps a page shows of quantities of such sizes."""
    return max(MOST, min(_MOST_STEPS, _MOST_VALUES // sum(sizes.values())))


def sheet_of(problem: Problem, request: Request, shown: Excerpt, end: Ending) -> Sheet:
    """Return the page of a run.

    Args:
        problem: what was run.
        request: how it is shown.
        shown: the steps.
        end: what is known of the whole run.
    """
    network, steps = problem.network, shown.steps
    request = replace(request, work=True, whole=True)
    request = fitted(request, shown, calculated(network))
    found = [_worked(problem, request, step) for step in steps]
    numbers = [f"{step.t}{mark(step, request)}".strip() for step in steps]
    tables = [(numbers, columns_of_run(problem, request, steps, found[0].lines))]
    if end.answer:
        found.append(answered(problem, request, end.answer))
        tables.append((["end"], columns_of_answer(problem, request, found[-1])))
    page = replace(
        heading(problem, request),
        gap=len(shown.first),
        left_out=shown.left_out,
        below=below(problem, request, end),
        scale=size_of_state(network, shown),
    )
    return Sheet(
        f"{_title_of(network)} over {counted(len(steps) + shown.left_out, 'step')}",
        about(network),
        request,
        page,
        tables,
        charts=[] if request.hidden else charts_of(network, shown),
        worked=found,
        states=frozenset() if request.hidden else _shaded(network),
    )


def _shaded(network: Network) -> frozenset[str]:
    """Return the quantities that are shaded: the states, and what a final readout reads of them."""
    return frozenset([*network.states, *(["h"] if network.final else [])])


def _title_of(network: Network) -> str:
    """Return what a page is about, in a few words."""
    if len(network.layers) > 1:
        return f"Recurrent network of {len(network.layers)} layers"
    return "Recurrent network"


def about(network: Network) -> str:
    """Return `2 inputs → 3 hidden units, tanh → 1 output, linear`."""
    parts = [counted(network.input_size, "input")]
    for number, layer in enumerate(network.layers):
        named = f"l{number}: " if network.is_stack else ""
        cells = [_cell(way, cell) for way, _, cell in layer.directions()]
        parts.append(named + " and ".join(cells))
    if network.readout:
        function = network.readout.activation.name
        when = ", once at the end" if network.final else ""
        parts.append(f"{counted(network.output_size, 'output')}, {function}{when}")
    return " → ".join(parts)


def _cell(way: str, cell: Cell) -> str:
    backwards = " backwards" if way else ""
    return f"{counted(cell.hidden_size, 'hidden unit')}, {cell.activation.name}{backwards}"


def _worked(problem: Problem, request: Request, step: Step) -> Worked:
    given = spelt_input(problem, request, step)
    if not given and SYMBOL in step.notes and problem.inputs:
        given = shown_symbol(problem.inputs.name(int(step.notes[SYMBOL])))
    found = worked_run(problem, request, step)
    target = target_of(problem, request, step) if LOSS in found.lines else []
    return replace(found, given=[*([f"x = {given}"] if given else []), *target])


def answered(problem: Problem, request: Request, answer: Rows) -> Worked:
    """Return the answer of a final readout, worked."""
    step = Step(0, {name: row.tolist() for name, row in answer.items()}, {})
    return worked_step(request, step, problem.network.answers)


def columns_of_run(
    problem: Problem, request: Request, steps: list[Step], lines: Lines
) -> list[Column]:
    """Return the columns of a run; with working, the sum inside an output has one too."""
    names = names_shown(problem, request, [lines])
    return columns_of(problem, request, steps, names, _shaded(problem.network))


def columns_of_answer(problem: Problem, request: Request, answer: Worked) -> list[Column]:
    """Return the columns of the answer of a final readout."""
    values, shaded = answer.step.values, _shaded(problem.network)
    found = (
        column_of(problem, request, name, [row], shaded)
        for name, row in values.items()
        if request.shows(name) and (name == "h" or name in answer.lines)
    )
    return [replace(column, title=people(column.key)) for column in found]


def charts_of(network: Network, shown: Excerpt) -> list[Chart]:
    """Return a chart of each state, or one of all if there are few components."""
    return charts(network.states, shown, *scale_of(network, shown))


def charts(names: Sequence[str], shown: Excerpt, low: float, high: float) -> list[Chart]:
    """Return a chart of each quantity, or one of all if there are few components.

    Args:
        names: of the quantities.
        shown: the steps.
        low: the smallest value that is possible or seen.
        high: the largest.
    """
    steps = sorted(shown.steps, key=lambda step: step.t)
    if len(steps) < 2:
        return []
    lines = {name: lines_over(name, steps) for name in names}
    numbers = [step.t for step in steps]
    gap = len(shown.first) if shown.left_out else 0
    if sum(map(len, lines.values())) <= _TOGETHER:
        every = [line for some in lines.values() for line in some]
        return [Chart(_over_time(*names), numbers, gap, every, low, high)]
    return [Chart(_over_time(name), numbers, gap, of, low, high) for name, of in lines.items()]


def _over_time(*names: str) -> str:
    return f"{' and '.join(map(people, names))} over time"
