"""Symbols, names of outputs, targets and the text that was generated, on a page."""

from typing import Any

from rnncalc.errors import printable
from rnncalc.network.notes import Ending
from rnncalc.network.problem import Problem
from rnncalc.network.symbols import shown_symbol
from rnncalc.network.trace import GENERATED, SYMBOL, TARGET
from rnncalc.writing.entry import Entry
from rnncalc.writing.notes import is_letters, note_of
from rnncalc.writing.numbers import BLANK, bracketed, fixed, short
from rnncalc.writing.request import Request
from rnncalc.writing.steps import Step

MOST_NAMED, NAMED = 16, 3  # outputs; those that are shown of more


def mark(step: Step, request: Request) -> str:
    """Return the mark of a step that was appended."""
    if not request.generated:
        return ""
    return "*" if step.notes.get(GENERATED) else " "


def remarks(problem: Problem, request: Request) -> list[str]:
    """Return how steps are appended, what a one-hot input selects, and which outputs are shown."""
    lines = []
    if request.generated:
        lines.append(f"* appended: {_rule(problem, request)}")
    if request.work and problem.inputs and problem.inputs.is_one_hot:
        lines.append("x is one-hot: it selects the column of its symbol in W_xh")
    few = not (request.whole or request.blank)  # which are the largest is the answer
    if problem.labels and len(problem.labels) > MOST_NAMED and few:
        lines.append(f"of y, the {NAMED} largest of {len(problem.labels)} are shown; --all for all")
    return lines


def _rule(problem: Problem, request: Request) -> str:
    if problem.inputs is None:
        return "each y is the next x"
    if request.temperature is None:
        return "the next symbol is that of the largest o"
    return (
        f"the next symbol is drawn from softmax(o / {request.temperature:g}), seed {request.seed}"
    )


def spelt_input(problem: Problem, request: Request, step: Step) -> str:
    """Return the symbol of a one-hot input and what it selects; "" for any other input.

    In LaTeX's mathematics there are no words, and no symbols of which it takes some for commands.
    """
    if problem.inputs is None or not problem.inputs.is_one_hot or SYMBOL not in step.notes:
        return ""
    position = int(step.notes[SYMBOL])
    if request.format == "latex":
        return problem.inputs.name(position) if is_letters(problem.inputs.name(position)) else ""
    return f"{shown_symbol(problem.inputs.name(position))}, column {position} of W_xh"


def note_entries(problem: Problem, request: Request, name: str, steps: list[Step]) -> list[Entry]:
    """Return the entries of a note: of a symbol or a target its name, of anything else numbers."""
    if name == SYMBOL and problem.inputs:
        names = [problem.inputs.name(int(step.notes[SYMBOL])) for step in steps]
        return [Entry([""], names=[shown_symbol(each)]) for each in names]
    found = [note_of(problem, step, name) for step in steps]
    if name == TARGET:
        return [_target_entry(value, request) for value in found]
    places = request.decimals
    if request.hidden:
        return [Entry(["" if value is None else BLANK]) for value in found]
    return [Entry(["" if value is None else fixed(value, places)]) for value in found]


def target_of(problem: Problem, request: Request, step: Step) -> list[str]:
    """Return `target = [0, 1]`, or nothing where there is none."""
    value = note_of(problem, step, TARGET) if TARGET in step.notes else None
    if value is None:
        return []
    if not isinstance(value, list):
        return [f"target = {shown_symbol(value)}"]
    return [f"target = {bracketed([short(number, request.decimals) for number in value])}"]


def _target_entry(value: Any, request: Request) -> Entry:  # noqa: ANN401  # a name or numbers
    if isinstance(value, list):
        return Entry([short(number, request.decimals) for number in value])
    return Entry([""], names=["" if value is None else shown_symbol(value)])


def below(problem: Problem, request: Request, end: Ending) -> list[str]:
    """Return what is known at the end: the loss, and the text that was generated."""
    lines = []
    if end.loss:
        parts = [
            f"{name} {BLANK if request.hidden else fixed(of, request.decimals)}"
            for name, of in end.losses().items()
        ]
        lines.append(f"loss ({end.loss.name}): {', '.join(parts)}")
    if end.text is not None:
        text = end.text_in(problem.labels)
        lines.append(f"text: {printable(text, len(text) + 1)}")
    return lines
