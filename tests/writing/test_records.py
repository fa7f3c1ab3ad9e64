"""What a step consists of, and what its figures are called."""

import numpy as np
import pytest

from rnncalc.commands.choice import chosen
from rnncalc.errors import InputError
from rnncalc.network.trace import Trace
from rnncalc.writing.columns import columns, quantities

STATES = Trace(1, x=np.zeros((3, 1)), a=np.zeros((3, 2)), h=np.ones((3, 2)))
OUTPUTS = Trace(1, STATES.x, STATES.a, STATES.h, o=np.zeros((3, 1)), y=np.zeros((3, 1)))


def test_columns_are_t_and_then_each_component_counted_from_0() -> None:
    assert columns(OUTPUTS) == ["t", "x[0]", "a[0]", "a[1]", "h[0]", "h[1]", "o[0]", "y[0]"]
    assert columns(STATES) == ["t", "x[0]", "a[0]", "a[1]", "h[0]", "h[1]"]


def test_t_stays_whatever_is_left_out() -> None:
    assert columns(OUTPUTS, ("y", "h")) == ["t", "h[0]", "h[1]", "y[0]"]
    assert columns(OUTPUTS, ()) == ["t"]


def test_quantities_are_the_arrays_by_name() -> None:
    assert list(quantities(OUTPUTS)) == ["x", "a", "h", "o", "y"]
    assert list(quantities(STATES)) == ["x", "a", "h"]
    assert quantities(OUTPUTS, ("h",)) == {"h": OUTPUTS.h}


def test_a_choice_is_put_in_the_order_of_the_computation() -> None:
    assert chosen(["y", " h", "h"], has_readout=True) == ("h", "y")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["h", "z"], "unknown quantity 'z'; known are x, a, h, o, y"),
        (["H"], "unknown quantity 'H'; did you mean 'h'?"),
        ([""], "unknown quantity ''; known are x, a, h, o, y"),
        (["h", "y"], "y is an output, but no why is given, so there is no output"),
        ([], "no quantity is named; known are x, a, h, o, y"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(names: list[str], message: str) -> None:
    with pytest.raises(InputError) as error:
        chosen(names, has_readout=False)

    assert str(error.value) == message
