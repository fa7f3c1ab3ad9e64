"""JSON, JSON Lines and CSV: the same numbers, every digit, whatever the blocks."""

import csv
import json
import math
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncalc.network.activations import ACTIVATIONS
from rnncalc.network.cells import Cell, Readout
from rnncalc.network.forward import forward, run
from rnncalc.network.model import Network
from rnncalc.network.problem import Problem
from rnncalc.network.trace import Trace
from rnncalc.writing.programs import csv_text, json_text, jsonl_text
from rnncalc.writing.request import Request

# Zheng & Gu, TensorFlow (2017), chapter 8.1: two states, one output
BOOK = Network(
    Cell(
        W_xh=np.array([[0.5], [0.6]]),
        W_hh=np.array([[0.1, 0.3], [0.2, 0.4]]),
        b_h=np.array([0.1, -0.1]),
    ),
    Readout(W_hy=np.array([[1.0, 2.0]]), b_y=np.array([0.1])),
)
BOOK_H0, BOOK_X = np.zeros(2), np.array([[1.0], [2.0]])
JSON = Request("json")
STATES_ONLY = Network(BOOK.layers)


def problem(network: Network) -> Problem:
    return Problem(network, network.start(np.zeros(network.hidden_size)), None)


def json_of(traces: Iterable[Trace], network: Network = BOOK, request: Request = JSON) -> str:
    return "".join(json_text(problem(network), request, traces))


def jsonl_of(
    traces: Iterable[Trace], network: Network = BOOK, only: tuple[str, ...] = ()
) -> Iterator[str]:
    return jsonl_text(problem(network), Request("jsonl", only=only), traces)


def csv_of(
    traces: Iterable[Trace], network: Network = BOOK, only: tuple[str, ...] = ()
) -> Iterator[str]:
    return csv_text(problem(network), Request("csv", only=only), traces)


def exact_trace(first: int = 1) -> Trace:
    """Values that are short in binary, so that their digits can be written down here."""
    rows = {
        "x": np.array([[1.0], [-0.0]]),
        "a": np.array([[0.5, 1e300], [2.5, 5e-324]]),
        "h": np.array([[0.1, 1e16], [-2.0, 1e-7]]),
        "o": np.array([[3.0], [0.1 + 0.2]]),
        "y": np.array([[4.0], [1 / 3]]),
    }
    return Trace(first, rows)


def states_only(first: int = 1) -> Trace:
    rows = exact_trace(first).rows
    return Trace(first, {name: rows[name] for name in ("x", "a", "h")})


STEPS = [
    '{"t": 1, "x": [1.0], "a": [0.5, 1e+300], "h": [0.1, 1e+16], "o": [3.0], "y": [4.0]}',
    '{"t": 2, "x": [-0.0], "a": [2.5, 5e-324], "h": [-2.0, 1e-07], '
    '"o": [0.30000000000000004], "y": [0.3333333333333333]}',
]


def test_json_lines_are_one_line_per_step_with_every_digit() -> None:
    assert list(jsonl_of([exact_trace()])) == ["".join(f"{step}\n" for step in STEPS)]


def test_csv_is_a_line_of_names_and_one_row_per_step() -> None:
    assert list(csv_of([exact_trace()])) == [
        "t,x[0],a[0],a[1],h[0],h[1],o[0],y[0]\n",
        "1,1.0,0.5,1e+300,0.1,1e+16,3.0,4.0\n"
        "2,-0.0,2.5,5e-324,-2.0,1e-07,0.30000000000000004,0.3333333333333333\n",
    ]


def test_json_is_one_object_that_says_which_network_it_was() -> None:
    assert json_of([exact_trace()]) == (
        '{"network": {"input_size": 1, "hidden_size": 2, "output_size": 1, "activation": "tanh", '
        '"output_activation": "linear"}, "arithmetic": "exact", "h0": [0.0, 0.0], "steps": [\n'
        f"{STEPS[0]},\n{STEPS[1]}\n]}}\n"
    )


def test_without_a_readout_there_is_no_o_and_no_y() -> None:
    written = json.loads(json_of([states_only()], STATES_ONLY))

    assert written["network"]["output_size"] == 0
    assert written["network"]["output_activation"] is None
    assert [list(step) for step in written["steps"]] == [["t", "x", "a", "h"]] * 2
    assert next(csv_of([states_only()], STATES_ONLY)) == "t,x[0],a[0],a[1],h[0],h[1]\n"


def test_the_arithmetic_is_named_in_json() -> None:
    text = json_of([exact_trace()], request=Request("json", by_hand=True))

    assert json.loads(text)["arithmetic"] == "by hand, 3 decimals"


def test_only_the_chosen_quantities_are_written_and_t() -> None:
    only = ("h", "y")
    step = '{"t": 1, "h": [0.1, 1e+16], "y": [4.0]}'

    assert next(jsonl_of([exact_trace()], only=only)).splitlines()[0] == step
    assert "".join(csv_of([exact_trace()], only=only)).splitlines()[:2] == [
        "t,h[0],h[1],y[0]",
        "1,0.1,1e+16,4.0",
    ]
    assert f"[\n{step},\n" in json_of([exact_trace()], request=Request("json", only=only))


