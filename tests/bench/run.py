"""
Speed and memory, measured in one run: `python3 dev.py bench` (about fifteen minutes; `--quick` takes four).

Nothing here is asserted: a machine has the speed it has. A plain SimPy model is timed beside ours, and ratios within
one run are what can be compared between machines. Times of one engine are CPU time on one core, medians of five;
times of experiments are wall time on two. The monitor runs as a service of its own beside the load, and beside a bare
loop on the same disk. A quiet machine gives the truest figures.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import time
from typing import Any

import forecasting
import monitor_load
import pages
import subjects
from apart import apart, hold_to
from targets import Target, show_targets

TENTH = 10


def main() -> None:
    """Print every table, then each target of the design beside what was measured."""
    options = _options()
    if options.one is not None:
        name, cores, arguments = json.loads(options.one)
        hold_to(cores)
        print(json.dumps(getattr(subjects, name)(**arguments)))
        return
    days = (1, 28) if options.quick else (1, 28, 365)
    repeats = 3 if options.quick else 5
    load = os.getloadavg()[0]
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {load:.1f}, Python {platform.python_version()}")
    targets = [
        *_engines(days, repeats, is_quick=options.quick),
        *_growth(4 if options.quick else 16, repeats),
        *_experiments(repeats, replications=3 if options.quick else 30),
        *_first_calls(),
        *_evaluations(days=2 if options.quick else 7, n=60 if options.quick else 360),
        *monitor_load.measure(tempfile.gettempdir(), is_quick=options.quick),
        *forecasting.measure(tempfile.gettempdir(), is_quick=options.quick),
        *pages.measure(tempfile.gettempdir(), is_quick=options.quick),
    ]
    show_targets(targets)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="medians of three, no year, smaller experiments")
    parser.add_argument("--one", help=argparse.SUPPRESS)  # what a process of its own is asked for
    return parser.parse_args()


def _engines(days: tuple[int, ...], repeats: int, *, is_quick: bool) -> list[Target]:
    """Time the tandem, the reference and the kernel over the horizons; a year of the slow ones once."""
    _head("one replication on one core", "days", "vehicles", "visits", "draw ms", "engine ms", "measures ms",
          "all ms", "visits/s", "× tandem", "µs/vehicle")  # fmt: skip
    kernel: dict[int, dict[str, float]] = {}
    ratios: dict[int, float] = {}
    for horizon in days:
        slow = 1 if horizon > 28 else repeats
        kernel[horizon] = apart(subjects.replication, engine="kernel", days=horizon, repeats=repeats)
        tandem = apart(subjects.calibrator, vehicles=int(kernel[horizon]["vehicles"]), repeats=slow)
        reference = apart(subjects.replication, engine="reference", days=horizon, repeats=slow, warm=False)
        for name, row in (("tandem", tandem), ("reference", reference), ("kernel", kernel[horizon])):
            ratio = _rate(row) / _rate(tandem)
            split = [f"{1e3 * row[key]:,.1f}" if key in row else "" for key in ("draw_s", "run_s", "measures_s")]
            whole = (f"{1e3 * row['all_s']:,.1f}", f"{_rate(row):,.0f}", f"{ratio:,.1f}", f"{_each_us(row):.2f}")
            _row(name, horizon, f"{row['vehicles']:,.0f}", f"{row['visits']:,.0f}", *split, *whole)
        ratios[horizon] = ratio
    found = [
        Target(f"kernel over tandem, {horizon} days", "at least 100×, 150× is the aim", f"{ratios[horizon]:.0f}×",
               ratios[horizon] >= 100)
        for horizon in days if horizon >= 28
    ]  # fmt: skip
    return found if is_quick else [*found, *_year(kernel)]


def _year(kernel: dict[int, dict[str, float]]) -> list[Target]:
    """Compare a year with 28 days: time per vehicle, and memory of one replication."""
    flat = _each_us(kernel[365]) / _each_us(kernel[28])
    peak = {
        days: apart(subjects.replication, engine="kernel", days=days, repeats=1, warm=False)["peak_mib"]
        for days in (28, 365)
    }
    _head("peak memory of one replication", "28 days", "365 days")
    _row("kernel, no trace [MiB]", *(f"{mib:,.0f}" for mib in peak.values()))
    more = peak[365] - peak[28]
    return [
        Target("time per vehicle, 365 over 28 days", "0.85 to 1.15", f"{flat:.2f}", abs(flat - 1) <= 0.15),
        Target("memory of 365 days more than of 28", "at most 64 MiB", f"{more:.0f} MiB", more <= 64),
    ]


def _growth(most: int, repeats: int) -> list[Target]:
    """Let demand, servers and yards grow in step."""
    _head("28 days with demand, servers and yards in step", "vehicles", "draw µs", "engine µs", "measures µs",
          "µs/vehicle")  # fmt: skip
    each: list[float] = []
    times = [2**power for power in range(0, most.bit_length(), 2)]
    for grown in times:
        row = apart(subjects.replication, engine="kernel", days=28, repeats=min(repeats, 3), grown=grown)
        parts = [1e6 * row[key] / row["vehicles"] for key in ("draw_s", "run_s", "measures_s")]
        _row(f"{grown}×", f"{row['vehicles']:,.0f}", *(f"{part:.2f}" for part in parts), f"{_each_us(row):.2f}")
        each.append(_each_us(row))
    ratio = each[-1] / each[0]
    return [Target(f"time per vehicle, {most}× over 1× demand", "at most 1.5", f"{ratio:.2f}", ratio <= 1.5)]


def _experiments(repeats: int, replications: int) -> list[Target]:
    """Time many replications, two workers, and a comparison beside the reference's."""
    _head("experiments, 28 days, wall time")
    extra = apart(subjects.extra_replication, days=28, more=10)
    _row("first replication, with imports done", f"{extra['first_s']:.2f} s")
    _row("each extra replication", f"{extra['extra_s']:.3f} s")
    workers = apart(subjects.two_workers, cores=2, days=28, replications=20, repeats=repeats)
    _row("20 replications by 1 worker, by 2", f"{workers['one_s']:.2f} s", f"{workers['two_s']:.2f} s")
    what = f"6 scenarios × {replications}, 2 workers"
    kernel = apart(subjects.experiment, cores=2, engine="kernel", days=28, replications=replications)
    _row(f"{what}, kernel", f"{kernel['wall_s']:.1f} s", f"{kernel['peak_mib']:,.0f} MiB")
    part = max(1, replications // TENTH)
    reference = apart(subjects.experiment, cores=2, engine="reference", days=28, replications=part)
    scaled = reference["wall_s"] * replications / part
    _row(f"{what}, reference ({part} measured, scaled)", f"{scaled:,.0f} s", f"{reference['peak_mib']:,.0f} MiB")
    return [
        Target("2 workers over 1", "at least 1.7×", f"{workers['ratio']:.2f}×", workers["ratio"] >= 1.7),
        Target(what, "printed", f"{kernel['wall_s']:.1f} s; reference {scaled:,.0f} s", None),
        Target("each extra replication of 28 days", "printed", f"{1e3 * extra['extra_s']:.0f} ms", None),
    ]


def _first_calls() -> list[Target]:
    """Start twice with no compiled code on disk: the second call finds what the first has compiled."""
    _head("from the start of a process to the first result of one day", "imports s", "then s")
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as empty:
        for which in ("first call, compiles", "second call"):
            found[which] = apart(subjects.first_result, variables={"NUMBA_CACHE_DIR": empty}, begun=time.time())
            _row(which, f"{found[which]['imports_s']:.2f}", f"{found[which]['result_s']:.2f}")
    first, second = (row["result_s"] for row in found.values())
    return [
        Target("first call, compile included", "seconds, not minutes", f"{first:.1f} s", first < 60),
        Target("second call, after start and imports", "within 1 s", f"{second:.2f} s", second <= 1),
    ]


def _evaluations(days: int, n: int) -> list[Target]:
    """Time evaluations of all rules for all gates over a simulated border that goes on reporting."""
    _head(f"all rules, all gates, {days} days simulated", "entries", "alerts", "p50 ms", "p99 ms", "CPU p50", "CPU p99")
    row = apart(subjects.evaluations, days=days, n=n)
    times = [f"{1e3 * row[key]:.1f}" for key in ("p50_s", "p99_s", "cpu_p50_s", "cpu_p99_s")]
    _row(f"{n} evaluations, kept", f"{row['entries']:,.0f}", row["alerts"], *times)
    p99 = row["p99_s"]
    return [Target("evaluation of all rules, all gates, p99", "at most 200 ms", f"{1e3 * p99:.0f} ms", p99 <= 0.2)]


def _rate(row: dict[str, float]) -> float:
    return row["visits"] / row["all_s"]


def _each_us(row: dict[str, float]) -> float:
    return 1e6 * row["all_s"] / row["vehicles"]


def _head(title: str, *columns: str) -> None:
    print(f"\n{title}")
    if columns:
        _row("", *columns)


def _row(name: str, *cells: object) -> None:
    print(f"  {name:<42}" + "".join(f"{cell!s:>13}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
