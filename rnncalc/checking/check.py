"""Marking a calculation: the way in."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import numpy as np

from rnncalc.arrays import Array
from rnncalc.checking import whole_run as suspects
from rnncalc.checking.report import VERDICTS, Cause, Difference, Mark, Report, Verdict
from rnncalc.checking.slips import Place
from rnncalc.checking.verdicts import Kinds, Question, Verdicts, verdicts
from rnncalc.network.forward import COMPUTED
from rnncalc.network.model import Network
from rnncalc.numerals.printed import Mask, Tolerance, figures

_NO_NUMBER = Cause("no-number", "an overflow, or 0 divided by 0, before it")
_COARSE = 0.05  # somebody who rounds to 1 what is 0.97 is not asked again


def check(
    network: Network,
    h0: Array,
    x: Array,
    claims: Mapping[str, Sequence[Sequence[str | None]]],
    tolerance: Tolerance | None = None,
) -> Report:
    """Return what is right and wrong in the figures that somebody claims for a run.

    Args:
        network: the network.
        h0: (H,), the state before step 1.
        x: (T, D), the inputs.
        claims: the printed figures as texts, any of `a h o y`, each (T, its size); None where
            nothing was printed.
        tolerance: instead of the rounding that a figure shows.

    Raises:
        InputError: the run itself overflows.
    """
    texts = {n: rows for n, rows in claims.items() if any(any(row) for row in rows)}
    printed = {name: figures(rows) for name, rows in texts.items()}
    question = Question(network, h0, x, printed, tolerance)
    with np.errstate(all="ignore"):  # printed figures may be as large as floats are
        found = verdicts(question)
        any_lost = _judge_lost(question, found)
        counts = _counts(found)
        causes: tuple[Cause, ...] = ()
        if not any_lost and (counts["carried"] or counts["cut"] or counts["slip"]):
            causes = suspects.whole_run_causes(question, any_slip=counts["slip"] > 0)
        not_ok = tuple(_marks(question, found, lambda kinds: ~np.isin(kinds, ("", "ok"))))
    every = partial(_marks, question, found, lambda kinds: kinds != "")
    return Report(
        counts,
        not_ok,
        every,
        question.authored,
        causes,
        found.undecidable_from,
        _coarse(question, found),
        _largest(question) if tolerance else None,
    )


def _largest(question: Question) -> Difference | None:
    found = []
    for name, printed in question.claims.items():
        distance = np.abs(printed.values - question.right_of(name))
        if printed.printed.any():
            t, i = np.unravel_index(int(np.nanargmax(distance)), distance.shape)
            found.append(Difference(name, int(t), int(i), float(distance[t, i])))
    return max(found, key=lambda difference: difference.size, default=None)


def _coarse(question: Question, found: Verdicts) -> tuple[int, float]:
    if question.tolerance is not None:
        return 0, 0.0
    off: list[float] = []
    for name, printed in question.claims.items():
        distance = np.abs(printed.values - question.right_of(name))
        far = (found.by_name[name] == "ok") & (printed.decimals <= 0) & (distance > _COARSE)
        off += distance[far].tolist()
    return len(off), max(off, default=0.0)


def _judge_lost(question: Question, found: Verdicts) -> bool:
    """Judge what is no number: the first is a slip, and nothing else comes of it."""
    every = {name: printed.lost for name, printed in question.claims.items()}
    lost = {name: rows for name, rows in every.items() if rows.any()}
    if not lost:
        return False
    first = min(int(np.argmax(rows.any(axis=1))) for rows in lost.values())
    source = next(name for name in COMPUTED if name in lost and lost[name][first].any())
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
    """Return a mark for each figure whose verdict is wanted, step by step."""
    with np.errstate(all="ignore"):
        marks = [m for n in question.claims for m in _of_quantity(question, found, n, wanted)]
    return sorted(marks, key=lambda mark: (mark.step, mark.quantity))  # a h o y is the alphabet's


def _of_quantity(
    question: Question, found: Verdicts, name: str, wanted: Callable[[Kinds], Mask]
) -> Iterator[Mark]:
    printed, kinds = question.claims[name], found.by_name[name]
    t, i = np.nonzero(wanted(kinds))
    rows = (printed.decimals, question.right_of(name), question.redone.rows(name), kinds)
    # from plain lists, which are much faster to go through
    columns = (t.tolist(), i.tolist(), *(values[t, i].tolist() for values in rows))
    for step, component, decimals, right, redone, kind in zip(*columns, strict=True):
        text, causes = printed.text(step, component), found.causes.get(Place(name, step, component))
        yield Mark(name, step, component, text, decimals, right, redone, kind, causes or ())
