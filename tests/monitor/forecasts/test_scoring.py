"""The scoring of forecasts whose last hour is over: what nothing was seen of holds nothing else up."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from gatewatch.monitor.forecasts import SkillBook, skill
from gatewatch.monitor.store.forecasts import KeptForecast, KeptScore

HOUR = timedelta(hours=1)
FIRST = datetime(2026, 1, 15, tzinfo=UTC)
PLACE = ("huu_nghi", "export")
FLOW = {
    "gate": PLACE[0], "direction": PLACE[1], "hours": [0, 1], "backlog_levels": [[1.0], [2.0]], "baselines": {},
    "alternative": "do nothing",
}  # fmt: skip


def kept(n: int) -> KeptForecast:
    """Return the forecast of an hour."""
    content = gzip.compress(json.dumps({"flows": [FLOW]}).encode())
    return KeptForecast(f"f{n:02}", FIRST + n * HOUR, FIRST + n * HOUR, True, "service", {"horizon_h": 1}, content)


class Arithmetic:
    """Stands in for a worker: one score for a row of which something was seen."""

    def __init__(self, _pool: object, _kind: str, request: Mapping[str, Any]) -> None:
        self._rows = request["rows"]

    def answer(self, _within_s: float) -> dict[str, Any]:
        """Return what a worker returns."""
        score = {
            "gate": PLACE[0], "direction": PLACE[1], "horizon_h": 1, "median": 2.0, "is_inside": True, "crps": 0.5,
            "pinball": [0.1, 0.2, 0.1], "baselines": [None, None],
        }  # fmt: skip
        return {"scores": [[score | {"seen": row["seen"][1]}] if row["seen"][1] else [] for row in self._rows]}


def test_a_day_that_nobody_saw_holds_no_later_forecast_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Feeds are silent for 30 hours, more than one task takes; the forecasts of the six hours after are scored."""
    unscored, written = [kept(n) for n in range(36)], list[KeptScore]()

    def seen(instants: Mapping[Any, Sequence[datetime]], _now: datetime) -> dict[Any, list[float | None]]:
        return {PLACE: [2.0 if at > FIRST + 30 * HOUR else None for at in instants[PLACE]]}

    def write(work: partial[None]) -> Future[None]:
        written.extend(work.args[0])
        done: Future[None] = Future()
        done.set_result(None)
        return done

    monkeypatch.setattr(skill, "Question", Arithmetic)
    forecasts = SimpleNamespace(stored=SimpleNamespace(unscored=lambda *_: unscored), seen=seen)
    book = SkillBook(forecasts, None, SimpleNamespace(write=write))  # type: ignore[arg-type]
    n = book.score(FIRST + 36 * HOUR)

    assert n == 6
    assert [score.forecast for score in written] == ["f30", "f31", "f32", "f33", "f34", "f35"]
