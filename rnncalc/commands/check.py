"""`rnncalc check`: a problem and a request -> the text of the answer."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from rnncalc.checking.check import check
from rnncalc.checking.question import ByHand
from rnncalc.checking.report import Report, wrong_in
from rnncalc.commands import Answer
from rnncalc.errors import InputError
from rnncalc.network.audit import AFTER
from rnncalc.network.model import Network
from rnncalc.network.problem import Problem
from rnncalc.numerals.printed import AllPrinted, Tolerance
from rnncalc.reading.choice import chosen, steps_of
from rnncalc.reading.flags import Typed, limit
from rnncalc.reading.printed_values import Source, printed_values
from rnncalc.reading.settings import DIFFERENTIATED, Setting
from rnncalc.writing.marks import json_text, table_text
from rnncalc.writing.notes import with_names_of
from rnncalc.writing.request import Request, refuse_conflicts

if TYPE_CHECKING:
    from rnncalc.network.audit import Audit

_ALL_DECIMALS = 12  # more than anybody writes by hand


class CheckRequest(NamedTuple):
    """What is checked, and how.

    Attributes:
        options: how values were calculated, and what is shown.
        network: what they are held against.
        printed: the values.
        notes: on what is ignored of them.
        tolerance: how far a value may be off, instead of the rounding that it shows.
        audit: the backward pass, where the equations of the network are not enough.
    """

    options: Request
    network: Network
    printed: AllPrinted
    notes: tuple[str, ...]
    tolerance: Tolerance | None
    audit: "Audit | None"


def requested(
    problem: Problem, settings: Mapping[str, Setting], options: Request, typed: Typed
) -> CheckRequest:
    """Return what is asked for; settings hold the printed values unless a file does.

    Raises:
        InputError: two options exclude each other, there are no printed values, or they do not fit.
    """
    assert problem.x is not None  # check reads standard input to its end
    options = replace(options, steps=steps_of(typed))
    refuse_conflicts(options)
    tolerance = _tolerance(options, typed)
    steps = chosen(options.steps, len(problem.x)) if options.steps else None
    labels = problem.labels.symbols if problem.labels else ()
    source = Source(typed.get("expect"), typed.get("quantity"), steps, labels, options.stdin)
    audit = _audit(problem, settings)
    network = problem.network if audit else _at_every_step(problem.network)
    sizes = _sizes(audit, problem, settings) if audit else None
    printed, notes = printed_values(settings, network, problem.x, source, sizes)
    if audit and not options.by_hand and _has_all_digits(printed):
        audit = _audit(problem, settings, on_paper=False)
    audit = _needed(audit, printed, network) if audit else None
    if audit and AFTER not in printed:
        audit = replace(audit, x=None)  # which spares a run
    return CheckRequest(options, network, printed, notes, tolerance, audit)


def _tolerance(options: Request, typed: Typed) -> Tolerance | None:
    """Return the tolerances that a person typed, if any."""
    limits = {key: limit(typed, key) for key in ("atol", "rtol") if key in typed}
    if options.float32 and limits:
        raise InputError(
            "--float32 allows what single precision needs; leave out --atol and --rtol"
        )
    if not limits:
        return None
    return Tolerance(absolute=limits.get("atol") or 0.0, relative=limits.get("rtol") or 0.0)


def _has_all_digits(printed: AllPrinted) -> bool:
    """Return whether a program printed the values: their rounding is then no one's own."""
    return max(each.most_decimals for each in printed.values()) >= _ALL_DECIMALS


def _at_every_step(network: Network) -> Network:
    """Return the network with a readout at every step, whose last one is the final answer."""
    if not network.final or not network.streams:
        return network
    return Network(network.layers, network.readouts, before=network.before)


def _audit(
    problem: Problem, settings: Mapping[str, Setting], *, on_paper: bool = True
) -> "Audit | None":
    """Return the backward pass, if the problem has one."""
    if not _has_objective(problem, settings):
        return _of_both_ends(problem)
    from rnncalc.network.audit import Audit
    from rnncalc.network.backward import backward_of
    from rnncalc.reading.objective import learning_rate_of, objective_of

    assert problem.x is not None
    backward = backward_of(problem, objective_of(settings, problem), on_paper=on_paper)
    audit = Audit(backward, len(problem.x), learning_rate_of(settings), problem.start, problem.x)
    try:
        return audit if audit.sizes else None
    except InputError:  # no slope: what is printed may be of the forward pass alone
        return None


