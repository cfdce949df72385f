"""The sections of a report in the order of STRESS-DES: one file each, with a function `section`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gatewatch.simulator.report.blocks import Section
from gatewatch.simulator.report.sections import (
    answer,
    assumptions,
    binding,
    costs,
    differences,
    experiment,
    flows,
    hanging,
    hourly,
    manifest,
    model,
    occupancy,
    percentiles,
    question,
    record,
    theory,
)
from gatewatch.simulator.report.study import Study
from gatewatch.simulator.report.words import Words

SECTIONS: Final[dict[str, Callable[[Study, Words], Section | None]]] = {
    "question": question.section,
    "answer": answer.section,
    "record": record.section,
    "differences": differences.section,
    "flows": flows.section,
    "percentiles": percentiles.section,
    "hourly": hourly.section,
    "occupancy": occupancy.section,
    "binding": binding.section,
    "costs": costs.section,
    "hanging": hanging.section,
    "theory": theory.section,
    "assumptions": assumptions.section,
    "model": model.section,
    "experiment": experiment.section,
    "manifest": manifest.section,
}

_OF_ONE_KIND: Final = frozenset({"differences", "flows"})  # of a comparison, of a scenario: not missed in the other


def sections_of(study: Study, words: Words) -> tuple[list[Section], list[str]]:
    """Return the sections that have something to say, and what those are called that have not."""
    made = {key: make(study, words) for key, make in SECTIONS.items()}
    found = [section for section in made.values() if section is not None]
    absent = [
        words.say(f"absent.{key}") for key, section in made.items() if section is None and key not in _OF_ONE_KIND
    ]
    table = model.stress_table(found, words)
    found = [
        Section(s.key, s.title, s.items, (*s.blocks, table)) if s.key == "model" else s for s in found
    ]  # fmt: skip
    return found, absent
