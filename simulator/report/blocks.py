"""What a report is made of: sections of paragraphs, lists, tables and figures, in one language."""

from __future__ import annotations

from dataclasses import dataclass, field

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Mark:
    """
    A verdict or a basis as word and shape; the shape and the colour come from its kind.

    Args:
        kind: `better`, `worse`, `more`, `less`, `same`, `undecided`, `unknown`, or a basis.
        word: The word.
    """

    kind: str
    word: str


@dataclass(frozen=True, slots=True)
class Cell:
    """
    A cell of a table.

    Args:
        text: What is read.
        value: The number behind it, in the unit of the measure; kept in the file for who copies it.
        mark: What goes before the text.
    """

    text: str
    value: float | None = None
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a table under a heading of their own; without one, under that of the table."""

    rows: tuple[tuple[Cell | str, ...], ...]
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """
    A table; columns whose name begins with ">" hold numbers and are set right.

    Args:
        caption: What it shows.
        columns: Names of the columns.
        groups: Its rows.
        note: What stands under it.
        is_small: Set in small print: registers that are looked up and not read.
    """

    caption: str
    columns: tuple[str, ...]
    groups: tuple[Rows, ...]
    note: str = ""
    is_small: bool = False
    name: str = "table"


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with the sentence that says what it shows."""

    svg: Markup
    caption: str
    name: str = "figure"


@dataclass(frozen=True, slots=True)
class Figures:
    """Charts side by side as far as there is room."""

    figures: tuple[Figure, ...]
    name: str = "figures"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """
    A paragraph.

    Args:
        text: What it says.
        kind: `plain`, `lead`, or `note`.
        language: Language of the text where it is not the report's.
    """

    text: str
    kind: str = "plain"
    language: str = ""
    name: str = "paragraph"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading within a section."""

    text: str
    level: int = 3
    name: str = "heading"


@dataclass(frozen=True, slots=True)
class Items:
    """A list, each entry with a mark where it has one."""

    items: tuple[Cell, ...]
    name: str = "items"


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Text as it is, such as a manifest or a command."""

    text: str
    name: str = "verbatim"


Block = Table | Figures | Figure | Paragraph | Heading | Items | Verbatim


@dataclass(frozen=True, slots=True)
class Section:
    """
    A section of the report.

    Args:
        key: Name within the report, for links.
        title: Its heading.
        items: The items of the STRESS-DES list that it answers, such as `1.1`.
        blocks: What it says.
    """

    key: str
    title: str
    items: str
    blocks: tuple[Block, ...] = field(default=())
