"""A filter: rows in, rows out, at once, whole, and the same whatever the cuts."""

import csv
import io
import json
import os
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import IO
from unittest.mock import patch

import pytest

from calling import rnncalc, sh, spawned
from rnncalc.cli.output import size_to_wait_for, write

NETWORK = (
    "--wxh",
    "0.5 -0.3; 0.2 0.8",
    "--whh",
    "0.6 -0.2; 0.1 0.7",
    "--why",
    "1 -1; 0 1",
    "--bh",
    "0.1 0",
)
SCALAR = ("--wxh", "0.5", "--whh", "0.3")
ROWS = [(0.1 * i, -1 / (i + 1)) for i in range(1, 301)]
LINES = "".join(f"{a!r},{b!r}\n" for a, b in ROWS)


def started(*arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "rnncalc", "run", *SCALAR, "--x", "-", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream


@pytest.mark.parametrize(
    "text",
    [
        LINES,
        LINES.replace(",", " "),
        "".join(f"{json.dumps(row)}\n" for row in ROWS),
        "# two inputs\n\n" + LINES.replace("\n", "\r\n"),
        LINES.rstrip("\n"),
    ],
    ids=["commas", "blanks", "json", "comments and crlf", "no last newline"],
)
@pytest.mark.parametrize("output_format", ["jsonl", "csv", "json", "table"])
def test_the_same_bytes_come_out_wherever_a_sequence_comes_from(
    text: str, output_format: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.csv"
    path.write_text(LINES)
    flag = "; ".join(f"{a!r} {b!r}" for a, b in ROWS)
    run = ("run", *NETWORK, "-f", output_format)

    streamed = rnncalc(*run, "--x", "-", stdin=text)

    assert streamed.err == ""
    assert streamed.out == rnncalc(*run, "--x", f"@{path}").out == rnncalc(*run, "--x", flag).out


def test_json_jsonl_and_csv_hold_the_same_numbers() -> None:
    run = ("run", *NETWORK, "--x", "-")
    steps = json.loads(rnncalc(*run, "-f", "json", stdin=LINES).out)["steps"]
    lines = rnncalc(*run, "-f", "jsonl", stdin=LINES).out.splitlines()
    rows = list(csv.reader(io.StringIO(rnncalc(*run, "-f", "csv", stdin=LINES).out)))

    assert [json.loads(line) for line in lines] == steps
    assert rows[0] == ["t", *(f"{name}[{i}]" for name in "xahoy" for i in (0, 1))]
    assert [[float(text) for text in row] for row in rows[1:]] == [
        [s["t"], *s["x"], *s["a"], *s["h"], *s["o"], *s["y"]] for s in steps
    ]


@pytest.mark.parametrize("output_format", ["json", "jsonl", "csv"])
def test_programs_get_the_same_bytes_whatever_the_surroundings_say(output_format: str) -> None:
    run = ("run", *NETWORK, "--x", "1 2; 3 4", "-f", output_format, "--color", "always")
    plain = spawned(*run).out

    assert (
        spawned(*run, COLUMNS="10", FORCE_COLOR="1", LC_ALL="C", PYTHONIOENCODING="ascii").out
        == plain
    )
    pexpect = pytest.importorskip("pexpect")
    child = pexpect.spawn(
        sys.executable, ["-m", "rnncalc", *run], encoding="utf-8", dimensions=(9, 20)
    )
    assert child.read().replace("\r\n", "\n") == plain


def test_only_the_requested_quantities_are_written() -> None:
    result = rnncalc(
        "run", *NETWORK, "--x", "1 2; 3 4", "--only", "y,h", "-f", "jsonl", "--steps", "-1"
    )

    assert [list(json.loads(line)) for line in result.out.splitlines()] == [["t", "h", "y"]]


def test_the_working_of_the_chosen_quantities_alone_is_written() -> None:
    run = ("run", *SCALAR, "--x", "2", "--only", "h", "--work", "-f", "jsonl")

    # tanh(0.5 * 2) = 0.76159
    assert json.loads(rnncalc(*run).out) == {
        "t": 1,
        "h": [pytest.approx(0.76159, abs=1e-5)],
        "work": {"h": ["tanh(1) ≈ 0.762"]},
    }


def test_a_slow_producer_sees_each_line_at_once() -> None:
    with started("-f", "csv") as process:
        given, out = pipe(process.stdin), pipe(process.stdout)
        for number, line in ((b"1\n", b"1,1.0,"), (b"2\n", b"2,2.0,")):
            given.write(number)
            given.flush()
            header = out.readline() if number == b"1\n" else b"t,"
            assert header.startswith(b"t,")
            assert out.readline().startswith(line)
        given.close()
        assert process.wait(10) == 0


def test_every_line_before_a_bad_one_is_whole_and_right() -> None:
    run = ("run", *SCALAR, "--x", "-", "-f", "jsonl")
    good = rnncalc(*run, stdin="1\n2\n")

    bad = rnncalc(*run, stdin="1\n2\n3 4\n5\n")

    assert bad.out == good.out
    assert (bad.status, bad.err) == (
        2,
        "Error: standard input: line 3: '3 4' has 2 values, but wxh has 1 column, so every step needs 1\n",
    )


def test_a_json_that_ends_with_a_bad_line_ends_with_an_error() -> None:
    result = rnncalc("run", *SCALAR, "--x", "-", "-f", "json", stdin="1\nx\n")

    assert result.status == 2
    assert result.err.startswith("Error: standard input: line 2: 'x' is not ")


def test_a_state_that_overflows_in_a_stream_leaves_the_steps_before_it() -> None:
    run = ("run", "--wxh", "1", "--whh", "1e200", "--activation", "linear", "--x", "-", "-f", "csv")
    result = rnncalc(*run, stdin="1\n1\n1\n")

    assert result.out == "t,x[0],a[0],h[0]\n1,1.0,1.0,1.0\n2,1.0,1e+200,1e+200\n"
    assert (result.status, result.err.splitlines()[0][:45]) == (
        2,
        "Error: step 3: h is no longer finite: it has ",
    )


@pytest.mark.parametrize(
    ("command", "readers"),
    [
        ("run -c - --x -", "-c - and --x -"),
        ("check -c - --expect -", "-c - and --expect -"),
        ("run --wxh 1 --whh @- --bh @- --x 1", "--whh @- and --bh @-"),
    ],
)
def test_standard_input_is_only_one_thing(command: str, readers: str) -> None:
    result = rnncalc(*command.split(), stdin="1\n")

    assert (result.status, result.err) == (
        2,
        f"Error: {readers}: standard input can be only one of them; name a file\n",
    )


def stopped_in_the_middle_of_a_write(
    tmp_path: Path,
    interrupts: int,
    environment: dict[str, str],
    *,
    blocking: bool = True,
    by: int = signal.SIGINT,
    read_on: bool = True,
) -> tuple[int, bytes]:
    """Interrupt a run whose output is read no further than a small pipe's size, then read it."""
    fcntl = pytest.importorskip("fcntl")
    if not hasattr(fcntl, "F_SETPIPE_SZ"):
        pytest.skip("pipes have one size here")
    (tmp_path / "x.csv").write_text("0.5\n" * 5000)
    readable, writable = os.pipe()
    fcntl.fcntl(writable, fcntl.F_SETPIPE_SZ, 4096)  # less than one block of lines
    os.set_blocking(writable, blocking)
    run = [
        sys.executable,
        "-m",
        "rnncalc",
        "run",
        *SCALAR,
        "--x",
        f"@{tmp_path / 'x.csv'}",
        "-f",
        "jsonl",
    ]
    # a job in the background, as the tests may be, ignores interrupts, and so do its children
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(run, stdout=writable, env=os.environ | environment)
    signal.signal(signal.SIGINT, before)
    with process:
        os.close(writable)
        deadline = time.monotonic() + 30
        while unread(readable) < 4096 and time.monotonic() < deadline:
            time.sleep(0.01)
        for _ in range(interrupts):
            process.send_signal(by)
            time.sleep(0.1)
        if not read_on:
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()  # and its status says so, where the test would wait for ever
        with os.fdopen(readable, "rb") as pipe:
            out = pipe.read()
        return process.wait(timeout=30), out


@pytest.mark.parametrize("blocking", [True, False])
def test_steps_that_come_late_are_waited_for(blocking: bool) -> None:
    readable, writable = os.pipe()
    os.set_blocking(readable, blocking)
    run = [sys.executable, "-m", "rnncalc", "run", *SCALAR, "--x", "-", "-f", "csv"]
    with subprocess.Popen(run, stdin=readable, stdout=subprocess.PIPE) as process:
        os.close(readable)
        for line in (b"1\n", b"2", b"5\n"):
            time.sleep(0.3)
            os.write(writable, line)
        os.close(writable)
        assert process.stdout
        rows = process.stdout.read().splitlines()
    assert [row.split(b",")[1] for row in rows[1:]] == [b"1.0", b"25.0"]


def test_standard_input_that_cannot_be_read_is_wrong_input() -> None:
    result = sh("rnncalc run --wxh 1 --whh 0 --x - 0> /dev/null")

    assert (result.status, result.err) == (
        2,
        "Error: standard input: cannot be read: Bad file descriptor\n",
    )


def test_a_number_that_vanishes_is_refused_whatever_is_beside_it() -> None:
    vanishing = f"0.{'0' * 330}1\n"

    for beside in ("0.5\n", "5e-1\n", ""):
        result = rnncalc("run", *SCALAR, "--x", "-", "-f", "csv", stdin=vanishing + beside)
        assert result.err.startswith("Error: standard input: line 1: ")
        assert "is below the smallest float, 5e-324" in result.err


def test_a_byte_order_mark_is_written_once() -> None:
    rows = "1\n" * 1500

    out = rnncalc("run", *SCALAR, "--x", "-", "-f", "csv", stdin=rows, encoding="utf-8-sig").out

    assert "\ufeff" not in out


def unread(pipe: int) -> int:
    import fcntl
    import termios

    waiting: int
    (waiting,) = struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4))
    return waiting


