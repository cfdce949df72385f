"""Replays told: how each rule did, which congestion there was, and how early the first alert came."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from gatewatch.config.feeds import Feed
from gatewatch.config.loader import LoadedBorder
from gatewatch.config.reported_record import load_measures_applied
from gatewatch.config.schema import Border
from gatewatch.config.thresholds import Thresholds
from gatewatch.monitor.backtesting.recorded_past import RecordedPast
from gatewatch.monitor.backtesting.replaying import STEP, Firing, Replayed, Tell, replay
from gatewatch.monitor.backtesting.scoring import First, Score, filling, firsts, scores
from gatewatch.monitor.backtesting.simulated_past import SimulatedPast
from gatewatch.monitor.backtesting.truth import Episode, episodes_of, evenings_of, evenings_printed, filled_yards
from gatewatch.monitor.observations import instant_text

_CLOCK: Final = re.compile(r"from (\d\d):(\d\d)")


@dataclass(frozen=True, slots=True)
class Report:
    """
    A replay, held against what really happened.

    Args:
        what: The scenario, or `recorded`.
        replayed: The replay.
        gates: Gates that are watched.
        truth: Where the episodes come from: `simulator`, `bulletins`, or `unknown`.
        episodes: True congestion, as far as it is known.
        scores: Of each congestion rule, and of all together.
        firsts: The first alert before yards were full and measures were taken.
    """

    what: str
    replayed: Replayed
    gates: tuple[str, ...]
    truth: str
    episodes: tuple[Episode, ...]
    scores: tuple[Score, ...]
    firsts: tuple[First, ...]


def watched_gates(border: Border) -> tuple[str, ...]:
    """Return the gates that are not dormant."""
    return tuple(name for name, gate in border.gates.items() if not gate.dormant)


def report_simulated(
    past: SimulatedPast,
    feeds: Mapping[str, Feed],
    thresholds: Thresholds,
    scenario: str,
    skip: timedelta = timedelta(),
    step: timedelta = STEP,
    tell: Tell | None = None,
) -> Report:
    """
    Return how rules did on simulated days.

    Args:
        past: The days.
        feeds: The devices, by source.
        thresholds: Settings of the detectors.
        scenario: Its name.
        skip: Time before the first evaluation, in which devices are heard already.
        step: Time between evaluations.
        tell: Is told how far it is.
    """
    truth, zone = past.truth, past.zone
    begins = truth.begins.astimezone(UTC) + skip
    (replayed,) = replay(past.border, feeds, past, [thresholds], begins, truth.ends, step, tell=tell)
    gates = watched_gates(past.border)
    evenings = {
        place: [evening for evening in row if evening.at >= begins] for place, row in evenings_of(truth, zone).items()
    }
    episodes = episodes_of(evenings)
    filled = [one for one in filled_yards(truth, past.border, zone) if one.at >= begins]
    happened = sorted([*filling(filled), *measures(begins, truth.ends, gates, zone)], key=lambda one: one[2])
    return Report(
        scenario, replayed, gates, "simulator", tuple(episodes), tuple(scores(replayed, gates, episodes)),
        tuple(firsts(replayed, happened)),
    )  # fmt: skip


def report_recorded(
    loaded: LoadedBorder,
    past: RecordedPast,
    feeds: Mapping[str, Feed],
    thresholds: Thresholds,
    begins: datetime,
    ends: datetime,
    step: timedelta = STEP,
    tell: Tell | None = None,
) -> Report:
    """
    Return how rules did on recorded days; congestion is what the bulletins say of their evenings.

    Args:
        loaded: The border that is watched.
        past: The journal.
        feeds: Feeds declared, by source.
        thresholds: Settings of the detectors.
        begins: First evaluation, aware UTC.
        ends: No evaluation from then on.
        step: Time between evaluations.
        tell: Is told how far it is.
    """
    border, zone = loaded.border, ZoneInfo(loaded.border.border.timezone)
    (replayed,) = replay(border, feeds, past, [thresholds], begins, ends, step, tell=tell)
    evenings = evenings_printed(past.projection, begins, ends, zone)
    episodes = episodes_of(evenings)
    gates = watched_gates(border)
    scored = scores(replayed, gates, episodes if evenings else None)
    happened = measures(begins, ends, gates, zone)
    truth = "bulletins" if evenings else "unknown"
    return Report("recorded", replayed, gates, truth, tuple(episodes), tuple(scored), tuple(firsts(replayed, happened)))


def measures(
    begins: datetime, ends: datetime, gates: tuple[str, ...], zone: ZoneInfo
) -> Iterator[tuple[str, str, datetime]]:
    """
    Yield the measures on record that began within [begins, ends): gate, what, and when.

    The record has days; where it tells no hour, the day begins at midnight, so that a lead is rather too short.
    """
    for row in load_measures_applied().to_dict("records"):
        detail = str(row["detail"])
        clock = _CLOCK.search(detail)
        at_time = time(int(clock[1]), int(clock[2])) if clock else time()
        at = datetime.combine(row["date_start"].date(), at_time, zone).astimezone(UTC)
        if begins <= at < ends and (row["gate"] in gates or row["gate"] == "all"):
            yield str(row["gate"]), f"{str(row['policy']).replace('_', ' ')} (on record)", at


def record_of(report: Report) -> dict[str, Any]:
    """Return a report as JSON can hold it; hours and days say so in their names."""
    replayed = report.replayed
    return {
        "what": report.what,
        "begins": instant_text(replayed.begins),
        "ends": instant_text(replayed.ends),
        "step_min": replayed.step / timedelta(minutes=1),
        "n_evaluations": replayed.n_evaluations,
        "gates": list(report.gates),
        "truth": report.truth,
        "episodes": [
            {
                "gate": one.gate,
                "direction": one.direction,
                "begins": instant_text(one.begins),
                "ends": None if one.ends is None else instant_text(one.ends),
                "worst_days_of_work": None if math.isinf(one.days) else round(one.days, 2),
                "most_veh": one.backlog,
            }
            for one in report.episodes
        ],
        "rules": [
            {
                "rule": one.rule,
                "alerts": one.n_alerts,
                "alerts_per_day": round(one.per_day, 3),
                "false": one.n_false,
                "false_per_week_and_gate": None if one.false_per_week is None else round(one.false_per_week, 3),
                "episodes": one.n_episodes,
                "detected": one.n_detected,
                "detected_share": one.detected,
                "median_lead_h": one.lead_h,
                "leads_h": list(one.leads_h),
            }
            for one in report.scores
        ],
        "firsts": [
            {
                "gate": one.gate,
                "what": one.what,
                "at": instant_text(one.at),
                "first_alert": None if one.firing is None else record_of_firing(one.firing),
                "lead_h": one.lead_h,
            }
            for one in report.firsts
        ],
        "alerts": [record_of_firing(firing) for firing in replayed.firings],
        "failed": dict(replayed.failed),
    }


def record_of_firing(firing: Firing) -> dict[str, Any]:
    """Return an alert of a replay as JSON can hold it."""
    gate, direction = firing.place
    return {
        "rule": firing.rule,
        "gate": gate or None,
        "direction": direction or None,
        "about": firing.key.get("source") or firing.key.get("subject") or None,
        "active_at": instant_text(firing.active_at),
        "fired_at": instant_text(firing.fired_at),
        "resolved_at": None if firing.resolved_at is None else instant_text(firing.resolved_at),
        "level": firing.level,
        "value": firing.value,
        "unit": firing.unit,
        "threshold": firing.threshold,
    }


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant at which a local day begins."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
