"""`rnncalc help`: the topics of the manual, and the text of one."""

from pathlib import Path

from rnncalc.commands import Answer
from rnncalc.errors import InputError, nearest, quote
from rnncalc.writing.console import in_encoding

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

_TOPICS_ARE = "rnncalc help TOPIC shows one of these; rnncalc COMMAND --help lists flags.\n\n"
_FOLDER = Path(__file__).parents[1] / "manual"


def answer(
    topic: str, commands: list[str], encoding: str, width: int | None, colors: str | None
) -> Answer:
    """Return a topic of the manual, or the list of topics.

    Args:
        topic: as it was typed; nothing for the list.
        commands: the names of the commands.
        encoding: of standard output, which may lack characters.
        width: columns of the terminal, if there is one.
        colors: Rich's name for the available colours, or None.

    Raises:
        InputError: it is neither a topic nor one of the commands.
    """
    if not topic:
        return Answer([_TOPICS_ARE, _listing()])
    name = topic.lower().removesuffix(".md").replace("_", "-")
    if name not in TOPICS:
        known = [*TOPICS, *commands]
        raise InputError(f"{quote(topic)} is not a topic{nearest(name, known)}")
    text = (_FOLDER / f"{name}.md").read_text(encoding="utf-8")
    shown = in_encoding(text, encoding)
    if colors:
        from rnncalc.writing.manual import rendered

        shown = rendered(shown, width or 80, colors)
    return Answer([shown])


def _listing() -> str:
    """Return one line per topic: its name, and its title."""
    width = max(map(len, TOPICS))
    return "".join(f"  {topic:<{width}}  {_title(topic)}\n" for topic in TOPICS)


def _title(topic: str) -> str:
    with (_FOLDER / f"{topic}.md").open(encoding="utf-8") as lines:
        return next(lines).removeprefix("# ").rstrip()
