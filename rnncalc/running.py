"""From a problem and a request to the text of the answer."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from rnncalc.errors import InputError
from rnncalc.network.activations import Array
from rnncalc.network.by_hand import run_by_hand
from rnncalc.network.forward import Trace, run
from rnncalc.reading.choice import Choice
from rnncalc.reading.config import Problem
from rnncalc.writing.page import Page, Wanted, page
from rnncalc.writing.terminal import Look

PROGRAMS = ("json", "jsonl", "csv")


@dataclass(frozen=True)
class Request:
    """What is to be made of a run.

    Attributes:
        format: `table`, `json`, ...
        wanted: what to show.
        look: how a terminal shows it.
        steps: which steps, or None for all.
        whole: whether every step of a long sequence is shown to eyes.
    """

    format: str
    wanted: Wanted
    look: Look
    steps: Choice | None = None
    whole: bool = False


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
    traces = _traces(problem, request, stream if problem.x is None else [problem.x])
    if problem.x is not None:
        traces = iter(list(traces))
    if request.format in PROGRAMS:
        return _for_programs(problem, request, traces)
    return [_for_eyes(problem, request, traces)]


def _refuse_misfits(request: Request) -> None:
    if request.wanted.work and request.format == "csv":
        raise InputError("--work: csv has no room for it; use -f jsonl")
    if request.wanted.plot and request.format in (*PROGRAMS, "latex"):
        raise InputError(
            f"--plot: {request.format} has no room for it; use table, markdown, html or svg"
        )


def _traces(problem: Problem, request: Request, blocks: Iterable[Array]) -> Iterator[Trace]:
    from rnncalc.writing.selection import selected

    paper = request.wanted.paper
    if paper.by_hand:
        traces = run_by_hand(problem.network, problem.h0, blocks, paper.decimals)
    else:
        traces = run(problem.network, problem.h0, blocks)
    return selected(traces, request.steps) if request.steps else traces


def _for_programs(problem: Problem, request: Request, traces: Iterable[Trace]) -> Iterator[str]:
    from rnncalc.writing.page import worked_lines
    from rnncalc.writing.programs import csv_text, json_text, jsonl_text

    wanted = request.wanted
    work = (lambda step: worked_lines(problem, step, wanted)) if wanted.work else None
    match request.format:
        case "csv":
            return csv_text(traces, only=wanted.only)
        case "jsonl":
            return jsonl_text(traces, only=wanted.only, work=work)
    paper = wanted.paper
    arithmetic = f"by hand, {paper.decimals} decimals" if paper.by_hand else "exact"
    return json_text(
        problem.network, problem.h0, traces, only=wanted.only, arithmetic=arithmetic, work=work
    )


def _for_eyes(problem: Problem, request: Request, traces: Iterable[Trace]) -> str:
    from rnncalc.writing.excerpt import excerpt

    shown = excerpt(traces, whole=request.whole)
    return _renderer(request)(page(problem, shown, request.wanted))


def _renderer(request: Request) -> Callable[[Page], str]:
    from rnncalc.writing import terminal

    match request.format:
        case "markdown":
            from rnncalc.writing.markdown import markdown_text

            return markdown_text
        case "latex":
            from rnncalc.writing.latex import latex_text

            return latex_text
    draw = {"html": terminal.html_text, "svg": terminal.svg_text}
    return lambda made: draw.get(request.format, terminal.terminal_text)(made, request.look)
