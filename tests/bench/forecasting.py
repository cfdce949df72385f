"""Forecasts of a running service: how soon something is shown, and how soon all of it, with four policies (P11)."""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import monitor_load
from targets import Target, show_targets

from gatewatch.config.feeds import load_feeds
from gatewatch.config.loader import load_border
from gatewatch.monitor.core import start_core
from gatewatch.monitor.feeds.simulated import simulate_feed
from gatewatch.monitor.observations import Observation, parse_event
from gatewatch.monitor.settings import Settings, load_settings
from gatewatch.monitor.store import Submitted

DAYS = 8  # of the simulated border, up to now
BATCH = 2_000
POLICIES = ("one_hour_later", "lunch_worked", "more_border_guards", "puzhai_cap_300")


def main() -> None:
    """Print the table, then each target of the design beside what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="medians of three")
    show_targets(measure(tempfile.gettempdir(), is_quick=parser.parse_args().quick))


def measure(folder: str, *, is_quick: bool) -> list[Target]:
    """Print the table, and return each target of the design beside what was measured."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        settings = load_settings({}, home=Path(scratch) / "home", port=0, forecast_minutes=0)
        planner = _filled(settings)
        with (
            monitor_load._running(settings, Path(scratch)) as port,
            httpx.Client(
                base_url=f"http://{monitor_load.HOST}:{port}", headers={"authorization": f"Bearer {planner}"},
                trust_env=False, timeout=60,
            ) as client,
        ):  # fmt: skip
            cold = _ask(client, seed=1)
            warm = [_ask(client, seed=2 + n) for n in range(3 if is_quick else 5)]
    first, final = (statistics.median(row[n] for row in warm) for n in range(2))
    print(f"\na forecast of 24 h with {len(POLICIES)} policies, over HTTP          first part s       final s")
    for name, row in (("worker not started yet", cold), (f"worker warm, median of {len(warm)}", (first, final))):
        print(f"  {name:<50}{row[0]:>13.2f} {row[1]:>13.2f}")
    return [
        Target("forecast, first part", "within 2 s", f"{first:.1f} s", first <= 2),
        Target("forecast with 4 policies, all of it", "within 10 s", f"{final:.1f} s", final <= 10),
    ]


def _filled(settings: Settings) -> str:
    """Return a planner's key of a store in which the simulated border has reported for some days up to now."""
    now, loaded = datetime.now(UTC), load_border()
    feeds = load_feeds(loaded.border)
    feed = simulate_feed(loaded, feeds, "july_2025", (now - timedelta(days=DAYS)).date(), DAYS + 1, seed=3)
    core = start_core(settings, now)
    told = [Submitted.of(found, sending.at) for sending in feed.sendings
            if sending.at <= now and isinstance(found := parse_event(sending.event), Observation)]  # fmt: skip
    for n in range(0, len(told), BATCH):
        *_, last = core.writer.submit(told[n : n + BATCH]).result()
    if not core.projector.wait_for(last.seq or 0, 600):
        raise SystemExit("live state does not follow what was taken in.")
    key, _ = core.register.make_key("bench", "planner", None, None, None, "bench", now)
    core.stop(now)
    return key


def _ask(client: httpx.Client, seed: int) -> tuple[float, float]:
    """Return when the first part of a forecast was there, and all of it, since it was asked for [s]."""
    asked = {"seed": seed, "alternatives": [{"policies": [{"policy": name}]} for name in POLICIES]}
    begun, first = time.perf_counter(), None
    answer = client.post("/v1/forecasts", json=asked)
    if answer.status_code != 202:
        raise SystemExit(f"no forecast is made: {answer.text}")
    while True:
        run: dict[str, Any] = client.get(f"/v1/runs/{answer.json()['id']}").raise_for_status().json()
        if first is None and run["progress"].get("headline"):
            first = time.perf_counter() - begun
        if run["ended_at"] is not None:
            break
        time.sleep(0.02)
    if run["state"] != "done":
        raise SystemExit(f"a forecast was not made: {run['reason']}")
    while client.get(answer.headers["location"]).status_code != 200:
        time.sleep(0.02)
    final = time.perf_counter() - begun
    return (final if first is None else first), final


if __name__ == "__main__":
    main()
