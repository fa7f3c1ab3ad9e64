"""`rnncalc check`: what is typed, what comes out, and the exit status."""

import json
from pathlib import Path
from typing import Any

import pytest

from calling import DOCUMENT, ROOT, rnncalc

PRINTED = str(ROOT / "sample_configs" / "document_as_printed.toml")
PUBLISHED = ROOT / "tests" / "published"


def marked(*arguments: str, stdin: str = "") -> dict[str, Any]:
    result = rnncalc("check", *arguments, "-f", "json", stdin=stdin)
    assert result.err == ""
    found: dict[str, Any] = json.loads(result.out)
    return found


def test_the_documents_values_are_marked_as_the_issue_says() -> None:
    found = marked("-c", PRINTED)

    values = found["figures"]
    assert {f["where"]: f["verdict"] for f in values} == {
        "h[0][0]": "ok",
        "h[1][0]": "slip",
        "h[2][0]": "ok",
        "y[0][0]": "ok",
        "y[1][0]": "carried",
        "y[2][0]": "ok",
    }
    slip = next(f for f in values if f["verdict"] == "slip")
    assert list(slip) == [
        "where",
        "step",
        "component",
        "printed",
        "decimals",
        "right",
        "from_printed",
        "verdict",
        "consistent_with",
    ]
    assert (slip["step"], slip["component"]) == (2, 0)
    assert (slip["printed"], slip["decimals"]) == ("0.850", 3)
    assert slip["right"] == pytest.approx(0.8513711765929612, rel=1e-15)
    assert found["counts"] == {"ok": 4, "carried": 1, "cut": 0, "slip": 1}
    assert found["first_wrong"] == "h[1][0]"
    assert found["consistent_with"] == []


def test_a_reader_sees_the_first_slip_first_and_what_is_right_beside_it() -> None:
    result = rnncalc("check", "-c", PRINTED)

    assert result.out.splitlines()[0].startswith(
        "First slip: h[0] at step 2: 0.850 printed, 0.851 is right"
    )
    assert "tanh(1.261) ≈ 0.851" in result.out
    assert result.out.splitlines()[-1] == "4 ok, 1 carried, 0 cut, 1 slip"
    assert result.status == 1


def test_all_right_is_status_0() -> None:
    assert rnncalc("check", "-c", str(PUBLISHED / "ghassem_relu_scalar.toml")).status == 0


@pytest.mark.parametrize("output_format", ["json", "jsonl", "csv"])
def test_our_own_output_is_all_right_whatever_its_format(
    output_format: str, tmp_path: Path
) -> None:
    path = tmp_path / "run"
    path.write_text(rnncalc("run", *DOCUMENT, "-f", output_format).out)

    assert marked(*DOCUMENT, "--expect", str(path))["counts"] == {
        "ok": 12,
        "carried": 0,
        "cut": 0,
        "slip": 0,
    }
    assert rnncalc("check", *DOCUMENT, "--expect", "-", stdin=path.read_text()).status == 0


def test_a_plain_list_of_rows_needs_to_be_told_what_it_is() -> None:
    rows = "0.537\n0.851\n0.952\n"

    assert rnncalc("check", *DOCUMENT, "--expect", "-", "--quantity", "h", stdin=rows).status == 0
    assert rnncalc("check", *DOCUMENT, "--expect", "-", stdin=rows).err == (
        "Error: --expect: standard input: is a plain list of rows; say of what, for example --quantity h\n"
    )


def test_a_given_tolerance_replaces_rounding() -> None:
    assert rnncalc("check", "-c", PRINTED, "--atol", "0.002").status == 0
    assert rnncalc("check", "-c", PRINTED, "--rtol", "1e-4").status == 1


