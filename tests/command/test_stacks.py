"""Stacks and two directions, as a person uses them: names, formats, the readout, streams."""

import json
import random
import tomllib
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from calling import ROOT, rnncalc
from plain_loop import affine, recur

TWO = str(ROOT / "sample_configs" / "two_layers.toml")
BOTH = str(ROOT / "sample_configs" / "both_directions.toml")
Json = dict[str, object]


def run_json(*arguments: str, stdin: str = "") -> dict[str, object]:
    result = rnncalc("run", *arguments, "-f", "json", stdin=stdin)
    assert result.err == ""
    found: dict[str, object] = json.loads(result.out)
    return found


def random_stack(seed: int, path: Path, *, readout: bool = True) -> Path:
    """Write two layers, the second in two directions, its states of another size."""
    r = random.Random(seed)

    def matrix(rows: int, columns: int) -> list[list[float]]:
        return [[round(r.uniform(-1, 1), 2) for _ in range(columns)] for _ in range(rows)]

    lines = [
        f"x = {matrix(6, 2)}",
        f"h0 = [{matrix(1, 3)[0]}, {matrix(1, 2)[0]}, {matrix(1, 4)[0]}]",
    ]
    lines += [f"why = {matrix(2, 6)}", f"by = {matrix(1, 2)[0]}"] if readout else []
    for head, size, inputs in (
        ("[[layers]]", 3, 2),
        ("[[layers]]", 2, 3),
        ("[layers.reverse]", 4, 3),
    ):
        lines += [head, f"wxh = {matrix(size, inputs)}", f"whh = {matrix(size, size)}"]
        lines += [f"bxh = {matrix(1, size)[0]}", f"bhh = {matrix(1, size)[0]}"]
    lines.append('activation = "sigmoid"')
    path.write_text("\n".join(lines) + "\n")
    return path


def by_loops(path: Path) -> dict[str, list[list[float]]]:
    """Return the values of such a file by an independent loop."""
    of = tomllib.loads(path.read_text())
    first, second = of["layers"]
    back = second["reverse"]
    x: list[list[float]] = of["x"]

    def pairs(
        cell: Json, f: str, h: list[float], rows: list[list[float]]
    ) -> list[list[list[float]]]:
        biases = [p + q for p, q in zip(cell["bxh"], cell["bhh"], strict=True)]  # type: ignore[call-overload]
        return recur(cell["wxh"], cell["whh"], biases, f, h, rows)  # type: ignore[arg-type]

    l0 = pairs(first, "tanh", of["h0"][0], x)
    below = [h for _, h in l0]
    l1 = pairs(second, "tanh", of["h0"][1], below)
    reverse = pairs(back, "sigmoid", of["h0"][2], below[::-1])[::-1]
    found = {"a_l0": [a for a, _ in l0], "h_l0": below}
    found |= {"a_l1": [a for a, _ in l1], "h_l1": [h for _, h in l1]}
    found |= {"a_l1_reverse": [a for a, _ in reverse], "h_l1_reverse": [h for _, h in reverse]}
    found["h"] = [[*f, *b] for f, b in zip(found["h_l1"], found["h_l1_reverse"], strict=True)]
    if "why" in of:
        found["o"] = [affine(of["why"], h, of["by"]) for h in found["h"]]
    return found


@pytest.mark.parametrize("seed", range(5))
def test_every_quantity_is_what_loops_over_the_layers_give(seed: int, tmp_path: Path) -> None:
    path = random_stack(seed, tmp_path / "m.toml")
    steps = run_json("-c", str(path))["steps"]

    for name, rows in by_loops(path).items():
        values = [step[name] for step in steps]  # type: ignore[attr-defined]
        assert np.allclose(values, rows, rtol=0, atol=1e-14), name


def test_json_describes_each_state_and_has_a_row_of_h0_for_each(tmp_path: Path) -> None:
    found = run_json("-c", str(random_stack(0, tmp_path / "m.toml")))

    assert found["network"] == {
        "input_size": 2,
        "hidden_size": [3, 2, 4],
        "output_size": 2,
        "activation": ["tanh", "tanh", "sigmoid"],
        "output_activation": "softmax",
    }
    assert [len(row) for row in found["h0"]] == [3, 2, 4]  # type: ignore[attr-defined]
    names = ["a_l0", "h_l0", "a_l1", "h_l1", "a_l1_reverse", "h_l1_reverse", "h", "o", "y"]
    assert list(found["steps"][0]) == ["t", "x", *names]  # type: ignore[index]


