"""What is typed: the forms that mean the same, and the answers to typing mistakes."""

import json
from pathlib import Path

import pytest

from calling import rnncalc

TWO = ("--wxh", "0.1 0.2; 0.3 0.4", "--whh", "0.5 0; 0 0.5", "--x", "1 2; 3 4")
ONE = ("--wxh", "0.5", "--whh", "0.3")


def steps(*arguments: str, stdin: str = "") -> object:
    result = rnncalc("run", *arguments, "-f", "json", stdin=stdin)
    assert result.err == ""
    return json.loads(result.out)["steps"]


@pytest.mark.parametrize(
    "text", ["0.1 0.2; 0.3 0.4", "0.1,0.2;0.3,0.4", "[[0.1, 0.2], [0.3, 0.4]]"]
)
def test_a_matrix_in_every_form_is_the_same(text: str) -> None:
    assert steps("--wxh", text, *TWO[2:]) == steps(*TWO)


@pytest.mark.parametrize(
    "content", ["0.1,0.2\n0.3,0.4\n", "# H x D\n0.1 0.2;\n0.3 0.4", "0.1 0.2; 0.3 0.4"]
)
def test_a_matrix_from_a_file_is_the_same(content: str, tmp_path: Path) -> None:
    path = tmp_path / "wxh.csv"
    path.write_text(content)

    assert steps("--wxh", f"@{path}", *TWO[2:]) == steps(*TWO)


