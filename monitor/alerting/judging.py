"""From findings to judgements: what each rule says of each key, by what the last evaluation remembers of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gatewatch.config.thresholds import Rule, Thresholds
from gatewatch.monitor.alerting.labels import AlertKey
from gatewatch.monitor.alerting.lifecycle import Alert, Alerts, Clocks, Judgement
from gatewatch.monitor.detectors.finding import Finding
from gatewatch.monitor.detectors.finding import Level as FoundLevel
from gatewatch.monitor.detectors.inspecting import Inspection
from gatewatch.monitor.detectors.kinds import list_detectors
from gatewatch.monitor.live.snapshot import FlowState, Snapshot

PLANNED_CLOSURE: Final = "planned_closure"  # no alert of its own: it explains others, and nobody is told of it
STAYS: Final = timedelta(hours=48)  # a night or a day off; after a longer closure nobody knows who still waits


@dataclass(frozen=True, slots=True)
class Judged:
    """
    What all rules say at one evaluation.

    Args:
        judgements: One for each key.
        findings: What each key's judgement rests on, where a detector found it.
        retired: Keys that are watched no more.
    """

    judgements: tuple[Judgement, ...]
    findings: Mapping[AlertKey, Finding]
    retired: tuple[AlertKey, ...]


def key_of(finding: Finding) -> AlertKey:
    """Return the key of the alert that a finding belongs to; its label `about` is the subject of its detector."""
    detector, gate, direction, source, subject = finding.identity
    about = list_detectors()[detector].about
    return AlertKey.of(
        alertname=detector, about=about, gate=gate, direction=direction, source=source, subject=subject
    )  # fmt: skip


def clocks_of(rule: Rule) -> Clocks:
    """Return the clocks that a detector's settings ask for."""
    return Clocks(timedelta(minutes=rule.for_), timedelta(minutes=rule.keep_firing_for))


def rules_of(thresholds: Thresholds) -> dict[str, Clocks]:
    """Return the clocks of every rule where no place says otherwise, `planned_closure` among them."""
    return {name: clocks_of(placed.everywhere) for name, placed in thresholds.items()} | {PLANNED_CLOSURE: Clocks()}


def judge(
    inspection: Inspection, snapshot: Snapshot | None, thresholds: Thresholds, alerts: Alerts, now: datetime
) -> Judged:
    """
    Return what all rules say.

    A level that an alert has is kept until its leaving threshold is passed. A rule that finds nothing where it found
    something before cannot apply there now, as at a gate that is shut as planned: its condition does not hold. Only
    where a rule tells of what stands through a closure does an alert that fires stay as it was, for two days at most:
    a queue does not go home at night. One that waits or recovers does not stay, so that a closure counts for no clock.
    A rule that failed is an error for every alert it has, and one of its own. `unknown` is no data.

    Args:
        inspection: What the detectors say.
        snapshot: What they said it of; None when there is none: then nothing is retired, and no closure known.
        thresholds: Settings of the detectors.
        alerts: As the last evaluation left them.
        now: Aware UTC.
    """
    known = {alert.key: alert for alert in alerts.alerts}
    findings = _by_key(inspection.findings)
    judgements = {key: _of(key, finding, known.get(key), thresholds) for key, finding in findings.items()}
    for name in inspection.failed:
        key = AlertKey.of(alertname=name, about=list_detectors()[name].about)
        judgements[key] = Judgement(key, "error", "unknown", None, now)
    if snapshot is not None:
        judgements |= {judged.key: judged for judged in _closures(snapshot.flows, known, now)}
    retired = []
    for key, alert in known.items():
        if key in judgements:
            continue
        if snapshot is not None and not _is_watched(key, snapshot, thresholds):
            retired.append(key)
        elif key.rule in inspection.failed:
            judgements[key] = Judgement(key, "error", "unknown", alert.value, now)
        elif key.rule in thresholds:
            judgements[key] = _unfound(alert, now, _clocks_at(key, thresholds))
    return Judged(tuple(judgements[key] for key in sorted(judgements)), findings, tuple(retired))


def _by_key(findings: Iterable[Finding]) -> dict[AlertKey, Finding]:
    """Return the findings by key; of several about the same thing the worst counts."""
    found: dict[AlertKey, Finding] = {}
    for finding in findings:
        key = key_of(finding)
        if key not in found or finding.level > found[key].level:
            found[key] = finding
    return found


def _of(key: AlertKey, finding: Finding, alert: Alert | None, thresholds: Thresholds) -> Judgement:
    is_held = alert is not None and alert.phase in {"pending", "firing"}
    before = FoundLevel(alert.level) if alert is not None and is_held else FoundLevel.CLEAR
    level = finding.level_after(before)
    if level is FoundLevel.UNKNOWN:
        return Judgement(key, "no_data", "unknown", finding.value, finding.evidence.ends)
    state: Final = "true" if level > FoundLevel.CLEAR else "false"
    return Judgement(key, state, level.value, finding.value, finding.evidence.ends, _clocks_at(key, thresholds))


def _unfound(alert: Alert, now: datetime, clocks: Clocks) -> Judgement:
    """Return what a rule says of an alert where it finds nothing now."""
    stays = list_detectors()[alert.key.rule].stays_while_shut and now - alert.evidence_at <= STAYS
    if alert.phase != "firing" or not stays:
        return Judgement(alert.key, "false", "clear", None, now, clocks)
    return Judgement(alert.key, alert.doubt or "true", alert.level, alert.value, alert.evidence_at, clocks)


def _clocks_at(key: AlertKey, thresholds: Thresholds) -> Clocks:
    return clocks_of(thresholds[key.rule].at(key.get("gate") or None, key.get("direction") or None))


def _closures(flows: Iterable[FlowState], known: Mapping[AlertKey, Alert], now: datetime) -> Iterator[Judgement]:
    """Yield for each direction of each gate whether it is shut as planned; what was never shut needs no word."""
    for flow in flows:
        key = AlertKey.of(alertname=PLANNED_CLOSURE, gate=flow.gate, direction=flow.direction)
        is_unplanned = flow.opening.own.is_unplanned or flow.opening.counterpart.is_unplanned
        if not flow.opening.is_open(now) and not is_unplanned:
            yield Judgement(key, "true", "clear", None, now)
        elif key in known:
            yield Judgement(key, "false", "clear", None, now)


def _is_watched(key: AlertKey, snapshot: Snapshot, thresholds: Thresholds) -> bool:
    gate, direction, source = key.get("gate"), key.get("direction"), key.get("source")
    if gate and not any(flow.gate == gate and direction in {"", flow.direction} for flow in snapshot.flows):
        return False
    if source and source not in {state.source for state in snapshot.sources}:
        return False
    if key.rule not in thresholds:
        return key.rule == PLANNED_CLOSURE
    return bool(thresholds[key.rule].at(gate or None, direction or None).enabled)
