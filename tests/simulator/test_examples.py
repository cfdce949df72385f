"""The worked examples of the data dictionary run, with every engine, and list every vehicle."""

from pathlib import Path

import pytest

from gatewatch.config.loader import load_border, shipped_border_folder
from gatewatch.simulator import simulate
from gatewatch.simulator.replications import ENGINES

WORDS = """
"constant" "exponential" "erlang" "gamma" "lognormal" "weibull" "triangular" "uniform" "hyperexponential"
"empirical" "finish" "freeze" "hand_back" "last_start" "lose" "block" "convoys" "appointments" "trace"
priority patience initial keep holds next Asia/Shanghai responsive_hours reversible_servers factor
"""
EXAMPLES = sorted((shipped_border_folder() / "examples").glob("*.toml"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_a_worked_example_runs_alike_with_every_engine(example: Path):
    """The trace is the same, and no vehicle in it gets lost between two stages."""
    first, second = (
        simulate("example", example, days=2, replications=1, engine=engine, keep_trace=True).trace for engine in ENGINES
    )
    last = first.sort_values(["vehicle", "joined_us"], kind="stable").groupby("vehicle")["outcome"].last()

    assert len(first)
    assert first.equals(second)
    assert "passed" not in set(last)


def test_the_examples_cover_what_the_dictionary_promises():
    """There is an example of each kind of service law, queue, order, closing rule and start."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in EXAMPLES)

    for word in WORDS.split():
        assert word in text, word


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_a_worked_example_has_no_fault(example: Path):
    """It loads, and its scenario stands."""
    _, scenario = load_border(example).scenario("example")

    assert scenario.days >= 1