def test_a_whole_run_with_one_mistake_is_named() -> None:
    right = ("--wxh", "0.5 -0.3; 0.2 0.8", "--whh", "0.6 -0.2; 0.1 0.7", "--x", "1 0; 0 1; 1 1")
    transposed = ("--whh", "0.6 0.1; -0.2 0.7")
    port = rnncalc("run", *right[:2], *transposed, *right[4:], "-f", "jsonl", "--only", "h").out

    found = marked(*right, "--expect", "-", stdin=port)

    assert [cause["id"] for cause in found["consistent_with"]] == ["whh-transposed"]


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("", "standard input: is empty"),
        (
            "wxh = 1\nwhh = 1\nx = [1]\n",
            'there are no values to check; type for example --h "0.537 0.851", write them under [expect] in the file of -c, h = [0.537, 0.851], or name a file with --expect',
        ),
        (
            "wxh = 1\nwhh = 1\nx = [1]\nexpect = 3\n",
            "standard input: line 4: expect is a table: [expect], and below it h = [...]",
        ),
        (
            "wxh = 1\nwhh = 1\nx = [1]\n[expect]\nh = [1, 2]\n",
            'standard input: line 5: expect.h: 2 steps, but x has 1; "?" stands for a step that was not printed',
        ),
        (
            "wxh = 1\nwhh = 1\nx = [1]\n[expect]\nH = [1]\n",
            "standard input: line 5: expect.H: unknown key; did you mean 'h'?",
        ),
        (
            "wxh = 1\nwhh = 1\nx = [1]\n[expect]\ny = [1]\n",
            "standard input: line 5: expect.y: is an output, but no why is given, so there is no output",
        ),
        (
            "wxh = 1\nwhh = 1\nx = [1]\n[expect]\nh = ['a']\n",
            "standard input: line 5: expect.h: step 1, value 1: 'a' is not a number; write \"?\" for none",
        ),
    ],
)
def test_wrong_input_is_status_2(toml: str, message: str) -> None:
    result = rnncalc("check", "-c", "-", stdin=toml)

    assert (result.status, result.out, result.err) == (2, "", f"Error: {message}\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--expect", "/nonexistent"),
            "--expect: /nonexistent: cannot be read: No such file or directory",
        ),
        (
            ("--quantity", "h"),
            "--quantity: says what the values of --expect FILE are; there is no --expect",
        ),
        (
            ("--expect", "-", "--quantity", "z"),
            "--quantity: unknown quantity 'z'; known are a, h, o, y",
        ),
        (("--rtol", "inf"), "--rtol: 'inf' is not a number; only finite numbers are"),
        (("--atol", "0,001"), "--atol: '0,001' is not a number; a decimal has a point: 0.001"),
        (("--atol", "-1"), "--atol: '-1' is negative; at least 0 is needed"),
        (
            ("--h", "1 2 3", "--y", "1 2 3", "--expect", "-"),
            "--h and --y: cannot be combined with --expect; give all values in one place",
        ),
        (("--h", "1 2"), '--h: 2 steps, but x has 3; "?" stands for a step that was not printed'),
        (("--h", "1 2 x"), "--h: 'x' is not a number\n  1 2 x\n      ^"),
        (
            ("--h", "1/2 2 3"),
            "--h: '1/2' is a fraction; a printed value is a decimal\n  1/2 2 3\n  ^",
        ),
        (("--h", "1 2 3", "--h", "1"), "--h: given 2 times; once is enough"),
        (("--steps", "4", "--h", "1"), "--steps: '4': there are 3 steps"),
        (("--steps", "2:", "--h", "1 2 3"), "--h: 3 steps, but --steps selects 2"),
        (
            ("--x", "-", "--h", "-"),
            "--x - and --h -: standard input can be only one of them; name a file",
        ),
        (("--expct", "x"), "unknown flag '--expct'; did you mean '--expect'?"),
    ],
)
def test_what_cannot_be_checked_is_reported(arguments: tuple[str, ...], message: str) -> None:
    result = rnncalc("check", "-c", PRINTED, *arguments, stdin="1\n2\n3\n")

    assert (result.status, result.out, result.err) == (2, "", f"Error: {message}\n")


def test_the_steps_of_a_file_are_placed_by_their_t() -> None:
    run = ("run", *DOCUMENT, "-f")
    whole = rnncalc(*run, "csv").out.splitlines()
    backwards = "\n".join([whole[0], *whole[:0:-1]])
    last = rnncalc(*run, "jsonl", "--steps", "2:").out

    assert rnncalc("check", *DOCUMENT, "--expect", "-", stdin=backwards).status == 0
    since = ("--expect", "-", "--steps", "2:")
    assert marked(*DOCUMENT, *since, stdin=last)["counts"]["ok"] == 8
    result = rnncalc("check", *DOCUMENT, "--expect", "-", "-f", "json", stdin=last)
    assert json.loads(result.out)["counts"]["ok"] == 8
    assert rnncalc("check", *DOCUMENT, "--expect", "-", stdin="t,h[0]\n1,0.5\n1,0.5\n").err == (
        "Error: --expect: standard input: the t of its steps are not 1, 2, 3 and so on, each at most once\n"
    )
    assert rnncalc("check", *DOCUMENT, "--expect", "-", stdin="t,h[0]\nx,0.5\n").err == (
        "Error: --expect: standard input: t is 'x', but steps are counted 1, 2, 3 and so on\n"
    )


