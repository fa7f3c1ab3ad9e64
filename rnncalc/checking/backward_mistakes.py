"""Mistakes in a backward pass: each replaces an equation by another.

The same list serves for a mistake in one value, which is redone with the other equation from the
author's own values, and for one that is made at every step, which is run with it.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import cast

import numpy as np

from rnncalc.arrays import Array
from rnncalc.checking.mistakes import Case, Listing, Suspect
from rnncalc.network.activations import SOFTMAX
from rnncalc.network.audit import GRADIENTS, LAST, SUM, TOTAL, UPDATED, is_backward
from rnncalc.network.backward import FIRST, TRANSPOSED, softmax_back
from rnncalc.network.equations import (
    Affine,
    Applied,
    At,
    Called,
    Combined,
    Equation,
    Outer,
    Product,
    Rows,
    Term,
    Weightless,
)
from rnncalc.network.losses import default_loss
from rnncalc.network.naming import at_step, label, people, symbol
from rnncalc.network.objective import COUNTED, MEAN
from rnncalc.network.trace import LOSS, TARGET

_LAYER = re.compile("_l[0-9]+(_reverse)?$", re.ASCII)
_OTHER_TARGETS = {-1: "the target of the step before", 1: "the target of the step after"}


@dataclass(frozen=True)
class Edit:
    """A mistake in one equation.

    Attributes:
        id: fixed, for programs.
        text: for people.
        what: what it is about; two mistakes in the same thing are not a pair.
        equation: what is calculated instead, under the same name.
        run: what is calculated instead in a run of all steps, if that is something else: more
            equations, the last of which takes the place of the old one.
    """

    id: str
    text: str
    what: str
    equation: Equation
    run: tuple[Equation, ...] = ()


@dataclass(frozen=True, eq=False)
class Otherwise(Weightless):
    """An equation that is calculated in some other way.

    Attributes:
        name: of the quantity.
        size: n, the number of components.
        reads: the quantities it is calculated from, each with its lag.
        function: from their rows to the row.
    """

    name: str
    size: int
    reads: tuple[tuple[str, int], ...]
    function: Callable[..., Array]

    def of(self, at: At) -> Array:
        """Return its row (n,), or rows (T, n)."""
        rows = (at(*read) for read in self.reads)
        # by hand the values are decimal numbers; what is given back is rounded in any case
        floats = (row.astype(np.float64) if row.dtype == np.object_ else row for row in rows)
        return np.asarray(self.function(*floats))


def edits(some: Sequence[Equation], equations: Sequence[Equation], given: Rows) -> Iterator[Edit]:
    """Yield the mistakes that can be made in those of some equations that are of a backward pass.

    Args:
        some: the equations to make mistakes in.
        equations: all of them.
        given: (T, m) by name, x, the targets and all else that is not calculated.
    """
    for each in some:
        if is_backward(each.name):
            yield from _edits_of(each, equations, given)


def edits_of_a_step(
    some: Sequence[Equation], equations: Sequence[Equation], given: Rows
) -> Iterator[Edit]:
    """Yield the same, and those that can be made in one step alone."""
    yield from edits(some, equations, given)
    for each in some:
        if isinstance(each, Called) and TARGET in each.sources and each.name != LOSS:
            yield from _of_one_target(each)


def _edits_of(each: Equation, equations: Sequence[Equation], given: Rows) -> Iterator[Edit]:
    if each.name.startswith(SUM):
        yield from _of_sum(cast(Combined, each))
    elif each.name.startswith(GRADIENTS) and isinstance(each, Combined):
        yield from _of_gradient(each, equations)
    elif each.name.startswith(UPDATED):
        yield from _of_update(cast(Combined, each))
    elif each.name in (LOSS, TOTAL):
        yield from _of_loss(each, given)
    elif isinstance(each, Called):
        yield from _of_seed(each, equations, given)
        yield from _of_slope(each, equations)
    elif isinstance(each, Affine):
        yield from _of_transposed(each, len(given[LAST]))
    elif isinstance(each, Outer):
        yield from _of_share(each)
    elif isinstance(each, Combined):
        yield from _of_combined(each)


def _otherwise(
    each: Equation, function: Callable[..., Array], reads: tuple[tuple[str, int], ...] | None = None
) -> Equation:
    made = Otherwise(each.name, each.size, each.reads if reads is None else reads, function)
    return cast(Equation, made)


def _scaled(each: Equation, factor: float) -> Equation:
    return _then(each, lambda row: factor * row)


def _then(each: Equation, function: Callable[[Array], Array]) -> Equation:
    """Return the equation with a function of what it gives."""

    def changed(*rows: Array) -> Array:
        pairs = dict(zip(each.reads, rows, strict=True))
        return function(each.of(lambda source, lag: pairs[source, lag]))

    return _otherwise(each, changed)


def _of_loss(each: Equation, given: Rows) -> Iterator[Edit]:
    yield Edit("loss-halved", "the factor ½ of the loss", "loss", _scaled(each, 0.5))
    yield Edit("loss-doubled", "the loss without its factor ½", "loss", _scaled(each, 2.0))
    if each.name == TOTAL:
        is_mean = cast(Combined, each).parts[0].factor != 1
        yield from _of_reduction(each, given, "loss", is_mean=is_mean)


def _of_reduction(each: Equation, given: Rows, what: str, *, is_mean: bool) -> Iterator[Edit]:
    """Yield the mean over the steps instead of their sum, or the sum instead of the mean."""
    n = int(given[COUNTED].sum())
    if n > 1 and is_mean:
        text = f"the sum over the {n} steps, not the mean"
        yield Edit("sum-for-mean", text, what, _scaled(each, float(n)))
    elif n > 1:
        text = f"the mean over the {n} steps, not the sum"
        yield Edit("mean-for-sum", text, what, _scaled(each, 1 / n))


def _of_seed(each: Called, equations: Sequence[Equation], given: Rows) -> Iterator[Edit]:
    """Yield the mistakes in dL/dy_t = y_t − target_t."""
    if TARGET not in each.sources:
        yield from _of_softmax(each)
        return
    name = each.name
    sign = "the sign of y − target: target − y"
    yield Edit("difference-turned", sign, "sign", _scaled(each, -1.0))
    yield Edit("slope-doubled", f"{at_step(name)} with a factor 2", "factor", _scaled(each, 2.0))
    yield Edit("slope-halved", f"{at_step(name)} with a factor ½", "factor", _scaled(each, 0.5))
    is_mean = each.formula.name.startswith(MEAN)
    yield from _of_reduction(each, given, "factor", is_mean=is_mean)
    yield from _of_fused(each, equations, given[COUNTED].sum() if is_mean else 1)


def _of_one_target(each: Called) -> Iterator[Edit]:
    """Yield the mistakes that take the target of another step, in one step."""
    for lag, text in _OTHER_TARGETS.items():
        reads = ((each.sources[0], 0), (TARGET, lag), (COUNTED, lag))
        yield Edit("other-target", text, "target", _otherwise(each, each.formula, reads))


def _other_target(given: Rows) -> Iterator[Suspect]:
    """Yield the mistakes that take the targets of other steps, in all steps."""
    if TARGET in given:
        for lag, text in _OTHER_TARGETS.items():
            yield Suspect("other-target", text, partial(_shifted, lag), "target")


def _shifted(lag: int, case: Case) -> Iterator[Case]:
    """Yield the case with other targets, in the loss too or not.

    The step at the end has no such target, or that of the other end, as Python's `targets[t - 1]`.
    """
    names = (TARGET, COUNTED)
    for around in (False, True):
        given = {f"other {name}": _rolled(case.given[name], lag, around) for name in names}
        for of_loss in (True, False):
            equations = tuple(
                replace(e, sources=tuple(f"other {s}" if s in names else s for s in e.sources))
                if isinstance(e, Called) and (of_loss or e.name != LOSS)
                else e
                for e in case.equations
            )
            yield replace(case, equations=equations, given={**case.given, **given})


def _rolled(rows: Array, lag: int, around: bool) -> Array:
    found = np.roll(rows, -lag, axis=0)
    if not around:
        found[0 if lag < 0 else -1] = 0.0
    return found


def _of_fused(each: Called, equations: Sequence[Equation], over: float) -> Iterator[Edit]:
    """Yield mistakes where the loss gives dL/do at once: its derivative left out, or twice."""
    output = next((e for e in equations if e.name == each.sources[0]), None)
    if not isinstance(output, Applied) or each.name != f"d{output.source}":
        return
    formula, name = each.formula, output.activation.name
    by_output = default_loss(output.activation).by_output

    def twice(y: Array, target: Array, counted: Array) -> Array:
        derivative = formula(y, target, counted)
        if output.activation is SOFTMAX:
            return softmax_back(y, derivative)
        return np.asarray(derivative * y * (1 - y))

    def missing(y: Array, target: Array, counted: Array) -> Array:
        assert by_output
        return np.asarray(np.where(counted != 0, by_output(y, target) / over, 0.0))

    text = f"the derivative of {name} twice"
    yield Edit("output-slope-twice", text, "g", _otherwise(each, twice))
    text = f"the derivative of {name} left out"
    yield Edit("output-slope-missing", text, "g", _otherwise(each, missing))


def _of_softmax(each: Called) -> Iterator[Edit]:
    """Yield the mistakes in what softmax passes back."""
    if each.formula.name == "slope of softmax":
        text = "the derivative of softmax left out"
        plain = Combined(each.name, (Product(1.0, ((each.sources[1], 0),)),), each.size)
        yield Edit("output-slope-missing", text, "g", plain)
        twice = partial(_twice_through, each)
        yield Edit(
            "output-slope-twice", "the derivative of softmax twice", "g", _otherwise(each, twice)
        )


def _twice_through(each: Called, y: Array, derivative: Array) -> Array:
    return each.formula(y, each.formula(y, derivative))


def _of_slope(each: Called, equations: Sequence[Equation]) -> Iterator[Edit]:
    """Yield the mistakes in f'(a_t)."""
    if not each.name.startswith("slope"):
        return
    source = next((e for e in equations if e.name == each.sources[0]), None)
    if isinstance(source, Applied):  # a function of h, not of a
        text = f"{each.formula.symbolic(['a_t'])} for {each.formula.symbolic(['h_t'])}"
        yield Edit("slope-of-a", text, "slope", replace(each, sources=(source.source,)))
        if source.activation.name == "tanh":
            unsquared = _otherwise(each, lambda h: 1 - h)
            yield Edit("slope-not-squared", "1 − h_t for 1 − h_t²", "slope", unsquared)


