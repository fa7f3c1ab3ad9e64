"""Continuing a sequence: what a step gives is the input of the next.

Symbols are chosen by a loop that calculates no more than a choice needs. The steps themselves are
then calculated as those of any other sequence, so the values of a text do not depend on who wrote
it. A sequence of numbers, and arithmetic by hand, go through the run one step at a time.
"""

import random
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from rnncalc.arrays import Array
from rnncalc.network.equations import Affine, Applied, Equation, Rows, lagged, needed
from rnncalc.network.notes import Ending, with_probabilities
from rnncalc.network.plan import by_columns, from_cache_line
from rnncalc.network.symbols import Inputs
from rnncalc.network.trace import GENERATED, Trace

Choose = Callable[[Array], int]
"""From the logits o (K,) to the position of the symbol that is chosen."""

Runs = Callable[[Iterable[Array]], Iterator[Trace]]
"""From blocks of steps (n, D) to their traces, each before the next block is asked for."""

_AT_ONCE = 256  # symbols in a block


@dataclass(frozen=True, eq=False)
class Generation:
    """How a sequence of symbols is continued.

    Attributes:
        steps: N, how many steps are appended at most.
        inputs: what stands for symbols.
        positions: (K,), that of the input that each output stands for.
        temperature: o is divided by it, and the symbol is drawn; None for the largest o.
        seed: of the draws.
        stop: the position that ends the text before it is appended, or None.
    """

    steps: int
    inputs: Inputs
    positions: Sequence[int]
    temperature: float | None
    seed: int
    stop: int | None = None

    def of(self, chosen: Sequence[int]) -> Array:
        """Return the inputs (n, D) that stand for outputs (n,)."""
        return self.inputs.of([self.positions[k] for k in chosen])


def chooser(temperature: float | None, seed: int) -> Choose:
    """Return the rule by which symbols are chosen.

    Without a temperature it is the largest o, the first one of several. With a temperature T > 0,

        p = softmax(o / T),    u = the next number of random.Random(seed).random(),

    and the symbol is the first k with p_0 + ... + p_k > u. Python promises the numbers of that
    generator (MT19937) for every version, so a seed gives the same text everywhere, as long as the
    last bit of a sum does not decide.
    """
    if temperature is None:
        return lambda o: int(o.argmax())
    draw = random.Random(seed).random
    exponential, running = np.exp, np.add.accumulate  # once: looking them up takes time too

    def drawn(o: Array) -> int:
        sums = running(exponential((o - o.max()) / temperature))
        # not in all of them: the product may be rounded up to the last
        return int(sums[:-1].searchsorted(draw() * sums[-1], "right"))

    return drawn


def positions(
    equations: Sequence[Equation], last: Trace, given: Generation, choose: Choose
) -> Iterator[int]:
    """Yield the position of each symbol that is appended, chosen after the last step of `last`.

    Args:
        equations: of the network, one of them of the logits `o`.
        last: the steps so far, at least one.
        given: what is appended.
        choose: the rule.
    """
    state = {name: last[name][-1] for name in lagged(equations)}
    logits, step = _step(equations, state, given)
    with np.errstate(all="ignore"):  # what overflows is named when the step itself is calculated
        chosen = choose(last["o"][-1])
    for _ in range(given.steps):
        if chosen == given.stop:
            return
        yield chosen
        with np.errstate(all="ignore"):
            step(chosen)
            chosen = choose(logits)


def _step(
    equations: Sequence[Equation], state: Mapping[str, Array], given: Generation
) -> tuple[Array, Callable[[int], None]]:
    """Return the logits (K,), and the function that calculates them for the next input.

    All arrays are made once and overwritten in each step: a state too, as nothing reads that of the
    step before once it is calculated anew. An input is one of a few rows, so its products with
    weights are looked up.
    """
    some = needed(equations, {"o", *lagged(equations)})
    buffers: Rows = {each.name: from_cache_line((each.size,)) for each in some}
    for name, row in state.items():
        buffers[name][:] = row
    lookups: list[tuple[Array, Array]] = []
    calls: list[Callable[[], object]] = []
    for equation in some:
        calls += _calls(equation, buffers, given, lookups)

    def step(chosen: int) -> None:
        for table, free in lookups:
            free[:] = table[chosen]
        for call in calls:
            call()

    return buffers["o"], step


