"""What a page shows, for whichever renderer: formulas, columns of values, and the working."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from rnncalc.errors import counted
from rnncalc.network.activations import LINEAR
from rnncalc.network.equations import Rows
from rnncalc.network.model import Network
from rnncalc.network.naming import component, people
from rnncalc.network.notes import Ending
from rnncalc.network.problem import Problem
from rnncalc.network.trace import LOSS, SYMBOL
from rnncalc.numerals.rounding import SCIENTIFIC, exact, rounded
from rnncalc.writing.columns import Column, Widths, aligned, columns_of, with_lines, with_names
from rnncalc.writing.columns import shortened as shortened_column
from rnncalc.writing.entry import Entry
from rnncalc.writing.formulas import formulas, outputs
from rnncalc.writing.given import Given, givens, starts_at_zero
from rnncalc.writing.named import below, mark, remarks, spelt_input, target_of
from rnncalc.writing.notes import names_of
from rnncalc.writing.numbers import bracketed, fixed, texts_of
from rnncalc.writing.request import Request
from rnncalc.writing.scale import size_of_state
from rnncalc.writing.steps import AT_ONCE, Excerpt, Step
from rnncalc.writing.worked import Worked, worked_run
from rnncalc.writing.working import Lines, as_given, worked

_MOST_DECIMALS = 10  # of a value that would be 0 with fewer


@dataclass(frozen=True)
class WorkedStep:
    """The working of a step with vectors."""

    title: str
    lines: list[str]


@dataclass(frozen=True)
class Page:
    """A page, or a part of one.

    Attributes:
        heading: the formulas; only in the first part.
        given: the weights and the initial state; only in the first part.
        origin: the file that they come from; "" where they were typed.
        remarks: on how it is calculated and shown; only in the first part.
        columns: the table; empty if the working of vectors is shown.
        worked: the working step by step; if there are columns as well, they have it too.
        gap: the index of the step before which some are omitted.
        left_out: how many.
        plot: lines that draw the states over time; only in the last part.
        scale: the size of a state that counts as large.
        totals: whether the last row is not a step, but sums over them.
        below: what is known at the end: the loss, and the text that was generated.
    """

    heading: list[str] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    worked: list[WorkedStep] = field(default_factory=list)
    gap: int = 0
    left_out: int = 0
    plot: list[str] = field(default_factory=list)
    scale: float = 1.0
    below: list[str] = field(default_factory=list)
    totals: bool = False
    given: Sequence[Given] = ()
    origin: str = ""
    remarks: Sequence[str] = ()


def omitted(page: Page) -> str:
    """Return how many steps the page does not show."""
    return f"{page.left_out} steps omitted"


def shortened(page: Page) -> Page:
    """Return a page whose long vectors have their first and last components only."""
    return replace(page, columns=[*map(shortened_column, page.columns)])


def calculated(network: Network) -> frozenset[str]:
    """Return the quantities that are left empty in an exercise."""
    return frozenset(each.name for each in (*network.equations, *network.answers))


def pages(
    problem: Problem, request: Request, excerpts: Iterable[Excerpt], end: Ending
) -> Iterator[Page]:
    """Yield the page for the steps shown of a problem, one part per excerpt, then what is below.

    The first excerpt decides the decimals, the layout and the shades, and the others keep them.
    Below the table are the answer of a final readout, and the plot.
    """
    network, rest = problem.network, iter(excerpts)
    first = next(rest)
    request, scale = fitted(request, first, calculated(network)), size_of_state(network, first)
    widths = {"t": (0, _digits_of_t(problem, first))}
    drawn = Excerpt([], [], 0)
    page = heading(problem, request)
    for shown in chain([first], rest):
        yield _filled(page, problem, request, shown, widths, scale)
        page = Page()
        if request.plot:
            drawn = Excerpt([*drawn.first, *shown.first], shown.last, shown.left_out)
    if end.answer:
        yield _answer(network, request, end.answer)
    if ended := below(problem, request, end):
        yield Page(below=ended)
    if request.plot:
        from rnncalc.writing.plot import plot_lines

        yield Page(plot=plot_lines(network, drawn, request))


def heading(problem: Problem, request: Request) -> Page:
    """Return what is above the table."""
    about = about_network(problem, request)
    said = [*about.remarks, *conditions(problem, request), *remarks(problem, request)]
    return replace(about, heading=formulas(problem.network), remarks=said)


def about_network(problem: Problem, request: Request) -> Page:
    """Return a page that says which network it is about, and no more."""
    given, said = givens(problem, request), starts_at_zero(problem)
    return Page(given=given, origin=problem.origin, remarks=said)


def about_page(problem: Problem, request: Request) -> Page:
    """Return a page of the network alone: its formulas, its weights, and its start."""
    return replace(about_network(problem, request), heading=formulas(problem.network))


def _filled(
    page: Page, problem: Problem, request: Request, shown: Excerpt, widths: Widths, scale: float
) -> Page:
    some = shown.steps if request.work else []
    found = [worked_run(problem, request, step) for step in some]
    lines = [each.lines for each in found]
    in_table = not lines or all(size == 1 for size in problem.network.sizes.values())
    return replace(
        page,
        columns=_columns(problem, request, shown.steps, lines, widths) if in_table else [],
        worked=[_of_a_run(problem, request, each) for each in found],
        scale=scale,
        gap=len(shown.first),
        left_out=shown.left_out,
    )


def _answer(network: Network, request: Request, answer: Rows) -> Page:
    """Return what is below the table: the answer of a final readout, worked if that is wanted."""
    values = {name: row.tolist() for name, row in answer.items()}
    if request.work:
        lines = worked(network.answers, Step(0, values, {}), request)
        shown = _named_lines(lines)
    else:
        inside = {of.name for _, of in outputs(network.answers)} - {*request.only}
        shown = [
            f"{name} = {bracketed(texts_of(name, of, request))}"
            for name, of in values.items()
            if name not in inside and (request.shows(name) or name == "h")
        ]
    return Page(worked=[WorkedStep("at the end", shown)])


def fitted(request: Request, shown: Excerpt, hidden: frozenset[str]) -> Request:
    """Return a request with the decimals that values need; an exercise leaves some empty."""
    finer = _finer(shown, request)
    return replace(request, finer=finer, hidden=hidden if request.blank else request.hidden)


def _finer(shown: Excerpt, request: Request) -> dict[str, int]:
    """Return the decimals of each quantity that would read 0.000 at every step, but is not 0.

    An exercise has none: they would say how small its answers are.
    """
    finer = {}
    for name in shown.first[0].values if request.enough and not request.blank else ():
        largest = max(abs(value) for step in shown.steps for value in step.values[name])
        if name != "x" and largest and not rounded(largest, request.decimals):
            wanted = request.decimals - 1 - exact(largest).adjusted()
            finer[name] = wanted if wanted <= _MOST_DECIMALS else SCIENTIFIC
    return finer


def _digits_of_t(problem: Problem, shown: Excerpt) -> int:
    """Return how many characters the column of t needs, if more steps follow those shown."""
    if len(shown.steps) < AT_ONCE:
        return 0
    return 7 if problem.x is None else len(str(len(problem.x)))


def conditions(problem: Problem, request: Request) -> list[str]:
    """Return how the values of a run are rounded."""
    return [*rounding(request), *_on_decimals(problem.network, request)]


def rounding(request: Request) -> Iterator[str]:
    """Yield how values are calculated and written down."""
    decimals = counted(request.decimals, "decimal")
    if request.blank:
        yield f"to be filled in with {decimals}"
    if request.by_hand:
        yield f"by hand: each value rounded to {decimals} as it is written down"
    elif request.float32:
        yield "calculated in single precision (float32)"
    elif request.work and not request.blank:
        yield f"calculated in full, shown with {decimals}"


def _on_decimals(network: Network, request: Request) -> list[str]:
    """Return which of the quantities shown have more decimals than the others, and why."""
    among = outputs(network.equations)
    hidden = {of.name for y, of in among if y.activation is LINEAR or not request.work}
    names = request.only or [name for name in network.sizes if name not in hidden]
    return on_decimals(names, request)


def on_decimals(names: Sequence[str], request: Request) -> list[str]:
    """Return which of the quantities have more decimals than the others, and why."""
    usual = f"with {counted(request.decimals, 'decimal')}"
    lines = []
    for places in sorted({request.finer[name] for name in names if name in request.finer}):
        some = ", ".join(people(name) for name in names if request.finer.get(name) == places)
        shown = "scientific notation" if places == SCIENTIFIC else f"{places} decimals"
        zero = fixed(0.0, request.decimals)
        lines.append(f"{shown} for {some}: {usual}, every value would read {zero}")
    return lines


def listed(values: list[float], request: Request) -> str:
    """Return values as they are given: `[0.5, −1]`."""
    return bracketed([as_given(value, request).signed for value in values])


def _named_lines(lines: Lines, loss: str = "L_t") -> list[str]:
    """Return the lines of working, each with what it is of; a single component has no name yet."""
    found = []
    for name, rows in lines.items():
        of = loss if name == LOSS else people(name)
        named = (component(name, "")[:-1], f"{of} = ")
        found += [row if row.startswith(named) else f"{of} = {row}" for row in rows]
    return found


def in_lines(of: Worked, loss: str = "L_t") -> WorkedStep:
    """Return a step as lines of text."""
    return WorkedStep("   ".join([of.title, *of.given]), _named_lines(of.lines, loss))


def _of_a_run(problem: Problem, request: Request, of: Worked) -> WorkedStep:
    x = spelt_input(problem, request, of.step) or listed(of.step.values["x"], request)
    given = [f"x = {x}", *target_of(problem, request, of.step)]
    return in_lines(replace(of, given=given), "loss")


def _columns(
    problem: Problem, request: Request, steps: list[Step], lines: list[Lines], widths: Widths
) -> list[Column]:
    numbers = [Entry([f"{step.t}{mark(step, request)}"]) for step in steps]
    names = names_shown(problem, request, lines)
    columns = [aligned(Column("t", "t", numbers), widths)]
    for column in columns_of(problem, request, steps, names, problem.network.states):
        if lines and (column.key in lines[0] or column.key == LOSS):
            shown = with_lines(column, [of.get(column.key, [""]) for of in lines])
        elif not any(entry.names for entry in column.entries):
            shown = aligned(column, widths)
        else:
            shown = column
        columns.append(with_names(problem, request, shown, steps))
    return columns


def names_shown(problem: Problem, request: Request, lines: list[Lines]) -> list[str]:
    """Return the quantities that have a column: the sum inside an output only if it is worked.

    A symbol stands for a one-hot x, and what is answered at the end has no column.
    """
    network = problem.network
    one_hot = problem.inputs is not None and problem.inputs.is_one_hot
    spelt = {"x"} if one_hot and SYMBOL in names_of(problem, Request())[0] else set()
    inside = {of.name for _, of in outputs(network.equations)} | network.repeated | spelt
    if request.only:
        return [name for name in request.only if name in network.sizes]
    return [name for name in network.sizes if name not in inside or (lines and name in lines[0])]
