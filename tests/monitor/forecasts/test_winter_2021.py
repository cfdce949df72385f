"""The jam of winter 2021 told live by devices: the chance of overflow shown at noon, and what the close brought."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gatewatch.config.feeds import Feed, load_feeds
from gatewatch.config.loader import load_border
from gatewatch.monitor.core import start_core
from gatewatch.monitor.feeds.simulated import SimulatedFeed, simulate_feed
from gatewatch.monitor.settings import load_settings
from gatewatch.simulator import make_plan, run_record
from gatewatch.simulator.forecasting import LEVELS
from tests.monitor.forecasts.conftest import made
from tests.monitor.forecasts.counters import Counters
from tests.monitor.stories import HANOI
from tests.monitor.web.sites import EASY, Site

SCENARIO, SEED = "winter_2021", 11
PLACES = {("chi_ma", "export"): 495, ("tan_thanh", "export"): 1_150}  # of the yards at the gates [veh], as reported
DAYS = range(6, 16)  # after 18 December: both come down below what the yards hold
NOON = timedelta(hours=12)


def export_feeds() -> dict[str, Feed]:
    """Return the devices that tell of exports at the two gates; they give a sign of life every quarter of an hour."""
    found = {}
    gates = {gate for gate, _ in PLACES}
    for source, feed in load_feeds(load_border().border).items():
        points = [point for point in feed.reports if point.direction == "export"]
        if feed.kind == "bulletin" or (feed.gate in gates and (points or feed.kind == "person")):
            period = None if feed.period is None else max(feed.period, 15.0)
            found[source] = feed.model_copy(update={"reports": points, "period": period})
    return found


class Live:
    """
    A service that hears the devices over HTTP, by a clock that goes from hour to hour.

    Args:
        site: The service.
        feed: What the devices send.
    """

    def __init__(self, site: Site, feed: SimulatedFeed) -> None:
        self.site, self._feed = site, feed
        self._device, self._planner = site.holder("device"), site.holder("planner")
        self.n_told = 0

    def go_on_to(self, at: datetime) -> None:
        """Post what the devices send up to an instant, hour by hour."""
        while self.site.now < at:
            before, self.site.now = self.site.now, min(self.site.now + timedelta(hours=1), at)
            events = self._feed.between(before, self.site.now)
            answer = self._device.post("/v1/events", events) if events else None
            if answer is not None:
                told = {item["status"] for item in answer.json()["items"]}
                assert (answer.status_code, told) == (200, {"accepted"}), answer.text[:1_000]
                self.n_told += len(events)
        self.site.follow(self.site.core.journal.last_seq())

    def forecast(self, **asked: Any) -> dict[str, Any]:
        """Return a forecast as a planner is given it."""
        return made(self._planner, **asked)


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    """The border of that winter, from the evening before the first day that was counted."""
    loaded, feeds = load_border(), export_feeds()
    feed = simulate_feed(loaded, feeds, SCENARIO, None, DAYS.stop, SEED)
    border = make_plan(loaded, SCENARIO).loaded.border
    begins = feed.sendings[0].at - timedelta(minutes=1)
    settings = load_settings({}, home=tmp_path / "home", simulation_workers=1, requests_per_minute=1_000_000)
    core = start_core(settings, begins, EASY, border, feeds)
    site = Site(core)
    site.now = begins
    yield Live(site, feed)
    site.close()
    core.stop()


@pytest.mark.slow
def test_the_chance_of_overflow_that_is_shown_agrees_with_what_comes(live: Live, record_property: Any) -> None:
    """
    Each noon the chance is shown that more stand at a gate at its close than its yards hold; then the close comes.

    Days that overflowed had the higher chance, and the mean square of the difference (Brier's score) beats saying the
    share of such days every time. What came is what was simulated, of which the service knows only what devices told.
    """
    plan = make_plan(load_border(), SCENARIO, days=DAYS.stop, warmup_days=0, seed=SEED)
    truth = Counters(run_record(plan, 0), error_veh=0.0, seed=1)
    lines = ["day         gate         noon   foretold for the close    seen  places  chance  overflow"]
    shown, happened, inside = [], [], []
    for day in DAYS:
        midnight = datetime.combine(plan.scenario.start + timedelta(days=day), time(), HANOI)
        live.go_on_to((midnight + NOON).astimezone(UTC))
        found = live.forecast(scenario=SCENARIO, replications=20, seed=day)
        rows = {(row["gate"], row["direction"]): row for row in found["flows"]}
        for place, places in PLACES.items():
            close, noon = rows[place]["close"], rows[place]["hours"]["backlog"]["p50"][0]
            seen = truth.backlog(place, datetime.fromisoformat(close["at"]))
            chance = 1 - float(np.interp(places, close["backlog_levels"], LEVELS, left=0.0, right=1.0))
            shown.append(chance)
            happened.append(seen > places)
            low, middle, high = (close["backlog"][name] for name in ("p10", "p50", "p90"))
            inside.append(low <= seen <= high)
            lines.append(
                f"{midnight:%Y-%m-%d}  {place[0]:<10} {noon:6.0f}   {f'{middle:.0f} ({low:.0f} to {high:.0f})':<22} "
                f"{seen:6d} {places:7d} {chance:7.0%}  {'yes' if happened[-1] else 'no'}"
            )
    lines.append(f"{live.n_told:,} events were told; {sum(inside)} of {len(inside)} closes lay in the 80 % band")
    record_property(
        "table: winter 2021 live, exports: backlog at the close over the places of the yards", "\n".join(lines)
    )
    chances, came = np.array(shown), np.array(happened, dtype=float)

    assert 0 < came.sum() < len(came)
    assert chances[came == 1].mean() > chances[came == 0].mean()
    assert ((chances - came) ** 2).mean() < came.mean() * (1 - came.mean())
