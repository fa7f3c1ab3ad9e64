"""A checked calculation as text: JSON for programs, a table for people."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from math import isclose, isfinite
from typing import TYPE_CHECKING, Literal, NamedTuple

from rnncalc.checking.report import Cause, Mark, Report, Verdict
from rnncalc.errors import counted
from rnncalc.network.naming import is_whole
from rnncalc.numerals.printed import FULL_DIGITS
from rnncalc.numerals.rounding import fixed, next_above
from rnncalc.writing.console import console, in_ascii, wrapped
from rnncalc.writing.formulas import called_in
from rnncalc.writing.numbers import with_minus
from rnncalc.writing.request import Request

if TYPE_CHECKING:
    from rich.table import Table

Working = Callable[[Mark], list[str]]
"""Gives the working of a value: `0.5 × 2 + 0.3 × 0.537 + 0.1 ≈ 1.261`, `tanh(1.261) ≈ 0.851`."""

Row = tuple[Mark, tuple[str, ...], str]
"""A mark, its columns, and the lines of the last column."""


class Styled(NamedTuple):
    """A line, its style as Rich names it, and its indent."""

    text: str
    style: str = ""
    indent: str = ""


_AS_USUAL = Request()

_AT_ONCE = 1000  # values of JSON
_FEW_ROWS = 3  # of values that one cause explains
_SHEET = 15  # wrong values that are shown in full; nobody calculates many more by hand
_FIRST_ROWS = 10  # of more than that
_MOST_ROWS = 200  # a row takes half a millisecond, and nobody reads more
_MOST_DECIMALS = 20  # of a small number with few digits
_LEAST = 2  # decimals of the right value: 1 would be a poor answer to 2
_FLOAT32 = "float32"  # a cause, but not a mistake
_HYPHEN = re.compile(r"(?<![^\s\[(/])-(?=[0-9.])", re.ASCII)  # of a number, unlike that of h_{t-1}
_BEYOND_FLOAT32 = 1e-5  # of a difference: decimals that were not printed, more likely
_CAUSES = 3  # if more mistakes than this fit, none of them is likely
_PADDING = 3  # characters between two columns
_LEAST_WHY = 24  # characters of a reason in one line; with fewer a table is hard to read
_TITLES = ("step", "value", "printed", "right", "verdict")
_NUMBERS = ("step", "printed", "right")
_STYLES = {"slip": "bold red", "cut": "yellow", "carried": "dim", "undecided": "dim", "ok": ""}
_MEANING = {
    "ok": "",
    "cut": "truncated instead of rounded",
    "slip": "no known single mistake explains this",
    "undecided": "cannot be told from rounding",
}


def json_text(report: Report) -> Iterator[str]:
    """Yield one JSON object: one line per value, the counts, and what fits all of the values."""
    marks, between = report.marks, '{"figures": [\n'
    for begin in range(0, len(marks), _AT_ONCE):
        yield between + ",\n".join(map(_mark_object, marks[begin : begin + _AT_ONCE]))
        between = ",\n"
    first = report.first_wrong
    where = json.dumps(first.where if first else None)
    yield f'\n], "counts": {json.dumps(report.counts)}, "first_wrong": {where}, '
    yield f'"consistent_with": {_cause_list(report.consistent_with)}'
    if report.largest:
        name, t, i, size = report.largest
        yield f', "largest_difference": {{"where": "{name}[{t}][{i}]", "size": {size!r}}}'
    if report.undecidable_from is not None:
        yield f', "undecidable_from": {report.undecidable_from}'
    if report.weights_rounded is not None:
        yield f', "weights_rounded": {report.weights_rounded}'
    yield "}\n"


def _mark_object(mark: Mark) -> str:
    # the only character that JSON escapes is U+2212, and json.dumps takes five times as long
    name, step, component, printed, decimals, right, redone, verdict, causes = mark
    printed = printed.replace("\u2212", "\\u2212")
    follows = repr(redone) if isfinite(redone) else "null"
    return (
        f'{{"where": "{name}[{step}][{component}]", "step": {step + 1}, '
        f'"component": {component}, "printed": "{printed}", '
        f'"decimals": {decimals}, "right": {right!r}, "from_printed": {follows}, '
        f'"verdict": "{verdict}", "consistent_with": {_cause_list(causes)}}}'
    )


def _cause_list(causes: tuple[Cause, ...]) -> str:
    return json.dumps([cause._asdict() for cause in causes]) if causes else "[]"


def table_text(
    report: Report,
    request: Request = _AS_USUAL,
    working: Working | None = None,
    about: Iterable[str] = (),
) -> str:
    """Return what a person reads: the first slip, what is wrong, and the counts.

    Args:
        report: what was found.
        request: how it is laid out, and whether right values are shown too.
        working: gives the right working of a wrong value, which is shown with it.
        about: lines above a table, which say what network it is about.
    """
    marks = report.marks if request.whole else report.not_ok
    shown = marks[: _rows_of(report, request)]
    rows = [(mark, _cells(mark, report, request), _why(mark, working, report)) for mark in shown]
    needed = _width_of(cells for _, cells, _ in rows)
    as_table = request.width is None or request.width >= needed + _LEAST_WHY
    longest = max((len(line) for *_, why in rows for line in why.splitlines()), default=0)
    width = request.width or needed + max(longest, _LEAST_WHY) + _PADDING
    parts: list[list[Styled] | Table] = [[*_headline(report, request)]]
    if rows:
        parts.append(_table(rows) if as_table else [*_blocks(rows, request)])
    if len(marks) > len(rows):
        how = "-f json" if request.whole else "--all"
        parts.append([Styled(f"{len(marks) - len(rows)} more; use {how} to show them")])
    if rows or not _all_are_right(report):
        parts.append([Styled(_counted(report))])
    texts = [_shown(part, width, request) for part in parts if part]
    if rows:
        texts.insert(1, "".join(f"{line}\n" for line in about))
    text = "\n".join(filter(None, texts))
    return in_ascii(text) if request.plain else text


def _rows_of(report: Report, request: Request) -> int:
    """Return how many values are shown."""
    if request.whole:
        return _MOST_ROWS
    if report.consistent_with:
        return _FEW_ROWS
    return _FIRST_ROWS if _is_long(report) else _SHEET


def _is_long(report: Report) -> bool:
    """Return whether so much is wrong that a program must have printed it."""
    return len(report.not_ok) > _SHEET


def _counted(report: Report) -> str:
    return ", ".join(f"{n} {verdict}" for verdict, n in report.counts.items())


def _all_are_right(report: Report) -> bool:
    return not report.not_ok and report.undecidable_from is None


def _shown(part: "list[Styled] | Table", width: int, request: Request) -> str:
    """Return lines, folded if there is a width, or a table, as text."""
    lines = part if isinstance(part, list) else []
    folded = [
        (text, style)
        for line, style, indent in lines
        for text in wrapped(line, request.width, indent)
    ]
    if lines and request.colors is None:  # an answer without a table needs no Rich
        return "".join(f"{text}\n" for text, _ in folded)
    from rich.text import Text

    out = console(width, request.colors)
    with out.capture() as capture:
        for text, style in folded:
            out.print(Text(text, style), soft_wrap=True)
        if not lines:
            out.print(part)
    return "\n".join(line.rstrip() for line in capture.get().splitlines()) + "\n"


def _headline(report: Report, request: Request) -> Iterator[Styled]:
    if report.by_hand:
        yield Styled("Checked against arithmetic by hand.")
    if report.consistent_with:
        yield Styled(_explained(report.consistent_with), "bold")
    elif _is_long(report) and report.counts["slip"] > 1 and not _is_lost(report):
        yield Styled("No known mistake explains all values", "bold")
    yield from _first(report, request)
    if report.weights_rounded is not None and report.not_ok:
        decimals = counted(report.weights_rounded, "decimal")
        yield Styled(f"Weights rounded to {decimals} are allowed for")
    yield from _difference(report, request)
    if report.undecidable_from is not None:
        first = report.undecidable_from
        yield Styled(f"From step {first} on, some values can no longer be told from rounding")
    n, most = report.coarse
    if n:
        some = "1 value without decimals counts" if n == 1 else f"{n} values without decimals count"
        yield Styled(f"{some} as right, though up to {most:.2g} off; use --atol to ask for more")


def _explained(causes: tuple[Cause, ...]) -> str:
    """Return what explains all values: one mistake or two, or several that do so alike."""
    ids = [id_ for id_ in causes[0].id.split("+") if id_ != _FLOAT32]
    if not ids:
        return f"{causes[0].text.capitalize()} explains all values"
    number = "One mistake explains" if len(ids) == 1 else "Two mistakes explain"
    return f"{number} all values: {'; or '.join(_said(cause.text) for cause in causes)}"


def _is_lost(report: Report) -> bool:
    """Return whether a value is not a number; no mistake is then sought."""
    return any(not isfinite(mark.value) for mark in report.not_ok)


def _said(text: str) -> str:
    """Return a text with the minus sign of mathematics before its numbers: `the bias −0.2`."""
    return _HYPHEN.sub("−", text)


def _first(report: Report, request: Request) -> Iterator[Styled]:
    """Yield what is wrong first, or that nothing is."""
    slip = report.first_slip
    if slip:
        causes = (
            f" ({_perhaps(slip)})" if slip.consistent_with and not report.consistent_with else ""
        )
        text = (
            f"First slip: {_place(slip, request)}: {with_minus(slip.printed)} printed, "
            f"{with_minus(_right(slip, report))} is right"
        )
        yield Styled(text + causes, _STYLES["slip"])
    elif report.weights_rounded is not None and not report.not_ok:
        decimals = counted(report.weights_rounded, "decimal")
        yield Styled(f"No slip: all values agree with weights rounded to {decimals}", "bold")
    elif report.counts["carried"] or report.counts["cut"]:
        reasons: dict[Verdict, str] = {
            "cut": "was truncated instead of rounded",
            "carried": "follows from rounded values",
        }
        found = [text for verdict, text in reasons.items() if report.counts[verdict]]
        yield Styled(f"No slip: what differs {', or '.join(found)}", "bold")
    elif _all_are_right(report) and report.float32:
        checked = counted(report.counts["ok"], "value")
        short = report.largest is not None and report.largest.size > _BEYOND_FLOAT32
        digits = " and the digits that are printed" if short else ""
        yield Styled(f"The port agrees within float32{digits}: {checked} checked.", "bold")
    elif _all_are_right(report):
        n = report.counts["ok"]
        yield Styled(f"All {n} values are right." if n > 1 else "The value is right.", "bold")


def _difference(report: Report, request: Request) -> Iterator[Styled]:
    """Yield the largest difference, if it says something, and the tolerance that allows for it."""
    asked = report.tolerance or report.float32
    if report.largest is None or not (asked or report.consistent_with):
        return
    name, t, i, size = report.largest
    lost = sum(not isfinite(mark.value) for mark in report.not_ok)
    text = f"The largest difference is {size:.2g}, {_at(name, i, t, request)}"
    if lost:
        are = "value is not a number" if lost == 1 else "values are not numbers"
        text = text.replace("The largest difference", f"{lost} {are}; the largest of the others")
    if size and _FLOAT32 in [cause.id for cause in report.consistent_with]:
        text += f"; --float32 allows for it, or --atol {next_above(size)}"
    yield Styled(text)


def _place(mark: Mark, request: Request) -> str:
    return _at(mark.quantity, mark.component, mark.step, request)


def _at(name: str, i: int, t: int, request: Request) -> str:
    """Return `h[0] at step 2`, or `dL/dW_hh[0,1]`, which is of the whole sequence."""
    called = called_in(request, name, i)
    return called if is_whole(name) else f"{called} at step {t + 1}"


def _cells(mark: Mark, report: Report, request: Request) -> tuple[str, ...]:
    name = called_in(request, mark.quantity, mark.component)
    step = "" if is_whole(mark.quantity) else str(mark.step + 1)
    numbers = with_minus(mark.printed), with_minus(_right(mark, report))
    return (step, name, *numbers, mark.verdict)


def _right(mark: Mark, report: Report) -> str:
    """Return the right value with as many decimals as were printed; more, if it looks the same."""
    if not 0 <= mark.decimals <= _MOST_DECIMALS or mark.quantity in report.in_full:
        return repr(mark.right)
    decimals = mark.decimals if mark.verdict == "ok" else max(mark.decimals, _LEAST)
    if mark.verdict != "ok":
        while decimals < FULL_DIGITS and float(fixed(mark.right, decimals)) == mark.value:
            decimals += 1
    text = fixed(mark.right, decimals)
    return repr(mark.right) if mark.verdict != "ok" and float(text) == mark.value else text


def _why(mark: Mark, working: Working | None, report: Report) -> str:
    """Return what may have gone wrong, unless that is said of all values, and the working."""
    if mark.verdict == "carried" and not isfinite(mark.value):
        return "follows from one that is not a number"
    if mark.verdict == "carried":  # its working is the author's own
        decimals = min(max(mark.decimals, 0), FULL_DIGITS)
        follows = mark.from_printed
        if not isfinite(follows) or float(fixed(follows, decimals)) != mark.value:
            return "follows from earlier values, rounded or kept in full"
        gives = with_minus(fixed(follows, min(decimals + 1, FULL_DIGITS)))
        return f"follows from earlier printed values: {gives}"
    why = _MEANING[mark.verdict]
    if mark.verdict == "slip":
        why = _perhaps(mark) if mark.consistent_with else "" if report.consistent_with else why
    if working is None or mark.verdict in ("ok", "undecided"):
        return why
    lines = working(mark)
    same = isclose(mark.right, mark.from_printed, rel_tol=1e-12, abs_tol=1e-12)
    if (
        lines
        and not same
        and _right(mark, report) != _right(mark._replace(right=mark.from_printed), report)
    ):
        lines = ["from the values before it:", *lines]
    return "\n".join(filter(None, (why, *lines)))


def _perhaps(mark: Mark) -> str:
    """Return the mistakes that would give the printed value; nobody knows if they were made."""
    texts = [_said(cause.text) for cause in mark.consistent_with]
    if len(texts) > _CAUSES:
        texts = [*texts[:_CAUSES], f"{len(texts) - _CAUSES} more"]
    return f"perhaps {'; or '.join(texts)}"


def _width_of(rows: Iterable[tuple[str, ...]]) -> int:
    """Return the width of all columns before the last."""
    columns = zip(_TITLES, *rows, strict=True)
    return sum(max(map(len, column)) + _PADDING for column in columns)


def _blocks(rows: Iterable[Row], request: Request) -> Iterator[Styled]:
    """Yield the marks below each other, for a terminal that has no room for a table."""
    for mark, (_, _, printed, right, verdict), why in rows:
        yield Styled(f"{_place(mark, request)}: {verdict}", _STYLES[mark.verdict])
        yield Styled(f"{printed} printed, {right} is right", indent="  ")
        yield from (Styled(line, indent="  ") for line in why.splitlines())


def _table(rows: Iterable[Row]) -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(
        box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, _PADDING - 1, 0, 0)
    )
    for title in _TITLES:
        justify: Literal["left", "right"] = "right" if title in _NUMBERS else "left"
        table.add_column(title, no_wrap=True, justify=justify)
    table.add_column("why", overflow="fold")
    for mark, cells, why in rows:
        table.add_row(*(Text(cell, _STYLES[mark.verdict]) for cell in cells), Text(why))
    return table
