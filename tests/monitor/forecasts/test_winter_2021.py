"""The jam of winter 2021 day by day: the chance of overflow shown at noon, and what stood there at the close."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from gatewatch.config.loader import load_border
from gatewatch.simulator import make_plan, run_record
from gatewatch.simulator.forecasting import LEVELS, forecast
from tests.monitor.forecasts.counters import Counters

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
PLACES = {("chi_ma", "export"): 495, ("tan_thanh", "export"): 1_150}  # of the yards at the gates [veh], as reported
DAYS = range(6, 16)  # after 18 December: both come down below what the yards hold
NOON_H = 12


@pytest.mark.slow
def test_the_chance_of_overflow_that_is_shown_agrees_with_what_comes(
    record_property: Callable[[str, object], None],
) -> None:
    """
    Each noon the chance is shown that more stand at a gate at its close than its yards hold; then the close comes.

    Days that overflowed had the higher chance, and the mean square of the difference (Brier's score) beats saying the
    share of such days every time.
    """
    loaded = load_border()
    plan = make_plan(loaded, "winter_2021", days=DAYS.stop + 2, warmup_days=0, seed=11)
    counters = Counters(run_record(plan, 0), error_veh=10.0, seed=3)
    lines = ["day         gate         noon   foretold for the close    seen  places  chance  overflow"]
    shown, happened = [], []
    for day in DAYS:
        at = datetime.combine(plan.scenario.start + timedelta(days=day), time(NOON_H), HANOI)
        now = counters.now(at, PLACES, 24)
        found = forecast(now, loaded, scenario="winter_2021", replications=20, seed=day)
        for known in now.flows:
            close, places = found.flow(*known.place)["close"], PLACES[known.place]
            seen = counters.backlog(known.place, datetime.fromisoformat(close["at"]))
            chance = 1 - float(np.interp(places, close["backlog_levels"], LEVELS, left=0.0, right=1.0))
            shown.append(chance)
            happened.append(seen > places)
            assert known.backlog is not None
            band = f"{close['backlog']['p50']:.0f} ({close['backlog']['p10']:.0f} to {close['backlog']['p90']:.0f})"
            lines.append(
                f"{at:%Y-%m-%d}  {known.gate:<10} {known.backlog.value:6.0f}   {band:<22} {seen:6d} {places:7d} "
                f"{chance:7.0%}  {'yes' if happened[-1] else 'no'}"
            )
    record_property("table: winter 2021, exports: backlog at the close over the places of the yards", "\n".join(lines))
    chances, came = np.array(shown), np.array(happened, dtype=float)

    assert 0 < came.sum() < len(came)
    assert chances[came == 1].mean() > chances[came == 0].mean()
    assert ((chances - came) ** 2).mean() < came.mean() * (1 - came.mean())
