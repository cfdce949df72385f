"""Policies that change opening hours: which hours of which side on which days, and what counts as overtime."""

from datetime import date

import pytest

from gatewatch.config.errors import ConfigError
from gatewatch.config.opening_hours import open_spans

BORDER = """
[calendars.here]
hours = [
    { open = ["07:00-18:00"], lunch = "11:00-12:00", overtime = "17:00-18:00" },
    { open = ["08:00-12:00"], days = ["sat"] },
    { open = ["07:00-22:00"], direction = "import" },
]
days = [{ from = 2025-07-09, to = 2025-07-09, state = "shut" }]
[calendars.there]
timezone = "Asia/Shanghai"
hours = [{ open = ["08:00-19:00"] }]
[gates.a]
calendar = "here"
counterpart = { calendar = "there" }
[gates.a.stations.booth]
servers = 1
opens_with = "both"
[gates.a.export.stages.booth]
service = <10 min>
[gates.a.import.stages.booth]
service = <10 min>
[gates.b]
calendar = "here"
counterpart = { calendar = "there" }
[gates.b.stations.booth]
servers = 1
[gates.b.export.stages.booth]
service = <10 min>
[demand.test.flows.a]
gate = "a"
direction = "export"
arrivals = { kind = "poisson", per_day = 10 }
"""
MONDAY, WEDNESDAY, SATURDAY = date(2025, 7, 7), date(2025, 7, 9), date(2025, 7, 12)


@pytest.fixture
def plan(builder):
    """Return a week at two gates that share their calendars."""
    return builder.plan(BORDER, days=7)


def hours(plan, gate="a", day=MONDAY, direction=None, side="gate"):
    """Return the hours of a day in words, and those that are overtime."""
    border = plan.loaded.border
    name = border.gates[gate].calendar if side == "gate" else border.gates[gate].counterpart.calendar
    return [str(span) for span in open_spans(border.calendars[name], day, direction)]


def overtime(plan, n=0, gate="a"):
    """Return the overtime of a rule of the gate's calendar."""
    border = plan.loaded.border
    return [str(span) for span in border.calendars[border.gates[gate].calendar].hours[n].overtime_spans]


def test_both_sides_close_later_each_on_its_own_clock(plan, under):
    """21:00 in Hanoi is 22:00 in Beijing; lunch stays."""
    later = under(plan, "extended_hours:gate=a,closes=21:00")

    assert hours(later, direction="export") == ["07:00-11:00", "12:00-21:00"]
    assert hours(later, side="counterpart") == ["08:00-22:00"]


def test_another_gate_with_the_same_calendar_keeps_its_hours(plan, under):
    """The calendar is copied before it is changed for one gate."""
    later = under(plan, "extended_hours:gate=a,later=1")

    assert hours(later, "b") == hours(plan, "b") == ["07:00-11:00", "12:00-18:00"]
    assert hours(later, "b", side="counterpart") == ["08:00-19:00"]


def test_what_is_added_is_overtime_in_the_morning_and_in_the_evening(plan, under):
    """What was overtime before stays so; a cut takes away what is shut."""
    assert overtime(under(plan, "extended_hours:gate=a,opens=06:00,later=2")) == ["06:00-07:00", "17:00-20:00"]
    assert overtime(under(plan, "extended_hours:gate=a,closes=17:30")) == ["17:00-17:30"]
    assert overtime(under(plan, "extended_hours:gate=a,closes=16:00")) == []


