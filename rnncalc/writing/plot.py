"""The states over time in characters: a chart with axes, or one line of bars for each unit."""

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import NamedTuple

from rnncalc.network.model import Network
from rnncalc.writing.chart import lines_over, ticks
from rnncalc.writing.numbers import short
from rnncalc.writing.request import Request
from rnncalc.writing.scale import scale_of
from rnncalc.writing.steps import Excerpt

_Lines = Mapping[str, Sequence[float]]
"""The values of each component by its name."""


class _Look(NamedTuple):
    """The characters of a plot."""

    bars: str
    marks: str
    several: str
    tick: str
    side: str
    corner: str
    line: str
    gap: str


_USUAL = _Look("▁▂▃▄▅▆▇█", "●○▲△■□", "✶", "┤", "│", "└", "─", "…")
_PLAIN = _Look("_.-:=+*#", "ox+#@%", "*", "+", "|", "+", "-", "~")
_WIDTH = 100  # characters of a line, if nothing else is known


def plot_lines(network: Network, shown: Excerpt, request: Request) -> list[str]:
    """Return the states over time: a chart with axes or, of many components, a line of bars each.

    Args:
        network: whose states are drawn.
        shown: the steps.
        request: the characters of a line, and whether only ASCII can be shown.
    """
    look, states = _PLAIN if request.plain else _USUAL, network.states
    lines = {of.name: of.values for name in states for of in lines_over(name, shown.steps)}
    slots: list[int | None] = [*range(len(shown.steps))]  # None for the steps that are omitted
    if shown.left_out:
        slots.insert(len(shown.first), None)
    axes = _Axes([step.t for step in shown.steps], slots, *scale_of(network, shown))
    draw = _chart if len(lines) <= len(look.marks) else _bars
    drawn = draw(lines, axes, look, request.width or _WIDTH)
    return [line.rstrip() for line in (f"{', '.join(states)} over time", *drawn)]


class _Axes(NamedTuple):
    """What is drawn against what.

    Attributes:
        numbers: t of each step.
        slots: the index of each step, from left to right, and None for a gap.
        low: the lowest value.
        high: the highest.
    """

    numbers: list[int]
    slots: list[int | None]
    low: float
    high: float

    def parts(self, room: int) -> Iterator[tuple[list[int | None], int]]:
        """Yield the slots that fit side by side, and the characters that each has."""
        count = len(self.slots)
        pitch = next((n for n in (4, 3, 2) if n * count <= room), 1)
        at_once = max(1, room // pitch)
        for begin in range(0, count, at_once):
            yield self.slots[begin : begin + at_once], pitch

    def ruler(self, some: Sequence[int | None], pitch: int, gap: str) -> str:
        """Return the numbers of steps, each ending below its step; not all of them have room."""
        text = ""
        for at, slot in enumerate(some):
            end = (at + 1) * pitch
            number = gap if slot is None else str(self.numbers[slot])
            begin = max(end - len(number), 0)
            if begin > len(text) or not text:
                text = f"{text.ljust(begin)}{number}"
        return text


def _chart(lines: _Lines, axes: _Axes, look: _Look, width: int) -> Iterator[str]:
    """Yield a chart: numbers on both axes, a mark for each value, and what the marks mean."""
    at = ticks(axes.low, axes.high, 4)
    heights = {2 * n: short(value, 3) for n, value in enumerate(at)}
    margin = max(map(len, heights.values()))
    zero = 2 * at.index(0.0) if 0.0 in at[1:] else None
    seen: set[str] = set()
    for some, pitch in axes.parts(max(width - margin - 2, 4)):
        cells = _cells(lines, some, pitch, (at[0], at[-1], 2 * len(at) - 1), look)
        seen |= {*cells.values()}
        for row in range(2 * len(at) - 2, -1, -1):
            text = "".join(cells.get((row, n), " ") for n in range(len(some) * pitch))
            text = text.replace(" ", look.line) if row == zero else text
            number = heights.get(row, "")
            yield f"{number.rjust(margin)} {look.tick if number else look.side}{text}"
        yield f"{' ' * margin} {look.corner}{look.line * (len(some) * pitch)}"
        yield f"{'t'.rjust(margin)}  {axes.ruler(some, pitch, look.gap)}"
    if len(lines) > 1:
        names = [f"{mark} {name}" for mark, name in zip(look.marks, lines, strict=False)]
        names += [f"{look.several} several"] if look.several in seen else []
        yield from wrap("   ".join(names), width)


def _cells(
    lines: _Lines,
    some: Sequence[int | None],
    pitch: int,
    scale: tuple[float, float, int],
    look: _Look,
) -> dict[tuple[int, int], str]:
    """Return the marks of a chart by row, from below, and column."""
    low, high, rows = scale
    found: dict[tuple[int, int], str] = {}
    for mark, values in zip(look.marks, lines.values(), strict=False):
        for at, slot in enumerate(some):
            if slot is not None:
                place = _level(values[slot], low, high, rows), (at + 1) * pitch - 1
                found[place] = look.several if place in found else mark
    return found


def _bars(lines: _Lines, axes: _Axes, look: _Look, width: int) -> Iterator[str]:
    """Yield one line of bars for each component, above the numbers of the steps."""
    low, high = short(axes.low, 3), short(axes.high, 3)
    yield f"{look.bars[0]} is {low}, {look.bars[-1]} is {high}"
    margin = max(map(len, lines))
    for some, pitch in axes.parts(max(width - margin - 1, 4)):
        for name, values in lines.items():
            drawn = [
                look.gap.rjust(pitch)[:pitch]
                if slot is None
                else look.bars[_level(values[slot], axes.low, axes.high, len(look.bars))] * pitch
                for slot in some
            ]
            yield f"{name.ljust(margin)} {''.join(drawn)}"
        yield f"{'t'.ljust(margin)} {axes.ruler(some, pitch, look.gap)}"


def bars(values: Sequence[float], high: float, *, plain: bool) -> str:
    """Return one bar for each value from 0, the highest for `high`."""
    of = (_PLAIN if plain else _USUAL).bars
    return "".join(of[_level(value, 0.0, high, len(of))] for value in values)


def _level(value: float, low: float, high: float, levels: int) -> int:
    # halved, so that the largest floats do not overflow
    span = high / 2 - low / 2
    share = (value / 2 - low / 2) / span if span else 0.0  # half of the smallest float is 0
    return round(share * (levels - 1))
