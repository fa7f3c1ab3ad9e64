"""`rnncalc init`: the sample files that come with the package."""

import re
from pathlib import Path

from rnncalc.commands import Answer
from rnncalc.errors import InputError, nearest, quote

_STARTER = "document"
_WIDTH = 58
_PACKAGE = Path(__file__).parents[1]


def answer(name: str | None) -> Answer:
    """Return a sample as it is written, the starter where the name is empty; or for None, a list.

    Raises:
        InputError: there is none of that name.
    """
    known = _paths()
    if name is None:
        return Answer([_listing(known)])
    wanted = (name or _STARTER).removesuffix(".toml")
    if wanted not in known:
        raise InputError(f"{quote(name)} is not a sample{nearest(wanted, list(known))}")
    return Answer([known[wanted].read_text(encoding="utf-8")])


def _listing(paths: dict[str, Path]) -> str:
    """Return one line per sample: its name, and what it is by its first comment."""
    width = max(map(len, paths))
    return "".join(f"{name:<{width}}  {_about(path)}\n" for name, path in paths.items())


def _paths() -> dict[str, Path]:
    """Return the samples by name: beside the code, or in a source tree beside the package."""
    installed = _PACKAGE / "samples"
    folder = installed if installed.is_dir() else _PACKAGE.parent / "sample_configs"
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def _about(path: Path) -> str:
    """Return the first clauses of the first comment that fit beside the name in 80 columns."""
    with path.open(encoding="utf-8") as lines:
        first = next(lines).lstrip("# ").partition(" (")[0].rstrip()
    ends = [end.start() for end in re.finditer(r"[:;?.](?= |$)|$", first)]
    return first[: max((end for end in ends if end < _WIDTH), default=ends[0])]
