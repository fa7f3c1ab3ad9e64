"""What is appended to a sequence, against a loop of lists and the formulas of the documentation."""

import math
import random
from collections.abc import Iterator
from functools import partial

import numpy as np
import pytest

from plain_loop import affine, recur, softmax
from rnncalc.arrays import Array
from rnncalc.network.by_hand import run_by_hand
from rnncalc.network.cells import Cell, Readout
from rnncalc.network.forward import forward, run
from rnncalc.network.generate import (
    Generation,
    appended_singly,
    appended_symbols,
    appended_values,
    chooser,
    continued,
)
from rnncalc.network.model import Network
from rnncalc.network.symbols import Inputs, Vocabulary
from rnncalc.network.trace import Trace

ONE_HOT = (Inputs(Vocabulary(tuple("abcde"))), range(5))


def network(seed: int, symbols: int = 5, hidden: int = 7, inputs: int = 5) -> Network:
    r = np.random.default_rng(seed)
    cell = Cell(
        r.normal(size=(hidden, inputs)), r.normal(size=(hidden, hidden)), r.normal(size=hidden)
    )
    return Network(cell, Readout(r.normal(size=(symbols, hidden)), r.normal(size=symbols)))


def generated(
    net: Network, prompt: Array, given: Generation, *, singly: bool = False
) -> tuple[list[int], list[Trace]]:
    found: list[int] = []
    if singly:
        appended = appended_singly(given, found.extend)
    else:
        appended = appended_symbols(net.equations, given, found.extend)
    traces = [*continued(partial(run, net, net.start()), [prompt], appended)]
    return found, traces


def by_lists(net: Network, prompt: Array, given: Generation) -> list[int]:
    """Return the positions that a loop of lists chooses."""
    cell, readout = net.layers[0].forward, net.readout
    assert cell is not None
    assert readout is not None
    assert cell.b_h is not None
    assert readout.b_y is not None
    draw = random.Random(given.seed)
    h = [0.0] * cell.hidden_size
    x = prompt.tolist()
    chosen: list[int] = []
    for _ in range(given.steps):
        steps = recur(cell.W_xh.tolist(), cell.W_hh.tolist(), cell.b_h.tolist(), "tanh", h, x)
        h = steps[-1][1]
        o = affine(readout.W_hy.tolist(), h, readout.b_y.tolist())
        if given.temperature is None:
            k = o.index(max(o))
        else:
            p, u, k = softmax([v / given.temperature for v in o]), draw.random(), 0
            while math.fsum(p[: k + 1]) <= u:
                k += 1
        if k == given.stop:
            break
        chosen.append(k)
        x = given.of([k]).tolist()
    return chosen


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("temperature", [None, 0.3, 1.0, 5.0])
@pytest.mark.parametrize("stop", [None, 2])
def test_symbols_are_those_that_a_loop_of_lists_chooses(
    seed: int, temperature: float | None, stop: int | None
) -> None:
    net, prompt = network(seed), np.eye(5)[[0, 3, 1]]
    given = Generation(90 if stop is None else 40, *ONE_HOT, temperature, seed, stop)
    if temperature is None:
        given = Generation(20, *ONE_HOT, None, 0, stop)

    found, _ = generated(net, prompt, given)

    assert found == by_lists(net, prompt, given)


def test_a_prompt_of_p_symbols_gives_p_plus_n_steps_with_the_values_of_any_other_run() -> None:
    net, prompt = network(1), np.eye(5)[[0, 3, 1]]
    found, traces = generated(net, prompt, Generation(700, *ONE_HOT, 0.8, 3))

    x = np.concatenate([trace.x for trace in traces])
    again = forward(net, net.start(), x)
    assert len(found) == 700
    assert [*map(len, traces)] == [3, 256, 256, 188]
    assert np.array_equal(x, np.vstack((prompt, np.eye(5)[found])))
    assert [trace.first for trace in traces] == list(np.cumsum([1, *map(len, traces)])[:-1])
    for name in ("a", "h", "o", "y"):
        assert np.array_equal(np.concatenate([trace[name] for trace in traces]), again[name])


def test_embedded_symbols_are_chosen_among_the_outputs() -> None:
    rows = np.random.default_rng(7).normal(size=(9, 3))
    net, given = (
        network(2, symbols=9, inputs=3),
        Generation(50, Inputs(None, rows), range(9), 0.7, 5),
    )

    assert generated(net, rows[[4]], given)[0] == by_lists(net, rows[[4]], given)


