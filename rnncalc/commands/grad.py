"""`rnncalc grad`: a problem and a request -> the text of the answer."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from rnncalc.commands import Answer
from rnncalc.errors import InputError
from rnncalc.network.backward import PART, Backward, backward_of
from rnncalc.network.gradients import Descended, Descent, descended
from rnncalc.network.objective import COUNTED
from rnncalc.network.problem import Problem
from rnncalc.reading.choice import asked_for, parse_names, steps_of
from rnncalc.reading.flags import Typed, limit, whole_number
from rnncalc.reading.objective import learning_rate_of, objective_of
from rnncalc.reading.settings import Setting
from rnncalc.writing.request import PROGRAMS, Request, refuse_conflicts

if TYPE_CHECKING:
    from rnncalc.writing.page import Page


class GradRequest(NamedTuple):
    """What is differentiated, and shown of it.

    Attributes:
        options: what is shown, and how.
        backward: the equations of the backward pass.
        descent: what becomes of the gradients.
    """

    options: Request
    backward: Backward
    descent: Descent


def requested(
    problem: Problem, settings: Mapping[str, Setting], options: Request, typed: Typed
) -> GradRequest:
    """Return what is asked for.

    Raises:
        InputError: two options exclude each other, a choice is not one, or there is nothing to
            differentiate.
    """
    window = whole_number(typed, "truncate", 1)
    descent = Descent(learning_rate_of(settings), limit(typed, "clip"), window)
    objective = objective_of(settings, problem)
    _refuse(descent, options, typed)
    if window and not problem.network.streams:
        raise InputError("--truncate is for networks that only read forward")
    backward = backward_of(problem, objective, on_paper=options.by_hand)
    names, components, start = _only(typed.get("only"), backward)
    every = options.by_hand or options.work or _is_scalar(backward)
    by_step = tuple(key for key in backward.shares if every or f"d{key}" in names)
    inputs = "dx" in names or (not names and options.format in PROGRAMS)
    backward = replace(backward, by_step=by_step, inputs=inputs, outputs="dy" in names)
    options = replace(options, only=names, components=components, steps=steps_of(typed))
    return GradRequest(options, backward, replace(descent, start=start))


def _refuse(descent: Descent, options: Request, typed: Typed) -> None:
    """Refuse options that exclude each other."""
    refuse_conflicts(options)
    if options.plot and options.format == "csv":
        raise InputError("--flow is not available with csv; use json")
    if options.plot and "only" in typed and options.format not in PROGRAMS:
        raise InputError("--flow has columns of its own; leave --only out")
    if options.format == "toml" and (descent.window or descent.clip is not None):
        raise InputError(
            "-f toml is for check, which knows neither --truncate nor --clip; leave them out"
        )
    if options.blank and options.plot:
        raise InputError("--flow shows what --blank leaves empty; leave one of them out")


def _is_scalar(backward: Backward) -> bool:
    """Return whether everything has one component, so that a table shows what each step adds."""
    return all(size == 1 for size in backward.sizes.values())


def _only(
    text: str | None, backward: Backward
) -> tuple[tuple[str, ...], dict[str, list[int]], bool]:
    """Return the quantities that are shown, their components, and whether dL/dh_0 is too."""
    if not text:
        return (), {}, False
    parts = [part.strip() for part in text.split(",")]
    others = [part for part in parts if part not in ("h0", "dh0")]
    start = len(others) < len(parts)
    if not others:
        return (), {}, start
    _refuse_of_the_end(others, backward)
    inner = {COUNTED, *backward.marks(1)}
    sizes = {n: size for n, size in backward.sizes.items() if n not in inner and PART not in n}
    return *parse_names(",".join(others), sizes), start


def _refuse_of_the_end(names: list[str], backward: Backward) -> None:
    """Refuse what a readout that answers once has at the end alone; not its derivatives."""
    network = backward.network
    if not network.final:
        return
    answers = {each.name for each in network.answers} | (set() if network.streams else {"h"})
    for name in names:
        if name.partition("[")[0] in answers:
            raise InputError(
                f"--only: {name} has no steps, since the readout is final; rnncalc run shows it"
            )


def answer(problem: Problem, request: GradRequest) -> Answer:
    """Return the backward pass, and the gradients.

    Raises:
        InputError: a value overflows, or no step is chosen.
    """
    options = request.options
    assert problem.x is not None  # grad reads standard input to its end
    if options.format == "toml":
        return Answer([_exercise(problem, request)])
    found = calculated(problem, request)
    steps = asked_for(options.steps, len(problem.x))
    if options.format in PROGRAMS:
        from rnncalc.writing.gradient_programs import text_of

        return Answer(text_of(problem, found, options, steps))
    if options.format == "html":
        from rnncalc.writing.gradient_sheet import sheet_of_gradients
        from rnncalc.writing.html import page_text

        return Answer([page_text(sheet_of_gradients(problem, found, options, steps))])
    from rnncalc.writing.rendered import rendered

    return Answer(rendered(pages_of(problem, found, options, steps), options))


def calculated(problem: Problem, request: GradRequest) -> Descended:
    """Return the backward pass, the gradients, and a step of descent.

    Raises:
        InputError: a value overflows.
    """
    assert problem.x is not None
    decimals = request.options.decimals if request.options.by_hand else None
    return descended(request.backward, problem.start, problem.x, request.descent, decimals)


def pages_of(
    problem: Problem, found: Descended, request: Request, steps: range | None = None
) -> "Iterator[Page]":
    """Yield the pages of a backward pass; all steps, unless they are given."""
    from rnncalc.writing.gradients import pages

    assert problem.x is not None
    every = range(len(problem.x))
    steps = every if steps is None else steps
    shown = pages(problem, found, request, steps)
    if request.blank:  # whichever is asked for follows from all of them
        return _with_forward_pass(problem, found, request, shown, every)
    if request.work and not (request.only or request.plot):
        return _with_forward_pass(problem, found, request, shown, steps)
    return shown


def _with_forward_pass(
    problem: Problem, found: Descended, request: Request, shown: "Iterator[Page]", steps: range
) -> "Iterator[Page]":
    """Yield the forward pass and then the backward one, which is calculated from it."""
    from rnncalc.writing.forward_pass import forward_pages

    said: set[str] = set()
    for page in forward_pages(problem, found, request, steps):
        said |= {*page.remarks}
        yield page
    first = next(shown)  # the weights are above
    yield replace(first, given=(), remarks=[line for line in first.remarks if line not in said])
    yield from shown


def _exercise(problem: Problem, request: GradRequest) -> str:
    """Return the problem as TOML, with places for what a page shows of the backward pass."""
    from rnncalc.network.equations import parameters
    from rnncalc.network.naming import stem_of
    from rnncalc.writing.gradients import hidden_in, shown_names
    from rnncalc.writing.toml import exercise_text, objective_lines

    options, backward, rate = request.options, request.backward, request.descent.rate
    hidden = hidden_in(backward)
    names = [name for name in shown_names(backward, options) if name in hidden]
    names = [name for name in names if stem_of(name) in ("dy", "do", "dh", "da", "a", "h")]
    weights = {key: parameters(backward.forward)[key] for key in backward.shares}
    tables = {"gradients": weights, **({"updated": weights} if rate is not None else {})}
    sizes = {name: backward.sizes[name] for name in names}
    keys = objective_lines(backward.objective, rate)
    assert problem.x is not None
    steps = asked_for(options.steps, len(problem.x))
    return exercise_text(problem, sizes, options.decimals, steps, keys, tables)
