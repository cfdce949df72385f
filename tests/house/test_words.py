"""Public names are made of the glossary's words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest


class Name(NamedTuple):
    """A public name and where it is defined."""

    text: str
    place: str

    @property
    def words(self) -> str:
        """The name in lower case with single underscores between words and around them."""
        snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", self.text)
        return f"_{snake.lower().strip('_')}_"


def public_names(path: Path) -> Iterator[Name]:
    """Yield what a module defines: itself, classes, functions, parameters, fields, constants."""
    yield Name(path.parent.name if path.stem == "__init__" else path.stem, path.name)
    for node in ast.walk(ast.parse(path.read_text(), path.name)):
        found: list[str] = []
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found.append(node.name)
        elif isinstance(node, ast.arg):
            found.append(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.append(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.append(node.attr)
        place = f"{path.name}:{getattr(node, 'lineno', 0)}"
        yield from (Name(text, place) for text in found if not text.startswith("_"))


def discouraged_words(architecture: str) -> dict[str, str]:
    """Return the word to say by the word not to say, from the table in ARCHITECTURE.md."""
    table = architecture.split("| say | not |")[1].split("\n\n", maxsplit=1)[0]
    words = {}
    for row in table.splitlines()[2:]:
        say, instead_of = (cell.strip() for cell in row.strip("| ").split("|"))
        words.update({word: say.strip("`") for word in re.findall(r"`(\w+)`", instead_of)})
    return words


@pytest.fixture(scope="module")
def say_instead(root: Path) -> dict[str, str]:
    """What to say, by what not to say."""
    return discouraged_words((root / "ARCHITECTURE.md").read_text())


def test_no_public_name_uses_a_discouraged_word(say_instead: dict[str, str], package_folders: dict[str, Path]) -> None:
    """One word, one meaning: a reader who knows the glossary can guess a name."""
    slips = [
        f"{name.place}: {name.text}: say {say!r} and not {word!r}"
        for folder in package_folders.values()
        for path in sorted(folder.rglob("*.py"))
        for name in public_names(path)
        for word, say in say_instead.items()
        if re.search(f"_{word}s?_", name.words)
    ]

    assert slips == []


def test_a_slip_would_be_seen(say_instead: dict[str, str], tmp_path: Path) -> None:
    """The scan reads modules, classes, parameters and fields, in either spelling."""
    module = tmp_path / "booths.py"
    module.write_text("class TruckQueue:\n    n_lorries: int\n\ndef drain(waiting_time_s, _gateway): ...\n")
    names = {name.text: name.words for name in public_names(module)}

    assert names == {
        "booths": "_booths_",
        "TruckQueue": "_truck_queue_",
        "n_lorries": "_n_lorries_",
        "drain": "_drain_",
        "waiting_time_s": "_waiting_time_s_",
    }
    assert {"truck", "booth", "lorry", "lorrie", "waiting_time"} <= set(say_instead)


def test_the_words_to_say_are_in_the_glossary(say_instead: dict[str, str], root: Path) -> None:
    """The remedy must itself be a word of ours."""
    glossary = (root / "ARCHITECTURE.md").read_text().split("## Glossary")[1]
    terms = {
        term.strip()
        for row in re.findall(r"^\| (.+?) \|", glossary, re.MULTILINE)
        for term in row.replace("`", "").split(",")
    }

    assert set(say_instead.values()) <= terms
