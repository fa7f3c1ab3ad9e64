"""`rnncalc check`: a problem, a request and printed values -> the text of the answer."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import isfinite

from rnncalc.checking.check import check
from rnncalc.errors import InputError
from rnncalc.network.problem import Problem
from rnncalc.numerals.printed import Tolerance
from rnncalc.reading.claims import claims
from rnncalc.reading.settings import Setting
from rnncalc.writing.corrections import working_of
from rnncalc.writing.marks import json_text, table_text
from rnncalc.writing.request import Request


def requested(options: Request, atol: float | None, rtol: float | None) -> Request:
    """Return the options together with the tolerances that a person typed, if any.

    Raises:
        InputError: a tolerance is not a finite number.
    """
    for name, value in (("--atol", atol), ("--rtol", rtol)):
        if value is not None and not isfinite(value):
            raise InputError(f"{name}: {value} is not a finite number")
    if atol is None and rtol is None:
        return options
    return replace(options, tolerance=Tolerance(absolute=atol or 0.0, relative=rtol or 0.0))


def texts(
    problem: Problem, request: Request, settings: Mapping[str, Setting]
) -> tuple[Iterable[str], tuple[str, ...], bool]:
    """Return the text of the answer in parts, notes on what was not checked, and if all is right.

    Args:
        problem: what is to be run.
        request: where the printed values are, and how to show what is found.
        settings: of the problem; they hold the printed values unless a file does.

    Raises:
        InputError: there are no printed values, they do not fit, or the run overflows.
    """
    if problem.x is None:
        raise InputError("--x -: check reads the whole sequence; name a file: --x @steps.csv")
    printed, notes = claims(settings, problem.network, problem.x, request.expect, request.quantity)
    report = check(problem.network, problem.start, problem.x, printed, request.tolerance)
    if request.format == "json":
        return json_text(report), notes, report.all_ok
    working = working_of(problem, report, request)
    return [table_text(report, request, working)], notes, report.all_ok
