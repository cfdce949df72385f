"""
Speed and memory of the engines, measured in one run: `python3 dev.py bench`.

Each figure comes from a process of its own, so that its peak memory is its own too. Nothing here is asserted: a
machine has the speed it has. Ratios within one run are what can be compared between machines.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import subprocess
import sys
import time

SCENARIO = "h1_2025"
DAYS = (1, 28, 365)


def main() -> None:
    """Print a row for each engine and horizon."""
    options = _options()
    if options.one is not None:
        print(json.dumps(_measure(options.engine[0], options.one)))
        return
    print(f"{SCENARIO}, one replication, one core of {platform.machine()}, Python {platform.python_version()}\n")
    head = (
        "engine",
        "days",
        "vehicles",
        "stage visits",
        "draw s",
        "run s",
        "measures s",
        "vehicles/s",
        "visits/s",
        "peak MiB",
    )
    print("  ".join(f"{name:>12}" for name in head))
    for engine in options.engine:
        for days in options.days:
            found = _in_own_process(engine, days)
            row = (
                engine, days, f"{found['vehicles']:,}", f"{found['visits']:,}", f"{found['draw_s']:.2f}",
                f"{found['run_s']:.2f}", f"{found['measures_s']:.2f}",
                f"{found['vehicles'] / found['run_s']:,.0f}", f"{found['visits'] / found['run_s']:,.0f}",
                f"{found['peak_mib']:,.0f}",
            )  # fmt: skip
            print("  ".join(f"{cell:>12}" for cell in row), flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", action="append", help="engine to measure; may be repeated")
    parser.add_argument("--days", type=int, action="append", help="horizon to measure; may be repeated")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.engine = options.engine or ["reference"]
    options.days = options.days or list(DAYS)
    return options


def _in_own_process(engine: str, days: int) -> dict[str, float]:
    command = [sys.executable, __file__, "--engine", engine, "--one", str(days)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _measure(engine: str, days: int) -> dict[str, float]:
    from gatewatch.config.loader import load_border
    from gatewatch.simulator.draws import draw
    from gatewatch.simulator.measures import list_measures
    from gatewatch.simulator.network import build_network
    from gatewatch.simulator.output_analysis import summarise
    from gatewatch.simulator.record import RunRecord
    from gatewatch.simulator.replications import get_engine
    from gatewatch.simulator.scenario import make_plan

    plan = make_plan(load_border(), SCENARIO, days=days, warmup_days=0)
    network = build_network(plan.loaded, plan)
    times = [time.perf_counter()]
    draws = draw(network, plan, 0)
    times.append(time.perf_counter())
    trace = get_engine(engine).run(network, draws)
    times.append(time.perf_counter())
    record = RunRecord(plan, network, draws, trace)
    for measure in list_measures().values():
        for value in measure.values(record):
            summarise(value.value)
    times.append(time.perf_counter())
    return {
        "vehicles": int(record.is_present.sum()),
        "visits": int(record.reached.sum()),
        "draw_s": times[1] - times[0],
        "run_s": times[2] - times[1],
        "measures_s": times[3] - times[2],
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


if __name__ == "__main__":
    main()
