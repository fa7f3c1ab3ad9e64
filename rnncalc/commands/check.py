"""From settings and claimed figures to the text of their marks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rnncalc.arrays import Array
from rnncalc.checking.check import check
from rnncalc.checking.report import Report
from rnncalc.errors import InputError
from rnncalc.network.problem import Problem
from rnncalc.reading.claims import Claimed, _expected, _notes, _tolerance, claims
from rnncalc.reading.problem import problem_of
from rnncalc.reading.settings import Setting
from rnncalc.writing.console import Look
from rnncalc.writing.corrections import working_of
from rnncalc.writing.marks import json_text, table_text


@dataclass(frozen=True)
class Marks:
    """A marked calculation, the problem that it is of, and what else there is to say."""

    report: Report
    problem: Problem
    x: Array
    notes: tuple[str, ...] = ()

    @property
    def all_ok(self) -> bool:
        """Whether no figure is wrong."""
        return self.report.all_ok

    def json(self) -> Iterable[str]:
        """Return the marks of every figure, for programs."""
        return json_text(self.report)

    def table(self, look: Look, *, whole: bool) -> str:
        """Return the marks for eyes, with the right working of what is wrong."""
        return table_text(
            self.report,
            look,
            all_figures=whole,
            working=working_of(self.problem, self.x, self.report),
        )


def marks(settings: Mapping[str, Setting], claimed: Claimed) -> Marks:
    """Return the marks of the figures that are claimed for a run.

    Raises:
        InputError: the network or the figures are not what they must be, or there are no figures.
    """
    problem = problem_of(settings)
    if problem.x is None:
        raise InputError("--x -: check reads the whole sequence; name a file: --x @steps.csv")
    place_of, expected = _expected(settings, claimed, len(problem.x))
    try:
        texts = claims(expected.figures, problem.network, len(problem.x))
    except InputError as error:
        raise error.at(f"{place_of(error.key)}: {error.key}") from None
    report = check(problem.network, problem.h0, problem.x, texts, _tolerance(claimed))
    notes = tuple(f"{place_of('')}: {note}" for note in _notes(expected, problem.x))
    return Marks(report, problem, problem.x, notes)
