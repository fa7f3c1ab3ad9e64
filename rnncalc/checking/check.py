"""Marking a calculation: the way in."""

from collections.abc import Iterator

from rnncalc.checking import suspects
from rnncalc.checking.figures import QUANTITIES, Claims, Tolerance
from rnncalc.checking.marking import Question, Verdicts, verdicts
from rnncalc.checking.report import Mark, Report
from rnncalc.checking.slips import Place
from rnncalc.network.activations import Array
from rnncalc.network.model import Network


def check(
    network: Network, h0: Array, x: Array, claims: Claims, tolerance: Tolerance | None = None
) -> Report:
    """Return what is right and wrong in the figures that somebody claims for a run.

    Args:
        network: the network.
        h0: (H,), the state before step 1.
        x: (T, D), the inputs.
        claims: the printed figures, any of `a h o y`, each (T, its size).
        tolerance: instead of the rounding that a figure shows.

    Raises:
        InputError: the run itself overflows.
    """
    question = Question(network, h0, x, claims, tolerance)
    found = verdicts(question)
    kinds = {str(kind) for rows in found.by_name.values() for kind in rows.flat}
    causes = (
        suspects.whole_run_causes(question, any_slip="slip" in kinds)
        if kinds & {"carried", "cut", "slip"}
        else ()
    )
    return Report(_marks(question, found), causes, found.undecidable_from)


def _marks(question: Question, found: Verdicts) -> list[Mark]:
    """Return a mark for each printed figure, step by step."""
    names = [name for name in QUANTITIES if name in question.claims]
    steps = zip(*(_steps(question, found, name) for name in names), strict=True)
    return [mark for quantities in steps for marks in quantities for mark in marks]


def _steps(question: Question, found: Verdicts, name: str) -> Iterator[list[Mark]]:
    """Yield the marks of each step; from plain lists, which are much faster to go through."""
    printed = question.claims[name]
    decimals, kinds = printed.decimals.tolist(), found.by_name[name].tolist()
    right, redone = question.right_of(name).tolist(), question.redone.rows(name).tolist()
    for t, row in enumerate(kinds):
        yield [
            Mark(
                *(name, t, i, printed.text(t, i), decimals[t][i], right[t][i], redone[t][i], kind),
                found.causes.get(Place(name, t, i), ()),
            )
            for i, kind in enumerate(row)
            if kind
        ]
