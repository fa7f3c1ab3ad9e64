"""Printed values keep their texts, and a shape that does not fit is named."""

import numpy as np
import pytest
from claimed import network

from rnncalc.errors import InputError
from rnncalc.network.model import Network
from rnncalc.numerals.number import Written
from rnncalc.reading.claims import claims
from rnncalc.reading.settings import Setting

TOML = "model.toml: line 1"


def found(expect: dict[str, object], of: Network, steps: int = 2) -> dict[str, list[str]]:
    """Return the texts of the printed values, row by row; "" for none."""
    x = np.zeros((steps, 1))
    printed, notes = claims({"expect": Setting(expect, TOML)}, of, x)
    assert notes == ()
    return {name: [*values.texts] for name, values in printed.items()}


def refused(expect: dict[str, object], of: Network, steps: int = 2) -> str:
    with pytest.raises(InputError) as caught:
        found(expect, of, steps)
    return str(caught.value).removeprefix(f"{TOML}: ")


def test_a_value_keeps_its_text() -> None:
    expect: dict[str, object] = {"h": [Written("0.850"), Written("1_0.50"), 4]}

    assert found(expect, network(), 3) == {"h": ["0.850", "10.50", "4"]}


def test_a_question_mark_stands_for_a_value_or_a_step_that_is_not_printed() -> None:
    expect: dict[str, object] = {"h": ["?", ["?", 1]], "y": [["?"], 2]}

    assert found(expect, network(2), 2) == {"h": ["", "", "", "1"], "y": ["", "2"]}


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        ({"h": [1, 2]}, 'expect.h: 2 steps, but x has 3; "?" stands for a step that is not printed'),
        ({"h": [1, [2, 3], 4]}, "expect.h: step 2 has 2 figures, but H is 1, so every step needs 1"),
        ({"y": [1, 2, []]}, "expect.y: step 3 has 0 figures, but K is 1, so every step needs 1"),
        ({"h": [1, True, 3]}, 'expect.h: step 2, figure 1: true is not a number; write "?" for none'),
        ({"h": [1, "0.5", 3]}, "expect.h: step 2, figure 1: '0.5' is not a number; write it without quotes"),
        ({"h": [1, Written("1e999"), 3]}, "expect.h: step 2, figure 1: '1e999' is not a finite number"),
        ({"x": [1, 2, 3]}, "expect.x: unknown key; known are a, h, o, y"),
        ({"H": [1, 2, 3]}, "expect.H: unknown key; did you mean 'h'?"),
        ({"h": ["?", "?", "?"]}, "expect: holds no figure to check; write for example h = [0.537, 0.851]"),
        ({}, "expect: holds no figure to check; write for example h = [0.537, 0.851]"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(expect: dict[str, object], message: str) -> None:
    assert refused(expect, network(), 3) == message


def test_a_flat_list_is_not_one_vector_per_step() -> None:
    message = "expect.h: step 1 has 1 figure, but H is 2, so every step needs 2"
    assert refused({"h": [1, 2]}, network(2)) == message


def test_an_output_needs_a_why() -> None:
    message = "expect.y: is an output, but no why is given, so there is no output"
    assert refused({"y": [1, 2]}, network(outputs=0)) == message
