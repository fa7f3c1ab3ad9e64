"""The help texts: each fits a screen and says what to do next."""

import re

import pytest

from calling import ROOT, rnncalc, sh, spawned

COMMANDS = ("run", "check", "grad")


def screen(command: str) -> list[str]:
    """Return the help of a command in a terminal of 80 columns."""
    return spawned(command, "--help", COLUMNS="80").out.splitlines()


def groups(lines: list[str]) -> dict[str, list[str]]:
    """Return the flags of each group, in order."""
    found: dict[str, list[str]] = {}
    group = ""
    for line in lines:
        if heading := re.fullmatch(r"(\w[\w ]*):", line):
            found[group := heading[1]] = []
        elif flag := re.match(r"  (?:-\w, )?(--[a-z0-9-]+)", line):
            found[group].append(flag[1])
    return found


@pytest.mark.parametrize("command", COMMANDS)
def test_the_first_screen_has_the_purpose_three_commands_and_a_group_of_flags(command: str) -> None:
    lines = screen(command)
    headings = [i for i, line in enumerate(lines) if re.fullmatch(r"\w[\w ]*:", line)]

    assert max(map(len, lines)) <= 80
    assert sum(line.startswith(f"  rnncalc {command}") for line in lines[: headings[0]]) == 3
    assert headings[1] <= 24


def test_the_flags_of_run_are_in_four_groups() -> None:
    found = groups(screen("run"))

    assert list(found) == ["Network", "Sequence", "Show", "Output"]
    assert found["Network"][:6] == ["--config", "--wxh", "--whh", "--bh", "--why", "--by"]
    assert found["Sequence"][:2] == ["--x", "--h0"]
    assert "--by-hand" in found["Show"]
    assert found["Output"][0] == "--format"
    assert found["Output"][-1] == "--help"


def test_check_and_grad_begin_with_what_is_theirs() -> None:
    check, grad = groups(screen("check")), groups(screen("grad"))

    assert list(check) == ["Printed values", "Network", "Sequence", "Loss", "Show", "Output"]
    assert list(grad) == ["Loss", "Network", "Sequence", "Show", "Output"]
    assert grad["Loss"][:2] == ["--target", "--loss"]


@pytest.mark.parametrize("command", [*COMMANDS, "weights", "init", "activations"])
def test_help_of_a_command_is_its_help(command: str) -> None:
    assert rnncalc("help", command) == rnncalc(command, "--help")


def test_help_lists_every_page_of_the_manual_by_its_title() -> None:
    listed = dict(
        line.strip().split("  ", maxsplit=1)
        for line in rnncalc("help").out.splitlines()
        if line.startswith("  ")
    )
    pages = {path.stem: path for path in (ROOT / "rnncalc" / "manual").glob("*.md")}

    assert set(listed) == set(pages)
    for topic, title in listed.items():
        assert pages[topic].read_text().startswith(f"# {title.strip()}\n")


def test_a_topic_is_written_as_it_is_into_a_pipe() -> None:
    page = ROOT / "rnncalc" / "manual" / "weight-files.md"

    assert rnncalc("help", "weight-files").out == page.read_text()
    assert rnncalc("help", "Weight_Files.md").out == page.read_text()


def test_a_topic_is_set_where_colours_are_wanted() -> None:
    shown = spawned("help", "formats", FORCE_COLOR="1", TERM="xterm-256color", COLUMNS="80").out

    assert "\x1b[" in shown
    assert "```" not in shown


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-16"])
def test_a_topic_is_shown_in_any_encoding(encoding: str) -> None:
    result = sh(f"PYTHONIOENCODING={encoding} rnncalc help rounding")

    assert (result.status, result.err) == (0, "")
    assert "rnncalc" in result.out.replace("\0", "")


def test_a_topic_that_is_mistyped_is_answered_with_the_nearest() -> None:
    result = rnncalc("help", "fomats")

    assert (result.status, result.out) == (2, "")
    assert result.err == "Error: 'fomats' is not a topic; did you mean 'formats'?\n"


def test_the_version_has_a_short_flag() -> None:
    assert rnncalc("-V") == rnncalc("--version")
    assert spawned("-V").out == rnncalc("--version").out


@pytest.mark.parametrize(
    ("shell", "mark"), [("zsh", "#compdef rnncalc"), ("bash", "complete -o"), ("fish", "--command")]
)
def test_the_shell_whose_completion_is_shown_can_be_named(shell: str, mark: str) -> None:
    assert mark in spawned("--show-completion", shell).out


def test_every_sample_is_listed_in_80_columns_and_printed() -> None:
    samples = sorted((ROOT / "sample_configs").glob("*.toml"))
    listed = rnncalc("init", "--list").out.splitlines()

    assert [line.split()[0] for line in listed] == [path.stem for path in samples]
    assert all(" " in line and len(line) <= 80 for line in listed)
    for path in samples:
        assert rnncalc("init", path.stem).out == path.read_text()
    assert rnncalc("init", "names.toml").out == rnncalc("init", "names").out


def test_a_sample_that_is_mistyped_is_answered_with_the_nearest() -> None:
    result = rnncalc("init", "name")

    assert (result.status, result.out) == (2, "")
    assert result.err == "Error: 'name' is not a sample; did you mean 'names'?\n"


def test_help_in_a_pipe_that_closes_is_no_error() -> None:
    assert sh("rnncalc help formats | head -n 1; exit ${PIPESTATUS[0]}").status == 0
