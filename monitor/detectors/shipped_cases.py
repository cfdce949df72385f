"""
Cases that ship with the detectors: what is so, and which levels must be found.

`cases/DETECTOR.toml` has settings and a list of cases about a gate `north`, open from 07:00 to 18:00, on a
Thursday. What a case does not say is not known. Stories, which are about alerts, are told in `backtesting`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from gatewatch.config import faults
from gatewatch.config.errors import ConfigError, known_names, one_fault
from gatewatch.config.opening_hours import Window
from gatewatch.config.origins import Document, read_tree
from gatewatch.config.reading import read_toml
from gatewatch.config.records import Record
from gatewatch.config.thresholds import STEPS, Placed, Rule
from gatewatch.monitor.bulletins.checks import BulletinFinding
from gatewatch.monitor.detectors import history as past
from gatewatch.monitor.detectors.case_records import (
    Case,
    CaseFile,
    FlowSaid,
    Said,
    SourceSaid,
    WaitingSaid,
)
from gatewatch.monitor.detectors.finding import Finding
from gatewatch.monitor.detectors.kinds import Detector, list_detectors
from gatewatch.monitor.detectors.outlook import Outlook
from gatewatch.monitor.live.backlog import Stock
from gatewatch.monitor.live.figure import Figure
from gatewatch.monitor.live.flow import Capacity
from gatewatch.monitor.live.opening import AHEAD, BEFORE, Opening, SideState
from gatewatch.monitor.live.snapshot import FlowState, Snapshot, YardState, national_colour
from gatewatch.monitor.live.sources import SourceState
from gatewatch.monitor.live.waits import ActualTimes, expected_wait

FOLDER = Path(__file__).with_name("cases")
DAY = date(2026, 1, 15)
GATE = "north"
_OPENS, _CLOSES = time(7), time(18)
_REV = 1
_NO_TIMES = ActualTimes(None, None, 0, 0, None)


@dataclass(frozen=True, slots=True)
class ShippedCase:
    """A case of a detector, ready to be tried."""

    detector: Detector
    settings: Placed[Any]
    case: Case

    @property
    def fires(self) -> bool:
        """Return whether anything above `unknown` must be found."""
        return bool({"busy", "congested", "critical"} & set(self.case.levels))

    def findings(self) -> list[Finding]:
        """Return what the detector finds."""
        snapshot, history = built(self.case)
        return self.detector.inspect(snapshot, self.settings, snapshot.at, history)

    def is_right(self) -> bool:
        """Return whether that is what must be found."""
        found = self.findings()
        said = found[0].said if found else None
        return [f.level.value for f in found] == self.case.levels and self.case.said in (None, said)


@cache
def shipped_cases() -> tuple[ShippedCase, ...]:
    """Return every case that ships, by detector, in the order of its file."""
    return tuple(case for name in list_detectors() for case in read_cases(name))


def read_cases(name: str, folder: Path = FOLDER) -> list[ShippedCase]:
    """
    Return the cases of a detector from a folder.

    Raises:
        ConfigError: The file cannot be read, or is at fault.
    """
    path = folder / f"{name}.toml"
    return read_case_file(path, f"{folder.name}/{path.name}", {name: {"for": 0.0, "keep_firing_for": 0.0}}).cases()


@dataclass(frozen=True, slots=True)
class ReadCases:
    """
    A file of cases, read.

    Args:
        shown: The file, as shown to a person.
        detector: The detector that is tested.
        settings: Settings that hold in it.
        file: What it says.
    """

    shown: str
    detector: Detector
    settings: Placed[Any]
    file: CaseFile

    def cases(self) -> list[ShippedCase]:
        """Return its cases."""
        return [ShippedCase(self.detector, self.settings, case) for case in self.file.cases]


def read_case_file(path: Path, shown: str, based_on: Mapping[str, Mapping[str, Any]]) -> ReadCases:
    """
    Return what a file of cases says.

    Args:
        path: The file.
        shown: The file, as shown to a person.
        based_on: By detector, the settings that hold where the file says nothing else; a detector without an entry has
            those of its class.

    Raises:
        ConfigError: It cannot be read, or is at fault.
    """
    raw, _ = read_toml(path, shown)
    file = _checked(CaseFile, raw, read_tree(raw, shown), shown)
    name = file.rule or path.stem
    if name not in list_detectors():
        key = "rule" if file.rule is not None else ""
        remedy = known_names("rule", name, list_detectors())
        raise one_fault(shown, key, f'"{name}"' if key else "named like no rule", remedy)
    if not file.cases and not file.stories:
        raise one_fault(shown, "cases", "empty", "give cases that fire and cases that do not")
    detector = list_detectors()[name]
    document = read_tree(file.settings, shown, (), ("settings",))
    settings = _settings(detector.settings, based_on.get(name, {}), document, shown)
    return ReadCases(shown, detector, Placed(settings), file)


def _settings(model: type[Rule], in_force: Mapping[str, Any], document: Document, shown: str) -> Rule:
    """Return the settings of a file over those in force; where they are at odds, both are told."""
    settings = {**in_force, **document.tree}
    try:
        return model.model_validate(settings)
    except ValidationError as error:
        if reason := faults.at_odds(error):
            used = ", ".join(
                f"{name} {settings[name]:g}{'' if name in document.tree else ' in force'}"
                for name in STEPS
                if isinstance(settings.get(name), int | float)
            )
            raise one_fault(shown, "settings", "at odds with itself", f"{reason} ({used})") from None
        raise ConfigError(faults.from_validation(error, document, model, shown)) from None


M = TypeVar("M", bound=Record)


def _checked(model: type[M], raw: Mapping[str, Any], document: Document, file: str) -> M:
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(faults.from_validation(error, document, model, file)) from None


def built(case: Said) -> tuple[Snapshot, past.History]:
    """Return the snapshot and the history that a case describes."""
    now = _local(DAY, time(case.at // 60, case.at % 60))
    flow = case.flow
    snapshot = Snapshot(
        rev=_REV,
        at=now,
        flows=() if flow is None else (_flow(flow, now),),
        sources=tuple(_source(said, now) for said in case.sources),
        present=_figure(case.present, "veh", now),
        national_colour=None if case.present is None else national_colour(case.present),
    )
    history = past.History(
        flows={} if flow is None else {(GATE, flow.direction): _past(flow, now)},
        lanes=tuple(past.Lane(GATE, n.direction, n.lane, n.is_open, now, "", "person") for n in case.lanes),
        inconsistencies=tuple(
            BulletinFinding(DAY, n.gate, None, n.kind, n.line, n.printed, n.reckoned) for n in case.inconsistencies
        ),
        feeds=case.feeds,
        own=past.SelfState(**case.own.model_dump()),
        outlooks=_outlooks(flow, now),
    )
    return snapshot, history


def _outlooks(flow: FlowSaid | None, now: datetime) -> dict[tuple[str, str], Outlook]:
    if flow is None or flow.forecast is None:
        return {}
    said = flow.forecast
    outlook = Outlook(
        at=now - timedelta(minutes=said.minutes),
        closes_at=_local(DAY, _CLOSES),
        is_today=True,
        levels=(0.1, 0.5, 0.9),
        left=tuple(said.left),
        p_full=said.p_full,
    )
    return {(GATE, flow.direction): outlook}


def _local(day: date, at: time) -> datetime:
    return datetime.combine(day, at, past.HANOI).astimezone(UTC)


def _figure(value: float | None, unit: str, now: datetime) -> Figure:
    if value is None:
        return Figure(None, unit, "D", "case")
    return Figure(value, unit, "A", "case", value, value, now, 1.0, ("camera",))


def _flow(said: FlowSaid, now: datetime) -> FlowState:
    opening = _opening(said, now)
    stock = Stock(said.backlog, said.backlog, said.backlog)
    capacity = Capacity(said.capacity, said.capacity, said.capacity, 100)
    days = said.backlog / said.cleared_per_day if said.backlog is not None and said.cleared_per_day else None
    rate = _figure(said.rate_60, "veh/h", now)
    unknown = _figure(None, "veh", now)
    return FlowState(
        gate=GATE,
        direction=said.direction,
        opening=opening,
        backlog=_figure(said.backlog, "veh", now),
        stock=stock,
        days_of_work=_figure(days, "days", now),
        cleared_today=unknown,
        cleared_by_class={},
        arrived_today=unknown,
        rate_15=rate,
        rate_60=rate,
        arrival_rate_60=_figure(said.arrival_rate_60, "veh/h", now),
        capacity=capacity,
        expected=expected_wait(stock, capacity, opening, now, past.HANOI),
        actual_wait=_NO_TIMES,
        actual_crossing=_NO_TIMES,
        yards=tuple(YardState(n, _figure(y.inside, "veh", now), y.places) for n, y in said.yards.items()),
    )


def _opening(said: FlowSaid, now: datetime) -> Opening:
    days = (DAY + timedelta(days=n) for n in range(-BEFORE.days, AHEAD.days))
    is_shut = "open" not in (said.own, said.counterpart) or said.own != said.counterpart
    both = tuple(Window(_local(d, _OPENS), _local(d, _CLOSES)) for d in days if not (is_shut and d == DAY))
    return Opening(_side(said.own, now), _side(said.counterpart, now), both)


def _side(said: str, now: datetime) -> SideState:
    is_unplanned = said == "unplanned"
    return SideState("open" if said == "open" else "shut", now + timedelta(hours=8), is_unplanned, is_unplanned, "")


def _source(said: SourceSaid, now: datetime) -> SourceState:
    heard = None if said.heard_min is None else now - timedelta(minutes=said.heard_min)
    silent = None if said.silent_min is None else now - timedelta(minutes=said.silent_min)
    if heard is None and said.is_expected:
        silent = datetime.min.replace(tzinfo=UTC)
    return SourceState(
        source=said.source,
        is_declared=True,
        last_heard=heard,
        last_said=heard,
        is_expected=said.is_expected,
        silent_since=silent,
        n_missing=said.n_missing,
        skew_s=said.skew_s,
    )


def _past(said: FlowSaid, now: datetime) -> past.FlowHistory:
    return past.FlowHistory(
        cleared_stretch=said.cleared_stretch,
        same_stretch=tuple(said.same_stretch),
        arrived=said.arrived,
        cleared=said.cleared,
        evenings=tuple(said.evenings),
        waiting=None if said.waiting is None else tuple(_waiting(one, now) for one in said.waiting),
        road=None
        if said.road is None
        else past.Reading(now - timedelta(minutes=said.road.minutes), said.road.value, "person"),
        comparisons=tuple(past.Comparison(DAY, n.line, n.printed, n.counted) for n in said.comparisons),
    )


def _waiting(said: WaitingSaid, now: datetime) -> past.Waiting:
    oldest = None if said.hours is None else now - timedelta(hours=said.hours)
    return past.Waiting(said.vehicle_class, said.n, oldest)