@pytest.mark.parametrize("content", ["1,2,3\n", "1\n2\n3\n", "1 2 3", "[1, 2, 3]"])
def test_a_sequence_of_numbers_from_a_file_is_one_per_step(content: str, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(content)

    assert steps(*ONE, "--x", f"@{path}") == steps(*ONE, "--x", "1,2,3")


def test_a_file_of_one_row_is_one_step_but_one_column_is_not(tmp_path: Path) -> None:
    row, column = tmp_path / "row", tmp_path / "column"
    row.write_text("1 2\n")
    column.write_text("1\n2\n")

    assert steps(*TWO[:4], "--x", f"@{row}") == steps(*TWO[:4], "--x", "1 2;")
    assert rnncalc("run", *TWO[:4], "--x", f"@{column}").err.startswith(
        f"Error: --x: {column}: a flat list of 2 numbers, one per step, but wxh has 2 columns"
    )


def test_a_flat_list_is_a_row_or_a_column_if_only_one_of_them_fits() -> None:
    column = steps(
        "--wxh", "1 2", "--whh", "0 0; 0 0", "--why", "1 1", "--x", "1", "--activation", "linear"
    )
    row = steps(
        "--wxh", "1 2", "--whh", "0", "--why", "1 3", "--x", "1 1;", "--activation", "linear"
    )

    assert [s["h"] for s in column] == [[1.0, 2.0]]  # type: ignore[attr-defined]
    assert [s["o"] for s in column] == [[3.0]]  # type: ignore[attr-defined]
    assert [s["h"] for s in row] == [[3.0]]  # type: ignore[attr-defined]
    assert [s["o"] for s in row] == [[3.0, 9.0]]  # type: ignore[attr-defined]


def test_flags_override_the_file_and_the_file_overrides_the_defaults() -> None:
    toml = "wxh = 0.5\nwhh = 0.3\nbh = 7\nh0 = 0.25\nx = [1, 2, 3]\n"

    assert steps("-c", "-", "--bh", "0.1", stdin=toml) == steps(
        *ONE, "--bh", "0.1", "--h0", "0.25", "--x", "1,2,3"
    )


def test_run_ignores_the_values_that_check_reads() -> None:
    toml = "wxh = 0.5\nwhh = 0.3\nx = 1\n[expect]\nh = ['?']\n"

    assert steps("-c", "-", stdin=toml) == steps(*ONE, "--x", "1")


@pytest.mark.parametrize(
    "arguments", [TWO, (*ONE, "--x", "-1,2e-300", "--why", "1;2", "--h0", "0.1")]
)
def test_the_shown_configuration_runs_again_to_the_same_values(arguments: tuple[str, ...]) -> None:
    shown = rnncalc("run", *arguments, "--show-config").out

    assert steps("-c", "-", stdin=shown) == steps(*arguments)
    assert rnncalc("run", "-c", "-", "--show-config", stdin=shown).out == shown


def test_the_last_state_of_one_half_starts_the_other() -> None:
    first = steps(*ONE, "--x", "1 2")
    second = steps(*ONE, "--x", "3 4", "--h0", json.dumps(first[-1]["h"], indent=2))  # type: ignore[index]

    whole = steps(*ONE, "--x", "1 2 3 4")
    assert [s["h"] for s in [*first, *second]] == [s["h"] for s in whole]  # type: ignore[attr-defined,misc]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            (*ONE, "--x", "1", "2", "3"),
            """--x: '2' follows its value; quote a list: --x "1 2 3\"""",
        ),
        (
            (*ONE, "--x", "1", "-2", "3"),
            """--x: '-2' follows its value; quote a list: --x "1 -2 3\"""",
        ),
        (
            (*ONE, "--x", "1,", "2", "--bh", "1"),
            """--x: '2' follows its value; quote a list: --x "1, 2\"""",
        ),
        (
            ("--wxh", "0.5 -0.3", "-0.2 0.8", "--whh", "1 2", "3 4", "--x", "1"),
            """--wxh: '-0.2 0.8' follows its value; quote a list: --wxh "0.5 -0.3; -0.2 0.8\"""",
        ),
        (
            ("--wxh", "1,2,", "3,4", "-fcsv"),
            """--wxh: '3,4' follows its value; quote a list: --wxh "1,2; 3,4\"""",
        ),
        (
            ("--wxh", "1 2", "3"),
            """--wxh: '3' follows its value; quote a list: --wxh "1 2 3\"""",
        ),
        (("--by-hand", "hw.tml"), "hw.tml: there is no such file"),
        ((*ONE, "--x", "1", "a/b"), "a/b: there is no such file"),
        ((f"{'a' * 5000}.tml",), f"{'a' * 199}…: there is no such file"),
        (("no/where.pt",), "no/where.pt: there is no such file"),
        ((*ONE, "--x", "1", "2/3"), """--x: '2/3' follows its value; quote a list: --x "1 2/3\""""),
        (("--temp", "0.7"), "unknown flag '--temp'; did you mean '--temperature'?"),
        (("--gen=7",), "unknown flag '--gen=7'; did you mean '--generate'?"),
        (("--st", "1"), "unknown flag '--st'; did you mean '--stop'?"),
        ((*ONE, "--x", "1", "-p", "two"), "--precision: 'two' is not a whole number from 0 to 17"),
        ((*ONE, "--x", "1", "-p18"), "--precision: '18' is not a whole number from 0 to 17"),
        (("--wxh", "--x", "1"), "--wxh: its value is missing: '--x' is the next flag"),
        ((*ONE, "--x", "1", "--x", "2"), "--x: given 2 times; once is enough"),
        (("-c", "a", "-c", "b"), "-c: given 2 times; once is enough"),
        (("--whx", "1"), "unknown flag '--whx'; did you mean '--wxh'?"),
        (("-wxh", "1"), "unknown flag '-wxh'; did you mean '--wxh'?"),
        (
            ("--output_activation", "relu"),
            "unknown flag '--output_activation'; did you mean '--output-activation'?",
        ),
        (("-c", ""), "-c: its value is empty"),
        ((*ONE, "--x", "@"), "--x: @ needs the name of a file, as in --x @numbers.csv"),
        ((*ONE, "--x", "1", "--", "3"), "unexpected argument '3'; --help lists the flags"),
        ((*ONE, "--x", "1e-400"), "--x: 1e-400 is below the smallest float, 5e-324\n  1e-400\n  ^"),
        (
            (*ONE, "--x", "1", "-f", "csv", "--format=json"),
            "--format: given 2 times; once is enough",
        ),
        ((*ONE, "--x", "1", "-fjson", "-fcsv"), "--format: given 2 times; once is enough"),
        (("a.toml", "b.TOML"), "unexpected argument 'b.TOML': 2 TOML files; name one file"),
        (("-c", "a", "b.toml"), "unexpected argument 'b.toml': -c a is given; name one file"),
        (("--U", "1"), "unknown flag '--U'; U, W and V are called --wxh, --whh and --why here"),
        (
            ("--bias_hh", "1"),
            "unknown flag '--bias_hh'; it is called --bhh here",
        ),
        (("--kernel", "1"), "unknown flag '--kernel'; its transpose is called --wxh here"),
        (
            ("--wxh", "0,5", "--whh", "0.3", "--x", "1"),
            '--x: a single number, one per step, but wxh has 2 columns, so every step needs 2; separate the steps, as in "1 2; 3 4" ("1 2;" is one step); if 0,5 in wxh is one number, type 0.5',
        ),
        (
            (*ONE, "--x", "1", "--bh", "0,1"),
            "--bh: 2 values, but whh is 1 x 1, so bh needs 1; if 0,1 in bh is one number, type 0.1",
        ),
        ((*ONE, "--x", "[[[1], [2]], [[3], [4]]]"), "--x: x has 2 sequences of 2 steps; give one"),
        (
            (
                "--wxh",
                "1;2;3",
                "--whh",
                "1 0 0;0 1 0;0 0 1",
                "--x",
                "1",
                "--why",
                "1 2;3 4;5 6",
                "--by",
                "1 2",
            ),
            "--why: 3 x 2, but whh is 3 x 3, so why needs 3 columns; its transpose would fit (for x W, as Keras writes it)",
        ),
        (
            (*ONE, "--x", "1", "--bh", "1 2; 3 4"),
            '--bh: a list of rows, but bh is one flat list of numbers, as in "0.1 0.2"',
        ),
        (
            ("--wxh", "0,5", "--whh", "0,3", "--x", "1"),
            '--whh: one flat list of 2 numbers, but whh is square; separate its rows, as in "0.1 0.2; 0.3 0.4"; if 0,5 in wxh is one number, type 0.5',
        ),
        (("--zzz",), "unknown flag '--zzz'; --help lists them"),
        (("-by-hand",), "unknown flag '-by-hand'; did you mean '--by-hand'?"),
        (("-bh", "1"), "unknown flag '-bh'; did you mean '--bh'?"),
        (("-h0=1",), "unknown flag '-h0=1'; did you mean '--h0'?"),
        ((*ONE, "--x", "1", "-plot"), "unknown flag '-plot'; did you mean '--plot'?"),
        ((*ONE, "--x", "1", "-format", "csv"), "unknown flag '-format'; did you mean '--format'?"),
        (
            (*ONE, "--x", "1", "--h0", "-inf"),
            "--h0: '-inf' is not a number; only finite numbers are\n  -inf\n  ^",
        ),
        (
            ("--wxh", "1", "--whh", "0", "--x", "0,5 1,5"),
            '--x: commas and spaces both separate numbers here; a decimal has a point: 0.5 1.5; rows are separated by ;, as in "0 5; 1 5"\n  0,5 1,5\n  ^',
        ),
        (("1",), "unexpected argument '1'; --help lists the flags"),
        (("\x1b[31m",), "unexpected argument '\\x1b[31m'; --help lists the flags"),
        ((*ONE, "--x", "1 x"), "--x: 'x' is not a number\n  1 x\n    ^"),
        ((*ONE, "--x", "[red]\x1b[0m"), "--x: 'red' is not a number\n  [red]?[0m\n   ^"),
        ((*ONE, "--x", ""), "--x: its value is empty"),
        (
            (*ONE, "--x", "1", "--activation", "softmax"),
            "--activation: softmax is for the output only; use --output-activation softmax",
        ),
        (
            ("--wxh", "0.5"),
            '--whh and --x are missing; type for example --whh "0.3" --x "1 2 3", or name a file with -c (rnncalc init prints one)',
        ),
    ],
)
def test_a_typing_mistake_is_answered_with_what_to_type(
    arguments: tuple[str, ...], message: str
) -> None:
    result = rnncalc("run", *arguments)

    assert result.err == f"Error: {message}\n"
    assert (result.status, result.out) == (2, "")