def _of_transposed(each: Affine, steps: int) -> Iterator[Edit]:
    """Yield the mistakes in what is multiplied by a transposed weight."""
    for n, term in enumerate(each.terms):
        key, W = term.key.removesuffix(TRANSPOSED), term.weight
        if W.shape[0] == W.shape[1] and not np.array_equal(W, W.T):
            new = _with_term(each, n, replace(term, weight=W.T))
            yield Edit(f"{key}-not-transposed", f"{symbol(key)} not transposed", key, new)
        if term.lag:
            found = [*_of_later(each, n, term, symbol(key))]
            # of two steps nothing is left to take from a later one
            yield from (edit for edit in found if steps > 2 or edit.id != "later-step-wrong")


def _of_later(each: Affine, n: int, term: Term, weight: str) -> Iterator[Edit]:
    where = "t+1" if term.lag > 0 else "t−1"
    silent = _with_term(each, n, replace(term, weight=np.zeros_like(term.weight)))
    yield Edit("later-step-missing", f"what comes from step {where} left out", "later", silent)
    state = f"dh{term.source[2:]}"
    text = f"dL/dh of step {where} used instead of dL/da"
    yield Edit(
        "later-slope-missing", text, "later", _with_term(each, n, replace(term, source=state))
    )
    slope = f"slope{term.source[2:]}"
    if len(each.terms) == 1 and term.source[:2] == "da":
        reads = ((term.source, term.lag), (slope, term.lag))
        twice = _otherwise(each, lambda da, f: (da * f) @ term.weight.T, reads)
        yield Edit("slope-twice", f"f' of step {where} used twice", "slope", twice)
    plain = Combined(each.name, (Product(1.0, ((term.source, term.lag),)),), each.size)
    yield Edit("whh-missing", f"{weight} left out of what comes from step {where}", "later", plain)
    text = f"what comes from step {where} taken from one step later"
    wrong = _with_term(each, n, replace(term, lag=2 * term.lag))
    beside = Combined(
        f"beside {term.source}", (Product(1.0, ((term.source, term.lag),)),), term.weight.shape[1]
    )
    in_run = _with_term(each, n, replace(term, source=beside.name))
    yield Edit("later-step-wrong", text, "later", wrong, (beside, in_run))


