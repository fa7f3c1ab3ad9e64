"""A web page as a person's browser reads it: its elements, its tables and its working."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "col", "br", "link", "input"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    children: list["Element | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(c if isinstance(c, str) else c.text for c in self.children)

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    def all(self, tag: str = "", kind: str = "") -> list["Element"]:
        """Return the elements within, in order."""
        return [e for e in self._within() if tag in ("", e.tag) and (not kind or kind in e.classes)]

    def _within(self) -> Iterator["Element"]:
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child._within()


class _Reader(HTMLParser):
    """Reads elements, and objects to one that is not closed where it should be."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = [Element("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice"
        new = Element(tag, {name: value or "" for name, value in attrs})
        self.stack[-1].children.append(new)
        if tag not in VOID:
            self.stack.append(new)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack[-1].tag == tag, f"</{tag}> closes <{self.stack[-1].tag}>"
        self.stack.pop()

    def handle_data(self, data: str) -> None:
        self.stack[-1].children.append(data)


def read(text: str) -> Element:
    """Return the whole page, all of whose elements must be closed."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert len(reader.stack) == 1, f"<{reader.stack[-1].tag}> is not closed"
    return reader.stack[0]


Cell = tuple[str, str, int]
"""A quantity, the step, and the component among those that are shown."""


def tables(page: Element) -> dict[Cell, str]:
    """Return the text of each cell of the tables of values."""
    found: dict[Cell, str] = {}
    for table in page.all("table", "values"):
        columns = [col.attributes for col in table.all("col")][1:]
        for tr in table.all("tbody")[0].all("tr"):
            if "gap" in tr.classes:
                continue
            cells = tr.all("td")
            assert len(cells) == len(columns)
            counts: dict[str, int] = {}
            for column, cell in zip(columns, cells, strict=True):
                key = column["data-key"]
                at = counts[key] = counts.get(key, -1) + 1
                found[key, tr.attributes["data-t"], at] = cell.text
    return found


def typeset(page: Element) -> dict[Cell, str]:
    """Return the text of each result that is typeset."""
    return {
        (
            vector.attributes["data-key"],
            step.attributes["data-t"],
            int(v.attributes["data-i"]),
        ): v.text
        for step in page.all("article", "step")
        for vector in step.all("span", "vec")
        for v in vector.all("span", "v")
    }


def working(page: Element) -> dict[tuple[str, str], list[str]]:
    """Return the lines of working of each quantity and step, with the name before each."""
    return {
        (pre.attributes["data-key"], step.attributes["data-t"]): [
            f"{pre.attributes['data-name']}{'' if line[0] == '[' else ' '}{line}"
            for line in pre.text.split("\n")
        ]
        for step in page.all("article", "step")
        for pre in step.all("pre")
    }
