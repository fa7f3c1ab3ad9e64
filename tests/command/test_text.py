"""Words in, words out: symbols, named outputs, targets, generation."""

import csv
import io
import json
import math
from pathlib import Path
from typing import Any

import pytest

from calling import ROOT, Result, rnncalc, sh
from plain_loop import affine, recur, softmax

W_XH = [[0.5, -0.1, 0.2, 0.3], [-0.2, 0.4, -0.1, 0.2], [0.1, -0.3, 0.5, -0.4]]
W_HH = [[0.1, -0.2, 0.3], [0.3, 0.1, -0.2], [-0.1, 0.4, 0.2]]
W_HY = [[0.4, -0.2, 0.1], [-0.3, 0.5, -0.4], [0.5, -0.1, 0.2], [-0.1, 0.3, 0.5]]
B_H, B_Y = [0.1, -0.1, 0.0], [0.0, 0.1, -0.1, 0.2]
WEIGHTS = [
    *("--wxh", json.dumps(W_XH), "--whh", json.dumps(W_HH), "--bh", json.dumps(B_H)),
    *("--why", json.dumps(W_HY), "--by", json.dumps(B_Y)),
]
HELO = [*WEIGHTS, "--vocabulary", "h e l o"]


def hello(*arguments: str, x: str = "hell", stdin: str = "") -> Result:
    return rnncalc("run", *HELO, "--x", x, *arguments, stdin=stdin)


def found(*arguments: str, x: str = "hell", stdin: str = "") -> dict[str, Any]:
    result = hello(*arguments, "-f", "json", x=x, stdin=stdin)
    assert result.err == ""
    values: dict[str, Any] = json.loads(result.out)
    return values


def outputs(text: str) -> list[list[float]]:
    """Return o of each step of a text over h e l o, from a loop of lists."""
    x = [[float(k == "helo".index(c)) for k in range(4)] for c in text]
    return [affine(W_HY, h, B_Y) for _, h in recur(W_XH, W_HH, B_H, "tanh", [0, 0, 0], x)]


def test_symbols_are_one_hot_inputs_and_name_the_outputs() -> None:
    by_symbols = found()
    by_numbers = json.loads(
        rnncalc("run", *WEIGHTS, "--x", "1 0 0 0; 0 1 0 0; 0 0 1 0; 0 0 1 0", "-f", "json").out
    )

    assert by_symbols["labels"] == ["h", "e", "l", "o"]
    assert "labels" not in by_numbers
    for step, other in zip(by_symbols["steps"], by_numbers["steps"], strict=True):
        assert {**other, "symbol": step["symbol"], "best": step["best"]} == step
    assert [step["symbol"] for step in by_symbols["steps"]] == ["h", "e", "l", "l"]
    assert [step["best"] for step in by_symbols["steps"]] == ["h", "e", "o", "o"]


@pytest.mark.parametrize(
    "x", ["h e l l", "h,e,l,l", '["h", "e", "l", "l"]', "1 0 0 0; 0 1 0 0; 0 0 1 0; 0 0 1 0"]
)
def test_symbols_can_be_written_in_several_ways(x: str) -> None:
    assert found(x=x) == found()


@pytest.mark.parametrize("stdin", ["h\ne\nl\nl\n", "hell", "he\n\nll\n", "h e\tl, l"])
def test_symbols_can_be_streamed(stdin: str) -> None:
    assert found(x="-", stdin=stdin)["steps"] == found()["steps"]


def test_words_and_ids_can_be_streamed() -> None:
    embedding = ["--embedding", json.dumps([[1, 0, 0, 0], [0, 0.5, 0, 1], [2, 0, 1, 0]])]
    words = rnncalc(
        "run",
        *WEIGHTS,
        *embedding,
        "--vocabulary",
        "<s> the cat",
        "--x",
        "-",
        "-f",
        "csv",
        "--only",
        "h",
        stdin="<s>\nthe cat",
    )
    ids = rnncalc(
        "run", *WEIGHTS, *embedding, "--x", "-", "-f", "csv", "--only", "h", stdin="0\n1 2\n"
    )
    rows = rnncalc(
        "run", *WEIGHTS, "--x", "1 0 0 0; 0 0.5 0 1; 2 0 1 0", "-f", "csv", "--only", "h"
    )

    assert [line.split(",", 2)[2] for line in words.out.splitlines()[1:]] == [
        line.split(",", 1)[1] for line in rows.out.splitlines()[1:]
    ]
    assert [line.split(",")[1] for line in words.out.splitlines()] == [
        "symbol",
        "<s>",
        "the",
        "cat",
    ]
    assert [line.split(",")[1] for line in ids.out.splitlines()] == ["symbol", "0", "1", "2"]


