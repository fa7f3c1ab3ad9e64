"""Hatchling's hook: the README as a package index can show it."""

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


def for_an_index(text: str) -> str:
    """Return the README without pictures and links that lead into the repository.

    An index has no files beside the README: a picture would be broken, and a link lead nowhere.
    """
    text = re.sub(r"^!\[[^\]]*\]\((?!https://)[^)]*\)\n\n", "", text, flags=re.MULTILINE)
    text = text.replace("In a terminal, the states are shaded by sign and size:\n\n", "")
    return re.sub(r"\[([^\]]*)\]\((?!https://)[^)]*\)", r"\1", text)


class ReadmeHook(MetadataHookInterface):
    """Fills in `readme`, which pyproject.toml calls dynamic."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the README of the package."""
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": for_an_index(text)}