def _with_term(each: Affine, n: int, term: Term) -> Affine:
    return replace(each, terms=tuple(term if k == n else old for k, old in enumerate(each.terms)))


def _of_share(each: Outer) -> Iterator[Edit]:
    """Yield the mistakes in what a step adds to the gradient of a weight."""
    source, lag = each.right
    if lag:
        text = f"{at_step(source)} used instead of {at_step(source, lag)}"
        yield Edit("state-of-same-step", text, "share", replace(each, right=(source, 0)))
    n, m = each.shape
    if n > 1 and m > 1:
        transposed = _then(each, partial(_turned, each.shape))
        yield Edit("gradient-transposed", "the gradient transposed", "shape", transposed)
    if each.left[:2] == "da":
        left = f"dh{each.left[2:]}"
        text = "dL/dh used instead of dL/da"
        yield Edit("dh-in-share", text, "share", replace(each, left=left))


def _of_combined(each: Combined) -> Iterator[Edit]:
    names = [source for part in each.parts for source, _ in part.sources]
    if len(each.parts) == 2 and names[1].startswith("dh_next"):
        here, later = each.parts
        reverse = names[1].endswith("reverse")
        where = "t−1" if reverse else "t+1"
        text = f"what comes from step {where} left out"
        yield Edit("later-step-missing", text, "later", replace(each, parts=(here,)))
        # where nothing comes from another step, nothing is overwritten
        first = Product(1.0, (*here.sources, (FIRST if reverse else LAST, 0)))
        text = f"what comes from step {where} overwrites the part of the same step"
        yield Edit("overwritten", text, "later", replace(each, parts=(first, later)))
    elif len(names) == 2 and names[1].startswith("slope") and len(each.parts) == 1:
        yield from _of_slope_product(each)


