"""The backward pass calculated, and what it is for: the gradients, and a step of descent."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from rnncalc.arrays import Array
from rnncalc.errors import InputError
from rnncalc.network.activations import SOFTMAX
from rnncalc.network.backward import EMBEDDING, Backward, contributions
from rnncalc.network.equations import At, Equation, Outer, Rows, ahead, with_parameters
from rnncalc.network.objective import COUNTED
from rnncalc.network.plan import Run, plan
from rnncalc.network.trace import LOSS, TARGET, Trace, finite_steps, overflow
from rnncalc.numerals.rounding import exact, rounded

MOST_DECIMALS = 17  # of a calculation by hand


def traces_of(
    backward: Backward,
    start: Rows,
    x: Array,
    *,
    window: int | None = None,
    decimals: int | None = None,
) -> list[Trace]:
    """Return the forward and backward values of all steps, one trace per window.

    Args:
        backward: what is calculated.
        start: the states beyond the first step, by their names.
        x: (T, D).
        window: the gradient stops at the start of each window of so many steps; None for no stop.
        decimals: to which each value is rounded when it is written down by hand, or None.

    Raises:
        InputError: a value overflows.
    """
    equations, before = backward.calculated, backward.start(start)
    calculate = _calculation(equations, backward.sizes, decimals)
    found, at_once = [], window or len(x)
    for begin in range(0, len(x), at_once):
        end = min(begin + at_once, len(x))
        marks = {name: rows[begin:end] for name, rows in backward.marks(len(x)).items()}
        given = {"x": x[begin:end], **marks, **backward.objective.part(begin, end)}
        with np.errstate(all="ignore"):
            rows = given | calculate(before, given)
        trace = Trace(begin + 1, rows, before, ahead(equations))
        if (good := finite_steps(trace)) < len(trace):
            if decimals is not None and not np.isfinite(trace.rows.get(LOSS, ())).all():
                raise _rounded_away(backward, start, x)
            raise overflow(trace, good)
        found.append(trace)
        before = {**before, **{name: trace[name][-1] for name in start}}
    return found


def _rounded_away(backward: Backward, start: Rows, x: Array) -> InputError:
    """Return the error for outputs that are written down as 0, with the decimals that they need."""
    exactly = replace(backward, on_paper=False)
    (rows,) = traces_of(exactly, start, x)
    y, target = rows[backward.output[0]], rows[TARGET]
    parts = [y[target != 0]]
    assert backward.objective.loss
    if backward.objective.loss.activation != SOFTMAX.name:
        parts.append(1 - y[(target != 1) & (rows[COUNTED] != 0)])
    least = float(np.concatenate(parts).min())
    places = math.ceil(-math.log10(least)) if least else math.inf
    more = f"-p {places} writes down enough decimals"
    return InputError(
        "y rounds to 0 or 1 where its target is not, so that the loss is infinite; "
        + (more if places <= MOST_DECIMALS else "leave out --by-hand")
    )


def _calculation(
    equations: Sequence[Equation], sizes: Mapping[str, int], decimals: int | None
) -> Run:
    if decimals is None:
        return plan(equations, sizes)
    from rnncalc.network.by_hand import written

    places = {each.name: decimals for each in equations}
    return lambda start, given: written(equations, start, given, places)


@dataclass(frozen=True)
class Gradients:
    """What the backward pass is for.

    Attributes:
        loss: its value, or None where the derivatives are given.
        per_step: the loss of each step, (T,).
        by_key: dL/dW of each weight and bias, in the shape of that.
        h0: dL/dh_0 by the name of the state.
    """

    loss: float | None
    per_step: Array
    by_key: dict[str, Array]
    h0: Rows


def gradients_of(
    backward: Backward,
    traces: Sequence[Trace],
    *,
    clip: float | None = None,
    decimals: int | None = None,
) -> Gradients:
    """Return the gradients: the sums over all steps of what each adds.

    Args:
        backward: what was calculated.
        traces: all steps.
        clip: the largest component of a gradient, to which larger ones are cut; None for no limit.
        decimals: of a calculation by hand, in which what a step adds is rounded too.
    """
    by_key = {}
    for key, share in backward.shares.items():
        total = sum(_total(share, trace, decimals) for trace in traces)
        shape = share.shape if isinstance(share, Outer) else (share.size,)
        by_key[key] = np.reshape(total, shape)
        if clip is not None:
            by_key[key] = np.clip(by_key[key], -clip, clip)
    loss: float | None = None
    per_step: Array = np.array(())
    if backward.objective.loss:
        per_step = np.concatenate([trace[LOSS] for trace in traces])[:, 0]
        loss = backward.objective.total(per_step)
        loss = loss if decimals is None else float(rounded(loss, decimals))
    return Gradients(loss, per_step, by_key, _of_start(backward, traces))


def _total(share: Equation, trace: Trace, decimals: int | None) -> Array:
    """Return the sum over the steps of a trace of what each adds to a gradient."""
    at = _due(trace)
    if decimals is not None:
        rows = trace[share.name]
        exactly = [sum(map(exact, column), Decimal(0)) for column in rows.T.tolist()]
        return np.array([*map(float, exactly)])
    if isinstance(share, Outer):
        return np.asarray(at(share.left, 0).T @ at(*share.right))
    return np.asarray(share.of(at).sum(axis=0))


def _due(trace: Trace) -> At:
    """Return the function to the rows (T, m) of a quantity at a lag."""

    def at(source: str, lag: int) -> Array:
        rows = trace[source]
        if not lag:
            return rows
        beyond = trace.before[source]
        return np.vstack((beyond, rows[:lag]) if lag == -1 else (rows[lag:], beyond))

    return at


def _of_start(backward: Backward, traces: Sequence[Trace]) -> Rows:
    """Return dL/dh_0: what comes to each state from the first step that reads it."""
    found = {}
    for name in backward.network.states:
        size = backward.sizes[name]
        parts = [part for lag, part in contributions(backward.forward, name, size) if lag]
        first = traces[0], 0
        if name in ahead(backward.forward):
            first = traces[-1], -1

        def at(source: str, _: int, first: tuple[Trace, int] = first) -> Array:
            trace, row = first
            return np.asarray(trace[source][row])

        found[name] = np.asarray(sum(part.of(at) for part in parts))
    return found


def updated(
    gradients: Gradients, weights: Mapping[str, Array], rate: float, decimals: int | None
) -> dict[str, Array]:
    """Return each weight and bias after a step of gradient descent: old − rate × gradient."""
    found = {}
    for key, gradient in gradients.by_key.items():
        new = weights[key] - rate * gradient
        if decimals is not None:
            pairs = zip(weights[key].ravel().tolist(), gradient.ravel().tolist(), strict=True)
            each = [exact(w) - exact(rate) * exact(g) for w, g in pairs]
            new = np.array([float(rounded(value, decimals)) for value in each])
            new = new.reshape(gradient.shape)
        found[key] = new
    return found


def loss_with(
    backward: Backward, weights: Mapping[str, Array], start: Rows, x: Array, decimals: int | None
) -> float:
    """Return the loss of the network with other weights and biases.

    Raises:
        InputError: a value overflows.
    """
    equations = with_parameters((*backward.forward, *backward.seeds), weights)
    if EMBEDDING in weights:
        x = weights[EMBEDDING][[*backward.positions]]
    given = {"x": x, **backward.marks(len(x)), **backward.objective.given}
    start = backward.start(start)
    with np.errstate(all="ignore"):
        rows = _calculation(equations, backward.sizes, decimals)(start, given)
    trace = Trace(1, {**given, **rows}, start, ahead(equations))
    if (good := finite_steps(trace)) < len(trace):
        raise InputError(f"with the new weights, {overflow(trace, good).message}")
    loss = backward.objective.total(rows[LOSS])
    return loss if decimals is None else float(rounded(loss, decimals))


@dataclass(frozen=True)
class Descent:
    """What becomes of the gradients.

    Attributes:
        rate: of a step of gradient descent, or None for no step.
        clip: the largest component of a gradient, or None for no limit.
        window: the steps of a window, at whose start the gradient stops; None for no windows.
        start: whether dL/dh_0 is wanted.
    """

    rate: float | None = None
    clip: float | None = None
    window: int | None = None
    start: bool = False


@dataclass(frozen=True)
class Descended:
    """All that a backward pass gives.

    Attributes:
        backward: what was calculated.
        traces: the values of all steps, one trace per window.
        gradients: the sums.
        descent: how they were used.
        old: the weights and biases by key.
        updated: those after a step of descent; none without a learning rate.
        loss_after: the loss with them, or None.
    """

    backward: Backward
    traces: Sequence[Trace]
    gradients: Gradients
    descent: Descent
    old: Mapping[str, Array]
    updated: Mapping[str, Array]
    loss_after: float | None = None


def descended(
    backward: Backward, start: Rows, x: Array, descent: Descent, decimals: int | None = None
) -> Descended:
    """Return the backward pass of a sequence (T, D), the gradients, and a step of descent.

    Raises:
        InputError: a value overflows.
    """
    traces = traces_of(backward, start, x, window=descent.window, decimals=decimals)
    gradients = gradients_of(backward, traces, clip=descent.clip, decimals=decimals)
    old = backward.weights
    if descent.rate is None:
        return Descended(backward, traces, gradients, descent, old, {})
    new, after = updated(gradients, old, descent.rate, decimals), None
    if backward.objective.loss:
        after = loss_with(backward, new, start, x, decimals)
    return Descended(backward, traces, gradients, descent, old, new, after)
