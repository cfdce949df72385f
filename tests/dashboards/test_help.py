"""The words of the help page are those of ARCHITECTURE.md: one word, one meaning, in both places."""

from __future__ import annotations

import re
from pathlib import Path

from gatewatch.monitor.web.assets import DASHBOARDS
from gatewatch.monitor.web.pages.help import glossary
from gatewatch.monitor.web.words import Words, load_words

ROOT = Path(__file__).parents[2]
_BOTH_AT_ONCE = {"direction"}  # the table gives the words of the two directions


def table() -> dict[str, str]:
    """Return the Vietnamese of each term in ARCHITECTURE.md, empty where it gives none."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rows = text.partition("| term | meaning here | Vietnamese | unit |")[2].splitlines()[2:]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows if row.startswith("|")]
    return {row[0]: row[2] for row in cells if len(row) == 4}


def test_the_help_page_says_what_the_architecture_says() -> None:
    """Each term is in the table, with the same word in Vietnamese."""
    terms = [term for term, _ in glossary(Words("en", {}))]
    words = load_words(DASHBOARDS / "locales")["vi"]
    vietnamese = {term: said for term, (said, _) in zip(terms, glossary(words), strict=True)}
    known = table()

    assert set(terms) - set(known) == set()
    assert set(terms) - set(known) == set()
    assert {term for term, said in vietnamese.items() if known[term] and said not in known[term]} <= _BOTH_AT_ONCE
