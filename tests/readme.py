"""The examples of the README and the manual; `python tests/readme.py` writes what they print."""

import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

from calling import ROOT, rnncalc, sh

README = ROOT / "README.md"
MANUAL = ROOT / "rnncalc" / "manual"
PAGES = (README, *sorted(MANUAL.glob("*.md")))
PICTURES = {
    ROOT / ".github" / "example.svg": (
        "rnncalc run --wxh 0.5 --whh 0.3 --bh 0.1 --why 0.4 --by 0.2 --x 1,2,3 -f svg"
    )
}
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_ALONE = re.compile(r"""rnncalc (?:[^|<>;&$`*?~#"'\\]|"[^"$`\\]*"|'[^']*')*""")
_FILE = re.compile(r"# ([\w.-]+\.(?:toml|csv|txt))\n")


def blocks(kind: str, text: str | None = None) -> list[str]:
    return [body for name, body in _BLOCK.findall(text or README.read_text()) if name == kind]


def commands(block: str) -> list[str]:
    return [line[2:] for line in block.splitlines() if line.startswith("$ ")]


def replayed(text: str) -> Iterator[str]:
    """Yield each console block of a page as it comes out now.

    The commands run in one folder, in order, as a reader would type them: only what a command
    before has written is there, and the files whose name is the first comment of a toml block.
    """
    with TemporaryDirectory() as folder:
        for kind, body in _BLOCK.findall(text):
            if named := _FILE.match(body):
                (Path(folder) / named[1]).write_text(body)
            if kind == "console" and "| jq" in body and not which("jq"):
                yield body
            elif kind == "console":
                yield "".join(f"$ {c}\n{printed(c, Path(folder))}" for c in commands(body))


def printed(command: str, folder: Path) -> str:
    if not _ALONE.fullmatch(command):
        return sh(f"({command}) 2>&1", cwd=folder).out
    with chdir(folder):  # without a shell and a new process it takes a tenth of the time
        result = rnncalc(*shlex.split(command)[1:])
    return result.err + result.out


def rewritten(text: str) -> str:
    """Return a page with what its commands print now."""
    now = replayed(text)
    return _BLOCK.sub(lambda b: f"```console\n{next(now)}```" if b[1] == "console" else b[0], text)


def mistakes() -> tuple[set[str], set[str]]:
    """Return the ids of mistakes that are listed for a whole run, and those for a single slip."""
    _, listed = (MANUAL / "checking.md").read_text().split("For the whole run")
    whole_run, single = listed.split("For a single slip")
    (ids,) = (text for text in whole_run.split("\n\n") if re.fullmatch(r"(`[^`]*`\s*)+", text))
    (single,) = (text for text in single.split("\n\n") if re.fullmatch(r"(`[^`]*`\s*)+", text))
    return set(re.findall("`([^`]*)`", ids)), set(re.findall("`([^`]*)`", single))


if __name__ == "__main__":
    for page in [Path(name) for name in sys.argv[1:]] or PAGES:
        new = rewritten(page.read_text())
        if "Traceback (most recent call last)" in new:
            sys.exit(f"{page}: a command ends in a traceback; nothing is written")
        page.write_text(new)
    for path, command in PICTURES.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(sh(command).out)
