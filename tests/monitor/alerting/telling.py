"""Bundles, findings and live state of Huu Nghi, to be put into words by tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from gatewatch.config.feeds import load_feeds
from gatewatch.config.loader import load_border
from gatewatch.config.teams import LoadedTeams
from gatewatch.config.thresholds import Rising
from gatewatch.monitor.alerting import AlertKey, Bundle, Notice, Notification, Subject
from gatewatch.monitor.alerting.messages import Composer
from gatewatch.monitor.alerting.outgoing import Outgoing
from gatewatch.monitor.channels.teams import load_told
from gatewatch.monitor.detectors.finding import Evidence, Finding, find
from gatewatch.monitor.detectors.kinds import list_detectors
from gatewatch.monitor.detectors.sentences import Sentence
from gatewatch.monitor.live.figure import Figure
from gatewatch.monitor.live.snapshot import Snapshot, YardState, take_snapshot
from gatewatch.monitor.projection.projecting import Projection

NOW = datetime(2026, 1, 15, 7, 0, tzinfo=UTC)  # 14:00 in Vietnam
BORDER, RULE = load_border().border, Rising.model_validate({"congested": 300, "for": 0, "keep_firing_for": 0})
FEEDS = load_feeds(BORDER)
EXPORTS = AlertKey.of(alertname="backlog_sustained", about="congestion", gate="huu_nghi", direction="export")
SILENT = AlertKey.of(
    alertname="silent_feed", about="data", gate="huu_nghi", source="huu_nghi/camera/export-out"
)  # fmt: skip
TEAMS = """
link = "https://gatewatch.example.vn/"
[channels.screen]
kind = "in_app"
[contacts.lan]
channel = "screen"
[contacts.ann]
channel = "screen"
language = "en"
[teams.center]
title = "Border Gate Management Center"
title_vi = "Trung tâm Quản lý cửa khẩu"
members = ["lan", "ann"]
[[routes]]
name = "all"
to = ["center"]
coordinator = "center"
"""


@cache
def teams_in(folder: Path, text: str = TEAMS) -> LoadedTeams:
    """Return who is told."""
    file = folder / "teams.toml"
    file.write_text(text, encoding="utf-8")
    return load_told(BORDER, list_detectors(), file)


@cache
def live(backlog: float | None = 412, days: float | None = 1.7, arriving: float = 60, clearing: float = 30) -> Snapshot:
    """Return live state in which the exports of Huu Nghi have these figures, and a yard of 450 places."""
    snapshot = take_snapshot(BORDER, FEEDS, Projection(lambda _: None), NOW)
    flow = snapshot.flow("huu_nghi", "export")

    def known(value: float | None, unit: str) -> Figure:
        return Figure(value, unit, "A", "reckoned")

    changed = replace(
        flow,
        backlog=known(backlog, "veh"),
        days_of_work=known(days, "days"),
        arrival_rate_60=known(arriving, "veh/h"),
        rate_60=known(clearing, "veh/h"),
        yards=(YardState("export_yard", known(340, "veh"), 450),),
    )
    flows = tuple(changed if one == flow else one for one in snapshot.flows)
    return replace(snapshot, flows=flows)


def finding(value: float = 412, **values: object) -> Finding:
    """Return what the rule says of the exports."""
    evidence = Evidence(NOW - timedelta(minutes=15), NOW, ("huu_nghi/camera/export-out",), "A")
    told = {"low": value - 5, "high": value + 5, **values}
    return find("backlog_sustained", ("huu_nghi", "export"), RULE, value, "veh", "backlog", told, evidence)


def bundle(*parts: Notification, to: str = "lan") -> Bundle:
    """Return what a contact gets."""
    return Bundle(to, NOW, parts or (notification(to=to),))


def notification(
    key: AlertKey = EXPORTS, level: str = "congested", reason: str = "firing", before: str | None = None,
    to: str = "lan", *, ended: bool = False, value: float | None = 412,
) -> Notification:  # fmt: skip
    """Return news of one alert."""
    since = NOW - timedelta(minutes=20)
    subject = Subject(key, f"{key.fingerprint}-1", level, value, since, NOW if ended else None)
    notice = Notice(subject.alert_id, reason, to, NOW, before)
    firing, resolved = ((), (subject,)) if ended else ((subject,), ())
    return Notification(to, "all", (("gate", "huu_nghi"),), reason, firing, resolved, (notice,), NOW)


def compose(folder: Path, told: Bundle, findings: dict[AlertKey, Finding] | None = None, **more: object) -> Outgoing:
    """Return the message of a bundle."""
    composer = Composer(BORDER, FEEDS, teams_in(folder), lambda _: Sentence("Mở thêm làn.", "Open more lanes."))
    known = {EXPORTS: finding()} if findings is None else findings
    return composer.compose(told, known, more.get("snapshot", live()))