def _of_slope_product(each: Combined) -> Iterator[Edit]:
    """Yield the mistakes in dL/da_t = dL/dh_t f'(a_t)."""
    (part,) = each.parts
    derivative, slope = part.sources
    output = each.name.startswith("do")
    kind, what, f = ("output-slope", "g", "g'") if output else ("slope", "slope", "f'")
    plain = Combined(each.name, (Product(1.0, (derivative,)),), each.size)
    twice = replace(each, parts=(Product(1.0, (derivative, slope, slope)),))
    yield Edit(f"{kind}-missing", f"{f} left out", what, plain)
    yield Edit(f"{kind}-twice", f"{f} used twice", what, twice)


def _of_sum(each: Combined) -> Iterator[Edit]:
    """Yield the mistakes in adding up what the steps add."""
    later, share = each.parts
    last = Product(1.0, (*share.sources, (LAST, 0)))
    yield Edit(
        "last-step-only",
        "only what the last step adds, not the sum over the steps",
        "sum",
        replace(each, parts=(later, last)),
    )
    # `=` instead of `+=` in a loop that goes back
    text = "only what step 1 adds, not the sum over the steps"
    yield Edit("first-step-only", text, "sum", replace(each, parts=(share,)))


def _of_gradient(each: Combined, equations: Sequence[Equation]) -> Iterator[Edit]:
    if shape := _shape_of(each, equations):
        turn = partial(_turned, shape)
        text = "the gradient transposed"
        yield Edit("gradient-transposed", text, "shape", _otherwise(each, turn))


