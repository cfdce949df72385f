"""What becomes of those inside at the start."""

from gatewatch.config.scenarios import InitialState

BOOTH = """
[gates.a.stations.booth]
servers = 1
[gates.a.export.stages.booth]
service = <60 min>
"""


def inside(count):
    """Return so many vehicles that wait for the booth."""
    vehicles = {"gate": "a", "direction": "export", "stage": "booth", "count": count}
    return InitialState.model_validate({"vehicles": [vehicles]})


def test_time_to_clear_ends_when_the_last_of_them_is_cleared(run):
    """Three hours for three vehicles; the one that comes at 01:00 is served after them."""
    results = run(BOOTH, ["01:00"], days=1, initial_state=inside(3)).results

    assert results.find("time_to_clear", "a", "export")["mean"] == 3 * 3_600
    assert results.find("initial_left", "a", "export")["mean"] == 0


def test_time_to_clear_is_censored_when_some_are_left(run):
    """Of thirty, twenty-three are done: the one that would be at 24:00 is not."""
    results = run(BOOTH, [], days=1, initial_state=inside(30)).results

    assert results.find("initial_left", "a", "export")["mean"] == 7
    assert results.find("time_to_clear", "a", "export")["mean"] == 24 * 3_600
    assert results.find("time_to_clear", "a", "export")["p50"] is None


def test_time_to_clear_ends_when_the_last_of_them_turns_back(run):
    """Patience of 30 minutes: the first is served for an hour, the others are gone before."""
    border = BOOTH + '[gates.a.export.patience]\n"*" = <30 min>\n'
    results = run(border, [], days=1, initial_state=inside(3)).results

    assert results.find("time_to_clear", "a", "export")["mean"] == 3_600


def test_a_run_that_starts_empty_has_nothing_to_clear(run):
    """No rows, rather than noughts."""
    results = run(BOOTH, ["01:00"], days=1).results

    assert not [row for row in results.measures if row["measure"] in {"time_to_clear", "initial_left"}]