@pytest.mark.parametrize("flags", [["-f", "csv"], ["-f", "json"], ["-f", "jsonl"]])
@pytest.mark.parametrize("arithmetic", [[], ["--by-hand", "-p", "3"], ["--float32"]])
def test_what_a_stack_gives_is_right_when_it_is_checked(
    flags: list[str], arithmetic: list[str], tmp_path: Path
) -> None:
    path = str(random_stack(3, tmp_path / "m.toml"))
    written = rnncalc("run", "-c", path, *flags, *arithmetic).out

    marked = rnncalc("check", "-c", path, "--expect", "-", *arithmetic, stdin=written)

    assert (marked.status, marked.err) == (0, "")


def test_show_config_runs_again_to_the_same_values(tmp_path: Path) -> None:
    path = random_stack(1, tmp_path / "m.toml")
    flags = ["--readout", "final", "--output-activation", "linear"]
    shown = rnncalc("run", "-c", str(path), *flags, "--show-config").out

    assert run_json("-c", "-", stdin=shown) == run_json("-c", str(path), *flags)


def test_some_components_are_chosen_with_brackets() -> None:
    result = rnncalc("run", "-c", BOTH, "--only", "h[1],y", "-f", "csv", "--steps", "1:2")

    assert result.out == "t,h[1],y[0]\n1,9.0,-8.0\n2,8.0,-5.0\n"


def test_a_readout_that_answers_once_reads_both_ends() -> None:
    found = run_json("-c", BOTH, "--readout", "final")

    # the forward sum of all inputs, and the backward sum of all of them, which ends at step 1
    assert found["final"] == {"h": [9.0, 9.0], "o": [0.0], "y": [0.0]}
    assert list(found["steps"][0])[-1] == "h"  # type: ignore[index]
    lines = rnncalc("run", "-c", BOTH, "--readout", "final", "-f", "jsonl").out.splitlines()
    assert json.loads(lines[-1]) == {"final": found["final"]}


def printed_answer(tmp_path: Path, *words: str) -> Path:
    """Return the file of a run; of the words, each is replaced by the next."""
    text = rnncalc("run", "-c", BOTH, "--readout", "final", "-f", "jsonl").out
    for right, wrong in pairwise(words):
        assert right in text
        text = text.replace(right, wrong)
    path = tmp_path / "port.jsonl"
    path.write_text(text)
    return path


def test_an_answer_from_both_ends_is_checked(tmp_path: Path) -> None:
    flags = ["check", "-c", BOTH, "--readout", "final", "--expect"]
    right = rnncalc(*flags, str(printed_answer(tmp_path)))
    wrong_y = rnncalc(*flags, str(printed_answer(tmp_path, '"y": [0.0]', '"y": [1.0]')))
    # the backward state of the last step, where that of the first one is due
    wrong_h = rnncalc(*flags, str(printed_answer(tmp_path, '{"h": [9.0, 9.0]', '{"h": [9.0, 1.0]')))

    assert (right.status, right.err) == (0, "")
    assert "First slip: y[0] at step 5: 1.0 printed, 0.00 is right\n" in wrong_y.out
    assert "First slip: h[1] at step 5: 1.0 printed, 9.00 is right\n" in wrong_h.out


@pytest.mark.parametrize("network", [[TWO, "--why", "2"], [BOTH]])
def test_an_answer_alone_is_enough_to_check(tmp_path: Path, network: list[str]) -> None:
    flags = ["-c", *network, "--readout", "final"]
    path = tmp_path / "port.jsonl"
    path.write_text(rnncalc("run", *flags, "-f", "jsonl").out.splitlines()[-1])
    result = rnncalc("check", *flags, "--expect", str(path))

    assert (result.status, result.err) == (0, "")
    assert result.out.startswith("All ")


def test_an_answer_of_a_forward_network_is_checked(tmp_path: Path) -> None:
    flags = ["-c", TWO, "--readout", "final", "--why", "2"]
    text = rnncalc("run", *flags, "-f", "json").out
    path = tmp_path / "port.json"
    path.write_text(text.replace('"y": [20.0]', '"y": [21.0]'))

    assert '"y": [20.0]' in text
    assert (
        "First slip: y[0] at step 4: 21.0 printed, 20.00 is right\n"
        in rnncalc("check", *flags, "--expect", str(path)).out
    )


