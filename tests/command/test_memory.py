"""Where memory is short, every command says so in one line, or succeeds."""

import subprocess
import sys
from pathlib import Path

import pytest

from calling import ROOT, Result, rnncalc
from rnncalc.cli.memory import lacks_memory
from rnncalc.cli.output import status_of

resource = pytest.importorskip("resource")
MEGABYTES = (60, 80, 100, 120, 140, 170, 250, 400)  # Python alone takes 13


def limited(megabytes: int, *arguments: str) -> Result:
    limit = megabytes * 2**20
    done = subprocess.run(
        [sys.executable, "-m", "rnncalc", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )
    return Result(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def long_toml(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("memory") / "long.toml"
    numbers = "0.5," * 20_000
    path.write_text(f"wxh = 1\nwhh = 0.5\nx = [{numbers}]\n[expect]\nh = [{numbers}]\n")
    return path


@pytest.mark.parametrize(
    ("command", "limits"),
    [
        ("activations", MEGABYTES[::2]),
        ("run -c sample_configs/document.toml -f json", MEGABYTES[1::2]),
        ("run -c sample_configs/two_classes.toml --work -f html", MEGABYTES[::2]),
        ("check -c sample_configs/document_as_printed.toml", MEGABYTES[1::2]),
        ("run -c {long_toml} --steps -1", MEGABYTES[::2]),
        ("run -c {long_toml} -f csv", MEGABYTES[1::2]),
    ],
)
def test_under_any_limit_a_command_does_all_or_says_in_one_line_that_memory_is_short(
    command: str, limits: tuple[int, ...], long_toml: Path
) -> None:
    words = command.format(long_toml=long_toml).split()
    whole = rnncalc(*words)

    results = {megabytes: limited(megabytes, *words) for megabytes in limits}

    short = Result(2, "", "Error: out of memory\n")
    assert {m: r for m, r in results.items() if r not in (short, whole)} == {}
    assert short in results.values()
    assert whole in results.values()


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(12, "Cannot allocate memory"),
        SystemError("<built-in function loads> returned NULL without setting an exception"),
        ImportError("libopenblas.so: failed to map segment from shared object"),
        caused(ImportError("IMPORTANT: PLEASE READ THIS"), MemoryError()),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_lack_of_memory_is_told_by_whatever_it_raises(
    error: Exception, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", None)

    def greedy() -> int:
        raise error

    assert status_of(greedy) == 2
    assert capsys.readouterr().err == "Error: out of memory\n"


@pytest.mark.parametrize("error", [ImportError("no such module"), SystemError("bad"), OSError(5)])
def test_no_other_error_is_taken_for_one(error: Exception) -> None:
    assert not lacks_memory(error)


def test_an_error_that_nobody_foresaw_is_not_hidden() -> None:
    def broken() -> int:
        raise ImportError("no such module")

    with pytest.raises(ImportError, match="no such module"):
        status_of(broken)
