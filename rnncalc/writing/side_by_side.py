"""What a network is given, in lines of text: numbers in one line, matrices side by side."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from rnncalc.network.problem import Problem
from rnncalc.writing.given import Given, givens, in_groups, starts_at_zero
from rnncalc.writing.request import Request

_GAP = "   "
_USUAL_WIDTH = 100

Block = list[str]
"""Lines of one width; the symbol is in the middle one, or in the one above the middle."""


def about_lines(problem: Problem, request: Request) -> list[str]:
    """Return the lines that say which network an answer is about."""
    lines = [*given_lines(givens(problem, request), problem.origin, request.width)]
    return [*(lines if lines[0] else lines[1:]), *starts_at_zero(problem)]


def given_lines(given: Sequence[Given], origin: str, width: int | None) -> Iterator[str]:
    """Yield the lines that say what a network is given, none of them longer than `width`.

    Args:
        given: in the order in which it is shown.
        origin: the file that it comes from, which is named where only sizes are shown.
        width: of the terminal, or None for as wide as it comes.
    """
    room, groups = width or _USUAL_WIDTH, in_groups(given)
    longest = max(map(len, groups)) + 1
    tall = any(len(each.rows) > 1 for each in given)
    if tall:
        yield ""
    for number, (group, some) in enumerate(groups.items()):
        if number and tall:
            yield ""
        blocks = [[f"{group}:".ljust(longest)]] if group else []
        blocks += [_block(each, room) for each in some]
        if origin and not all(each.rows for each in some):
            blocks.append([f"(from {origin})"])
        yield from _packed(blocks, room)


def _packed(blocks: Sequence[Block], room: int) -> Iterator[str]:
    """Yield the lines of the blocks, as many side by side as there is room for."""
    part: list[Block] = []
    for block in blocks:
        used = sum(len(of[0]) + len(_GAP) for of in part)
        if part and used + len(block[0]) > room:
            yield from _beside_each_other(part)
            part = []
        part.append(block)
    yield from _beside_each_other(part)


def _beside_each_other(blocks: Sequence[Block]) -> Iterator[str]:
    """Yield the lines of blocks whose symbols are on one line."""
    above = max(_middle(block) for block in blocks)
    below = max(len(block) - _middle(block) for block in blocks)
    for line in range(above + below):
        parts = []
        for block in blocks:
            at = line - above + _middle(block)
            parts.append(block[at] if 0 <= at < len(block) else " " * len(block[0]))
        yield _GAP.join(parts).rstrip()


def _middle(block: Block) -> int:
    return (len(block) - 1) // 2


def _block(given: Given, room: int) -> Block:
    """Return the lines of a matrix with its symbol; where it is too wide, row by row."""
    if not given.rows:
        return [f"{given.symbol}: {given.size}"]
    if given.is_number:
        return [f"{given.symbol} = {given.rows[0][0]}"]
    lines, name = _in_brackets(given.rows), f"{given.symbol} = "
    if len(name) + len(lines[0]) > room:
        return [*_row_by_row(given, room)]
    names = (name if n == _middle(lines) else " " * len(name) for n in range(len(lines)))
    return [*map("".join, zip(names, lines, strict=True))]


def _row_by_row(given: Given, room: int) -> Iterator[str]:
    for i, row in enumerate(given.rows):
        name = f"{given.symbol}[{i}] = " if len(given.rows) > 1 else f"{given.symbol} = "
        lines = wrap(f"{name}[{', '.join(row)}]", room, subsequent_indent=" " * (len(name) + 1))
        yield from (line.ljust(room) for line in lines)


def _in_brackets(rows: Sequence[Sequence[str]]) -> list[str]:
    columns = (_on_the_point(column) for column in zip(*rows, strict=True))
    lines = ["  ".join(row) for row in zip(*columns, strict=True)]
    if len(lines) == 1:
        return [f"[{lines[0]}]"]
    inner = [("⎢", "⎥")] * (len(lines) - 2)
    brackets = [("⎡", "⎤"), *inner, ("⎣", "⎦")]
    return [f"{left}{line}{right}" for line, (left, right) in zip(lines, brackets, strict=True)]


def _on_the_point(texts: Sequence[str]) -> list[str]:
    """Return numbers in one width, aligned on their points."""
    tails = [len(text) - text.find(".") if "." in text else 0 for text in texts]
    padded = [text + " " * (max(tails) - tail) for text, tail in zip(texts, tails, strict=True)]
    width = max(map(len, padded))
    return [text.rjust(width) for text in padded]
