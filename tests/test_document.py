"""The source document's worked example, in the digits that the document's formulas give."""

import json
import math

import pytest

from calling import DOCUMENT, rnncalc

STEPS = [
    (1.0, 0.6, 0.5370495669980353, 0.41481982679921414),
    (2.0, 1.2611148700994106, 0.8513711765929612, 0.5405484706371846),
    (3.0, 1.8554113529778884, 0.9522529801665087, 0.5809011920666035),
]


def close(given: float, right: float) -> bool:
    return abs(given - right) <= 2 * math.ulp(right)


@pytest.mark.parametrize("source", [DOCUMENT, ["-c", "sample_configs/document.toml"]])
def test_the_documents_example_comes_out_to_the_last_digits(
    source: list[str], monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    monkeypatch.chdir(pytestconfig.rootpath)
    result = rnncalc("run", *source, "-f", "json")

    steps = json.loads(result.out)["steps"]
    assert [step["t"] for step in steps] == [1, 2, 3]
    for step, (x, a, h, y) in zip(steps, STEPS, strict=True):
        assert step["x"] == [x]
        assert close(step["a"][0], a)
        assert close(step["h"][0], h)
        assert close(step["o"][0], y)
        assert close(step["y"][0], y)


def test_the_table_prints_0_851_and_0_541_where_the_document_slips() -> None:
    assert (
        rnncalc("run", *DOCUMENT).out
        == """\
a_t = W_xh x_t + W_hh h_{t-1} + b_h
h_t = tanh(a_t)
y_t = W_hy h_t + b_y  (linear)
W_xh = 0.5   W_hh = 0.3   b_h = 0.1   W_hy = 0.4   b_y = 0.2   h_0 = 0

 t   x_t     a_t     h_t     y_t
─────────────────────────────────
 1     1   0.600   0.537   0.415
 2     2   1.261   0.851   0.541
 3     3   1.855   0.952   0.581
"""
    )


def test_the_json_has_the_network_the_start_and_every_step() -> None:
    whole = json.loads(rnncalc("run", *DOCUMENT, "-f", "json").out)

    assert list(whole) == ["network", "arithmetic", "h0", "steps"]
    assert whole["network"] == {
        "input_size": 1,
        "hidden_size": 1,
        "output_size": 1,
        "activation": "tanh",
        "output_activation": "linear",
    }
    assert whole["arithmetic"] == "exact"
    assert whole["h0"] == [0.0]
    assert [list(step) for step in whole["steps"]] == [["t", "x", "a", "h", "o", "y"]] * 3


def test_without_why_there_is_no_output() -> None:
    whole = json.loads(rnncalc("run", *DOCUMENT[:6], *DOCUMENT[-2:], "-f", "json").out)

    assert whole["network"]["output_size"] == 0
    assert whole["network"]["output_activation"] is None
    assert [list(step) for step in whole["steps"]] == [["t", "x", "a", "h"]] * 3
