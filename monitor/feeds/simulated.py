"""The simulated border as a feed: days that are simulated beforehand, and sent when the clock has come to them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pandas as pd

from gatewatch.config.errors import one_fault
from gatewatch.config.feeds import Feed
from gatewatch.config.loader import LoadedBorder
from gatewatch.monitor.feeds.clock import RunningClock
from gatewatch.monitor.feeds.devices import Event, Sending, sendings
from gatewatch.monitor.feeds.jams import Jam, with_jams
from gatewatch.monitor.feeds.mishaps import Mishap
from gatewatch.monitor.feeds.passings import Truth, true_passings
from gatewatch.simulator.replications import run_record
from gatewatch.simulator.scenario import make_plan

LONGEST_PAUSE_S = 1.0  # so that a clock that was set is noticed
_SHORTEST_PAUSE_S = 0.01  # events that are closer come together


@dataclass(frozen=True)
class SimulatedFeed:
    """
    A border's days, simulated.

    Args:
        truth: What happens.
        sendings: What its devices send, in the order in which it arrives.
    """

    truth: Truth
    sendings: list[Sending]

    def between(self, after: datetime | None, until: datetime) -> list[Event]:
        """Return the events that arrive after one instant and not after another, in order."""
        first = 0 if after is None else bisect_right(self.sendings, after, key=lambda sending: sending.at)
        last = bisect_right(self.sendings, until, key=lambda sending: sending.at)
        return [sending.event for sending in self.sendings[first:last]]

    def truth_table(self) -> pd.DataFrame:
        """Return every passing with `n` = 1, headed by the vehicles inside at the start as passings named `inside`."""
        inside = [
            {"at": self.truth.begins, "gate": gate, "direction": direction, "what": "inside", "where": "", "n": n}
            for (gate, direction), n in sorted(self.truth.inside.items())
            if n
        ]
        passings = self.truth.passings.assign(n=1)
        if not inside:
            return passings
        first = pd.DataFrame(inside).assign(vehicle_class="", vehicle=-1)[list(passings.columns)]
        first["at"] = first["at"].astype(passings["at"].dtype)
        return pd.concat([first, passings], ignore_index=True)


def simulate_feed(
    loaded: LoadedBorder,
    feeds: Mapping[str, Feed],
    scenario: str,
    first_day: date | None,
    days: int,
    seed: int,
    mishaps: Sequence[Mishap] = (),
    jams: Sequence[Jam] = (),
) -> SimulatedFeed:
    """
    Return the days of a scenario as its devices tell them.

    The days are simulated as the dates that they are played on, so that the hours of that date and weekday hold: the
    gates do what the monitor's calendar says. The id of an event names the run, since another run tells another story
    of the same day.

    Args:
        loaded: The border.
        feeds: The devices, by source.
        scenario: Name of a scenario, or a TOML file with one.
        first_day: Day on which it begins; None: its own.
        days: How many.
        seed: Of everything that is drawn.
        mishaps: What goes wrong besides.
        jams: What goes wrong on the border itself; the days until they begin are those without them.

    Raises:
        ConfigError: There is no such scenario, or nothing happens on those days.
    """
    plan = make_plan(loaded, scenario, days=days, warmup_days=0, seed=seed)
    if first_day is not None:
        plan = replace(plan, scenario=plan.scenario.model_copy(update={"start": first_day}))
    plan = with_jams(plan, jams)
    mishaps = [*mishaps, *(jam.mishap for jam in jams if jam.mishap is not None)]
    begins = plan.scenario.start
    truth = true_passings(run_record(plan, 0), list(feeds.values()))
    if truth.passings.empty:
        remedy = "its demand belongs to other dates; play it on --own-days"
        raise one_fault("SCENARIO", "", f"{scenario} without vehicles from {begins.isoformat()} on", remedy)
    zone = ZoneInfo(loaded.border.border.timezone)
    run = f"{plan.name.rsplit('/', 1)[-1].removesuffix('.toml')}-{begins.isoformat()}-{seed}"
    told = [
        replace(sending, event={**sending.event, "id": f"{run}/{sending.event['id']}"})
        for sending in sendings(truth, feeds, zone, seed, mishaps)
    ]
    return SimulatedFeed(truth, told)


def play(
    feed: SimulatedFeed, clock: RunningClock, after: datetime | None, wait: Callable[[float], bool]
) -> Iterator[tuple[datetime, list[Event]]]:
    """
    Yield what has arrived by the clock, with the instant until which that is all; ends with the last event.

    The first batch is everything that is past already, so that a picture stands at once; nothing comes before its time.

    Args:
        feed: What is played.
        clock: What time it is.
        after: What arrived until then was sent before.
        wait: Waits for a time [s] and returns whether to stop.
    """
    ends = feed.sendings[-1].at
    while after is None or after < ends:
        now = clock.now()
        events = feed.between(after, now)
        if events:
            yield now, events
        after = now if after is None else max(after, now)
        upcoming = bisect_right(feed.sendings, after, key=lambda sending: sending.at)
        if upcoming == len(feed.sendings):
            return
        pause = clock.seconds_until(feed.sendings[upcoming].at)
        if wait(min(LONGEST_PAUSE_S, max(_SHORTEST_PAUSE_S, pause))):
            return
