"""An alert in the words of the Common Alerting Protocol 1.2 (OASIS), as JSON with CAP's own names."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from gatewatch.config.schema import Border
from gatewatch.monitor.alerting.lifecycle import Alert
from gatewatch.monitor.alerting.wording import TITLES
from gatewatch.monitor.detectors.runbooks import runbook
from gatewatch.monitor.detectors.sentences import LANGUAGES, LEVELS, Language
from gatewatch.monitor.store.alert_book import KeptAlert
from gatewatch.monitor.web.alert_schemas import CapModel

SENDER: Final = "gatewatch"
_SEVERITY: Final = {"busy": "Minor", "congested": "Moderate", "critical": "Severe"}
_URGENCY: Final = {"busy": "Expected", "congested": "Expected", "critical": "Immediate"}
_CODES: Final = {"vi": "vi-VN", "en": "en-US"}
_RESTRICTION: Final = "Coordination teams of the border gates."


def to_cap(kept: KeptAlert, border: Border) -> CapModel:
    """Return an alert that has fired as CAP; what has ended is a cancellation that refers to the first message."""
    one = kept.alert
    assert one.fired_at is not None, kept.id
    kind = _kind(one)
    sent = one.resolved_at or one.level_at or one.fired_at
    zone = ZoneInfo(border.border.timezone)
    first = f"{SENDER},{kept.id},{_time(one.fired_at, zone)}"
    return CapModel(
        identifier=kept.id if kind == "Alert" else f"{kept.id}-{sent.astimezone(UTC):%Y%m%dT%H%M%S}",
        sender=SENDER,
        sent=_time(sent, zone),
        status="Actual",
        msgType=kind,
        scope="Restricted",
        restriction=_RESTRICTION,
        references=None if kind == "Alert" else first,
        info=[_info(kept, border, language) for language in LANGUAGES],
    )


def _kind(one: Alert) -> Literal["Alert", "Update", "Cancel"]:
    if one.resolved_at is not None:
        return "Cancel"
    return "Alert" if one.level_at == one.fired_at else "Update"


def _info(kept: KeptAlert, border: Border, language: Language) -> dict[str, Any]:
    one, key = kept.alert, kept.alert.key
    gate = border.gates.get(key.get("gate"))
    title = "" if gate is None else str(getattr(gate, "title_vi" if language == "vi" else "title", "") or "")
    everywhere = "Tỉnh Lạng Sơn" if language == "vi" else "Lang Son province"
    level = next(word for level, word in LEVELS.items() if level.value == one.level)
    values = {"rule": key.rule, **{k: v for k, v in key.labels if k != "alertname"}}
    if one.value is not None:
        values |= {"value": f"{one.value:g}", "unit": kept.saying.unit}
    if kept.saying.threshold is not None:
        values["threshold"] = f"{kept.saying.threshold:g}"
    event = getattr(TITLES[key.rule], language) if key.rule in TITLES else key.rule
    said = kept.saying.vi if language == "vi" else kept.saying.en
    return {
        "language": _CODES[language],
        "category": ["Transport"],
        "event": f"{event}: {getattr(level, language)}",
        "urgency": "Past" if one.resolved_at is not None else _URGENCY.get(one.level, "Unknown"),
        "severity": _SEVERITY.get(one.level, "Unknown"),
        "certainty": "Possible" if one.doubt else "Observed",
        "effective": _time(one.fired_at or one.active_at, ZoneInfo(border.border.timezone)),
        "senderName": "Gatewatch",
        "headline": said,
        "description": said,
        "instruction": getattr(runbook(key.rule), language),
        "parameter": [{"valueName": name, "value": value} for name, value in values.items()],
        "area": [{"areaDesc": title or key.get("gate") or everywhere}],
    }


def _time(at: datetime, zone: ZoneInfo) -> str:
    """Return a time as CAP writes it: local, with seconds and the offset from UTC."""
    return at.astimezone(zone).isoformat(timespec="seconds")
