"""Whatever the README and the manual show is run, and compared."""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable
from itertools import product
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from calling import ROOT, rnncalc, sh
from readme import MANUAL, PAGES, PICTURES, README, blocks, mistakes, replayed
from sheets import SCALAR, VECTOR

_WORDS = 1200  # of prose in the README: three minutes


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_console_blocks_show_what_their_commands_print(page: Path) -> None:
    shown = [split(block) for block in blocks("console", page.read_text())]
    printed = [split(block) for block in replayed(page.read_text())]

    assert [text for text, _ in printed] == [text for text, _ in shown]
    for (_, now), (_, before) in zip(printed, shown, strict=True):
        assert now == pytest.approx(before, rel=1e-14)


def split(text: str) -> tuple[str, list[float]]:
    """Return the text without its full-digit values, and those: their last bits are the machine's."""
    digits = r"-?\d\.\d{14,}(?:e[-+]\d+)?"
    return re.sub(digits, "#", text), [float(value) for value in re.findall(digits, text)]


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.name)
def test_a_picture_shows_what_its_command_makes(path: Path) -> None:
    def words(picture: str) -> list[str]:
        """Return the words, without the drawing around them."""
        drawn = re.sub(r"<(style|title).*?</\1>", "", picture, flags=re.DOTALL)
        return re.sub(r"<[^>]*>", "", drawn).split()

    assert words(sh(PICTURES[path]).out) == words(path.read_text())


def test_the_readme_takes_three_minutes() -> None:
    prose = re.sub(r"```.*?```", "", README.read_text(), flags=re.DOTALL)

    assert len(prose.split()) <= _WORDS


def test_the_quick_start_has_two_blocks_of_one_command() -> None:
    quick_start = README.read_text().split("## Quick start")[1].split("\n## ")[0]

    assert [block.count("\n") for block in blocks("sh", quick_start)] == [1, 1]


def test_the_toml_file_runs_to_the_first_table() -> None:
    first_table = blocks("console")[0].split("\n", 1)[1]
    model = blocks("toml")[0]

    assert "expect" not in tomllib.loads(model)
    assert rnncalc("run", "-c", "-", stdin=model).out == first_table


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text()):
        assert target.startswith("https://") or (page.parent / target).exists(), target


def test_every_topic_that_is_named_exists() -> None:
    for page in (*PAGES, *(ROOT / "rnncalc" / "cli").glob("*.py")):
        for topic in re.findall(r"`rnncalc help ([a-z-]+)`", page.read_text()):
            assert rnncalc("help", topic).status == 0, f"{page.name}: {topic}"


def in_python(block: str, folder: Path) -> str:
    command = [sys.executable, "-W", "error", "-c", block]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder).stdout


def test_the_python_blocks_run(tmp_path: Path) -> None:
    first, loaded, *_ = blocks("python", (MANUAL / "python.md").read_text())

    assert in_python(first, tmp_path) == "[[0.537]\n [0.851]\n [0.952]]\n"
    # tanh(0.5), tanh(1 + 0.3 * 0.462), ... by a pocket calculator
    shown = in_python(loaded, tmp_path)
    assert shown.startswith("[[0.462]\n [0.814]\n [0.941]]\n")
    assert "First slip: h[0] at step 3: 0.942 printed, 0.941 is right" in shown


@pytest.mark.parametrize("framework", ["torch", "keras", "onnx", "numpy"])
def test_a_recipe_for_weights_ends_in_a_run(
    framework: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    section = (MANUAL / "weight-files.md").read_text().split("\n## From ")
    title = {"torch": "PyTorch", "keras": "Keras", "onnx": "ONNX", "numpy": "NumPy"}[framework]
    (recipe,) = (text for text in section if text.startswith(f"{title}\n"))
    (recipe, *_) = recipe.split("\n## ")
    if framework == "keras" and not os.environ.get("KERAS_BACKEND"):
        monkeypatch.setenv("KERAS_BACKEND", "torch")
    for module in {framework, *re.findall(r"^import (\w+)$", recipe, re.MULTILINE)}:
        pytest.importorskip(module)
    (code,), (commands,) = blocks("python", recipe), blocks("sh", recipe)
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path, capture_output=True)

    for command in commands.splitlines():
        result = sh(command, cwd=tmp_path)
        assert (result.status, result.out != "") == (0, True), result.err


