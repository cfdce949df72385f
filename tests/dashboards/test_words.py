"""Every text of the screens is there in Vietnamese and Chinese; nothing is said outside the catalogues."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import get_args

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from jinja2 import Environment
from jinja2.ext import babel_extract

from gatewatch.monitor.access import Role
from gatewatch.monitor.web.assets import DASHBOARDS, Assets
from gatewatch.monitor.web.page import __file__ as page_file
from gatewatch.monitor.web.pages import list_pages
from gatewatch.monitor.web.words import LANGUAGES, CatalogueError, load_words, read_catalogue

ASSETS = Assets()
TEMPLATES = sorted((DASHBOARDS / "templates").glob("*.html"))
SCRIPTS = sorted(path for path in ASSETS.files if path.endswith(".js") and not path.startswith("vendor/"))
PAGES = sorted(Path(page_file).parent.rglob("*.py"))
TRANSLATED = [language for language in LANGUAGES if language != "en"]
CATALOGUES = sorted((DASHBOARDS / "locales").glob("*/*.po"))
WORD = re.compile(r"[^\W\d_]{2,}")
NAMES = {"Gatewatch", "VI", "EN", "Tab", "Esc"}  # of programs, languages and keys


def texts() -> dict[str, str]:
    """Return each text with a place where it is said."""
    found: dict[str, str] = {}
    for path in TEMPLATES:
        for _, _, text, _ in babel_extract(BytesIO(path.read_bytes()), ["_"], [], {}):
            first = text[0] if isinstance(text, tuple) else text  # of its arguments; a variable is told elsewhere
            if first is not None:
                found.setdefault(first, path.name)
    for name in SCRIPTS:
        for text in ASSETS.texts_of(name):
            found.setdefault(text, name)
    for path in PAGES:
        for _, text, _, _ in extract("python", BytesIO(path.read_bytes()), keywords={"_": None, "say": None}):
            found.setdefault(str(text), path.name)
    found |= {page.title: f"title of {page.path}" for page, _ in list_pages()}
    return found | dict.fromkeys(get_args(Role), "a role")


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated(language: str) -> None:
    """A text without a translation would stand in English among the others."""
    said = load_words(DASHBOARDS / "locales")[language].said  # type: ignore[index]

    assert {text: place for text, place in texts().items() if text not in said} == {}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_translation_keeps_the_names_and_is_still_said(path: Path) -> None:
    """A name in braces that is missing would hide its value; what no page says any more goes."""
    said = read_catalogue(path)
    names = {text: (set(re.findall(r"{\w+}", text)), set(re.findall(r"{\w+}", said[text]))) for text in said}
    with path.open("rb") as file:
        doubtful = [message.id for message in read_po(file) if message.fuzzy]

    assert {text: both for text, both in names.items() if both[0] != both[1]} == {}
    assert set(said) - set(texts()) == set()
    assert doubtful == []


def loose_texts(template: str) -> Iterator[str]:
    """Yield words that stand in a template outside `_(…)`."""
    plain = re.sub(r"{#.*?#}|<!--.*?-->|<(script|style)\b.*?</\1>", " ", template, flags=re.DOTALL)
    tokens = Environment(autoescape=True).lex(plain)
    html = "".join(value for _, kind, value in tokens if kind == "data")
    for attribute in re.findall(r"""\b(?:aria-label|title|placeholder|alt)="([^"]*)\"""", html):
        yield from WORD.findall(attribute)
    yield from WORD.findall(re.sub(r"<[^>]*>", " ", html.replace("{#", "")))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_nothing_is_said_outside_the_catalogues(path: Path) -> None:
    """A word in the template itself would be in one language for everybody."""
    assert {word for word in loose_texts(path.read_text()) if word not in NAMES} == set()


def test_a_loose_word_would_be_seen() -> None:
    """Both between the tags and in what is read aloud."""
    assert list(loose_texts('<p title="Save">{{ _("Save") }} now</p>')) == ["Save", "now"]


@pytest.mark.parametrize("language", TRANSLATED)
def test_one_text_has_one_translation(language: str) -> None:
    """Which of two holds would hang on the names of their files: keep it in the file of its subject."""
    said: dict[str, dict[str, str]] = {}
    for path in (DASHBOARDS / "locales" / language).glob("*.po"):
        for text, translation in read_catalogue(path).items():
            said.setdefault(text, {})[path.name] = translation

    assert {text: by_file for text, by_file in said.items() if len(set(by_file.values())) > 1} == {}


def test_a_file_that_is_no_catalogue_is_named(tmp_path: Path) -> None:
    """Whoever translates must find the file."""
    path = tmp_path / "vi" / "broken.po"
    path.parent.mkdir()
    path.write_text("nothing like a catalogue\n")

    with pytest.raises(CatalogueError, match=r"broken\.po of vi is no catalogue"):
        load_words(tmp_path)
