"""The forward pass: the equations, the same bits however it is cut, and overflow by name."""

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncalc.arrays import Array
from rnncalc.errors import InputError
from rnncalc.network.activations import ACTIVATIONS, LINEAR, SOFTMAX, TANH, Activation
from rnncalc.network.cells import Cell, Readout
from rnncalc.network.equations import parameters
from rnncalc.network.forward import forward, run
from rnncalc.network.model import Network
from rnncalc.network.trace import Trace

ONE, ZERO = np.array([[1.0]]), np.array([0.0])
QUANTITIES = ("x", "a", "h", "o", "y")
SIZES = st.sampled_from([1, 2, 3, 5, 8, 16, 33, 128])


def test_without_an_activation_unit_weights_give_the_running_sum() -> None:
    network = Network(Cell(W_xh=ONE, W_hh=ONE, b_h=ZERO, activation=LINEAR), readout=None)

    trace = forward(network, h=ZERO, x=np.array([[1.0], [2.0], [3.0]]))

    assert trace.h.tolist() == [[1.0], [3.0], [6.0]]
    assert list(trace.rows) == ["x", "a", "h"]


def test_the_book_s_two_states_are_what_the_book_prints() -> None:
    # Zheng & Gu, TensorFlow (2017), chapter 8.1
    network = Network(
        Cell(
            W_xh=np.array([[0.5], [0.6]]),
            W_hh=np.array([[0.1, 0.3], [0.2, 0.4]]),
            b_h=np.array([0.1, -0.1]),
        ),
        Readout(W_hy=np.array([[1.0, 2.0]]), b_y=np.array([0.1])),
    )

    trace = forward(network, h=np.zeros(2), x=np.array([[1.0], [2.0]]))

    assert trace.a.round(8).tolist() == [[0.6, 0.5], [1.2923401, 1.39225678]]
    assert trace.h.round(8).tolist() == [[0.53704957, 0.46211716], [0.85973818, 0.88366641]]
    assert trace.y is not None
    assert trace.y.round(8).tolist() == [[1.56128388], [2.72707101]]


def random_network(
    rng: np.random.Generator, sizes: tuple[int, int, int], f: Activation, g: Activation
) -> Network:
    """Return a network whose state neither dies nor grows past all bounds."""
    D, H, K = sizes
    W_hh = 0.9 * rng.normal(size=(H, H)) / (2 * H**0.5)
    return Network(
        Cell(rng.normal(size=(H, D)) / D**0.5, W_hh, rng.normal(size=H), f),
        Readout(rng.normal(size=(K, H)) / H**0.5, rng.normal(size=K), g),
    )


def dot(row: list[float], vector: list[float]) -> float:
    return sum(w * v for w, v in zip(row, vector, strict=True))


def plain_loop(network: Network, h: list[float], x: list[list[float]]) -> list[list[list[float]]]:
    """Return a, h and o of each step of a tanh network, by lists and `math` alone."""
    assert network.readout
    found = {key: each.tolist() for key, each in parameters(network.equations).items()}
    W_xh, W_hh, b_h, W_hy, b_y = (found[key] for key in ("wxh", "whh", "bh", "why", "by"))
    steps = []
    for x_t in x:
        a = [dot(W_xh[i], x_t) + dot(W_hh[i], h) + b_h[i] for i in range(len(b_h))]
        h = [math.tanh(each) for each in a]
        steps.append([a, h, [dot(W_hy[k], h) + b_y[k] for k in range(len(b_y))]])
    return steps


