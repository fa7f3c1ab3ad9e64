"""Mistakes that are made at every step alike: each changes the equations, the start or the inputs.

Each suspect changes a case (what is run) the way the mistake does. If it changes nothing, as when a
symmetric matrix is transposed, it yields no case: it cannot be told from being right.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from rnncalc.arrays import Array
from rnncalc.errors import InputError
from rnncalc.network.activations import ACTIVATIONS, LINEAR, SOFTMAX, Activation
from rnncalc.network.equations import (
    Adopt,
    Affine,
    Applied,
    Bias,
    Equation,
    Rows,
    Steps,
    Term,
    follow,
    keep,
    lagged,
    parameters,
    with_parameters,
)
from rnncalc.network.forward import calculated
from rnncalc.numerals.printed import AllPrinted

_SHORT = 8  # steps: so few are done before a plan for more would be made

Listing = Callable[[Rows, Rows], Rows]
"""From all rows, and the row before them of some quantities, to the rows that are printed."""


@dataclass(frozen=True, eq=False)
class Case:
    """A run with mistakes, and how its values were listed.

    Attributes:
        equations: what a step consists of.
        start: (n,), the row before step 1 of each quantity that is read with a lag.
        given: (T, m), x and whatever else is not calculated, such as targets.
        listing: how the rows became those that are printed, NaN where nothing is known; None if
            they are printed as calculated.
        adopt: makes what the calculation continues with, if that is not what follows.
        printed: what was printed, for mistakes that are read off it.
        detail: what is to be said of the mistake besides its name.
    """

    equations: tuple[Equation, ...]
    start: Rows
    given: Rows
    listing: Listing | None = None
    adopt: "Callable[[Case], Adopt] | None" = None
    printed: AllPrinted = field(default_factory=dict)
    detail: str = ""

    @property
    def x(self) -> Array:
        """(T, D), the inputs."""
        return self.given["x"]

    def reading(self, x: Array) -> "Case":
        """Return the case with other inputs."""
        return replace(self, given={**self.given, "x": x})

    def with_equations(self, *new: Equation) -> "Case":
        """Return the case with other equations for some quantities."""
        named = {each.name: each for each in new}
        equations = tuple(named.get(each.name, each) for each in self.equations)
        return replace(self, equations=equations)

    def run(self) -> Rows:
        """Return the values of the run, (T, n) for each quantity.

        Raises:
            InputError: they overflow.
        """
        if not self.adopt and len(self.x) > _SHORT:
            return calculated(self.equations, self.start, self.given).rows
        adopt = self.adopt(self) if self.adopt else keep
        rows = follow(self.equations, self.start, self.given, adopt)[1]
        if not all(np.isfinite(each).all() for each in rows.values()):
            raise InputError("overflows")
        return rows


Change = Callable[[Case], Iterable[Case]]


@dataclass(frozen=True)
class Suspect:
    """A mistake.

    Attributes:
        id: fixed, for programs.
        text: for people.
        change: yields the cases that a case becomes by the mistake, none if it stays the same.
        what: what it is about. Two mistakes in one thing are not a pair; a mistake in nothing that
            is named is not sought together with others.
    """

    id: str
    text: str
    change: Change
    what: str = ""


def suspects(equations: Sequence[Equation]) -> tuple[Suspect, ...]:
    """Return the mistakes that can be made with these equations."""
    sums = [equation for equation in equations if isinstance(equation, Affine)]
    # the recurrent term comes first: its mistakes are the likelier ones
    terms = [term for each in sums for term in sorted(each.terms, key=lambda term: not term.lag)]
    inner = {term for each, _ in recurrent_sums(equations) for term in each.terms}
    functions = {each.activation.name for each in equations if isinstance(each, Applied)}
    found = (
        *(
            _parameter(f"{t.key}-transposed", f"{t.symbol} transposed", t.key, np.transpose)
            for t in terms
        ),
        # of a square matrix that is the transposed one
        *(_by_column(t) for t in terms if t in inner and len(t.weight) != len(t.weight.T)),
        *(found for each in sums for bias in each.biases for found in _bias_suspects(bias)),
        *(_without(term) for term in terms if term.lag),
        *_OF_ANY_EQUATIONS,
    )
    # another value at 0 alone is the smallest mistake of all
    likely = {f"activation-{other}" for f, other in _AT_ZERO.items() if f in functions}
    return tuple(sorted(found, key=lambda suspect: suspect.id not in likely))


def recurrent_sums(equations: Iterable[Equation]) -> list[tuple[Affine, Term]]:
    """Return the sum of each layer and direction, with its recurrent term."""
    sums = (each for each in equations if isinstance(each, Affine))
    return [(each, term) for each in sums for term in each.terms if term.lag]


def function_of(inner: Affine, equations: Iterable[Equation]) -> Applied:
    """Return the function of a recurrent sum."""
    return next(e for e in equations if isinstance(e, Applied) and e.source == inner.name)


def recurrent_states(equations: Iterable[Equation]) -> list[Applied]:
    """Return the state of each layer and direction."""
    every = [*equations]
    return [each for each in every if isinstance(each, Applied) and each.name in lagged(every)]


def _recurrences(case: Case) -> Iterator[tuple[Affine, Term, Term]]:
    """Yield each recurrent sum with its input term and its recurrent term."""
    for equation, recurrent in recurrent_sums(case.equations):
        inputs = [term for term in equation.terms if term is not recurrent]
        if len(inputs) == 1:
            yield equation, inputs[0], recurrent


def in_parameters(keys: Sequence[str], change: Callable[[Array], Array]) -> Change:
    """Return the mistake that changes some weights or biases, all of whose shapes stay.

    Of a case that is a part of the run, those that it has.
    """

    def cases(case: Case) -> Iterator[Case]:
        known = parameters(case.equations)
        old = {key: known[key] for key in keys if key in known}
        new = {key: change(array) for key, array in old.items()}
        if any(new[key].shape != old[key].shape for key in old):
            return
        if any(not np.array_equal(new[key], old[key]) for key in old):
            some = [each for each in case.equations if parameters([each]).keys() & old.keys()]
            yield case.with_equations(*with_parameters(some, new))

    return cases


def _parameter(id_: str, text: str, key: str, change: Callable[[Array], Array]) -> Suspect:
    return Suspect(id_, text, in_parameters([key], change), key)


def _by_column(term: Term) -> Suspect:
    text = f"{term.symbol} read column by column, though written row by row"
    return _parameter(f"{term.key}-column-major", text, term.key, _column_major)


def _column_major(matrix: Array) -> Array:
    return np.reshape(matrix.ravel(), matrix.shape, order="F")


def _bias_suspects(bias: Bias) -> Iterator[Suspect]:
    key, name = bias.key, bias.symbol
    yield _parameter(f"{key}-missing", f"{name} left out", key, np.zeros_like)
    yield _parameter(f"{key}-twice", f"{name} added twice", key, lambda vector: 2 * vector)


def _without(term: Term) -> Suspect:
    text = f"the recurrent term {term.symbol} {term.source} left out"
    return _parameter("recurrence-missing", text, term.key, np.zeros_like)


def _h0_ignored(case: Case) -> Iterator[Case]:
    if any(row.any() for row in case.start.values()):
        yield replace(case, start={n: np.zeros_like(row) for n, row in case.start.items()})


def _reversed(case: Case) -> Iterator[Case]:
    if not np.array_equal(case.x[::-1], case.x):
        yield case.reading(case.x[::-1])


def _read_backwards(case: Case) -> Iterator[Case]:
    return (replace(each, listing=_LAST_FIRST) for each in _reversed(case))


def _listed(*listings: Listing) -> Change:
    def changed(case: Case) -> Iterator[Case]:
        if len(case.x) > 1:
            yield from (replace(case, listing=listing) for listing in listings)

    return changed


def _each_listed(change: Callable[[Array, Array], Array]) -> Listing:
    """Return the listing that changes the rows (T, n) of each quantity alike.

    Args:
        change: from the rows, and the row before them, to those that are printed.
    """

    def listing(rows: Rows, before: Rows) -> Rows:
        nothing = {name: np.full(of.shape[1], np.nan) for name, of in rows.items()}
        return {name: change(of, before.get(name, nothing[name])) for name, of in rows.items()}

    return listing


def _early(rows: Array, before: Array) -> Array:
    return np.vstack((rows[1:], np.full_like(before, np.nan)))


def _late(rows: Array, before: Array) -> Array:
    return np.vstack((np.full_like(before, np.nan), rows[:-1]))


def _late_from_start(rows: Array, before: Array) -> Array:
    return np.vstack((before, rows[:-1]))


_LAST_FIRST = _each_listed(lambda rows, _: rows[::-1])
_LAST_EVERYWHERE = _each_listed(lambda rows, _: np.tile(rows[-1], (len(rows), 1)))
_PER_CENT = _each_listed(lambda rows, _: 100 * rows)


def _applied(case: Case, f: Activation, wanted: Callable[[Applied], bool]) -> Iterator[Case]:
    """Yield the case with the function `f` in the wanted equations, if that is another one."""
    new = [replace(e, activation=f) for e in case.equations if isinstance(e, Applied) and wanted(e)]
    if new:
        yield case.with_equations(*new)


def _hidden(f: Activation) -> Change:
    return lambda case: _applied(
        case, f, lambda e: e.name in lagged(case.equations) and e.activation is not f
    )


def _output(f: Activation) -> Change:
    named = {LINEAR, _SIGMOID}  # instead of a softmax they have names of their own

    def wanted(case: Case, e: Applied) -> bool:
        softmax = e.activation is SOFTMAX and f in named
        single = f is SOFTMAX and e.size == 1  # which is always 1
        return (
            e.name not in lagged(case.equations)
            and e.activation is not f
            and not softmax
            and not single
        )

    return lambda case: _applied(case, f, lambda e: wanted(case, e))


def _softmax(g: Activation) -> Change:
    return lambda case: _applied(case, g, lambda e: e.activation is SOFTMAX)


def _softmax_twice(a: Array, out: Array) -> None:
    SOFTMAX.function(SOFTMAX(a), out)


def _log_softmax(a: Array, out: Array) -> None:
    shifted = a - a.max(axis=-1, keepdims=True)
    np.subtract(shifted, np.log(np.exp(shifted).sum(axis=-1, keepdims=True)), out)


_TWICE = Activation("softmax of softmax", "softmax(softmax(a))", _softmax_twice, output_only=True)
_LOGARITHM = Activation("log-softmax", "ln(softmax(a))", _log_softmax, output_only=True)
_SIGMOID = ACTIVATIONS["sigmoid"]


def _input_shifted(by: int) -> Change:
    def changed(case: Case) -> Iterator[Case]:
        x = np.roll(case.x, by, axis=0)
        end = slice(0, 1) if by > 0 else slice(-1, None)
        for beyond in (np.zeros_like(case.x[end]), case.x[end], x[end].copy()):  # Python's x[-1]
            x[end] = beyond
            if not np.array_equal(x, case.x):
                yield case.reading(x.copy())

    return changed


def _in_place(case: Case) -> Iterator[Case]:
    yield replace(case, adopt=_overwriting)


def _overwriting(case: Case) -> Adopt:
    """Continue as a loop does that writes each h[i] while others still read the state before."""
    inner, _, recurrent = next(_recurrences(case))
    outer = function_of(inner, case.equations)
    before = case.start[outer.name]

    def adopt(name: str, t: Steps, row: Array) -> Array:  # noqa: ARG001
        nonlocal before
        if name == inner.name:
            row, change = row.copy(), np.zeros_like(before)
            for i in range(len(row)):
                row[i] += recurrent.weight[i] @ change
                change[i] = outer.activation(row[i : i + 1])[0] - before[i]
        elif name == outer.name:
            before = row
        return row

    return adopt


def _multiplied(case: Case, *, inside: bool) -> Adopt:
    """Continue with the product of what the input and the state give, instead of their sum.

    The bias belongs to the input or, if it is not `inside`, is added to the product.
    """
    inner, term, recurrent = next(_recurrences(case))
    before = case.start[recurrent.source]

    def adopt(name: str, t: Steps, row: Array) -> Array:
        nonlocal before
        if name == inner.name:
            read, memory, b = term.weight @ case.x[t], recurrent.weight @ before, inner.bias
            return np.asarray((read + b) * memory if inside else read * memory + b)
        if name == recurrent.source:
            before = row
        return row

    return adopt


def _product(*, inside: bool) -> Change:
    def changed(case: Case) -> Iterator[Case]:
        if any(term.source == "x" for _, term, _ in _recurrences(case)):
            yield replace(case, adopt=partial(_multiplied, inside=inside))

    return changed


def _all_transposed(case: Case) -> Iterator[Case]:
    square = [
        k for k, w in parameters(case.equations).items() if w.ndim == 2 and len(w) == len(w.T)
    ]
    if len(square) > 1:
        yield from in_parameters(square, np.transpose)(case)


def _weights_split(case: Case) -> Iterator[Case]:
    """Yield the cases in which [W_xh W_hh] or [W_hh W_xh] was split at the wrong end."""
    for equation, term, recurrent in _recurrences(case):
        W, R = term.weight, recurrent.weight
        first_R, last_W = np.split(np.hstack((W, R)), [len(R)], axis=1)
        first_W, last_R = np.split(np.hstack((R, W)), [W.shape[1]], axis=1)
        for new_W, new_R in ((last_W, first_R), (first_W, last_R)):
            if not np.array_equal(new_W, W):
                terms = (replace(term, weight=new_W), replace(recurrent, weight=new_R))
                yield case.with_equations(replace(equation, terms=terms))


def _exchanged(case: Case) -> Iterator[Case]:
    if all(term.weight.shape == r.weight.shape for _, term, r in _recurrences(case)):
        yield from _weights_split(case)


def _split(case: Case) -> Iterator[Case]:
    if all(term.weight.shape != r.weight.shape for _, term, r in _recurrences(case)):
        yield from _weights_split(case)


def _residual(case: Case) -> Iterator[Case]:
    for equation, term, recurrent in _recurrences(case):
        more = replace(recurrent, weight=recurrent.weight + np.eye(len(recurrent.weight)))
        yield case.with_equations(replace(equation, terms=(term, more)))


def _skipped(case: Case) -> Iterator[Case]:
    yield replace(case, adopt=_added)


def _added(case: Case) -> Adopt:
    """Continue with h_{t-1} + f(a_t)."""
    before = {each.name: case.start[each.name] for each in recurrent_states(case.equations)}

    def adopt(name: str, t: Steps, row: Array) -> Array:  # noqa: ARG001
        if name in before:
            before[name] = row = row + before[name]
        return row

    return adopt


def _each_from_start(case: Case) -> Iterator[Case]:
    for equation, term, recurrent in _recurrences(case):
        constant = Bias("start", recurrent.weight @ case.start[recurrent.source])
        silent = replace(recurrent, weight=np.zeros_like(recurrent.weight))
        new = replace(equation, terms=(term, silent), biases=(*equation.biases, constant))
        yield case.with_equations(new)


def _input_for_state(case: Case) -> Iterator[Case]:
    for equation, term, recurrent in _recurrences(case):
        if term.source == "x" and case.x.shape[1] == recurrent.weight.shape[1]:
            terms = (term, replace(recurrent, source="x"))
            before = case.start[recurrent.source]
            for first in (before, np.zeros_like(before), case.x[-1]):  # Python's x[-1] is the last
                start = {**case.start, "x": first}
                yield replace(case.with_equations(replace(equation, terms=terms)), start=start)


def _padded(case: Case) -> Iterator[Case]:
    """Yield the case whose rows are zero after the last one that was printed otherwise."""
    some = [
        np.flatnonzero(((p.values != 0) & (p.values != p.values[-1]) & p.printed).any(axis=1))
        for p in case.printed.values()
    ]
    end = max((int(found[-1]) + 1 for found in some if found.size), default=0)
    if 0 < end < len(case.x):
        ended = np.arange(len(case.x))[:, None] >= end
        listing = _each_listed(lambda rows, _: np.where(ended, 0.0, rows))
        yield replace(case, listing=listing, detail=f" (step {end})")
        yield replace(case, adopt=partial(_ended, end), detail=f" (step {end})")


def _ended(end: int, case: Case) -> Adopt:
    """Continue with states of zero after the end; what is read out of them is not zero."""
    states = {each.name for each in recurrent_states(case.equations)}

    def adopt(name: str, t: Steps, row: Array) -> Array:
        assert isinstance(t, int)
        return np.zeros_like(row) if name in states and t >= end else row

    return adopt


def _clipped(case: Case) -> Iterator[Case]:
    """Yield the cases whose state never exceeds the largest one that was printed."""
    for equation in recurrent_states(case.equations):
        if equation.name not in case.printed:
            continue
        values = np.abs(case.printed[equation.name].values)
        limit = float(np.nanmax(values, initial=0.0))
        for low in (-np.inf, -limit) if limit and (values == limit).sum() > 1 else ():
            bounded = _bounded(equation.activation, low, limit)
            new = replace(equation, activation=bounded)
            yield replace(case.with_equations(new), detail=f" at {limit:g}")


def _bounded(f: Activation, low: float, high: float) -> Activation:
    def function(a: Array, out: Array) -> None:
        np.clip(f(a), low, high, out)

    return Activation(f"{f.name} clipped at {high:g}", f.formula, function)


def _reordered(case: Case) -> Iterator[Case]:
    """Yield the case whose units are listed in the order in which they were printed.

    Up to half of them may be of something else, as where two directions alternate.
    """
    rows = case.run()
    for name, printed in case.printed.items():
        off = np.abs(printed.values[:, :, None] - rows[name][:, None, :])
        beyond = off - 0.5 * printed.unit[:, :, None]
        off = np.where(printed.printed[:, :, None], beyond, -np.inf).max(axis=0)
        order = off.argmin(axis=1)
        if np.unique(order).size < order.size:  # some may be of something else
            order = np.where(off.min(axis=1) < _NEAR, order, _UNKNOWN)
        known = order[order != _UNKNOWN]
        in_order = np.array_equal(known, np.flatnonzero(order != _UNKNOWN))
        enough = len(known) == len(order) or (2 * len(known) >= len(order) and len(rows[name]) > 2)
        if enough and np.unique(known).size == known.size and not in_order:
            detail = ", ".join("?" if k == _UNKNOWN else str(k) for k in order.tolist())
            other = "; ? is not a unit of this run" if len(known) < len(order) else ""
            listing = _each_listed(partial(_in_order, order))
            yield replace(case, listing=listing, detail=f" ({name}: {detail}{other})")


def _in_order(order: Array, rows: Array, _: Array) -> Array:
    if rows.shape[1] != len(order):
        return rows
    return np.where(order == _UNKNOWN, np.nan, rows[:, order])


_NEAR = 1e-5  # how far values in float32 may be off
_UNKNOWN = -1  # in an order of units: one that is not of this run
_AT_ZERO = {"step": "step0", "step0": "step"}

PLAIN = [f for f in ACTIVATIONS.values() if not f.output_only]
"""The activations that a layer may have."""

_IN_PAIRS = (
    Suspect("h0-ignored", "h_0 taken for zero", _h0_ignored, "h0"),
    Suspect(
        "reversed", "the sequence read backwards, and listed in that order", _reversed, "order"
    ),
    Suspect(
        "read-backwards",
        "the sequence read backwards, but listed in time order",
        _read_backwards,
        "order",
    ),
    Suspect(
        "listed-backwards",
        "the rows listed backwards, the last step first",
        _listed(_LAST_FIRST),
        "order",
    ),
    Suspect("early", "the states of one step later", _listed(_each_listed(_early)), "shift"),
    Suspect(
        "late",
        "the states of one step before",
        _listed(_each_listed(_late), _each_listed(_late_from_start)),
        "shift",
    ),
    *(
        Suspect(f"activation-{f.name}", f"{f.name} as the activation", _hidden(f), "f")
        for f in PLAIN
    ),
    Suspect("softmax-missing", "softmax left out", _softmax(LINEAR), "g"),
    Suspect("softmax-twice", "softmax applied twice", _softmax(_TWICE), "g"),
    Suspect("softmax-is-sigmoid", "sigmoid instead of softmax", _softmax(_SIGMOID), "g"),
)
# not sought together with others
_ALONE = (
    Suspect("input-early", "the input of one step later", _input_shifted(-1)),
    Suspect("input-late", "the input of one step before", _input_shifted(1)),
    Suspect("in-place", "each h[i] from the h[0] to h[i - 1] of the same step", _in_place),
    Suspect("all-transposed", "every matrix transposed: x W instead of W x", _all_transposed),
    Suspect("wxh-whh-exchanged", "W_xh and W_hh exchanged", _exchanged),
    Suspect("split-order", "[W_xh W_hh] split in the wrong order", _split),
    Suspect("residual", "h_{t-1} added to the sum: W_hh + 1 instead of W_hh", _residual),
    Suspect("residual", "h_{t-1} added to what the activation gives", _skipped),
    Suspect(
        "each-from-h0",
        "every step from h_0: a batch taken for time steps, or the state reset",
        _each_from_start,
    ),
    Suspect("input-for-state", "x_{t-1} used instead of h_{t-1}", _input_for_state),
    Suspect("product", "W_xh x + b_h multiplied by W_hh h, not added", _product(inside=True)),
    Suspect("product", "W_xh x multiplied by W_hh h, not added", _product(inside=False)),
    Suspect(
        "last-everywhere",
        "every row is the last one: one array stored again and again",
        _listed(_LAST_EVERYWHERE),
    ),
    Suspect("padding", "zeros after the end of the sequence", _padded),
    Suspect("units-reordered", "the units in another order", _reordered),
    Suspect("clipped", "the state clipped", _clipped),
    Suspect("log-softmax", "log-softmax instead of softmax", _softmax(_LOGARITHM)),
    Suspect("per-cent", "the values given in per cent", _listed(_PER_CENT)),
    *(
        Suspect(f"output-activation-{f.name}", f"{f.name} as the output activation", _output(f))
        for f in (*PLAIN, SOFTMAX)
    ),
)
_OF_ANY_EQUATIONS = (*_IN_PAIRS, *_ALONE)
