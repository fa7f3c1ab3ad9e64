"""Which mistakes, made in every step alike, give all that is printed: a port that differs."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import combinations
from typing import cast

import numpy as np

from rnncalc.arrays import Array
from rnncalc.checking import noise as chaos
from rnncalc.checking import readings as tracks
from rnncalc.checking.mistakes import ALONE, SUSPECTS, Case, Suspect
from rnncalc.checking.other_bias import other_biases
from rnncalc.checking.report import Cause
from rnncalc.checking.verdicts import Question
from rnncalc.errors import InputError
from rnncalc.network.forward import forward
from rnncalc.numerals.printed import allowance, fits
from rnncalc.numerals.rounding import plain

_LONG = 1000  # steps
_FIRST_STEPS = 24  # enough to see that most suspects do not fit
_PAIR_DIGITS = 6.0  # of agreement that chance does not give, before two mistakes are believed
_FLOAT32 = float(np.finfo(np.float32).eps)

FLOAT32 = Cause("float32", "float32 arithmetic")


def whole_run_causes(question: Question, *, any_slip: bool) -> tuple[Cause, ...]:
    """Return the mistakes that, made in every step, give every printed figure of `question`.

    One mistake where one fits, all that do where several do; else two at once (`a+b`), where what
    is printed is enough to tell two mistakes from chance; else one mistake made by somebody who
    rounded every figure before going on with it; else nothing.

    Args:
        question: what is printed, of which something is wrong.
        any_slip: whether anything is wrong in itself; without, hand arithmetic explains it all.
    """
    case = Case(question.network, question.h0, question.x)
    if _is_float32(question, case):
        return (FLOAT32,)
    exact = _named((s,) for s in (*SUSPECTS, *ALONE) if _explains_any(question, s.change(case)))
    if exact or not any_slip:
        return exact
    return (
        _other_bias(question, case)
        or _pairs(question, case)
        or _named((s,) for s in SUSPECTS if _by_hand(question, s, case))
    )


def _other_bias(question: Question, case: Case) -> tuple[Cause, ...]:
    """Return the cause that b_h is another, with one that gives every printed figure."""
    cases = [case.cell(b_h=b_h) for b_h in other_biases(question)]
    for gives, how in ((_explains, ""), (_carried, ""), (_is_float32, f", in {FLOAT32.text}")):
        for other in cases:
            if gives(question, other):
                texts = [plain(value) for value in other.network.cell.b_h.tolist()]
                listed = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
                return (Cause("bh-other", f"another b_h: {listed}{how}"),)
    return ()


def _named(suspects: Iterable[tuple[Suspect, ...]]) -> tuple[Cause, ...]:
    return tuple(
        Cause("+".join(s.id for s in some), " and ".join(s.text for s in some)) for some in suspects
    )


def _pairs(question: Question, case: Case) -> tuple[Cause, ...]:
    """Return the pairs of mistakes that fit, each as one cause; with float32 as the other half."""
    if _digits(question) < _PAIR_DIGITS:
        return ()
    active = _different(case)
    with_float32 = tuple(
        Cause(f"{s.id}+{FLOAT32.id}", f"{s.text}, in {FLOAT32.text}")
        for s in active
        if any(_is_float32(question, changed) for changed in s.change(case))
    )
    pairs = (pair for pair in combinations(active, 2) if pair[0].what != pair[1].what)
    return with_float32 or _named(p for p in pairs if _explains_any(question, _both(p, case)))


def _both(pair: tuple[Suspect, ...], case: Case) -> Iterator[Case]:
    first, second = pair
    found = (both for one in first.change(case) for both in second.change(one))
    # one listed backwards has to be run to its end, and there are many pairs
    return (both for both in found if not both.flipped or len(both.x) <= _LONG)


def _different(case: Case) -> list[Suspect]:
    """Return the suspects that change anything, one for each change.

    A square matrix read column by column is a transposed one: in a pair only the latter is named.
    """
    square = case.network.input_size == case.network.hidden_size
    same = {"whh-column-major"} | ({"wxh-column-major"} if square else set())
    return [s for s in SUSPECTS if s.id not in same and any(True for _ in s.change(case))]


def _explains_any(question: Question, cases: Iterable[Case]) -> bool:
    return any(_explains(question, case) for case in cases)


def _explains(question: Question, case: Case) -> bool:
    """Return whether `case` gives all that is printed; most are out after a few steps."""
    start = _start(case)
    if not _fits(question, start, question.noise.grown):
        return False
    return start is case or _fits(question, case)


def _start(case: Case) -> Case:
    """Return the first steps of a long case; of one listed backwards there are none."""
    if case.flipped or len(case.x) <= 2 * _FIRST_STEPS:
        return case
    return replace(case, x=case.x[:_FIRST_STEPS])


def _fits(question: Question, case: Case, noise: dict[str, Array] | None = None) -> bool:
    """Return whether `case` gives all that is printed for its steps.

    Args:
        question: what is printed.
        case: a run with mistakes.
        noise: how far its figures may be off, (T, 1) or more rows for each; measured, if not given,
            but for a state overwritten in place, which no measure is made for.
    """
    try:
        trace = case.run()
    except InputError:  # it overflows, so it gives no figures
        return False
    if case.in_place:
        noise = question.noise.grown
    elif noise is None:
        noise = chaos.noise(case.network, case.h0, trace).grown
    listed = {
        name: _listed(question, case, name, getattr(trace, name), noise[name])
        for name in question.claims
    }
    return all(any(ways) for ways in listed.values()) and (
        not case.shift or any(not unmoved for unmoved, *_ in listed.values())
    )


def _listed(
    question: Question, case: Case, name: str, rows: Array, slack: Array
) -> tuple[bool, ...]:
    """Return whether the printed figures are `rows` (T, n) in their place, and if not, shifted."""
    slack = slack[: len(rows)]
    if case.flipped:
        rows, slack = rows[::-1], slack[::-1]
    unmoved = _same(question, name, slice(0, len(rows)), rows, slack)
    if not case.shift or unmoved:
        return (unmoved,)
    return False, any(
        not _same(question, name, judged, question.right_of(name)[judged], slack[judged])
        and _same(question, name, judged, moved, slack[judged])
        for judged, moved in _moved(case, name, rows)
    )


def _moved(case: Case, name: str, rows: Array) -> Iterator[tuple[slice, Array]]:
    """Yield which steps are judged by which of `rows` (T, n), once those are a step early or late.

    The step that has fallen off an end is not known, and not judged; but before h_1 there is h_0.
    """
    if case.shift < 0:
        yield slice(0, len(rows) - 1), rows[1:]
    else:
        yield slice(1, len(rows)), rows[:-1]
        if name == "h":
            yield slice(0, len(rows)), np.vstack((case.h0, rows[:-1]))


def _same(question: Question, name: str, steps: slice, rows: Array, slack: Array) -> bool:
    printed = question.claims[name].rows(steps)
    fit = fits(printed, rows, question.tolerance, slack)
    return bool((fit | ~printed.printed).all())


def _digits(question: Question) -> float:
    """Return how many digits of what is printed differ from what is right: what chance must hit."""
    total = 0.0
    for name, printed in question.claims.items():
        right = question.right_of(name)
        width = 2 * allowance(printed, right, question.tolerance)
        off = np.abs(printed.values - right) / np.maximum(width, np.finfo(np.float64).tiny)
        total += float(np.log10(1 + off[printed.printed & (off > 1)]).sum())
    return total


def _is_float32(question: Question, case: Case) -> bool:
    """Return whether float32 arithmetic explains what float64 does not.

    What is printed must be as near to a run in float32 as another order of additions leaves it.
    """
    if question.tolerance is not None or case.shift or case.flipped:
        return False
    start = _start(case)
    return (start is case or _fits_single(question, start)) and _fits_single(question, case)


def _fits_single(question: Question, case: Case) -> bool:
    try:
        trace = forward(case.network, case.h0, case.x)
    except InputError:
        return False
    single = _in_float32(case)
    for name in question.claims:
        rows = getattr(trace, name)
        drift = np.abs(single[name] - rows).max(axis=1, keepdims=True)
        size = np.maximum(np.abs(rows).max(axis=1, keepdims=True), 1.0)
        slack = 4 * np.maximum.accumulate(drift) + 4 * _FLOAT32 * size
        if not _same(question, name, slice(0, len(rows)), rows, slack):
            return False
    return True


def _in_float32(case: Case) -> dict[str, Array]:
    """Return the figures of a run in float32, (T, n) for each quantity."""
    cell, readout = case.network.cell, case.network.readout
    W_xh, W_hh, b_h = map(_single, (cell.W_xh, cell.W_hh, cell.b_h))
    h, rows = _single(case.h0), []
    for x in _single(case.x):
        a = W_xh @ x + W_hh @ h + b_h
        h = cell.activation(a)
        rows.append((a, h))
    found = dict(zip("ah", map(np.array, zip(*rows, strict=True)), strict=True))
    if readout:
        found["o"] = found["h"] @ _single(readout.W_hy.T) + _single(readout.b_y)
        found["y"] = readout.activation(found["o"])
    return found


def _single(array: Array) -> Array:
    # of its type only that it holds numbers is used
    return cast(Array, array.astype(np.float32))


def _by_hand(question: Question, suspect: Suspect, case: Case) -> bool:
    """Return whether every figure is right or carried, once the mistake is made."""
    start = question.beginning(_FIRST_STEPS)
    return any(
        not changed.shift
        and not changed.flipped
        and _carried(start, replace(changed, x=changed.x[:_FIRST_STEPS]))
        and _carried(question, changed)
        for changed in suspect.change(case)
    )


def _carried(question: Question, case: Case) -> bool:
    asked = replace(question, network=case.network, h0=case.h0, x=case.x)
    try:
        right = asked.right
    except InputError:
        return False
    own = tracks.printed(asked.redone, asked.claims)
    direct = tracks.straight(case.network, case.x, own)
    for name, printed in asked.claims.items():
        readings = np.array([getattr(right, name), asked.redone.rows(name), direct.rows(name)])
        fit = fits(printed, readings, asked.tolerance).any(axis=0)
        if not (fit | ~printed.printed).all():
            return False
    return True
