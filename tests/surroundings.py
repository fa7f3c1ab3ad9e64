"""Random surroundings of a command: variables, encodings, and streams that fail, as a shell line.

A case is one line of bash, so that it can be pasted as it is printed.
"""

import random
import shlex
from collections.abc import Callable
from typing import NamedTuple

from calling import Result, sh

VARIABLES = {
    "COLUMNS": ("0", "1", "-5", "20", "40", "wide", "100000", "''"),
    "LINES": ("0", "x"),
    "TERM": ("dumb", "''", "xterm", "xterm-256color", "no-such-terminal"),
    "NO_COLOR": ("''", "1"),
    "FORCE_COLOR": ("''", "1"),
    "PYTHONUNBUFFERED": ("1",),
    "PYTHONUTF8": ("0", "1"),
    "PYTHONIOENCODING": ("ascii", "latin-1", "cp1252", "utf-8:strict", "utf-16", ":replace"),
    "LC_ALL": ("C", "POSIX", "no_SUCH"),
    "LANG": ("C",),
    "HOME": ("/nowhere",),
}
READERS = (
    "cat",
    "head -c 1",
    "head -1",
    "true",
    "{ head -c 300; sleep 0.1; }",
    "{ exec <&-; sleep 0.1; }",
)
MODEL = "--wxh 0.5 --whh 0.3 --why '0.4; -0.4'"
VERTICES = "wxh = 0.5\nwhh = 0.3\nx = [1, 2]\n[expect]\nh = [0.462, 0.5]\n"


class Case(NamedTuple):
    """A command in its surroundings.

    Attributes:
        line: of bash.
        bare: the same command with nothing around it, or "" if it has no proper output.
        shown: whether its standard output can be read whole.
        lost: whether its standard output cannot be written.
        readable: whether its standard error can be read.
    """

    line: str
    bare: str
    shown: bool
    lost: bool
    readable: bool


def case(r: random.Random) -> Case:
    """Return a random command in random surroundings."""
    command, stdin = spoken(r)
    fed = f"printf %s {shlex.quote(stdin)} | " if stdin else ""
    given = "" if stdin else r.choice(("", "", "< /dev/null", "<&-", "< /dev/full"))
    chosen = r.sample(list(VARIABLES), r.choice((0, 1, 1, 2, 3)))
    around = " ".join(f"{name}={r.choice(VARIABLES[name])}" for name in chosen)
    out = r.choice(("", "", "", ">&-", "> /dev/full", "|", "|", "> /dev/null"))
    err = r.choice(("", "", "", "2>&-", "2> /dev/full", "2> /dev/null"))
    words = " ".join(part for part in (around, "rnncalc", command, given, err) if part)
    if out == "|":
        line = f"{fed}{words} | {r.choice(READERS)}; exit ${{PIPESTATUS[{int(bool(fed))}]}}"
    else:
        line = f"{fed}{words} {out}".rstrip()
    proper = not given and any(f in command for f in ("json", "csv")) and not encoded(around)
    bare = f"{fed}rnncalc {command}" if proper else ""
    return Case(line, bare, not out, out in (">&-", "> /dev/full"), not err)


def encoded(around: str) -> bool:
    return "utf-16" in around


def spoken(r: random.Random) -> tuple[str, str]:
    """Return a random command, and what it is given on standard input."""
    form = r.choice(("", "-f json", "-f jsonl", "-f csv", "-f md", "-f tex", "-f html", "-f svg"))
    kinds: tuple[Callable[[], tuple[str, str]], ...] = (
        lambda: (
            r.choice(
                (
                    "--help",
                    "run --help",
                    "check --help",
                    "--version",
                    "",
                    "init",
                    "help",
                    "help rounding",
                    "init --list",
                )
            ),
            "",
        ),
        lambda: ("activations", ""),
        lambda: (f"run {MODEL} --x '{' '.join('1' * r.choice((1, 3, 200)))}' {form}", ""),
        lambda: (f"run {MODEL} --x - {form}", "1\n" * r.choice((0, 1, 3, 3000))),
        lambda: (
            f"run {MODEL} --x '1 2' {r.choice(('--work', '--plot', '--by-hand', '--all'))}",
            "",
        ),
        lambda: ("run -c -", VERTICES),
        lambda: (f"check -c - {r.choice(('', '-f json', '--all', '--by-hand'))}", VERTICES),
        lambda: (f"check {MODEL} --x '1 2' --h '0.5 {r.choice(('0.6', 'x', '½'))}'", ""),
        lambda: (f"run {MODEL} --x {r.choice(('1,2,x', '@/nowhere', '@', '½'))} {form}", ""),
    )
    return r.choice(kinds)()


def fault(found: Case, result: Result) -> str:
    """Return what is wrong with the result of a case, or "" if nothing is."""
    if result.status not in (0, 1, 2):
        return f"status {result.status}"
    err = result.err.replace("\0", "")  # UTF-16, where a case asks for it
    if any(word in err for word in ("Traceback", "Exception ignored", "Fatal Python")):
        return f"a traceback: {err}"
    if found.lost and not result.status:
        return "status 0, though nothing could be written"
    if found.readable and result.status == 2 and err.count("Error: ") != 1:
        return f"errors: {err!r}"
    if found.bare and found.shown and (bare := sh(found.bare)).out != result.out:
        return f"another output than {bare.out[:200]!r}: {result.out[:200]!r}"
    return ""
