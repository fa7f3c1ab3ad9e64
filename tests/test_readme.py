"""Whatever the README shows is run, and compared."""

import json
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
from readme import PICTURES, README, blocks, mistakes, replayed
from sheets import SCALAR, VECTOR

CONSOLE = blocks("console")


@pytest.mark.parametrize("block", CONSOLE, ids=lambda block: block.splitlines()[0][2:40])
def test_a_console_block_shows_what_its_commands_print(block: str) -> None:
    shown, printed = split(block), split(replayed(block))

    assert printed[0] == shown[0]
    assert printed[1] == pytest.approx(shown[1], rel=1e-14)


def split(text: str) -> tuple[str, list[float]]:
    """Return the text without its full-digit figures, and those: their last bits are the machine's."""
    digits = r"-?\d\.\d{14,}(?:e[-+]\d+)?"
    return re.sub(digits, "#", text), [float(figure) for figure in re.findall(digits, text)]


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.name)
def test_a_picture_shows_what_its_command_makes(path: Path) -> None:
    def words(picture: str) -> list[str]:
        """Return the words: the drawing around them is Rich's."""
        drawn = re.sub(r"<(style|title).*?</\1>", "", picture, flags=re.DOTALL)
        return re.sub(r"<[^>]*>", "", drawn).split()

    assert words(sh(PICTURES[path]).out) == words(path.read_text())


def test_the_quick_start_has_two_blocks_of_one_command() -> None:
    quick_start = README.read_text().split("## Quick start")[1].split("\n## ")[0]

    assert [block.count("\n") for block in blocks("sh", quick_start)] == [1, 1]


def test_the_toml_file_runs_to_the_first_table() -> None:
    first_table = CONSOLE[0].split("\n", 1)[1]

    for block in blocks("toml"):
        if "expect" not in tomllib.loads(block):
            assert rnncalc("run", "-c", "-", stdin=block).out == first_table


def in_python(block: str, folder: Path) -> str:
    command = [sys.executable, "-W", "error", "-c", block]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder).stdout


def test_the_python_block_runs(tmp_path: Path) -> None:
    assert in_python(blocks("python")[0], tmp_path) == "[[0.537]\n [0.851]\n [0.952]]\n"


def test_the_weights_of_pytorch_go_through_files(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    in_python(blocks("python")[1], tmp_path)
    (command,) = re.findall(r"`(rnncalc run --wxh @[^`]*)`", README.read_text())

    assert json.loads(sh(f"{command} -f json", cwd=tmp_path).out)["network"]["hidden_size"] == 4


def test_every_flag_and_key_is_in_the_readme() -> None:
    text = README.read_text()
    shown = sh("rnncalc run --help").out

    shown += sh("rnncalc check --help").out
    flags = {word.strip(",.") for word in shown.split() if word.startswith("--")}
    assert {flag for flag in flags if f"`{flag}" not in text and f" {flag}" not in text} == {
        "--help",
        "--config",
        "--format",
        "--precision",
    }


def test_the_figures_to_check_are_those_of_the_sample() -> None:
    (block,) = (block for block in blocks("toml") if "expect" in tomllib.loads(block))
    sample = ROOT / "sample_configs" / "document_as_printed.toml"

    assert tomllib.loads(block) == tomllib.loads(sample.read_text())


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
    whole_run |= {search.FLOAT32.id, "bh-other", "h0-other", "inputs-scaled"}
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


def test_the_mistakes_that_can_be_named_are_those_in_the_readme() -> None:
    whole_run, single = ids_of_the_program()
    # those of a whole run are listed once, though most are looked for in a single step as well
    assert mistakes() == (whole_run, single - whole_run)
