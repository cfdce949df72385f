"""Readings of replications put together: bands by the hour, chances, and differences between what may be decided."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from gatewatch.config.loader import fingerprint
from gatewatch.simulator.forecasting.baselines import naive
from gatewatch.simulator.forecasting.border_now import Base
from gatewatch.simulator.forecasting.hours import changed_hours
from gatewatch.simulator.forecasting.now import Band, FlowNow, Now
from gatewatch.simulator.forecasting.readings import Grid, Reading, places_of
from gatewatch.simulator.network import NONE, Network
from gatewatch.simulator.scenario import Plan
from gatewatch.simulator.streams import BIT_GENERATOR

Floats = NDArray[np.float64]

LEVELS: Final = tuple(round(0.05 * n, 2) for n in range(1, 20))  # of what scores are worked out from
BAND_LEVELS: Final = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
CONFIDENCE: Final = 0.95
WIDE: Final = 0.5  # half a band over its value, from which on a backlog is said to be uncertain
_LIBRARIES: Final = ("numpy", "scipy", "numba")


class Alternative(Protocol):
    """What is told of what may be decided."""

    @property
    def name(self) -> str:
        """How it was asked for."""
        ...

    @property
    def plan(self) -> Plan:
        """What was run."""
        ...

    @property
    def network(self) -> Network:
        """The same, laid out in time."""
        ...

    @property
    def grid(self) -> Grid:
        """When it was looked at."""
        ...


@dataclass(frozen=True, slots=True)
class Forecast:
    """
    What is to be expected, as plain values.

    Args:
        at: Now, aware UTC.
        is_final: Whether all replications wanted are in.
        manifest: What makes it repeatable.
        flows: By alternative and direction of a gate: bands by the hour, at the close, of the vehicle that joins now.
        yards: By alternative and yard: bands by the hour, and the chance that it is full before the close.
        differences: Each alternative less doing nothing, on the same luck.
        skipped: Directions that no forecast is made of, with the reason.
        hours: Days on which an alternative has other opening hours than doing nothing.
    """

    at: datetime
    is_final: bool
    manifest: dict[str, Any]
    flows: list[dict[str, Any]]
    yards: list[dict[str, Any]]
    differences: list[dict[str, Any]]
    skipped: list[dict[str, Any]]
    hours: list[dict[str, Any]]

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {
            "at": self.at.isoformat(),
            "is_final": self.is_final,
            "manifest": self.manifest,
            "flows": self.flows,
            "yards": self.yards,
            "differences": self.differences,
            "skipped": self.skipped,
            "hours": self.hours,
        }

    def to_json(self) -> str:
        """Return it as one text: the same manifest gives the same bytes."""
        return json.dumps(self.as_dict(), ensure_ascii=False, separators=(",", ":"), sort_keys=True)

    def flow(self, gate: str, direction: str, alternative: str = "do nothing") -> dict[str, Any]:
        """Return what is told of a gate and direction; raises KeyError when nothing is."""
        for row in self.flows:
            if (row["alternative"], row["gate"], row["direction"]) == (alternative, gate, direction):
                return row
        raise KeyError((alternative, gate, direction))


def put_together(
    now: Now,
    base: Base,
    alternatives: Sequence[Alternative],
    done: Sequence[Sequence[Reading]],
    wanted: int,
    seed: int,
    engine: str,
    horizon_h: int,
    *,
    is_final: bool,
) -> Forecast:
    """
    Return the forecast of some replications.

    Args:
        now: What was known.
        base: What the forecast was made of.
        alternatives: What may be decided; the first is doing nothing.
        done: By replication, the reading of each alternative.
        wanted: Replications that were asked for.
        seed: Root seed.
        engine: Name of the engine.
        horizon_h: How far it looks [h].
        is_final: Whether that is all of them.
    """
    told = {flow.place: flow for flow in now.flows if refusal(flow) is None}
    flows, yards = [], []
    for n, alternative in enumerate(alternatives):
        mine = [readings[n] for readings in done]
        places = places_of(alternative.network, alternative.grid.close_us.tolist())
        for number, group in enumerate(alternative.network.groups):
            flow = told.get((group.gate, group.direction))
            if flow is not None:
                row = _flow_row(alternative, number, flow, mine, places[number])
                row["arrivals_from"] = "history" if flow.place in base.usual else "scenario"
                flows.append(row)
        yards += list(_yard_rows(alternative, mine, {gate for gate, _ in told}))
    return Forecast(
        at=now.at,
        is_final=is_final,
        manifest=_manifest(now, alternatives, len(done), wanted, seed, engine, horizon_h),
        flows=flows,
        yards=yards,
        differences=_differences(alternatives, done, set(told)),
        skipped=[
            {"gate": flow.gate, "direction": flow.direction, "reason": reason}
            for flow in now.flows
            if (reason := refusal(flow)) is not None
        ],
        hours=[
            row
            for each in alternatives[1:]
            for row in changed_hours(
                each.name, alternatives[0].plan, each.plan, now.at, now.at + timedelta(hours=horizon_h)
            )
        ],
    )


def refusal(flow: FlowNow) -> str | None:
    """Return why no forecast is made of a gate and direction; None where one is."""
    if flow.backlog is None and not flow.vehicles:
        return "backlog_unknown"
    return None


def doubts(flow: FlowNow) -> list[str]:
    """Return why a forecast is wide, as codes: of the data, not of the future."""
    found = list(flow.notes)
    if flow.quality == "D":
        found.append("quality D")
    if flow.backlog is not None and _is_wide(flow.backlog):
        found.append("wide backlog")
    if flow.arrived is None:
        found.append("no arrivals counted")
    return found


def _is_wide(band: Band) -> bool:
    return band.high - band.value > max(WIDE * band.value, 20.0)


def _flow_row(
    alternative: Alternative, number: int, flow: FlowNow, mine: Sequence[Reading], places: int | None
) -> dict[str, Any]:
    grid, clock = alternative.grid, alternative.network.clock
    at_close = _of(mine, lambda r: r.at_close[number])
    in_want = _of(mine, lambda r: r.in_want[number])
    backlog = np.array([r.backlog[number] for r in mine], dtype=float)
    hours: dict[str, Any] = {
        "at": [clock.instant(int(at)).isoformat() for at in grid.at_us],
        "backlog": _bands(backlog),
        "queue": _bands(np.array([r.queue[number] for r in mine], dtype=float)),
        "cleared": _bands(np.array([r.cleared[number] for r in mine], dtype=float)),
    }
    hours["wait_s"], hours["crossing_s"] = (_times_by_hour(mine, number, len(grid.at_us) - 1, key) for key in _TIMES)
    persistence, last_week = naive(flow, len(grid.at_us))
    return {
        "alternative": alternative.name,
        "gate": flow.gate,
        "direction": flow.direction,
        "baselines": {"persistence": persistence, "last_week": last_week},
        "quality": flow.quality,
        "doubts": doubts(flow),
        "hours": hours,
        "backlog_levels": [[_count(x) for x in row] for row in np.quantile(backlog, LEVELS, axis=0).T],
        "close": {
            "at": clock.instant(int(grid.close_us[number])).isoformat(),
            "is_today": grid.is_today[number],
            "never_closes": not grid.has_close[number],
            "backlog": _band(at_close),
            "backlog_levels": [_count(x) for x in np.quantile(at_close, LEVELS)],
            "stands": _band(in_want),
            "places": places,
            "p_over_places": None if places is None else _share(in_want > places),
            "left": _band(_of(mine, lambda r: r.left[number])),
            "left_levels": [_count(x) for x in np.quantile(_of(mine, lambda r: r.left[number]), LEVELS)],
        },
        "opening": {
            "at": clock.instant(int(grid.opens_us[number])).isoformat(),
            "backlog": _band(_of(mine, lambda r: r.at_opening[number])),
        },
        "p_cleared_today": _share(_of(mine, lambda r: r.left_today[number]) == 0),
        "time_to_clear_s": _times(_of(mine, lambda r: r.cleared_all_s[number])),
        "joining": _joining(alternative, number, mine),
    }


_TIMES: Final = ("wait_s", "crossing_s")


def _joining(alternative: Alternative, number: int, mine: Sequence[Reading]) -> dict[str, Any]:
    """Return what the vehicle that joins now has before it; the turned back count neither as crossed nor as waiting."""
    clock = alternative.network.clock
    midnight_s = (min(at for at in clock.day_starts_us() if at > clock.begin_us) - clock.begin_us) / 1e6
    stays = ~np.array([bool(r.joining_gone[number]) for r in mine])
    wait = _of(mine, lambda r: r.joining_wait_s[number])[stays]
    crossing = _of(mine, lambda r: r.joining_s[number])[stays]
    if not stays.any():
        return {"wait_s": None, "crossing_s": None, "sample_wait_s": [], "p_not_today": None, "p_turned_back": 1.0}
    return {
        "wait_s": _times(wait),
        "crossing_s": _times(crossing),
        "sample_wait_s": [None if np.isinf(x) else round(x, 1) for x in np.sort(wait).tolist()],
        "p_not_today": _share(crossing > midnight_s),
        "p_turned_back": _share(~stays),
    }


def _yard_rows(alternative: Alternative, mine: Sequence[Reading], gates: set[str]) -> list[dict[str, Any]]:
    rows = []
    for number, node in enumerate(alternative.network.yards):
        if node.gate not in gates:
            continue
        close = max(
            (
                int(alternative.grid.close_us[k])
                for k, group in enumerate(alternative.network.groups)
                if group.gate == node.gate
            ),
            default=alternative.network.clock.end_us,
        )
        places = node.places_by_date.at(close)
        most = _of(mine, lambda r, n=number: r.most_fill[n])  # type: ignore[misc]
        rows.append(
            {
                "alternative": alternative.name,
                "gate": node.gate,
                "yard": node.name,
                "kind": node.kind,
                "places": None if places == NONE else places,
                "fill": _bands(np.array([r.fill[number] for r in mine], dtype=float)),
                "most": _band(most),
                "p_full": None if places == NONE else _share(most >= places),
            }
        )
    return rows


def _differences(
    alternatives: Sequence[Alternative], done: Sequence[Sequence[Reading]], told: set[tuple[str, str]]
) -> list[dict[str, Any]]:
    """Return each alternative less doing nothing; both are looked at when the gate would close if nothing were done."""
    rows = []
    numbers = {(g.gate, g.direction): n for n, g in enumerate(alternatives[0].network.groups)}
    for n, alternative in enumerate(alternatives[1:], start=1):
        for other, group in enumerate(alternative.network.groups):
            place = (group.gate, group.direction)
            if place not in told or place not in numbers:
                continue
            number = numbers[place]
            for what, read in _COMPARED.items():
                pairs = np.array([read(r[n], other) - read(r[0], number) for r in done], dtype=float)
                rows.append(
                    {
                        "alternative": alternative.name,
                        "gate": group.gate,
                        "direction": group.direction,
                        "what": what,
                        "unit": "veh",
                        **_difference(pairs),
                    }
                )
    return rows


_COMPARED: Final[dict[str, Callable[[Reading, int], float]]] = {
    "backlog_at_close": lambda r, n: float(r.at_close[n]),
    "backlog_at_opening": lambda r, n: float(r.at_opening[n]),
    "backlog_at_horizon": lambda r, n: float(r.backlog[n, -1]),
    "cleared_by_horizon": lambda r, n: float(r.cleared[n, -1]),
}


def _difference(pairs: Floats) -> dict[str, Any]:
    """Return mean and Student's interval of paired differences; it is clear when the interval leaves zero out."""
    n, mean = len(pairs), float(pairs.mean())
    spread = float(pairs.std(ddof=1)) if n > 1 else float("inf")
    if spread == 0.0:
        return {"mean": _figure(mean), "low": _figure(mean), "high": _figure(mean), "is_clear": mean != 0.0}
    if n < 2:
        return {"mean": _figure(mean), "low": None, "high": None, "is_clear": False}
    half = float(stats.t.ppf((1 + CONFIDENCE) / 2, n - 1)) * spread / n**0.5
    low, high = mean - half, mean + half
    return {"mean": _figure(mean), "low": _figure(low), "high": _figure(high), "is_clear": low > 0 or high < 0}


