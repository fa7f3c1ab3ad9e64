"""Find the mistake that, made at every step, reproduces all printed values: a port that differs."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

import numpy as np

from rnncalc.arrays import Array
from rnncalc.checking.mistakes import Case, Listing, Suspect, suspects
from rnncalc.checking.question import Question
from rnncalc.checking.read_off import other_biases, other_starts, scaled_inputs
from rnncalc.checking.report import Cause
from rnncalc.checking.rounded_weights import MOST_OFF, spread
from rnncalc.checking.stack_mistakes import stack_suspects
from rnncalc.errors import InputError
from rnncalc.network.audit import is_backward
from rnncalc.network.equations import Adopt, Rows, Steps, ahead, lagged, needed
from rnncalc.network.float32 import SingleNoise, in_float32
from rnncalc.network.forward import calculated
from rnncalc.network.naming import component
from rnncalc.network.noise import Noise
from rnncalc.network.trace import Trace
from rnncalc.numerals.printed import AllPrinted, Mask, fits

_LONG = 1000  # steps
_LARGE = 1e-3  # noise: where a step function may go either way, nothing is reproduced
_NEAR = 5e-4  # what differs by more is not sought in float32 as well
_FIRST_STEPS = 24  # enough to see that most suspects do not fit
_SOME = 3  # values of a unit: fewer may be wrong by chance
_LAST = ("units-reordered", "clipped")  # they fit more than any other
_SHOWN = 0.1  # of what is allowed: a smaller error does not show
_PAIR_DIGITS = 6.0  # of agreement that chance does not give, before two mistakes are believed

FLOAT32 = Cause("float32", "float32 arithmetic")
IN_FLOAT32 = "+float32"


def whole_run_causes(question: Question) -> tuple[Cause, ...]:
    """Return the mistakes that, made at every step, give every printed value of `question`.

    One mistake where one fits, all that do where several do; else the same in float32, or up to the
    rounding of the weights; else two at once (`a+b`), if enough is printed to tell two mistakes
    from chance; else one mistake made by somebody who rounded every value and continued with it;
    else units that were printed from something else; else nothing.

    Args:
        question: the printed values, at least one of them wrong in itself.
    """
    kind = _InFloat32 if question.float32 else _Search
    search = kind(question, question.printed)
    if search.is_float32(search.case):
        return (FLOAT32,)
    if any(is_backward(name) for name in question.printed):
        return _of_a_backward_pass(search)
    singles = _forward_suspects(search.case)
    return (
        search.explaining(singles)
        or search.in_float32(lambda single: single.explaining(singles))
        or search.of_rounded_weights(singles)
        or search.read_off()
        or search.pairs(singles)
        or search.by_hand(singles)
        or search.other_units()
    )


def _forward_suspects(case: Case) -> tuple[Suspect, ...]:
    equations = [each for each in case.equations if not is_backward(each.name)]
    return (*stack_suspects(equations), *suspects(equations))


def _of_a_backward_pass(search: "_Search") -> tuple[Cause, ...]:
    """Return the mistakes in a backward pass, alone or together with one in the forward pass."""
    from rnncalc.checking.backward_mistakes import backward_suspects

    singles = backward_suspects(search.case.equations, search.case.given)
    known = _forward_suspects(search.case)
    printed = {name: of for name, of in search.printed.items() if not is_backward(name)}

    def explaining(search: _Search) -> tuple[Cause, ...]:
        forward = replace(search, printed=printed)
        if not forward.wrong:
            return search.explaining(singles) or search.explaining(() if printed else known)
        fitting = [s for s in known if forward.explains_any(s.change(forward.case))]
        both = ((one, other) for one in fitting for other in singles)
        return search.explaining(fitting) or _named(
            pair for pair in both if search.explains_any(_both(pair, search.case))
        )

    found = explaining(search) or search.in_float32(explaining)
    if found or replace(search, printed=printed).wrong:
        return found
    return search.pairs(search.sparing(singles)) or search.by_hand(singles)


def _named(found: Iterable[tuple[Suspect, ...]]) -> tuple[Cause, ...]:
    return tuple(map(_together, found))


def _together(some: tuple[Suspect, ...]) -> Cause:
    """Return mistakes as one cause; a weight that both passes read transposed is one mistake."""
    first, *others = some
    if [s.id for s in others] == [first.id.replace("-transposed", "-not-transposed")] != [first.id]:
        return Cause(first.id, first.text)
    return Cause("+".join(s.id for s in some), " and ".join(s.text for s in some))


def _single(cause: Cause) -> Cause:
    """Return a mistake of a port that calculates in float32."""
    return Cause(f"{cause.id}{IN_FLOAT32}", f"{cause.text}, in {FLOAT32.text}")


def _both(pair: tuple[Suspect, ...], case: Case) -> Iterator[Case]:
    first, second = pair
    found = (both for one in first.change(case) for both in second.change(one))
    # one listed otherwise has to be run to its end, and there are many pairs
    return (both for both in found if not both.listing or len(both.x) <= _LONG)


def _beginning(case: Case) -> Case:
    """Return the first steps of a long case.

    Of one listed otherwise there are none, nor of a direction that begins at the last step.
    """
    if case.listing or len(case.x) <= _FIRST_STEPS or ahead(case.equations):
        return case
    return replace(case, given={name: rows[:_FIRST_STEPS] for name, rows in case.given.items()})


@dataclass(frozen=True, eq=False)
class _Search:
    """The search for mistakes that give some of the values that are printed for a question.

    Attributes:
        question: the run, and how values are judged.
        printed: the values that a mistake has to give.
    """

    question: Question
    printed: AllPrinted

    @cached_property
    def case(self) -> Case:
        """The run without a mistake, as far as the printed values depend on it."""
        equations = needed(self.question.equations, self.printed)
        return Case(equations, self.question.start, self.question.given, printed=self.printed)

    @cached_property
    def right(self) -> Rows:
        """The rows of the run without a mistake."""
        if self.question.by_hand is None:
            return self.question.right.rows
        return self.case.run()

    @cached_property
    def wrong(self) -> dict[str, Mask]:
        """(T,), the steps in which printed values are wrong, for each quantity that has such."""
        found = {name: ~np.all(self._is_right(name), axis=1) for name in self.printed}
        return {name: steps for name, steps in found.items() if steps.any()}

    @cached_property
    def _slack(self) -> Rows:
        return self._allowed(self.question.noise.grown)

    def _allowed(self, noise: Rows) -> Rows:
        """Return how far values may be off by noise, and by the rounding of printed weights."""
        slack = {name: np.where(of < _LARGE, of, 0.0) for name, of in noise.items()}
        if self.question.weights_rounded and not self.question.float32:
            _, off = self.question.weights_rounded
            slack = {n: of + off[n][: len(of)] if n in off else of for n, of in slack.items()}
        return slack

    def explaining(self, singles: Iterable[Suspect]) -> tuple[Cause, ...]:
        """Return the suspects that give what is printed, without those that add nothing."""
        found: dict[str, Cause] = {}
        for suspect in singles if self.wrong else ():
            # below 6 relu6 is relu, and but for 0 step0 is step
            if {suspect.id, suspect.id[:-1]} & found.keys():
                continue
            if suspect.id in _LAST and found:
                continue
            if case := next(filter(self.explains, suspect.change(self.case)), None):
                found[suspect.id] = Cause(suspect.id, suspect.text + case.detail)
        return tuple(found.values())

    def read_off(self) -> tuple[Cause, ...]:
        """Return the mistake that can be read off the printed values, if there is one."""
        ways = (self.explains, self.carries, self.is_float32)
        for read in (other_biases, other_starts, scaled_inputs):
            found = [*read(self.question, self.case)]
            for gives in ways:
                for cause, case in found:
                    if gives(case):
                        return (_single(cause) if gives == self.is_float32 else cause,)
        return ()

    def pairs(self, singles: Sequence[Suspect]) -> tuple[Cause, ...]:
        """Return the pairs of mistakes that fit, each as one cause."""
        if self._digits() < _PAIR_DIGITS:
            return ()
        active = [s for s in singles if any(True for _ in s.change(self.case))]
        # of a stack, mistakes in one layer alone would make very many pairs
        named = [s for s in active if s.what and "_l" not in s.what]
        pairs = (pair for pair in combinations(named, 2) if pair[0].what != pair[1].what)
        return _named(pair for pair in pairs if self.explains_any(_both(pair, self.case)))

    def sparing(self, singles: Sequence[Suspect]) -> list[Suspect]:
        """Return the mistakes that change none of the quantities whose values are all right.

        Another mistake does not undo what one does, so that no others can be half of a pair.
        """
        right = {name: of for name, of in self.printed.items() if name not in self.wrong}
        spared = replace(self, printed=right)
        return [s for s in singles if not right or spared.explains_any(s.change(self.case))]

    def in_float32(self, seek: "Callable[[_Search], tuple[Cause, ...]]") -> tuple[Cause, ...]:
        """Return the mistakes that `seek` finds in float32: those of a port, written so."""
        question = self.question
        if question.float32 or self._digits() < _PAIR_DIGITS or not self._shows_float32():
            return ()
        single = _InFloat32(replace(question, float32=True), self.printed)
        return tuple(map(_single, seek(single)))

    def _shows_float32(self) -> bool:
        """Return whether enough digits are printed for the error of float32 to matter."""
        question, error = self.question, self.question.single.grown
        return any(
            (of.printed & (error[name] > _SHOWN * question.allowed(of, question.right[name]))).any()
            for name, of in self.printed.items()
        )

    def of_rounded_weights(self, singles: Sequence[Suspect]) -> tuple[Cause, ...]:
        """Return the mistakes that fit with what the rounding of the weights moves in their runs.

        That may be more than what it moves in the right run.
        """
        if self.question.weights_rounded is None:
            return ()
        decimals, _ = self.question.weights_rounded
        up_to = f", up to the rounding of the weights to {decimals} decimals"
        found = _WithRoundedWeights(self.question, self.printed).explaining(singles)
        return tuple(Cause(cause.id, cause.text + up_to) for cause in found)

    def _is_no_run(self, slack: Rows) -> bool:
        """Return whether the run without a mistake does not give what is printed as well."""
        return not all(self._all_agree(name, self.right, slack) for name in self.printed)

    def other_units(self) -> tuple[Cause, ...]:
        """Return that units are of something else, if what follows from them is right."""
        for name in lagged(self.case.equations):
            if self.wrong.keys() != {name}:
                continue
            printed, right = self.printed[name].printed, self._is_right(name)
            other = ~(right & printed).any(axis=0) & (printed.sum(axis=0) >= _SOME)
            redone = self.question.authored.redone
            told = sum(self._digits_off(n, redone)[self._is_right(n)].sum() for n in self.printed)
            if right[:, ~other].all() and told >= _PAIR_DIGITS:
                units = " and ".join(component(name, str(i)) for i in np.flatnonzero(other))
                text = f"{units} printed from something else, such as the other direction"
                return (Cause("other-units", text),)
        return ()

    def _is_right(self, name: str) -> Mask:
        return self._agrees(name, self.right[name], self._slack[name])

    def by_hand(self, singles: Iterable[Suspect]) -> tuple[Cause, ...]:
        """Return the mistakes with which every value is right or carried."""
        return _named(
            (s,)
            for s in singles
            if any(not c.listing and self.carries(c) for c in s.change(self.case))
        )

    def explains_any(self, cases: Iterable[Case]) -> bool:
        """Return whether one of some cases gives all that is printed."""
        return any(map(self.explains, cases))

    def explains(self, case: Case) -> bool:
        """Return whether a case gives all that is printed; most do not after a few steps."""
        start = _beginning(case)
        return self._fits(start, self._slack) and (
            start is case or self._fits(case, self._slack if case.adopt else None)
        )

    def _fits(self, case: Case, slack: Rows | None) -> bool:
        """Return whether a case gives all that is printed for its steps.

        Args:
            case: a run with mistakes.
            slack: how far its values may be off, (T, 1) or more rows for each; None to measure it.
        """
        reached = self._reached(case)
        if not case.listing and not self.wrong.keys() <= reached:
            return False
        try:
            rows = self._run(case, reached, slack)
        except InputError:  # it overflows, so it gives no values
            return False
        slack = self._measured(case, rows) if slack is None else slack
        slack = {name: of[: len(case.x)] for name, of in slack.items()}
        return self._are_listed(case, rows, slack)

    def _measured(self, case: Case, rows: Rows) -> Rows:
        """Return how far the values of a case may be off, measured by runs beside it."""
        known = {**self.right, **case.given, **rows}
        trace = Trace(1, known, case.start, ahead(case.equations))
        return self._allowed(Noise(case.equations, trace).grown)

    def _are_listed(self, case: Case, rows: Rows, slack: Rows) -> bool:
        """Return whether the rows of a case give what is printed, listed as the case says."""
        names = self.printed.keys() & rows.keys()
        differing = [name for name in names if not self._all_agree(name, rows, slack)]
        if case.listing and differing:
            return self._fit_as_listed(case.listing, case.start, rows, slack, differing)
        return not (case.listing or differing)

    def _fit_as_listed(
        self, listing: Listing, start: Rows, rows: Rows, slack: Rows, differing: Iterable[str]
    ) -> bool:
        """Return whether rows give what differs from them once they are listed, and only then."""
        listed = listing(rows, start)
        slack = listing(slack, {name: np.zeros(of.shape[1]) for name, of in slack.items()})
        right = self.question.right
        known = {n: np.where(np.isnan(listed[n]), np.nan, right[n]) for n in differing}
        return all(
            self._all_agree(name, listed, slack) and not self._all_agree(name, known, slack)
            for name in differing
        )

    def _reached(self, case: Case) -> set[str]:
        """Return the quantities that the mistakes of a case may change."""
        if case.adopt:
            return {each.name for each in case.equations}
        steps, old = len(case.x), {*self.case.equations}
        pairs = [(name, case.given[name], rows[:steps]) for name, rows in self.case.given.items()]
        pairs += [(name, case.start[name], row) for name, row in self.case.start.items()]
        reached = {name for name, new, row in pairs if not np.array_equal(new, row)}
        before: set[str] | None = None
        while reached != before:
            before = {*reached}
            for each in case.equations:
                if each not in old or any(source in reached for source, _ in each.reads):
                    reached.add(each.name)
        return reached

    def _run(self, case: Case, reached: set[str], slack: Rows | None) -> Rows:
        """Return the rows that the mistakes of a case may change; all if it is listed otherwise.

        Raises:
            InputError: they overflow, or differ from what is printed where the right ones do.
        """
        if case.adopt:
            return case.run()
        steps = len(case.x)
        equations = tuple(each for each in case.equations if each.name in reached)
        names = {each.name for each in case.equations} - reached
        known = {name: self.right[name][:steps] for name in names}
        part = replace(case, equations=equations, given={**known, **case.given})
        if slack is not None and not case.listing and steps <= _FIRST_STEPS:
            part = replace(part, adopt=lambda _: self._watching(slack))
        rows = part.run() if equations else {}
        return {**known, **rows} if case.listing else rows

    def _watching(self, slack: Rows) -> Adopt:
        """Return what continues with each row, but ends a run that cannot fit any more."""

        def adopt(name: str, t: Steps, row: Array) -> Array:
            if name in self.wrong and self.wrong[name][t]:
                one = self.printed[name].at(t)
                fit = fits(one, row, self.question.tolerance, slack[name][t])
                if not (fit | ~one.printed).all():
                    raise InputError("differs from what is printed")
            return row

        return adopt

    def _all_agree(self, name: str, rows: Rows, slack: Rows) -> bool:
        return bool(self._agrees(name, rows[name], slack[name]).all())

    def _agrees(self, name: str, rows: Array, slack: Array) -> Mask:
        """Return where nothing is printed that differs from `rows`, as far as they are known."""
        printed = self.printed[name].at(slice(0, len(rows)))
        fit = fits(printed, rows, self.question.tolerance, slack)
        return np.asarray(fit | ~printed.printed | np.isnan(rows))

    def _digits(self) -> float:
        """Return how many printed digits differ from what is right: those that chance must hit."""
        return float(sum(self._digits_off(n, self.question.right.rows).sum() for n in self.printed))

    def _digits_off(self, name: str, rows: Rows) -> Array:
        """Return how many digits of each printed value differ from those that follow, (T, n)."""
        off = self._times_off(name, rows)
        return np.where(off > 1, np.log10(1 + off), 0.0)

    def _times_off(self, name: str, rows: Rows, slack: float | Array = 0.0) -> Array:
        """Return how far each printed value is off, (T, n), in widths of what it may stand for."""
        printed = self.printed[name]
        width = 2 * (self.question.allowed(printed, rows[name]) + slack)
        off = np.abs(printed.values - rows[name]) / np.maximum(width, np.finfo(np.float64).tiny)
        return np.where(printed.printed, off, 0.0)

    def is_float32(self, case: Case) -> bool:
        """Return whether float32 arithmetic explains what float64 does not.

        What is printed must be as near to a run in float32 as another order of additions leaves it.
        """
        if self.question.tolerance is not None:
            return False
        start = _beginning(case)
        return (start is case or self._is_single(start)) and self._is_single(case)

    def _is_single(self, case: Case) -> bool:
        try:
            if not (case.listing or case.adopt):
                return replace(self._question(case), by_hand=None).is_in_float32
            noise = SingleNoise(case.equations, calculated(case.equations, case.start, case.given))
        except InputError:  # it overflows
            return False
        rows = noise.single
        if case.adopt:
            rows = in_float32(case.equations, case.start, case.given, case.adopt(case))
        slack = self._allowed(noise.between)
        whole = len(case.x) == self.question.steps
        return (not whole or self._is_no_run(slack)) and self._are_listed(case, rows, slack)

    def carries(self, case: Case) -> bool:
        """Return whether every printed value is right in a case, or follows from printed ones."""
        if not self._slips <= self._reached(case):
            return False
        start = _beginning(case)
        return (start is case or _carries(self._question(start))) and _carries(self._question(case))

    def _question(self, case: Case) -> Question:
        """Return the question of whether the printed values are those of a case."""
        first = slice(0, len(case.x))
        return replace(
            self.question,
            equations=case.equations,
            start=case.start,
            given=case.given,
            printed={name: of.at(first) for name, of in self.printed.items()},
        )

    @cached_property
    def _slips(self) -> set[str]:
        """The quantities with a value that is neither right nor carried."""
        return {name for name in self.printed if _is_slipped(self.question, name)}


class _InFloat32(_Search):
    """The search for mistakes of a port that calculates in float32."""

    def explains(self, case: Case) -> bool:
        """Return whether a case that begins nearly so gives all that is printed in float32."""
        near: Rows = {each.name: np.full((len(case.x), 1), _NEAR) for each in case.equations}
        return self._fits(_beginning(case), self._allowed(near)) and self.is_float32(case)


class _WithRoundedWeights(_Search):
    """The search in which the rounding of the weights is measured for each mistake."""

    def explains(self, case: Case) -> bool:
        """Return whether a case gives all that is printed up to what rounding moves in it."""
        off = {n: np.full_like(of, MOST_OFF * np.abs(of).max()) for n, of in self.right.items()}
        if case.adopt or not self._fits(_beginning(case), off):
            return False
        try:
            found = calculated(case.equations, case.start, case.given)
        except InputError:  # it overflows
            return False
        if (moved := spread(case.equations, found)) is None:
            return False
        _, off = moved
        return (
            self._are_told(off) and self._is_no_run(off) and self._are_listed(case, found.rows, off)
        )

    def _are_told(self, off: Rows) -> bool:
        """Return whether enough printed digits differ from the right run, beyond `off`."""
        ratios = (self._times_off(name, self.right, off[name]) for name in self.printed)
        return sum(float(np.log10(of[of > 1]).sum()) for of in ratios) >= _PAIR_DIGITS


def _carries(question: Question) -> bool:
    try:
        return not any(_is_slipped(question, name) for name in question.printed)
    except InputError:  # it overflows
        return False


def _is_slipped(question: Question, name: str) -> bool:
    right = question.fits(name, question.right[name])
    carried = question.fits(name, question.authored.redone[name])
    return bool((question.printed[name].printed & ~right & ~carried).any())
