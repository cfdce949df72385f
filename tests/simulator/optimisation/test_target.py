"""What a planner may write as a target, and what is refused with the remedy."""

import pytest

from gatewatch.config.errors import ConfigError
from gatewatch.simulator.optimisation.target import check_target, parse_target
from gatewatch.simulator.output_analysis import Summary


@pytest.mark.parametrize(
    ("text", "statistic", "measure", "is_upper", "limit"),
    [
        ("p95_wait<6h", "p95", "wait", True, 21_600),
        ("p90_crossing_time <= 1.5 d", "p90", "crossing_time", True, 129_600),
        ("wait<90min", "mean", "wait", True, 5_400),
        ("mean_wait<600s", "mean", "wait", True, 600),
        ("backlog_at_close<50", "mean", "backlog_at_close", True, 50),
        ("p95_backlog_at_close<=50veh", "p95", "backlog_at_close", True, 50),
        ("cleared_per_day>=700veh/day", "mean", "cleared_per_day", False, 700),
    ],
)
def test_a_target_is_read(text, statistic, measure, is_upper, limit):
    """Statistic, measure, sign, number, unit; spaces do not matter."""
    target = parse_target(text)

    assert (target.statistic, target.measure, target.is_upper, target.limit) == (statistic, measure, is_upper, limit)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("p95_wait", "write a measure, a sign and a limit"),
        ("wait<six hours", "write a measure, a sign and a limit"),
        ("p95_wiat<6h", 'Did you mean "wait"?'),
        ("p99_wait<6h", "no measure has that name"),
        ("p95_wait<6", "a time needs a unit: one of s, min, h, d"),
        ("p95_wait<6weeks", "a time needs a unit"),
        ("backlog_at_close<50h", "the measure is in veh"),
        ("p95_wait>6h", "of wait, lower is better"),
        ("cleared_per_day<700", "of cleared_per_day, higher is better"),
        ("load<1", "of load, neither way is better"),
        ("p95_wait<0h", "a limit is above 0"),
    ],
)
def test_an_impossible_target_is_refused_with_the_remedy(text, says):
    """Option, value, what to write instead."""
    with pytest.raises(ConfigError, match="Nothing was started") as refused:
        parse_target(text)

    assert str(refused.value).startswith(f'--target is "{text}"')
    assert says in str(refused.value)


def test_the_figure_of_a_run_is_not_known_where_too_many_are_inside():
    """A mean that is only a lower bound, a percentile that is hidden, and a slice without vehicles."""
    p95 = parse_target("p95_wait<6h")

    assert p95.figure(Summary(10.0, (8.0, 15.0, 20.0), n=100)) == 20.0
    assert p95.figure(Summary(10.0, (float("nan"),) * 3, n=100, n_censored=11)) != 0
    assert str(p95.figure(Summary(10.0, (8.0, 15.0, 20.0), n=100, n_censored=11))) == "nan"
    assert str(p95.figure(None)) == "nan"
    assert parse_target("wait<1h").figure(Summary(10.0, (8.0, 15.0, 20.0), n=100)) == 10.0


def test_a_target_about_nothing_is_refused_once_a_run_has_said_so():
    """No imports at the gate; and a plain figure has no percentiles."""
    summaries = {
        ("wait", "a", "export", None, None): Summary(10.0, (8.0, 15.0, 20.0), n=100),
        ("backlog", "a", "export", None, None): Summary(10.0),
    }

    check_target(parse_target("p95_wait<6h"), summaries, "a", "export")
    with pytest.raises(ConfigError, match="no such figure for a imports; it has: none"):
        check_target(parse_target("p95_wait<6h"), summaries, "a", "import")
    with pytest.raises(ConfigError, match="has no percentiles; leave out the prefix"):
        check_target(parse_target("p95_backlog<6"), summaries, "a", "export")
