"""`rnncalc run`: a problem and a request -> the text of the answer."""

# What only some answers need is imported where it is needed: a small run for a program starts fast.

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from rnncalc.arrays import Array
from rnncalc.commands.choice import asked_for, parse_only, parse_steps, refuse_look, selected
from rnncalc.errors import InputError
from rnncalc.network.final import answering
from rnncalc.network.forward import run
from rnncalc.network.notes import Ending, scored, scored_at_end, with_symbols
from rnncalc.network.problem import Problem
from rnncalc.network.symbols import Inputs
from rnncalc.network.trace import Trace
from rnncalc.writing.request import Request

if TYPE_CHECKING:
    from rnncalc.writing.page import Page
    from rnncalc.writing.steps import Excerpt

_PROGRAMS = ("json", "jsonl", "csv")
TEXT = "text"  # of --only: what was generated, alone


def requested(problem: Problem, options: Request, steps: str | None, only: str | None) -> Request:
    """Return the options together with the steps and the quantities that a person typed, if any.

    Raises:
        InputError: two options exclude each other, or a choice is not one.
    """
    _refuse(problem, options)
    network = problem.network
    text_only = (only or "").strip() == TEXT
    names, components = parse_only(only, network) if only and not text_only else ((), {})
    if network.final and options.format == "csv" and not network.streams:
        raise InputError(
            "-f csv has no row for the output of a bidirectional network that answers once; "
            "use json or jsonl"
        )
    request = replace(
        options,
        only=names,
        components=components,
        text_only=text_only,
        steps=parse_steps(steps) if steps else None,
    )
    if problem.inputs or problem.labels:
        from rnncalc.writing.notes import with_names_of

        request = with_names_of(problem, request)
    if request.generated or text_only:
        from rnncalc.commands.generation import refuse_ungenerated

        refuse_ungenerated(problem, request)
    return request


def _refuse(problem: Problem, options: Request) -> None:
    """Refuse options that exclude each other, or that the format has no place for."""
    if options.by_hand and options.float32:
        raise InputError("--by-hand and --float32 exclude each other")
    refuse_look(options)
    _refuse_blank(problem, options)
    if options.work and options.format == "csv":
        raise InputError("--work is not available with csv; use jsonl")
    if options.plot and options.format in (*_PROGRAMS, "latex"):
        raise InputError(
            f"--plot is not available with {options.format}; use table, markdown, html or svg"
        )


def _refuse_blank(problem: Problem, options: Request) -> None:
    """Refuse an exercise of what gives its answers away, or has no place for them."""
    if not options.blank:
        return
    if options.plot:
        raise InputError("--plot draws what --blank leaves empty; leave one of them out")
    if options.generated:
        raise InputError(
            "--generate: the next input gives away what --blank leaves empty; leave one of them out"
        )
    if options.format == "toml" and problem.x is None:
        raise InputError("--blank -f toml writes the inputs too, so --x cannot be a stream")


def texts(problem: Problem, request: Request, stream: Iterable[Array]) -> Iterable[str]:
    """Return the text of the answer in parts.

    Of a stream and of what is generated, all that comes before an error is written; of anything
    else, nothing is.

    Args:
        problem: what is to be run.
        request: how, and what is to be shown of it.
        stream: blocks of steps (n, D), for a problem without steps.

    Raises:
        InputError: the state overflows, a line of the stream is bad, or no step is chosen.
    """
    if request.format == "toml":
        return _exercise(problem, request)
    end = Ending()
    traces = traces_of(problem, request, end, stream)
    if problem.x is not None and not request.generated:
        traces = iter(list(traces))
    if request.text_only:
        return _text_alone(problem, request, traces, end)
    if request.format in _PROGRAMS:
        return _for_programs(problem, request, traces, end)
    return _for_people(problem, request, traces, end)


def traces_of(
    problem: Problem, request: Request, end: Ending, stream: Iterable[Array] = ()
) -> Iterator[Trace]:
    """Yield the traces of a problem.

    Args:
        problem: what is run.
        request: how.
        end: gets what is known at the end.
        stream: blocks of steps (n, D), for a problem without steps.

    Raises:
        InputError: the state overflows.
    """
    traces = _run(problem, request, stream if problem.x is None else [problem.x], end)
    decimals = request.decimals if request.by_hand else None
    if problem.network.final:
        traces = answering(problem.network, traces, end.answer, decimals, single=request.float32)
    if problem.target is not None and problem.loss:
        compare = scored_at_end if problem.network.final else scored
        traces = compare(traces, problem.target, problem.loss, end, decimals)
    if request.steps:
        to_end = problem.network.final or problem.target is not None or bool(request.generated)
        return selected(traces, request.steps, to_end=to_end)
    return traces


