"""How a changed threshold would have fired over past days, beside the one in force; nothing is changed by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from gatewatch.config.feeds import Feed
from gatewatch.config.schema import Border
from gatewatch.config.thresholds import Thresholds
from gatewatch.monitor.backtesting.replaying import STEP, Firing, Past, Replayed, Tell, replay
from gatewatch.monitor.backtesting.reports import record_of_firing
from gatewatch.monitor.detectors.changing import Where, changed
from gatewatch.monitor.detectors.suggesting import Suggestion, suggest
from gatewatch.monitor.observations import instant_text


@dataclass(frozen=True, slots=True)
class Preview:
    """
    A rule as it is and as it would be, over the same days.

    Args:
        rule: The rule.
        where: Gate and direction that were changed; None: all.
        settings: What was changed.
        present: With the settings in force.
        changed: With the others.
        suggestions: By gate and direction, what the same weekdays of the days replayed suggest for tomorrow.
    """

    rule: str
    where: Where
    settings: Mapping[str, Any]
    present: Replayed
    changed: Replayed
    suggestions: Mapping[tuple[str, str], Suggestion]


def preview(
    border: Border,
    feeds: Mapping[str, Feed],
    past: Past,
    thresholds: Thresholds,
    rule: str,
    settings: Mapping[str, Any],
    where: Where,
    begins: datetime,
    ends: datetime,
    step: timedelta = STEP,
    tell: Tell | None = None,
) -> Preview:
    """
    Return how a rule fired and how it would have fired.

    Raises:
        ConfigError: What is to be changed is at fault.
    """
    other = changed(thresholds, border, rule, settings, where)
    present, after = replay(border, feeds, past, [thresholds, other], begins, ends, step, [rule], tell)
    zone = ZoneInfo(border.border.timezone)
    day = ends.astimezone(zone).date()
    return Preview(rule, where, dict(settings), present, after, suggestions(present, thresholds, rule, day))


def suggestions(replayed: Replayed, thresholds: Thresholds, rule: str, on: date) -> dict[tuple[str, str], Suggestion]:
    """Return what the same weekdays before a day suggest for the lowest level of a rule, by gate and direction."""
    found = {}
    for (name, gate, direction), days in sorted(replayed.highest.items()):
        if name != rule:
            continue
        steps = thresholds[rule].at(gate, direction or None).steps()
        suggestion = suggest(days, on, steps[0][1] if steps else None)
        if suggestion is not None:
            found[gate, direction] = suggestion
    return found


def told(preview: Preview) -> dict[str, Any]:
    """Return a preview as JSON can hold it."""
    gate, direction = preview.where
    return {
        "rule": preview.rule,
        "gate": gate,
        "direction": direction,
        "settings": dict(preview.settings),
        "begins": instant_text(preview.present.begins),
        "ends": instant_text(preview.present.ends),
        "step_min": preview.present.step / timedelta(minutes=1),
        "present": _told(preview.present),
        "changed": _told(preview.changed),
        "suggestions": [
            {
                "gate": at_gate,
                "direction": at_direction or None,
                "value": round(one.value, 2),
                "n_days": one.n_days,
                "first": one.first.isoformat(),
                "last": one.last.isoformat(),
                "n_above": one.n_above,
            }
            for (at_gate, at_direction), one in preview.suggestions.items()
        ],
        "failed": dict(preview.present.failed) | dict(preview.changed.failed),
    }


def _told(replayed: Replayed) -> dict[str, Any]:
    return {
        "n": len(replayed.firings),
        "per_week": round(len(replayed.firings) / replayed.weeks, 2),
        "alerts": [
            {**record_of_firing(one), "lasted_min": one.lasted(replayed.ends) / timedelta(minutes=1)}
            for one in replayed.firings
        ],
    }


def by_place(firings: tuple[Firing, ...]) -> dict[tuple[str, str], list[Firing]]:
    """Return alerts by gate and direction."""
    found: dict[tuple[str, str], list[Firing]] = {}
    for firing in firings:
        found.setdefault(firing.place, []).append(firing)
    return found