def test_every_flag_is_in_the_readme_or_the_manual() -> None:
    text = "\n".join(page.read_text() for page in PAGES)
    shown = "".join(sh(f"rnncalc {name} --help").out for name in ("run", "check", "grad"))

    flags = {word.strip(",.") for word in shown.split() if word.startswith("--")}
    assert {flag for flag in flags if f"`{flag}" not in text and f" {flag}" not in text} == {
        "--config",
        "--format",
        "--precision",
    }


def test_the_values_to_check_are_those_of_the_sample() -> None:
    sample = tomllib.loads((ROOT / "sample_configs" / "document_as_printed.toml").read_text())

    for page in (README, MANUAL / "checking.md"):
        found = [tomllib.loads(block) for block in blocks("toml", page.read_text())]
        assert sample in found


def printed_values(value: Any) -> int:
    """Return how many values are printed in a list of any depth: "?" is not one."""
    if isinstance(value, list):
        return sum(map(printed_values, value))
    return value not in ("?", None)


def counted(section: str) -> tuple[int, int]:
    """Return the examples and those with a wrong value, as a table of the manual adds them up."""
    rows = re.findall(r"\| (\d+) \| (\d+) \|$", section, re.MULTILINE)
    *parts, together = [(int(examples), int(with_wrong)) for examples, with_wrong in rows]
    assert tuple(map(sum, zip(*parts, strict=True))) == together
    return together


def test_the_published_examples_are_counted() -> None:
    _, forward, _ = (MANUAL / "published.md").read_text().split("\n## ")
    folder = ROOT / "tests" / "published"
    files = [tomllib.loads(path.read_text())["expect"] for path in folder.glob("*.toml")]
    wrong = json.loads((folder / "known_wrong.json").read_text())
    kinds = [entry["kind"] for entries in wrong.values() for entry in entries]

    assert counted(forward) == (len(files), len(wrong))
    assert f" has {printed_values([list(f.values()) for f in files])} printed values" in forward
    found = re.findall(r"(\d+) are slips, (\d+) follow.*?and (\d+) are", forward, re.DOTALL)
    assert found == [tuple(str(kinds.count(each)) for each in ("slip", "carried", "cut"))]


def test_the_published_gradients_are_counted() -> None:
    _, forward, backward = (MANUAL / "published.md").read_text().split("\n## ")
    folder = ROOT / "tests" / "published_gradients"
    files = [json.loads(path.read_text()) for path in folder.glob("*.json")]
    values = printed_values([each["published"] for f in files for each in f["figures"]])
    kinds = [entry["kind"] for f in files for entry in f["known_bad"]]
    together = counted(backward)

    assert together == (len(files), sum(bool(f["known_bad"]) for f in files))
    assert f" has {values} printed values" in backward
    found = re.findall(r"(\d+) are slips, (\d+) follow.*?and (\d+) are", backward, re.DOTALL)
    assert found == [tuple(str(kinds.count(each)) for each in ("slip", "carried", "last digits"))]
    examples, with_wrong = counted(forward)
    # hello over h e l o is in both folders; only its gradients have wrong values
    kept = (with_wrong + together[1], examples + together[0] - 1)
    assert "{} of the {} that are kept".format(*kept) in README.read_text()