def test_overtime_costs_what_it_lasts(builder, under, results):
    """One booth and two hours more for five weekdays and Saturday: 1 h a day becomes 3 h, Saturday has 2 h."""
    prices = "[prices]\novertime_server_hour = 70\n"
    plain = BORDER.replace('    { open = ["07:00-22:00"], direction = "import" },\n', "")
    plan = builder.plan(plain.replace("<10 min>", "<1 s>") + prices, days=7)
    later = under(plan, "extended_hours:gate=a,later=2")

    def cost(plan):
        return results(plan).find("cost_per_day", "a", station="overtime")["mean"]

    # Mon, Tue, Thu, Fri and Sun have an hour; Wednesday is shut, but a shut day's overtime is spent by nobody.
    assert cost(plan) == pytest.approx(70 * 5 / 7, rel=1e-3)
    assert cost(later) == pytest.approx(70 * (5 * 3 + 2) / 7, rel=1e-3)


def test_only_some_weekdays_and_dates_are_changed(plan, under):
    """Monday to Tuesday: the other days and Saturday's own rule stay."""
    later = under(plan, "extended_hours:gate=a,later=1,weekdays=[mon, sat],from=2025-07-07,to=2025-07-08")

    assert hours(later)[-1] == "12:00-19:00"
    assert hours(later, day=date(2025, 7, 8))[-1] == "12:00-18:00"
    assert hours(later, day=SATURDAY) == ["08:00-12:00"]


def test_each_rule_is_changed_and_the_later_one_still_holds(plan, under):
    """Saturday's hours end an hour later than Saturday's; imports an hour later than imports'."""
    later = under(plan, "extended_hours:gate=a,later=1")

    assert hours(later, day=SATURDAY) == ["08:00-13:00"]
    assert hours(later, direction="import") == ["07:00-23:00"]


def test_one_direction_alone_is_changed(plan, under):
    """The other direction and what follows neither stay."""
    later = under(plan, "extended_hours:gate=a,direction=export,closes=20:00")

    assert hours(later, direction="export")[-1] == "12:00-20:00"
    assert hours(later, direction="import") == ["07:00-22:00"]
    assert hours(later) == hours(plan)


def test_hours_may_run_past_midnight(plan, under):
    """Imports close at 22:00, four hours more end at two in the night."""
    later = under(plan, "extended_hours:gate=a,direction=import,later=4,with_counterpart=false")

    assert hours(later, direction="import") == ["07:00-02:00"]


def test_a_shut_day_stays_shut(plan, under):
    """A day with a state of its own comes before ordinary hours."""
    assert hours(under(plan, "extended_hours:gate=a,later=1"), day=WEDNESDAY) == []


def test_a_gate_that_never_closes_gains_nothing(builder, under):
    """Without a calendar there is nothing to extend."""
    border = "[gates.a.stations.booth]\nservers = 1\n[gates.a.export.stages.booth]\nservice = <9 min>\n"
    flows = '[demand.test.flows.a]\ngate = "a"\ndirection = "export"\narrivals = { kind = "poisson", per_day = 9 }\n'
    plan = builder.plan(border + flows)

    assert under(plan, "extended_hours:later=2").loaded.border == plan.loaded.border


def test_lunch_is_worked_through_with_fewer_servers_and_paid(builder, under):
    """The lunch hour opens as overtime; of four servers 30 % are away, rounded up."""
    plan = builder.plan(BORDER.replace("servers = 1", "servers = 4", 1))
    worked = under(plan, "work_through_lunch:gate=a,servers_away=0.3")
    roster = worked.loaded.border.gates["a"].stations["booth"].servers

    assert hours(worked) == ["07:00-18:00"]
    assert overtime(worked) == ["11:00-12:00", "17:00-18:00"]
    assert [(str(rule.hours), rule.servers) for rule in roster] == [("None", 4), ("11:00-12:00", 2)]


def test_lunch_is_kept_where_it_was_worked_through(builder, under):
    """The switch of the calendar is on: the lunch hour is taken out of the open hours."""
    plan = builder.plan(BORDER.replace("[calendars.here]", "[calendars.here]\nwork_through_lunch = true"))

    assert hours(plan) == ["07:00-18:00"]
    assert hours(under(plan, "work_through_lunch:gate=a,works=false")) == ["07:00-11:00", "12:00-18:00"]
    assert hours(under(plan, "work_through_lunch:gate=a")) == ["07:00-18:00"]


