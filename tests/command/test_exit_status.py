"""0 done, 1 could not write, 2 the input is wrong, 130 interrupted."""

import signal
import subprocess
import sys
import time

import pytest

from calling import sh

RUN = "run -c sample_configs/document.toml -f json"


@pytest.mark.parametrize(
    ("command", "status", "err"),
    [
        (f"rnncalc {RUN} > /dev/null", 0, ""),
        (f"rnncalc {RUN} > /dev/full", 1, "Error: cannot write: No space left on device\n"),
        (f"rnncalc {RUN} >&-", 1, "Error: cannot write: standard output is closed\n"),
        ("rnncalc --version > /dev/full", 1, "Error: cannot write: No space left on device\n"),
        ("rnncalc --help > /dev/full", 1, "Error: cannot write: No space left on device\n"),
        ("rnncalc run --help > /dev/full", 1, "Error: cannot write: No space left on device\n"),
        ("rnncalc init >&-", 1, "Error: cannot write: standard output is closed\n"),
        (f"rnncalc {RUN} --by nan > /dev/null 2>&-", 2, ""),
        ("rnncalc run -c - <&-", 2, "Error: standard input: is closed\n"),
        ("rnncalc run --wxh 1 --whh 0 --x - <&-", 2, "Error: standard input: is closed\n"),
    ],
)
def test_what_goes_wrong_is_one_line_and_a_status(command: str, status: int, err: str) -> None:
    result = sh(command)

    assert (result.status, result.err) == (status, err)


CLOSED = "Error: cannot write: standard output is closed\n"
CHECK = "check -c sample_configs/document_as_printed.toml"
COMPLETE = "_RNNCALC_COMPLETE=complete_bash COMP_WORDS='rnncalc r' COMP_CWORD=1 rnncalc"


@pytest.mark.parametrize(
    "command",
    [
        "rnncalc",
        "rnncalc --help",
        "rnncalc -h",
        "rnncalc --version",
        "rnncalc run --help",
        "rnncalc init",
        "rnncalc activations",
        f"rnncalc {RUN}",
        f"rnncalc {RUN} --show-config",
        COMPLETE,
        "_RNNCALC_COMPLETE=source_bash rnncalc",
    ],
)
def test_with_standard_output_closed_every_command_fails(command: str) -> None:
    result = sh(f"{command} >&-")

    assert (result.status, result.err) == (1, CLOSED)


@pytest.mark.parametrize("command", [CHECK, f"{CHECK} -f json", "check --help"])
@pytest.mark.parametrize(
    ("to", "err"),
    [(">&-", CLOSED), ("> /dev/full", "Error: cannot write: No space left on device\n")],
)
def test_of_check_1_is_a_verdict_and_all_trouble_is_2(command: str, to: str, err: str) -> None:
    result = sh(f"rnncalc {command} {to}")

    assert (result.status, result.err) == (2, err)


@pytest.mark.parametrize("command", [f"{RUN} --by nan", "run --frobnicate", "run -f xml"])
def test_wrong_input_is_told_whether_or_not_standard_output_is_open(command: str) -> None:
    closed, opened = sh(f"rnncalc {command} >&-"), sh(f"rnncalc {command}")

    assert closed.status == 2
    assert (closed.err, closed.err.count("Error: ")) == (opened.err, 1)


@pytest.mark.parametrize("output_format", ["table", "json"])
def test_the_verdict_of_check_is_its_status_even_if_nobody_reads_the_answer(
    output_format: str,
) -> None:
    for file, status in (("document_as_printed", 1), ("document", 2)):
        command = f"rnncalc check -c sample_configs/{file}.toml -f {output_format}"
        result = sh(f"{command} 2> /dev/null | true; exit ${{PIPESTATUS[0]}}")
        assert result.status == status


@pytest.mark.parametrize("reader", ["true", "head -c 1"])
@pytest.mark.parametrize("what", ["--help", "run --help", RUN, "activations"])
def test_a_reader_that_stops_reading_is_not_an_error(what: str, reader: str) -> None:
    result = sh(f"rnncalc {what} | {reader} > /dev/null; exit ${{PIPESTATUS[0]}}")

    assert (result.status, result.err) == (0, "")


def test_nobody_is_left_to_read_anything() -> None:
    result = sh("rnncalc check --help 2>&- | true; exit ${PIPESTATUS[0]}")

    assert (result.status, result.err) == (0, "")


def test_a_long_output_to_a_reader_that_stops_reading_is_not_an_error() -> None:
    result = sh(
        "rnncalc run --wxh 1 --whh 0 --x @<(seq 100000) -f json | head -1 | wc -l; exit ${PIPESTATUS[0]}"
    )

    assert (result.status, result.out, result.err) == (0, "1\n", "")


def test_an_interrupt_ends_with_130_and_no_traceback() -> None:
    waiting = subprocess.Popen(
        [sys.executable, "-m", "rnncalc", "run", "-c", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # a job in the background is started with interrupts ignored
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    with waiting:
        time.sleep(1)
        waiting.send_signal(signal.SIGINT)
        out, err = waiting.communicate(timeout=20)

    assert (waiting.returncode, out, err) == (130, b"", b"")


@pytest.mark.parametrize("err", ["2>&-", "2> /dev/full"])
def test_a_message_that_nobody_can_read_goes_nowhere_else(err: str) -> None:
    result = sh(f"rnncalc {RUN} --by nan {err}")

    assert (result.status, result.out, result.err) == (2, "", "")
