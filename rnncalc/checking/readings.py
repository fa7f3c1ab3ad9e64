"""What the printed values may follow from: ways to read how a calculation continued."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rnncalc.arrays import Array
from rnncalc.network.audit import SUM
from rnncalc.network.equations import (
    Adopt,
    Equation,
    Rows,
    Steps,
    columns,
    follow,
    lagged,
)
from rnncalc.numerals.printed import AllPrinted, Printed
from rnncalc.numerals.rounding import rounded_rows

_EXACT = 1e-12


@dataclass(frozen=True, eq=False)
class Authored:
    """A calculation as its author had it.

    Attributes:
        start: (n,), the row before step 1 of each quantity that is read with a lag.
        printed: what was printed.
        redone: (T, n), every value as it follows from what was printed before it.
        own: (T, n), what was printed, and what follows where nothing was.
    """

    start: Rows
    printed: AllPrinted
    redone: Rows
    own: Rows

    def has(self, name: str, t: int, i: int) -> bool:
        """Return whether component `i` of row `t` of `name` was printed."""
        return name in self.printed and bool(self.printed[name].printed[t, i])

    def before(self, name: str, t: int, lag: int = -1) -> Array:
        """Return the author's own row of `name` at a lag from row `t`."""
        rows = self.own[name]
        return rows[t + lag] if 0 <= t + lag < len(rows) else self.start[name]


def redone(
    equations: Sequence[Equation], start: Rows, given: Rows, printed: AllPrinted
) -> tuple[Rows, Rows]:
    """Return every value redone from what was printed before it, and what was continued with."""
    states = {name: printed[name] for name in lagged(equations) if name in printed}
    adopt = _as_printed(printed)
    if len(states) == len(lagged(equations)) and all(p.printed.all() for p in states.values()):
        known = given | {name: state.values for name, state in states.items()}
        return columns(equations, start, known, adopt)
    return follow(equations, start, given, adopt)


def on_paper(
    equations: Sequence[Equation],
    start: Rows,
    given: Rows,
    printed: AllPrinted,
    decimals: Mapping[str, int],
) -> Rows:
    """Redo every value, assuming that unprinted values were rounded too.

    An author who prints h and y to three decimals has probably rounded a and o to three.
    """
    rounded, as_printed = on_paper_rounding(decimals), _as_printed(printed)
    followed, _ = follow(
        equations, start, given, lambda name, t, row: as_printed(name, t, rounded(name, row))
    )
    return followed


def on_paper_rounding(decimals: Mapping[str, int]) -> Callable[[str, Array], Array]:
    """Return the function that rounds rows of a quantity as its author writes them down."""

    def rounded(name: str, rows: Array) -> Array:
        if name not in decimals:
            return rows
        return rounded_rows(rows, decimals[name])

    return rounded


def decimals_of_all(
    equations: Sequence[Equation], printed: AllPrinted, right: Rows
) -> list[dict[str, int]]:
    """Return how many decimals each quantity may be written with, the likeliest way first.

    One that is not printed is taken to be written like the next one that is, unless that is exact:
    0.5 does not say how 0.4621 would be written. Or it is written like those with the most. A sum
    so far is not written down.
    """
    names = [each.name for each in equations if not each.name.startswith(SUM)]
    known = {name: printed[name].most_decimals for name in names if name in printed}
    telling = {name: of for name, of in known.items() if not _is_exact(printed[name], right[name])}
    telling = telling or known
    first = next(iter(telling.values()))
    later = {
        name: next((telling[other] for other in names[at:] if other in telling), first)
        for at, name in enumerate(names)
    }
    most = dict.fromkeys(names, max(telling.values()))
    ways = [later | known, most | known]
    return ways if ways[0] != ways[1] else ways[:1]


def _is_exact(printed: Printed, right: Array) -> bool:
    """Return whether what is printed was not rounded at all."""
    return not (np.abs(printed.values - right) > _EXACT)[printed.printed].any()


def _as_printed(printed: AllPrinted) -> Adopt:
    """Continue with what was printed, and with what follows where nothing was."""

    def adopt(name: str, t: Steps, row: Array) -> Array:
        return printed[name].over(row, t) if name in printed else row

    return adopt