def _calls(
    equation: Equation,
    buffers: Rows,
    given: Generation,
    lookups: list[tuple[Array, Array]],
) -> list[Callable[[], object]]:
    """Return the calls that calculate a quantity; what depends on x alone becomes a table."""
    out = buffers[equation.name]
    if isinstance(equation, Applied):
        return [partial(equation.activation.function, buffers[equation.source], out)]
    if not isinstance(equation, Affine):
        return [lambda: np.copyto(out, equation.of(lambda source, _: buffers[source]))]
    inside = [term for term in equation.terms if term.source != "x"]
    outside = [
        given.inputs.through(term.weight, given.positions)
        for term in equation.terms
        if term.source == "x"
    ]
    free = equation.bias
    if outside:
        lookups.append((np.ascontiguousarray(np.sum(outside, axis=0) + free), free))
    calls: list[Callable[[], object]] = []
    product = out
    for term in inside:
        calls.append(partial(by_columns(term.weight).dot, buffers[term.source], product))
        calls.append(partial(np.add, out, free if product is out else product, out))
        product = np.empty_like(out)
    return calls or [partial(np.copyto, out, free)]


def appended_symbols(
    equations: Sequence[Equation], given: Generation, record: Callable[[list[int]], object]
) -> Callable[[Callable[[], Trace]], Iterator[Array]]:
    """Return what yields the appended steps (n, D), for `continued`.

    Args:
        equations: of the network.
        given: what is appended.
        record: takes the positions of each block before it is yielded.
    """

    def blocks(latest: Callable[[], Trace]) -> Iterator[Array]:
        choose = chooser(given.temperature, given.seed)
        block: list[int] = []
        for position in positions(equations, latest(), given, choose):
            block.append(position)
            if len(block) == _AT_ONCE:
                record(block)
                yield given.of(block)
                block = []
        if block:
            record(block)
            yield given.of(block)

    return blocks


def appended_singly(
    given: Generation, record: Callable[[list[int]], object]
) -> Callable[[Callable[[], Trace]], Iterator[Array]]:
    """Return what yields the appended steps one by one, each chosen from the o of the run."""

    def blocks(latest: Callable[[], Trace]) -> Iterator[Array]:
        choose = chooser(given.temperature, given.seed)
        for _ in range(given.steps):
            position = choose(np.asarray(latest()["o"][-1], dtype=np.float64))
            if position == given.stop:
                return
            record([position])
            yield given.of([position])

    return blocks


def appended_values(steps: int) -> Callable[[Callable[[], Trace]], Iterator[Array]]:
    """Return what yields the appended steps of numbers: y_t becomes x_{t+1}."""

    def blocks(latest: Callable[[], Trace]) -> Iterator[Array]:
        for _ in range(steps):
            yield np.array(latest()["y"][-1:], dtype=np.float64)

    return blocks


def continued(
    runs: Runs,
    blocks: Iterable[Array],
    appended: Callable[[Callable[[], Trace]], Iterator[Array]],
) -> Iterator[Trace]:
    """Yield the traces of `blocks`, then of the steps that are appended to them, marked as such.

    Args:
        runs: calculates blocks.
        blocks: (n, D) each, the steps that are given.
        appended: yields the steps that follow, from a function that returns the latest trace.
    """
    latest: list[Trace] = []
    generated = False

    def inputs() -> Iterator[Array]:
        nonlocal generated
        yield from blocks
        generated = True
        if latest:
            yield from appended(lambda: latest[0])

    for trace in runs(inputs()):
        latest[:] = [trace]
        yield replace(trace, notes={GENERATED: np.full(len(trace), generated)})


def continued_text(
    equations: Sequence[Equation] | None,
    given: Generation,
    runs: Runs,
    blocks: Iterable[Array],
    spelt: deque[int],
    end: Ending,
) -> Iterator[Trace]:
    """Return the traces of the given steps, and of the symbols that are appended.

    Args:
        equations: what the symbols are chosen by; None where `runs` calculates another o.
        given: what is appended.
        runs: calculates blocks.
        blocks: (n, D) each, the given steps.
        spelt: gets the positions of the symbols that are appended.
        end: gets those of the outputs that were chosen.
    """
    text = end.text = []

    def record(chosen: list[int]) -> None:
        text.extend(chosen)
        spelt.extend(given.positions[k] for k in chosen)

    if equations is None:
        appended = appended_singly(given, record)
    else:
        appended = appended_symbols(equations, given, record)
    traces = continued(runs, blocks, appended)
    if given.temperature is None:
        return traces
    return with_probabilities(traces, given.temperature)
