"""The manifest: what gives the same bytes again."""

from __future__ import annotations

import json

from gatewatch.simulator.report.blocks import Paragraph, Section, Verbatim
from gatewatch.simulator.report.study import Study
from gatewatch.simulator.report.words import Words


def section(study: Study, words: Words) -> Section:
    """Return the manifest as JSON."""
    text = json.dumps(study.manifest, indent=1, ensure_ascii=False, allow_nan=False)
    blocks = (
        Paragraph(words.say("manifest.intro")),
        Verbatim(text),
        Paragraph(words.say("manifest.sharing"), "note"),
    )
    return Section("manifest", words.say("section.manifest"), "5.1, 5.3, 5.4, 6.1", blocks)