def ids_of_the_program() -> tuple[set[str], set[str]]:
    """Return the ids that can be named for a whole run, and those for a single slip.

    Nothing else here knows the program from within. The ids of slips are in no table: what is
    recorded are those that are tried, fitting or not, on sheets of every kind.
    """
    from rnncalc import Cell, Network, Readout
    from rnncalc.checking import mistakes, slips
    from rnncalc.checking import whole_run as search

    network = Network(Cell([[1, 1]], [[1]], [1]), Readout([[1]], [1]))
    whole_run = {suspect.id for suspect in mistakes.suspects(network.equations)}
    whole_run |= {search.FLOAT32.id, "bh-other", "h0-other", "inputs-scaled", "other-units"}
    tried = {"no-number"}
    causes_of = slips.causes_of

    def recorded(guesses: Iterable[slips.Guess], fit: Callable[..., Any]) -> Iterable[Any]:
        every = list(guesses)
        tried.update(guess.id for guess in every)
        return causes_of(iter(every), fit)

    kinds = product((SCALAR, VECTOR), ("tanh", "sigmoid"), ("sigmoid", "softmax"))
    wrong = [(sheet.but(f=f, g=g), f"{n}[1][0]", "9.9") for sheet, f, g in kinds for n in "ahoy"]
    # h of step 2 is 0.8514
    wrong += [(SCALAR, "h[1][0]", text) for text in ("-0.8514", "0.8541", "8.514", "0.850")]
    # what is found for the whole run says nothing of slips, and takes its time
    unsought = patch.object(search, "whole_run_causes", lambda _: ())
    with unsought, patch.object(slips, "causes_of", recorded):
        for sheet, where, text in wrong:
            sheet.marked(sheet.alone(where, text))
    return whole_run, tried


def test_the_mistakes_that_can_be_named_are_those_in_the_manual() -> None:
    whole_run, single = ids_of_the_program()
    # those of a whole run are listed once, though most are looked for in a single step as well
    assert mistakes() == (whole_run, single - whole_run)


def test_the_mistakes_of_a_backward_pass_are_those_in_the_manual() -> None:
    """What is recorded are the mistakes that are looked for, fitting or not, on sheets of all kinds."""
    from rnncalc.checking import backward_mistakes

    tried: set[str] = set()
    suspects = backward_mistakes.backward_suspects

    def recorded(*arguments: Any) -> tuple[Any, ...]:
        tried.update(suspect.id for suspect in suspects(*arguments))
        return ()

    heads = (
        'why = [[1, -1], [0.5, 0.2]]\noutput_activation = "softmax"\nloss = "half_squared_error"\n',
        "why = [[1, -1], [0.5, 0.2]]\n",
        'why = [[1, -1], [0.5, 0.2]]\noutput_activation = "linear"\nreduction = "mean"\n',
    )
    body = (
        "wxh = [[0.5, 0.1], [0.2, 0.3]]\nwhh = [[0.1, 0.2], [0.3, 0.4]]\nx = [[1, 2], [3, 4], [5, 6]]\n"
        "target = [[0, 1], [1, 0], [0, 1]]\nlearning_rate = 0.1\n"
        # h_1 is right, so that a forward mistake is not looked for
        '[expect]\nh = [[0.604, 0.664], "?", "?"]\nda = [[9, 9], [9, 9], [9, 8]]\ndx = [[9, 9], [9, 9], [9, 8]]\nloss = 7\n'
        "[expect.gradients]\nwhh = [[9, 9], [9, 8]]\n[expect.updated]\nwhh = [[9, 9], [9, 8]]\n"
    )
    with patch.object(backward_mistakes, "backward_suspects", recorded):
        for head in heads:
            result = rnncalc("check", "-c", "-", stdin=head + body)
            assert (result.status, result.err) == (1, "")
    listed = (MANUAL / "gradients.md").read_text().split("For a term or a step")[1]
    (ids,) = (text for text in listed.split("\n\n") if re.fullmatch(r"(`[^`]*`\s*)+", text))

    assert set(re.findall("`([^`]*)`", ids)) == tried
