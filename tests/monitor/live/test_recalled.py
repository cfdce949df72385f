"""What is recalled changes no figure, whatever comes late, is corrected or shuts a gate."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest

from gatewatch.monitor.detectors.taking import take_history
from gatewatch.monitor.live.snapshot import take_snapshot
from gatewatch.monitor.observations import Observation
from gatewatch.monitor.projection.projecting import Projection
from gatewatch.monitor.projection.recalled import Recalled
from tests.monitor.stories import BORDER, BULLETIN, CAMERA_IN, CAMERA_OUT, FEEDS, LOOP_OUT, Story, clock

DAYS = 5


def _told(luck: random.Random) -> list[tuple[datetime, Observation]]:
    """Return observations with the times at which they are received: six days, with all that can go wrong."""
    story = Story()
    for camera in (CAMERA_IN, CAMERA_OUT):
        story.beats(camera, clock("0:00", -DAYS), clock("0:00"), minutes=10)
    for day in range(-DAYS, 0):
        story.vehicles("arrived", clock("5:00", day), clock("17:00", day), luck.randrange(20, 60), CAMERA_IN)
        story.vehicles("gate_out", clock("7:00", day), clock("18:00", day), luck.randrange(20, 60), CAMERA_OUT)
        story.vehicles("gate_out", clock("7:00", day), clock("18:00", day), luck.randrange(20, 60), LOOP_OUT)
        story.counted(clock("6:30", day), luck.randrange(40), error=2.0)
        for hour in range(8, 18, 3):  # told at its end, of the quarter-hours before
            begins, ends = (clock(f"{at}:00", day).isoformat() for at in (hour, hour + 2))
            about = {"gate": "north", "direction": "export", "what": "gate_out"}
            story.tell("count.interval", clock(f"{hour + 2}:00", day), LOOP_OUT, **about,
                       **{"from": begins, "to": ends, "value": luck.randrange(9)})  # fmt: skip
        printed = {"date": clock("0:00", day).date().isoformat(), "gate": "north", "direction": "export"}
        for edition in range(1, luck.randrange(2, 4)):
            value = luck.randrange(40)
            row = {**printed, "edition": edition, "line": "remaining", "value": value, "text": str(value)}
            story.tell("bulletin.row", clock("20:00", day), BULLETIN, **row)
    shut = clock("9:00", -luck.randrange(1, DAYS))
    for at, state in ((shut, "shut"), (shut + timedelta(hours=5), "open")):
        story.tell("gate.state", at, "person", gate="north", side="own", state=state)
    victim = luck.choice([one for one in story.observations if one.type == "vehicle.gate_out"])
    story.tell("event.voided", victim.occurred_at + timedelta(hours=luck.randrange(1, 40)), victim.source,
               of={"source": victim.source, "id": victim.id}, reason="twice")  # fmt: skip
    return sorted(
        ((_received(one, luck), one) for one in story.observations), key=lambda pair: (pair[0], pair[1].id)
    )  # fmt: skip


def _received(observation: Observation, luck: random.Random) -> datetime:
    """Return a moment later for most, hours or days later for some."""
    if luck.random() < 0.02:
        return observation.occurred_at + timedelta(hours=luck.uniform(0, 50))
    if observation.source == CAMERA_OUT and observation.occurred_at.day % 3 == 0:
        return observation.occurred_at.replace(hour=23, minute=59)  # cut off all day
    return observation.occurred_at + timedelta(seconds=1)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_recalled_is_what_would_be_worked_out(seed: int) -> None:
    """Snapshot and history are the same at every half hour, with and without."""
    luck = random.Random(seed)
    told = _told(luck)
    applied: dict[tuple[str, str], Observation] = {}
    plain, recalling = Projection(applied.get), Projection(applied.get, recalled=Recalled())
    now, n = clock("0:00", -DAYS), 0
    while now < clock("12:00"):
        while n < len(told) and told[n][0] <= now:
            received, observation = told[n]
            n += 1
            for projection in (plain, recalling):
                projection.apply(observation, n, received)
            applied[observation.source, observation.id] = observation
        if luck.random() < 0.12:
            found = [take_snapshot(BORDER, FEEDS, projection, now) for projection in (plain, recalling)]
            past = [take_history(BORDER, FEEDS, p, s) for p, s in zip((plain, recalling), found, strict=True)]
            assert found[0] == found[1], now
            assert past[0] == past[1], now
        now += timedelta(minutes=luck.choice((5, 15, 30)))
