"""Decisions on forecasts: what was seen, what was decided, the hours it puts into the live calendar, what happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import structlog

from gatewatch.monitor.forecasts.forecasts import Forecasts
from gatewatch.monitor.store.forecasts import Consent, Decision, KeptForecast, StoredForecasts
from gatewatch.monitor.writer import Writer

DO_NOTHING: Final = "do nothing"
_LATE: Final = timedelta(minutes=30)  # what is reported late belongs to what happened
_KEEP_S: Final = 60.0

_log: Final = structlog.get_logger(__name__)


class NotDecidedError(Exception):
    """A decision cannot be taken so; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Adopted:
    """
    What a decision comes to before it is kept.

    Args:
        policies: Kind and settings of each policy.
        applied: Hours to be put into the live calendar: gate, side, direction, day, opens, closes.
        waiting: Hours of the counterpart that are not put in before it has consented.
        foretold: What the forecast said, by gate and direction: of it and of doing nothing.
        due_at: When it can be told what happened.
    """

    policies: tuple[str, ...]
    applied: tuple[Mapping[str, Any], ...]
    waiting: tuple[Mapping[str, Any], ...]
    foretold: Mapping[str, Any]
    due_at: datetime


def adopt(forecast: Mapping[str, Any], alternative: str, consent: Consent) -> Adopted:
    """
    Return what deciding for an alternative of a forecast comes to.

    Args:
        forecast: The forecast that was seen.
        alternative: As it names it; `do nothing` is a decision too.
        consent: Of the Chinese side.

    Raises:
        NotDecidedError: There is no such alternative, or it moves the other side's hours without its consent.
    """
    known = forecast["manifest"]["alternatives"]
    if alternative not in known:
        raise NotDecidedError(f'the forecast has no alternative "{alternative}"; it has {", ".join(known)}.')
    hours = [row for row in forecast["hours"] if row["alternative"] == alternative]
    theirs = [row for row in hours if row["side"] == "counterpart"]
    if theirs and consent in ("no", "not_needed"):
        raise NotDecidedError(
            f'"{alternative}" moves the hours of the Chinese side, which has not consented; wait for its word and say '
            "yes or asked, or forecast an alternative with with_counterpart = false."
        )
    untold = [row for row in hours if not row["is_simple"]]
    if untold:
        row = untold[0]
        raise NotDecidedError(
            f'"{alternative}" changes hours within the day ({row["gate"]}, {row["day"]}), which a report of hours '
            "cannot say; report them as closures with POST /v1/gates/state, or choose an alternative that moves the "
            "opening or the closing."
        )
    places = _places(forecast, alternative)
    foretold = {
        "at": forecast["at"],
        "flows": [
            {"gate": gate, "direction": direction, "alternative": mine, "do_nothing": nothing}
            for (gate, direction), (mine, nothing) in places.items()
        ],
    }
    closes = [datetime.fromisoformat(mine["at"]) for mine, _ in places.values()]
    return Adopted(
        policies=tuple(known[alternative]),
        applied=tuple(_hours(row) for row in hours if row["side"] == "own" or consent == "yes"),
        waiting=tuple(_hours(row) for row in theirs if consent == "asked"),
        foretold=foretold,
        due_at=max(closes, default=datetime.fromisoformat(forecast["at"])) + _LATE,
    )


def _hours(row: Mapping[str, Any]) -> dict[str, Any]:
    found = {key: row[key] for key in ("gate", "side", "direction", "day", "opens", "closes")}
    return {key: value for key, value in found.items() if value is not None}


def _places(
    forecast: Mapping[str, Any], alternative: str
) -> dict[tuple[str, str], tuple[dict[str, Any], dict[str, Any]]]:
    """Return what is foretold at the close, of the alternative and of doing nothing, where the two differ."""
    closes: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in forecast["flows"]:
        told = {key: row["close"][key] for key in ("at", "backlog", "p_over_places", "places")}
        closes[row["alternative"], row["gate"], row["direction"]] = told
    found = {}
    for (name, gate, direction), mine in closes.items():
        nothing = closes.get((DO_NOTHING, gate, direction))
        if name == alternative and nothing is not None and (alternative == DO_NOTHING or mine != nothing):
            found[gate, direction] = (mine, nothing)
    return found


def _set_outcome(decision_id: str, outcome: Mapping[str, Any], connection: Any) -> None:
    StoredForecasts.set_outcome(connection, decision_id, outcome)


class Decisions:
    """
    Keeps decisions and tells afterwards what happened.

    Args:
        forecasts: Knows what was seen.
        writer: Keeps them.
    """

    def __init__(self, forecasts: Forecasts, writer: Writer) -> None:
        self._forecasts, self._writer = forecasts, writer

    @property
    def stored(self) -> StoredForecasts:
        """Where they are kept."""
        return self._forecasts.stored

    def find_forecast(self, forecast_id: str) -> KeptForecast | None:
        """Return a forecast, or None."""
        return self.stored.find(forecast_id)

    def keep(self, decision: Decision) -> None:
        """
        Keep a decision.

        Raises:
            StoreError: It could not be kept.
        """
        self._writer.write(lambda c: StoredForecasts.add_decision(c, decision)).result(_KEEP_S)

    def look(self, now: datetime) -> None:
        """Tell what happened after each decision of which it can be told by now."""
        for decision in self.stored.due(now):
            outcome = self._outcome(decision, now)
            self._writer.write(partial(_set_outcome, decision.id, outcome)).result(_KEEP_S)
            _log.info("outcome of a decision", decision=decision.id, alternative=decision.alternative)

    def _outcome(self, decision: Decision, now: datetime) -> dict[str, Any]:
        """Return the backlog seen at the close of each place, and whether it lay in the band that was foretold."""
        rows = []
        instants = {
            (row["gate"], row["direction"]): [datetime.fromisoformat(row["alternative"]["at"])]
            for row in decision.foretold["flows"]
        }
        seen = self._forecasts.seen(instants, now)
        for row in decision.foretold["flows"]:
            [value] = seen.get((row["gate"], row["direction"]), [None])
            band = row["alternative"]["backlog"]
            rows.append(
                {
                    "gate": row["gate"],
                    "direction": row["direction"],
                    "at": row["alternative"]["at"],
                    "backlog": value,
                    "is_inside": None if value is None else band["p10"] <= value <= band["p90"],
                    "is_over_places": (
                        None if value is None or row["alternative"]["places"] is None
                        else value > row["alternative"]["places"]
                    ),
                }
            )  # fmt: skip
        return {"told_at": now.isoformat(), "flows": rows}
