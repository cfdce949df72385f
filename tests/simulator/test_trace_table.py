"""The trace as a table: its columns, what is missing, and the way through files."""

import pandas as pd
import pytest

from gatewatch.simulator import simulate
from gatewatch.simulator.trace_table import COLUMNS, OUTCOMES

BORDER = """
[gates.a.stations.booth]
servers = 1
[gates.a.stations.unloading]
[gates.a.yards.far]
kind = "counterpart"
places = 1
[gates.a.export]
laden_return = 0.5
[gates.a.export.patience]
fruit = <5 min>
[gates.a.export.stages.booth]
service = <10 min>
[gates.a.export.stages.unloading]
service = <60 min>
yard = "far"
[gates.a.export.stages.home]
station = "booth"
service = <1 min>
leg = "back"
"""
YARD_COLUMNS = ("replication", "vehicle", "gate", "yard", "asked_us", "entered_us", "left_us")
ARRIVALS = ["08:00", "08:01 fruit", "08:02", "23:50"]


@pytest.fixture
def story(run):
    """Return a run in which every column has something to say."""
    return run(BORDER, ARRIVALS, days=1)


def test_columns_are_those_that_are_documented(story):
    """In this order."""
    assert tuple(story.trace.columns) == COLUMNS
    assert tuple(story.results.yards.columns) == YARD_COLUMNS


def test_times_are_whole_microseconds_and_may_be_missing(story):
    """An integer type with a missing value, so that no time is rounded."""
    kinds = {name: str(story.trace[name].dtype) for name in COLUMNS if name.endswith("_us")}

    assert kinds == {"joined_us": "int64", "started_us": "Int64", "finished_us": "Int64", "left_us": "Int64"}


def test_rows_are_ordered_by_vehicle_and_visit(story):
    """What each vehicle went through, one vehicle after the other."""
    assert story.rows == [
        "0 booth 08:00 08:00 08:10 08:10 passed",
        "0 unloading 08:10 08:10 09:10 09:10 cleared",
        "0 home 09:10 09:10 09:11 09:11 returned",
        "1 booth 08:01 - - 08:06 turned_back",
        "2 booth 08:02 08:10 08:20 09:10 passed",
        "2 unloading 09:10 09:10 10:10 10:10 cleared",
        "2 home 10:10 10:10 10:11 10:11 returned",
        "3 booth 23:50 23:50 - - inside",
    ]


def test_what_did_not_happen_is_missing(story):
    """Who turned back has no service, who is inside at the end has no end, stages not reached have no row."""
    turned_back, inside = story.trace.iloc[3], story.trace.iloc[7]

    assert turned_back[["started_us", "finished_us"]].isna().all()
    assert inside[["finished_us", "left_us"]].isna().all()
    assert story.trace["joined_us"].notna().all()


def test_outcomes_are_words(story):
    """Each of a known set."""
    assert set(story.trace["outcome"]) <= set(OUTCOMES.values())
    assert len(set(OUTCOMES.values())) == 7


def test_a_row_says_whether_the_vehicle_is_laden_there(story):
    """Laden on the way out; on the way back by the luck of each vehicle."""
    out = story.trace[story.trace["stage"] != "home"]

    assert out["laden"].all()
    assert story.trace["laden"].dtype == bool


def test_every_replication_is_in_the_table(run):
    """Numbered from 0, one after the other, each like the run of that replication alone."""
    border = (
        BORDER
        + """
    [demand.test.flows.lorries]
    gate = "a"
    direction = "export"
    arrivals = { kind = "poisson", per_day = 20 }
    """
    )
    story, alone = run(border, days=1, replications=3), run(border, days=1, replications=1)
    first = story.trace[story.trace["replication"] == 0]

    assert story.trace["replication"].is_monotonic_increasing
    assert set(story.trace["replication"]) == {0, 1, 2}
    pd.testing.assert_frame_equal(first, alone.trace)


def test_a_yard_row_is_written_for_each_time_a_place_was_asked_for(story):
    """Asked, entered, left; the vehicle that turned back before never asked."""
    assert story.yards == ["0 far 08:10 08:10 09:10", "2 far 08:20 09:10 10:10"]


def test_a_place_never_given_is_missing(run):
    """At midnight vehicle 1 still waits for the one place."""
    story = run(BORDER, ["23:00", "23:01"], days=1)

    assert story.yards == ["0 far 23:10 23:10 -", "1 far 23:20 - -"]


def test_the_table_comes_back_from_parquet(story, tmp_path):
    """Every value and every type."""
    story.trace.to_parquet(tmp_path / "trace.parquet")
    again = pd.read_parquet(tmp_path / "trace.parquet")

    pd.testing.assert_frame_equal(again, story.trace, check_categorical=False)


def test_the_table_comes_back_from_csv(story, tmp_path):
    """Every value; texts are texts and no category."""
    story.trace.to_csv(tmp_path / "trace.csv", index=False)
    kinds = {name: str(story.trace[name].dtype).replace("category", "object") for name in COLUMNS}
    again = pd.read_csv(tmp_path / "trace.csv", dtype=kinds)

    pd.testing.assert_frame_equal(again, story.trace.astype(kinds), check_dtype=False)


def test_the_trace_is_kept_only_when_it_is_asked_for(run):
    """Results without it hold no table."""
    results = simulate("test", run.write(BORDER, ARRIVALS, days=1), engine=run.engine)

    assert results.trace is None
    assert results.yards is None