@pytest.mark.parametrize(
    "arguments",
    [
        ("rnu",),
        ("run", "-f", "xml"),
        ("run", "-p", "99"),
        ("run", "-p", "x"),
        ("run", "-c"),
        ("init", "\x1b[31m"),
        ("\x1b[31m",),
    ],
)
def test_a_usage_error_is_one_line_without_control_characters(arguments: tuple[str, ...]) -> None:
    result = rnncalc(*arguments)

    assert result.status == 2
    assert result.out == ""
    assert result.err.startswith("Error: ")
    assert result.err[:-1].isprintable()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--wxh 0.5 --whh 0.3", "'--wxh': a command comes first: rnncalc run --wxh ..."),
        ("-c model.toml", "'-c': a command comes first: rnncalc run -c ..."),
        ("model.toml", "'model.toml': a command comes first: rnncalc run model.toml"),
    ],
)
def test_a_missing_command_is_named(words: str, message: str) -> None:
    result = rnncalc(*words.split())

    assert (result.status, result.out, result.err) == (2, "", f"Error: {message}\n")


@pytest.mark.parametrize("name", ["model.toml", "MODEL.TOML"])
def test_a_toml_file_needs_no_flag(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text("wxh = 0.5\nwhh = 0.3\nx = [1, 2, 3]\n")

    assert steps(str(path)) == steps(*ONE, "--x", "1 2 3")
    assert steps("--x", "1", str(path)) == steps(*ONE, "--x", "1")
    assert rnncalc("check", str(path), "--h", "0.462 0.814 0.941").status == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("--x", "“1", "2", "3”"),
        ("--x", "“1 2 3”"),
        ("--x=“1", "2", "3”"),
        ("--x", "„1,2,3“"),
        ("--x", "1 2 3", "--activation", "“Tanh”"),
    ],
)
def test_typographic_quotes_are_quotes(arguments: tuple[str, ...]) -> None:
    assert steps(*ONE, *arguments) == steps(*ONE, "--x", "1 2 3")


