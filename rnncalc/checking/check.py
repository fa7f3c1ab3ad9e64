"""Entry point: compare printed values with the right ones."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise, repeat

import numpy as np

from rnncalc.arrays import Array
from rnncalc.checking.question import ByHand, Question
from rnncalc.checking.report import VERDICTS, Cause, Difference, Mark, Report, Verdict
from rnncalc.checking.slips import Place
from rnncalc.checking.verdicts import Kinds, Verdicts, verdicts
from rnncalc.network.audit import Audit, is_backward
from rnncalc.network.equations import Equation, Rows, needed
from rnncalc.network.model import Network
from rnncalc.numerals.printed import AllPrinted, Mask, Tolerance

_NO_NUMBER = Cause("no-number", "an overflow, or 0 divided by 0, before it")
_COARSE = 0.05  # a value without decimals this close needs no remark


def check(  # noqa: PLR0913  # the problem, and how values are judged
    network: Network,
    start: Rows,
    x: Array,
    printed: AllPrinted,
    tolerance: Tolerance | None = None,
    by_hand: ByHand | None = None,
    *,
    float32: bool = False,
    audit: Audit | None = None,
) -> Report:
    """Return what is right and wrong in the values that somebody printed for a run.

    Args:
        network: the network.
        start: the state before step 1, by the name of its quantity.
        x: (T, D), the inputs.
        printed: the printed values by quantity, each (T, its size).
        tolerance: replaces the rounding that a value shows.
        by_hand: given if the right values are those of arithmetic by hand.
        float32: whether what is printed was calculated in single precision.
        audit: the backward pass, if values of it are printed.

    Raises:
        InputError: the run itself overflows.
    """
    given = {name: of for name, of in printed.items() if any(of.texts)}
    equations, rows = network.equations, {"x": x}
    if audit:
        equations = needed(audit.equations, given)  # what each step adds takes much memory
        names = {each.name for each in equations}
        beyond = audit.beyond(start)
        rows, start = rows | audit.given, {n: beyond[n] for n in beyond if n in names}
    asked = Question(equations, start, rows, given, tolerance, by_hand, float32)
    with np.errstate(all="ignore"):  # printed values may be as large as floats are
        question = asked.with_zeros_restored()
        found = verdicts(question)
        any_lost = _judge_lost(question, found)
        counts = _counts(found)
        causes: tuple[Cause, ...] = ()
        if counts["slip"] and not any_lost:
            from rnncalc.checking.whole_run import whole_run_causes

            causes = whole_run_causes(question)
        not_ok = _marks(question, found, lambda kinds: (kinds != "") & (kinds != "ok"))
    return Report(
        counts,
        tuple(not_ok),
        partial(_marks, question, found, lambda kinds: kinds != ""),
        partial(getattr, question, "authored"),
        causes,
        found.undecidable_from,
        _coarse(question, found),
        _largest(question),
        found.weights_rounded,
        tolerance is not None,
        by_hand is not None,
        float32,
    )


def _largest(question: Question) -> Difference | None:
    found = []
    for name, printed in question.printed.items():
        distance = np.abs(printed.values - question.right[name])
        if printed.printed.any():
            t, i = np.unravel_index(int(np.nanargmax(distance)), distance.shape)
            found.append(Difference(name, int(t), int(i), float(distance[t, i])))
    return max(found, key=lambda difference: difference.size, default=None)


def _coarse(question: Question, found: Verdicts) -> tuple[int, float]:
    if question.tolerance is not None:
        return 0, 0.0
    off: list[float] = []
    for name, printed in question.printed.items():
        distance = np.abs(printed.values - question.right[name])
        far = (found.by_name[name] == "ok") & (printed.decimals <= 0) & (distance > _COARSE)
        off += distance[far].tolist()
    return len(off), max(off, default=0.0)


def _judge_lost(question: Question, found: Verdicts) -> bool:
    """Judge what is not a number: the first one is a slip, and the rest follow from it."""
    every = {name: printed.lost for name, printed in question.printed.items()}
    lost = {name: rows for name, rows in every.items() if rows.any()}
    if not lost:
        return False
    first = min(int(np.argmax(rows.any(axis=1))) for rows in lost.values())
    source = next(name for name in question.right.rows if name in lost and lost[name][first].any())
    for name, rows in lost.items():
        found.by_name[name][rows] = "carried"
    for i in np.flatnonzero(lost[source][first]).tolist():
        found.by_name[source][first, i] = "slip"
        found.causes[Place(source, first, i)] = (_NO_NUMBER,)
    return True


def _counts(found: Verdicts) -> dict[Verdict, int]:
    kinds = np.concatenate([rows.ravel() for rows in found.by_name.values()])
    counts = {verdict: int((kinds == verdict).sum()) for verdict in VERDICTS}
    if not counts["undecided"]:
        del counts["undecided"]
    return counts


def _marks(question: Question, found: Verdicts, wanted: Callable[[Kinds], Mask]) -> list[Mark]:
    """Return a mark for each value whose verdict is wanted, step by step."""
    chosen = {name: wanted(kinds) for name, kinds in found.by_name.items()}
    due = [name for name in question.right.rows if name in chosen and chosen[name].any()]
    marks: list[Mark] = []
    for direction, equations in _in_time(question.equations):
        names = [name for name in due if name in {each.name for each in equations}]
        marks += _of_a_pass(question, found, {n: chosen[n] for n in names}, direction)
    return marks


def _in_time(equations: Sequence[Equation]) -> Iterator[tuple[int, Sequence[Equation]]]:
    """Yield the equations in the order in which their values are told: a backward pass apart.

    A layer that reads backwards is told step by step with the others.
    """
    split = next((n for n, e in enumerate(equations) if is_backward(e.name)), len(equations))
    yield 1, equations[:split]
    yield -1, equations[split:]


def _of_a_pass(
    question: Question, found: Verdicts, chosen: Mapping[str, Mask], direction: int
) -> list[Mark]:
    with np.errstate(all="ignore"):
        marks = [_of_quantity(question, found, name, wanted) for name, wanted in chosen.items()]
    ends = [np.cumsum(wanted.sum(axis=1)).tolist() for wanted in chosen.values()]
    # where each step begins in the marks of each quantity
    steps = [*zip(*([0, *end] for end in ends), strict=True)]
    return [
        mark
        for begins, those_after in [*pairwise(steps)][::direction]
        for of, begin, end in zip(marks, begins, those_after, strict=True)
        for mark in of[begin:end]
    ]


def _of_quantity(question: Question, found: Verdicts, name: str, wanted: Mask) -> list[Mark]:
    printed, kinds = question.printed[name], found.by_name[name]
    t, i = np.nonzero(wanted)
    rows = (printed.decimals, question.right[name], question.authored.redone[name], kinds)
    # plain lists are much faster to go through
    steps, components, *values = (t.tolist(), i.tolist(), *(each[t, i].tolist() for each in rows))
    texts = map(printed.texts.__getitem__, np.flatnonzero(wanted).tolist())
    causes: list[tuple[Cause, ...]] = [()] * len(steps)
    if found.causes:
        places = zip(steps, components, strict=True)
        causes = [found.causes.get(Place(name, *place), ()) for place in places]
    columns = zip(repeat(name), steps, components, texts, *values, causes, strict=False)
    return list(map(Mark._make, columns))
