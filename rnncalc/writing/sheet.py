"""What a web page shows: the network, charts, a table of values, and each step typeset."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from rnncalc.errors import counted
from rnncalc.network.activations import SOFTMAX
from rnncalc.network.cells import OUTPUTS, Cell
from rnncalc.network.equations import Equation
from rnncalc.network.model import Network
from rnncalc.network.naming import at_step, component, label, people
from rnncalc.network.notes import Ending
from rnncalc.network.problem import Problem
from rnncalc.network.trace import LOSS, SYMBOL, Trace
from rnncalc.writing.chart import Chart, Line
from rnncalc.writing.formulas import formulas, functions
from rnncalc.writing.given import Given, givens, starts_at_zero
from rnncalc.writing.losses import loss_lines, with_loss
from rnncalc.writing.named import below, mark, note_entries, remarks, spelt_input, target_of
from rnncalc.writing.notes import FOR_PROGRAMS, IN_WORDS, names_of, shown_symbol
from rnncalc.writing.numbers import BLANK, fixed, short, with_minus
from rnncalc.writing.page import calculated, conditions, finer, usual
from rnncalc.writing.plot import scale_of
from rnncalc.writing.request import Request
from rnncalc.writing.steps import MOST, Excerpt, Step, every_step, excerpt
from rnncalc.writing.working import Lines, equations_of, worked

_MOST_STEPS, _MOST_VALUES = 200, 40_000  # of a page; of a longer run the first and last steps
_TOGETHER = 8  # lines that one chart can hold


@dataclass(frozen=True)
class Group:
    """A quantity in the table of values: a column for each component.

    Attributes:
        key: what it is known by: `h_l0`, or `best`.
        title: `h_t`, or a word.
        label: the layer and the direction that it is of.
        parts: the names of the components; one alone has none.
        rows: the values as texts, one row for each step.
        shares: of a state, how far each is from 0, from -1 to 1; else none.
        largest: of a softmax, the largest component of each row; else none.
        is_number: whether these are numbers, and not words.
        worked: the line of working that each component has, if not one of its own.
    """

    key: str
    title: str
    label: str
    parts: Sequence[str]
    rows: Sequence[Sequence[str]]
    shares: Sequence[Sequence[float]] = ()
    largest: Sequence[int] = ()
    is_number: bool = True
    worked: Sequence[int] = ()


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
        heading: formulas and remarks.
        given: the weights and where a run starts.
        origin: the file that they come from, or "".
        charts: the states.
        tables: the values of the steps, then those of an answer at the end.
        worked: the steps.
        gap: the index of the step before which some are omitted.
        left_out: how many.
        below: what is known at the end.
        sums: matrices that are known at the end, each list of them with a title.
        drawn: the title of the charts.
        request: how values are shown.
        states: the quantities that are shaded.
        scale: the size of a state that counts as large.
    """

    title: str
    about: str
    heading: Sequence[str]
    given: Sequence[Given]
    origin: str
    charts: Sequence[Chart]
    tables: Sequence[tuple[Sequence[str], Sequence[Group]]]
    worked: Sequence[Worked]
    gap: int
    left_out: int
    below: Sequence[str]
    request: Request
    states: frozenset[str]
    scale: float
    sums: Sequence[tuple[str, Sequence[Given]]] = ()
    drawn: str = "States over time"


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
    low, high = scale_of(network, shown)
    found = [_worked(problem, request, step) for step in steps]
    numbers = [f"{step.t}{mark(step, request)}".strip() for step in steps]
    tables = [(numbers, _groups(problem, request, steps, found[0].lines, max(-low, high)))]
    if end.answer:
        found.append(_answer(network, request, end))
        tables.append((["end"], _answer_groups(problem, request, found[-1], max(-low, high))))
    return Sheet(
        f"{title_of(network)} over {counted(len(steps) + shown.left_out, 'step')}",
        about(network),
        [
            *formulas(network),
            *starts_at_zero(problem),
            *conditions(problem, request),
            *remarks(problem, request),
        ],
        givens(network, problem.start, request),
        problem.origin,
        [] if hidden else charts_of(network, shown),
        tables,
        found,
        len(shown.first),
        shown.left_out,
        below(problem, request, end),
        request,
        frozenset() if hidden else _shaded(network),
        max(-low, high),
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


def groups_of(problem: Problem, request: Request, shown: Excerpt) -> list[Group]:
    """Return the columns of a run of which no working is shown."""
    low, high = scale_of(problem.network, shown)
    return _groups(problem, request, shown.steps, {}, max(-low, high))


def answer_groups(problem: Problem, request: Request, shown: Excerpt, end: Ending) -> list[Group]:
    """Return the columns of the answer of such a run."""
    low, high = scale_of(problem.network, shown)
    answer = _answer(problem.network, request, end)
    return _answer_groups(problem, request, answer, max(-low, high))


def _groups(
    problem: Problem,
    request: Request,
    steps: list[Step],
    lines: Lines,
    scale: float,
) -> list[Group]:
    """Return the columns of the table: notes, quantities in the order of calculation, notes."""
    before, after = names_of(problem, request)
    groups = [_noted(problem, request, name, steps) for name in before]
    asked = request.only or usual(problem, [lines])
    groups += [
        _group(problem, request, name, [step.values[name] for step in steps], scale)
        for name in asked
        if name in problem.network.sizes  # an output that is given once is below
    ]
    shown = [name for name in after if name not in FOR_PROGRAMS]
    return [*groups, *(_noted(problem, request, name, steps) for name in shown)]


def _answer_groups(problem: Problem, request: Request, answer: Worked, scale: float) -> list[Group]:
    values = answer.step.values
    names = [
        name for name in values if request.shows(name) and (name == "h" or name in answer.lines)
    ]
    groups = [_group(problem, request, name, [values[name]], scale) for name in names]
    return [replace(group, title=people(group.key)) for group in groups]


def _group(
    problem: Problem, request: Request, name: str, rows: list[list[float]], scale: float
) -> Group:
    network = problem.network
    values = [request.components_of(name, row) for row in rows]
    parts = parts_of(problem, request, name, len(rows[0]))
    title = at_step(name[0] if label(name) else name)
    if name in request.hidden:
        return Group(name, title, label(name), parts, [[BLANK] * len(row) for row in values])
    show, places = (short if name == "x" else fixed), request.places(name)
    shaded = name in _shaded(network)
    softmax = functions([*network.equations, *network.answers]).get(name) is SOFTMAX
    return Group(
        name,
        title,
        label(name),
        parts,
        [[show(value, places) for value in row] for row in values],
        [[max(-1.0, min(1.0, value / scale)) for value in row] for row in values] if shaded else [],
        [row.index(max(row)) for row in values] if softmax and len(values[0]) > 1 else [],
    )


def parts_of(problem: Problem, request: Request, name: str, size: int) -> list[str]:
    """Return the names of a quantity's components that are shown; one alone has none."""
    if size == 1:
        return [""]
    names = [str(i) for i in range(size)]
    if problem.labels and name in OUTPUTS:
        names = [shown_symbol(symbol) for symbol in problem.labels.symbols]
    return request.components_of(name, names)


def _noted(problem: Problem, request: Request, name: str, steps: list[Step]) -> Group:
    """Return the column of a note: of symbols and their like, or of numbers."""
    entries = note_entries(problem, request, name, steps)
    words = any(text for entry in entries for text in entry.names)
    rows = [
        [*(entry.names if any(entry.names) else map(with_minus, entry.lines))] for entry in entries
    ]
    title = name if name in IN_WORDS else at_step(name)
    size = max(map(len, rows))
    parts = [str(i) for i in range(size)] if size > 1 else [""]
    rows = [row if len(row) == size else [*row, *[""] * (size - len(row))] for row in rows]
    return Group(name, title, "", parts, rows, is_number=not words)


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
