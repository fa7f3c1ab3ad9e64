"""Call the command line: `rnncalc` in this process, `spawned` as a process of its own."""

import io
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from rnncalc.cli import main

ROOT = Path(__file__).parents[1]
DOCUMENT = "--wxh 0.5 --whh 0.3 --bh 0.1 --why 0.4 --by 0.2 --x 1,2,3".split()  # noqa: SIM905  # as it is typed


@dataclass(frozen=True)
class Result:
    status: int
    out: str
    err: str


def rnncalc(*arguments: str, stdin: str = "", encoding: str = "utf-8") -> Result:
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n", write_through=True)
    err = io.StringIO()
    given = io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8")
    with patch.multiple(sys, stdin=given, stdout=out, stderr=err):
        status = main([*arguments])
    written = out.buffer
    assert isinstance(written, io.BytesIO)
    return Result(status, written.getvalue().decode(encoding), err.getvalue())


def spawned(*arguments: str, stdin: bytes = b"", **environment: str) -> Result:
    done = subprocess.run(
        [sys.executable, "-m", "rnncalc", *arguments],
        input=stdin,
        capture_output=True,
        timeout=60,
        check=False,
        env={**os.environ, **environment},
    )
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


def sh(command: str, *, cwd: Path | None = None) -> Result:
    """Run a shell command in which `rnncalc` is this interpreter's."""
    done = subprocess.run(
        ["bash", "-c", f'rnncalc() {{ "{sys.executable}" -m rnncalc "$@"; }}\n{command}'],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=60,
        check=False,
        cwd=cwd or ROOT,
    )
    return Result(done.returncode, done.stdout, done.stderr)