@pytest.mark.parametrize("environment", [{"PYTHONUNBUFFERED": ""}, {"PYTHONUNBUFFERED": "1"}])
@pytest.mark.parametrize("blocking", [True, False])
def test_an_interrupt_waits_until_the_lines_that_are_being_written_are_whole(
    tmp_path: Path, environment: dict[str, str], blocking: bool
) -> None:
    status, out = stopped_in_the_middle_of_a_write(tmp_path, 1, environment, blocking=blocking)

    assert status == 130
    lines = out.decode().splitlines(keepends=True)
    assert 10 < len(lines) < 5000
    assert [json.loads(line)["t"] for line in lines] == [*range(1, len(lines) + 1)]
    assert lines[-1].endswith("}\n")


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_end_leaves_whole_lines_as_well(tmp_path: Path, by: int) -> None:
    before = signal.signal(by, signal.SIG_DFL)  # below nohup, SIGHUP is ignored
    try:
        status, out = stopped_in_the_middle_of_a_write(tmp_path, 1, {}, by=by)
    finally:
        signal.signal(by, before)

    assert status == -by
    assert out.endswith(b"}\n")


def test_a_second_interrupt_waits_for_nothing(tmp_path: Path) -> None:
    status, out = stopped_in_the_middle_of_a_write(tmp_path, 2, {}, read_on=False)

    assert (status, len(out)) == (130, 4096)


