"""S11, the rules: what each looks for, its thresholds at every gate and their origin, how often it fired."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from typing import Any, Final

from gatewatch.config.thresholds import STEPS, Placed
from gatewatch.monitor.detectors.changing import judging_rules
from gatewatch.monitor.detectors.kinds import Detector, list_detectors
from gatewatch.monitor.detectors.runbooks import runbook
from gatewatch.monitor.detectors.shipped_cases import shipped_cases
from gatewatch.monitor.web.page import PEOPLE, PLANNERS, Asked, Page, gate_title, gates_in_order
from gatewatch.monitor.web.pages.rule_titles import rule_titles
from gatewatch.monitor.web.pages.telling import NOT_KNOWN, Telling

PAGE = Page(
    "/rules", "Rules", "rules.html", PEOPLE, place=70, scripts=("pages/rules.js", "pages/rules_suggestions.js"),
    styles=("pages/desk.css", "pages/rules.css"),
)  # fmt: skip
_BRACES: Final = re.compile(r"{\w+}")
_WEEK: Final = timedelta(days=7)


def content(asked: Asked) -> dict[str, Any]:
    """Return every rule with its thresholds, its own text, and how often it fired within a week."""
    watch = asked.services.core.watch
    telling = Telling(asked)
    fired = Counter(kept.alert.key.rule for kept in watch.book.of_period(asked.now - _WEEK, asked.now))
    say, border = asked.words.say, asked.services.core.border
    titles = rule_titles(say)
    groups = {
        "congestion": say("Congestion"),
        "closure": say("Closures"),
        "data": say("Data"),
        "service": say("The service itself"),
    }
    rules = [
        _rule(asked, telling, detector, watch.thresholds[name], fired[name])
        for name, detector in list_detectors().items()
        if name in watch.thresholds
    ]
    return {
        "titles": titles,
        "may_try": asked.who.role in PLANNERS,
        "gates": {gate: gate_title(border, gate, asked.words) for gate in gates_in_order(border, asked.who)},
        "groups": [
            {
                "id": about,
                "title": title,
                "rules": [
                    rule | {"title": titles.get(rule["name"], rule["name"])} for rule in rules if rule["about"] == about
                ],
            }
            for about, title in groups.items()
        ],
    }


def _rule(asked: Asked, telling: Telling, detector: Detector, placed: Placed[Any], n_fired: int) -> dict[str, Any]:
    say = asked.words.say
    rows = [_row(telling, say("everywhere"), placed.everywhere, say("default"))]
    for (gate, direction), settings in sorted(placed.by_place.items(), key=str):
        data = None if gate is None else asked.services.core.border.gates.get(gate)
        if settings == placed.everywhere or (gate is not None and (data is None or data.dormant)):
            continue  # as everywhere, or nobody looks there
        place = telling.gate(gate) if gate is not None else say("everywhere")
        title = place if direction is None else f"{place} · {telling.direction(direction)}"
        rows.append(_row(telling, title, settings, say("set for this place")))
    sentences = [
        {"vi": _BRACES.sub("…", sentence.vi), "en": _BRACES.sub("…", sentence.en)}
        for case, sentence in detector.sentences.items()
        if case != "unknown"
    ]
    what_to_do = runbook(detector.name)
    return {
        "name": detector.name,
        "about": detector.about,
        "unit": _unit(asked, detector.unit),
        "says": asked.words.pick(sentences[0]).removeprefix("…: ") if sentences else "",
        "runbook": asked.words.pick({"vi": what_to_do.vi, "en": what_to_do.en}),
        "rows": rows,
        "cases": [
            {"says": shipped.case.says, "fires": shipped.fires, "is_unknown": shipped.case.levels == ["unknown"]}
            for shipped in shipped_cases()
            if shipped.detector.name == detector.name
        ],
        "can_try": detector.name in judging_rules(),
        "has_steps": any(hasattr(placed.everywhere, step) for step in STEPS),
        "n_fired": telling.number(n_fired),
    }


def _row(telling: Telling, place: str, settings: Any, origin: str) -> dict[str, Any]:
    steps = [getattr(settings, step, None) for step in STEPS]
    return {
        "place": place,
        "steps": [NOT_KNOWN if value is None else telling.decimal(value) for value in steps],
        "for": telling.decimal(settings.for_),
        "keep": telling.decimal(settings.keep_firing_for),
        "enabled": settings.enabled,
        "origin": origin,
    }


def _unit(asked: Asked, unit: str) -> str:
    say = asked.words.say
    known = {
        "veh": say("veh"),
        "veh/h": say("veh/h"),
        "days": say("days"),
        "h": say("h"),
        "min": say("min"),
        "s": say("s"),
        "share": say("share of 1"),
        "ratio": say("times"),
        "open h": say("open h"),
    }
    return known.get(unit, unit)
