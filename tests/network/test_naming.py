"""What quantities are called: as in the README and on the pages."""

import pytest

from rnncalc.network.naming import at_step, component, is_derivative, is_whole, label, people
from rnncalc.network.symbols import shown_symbol


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("h", "h"),
        ("h_l0_reverse", "h_l0_reverse"),
        ("dh", "dL/dh"),
        ("da_l1", "dL/da_l1"),
        ("dx", "dL/dx"),
        ("dy", "dL/dy"),
        ("dwhh", "dL/dW_hh"),
        ("dbxh_l0_reverse", "dL/db_xh_l0_reverse"),
        ("dembedding", "dL/dE"),
        ("dh_output", "from o_t"),
        ("dh_next", "from t+1"),
        ("dh_output_l0", "from above (l0)"),
        ("dh_next_l0", "from t+1 (l0)"),
        ("dh_next_l1_reverse", "from t−1 (l1 reverse)"),
        ("slope", "f'(a)"),
        ("slope_l0_reverse", "f'(a_l0_reverse)"),
        ("slope_y", "g'(o)"),
        ("slope_y_dense", "g'(o_dense)"),
        ("gradients.h0", "dL/dh_0"),
        ("gradients.whh_l0", "dL/dW_hh_l0"),
        ("gradients.embedding", "dL/dE"),
        ("updated.why", "new W_hy"),
        ("loss", "L_t"),
        ("loss.total", "L"),
        ("loss_after", "L after"),
        ("d", "d"),
        ("delta", "delta"),
    ],
)
def test_a_quantity_has_the_name_that_people_write(name: str, called: str) -> None:
    assert people(name) == called
    assert is_derivative(name) == (called.startswith(("dL/d", "from")) and "." not in name)


@pytest.mark.parametrize(
    ("name", "lag", "called"),
    [
        ("h", 0, "h_t"),
        ("h", -1, "h_{t-1}"),
        ("dh_l0", 1, "dL/dh_l0_{t+1}"),
        ("dh_next_l0", 0, "from t+1 (l0)"),
        ("slope", 0, "f'(a)"),
        ("loss", 0, "L_t"),
    ],
)
def test_a_quantity_of_a_step_has_its_step_beside_it(name: str, lag: int, called: str) -> None:
    assert at_step(name, lag) == called
    assert lag or at_step(name) == called


@pytest.mark.parametrize(
    ("name", "whole"),
    [("loss_after", True), ("loss.total", True), ("gradients.whh", True), ("loss", False), ("dwhh", False)],
)  # fmt: skip
def test_what_is_of_the_whole_sequence(name: str, whole: bool) -> None:
    assert is_whole(name) == whole


def test_a_component_is_in_brackets_behind_its_quantity() -> None:
    assert component("dh", "0") == "dL/dh[0]"
    assert component("dh_next", "1") == "(from t+1)[1]"
    assert component("slope", "2") == "(f'(a))[2]"


def test_a_quantity_of_a_layer_says_which() -> None:
    assert [label(name) for name in ("dh_next_l0_reverse", "h_l12", "h")] == [
        "l0 reverse",
        "l12",
        "",
    ]


@pytest.mark.parametrize(
    ("symbol", "shown"),
    [("a", "a"), (" ", "' '"), ("\n", "'\\n'"), ("a" * 30, "a" * 30), ("a" * 31, f"{'a' * 29}…")],
)
def test_a_symbol_that_cannot_be_seen_is_in_quotes_and_a_long_one_is_cut(
    symbol: str, shown: str
) -> None:
    assert shown_symbol(symbol) == shown
