"""A small border with two gates, for whole comparisons."""

import pytest

from gatewatch.simulator.comparison import comparing

BORDER = """
[prices]
vehicle_hour = 50000
overtime_server_hour = 150000
[calendars.day]
hours = [{ open = ["07:00-19:00"] }]
[gates.a]
calendar = "day"
counterpart = { calendar = "day" }
[gates.a.stations.booth]
servers = 2
[gates.a.export.stages.booth]
service = { law = "exponential", mean = 6, unit = "min" }
[gates.b.stations.booth]
servers = 1
[gates.b.export.stages.booth]
service = { law = "exponential", mean = 4, unit = "min" }
[demand.base.flows.a]
gate = "a"
direction = "export"
arrivals = { kind = "poisson", per_day = 200 }
[demand.base.flows.b]
gate = "b"
direction = "export"
arrivals = { kind = "poisson", per_day = 150 }
[scenarios.base]
start = 2025-01-06
days = 4
warmup_days = 1
demand = "base"
replications = 8
"""


@pytest.fixture(scope="session")
def border(tmp_path_factory):
    """Return the file of a border with two gates; gate a is shut at night."""
    path = tmp_path_factory.mktemp("border") / "border.toml"
    path.write_text(BORDER, encoding="utf-8")
    return path


@pytest.fixture
def stopped_after(monkeypatch):
    """Return a function that lets Ctrl-C be pressed after so many replications."""
    run = comparing.run_paired

    def stop(n):
        def until(*args, **kwargs):
            for number, replications in enumerate(run(*args, **kwargs)):
                if number == n:
                    raise KeyboardInterrupt
                yield replications

        monkeypatch.setattr(comparing, "run_paired", until)

    return stop
