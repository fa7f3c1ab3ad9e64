"""Which quantities a person chose, and what they are called."""

import pytest

from rnncalc.errors import InputError
from rnncalc.network.cells import Cell, Readout
from rnncalc.network.model import Network
from rnncalc.reading.choice import parse_only
from rnncalc.writing.request import Request

STATES = Network(Cell([[0.5], [0.5]], [[0.1, 0.2], [0.3, 0.4]]))
OUTPUTS = Network(STATES.layers, Readout([[1.0, 2.0]]))


def test_a_choice_is_put_in_the_order_of_the_calculation() -> None:
    assert parse_only("y, h,h", OUTPUTS) == (("h", "y"), {})


def test_of_a_quantity_some_components_may_be_chosen() -> None:
    assert parse_only("h[1], x", OUTPUTS) == (("x", "h"), {"h": [1]})
    assert parse_only("h[1:],h[0]", OUTPUTS) == (("h",), {})


def test_all_quantities_are_shown_unless_some_are_chosen() -> None:
    assert [name for name in OUTPUTS.sizes if Request().shows(name)] == [*OUTPUTS.sizes]
    assert [name for name in OUTPUTS.sizes if Request(only=("y", "h")).shows(name)] == ["h", "y"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("h,z", "--only: unknown quantity 'z'; known are x, a, h, o, y"),
        ("H", "--only: unknown quantity 'H'; did you mean 'h'?"),
        ("h,", "--only: unknown quantity ''; known are x, a, h, o, y"),
        ("h[2]", "--only: 'h[2]': the components are counted from 0 to 1"),
        ("h[1:1]", "--only: 'h[1:1]': the components are counted from 0 to 1"),
        ("h[-1]", "--only: 'h[-1]' is not a quantity; type h, h[0] or h[0:4]"),
        ("h,y", "--only: y is an output, but no why is given, so there is no output"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(names: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        parse_only(names, STATES)

    assert str(error.value) == message
