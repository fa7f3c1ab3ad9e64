"""What people paste is read: tables in Markdown, and arrays as programs print them."""

import json
import random
from pathlib import Path

import pytest

import networks
from calling import DOCUMENT, ROOT, rnncalc

SAMPLES = [*map(str, sorted((ROOT / "sample_configs").glob("*.toml")))]
VECTOR = ("--wxh", "0.5 -0.3; 0.2 0.8", "--whh", "0.6 -0.2; 0.1 0.7", "--x", "1 0; 0 1")
RIGHT = "All {} values are right.\n"


def passes(command: str, *arguments: str, how: tuple[str, ...] = ()) -> None:
    """Assert that `check` has nothing against what is written as Markdown."""
    written = rnncalc(command, *arguments, *how, "-f", "md")
    assert written.status == 0, written.err

    result = rnncalc("check", *arguments, "--expect", "-", stdin=written.out)

    assert result.status == 0, result.err + result.out
    assert result.out.startswith(("All ", "No slip: what differs follows from rounded values"))


@pytest.mark.parametrize("decimals", range(2, 13))
def test_our_own_markdown_passes_at_every_precision(decimals: int) -> None:
    for seed in range(100 * decimals, 100 * decimals + 6):
        flags = networks.network(seed)
        at = flags.index("-p")
        given = [*flags[:at], *flags[at + 2 :]]
        for by_hand in (["--by-hand"], []):
            passes("run", *given, how=("-p", str(decimals), *by_hand))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: Path(path).stem)
def test_our_own_markdown_of_stacks_and_symbols_passes(path: str) -> None:
    for how in ((), ("--by-hand", "-p", "2"), ("--by-hand", "-p", "6"), ("--all",)):
        passes("run", path, how=how)


@pytest.mark.parametrize("seed", range(3))
def test_components_and_steps_that_the_table_leaves_out_were_not_printed(seed: int) -> None:
    r = random.Random(seed)
    W_hh = [[round(r.uniform(-0.3, 0.3), 2) for _ in range(20)] for _ in range(20)]
    x = " ".join(f"{r.uniform(-1, 1):.1f}" for _ in range(30))
    flags = ("--wxh", str([[0.05 * i] for i in range(20)]), "--whh", str(W_hh), "--x", x)
    written = rnncalc("run", *flags, "-f", "md").out
    assert "<br>⋮<br>" in written
    assert "| ... | (10 steps omitted) |" in written

    result = rnncalc("check", *flags, "--expect", "-", stdin=written)

    # 20 steps of a and h, each with its first and last five components
    assert (result.out, result.err) == (
        RIGHT.format(20 * 2 * 10),
        "Note: --expect: standard input: steps 11 to 20 are not in the file; they were not checked\n",
    )
    wrong = f"{written.rpartition('<br>')[0]}<br>2.000 |"
    result = rnncalc("check", *flags, "--expect", "-", stdin=wrong)
    assert result.out.startswith("First slip: h[19] at step 30: 2.000 printed")


def test_outputs_are_placed_by_the_names_beside_them() -> None:
    path = str(ROOT / "sample_configs" / "names.toml")
    written = rnncalc("run", path, "-f", "md", "--only", "y").out
    assert "**m 0.094**<br>c 0.082" in written

    swapped = written.replace("**m 0.094**", "m 0.082").replace("c 0.082", "c 0.094")
    result = rnncalc("check", path, "--expect", "-", stdin=swapped)

    assert result.out.startswith("First slip: y[c] at step 1: 0.094 printed, 0.082 is right")


@pytest.mark.parametrize("symbols", ["*|_", "$<`", "[]~", "\\#&", "a \u2019"])
def test_names_with_characters_that_markdown_takes_for_its_own_are_read(symbols: str) -> None:
    labels = json.dumps([*symbols], ensure_ascii=False)
    flags = ("--wxh", "1", "--whh", "0", "--x", "1", "--why", "1; 2; 3", "--labels", labels)
    written = rnncalc("run", *flags, "-f", "md").out

    # a, h and three y
    assert rnncalc("check", *flags, "--expect", "-", stdin=written).out == RIGHT.format(5)


def test_gradients_in_markdown_are_read_with_their_sums() -> None:
    path = str(ROOT / "sample_configs" / "gradient.toml")
    written = rnncalc("grad", path, "-f", "md").out
    assert "| sum |  |  |  |  |  |  | 1.250 | 1.000 |" in written

    assert rnncalc("check", path, "--expect", "-", stdin=written).out == RIGHT.format(26)
    wrong = written.replace("| 1.250 | 1.000 |", "| 1.260 | 1.000 |")
    result = rnncalc("check", path, "--expect", "-", stdin=wrong)
    assert result.out.startswith("First slip: dL/dW_xh: 1.260 printed, 1.250 is right")


