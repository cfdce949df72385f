"""A page as a tree of elements, read strictly: what is opened is closed in turn."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset({"meta", "input", "br", "link", "img"})


@dataclass
class Element:
    """An element with what is in it."""

    name: str
    attributes: dict[str, str]
    inside: list["Element | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Return the words in it, spaced once."""
        words = (part if isinstance(part, str) else part.text for part in self.inside)
        return " ".join("".join(words).split())

    def all(self, name: str, **attributes: str) -> list["Element"]:
        """Return the elements of a name below, with some attributes."""
        wanted = {key.rstrip("_"): value for key, value in attributes.items()}
        found = [self] if self.name == name and wanted.items() <= self.attributes.items() else []
        return found + [e for part in self.inside if isinstance(part, Element) for e in part.all(name, **attributes)]

    def every(self) -> list["Element"]:
        """Return it and all elements below."""
        return [self, *(e for part in self.inside if isinstance(part, Element) for e in part.every())]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("", {})
        self.open = [self.root]
        self.faults: list[str] = []

    def handle_starttag(self, tag, attrs):
        self._add(tag, attrs)
        if tag not in _VOID:
            self.open.append(self.open[-1].inside[-1])

    def handle_startendtag(self, tag, attrs):
        self._add(tag, attrs)

    def _add(self, tag, attrs):
        if len({key for key, _ in attrs}) < len(attrs):
            self.faults.append(f"<{tag}> has an attribute twice")
        self.open[-1].inside.append(Element(tag, {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag):
        if self.open[-1].name != tag:
            self.faults.append(f"</{tag}> closes <{self.open[-1].name}> at {self.getpos()}")
        else:
            self.open.pop()

    def handle_data(self, data):
        self.open[-1].inside.append(data)


def read(text: str) -> Element:
    """Return the tree of a page; every element that is opened must be closed in turn."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert reader.faults == []
    assert [element.name for element in reader.open] == [""]
    return reader.root
