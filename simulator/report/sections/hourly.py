"""The backlog by hour of the day, with its band: the baseline against each scenario, where they differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gatewatch.simulator.comparison.comparison import Outcome
from gatewatch.simulator.report.blocks import Figure, Figures, Paragraph, Section
from gatewatch.simulator.report.charts.bands import HourlyBand, hourly_bands
from gatewatch.simulator.report.study import Place, Study
from gatewatch.simulator.report.words import Words, capital

Rows = list[dict[str, Any]]


def section(study: Study, words: Words) -> Section | None:
    """Return the bands; None where nobody was ever inside."""
    charts = tuple(_compared(study, words)) or tuple(_alone(study, words))
    if not charts:
        return None
    blocks = (Paragraph(words.say("hourly.intro")), Figures(charts))
    return Section("hourly", words.say("section.hourly"), "1.2", blocks)


def _alone(study: Study, words: Words) -> Iterator[Figure]:
    found = _by_place(study.baseline)
    for place in [*study.touched, (None, None)]:
        rows = found.get(place)
        if rows:
            before, hour = _highest(rows, words)
            said = {"place": capital(words.place(*place)), "before": before, "hour": hour}
            caption = words.say("hourly.chart_alone", **said)
            yield Figure(hourly_bands(caption, [_band(rows, study.title(words), "new")], words.plain), caption)


def _compared(study: Study, words: Words) -> Iterator[Figure]:
    """Yield a chart for each gate and direction of each scenario at which the backlog differs."""
    before = _by_place(study.baseline)
    for outcome in study.scenarios:
        after = _by_place(outcome)
        for place in before:
            if None not in place and before[place] != after.get(place, before[place]):
                yield _pair(study, outcome, place, before[place], after[place], words)


def _pair(study: Study, outcome: Outcome, place: Place, before: Rows, after: Rows, words: Words) -> Figure:
    (first, hour), (second, later) = _highest(before, words), _highest(after, words)
    caption = words.say(
        "hourly.chart", scenario=study.label(outcome, words), place=capital(words.place(*place)),
        before=first, hour=hour, after=second, later=later,
    )  # fmt: skip
    series = [
        _band(before, study.label(study.baseline, words), "base"),
        _band(after, study.label(outcome, words), "new"),
    ]
    return Figure(hourly_bands(caption, series, words.plain), caption)


def _by_place(outcome: Outcome) -> dict[Place, Rows]:
    found: dict[Place, Rows] = {}
    for row in outcome.results.hourly:
        found.setdefault((row["gate"], row["direction"]), []).append(row)
    return {place: rows for place, rows in found.items() if any(row["p90"] for row in rows)}


def _band(rows: Rows, label: str, kind: str) -> HourlyBand:
    mean, low, high = ([float(row[key] or 0.0) for row in rows] for key in ("mean", "p10", "p90"))
    return HourlyBand(label, kind, mean, low, high)


def _highest(rows: Rows, words: Words) -> tuple[str, str]:
    top = max(rows, key=lambda row: row["mean"] or 0.0)
    value = top["mean"] or 0.0
    half = (top["p90"] - top["p10"]) / 2 or None
    # The band says how far the backlog spreads, so the mean has no more digits than its width allows.
    scale_free = words.told(value, half, "veh").partition(" ±")
    unit = words.unit("veh")
    return (f"{scale_free[0]} {unit}" if scale_free[1] else scale_free[0]), f"{top['hour']:02d}:00"
