"""The table for eyes, on a terminal of any width: figures are never cut."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

from rnncalc.network.model import Network
from rnncalc.writing.excerpt import Excerpt, Step
from rnncalc.writing.rounding import fixed, given

_TALL = ("⎡", "⎢", "⎣", "⎤", "⎥", "⎦")
_PLAIN = ("[", "[", "[", "]", "]", "]")
_GAP = "..."  # in the place of the steps left out
_PADDING = 2  # blanks between two columns


@dataclass(frozen=True)
class Look:
    """How a page is laid out.

    Attributes:
        decimals: of every rounded figure.
        width: columns of the terminal, or None for as wide as it comes.
        plain: whether only ASCII can be shown.
    """

    decimals: int = 3
    width: int | None = None
    plain: bool = False


@dataclass(frozen=True)
class Column:
    """A column of the table: its title, and the lines of its cell in every row."""

    title: str
    cells: list[list[str]]

    @property
    def width(self) -> int:
        """The characters of its widest line."""
        return max(len(line) for cell in [[self.title], *self.cells] for line in cell)


def table_text(
    network: Network, h0: Sequence[float], given_keys: frozenset[str], shown: Excerpt, look: Look
) -> str:
    """Return the formulas, and below them the table of the steps shown."""
    columns = _columns(network, shown, look)
    lines = [*formulas(network, given_keys), *start(h0, look), ""]
    for part in _parts(columns, look.width):
        lines += [_said(line, shown.left_out) for line in _rendered(part, look)]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def formulas(network: Network, given_keys: frozenset[str]) -> list[str]:
    """Return the equations of the network, with the functions it really uses."""
    f = network.cell.activation.name
    bias = " + b_h" if "bh" in given_keys else ""
    lines = [f"a_t = W_xh x_t + W_hh h_{{t-1}}{bias}"]
    lines.append("h_t = a_t  (linear)" if f == "linear" else f"h_t = {f}(a_t)")
    if network.readout:
        g = network.readout.activation.name
        inner = "W_hy h_t" + (" + b_y" if "by" in given_keys else "")
        lines.append(f"y_t = {inner}  (linear)" if g == "linear" else f"y_t = {g}({inner})")
    return lines


def start(h0: Sequence[float], look: Look) -> list[str]:
    """Return what h_0 is, in lines of the look's width."""
    if not any(h0):
        return ["h_0 = 0"]
    values = [given(value, look.decimals) for value in h0]
    if len(values) == 1:
        return [f"h_0 = {values[0]}"]
    return wrap(f"h_0 = [{', '.join(values)}]", look.width or 100, subsequent_indent=" " * 7)


def _columns(network: Network, shown: Excerpt, look: Look) -> list[Column]:
    steps = [*shown.first, *shown.last]
    names = ["x", "a", "h", *(["y"] if network.readout else [])]
    columns = [Column("t", [[str(step.t)] for step in steps])]
    columns += [Column(f"{name}_t", _cells(steps, name, look)) for name in names]
    if shown.left_out:
        for column in columns:
            column.cells.insert(len(shown.first), [_GAP])
    return columns


def _said(line: str, left_out: int) -> str:
    """Return the line of the gap as one that says how many steps it stands for."""
    if _GAP not in line:
        return line
    return f"{line[: line.index(_GAP)]}{_GAP} {left_out} steps left out; --all shows them"


def _cells(steps: list[Step], name: str, look: Look) -> list[list[str]]:
    show = given if name == "x" else fixed
    texts = [[show(value, look.decimals) for value in step.values[name]] for step in steps]
    places = max(len(_after_point(text)) for cell in texts for text in cell)
    aligned = [[text + " " * (places - len(_after_point(text))) for text in cell] for cell in texts]
    width = max(len(text) for cell in aligned for text in cell)
    return [_bracketed([text.rjust(width) for text in cell], look) for cell in aligned]


def _after_point(text: str) -> str:
    return text[text.index(".") :] if "." in text else ""


def _bracketed(lines: list[str], look: Look) -> list[str]:
    """Return a column vector in tall brackets; a single number stays as it is."""
    if len(lines) == 1:
        return lines
    top, middle, bottom, top_right, right, bottom_right = _PLAIN if look.plain else _TALL
    inner = [f"{middle}{line}{right}" for line in lines[1:-1]]
    return [f"{top}{lines[0]}{top_right}", *inner, f"{bottom}{lines[-1]}{bottom_right}"]


def _parts(columns: list[Column], width: int | None) -> list[list[Column]]:
    """Return the columns in parts that fit into `width`, each beginning with the first column."""
    first, *others = columns
    parts = [[first]]
    for column in others:
        needed = sum(c.width + _PADDING for c in [*parts[-1], column])
        if width is not None and needed > width and len(parts[-1]) > 1:
            parts.append([first])
        parts[-1].append(column)
    return parts


def _rendered(columns: list[Column], look: Look) -> list[str]:
    from io import StringIO

    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    tall = any(len(cell) > 1 for column in columns for cell in column.cells)
    table = Table(
        box=box.ASCII2 if look.plain else box.SIMPLE_HEAD,
        show_edge=False,
        show_lines=False,
        padding=(0, 1),
        pad_edge=True,
    )
    for column in columns:
        table.add_column(Text(column.title), justify="right", no_wrap=True)
    for row in zip(*(column.cells for column in columns), strict=True):
        table.add_row(*(Text("\n".join(cell)) for cell in row), end_section=tall)
    width = sum(column.width + 3 for column in columns) + 3
    console = Console(
        file=StringIO(), width=width, color_system=None, legacy_windows=False, _environ={}
    )
    with console.capture() as capture:
        console.print(table)
    return [line.rstrip() for line in capture.get().splitlines()]
