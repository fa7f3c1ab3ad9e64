"""Note which lines of the package each test executes, in its own process and in those it starts.

A copy named `sitecustomize`, first on the path of Python, is imported by each of these processes;
pytest needs it as a plugin too. At its end each process leaves a file of notes in the folder of the
copy: a list of (id of the test, seconds, lines by path). Imports are left out, as they are of no
single test. RNNCALC_TRACED is the folder of the package. PYTEST_DONT_REWRITE what is imported.
"""

import atexit
import inspect
import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic_ns, perf_counter
from types import CodeType, FrameType
from typing import Any

_PACKAGE = os.environ.get("RNNCALC_TRACED", "?")
_every: dict[CodeType, frozenset[int]] = {}
_left: dict[CodeType, set[int]] = {}  # of what was called: to trace only the rest is much faster
_notes: list[tuple[str, float, dict[str, list[int]]]] = []
_begun = [(os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0], perf_counter())]
_exit = os._exit


def _lines_of(code: CodeType) -> frozenset[int]:
    is_function = code.co_flags & inspect.CO_OPTIMIZED
    if not is_function or not code.co_filename.startswith(_PACKAGE):
        return frozenset()
    return frozenset(line for *_, line in code.co_lines() if line)


def _rest(code: CodeType) -> set[int]:
    if code not in _left:
        if code not in _every:
            _every[code] = _lines_of(code)
        _left[code] = {*_every[code]}
    return _left[code]


def _enter(frame: FrameType, _event: str, _argument: object) -> Callable[..., Any] | None:
    lines = _left.get(frame.f_code)
    lines = _rest(frame.f_code) if lines is None else lines
    if not lines:
        return None
    lines.discard(frame.f_lineno)
    return _note


def _note(frame: FrameType, _event: str, _argument: object) -> Callable[..., Any]:
    lines = _rest(frame.f_code)
    lines.discard(frame.f_lineno)
    frame.f_trace_lines = bool(lines)
    return _note


def _begin(test: str) -> None:
    calls: dict[str, set[int]] = {}
    for code, lines in [*_left.items()]:
        if _every[code] - lines:
            calls.setdefault(code.co_filename, set()).update(_every[code] - lines)
    before, start = _begun.pop()
    _notes.append((before, perf_counter() - start, {k: [*v] for k, v in calls.items()}))
    _left.clear()
    _begun.append((test, perf_counter()))


def _write() -> None:
    sys.settrace(None)
    _begin("")
    file = Path(__file__).with_name(f"{os.getpid()}-{monotonic_ns()}")
    file.write_text(json.dumps(_notes))
    file.rename(file.with_suffix(".notes"))  # a process may be killed while it writes


def _leave(status: int) -> None:
    _write()
    _exit(status)


def pytest_runtest_logstart(nodeid: str) -> None:
    """Begin with a test."""
    _begin(nodeid)


if __name__ == "sitecustomize":
    atexit.register(_write)
    os._exit = _leave  # type: ignore[assignment]
    threading.settrace(_enter)
    sys.settrace(_enter)