def _has_objective(problem: Problem, settings: Mapping[str, Setting]) -> bool:
    given = settings.keys() & DIFFERENTIATED
    return bool(given - {"target"} if problem.target is None else given)


def _of_both_ends(problem: Problem) -> "Audit | None":
    """Return the equations of an answer from both ends of the sequence, if there is one."""
    network = problem.network
    if not network.final or network.streams:
        return None
    import numpy as np

    from rnncalc.network.audit import Audit
    from rnncalc.network.backward import backward_of
    from rnncalc.network.objective import Objective

    assert problem.x is not None
    key = "dy" if network.readout else "dh"
    zeros = np.zeros((len(problem.x), network.output_size or network.hidden_size))
    return Audit(backward_of(problem, Objective({key: zeros}), on_paper=False), len(problem.x))


def _sizes(audit: "Audit", problem: Problem, settings: Mapping[str, Setting]) -> dict[str, int]:
    """Return the number of components of x and of each quantity that can be printed."""
    network = problem.network
    if _has_objective(problem, settings):
        return {"x": network.input_size, **audit.sizes}
    return {**network.sizes, **{each.name: each.size for each in network.answers}}


def _needed(audit: "Audit", printed: AllPrinted, network: Network) -> "Audit | None":
    """Return the audit, unless the equations of the network are enough for what was printed.

    Raises:
        InputError: h is that of each step beside an answer that has an h of its own.
    """
    beyond = printed.keys() - network.sizes.keys()
    h = printed.get("h")
    if not network.final or network.streams or h is None:
        return audit if beyond else None
    if not h.printed[:-1].any():  # the h of the answer
        return audit
    if beyond:
        raise InputError(
            "h is what the answer is formed of, so only the last step has it; "
            "print the two directions of each step instead, such as h_l0 and h_l0_reverse"
        )
    return None


def _judged(judge: Callable[..., Report], request: CheckRequest) -> tuple[Report, "Audit | None"]:
    """Return what is right and wrong, and the backward pass that it was held against.

    The loss after a step of descent is of a run that nobody prints: its author may have rounded
    all of it, or nothing.
    """
    audit, precision = request.audit, request.options.precision
    try:
        report = judge(audit=audit)
    except InputError:
        if not audit or not audit.backward.on_paper:
            raise
        # an output that no float tells from 0 has a finite loss all the same
        audit = replace(audit, backward=replace(audit.backward, on_paper=False))
        report = judge(audit=audit)
    if not audit or report.all_ok or all(mark.quantity != AFTER for mark in report.not_ok):
        return report, audit
    known = request.printed[AFTER].most_decimals if precision is None else precision
    written_down = replace(audit, decimals=known)
    try:
        other = judge(audit=written_down)
    except InputError:  # an output that is rounded to 0 has an infinite loss
        return report, audit
    better = wrong_in(other.counts) < wrong_in(report.counts)
    return (other, written_down) if better else (report, audit)


def answer(problem: Problem, request: CheckRequest) -> Answer:
    """Return which values are right, and what went wrong in the others.

    Raises:
        InputError: the run overflows.
    """
    assert problem.x is not None
    options, given = request.options, (request.network, problem.start, problem.x)
    by_hand = ByHand(options.precision) if options.by_hand else None
    how = request.printed, request.tolerance, by_hand
    report, audit = _judged(partial(check, *given, *how, float32=options.float32), request)
    if options.format == "json":
        return Answer(json_text(report), request.notes, report.all_ok)
    table = _table(replace(problem, network=request.network), report, options, audit)
    return Answer([table], request.notes, report.all_ok)


def _table(problem: Problem, report: Report, request: Request, audit: "Audit | None") -> str:
    """Return what a person reads, with the right working of each wrong value."""
    working, about = None, list[str]()
    request = with_names_of(problem, request)
    if audit:
        request = replace(request, names={**request.names, **audit.indices})
    if report.not_ok:  # all right is the likeliest, and should be the fastest answer
        from rnncalc.writing.corrections import working_of

        working = working_of(problem, report, request, audit)
    if report.not_ok or request.whole:
        from rnncalc.writing.side_by_side import about_lines

        about = about_lines(problem, request)
    return table_text(report, request, working, about)