def test_the_h_of_each_step_beside_an_answer_is_refused() -> None:
    h = "9 1; 9 1; 9 1; 9 1; 9 1"
    result = rnncalc("check", "-c", BOTH, "--readout", "final", "--h", h, "--y", "?; ?; ?; ?; 0")

    assert result.status == 2
    assert result.err.startswith("Error: h is what the answer is formed of, so only the last step")


def test_two_directions_without_a_readout_end_in_a_state(tmp_path: Path) -> None:
    path = tmp_path / "both.toml"
    layer = "wxh = 1\nwhh = 1\nactivation = 'linear'\n"
    path.write_text(
        f"readout = 'final'\nx = [1, 2, 4]\n[[layers]]\n{layer}[layers.reverse]\n{layer}"
    )

    # the sum of all inputs, from either end
    assert run_json("-c", str(path))["final"] == {"h": [7.0, 7.0]}
    assert rnncalc("run", "-c", str(path)).out.endswith("at the end\n  h = [7.000, 7.000]\n")


def test_in_csv_the_answer_is_in_the_last_row() -> None:
    flags = ["--readout", "final", "--why", "2", "-f", "csv", "--only", "h,y"]

    assert rnncalc("run", "-c", TWO, *flags).out.splitlines() == [
        "t,h[0],y[0]",
        "1,1.0,",
        "2,3.0,",
        "3,6.0,",
        "4,10.0,20.0",
    ]
    refused = rnncalc("run", "-c", BOTH, "--readout", "final", "-f", "csv")
    assert refused.err.startswith("Error: -f csv has no row for the output of a bidirectional")


def test_a_stack_of_forward_layers_answers_a_stream_as_it_comes() -> None:
    flags = ["-c", TWO, "--x", "-", "--only", "h_l1", "-f", "jsonl"]

    assert (
        rnncalc("run", *flags, stdin="1\n1\n").out
        == '{"t": 1, "h_l1": [1.0]}\n{"t": 2, "h_l1": [3.0]}\n'
    )


def test_a_backward_direction_reads_a_stream_to_its_end() -> None:
    flags = ["-c", BOTH, "--x", "-", "--only", "h_l0_reverse", "-f", "csv"]

    assert (
        rnncalc("run", *flags, stdin="1\n2\n3\n").out == "t,h_l0_reverse[0]\n1,6.0\n2,5.0\n3,3.0\n"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "x=1\nwxh=1\n[[layers]]\nwxh=1\nwhh=1",
            "line 2: wxh: is for a network of one layer, but the file has [[layers]]; "
            "write it below the layer that is meant",
        ),
        ("x=1\nlayers=[1]", "line 2: layers: is a list of tables: write [[layers]] before each"),
        ("x=1\n[[layers]]\nwxh=1", "line 2: layers[0]: whh is missing"),
        (
            "x=1\n[[layers]]\nwxh=1\nwhh=1\nbih=1",
            "line 2: layers[0]: unknown key 'bih'; it is called bxh here",
        ),
        (
            "x=1\n[[layers]]\nwxh=1\nwhh=1\nbh=1\nbxh=1",
            "line 2: layers[0].bh: stands for the sum of bxh and bhh; give it or the two",
        ),
        (
            "x=1\n[[layers]]\nwxh=[[1],[1]]\nwhh=[[1,0],[0,1]]\n[[layers]]\nwxh=1\nwhh=1",
            "line 2: layers: wxh of layer 1 is 1 x 1, but layer 0 gives 2 values, "
            "so it needs 2 columns",
        ),
        (
            "x=1\nh0=[1, 2, 3]\n[[layers]]\nwxh=1\nwhh=1\n[[layers]]\nwxh=1\nwhh=1",
            "line 2: h0: 3 rows, but there are 2 states (h_l0, h_l1), so h0 needs 2 rows",
        ),
        (
            "x=1\nh0=[[1, 2], [3]]\n[[layers]]\nwxh=1\nwhh=1\n[[layers]]\nwxh=1\nwhh=1",
            "line 2: h0: 2 values for h_l0, which has 1",
        ),
        (
            'x=1\nwhy=1\nreadout="last"\nwxh=1\nwhh=1',
            "line 3: readout: is steps or final, not 'last'",
        ),
    ],
)
def test_a_file_of_layers_that_cannot_be_is_refused(text: str, message: str) -> None:
    result = rnncalc("run", "-c", "-", stdin=text)

    assert (result.status, result.err) == (2, f"Error: standard input: {message}\n")


