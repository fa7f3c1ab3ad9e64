"""A list of equations: stepped, planned and taken by columns it is the same calculation."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncalc.arrays import Array
from rnncalc.network import plan as planner
from rnncalc.network.activations import ACTIVATIONS, Activation
from rnncalc.network.equations import (
    Affine,
    Applied,
    Bias,
    Combined,
    Equation,
    Joined,
    Product,
    Rows,
    Steps,
    Term,
    columns,
    follow,
    lagged,
    parameters,
    passes,
)
from rnncalc.network.plan import groups, plan

TANH, RELU = ACTIVATIONS["tanh"], ACTIVATIONS["relu"]
SIZES = st.sampled_from([1, 2, 3, 8, 33, 70])


def matrix(rng: np.random.Generator, rows: int, columns_: int) -> Array:
    return np.asarray(rng.normal(size=(rows, columns_)) / (2 * columns_**0.5))


def one_layer(rng: np.random.Generator, D: int, H: int, K: int) -> tuple[Equation, ...]:
    terms = (Term("wxh", matrix(rng, H, D), "x"), Term("whh", matrix(rng, H, H), "h", -1))
    return (
        Affine("a", terms, (Bias("bh", rng.normal(size=H)),)),
        Applied("h", TANH, "a", H),
        Affine("o", (Term("why", matrix(rng, K, H), "h"),)),
        Applied("y", ACTIVATIONS["softmax"], "o", K),
    )


def two_layers(rng: np.random.Generator, D: int, H: int, K: int) -> tuple[Equation, ...]:
    """Return equations with two cycles, two biases, and a sum that reads a state late."""
    return (
        Applied("u", RELU, "x", D),
        Affine(
            "a0",
            (Term("w0", matrix(rng, H, D), "u"), Term("r0", matrix(rng, H, H), "h0", -1)),
            (Bias("b0", rng.normal(size=H)), Bias("c0", rng.normal(size=H))),
        ),
        Applied("h0", TANH, "a0", H),
        Affine(
            "a1",
            (Term("r1", matrix(rng, K, K), "h1", -1), Term("w1", matrix(rng, K, H), "h0")),
        ),
        Applied("h1", ACTIVATIONS["softsign"], "a1", K),
        Affine("late", (Term("l", matrix(rng, 2, K), "h1", -1), Term("m", matrix(rng, 2, D), "x"))),
    )


def entangled(rng: np.random.Generator, D: int, H: int, K: int) -> tuple[Equation, ...]:
    """Return equations with one cycle of two states, each of which reads both."""
    return (
        Affine(
            "a",
            (
                Term("ap", matrix(rng, H, H), "p", -1),
                Term("aq", matrix(rng, H, K), "q", -1),
                Term("ax", matrix(rng, H, D), "x"),
            ),
        ),
        Applied("p", TANH, "a", H),
        Affine("c", (Term("cp", matrix(rng, K, H), "p"), Term("cq", matrix(rng, K, K), "q", -1))),
        Applied("q", TANH, "c", K),
    )


def two_directions(rng: np.random.Generator, D: int, H: int, K: int) -> tuple[Equation, ...]:
    """Return a bidirectional layer, a layer that reads both its states, and a readout."""
    both = Joined("x1", ("f", "b"), (H, H))
    return (
        Affine("af", (Term("wf", matrix(rng, H, D), "x"), Term("rf", matrix(rng, H, H), "f", -1))),
        Applied("f", TANH, "af", H),
        Affine(
            "ab",
            (Term("rb", matrix(rng, H, H), "b", 1), Term("wb", matrix(rng, H, D), "x")),
            (Bias("bb", rng.normal(size=H)),),
        ),
        Applied("b", RELU, "ab", H),
        both,
        Affine(
            "a1",
            (Term("w1", matrix(rng, K, 2 * H), "x1"), Term("r1", matrix(rng, K, K), "h1", -1)),
        ),
        Applied("h1", TANH, "a1", K),
        Affine("late", (Term("l", matrix(rng, 2, H), "b", -1), Term("m", matrix(rng, 2, H), "f"))),
    )


def of_products(rng: np.random.Generator, D: int, H: int, K: int) -> tuple[Equation, ...]:
    """Return a gated unit that runs backward: h = z · h_{t+1} + (1 − z) · n, as in a GRU."""
    return (
        Affine("az", (Term("wz", matrix(rng, H, D), "x"), Term("rz", matrix(rng, H, H), "h", 1))),
        Applied("z", ACTIVATIONS["sigmoid"], "az", H),
        Affine("an", (Term("wn", matrix(rng, H, D), "x"),)),
        Applied("n", TANH, "an", H),
        Combined(
            "h",
            (
                Product(1.0, (("z", 0), ("h", 1))),
                Product(1.0, (("n", 0),)),
                Product(-1.0, (("z", 0), ("n", 0))),
            ),
            H,
        ),
        Combined("half", (Product(0.5, (("h", 0),)), Product(-1.0, (("n", 0),))), H),
        Affine("o", (Term("w", matrix(rng, K, H), "half"),)),
    )


LISTS = [one_layer, two_layers, entangled, two_directions, of_products]
FORWARD = LISTS[:3]


def started(equations: tuple[Equation, ...], rng: np.random.Generator) -> Rows:
    sizes = {equation.name: equation.size for equation in equations}
    return {name: rng.normal(size=sizes[name]) for name in lagged(equations)}


@pytest.mark.parametrize("make", LISTS)
@pytest.mark.parametrize(("small", "block"), [(0, 9), (0, 2**16), (2**12, 2**16), (2**30, 2**16)])
@settings(max_examples=25, deadline=None)
@given(sizes=st.tuples(SIZES, SIZES, SIZES), seed=st.integers(0, 999))
def test_planned_and_stepped_runs_agree(
    make: object, small: int, block: int, sizes: tuple[int, int, int], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    equations = make(rng, *sizes)  # type: ignore[operator]
    start, x = started(equations, rng), rng.normal(size=(270, sizes[0]))

    stepped, continued = follow(equations, start, {"x": x})
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(planner, "_SMALL", small)
        patched.setattr(planner, "_BLOCK", block)
        planned = plan(equations, {"x": sizes[0]})(start, {"x": x})

    assert list(planned) == list(stepped) == [equation.name for equation in equations]
    for name, rows in planned.items():
        assert np.abs(rows - stepped[name]).max() < 1e-12 * max(1.0, np.abs(rows).max()), name
        assert np.array_equal(stepped[name], continued[name])


@pytest.mark.parametrize("make", FORWARD)
@pytest.mark.parametrize(("small", "block"), [(0, 9), (2**15, 2**16)])
@settings(max_examples=25, deadline=None)
@given(
    sizes=st.tuples(SIZES, SIZES, SIZES),
    cuts=st.lists(st.integers(1, 299), max_size=6, unique=True).map(sorted),
    seed=st.integers(0, 999),
)
def test_no_bit_of_a_planned_run_depends_on_the_cuts(
    make: object,
    small: int,
    block: int,
    sizes: tuple[int, int, int],
    cuts: list[int],
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    equations = make(rng, *sizes)  # type: ignore[operator]
    start, x = started(equations, rng), rng.normal(size=(300, sizes[0]))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(planner, "_SMALL", small)
        patched.setattr(planner, "_BLOCK", block)
        whole = plan(equations, {"x": sizes[0]})(start, {"x": x})
        run, parts = plan(equations, {"x": sizes[0]}), []

    for begin, end in pairwise([0, *cuts, 300]):
        parts.append(run(start, {"x": x[begin:end].copy()}))
        start = {name: parts[-1][name][-1].copy() for name in start}

    for name, rows in whole.items():
        assert b"".join(part[name].tobytes() for part in parts) == rows.tobytes()


@pytest.mark.parametrize("make", LISTS)
def test_by_columns_each_quantity_follows_from_the_known_ones(make: object) -> None:
    rng = np.random.default_rng(3)
    equations = make(rng, 3, 5, 2)  # type: ignore[operator]
    start, x = started(equations, rng), rng.normal(size=(9, 3))
    stepped, _ = follow(equations, start, {"x": x})

    known = {"x": x} | {name: stepped[name] for name in start}
    followed, adopted = columns(equations, start, known)

    for name, rows in stepped.items():
        assert np.allclose(followed[name], rows, rtol=0, atol=1e-14)
        assert np.allclose(adopted[name], rows, rtol=0, atol=1e-14)


def test_the_calculation_continues_with_what_is_adopted() -> None:
    # s_t = s_{t-1} + x_t, and every sum is written down ten too large
    equations = (Affine("s", (Term("w", np.eye(1), "x"), Term("r", np.eye(1), "s", -1))),)

    def adopt(name: str, t: Steps, row: Array) -> Array:
        assert name == "s"
        return row + (10 if t == 1 else 0)

    followed, adopted = follow(
        equations, {"s": np.array([5.0])}, {"x": np.array([[1.0], [2], [3]])}, adopt
    )

    assert followed["s"].ravel().tolist() == [6.0, 8.0, 21.0]
    assert adopted["s"].ravel().tolist() == [6.0, 18.0, 21.0]


def test_what_depends_on_its_own_past_is_calculated_together_and_nothing_else_is() -> None:
    def names(make: object) -> list[list[str]]:
        equations = make(np.random.default_rng(0), 2, 2, 2)  # type: ignore[operator]
        return [[equation.name for equation in group] for group in groups(equations)]

    assert names(one_layer) == [["a", "h"], ["o"], ["y"]]
    assert names(two_layers) == [["u"], ["a0", "h0"], ["a1", "h1"], ["late"]]
    assert names(entangled) == [["a", "p", "c", "q"]]


def test_each_change_of_direction_is_a_pass_over_the_sequence() -> None:
    def names(make: object) -> list[tuple[int, str]]:
        equations = make(np.random.default_rng(0), 2, 2, 2)  # type: ignore[operator]
        return [(d, " ".join(e.name for e in some)) for d, some in passes(equations)]

    assert names(two_layers) == [(1, "u a0 h0 a1 h1 late")]
    assert names(two_directions) == [(1, "af f"), (-1, "ab b x1"), (1, "a1 h1 late")]
    assert names(of_products) == [(-1, "az z an n h half o")]


def test_what_has_no_direction_of_its_own_is_calculated_with_what_follows() -> None:
    def total(name: str, *reads: tuple[str, int]) -> Affine:
        return Affine(name, tuple(Term("w", np.eye(1), *read) for read in reads))

    sum_of_x, backward = total("i", ("x", 0)), total("b", ("i", 0), ("b", 1))
    forward, late = total("f", ("x", 0), ("f", -1)), total("l", ("f", 1))
    above = total("a", ("l", 0), ("a", 1))

    assert passes([sum_of_x, backward]) == [(-1, [sum_of_x, backward])]
    assert passes([forward, late, above]) == [(1, [forward]), (-1, [late, above])]


def test_two_directions_are_what_two_loops_give() -> None:
    rng = np.random.default_rng(5)
    equations = two_directions(rng, 3, 2, 4)
    start, x = started(equations, rng), rng.normal(size=(150, 3))
    of = parameters(equations)

    f, b = [start["f"]], [start["b"]]
    for row in x:
        f.append(np.tanh(of["wf"] @ row + of["rf"] @ f[-1]))
    for row in x[::-1]:
        b.append(np.maximum(0, of["rb"] @ b[-1] + of["wb"] @ row + of["bb"]))
    both = np.hstack((f[1:], b[:0:-1]))
    h = [start["h1"]]
    for row in both:
        h.append(np.tanh(of["w1"] @ row + of["r1"] @ h[-1]))
    late = [
        of["l"] @ b_ + of["m"] @ f_ for b_, f_ in zip([start["b"], *b[:1:-1]], f[1:], strict=True)
    ]

    planned = plan(equations, {"x": 3})(start, {"x": x})
    assert np.allclose(planned["x1"], both, rtol=0, atol=1e-14)
    assert np.allclose(planned["h1"], h[1:], rtol=0, atol=1e-14)
    assert np.allclose(planned["late"], late, rtol=0, atol=1e-14)


def test_equations_know_their_parameters_and_what_they_are_called_in_a_formula() -> None:
    equations = one_layer(np.random.default_rng(0), 2, 3, 4)

    shapes = {key: array.shape for key, array in parameters(equations).items()}

    assert shapes == {"wxh": (3, 2), "whh": (3, 3), "why": (4, 3), "bh": (3,)}
    assert Term("why", np.eye(1), "h").symbol == "W_hy"
    assert Bias("bxh", np.zeros(1)).symbol == "b_xh"
    doubled = parameters(e.changed(lambda w: 2 * w, "whh") for e in equations)
    assert np.array_equal(doubled["whh"], 2 * parameters(equations)["whh"])
    assert np.array_equal(doubled["wxh"], parameters(equations)["wxh"])


@pytest.mark.parametrize("f", [f for f in ACTIVATIONS.values() if not f.output_only])
def test_an_activation_of_decimal_numbers_is_that_of_floats(f: Activation) -> None:
    from decimal import Decimal

    values = [-2.5, -0.5, 0.0, 0.5, 2.5]
    decimals = np.array([Decimal(repr(value)) for value in values], dtype=np.object_)

    assert np.array_equal(f(decimals), f(np.array(values)))  # type: ignore[arg-type]
