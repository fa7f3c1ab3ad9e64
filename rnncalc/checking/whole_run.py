"""Find the mistake that, made at every step, reproduces all printed values: a port that differs."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from rnncalc.arrays import Array
from rnncalc.checking.mistakes import Case, Suspect, suspects
from rnncalc.checking.question import Question
from rnncalc.checking.read_off import input_factors, other_biases, other_starts, sums
from rnncalc.checking.report import Cause
from rnncalc.checking.stack_mistakes import stack_suspects
from rnncalc.errors import InputError
from rnncalc.network.audit import is_backward
from rnncalc.network.equations import Affine, Bias, Rows, ahead, needed
from rnncalc.network.float32 import float32_error
from rnncalc.network.forward import calculated
from rnncalc.network.noise import Noise
from rnncalc.network.trace import Trace
from rnncalc.numerals.printed import fits
from rnncalc.numerals.rounding import plain

_LONG = 1000  # steps
_LARGE = 1e-3  # noise: where a step function may go either way, nothing is reproduced
_NEAR = 5e-4  # what differs by more is not sought in float32 as well
_FIRST_STEPS = 24  # enough to see that most suspects do not fit
_PAIR_DIGITS = 6.0  # of agreement that chance does not give, before two mistakes are believed

FLOAT32 = Cause("float32", "float32 arithmetic")


def whole_run_causes(question: Question) -> tuple[Cause, ...]:
    """Return the mistakes that, made at every step, give every printed value of `question`.

    One mistake where one fits, all that do where several do; else two at once (`a+b`), if enough is
    printed to tell two mistakes from chance; else one mistake made by somebody who rounded every
    value and continued with it; else nothing.

    Args:
        question: the printed values, at least one of them wrong in itself.
    """
    equations = needed(question.equations, question.printed)
    case = Case(equations, question.start, question.given, printed=question.printed)
    if any(is_backward(name) for name in question.printed):
        return _of_a_backward_pass(question, case)
    if _is_float32(question, case):
        return (FLOAT32,)
    singles = (*stack_suspects(equations), *suspects(equations))
    exact = tuple(_explaining(question, case, singles))
    return (
        exact
        or _other_bias(question, case)
        or _other_start(question, case)
        or _scaled(question, case)
        or _pairs(question, case, singles)
        or _named((s,) for s in singles if _by_hand(question, s, case))
    )


def _of_a_backward_pass(question: Question, case: Case) -> tuple[Cause, ...]:
    """Return the mistakes in a backward pass, alone or together with one in the forward pass."""
    from rnncalc.checking.backward_mistakes import backward_suspects

    ahead_ = {name: of for name, of in question.printed.items() if not is_backward(name)}
    forward = replace(question, printed=ahead_) if ahead_ else None
    singles = backward_suspects(case.equations, case.given)
    first = [e for e in case.equations if not is_backward(e.name)]
    known = (*stack_suspects(first), *suspects(first))
    wrong = forward and not _explains(forward, case)
    if not wrong:
        return (
            tuple(_explaining(question, case, singles))
            or tuple(_explaining(question, case, known if not forward else ()))
            or _pairs(question, case, _sparing(question, case, singles))
            or _named((s,) for s in singles if _by_hand(question, s, case))
        )
    assert forward
    fitting = [s for s in known if _explains_any(forward, s.change(case))]
    both = [(one, other) for one in fitting for other in singles]
    return tuple(_explaining(question, case, fitting)) or _named(
        pair for pair in both if _explains_any(question, _both(pair, case))
    )


def _sparing(question: Question, case: Case, singles: Sequence[Suspect]) -> list[Suspect]:
    """Return the mistakes that change none of the quantities whose values are all right.

    Another mistake does not undo what one does, so that no others can be half of a pair.
    """
    right, noise = question.right, question.noise.grown
    spared = {
        name: printed
        for name, printed in question.printed.items()
        if _same(question, name, right[name], noise[name])
    }
    asked = replace(question, printed=spared)
    return [s for s in singles if not spared or _explains_any(asked, s.change(case))]


def _explaining(question: Question, case: Case, singles: Iterable[Suspect]) -> Iterator[Cause]:
    found: set[str] = set()
    for suspect in singles:
        # below 6 relu6 is relu, and but for 0 step0 is step
        if {suspect.id, suspect.id[:-1]} & found:
            continue
        if suspect.id == "units-reordered" and found:  # which fits more than any other
            continue
        for changed in suspect.change(case):
            if _explains(question, changed):
                yield Cause(suspect.id, suspect.text + changed.detail)
                found.add(suspect.id)
                break


def _other_bias(question: Question, case: Case) -> tuple[Cause, ...]:
    """Return the cause that a bias is another, with one that gives every printed value."""
    found = [(each, bias) for each in sums(question) for bias in other_biases(question, each)]
    cases = [(_with_bias(case, each.equation, bias), each, bias) for each, bias in found]
    for gives, how in ((_explains, ""), (_carried, ""), (_is_float32, f", in {FLOAT32.text}")):
        for other, each, bias in cases:
            if gives(question, other):
                key = _bias_of(each.equation, bias)
                if not bias.any():
                    return (Cause(f"{key.key}-missing", f"{key.symbol} left out{how}"),)
                return (Cause(f"{key.key}-other", f"another {key.symbol}: {_listed(bias)}{how}"),)
    return ()


def _other_start(question: Question, case: Case) -> tuple[Cause, ...]:
    """Return the cause that the state before step 1 is another, if that gives what is printed."""
    for each in sums(question):
        source = next(term.source for term in each.equation.terms if term.lag)
        for start in other_starts(question, each):
            other = replace(case, start={**case.start, source: start})
            if _explains(question, other) or _carried(question, other):
                return (Cause("h0-other", f"another h_0: {_listed(start)}"),)
    return ()


def _scaled(question: Question, case: Case) -> tuple[Cause, ...]:
    """Return the cause that the inputs are scaled, if that gives what is printed."""
    for each in sums(question):
        for factor in input_factors(question, each):
            if factor != 1 and _explains(question, case.reading(factor * case.x)):
                by = f"1/{1 / factor:g}" if abs(factor) < 1 else f"{factor:g}"
                return (Cause("inputs-scaled", f"the inputs scaled by {by}"),)
    return ()


def _bias_of(equation: Affine, vector: Array) -> Bias:
    """Return a bias that takes the place of those of an equation."""
    recurrent = next(term.key for term in equation.terms if term.lag)
    key = equation.biases[0].key if equation.biases else f"b{recurrent[2:]}"
    return Bias(key, vector)


def _with_bias(case: Case, equation: Affine, vector: Array) -> Case:
    new = replace(equation, biases=(_bias_of(equation, vector),))
    return replace(case, equations=tuple(new if e is equation else e for e in case.equations))


def _listed(vector: Array) -> str:
    texts = [plain(value) for value in vector.tolist()]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def _named(found: Iterable[tuple[Suspect, ...]]) -> tuple[Cause, ...]:
    return tuple(
        Cause("+".join(s.id for s in some), " and ".join(s.text for s in some)) for some in found
    )


def _pairs(question: Question, case: Case, singles: Sequence[Suspect]) -> tuple[Cause, ...]:
    """Return the pairs of mistakes that fit, each as one cause; with float32 as the other half."""
    if _digits(question) < _PAIR_DIGITS:
        return ()
    active = [s for s in singles if any(True for _ in s.change(case))]
    with_float32 = tuple(
        Cause(f"{s.id}+{FLOAT32.id}", f"{s.text}, in {FLOAT32.text}")
        for s in active
        if any(_near(question, each) and _is_float32(question, each) for each in s.change(case))
    )
    named = [s for s in active if s.what]
    pairs = (pair for pair in combinations(named, 2) if pair[0].what != pair[1].what)
    return with_float32 or _named(p for p in pairs if _explains_any(question, _both(p, case)))


def _near(question: Question, case: Case) -> bool:
    """Return whether `case` gives what is printed up to what float32 may be off in a short run."""
    return _fits(
        question, case, {name: np.full((len(case.x), 1), _NEAR) for name in question.printed}
    )


def _both(pair: tuple[Suspect, ...], case: Case) -> Iterator[Case]:
    first, second = pair
    found = (both for one in first.change(case) for both in second.change(one))
    # one listed otherwise has to be run to its end, and there are many pairs
    return (both for both in found if not both.listing or len(both.x) <= _LONG)


def _explains_any(question: Question, cases: Iterable[Case]) -> bool:
    return any(_explains(question, case) for case in cases)


def _explains(question: Question, case: Case) -> bool:
    """Return whether `case` gives all that is printed; most are out after a few steps."""
    start = _beginning(case)
    if not _fits(question, start, question.noise.grown):
        return False
    return start is case or _fits(question, case)


def _beginning(case: Case) -> Case:
    """Return the first steps of a long case.

    Of one listed otherwise there are none, nor of a direction that begins at the last step.
    """
    if case.listing or len(case.x) <= 2 * _FIRST_STEPS or ahead(case.equations):
        return case
    return _first(case, _FIRST_STEPS)


def _first(case: Case, steps: int) -> Case:
    """Return the first steps of a case."""
    return replace(case, given={name: rows[:steps] for name, rows in case.given.items()})


def _fits(question: Question, case: Case, slack: Rows | None = None) -> bool:
    """Return whether `case` gives all that is printed for its steps.

    Args:
        question: what is printed.
        case: a run with mistakes.
        slack: how far its values may be off, (T, 1) or more rows for each; measured if not given,
            except for a calculation that continues otherwise, for which there is no measure.
    """
    try:
        rows = case.run()
    except InputError:  # it overflows, so it gives no values
        return False
    if case.adopt:
        slack = question.noise.grown
    elif slack is None:
        trace = Trace(1, {**case.given, **rows}, case.start, ahead(case.equations))
        slack = Noise(case.equations, trace).grown
    slack = {name: np.where(of < _LARGE, of, 0.0) for name, of in slack.items()}
    if question.weights_rounded:
        _, off = question.weights_rounded
        slack = {name: of[: len(case.x)] + off[name][: len(case.x)] for name, of in slack.items()}
    any_moved = False
    for name in question.printed:
        moved = _moved(question, case, name, rows[name], slack[name][: len(case.x)])
        if moved is None:
            return False
        any_moved |= moved
    return case.listing is None or any_moved


def _moved(question: Question, case: Case, name: str, rows: Array, slack: Array) -> bool | None:
    """Return whether the printed values are `rows` (T, n) as listed otherwise; None if neither."""
    if _same(question, name, rows, slack):
        return False
    if case.listing is None:
        return None
    nothing = np.full(rows.shape[1], np.nan)
    listed = case.listing(rows, case.start.get(name, nothing))
    slack = case.listing(slack, np.zeros(slack.shape[1]))
    right = np.where(np.isnan(listed), np.nan, question.right[name][: len(rows)])
    explains = _same(question, name, listed, slack) and not _same(question, name, right, slack)
    return True if explains else None


def _same(question: Question, name: str, rows: Array, slack: Array) -> bool:
    """Return whether everything that is printed agrees with `rows`, where they are known."""
    printed = question.printed[name].at(slice(0, len(rows)))
    fit = fits(printed, rows, question.tolerance, slack)
    return bool((fit | ~printed.printed | np.isnan(rows)).all())


def _digits(question: Question) -> float:
    """Return how many printed digits differ from what is right: those that chance must hit."""
    total = 0.0
    for name, printed in question.printed.items():
        right = question.right[name]
        width = 2 * question.allowed(printed, right)
        off = np.abs(printed.values - right) / np.maximum(width, np.finfo(np.float64).tiny)
        total += float(np.log10(1 + off[printed.printed & (off > 1)]).sum())
    return total


def _is_float32(question: Question, case: Case) -> bool:
    """Return whether float32 arithmetic explains what float64 does not.

    What is printed must be as near to a run in float32 as another order of additions leaves it.
    """
    if question.tolerance is not None or case.listing:
        return False
    start = _beginning(case)
    return (start is case or _fits_single(question, start)) and _fits_single(question, case)


def _fits_single(question: Question, case: Case) -> bool:
    try:
        right = calculated(case.equations, case.start, case.given)
    except InputError:
        return False
    slack = float32_error(case.equations, right)
    return all(_same(question, name, right[name], slack[name]) for name in question.printed)


def _by_hand(question: Question, suspect: Suspect, case: Case) -> bool:
    """Return whether every value is right or carried, once the mistake is made."""
    start = question.beginning(len(case.x) if ahead(case.equations) else _FIRST_STEPS)
    return any(
        not changed.listing
        and _carried(start, _first(changed, len(start.x)))
        and _carried(question, changed)
        for changed in suspect.change(case)
    )


def _carried(question: Question, case: Case) -> bool:
    asked = replace(question, equations=case.equations, start=case.start, given=case.given)
    try:
        right = asked.right
    except InputError:
        return False
    return not any(
        (
            asked.unexplained(name, right[name])
            & asked.unexplained(name, asked.authored.redone[name])
        ).any()
        for name in asked.printed
    )