def test_weights_as_flags_are_refused_on_a_stack() -> None:
    result = rnncalc("run", "-c", TWO, "--whh", "2")

    assert result.err == (
        "Error: --whh: is for a network of one layer, but the file has [[layers]]; "
        "write it below the layer that is meant\n"
    )


def test_an_activation_as_a_flag_is_that_of_every_layer() -> None:
    found = run_json("-c", TWO, "--activation", "relu")

    assert found["network"]["activation"] == ["relu", "relu"]  # type: ignore[index]


def test_single_precision_is_that_of_numpy_scalars_in_order() -> None:
    one = np.float32
    wxh, whh, bxh, bhh = [0.1, -0.7, 0.35], [[0.3, 0.9], [-0.8, 0.45]], [0.11, 0.21], [0.05, -0.3]
    x = [[0.3, 1.7, -0.2], [0.9, 0.1, 2.3], [1.1, -0.6, 0.7]]
    h, expected = [one(0), one(0)], []
    for row in x:
        sums = []
        for i in range(2):
            given, kept = one(0), one(0)
            for k, value in enumerate(row):
                product = one(wxh[k] * (i + 1)) * one(value)
                given = product if not k else given + product
            for k in range(2):
                product = one(whh[i][k]) * h[k]
                kept = product if not k else kept + product
            sums.append((given + one(bxh[i])) + (kept + one(bhh[i])))
        h = [one(np.tanh(float(a))) for a in sums]
        expected.append([float(str(value)) for value in h])
    matrix = [[w * (i + 1) for w in wxh] for i in range(2)]
    flags = ["--wxh", json.dumps(matrix), "--whh", json.dumps(whh), "--x", json.dumps(x)]
    flags += ["--bxh", json.dumps(bxh), "--bhh", json.dumps(bhh), "--float32"]

    found = run_json(*flags)

    assert found["arithmetic"] == "float32"
    assert [step["h"] for step in found["steps"]] == expected  # type: ignore[attr-defined]


DENSE = """
x = [[1, 2], [3, 4]]
wxh = [[0.5, 0.25]]
whh = 0
activation = "linear"
why = [[1, -1]]
[[dense_before]]
name = "first"
why = [[1, 0], [0, -1]]
activation = "relu"
[[dense]]
why = [[2], [3]]
by = [0.5, 1]
"""


def test_dense_layers_lie_before_the_layers_and_before_the_readout() -> None:
    found = run_json("-c", "-", stdin=DENSE)

    # relu(1, -2) = (1, 0); 0.5 of it; 2 and 3 times that, and the biases; their difference
    assert found["steps"][0] == {  # type: ignore[index]
        "t": 1,
        "x": [1.0, 2.0],
        "o_first": [1.0, -2.0],
        "y_first": [1.0, 0.0],
        "a": [0.5],
        "h": [0.5],
        "o_dense0": [1.5, 2.5],
        "y_dense0": [1.5, 2.5],
        "o": [-1.0],
        "y": [-1.0],
    }
    shown = rnncalc("run", "-c", "-", "--show-config", stdin=DENSE).out
    assert run_json("-c", "-", stdin=shown) == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[dense]]\nby = 1", "dense[0]: why is missing"),
        ("[[dense]]\nwhy = 1\nname = 'a b'", "dense[0].name: is a name of letters, digits and _"),
        (
            "[[dense]]\nwhy = [1, 2]",
            "dense[0].why: one flat list; write its rows, as in [[0.1, 0.2], [0.3, 0.4]]",
        ),
        ("dense = 1", "dense: is a list of tables: write [[dense]] before each"),
        ("[[dense]]\nwhy = 1", "dense: lies before a readout; give its weights as why"),
    ],
)
def test_a_dense_layer_that_cannot_be_is_refused(text: str, message: str) -> None:
    result = rnncalc("run", "-c", "-", stdin=f"x = 1\nwxh = 1\nwhh = 1\n{text}")

    assert result.err == f"Error: standard input: line 4: {message}\n"
