"""Whatever the README shows is run, and compared."""

import subprocess
import sys
import tomllib

import pytest
from readme import README, blocks, replayed

from calling import ROOT, rnncalc, sh

CONSOLE = blocks("console")


@pytest.mark.parametrize("block", CONSOLE, ids=lambda block: block.splitlines()[0][2:40])
def test_a_console_block_shows_what_its_commands_print(block: str) -> None:
    assert replayed(block) == block


def test_the_quick_start_has_two_blocks_of_one_command() -> None:
    quick_start = README.read_text().split("## Quick start")[1].split("\n## ")[0]

    assert [block.count("\n") for block in blocks("sh", quick_start)] == [1, 1]


def test_the_toml_file_runs_to_the_first_table() -> None:
    first_table = CONSOLE[0].split("\n", 1)[1]

    for block in blocks("toml"):
        if "expect" not in tomllib.loads(block):
            assert rnncalc("run", "-c", "-", stdin=block).out == first_table


@pytest.mark.parametrize("block", blocks("python"))
def test_the_python_block_runs(block: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", block], capture_output=True, text=True, check=True, cwd=ROOT
    )

    assert done.stdout == "[[0.537]\n [0.851]\n [0.952]]\n"


def test_every_flag_and_key_is_in_the_readme() -> None:
    text = README.read_text()
    shown = sh("rnncalc run --help").out

    flags = {word.strip(",") for word in shown.split() if word.startswith("--")}
    assert {flag for flag in flags if f"`{flag}" not in text and f" {flag}" not in text} == {
        "--help",
        "--config",
        "--format",
        "--precision",
    }
