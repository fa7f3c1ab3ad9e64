"""Verdicts: which figures are right, which follow from others, which are wrong in themselves."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from rnncalc.arrays import Array
from rnncalc.checking import noise as chaos
from rnncalc.checking import readings as tracks
from rnncalc.checking import slips
from rnncalc.checking.readings import Authored, Track
from rnncalc.checking.report import Cause
from rnncalc.checking.slips import Guess, Place
from rnncalc.network.activations import SOFTMAX
from rnncalc.network.forward import COMPUTED, forward
from rnncalc.network.model import Network
from rnncalc.network.trace import Trace
from rnncalc.numerals.printed import (
    FULL_DIGITS,
    Claims,
    Figures,
    Mask,
    Tolerance,
    allowance,
    cut,
    fits,
)

Kinds = np.ndarray[tuple[int, ...], np.dtype[np.str_]]
"""Verdicts; "" where nothing was printed."""

_FAR = 0.45  # of a unit: a short figure that is nearer to the right one is just that
_TEN_DIGITS = 1e-10  # what agrees so far is right, however its last digits grew
_GIVEN = 17  # decimals: what was given is not rounded
_EXPLAINED = 1000  # slips; the next one would say nothing new, and each takes its time


@dataclass(frozen=True, eq=False)
class Question:
    """What is to be marked: a run, and the figures that somebody claims for it.

    Attributes:
        network: the network.
        h0: (H,), the state before step 1.
        x: (T, D), the inputs.
        claims: the printed figures by quantity, each (T, its size).
        tolerance: instead of the rounding that a figure shows.
    """

    network: Network
    h0: Array
    x: Array
    claims: Claims
    tolerance: Tolerance | None = None

    @cached_property
    def right(self) -> Trace:
        """The run as it should be."""
        return forward(self.network, self.h0, self.x)

    @cached_property
    def noise(self) -> chaos.Noise:
        """How far another right program may be off."""
        return chaos.noise(self.network, self.h0, self.right)

    @cached_property
    def redone(self) -> Track:
        """Every figure redone from the figures printed before it."""
        return tracks.from_printed(self.network, self.h0, self.x, self.claims)

    @cached_property
    def authored(self) -> Authored:
        """The calculation as its author had it."""
        return Authored(self.claims, self.redone, tracks.printed(self.redone, self.claims))

    def beginning(self, steps: int) -> "Question":
        """Return the question of the first steps alone."""
        first = slice(0, steps)
        claims = {name: printed.rows(first) for name, printed in self.claims.items()}
        return replace(self, x=self.x[first], claims=claims)

    def fits(self, name: str, value: Array, slack: float | Array = 0.0) -> Mask:
        """Return where the printed figures of `name` are `value` (T, n)."""
        return fits(self.claims[name], value, self.tolerance, slack)

    def right_of(self, name: str) -> Array:
        """Return the right figures of `name`, (T, n)."""
        rows: Array = getattr(self.right, name)
        return rows


@dataclass(frozen=True, eq=False)
class Verdicts:
    """The verdicts on the figures of a question.

    Attributes:
        by_name: (T, n) of verdicts for each quantity, "" where nothing was printed.
        causes: the mistakes that give a slip.
        undecidable_from: t, counted from 1, from which on rounding alone may change the figures.
    """

    by_name: dict[str, Kinds]
    causes: dict[Place, tuple[Cause, ...]]
    undecidable_from: int | None = None


def verdicts(question: Question) -> Verdicts:
    """Return the verdicts on every printed figure."""
    found = {name: _plain(question, name) for name in question.claims}
    answer = Verdicts(found, {}, None)
    if all((v != "?").all() for v in found.values()):
        return answer
    limits = {name: _limit(question, name) for name in found}
    for name, kinds in found.items():
        _allow_noise(question, name, kinds, limits[name])
    if any((v == "?").any() for v in found.values()):
        _Reader(question, answer).read()
    return Verdicts(found, answer.causes, _undecidable_from(question, limits))


def _plain(question: Question, name: str) -> Kinds:
    """Return ok, "" for nothing printed, or "?" for what is still to be judged, (T, n)."""
    right = question.fits(name, question.right_of(name))
    kinds = np.where(right, "ok", "?").astype("<U9")
    kinds[~question.claims[name].printed] = ""
    return kinds


def _limit(question: Question, name: str) -> Array:
    """Return (T, n) the noise beyond which a figure can no longer be judged."""
    printed, right = question.claims[name], question.right_of(name)
    allowed = allowance(printed, right, question.tolerance)
    return np.maximum(allowed / 1000, _TEN_DIGITS * np.maximum(np.abs(right), 1.0))


def _allow_noise(
    question: Question,
    name: str,
    kinds: Kinds,
    limit: Array,
) -> None:
    """Judge what is no further from right than the noise: ok while that is small."""
    noise = question.noise.grown[name]
    near = (kinds == "?") & question.fits(name, question.right_of(name), noise)
    kinds[near & (noise <= limit)] = "ok"
    kinds[near & (noise > limit) & _may_follow(question, name)] = "undecided"


def _may_follow(question: Question, name: str) -> Mask:
    """Return where a figure follows from those printed just before it, or where none were, (T, n).

    However a network drifts, one step of it is off by no more than the rounding of what it is from.
    """
    source = _source(question, name)
    if source is None:
        return np.ones_like(question.claims[name].printed)
    printed, weights = source
    rounding = 0.5 * printed.unit.max(axis=1, keepdims=True) * np.abs(weights).sum(axis=1).max()
    slack = question.noise.fresh[name] + 2 * rounding
    follows = question.fits(name, question.redone.rows(name), slack)
    return np.asarray(follows | ~printed.printed.all(axis=1, keepdims=True))


def _source(question: Question, name: str) -> tuple[Figures, Array] | None:
    """Return the printed figures that those of `name` come from, and by which weights; or None."""
    cell, readout, claims = question.network.cell, question.network.readout, question.claims
    inner = {"h": "a", "y": "o"}.get(name)
    if inner in claims:
        return claims[inner], np.eye(1)
    if "h" not in claims:
        return None
    if readout and name in ("o", "y"):
        return claims["h"], readout.W_hy
    h = claims["h"]
    earlier = np.vstack((question.h0, h.values[:-1]))
    decimals = np.vstack((np.full_like(h.decimals[:1], _GIVEN), h.decimals[:-1]))
    return Figures((), earlier, decimals), cell.W_hh


def _undecidable_from(question: Question, limits: dict[str, Array]) -> int | None:
    steps = [
        np.flatnonzero(((question.noise.grown[n] > limit) & question.claims[n].printed).any(axis=1))
        for n, limit in limits.items()
    ]
    return min((int(found[0]) + 1 for found in steps if found.size), default=None)


class _Reader:
    """Reads a calculation as its author did: forward, with the digits that were kept in mind.

    A figure may follow from the printed figures before it, or from these figures unrounded: `kept`
    holds, for what is printed, the number that was rounded to it, as far as it can be known.
    """

    def __init__(self, question: Question, answer: Verdicts) -> None:
        self.question, self.answer = question, answer
        self.claims, self.network = question.claims, question.network
        self.redone = question.redone
        self.printed = question.authored.own
        self.straight = tracks.straight(self.network, question.x, self.printed)
        self.on_paper = self._on_paper()
        self.kept = tracks.of_trace(question.h0, question.right)

    def _on_paper(self) -> Track:
        """Return what follows where what is not printed was rounded as well, if that may be so.

        It may, where it gives every figure that the same figures unrounded give; where not, nothing
        but what follows from the printed figures is returned.
        """
        question = self.question
        decimals = [printed.usual_decimals for printed in self.claims.values()]
        if min(decimals) < 1 or max(decimals) >= FULL_DIGITS:
            return self.redone  # nobody goes on with whole numbers, and a program with all digits
        found = tracks.on_paper(self.network, question.h0, question.x, self.claims)
        explained = np.ones(len(question.x) + 1, dtype=np.bool_)
        against = np.zeros(len(question.x), dtype=np.bool_)
        for name, printed in self.claims.items():
            others = (question.right_of(name), self.redone.rows(name), self.straight.rows(name))
            otherwise = np.any([question.fits(name, rows) for rows in others], axis=0)
            on_paper = question.fits(name, found.rows(name))
            explained[1:] &= (otherwise | on_paper | ~printed.printed).all(axis=1)
            against |= (otherwise & ~on_paper).any(axis=1)
        # after a slip its author may have gone on with another figure
        return self.redone if (against & explained[:-1]).any() else found

    def read(self) -> None:
        """Judge every figure that is not yet, from the first such step on."""
        doubtful = [(kinds == "?").any(axis=1) for kinds in self.answer.by_name.values()]
        steps = np.flatnonzero(np.any(doubtful, axis=0)).tolist()
        for t in range(steps[0], steps[-1] + 1):
            for name in COMPUTED if self.network.readout else COMPUTED[:2]:
                self._row(name, t)
        self.judge_short_figures()

    def _row(self, name: str, t: int) -> None:
        unrounded = self._next(name, t)
        row = self.kept.row(name, t)
        if name not in self.claims:
            row[:] = unrounded
            return
        printed, readings = self.claims[name].at(t), self._readings(name, t, unrounded)
        slack = self.question.noise.fresh[name][t]
        row[:] = self._kept(printed, readings, slack)
        kinds = self.answer.by_name[name][t]
        open_ = kinds == "?"
        if open_.any():
            self._judge(Place(name, t, 0), kinds, open_, readings)

    def _next(self, name: str, t: int) -> Array:
        """Return row `t` of `name` as it follows from what was kept, (n,)."""
        kept, cell, readout = self.kept, self.network.cell, self.network.readout
        if name == "a":
            a: Array = cell.W_xh @ self.question.x[t] + cell.W_hh @ kept.states[t] + cell.b_h
            return a
        if name == "h":
            return cell.activation(kept.a[t])
        assert readout is not None
        if name == "y":
            return readout.activation(kept.o[t])
        o: Array = readout.W_hy @ kept.states[t + 1] + readout.b_y
        return o

    def _readings(self, name: str, t: int, unrounded: Array) -> Array:
        """Return (4, n): all that a row may legitimately be, the likeliest first."""
        others = (self.redone, self.straight, self.on_paper)
        return np.array([unrounded, *(track.row(name, t) for track in others)])

    def _kept(self, printed: Figures, readings: Array, slack: Array) -> Array:
        """Return the number behind each figure: the first reading that is rounded to it."""
        fit = fits(printed, readings, self.question.tolerance, slack)
        chosen = np.take_along_axis(readings, fit.argmax(axis=0)[None], axis=0)[0]
        value = np.where(fit.any(axis=0), chosen, printed.values)
        return np.where(printed.printed, value, readings[0])

    def _judge(self, place: Place, kinds: Array, open_: Mask, readings: Array) -> None:
        name, t, _ = place
        printed = self.claims[name].at(t)
        slack = self.question.noise.fresh[name][t]
        follows, tolerance = self.redone.row(name, t), self.question.tolerance
        on_paper = self.on_paper.row(name, t)
        carried = fits(printed, np.array([follows, on_paper]), tolerance, slack).any(axis=0)
        # also what the author kept in mind, unrounded: but only where it would be a slip without
        kept = np.asarray(fits(printed, readings, tolerance, slack).any(axis=0))
        if tolerance is None:
            was_cut = cut(printed, self.question.right_of(name)[t])
            from_any = np.vstack((follows[None], readings))
            carried_cut = np.logical_or(kept, cut(printed, from_any).any(axis=0))
        else:  # a tolerance of one's own has replaced the rounding
            was_cut, carried_cut = np.zeros_like(carried), kept
        kinds[open_] = np.select(
            [carried, was_cut, carried_cut], ["carried", "cut", "carried"], "slip"
        )[open_]
        for i in np.flatnonzero(open_ & (kinds == "slip"))[: _EXPLAINED - len(self.answer.causes)]:
            self._explain(Place(name, t, int(i)), readings)

    def _explain(self, place: Place, readings: Array) -> None:
        """Name the mistakes that give a slip, and keep what the first of them gives, unrounded."""
        name, t, i = place
        found: dict[Cause, Array] = {}
        for own in (self.kept, self.printed):
            for cause, value in slips.causes_of(self._guesses(own, place), self._fit(place)):
                found.setdefault(cause, value)
        if found and name != "y":  # nothing follows from a y
            self.kept.row(name, t)[i] = next(iter(found.values()))
        self.answer.causes[place] = (*found, *self._misread(place, readings))

    def _guesses(self, own: Track, place: Place) -> Iterator[Guess]:
        """Yield what may have gone wrong between the figures before and the one at `place`."""
        network, x, (name, t, i) = self.network, self.question.x, place
        if name in ("a", "o"):
            yield from slips.sum_guesses(network, x, own, place)
            return
        yield from slips.activation_guesses(network, own, place)
        inner = "a" if name == "h" else "o"
        hidden = self._not_printed(inner, t)  # a printed sum is judged by itself
        if name == "y" and network.readout is not None and network.readout.activation is SOFTMAX:
            yield from slips.softmax_guesses(network, x, own, t, hidden)
        elif hidden[i]:
            yield from slips.through_function(network, x, own, Place(inner, t, i))

    def _not_printed(self, name: str, t: int) -> Mask:
        if name in self.claims:
            return np.asarray(~self.claims[name].at(t).printed)
        return np.ones(self.kept.row(name, t).shape, dtype=np.bool_)

    def _fit(self, place: Place) -> Callable[[Array], Mask]:
        """Return the test of a guess: does it give the figure, or the row, that is printed?"""
        name, t, i = place
        whole, tolerance = self.claims[name].at(t), self.question.tolerance
        one, slack = self.claims[name].at(t, i), self.question.noise.fresh[name][t]

        def fit(values: Array) -> Mask:
            if values.ndim == 1:
                return fits(one, values, tolerance, slack)
            return np.asarray((fits(whole, values, tolerance, slack) | ~whole.printed).all(axis=-1))

        return fit

    def _misread(self, place: Place, readings: Array) -> list[Cause]:
        """Return the mistakes in reading or writing down a figure, each kind once."""
        name, t, i = place
        f = self.network.cell.activation if name == "h" else None
        if name == "y" and self.network.readout is not None:
            f = self.network.readout.activation
        found: dict[str, Cause] = {}
        for expected in readings[:, i]:
            guesses = slips.reading_guesses(self.claims[name].at(t, i), float(expected), f)
            for cause, _ in slips.causes_of(guesses, self._fit(place)):
                found.setdefault(cause.id, cause)
        return list(found.values())

    def judge_short_figures(self) -> None:
        """Call a figure with few decimals a slip where all that is printed says that it is one.

        0.3 is 0.2502, rounded. But between figures of four decimals it may be 0.3000 with its zeros
        left out: it is, where the author went on with 0.3000 and a mistake in one term gives that.
        """
        for name in ("a", "o"):
            if name in self.claims:
                for place in self._short_figures(name):
                    self._judge_short_figure(place)

    def _short_figures(self, name: str) -> Iterator[Place]:
        """Yield the figures of `name` that are right only because they are printed short."""
        printed = _lengthened(self.claims[name])
        right = self.question.right_of(name)
        far = np.abs(printed.values - right) > _FAR * self.claims[name].unit
        short = (self.answer.by_name[name] == "ok") & ~fits(printed, right) & far
        short &= self.claims[name].decimals > 0
        for t, i in np.argwhere(short):
            yield Place(name, int(t), int(i))

    def _judge_short_figure(self, place: Place) -> None:
        name, t, i = place
        after = self.answer.by_name.get("h" if name == "a" else "y")
        if after is None or after[t, i] != "carried":
            return
        printed = _lengthened(self.claims[name]).at(t, i)
        guesses = slips.sum_guesses(self.network, self.question.x, self.kept, place)
        causes = slips.causes_of(guesses, lambda values: fits(printed, values))
        terms = [c for c, _ in causes if c.id in slips.TERM_IDS]
        if terms:
            self.answer.by_name[name][t, i] = "slip"
            self.answer.causes[place] = tuple(terms)


def _lengthened(printed: Figures) -> Figures:
    """Return the figures with as many decimals as the longest of them."""
    longest = printed.decimals.max(initial=0, where=printed.printed)
    return Figures(printed.texts, printed.values, np.full_like(printed.decimals, longest))
