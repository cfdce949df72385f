"""Plans that are sent to a machine on which none of their files is."""

import pickle

import pytest

from gatewatch.config.loader import load_border
from gatewatch.simulator import make_plan, run_record
from gatewatch.simulator.parcels import pack, unpack

BORDER = """
[gates.a.stations.booth]
servers = 1
[gates.a.export.stages.booth]
service = { law = "empirical", file = "times/minutes.csv", unit = "min" }
[demand.base.flows.a]
gate = "a"
direction = "export"
arrivals = { kind = "trace", file = "arrivals.csv" }
[scenarios.base]
start = 2025-01-06
days = 1
demand = "base"
"""


@pytest.mark.parametrize("root", [".", "border.toml"])
def test_a_plan_takes_the_csv_files_of_its_border_along(tmp_path, root):
    """They are deleted when the parcel is closed; what was sent still gives the same trace."""
    home = tmp_path / "home"
    (home / "times").mkdir(parents=True)
    (home / "border.toml").write_text(BORDER, encoding="utf-8")
    (home / "times" / "minutes.csv").write_text("value\n3\n5\n14\n", encoding="utf-8")
    (home / "arrivals.csv").write_text("arrived_s,class\n3600,\n3700,\n4000.5,\n", encoding="utf-8")
    plan = make_plan(load_border(home / root), "base")
    trace = run_record(plan, 0).trace
    sent = pickle.dumps(pack([plan]))
    (home / "arrivals.csv").unlink()
    (home / "times" / "minutes.csv").unlink()
    (arrived,) = unpack(pickle.loads(sent))

    assert run_record(arrived, 0).trace.same_as(trace)


def test_a_plan_without_files_is_the_same_afterwards():
    """That of the shipped border, which names none."""
    plan = make_plan(load_border(), "h1_2025")

    assert unpack(pack([plan])) == (plan,)
