"""What screens set beside a day: the last forecast or why there is none, what was adopted, what is usual."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from gatewatch.monitor.forecasts import Forecasts, UsualDays
from tests.monitor.stories import clock
from tests.monitor.web.outlooks import DOUBTED, TITLE, decide, keep
from tests.monitor.web.sites import Site


def told(site: Site, **params: str) -> dict[str, Any]:
    """Return what a reader is told."""
    answer = site.holder("viewer").get("/v1/outlooks", params=params)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def export(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the outlook of the gate that the forecasts are of."""
    return next(dict(o) for o in found["outlooks"] if (o["gate"], o["direction"]) == ("north", "export"))


def test_before_the_first_forecast_it_says_so(site: Site) -> None:
    """No number, and why."""
    found = told(site)

    assert found["made_from"] is None
    assert {(o["reason"], o["close"]) for o in found["outlooks"]} == {("no_forecast", None)}


def test_a_fresh_forecast_is_told_with_its_doubts_and_an_old_one_as_old(site: Site) -> None:
    """After an hour and a half it is no forecast any more."""
    keep(site, site.now)
    fresh = export(told(site))
    site.pass_by(minutes=91)
    old = export(told(site))

    assert (fresh["reason"], fresh["doubts"]) == (None, DOUBTED)
    assert (fresh["close"]["p10"], fresh["close"]["p50"], fresh["close"]["p_over_places"]) == (30, 40, 0.25)
    assert (len(fresh["hours"]), fresh["opening"]["p50"]) == (25, 40)
    assert old["reason"] == "old"


def test_a_direction_that_nobody_counted_is_told_as_such(site: Site) -> None:
    """The forecast's own reason."""
    keep(site, site.now, [{"gate": "north", "direction": "export", "reason": "backlog_unknown"}])

    assert export(told(site))["reason"] == "backlog_unknown"


def test_an_adopted_plan_is_told_until_another_decision(site: Site) -> None:
    """Also on the day that it reaches into, and not on a day before; doing nothing ends it."""
    keep(site, site.now)
    [forecast] = [kept.id for kept in site.core.forecasts.stored.latest(1)]
    decide(site, forecast, "later")
    today, tomorrow, yesterday = (told(site, day=clock("12:00", n).date().isoformat())["plans"] for n in (0, 1, -1))
    site.pass_by(minutes=1)
    decide(site, forecast, "do nothing", 2)

    assert [(p["title"], p["consent"], p["hours"][0]["p50"]) for p in today] == [(TITLE, "asked", 20)]
    assert [p["decision"] for p in tomorrow] == ["d1"]
    assert yesterday == []
    assert told(site)["plans"] == []


class Seen(Forecasts):
    """Knows of each hour what is in `values`, by weeks before the day of the stories."""

    def __init__(self, values: Mapping[int, float]) -> None:
        self.values, self.n_asked = values, 0

    def seen(
        self, instants: Mapping[tuple[str, str], Sequence[datetime]], now: datetime
    ) -> dict[tuple[str, str], list[float | None]]:
        """Return the value of each instant's week."""
        assert now.tzinfo is not None
        self.n_asked += 1
        midnight = clock("0:00")
        return {
            place: [self.values.get(-((at - midnight) // timedelta(weeks=1))) for at in each]
            for place, each in instants.items()
        }


@pytest.mark.parametrize(("n_known", "is_told"), [(2, False), (5, True)])
def test_what_is_usual_needs_three_days(site: Site, n_known: int, is_told: bool) -> None:
    """The band between the 10th and the 90th of a hundred over the weeks that are known; asked for once an hour."""
    forecasts = Seen({week: 10.0 * week for week in range(1, n_known + 1)})
    usual = UsualDays(forecasts, site.core.border)
    day = clock("10:00").date()
    found = usual.of(day, site.now)
    usual.of(day, site.now + timedelta(minutes=59))
    hours = found.get(("north", "export"), ())

    assert [(h.low, h.high, h.n_days) for h in hours[:1]] == ([(14.0, 46.0, 5)] if is_told else [])
    assert forecasts.n_asked == 1
    usual.of(day, site.now + timedelta(minutes=61))
    assert forecasts.n_asked == 2


def test_a_forecast_can_be_read_as_a_table(site: Site) -> None:
    """One that is not kept is not there."""
    answer = site.holder("viewer").get("/v1/forecasts/0/table.csv")

    assert answer.status_code == 404
    assert "GET /v1/forecasts" in answer.json()["detail"]
