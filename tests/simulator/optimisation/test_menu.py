"""The menu: what may be written, what it stands for, and what is refused before anything runs."""

from datetime import date

import pytest

from gatewatch.config.errors import ConfigError
from gatewatch.config.loader import load_border
from gatewatch.config.opening_hours import open_spans
from gatewatch.simulator.optimisation.hours import PresentHours, delays_before_service, present_hours, split_stations
from gatewatch.simulator.optimisation.menu import (
    MOST_UNASKED,
    Officers,
    candidates,
    default_menu,
    is_bookable,
    parse_menu,
)
from gatewatch.simulator.optimisation.search import apply_candidate
from gatewatch.simulator.scenario import make_plan

NOW = PresentHours(opens=420, closes=1_080, has_lunch_break=True, shut_weekdays=("sat", "sun"))


def names(text, **changes):
    """Return the names of the candidates that a menu stands for."""
    arguments = {"direction": None, "now": NOW, "busiest": ("desk", 4), "with_counterpart": True} | changes
    return [candidate.name for candidate in candidates(parse_menu(text), "a", **arguments)]


def test_a_menu_is_read():
    """Ranges with a step, lists, switches, a share, and officers with their shift."""
    menu = parse_menu(
        "closes=18:00..20:00/60, 22:00, opens=06:00,07:00, lunch, booking=0.5, officers=desk+2@16:00-20:00"
    )

    assert menu.closes == (1_080, 1_140, 1_200, 1_320)
    assert menu.opens == (360, 420)
    assert (menu.lunch, menu.weekends, menu.booking) == (True, False, (0.5,))
    assert menu.officers == (Officers("desk", 2, "16:00-20:00"),)


def test_every_combination_is_a_candidate():
    """Two levers with one value each: either, or both; the present schedule is not among them."""
    assert names("closes=19:00, opens=06:00") == ["closes 19:00", "opens 06:00", "closes 19:00, opens 06:00"]


def test_each_lever_is_a_policy():
    """What a candidate changes, in the words of `gatewatch compare`."""
    menu = parse_menu("closes=20:00, lunch, weekends, booking, officers")
    last = candidates(menu, "a", "export", NOW, ("desk", 6), with_counterpart=False)[-1]

    assert last.name == "closes 20:00, lunch covered, weekends, 80% booked, +2 desk 14:00-20:00"
    assert [policy.kind.name for policy in last.policies] == [
        "extended_hours", "work_through_lunch", "day_state", "appointments", "extra_servers",
    ]  # fmt: skip
    stated = [policy.stated() for policy in last.policies]
    assert stated[0]["with_counterpart"] is stated[1]["with_counterpart"] is False
    assert stated[2]["side"] == "gate"
    assert (stated[0]["direction"], stated[3]["direction"]) == ("export", "export")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("closes=05:00", "--candidates is closes=05:00, before the opening 07:00; name a closing after 07:00"),
        ("opens=19:00", "--candidates is opens=19:00, after the closing 18:00"),
        ("closes=19:00, opens=20:00", "--candidates is closes=19:00, before the opening 20:00"),
        ("closes=25:00", 'write a time of day "HH:MM" or a range'),
        ("closes=22:00..18:00", "a range goes from the earlier to the later time"),
        ("closes=18:00..20:00/0", "a range goes from the earlier to the later time"),
        ("close=19:00", 'no lever has that name. Did you mean "closes"?'),
        ("lunch=yes", "lunch is a switch; write lunch alone"),
        ("booking=2", "the share that books is above 0 and at most 1"),
        ("officers=desk", 'write "officers=STATION+N@HH:MM-HH:MM"'),
        ("officers=desk+1@20:00-20:00", "hours may not be empty"),
        ("  ", "name at least one lever"),
        ("closes=07:01..24:00/1", "try at most 200 at once"),
    ],
)
def test_what_cannot_be_is_refused(text, says):
    """Option, value, remedy."""
    with pytest.raises(ConfigError) as refused:
        names(text)

    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("text", "now"),
    [
        ("weekends", PresentHours(420, 1_080, has_lunch_break=True, shut_weekdays=())),
        ("lunch", PresentHours(420, 1_080, has_lunch_break=False, shut_weekdays=())),
    ],
)
def test_a_lever_with_nothing_to_act_on_is_refused(text, now):
    """A gate that is open at weekends already, one that works through lunch already."""
    with pytest.raises(ConfigError, match="leave it out"):
        names(text, now=now)


@pytest.mark.parametrize("has_lunch_break", [True, False])
@pytest.mark.parametrize("shut_weekdays", [(), ("sun",)])
def test_the_menu_unasked_is_of_a_sensible_length(has_lunch_break, shut_weekdays):
    """From a score to three score, whatever the gate has."""
    now = PresentHours(420, 1_080, has_lunch_break, shut_weekdays)
    menu = default_menu(now, may_book=True)
    found = candidates(menu, "a", None, now, ("desk", 1), with_counterpart=True)

    assert 20 <= len(found) <= MOST_UNASKED
    assert len({candidate.name for candidate in found}) == len(found)


def test_nothing_is_tried_beyond_midnight():
    """A gate open to 23:00 can close one hour later."""
    menu = default_menu(PresentHours(30, 1_380, has_lunch_break=False, shut_weekdays=()), may_book=False)

    assert menu.closes == (1_440,)
    assert menu.opens == ()
    assert menu.booking == ()


def test_the_present_hours_of_the_border_are_found():
    """Huu Nghi in March 2025: 07:00 to 19:00, through lunch, every day; shared stations apart."""
    plan = make_plan(load_border(), "h1_2025")
    follow, stay = split_stations(plan, "huu_nghi", "export")

    assert present_hours(plan, "huu_nghi", "export") == PresentHours(
        420, 1_140, has_lunch_break=False, shut_weekdays=()
    )
    assert "border_guard_out" in follow
    assert stay == ["inspection", "border_guard_in"]
    assert delays_before_service(plan, "huu_nghi", "export") == ["registration", "approach"]
    assert is_bookable(plan, "huu_nghi", "export")


WEEKDAYS_ONLY = """
[calendars.office]
[[calendars.office.hours]]
days = ["mon", "tue", "wed", "thu", "fri"]
open = ["07:00-18:00"]
lunch = "11:00-12:00"
[[calendars.office.hours]]
days = ["sat", "sun"]
open = []
[gates.a]
calendar = "office"
[gates.a.stations.desk]
servers = 1
[gates.a.export.stages.desk]
service = { law = "constant", value = 10, unit = "min" }
[demand.base.flows.lorries]
gate = "a"
direction = "export"
arrivals = { kind = "poisson", per_day = 20 }
[scenarios.base]
start = 2025-01-06
days = 14
demand = "base"
"""


def test_shut_weekends_and_lunch_are_seen_and_opened(tmp_path):
    """A gate of office hours: the candidates open its lunch and its weekends."""
    file = tmp_path / "office.toml"
    file.write_text(WEEKDAYS_ONLY)
    plan = make_plan(load_border(file), "base")
    now = present_hours(plan, "a", None)
    listed = candidates(parse_menu("lunch, weekends"), "a", None, now, None, with_counterpart=True)
    both = apply_candidate(plan, listed[-1]).loaded.border
    calendar = both.calendars[both.gates["a"].calendar]

    assert now == PresentHours(420, 1_080, has_lunch_break=True, shut_weekdays=("sat", "sun"))
    assert [str(span) for span in open_spans(calendar, date(2025, 1, 7))] == ["07:00-18:00"]
    assert [str(span) for span in open_spans(calendar, date(2025, 1, 11))] == ["07:00-18:00"]
