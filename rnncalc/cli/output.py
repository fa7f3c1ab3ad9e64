"""The one place that prints, and the exit statuses for what can go wrong there."""

import io
import os
import signal
import stat
import sys
from codecs import getincrementalencoder
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO

from rnncalc.errors import InputError

_PATIENCE = 2.0  # seconds that a reader has left after a signal to end
DONE, FAILED, WRONG_INPUT = 0, 1, 2
_CLOSED = "standard output is closed"


def status_of(action: Callable[[], int | None], failed: int = FAILED) -> int:
    """Run `action` and return the exit status, after reporting on standard error what went wrong.

    A reader that has closed the pipe is not an error: `rnncalc ... | head -1` succeeds.

    Args:
        action: writes something to standard output, unless it returns a status other than 0.
        failed: the status if it cannot be written.
    """
    try:
        status = action() or DONE
    except InputError as error:
        return fail(str(error), WRONG_INPUT)
    except BrokenPipeError:
        return _reader_gone()
    except (OSError, MemoryError, ImportError, SystemError) as error:
        return _failure(error, failed)
    except SystemExit as error:  # Typer's own
        if isinstance(error.__context__, BrokenPipeError):
            return _reader_gone()
        status = int(error.code or DONE)
    if status == DONE and sys.stdout is None:  # Typer prints its help to nobody without a word
        return fail(f"cannot write: {_CLOSED}", failed)
    return status


def _failure(error: Exception, failed: int) -> int:
    """Report an error that the input is not to blame for, and return the status."""
    from rnncalc.cli.memory import lacks_memory

    lacking = lacks_memory(error)
    if not lacking and not isinstance(error, OSError):
        raise error
    _drop_the_rest()
    if lacking:
        return fail("out of memory", WRONG_INPUT)
    return fail(f"cannot write: {getattr(error, 'strerror', None) or error}", failed)


def write(texts: Iterable[str]) -> None:
    """Write the texts to standard output as they come, every byte of them.

    Where the reader has closed the pipe, nothing more is written, or even asked for.
    """
    if sys.stdout is None:
        raise OSError(_CLOSED)
    sys.stdout.flush()
    # below Python's buffer, which does not say how far it got, and which `python -u` lacks
    buffer: Any = sys.stdout.buffer
    raw = getattr(buffer, "raw", buffer)
    # one encoder for all texts, since UTF-16 begins with a single mark
    encode = getincrementalencoder(sys.stdout.encoding)(sys.stdout.errors or "strict").encode
    try:
        for text in texts:
            with _unbroken():
                _write_all(raw, encode(text))
    except BrokenPipeError:
        _drop_the_rest()


def _write_all(raw: io.RawIOBase, lines: bytes) -> None:
    """Write every byte: a signal or a full disk may cut a single call short."""
    done = 0
    try:
        while done < len(lines):
            written = raw.write(memoryview(lines)[done:])
            if written is None:  # a non-blocking pipe is full
                from select import select

                select([], [raw], [])
            done += written or 0
    except OSError:
        _end_with_a_line(raw, done - lines.rfind(b"\n", 0, done) - 1)
        raise


def _end_with_a_line(raw: io.RawIOBase, too_much: int) -> None:
    """Remove an incomplete line from the end of a file: it would read as another number."""
    with suppress(OSError):
        if raw.seekable() and raw.tell() == os.fstat(raw.fileno()).st_size:
            raw.truncate(raw.tell() - too_much)


@contextmanager
def _unbroken() -> Iterator[None]:
    """Delay a signal to end until the lines that are being written are whole.

    A second signal is not delayed, nor is the first if the reader has stopped reading.
    """
    names = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has only two of them
    enders = [getattr(signal, name) for name in names if hasattr(signal, name)]
    kept = (signal.SIG_IGN, None)  # ignored, as in a background job, or not Python's
    before = {n: signal.getsignal(n) for n in enders if signal.getsignal(n) not in kept}
    waiting: list[int] = []

    def remember(number: int, _frame: object) -> None:
        waiting.append(number)
        if len(waiting) > 1:
            end(waiting[0])
        elif hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, lambda *_: end(number))
            signal.setitimer(signal.ITIMER_REAL, _PATIENCE)

    def end(number: int) -> None:
        signal.signal(number, before[number])
        signal.raise_signal(number)

    for number in before:
        signal.signal(number, remember)
    try:
        yield
    finally:
        if waiting and hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
        for number, handler in before.items():
            signal.signal(number, handler)
    if waiting:
        end(waiting[0])


def fail(message: str, status: int) -> int:
    """Report on standard error what went wrong, and return the status."""
    say(f"Error: {message}")
    return status


def say(message: str) -> None:
    """Print a line on standard error."""
    if sys.stderr is not None:
        with suppress(OSError):  # nobody is left to read it, but the status remains
            print(message, file=sys.stderr, flush=True)  # noqa: T201  # this is the place


def encoding() -> str:
    """Return the encoding of standard output."""
    return getattr(sys.stdout, "encoding", None) or "ascii"


def standard_input() -> BinaryIO:
    """Return standard input.

    Raises:
        InputError: it is closed.
    """
    if sys.stdin is None:
        raise InputError("standard input: is closed")
    return sys.stdin.buffer


def size_to_wait_for() -> int:
    """Return the size of standard input in bytes if a person waits for it to be read, else 0.

    It must be a file, standard error a terminal, and standard output not a terminal.
    """
    if sys.stderr is None or not sys.stderr.isatty() or terminal_width() is not None:
        return 0
    found = os.fstat(sys.stdin.fileno())
    return found.st_size if stat.S_ISREG(found.st_mode) else 0


def terminal_width() -> int | None:
    """Return the columns of the terminal, or None if standard output is not a terminal."""
    if sys.stdout is None or not sys.stdout.isatty():
        return None
    from shutil import get_terminal_size

    return get_terminal_size().columns


def _reader_gone() -> int:
    _drop_the_rest()
    return DONE


def _drop_the_rest() -> None:
    """Discard what is still buffered, or Python would try to write it again, and complain."""
    if sys.stdout is not None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