@pytest.mark.parametrize(
    "text", ["1e-99999999999999999999", "1e-100000000", "0e-99999999", "1e-400"]
)
def test_a_value_that_no_float_is_near_is_refused(text: str) -> None:
    result = rnncalc(
        "check", "-c", "-", stdin=f"wxh = 1\nwhh = 1\nx = [1]\n[expect]\nh = [{text}]\n"
    )

    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("Error: standard input: line 5: expect.h: step 1, value 1: ")
    table = rnncalc("check", *DOCUMENT, "--expect", "-", stdin=f"t,h[0]\n1,{text}\n")
    assert table.err.startswith("Error: --expect: standard input: h: step 1, value 1: ")


def test_a_field_that_is_too_long_for_csv_is_refused() -> None:
    result = rnncalc("check", *DOCUMENT, "--expect", "-", stdin="t,h[0]\n1," + "1" * 200_000)

    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("Error: --expect: standard input: line 2: is not CSV: ")


def test_values_as_large_as_floats_cause_no_traceback() -> None:
    result = rnncalc(
        "check", "-c", "-", stdin="wxh=1\nwhh=1\nwhy=-1\nx=[-1e308]\n[expect]\na=[0.462]\n"
    )

    assert (result.status, result.err) == (1, "")


def test_the_json_of_check_can_be_written_in_every_encoding() -> None:
    toml = "wxh = [[0.5, 0.5]]\nwhh = 0.5\nx = [[1, 1]]\n[expect]\na = [0.5]\n"

    assert rnncalc("check", "-c", "-", "-f", "json", stdin=toml, encoding="ascii").out.isascii()


def test_the_working_of_a_slip_continues_from_its_authors_values() -> None:
    arguments = ("--wxh", "0.5", "--whh", "0.3", "--bh", "0.1", "--x", "1 2 3", "--expect", "-")

    result = rnncalc("check", *arguments, stdin="h\n0.587\n0.858\n0.947\n")

    # tanh(0.6) = 0.5370; tanh(1.2761) = 0.8554 and not 0.8514; tanh(1.8574) = 0.9525
    below = result.out.partition("─\n")[2].splitlines()[:-2]
    assert [line.split("  ")[-1].strip() for line in below] == [
        "no known single mistake explains this",
        "0.5 × 1 + 0.3 × 0 + 0.1 = 0.600",
        "tanh(0.6) ≈ 0.537",
        "perhaps tanh misread by 3 units of the last digit",
        "from the values before it:",
        "0.5 × 2 + 0.3 × 0.587 + 0.1 ≈ 1.276",
        "tanh(1.276) ≈ 0.855",
        "perhaps tanh misread by 5 units of the last digit",
        "0.5 × 3 + 0.3 × 0.858 + 0.1 ≈ 1.857",
        "tanh(1.857) ≈ 0.952",
    ]


def test_only_the_first_value_that_is_not_a_number_is_a_slip() -> None:
    port = "t,h[0],y[0]\n1,0.537,0.415\n2,nan,nan\n3,-nan,0.581\n"

    found = marked(*DOCUMENT, "--expect", "-", stdin=port)

    assert {m["where"]: m["verdict"] for m in found["figures"]} == {
        "h[0][0]": "ok",
        "y[0][0]": "ok",
        "h[1][0]": "slip",
        "y[1][0]": "carried",
        "h[2][0]": "carried",
        "y[2][0]": "ok",
    }
    assert [cause["id"] for cause in found["figures"][2]["consistent_with"]] == ["no-number"]
    assert found["consistent_with"] == []
    table = rnncalc("check", *DOCUMENT, "--expect", "-", stdin=port)
    assert table.status == 1
    assert "follows from one that is not a number" in table.out