def test_days_get_a_state_of_their_own_on_both_sides(plan, under):
    """Shut from Monday to Tuesday; Wednesday, shut before, opens with hours given in Hanoi time."""
    shut = under(plan, "day_state:gate=a,state=shut,from=2025-07-07,to=2025-07-08")
    opened = under(plan, "day_state:gate=a,state=open,hours=09:00-12:00,from=2025-07-09,to=2025-07-09")

    assert (hours(shut), hours(shut, side="counterpart")) == ([], [])
    assert hours(shut, day=date(2025, 7, 10)) != []
    assert hours(opened, day=WEDNESDAY) == ["09:00-12:00"]
    assert hours(opened, day=WEDNESDAY, side="counterpart") == ["10:00-13:00"]


def test_weekdays_lose_their_ordinary_hours_or_get_others(plan, under):
    """Saturdays shut on this side alone; then open until five, the added hours as overtime."""
    shut = under(plan, "day_state:gate=a,state=shut,weekdays=sat,side=gate")
    longer = under(plan, "day_state:gate=a,state=open,weekdays=sat,hours=[08:00-11:00, 13:00-17:00]")
    calendar = longer.loaded.border.calendars[longer.loaded.border.gates["a"].calendar]
    saturdays = [rule for rule in calendar.hours if rule.days == ["sat"] and rule.direction is None]

    assert hours(shut, day=SATURDAY) == []
    assert hours(shut, day=SATURDAY, side="counterpart") == ["08:00-19:00"]
    assert hours(longer, day=SATURDAY) == ["08:00-11:00", "13:00-17:00"]
    assert [str(span) for span in saturdays[-1].overtime_spans] == ["13:00-17:00"]


def test_registered_vehicles_alone_are_served_on_registered_days(builder, under, by_day):
    """Half of the vehicles are registered: of 100 a day about half are cleared on that day, all on the next."""
    border = BORDER.replace("per_day = 10", "per_day = 60").replace('kind = "poisson"', 'kind = "appointments"')
    plan = builder.plan(border, days=2)
    state = under(plan, "day_state:gate=a,state=preregistered,from=2025-07-07,to=2025-07-07,preregistered=0.5")
    cleared = by_day(state, "cleared")

    assert by_day(plan, "cleared")[0] > 40
    assert cleared[0] < 30
    assert cleared[1] > 40


def test_registered_weekdays_need_dates(plan, under):
    """Each of the days becomes one with a state of its own."""
    state = under(plan, "day_state:gate=a,state=preregistered,weekdays=[tue, thu],from=2025-07-07,to=2025-07-13")
    days = state.loaded.border.calendars[state.loaded.border.gates["a"].calendar].days

    assert [(rule.first.day, rule.last.day) for rule in days if rule.state == "preregistered"] == [(8, 8), (10, 10)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("extended_hours:gate=a,opens=23:30,closes=24:00", "opens is 23:30; a side opens between 00:00 and 24:00"),
        ("day_state:gate=a,state=open,hours=23:30-24:00", "hours is 23:30-24:00; a side opens between"),
    ],
)
def test_hours_that_begin_on_another_day_beyond_the_line_are_refused(text, said, plan, under):
    """23:30 in Hanoi is 00:30 of the next day in Beijing."""
    with pytest.raises(ConfigError) as refused:
        under(plan, text)

    assert said in str(refused.value)


def test_without_a_gate_those_that_have_the_direction_are_meant(plan, under):
    """Gate b has no imports and keeps its hours; named, it is refused."""
    later = under(plan, "extended_hours:direction=import,closes=23:00")

    assert hours(later, direction="import") == ["07:00-23:00"]
    with pytest.raises(ConfigError, match="b has no imports"):
        under(plan, "extended_hours:gate=b,direction=import,closes=23:00")