@settings(max_examples=30, deadline=None)
@given(sizes=st.tuples(SIZES, SIZES, SIZES), seed=st.integers(0, 999))
def test_a_plain_loop_over_lists_gives_the_same_values(
    sizes: tuple[int, int, int], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    network = random_network(rng, sizes, TANH, LINEAR)
    h, x = rng.normal(size=sizes[1]), rng.normal(size=(12, sizes[0]))

    trace = forward(network, h, x)

    for t, (a_t, h_t, o_t) in enumerate(plain_loop(network, h.tolist(), x.tolist())):
        assert trace.o is not None
        assert trace.a[t] == pytest.approx(a_t, rel=0, abs=1e-12)
        assert trace.h[t] == pytest.approx(h_t, rel=0, abs=1e-12)
        assert trace.o[t] == pytest.approx(o_t, rel=0, abs=1e-12)


def bits(traces: list[Trace]) -> dict[str, bytes]:
    return {
        name: b"".join(getattr(trace, name).tobytes() for trace in traces) for name in QUANTITIES
    }


def blocks_of(x: Array, cuts: list[int]) -> list[Array]:
    """Return `x` cut at `cuts`, each block where it happens to lie in memory."""
    return [x[begin:end].copy() for begin, end in pairwise([0, *cuts, len(x)])]


STEPS = 300
CUTS = st.lists(st.integers(1, STEPS - 1), max_size=8, unique=True).map(sorted)


@pytest.mark.parametrize("name", [n for n, f in ACTIVATIONS.items() if not f.output_only])
@settings(max_examples=10, deadline=None)  # of each activation
@given(
    sizes=st.tuples(SIZES, SIZES, SIZES),
    cuts=CUTS,
    g=st.sampled_from(list(ACTIVATIONS.values())),
    seed=st.integers(0, 999),
)
def test_no_bit_depends_on_where_a_sequence_is_cut(
    name: str, sizes: tuple[int, int, int], cuts: list[int], g: Activation, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    network = random_network(rng, sizes, ACTIVATIONS[name], g)
    h, x = rng.normal(size=sizes[1]), rng.normal(size=(STEPS, sizes[0]))

    whole = bits([forward(network, h, x)])

    assert bits(list(run(network, h, blocks_of(x, cuts)))) == whole
    assert bits(list(run(network, h, blocks_of(x, list(range(1, STEPS)))))) == whole


@pytest.mark.parametrize("sizes", [(1, 1, 1), (3, 5, 2), (16, 32, 8), (64, 128, 33)])
def test_no_bit_depends_on_the_blocks_of_a_long_sequence(sizes: tuple[int, int, int]) -> None:
    rng = np.random.default_rng(5)
    network = random_network(rng, sizes, TANH, SOFTMAX)
    h, x = rng.normal(size=sizes[1]), rng.normal(size=(1500, sizes[0]))

    whole = bits([forward(network, h, x)])

    for cuts in ([], [1], [511], [512, 1024], [7, 700, 1499]):
        assert bits(list(run(network, h, blocks_of(x, cuts)))) == whole


def test_two_halves_with_the_state_handed_over_are_the_whole() -> None:
    rng = np.random.default_rng(6)
    network = random_network(rng, (3, 5, 4), TANH, SOFTMAX)
    x = rng.normal(size=(101, 3))

    first = forward(network, np.zeros(5), x[:37])
    second = forward(network, first.h[-1], x[37:], first=38)

    assert bits([first, second]) == bits([forward(network, np.zeros(5), x)])
    assert (second.first, len(second)) == (38, 64)


def test_a_long_block_is_yielded_in_parts_that_count_on() -> None:
    network = Network(Cell(W_xh=ONE, W_hh=0 * ONE, b_h=ZERO))

    traces = list(run(network, ZERO, [np.ones((1200, 1)), np.ones((3, 1))]))

    assert [(trace.first, len(trace)) for trace in traces] == [
        *((first, 256) for first in (1, 257, 513, 769)),
        (1025, 176),
        (1201, 3),
    ]


def test_each_trace_is_there_before_the_next_block_is_asked_for() -> None:
    network = Network(Cell(W_xh=ONE, W_hh=ONE, b_h=ZERO, activation=LINEAR))
    blocks = iter([np.array([[1.0]]), np.array([[2.0]])])

    traces = run(network, ZERO, blocks)

    assert next(traces).h.tolist() == [[1.0]]
    assert next(blocks).tolist() == [[2.0]]


def test_a_trace_is_not_changed_by_the_next_block() -> None:
    network = Network(Cell(W_xh=ONE, W_hh=ONE, b_h=ZERO, activation=LINEAR))
    traces = run(network, ZERO, [np.array([[1.0], [2.0]]), np.array([[5.0], [6.0]])])

    first = next(traces)
    next(traces)

    assert (first.a.tolist(), first.h.tolist()) == ([[1.0], [3.0]], [[1.0], [3.0]])


def test_the_next_block_is_not_changed_with_a_trace() -> None:
    network = Network(Cell(W_xh=0 * ONE, W_hh=ONE, b_h=ZERO, activation=LINEAR))

    states = []
    for trace in run(network, ONE[0], [np.zeros((1, 1)), np.zeros((1, 1))]):
        states.append(trace.h.tolist())
        trace.h[:] *= 100

    assert states == [[[1.0]], [[1.0]]]


def test_a_part_of_a_trace_knows_its_first_step() -> None:
    network = Network(Cell(W_xh=ONE, W_hh=ONE, b_h=ZERO, activation=LINEAR))
    trace = forward(network, ZERO, np.array([[1.0], [2.0], [3.0]]), first=10)

    part = trace.part(1, 3)

    assert (part.first, part.x.tolist(), part.h.tolist()) == (11, [[2.0], [3.0]], [[3.0], [6.0]])


DOUBLING = Network(Cell(W_xh=ONE, W_hh=2 * ONE, b_h=ZERO, activation=LINEAR), Readout(W_hy=4 * ONE))


@pytest.mark.parametrize("cuts", [[], [5], [511, 512, 513], list(range(1, 1100))])
def test_an_overflow_is_named_with_its_step_once_the_steps_before_are_there(
    cuts: list[int],
) -> None:
    # h_t = 2^t - 1 until 2^1024; o = 4 h is past the largest number two steps earlier
    steps: list[float] = []
    traces = run(DOUBLING, ZERO, blocks_of(np.ones((1100, 1)), cuts))

    with pytest.raises(InputError) as error:
        steps.extend(h for trace in traces for h in trace.h.ravel().tolist())

    assert steps == [float(2**t - 1) for t in range(1, 1022)]
    assert str(error.value) == (
        "step 1022: o is no longer finite: it has grown past 1.8e308, the largest number there is"
    )


def test_forward_raises_the_same_error_at_once() -> None:
    with pytest.raises(InputError, match=r"^step 1024: h is no longer finite: it has grown past"):
        forward(Network(DOUBLING.layers), ZERO, np.ones((1100, 1)))


def test_a_bad_block_is_refused_after_the_good_one() -> None:
    network = Network(Cell(W_xh=ONE, W_hh=ONE, b_h=ZERO))
    traces = run(network, ZERO, [np.array([[1.0]]), np.array([[1.0, 2.0]])])

    assert len(next(traces)) == 1
    with pytest.raises(InputError) as error:
        next(traces)
    assert "has 2 values, but wxh has 1 column, so every step needs 1" in str(error.value)


@pytest.mark.parametrize("run_it", [forward, lambda *given: next(run(*given))])
def test_a_state_of_another_size_is_refused(run_it: Callable[..., Trace]) -> None:
    two = Network(Cell(W_xh=np.ones((2, 1)), W_hh=np.eye(2)))

    with pytest.raises(InputError) as error:
        run_it(two, [0.0], [[1.0]])
    assert str(error.value) == "h0: 1 value, but whh is 2 x 2, so h0 needs 2"
