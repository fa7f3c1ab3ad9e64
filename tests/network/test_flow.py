"""How much of a gradient arrives at each step: the products that a loop multiplies."""

import json
import math
from pathlib import Path

import pytest

from calling import rnncalc

X = [1.0, 0.5, -2.0]


@pytest.mark.parametrize("backward", [False, True])
def test_what_is_left_is_the_product_of_the_factors_on_the_way(
    backward: bool, tmp_path: Path
) -> None:
    file = tmp_path / "one.toml"
    cell = f"[[layers]]\n{'[layers.reverse]' if backward else ''}\nwxh = 0.8\nwhh = -0.9\n"
    file.write_text(f"x = {X}\ntarget = [1, 0, 0.5]\nwhy = 1\n{cell}")
    h, factors = 0.0, []
    for x in X[::-1] if backward else X:
        h = math.tanh(0.8 * x - 0.9 * h)
        factors.append(-0.9 * (1 - h * h))
    # from the step that is calculated last to the others, in the order of the calculation
    to_end = [factors[1] * factors[2], factors[2], 1.0]

    (found,) = json.loads(rnncalc("grad", str(file), "--flow", "-f", "json").out)["flow"].values()

    order = -1 if backward else 1
    assert found["factor"] == pytest.approx(factors[::order], rel=1e-14)
    assert found["to_end"] == pytest.approx(to_end[::order], rel=1e-14)