def test_an_interrupt_does_not_wait_for_ever_for_a_reader_that_reads_no_further(
    tmp_path: Path,
) -> None:
    status, out = stopped_in_the_middle_of_a_write(tmp_path, 1, {}, read_on=False)

    assert (status, len(out)) == (130, 4096)


class Interrupting(io.RawIOBase):
    """A file that is interrupted while it is written."""

    lines = b""

    def writable(self) -> bool:
        return True

    def write(self, lines: memoryview, /) -> int:  # type: ignore[override]  # all it is given
        signal.raise_signal(signal.SIGINT)
        self.lines += bytes(lines)
        return len(lines)


def test_a_job_that_ignores_interrupts_ignores_them_while_it_writes_too() -> None:
    out = Interrupting()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with patch.object(sys, "stdout", io.TextIOWrapper(out, encoding="utf-8")):  # type: ignore[type-var]
            write(["1\n", "2\n"])
    except KeyboardInterrupt:
        pytest.fail("it was interrupted")
    finally:
        signal.signal(signal.SIGINT, before)

    assert out.lines == b"1\n2\n"


def test_an_interrupt_between_two_lines_is_what_it_was_before_the_first() -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert rnncalc("run", *SCALAR, "--x", "1").status == 0
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("onto", [">", ">>"])
def test_a_disk_that_fills_up_leaves_whole_lines_and_an_error(
    tmp_path: Path, unbuffered: str, onto: str
) -> None:
    result = sh(
        f"export PYTHONUNBUFFERED={unbuffered}; ulimit -f 20\n"
        f"yes 0.5 | head -1000 2> /dev/null | rnncalc run --wxh 0.5 --whh 0.3 --x - -f csv {onto} {tmp_path}/out.csv"
    )

    assert (result.status, result.err) == (1, "Error: cannot write: File too large\n")
    rows = (tmp_path / "out.csv").read_text()
    assert 10 * 1024 < len(rows) <= 20 * 1024
    assert rows.endswith("\n")
    whole = sh("yes 0.5 | head -1000 | rnncalc run --wxh 0.5 --whh 0.3 --x - -f csv").out
    assert whole.startswith(rows)


