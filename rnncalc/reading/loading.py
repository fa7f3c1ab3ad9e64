"""A problem from a file, for Python: `rnncalc.load("model.toml")`, `rnncalc.load("model.pth")`."""

from os import PathLike, fspath
from pathlib import Path

from rnncalc.errors import InputError
from rnncalc.network.problem import Problem
from rnncalc.reading.problem import problem_of
from rnncalc.reading.settings import WEIGHTS, WORDS, Setting

_START = 4096  # bytes, which tell text from weights


def load(path: str | PathLike[str], **settings: str) -> Problem:
    """Return the problem in a TOML file, or the network in a file of weights, without inputs.

    Args:
        path: of the file; which of the two it is, its first bytes tell.
        settings: names as they would be typed, `activation="relu"`, `rnn="encoder"`, `head="none"`.

    Raises:
        InputError: the file cannot be read, or does not describe a problem; or a setting is
            unknown.
    """
    name = fspath(path)
    for key in settings:
        if key not in WORDS:
            raise InputError(f"unknown setting; known are {', '.join(WORDS)}", key=key)
    given = {key: Setting(value, key) for key, value in settings.items()}
    if _is_text(name):
        from rnncalc.reading.toml import from_file

        return problem_of({**from_file(name), **given}, with_x=False)
    return problem_of({WEIGHTS: Setting(name, "load"), **given}, with_x=False)


def _is_text(path: str) -> bool:
    try:
        with Path(path).open("rb") as file:
            start = file.read(_START)
    except OSError:
        return True  # whose reader says why it cannot be read
    return b"\0" not in start and not start.startswith(b"version https://git-lfs")
