"""From settings and claimed figures to the text of their marks."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from math import isfinite

import numpy as np

from rnncalc.checking.check import check
from rnncalc.checking.figures import Tolerance, allowance, figures
from rnncalc.checking.report import Mark, Report
from rnncalc.checking.tracks import Authored
from rnncalc.errors import InputError, few, nearest, quote
from rnncalc.network.activations import LINEAR, SOFTMAX, Array
from rnncalc.network.forward import COMPUTED
from rnncalc.network.model import Network, counted, shape_of
from rnncalc.reading.claims import claims, inputs_of
from rnncalc.reading.config import Problem, problem_of
from rnncalc.reading.layouts import Expected, parse_expected
from rnncalc.reading.settings import EXPECT, Setting
from rnncalc.reading.texts import name_of, read_text
from rnncalc.rounding import plain
from rnncalc.writing.excerpt import Step
from rnncalc.writing.marks import json_text, table_text
from rnncalc.writing.terminal import Look
from rnncalc.writing.work import Lines, Paper, worked

_SAME_INPUT = 2e-7  # of a number: rounded to float32 it is the same
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
        return table_text(self.report, look, all_figures=whole, working=self._working())

    def _working(self) -> Callable[[Mark], list[str]]:
        """Return the function from a mark to what its author should have written."""
        decimals = max((mark.decimals for mark in self.report.not_ok), default=0)
        paper = Paper(min(max(decimals, _LEAST_DECIMALS), _MOST_DECIMALS))
        network, given = self.problem.network, self.problem.given
        follows = partial(_as_it_follows, network, self.x, self.report.authored)

        @lru_cache(maxsize=1)  # the figures of a step come one after the other
        def lines_of(name: str, t: int) -> Lines:
            return worked(network, given, follows(name, t), paper)

        def working(mark: Mark) -> list[str]:
            name, t, i = mark.quantity, mark.step, mark.component
            if not isfinite(mark.from_printed):
                return []
            lines = lines_of(name, t)
            through = _through(network, name)
            if through not in lines or self.report.authored.has(through, t, i):
                return [lines.get(name, lines.get("y", []))[i]]
            if network.cell.activation is LINEAR and name == "h":
                return [lines["a"][i]]
            return [lines[through][i], lines[name][i]]

        return working


def _through(network: Network, name: str) -> str:
    """Return the quantity whose one component a component of `name` comes from, or nothing."""
    softmax = network.readout is not None and network.readout.activation is SOFTMAX
    return {"h": "a", "y": "" if softmax else "o"}.get(name, "")


def _as_it_follows(network: Network, x: Array, authored: Authored, name: str, t: int) -> Step:
    """Return step `t`, from 0, up to `name` as it follows from the author's own figures."""
    own, redone = authored.own, authored.redone
    rows = {"x": x[t], **{q: own.row(q, t) for q in COMPUTED}, name: redone.row(name, t)}
    if network.readout is not None and network.readout.activation is LINEAR:
        rows["o"] = redone.row("o", t)  # o and y are the same, and worked once
    return Step(t + 1, {q: row.tolist() for q, row in rows.items()}, own.states[t].tolist())


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


def _notes(expected: Expected, x: Array) -> Iterator[str]:
    """Yield what a file holds that is not judged."""
    if expected.passed_over:
        names = few(expected.passed_over)
        yield f"{names} passed over; what is judged is called a, h, o or y, or h[0], h[1] ..."
    if expected.empty:
        are = "is" if expected.empty == 1 else "are"
        yield f"{counted(expected.empty, 'cell')} {are} empty; nothing is judged there"
    if expected.inputs is not None:
        yield from _other_input(expected.inputs, x)


def _other_input(rows: object, x: Array) -> Iterator[str]:
    """Yield where the inputs beside the figures are not those of this run."""
    try:
        given = figures(inputs_of(rows, *x.shape))
    except InputError:
        yield f"its x is not {shape_of(x)}, as in this run"
        return
    off = np.abs(given.values - x) > allowance(given, x) + _SAME_INPUT * np.abs(x)
    for t, i in np.argwhere(off)[:1].tolist():
        right = plain(float(x[t, i]))
        yield f"x[{i}] at step {t + 1} is {given.text(t, i)}, but {right} in this run"


Places = Callable[[str], str]
"""Gives the place of a key below [expect]."""


def _expected(
    settings: Mapping[str, Setting], claimed: Claimed, steps: int
) -> tuple[Places, Expected]:
    """Return the figures by quantity, and where they are."""
    if claimed.path is not None:
        return _from_file(claimed.path, steps, claimed.quantity)
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

    def place_of(key: str) -> str:
        return expect.places.get(key.removeprefix("expect."), expect.place)

    return place_of, Expected(expect.value)


def _from_file(path: str, steps: int, quantity: str | None) -> tuple[Places, Expected]:
    if quantity is not None and quantity not in COMPUTED:
        known = nearest(quantity, [*COMPUTED])
        raise InputError(f"--quantity: unknown quantity {quote(quantity)}{known}")
    try:
        text = read_text(path)
    except InputError as error:
        raise error.at("--expect") from None
    place = f"--expect: {name_of(path)}"
    try:
        return lambda _: place, parse_expected(text, steps, quantity)
    except InputError as error:
        raise error.at(place) from None


def _tolerance(claimed: Claimed) -> Tolerance | None:
    for name, value in (("--atol", claimed.atol), ("--rtol", claimed.rtol)):
        if value is not None and not isfinite(value):
            raise InputError(f"{name}: {value} is not a finite number")
    if claimed.atol is None and claimed.rtol is None:
        return None
    return Tolerance(absolute=claimed.atol or 0.0, relative=claimed.rtol or 0.0)
