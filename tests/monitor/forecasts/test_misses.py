"""The worst misses: which hours they are, the bands they lay outside of, and what was off."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gatewatch.monitor.forecasts.misses import Misses, worst_of
from gatewatch.monitor.store.forecasts import KeptForecast, KeptScore, StoredForecasts
from gatewatch.monitor.web.forecast_words import reason
from tests.monitor.forecasts.conftest import morning
from tests.monitor.stories import CAMERA_IN, CAMERA_OUT, HANOI, PERSON, clock
from tests.monitor.web.sites import Site

vehicles = st.integers(0, 20_000).map(lambda n: n / 10)


def kept(seen: float, band: tuple[float, float, float], horizon_h: int = 1, **more: Any) -> KeptScore:
    """Return a score as it is kept; the loss of a quantile counts what is above it by its level, else by the rest."""
    losses = [(level if seen >= q else level - 1) * (seen - q) for level, q in zip((0.1, 0.5, 0.9), band, strict=True)]
    told = {"forecast": "f1", "gate": "north", "direction": "export", "at": clock("10:00") + horizon_h * HOUR, **more}
    return KeptScore(
        horizon_h=horizon_h, seen=seen, median=band[1], is_inside=band[0] <= seen <= band[2], crps=1.0,
        pinball=tuple(losses), baselines=(None, None), **told,
    )  # fmt: skip


HOUR = timedelta(hours=1)


@given(seen=vehicles, band=st.tuples(vehicles, vehicles, vehicles).map(sorted))
@example(seen=5.0, band=[5.0, 5.0, 5.0])
@example(seen=0.0, band=[0.0, 0.0, 7.5])
def test_the_band_follows_from_the_losses(seen: float, band: list[float]) -> None:
    """Losses are kept and bands are not: each quantile comes back, wherever what was seen lies."""
    score = kept(seen, (band[0], band[1], band[2]))

    assert (score.low, score.high) == (band[0], band[2])
    assert score.outside == pytest.approx(max(0.0, band[0] - seen, seen - band[2]))


def test_one_of_a_day_and_place_the_worst_first() -> None:
    """An afternoon that went wrong misses at every hour ahead: the farthest stands for it; what held is no miss."""
    afternoon = [kept(seen, (20, 30, 40), h) for h, seen in ((1, 41), (2, 60), (3, 55), (4, 30))]
    others = [kept(5, (20, 30, 40), gate="south"), kept(50, (20, 30, 40), 20)]
    found = worst_of([*afternoon, *others], HANOI)

    assert [(each.gate, each.horizon_h, each.outside) for each in found] == [
        ("north", 2, 20), ("south", 1, 15), ("north", 20, 10),
    ]  # fmt: skip
    assert worst_of(afternoon, HANOI, most=0) == []


def test_what_was_off_is_told_in_words(make_site: Callable[..., Site]) -> None:
    """
    Twenty more were inside than was reckoned, thirty came for six, nobody left for sixteen: sixty too many at eleven.

    The other side shut at half past ten, which nobody knew at ten, and the camera of exits was silent.
    """
    story = morning(60).tell(
        "gate.state", clock("10:30"), PERSON, gate="north", side="counterpart", state="shut", until=None
    )
    story.vehicles("arrived", clock("10:00"), clock("11:00"), 30, CAMERA_IN, vehicle_class="general")
    for camera in (CAMERA_IN, CAMERA_OUT):
        story.beats(camera, clock("10:00"), clock("11:15"))
    site = make_site(story)
    site.pass_by(hours=1, minutes=15)
    row = {
        "alternative": "do nothing", "gate": "north", "direction": "export",
        "doubts": ["quality D", f"silent {CAMERA_OUT}"],
        "hours": {"backlog": {"p50": [40, 30]}, "cleared": {"p50": [0, 16]}},
    }  # fmt: skip
    content = gzip.compress(json.dumps({"flows": [row]}).encode())
    forecast = KeptForecast("f1", clock("10:00"), clock("10:00"), True, "service", {"horizon_h": 1}, content)
    score = kept(90, (25, 30, 35))
    site.core.writer.write(lambda c: StoredForecasts.add(c, forecast)).result(60)
    site.core.writer.write(lambda c: StoredForecasts.add_scores(c, [score])).result(60)
    [worst] = site.holder("viewer").get("/v1/forecasts/skill").json()["worst"]
    site.core.writer.write(lambda c: StoredForecasts.thin(c, site.now)).result(60)
    core = site.core
    [forgotten] = Misses(core.border, core.feeds, core.projector, core.forecasts).worst(site.now, 30)

    assert {key: worst[key] for key in ("gate", "measure", "horizon_h", "low", "middle", "high", "seen", "unit")} == {
        "gate": "north", "measure": "backlog", "horizon_h": 1, "low": 25, "middle": 30, "high": 35, "seen": 90,
        "unit": "veh",
    }  # fmt: skip
    assert worst["reason"]["en"] == (
        "Both sides were open 0.5 h less than was known when it was made. "
        "30 vehicles arrived, more than expected (6). "
        "At the start 60 vehicles were inside by what is known now; 40 were reckoned then. "
        "0 vehicles left, fewer than expected (16). "
        "When it was made: the backlog was of quality D, the source camera/out was silent."
    )
    assert "Hai bên cùng mở cửa ít hơn 0,5 giờ" in worst["reason"]["vi"]
    assert worst["reason"]["zh"] == (
        "双方同时开放的时间比预测时所知少 0.5 小时。到达 30 辆车，多于预期（6 辆）。"
        "据现有数据，起始时场内有 60 辆车；当时按 40 辆计算。离开 0 辆车，少于预期（16 辆）。"
        "预测时：滞留车辆数质量为 D 级，数据源 camera/out 无信号。"
    )
    assert "kept no longer" in reason(forgotten)["en"]
    assert "不再保存" in reason(forgotten)["zh"]
