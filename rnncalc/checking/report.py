"""What a check finds, as frozen records."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Verdict = Literal["ok", "carried", "cut", "slip", "undecided"]

VERDICTS: tuple[Verdict, ...] = ("ok", "carried", "cut", "slip", "undecided")
"""In the order of the counts; `undecided` is counted only where there is one."""


class Cause(NamedTuple):
    """A mistake that gives what was printed.

    Attributes:
        id: fixed, for programs: `term-dropped`.
        text: for people: `0.3 × h[0] left out`.
    """

    id: str
    text: str


class Mark(NamedTuple):
    """One printed figure and what is to be said of it.

    Attributes:
        quantity: `a`, `h`, `o` or `y`.
        step: counted from 0.
        component: counted from 0.
        printed: as it was printed.
        decimals: of what was printed.
        right: what it should have been.
        from_printed: what follows from the figures printed before it.
        verdict: what it is.
        consistent_with: the mistakes that give it; for a slip only.
    """

    quantity: str
    step: int
    component: int
    printed: str
    decimals: int
    right: float
    from_printed: float
    verdict: Verdict
    consistent_with: tuple[Cause, ...] = ()

    @property
    def where(self) -> str:
        """quantity[step from 0][component]: `h[1][0]`."""
        return f"{self.quantity}[{self.step}][{self.component}]"


@dataclass(frozen=True)
class Report:
    """A marked calculation.

    Attributes:
        marks: one a printed figure, in the order in which they are computed.
        consistent_with: the mistakes that, made in every step, give all that was printed.
        undecidable_from: t, counted from 1, from which on two right calculations may differ in the
            digits printed, or None where there is none or nothing was in doubt.
    """

    marks: Sequence[Mark]
    consistent_with: tuple[Cause, ...] = ()
    undecidable_from: int | None = None

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many figures got each verdict."""
        found = [mark.verdict for mark in self.marks]
        counted = {verdict: found.count(verdict) for verdict in VERDICTS}
        if not counted["undecided"]:
            del counted["undecided"]
        return counted

    @property
    def first_wrong(self) -> Mark | None:
        """The first figure that is neither ok nor undecided."""
        return next((m for m in self.marks if m.verdict in ("carried", "cut", "slip")), None)

    @property
    def first_slip(self) -> Mark | None:
        """The first slip."""
        return next((mark for mark in self.marks if mark.verdict == "slip"), None)

    @property
    def all_ok(self) -> bool:
        """Whether no figure is wrong; one that nobody can judge is not."""
        return self.first_wrong is None
