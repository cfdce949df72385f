"""What rules that act during a run move: closes of calendars, the stations that follow, limits by date."""

from datetime import UTC, date, datetime

import pytest

from gatewatch.config.calendars import Calendar
from gatewatch.config.later_close import moved_stations, moved_yards, with_later_close
from gatewatch.config.loader import load_border
from gatewatch.config.opening_hours import open_spans
from gatewatch.config.responses import ResponsiveHours
from gatewatch.config.schema import Gate, Yard
from gatewatch.config.show import explain_gate

MONDAY = date(2025, 7, 7)


def calendar(*hours, **more):
    """Return a calendar of Hanoi with ordinary hours."""
    return Calendar.model_validate({"hours": [{"open": list(hours)} | more.pop("rule", {})]} | more)


def moved(own, at_hour_utc, minutes=60):
    """Return the hours of Monday with a close that was moved at an hour of UTC, or None when nothing moves."""
    later = with_later_close(own, datetime(2025, 7, 7, at_hour_utc, tzinfo=UTC), minutes, None)
    return None if later is None else " ".join(map(str, open_spans(later[0], MONDAY)))


def test_the_last_close_of_the_day_moves():
    """Both spans and the lunch between them stay; the day after is as it was."""
    own = calendar("07:00-11:00", "13:00-18:00")
    later, closes = with_later_close(own, datetime(2025, 7, 7, 10, 30, tzinfo=UTC), 90, None)

    assert " ".join(map(str, open_spans(later, MONDAY))) == "07:00-11:00 13:00-19:30"
    assert " ".join(map(str, open_spans(later, date(2025, 7, 8)))) == "07:00-11:00 13:00-18:00"
    assert closes == datetime(2025, 7, 7, 12, 30, tzinfo=UTC)


def test_lunch_is_not_opened():
    """Lunch stays out of hours that a decision restates."""
    assert moved(calendar("07:00-18:00", rule={"lunch": "11:30-13:00"}), 3) == "07:00-11:30 13:00-19:00"


@pytest.mark.parametrize("hours", ["07:00-16:00", "07:00-24:00", "20:00-02:00"])
def test_nothing_moves_that_has_closed_or_runs_to_midnight(hours):
    """Decided at 17:00 of Hanoi."""
    assert moved(calendar(hours), 10) is None


def test_a_day_that_is_shut_does_not_open():
    """A holiday has no close."""
    assert moved(calendar("07:00-18:00", days=[{"state": "shut"}]), 3) is None


def test_a_close_of_the_same_instant_moves():
    """Decided at 18:00, when it closes."""
    assert moved(calendar("07:00-18:00"), 11) == "07:00-19:00"


def rule(**options):
    """Return a rule of responsive hours."""
    return ResponsiveHours.model_validate(
        {"gate": "a", "decides_at": "17:00", "steps": [{"over": 1, "later": 1.0}]} | options
    )


GATE = Gate.model_validate(
    {
        "stations": {
            "out": {},
            "in": {},
            "shared": {},
            "lane": {"hours_of": "import"},
            "theirs": {"opens_with": "counterpart"},
            "road": {"opens_with": "always"},
        },
        "yards": {"near": {"opens_with": "gate"}, "far": {"opens_with": "both"}, "open": {}},
        "export": {
            "stages": {name: {"yard": "near"} for name in ("out", "shared", "lane", "theirs", "road")}
            | {"out": {"yard": "open"}}
        },
        "import": {"stages": {"in": {"yard": "far"}, "shared": {"yard": "far"}}},
    }
)


@pytest.mark.parametrize(
    ("options", "stations", "yards"),
    [
        ({}, "out in shared lane theirs", "near far"),
        ({"direction": "export"}, "out shared theirs", "near"),
        ({"direction": "import"}, "in shared lane", "far"),
        ({"with_counterpart": False}, "out in shared lane", "near far"),
    ],
)
def test_a_rule_moves_what_follows_the_hours_of_its_direction(options, stations, yards):
    """`hours_of` says it; without it the stages do. What never closes is left out."""
    assert moved_stations(GATE, rule(**options)) == stations.split()
    assert moved_yards(GATE, rule(**options)) == yards.split()


def test_a_limit_by_date_is_that_of_the_last_rule_that_matches():
    """A number holds always; a day without a rule has no limit."""
    yard = Yard.model_validate(
        {
            "places": [{"from": MONDAY, "places": 9}, {"from": MONDAY, "to": MONDAY, "places": 4}],
            "accepts_per_day": 50,
        }
    )

    assert [yard.places_on(date(2025, 7, day)) for day in (6, 7, 8)] == [None, 4, 9]
    assert yard.accepts_on(MONDAY) == 50


def test_limits_and_factors_by_date_are_explained(tmp_path):
    """Each rule with its dates, as `config show` prints them."""
    file = tmp_path / "border.toml"
    file.write_text("""
    [gates.a.stations.booth]
    [gates.a.yards.near]
    places = [{ places = 9 }, { from = 2025-07-07, to = 2025-07-09, places = 4 }]
    [gates.a.export.stages.booth]
    yard = "near"
    service = { law = "constant", value = 4, unit = "min" }
    dates = [{ from = 2025-07-07, factor = 1.5, classes = ["fruit"] }]
    """)
    found = explain_gate(load_border(file), "a", MONDAY)

    assert [limit.text for limit in found.yards[0].limits] == ["9 places", "4 places from 2025-07-07 to 2025-07-09"]
    assert "service × 1.5 for fruit from 2025-07-07" in found.directions[0].stages[0].remarks
