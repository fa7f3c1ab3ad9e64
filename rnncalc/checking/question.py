"""What is to be checked: a run, and the values that somebody printed for it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from rnncalc.arrays import Array
from rnncalc.checking import readings
from rnncalc.checking.readings import Authored
from rnncalc.checking.rounded_weights import spread
from rnncalc.network.by_hand import by_hand
from rnncalc.network.equations import Affine, Applied, Combined, Equation, Joined, Rows
from rnncalc.network.float32 import SingleNoise
from rnncalc.network.forward import calculated
from rnncalc.network.noise import Noise
from rnncalc.network.trace import Trace
from rnncalc.numerals.printed import (
    AllPrinted,
    Mask,
    Printed,
    Tolerance,
    allowance,
    fits,
    zeros_restored,
)

_CLEARLY = 50  # times what is allowed: hardly any value that moves so far is right by chance
_APART = 4  # times what is allowed: most ports in float32 are off there, as our own run is
_UNITS, _MANY = 2, 10  # float32 does not move one value of ten by more units, and no other
_SOME = 2  # such values are enough: hardly ever are two right by chance


@dataclass(frozen=True)
class ByHand:
    """That the right values are those of arithmetic by hand.

    Attributes:
        decimals: of every value, or None for those that each quantity is printed with.
    """

    decimals: int | None = None


def _rounding_of_parts(equation: Joined | Combined, due: list[Array]) -> Array:
    """Return (T, n), how far a quantity may be off whose parts are off by `due`."""
    if isinstance(equation, Joined):
        return np.hstack(due)
    found = np.zeros_like(due[0])
    for part in equation.parts:
        some, due = due[: len(part.sources)], due[len(part.sources) :]
        # of a product nothing is known, unless its factors are
        exact = len(some) == 1 or not any(np.any(rows) for rows in some)
        found = found + (abs(part.factor) * some[0] if exact else np.full_like(found, np.inf))
    return found


@dataclass(frozen=True, eq=False)
class Question:
    """A run, and the values that somebody printed for it.

    Attributes:
        equations: what a step consists of.
        start: (n,), the row before step 1 of each quantity that is read with a lag.
        given: (T, m), x and whatever else is not calculated, such as targets.
        printed: the printed values by quantity, each (T, its size).
        tolerance: replaces the rounding that a value shows.
        by_hand: given if the right values are those of arithmetic by hand.
        float32: whether what is printed was calculated in single precision.
    """

    equations: tuple[Equation, ...]
    start: Rows
    given: Rows
    printed: AllPrinted
    tolerance: Tolerance | None = None
    by_hand: ByHand | None = None
    float32: bool = False

    @property
    def x(self) -> Array:
        """(T, D), the inputs."""
        return self.given["x"]

    @property
    def steps(self) -> int:
        """T, the number of steps."""
        return len(self.x)

    @cached_property
    def right(self) -> Trace:
        """The run as it should be."""
        if self.by_hand is None:
            return calculated(self.equations, self.start, self.given)
        decimals = self.by_hand.decimals
        if decimals is not None:
            places = dict.fromkeys((each.name for each in self.equations), decimals)
        else:
            places = self.decimals
        return by_hand(self.equations, self.start, self.given, places)

    @cached_property
    def decimals(self) -> dict[str, int]:
        """How many decimals each quantity is written with."""
        right = replace(self, by_hand=None).right if self.by_hand else self.right
        ways = readings.decimals_of_all(self.equations, self.printed, right.rows)
        return max(ways, key=self._fitting_on_paper) if len(ways) > 1 else ways[0]

    def _fitting_on_paper(self, decimals: Mapping[str, int]) -> int:
        """Return how many values fit if unprinted ones were rounded to some decimals."""
        given = self.equations, self.start, self.given, self.printed
        rows = readings.on_paper(*given, decimals)
        return sum(int(self.fits(name, rows[name]).sum()) for name in self.printed)

    @cached_property
    def noise(self) -> Noise:
        """How far another correct program may be off."""
        return self.single if self.float32 else Noise(self.equations, self.right)

    @cached_property
    def single(self) -> SingleNoise:
        """The run in single precision, and how far another program's may be from it."""
        return SingleNoise(self.equations, self.right)

    @cached_property
    def is_in_float32(self) -> bool:
        """Whether all that is printed is what single precision gives."""
        if self.tolerance is not None or self.by_hand is not None or self._is_one_slip():
            return False
        noise, right = self.single, self.right
        moved = {name: np.abs(noise.single[name] - right[name]) for name in self.printed}
        if self._are_right_without(moved, _APART):
            return False
        if not all(self.agrees(n, noise.single[n], noise.between[n]).all() for n in self.printed):
            return False
        # however a network drifts, a single step is off only by the rounding of what it is from
        off, redone = self._off(noise.step), self.authored.redone
        return all(self.agrees(name, redone[name], off[name]).all() for name in self.printed)

    def _is_one_slip(self) -> bool:
        """Return whether of many values one is wrong, and by more than its last digit."""
        units, many = list[float](), 0
        for name, printed in self.printed.items():
            wrong = ~self.agrees(name, self.right[name])
            off = np.abs(printed.values - self.right[name]) / printed.unit
            units += off[wrong].tolist()
            many += int(printed.printed.sum())
        return len(units) == 1 and units[0] > _UNITS and many >= _MANY

    @cached_property
    def authored(self) -> Authored:
        """The calculation as its author had it."""
        redone, own = readings.redone(self.equations, self.start, self.given, self.printed)
        return Authored(self.start, self.printed, redone, own)

    @cached_property
    def on_paper(self) -> Rows:
        """(T, n), every value redone as if unprinted ones had been rounded too."""
        return readings.on_paper(
            self.equations, self.start, self.given, self.printed, self.decimals
        )

    @cached_property
    def rounding(self) -> Rows:
        """(T, n), how far each redone value may be off because its sources were rounded.

        It is infinite if nothing was printed that a source can be read off.
        """
        return self._off({})

    def _off(self, own: Rows) -> Rows:
        """Return the same, if each value is off by its own rounding too."""
        off: Rows = {}
        for equation in self.equations:
            due = [self._rounding_of(source, lag, off) for source, lag in equation.reads]
            off[equation.name] = self._off_by(equation, due) + own.get(equation.name, 0.0)
        return off

    def _off_by(self, equation: Equation, due: list[Array]) -> Array:
        """Return (T, n), how far a quantity may be off whose sources are off by `due`."""
        if isinstance(equation, Applied):  # none is steeper than 1
            return due[0]
        if isinstance(equation, Joined | Combined):
            return _rounding_of_parts(equation, due)
        if not isinstance(equation, Affine):
            return np.full((len(self.x), equation.size), np.inf)
        weights = [np.abs(term.weight).T for term in equation.terms]
        with np.errstate(invalid="ignore"):  # infinite times zero
            sums = sum(rows @ weight for rows, weight in zip(due, weights, strict=True))
        return np.nan_to_num(sums, nan=np.inf, posinf=np.inf)

    def _rounding_of(self, source: str, lag: int, off: Rows) -> Array:
        """Return (T, m), how far the rows of a source may be off that are read at a lag."""
        equation = self.equation(source)
        if equation is None:  # x is given
            return np.zeros_like(self.given[source])
        inner = equation.source if isinstance(equation, Applied) else ""
        read = self.printed.get(source) or self.printed.get(inner)
        rows = np.full((self.steps, equation.size), np.inf) if lag or read else off[source]
        if read:
            rows = np.where(read.printed, self.allowed(read, read.values), rows)
        beyond = np.zeros(equation.size)
        if lag > 0:
            return np.vstack((rows[lag:], beyond))
        return np.vstack((beyond, rows[:lag])) if lag else rows

    def equation(self, name: str) -> Equation | None:
        """Return the equation of a quantity; x has none."""
        return next((each for each in self.equations if each.name == name), None)

    def with_zeros_restored(self) -> "Question":
        """Return the question with each quantity read so that most of its values fit."""
        return replace(self, printed={n: self._likeliest(n, p) for n, p in self.printed.items()})

    def written_alike(self) -> Iterator["Question"]:
        """Yield the question with all quantities written in one way: fixed decimals, or digits."""
        ways = {name: zeros_restored(printed) for name, printed in self.printed.items()}
        for k in (0, -1):
            yield replace(self, printed={name: some[k] for name, some in ways.items()})

    def is_read_as(self, other: "Question") -> bool:
        """Return whether all values are read with the same decimals as in another question."""
        pairs = ((of, other.printed[name].decimals) for name, of in self.printed.items())
        return all((of.decimals == decimals)[of.printed].all() for of, decimals in pairs)

    def _likeliest(self, name: str, printed: Printed) -> Printed:
        ways = zeros_restored(printed)
        if len(ways) == 1:
            return ways[0]
        right = [fits(way, self.right[name], self.tolerance) for way in ways]
        for way, found in zip(ways, right, strict=True):
            if np.array_equal(found, printed.printed):  # which is most often so
                return way
        values = np.array([self.right[name], self.authored.redone[name], self.on_paper[name]])

        def fitting(way: Printed) -> tuple[int, int, int]:
            found = fits(way, values, self.tolerance)
            alone = found.reshape(len(found), -1).sum(axis=1)
            restored = int((way.decimals - printed.decimals)[printed.printed].sum())
            return int(found.any(axis=0).sum()), int(alone.max()), -restored

        return max(ways, key=fitting)

    def fits(self, name: str, value: Array, slack: float | Array = 0.0) -> Mask:
        """Return where the printed values of `name` agree with `value` (T, n)."""
        return fits(self.printed[name], value, self.tolerance, slack)

    def agrees(self, name: str, value: Array, slack: float | Array = 0.0) -> Mask:
        """Return where nothing is printed of `name` that differs from `value` (T, n)."""
        return np.asarray(self.fits(name, value, slack) | ~self.printed[name].printed)

    def allowed(self, printed: Printed, value: Array) -> Array:
        """Return how far each printed value may be from `value`."""
        return allowance(printed, value, self.tolerance)

    @cached_property
    def weights_rounded(self) -> tuple[int, Rows] | None:
        """The decimals that a program printed the weights with, and how far that moves values.

        None if the weights do not look like that, or most values are right without it.
        """
        found = spread(self.equations, self.right)
        if found is None:
            return None
        noise = self.single.grown if self.is_in_float32 else self.noise.fresh
        return None if self._are_right_without(found[1], _CLEARLY, noise) else found

    def _are_right_without(self, off: Rows, times: float, noise: Rows | None = None) -> bool:
        """Return whether most values that would move clearly by `off` are right all the same.

        Args:
            off: how far each value would move.
            times: how many times what is allowed is clear.
            noise: how far right values may be off.
        """
        moved = right = 0
        for name, printed in self.printed.items():
            slack = noise[name] if noise else 0.0
            allowed = self.allowed(printed, self.right[name]) + slack
            told = printed.printed & (off[name] > times * allowed)
            moved += int(told.sum())
            right += int((told & self.fits(name, self.right[name], slack)).sum())
        return right >= _SOME and 2 * right > moved