TEXT = "# My homework\n\nHere it is | more or less:\n\n{}\n\nThat was all | of it.\n"


@pytest.mark.parametrize(
    ("table", "quantity", "count"),
    [
        ("| t | h |\n|---|---|\n| 1 | 0.537 |\n| 2 | 0.851 |\n| 3 | 0.952 |", (), 3),
        ("h_0\t| y\n:-: | --\n0.537 | 0.415\n0.851 | 0.541\n0.952 | 0.581", (), 6),
        ("|h[0]|\n|-|\n|.537|\n|?|\n|$0.952$|", (), 2),
        ("| $h_t$ | $y_t$ |\n|:--|--:|\n| `0.537` | **0.415** |\n|||\n| 0.952 | |", (), 3),
        ("| t | my state |\n|---|---|\n| 3 | 0.952 |\n| 1 | 0.537 |\n| 2 | 0.851 |", ("h",), 3),
        ("| note |\n|---|\n| none |\n\n| t | h |\n|---|---|\n| 2 | 0.851 |", (), 1),
    ],
)
def test_a_table_in_markdown_is_read_whatever_is_around_it(
    table: str, quantity: tuple[str, ...], count: int
) -> None:
    named = ("--quantity", *quantity) if quantity else ()
    result = rnncalc("check", *DOCUMENT, "--expect", "-", *named, stdin=TEXT.format(table))

    assert result.out == (RIGHT.format(count) if count > 1 else "The value is right.\n")


@pytest.mark.parametrize("titles", ["h[0] | h[1]", "h_1 | h_0", "out0 | out1"])
def test_columns_of_a_markdown_table_may_be_components(titles: str) -> None:
    rows = ["0.462 | 0.197", "−0.062 | 0.755"]
    if titles.startswith("h_1"):
        rows = [" | ".join(reversed(row.split(" | "))) for row in rows]
    table = "\n".join([titles, "--- | ---", *rows])
    named = ("--quantity", "h") if titles.startswith("out") else ()

    result = rnncalc("check", *VECTOR, "--expect", "-", *named, stdin=table)

    assert result.out == RIGHT.format(4)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("t | h\n--|--\n1 | 0,462<br>0.197", "line 3, h: '0,462' is not a number; a decimal has a point: 0.462"),
        ("t | h\n--|--\n1 | 0.462", "h: step 1 has 1 value, but H is 2, so every step needs 2"),
        ("t | h\n--|--\n1 | 0.462<br>0.197 | 3", "line 3 has 3 cells, but the header has 2"),
        ("t | h\n--|--\n1 | 0.462<br>0.197<br>0.3\n2 | ?", "h: step 1 has 3 values, but H is 2, so every step needs 2"),
        ("t | h[1] | h\n--|--|--\n1 | 0.2 | 0.462<br>0.197", "h[1] is one component, but other columns have all of theirs"),
        ("t | u\n--|--\n1 | 0.462", "none of its names (t, u) is a, h, o, y, or one of their components, such as h[0]"),
        ("t | h\n--|--\n", "has names of columns, but no row of values below them"),
    ],
)  # fmt: skip
def test_a_markdown_table_that_does_not_fit_is_refused(table: str, message: str) -> None:
    result = rnncalc("check", *VECTOR, "--expect", "-", stdin=table)

    assert result.err == f"Error: --expect: standard input: {message}\n"


PRINTS = """
wxh = '''tensor([[ 0.5000, -0.3000],
        [ 0.2000,  0.8000]], requires_grad=True)'''
whh = '''array([[ 0.6, -0.2],
       [ 0.1,  0.7]])'''
bh = '''[0. 0.]'''
x = '''[[1. 0.]
 [0. 1.]]'''
[expect]
h = '''[[ 0.462  0.197]
 [-0.062  0.755]]'''
a = ["[0.5 0.2]", "?"]
"""


def test_what_programs_print_is_read_as_a_string_of_a_toml_file() -> None:
    run = rnncalc("run", "-c", "-", "-f", "csv", stdin=PRINTS)

    assert run.out == rnncalc("run", *VECTOR, "--bh", "0 0", "-f", "csv").out
    assert rnncalc("check", "-c", "-", stdin=PRINTS).out == RIGHT.format(6)


