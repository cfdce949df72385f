"""Simulated days as a past to replay: what the border's devices would have told, and the truth beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from gatewatch.config.errors import one_fault
from gatewatch.config.feeds import Feed
from gatewatch.config.loader import LoadedBorder
from gatewatch.config.schema import Border
from gatewatch.monitor.feeds.passings import Truth, true_passings
from gatewatch.monitor.feeds.summed import SummedDevices
from gatewatch.monitor.projection.keeping import forget
from gatewatch.monitor.projection.projecting import Projection
from gatewatch.monitor.projection.recalled import Recalled
from gatewatch.simulator.replications import run_record
from gatewatch.simulator.scenario import make_plan


class SimulatedPast:
    """
    Days of a scenario.

    Args:
        loaded: The border that is watched.
        feeds: Its devices, by source.
        scenario: Name of a scenario, or a TOML file with one.
        days: How many; None: as many as the scenario has.
        seed: Of everything that is drawn.
        first_day: Day on which it begins; None: its own.

    Raises:
        ConfigError: There is no such scenario, or nothing happens on those days.
    """

    def __init__(
        self,
        loaded: LoadedBorder,
        feeds: Mapping[str, Feed],
        scenario: str,
        days: int | None = None,
        seed: int = 1,
        first_day: date | None = None,
    ) -> None:
        plan = make_plan(loaded, scenario, days=days, warmup_days=0, seed=seed)
        if first_day is not None:
            plan = replace(plan, scenario=plan.scenario.model_copy(update={"start": first_day}))
        record = run_record(plan, 0)
        self.border: Border = record.network.border
        self.truth: Truth = true_passings(record, list(feeds.values()))
        if self.truth.passings.empty:
            remedy = "its demand belongs to other dates"
            raise one_fault("--scenario", "", f"{scenario} without vehicles from {plan.scenario.start} on", remedy)
        self.zone = ZoneInfo(loaded.border.border.timezone)
        self._devices = SummedDevices(self.truth, feeds, self.zone, seed)
        self.projection = Projection(lambda _ref: None, recalled=Recalled())
        self._day: date | None = None

    def advance(self, until: datetime) -> None:
        """Take in what was told before an instant; once a day what is too old is let go, as the service does."""
        day = until.date()
        if self._day is not None and day > self._day:
            forget(self.projection, until)
        self._day = day
        self._devices.advance(self.projection, until)
