"""What a check finds, as frozen records."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from rnncalc.checking.readings import Authored
from rnncalc.numerals.number import Written
from rnncalc.numerals.printed import FULL_DIGITS, digits_of

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


def wrong_in(counts: dict[Verdict, int]) -> int:
    """Return how many values are wrong in themselves: slips, and truncated ones."""
    return counts["slip"] + counts["cut"]


class Mark(NamedTuple):
    """A printed value, and what is said of it.

    Attributes:
        quantity: its name, such as `h`, `h_l0_reverse`, `da` or `gradients.whh`.
        step: counted from 0.
        component: counted from 0.
        printed: as it was printed.
        decimals: of what was printed.
        right: what it should have been.
        from_printed: what follows from the values printed before it; it may have overflowed.
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
    consistent_with: tuple[Cause, ...]

    @property
    def value(self) -> float:
        """The number that was printed."""
        return Written(self.printed)

    @property
    def where(self) -> str:
        """quantity[step from 0][component]: `h[1][0]`."""
        return f"{self.quantity}[{self.step}][{self.component}]"


class Difference(NamedTuple):
    """How far a value is from the right one.

    Attributes:
        quantity: its name, as in a mark.
        step: counted from 0.
        component: counted from 0.
        size: of the difference.
    """

    quantity: str
    step: int
    component: int
    size: float


@dataclass(frozen=True, eq=False)
class Report:
    """A marked calculation.

    Attributes:
        counts: how many values have each verdict.
        not_ok: a mark for each printed value that is not ok, in the order of the calculation.
        every: gives the marks of all printed values; there may be very many, all ok.
        calculation: gives the calculation as its author had it.
        consistent_with: the mistakes that, made in every step, give all that was printed.
        undecidable_from: t, counted from 1, from which on two right calculations may differ in the
            digits printed, or None where there is none or nothing was in doubt.
        coarse: how many values are right only because they have no decimals, and by how much the
            worst of them is off.
        largest: the value that differs most from the right one.
        weights_rounded: decimals of the weights, if their rounding makes values ok or carried.
        tolerance: whether a tolerance was given.
        by_hand: whether the right values are those of arithmetic by hand.
        float32: whether what is printed was calculated in single precision.
    """

    counts: dict[Verdict, int]
    not_ok: tuple[Mark, ...]
    every: Callable[[], list[Mark]]
    calculation: Callable[[], Authored]
    consistent_with: tuple[Cause, ...]
    undecidable_from: int | None
    coarse: tuple[int, float]
    largest: Difference | None
    weights_rounded: int | None
    tolerance: bool
    by_hand: bool
    float32: bool

    @cached_property
    def marks(self) -> list[Mark]:
        """A mark for each printed value, in the order of the calculation."""
        return self.every()

    @cached_property
    def in_full(self) -> frozenset[str]:
        """The quantities with a wrong value that a program printed with all of its digits."""
        return frozenset(m.quantity for m in self.not_ok if digits_of(m.printed) >= FULL_DIGITS)

    @property
    def authored(self) -> Authored:
        """The calculation as its author had it."""
        return self.calculation()

    @property
    def first_wrong(self) -> Mark | None:
        """The first value that is neither ok nor undecided."""
        return next((mark for mark in self.not_ok if mark.verdict != "undecided"), None)

    @property
    def first_slip(self) -> Mark | None:
        """The first slip."""
        return next((mark for mark in self.not_ok if mark.verdict == "slip"), None)

    @property
    def all_ok(self) -> bool:
        """Whether nothing is a slip or cut; what follows from rounded values is right on paper."""
        return not wrong_in(self.counts)
