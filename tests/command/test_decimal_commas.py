"""A decimal comma is accused where it may be the reason, and nowhere else."""

import pytest

from calling import rnncalc

ONE = "wxh = 1\nwhh = 0\nx = [1, 2]\n"
TWO = "wxh = [[1,0],[0,1]]\nwhh = [[1,0],[0,1]]\nx = [[1,2],[3,4]]\n"
NO_STEP = '; "?" stands for a step that was not printed'
NEEDED = "step 1 has {} values, but H is {}, so every step needs {}"


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        (TWO + "why = [[1],[2],[3]]", "4: why: 3 x 1, but whh is 2 x 2, so why needs 2 columns"),
        (TWO + "why = [[1,2]]\nby = [1,2,3]", "5: by: 3 values, but why has 1 row, so by needs 1"),
        (TWO.replace("x = [[1,2],[3,4]]", "x = [[[1,2],[3,4]],[[1,2],[3,4]]]"), "3: x: x has 2 sequences of 2 steps; give one"),
        ("wxh = 1\nwhh = 0\nx = [[0,5],[1,5]]", "3: x: step 1 has 2 values, but wxh has 1 column, so every step needs 1; if 0,5 in x is one number, type 0.5"),
        ("wxh = 1\nwhh = 0\nx = [[0, 5], [1, 5]]", "3: x: step 1 has 2 values, but wxh has 1 column, so every step needs 1"),
        ("wxh = 1\nwhh = 0\nx = 1\nbh = [\n  0,5\n]", "4: bh: 2 values, but whh is 1 x 1, so bh needs 1; if 0,5 in bh is one number, type 0.5"),
        ("x = [1, 2]\n[[layers]]\nwxh = [[0,5]]\nwhh = [[0,3]]", "2: layers[0].whh: 1 x 2, but wxh has 1 row, so whh must be 1 x 1; if 0,5 in layers is one number, type 0.5"),
        ("x = [[1,2]]\n[[layers]]\nwxh = 0.5\nwhh = 0.3\nbh = [0.1]", "1: x: step 1 has 2 values, but wxh has 1 column, so every step needs 1; if 1,2 in x is one number, type 1.2"),
        ("wxh = 1\nwhh = 0\nx = ['0,5', '1,0']", "3: x: number 1: \"0,5\" is not a number; a decimal has a point: 0.5"),
    ],
)  # fmt: skip
def test_in_a_toml_file(toml: str, message: str) -> None:
    result = rnncalc("run", "-c", "-", stdin=toml)

    assert (result.status, result.err) == (2, f"Error: standard input: line {message}\n")


@pytest.mark.parametrize(
    ("h", "message"),
    [
        ("h = ['0,462', '0,8']", "step 1, value 1: '0,462' is not a number; a decimal has a point: 0.462"),
        ("h = ['x', '0,8']", "step 1, value 1: 'x' is not a number; write \"?\" for none"),
        ("h = [0,462, 0,8]", f"4 steps, but x has 2{NO_STEP}; if 0,462 is one number, type 0.462"),
        ("h = [\n  0,462,\n  0,8,\n]", f"4 steps, but x has 2{NO_STEP}; if 0,462 is one number, type 0.462"),
        ("h = [0, 462, 0, 8]", f"4 steps, but x has 2{NO_STEP}"),
        ("h = [1,2,3]", f"3 steps, but x has 2{NO_STEP}"),
        ("h = [[1, 2], [3, 4]]", f"{NEEDED.format(2, 1, 1)}; two directions side by side?"),
        ("h = [[0,5], [0,8]]", f"{NEEDED.format(2, 1, 1)}; if 0,5 is one number, type 0.5"),
    ],
)  # fmt: skip
def test_below_expect(h: str, message: str) -> None:
    result = rnncalc("check", "-c", "-", stdin=f"{ONE}[expect]\n{h}\n")

    assert (result.status, result.err) == (
        2,
        f"Error: standard input: line 5: expect.h: {message}\n",
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("0,5,0,7", f"4 steps, but x has 2{NO_STEP}; if 0,5 is one number, type 0.5"),
        ("0,5;0,7", f"{NEEDED.format(2, 1, 1)}; if 0,5 is one number, type 0.5"),
        ("0, 5, 0, 7", f"4 steps, but x has 2{NO_STEP}"),
        ("[0,5 0,7]", "commas and spaces both separate numbers here; a decimal has a point: 0.5 0.7\n  [0,5 0,7]\n   ^"),
    ],
)  # fmt: skip
def test_in_a_flag(given: str, message: str) -> None:
    result = rnncalc("check", "-c", "-", "--h", given, stdin=ONE)

    assert (result.status, result.err) == (2, f"Error: --h: {message}\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"h":[["0,462","0,8"],["0,9","1,0"]]}', "h: step 1, value 1: '0,462' is not a number; a decimal has a point: 0.462"),
        ("0,462;0,758\n0,9;0,9\n", f"h: 4 steps, but x has 2{NO_STEP}; if 0,462 is one number, type 0.462, with spaces between the values of a step"),
        ("[[0,462, 0,758], [0,9, 0,9]]", f"h: {NEEDED.format(4, 2, 2)}; if 0,462 is one number, type 0.462"),
        ("[[1,2,3,4],[5,6,7,8]]", f"h: {NEEDED.format(4, 2, 2)}; two directions side by side?"),
        ("h[0],h[1],h[2],h[3]\n1,2,3,4\n5,6,7,8\n", f"h: {NEEDED.format(4, 2, 2)}; two directions side by side?"),
        ("h[0] | h[1]\n-- | --\n0,5 | 1\n", "line 3, h[0]: '0,5' is not a number; a decimal has a point: 0.5"),
    ],
)  # fmt: skip
def test_in_a_file_of_printed_values(text: str, message: str) -> None:
    flags = ("--wxh", "1 0; 0 1", "--whh", "0 0; 0 0", "--x", "1 2; 3 4", "--quantity", "h")
    result = rnncalc("check", *flags, "--expect", "-", stdin=text)

    assert (result.status, result.err) == (2, f"Error: --expect: standard input: {message}\n")


@pytest.mark.parametrize(
    ("line", "columns", "message"),
    [
        ("1,5;2,5", "1 2", "is more than one row; a line is one step; if 1,5 is one number, type 1.5"),
        ("1,5;2,5;3,5", "1 2", "is more than one row; a line is one step"),
        ("1;2", "1 2", "is more than one row; a line is one step"),
        ("1,5", "1", "has 2 values, but wxh has 1 column, so every step needs 1; if 1,5 is one number, type 1.5"),
    ],
)  # fmt: skip
def test_in_a_stream_of_steps(line: str, columns: str, message: str) -> None:
    result = rnncalc("run", "--wxh", f"{columns};", "--whh", "0", "--x", "-", stdin=f"{line}\n")

    assert (result.status, result.err) == (
        2,
        f"Error: standard input: line 1: '{line}' {message}\n",
    )
