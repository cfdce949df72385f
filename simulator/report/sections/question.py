"""The question: which policies, with which settings, under which conditions, and what was reported after them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from gatewatch.config.scenarios import Scenario
from gatewatch.simulator.comparison.comparison import Outcome
from gatewatch.simulator.policies import Policy
from gatewatch.simulator.report.blocks import Block, Cell, Heading, Mark, Paragraph, Rows, Section, Table
from gatewatch.simulator.report.study import Study
from gatewatch.simulator.report.words import Words, capital


def section(study: Study, words: Words) -> Section:
    """Return what is asked."""
    m = study.manifest
    first = date.fromisoformat(m["start"]) + timedelta(days=m["warmup_days"])
    said = {"scenario": study.title(words), "days": words.count(m["days"]), "first": words.day(first)}
    blocks: list[Block] = []
    if study.comparison is None:
        blocks.append(Paragraph(words.say("question.alone", **said), "lead"))
        if study.baseline.results.path:
            blocks.append(Paragraph(words.say("question.against_record"), "lead"))
    else:
        n = len(study.scenarios)
        who = words.say("question.policies_one") if n == 1 else words.say("question.policies_many", n=words.count(n))
        blocks += [
            Paragraph(words.say("question.compared", n=who, **said), "lead"),
            Paragraph(words.say("question.baseline")),
            Paragraph(words.say("question.demand", response=response(str(m["comparison"]["demand_response"]), words))),
        ]
    if study.plan is not None and study.plan.scenario.note:
        blocks.append(_note(study.plan.scenario, words))
    told: set[str] = set()
    for outcome in study.scenarios:
        blocks += _scenario(study, outcome, told, words)
    return Section("question", words.say("section.question"), "1.1, 1.3, 2.3", tuple(blocks))


def _note(scenario: Scenario, words: Words) -> Paragraph:
    """Return what a reader should know of the scenario, in English where nobody has said it otherwise."""
    if words.language == "vi" and scenario.note_vi:
        return Paragraph(words.say("question.note", note=scenario.note_vi), "note")
    key = "question.note" if words.language == "en" else "question.note_english"
    return Paragraph(words.say(key, note=scenario.note), "note", "" if words.language == "en" else "en")


def response(text: str, words: Words) -> str:
    """Return in words what demand does when opening hours change."""
    return words.say(f"response.{text.partition(',')[0]}", text=text)


def _scenario(study: Study, outcome: Outcome, told: set[str], words: Words) -> Iterator[Block]:
    yield Heading(study.label(outcome, words))
    yield Paragraph(
        words.say("question.touches", places=", ".join(map(words.gate, outcome.gates or study.gates))), "note"
    )
    for policy in outcome.chosen:
        if policy.text in told:
            yield Paragraph(words.say("question.above", policy=policy.name), "note")
            continue
        told.add(policy.text)
        if len(outcome.chosen) > 1:
            title = policy.title_vi if words.language == "vi" else policy.title
            yield Heading(title or policy.title, 4)
        yield _settings(policy, words)
        is_vi = words.language == "vi"
        conditions = policy.conditions_vi if is_vi else policy.conditions
        effect = policy.effect_vi if is_vi else policy.effect
        if conditions:
            yield Paragraph(words.say("question.conditions", text=conditions))
        if effect:
            yield Paragraph(words.say("question.effect", text=effect))
            yield Paragraph(words.say("question.no_control"), "note")


def _settings(policy: Policy, words: Words) -> Table:
    """Return the settings of a policy; the last column repeats the key, as it is written after `--policy`."""
    fields = policy.kind.schema()["properties"]
    named = policy.stated().get("gate") or []
    gates = [named] if isinstance(named, str) else named
    rows = []
    for key, value in policy.stated().items():
        if value is None:
            continue
        origin = policy.document.origin((key,))
        basis = (origin.basis if origin is not None else None) or "assumed"
        unit = str(fields.get(key, {}).get("unit", ""))
        rows.append(
            (
                capital(words.setting(policy.kind.name, key)),
                words.value(value, unit, gates),
                words.setting_unit(unit),
                Cell("", mark=Mark(basis, words.say(f"basis.{basis}"))),
                key,
            )
        )  # fmt: skip
    caption = f"{words.say('question.settings')}: {policy.name} ({words.kind(policy.kind.name)})"
    return Table(caption, words.columns("question.setting_columns"), (Rows(tuple(rows)),))