def _shape_of(gradient: Equation, equations: Sequence[Equation]) -> tuple[int, int] | None:
    """Return the shape of a gradient that is a matrix, with more than one row and column."""
    share = next(e for e in equations if e.name == f"d{gradient.name.removeprefix(GRADIENTS)}")
    return share.shape if isinstance(share, Outer) and min(share.shape) > 1 else None


def _turned(shape: tuple[int, int], rows: Array) -> Array:
    if rows.shape[-1] == 1:  # one allowance for all components
        return rows
    return np.swapaxes(rows.reshape(*rows.shape[:-1], *shape), -1, -2).reshape(rows.shape)


def _of_update(each: Combined) -> Iterator[Edit]:
    old, step = each.parts
    turned = replace(each, parts=(old, replace(step, factor=-step.factor)))
    yield Edit("update-turned", "the gradient added, not subtracted", "update", turned)
    whole = replace(each, parts=(old, replace(step, factor=-1.0)))
    yield Edit("rate-missing", "the learning rate left out", "update", whole)


def backward_suspects(equations: Sequence[Equation], given: Rows) -> tuple[Suspect, ...]:
    """Return the mistakes that can be made at every step of a backward pass.

    Those in all places at once come first; in one place alone they are in no pair.
    """
    together: list[list[Edit]] = []
    by_id: dict[str, list[Edit]] = {}
    for edit in edits(equations, equations, given):
        # two ways to calculate the same thing are two mistakes
        if edit.equation.name in {other.equation.name for other in by_id.get(edit.id, ())}:
            del by_id[edit.id]
        if edit.id not in by_id:
            by_id[edit.id] = []
            together.append(by_id[edit.id])
        by_id[edit.id].append(edit)
    every = [Suspect(e[0].id, e[0].text, partial(_replaced, e), e[0].what) for e in together]
    return (
        *every,
        *_in_every_layer(together),
        *_other_target(given),
        *_averaged(equations, len(given[LAST])),
        *_printed_otherwise(equations),
        _CLIPPED,
        *(found for some in together for found in _in_some_places(some)),
    )


def _in_every_layer(together: Sequence[Sequence[Edit]]) -> Iterator[Suspect]:
    """Yield the mistakes in a weight that a port makes in every layer and direction."""
    found: dict[str, list[Edit]] = {}
    for some in together:
        key, ending, _ = some[0].id.partition("-not-transposed")
        base, layer, _ = key.partition("_")
        if ending and layer:
            found.setdefault(base, []).extend(some)
    for base, some in found.items():
        if len(some) > 1:
            text = f"{symbol(base)} of every layer not transposed"
            yield Suspect(f"{base}-not-transposed", text, partial(_replaced, some), base)


def _in_some_places(some: Sequence[Edit]) -> Iterator[Suspect]:
    """Yield the mistake for one weight or quantity alone, in every layer and then in each."""
    of_all: dict[str, list[Edit]] = {}
    for edit in some:
        of_all.setdefault(_LAYER.sub("", edit.equation.name), []).append(edit)
    places = of_all if len(of_all) > 1 else {}
    places |= {edit.equation.name: [edit] for edit in some if len(some) > len(of_all)}
    for name, here in places.items():
        part = name.startswith(("dh_next", "slope"))  # of which the text speaks
        place = (label(name) if part else "") or people(name)
        text = f"{here[0].text} ({place})"
        yield Suspect(here[0].id, text, partial(_replaced, here))


