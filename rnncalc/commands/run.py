"""`rnncalc run`: a problem and a request -> the text of the answer."""

# What only some answers need is imported where it is needed: a small run for a program starts fast.

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rnncalc.arrays import Array
from rnncalc.commands.choice import parse_only, parse_steps, selected
from rnncalc.errors import InputError
from rnncalc.network.equations import Rows
from rnncalc.network.final import answering
from rnncalc.network.forward import run
from rnncalc.network.model import Network
from rnncalc.network.problem import Problem
from rnncalc.network.trace import Trace
from rnncalc.writing.request import Request

if TYPE_CHECKING:
    from rnncalc.writing.page import Page

_PROGRAMS = ("json", "jsonl", "csv")


def requested(network: Network, options: Request, steps: str | None, only: str | None) -> Request:
    """Return the options together with the steps and the quantities that a person typed, if any.

    Raises:
        InputError: two options exclude each other, or a choice is not one.
    """
    if options.by_hand and options.float32:
        raise InputError("--by-hand and --float32 exclude each other")
    if options.work and options.format == "csv":
        raise InputError("--work is not available with csv; use jsonl")
    if options.plot and options.format in (*_PROGRAMS, "latex"):
        raise InputError(
            f"--plot is not available with {options.format}; use table, markdown, html or svg"
        )
    names, components = parse_only(only, network) if only else ((), {})
    if network.final and options.format == "csv" and not network.streams:
        raise InputError(
            "-f csv has no row for the output of a bidirectional network that answers once; "
            "use json or jsonl"
        )
    return replace(
        options,
        only=names,
        components=components,
        steps=parse_steps(steps) if steps else None,
    )


def texts(problem: Problem, request: Request, stream: Iterable[Array]) -> Iterable[str]:
    """Return the text of the answer in parts.

    Of a stream, all that comes before an error is written; of anything else, nothing is.

    Args:
        problem: what is to be run.
        request: how, and what is to be shown of it.
        stream: blocks of steps (n, D), for a problem without steps.

    Raises:
        InputError: the state overflows, a line of the stream is bad, or no step is chosen.
    """
    answer: Rows = {}  # of a readout that answers once; it is known when the run has ended
    traces = _traces(problem, request, stream if problem.x is None else [problem.x], answer)
    if problem.x is not None:
        traces = iter(list(traces))
    if request.format in _PROGRAMS:
        return _for_programs(problem, request, traces, answer)
    return _for_people(problem, request, traces, answer)


def _traces(
    problem: Problem, request: Request, blocks: Iterable[Array], answer: Rows
) -> Iterator[Trace]:
    if request.by_hand:
        from rnncalc.network.by_hand import run_by_hand

        traces = run_by_hand(problem.network, problem.start, blocks, request.decimals)
    elif request.float32:
        from rnncalc.network.float32 import run_float32

        traces = run_float32(problem.network, problem.start, blocks)
    else:
        traces = run(problem.network, problem.start, blocks)
    if problem.network.final:
        decimals = request.decimals if request.by_hand else None
        single = request.float32
        traces = answering(problem.network, traces, answer, decimals, single=single)
    if request.steps:
        return selected(traces, request.steps, to_end=problem.network.final)
    return traces


def _for_programs(
    problem: Problem, request: Request, traces: Iterable[Trace], answer: Rows
) -> Iterator[str]:
    from rnncalc.writing import programs

    writers = {"json": programs.json_text, "jsonl": programs.jsonl_text, "csv": programs.csv_text}
    return writers[request.format](problem, request, traces, answer)


def _for_people(
    problem: Problem, request: Request, traces: Iterable[Trace], answer: Rows
) -> Iterator[str]:
    from rnncalc.writing.console import in_ascii
    from rnncalc.writing.page import pages
    from rnncalc.writing.steps import AT_ONCE, every_step, excerpt

    at_once = AT_ONCE if request.format == "table" else None
    shown = every_step(traces, at_once) if request.whole else [excerpt(traces)]
    texts = _rendered(pages(problem, request, shown, answer), request)
    return map(in_ascii, texts) if request.plain else iter(texts)


def _rendered(shown: "Iterable[Page]", request: Request) -> Iterable[str]:
    if request.format == "markdown":
        from rnncalc.writing.markdown import markdown_text

        return [markdown_text(shown)]
    if request.format == "latex":
        from rnncalc.writing.latex import latex_text

        return [latex_text(shown)]
    from rnncalc.writing.terminal import picture_text, terminal_texts

    return (
        terminal_texts(shown, request)
        if request.format == "table"
        else [picture_text(shown, request)]
    )
