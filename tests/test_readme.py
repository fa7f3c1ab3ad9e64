"""Whatever the README shows is run, and compared."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from calling import ROOT, rnncalc, sh
from readme import PICTURES, README, blocks, replayed

CONSOLE = blocks("console")


@pytest.mark.parametrize("block", CONSOLE, ids=lambda block: block.splitlines()[0][2:40])
def test_a_console_block_shows_what_its_commands_print(block: str) -> None:
    assert replayed(block) == block


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.name)
def test_a_picture_shows_what_its_command_makes(path: Path) -> None:
    def text(picture: str) -> str:
        """Return the words: the drawing around them is Rich's."""
        return re.sub(
            r"<[^>]*>", "", re.sub(r"<(style|title).*?</\1>", "", picture, flags=re.DOTALL)
        )

    assert text(sh(PICTURES[path]).out) == text(path.read_text())


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
