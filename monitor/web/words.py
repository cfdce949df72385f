"""Words of the pages in three languages: English is the text in the code, the others stand in catalogues."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from babel.messages.pofile import PoFileError, read_po

Language = Literal["vi", "en", "zh"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
FIRST: Final[Language] = "vi"


class CatalogueError(ValueError):
    """A catalogue cannot be read; the message names the file and what is wrong."""


@dataclass(frozen=True, slots=True)
class Words:
    """
    What is said in one language.

    Args:
        language: Which.
        said: Translation by English text.
    """

    language: Language
    said: Mapping[str, str]

    def say(self, text: str, **values: object) -> str:
        """
        Return a text in this language, its `{names}` replaced; one without a translation stays English.

        >>> Words("vi", {"{n} vehicles": "{n} xe"}).say("{n} vehicles", n=4)
        '4 xe'
        """
        said = self.said.get(text, text)
        for name, value in values.items():
            said = said.replace(f"{{{name}}}", str(value))
        return said

    def pick(self, sentence: Mapping[str, str]) -> str:
        """
        Return a sentence that comes in several languages; one that is not there is told in English.

        >>> Words("zh", {}).pick({"vi": "đông", "en": "busy"})
        'busy'
        """
        return sentence.get(self.language) or sentence["en"]


def load_words(folder: Path) -> Mapping[Language, Words]:
    """
    Return the words of each language, from `FOLDER/LANGUAGE/SUBJECT.po`.

    Raises:
        CatalogueError: A file is no catalogue.
    """
    return {language: Words(language, _said(folder / language)) for language in LANGUAGES}


def _said(folder: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.po")):
        for text, said in read_catalogue(path).items():
            found.setdefault(text, said)
    return found


def read_catalogue(path: Path) -> dict[str, str]:
    """Return the translations of one file, without those that are empty or doubtful (fuzzy)."""
    try:
        with path.open("rb") as file:
            catalogue = read_po(file, abort_invalid=True)
    except (PoFileError, ValueError, OSError) as error:
        raise CatalogueError(f"{path.name} of {path.parent.name} is no catalogue: {error}") from None
    return {
        str(message.id): str(message.string)
        for message in catalogue
        if message.id and message.string and not message.fuzzy
    }
