"""Worked examples by others: every value that is not known to be wrong comes out as printed."""

import json
import math
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from calling import ROOT, rnncalc

PUBLISHED = ROOT / "tests" / "published"
KNOWN_WRONG = json.loads((PUBLISHED / "known_wrong.json").read_text())


def as_printed(right: float, printed: Decimal) -> bool:
    """Return whether `right` rounds to `printed` at its decimals, whichever way halves go."""
    exponent = printed.as_tuple().exponent
    assert isinstance(exponent, int)
    digits = len(printed.as_tuple().digits)
    slack = (
        Decimal(16 * math.ulp(max(1.0, abs(right)))) if digits >= 12 else 0
    )  # printed by another float64
    return abs(Decimal(repr(right)) - printed) <= Decimal(5).scaleb(exponent - 1) + slack


@pytest.mark.parametrize("path", sorted(PUBLISHED.glob("*.toml")), ids=lambda path: path.stem)
def test_every_right_value_comes_out_to_its_printed_digits(path: Path) -> None:
    expect = tomllib.loads(path.read_text(), parse_float=Decimal)["expect"]
    steps = json.loads(rnncalc("run", "-c", str(path), "-f", "json").out)["steps"]
    wrong = {entry["where"]: entry["right"] for entry in KNOWN_WRONG.get(path.stem, [])}

    for name, rows in expect.items():
        for t, row in enumerate(rows):
            for i, value in enumerate(row):
                where, right = f"{name}[{t}][{i}]", steps[t][name][i]
                if where in wrong:
                    assert right == pytest.approx(wrong[where], rel=1e-9), where
                elif value != "?":
                    assert as_printed(right, Decimal(value)), where
