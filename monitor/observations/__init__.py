"""
The vocabulary: what may be reported, as CloudEvents.

`parse_event` turns JSON into an observation or into reasons; `check_against` asks whether the border has what it names;
`canonical_body` is what the journal keeps. Nothing here reads a file, a clock or a connection.
"""

from gatewatch.monitor.observations.border_check import check_against
from gatewatch.monitor.observations.bulletins import BulletinRow
from gatewatch.monitor.observations.corrections import CORRECTIONS, Correction, Identity, Replacement, Void
from gatewatch.monitor.observations.counts import CumulativeCount, IntervalCount
from gatewatch.monitor.observations.envelope import (
    EVENT_TYPES,
    Envelope,
    Observation,
    Rejection,
    body_and_sha256,
    canonical_body,
    content_sha256,
    parse_event,
    read_body,
    rejection,
)
from gatewatch.monitor.observations.fields import Facts
from gatewatch.monitor.observations.instants import from_us, instant_text, parse_instant, to_us
from gatewatch.monitor.observations.passages import Passage
from gatewatch.monitor.observations.readings import CalendarChange, GateState, Heartbeat, LaneState, QueueReading

__all__ = [
    "CORRECTIONS",
    "EVENT_TYPES",
    "BulletinRow",
    "CalendarChange",
    "Correction",
    "CumulativeCount",
    "Envelope",
    "Facts",
    "GateState",
    "Heartbeat",
    "Identity",
    "IntervalCount",
    "LaneState",
    "Observation",
    "Passage",
    "QueueReading",
    "Rejection",
    "Replacement",
    "Void",
    "body_and_sha256",
    "canonical_body",
    "check_against",
    "content_sha256",
    "from_us",
    "instant_text",
    "parse_event",
    "parse_instant",
    "read_body",
    "rejection",
    "to_us",
]
