"""A line chart as SVG: axes with numbers, a line for each component, and its name."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import floor, log10
from pathlib import Path

from rnncalc.network.naming import component, people
from rnncalc.numerals.rounding import plain
from rnncalc.writing.steps import Step

WIDTH, HEIGHT = 720, 300
_LEFT, _TOP, _BOTTOM = 64, 14, 48
_COLORS = 8
_LONGEST = 16  # characters of a name
_NAMED = 12  # lines; the names of more would overlap
_POINTS = 40  # steps that are few enough to mark each


@dataclass(frozen=True)
class Line:
    """A line of a chart.

    Attributes:
        name: `h[0]`.
        key: what the page's script knows it by.
        values: one for each step.
    """

    name: str
    key: str
    values: Sequence[float]


@dataclass(frozen=True)
class Chart:
    """Some lines over the same steps.

    Attributes:
        title: what is drawn.
        steps: t of each.
        gap: the index of the step before which some are omitted, or 0.
        lines: one for each component.
        low: the smallest value that is possible or seen.
        high: the largest.
    """

    title: str
    steps: Sequence[int]
    gap: int
    lines: Sequence[Line]
    low: float
    high: float


def lines_over(name: str, steps: Sequence[Step]) -> list[Line]:
    """Return a line for each component of a quantity."""
    columns = [[*column] for column in zip(*(step.values[name] for step in steps), strict=True)]
    if len(columns) == 1:
        return [Line(people(name), f"{name}:0", columns[0])]
    return [Line(component(name, str(i)), f"{name}:{i}", of) for i, of in enumerate(columns)]


def asset(name: str) -> str:
    """Return a style or a script that comes with the program."""
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def chart_svg(chart: Chart, number: int = 0, place: str = "") -> str:
    """Return the chart as an element that takes its colours from the style around it.

    Args:
        chart: what is drawn.
        number: of the chart among those of the page.
        place: attributes that place it in another picture.
    """
    frame = _Frame(chart)
    parts = [*frame.y_axis(), *frame.x_axis(), *frame.marks(), *frame.lines()]
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" {place}role="img" '
        f'aria-labelledby="chart{number}">\n'
        f'<title id="chart{number}">{escape(chart.title)}</title>\n' + "\n".join(parts) + "\n</svg>"
    )


def ticks(low: float, high: float, most: int) -> list[float]:
    """Return about `most` round numbers, from the last below `low` to the first above `high`."""
    span = high / most - low / most
    if not span > 0:
        return [low]
    power = 10.0 ** floor(log10(span))
    step = next((m * power for m in (1, 2, 2.5, 5) if m * power >= span), 10 * power)
    first, last = floor(low / step + 1e-9), -floor(-high / step + 1e-9)
    return [float(f"{n * step:.12g}") + 0.0 for n in range(first, last + 1)]


class _Frame:
    """Where things are in a chart."""

    def __init__(self, chart: Chart) -> None:
        self.chart = chart
        self.ticks = ticks(chart.low, chart.high, 5)
        longest = max(len(_cut(line.name)) for line in chart.lines)
        self.end = WIDTH - (24 + 9 * longest if len(chart.lines) <= _NAMED else 16)
        self.inner = self.end - _LEFT, HEIGHT - _TOP - _BOTTOM
        steps = len(chart.steps) + (2 if chart.gap else 0)  # the gap is as wide as two
        self.apart = self.inner[0] / max(1, steps - 1)

    def x(self, at: int) -> float:
        shift = 2 if self.chart.gap and at >= self.chart.gap else 0
        return _LEFT + (at + shift) * self.apart

    def y(self, value: float) -> float:
        low, high = self.ticks[0], self.ticks[-1]
        span = high / 2 - low / 2  # halved, since the largest floats would overflow
        share = (value / 2 - low / 2) / span if span else 0.5
        return _TOP + (1 - share) * self.inner[1]

    def y_axis(self) -> Iterator[str]:
        for value in self.ticks:
            y = self.y(value)
            zero = ' class="zero"' if not value else ""
            yield f'<path{zero} d="M{_LEFT} {y:.1f}H{self.end}"/>'
            text = plain(value).replace("-", "−")
            yield f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{text}</text>'

    def x_axis(self) -> Iterator[str]:
        y = HEIGHT - _BOTTOM
        yield f'<path class="axis" d="M{_LEFT} {_TOP}V{y}H{self.end}"/>'
        for at in self._numbered():
            tick = f"{self.x(at):.1f}"
            yield f'<path class="axis" d="M{tick} {y}v4"/>'
            number = self.chart.steps[at]
            yield f'<text x="{tick}" y="{y + 18}" text-anchor="middle">{number}</text>'
        middle = _LEFT + self.inner[0] / 2
        yield f'<text x="{middle:.0f}" y="{HEIGHT - 6}" text-anchor="middle">step t</text>'
        if self.chart.gap:
            between = (self.x(self.chart.gap - 1) + self.x(self.chart.gap)) / 2
            yield f'<text x="{between:.1f}" y="{y + 18}" text-anchor="middle">…</text>'

    def _numbered(self) -> list[int]:
        """Return the indices of the steps whose number is written."""
        count = len(self.chart.steps)
        every = max(1, -(-count // 10))
        every = next((n for n in (1, 2, 5, 10, 20, 25, 50, 100) if n >= every), every)
        if every == 1 or self.chart.gap:
            return [*range(0, count, every)]
        return [0, *(at for at, t in enumerate(self.chart.steps) if not t % every and at)]

    def marks(self) -> Iterator[str]:
        """Yield an upright line for each step, which is seen when the step is chosen."""
        for at, t in enumerate(self.chart.steps):
            yield (
                f'<path class="at" data-t="{t}" d="M{self.x(at):.1f} {_TOP}V{HEIGHT - _BOTTOM}"/>'
            )

    def lines(self) -> Iterator[str]:
        places = self._places_of_names()
        for n, line in enumerate(self.chart.lines):
            points = [f"{self.x(at):.1f} {self.y(v):.1f}" for at, v in enumerate(line.values)]
            gap = self.chart.gap or len(points)
            path = "".join(f"M{'L'.join(some)}" for some in (points[:gap], points[gap:]) if some)
            few = len(self.chart.lines) <= _NAMED
            color = f"c{n % _COLORS}" if few else "many"
            yield f'<g class="line {color}" data-key="{escape(line.key)}">'
            yield f"<title>{escape(line.name)}</title>"
            yield f'<path d="{path}"/>'
            if few and len(points) <= _POINTS:
                dots = "".join(f"M{point}h0" for point in points)
                yield f'<path class="dots" d="{dots}"/>'
            if few:
                x, y = self.end + 8, places[n] + 4
                yield f'<text x="{x}" y="{y:.1f}">{escape(_cut(line.name))}</text>'
            yield "</g>"

    def _places_of_names(self) -> list[float]:
        """Return the height of each line's name: near the line's end, and none over another."""
        lines = self.chart.lines
        ends = [self.y(line.values[-1]) for line in lines]
        room = min(19.0, self.inner[1] / max(1, len(lines)))
        order = sorted(range(len(lines)), key=lambda n: ends[n])
        places, lowest = [0.0] * len(lines), _TOP - room
        for n in order:
            lowest = places[n] = max(ends[n], lowest + room)
        excess = max(0.0, lowest - (HEIGHT - _BOTTOM))
        highest = HEIGHT - _BOTTOM + room
        for n in reversed(order):
            if excess:
                highest = places[n] = min(places[n], highest - room)
        return places


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
