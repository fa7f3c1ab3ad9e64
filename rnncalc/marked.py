"""From settings and claimed figures to the text of their marks."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite

from rnncalc.checking.check import check
from rnncalc.checking.figures import Tolerance
from rnncalc.checking.report import Mark, Report
from rnncalc.errors import InputError
from rnncalc.network.activations import Array
from rnncalc.network.forward import forward
from rnncalc.reading.claims import claims, parse_expected
from rnncalc.reading.config import Problem, problem_of
from rnncalc.reading.settings import EXPECT, Setting
from rnncalc.reading.texts import name_of, read_text
from rnncalc.writing.excerpt import steps_of
from rnncalc.writing.marks import json_text, table_text
from rnncalc.writing.terminal import Look
from rnncalc.writing.work import Lines, Paper, worked

_LEAST_DECIMALS = 3
_MOST_DECIMALS = 12  # of the right working; nobody works with more


@dataclass(frozen=True)
class Claimed:
    """Where the figures are that somebody claims, and how exact they are to be.

    Attributes:
        path: of a file with them, or None where they are in the settings.
        quantity: what they are, where the file does not say.
        atol: the largest absolute error, instead of the rounding that a figure shows.
        rtol: the largest relative one.
    """

    path: str | None = None
    quantity: str | None = None
    atol: float | None = None
    rtol: float | None = None


@dataclass(frozen=True)
class Marks:
    """A marked calculation, and the problem that it is of."""

    report: Report
    problem: Problem
    x: Array

    @property
    def all_ok(self) -> bool:
        """Whether no figure is wrong."""
        return self.report.all_ok

    def json(self) -> Iterable[str]:
        """Return the marks of every figure, for programs."""
        return json_text(self.report)

    def table(self, look: Look, *, whole: bool) -> str:
        """Return the marks for eyes, with the right working of what is wrong."""
        return table_text(self.report, look, all_figures=whole, working=self._working())

    def _working(self) -> Callable[[Mark], str]:
        problem = self.problem
        trace = forward(problem.network, problem.h0, self.x)
        decimals = max((mark.decimals for mark in self.report.not_ok), default=0)
        paper = Paper(min(max(decimals, _LEAST_DECIMALS), _MOST_DECIMALS))

        @lru_cache(maxsize=1)  # the figures of a step come one after the other
        def lines_of(row: int) -> Lines:
            (step,) = steps_of(trace.part(row, row + 1))
            return worked(problem.network, problem.given, step, paper)

        def working(mark: Mark) -> str:
            lines = lines_of(mark.step)
            return lines.get(mark.quantity, lines.get("y", []))[mark.component]

        return working


def marks(settings: Mapping[str, Setting], claimed: Claimed) -> Marks:
    """Return the marks of the figures that are claimed for a run.

    Raises:
        InputError: the network or the figures are not what they must be, or there are no figures.
    """
    problem = problem_of(settings)
    if problem.x is None:
        raise InputError("--x -: check reads the whole sequence; name a file: --x @steps.csv")
    expected = _expected(settings, claimed)
    try:
        texts = claims(expected.value, problem.network, len(problem.x))
    except InputError as error:
        place = expected.places.get(error.key.removeprefix("expect."), expected.place)
        raise error.at(f"{place}: {error.key}") from None
    report = check(problem.network, problem.h0, problem.x, texts, _tolerance(claimed))
    return Marks(report, problem, problem.x)


def _expected(settings: Mapping[str, Setting], claimed: Claimed) -> Setting:
    """Return the figures by quantity, and where they are."""
    if claimed.path is not None:
        return _from_file(claimed.path, claimed.quantity)
    if claimed.quantity is not None:
        raise InputError(
            "--quantity: says what the figures of --expect FILE are; there is no --expect"
        )
    if EXPECT not in settings:
        raise InputError(
            "there are no figures to check; write them under [expect] in the file of -c, "
            "h = [0.537, 0.851], or name a file with --expect"
        )
    expect = settings[EXPECT]
    if not isinstance(expect.value, dict):
        raise InputError(f"{expect.place}: expect is a table: [expect], and below it h = [...]")
    return expect


def _from_file(path: str, quantity: str | None) -> Setting:
    try:
        text = read_text(path)
    except InputError as error:
        raise error.at("--expect") from None
    place = f"--expect: {name_of(path)}"
    try:
        return Setting(parse_expected(text, quantity), place)
    except InputError as error:
        raise error.at(place) from None


def _tolerance(claimed: Claimed) -> Tolerance | None:
    for name, value in (("--atol", claimed.atol), ("--rtol", claimed.rtol)):
        if value is not None and not isfinite(value):
            raise InputError(f"{name}: {value} is not a finite number")
    if claimed.atol is None and claimed.rtol is None:
        return None
    return Tolerance(absolute=claimed.atol or 0.0, relative=claimed.rtol or 0.0)