@pytest.mark.parametrize("stop", [None, 3])
def test_one_step_at_a_time_gives_the_same_text(stop: int | None) -> None:
    net, prompt, given = network(3), np.eye(5)[[2]], Generation(60, *ONE_HOT, 1.0, 1, stop)
    found, _ = generated(net, prompt, given, singly=True)

    assert found == generated(net, prompt, given)[0]
    assert (len(found) < 60) == (stop is not None)


def test_a_stack_continues_as_it_does_one_step_at_a_time() -> None:
    r = np.random.default_rng(4)
    cells = [
        Cell(r.normal(size=(6, n)), r.normal(size=(6, 6)), r.normal(size=6)) for n in (5, 6, 6)
    ]
    net = Network(cells, Readout(r.normal(size=(5, 6))))
    given = Generation(80, *ONE_HOT, 1.3, 2)

    fast, slow = (
        generated(net, np.eye(5)[[2]], given),
        generated(net, np.eye(5)[[2]], given, singly=True),
    )

    assert fast[0] == slow[0]
    assert len(set(fast[0])) > 1


def test_by_hand_the_rounded_o_decides() -> None:
    net, given, found = network(5), Generation(12, *ONE_HOT, None, 0), list[int]()
    runs = partial(run_by_hand, net, net.start(), decimals=1)

    traces = [*continued(runs, [np.eye(5)[[0]]], appended_singly(given, found.extend))]

    o = np.concatenate([trace.o for trace in traces])
    assert found == [int(row.argmax()) for row in o[:-1]]
    assert np.array_equal(o, o.round(1))


def test_the_largest_o_is_chosen_and_the_first_of_several() -> None:
    assert chooser(None, 0)(np.array([0.0, 2.0, 2.0, 1.0])) == 1


def test_a_low_temperature_chooses_the_largest_and_a_high_one_any() -> None:
    o = np.array([1.0, 2.0, 0.0])
    cold, hot = chooser(1e-9, 1), chooser(1e9, 1)

    assert {cold(o) for _ in range(50)} == {1}
    counts = np.bincount([hot(o) for _ in range(3000)])
    assert counts == pytest.approx([1000, 1000, 1000], abs=100)


def test_draws_follow_the_softmax_of_o_divided_by_the_temperature() -> None:
    o, choose = np.array([0.5, -1.0, 2.0, 0.0]), chooser(1.7, 9)
    counts = np.bincount([choose(o) for _ in range(20_000)], minlength=4) / 20_000

    assert counts == pytest.approx(softmax([v / 1.7 for v in o.tolist()]), abs=0.012)


def test_a_seed_repeats_the_text_and_another_gives_another() -> None:
    net, prompt = network(6), np.eye(5)[[0]]
    texts = [generated(net, prompt, Generation(40, *ONE_HOT, 1.0, s))[0] for s in (0, 0, 1)]

    assert texts[0] == texts[1] != texts[2]


def test_numbers_go_on_with_y_as_the_next_x() -> None:
    r = np.random.default_rng(8)
    cell = Cell(r.normal(size=(4, 2)), r.normal(size=(4, 4)))
    net = Network(cell, Readout(r.normal(size=(2, 4)), activation="linear"))
    prompt = r.normal(size=(3, 2))

    traces = [*continued(partial(run, net, net.start()), [prompt], appended_values(5))]

    x = np.concatenate([trace.x for trace in traces])
    y = np.concatenate([trace.y for trace in traces])
    assert len(x) == 8
    assert np.array_equal(x[:3], prompt)
    assert np.array_equal(x[3:], y[2:-1])
    assert np.array_equal(y, forward(net, net.start(), x).y)


def test_a_prompt_that_comes_in_blocks_is_waited_for() -> None:
    net, given = network(1), Generation(10, *ONE_HOT, 1.0, 4)
    found: list[int] = []

    def blocks() -> Iterator[Array]:
        for k in (0, 3, 1):
            yield np.eye(5)[[k]]

    traces = continued(
        partial(run, net, net.start()),
        blocks(),
        appended_symbols(net.equations, given, found.extend),
    )

    assert sum(map(len, traces)) == 13
    assert found == generated(net, np.eye(5)[[0, 3, 1]], given)[0]
