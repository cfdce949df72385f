"""Forecasts as they were made, how good they turned out, and what was decided on them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from gatewatch.monitor.observations import from_us, to_us
from gatewatch.monitor.store.engine import Store
from gatewatch.monitor.store.forecast_tables import decision, forecast, forecast_score
from gatewatch.monitor.store.runs import canonical

Consent = Literal["yes", "asked", "no", "not_needed"]
_ALL: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class KeptForecast:
    """
    A forecast.

    Args:
        id: Its id, which is that of its run.
        at: The instant it starts from, aware UTC.
        made_at: Aware UTC.
        is_scheduled: Whether the service made it by the clock.
        asked_by: Account or key.
        manifest: What makes it repeatable.
        content: The forecast as JSON, gzip.
    """

    id: str
    at: datetime
    made_at: datetime
    is_scheduled: bool
    asked_by: str
    manifest: Mapping[str, Any]
    content: bytes

    def read(self) -> dict[str, Any]:
        """Return the forecast."""
        found: dict[str, Any] = json.loads(gzip.decompress(self.content))
        return found


@dataclass(frozen=True, slots=True)
class KeptScore:
    """
    The score of one hour of a forecast.

    Args:
        forecast: Its id.
        gate: Gate.
        direction: Direction.
        horizon_h: How far ahead [h].
        at: The instant that was foretold, aware UTC.
        seen: The backlog that was seen then [veh].
        median: What was expected [veh].
        is_inside: Whether it lay in the band from p10 to p90.
        crps: Of the forecast [veh].
        pinball: At p10, p50 and p90 [veh].
        baselines: Absolute errors [veh]; None where one had nothing to say.
    """

    forecast: str
    gate: str
    direction: str
    horizon_h: int
    at: datetime
    seen: float
    median: float
    is_inside: bool
    crps: float
    pinball: tuple[float, ...]
    baselines: tuple[float | None, ...]

    @property
    def low(self) -> float:
        """The band's lower end, p10, which its loss and what was seen give [veh]."""
        return _quantile(self.seen, self.pinball[0], 0.1, is_below=self.is_inside or self.seen > self.median)

    @property
    def high(self) -> float:
        """The band's upper end, p90 [veh]."""
        return _quantile(self.seen, self.pinball[2], 0.9, is_below=not self.is_inside and self.seen > self.median)

    @property
    def outside(self) -> float:
        """How far what was seen lay outside the band [veh]; 0 inside."""
        return max(0.0, self.low - self.seen, self.seen - self.high)


@dataclass(frozen=True, slots=True)
class Decision:
    """
    What was decided.

    Args:
        id: Its id.
        decided_at: Aware UTC.
        decided_by: Account.
        forecast: The forecast that was seen.
        alternative: As the forecast names it.
        policies: Kind and settings of each policy.
        consent: Of the Chinese side.
        note: In words.
        applied: Hours put into the live calendar: gate, side, direction, day, opens, closes.
        foretold: What the forecast said of it and of doing nothing.
        due_at: When it can be told what happened, aware UTC.
        outcome: What happened; None: not yet known.
    """

    id: str
    decided_at: datetime
    decided_by: str
    forecast: str | None
    alternative: str
    policies: tuple[str, ...]
    consent: Consent
    note: str
    applied: tuple[Mapping[str, Any], ...]
    foretold: Mapping[str, Any]
    due_at: datetime
    outcome: Mapping[str, Any] | None = None


