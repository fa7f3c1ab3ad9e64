"""Entry point: compare printed values with the right ones."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import repeat

import numpy as np

from rnncalc.arrays import Array
from rnncalc.checking.question import ByHand, Question
from rnncalc.checking.report import VERDICTS, Cause, Difference, Mark, Report, Verdict, wrong_in
from rnncalc.checking.slips import Place
from rnncalc.checking.verdicts import Kinds, Verdicts, verdicts
from rnncalc.network.audit import Audit, is_backward
from rnncalc.network.equations import Rows, needed
from rnncalc.network.model import Network
from rnncalc.numerals.printed import AllPrinted, Mask, Tolerance

_NO_NUMBER = Cause("no-number", "an overflow, or 0 divided by 0, before it")
_FEW = 1000  # wrong values; more of them are not due to missing zeros
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
        question, found = _likeliest(asked)
        causes: tuple[Cause, ...] = ()
        if not _judge_lost(question, found) and _counts(found)["slip"]:
            question, found, causes = _explained(question, found)
        not_ok = _marks(question, found, lambda kinds: (kinds != "") & (kinds != "ok"))
    return Report(
        _counts(found),
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


def _likeliest(asked: Question) -> tuple[Question, Verdicts]:
    """Return the question as its values are most likely meant, and the verdicts on them.

    Where values are wrong that were perhaps written without their trailing zeros, all quantities
    may have been written in the same way.
    """
    question = asked.with_zeros_restored()
    found = verdicts(question)
    if 0 < _wrong(found) <= _FEW:
        others = [other for other in asked.written_alike() if not other.is_read_as(question)]
        judged = [(question, found), *((other, verdicts(other)) for other in others)]
        if found.weights_rounded is None:  # or rounded weights might explain a wrong value
            judged = [way for way in judged if way[1].weights_rounded is None]
        return min(judged, key=lambda way: _wrong(way[1]))
    return question, found


def _explained(question: Question, found: Verdicts) -> tuple[Question, Verdicts, tuple[Cause, ...]]:
    """Return the mistakes that give every slip, and the verdicts that go with them."""
    from rnncalc.checking.whole_run import IN_FLOAT32, whole_run_causes

    causes = whole_run_causes(question)
    if causes and all(cause.id.endswith(IN_FLOAT32) for cause in causes):
        single = replace(question, float32=True)  # rounding to float32 is not a slip
        judged = verdicts(single)
        if _counts(judged)["slip"]:
            return single, judged, causes
    return question, found, causes


def _wrong(found: Verdicts) -> int:
    return wrong_in(_counts(found))


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
    """Return a mark for each value whose verdict is wanted, in the order of the calculation.

    A layer that reads backwards is listed step by step with the others, a backward pass after them
    and from the last step to the first.
    """
    marks, due = list[Mark](), [np.zeros(0, dtype=np.int64)]
    for name in (name for name in question.right.rows if name in found.by_name):
        chosen = wanted(found.by_name[name])
        if chosen.any():
            marks += _of_quantity(question, found, name, chosen)
            t = np.nonzero(chosen)[0]
            due.append(2 * question.steps - t if is_backward(name) else t)
    # a stable sort keeps the quantities of a step in their order
    order = np.argsort(np.concatenate(due), kind="stable")
    return [marks[k] for k in order.tolist()]


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
