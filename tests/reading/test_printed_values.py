"""Printed values keep their texts, and a shape that does not fit is named."""

import numpy as np
import pytest

from calling import rnncalc
from printed_example import network
from rnncalc.errors import InputError
from rnncalc.network.model import Network
from rnncalc.numerals.number import Written
from rnncalc.reading.printed_values import Source, printed_values
from rnncalc.reading.settings import Setting

TOML = "model.toml: line 1"
EVERY = Source()


def found(
    expect: dict[str, object], of: Network, steps: int = 2, source: Source = EVERY
) -> dict[str, list[str]]:
    """Return the texts of the printed values, row by row; "" for none."""
    x = np.zeros((steps, 1))
    places = {name: f"{TOML}: {name}" for name in expect}
    printed, notes = printed_values({"expect": Setting(expect, TOML, places=places)}, of, x, source)
    assert notes == ()
    return {name: [*values.texts] for name, values in printed.items()}


def refused(expect: dict[str, object], of: Network, steps: int = 2, source: Source = EVERY) -> str:
    with pytest.raises(InputError) as caught:
        found(expect, of, steps, source)
    return str(caught.value).removeprefix(f"{TOML}: ")


@pytest.mark.parametrize("last", [4, Written("4")])  # whole numbers of TOML are int, others Written
def test_a_value_keeps_its_text(last: object) -> None:
    expect: dict[str, object] = {"h": [Written("0.850"), Written("1_0.50"), last]}

    assert found(expect, network(), 3) == {"h": ["0.850", "10.50", "4"]}


def test_a_question_mark_stands_for_a_value_or_a_step_that_is_not_printed() -> None:
    expect: dict[str, object] = {"h": ["?", ["?", 1]], "y": [["?"], 2]}

    assert found(expect, network(2), 2) == {"h": ["", "", "", "1"], "y": ["", "2"]}


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        ({"h": [1, 2]}, 'h: 2 steps, but x has 3; "?" stands for a step that was not printed'),
        ({"h": [1, [2, 3], 4]}, "h: step 2 has 2 values, but H is 1, so every step needs 1; two directions side by side?"),
        ({"h": [1, [2.5, 3.5], 4]}, "h: step 2 has 2 values, but H is 1, so every step needs 1; two directions side by side?"),
        ({"y": [1, [2.5, 3.5], 4]}, "y: step 2 has 2 values, but K is 1, so every step needs 1"),
        ({"h": []}, 'h: 0 steps, but x has 3; "?" stands for a step that was not printed'),
        ({"h": [1, [[2]], 3]}, 'h: step 2, value 1: a list is not a number; write "?" for none'),
        ({"h": [1, {"b": "c" * 99}, 3]}, 'h: step 2, value 1: a table is not a number; write "?" for none'),
        ({"y": [1, 2, []]}, "y: step 3 has 0 values, but K is 1, so every step needs 1"),
        ({"h": [0, 537, 0, 851, 0, 952]}, 'h: 6 steps, but x has 3; "?" stands for a step that was not printed'),
        ({"h": ["0,537", 1, 2]}, "h: step 1, value 1: '0,537' is not a number; a decimal has a point: 0.537"),
        ({"h": [1, True, 3]}, 'h: step 2, value 1: true is not a number; write "?" for none'),
        ({"h": [1, "0.5", 3]}, "h: step 2, value 1: '0.5' is not a number; write it without quotes"),
        ({"h": [1, Written("1e999"), 3]}, "h: step 2, value 1: '1e999' is not a finite number"),
        ({"h": [[[1], [2], [3]], [[4], [5], [6]]]}, "h: it has 2 sequences of 3 steps; give one"),
        ({"h": [[[1], [2]]]}, "h: it has 1 sequence of 2 steps; give one, without the extra brackets"),
        ({"x": [1, 2, 3]}, "x: unknown key; known are a, h, o, y"),
        ({"H": [1, 2, 3]}, "H: unknown key; did you mean 'h'?"),
        ({"h": ["?", "?", "?"]}, "holds no value to check; write for example h = [0.537, 0.851]"),
        ({}, "holds no value to check; write for example h = [0.537, 0.851]"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(expect: dict[str, object], message: str) -> None:
    assert refused(expect, network(), 3) == message


@pytest.mark.parametrize(
    "rows", [[[[1, 2], [3, 4], [5, 6]]], [[[1, 2]], [[3, 4]], [[5, 6]]], [[1, 2], [3, 4], [5, 6]]]
)
def test_a_batch_of_one_sequence_is_read_as_the_sequence(rows: object) -> None:
    assert found({"h": rows}, network(2), 3) == {"h": ["1", "2", "3", "4", "5", "6"]}


def test_a_flat_list_is_the_vector_of_a_single_step() -> None:
    assert found({"h": [1, 2]}, network(2), 1) == {"h": ["1", "2"]}


def test_a_question_mark_alone_in_a_row_stands_for_the_whole_step() -> None:
    assert found({"h": [["?"], [1, 2]]}, network(2)) == {"h": ["", "", "1", "2"]}


@pytest.mark.parametrize(
    ("steps", "values", "texts"),
    [
        (range(2, 3), [[1, 2]], ["", "", "", "", "1", "2"]),
        (range(2, 3), [1, 2], ["", "", "", "", "1", "2"]),
        (range(2), [[1, 2], [3, 4]], ["1", "2", "3", "4", "", ""]),
    ],
)
def test_the_printed_values_may_be_of_some_steps_only(
    steps: range, values: object, texts: list[str]
) -> None:
    assert found({"h": values}, network(2), 3, Source(steps=steps)) == {"h": texts}


def test_values_of_other_steps_than_the_chosen_ones_are_refused() -> None:
    last = Source(steps=range(2, 3))
    assert refused({"h": [1, 2, 3]}, network(), 3, last) == "h: 3 steps, but --steps selects 1"


def test_a_flat_list_is_not_one_vector_per_step() -> None:
    message = "h: step 1 has 1 value, but H is 2, so every step needs 2"
    assert refused({"h": [1, 2]}, network(2)) == message


def test_an_output_needs_a_why() -> None:
    message = "y: is an output, but no why is given, so there is no output"
    assert refused({"y": [1, 2]}, network(outputs=0)) == message


@pytest.mark.parametrize("steps", [2, 3])
def test_a_gradient_under_the_name_of_a_share_is_told_where_it_belongs(steps: int) -> None:
    lines = ["wxh = [[1], [2]]", "whh = [[0.1, 0], [0, 0.2]]", f"x = {[1] * steps}"]
    lines += [f"dh_output = {[[1, 1]] * steps}", "[expect]", "dwhh = [[1, 2], [3, 4]]"]

    result = rnncalc("check", "-c", "-", stdin="\n".join(lines))

    assert result.status == 2
    assert "dwhh is what each step adds, and the gradient is whh under [expect.grad" in result.err
