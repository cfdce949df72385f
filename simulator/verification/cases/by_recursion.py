"""Every single wait of a run, from its arrivals and services alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gatewatch.simulator.engines.trace import NOT_YET
from gatewatch.simulator.record import Ints, RunRecord
from gatewatch.simulator.verification.case import Quantity, Same, case
from gatewatch.simulator.verification.sample_paths import kiefer_wolfowitz_waits, lindley_waits


@case("G/G/1 and G/G/3: every wait of a run by recursion")
def recursions() -> list[Quantity]:
    """Lindley (1952); Kiefer & Wolfowitz (1955), in whole microseconds."""

    def largest_gap(run: RunRecord, gate: str, waits_us: Callable[[Ints, Ints], Ints]) -> float:
        mine = run.draws.group == run.network.group_number(gate, "export")
        rows = run.draws.visits.start[:-1][mine]
        arrivals = run.draws.arrival_us[mine]
        starts = arrivals + waits_us(arrivals, run.draws.visits.service_us[rows])
        exact = np.where(starts < run.to_us, starts, NOT_YET)
        return float(np.abs(run.trace.started_us[rows] - exact).max())

    return [
        Same("one server: largest gap", "µs", 0.0, lambda run: largest_gap(run, "one", lindley_waits)),
        Same(
            "three servers: largest gap", "µs", 0.0,
            lambda run: largest_gap(run, "three", lambda a, s: kiefer_wolfowitz_waits(a, s, servers=3)),
        ),
    ]  # fmt: skip
