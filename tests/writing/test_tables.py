"""Tables: enough decimals for small values, and very many steps in parts that look like one."""

import itertools
import re
from collections.abc import Iterator

import numpy as np
import pytest

from calling import rnncalc
from rnncalc import Cell, Network
from rnncalc.commands.run import RunRequest, answer
from rnncalc.network.problem import Problem
from rnncalc.writing.request import Request

SMALL = ("run", "--wxh", "0.0001", "--whh", "0.5", "--x", "1 2")


def rows(out: str) -> list[list[str]]:
    return [line.split() for line in out.splitlines() if re.match(r" +\d", line)]


def test_a_column_that_would_read_zero_has_more_decimals_and_a_remark_says_so() -> None:
    out = rnncalc(*SMALL).out

    assert (
        out.splitlines()[3] == "6 decimals for a, h: with 3 decimals, every value would read 0.000"
    )
    # 0.0001 × 2 + 0.5 × 0.0001 = 0.00025
    assert rows(out) == [["1", "1", "0.000100", "0.000100"], ["2", "2", "0.000250", "0.000250"]]


@pytest.mark.parametrize("more", [("-p", "3"), ("--by-hand",)])
def test_chosen_decimals_are_kept_though_every_value_reads_zero(more: tuple[str, ...]) -> None:
    out = rnncalc(*SMALL, *more).out

    assert rows(out) == [["1", "1", "0.000", "0.000"], ["2", "2", "0.000", "0.000"]]
    assert "would read" not in out


def test_a_column_of_zeros_needs_no_more_decimals() -> None:
    out = rnncalc("run", "--wxh", "0", "--whh", "0", "--x", "1 2").out

    assert rows(out) == [["1", "1", "0.000", "0.000"], ["2", "2", "0.000", "0.000"]]
    assert "would read" not in out


def test_a_column_with_one_value_that_can_be_seen_keeps_its_decimals() -> None:
    out = rnncalc("run", "--wxh", "0.0001", "--whh", "0", "--x", "1 5").out

    assert [row[2] for row in rows(out)] == ["0.000", "0.001"]


def test_the_working_has_the_decimals_of_the_columns() -> None:
    out = rnncalc(*SMALL, "--work").out

    assert "0.0001 × 1 + 0.5 × 0 = 0.000100" in out
    assert "tanh(0.0001) ≈ 0.000100" in out
    assert "0.0001 × 2 + 0.5 × 0.000100 ≈ 0.000250" in out


def test_very_small_columns_are_written_with_an_exponent() -> None:
    run = ("run", "--wxh", "1e-20", "--whh", "0", "--why", "1", "--x", "1 0 -2.5")
    out = rnncalc(*run).out

    assert out.splitlines()[4] == (
        "scientific notation for a, h, y: with 3 decimals, every value would read 0.000"
    )
    assert [row[2:] for row in rows(out)] == [["1.000e-20"] * 3, ["0"] * 3, ["−2.500e-20"] * 3]


def test_only_the_columns_shown_are_remarked_on() -> None:
    run = ("run", "--wxh", "1e-5", "--whh", "0", "--why", "1e-9", "--x", "1", "--only", "h")

    assert re.findall(r"for (.*): with", rnncalc(*run).out) == ["h"]
    assert re.findall(r"for (.*): with", rnncalc(*SMALL, "-f", "latex").out) == ["a, h"]


def long(steps: int, *more: str, stdin: bool = True) -> str:
    x = [f"{(t * 37 % 100) / 8 - 6:g}" for t in range(steps)]
    given = ("--x", "-") if stdin else ("--x", " ".join(x))
    run = ("run", "--wxh", "0.5", "--whh", "0.3", *given, *more, "--all")
    return rnncalc(*run, stdin="\n".join(x)).out


@pytest.mark.parametrize("stdin", [True, False])
@pytest.mark.parametrize("more", [(), ("--work",), ("--color", "always")])
def test_many_steps_are_one_table_whose_columns_are_aligned(
    more: tuple[str, ...], *, stdin: bool
) -> None:
    plain = [
        re.sub(r"\x1b\[[\d;]*m", "", line) for line in long(2500, *more, stdin=stdin).splitlines()
    ]
    found = [line for line in plain if re.match(r" +\d+ ", line)]

    assert [int(line.split()[0]) for line in found] == [*range(1, 2501)]
    assert sum("x_t" in line and "a_t" in line for line in plain[3:]) == 1
    assert len({len(line) for line in found}) == 1
    assert len({line.index(".") for line in found if re.match(r" +\d+ +-?\d+\.", line)}) == 1
    assert not any(line == "" for line in plain[5:])


def test_many_steps_in_a_narrow_terminal_lose_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = rows(long(1500))
    monkeypatch.setattr("rnncalc.cli.app.terminal_width", lambda: 20)
    narrow = rows(long(1500))

    found = {t: [value for row in narrow if row[0] == t for value in row[1:]] for t, *_ in wide}
    assert found == {t: values for t, *values in wide}


def test_many_vectors_are_separated_alike_within_and_between_the_parts() -> None:
    run = ("run", "--wxh", "1;-1", "--whh", "0 0;0 0", "--x", " ".join(["1"] * 1002), "--all")

    for encoding, between in (("utf-8", ""), ("ascii", "----")):
        lines = rnncalc(*run, encoding=encoding).out.splitlines()
        first = next(n for n, line in enumerate(lines) if line.split()[:1] == ["1"])
        table = lines[first:]
        assert {line[:4] for line in table[2::3]} == {between}
        assert [line.split()[0] for line in table[::3]] == [str(t) for t in range(1, 1003)]


def test_a_plot_of_many_steps_has_a_mark_for_each() -> None:
    lines = long(2500, "--plot").partition("h over time")[2].splitlines()

    assert sum(line.count("●") for line in lines) == 2500
    assert max(map(len, lines)) <= 100


def test_the_rows_of_many_steps_are_written_before_the_last_step_is_read() -> None:
    taken = 0

    def blocks() -> Iterator[np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
        nonlocal taken
        for taken in itertools.count():  # noqa: B007  # read after the blocks are taken
            yield np.ones((100, 1))

    network = Network(Cell([[0.5]], [[0.3]]))
    problem = Problem(network, network.start(np.zeros(1)), None)
    request = RunRequest(Request(whole=True, stream=blocks()))
    written = iter(answer(problem, request).texts)

    assert len(rows(next(written))) == 1000
    assert taken <= 20
    assert rows(next(written))[-1][0] == "2000"
    assert taken <= 30
