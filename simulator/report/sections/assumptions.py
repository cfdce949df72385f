"""Every value that was used, with where it comes from, and the sources."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import Final

from gatewatch.config.schema import Basis
from gatewatch.simulator.report.blocks import Block, Paragraph, Rows, Section, Table
from gatewatch.simulator.report.register import Entry, sources_of, used_values
from gatewatch.simulator.report.study import Study
from gatewatch.simulator.report.words import Words

_BASES: Final[tuple[Basis, ...]] = ("assumed", "inferred", "reported")


def section(study: Study, words: Words) -> Section | None:
    """Return the register of values; None where the border that was run is not at hand."""
    if study.plan is None:
        return None
    entries = used_values(study.plan)
    found = Counter(entry.basis for entry in entries)
    parts = ", ".join(
        words.say("assumptions.part", n=words.count(found[basis]), basis=words.say(f"basis.{basis}"))
        for basis in _BASES
    )
    blocks: list[Block] = [
        Paragraph(words.say("assumptions.intro", n=words.count(len(entries)), parts=parts), "lead"),
        Paragraph(words.say("assumptions.days"), "note"),
        *(_table(basis, [e for e in entries if e.basis == basis], words) for basis in _BASES if found[basis]),
    ]
    keys = [entry.source for entry in entries if entry.source]
    keys += [target["source"] for target in study.baseline.results.targets if target["source"]]
    for outcome in study.scenarios:
        for policy in outcome.chosen:
            keys += [*policy.sources, *(origin.source for origin in policy.document.origins.values() if origin.source)]
    if keys:
        rows = tuple(sources_of(study.plan, keys))
        title, columns = words.say("assumptions.sources"), words.columns("assumptions.source_columns")
        blocks.append(Table(title, columns, (Rows(rows),), is_small=True))
    return Section("assumptions", words.say("section.assumptions"), "3.1, 3.2, 3.3, 3.4", tuple(blocks))


def _table(basis: Basis, entries: list[Entry], words: Words) -> Table:
    caption = words.say(f"assumptions.caption_{basis}")
    key = "assumptions.columns_assumed" if basis == "assumed" else "assumptions.columns"
    groups = tuple(
        Rows(tuple(_row(entry, words, has_source=basis != "assumed") for entry in here), file)
        for file, here in groupby(entries, key=lambda entry: entry.file)
    )
    return Table(caption, words.columns(key), groups, is_small=True)


def _row(entry: Entry, words: Words, *, has_source: bool) -> tuple[str, ...]:
    unit = "" if entry.unit.startswith("HH:MM") else words.unit(entry.unit)
    return (entry.key, entry.value, unit, *([entry.source] if has_source else []))
