"""Verdicts: which values are right, which follow from others, which are wrong in themselves."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rnncalc.arrays import Array
from rnncalc.checking import readings, slips
from rnncalc.checking.backward_slips import Edited, backward_guesses, edited_rows
from rnncalc.checking.question import Question
from rnncalc.checking.report import Cause
from rnncalc.checking.slips import Guess, Place
from rnncalc.network.activations import SOFTMAX
from rnncalc.network.audit import is_backward
from rnncalc.network.equations import Affine, Applied, Joined, Rows, Steps, follow, passes
from rnncalc.numerals.printed import Mask, Printed, cut, fits

Kinds = np.ndarray[tuple[int, ...], np.dtype[np.str_]]
"""Verdicts; "" where nothing was printed."""

_FAR = 0.45  # of a unit: a short value that is nearer to the right one is just that
_TEN_DIGITS = 1e-10  # what agrees so far is right, however its last digits grew
_SOME = 3  # values: fewer may be cut by chance
_ALL_DECIMALS = 15  # nobody works with more by hand
_EXPLAINED = 1000  # slips; the next one would say nothing new, and each takes its time


@dataclass(frozen=True, eq=False)
class Verdicts:
    """The verdicts on the values of a question.

    Attributes:
        by_name: (T, n) of verdicts for each quantity, "" where nothing was printed.
        causes: the mistakes that give a slip.
        undecidable_from: t, counted from 1, from which on rounding alone may change the values.
        weights_rounded: decimals of the weights, if their rounding makes values ok or carried.
    """

    by_name: dict[str, Kinds]
    causes: dict[Place, tuple[Cause, ...]]
    undecidable_from: int | None = None
    weights_rounded: int | None = None


def verdicts(question: Question) -> Verdicts:
    """Return the verdicts on every printed value."""
    found = {name: _plain(question, name) for name in question.printed}
    answer = Verdicts(found, {})
    if question.float32:
        for name, kinds in found.items():
            kinds[question.fits(name, question.right[name], question.noise.grown[name])] = "ok"
    limits = {name: _limit(question, name) for name in found}
    for name, kinds in found.items():
        if not _settled(kinds):  # the last bits of a single step are cheap to know
            fresh = question.noise.fresh[name]
            near = question.fits(name, question.right[name], fresh)
            kinds[near & (fresh <= limits[name])] = "ok"
    if all(map(_settled, found.values())):
        return answer
    for name, kinds in found.items():
        _allow_noise(question, name, kinds, limits[name])
    if not all(map(_settled, found.values())):
        _Reader(question, answer).read()
    rounded = _allow_rounded_weights(question, answer)
    return Verdicts(found, answer.causes, _undecidable_from(question, limits), rounded)


def _allow_rounded_weights(question: Question, answer: Verdicts) -> int | None:
    """Judge all as ok that differs, if the rounding of printed weights explains all of it.

    Where it explains only some values, those are not slips. Truncated values stay cut if all values
    are truncated, and not only by chance. Returns the decimals of the weights, if they explain any.
    """
    found = np.concatenate([kinds.ravel() for kinds in answer.by_name.values()])
    wrong = ("slip",) if _is_truncated(question, answer) else ("slip", "cut")
    if not np.isin(found, ("carried", *wrong)).any() or question.weights_rounded is None:
        return None
    decimals, off = question.weights_rounded
    for name, kinds in answer.by_name.items():
        differs = ~np.isin(kinds, ("", "ok", "undecided"))
        if (differs & ~_near(question, name, question.right.rows, off)).any():
            return decimals if _allow_some(question, answer, off, wrong) else None
    for kinds in answer.by_name.values():
        kinds[kinds != ""] = "ok"
    answer.causes.clear()
    return decimals


def _near(question: Question, name: str, values: Rows, off: Rows) -> Mask:
    """Return where the printed values fit up to what the rounding of weights moves.

    The function of a value that is printed beside it has no weight that could move it.
    """
    near = question.fits(name, values[name], off[name])
    equation = question.equation(name)
    if not isinstance(equation, Applied) or equation.source not in question.printed:
        return near
    source = question.printed[equation.source]
    whole = equation.activation is SOFTMAX  # each component depends on all
    known = source.printed.all(axis=1, keepdims=True) if whole else source.printed
    slack = question.rounding[name] + question.noise.fresh[name]
    return np.asarray(near & (~known | question.fits(name, question.authored.redone[name], slack)))


def _is_truncated(question: Question, answer: Verdicts) -> bool:
    """Return whether values were truncated, and not only by chance, as far as they are right."""
    cuts = sum(int((kinds == "cut").sum()) for kinds in answer.by_name.values())
    return cuts >= _SOME and all(
        (cut(question.printed[name], question.right[name]) | ~np.isin(kinds, ("ok", "cut"))).all()
        for name, kinds in answer.by_name.items()
    )


def _allow_some(question: Question, answer: Verdicts, off: Rows, wrong: tuple[str, ...]) -> bool:
    """Judge the values that the rounding of printed weights explains; return whether any is.

    They are right, or follow from what was printed before them, the first slip among that.
    """
    found = answer.by_name
    right = {
        name: np.isin(kinds, wrong) & _near(question, name, question.right.rows, off)
        for name, kinds in found.items()
    }
    changed = _judge_as("ok", right, answer)
    slips_ = [np.flatnonzero((kinds == "slip").any(axis=1)) for kinds in found.values()]
    first = min((int(t[0]) for t in slips_ if t.size), default=0)
    if len(passes(question.equations)) > 1:  # which do not all begin at the first step
        return changed
    later = np.arange(question.steps)[:, None] > first
    follows = {
        name: (kinds == "slip") & later & _near(question, name, question.authored.redone, off)
        for name, kinds in found.items()
    }
    return _judge_as("carried", follows, answer) or changed


def _judge_as(verdict: str, chosen: Mapping[str, Mask], answer: Verdicts) -> bool:
    """Give a verdict to some values that were slips or cut; return whether there are any."""
    for name, some in chosen.items():
        answer.by_name[name][some] = verdict
        for t, i in np.argwhere(some).tolist():
            answer.causes.pop(Place(name, t, i), None)
    return any(some.any() for some in chosen.values())


def _settled(kinds: Kinds) -> bool:
    return not (kinds == "?").any()


def _plain(question: Question, name: str) -> Kinds:
    """Return ok, "" for nothing printed, or "?" for what is still to be judged, (T, n)."""
    right = question.fits(name, question.right[name])
    kinds = np.where(right, "ok", "?").astype("<U9")
    kinds[~question.printed[name].printed] = ""
    return kinds


def _limit(question: Question, name: str) -> Array:
    """Return (T, n), the noise beyond which a value can no longer be judged."""
    right = question.right[name]
    allowed = question.allowed(question.printed[name], right)
    return np.maximum(allowed / 1000, _TEN_DIGITS * np.maximum(np.abs(right), 1.0))


def _allow_noise(question: Question, name: str, kinds: Kinds, limit: Array) -> None:
    """Judge what is no further from right than the noise: ok while that is small."""
    noise = question.noise.grown[name]
    near = (kinds == "?") & question.fits(name, question.right[name], noise)
    kinds[near & (noise <= limit)] = "ok"
    # however a network drifts, a single step is off only by the rounding of what it is from
    slack = question.noise.fresh[name] + 2 * question.rounding[name]
    follows = question.fits(name, question.authored.redone[name], slack)
    kinds[near & (noise > limit) & follows] = "undecided"


def _undecidable_from(question: Question, limits: dict[str, Array]) -> int | None:
    if question.float32:  # which has been allowed for
        return None
    grown, printed = question.noise.grown, question.printed
    steps = [
        np.flatnonzero(((grown[name] > limit) & printed[name].printed).any(axis=1))
        for name, limit in limits.items()
    ]
    return min((int(found[0]) + 1 for found in steps if found.size), default=None)


class _Reader:
    """Replays the calculation step by step, as its author may have continued after each value.

    Three ways at a time: `kept` continues with the unrounded number behind each printed value, as
    far as it can be known. `meant` does so too, but where a printed value fits nothing it continues
    with what should have been written: the value was misprinted. `noted` is the same by hand: it
    continues with rounded values.
    """

    def __init__(self, question: Question, answer: Verdicts) -> None:
        self.question, self.answer = question, answer
        self.printed, self.equations = question.printed, question.equations
        self.redone, self.own = question.authored.redone, question.authored
        self.on_paper = self._on_paper()
        self.edited = dict[tuple[readings.Authored, str, int], list[Edited]]()
        right = {
            name: rows.copy()
            for name, rows in question.right.rows.items()
            if name not in question.given
        }
        self.kept = readings.Authored(question.start, self.printed, self.redone, right)

    def _on_paper(self) -> Rows | None:
        """Return the rounded-on-paper reading if it explains every value that the unrounded does.

        None if nobody can have rounded so.
        """
        question = self.question
        decimals = [printed.most_decimals for printed in self.printed.values()]
        if min(decimals) < 1 or max(decimals) >= _ALL_DECIMALS:
            return None  # nobody continues with integers, and a program with all digits
        found = question.on_paper
        explained = np.ones(len(question.x) + 1, dtype=np.bool_)
        against = np.zeros(len(question.x), dtype=np.bool_)
        for name, printed in self.printed.items():
            otherwise, on_paper = (question.fits(name, rows[name]) for rows in (self.redone, found))
            explained[1:] &= (otherwise | on_paper | ~printed.printed).all(axis=1)
            against |= (otherwise & ~on_paper).any(axis=1)
        # after a slip its author may have continued with another value
        return None if (against & explained[:-1]).any() else found

    def read(self) -> None:
        """Judge every value that is not judged yet, from the first such step on."""
        doubtful = [(kinds == "?").any(axis=1) for kinds in self.answer.by_name.values()]
        steps = np.flatnonzero(np.any(doubtful, axis=0)).tolist()
        whole = len(passes(self.equations)) > 1  # a backward direction begins at the last step
        first, end = (0, len(self.question.x)) if whole else (steps[0], steps[-1] + 1)
        given = {name: rows[first:end] for name, rows in self.question.given.items()}

        def adopt(name: str, t: Steps, rows: Array) -> Array:
            assert isinstance(t, int)
            # in the first step, the three are still one
            return self._read(name, first + t, np.broadcast_to(rows, (3, rows.shape[-1])))

        start = {name: self._before(name, first) for name in self.question.start}
        follow(self.equations, start, given, adopt)
        self.judge_short_values()

    def _before(self, name: str, t: int) -> Array:
        """Return (3, n), the rows before the first doubtful one, all of which are right."""
        right = self.kept.before(name, t)
        if name in self.printed or not t:
            noted = self.own.before(name, t)
        elif self.on_paper is None:
            noted = right
        else:
            noted = self._rounded(name, self.on_paper[name][t - 1])
        return np.array([right, right, noted])

    def _noted(self, name: str, rows: Array) -> Array:
        """Return rows as they are written down by hand, or as they are if nothing was rounded."""
        return rows if self.on_paper is None else self._rounded(name, rows)

    @cached_property
    def _rounded(self) -> Callable[[str, Array], Array]:
        return readings.on_paper_rounding(self.question.decimals)

    def _read(self, name: str, t: int, rows: Array) -> Array:
        """Judge a row, and return the (3, n) rows that the three ways continue with."""
        if name not in self.printed:
            self.kept.own[name][t] = rows[0]
            return np.array([rows[0], rows[1], self._noted(name, rows[2])])
        printed, slack = self.printed[name].at(t), self.question.noise.fresh[name][t]
        paper = self.redone if self.on_paper is None else self.on_paper
        # all that the row may legitimately be, the likeliest first
        ways = np.array([rows[0], self.redone[name][t], paper[name][t], rows[1], rows[2]])
        fit = fits(printed, ways, self.question.tolerance, slack)
        fit |= cut(printed, ways) & ~fit.any(axis=0) & (printed.decimals > 0)
        explained = fit.any(axis=0)
        behind = np.take_along_axis(ways, fit.argmax(axis=0)[None], axis=0)[0]
        self.kept.own[name][t] = np.where(explained, behind, printed.over(rows[0]))
        kinds = self.answer.by_name[name][t]
        if (kinds == "?").any():
            self._judge(Place(name, t, 0), kinds, ways)
        meant = np.where(explained, behind, rows[1])
        noted = np.where(explained, printed.values, self._noted(name, rows[2]))
        return np.array([self.kept.own[name][t], meant, noted])

    def _judge(self, place: Place, kinds: Kinds, ways: Array) -> None:
        """Judge the open values of a row: carried, cut, or a slip."""
        name, t, _ = place
        printed, slack = self.printed[name].at(t), self.question.noise.fresh[name][t]
        tolerance, open_ = self.question.tolerance, kinds == "?"
        carried = fits(printed, ways[1:3], tolerance, slack).any(axis=0)
        # also what the author kept in mind, unrounded: but only if it would be a slip otherwise
        kept = np.asarray(fits(printed, ways, tolerance, slack).any(axis=0))
        if tolerance is None:
            was_cut = cut(printed, self.question.right[name][t])
            carried_cut = np.logical_or(kept, cut(printed, ways).any(axis=0))
        else:  # a given tolerance has replaced the rounding
            was_cut, carried_cut = np.zeros_like(carried), kept
        self.edited.clear()  # those of other rows would take much memory
        conditions = [carried, was_cut, carried_cut]
        kinds[open_] = np.select(conditions, ["carried", "cut", "carried"], "slip")[open_]
        for i in np.flatnonzero(open_ & (kinds == "slip"))[: _EXPLAINED - len(self.answer.causes)]:
            self._explain(Place(name, t, int(i)), ways)

    def _explain(self, place: Place, ways: Array) -> None:
        """Name the mistakes that give a slip, and keep what the first of them gives, unrounded."""
        name, t, i = place
        found: dict[Cause, Array] = {}
        for own in (self.kept, self.own):
            for cause, value in slips.causes_of(self._guesses(own, place), self._fit(place)):
                found.setdefault(cause, value)
        first = next(iter(found.values()), None)
        if first is not None and first.ndim == 0:  # nothing is calculated from a whole softmax
            self.kept.own[name][t][i] = first
        self.answer.causes[place] = (*found, *self._misread(place, ways))

    def _guesses(self, own: readings.Authored, place: Place) -> Iterator[Guess]:
        """Yield what may have gone wrong between the values before and the one at `place`."""
        equation, (_, t, i) = self.question.equation(place.name), place
        if isinstance(equation, Joined):  # it copies: what went wrong did so before
            source, component = equation.component(i)
            if self._not_printed(source, t)[component]:
                yield from self._guesses(own, Place(source, t, component))
            return
        if isinstance(equation, Affine):
            yield from slips.sum_guesses(self.question, own, equation, t, i)
        if is_backward(place.name):
            yield from backward_guesses(self.question, own, place, self._edited(own, place))
        if isinstance(equation, Applied):
            yield from slips.function_guesses(equation, own.own[equation.source][t], i)
            yield from self._guesses_in_sum(own, equation, place)

    def _edited(self, own: readings.Authored, place: Place) -> list[Edited]:
        """Return the mistakes in the row of a place; each is made once for all components."""
        row = (own, place.name, place.t)
        if row not in self.edited:
            self.edited[row] = edited_rows(self.question, own, place)
        return self.edited[row]

    def _guesses_in_sum(
        self, own: readings.Authored, equation: Applied, place: Place
    ) -> Iterator[Guess]:
        """Yield what may have gone wrong in the sum that a function is of, if it is not printed."""
        _, t, i = place
        inner = self.question.equation(equation.source)
        if not isinstance(inner, Affine):
            return
        hidden = self._not_printed(inner.name, t)  # a printed sum is judged by itself
        of_all = equation.activation is SOFTMAX  # every component of which comes from every sum
        if of_all and hidden.all():
            for guess in slips.vector_guesses(self.question, own, inner, t):
                yield guess._replace(values=SOFTMAX(guess.values))
        for k in np.flatnonzero(hidden if of_all else hidden & (np.arange(len(hidden)) == i)):
            for guess in slips.sum_guesses(self.question, own, inner, t, int(k)):
                yield slips.through_function(equation, own.own[inner.name][t], int(k), guess)

    def _not_printed(self, name: str, t: int) -> Mask:
        if name in self.printed:
            return np.asarray(~self.printed[name].printed[t])
        return np.ones(self.kept.own[name].shape[1], dtype=np.bool_)

    def _fit(self, place: Place) -> Callable[[Array], Mask]:
        """Return the test of a guess: does it give the value, or the row, that is printed?"""
        name, t, i = place
        whole, tolerance = self.printed[name].at(t), self.question.tolerance
        one = self.printed[name].at(t, i)
        slack = np.broadcast_to(self.question.noise.fresh[name][t], whole.values.shape)

        def fit(values: Array) -> Mask:
            if values.ndim == 1:
                return fits(one, values, tolerance, slack[i])
            return np.asarray((fits(whole, values, tolerance, slack) | ~whole.printed).all(axis=-1))

        return fit

    def _misread(self, place: Place, ways: Array) -> list[Cause]:
        """Return the mistakes in reading or writing down a value, each kind once."""
        name, t, i = place
        equation = self.question.equation(name)
        f = equation.activation if isinstance(equation, Applied) else None
        found: dict[str, Cause] = {}
        for expected in ways[:, i]:
            guesses = slips.reading_guesses(self.printed[name].at(t, i), float(expected), f)
            for cause, _ in slips.causes_of(guesses, self._fit(place)):
                found.setdefault(cause.id, cause)
        return list(found.values())

    def judge_short_values(self) -> None:
        """Call a value with few decimals a slip if everything else that is printed says so.

        0.3 is 0.2502, rounded. But among values of four decimals it may be 0.3000 without its
        zeros: it is, if the author continued with 0.3000 and a mistake in one term gives that.
        """
        for outer in self.equations:
            if isinstance(outer, Applied) and {outer.name, outer.source} <= self.printed.keys():
                for place in self._short_values(outer.source):
                    self._judge_short_value(place, outer.name)

    def _short_values(self, name: str) -> Iterator[Place]:
        """Yield the values of `name` that are right only because they are printed short."""
        printed, right = _lengthened(self.printed[name]), self.question.right[name]
        far = np.abs(printed.values - right) > _FAR * self.printed[name].unit
        short = (self.answer.by_name[name] == "ok") & ~fits(printed, right) & far
        short &= self.printed[name].decimals > 0
        for t, i in np.argwhere(short):
            yield Place(name, int(t), int(i))

    def _judge_short_value(self, place: Place, after: str) -> None:
        name, t, i = place
        equation = self.question.equation(name)
        if self.answer.by_name[after][t, i] != "carried" or not isinstance(equation, Affine):
            return
        printed = _lengthened(self.printed[name]).at(t, i)
        guesses = slips.sum_guesses(self.question, self.kept, equation, t, i)
        causes = slips.causes_of(guesses, lambda values: fits(printed, values))
        terms = [cause for cause, _ in causes if slips.is_of_a_term(cause.id)]
        if terms:
            self.answer.by_name[name][t, i] = "slip"
            self.answer.causes[place] = tuple(terms)


def _lengthened(printed: Printed) -> Printed:
    """Return the values with as many decimals as the longest of them."""
    longest = printed.decimals.max(initial=0, where=printed.printed)
    return Printed(printed.texts, printed.values, np.full_like(printed.decimals, longest))
