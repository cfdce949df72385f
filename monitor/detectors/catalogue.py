"""
The page of detectors in README.md, made from the code and from the defaults that ship.

`python -m gatewatch.monitor.detectors.catalogue` shows it; with `--write` it is written.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gatewatch.config.loader import load_border
from gatewatch.config.thresholds import STEPS, Placed, Rule, load_thresholds
from gatewatch.monitor.detectors.kinds import Detector, list_detectors, settings_classes
from gatewatch.monitor.detectors.shipped_cases import shipped_cases

README = Path(__file__).with_name("README.md")
_COMMON = frozenset({*Rule.model_fields, *STEPS, "leave"})

_HEAD = """\
# Detectors

What is worth telling. A *detector* is a file of this folder with a class `Settings`, a function
`inspect(snapshot, settings, now, history) -> list[Finding]`, `SENTENCES` in Vietnamese and English, `UNIT` and
`ABOUT`. It is found by scanning; the contract tests hold for it from then on. It is a function of what it is given: it
sends nothing, remembers nothing, and asks nobody for the time.

A *finding* is what a detector says now of one thing: a gate and direction, a yard, a feed. It has a level (`clear`,
`unknown`, `busy`, `congested`, `critical`, in this order), the value that was judged, and the thresholds of every
level: where it is entered and where it is left again. `Finding.level_after(before)` is the level for somebody who
remembers the last one. What is not known is `unknown` and never `clear`. There is no finding where a rule cannot
apply: a gate that is shut as planned has no throughput.

Detectors tell of `congestion`, of a `closure`, of the `data`, or of the `service` itself.

Thresholds stand in `config/thresholds/`: `defaults.toml` holds everywhere, `GATE.toml` at a gate, `[export.DETECTOR]`
for one direction. `suggesting.suggest` offers what the last eight same weekdays suggest; nothing applies it.
`cases/DETECTOR.toml` holds cases that must fire and cases that must not.

This page is made by `python -m gatewatch.monitor.detectors.catalogue --write`.

| detector | about | unit | busy | congested | critical | left at | for [min] | kept for [min] | cases |
|---|---|---|---|---|---|---|---|---|---|
"""


def catalogue() -> str:
    """Return the text of README.md."""
    thresholds = load_thresholds(load_border().border, settings_classes())
    found = list_detectors().values()
    rows = [_row(detector, thresholds[detector.name]) for detector in found]
    return _HEAD + "\n".join([*rows, *(line for detector in found for line in _about(detector))]) + "\n"


def _row(detector: Detector, placed: Placed[Any]) -> str:
    rule = placed.everywhere
    numbers = ["" if getattr(rule, step) is None else _plain(getattr(rule, step)) for step in STEPS]
    n = sum(shipped.detector.name == detector.name for shipped in shipped_cases())
    name = f"`{detector.name}`{'*' if placed.by_place else ''}"
    cells = [name, detector.about, detector.unit, *numbers, f"{rule.leave:.0%}", _plain(rule.for_)]
    return f"| {' | '.join([*cells, _plain(rule.keep_firing_for), str(n)])} |"


def _plain(value: float) -> str:
    return f"{value:g}"


def _about(detector: Detector) -> Iterator[str]:
    if detector.name == next(iter(list_detectors())):
        yield from ("", "\\* Other thresholds hold at some gates or in one direction.")
    yield from ("", f"## `{detector.name}`", "", detector.description, "")
    yield from (f"- {said.en} / {said.vi}" for said in detector.sentences.values())
    own = {name: field for name, field in detector.settings.model_fields.items() if name not in _COMMON}
    if own:
        yield from ("", "| setting | unit | default | meaning |", "|---|---|---|---|")
        schema = detector.settings.model_json_schema(by_alias=True)["properties"]
        for name in own:
            field = schema[name]
            yield f"| `{name}` | {field['unit']} | `{field['default']}` | {field['description']} |"


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        README.write_text(catalogue(), encoding="utf-8")
    else:
        sys.stdout.write(catalogue())
