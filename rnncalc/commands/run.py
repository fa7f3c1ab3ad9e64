"""`rnncalc run`: a problem and a request -> the text of the answer."""

# What only some answers need is imported where it is needed: a small run for a program starts fast.

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from rnncalc.arrays import Array
from rnncalc.commands import Answer
from rnncalc.errors import InputError
from rnncalc.network.final import answering
from rnncalc.network.forward import run
from rnncalc.network.notes import Ending, scored, scored_at_end, with_symbols
from rnncalc.network.problem import Problem
from rnncalc.network.symbols import Inputs
from rnncalc.network.trace import Trace
from rnncalc.reading.choice import asked_for, parse_only, selected, steps_of
from rnncalc.reading.flags import Typed
from rnncalc.reading.settings import Setting
from rnncalc.writing.request import PROGRAMS, Request, refuse_conflicts

if TYPE_CHECKING:
    from rnncalc.network.generate import Generation
    from rnncalc.writing.page import Page
    from rnncalc.writing.steps import Excerpt

_TEXT = "text"  # of --only: what was generated, alone


class RunRequest(NamedTuple):
    """What is calculated of a problem, and shown.

    Attributes:
        options: what is shown, and how.
        text_only: whether only the text that is generated is shown.
        generation: how symbols are continued, or None.
    """

    options: Request
    text_only: bool = False
    generation: "Generation | None" = None


def requested(
    problem: Problem, _settings: Mapping[str, Setting], options: Request, typed: Typed
) -> RunRequest:
    """Return what is asked for.

    Raises:
        InputError: two options exclude each other, or a choice is not one.
    """
    only = typed.get("only", "")
    text_only = only.strip() == _TEXT
    appends = text_only or bool(typed.keys() & {"generate", "temperature", "seed"})
    if appends:
        from rnncalc.reading.generation import appended, generation_of

        given = appended(typed)
        options = replace(options, **given._asdict())
    _refuse(problem, options)
    names, components = parse_only(only, problem.network) if only and not text_only else ((), {})
    options = replace(options, only=names, components=components, steps=steps_of(typed))
    if problem.inputs or problem.labels:
        from rnncalc.writing.notes import with_names_of

        options = with_names_of(problem, options)
    if not appends:
        return RunRequest(options)
    return RunRequest(options, text_only, generation_of(problem, given, text_only=text_only))


def _refuse(problem: Problem, options: Request) -> None:
    """Refuse options that exclude each other, or that the format has no place for."""
    refuse_conflicts(options)
    _refuse_blank(problem, options)
    if options.plot and options.format in (*PROGRAMS, "latex"):
        raise InputError(
            f"--plot is not available with {options.format}; use table, markdown, html or svg"
        )
    if problem.network.final and options.format == "csv" and not problem.network.streams:
        raise InputError(
            "-f csv has no row for the output of a bidirectional network that answers once; "
            "use json or jsonl"
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


def answer(problem: Problem, request: RunRequest) -> Answer:
    """Return what the network calculates.

    Of a stream and of what is generated, all that comes before an error is written; of anything
    else, nothing is.

    Raises:
        InputError: the state overflows, a line of the stream is bad, or no step is chosen.
    """
    options = request.options
    if options.format == "toml":
        return Answer([_exercise(problem, options)])
    end = Ending()
    traces = traces_of(problem, request, end)
    if problem.x is not None and not options.generated:
        traces = iter(list(traces))
    if request.text_only:
        return Answer(_text_alone(problem, options, traces, end))
    if options.format in PROGRAMS:
        return Answer(_for_programs(problem, options, traces, end))
    return Answer(_for_people(problem, options, traces, end))


def traces_of(problem: Problem, request: RunRequest, end: Ending) -> Iterator[Trace]:
    """Yield the traces of a problem.

    Args:
        problem: what is run.
        request: how.
        end: gets what is known at the end.

    Raises:
        InputError: the state overflows.
    """
    options, network = request.options, problem.network
    traces = _run(problem, request, end)
    decimals = options.decimals if options.by_hand else None
    if network.final:
        traces = answering(network, traces, end.answer, decimals, single=options.float32)
    if problem.target is not None and problem.loss:
        compare = scored_at_end if network.final else scored
        traces = compare(traces, problem.target, problem.loss, end, decimals)
    if options.steps:
        to_end = network.final or problem.target is not None or bool(options.generated)
        return selected(traces, options.steps, to_end=to_end)
    return traces


def pages_of(problem: Problem, request: RunRequest) -> "Iterator[Page]":
    """Yield the pages of a problem with inputs."""
    from rnncalc.writing.page import pages
    from rnncalc.writing.steps import excerpt

    end = Ending()
    shown = excerpt(traces_of(problem, request, end))
    return pages(problem, request.options, [shown], end)


def _run(problem: Problem, request: RunRequest, end: Ending) -> Iterator[Trace]:
    """Yield the traces of the given steps, and of those that are appended to them."""
    options, given = request.options, (problem.network, problem.start)
    runs = partial(run, *given)
    if options.by_hand:
        from rnncalc.network.by_hand import run_by_hand

        runs = partial(run_by_hand, *given, decimals=options.decimals)
    elif options.float32:
        from rnncalc.network.float32 import run_float32

        runs = partial(run_float32, *given)
    spelt = deque(problem.spelt or ())
    blocks = options.stream if problem.x is None else [problem.x]
    if problem.inputs and problem.x is None:
        blocks = _spelt_blocks(blocks, problem.inputs, spelt)
    if request.generation:
        from rnncalc.network.generate import continued_text

        other = options.by_hand or options.float32
        equations = None if other else problem.network.equations
        traces = continued_text(equations, request.generation, runs, blocks, spelt, end)
    elif options.generated:
        from rnncalc.network.generate import appended_values, continued

        traces = continued(runs, blocks, appended_values(options.generated))
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

        text = dumps({_TEXT: text})
    yield f"{text}\n"


def _for_programs(
    problem: Problem, request: Request, traces: Iterable[Trace], end: Ending
) -> Iterator[str]:
    from rnncalc.writing import programs

    writers = {"json": programs.json_text, "jsonl": programs.jsonl_text, "csv": programs.csv_text}
    return writers[request.format](problem, request, traces, end)


def _exercise(problem: Problem, request: Request) -> str:
    """Return the problem as TOML, with places for the quantities that a page shows."""
    from rnncalc.writing.page import calculated, names_shown
    from rnncalc.writing.toml import exercise_text

    hidden, sizes = calculated(problem.network), problem.network.sizes
    names = [name for name in names_shown(problem, request, []) if name in hidden]
    assert problem.x is not None  # an exercise has no stream
    steps, places = asked_for(request.steps, len(problem.x)), {name: sizes[name] for name in names}
    return exercise_text(problem, places, request.decimals, steps)


def _for_people(
    problem: Problem, request: Request, traces: Iterable[Trace], end: Ending
) -> Iterator[str]:
    if request.format == "html":
        from rnncalc.writing.html import html_text

        return iter([html_text(problem, request, traces, end)])
    from rnncalc.writing.page import pages
    from rnncalc.writing.rendered import rendered
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
