"""The shipped cases as tests."""

from importlib import resources
from pathlib import Path

import pytest

from gatewatch.config.errors import ConfigError
from gatewatch.simulator.replications import ENGINES
from gatewatch.simulator.verification.cases import list_cases
from gatewatch.simulator.verification.runner import verify

# Those that take some seconds at most; the others are slow tests.
QUICK = {
    "kernel": {
        "closing_rules", "day_states", "full_queue", "jams", "laws", "longer_hours", "md1", "mm1", "patience",
        "recursions", "rush", "roster_fall", "same_instant", "services_under_way", "two_zones", "unfinished",
        "ways_round",
    },
    "reference": {
        "appointments", "closing_rules", "day_states", "jams", "longer_hours", "recursions", "roster_fall",
        "same_instant", "services_under_way", "two_zones", "unfinished", "ways_round",
    },
}  # fmt: skip


def every_case_with(engine):
    """Return the cases for an engine, marked where they are slow."""
    return [
        pytest.param(engine, name, marks=[] if name in QUICK[engine] else pytest.mark.slow) for name in list_cases()
    ]


@pytest.mark.parametrize(("engine", "name"), [case for engine in ENGINES for case in every_case_with(engine)])
def test_a_shipped_case_agrees_with_its_exact_values(engine, name):
    """What `gatewatch verify` prints: every figure within the tolerance rule."""
    figures = verify([name], engine=engine)

    assert figures
    assert [figure for figure in figures if not figure.passed] == []


@pytest.mark.parametrize("name", ["closing_rules", "jams", "recursions", "roster_fall", "same_instant", "ways_round"])
def test_the_figures_do_not_depend_on_the_engine(name):
    """Whichever engine runs, they are the same to the last bit."""
    assert verify([name], engine="reference") == verify([name])


def test_every_border_has_a_case_and_every_case_a_border():
    """A border that no case reads is verified by nobody."""
    folder = Path(str(resources.files("gatewatch.simulator"))) / "verification" / "borders"

    assert {file.stem for file in folder.glob("*.toml")} == set(list_cases())
    assert {file.stem for file in folder.glob("*.csv")} <= set(list_cases())


def test_every_figure_of_a_case_has_a_name_of_its_own():
    """A figure that does not agree is found by its name."""
    for case in list_cases().values():
        names = [quantity.name for quantity in case.quantities()]

        assert len(set(names)) == len(names), case.name


@pytest.mark.slow
def test_figures_do_not_depend_on_the_number_of_workers():
    """Replications have streams of their own, and are put together in order."""
    names = ["unfinished", "full_queue", "rush"]

    assert verify(names, workers=2) == verify(names)


def test_a_case_that_is_asked_for_twice_is_run_once():
    """Doubled values would look twice as certain."""
    assert verify(["jams", "jams"]) == verify(["jams"])


def test_an_unknown_case_is_told_with_the_one_that_was_meant():
    """The error names what there is."""
    with pytest.raises(ConfigError, match='Did you mean "closing_rules"') as error:
        verify(["closing_rule"])

    assert "Nothing was started" in str(error.value)


def test_progress_counts_up_to_the_number_of_tasks():
    """A caller can show how far it is."""
    seen = []
    verify(["jams", "full_queue"], on_done=lambda done, total: seen.append((done, total)))

    assert seen[0][0] == 0
    assert seen[-1][0] == seen[-1][1]
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