def test_a_file_may_hold_the_text_and_the_vocabulary(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("hell\n")
    (tmp_path / "v.txt").write_text("h\ne\nl\no\n")
    result = rnncalc(
        "run",
        *WEIGHTS,
        "--vocabulary",
        f"@{tmp_path / 'v.txt'}",
        "--x",
        f"@{tmp_path / 'x.txt'}",
        "-f",
        "json",
    )

    assert json.loads(result.out) == found()


def test_with_a_target_there_are_p_and_the_loss_of_each_step() -> None:
    # the published losses of tests/published/hello_one_hot.toml, and their mean
    result = found("--target", "ello")

    assert [step["target"] for step in result["steps"]] == [*"ello"]
    assert [round(step["loss"], 6) for step in result["steps"]] == [
        1.743252,
        1.638457,
        1.459537,
        1.210118,
    ]
    assert [round(step["p"], 6) for step in result["steps"]] == [
        0.174951,
        0.194280,
        0.232344,
        0.298162,
    ]
    assert result["loss"]["name"] == "cross_entropy"
    assert result["loss"]["mean"] == pytest.approx(1.512841, abs=5e-7)
    assert result["loss"]["sum"] == pytest.approx(4 * result["loss"]["mean"], rel=1e-15)
    assert result["loss"]["perplexity"] == pytest.approx(math.exp(1.512841), abs=5e-6)


def test_a_step_without_a_target_has_no_loss() -> None:
    result = found("--target", "e?lo")

    assert [step["target"] for step in result["steps"]] == ["e", None, "l", "o"]
    assert [step["loss"] is None for step in result["steps"]] == [False, True, False, False]
    assert result["loss"]["mean"] == pytest.approx((1.743252 + 1.459537 + 1.210118) / 3, abs=1e-6)


def test_classes_and_distributions_are_targets_too() -> None:
    by_symbol = found("--target", "ello")["loss"]
    rows = found("--target", "0 1 0 0; 0 0 1 0; 0 0 1 0; 0 0 0 1")["loss"]
    numbers = rnncalc(
        "run",
        *WEIGHTS,
        "--x",
        "1 0 0 0; 0 1 0 0; 0 0 1 0; 0 0 1 0",
        "--target",
        "1 2 2 3",
        "-f",
        "json",
    )

    assert by_symbol == rows == json.loads(numbers.out)["loss"]


def test_numbers_have_half_the_squared_error() -> None:
    # tests/published/loss_per_step_1_2_3.toml has such a network; here the values are worked out
    flags = "--wxh 1 --whh 0 --activation linear --why 2 --x 1,2,3 --target".split()  # noqa: SIM905
    result = json.loads(rnncalc("run", *flags, "1 ? 7", "-f", "json").out)

    assert [step["loss"] for step in result["steps"]] == [0.5, None, 0.5]
    assert result["loss"] == {"name": "half_squared_error", "sum": 1.0, "mean": 0.5}
    squared = json.loads(
        rnncalc("run", *flags, "1 ? 7", "--loss", "squared-error", "-f", "json").out
    )
    assert squared["loss"] == {"name": "squared_error", "sum": 2.0, "mean": 1.0}


def test_a_sigmoid_has_the_binary_cross_entropy() -> None:
    flags = "--wxh 1 --whh 0 --activation linear --why 2 --output-activation sigmoid --x 1,2 --target".split()  # noqa: SIM905
    result = json.loads(rnncalc("run", *flags, "1 0", "-f", "json").out)

    first, second = 1 / (1 + math.exp(-2)), 1 / (1 + math.exp(-4))
    assert [step["loss"] for step in result["steps"]] == pytest.approx(
        [-math.log(first), -math.log(1 - second)]
    )


def test_csv_has_columns_of_names_and_quotes_what_needs_it() -> None:
    text = rnncalc(
        "run",
        *WEIGHTS,
        "--vocabulary",
        '[",", "\\"", "\\n", "a"]',
        "--x",
        '[",", "\\"", "\\n", "a"]',
        "-f",
        "csv",
        "--only",
        "y",
    ).out
    rows = [*csv.reader(io.StringIO(text))]

    assert rows[0] == ["t", "symbol", "y[0]", "y[1]", "y[2]", "y[3]", "best"]
    assert [row[1] for row in rows[1:]] == [",", '"', "\n", "a"]


def test_greedy_generation_chooses_the_largest_o_again_and_again() -> None:
    text = "hell"
    for _ in range(9):
        o = outputs(text)[-1]
        text += "helo"[o.index(max(o))]

    result = found("--generate", "9")

    assert result["text"] == text[4:]
    assert [step["symbol"] for step in result["steps"]] == [*text]
    assert [step.get("generated", False) for step in result["steps"]] == [False] * 4 + [True] * 9
    assert hello("--generate", "9", "--only", "text").out == f"{text[4:]}\n"


def test_what_is_generated_is_written_as_it_comes() -> None:
    # a million steps take minutes
    done = sh(
        "rnncalc run --wxh 0.5 --whh 0.3 --why 1 --x 1 --generate 1000000 -f jsonl | head -n 2"
    )

    assert (done.status, done.out.count("\n")) == (0, 2)


def test_a_forecast_that_overflows_has_all_steps_before() -> None:
    grows = (
        "run",
        "--activation",
        "linear",
        "--wxh",
        "1e100",
        "--whh",
        "0",
        "--why",
        "1",
        "--x",
        "1",
    )
    result = rnncalc(*grows, "--generate", "9", "-f", "csv", "--only", "h")

    assert result.status == 2
    assert result.out.splitlines()[1:] == ["1,1e+100,false", "2,1e+200,true", "3,1e+300,true"]
    assert "step 4" in result.err


def test_a_generated_text_has_the_values_of_the_same_text_as_x() -> None:
    result = found("--generate", "6", "--temperature", "1.5", "--seed", "3")
    again = found(x=f"hell{result['text']}")

    for step, other in zip(result["steps"], again["steps"], strict=True):
        generation = {"generated", "drawn_from"}
        assert {name: of for name, of in step.items() if name not in generation} == other


def test_o_is_divided_by_the_temperature() -> None:
    # one draw each: the shares of the letters that follow "hell"
    counts = dict.fromkeys("helo", 0)
    for seed in range(200):
        counts[found("--generate", "1", "--temperature", "0.5", "--seed", str(seed))["text"]] += 1
    p = softmax([2 * value for value in outputs("hell")[-1]])

    assert [counts[c] / 200 for c in "helo"] == pytest.approx(p, abs=0.1)
    assert (
        "softmax(o / 0.5), seed 7"
        in hello("--generate", "1", "--temperature", "0.5", "--seed", "7").out
    )


@pytest.mark.parametrize("output_format", ["json", "csv"])
def test_programs_get_the_probabilities_that_symbols_are_drawn_with(output_format: str) -> None:
    arguments = "--generate", "2", "--temperature", "0.5", "-f", output_format
    out = hello(*arguments).out
    if output_format == "json":
        rows = [step["drawn_from"] for step in json.loads(out)["steps"]]
    else:
        lines = [*csv.DictReader(io.StringIO(out))]
        rows = [[float(line[f"drawn_from[{i}]"]) for i in range(4)] for line in lines]
    right = [softmax([2 * value for value in o]) for o in outputs("hell")]

    assert len(rows) == 6
    assert rows[:4] == [pytest.approx(row, abs=1e-15) for row in right]


def test_stop_ends_early_and_is_neither_appended_nor_in_the_text() -> None:
    whole = found("--generate", "9")["text"]
    stop = whole[3] if whole[3] not in whole[:3] else "e"
    result = found("--generate", "9", "--stop", stop)

    assert result["text"] == whole.partition(stop)[0]
    assert len(result["steps"]) == 4 + len(result["text"])


def test_a_prompt_may_come_from_standard_input() -> None:
    assert (
        found("--generate", "5", x="-", stdin="he\nll\n")["text"]
        == found("--generate", "5")["text"]
    )


def test_the_steps_shown_do_not_change_the_text_or_the_loss() -> None:
    whole = found("--generate", "5", "--target", "ello")
    part = found("--generate", "5", "--target", "ello", "--steps", "2", "--only", "y")

    assert (part["text"], part["loss"]) == (whole["text"], whole["loss"])
    assert [step["t"] for step in part["steps"]] == [2]


def test_words_are_joined_by_blanks() -> None:
    result = rnncalc(
        "run",
        *WEIGHTS,
        "--vocabulary",
        "hot every last one",
        "--x",
        "hot every last last",
        "--generate",
        "3",
        "--only",
        "text",
    )

    text = found("--generate", "3")["text"]
    assert (
        result.out
        == " ".join({"h": "hot", "e": "every", "l": "last", "o": "one"}[c] for c in text) + "\n"
    )


def test_numbers_go_on_with_y() -> None:
    flags = "--wxh 0.5 --whh 0.25 --activation linear --why 2 --x 1,2".split()  # noqa: SIM905
    steps = json.loads(rnncalc("run", *flags, "--generate", "2", "-f", "json").out)["steps"]

    # h = 0.5, 1.125, then x = 2.25: 1.125 + 0.28125, then x = 2.8125
    assert [step["x"][0] for step in steps] == [1, 2, 2.25, 2.8125]
    assert [step["y"][0] for step in steps] == [1, 2.25, 2.8125, 3.515625]


def test_json_lines_end_with_the_loss_and_the_text() -> None:
    lines = hello("--generate", "2", "--target", "ello", "-f", "jsonl").out.splitlines()

    assert len(lines) == 8
    assert [[*json.loads(line)] for line in lines[-2:]] == [["loss"], ["text"]]


@pytest.mark.parametrize("output_format", ["json", "jsonl", "csv"])
def test_check_reads_its_own_formats_with_symbols(output_format: str, tmp_path: Path) -> None:
    path = tmp_path / "port"
    path.write_text(hello("--target", "e?lo", "-f", output_format).out)
    result = rnncalc("check", *HELO, "--x", "hell", "--expect", str(path))

    assert (result.status, result.out, result.err) == (0, "All 56 values are right.\n", "")


def test_check_takes_symbols_and_names_outputs() -> None:
    result = rnncalc(
        "check", *HELO, "--x", "he", "--y", "0.297 0.175 0.278 0.250; 0.212 0.354 0.194 0.248"
    )

    assert result.status == 1
    assert result.out.startswith("First slip: y[e] at step 2: 0.354 printed, 0.345 is right")
    assert "y[e] = e^0.422 / (" in result.out


def test_the_table_has_a_column_of_symbols_in_place_of_x() -> None:
    out = hello("--only", "y", "--target", "ello", "--generate", "1").out

    assert "\n* appended: the next symbol is that of the largest o\n" in out
    assert (
        out[out.index("  t   symbol") :]
        == """\
  t   symbol           y_t   target       p    loss
────────────────────────────────────────────────────
 1         h   ⎡h 0.297 ←⎤        e   0.175   1.743
               ⎢e 0.175  ⎥
               ⎢l 0.278  ⎥
               ⎣o 0.250  ⎦

 2         e   ⎡h 0.212  ⎤        l   0.194   1.638
               ⎢e 0.345 ←⎥
               ⎢l 0.194  ⎥
               ⎣o 0.248  ⎦

 3         l   ⎡h 0.242  ⎤        l   0.232   1.460
               ⎢e 0.188  ⎥
               ⎢l 0.232  ⎥
               ⎣o 0.337 ←⎦

 4         l   ⎡h 0.282  ⎤        o   0.298   1.210
               ⎢e 0.147  ⎥
               ⎢l 0.273  ⎥
               ⎣o 0.298 ←⎦

 5*        o   ⎡h 0.269 ←⎤
               ⎢e 0.263  ⎥
               ⎢l 0.249  ⎥
               ⎣o 0.219  ⎦

loss (cross_entropy): sum 6.051, mean 1.513, perplexity 4.540
text: o
"""
    )


def test_the_working_says_that_a_symbol_selects_a_column() -> None:
    text = hello("--work", "--steps", "2", "--only", "a").out

    assert "x is one-hot: it selects the column of its symbol in W_xh" in text
    assert (
        "t = 2   x = e, column 1 of W_xh\n  a[0] = −0.1 + (0.1 × 0.537 − 0.2 × (−0.291) + 0.3 × 0.100) + 0.1 ≈ 0.142\n"
        in text
    )


def test_of_many_outputs_the_largest_are_shown() -> None:
    path = str(ROOT / "sample_configs" / "names.toml")
    some, whole = (
        rnncalc("run", "-c", path, "--only", "y", *more).out for more in ((), ("--all",))
    )

    assert "of y, the 3 largest of 27 are shown; --all for all" in some
    assert len(whole.splitlines()) - len(some.splitlines()) == 27 - 3 - 1


@pytest.mark.parametrize("output_format", ["markdown", "latex", "html", "svg"])
def test_pages_escape_symbols(output_format: str) -> None:
    symbols = '["<s>", "a|b", "50%_{", "\\\\"]'
    out = rnncalc(
        "run",
        *WEIGHTS,
        "--vocabulary",
        symbols,
        "--x",
        symbols,
        "--target",
        symbols,
        "--generate",
        "1",
        "-f",
        output_format,
    ).out

    written = {
        "markdown": [r"\<s\>", r"a\|b", r"50%\_{"],
        "latex": [r"\texttt{50\%\_\{}", r"\texttt{\textbackslash{}}"],
        "html": ["&lt;s&gt;"],
        "svg": ["&lt;s&gt;"],
    }
    assert all(each in out for each in written[output_format])


def test_show_config_runs_again_to_the_same_values(tmp_path: Path) -> None:
    for sample in ("sentiment", "parity", "translation_decoder"):
        path = str(ROOT / "sample_configs" / f"{sample}.toml")
        again = tmp_path / "again.toml"
        again.write_text(rnncalc("run", "-c", path, "--show-config").out)
        first, second = (rnncalc("run", "-c", p, "-f", "json") for p in (path, str(again)))

        assert first == second


def test_generation_works_for_a_stack(tmp_path: Path) -> None:
    layer = f"wxh = {W_HH}\nwhh = {W_HH}\n"
    path = tmp_path / "stack.toml"
    path.write_text(
        f'vocabulary = "helo"\nx = "he"\nwhy = {W_HY}\n[[layers]]\nwxh = {W_XH}\nwhh = {W_HH}\n[[layers]]\n{layer}'
    )
    result = json.loads(rnncalc("run", "-c", str(path), "--generate", "8", "-f", "json").out)

    again = json.loads(
        rnncalc("run", "-c", str(path), "--x", f"he{result['text']}", "-f", "json").out
    )
    chosen = [step["best"] for step in again["steps"][1:-1]]
    assert result["text"] == "".join(chosen)


REFUSALS = [
    (["--x", "hek"], "--x: step 3: 'k' is not in the vocabulary; known are h, e, l, o"),
    (["--x", "1 2 3"], "--x: step 1: '1' is not in the vocabulary; known are h, e, l, o"),
    (["--x", "hell", "--labels", "a b"], "--labels: 2 labels, but why has 4 rows, so 4 are needed"),
    (
        ["--x", "hell", "--target", "el"],
        '--target: 2 targets, but x has 4 steps; give one for each, and "?" where there is none',
    ),
    (
        ["--x", "hell", "--target", "none"],
        "--target: step 1: 'n' is not in the vocabulary; known are h, e, l, o",
    ),
    (
        ["--x", "hell", "--target", "elle", "--loss", "crossentrop"],
        "--loss: unknown loss 'crossentrop'; did you mean 'cross_entropy'?",
    ),
    (
        ["--x", "hell", "--stop", "x"],
        "--stop: 'x' is not in the vocabulary; known are h, e, l, o",
    ),
    (
        ["--x", "hell", "--embedding", "1 0; 0 1"],
        "--embedding: 2 x 2, but the vocabulary has 4 symbols, so embedding needs 4 rows",
    ),
    (["--x", "hell", "--temperature", "1"], "--temperature: is for --generate, which is not given"),
    (
        ["--x", "hell", "--generate", "3", "--seed", "1"],
        "--seed: is for --temperature; type --temperature 1 too, or the largest o is chosen",
    ),
    (["--x", "hell", "--generate", "0"], "--generate: '0' is not a whole number of at least 1"),
    (
        ["--x", "hell", "--generate", "3", "--temperature", "0"],
        "--temperature: '0' is not above 0; leave it out to choose the largest o",
    ),
    (["--x", "hell", "--only", "text"], "--only text: there is no text without --generate"),
    (
        ["--x", "hell", "--generate", "2", "--readout", "final"],
        "--generate: needs an output at every step, but readout is final",
    ),
    (
        ["--x", "hell", "--generate", "2", "--labels", "h e l x"],
        "--generate: the output 'x' is not in the vocabulary, so it cannot be the next input",
    ),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSALS, ids=lambda value: str(value)[:40])
def test_what_does_not_fit_is_refused_in_one_line(arguments: list[str], message: str) -> None:
    result = rnncalc("run", *HELO, *arguments)

    assert result.err.splitlines()[0] == f"Error: {message}"
    assert (result.status, result.out) == (2, "")


def hello_file(folder: Path, more: str = "") -> str:
    path = folder / "hello.toml"
    weights = f"wxh = {W_XH}\nwhh = {W_HH}\nbh = {B_H}\nwhy = {W_HY}\nby = {B_Y}\n"
    path.write_text(f'x = "hell"\ntarget = "ello"\nvocabulary = "helo"\n{weights}{more}')
    return str(path)


def test_targets_of_a_file_are_left_out_with_a_question_mark(tmp_path: Path) -> None:
    file = hello_file(tmp_path)
    for x, steps in (("h", "1 step"), ("hel", "3 steps")):
        assert rnncalc("run", file, "--x", x, "--generate", "4").err == (
            f"Error: {file}: line 2: target: 4 targets, but x has {steps}; give one for each, "
            'and "?" where there is none; --target "?" leaves out those of the file\n'
        )
        left_out = rnncalc("run", file, "--x", x, "--target", "?", "--generate", "4", "-f", "json")
        assert left_out.out == hello("--generate", "4", "-f", "json", x=x).out
    streamed = rnncalc("run", file, "--x", "-", "--target", "?", "-f", "csv", stdin="hel")
    assert streamed.out == hello("-f", "csv", x="hel").out


def test_without_targets_check_looks_forward_and_grad_has_nothing_to_do(tmp_path: Path) -> None:
    file = hello_file(tmp_path)
    (_, h), *_ = recur(W_XH, W_HH, B_H, "tanh", [0, 0, 0], [[1.0, 0.0, 0.0, 0.0]])
    printed = " ".join(f"{value:.3f}" for value in h) + ";"
    arguments = (file, "--x", "h", "--target", "?")

    assert rnncalc("check", *arguments, "--h", printed).status == 0
    assert rnncalc("grad", *arguments).err == (
        "Error: --target: no step has a target; at least one is needed\n"
    )


def test_a_question_mark_may_be_a_symbol() -> None:
    flags = [*WEIGHTS, "--vocabulary", "hel?", "--x", "h"]
    steps = json.loads(rnncalc("run", *flags, "--target", "?", "-f", "json").out)["steps"]

    assert steps[0]["target"] == "?"
    assert '"target"' not in rnncalc("run", *flags, "-f", "json").out
    longer = rnncalc("run", *flags[:-1], "he", "--target", "?").err
    assert longer.startswith("Error: --target: 1 target, but x has 2 steps")


def test_a_backward_direction_cannot_generate(tmp_path: Path) -> None:
    path = tmp_path / "both.toml"
    cell = f"wxh = {W_XH}\nwhh = {W_HH}\n"
    path.write_text(f'vocabulary = "helo"\nx = "he"\n[[layers]]\n{cell}[layers.reverse]\n{cell}')

    assert rnncalc("run", "-c", str(path), "--generate", "1").err == (
        "Error: --generate: a backward direction reads the sequence from its end, which is not known\n"
    )


def test_without_outputs_there_is_nothing_to_choose_by() -> None:
    flags = [
        "--wxh",
        json.dumps(W_XH),
        "--whh",
        json.dumps(W_HH),
        "--vocabulary",
        "helo",
        "--x",
        "he",
    ]

    assert rnncalc("run", *flags, "--generate", "1").err == (
        "Error: --generate: chooses by the output, but without why there is none; add --why, 4 x 3\n"
    )


def test_an_unknown_symbol_of_a_stream_comes_after_what_is_right() -> None:
    result = hello("-f", "csv", "--only", "y", x="-", stdin="he\nlxl\n")

    assert len(result.out.splitlines()) == 4
    assert (
        result.err
        == "Error: standard input: line 2: step 4: 'x' is not in the vocabulary; known are h, e, l, o\n"
    )
    assert result.status == 2


def test_a_name_is_made_up_in_one_line() -> None:
    done = sh(
        "rnncalc run -c sample_configs/names.toml --generate 12 --temperature 0.7 --only text"
    )

    assert done.out.strip().isalpha()