def pages_of(problem: Problem, request: Request) -> "Iterator[Page]":
    """Yield the pages of a problem with inputs."""
    from rnncalc.writing.page import pages
    from rnncalc.writing.steps import excerpt

    end = Ending()
    shown = excerpt(traces_of(problem, request, end))
    return pages(problem, request, [shown], end)


def _run(
    problem: Problem, request: Request, blocks: Iterable[Array], end: Ending
) -> Iterator[Trace]:
    """Yield the traces of the given steps, and of those that are appended to them."""
    runs = partial(run, problem.network, problem.start)
    if request.by_hand:
        from rnncalc.network.by_hand import run_by_hand

        runs = partial(run_by_hand, problem.network, problem.start, decimals=request.decimals)
    elif request.float32:
        from rnncalc.network.float32 import run_float32

        runs = partial(run_float32, problem.network, problem.start)
    spelt = deque(problem.spelt or ())
    if problem.inputs and problem.x is None:
        blocks = _spelt_blocks(blocks, problem.inputs, spelt)
    if request.generated:
        from rnncalc.commands.generation import continuing

        traces = continuing(problem, request, runs, blocks, spelt, end)
    else:
        traces = runs(blocks)
    if problem.inputs and (problem.spelt is not None or problem.x is None):
        return with_symbols(traces, spelt)
    return traces


def _spelt_blocks(blocks: Iterable[Any], inputs: Inputs, spelt: deque[int]) -> Iterator[Array]:
    """Yield the inputs (n, D) for blocks of positions, which are added to `spelt`."""
    for block in blocks:
        spelt.extend(block)
        yield inputs.of(block)


def _text_alone(
    problem: Problem, request: Request, traces: Iterable[Trace], end: Ending
) -> Iterator[str]:
    """Yield what is generated, when the run has ended; a symbol may itself end a line."""
    for _ in traces:
        pass
    text = end.text_in(problem.labels)
    if request.format in ("json", "jsonl"):
        from json import dumps

        text = dumps({TEXT: text})
    yield f"{text}\n"


def _for_programs(
    problem: Problem, request: Request, traces: Iterable[Trace], end: Ending
) -> Iterator[str]:
    from rnncalc.writing import programs

    writers = {"json": programs.json_text, "jsonl": programs.jsonl_text, "csv": programs.csv_text}
    return writers[request.format](problem, request, traces, end)


def _exercise(problem: Problem, request: Request) -> list[str]:
    """Return the problem as TOML, with places for the quantities that a page shows."""
    from rnncalc.writing.page import calculated, names_shown
    from rnncalc.writing.toml import exercise_text

    hidden, sizes = calculated(problem.network), problem.network.sizes
    names = [name for name in names_shown(problem, request, []) if name in hidden]
    assert problem.x is not None  # an exercise has no stream
    steps, places = asked_for(request, len(problem.x)), {name: sizes[name] for name in names}
    return [exercise_text(problem, places, request.decimals, steps)]


def _for_people(
    problem: Problem, request: Request, traces: Iterable[Trace], end: Ending
) -> Iterator[str]:
    if request.format == "html":
        from rnncalc.writing.html import html_text

        return iter([html_text(problem, request, traces, end)])
    from rnncalc.writing.page import pages
    from rnncalc.writing.steps import AT_ONCE, every_step, excerpt

    at_once = AT_ONCE if request.format == "table" else None
    shown = every_step(traces, at_once) if request.whole else [excerpt(traces)]
    if request.format == "svg" and request.plot:
        return _with_charts(problem, request, [*shown], end)
    return rendered(pages(problem, request, shown, end), request)


def _with_charts(
    problem: Problem, request: Request, shown: "list[Excerpt]", end: Ending
) -> Iterator[str]:
    from rnncalc.writing.page import pages
    from rnncalc.writing.sheet import charts_of
    from rnncalc.writing.svg import svg_text

    without = pages(problem, replace(request, plot=False), shown, end)
    yield svg_text(without, request, charts_of(problem.network, shown[0]))


def rendered(shown: "Iterable[Page]", request: Request) -> Iterator[str]:
    """Return the text of pages in parts, in the format that is requested."""
    from rnncalc.writing.console import in_ascii

    texts = _rendered(shown, request)
    return map(in_ascii, texts) if request.plain else iter(texts)


def _rendered(shown: "Iterable[Page]", request: Request) -> Iterable[str]:
    if request.format in ("markdown", "latex") and not request.whole:
        from rnncalc.writing.page import shortened

        shown = map(shortened, shown)
    if request.format == "markdown":
        from rnncalc.writing.markdown import markdown_text

        return [markdown_text(shown)]
    if request.format == "latex":
        from rnncalc.writing.latex import latex_text

        return [latex_text(shown, standalone=request.standalone)]
    if request.format == "svg":
        from rnncalc.writing.svg import svg_text

        return [svg_text(shown, request)]
    from rnncalc.writing.terminal import terminal_texts

    return terminal_texts(shown, request)