def test_typographic_quotes_and_minus_signs_are_read_in_toml() -> None:
    toml = "wxh = −0.5\nwhh = 0.3\nx = [1, −2]\nactivation = “relu” # the author’s choice\n"

    assert steps("-c", "-", stdin=toml) == steps(
        "--wxh", "-0.5", "--whh", "0.3", "--x", "1 -2", "--activation", "relu"
    )


def test_typographic_quotes_in_the_text_of_a_comment_are_left_alone() -> None:
    toml = "wxh = 0.5 # “half” it’s\nwhh = 0.3\nx = 1\nactivation = 'relu'\n"

    assert rnncalc("run", "-c", "-", stdin=toml).status == 0


@pytest.mark.parametrize(("short", "long"), [("md", "markdown"), ("tex", "latex")])
def test_a_format_may_have_a_short_name(short: str, long: str) -> None:
    run = ("run", *ONE, "--x", "1")
    assert rnncalc(*run, "-f", short) == rnncalc(*run, "-f", long)


@pytest.mark.parametrize(
    ("vectors", "notes"),
    [
        (("--bh", "1; 2"), ["--bh: 2 x 1, read as a vector"]),
        (("--bh", "[[1, 2]]"), ["--bh: 1 x 2, read as a vector"]),
        (
            ("--bh", "1\n2", "--h0", "tensor([[[0., 0.]]])"),
            ["--h0: 1 x 1 x 2, read as a vector"],
        ),
    ],
)
def test_a_row_or_a_column_is_a_vector_and_a_note_says_so(
    vectors: tuple[str, ...], notes: list[str]
) -> None:
    result = rnncalc("run", *TWO, *vectors, "-f", "csv")

    assert result.err == "".join(f"Note: {note}\n" for note in notes)
    assert result.out == rnncalc("run", *TWO, "--bh", "1 2", "-f", "csv").out


def test_fractions_are_read_as_the_nearest_number() -> None:
    arguments = ("--wxh", "1/2", "--whh", "3/10", "--x", "-1/3 7. .5")
    assert steps(*arguments) == steps(*ONE, "--x", "-0.3333333333333333 7 0.5")


@pytest.mark.parametrize("name", ["ReLU", "RELU", "Relu"])
def test_an_activation_may_be_written_in_any_case(name: str) -> None:
    assert steps(*ONE, "--x", "1", "--activation", name) == steps(
        *ONE, "--x", "1", "--activation", "relu"
    )


def test_a_file_that_is_not_there_is_named_with_the_one_most_like_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "homework.toml").write_text("wxh = 0.5\nwhh = 0.3\nx = 1\n")
    (tmp_path / "notes.md").write_text("")
    (tmp_path / "m.pth").write_text("")
    (tmp_path / "h.csv").write_text("")
    monkeypatch.chdir(tmp_path)

    meant = "; did you mean 'homework.toml'?\n"
    unread = f"cannot be read: No such file or directory{meant}"
    assert (
        rnncalc("run", "homework.tml").err == f"Error: homework.tml: there is no such file{meant}"
    )
    assert rnncalc("run", "homewrk.toml").err == f"Error: homewrk.toml: {unread}"
    assert rnncalc("run", "-c", "homework.tom").err == f"Error: homework.tom: {unread}"
    assert rnncalc("weights", "n.pth").err == (
        "Error: n.pth cannot be read: No such file or directory; did you mean 'm.pth'?\n"
    )
    assert rnncalc("run", "notes.md").err == (
        "Error: unexpected argument 'notes.md'; if it is TOML, type -c notes.md\n"
    )
    assert rnncalc("run", "m.pth").err == (
        "Error: unexpected argument 'm.pth'; type --weights m.pth\n"
    )
    unexpected = "Error: unexpected argument 'h.csv'; "
    assert rnncalc("run", "homework.toml", "h.csv").err == (
        f"{unexpected}the numbers of a file are --x @h.csv\n"
    )
    assert rnncalc("check", "homework.toml", "h.csv").err == (
        f"{unexpected}printed values are --expect h.csv\n"
    )
    above = f"{tmp_path}/homewok.tml"
    assert rnncalc("run", above).err == (
        f"Error: {above}: there is no such file; did you mean '{tmp_path}/homework.toml'?\n"
    )


def test_an_invisible_name_is_shown_as_its_codes() -> None:
    err = rnncalc("run", "-c", "\u3164\u2800\ufe0f.toml").err

    assert err == "Error: \\u3164\\u2800\\ufe0f.toml: cannot be read: No such file or directory\n"
