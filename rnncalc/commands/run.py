"""From a problem and a request to the text of the answer."""

# What only some answers need is imported where it is needed: a small run for a program starts fast.

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnncalc.arrays import Array
from rnncalc.commands.choice import chosen
from rnncalc.errors import InputError
from rnncalc.network.forward import run
from rnncalc.network.problem import Problem
from rnncalc.network.trace import Trace
from rnncalc.writing.columns import Only

if TYPE_CHECKING:
    from rnncalc.writing.page import Page, Wanted
    from rnncalc.writing.programs import Working

PROGRAMS = ("json", "jsonl", "csv")


@dataclass(frozen=True)
class Request:
    """What is to be made of a run, as it was typed.

    Attributes:
        format: `table`, `json`, ...
        steps: which steps, such as `1:3`, or None for all.
        only: which quantities, such as `h,y`, or None.
        work: whether the substitutions are shown.
        by_hand: whether the arithmetic is that on paper.
        decimals: of figures for eyes, and by hand.
        plot: whether the states are drawn over time.
        whole: whether every step of a long sequence is shown to eyes.
        width: columns of the terminal, or None for as wide as it comes.
        plain: whether only ASCII can be shown.
        color: `auto`, `always` or `never`.
    """

    format: str = "table"
    steps: str | None = None
    only: str | None = None
    work: bool = False
    by_hand: bool = False
    decimals: int = 3
    plot: bool = False
    whole: bool = False
    width: int | None = None
    plain: bool = False
    color: str = "auto"


def answered(problem: Problem, request: Request, stream: Iterable[Array]) -> Iterable[str]:
    """Return the text of the answer in parts.

    Of a stream, all that comes before an error is written; of anything else, nothing is.

    Args:
        problem: what is to be run.
        request: what is to be made of it.
        stream: blocks of steps (n, D), for a problem without steps.

    Raises:
        InputError: the state overflows, the stream has a bad line, or the chosen steps are none.
    """
    _refuse_misfits(request)
    has_readout = problem.network.readout is not None
    try:
        only = chosen(request.only.split(","), has_readout=has_readout) if request.only else None
    except InputError as error:
        raise error.at("--only") from None
    traces = _traces(problem, request, stream if problem.x is None else [problem.x])
    if problem.x is not None:
        traces = iter(list(traces))
    if request.format in PROGRAMS:
        return _for_programs(problem, request, only, traces)
    return [_for_eyes(problem, request, only, traces)]


def _refuse_misfits(request: Request) -> None:
    if request.work and request.format == "csv":
        raise InputError("--work: csv has no room for it; use -f jsonl")
    if request.plot and request.format in (*PROGRAMS, "latex"):
        raise InputError(
            f"--plot: {request.format} has no room for it; use table, markdown, html or svg"
        )


def _traces(problem: Problem, request: Request, blocks: Iterable[Array]) -> Iterator[Trace]:
    if request.by_hand:
        from rnncalc.network.by_hand import run_by_hand

        traces = run_by_hand(problem.network, problem.h0, blocks, request.decimals)
    else:
        traces = run(problem.network, problem.h0, blocks)
    if request.steps is None:
        return traces
    from rnncalc.commands.choice import parse_choice, selected

    return selected(traces, parse_choice(request.steps))


def _for_programs(
    problem: Problem, request: Request, only: Only, traces: Iterable[Trace]
) -> Iterator[str]:
    from rnncalc.writing.programs import csv_text, json_text, jsonl_text

    work = _working(problem, request, only) if request.work else None
    match request.format:
        case "csv":
            return csv_text(traces, only=only)
        case "jsonl":
            return jsonl_text(traces, only=only, work=work)
    arithmetic = f"by hand, {request.decimals} decimals" if request.by_hand else "exact"
    return json_text(
        problem.network, problem.h0, traces, only=only, arithmetic=arithmetic, work=work
    )


def _wanted(request: Request, only: Only) -> "Wanted":
    from rnncalc.writing.page import Wanted
    from rnncalc.writing.working import Paper

    paper = Paper(request.decimals, request.by_hand)
    return Wanted(paper, only, request.work, request.plot, request.plain)


def _working(problem: Problem, request: Request, only: Only) -> "Working":
    from rnncalc.writing.page import worked_lines

    wanted = _wanted(request, only)
    return lambda step: worked_lines(problem, step, wanted)


def _for_eyes(problem: Problem, request: Request, only: Only, traces: Iterable[Trace]) -> str:
    from rnncalc.writing.console import in_ascii
    from rnncalc.writing.page import page
    from rnncalc.writing.steps import excerpt

    shown = excerpt(traces, whole=request.whole)
    text = _renderer(request)(page(problem, shown, _wanted(request, only)))
    return in_ascii(text) if request.plain else text


def _renderer(request: Request) -> "Callable[[Page], str]":
    match request.format:
        case "markdown":
            from rnncalc.writing.markdown import markdown_text

            return markdown_text
        case "latex":
            from rnncalc.writing.latex import latex_text

            return latex_text
    from rnncalc.writing import terminal
    from rnncalc.writing.console import Look, colors_of

    colors = colors_of(request.color, request.format)
    look = Look(request.width, request.plain, colors)
    draw = {"html": terminal.html_text, "svg": terminal.svg_text}
    return lambda page: draw.get(request.format, terminal.terminal_text)(page, look)
