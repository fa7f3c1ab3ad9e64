"""Many values at once are rounded as one is on paper: as `decimal` does it, ties away from zero."""

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rnncalc.numerals.rounding import rounded, rounded_rows


def on_paper(text: str, decimals: int) -> float:
    found = Decimal(text).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return float(found) + 0.0


@given(units=st.integers(-(10**9), 10**9), places=st.integers(1, 9), fewer=st.integers(1, 6))
def test_short_decimals_are_rounded_as_on_paper(units: int, places: int, fewer: int) -> None:
    decimals = max(places - fewer, 0)
    text = f"{Decimal(units).scaleb(-places):f}"
    expected = on_paper(text, decimals)

    assert rounded_rows(np.array([float(text)]), decimals).tolist() == [expected]
    assert float(rounded(float(text), decimals)) == expected


def test_ties_go_away_from_zero_and_nothing_becomes_minus_zero() -> None:
    values = np.array([0.245, -0.245, 2.675, 1.005, -0.001])
    found = rounded_rows(values, 2)
    assert found.tolist() == [0.25, -0.25, 2.68, 1.01, 0.0]
    assert not np.signbit(found[-1])


def test_a_sum_of_larger_numbers_may_have_lost_its_tie() -> None:
    total = 100.3 - 100.055  # 0.245 on paper, in floats 0.24499999999999034
    assert total < 0.245 - 9e-15
    assert rounded_rows(np.array([total]), 2).tolist() == [0.25]


def test_where_the_last_decimal_is_before_the_point_whole_units_remain() -> None:
    assert rounded_rows(np.array([12345.0, -12500.0]), -3).tolist() == [12000.0, -13000.0]
