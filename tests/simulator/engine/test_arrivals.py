"""When vehicles come: recorded, by appointment, in convoys, by renewal, and by levels that differ by day."""

from collections import Counter
from datetime import date

import numpy as np
import pytest
from scipy import stats

ROAD = """
[gates.a.stations.road]
[gates.a.export.stages.road]
service = <1 min>
"""
FLOW = """
[demand.test.flows.lorries]
gate = "a"
direction = "export"
"""
SATURDAY = date(2025, 7, 5)


def flow(arrivals, more=""):
    """Return a border with one flow of these arrivals."""
    return ROAD + FLOW + f"arrivals = {{ {arrivals} }}\n" + more


def joined_min(story):
    """Return when each vehicle joined [min]."""
    return story.trace["joined_us"].to_numpy(dtype=np.int64) / 60e6


def by_day(story, days):
    """Return the vehicles of each day."""
    counts = Counter((story.trace["joined_us"] // 86_400_000_000).tolist())
    return [counts[day] for day in range(days)]


# ---------------------------------------------------------------------------------------- recorded


def test_recorded_arrivals_come_at_their_time_with_their_class(run):
    """The order of the file does not matter; a class that is not given is general."""
    story = run(ROAD, ["08:00:30 fruit", "07:15:00.25", "1+00:00 container"])

    assert story.show("vehicle", "class", "joined") == [
        "0 general 07:15:00.25",
        "1 fruit 08:00:30",
        "2 container 1+00:00",
    ]


def test_recorded_arrivals_outside_the_run_are_left_out(run):
    """Before 09:00 and from the second midnight on."""
    story = run(ROAD, ["08:59:59", "09:00", "1+23:59:59", "2+00:00"], starts_at="09:00")

    assert story.show("joined") == ["09:00", "1+23:59:59"]


def test_arrivals_recorded_in_whole_minutes_get_a_fixed_place_within_the_minute(run):
    """Recorded ties would decide who is first; the place belongs to the vehicle, however long the run."""
    (run.folder / "log.csv").write_text("arrived_s\n" + "\n".join(str(60 * n) for n in range(500)) + "\n")
    border = flow('kind = "trace", file = "log.csv"')
    story, again, other = run(border), run(border, days=5), run(border, seed=2)
    within_s = joined_min(story) * 60 - 60 * np.arange(500)

    assert story.show("joined") == again.show("joined") != other.show("joined")
    assert within_s.min() >= 0
    assert within_s.max() < 60
    assert stats.kstest(within_s / 60, "uniform").pvalue > 0.001


def test_whole_minutes_can_be_kept_and_the_manifest_says_what_was_moved(run):
    """`exact` keeps the times as they are; the manifest names the flows whose times were moved."""
    (run.folder / "log.csv").write_text("arrived_s\n0\n60\n120\n")
    kept = run(flow('kind = "trace", file = "log.csv", exact = true'))
    moved = run(flow('kind = "trace", file = "log.csv"'))

    assert joined_min(kept).tolist() == [0, 1, 2]
    assert kept.results.manifest["minute_offsets"] == []
    assert len(moved.results.manifest["minute_offsets"]) == 1


def test_one_time_with_seconds_keeps_all_recorded_times_exact(run):
    """Whoever records seconds means the full minute when it says so."""
    (run.folder / "log.csv").write_text("arrived_s\n3600\n3660\n3661\n")
    story = run(flow('kind = "trace", file = "log.csv"'))

    assert story.show("joined") == ["01:00", "01:01", "01:01:01"]


def test_recorded_local_times_are_times_of_the_border(run):
    """A date and a time in the zone of the border; the run begins on 7 July."""
    (run.folder / "log.csv").write_text("arrived_at\n2025-07-07 07:30:05\n2025-07-08T00:00:00\n")
    story = run(flow('kind = "trace", file = "log.csv"'))

    assert story.show("joined") == ["07:30:05", "1+00:00"]


@pytest.mark.parametrize("arrivals", ['kind = "trace", file = "log.csv"', 'kind = "renewal", gap = <360 min>'])
def test_a_flow_between_two_dates_has_no_vehicles_on_other_days(run, arrivals):
    """A recorded or renewed flow of day 1 only: four vehicles, when they would come anyway."""
    (run.folder / "log.csv").write_text(
        "arrived_s\n" + "".join(f"{day * 86_400 + hour * 3_600 + 0.5}\n" for day in range(3) for hour in (1, 7, 13, 19))
    )
    story = run(flow(arrivals, "from = 2025-07-08\nto = 2025-07-08\n"), days=3)

    assert by_day(story, 3) == [0, 4, 0]


# ---------------------------------------------------------------------------------------- by level


def test_appointments_are_spaced_evenly(run):
    """Twenty-four a day: every hour at half past."""
    story = run(flow('kind = "appointments", per_day = 24'), days=1)

    assert story.show("joined") == [f"{hour:02d}:30" for hour in range(24)]


def test_appointments_follow_the_hours(run):
    """Eight between 08:00 and 12:00, twice as many in the first two hours."""
    profile = f"[hour_profiles.morning]\nweights = {[0] * 8 + [2, 2, 1, 1] + [0] * 12}\n"
    story = run(flow('kind = "appointments", per_day = 12, hours = "morning"', profile), days=1)

    assert story.show("joined") == [
        "08:07:30", "08:22:30", "08:37:30", "08:52:30", "09:07:30", "09:22:30", "09:37:30", "09:52:30",
        "10:15", "10:45", "11:15", "11:45",
    ]  # fmt: skip


def test_a_level_with_a_fraction_is_met_on_average(run):
    """Two and a half a day: two or three, and half of the days three."""
    story = run(flow('kind = "appointments", per_day = 2.5'), days=400)
    counts = Counter(by_day(story, 400))

    assert set(counts) == {2, 3}
    assert counts[3] == pytest.approx(200, abs=40)


def test_some_appointments_are_not_kept(run):
    """A fifth of a thousand a day stays away (within four standard errors)."""
    story = run(flow('kind = "appointments", per_day = 1000, no_show = 0.2'), days=3)

    assert len(story.trace) == pytest.approx(2_400, abs=4 * (3_000 * 0.16) ** 0.5)


def test_appointments_are_met_with_scatter(run):
    """One at noon every day, come within a normal distribution of twenty minutes around it."""
    profile = f"[hour_profiles.noon]\nweights = {[0, 1, 0]}\n"
    story = run(flow('kind = "appointments", per_day = 1, scatter = 20, hours = "noon"', profile), days=600)
    off_min = joined_min(story) % 1_440 - 720

    assert len(off_min) == 600
    assert stats.kstest(off_min, stats.norm(scale=20).cdf).pvalue > 0.001


def test_convoys_come_together_at_their_headway(run):
    """Groups of four, two minutes apart; the level counts vehicles."""
    story = run(flow('kind = "convoys", per_day = 40, size = 4, headway = 2'), days=50)
    order = np.argsort(story.trace["vehicle"].to_numpy(), kind="stable")
    times_s = np.round(joined_min(story)[order] * 60, 3)
    leads = [t for t in times_s if not any(abs(times_s - (t - 120)) < 1e-3)]
    complete = [t for t in leads if t + 360 < 50 * 86_400]

    assert all((np.abs(times_s - (t + 120 * k)) < 1e-2).any() for t in complete for k in range(4))
    assert len(times_s) == pytest.approx(2_000, abs=4 * 4 * 500**0.5)


def test_renewal_gaps_begin_at_the_start_of_the_run(run):
    """Every ninety minutes from noon, the first at 13:30, across midnight."""
    story = run(flow('kind = "renewal", gap = <90 min>'), starts_at="12:00", days=1)

    assert story.show("joined") == ["13:30", "15:00", "16:30", "18:00", "19:30", "21:00", "22:30"]


def test_levels_differ_by_weekday(run):
    """Saturday half, Sunday none."""
    profile = "[weekday_profiles.week]\nfactors = [1, 1, 1, 1, 1, 0.5, 0]\n".replace("1,", "1.0,").replace(
        ", 0]", ", 0.0]"
    )
    story = run(flow('kind = "appointments", per_day = 10, weekdays = "week"', profile), days=4, start=SATURDAY)

    assert by_day(story, 4) == [5, 0, 10, 10]


def test_levels_differ_by_month_and_by_date(run):
    """August is double; two factors that overlap on 1 August multiply."""
    season = "[seasons.year]\nfactors = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 1.0, 1.0, 1.0, 1.0]\n"
    dates = "[{ from = 2025-08-01, factor = 0.5 }, { from = 2025-07-31, to = 2025-08-01, factor = 3 }]"
    story = run(
        flow(
            f'kind = "appointments", per_day = 10, season = "year", dates = {dates}'.replace("= 3 ", "= 3.0 "),
            season,
        ),
        days=4,
        start=date(2025, 7, 30),
    )

    assert by_day(story, 4) == [10, 30, 30, 10]


def test_a_flow_by_level_holds_between_its_dates(run):
    """Only on day 1."""
    story = run(flow('kind = "appointments", per_day = 10', "from = 2025-07-08\nto = 2025-07-08\n"), days=3)

    assert by_day(story, 3) == [0, 10, 0]


def test_a_run_that_starts_in_the_middle_of_a_day_meets_the_rest_of_it(run):
    """The vehicles from noon on are those of the whole day, with the same services."""
    border = flow('kind = "poisson", per_day = 200').replace(
        "<1 min>", '{ law = "exponential", mean = 9, unit = "min" }'
    )
    whole, rest = run(border, days=1), run(border, days=1, starts_at="12:00")
    late = [line for line in whole.show("joined", "started", "finished") if line >= "12:00"]

    assert rest.show("joined", "started", "finished") == late


def test_a_mix_gives_the_classes_their_shares(run):
    """Two of five are fruit (within four standard errors), the others containers."""
    story = run(flow('kind = "appointments", per_day = 1000', "mix = { fruit = 2.0, container = 3.0 }\n"), days=2)
    counts = Counter(story.trace["class"])

    assert set(counts) == {"fruit", "container"}
    assert counts["fruit"] == pytest.approx(800, abs=4 * (2_000 * 0.24) ** 0.5)


def test_a_border_with_one_class_needs_no_mix(run):
    """The only class there is."""
    story = run("[classes.lorry]\n" + flow('kind = "appointments", per_day = 3'), days=1)

    assert story.show("class") == ["lorry"] * 3