def test_a_full_disk_removes_nothing_of_what_follows(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("-" * 40_000)
    result = sh(
        f"ulimit -f 20; yes 0.5 | head -1000 2> /dev/null | rnncalc run --wxh 0.5 --whh 0.3 --x - -f csv 1<> {path}"
    )

    assert (result.status, result.err) == (1, "Error: cannot write: File too large\n")
    assert path.read_text()[20 * 1024 :] == "-" * (40_000 - 20 * 1024)


@pytest.mark.parametrize(
    ("output", "status", "err"),
    [
        ("| head -2 > /dev/null", 0, ""),
        ("> /dev/full", 1, "Error: cannot write: No space left on device\n"),
        (">&-", 1, "Error: cannot write: standard output is closed\n"),
    ],
)
def test_an_output_that_ends_in_the_middle_of_a_stream_ends_the_run(
    output: str, status: int, err: str
) -> None:
    result = sh(
        f"set -o pipefail; yes 0.5 | head -100000 2> /dev/null | rnncalc run --wxh 0.5 --whh 0.3 --x - -f csv {output}; exit ${{PIPESTATUS[2]}}"
    )

    assert (result.status, result.err) == (status, err)


def peak_memory(rows: int) -> int:
    """Return the kilobytes that a stream of so many rows takes."""
    code = (
        "import resource, subprocess, sys\n"
        f"subprocess.run('yes 0.5 | head -n {rows} | {sys.executable} -m rnncalc run --wxh 0.5 --whh 0.3 --x - -f jsonl > /dev/null', shell=True, check=True)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    return int(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)


def test_the_memory_does_not_grow_with_the_sequence() -> None:
    short, long = peak_memory(50_000), peak_memory(200_000)

    assert long < short * 1.05 + 1024
    assert long < 100 * 1024


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
def test_jq_reads_what_is_written_and_feeds_what_is_read() -> None:
    fed = sh(
        """printf '{"x": [1]}\\n{"x": [2]}\\n' | jq -c .x | rnncalc run --wxh 1 --whh 1 --activation linear --x - -f json | jq -c '.steps[-1].h'"""
    )

    assert (json.loads(fed.out), fed.err) == ([3.0], "")


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="sqlite3 is not installed")
def test_sqlite_imports_the_csv(tmp_path: Path) -> None:
    table, base = tmp_path / "run.csv", tmp_path / "run.db"
    table.write_text(rnncalc("run", *SCALAR, "--x", "1 2 3", "-f", "csv").out)
    subprocess.run(["sqlite3", str(base), ".mode csv", f".import {table} run"], check=True)

    connection = sqlite3.connect(base)
    found = connection.execute('select t, "x[0]" from run').fetchall()
    connection.close()
    assert found == [("1", "1.0"), ("2", "2.0"), ("3", "3.0")]


@pytest.mark.skipif(shutil.which("mlr") is None, reason="Miller is not installed")
def test_miller_reads_the_csv_and_the_json_lines() -> None:
    assert sh(
        "rnncalc run --wxh 1 --whh 1 --activation linear --x '1 2' -f csv | mlr --icsv --ojson cut -f t then tail -n 1"
    ).out.split() == ["[", "{", '"t":', "2", "}", "]"]
    assert (
        sh(
            "rnncalc run --wxh 1 --whh 1 --activation linear --x '1 2' -f jsonl | mlr --ijsonl --ocsv cut -f t then tail -n 1"
        ).out
        == "t\n2\n"
    )


@pytest.mark.filterwarnings("ignore")  # pandas's own
def test_pandas_reads_the_csv_and_the_json_lines() -> None:
    pandas = pytest.importorskip("pandas")
    run = ("run", *SCALAR, "--x", "1 2 3")
    table = pandas.read_csv(
        io.StringIO(rnncalc(*run, "-f", "csv").out), float_precision="round_trip"
    )
    lines = pandas.read_json(
        io.StringIO(rnncalc(*run, "-f", "jsonl").out), lines=True, precise_float=True
    )

    assert table["h[0]"].tolist() == [h for (h,) in lines["h"]]


def test_a_terminal_is_told_what_is_waited_for() -> None:
    pexpect = pytest.importorskip("pexpect")
    child = pexpect.spawn(
        sys.executable,
        ["-m", "rnncalc", "run", *SCALAR, "--x", "-", "-f", "csv"],
        encoding="utf-8",
        timeout=20,
    )
    child.expect("reading steps from standard input: one step per line, then Ctrl-D")
    child.sendline("1")
    child.expect("1,1.0,0.5,0.462117157260")
    child.sendeof()
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def test_a_person_who_waits_for_a_file_sees_how_far_it_is_and_the_file_is_whole(
    tmp_path: Path,
) -> None:
    pexpect = pytest.importorskip("pexpect")
    path, out = tmp_path / "x", tmp_path / "out"
    path.write_text("0.5\n" * 500_000)
    command = f"{sys.executable} -m rnncalc run --wxh 0.5 --whh 0.3 --x - -f csv < {path} > {out}"
    child = pexpect.spawn("bash", ["-c", command], encoding="utf-8", timeout=50)
    child.expect(r"\d steps, [\d,]+ a second")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    lines = out.read_bytes().splitlines()
    assert (len(lines), lines[-1][:11]) == (500_001, b"500000,0.5,")


def test_nobody_else_sees_a_progress_bar(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("0.5\n" * 300_000)

    result = sh(f"rnncalc run --wxh 0.5 --whh 0.3 --x - -f csv < {path} > /dev/null")

    assert (result.status, result.err) == (0, "")


def test_only_a_file_is_waited_for_and_only_if_the_output_does_not_show_the_progress(
    tmp_path: Path,
) -> None:
    pty = pytest.importorskip("pty")
    (tmp_path / "x").write_bytes(b"0.5\n" * 1000)
    ends = pty.openpty()
    readable, writable = os.pipe()
    with (
        open(ends[1], "w") as terminal,  # noqa: PTH123  # a descriptor has no path
        open(readable) as pipe_,  # noqa: PTH123
        (tmp_path / "x").open() as file,
        (tmp_path / "out").open("w") as out,
    ):

        def waited(given: object, shown: object, said: object) -> int:
            with patch.multiple(sys, stdin=given, stdout=shown, stderr=said):
                return size_to_wait_for()

        assert waited(file, out, terminal) == 4000
        assert waited(file, terminal, terminal) == 0
        assert waited(file, out, out) == 0
        assert waited(pipe_, out, terminal) == 0
    os.close(ends[0])
    os.close(writable)


def test_in_a_terminal_there_are_colours_unless_no_color_is_set() -> None:
    pexpect = pytest.importorskip("pexpect")
    run = ["-m", "rnncalc", "run", *SCALAR, "--x", "1"]

    def shown(no_color: str) -> str:
        surroundings = {**os.environ, "TERM": "xterm-256color", "NO_COLOR": no_color}
        child = pexpect.spawn(sys.executable, run, encoding="utf-8", env=surroundings)
        text: str = child.read()
        return text

    colourless = shown("1")
    assert "0.462" in colourless
    assert "\x1b" not in colourless
    assert "\x1b[" in shown("")  # no-color.org: set, and not empty