@pytest.mark.parametrize(
    ("printed", "listed"),
    [
        (
            "x = '[1 2]'\n[[layers]]\nwxh = '[[1.]]'\nwhh = '[[.5]]'\n[layers.reverse]\nwxh = '[2]'\nwhh = 0",
            "x = [1, 2]\n[[layers]]\nwxh = [[1]]\nwhh = [[0.5]]\n[layers.reverse]\nwxh = [2]\nwhh = 0",
        ),
        (
            "x = 1\nwxh = 1\nwhh = 0\nwhy = 1\n[[dense]]\nwhy = '[[3.]]'\nby = '[1.]'\nactivation = 'relu'",
            "x = 1\nwxh = 1\nwhh = 0\nwhy = 1\n[[dense]]\nwhy = [[3]]\nby = [1]\nactivation = 'relu'",
        ),
        (
            "x = '[]['\nwxh = '[[1 2]]'\nwhh = 0\nvocabulary = '[]'\nembedding = '[[1. 2.] [3. 4.]]'",
            "x = '[]['\nwxh = [[1, 2]]\nwhh = 0\nvocabulary = '[]'\nembedding = [[1, 2], [3, 4]]",
        ),
    ],
    ids=["layers", "dense", "symbols"],
)  # fmt: skip
def test_prints_among_layers_and_symbols_are_read(printed: str, listed: str) -> None:
    found = rnncalc("run", "-c", "-", "-f", "csv", stdin=printed)

    assert (found.status, found.err) == (0, "")
    assert found == rnncalc("run", "-c", "-", "-f", "csv", stdin=listed)


def test_derivatives_and_gradients_of_a_toml_file_may_be_prints() -> None:
    toml = "wxh = 1\nwhh = 0\nx = [2, 3]\nactivation = 'linear'\ndh_output = '[1. ?]'\n"
    # the loss is h_1, and h_1 is 2 W_xh
    printed = "[expect]\ngradients = { wxh = '[[2.]]' }\n"

    assert rnncalc("check", "-c", "-", stdin=toml + printed).out == "The value is right.\n"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("'''[0. 0.]'''", '"0 0"', 'line 6: bh: "0 0" is not a number; write numbers without quotes'),
        ("'''[0. 0.]'''", '"[0. O.]"', "line 6: bh: 'O.' is not a number\n  [0. O.]\n      ^"),
        ("0.755", "0,755", "line 10: expect.h: line 2: commas and spaces both separate numbers here; a decimal has a point: 0.755\n   [-0.062  0,755]]\n    ^"),
        ("[[ 0.462", "[ 0.462", "line 10: expect.h: line 2: text after the closing bracket\n   [-0.062  0.755]]\n                  ^"),
    ],
)  # fmt: skip
def test_a_string_that_is_no_print_is_refused(old: str, new: str, message: str) -> None:
    assert old in PRINTS
    result = rnncalc("check", "-c", "-", stdin=PRINTS.replace(old, new))

    assert result.err.startswith(f"Error: standard input: {message}\n")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("--h", "−0.850 7.; −.5 −9.5e−1"), ""),
        (("--h", "[[−0.850, 7.], [−.5, −9.5e−1]]"), ""),
        (("--h", "@-"), "−0.850 7. # as printed\n−.5 −9.5e−1\n"),
        (("--expect", "-", "--quantity", "h"), "−0.850 7.\n−.5 −9.5e−1\n"),
        (("--expect", "-", "--quantity", "h"), "tensor([[−0.850, 7.],\n [−.5, −9.5e−1]])"),
        (("--expect", "-"), "“t”,“h0”,“h1”\n1,−0.850,7.\n2,“−.5”,−9.5e−1\n"),
        (("--expect", "-"), "t | h\n--|--\n1 | −0.850<br>7.\n2 | −.5<br>−9.5e−1\n"),
    ],
)
def test_json_has_what_was_printed_with_its_own_minus_sign(
    arguments: tuple[str, ...], text: str
) -> None:
    result = rnncalc("check", *VECTOR, *arguments, "-f", "json", stdin=text, encoding="ascii")
    values = json.loads(result.out)["figures"]

    assert [each["printed"] for each in values] == ["−0.850", "7.", "−.5", "−9.5e−1"]
    assert [each["decimals"] for each in values] == [3, 0, 1, 2]


@pytest.mark.parametrize("minus", ["-", "−"])
def test_a_minus_sign_is_no_digit(minus: str) -> None:
    # eleven digits: the right value, -tanh(0.5) = -0.46211715726..., is shown with as many
    given = ["--wxh=-0.5", "--whh", "0.3", "--x", "1", f"--h={minus}0.46311715726"]

    out = rnncalc("check", *given).out

    assert out.startswith("First slip: h[0] at step 1: −0.46311715726 printed, −0.46211715726 is")