def _manifest(
    now: Now, alternatives: Sequence[Alternative], n_done: int, wanted: int, seed: int, engine: str, horizon_h: int
) -> dict[str, Any]:
    plan = alternatives[0].plan
    return {
        "gatewatch": version("gatewatch"),
        "at": now.at.isoformat(),
        "rev": now.rev,
        "now_sha256": now.sha256,
        "border_sha256": plan.loaded.sha256,
        "alternatives": {each.name: list(each.plan.policies) for each in alternatives},
        "plans_sha256": fingerprint([each.plan.loaded.sha256 for each in alternatives]),
        "scenario": plan.name,
        "horizon_h": horizon_h,
        "replications": n_done,
        "replications_wanted": wanted,
        "seed": seed,
        "engine": engine,
        "bit_generator": BIT_GENERATOR,
        "levels": list(LEVELS),
        "confidence": CONFIDENCE,
        "versions": {name: version(name) for name in _LIBRARIES},
    }


def _of(mine: Sequence[Reading], read: Callable[[Reading], Any]) -> Floats:
    return np.array([float(read(reading)) for reading in mine])


def _bands(values: Floats) -> dict[str, list[float]]:
    """Return the band at each look of values of shape (replications, looks) [veh]."""
    found = np.quantile(values, list(BAND_LEVELS.values()), axis=0)
    return {name: [_count(x) for x in row] for name, row in zip(BAND_LEVELS, found, strict=True)}


