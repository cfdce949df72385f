"""How good the forecasts were: a job that scores what is over, and sums by place and horizon."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from statistics import fmean
from typing import Any, Final, Literal, Protocol

import structlog

from gatewatch.monitor.forecasts.forecasts import Forecasts
from gatewatch.monitor.simulations.catalogue import NotKnownYetError, Question
from gatewatch.monitor.simulations.pool import FullError, Pool
from gatewatch.monitor.store.forecasts import KeptForecast, KeptScore, StoredForecasts
from gatewatch.monitor.writer import Writer

Baseline = Literal["persistence", "last_week"]

KIND: Final = "forecast_scores"
BASELINES: Final[tuple[Baseline, ...]] = ("persistence", "last_week")
FEWEST: Final = 20  # scores below which nothing is said against a forecast
DAYS: Final = 30
_BACK: Final = timedelta(days=14)  # a forecast that could not be scored by then never is
_AT_ONCE: Final = 24  # forecasts in one task
_WAIT_S: Final = 600.0
_KEEP_S: Final = 60.0
_HOUR: Final = timedelta(hours=1)

_log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Skill:
    """
    How good the forecasts of one gate, direction and horizon were; None stands for all of them.

    Args:
        gate: Gate.
        direction: Direction.
        horizon_h: How far ahead [h].
        n: Hours of forecasts scored.
        coverage: Share that lay in the band from p10 to p90, which is to be 0.8.
        bias: Mean of expected less seen [veh].
        crps: Mean [veh].
        pinball: Means at p10, p50 and p90 [veh].
        baselines: Mean absolute error of each baseline where it had something to say [veh].
        worse_than: Baselines that were better over the same hours.
    """

    gate: str | None
    direction: str | None
    horizon_h: int | None
    n: int
    coverage: float
    bias: float
    crps: float
    pinball: tuple[float, ...]
    baselines: tuple[float | None, ...]
    worse_than: tuple[Baseline, ...]


class SkillBook:
    """
    Scores forecasts and says how good they were.

    Args:
        forecasts: Makes them, and knows what was seen.
        pool: Does the arithmetic.
        writer: Keeps the scores.
    """

    def __init__(self, forecasts: Forecasts, pool: Pool, writer: Writer) -> None:
        self._forecasts, self._pool, self._writer = forecasts, pool, writer

    def score(self, now: datetime) -> int:
        """
        Score the forecasts made by the clock whose last hour is over, and return how many were.

        Raises:
            FullError: The service stops.
            NotKnownYetError: A worker failed.
        """
        n, due = 0, self._due(self._forecasts.stored.unscored(now - _BACK, now), now)
        for first in range(0, len(due), _AT_ONCE):
            scores = self._scored(due[first : first + _AT_ONCE], now)
            self._writer.write(partial(_add_scores, scores)).result(_KEEP_S)
            n += len({each.forecast for each in scores})  # what nothing was seen of is asked for again the next time
        if n:
            _log.info("forecasts scored", n=n)
        return n

    def look(self, now: datetime) -> None:
        """Score what is over; a fault is logged and made up for the next time."""
        try:
            self.score(now)
        except (FullError, NotKnownYetError) as error:
            _log.warning("forecasts are not scored", reason=str(error))

    def skill(self, now: datetime, days: int = DAYS) -> list[Skill]:
        """Return how good they were over the last days; nothing where none was scored."""
        return summarise(self._forecasts.stored.scores(now - timedelta(days=days), now))

    def _due(self, found: Iterable[KeptForecast], now: datetime) -> list[KeptForecast]:
        return [each for each in found if each.at + int(each.manifest["horizon_h"]) * _HOUR <= now]

    def _scored(self, found: Sequence[KeptForecast], now: datetime) -> list[KeptScore]:
        told = [(each, row) for each in found for row in each.read()["flows"] if row["alternative"] == "do nothing"]
        places = {(row["gate"], row["direction"]) for _, row in told}
        instants = sorted({each.at + n * _HOUR for each in found for n in range(int(each.manifest["horizon_h"]) + 1)})
        seen = self._forecasts.seen(dict.fromkeys(places, instants), now)
        backlog = {place: dict(zip(instants, values, strict=True)) for place, values in seen.items()}
        rows = [
            {
                "flow": {key: row[key] for key in ("gate", "direction", "hours", "backlog_levels", "baselines")},
                "seen": [
                    backlog.get((row["gate"], row["direction"]), {}).get(each.at + n * _HOUR)
                    for n in range(len(row["backlog_levels"]))
                ],
            }
            for each, row in told
        ]
        answer = Question(self._pool, KIND, {"rows": rows}).answer(_WAIT_S)
        return [
            _kept(each, score) for (each, _), scores in zip(told, answer["scores"], strict=True) for score in scores
        ]


def _add_scores(scores: Sequence[KeptScore], connection: Any) -> None:
    StoredForecasts.add_scores(connection, scores)


def _kept(forecast: KeptForecast, score: dict[str, Any]) -> KeptScore:
    return KeptScore(
        forecast=forecast.id,
        gate=score["gate"],
        direction=score["direction"],
        horizon_h=score["horizon_h"],
        at=forecast.at + score["horizon_h"] * _HOUR,
        seen=score["seen"],
        median=score["median"],
        is_inside=score["is_inside"],
        crps=score["crps"],
        pinball=tuple(score["pinball"]),
        baselines=tuple(score["baselines"]),
    )


class Scored(Protocol):
    """What is summed up: a score as it is kept, or as it was found."""

    @property
    def gate(self) -> str:
        """Gate."""
        ...

    @property
    def direction(self) -> str:
        """Direction."""
        ...

    @property
    def horizon_h(self) -> int:
        """How far ahead [h]."""
        ...

    @property
    def seen(self) -> float:
        """The backlog that was seen [veh]."""
        ...

    @property
    def median(self) -> float:
        """What was expected [veh]."""
        ...

    @property
    def is_inside(self) -> bool:
        """Whether it lay in the band from p10 to p90."""
        ...

    @property
    def crps(self) -> float:
        """Of the forecast [veh]."""
        ...

    @property
    def pinball(self) -> tuple[float, ...]:
        """At p10, p50 and p90 [veh]."""
        ...

    @property
    def baselines(self) -> tuple[float | None, ...]:
        """Absolute errors of the baselines [veh]."""
        ...


def summarise(scores: Iterable[Scored]) -> list[Skill]:
    """Return the skill over all scores, by horizon, and by gate, direction and horizon; nothing without scores."""
    groups: dict[tuple[str | None, str | None, int | None], list[Scored]] = {}
    for each in scores:
        for place in ((None, None), (each.gate, each.direction)):
            for horizon in (None, each.horizon_h):
                groups.setdefault((*place, horizon), []).append(each)
    return [_skill(key, groups[key]) for key in sorted(groups, key=_order)]


def _order(key: tuple[str | None, str | None, int | None]) -> tuple[str, str, int]:
    return key[0] or "", key[1] or "", -1 if key[2] is None else key[2]


def _skill(key: tuple[str | None, str | None, int | None], scores: Sequence[Scored]) -> Skill:
    errors: list[float | None] = []
    worse: list[Baseline] = []
    for n, name in enumerate(BASELINES):
        pairs = [(error, each.crps) for each in scores if (error := each.baselines[n]) is not None]
        errors.append(fmean(error for error, _ in pairs) if pairs else None)
        if len(pairs) >= FEWEST and fmean(crps for _, crps in pairs) > fmean(error for error, _ in pairs):
            worse.append(name)
    return Skill(
        *key,
        n=len(scores),
        coverage=fmean(each.is_inside for each in scores),
        bias=fmean(each.median - each.seen for each in scores),
        crps=fmean(each.crps for each in scores),
        pinball=tuple(fmean(each.pinball[k] for each in scores) for k in range(3)),
        baselines=tuple(errors),
        worse_than=tuple(worse),
    )
