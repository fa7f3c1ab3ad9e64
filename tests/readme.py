"""The README's blocks; `python tests/readme.py` writes what its console commands print into it."""

import re
from pathlib import Path

from calling import ROOT, sh

README = ROOT / "README.md"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(kind: str, text: str | None = None) -> list[str]:
    return [body for name, body in _BLOCK.findall(text or README.read_text()) if name == kind]


def commands(block: str) -> list[str]:
    return [line[2:] for line in block.splitlines() if line.startswith("$ ")]


def replayed(block: str) -> str:
    """Return the block with what its commands print now."""
    return "".join(f"$ {command}\n{printed(command)}" for command in commands(block))


def printed(command: str) -> str:
    return sh(f"({command}) 2>&1").out


def mistakes() -> tuple[set[str], set[str]]:
    """Return the ids of mistakes that are listed for a whole run, and those for a single slip."""
    section = (
        README.read_text()
        .split("## Check values worked out by hand or by a program")[1]
        .split("\n## ")[0]
    )
    _, listed = section.split("For the whole run")
    whole_run, single = listed.split("For a single slip")
    (ids,) = (text for text in whole_run.split("\n\n") if re.fullmatch(r"(`[^`]*`\s*)+", text))
    return set(re.findall("`([^`]*)`", ids)), set(re.findall("`([^`]*)`", single))


def _rewritten(match: re.Match[str]) -> str:
    body = replayed(match[2]) if match[1] == "console" else match[2]
    return f"```{match[1]}\n{body}```"


PICTURES = {
    ROOT
    / "tests"
    / "pictures"
    / f"two_classes.{kind}": f"rnncalc run -c sample_configs/two_classes.toml -f {kind}"
    for kind in ("svg", "html")
}

if __name__ == "__main__":
    Path(README).write_text(_BLOCK.sub(_rewritten, README.read_text()))
    for path, command in PICTURES.items():
        path.write_text(sh(command).out)
