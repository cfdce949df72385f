"""Ways through a gate: stages that some pass by, branches, and going back for a second check."""

from collections import Counter

import pytest
from scipy import stats

from gatewatch.config.errors import ConfigError

ROUTE = """
[gates.a.stations.hall]
[gates.a.export.stages.papers]
station = "hall"
service = <5 min>
[gates.a.export.stages.scan]
station = "hall"
service = <10 min>
[gates.a.export.stages.fee]
station = "hall"
service = <1 min>
"""
MANY = 4_000


def with_stage(stage, more):
    """Return the route with more said of a stage."""
    return ROUTE.replace(f"[gates.a.export.stages.{stage}]", f"[gates.a.export.stages.{stage}]\n{more}")


def stages_of(story, vehicle):
    """Return the stages that a vehicle visited."""
    table = story.trace[story.trace["vehicle"] == vehicle]
    return list(table["stage"])


def test_a_class_that_a_stage_does_not_name_passes_it_by(run):
    """Empty vehicles are not scanned, and come to the fee at the instant they leave the papers."""
    story = run(with_stage("scan", 'classes = ["general"]'), ["08:00 general", "08:00 empty"])

    assert story.rows == [
        "0 papers 08:00 08:00 08:05 08:05 passed",
        "0 scan 08:05 08:05 08:15 08:15 passed",
        "0 fee 08:15 08:15 08:16 08:16 cleared",
        "1 papers 08:00 08:00 08:05 08:05 passed",
        "1 fee 08:05 08:05 08:06 08:06 cleared",
    ]


def test_a_class_may_begin_and_end_where_others_go_on(run):
    """Passing by the first stage and the last, a vehicle is cleared where its own way out ends."""
    border = with_stage("papers", 'classes = ["general"]').replace("<1 min>", '<1 min>\nclasses = ["general"]')
    story = run(border, ["08:00 empty"])

    assert story.rows == ["0 scan 08:00 08:00 08:10 08:10 cleared"]


def test_a_class_that_stops_nowhere_is_refused(run):
    """A vehicle without a stage would vanish from every count."""
    border = ROUTE.replace("service", 'classes = ["general"]\nservice')

    with pytest.raises(ConfigError, match="1 vehicle of class empty, channel green, stops at no stage"):
        run(border, ["08:00 empty", "08:01 general"])


def test_a_route_orders_the_stages(run):
    """The order of the route counts, not the one in which the stages are written."""
    story = run(ROUTE + '[gates.a.export]\nroute = ["fee", "papers", "scan"]\n', ["08:00"])

    assert stages_of(story, 0) == ["fee", "papers", "scan"]


def test_a_branch_leads_to_a_later_stage_or_out(run):
    """All go from the papers to the fee, or out."""
    later = run(with_stage("papers", 'next = [{ to = "fee", share = 1.0 }]'), ["08:00"])
    out = run(with_stage("papers", 'next = [{ to = "out", share = 1.0 }]'), ["08:00"])

    assert stages_of(later, 0) == ["papers", "fee"]
    assert out.rows == ["0 papers 08:00 08:00 08:05 08:05 turned_back"]


def test_a_way_out_behind_the_clearance_or_at_the_end_takes_nothing_back(run):
    """Out of the last stage is cleared as any other; out of a stage behind the clearing one stays cleared."""
    last = run(with_stage("fee", 'next = [{ to = "out", share = 1.0 }]'), ["08:00"])
    early = ROUTE.replace("<5 min>", '<5 min>\nclears = true\nnext = [{ to = "out", share = 1.0 }]', 1)

    assert last.rows[-1] == "0 fee 08:15 08:15 08:16 08:16 cleared"
    assert run(early, ["08:00"]).rows == ["0 papers 08:00 08:00 08:05 08:05 cleared"]


def test_a_branch_to_a_stage_that_the_class_passes_by_leads_behind_it(run):
    """Empty vehicles sent to the scan go on to the fee."""
    border = with_stage("scan", 'classes = ["general"]').replace(
        "<5 min>", '<5 min>\nnext = [{ to = "scan", share = 1.0 }]'
    )
    story = run(border, ["08:00 empty"])

    assert stages_of(story, 0) == ["papers", "fee"]


