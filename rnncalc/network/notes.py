"""What is known of the steps of a run beside their quantities: symbols, targets and losses."""

from collections import deque
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from math import exp, isfinite

import numpy as np

from rnncalc.arrays import Array
from rnncalc.errors import InputError
from rnncalc.network.equations import Rows
from rnncalc.network.losses import Loss
from rnncalc.network.symbols import Vocabulary
from rnncalc.network.trace import (
    DRAWN,
    GENERATED,
    LOSS,
    SYMBOL,
    TARGET,
    Trace,
    grown,
    infinite_loss,
)


@dataclass
class Ending:
    """What is known when a run has ended.

    Attributes:
        answer: of a final readout: h (H,), o and y (K,).
        text: the positions of the symbols that were appended, or None where none are.
        loss: what was added up, or None where there are no targets.
        total: the sum of the losses.
        scored: how many steps have one.
        decimals: of losses by hand, or None.
    """

    answer: Rows = field(default_factory=dict)
    text: list[int] | None = None
    loss: Loss | None = None
    total: float = 0.0
    scored: int = 0
    decimals: int | None = None

    def losses(self) -> dict[str, float]:
        """Return the sum and the mean of the losses and, of a cross-entropy, the perplexity."""
        if not self.scored:
            return {"sum": 0.0}
        mean = _written(self.total / self.scored, self.decimals)
        found = {"sum": _written(self.total, self.decimals), "mean": mean}
        if self.loss and self.loss.name == "cross_entropy":
            with suppress(OverflowError):
                found["perplexity"] = exp(mean)
        return found

    def text_in(self, labels: Vocabulary | None) -> str:
        """Return the appended symbols as a text, joined by blanks where they are words or ids."""
        text = self.text or ()
        return labels.text(text) if labels else " ".join(map(str, text))


def with_notes(trace: Trace, notes: Mapping[str, Array]) -> Trace:
    """Return the same steps with more notes."""
    return replace(trace, notes={**trace.notes, **notes})


def with_symbols(traces: Iterable[Trace], spelt: deque[int]) -> Iterator[Trace]:
    """Yield the traces with the position of each step's symbol.

    Args:
        traces: of consecutive steps.
        spelt: the positions of the steps that have no trace yet.
    """
    for trace in traces:
        found = [spelt.popleft() for _ in range(len(trace))]
        yield with_notes(trace, {SYMBOL: np.array(found, dtype=np.float64)})


def with_probabilities(traces: Iterable[Trace], temperature: float) -> Iterator[Trace]:
    """Yield the traces with the probabilities that the symbol after each step is drawn with."""
    for trace in traces:
        o = trace["o"] - trace["o"].max(axis=1, keepdims=True)
        with np.errstate(over="ignore"):  # to -inf, whose power is 0
            powers = np.exp(o / temperature)
        yield with_notes(trace, {DRAWN: powers / powers.sum(axis=1, keepdims=True)})


def scored(
    traces: Iterable[Trace], target: Array, loss: Loss, end: Ending, decimals: int | None = None
) -> Iterator[Trace]:
    """Yield the traces with the target and the loss of each step, and add up the losses.

    Args:
        traces: of all steps, the first of them for t = 1.
        target: (T, n), a row of NaN at a step without one; generated steps have none.
        loss: compares y with it, or h where there is no readout.
        end: gets the sum, and how many steps it is of.
        decimals: to which losses are rounded, which are then of y as it is written down and not
            of o; None for no rounding.

    Raises:
        InputError: a loss is infinite, or there is another number of steps than of targets.
    """
    steps, end.decimals = 0, decimals
    for trace in traces:
        rows = np.full((len(trace), target.shape[1]), np.nan)
        if not np.any(trace.notes.get(GENERATED, False)):
            some = target[trace.first - 1 : trace.first - 1 + len(trace)]
            rows[: len(some)] = some
            steps += len(trace)
        losses = _losses(loss, trace.rows, rows, decimals)
        _add(losses, trace.first, loss, end)
        yield with_notes(trace, {TARGET: rows, LOSS: losses})
    if steps != len(target):
        raise InputError(f"target: {len(target)} steps, but x has {steps}")


def scored_at_end(
    traces: Iterable[Trace], target: Array, loss: Loss, end: Ending, decimals: int | None = None
) -> Iterator[Trace]:
    """Yield the traces and, when a final readout has answered, compare its y with the last target.

    Raises:
        InputError: the loss is infinite, or there is another number of steps than of targets.
    """
    steps, end.decimals = 0, decimals
    for trace in traces:
        steps += len(trace)
        yield trace
    if len(target) not in (1, steps):
        raise InputError(f"target: {len(target)} steps, but x has {steps}")
    answer = {name: row[None] for name, row in end.answer.items()}
    _add(_losses(loss, answer, target[-1:], decimals), steps, loss, end)


def _losses(loss: Loss, rows: Mapping[str, Array], target: Array, decimals: int | None) -> Array:
    y = rows[compared(rows)]
    if decimals is None:
        return loss.of(y, target, rows.get("o"))
    return np.array([_written(value, decimals) for value in loss.of(y, target).tolist()])


def _written(value: float, decimals: int | None) -> float:
    """Return a value as it is written down by hand, where that is asked for."""
    if decimals is None or not isfinite(value):
        return value
    from rnncalc.numerals.rounding import fixed

    return float(fixed(value, decimals))


def compared(names: Container[str]) -> str:
    """Return the quantity that targets are for: the output or, without a readout, the state."""
    return "y" if "y" in names else "h"


def _add(losses: Array, first: int, loss: Loss, end: Ending) -> None:
    """Add the losses of steps, the first of them for t = `first`, to what is known at the end."""
    if np.isinf(losses).any():
        t = first + int(np.isinf(losses).argmax())
        raise infinite_loss(t) if loss.activation else grown("the loss", t)
    end.loss = loss
    end.total += float(np.nansum(losses))
    end.scored += int((~np.isnan(losses)).sum())