def _band(values: Floats) -> dict[str, float]:
    return {name: _count(float(np.quantile(values, level))) for name, level in BAND_LEVELS.items()}


def _times(seconds: Floats) -> dict[str, float | None]:
    """Return percentiles of times of which some may lie beyond the run, and the share that does."""
    found: dict[str, float | None] = {}
    ordered, n = np.sort(seconds), len(seconds)
    for name, level in BAND_LEVELS.items():
        value = float(ordered[max(0, math.ceil(n * level - 1))])  # the quantile that is one of them: none lies between
        found[name] = None if np.isinf(value) else round(value)
    found["beyond"] = _share(np.isinf(seconds))
    return found


def _times_by_hour(mine: Sequence[Reading], number: int, n_hours: int, key: str) -> dict[str, list[float | None]]:
    """Return percentiles of the times of vehicles that arrive within each hour ahead; None for none, or beyond."""
    hour = np.concatenate([r.wait_hour[r.wait_group == number] for r in mine])
    seconds = np.concatenate([getattr(r, key)[r.wait_group == number] for r in mine])
    found: dict[str, list[float | None]] = {name: [] for name in BAND_LEVELS}
    for n in range(n_hours):
        those = seconds[hour == n]
        row = _times(those) if len(those) else dict.fromkeys(BAND_LEVELS)
        for name in BAND_LEVELS:
            found[name].append(row[name])
    return found


def _share(is_so: NDArray[np.bool_]) -> float:
    return round(float(np.mean(is_so)), 4)


def _count(value: float) -> float:
    return round(float(value), 1)


def _figure(value: float) -> float:
    return round(value, 3)