def test_the_rest_of_the_branches_goes_to_the_next_stage(run):
    """Two fifths skip the scan, one tenth leaves, half is scanned (within four standard errors)."""
    border = with_stage("papers", 'next = [{ to = "fee", share = 0.4 }, { to = "out", share = 0.1 }]')
    story = run(border, ["08:00:01"] * MANY)
    visits = Counter(story.trace["stage"])

    assert visits["papers"] == MANY
    assert visits["scan"] == pytest.approx(0.5 * MANY, abs=4 * (0.25 * MANY) ** 0.5)
    assert visits["fee"] == pytest.approx(0.9 * MANY, abs=4 * (0.09 * MANY) ** 0.5)


def test_a_second_check_is_a_second_visit(run):
    """Three in ten fail each time: the number of visits is geometric, and the visits are numbered."""
    border = with_stage("scan", 'next = [{ to = "papers", share = 0.3 }]')
    story = run(border, ["08:00:01"] * MANY)
    times = Counter(Counter(story.trace.loc[story.trace["stage"] == "scan", "vehicle"]).values())
    expected = [MANY * 0.7, MANY * 0.21, MANY * 0.063, MANY * 0.027]
    observed = [times[1], times[2], times[3], sum(n for k, n in times.items() if k > 3)]
    numbers = story.trace[story.trace["stage"] == "papers"].groupby("vehicle")["visit"].apply(list)

    assert stats.chisquare(observed, expected).pvalue > 0.001
    assert all(found == list(range(1, len(found) + 1)) for found in numbers)


def test_each_visit_has_a_service_of_its_own(run):
    """A vehicle that comes twice does not get the same time twice."""
    border = with_stage("scan", 'next = [{ to = "papers", share = 0.5 }]').replace(
        "<5 min>", '{ law = "exponential", mean = 5, unit = "min" }'
    )
    story = run(border, ["08:00:01"] * 200)
    papers = story.trace[story.trace["stage"] == "papers"]
    services = papers["finished_us"] - papers["started_us"]

    assert services.nunique() == len(papers)


def test_customs_channels_choose_stages_and_services(run):
    """Red vehicles are scanned, yellow ones have long papers; the shares are those of their class."""
    border = with_stage("scan", 'channels = ["red"]').replace(
        "service = <5 min>",
        'service = [{ channels = ["yellow", "red"], law = <20 min> }, { law = <5 min> }]',
    )
    border += """
    [gates.a.export.selectivity]
    fruit = { red = 1.0 }
    container = { yellow = 1.0 }
    "*" = { green = 0.6, yellow = 0.3, red = 0.1 }
    """
    story = run(border, ["08:00 fruit", "08:00 container"] + ["08:00:01 general"] * MANY)
    papers = story.trace[story.trace["stage"] == "papers"]
    general = papers[papers["class"] == "general"]
    is_long = (general["finished_us"] - general["started_us"]) == 20 * 60_000_000
    scanned = set(story.trace.loc[story.trace["stage"] == "scan", "vehicle"])

    assert story.rows[:5] == [
        "0 papers 08:00 08:00 08:20 08:20 passed",
        "0 scan 08:20 08:20 08:30 08:30 passed",
        "0 fee 08:30 08:30 08:31 08:31 cleared",
        "1 papers 08:00 08:00 08:20 08:20 passed",
        "1 fee 08:20 08:20 08:21 08:21 cleared",
    ]
    assert is_long.sum() == pytest.approx(0.4 * MANY, abs=4 * (0.24 * MANY) ** 0.5)
    assert len(scanned) - 1 == pytest.approx(0.1 * MANY, abs=4 * (0.09 * MANY) ** 0.5)


def test_of_several_service_rules_the_first_that_matches_holds(run):
    """Fruit matches both rules."""
    border = ROUTE.replace("service = <5 min>", 'service = [{ classes = ["fruit"], law = <7 min> }, { law = <9 min> }]')
    story = run(border, ["08:00 fruit", "08:00 general"])

    assert story.show("stage", "finished")[0] == "papers 08:07"
    assert story.show("stage", "finished")[3] == "papers 08:09"


def test_a_vehicle_that_never_comes_to_the_clearing_stage_is_cleared_where_it_leaves(run):
    """The scan clears; those who skip it are cleared at the end of their way out."""
    border = with_stage("scan", 'clears = true\nclasses = ["general"]')
    story = run(border, ["08:00 general", "08:00 empty"])

    assert story.show("vehicle", "stage", "outcome") == [
        "0 papers passed", "0 scan cleared", "0 fee returned", "1 papers passed", "1 fee cleared",
    ]  # fmt: skip
