"""`rnncalc help`: the topics of the manual, and the text of one."""

from pathlib import Path

from rnncalc.errors import InputError, nearest, quote

TOPICS = (
    "network",
    "input",
    "working",
    "formats",
    "checking",
    "layers",
    "weight-files",
    "symbols",
    "gradients",
    "exercises",
    "rounding",
    "published",
    "limits",
    "speed",
    "python",
    "completion",
    "changes",
)
"""In the order in which they are read; each is a file of the folder `manual`."""

_FOLDER = Path(__file__).parents[1] / "manual"


def text(topic: str, commands: list[str]) -> str:
    """Return a topic as it is written, in Markdown.

    Raises:
        InputError: it is neither a topic nor one of the commands.
    """
    name = topic.lower().removesuffix(".md").replace("_", "-")
    if name not in TOPICS:
        known = [*TOPICS, *commands]
        raise InputError(f"{quote(topic)} is not a topic{nearest(name, known)}")
    return (_FOLDER / f"{name}.md").read_text(encoding="utf-8")


def listing() -> str:
    """Return one line per topic: its name, and its title."""
    width = max(map(len, TOPICS))
    return "".join(f"  {topic:<{width}}  {_title(topic)}\n" for topic in TOPICS)


def _title(topic: str) -> str:
    with (_FOLDER / f"{topic}.md").open(encoding="utf-8") as lines:
        return next(lines).removeprefix("# ").rstrip()
