"""What a web page shows: the network, charts, a table of values, and each step typeset."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from rnncalc.errors import counted
from rnncalc.network.cells import Cell
from rnncalc.network.equations import Equation
from rnncalc.network.model import Network
from rnncalc.network.naming import component, people
from rnncalc.network.notes import Ending
from rnncalc.network.problem import Problem
from rnncalc.network.trace import LOSS, SYMBOL, Trace
from rnncalc.writing.chart import Chart, Line
from rnncalc.writing.columns import Column, column_of, columns_of
from rnncalc.writing.formulas import formulas
from rnncalc.writing.given import Given, givens, starts_at_zero
from rnncalc.writing.losses import loss_lines, with_loss
from rnncalc.writing.named import below, mark, remarks, spelt_input, target_of
from rnncalc.writing.notes import shown_symbol
from rnncalc.writing.page import calculated, conditions, finer, usual
from rnncalc.writing.plot import scale_of
from rnncalc.writing.request import Request
from rnncalc.writing.steps import MOST, Excerpt, Step, every_step, excerpt
from rnncalc.writing.working import Lines, equations_of, worked

_MOST_STEPS, _MOST_VALUES = 200, 40_000  # of a page; of a longer run the first and last steps
_TOGETHER = 8  # lines that one chart can hold


@dataclass(frozen=True)
class Worked:
    """A step that is typeset.

    Attributes:
        key: t, or `end`.
        title: `t = 3`.
        given: the input, if that is not among the numbers: a symbol.
        step: its values.
        equations: those that are worked, by the quantity that each gives.
        lines: the working.
    """

    key: str
    title: str
    given: str
    step: Step
    equations: Mapping[str, Equation]
    lines: Lines


@dataclass(frozen=True)
class Sheet:
    """A web page.

    Attributes:
        title: what it is about, in a line.
        about: the sizes of the network.
        request: how values are shown.
        heading: formulas and remarks.
        given: the weights and where a run starts.
        origin: the file that they come from, or "".
        tables: the values of the steps, then those of an answer at the end.
        charts: the states.
        worked: the steps.
        gap: the index of the step before which some are omitted.
        left_out: how many.
        below: what is known at the end.
        sums: matrices that are known at the end, each list of them with a title.
        drawn: the title of the charts.
        states: the quantities that are shaded.
        scale: the size of a state that counts as large.
    """

    title: str
    about: str
    request: Request
    heading: Sequence[str]
    given: Sequence[Given]
    origin: str
    tables: Sequence[tuple[Sequence[str], Sequence[Column]]]
    charts: Sequence[Chart] = ()
    worked: Sequence[Worked] = ()
    gap: int = 0
    left_out: int = 0
    below: Sequence[str] = ()
    sums: Sequence[tuple[str, Sequence[Given]]] = ()
    drawn: str = "States over time"
    states: frozenset[str] = frozenset()
    scale: float = 1.0


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
    hidden = calculated(network) if request.blank else request.hidden
    request = replace(request, work=True, whole=True, hidden=hidden)
    request = replace(request, finer=finer(shown, request))
    found = [_worked(problem, request, step) for step in steps]
    numbers = [f"{step.t}{mark(step, request)}".strip() for step in steps]
    tables = [(numbers, columns_of_run(problem, request, steps, found[0].lines))]
    if end.answer:
        found.append(_answer(network, request, end))
        tables.append((["end"], _answer_columns(problem, request, found[-1])))
    said = [*starts_at_zero(problem), *conditions(problem, request), *remarks(problem, request)]
    return Sheet(
        f"{title_of(network)} over {counted(len(steps) + shown.left_out, 'step')}",
        about(network),
        request,
        [*formulas(network), *said],
        givens(network, problem.start, request),
        problem.origin,
        tables,
        charts=[] if hidden else charts_of(network, shown),
        worked=found,
        gap=len(shown.first),
        left_out=shown.left_out,
        below=below(problem, request, end),
        states=frozenset() if hidden else _shaded(network),
        scale=size_of_state(network, shown),
    )


def _shaded(network: Network) -> frozenset[str]:
    """Return the quantities that are shaded: the states, and what a final readout reads of them."""
    return frozenset([*network.states, *(["h"] if network.final else [])])


def title_of(network: Network) -> str:
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
    network = problem.network
    lines = worked(network, step, request)
    given = spelt_input(problem, request, step)
    if not given and SYMBOL in step.notes and problem.inputs:
        given = shown_symbol(problem.inputs.name(int(step.notes[SYMBOL])))
    given = f"x = {given}" if given else ""
    by_name = {
        name: of for name, of in equations_of(network.equations, request).items() if name in lines
    }
    if loss := loss_lines(problem, request, step):
        step, (equation,) = with_loss(problem, request, step)
        given = ", ".join(filter(None, [given, target_of(problem, request, step).strip()]))
        lines, by_name = {**lines, LOSS: loss}, {**by_name, LOSS: equation}
    return Worked(str(step.t), f"t = {step.t}", given, step, by_name, lines)


def _answer(network: Network, request: Request, end: Ending) -> Worked:
    """Return the answer of a final readout, worked."""
    step = Step(0, {name: row.tolist() for name, row in end.answer.items()}, {})
    lines = worked(network, step, request, network.answers)
    equations = equations_of(network.answers, request)
    by_name = {name: of for name, of in equations.items() if name in lines}
    return Worked("end", "At the end", "", step, by_name, lines)


def columns_of_run(
    problem: Problem, request: Request, steps: list[Step], lines: Lines
) -> list[Column]:
    """Return the columns of a run; with working, the sum inside an output has one too."""
    network = problem.network
    asked = request.only or usual(problem, [lines])
    names = [name for name in asked if name in network.sizes]  # a final y is below
    return columns_of(problem, request, steps, names, _shaded(network))


def answer_columns(problem: Problem, request: Request, end: Ending) -> list[Column]:
    """Return the columns of the answer of a final readout."""
    return _answer_columns(problem, request, _answer(problem.network, request, end))


def _answer_columns(problem: Problem, request: Request, answer: Worked) -> list[Column]:
    values, shaded = answer.step.values, _shaded(problem.network)
    found = (
        column_of(problem, request, name, [row], shaded)
        for name, row in values.items()
        if request.shows(name) and (name == "h" or name in answer.lines)
    )
    return [replace(column, title=people(column.key)) for column in found]


def size_of_state(network: Network, shown: Excerpt) -> float:
    """Return the size of a state that counts as large."""
    low, high = scale_of(network, shown)
    return max(-low, high)


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
    lines = {name: _lines(name, [step.values[name] for step in steps]) for name in names}
    numbers = [step.t for step in steps]
    gap = len(shown.first) if shown.left_out else 0
    if sum(map(len, lines.values())) <= _TOGETHER:
        every = [line for some in lines.values() for line in some]
        return [Chart(_over_time(*names), numbers, gap, every, low, high)]
    return [Chart(_over_time(name), numbers, gap, of, low, high) for name, of in lines.items()]


def _over_time(*names: str) -> str:
    return f"{' and '.join(map(people, names))} over time"


def _lines(name: str, rows: list[list[float]]) -> list[Line]:
    columns = [[*column] for column in zip(*rows, strict=True)]
    if len(columns) == 1:
        return [Line(people(name), f"{name}:0", columns[0])]
    return [Line(component(name, str(i)), f"{name}:{i}", of) for i, of in enumerate(columns)]