def _replaced(some: list[Edit], case: Case) -> Iterator[Case]:
    """Yield the case with all of the equations replaced, then with one kind of them only."""
    kinds = dict.fromkeys(_kind(edit) for edit in some)
    every = [[*kinds], *([kind] for kind in kinds)] if len(kinds) > 1 else [[*kinds]]
    zeros = {name: np.zeros(rows.shape[1]) for name, rows in case.given.items()}
    zeros |= {each.name: np.zeros(each.size) for each in case.equations}
    for chosen in every:
        new = {
            edit.equation.name: edit.run or (edit.equation,)
            for edit in some
            if _kind(edit) in chosen
        }
        zeros |= {each.name: np.zeros(each.size) for of in new.values() for each in of}
        equations = tuple(e for each in case.equations for e in new.get(each.name, (each,)))
        yield replace(case, equations=equations, start={**zeros, **case.start})


def _kind(edit: Edit) -> str:
    """Return what kind of quantity is calculated otherwise, whatever its layer or weight."""
    if edit.equation.name == f"{SUM}{LOSS}":
        return LOSS
    stem, point, _ = edit.equation.name.partition(".")
    return stem + point if point else _LAYER.sub("", "dw" if stem[:2] == "dw" else stem)


def _averaged(equations: Sequence[Equation], steps: int) -> Iterator[Suspect]:
    """Yield the mean over the steps where each gradient is added up, not where it begins."""
    text = f"the gradient divided by {steps}, the number of steps"
    sums = [each for each in equations if each.name.startswith(GRADIENTS)]
    some = [Edit("mean-for-sum", text, "factor", _scaled(each, 1 / steps)) for each in sums]
    if some:
        yield Suspect("mean-for-sum", text, partial(_replaced, some), "factor")


def _printed_otherwise(equations: Sequence[Equation]) -> Iterator[Suspect]:
    """Yield the mistakes in what is printed alone; what is right is continued with."""
    yield Suspect("dh-for-da", "dL/dh printed for dL/da", partial(_as_listed, _with_dh), "slope")
    shapes = {
        each.name: shape
        for each in equations
        if each.name.startswith(GRADIENTS) and isinstance(each, Combined)
        if (shape := _shape_of(each, equations))
    }
    if any(each.name.startswith(UPDATED) for each in equations):
        text = "the gradient transposed, but not in the new weights"
        for some in (shapes, *({name: shape} for name, shape in shapes.items())):
            listing = partial(_with_turned, some)
            yield Suspect("gradient-transposed", text, partial(_as_listed, listing))


def _as_listed(listing: Listing, case: Case) -> Iterator[Case]:
    yield replace(case, listing=listing)


def _with_dh(rows: Rows, _: Rows) -> Rows:
    return {n: rows[f"dh{n[2:]}"] if n[:2] == "da" else of for n, of in rows.items()}


def _with_turned(shapes: Mapping[str, tuple[int, int]], rows: Rows, _: Rows) -> Rows:
    return {n: _turned(shapes[n], of) if n in shapes else of for n, of in rows.items()}


def _clipped(case: Case) -> Iterator[Case]:
    """Yield the case whose gradients do not exceed the largest one that was printed."""
    printed = [p for name, p in case.printed.items() if name.startswith(GRADIENTS)]
    values = np.concatenate([np.abs(p.values[p.printed]) for p in printed] or [np.zeros(0)])
    limit = float(values.max(initial=0.0))
    if not limit or (float(f"{limit:.1g}") != limit and (values == limit).sum() < 2):
        return
    equations = tuple(
        _then(each, partial(_clip, limit)) if each.name.startswith(GRADIENTS) else each
        for each in case.equations
    )
    yield replace(case, equations=equations, detail=f" at {limit:g}")


def _clip(limit: float, rows: Array) -> Array:
    return np.clip(rows, -limit, limit)


_CLIPPED = Suspect("gradient-clipped", "the gradient clipped", _clipped, "clip")