def test_t_continues_from_block_to_block() -> None:
    blocks = [exact_trace(9_007_199_254_740_991 - 1), exact_trace(1)]

    assert [line.split(",")[0] for line in "".join(csv_of(blocks)).splitlines()] == [
        "t",
        "9007199254740990",
        "9007199254740991",
        "1",
        "2",
    ]


def test_each_block_is_written_before_the_next_is_requested() -> None:
    asked = []

    def traces() -> Iterator[Trace]:
        for first in (1, 3):
            asked.append(first)
            yield exact_trace(first)

    lines = jsonl_of(traces())

    assert json.loads(next(lines).splitlines()[0])["t"] == 1
    assert asked == [1]


def rows_of(text: str) -> list[dict[str, Any]]:
    return [json.loads(line, parse_constant=pytest.fail) for line in text.splitlines()]


def flat(step: dict[str, Any]) -> list[str]:
    return [
        str(step["t"]),
        *(repr(v) for name, vector in step.items() if name != "t" for v in vector),
    ]


@pytest.mark.parametrize("only", [(), ("x",), ("a", "o"), ("h", "y")])
def test_the_three_formats_hold_the_same_numbers(only: tuple[str, ...]) -> None:
    x = np.random.default_rng(1).normal(size=(700, 1)) * 1e3
    traces = list(run(BOOK, BOOK_H0, [x[:300], x[300:]]))

    steps = rows_of("".join(jsonl_of(traces, only=only)))
    whole = json.loads(json_of(traces, request=Request("json", only=only)))
    table = list(csv.reader("".join(csv_of(traces, only=only)).splitlines()))

    assert [step["t"] for step in steps] == list(range(1, 701))
    assert whole["steps"] == steps
    assert table[1:] == [flat(step) for step in steps]


def test_what_is_written_reads_back_to_the_same_bits() -> None:
    trace = forward(BOOK, BOOK_H0, np.random.default_rng(2).normal(size=(500, 1)))

    steps = rows_of("".join(jsonl_of([trace])))

    for name in ("x", "a", "h", "o", "y"):
        written = np.array([step[name] for step in steps])
        assert written.tobytes() == trace[name].tobytes()


def test_the_book_s_run_is_what_the_book_prints() -> None:
    steps = rows_of("".join(jsonl_of([forward(BOOK, BOOK_H0, BOOK_X)])))

    assert [[round(a, 8) for a in step["a"]] for step in steps] == [
        [0.6, 0.5],
        [1.2923401, 1.39225678],
    ]
    assert [[round(h, 8) for h in step["h"]] for step in steps] == [
        [0.53704957, 0.46211716],
        [0.85973818, 0.88366641],
    ]
    assert [[round(y, 8) for y in step["y"]] for step in steps] == [[1.56128388], [2.72707101]]


Writer = Callable[[Iterable[Trace]], Iterator[str]]
WRITERS: dict[str, Writer] = {
    "json": lambda traces: iter([json_of(traces)]),
    "jsonl": jsonl_of,
    "csv": csv_of,
}


@pytest.mark.parametrize("name", WRITERS)
@settings(max_examples=8, deadline=None)
@given(cuts=st.lists(st.integers(1, 4999), max_size=6, unique=True).map(sorted))
def test_the_text_does_not_depend_on_the_blocks(name: str, cuts: list[int]) -> None:
    write, trace = WRITERS[name], LONG
    blocks = [trace.part(*ends) for ends in pairwise([0, *cuts, len(trace)])]

    assert "".join(write(blocks)) == whole(name)


@cache
def whole(name: str) -> str:
    return "".join(WRITERS[name]([LONG]))


LONG = forward(BOOK, BOOK_H0, np.arange(5000.0)[:, None] / 7)


@pytest.mark.parametrize("name", ["jsonl", "csv"])
def test_a_piece_of_text_is_whole_lines(name: str) -> None:
    pieces = list(WRITERS[name]([LONG]))

    assert len(pieces) > 3  # so a wide step costs little memory
    assert all(piece.endswith("\n") for piece in pieces)


def test_a_step_wider_than_a_piece_of_text_is_a_line_too() -> None:
    network = Network(Cell(np.zeros((1, 10_000)), np.zeros((1, 1))))
    wide = forward(network, [0.0], np.zeros((2, 10_000)))

    steps = rows_of("".join(jsonl_of([wide], network)))

    assert [len(step["x"]) for step in steps] == [10_000, 10_000]


def test_names_of_activations_need_no_escaping_in_json() -> None:
    assert all(name.isascii() and name.isidentifier() for name in ACTIVATIONS)


@settings(max_examples=100, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_value_survives(value: float) -> None:
    network = Network(Cell([[1.0]], [[1.0]]))
    trace = Trace(1, dict.fromkeys(network.sizes, np.array([[value]])))

    [step] = rows_of("".join(jsonl_of([trace], network)))

    assert step["h"][0].hex() == value.hex()
    assert math.copysign(1, step["x"][0]) == math.copysign(1, value)
