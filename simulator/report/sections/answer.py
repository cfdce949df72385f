"""The answer in plain sentences: verdicts first, what stays the same last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from gatewatch.simulator.comparison.comparison import Comparison, Outcome
from gatewatch.simulator.comparison.rows import Row
from gatewatch.simulator.comparison.verdicts import Verdict
from gatewatch.simulator.report.blocks import Block, Cell, Heading, Items, Mark, Paragraph, Section
from gatewatch.simulator.report.sections.record import record_sentences
from gatewatch.simulator.report.study import Study
from gatewatch.simulator.report.telling import sentence
from gatewatch.simulator.report.words import Words, capital

ORDER: Final[tuple[Verdict, ...]] = ("better", "worse", "more", "less", "undecided", "unknown", "same")


def section(study: Study, words: Words) -> Section:
    """Return what was found, before any number is looked up."""
    if study.comparison is None:
        blocks = tuple(_alone(study, words))
    else:
        blocks = tuple(
            block for outcome in study.scenarios for block in _scenario(study, study.comparison, outcome, words)
        )
    return Section("answer", words.say("section.answer"), "1.2", (*blocks, Paragraph(words.say("page.caveat"), "note")))


def _scenario(study: Study, comparison: Comparison, outcome: Outcome, words: Words) -> Iterator[Block]:
    rows = study.headline(outcome)
    n_unmoved = len(comparison.headline(outcome.name)) - len(rows)
    yield Heading(study.label(outcome, words))
    found = Counter(row.verdict for row in rows)
    parts = ", ".join(
        words.say("answer.part", n=found[verdict], verdict=words.say(f"verdict.{verdict}"))
        for verdict in ORDER
        if found[verdict]
    )
    if rows:
        yield Paragraph(words.say("answer.counts", n=len(rows), parts=parts), "lead")
    else:
        yield Paragraph(words.say("answer.nothing", n=n_unmoved), "lead")
    if rows and n_unmoved:
        yield Paragraph(words.say("answer.unmoved", n=n_unmoved), "note")
    for place, told in groupby(
        sorted(rows, key=lambda row: row.gate is not None), key=lambda row: (row.gate, row.direction)
    ):
        changed = sorted((row for row in told if row.verdict != "same"), key=lambda row: ORDER.index(row.verdict))
        if changed:
            yield Heading(capital(words.place(*place)), 4)
            yield Items(tuple(Cell(f"{sentence(row, words)}.", mark=mark(row.verdict, words)) for row in changed))
    if same := [row for row in rows if row.verdict == "same"]:
        yield Paragraph(words.say("answer.same", names="; ".join(_by_place(same, words))))
    yield from _binding(study, comparison, outcome, words)


def mark(verdict: str, words: Words) -> Mark:
    """Return a verdict as word and shape."""
    return Mark(verdict, words.say(f"verdict.{verdict}"))


def _by_place(rows: Sequence[Row], words: Words) -> Iterator[str]:
    for place, here in groupby(rows, key=lambda row: (row.gate, row.direction)):
        figures = ", ".join(words.figure(r.measure, r.statistic, r.gate, r.station, r.class_) for r in here)
        yield words.say("answer.at", place=words.place(*place), figures=figures)


def _binding(study: Study, comparison: Comparison, outcome: Outcome, words: Words) -> Iterator[Block]:
    """Say what binds before and after where the policies act, or where it changes."""
    moved = study.moved(outcome)
    for row in comparison.binding:
        is_here = row["scenario"] == outcome.name and (row["is_changed"] or (row["gate"], row["direction"]) in moved)
        if not is_here or row["before"] is None or row["after"] is None:
            continue
        place, shares = words.place(row["gate"], row["direction"]), (row["before_share"], row["after_share"])
        causes = [words.cause(row["gate"], row[when]) for when in ("before", "after")]
        before, after = map(words.percent, shares)
        if row["is_changed"]:
            before, after = (
                words.say("answer.cause", cause=cause, share=words.percent(share))
                for cause, share in zip(causes, shares, strict=True)
            )
        key = "answer.bound_by" if row["is_changed"] else "answer.bound_same"
        yield Paragraph(words.say(key, place=place, cause=causes[0], before=before, after=after))


def _alone(study: Study, words: Words) -> Iterator[Block]:
    """Say how the record compares, and what comes and goes."""
    yield from record_sentences(study, words)
    flows = []
    for place in [(None, None), *study.touched]:
        rows = {
            name: study.measured(study.baseline, f"{name}_per_day", *place)
            for name in ("offered", "cleared", "turned_back")
        }
        if rows["offered"] is None or not rows["offered"]["mean"]:
            continue
        said = {
            name: words.told(
                None if row is None else row["mean"], None if row is None else row["half_width"], "veh/day"
            )
            for name, row in rows.items()
        }
        flows.append(Cell(f"{words.say('answer.flow', place=capital(words.place(*place)), **said)}"))
    yield Items(tuple(flows))