def test_what_is_not_checked_is_reported() -> None:
    port = "t,x,h,hidden[0],hidden[1],u,v,w\n1,1,0.537,1,1,1,1,1\n2,2.5,0.851,1,1,1,1,1\n"

    result = rnncalc("check", *DOCUMENT, "--expect", "-", stdin=port)

    assert result.status == 0
    assert result.err == (
        "Note: --expect: standard input: hidden[0], hidden[1], u, v and 1 more ignored; "
        "the values to check are called a, h, o or y, or h[0], h[1] ...\n"
        "Note: --expect: standard input: step 3 is not in the file; it was not checked\n"
        "Note: --expect: standard input: x[0] at step 2 is 2.5, but 2 in this run\n"
    )
    for exact in ("1,1.0000001,0.537", "1,1.00,0.537"):  # in float32, or rounded
        assert (
            rnncalc(
                "check", *DOCUMENT, "--expect", "-", "--steps", "1", stdin=f"t,x,h\n{exact}\n"
            ).err
            == ""
        )


def test_with_a_tolerance_the_largest_difference_is_reported() -> None:
    port = "h\n0.53705\n0.85137\n0.95226\n"  # right are 0.5370496, 0.8513712 and 0.9522530

    table = rnncalc("check", *DOCUMENT, "--expect", "-", "--atol", "1e-4", stdin=port)
    found = marked(*DOCUMENT, "--expect", "-", "--atol", "1e-4", stdin=port)

    assert table.out == (
        "All 3 values are right.\nThe largest difference is 7e-06, h[0] at step 3\n"
    )
    assert found["largest_difference"]["where"] == "h[2][0]"
    assert found["largest_difference"]["size"] == pytest.approx(7.0e-6, rel=0.01)
    assert "largest" not in rnncalc("check", *DOCUMENT, "--expect", "-", stdin=port).out


@pytest.mark.parametrize(
    ("stdin", "arguments", "last"),
    [
        ("h\n0e400\n", ("--atol", "1e-3"), "0 ok, 0 carried, 0 cut, 1 slip"),
        (f"h\n0.762e{'0' * 700}\n", (), "The value is right."),
        (f"h\n0.762e{'0' * 4400}\n", (), "has 4404 digits; at most 800 are read"),
        (f"t,h[{'0' * 4500}]\n1,0.762\n", (), "is a, h, o, y"),
        (f'{{"h": [{"1" * 700}]}}', (), "is not a finite number"),
    ],
)
def test_absurd_values_are_read_or_refused(
    stdin: str, arguments: tuple[str, ...], last: str
) -> None:
    network = ("--wxh", "1", "--whh", "1", "--x", "1")

    result = rnncalc("check", *network, "--expect", "-", *arguments, stdin=stdin)

    assert last in (result.out + result.err).splitlines()[-1]


def test_a_value_that_follows_from_one_too_large_has_no_working() -> None:
    toml = 'wxh=1\nwhh=2\nx=[1,0.5]\nactivation="linear"\n[expect]\na=["?",1]\nh=[1e308,"?"]\n'

    result = rnncalc("check", "-c", "-", stdin=toml)

    assert (result.status, result.err) == (1, "")


@pytest.mark.parametrize(
    ("port", "note"),
    [
        ("t,h\n1,0.537\n2,\n3,\n", "2 cells are empty; nothing is checked there"),
        ("t,x[0],x[1],h\n1,1,1,0.537\n2,1,1,?\n3,1,1,?\n", "its x is not 3 x 1, as in this run"),
        ('{"x": [1, 2], "h": [0.537, 0.851, 0.952]}', "its x is not 3 x 1, as in this run"),
    ],
)
def test_what_cannot_be_judged_is_reported(port: str, note: str) -> None:
    result = rnncalc("check", *DOCUMENT, "--expect", "-", stdin=port)

    assert (result.status, result.err) == (0, f"Note: --expect: standard input: {note}\n")


