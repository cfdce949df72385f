"""A small border with a comparison, and a scenario with reported figures."""

import pytest

from gatewatch.simulator import compare, simulate
from gatewatch.simulator.report import write_report, write_report_of_results

BORDER = """
[border]
vehicle_spacing = 20
[sources.S1]
title = "A paper <of record>"
url = "https://example.org/a?b=1&c=2"
date = "2025-01-01"
[prices]
basis = "assumed"
vehicle_hour = 50000
overtime_server_hour = 150000
[calendars.day]
hours = [{ open = ["07:00-19:00"] }]
[gates.a]
title = "Gate A"
title_vi = "Cửa A"
calendar = "day"
counterpart = { calendar = "day" }
[gates.a.stations.booth]
title = "Booth"
title_vi = "Quầy"
servers = { value = 2, basis = "inferred", source = "S1" }
[gates.a.yards.lot]
places = { value = 300, basis = "reported", source = "S1" }
[gates.a.export.stages.booth]
yard = "lot"
service = { law = "exponential", mean = 6, unit = "min", basis = "assumed" }
[gates.b]
title = "Gate B"
calendar = "day"
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
[demand.other.flows.a]
gate = "a"
direction = "export"
arrivals = { kind = "poisson", per_day = 777 }
[scenarios.base]
title = "Ordinary days <b>& others</b>"
title_vi = "Ngày thường"
start = 2025-01-06
days = 4
warmup_days = 1
demand = "base"
replications = 8
[[scenarios.base.targets]]
measure = "backlog"
gate = "a"
direction = "export"
value = 60
on = 2025-01-08
at = "08:00"
basis = "reported"
source = "S1"
[[scenarios.base.targets]]
measure = "cleared_per_day"
gate = "b"
value = 150
basis = "reported"
source = "S1"
"""
LONGER = "extended_hours:gate=a,later=1"
STAFFED = "extra_servers:gate=a,stations=[booth],servers=1"


@pytest.fixture(scope="session")
def border(tmp_path_factory):
    """Return the file of a border with two gates."""
    path = tmp_path_factory.mktemp("border") / "border.toml"
    path.write_text(BORDER, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def comparison(border):
    """Return two policies at gate a beside the baseline."""
    return compare("base", [LONGER, STAFFED], border)


@pytest.fixture(scope="session")
def results(border):
    """Return the baseline alone."""
    return simulate("base", border)


@pytest.fixture(scope="session")
def page(tmp_path_factory, comparison):
    """Return a function that writes a report on the comparison and reads it back as text."""
    folder = tmp_path_factory.mktemp("reports")

    def write(**options):
        path = folder / "comparison.html"
        write_report(path, comparison, **options)
        return path.read_text(encoding="utf-8")

    return write


@pytest.fixture(scope="session")
def page_alone(tmp_path_factory, results):
    """Return a function that writes a report on one scenario and reads it back as text."""
    folder = tmp_path_factory.mktemp("reports")

    def write(found=results, **options):
        path = folder / "results.html"
        write_report_of_results(path, found, **options)
        return path.read_text(encoding="utf-8")

    return write
