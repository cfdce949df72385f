"""A small border, and observations told by the clock of Hanoi: what the tests of the monitor are written in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from gatewatch.config.feeds import Feed, Point
from gatewatch.config.schema import Border
from gatewatch.monitor.observations import Observation, parse_event
from gatewatch.monitor.projection.projecting import Projection

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
DAY = datetime(2026, 1, 15, tzinfo=HANOI)  # a Thursday

BORDER = Border.model_validate(
    {
        "calendars": {
            "gate": {"hours": [{"open": ["07:00-18:00"]}]},
            "far": {"timezone": "Asia/Shanghai", "hours": [{"open": ["08:00-19:00"]}]},
        },
        "gates": {
            "north": {
                "calendar": "gate",
                "counterpart": {"calendar": "far"},
                "stations": {"booth": {"servers": 2}},
                "yards": {"park": {"places": 50}},
                "export": {"stages": {"booth": {"service": {"law": "constant", "value": 6, "unit": "min"}}}},
            }
        },
    }
)
CAMERA_IN, CAMERA_OUT, LOOP_OUT, PERSON, BULLETIN = "camera/in", "camera/out", "loop/out", "person", "bulletin"


def _feed(kind: str, whats: list[str], **more: Any) -> Feed:
    points = [Point(what=what, direction="export") for what in whats]
    return Feed.model_validate({"kind": kind, "gate": "north", "reports": points, **more})


FEEDS = {
    CAMERA_IN: _feed("camera", ["arrived"], period=5.0),
    CAMERA_OUT: _feed("camera", ["gate_out"], period=5.0, calendar="gate"),
    LOOP_OUT: _feed("counter", ["gate_out"], rank=2, period=5.0, calendar="gate"),
    PERSON: Feed(kind="person", gate="north"),
    BULLETIN: Feed(kind="bulletin", period=1_440.0),
}


def clock(text: str, days: int = 0) -> datetime:
    """Return "HH:MM" of the day, or of a day after or before it, in Hanoi."""
    hours, minutes = text.split(":")
    return DAY + timedelta(days=days, hours=int(hours), minutes=int(minutes))


class Story:
    """Observations in the order in which they are told, each with an id of its own."""

    def __init__(self) -> None:
        self.observations: list[Observation] = []

    def tell(self, kind: str, at: datetime, source: str, **data: Any) -> Story:
        """Add an observation of the gate `north`, exports."""
        body = {key: value for key, value in data.items() if value is not None}
        raw = {"specversion": "1.0", "id": str(len(self.observations)), "source": source, "type": kind}
        observation = parse_event({**raw, "time": at.isoformat(), "data": body})
        assert isinstance(observation, Observation), observation
        self.observations.append(observation)
        return self

    def vehicles(self, what: str, begins: datetime, ends: datetime, n: int, source: str, **more: Any) -> Story:
        """Add `n` passages spread evenly over [begins, ends)."""
        for k in range(n):
            at = begins + (ends - begins) * k / n
            self.tell(f"vehicle.{what}", at, source, gate="north", direction="export", **more)
        return self

    def beats(self, source: str, begins: datetime, ends: datetime, minutes: int = 5) -> Story:
        """Add heartbeats from `begins` to before `ends`."""
        at = begins
        while at < ends:
            self.tell("device.heartbeat", at, source)
            at += timedelta(minutes=minutes)
        return self

    def counted(self, at: datetime, value: int, error: float = 0.0) -> Story:
        """Add a count of everything inside."""
        about = {"gate": "north", "direction": "export", "what": "backlog"}
        return self.tell("queue.observed", at, PERSON, **about, value=value, error=error)

    def projection(self) -> Projection:
        """Return what all of it says together."""
        return project(self.observations)


def project(observations: Iterable[Observation]) -> Projection:
    """Return a projection of observations that are received as they happen."""
    applied: dict[tuple[str, str], Observation] = {}
    projection = Projection(applied.get)
    for n, observation in enumerate(observations, 1):
        projection.apply(observation, n, observation.occurred_at)
        applied[observation.source, observation.id] = observation
    return projection
