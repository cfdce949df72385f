"""All detectors over one snapshot; one that fails is told of and does not stop the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from gatewatch.config.thresholds import Thresholds
from gatewatch.monitor.detectors.finding import Finding
from gatewatch.monitor.detectors.history import History
from gatewatch.monitor.detectors.kinds import list_detectors
from gatewatch.monitor.live.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Inspection:
    """
    What all detectors say of one snapshot.

    Args:
        findings: In the order of detectors, each with its level; a place where a rule cannot apply has none.
        failed: Detectors that raised, with the reason: a fault of ours, and no statement about the border.
    """

    findings: tuple[Finding, ...]
    failed: Mapping[str, str]


def inspect_all(snapshot: Snapshot, thresholds: Thresholds, now: datetime, history: History) -> Inspection:
    """
    Return what every detector that has settings finds where it is enabled.

    Args:
        snapshot: Live state at one version.
        thresholds: Settings of the detectors, from `load_thresholds`.
        now: Aware UTC.
        history: From `take_history`, of the same version.
    """
    findings: list[Finding] = []
    failed: dict[str, str] = {}
    for name, detector in list_detectors().items():
        if name not in thresholds:
            continue
        settings = thresholds[name]
        try:
            found = detector.inspect(snapshot, settings, now, history)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other detectors go on
            failed[name] = f"{type(error).__name__}: {error}"
            continue
        findings += [finding for finding in found if settings.at(finding.gate, finding.direction).enabled]
    return Inspection(tuple(findings), failed)
