"""Small borders in one file, and what is known of them at one instant."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gatewatch.config.loader import LoadedBorder, load_border
from gatewatch.simulator.forecasting import FlowNow, Forecast, Now, forecast

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
MONDAY_17 = datetime(2025, 7, 7, 17, 0, tzinfo=HANOI)

BORDER = """
[calendars.day]
hours = [{{ open = ["08:00-18:00"] }}]
[gates.a]
calendar = "day"
[gates.a.counterpart]
calendar = "day"
[gates.a.stations.booth]
servers = {servers}
closing_rule = "{closing_rule}"
opens_with = "both"
[gates.a.export.stages.booth]
service = {service}
[demand.few.flows.a]
gate = "a"
direction = "export"
[demand.few.flows.a.arrivals]
kind = "poisson"
per_day = {per_day}
[scenarios.test]
start = 2025-07-07
days = 1
demand = "few"
"""

MakeBorder = Callable[..., LoadedBorder]


@pytest.fixture
def make_border(tmp_path: Path) -> MakeBorder:
    """Return a builder of a border of one gate with one booth, open from eight to six."""

    def make(
        service: str, servers: int = 1, closing_rule: str = "finish", per_day: float = 0.0, more: str = ""
    ) -> LoadedBorder:
        file = tmp_path / "border.toml"
        text = BORDER.format(service=service, servers=servers, closing_rule=closing_rule, per_day=per_day)
        file.write_text(text + more, encoding="utf-8")
        return load_border(file)

    return make


def now_of(*vehicles: Any, at: datetime = MONDAY_17, **known: Any) -> Now:
    """Return what is known of gate a's exports: vehicles one by one, or what else is given."""
    elsewhere = {key: known.pop(key) for key in ("hours", "on_duty") if key in known}
    return Now(at=at, flows=(FlowNow(gate="a", direction="export", vehicles=vehicles, **known),), **elsewhere)


def foretell(now: Now, border: LoadedBorder, *policies: str, **settings: Any) -> Forecast:
    """Return a forecast by the demand of the small border."""
    return forecast(now, border, policies, scenario="test", **settings)