@pytest.mark.parametrize(
    ("steps", "missing"),
    [
        ("1 2 3 4", "steps 5 and 6 are not in the file; they were not checked"),
        ("1 2 3 4 5", "step 6 is not in the file; it was not checked"),
        ("1 2", "steps 3 to 6 are not in the file; they were not checked"),
        ("6 3", "steps 1, 2, 4 and 5 are not in the file; they were not checked"),
        ("4", "steps 1 to 3, 5 and 6 are not in the file; they were not checked"),
    ],
)
@pytest.mark.parametrize("format_", ["csv", "jsonl"])
def test_steps_missing_from_a_file_are_named(steps: str, missing: str, format_: str) -> None:
    problem = ("--wxh", "0.5", "--whh", "0.3", "--x", "1 2 3 4 5 6")
    head, *rows = rnncalc("run", *problem, "-f", "csv").out.splitlines()
    chosen = [rows[int(t) - 1] for t in steps.split()]
    short = "\n".join([head, *chosen])
    if format_ == "jsonl":
        lines = rnncalc("run", *problem, "-f", "jsonl").out.splitlines()
        short = "\n".join(lines[int(t) - 1] for t in steps.split())

    result = rnncalc("check", *problem, "--expect", "-", "--float32", stdin=short)

    assert (result.status, result.err) == (0, f"Note: --expect: standard input: {missing}\n")


def test_steps_that_were_not_asked_for_are_not_missing() -> None:
    run = rnncalc("run", *DOCUMENT, "-f", "csv").out.splitlines()
    short = "\n".join(run[:3])

    check = ("check", *DOCUMENT, "--expect", "-")
    assert rnncalc(*check, "--steps", "1-2", stdin=short).err == ""
    assert rnncalc(*check, "--steps", "2-3", stdin=short).err == (
        "Note: --expect: standard input: step 3 is not in the file; it was not checked\n"
    )
    # of an array with a name for its column, as well
    assert rnncalc(*check, "--quantity", "h", stdin="t,state\n1,0.537\n3,0.952\n").err == (
        "Note: --expect: standard input: step 2 is not in the file; it was not checked\n"
    )


def test_of_many_gaps_in_a_file_one_is_named() -> None:
    problem = ("--wxh", "0.5", "--whh", "0.3", "--x", ",".join(["1"] * 20))
    head, *rows = rnncalc("run", *problem, "-f", "csv").out.splitlines()
    short = "\n".join([head, *rows[::2]])

    assert rnncalc("check", *problem, "--expect", "-", stdin=short).err == (
        "Note: --expect: standard input: 10 steps, such as 2, are not in the file; they were not checked\n"
    )


def test_x_is_not_a_value_of_expect() -> None:
    toml = "wxh=1\nwhh=1\nx=[1]\n[expect]\nx=[1]\nh=[0.76]\n"

    assert rnncalc("check", "-c", "-", stdin=toml).err == (
        "Error: standard input: line 4: expect.x: unknown key; known are a, h, o, y\n"
    )


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (("--h", "0.537 0.850 ?", "--y", "? ? 0.581"), ["0.537", "0.850", "0.581"]),
        (("--h", "[0.537, 0.850, ?]", "--y", "[?, ?, 0.581]"), ["0.537", "0.850", "0.581"]),
        (("--h", "−.537; 0.850; ?"), ["−.537", "0.850"]),
        (("--h", "tensor([[0.5370], [0.8500], [1.]])"), ["0.5370", "0.8500", "1."]),
        (("--steps", "-1", "--h", "0.952", "--y", "0.581"), ["0.952", "0.581"]),
        (("--steps", "2-3", "--h", "0.851 0.952"), ["0.851", "0.952"]),
        (("--a", "0.6 ? ?", "--o", "0.415 ? ?"), ["0.6", "0.415"]),
    ],
)
def test_values_may_be_given_without_a_file(arguments: tuple[str, ...], printed: list[str]) -> None:
    found = marked(*DOCUMENT, *arguments)

    assert [value["printed"] for value in found["figures"]] == printed


def test_a_flag_overrides_that_quantity_of_the_file() -> None:
    found = marked("-c", PRINTED, "--h", "0.537 0.851 0.952")

    assert [f["printed"] for f in found["figures"] if f["where"].startswith("h")] == [
        "0.537",
        "0.851",
        "0.952",
    ]
    assert [f["printed"] for f in found["figures"] if f["where"].startswith("y")] == [
        "0.415",
        "0.540",
        "0.581",
    ]