class StoredForecasts:
    """Reads and writes the forecasts, scores and decisions of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @staticmethod
    def add(connection: Connection, added: KeptForecast) -> None:
        """Keep a forecast."""
        connection.execute(
            insert(forecast).values(
                id=added.id,
                at_us=to_us(added.at),
                made_us=to_us(added.made_at),
                is_scheduled=added.is_scheduled,
                asked_by=added.asked_by,
                manifest=canonical(added.manifest),
                content=added.content,
            )
        )

    @staticmethod
    def thin(connection: Connection, before: datetime) -> int:
        """Forget forecasts from before a time that no decision rests on, and return how many; scores stay."""
        decided = select(decision.c.forecast).where(decision.c.forecast.is_not(None))
        old = delete(forecast).where(forecast.c.at_us < to_us(before), forecast.c.id.not_in(decided))
        return connection.execute(old).rowcount

    @staticmethod
    def add_scores(connection: Connection, scores: Iterable[KeptScore]) -> None:
        """Keep scores; those that are there already stay."""
        for each in scores:
            key = (
                forecast_score.c.forecast == each.forecast,
                forecast_score.c.gate == each.gate,
                forecast_score.c.direction == each.direction,
                forecast_score.c.horizon_h == each.horizon_h,
            )
            if connection.execute(select(forecast_score.c.at_us).where(*key)).first() is not None:
                continue
            connection.execute(
                insert(forecast_score).values(
                    forecast=each.forecast,
                    gate=each.gate,
                    direction=each.direction,
                    horizon_h=each.horizon_h,
                    at_us=to_us(each.at),
                    seen=each.seen,
                    median=each.median,
                    is_inside=each.is_inside,
                    crps=each.crps,
                    pinball=json.dumps(each.pinball),
                    baselines=json.dumps(each.baselines),
                )
            )

    @staticmethod
    def add_decision(connection: Connection, added: Decision) -> None:
        """Keep a decision."""
        connection.execute(
            insert(decision).values(
                id=added.id,
                decided_us=to_us(added.decided_at),
                decided_by=added.decided_by,
                forecast=added.forecast,
                alternative=added.alternative,
                policies=json.dumps(added.policies),
                consent=added.consent,
                note=added.note,
                applied=canonical([dict(entry) for entry in added.applied]),
                foretold=canonical(added.foretold),
                due_us=to_us(added.due_at),
                outcome=None if added.outcome is None else canonical(added.outcome),
            )
        )

    @staticmethod
    def set_outcome(connection: Connection, decision_id: str, outcome: Mapping[str, Any]) -> None:
        """Keep what happened after a decision."""
        connection.execute(update(decision).where(decision.c.id == decision_id).values(outcome=canonical(outcome)))

    def find(self, forecast_id: str) -> KeptForecast | None:
        """Return a forecast, or None."""
        row = self._store.find_row(select(forecast).where(forecast.c.id == forecast_id))
        return None if row is None else _forecast(row)

    def latest(self, limit: int, *, is_scheduled: bool | None = None) -> list[KeptForecast]:
        """Return the forecasts of the latest instants, newest first."""
        query = select(forecast).order_by(forecast.c.at_us.desc(), forecast.c.id).limit(limit)
        if is_scheduled is not None:
            query = query.where(forecast.c.is_scheduled == is_scheduled)
        return [_forecast(row) for row in self._store.rows(query)]

    def first_at(self) -> datetime | None:
        """Return the instant that the first scheduled forecast kept starts from; None: there is none."""
        query = select(func.min(forecast.c.at_us)).where(forecast.c.is_scheduled)
        with self._store.reading() as connection:
            at_us = connection.execute(query).scalar_one()
        return None if at_us is None else from_us(at_us)

    def unscored(self, begins: datetime, ends: datetime) -> list[KeptForecast]:
        """Return the scheduled forecasts of instants within [begins, ends) that have no score, oldest first."""
        scored = select(forecast_score.c.at_us).where(forecast_score.c.forecast == forecast.c.id)
        query = (
            select(forecast)
            .where(
                forecast.c.is_scheduled,
                forecast.c.at_us >= to_us(begins),
                forecast.c.at_us < to_us(ends),
                ~scored.exists(),
            )
            .order_by(forecast.c.at_us, forecast.c.id)
        )
        return [_forecast(row) for row in self._store.rows(query)]

    def n_scores(self) -> int:
        """Return how many scores are kept."""
        with self._store.reading() as connection:
            return int(connection.execute(select(func.count()).select_from(forecast_score)).scalar_one())

    def scores(self, begins: datetime, ends: datetime) -> list[KeptScore]:
        """Return the scores of instants within [begins, ends), in order."""
        kept = forecast_score.c
        query = (
            select(forecast_score)
            .where(kept.at_us >= to_us(begins), kept.at_us < to_us(ends))
            .order_by(kept.at_us, kept.forecast, kept.gate, kept.direction)
        )
        return [_score(row) for row in self._store.rows(query)]

    def decisions(self, limit: int = _ALL) -> list[Decision]:
        """Return the decisions, the newest first."""
        query = select(decision).order_by(decision.c.decided_us.desc(), decision.c.id).limit(limit)
        return [_decision(row) for row in self._store.rows(query)]

    def decided(self, begins: datetime, ends: datetime) -> list[Decision]:
        """Return the decisions of [begins, ends), in their order."""
        kept = decision.c.decided_us
        query = select(decision).where(kept >= to_us(begins), kept < to_us(ends)).order_by(kept, decision.c.id)
        return [_decision(row) for row in self._store.rows(query)]

    def find_decision(self, decision_id: str) -> Decision | None:
        """Return a decision, or None."""
        row = self._store.find_row(select(decision).where(decision.c.id == decision_id))
        return None if row is None else _decision(row)

    def due(self, now: datetime) -> Sequence[Decision]:
        """Return the decisions of which it can be told by now what happened, and is not yet."""
        query = select(decision).where(decision.c.outcome.is_(None), decision.c.due_us <= to_us(now))
        return [_decision(row) for row in self._store.rows(query.order_by(decision.c.due_us))]


def _quantile(seen: float, loss: float, level: float, *, is_below: bool) -> float:
    """Return a quantile from its pinball loss: what was seen above it counts `level`, what below it the rest [veh]."""
    return round(seen - loss / level if is_below else seen + loss / (1 - level), 1)


def _forecast(row: Row[Any]) -> KeptForecast:
    return KeptForecast(
        id=row.id,
        at=from_us(row.at_us),
        made_at=from_us(row.made_us),
        is_scheduled=bool(row.is_scheduled),
        asked_by=row.asked_by,
        manifest=json.loads(row.manifest),
        content=bytes(row.content),
    )


def _score(row: Row[Any]) -> KeptScore:
    return KeptScore(
        forecast=row.forecast, gate=row.gate, direction=row.direction, horizon_h=row.horizon_h, at=from_us(row.at_us),
        seen=row.seen, median=row.median, is_inside=bool(row.is_inside), crps=row.crps,
        pinball=tuple(json.loads(row.pinball)), baselines=tuple(json.loads(row.baselines)),
    )  # fmt: skip


def _decision(row: Row[Any]) -> Decision:
    return Decision(
        id=row.id,
        decided_at=from_us(row.decided_us),
        decided_by=row.decided_by,
        forecast=row.forecast,
        alternative=row.alternative,
        policies=tuple(json.loads(row.policies)),
        consent=row.consent,
        note=row.note,
        applied=tuple(json.loads(row.applied)),
        foretold=json.loads(row.foretold),
        due_at=from_us(row.due_us),
        outcome=None if row.outcome is None else json.loads(row.outcome),
    )