VECTOR = ("--wxh", "0.5 -0.3; 0.2 0.8", "--whh", "0.6 -0.2; 0.1 0.7")
# h of the two steps below, from the README
RIGHT = "0.4621 0.1974; -0.0621 0.7550"


def test_in_flags_a_row_is_a_step_and_a_question_mark_alone_a_whole_one() -> None:
    steps = (*VECTOR, "--x", "1 0; 0 1")

    assert rnncalc("check", *steps, "--h", RIGHT).status == 0
    assert rnncalc("check", *steps, "--h", "?; -0.0621 0.7550").status == 0
    assert rnncalc("check", *steps, "--steps", "-1", "--h", "-0.0621 0.7550").status == 0
    assert rnncalc("check", *steps, "--h", "?; -0.0621 0.7551").status == 1


@pytest.mark.parametrize("lines", ["1 0\n0 1\n", "[1, 0]\n[0, 1]\n", "# x\n1,0\n\n0,1"])
def test_check_reads_the_steps_from_standard_input_or_a_file(lines: str, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text(lines)

    assert rnncalc("check", *VECTOR, "--x", "-", "--h", RIGHT, stdin=lines).status == 0
    assert rnncalc("check", *VECTOR, "--x", f"@{path}", "--h", RIGHT).status == 0


def test_steps_that_were_printed_are_those_of_a_file_without_t() -> None:
    last = rnncalc("run", *DOCUMENT, "-f", "jsonl", "--steps", "-1").out

    for stdin in ("h\n0.952\n", last):
        arguments = (*DOCUMENT, "--steps", "-1", "--expect", "-")
        assert rnncalc("check", *arguments, stdin=stdin).status == 0


@pytest.mark.parametrize(
    "rows", ["0.537 0.851 0.952", "[[0.537]\n [0.851]\n [0.952]]", "0.537\n?\n.952"]
)
def test_rows_without_json_need_only_the_quantity(rows: str) -> None:
    arguments = (*DOCUMENT, "--expect", "-", "--quantity", "h")
    assert rnncalc("check", *arguments, stdin=rows).status == 0


def test_two_directions_in_one_row_are_pointed_out() -> None:
    result = rnncalc("check", *VECTOR, "--x", "1 0;", "--h", "0.4621 0.1974 0.3 0.2;")

    assert result.err == (
        "Error: --h: step 1 has 4 values, but H is 2, so every step needs 2; "
        "two directions side by side?\n"
    )


def test_a_mistake_in_values_with_six_digits_each_is_named_without_float32() -> None:
    # tanh(0.04), tanh(0.8) and tanh(1.2) by %.6g: they show seven and six decimals
    given = ("--wxh", "0.04", "--whh", "0.3", "--x", "1,20,30")

    result = rnncalc("check", *given, "--h", "0.0399787 0.664037 0.833655")

    assert result.out.splitlines()[0] == (
        "One mistake explains all values: the recurrent term W_hh h left out; "
        "or every step from h_0: a batch taken for time steps, or the state reset"
    )


def test_sums_by_hand_without_their_zeros_are_right_where_few_of_them_have_zeros(
    tmp_path: Path,
) -> None:
    numbers = """
wxh = [[0.54, 0.74, -0.3, 1.15, -0.89], [-0.08, -0.26, 0.7, -0.16, 0.14], [-0.2, -0.43, 0.87, -0.51, -1.31]]
whh = [[-0.29, 0.46, -0.93], [1.41, 0.42, -0.29], [1.28, 0.84, -0.65]]
bh = [-0.75, -0.2, -0.09]
x = [[-1.6, -0.03, 0.48, -0.59, 0.72], [0.21, -0.25, -1.38, -1.05, -0.59], [-0.94, 0.44, -1.29, 1.64, 0.63], [0.17, -1.05, -1.2, 1.25, 0.75], [-0.42, 0.65, -0.18, -0.27, 0.12], [0.85, 1.74, 1.09, 0.56, -1.5]]
"""
    file = tmp_path / "network.toml"
    file.write_text(numbers)
    by_hand = rnncalc("run", "-c", str(file), "--by-hand", "-p", "6", "--only", "a", "-f", "csv")

    result = rnncalc("check", "-c", str(file), "--expect", "-", stdin=by_hand.out)

    assert (result.status, result.out.splitlines()[0]) == (0, "No slip: what differs follows from rounded values")  # fmt: skip
