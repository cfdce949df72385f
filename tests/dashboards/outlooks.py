"""Forecasts for screens: one made by the clock, scores of others, told the same at every run."""

from __future__ import annotations

import random
import time
from datetime import timedelta

from gatewatch.monitor.store.forecasts import KeptScore, StoredForecasts
from tests.dashboards.sites import LiveSite

LONG_S = 300.0  # the first forecast on a machine compiles the engine


def foretell(site: LiveSite) -> None:
    """Have a forecast made by the clock, and wait until it is kept."""
    site.core.forecasts.look(site.now)
    ends_s = time.monotonic() + LONG_S
    while not site.core.forecasts.outlooks:
        assert time.monotonic() < ends_s
        time.sleep(0.05)


def score(site: LiveSite, n: int = 8, *, is_worse_at: str = "coc_nam") -> None:
    """Put in scores of forecasts of the last days; at one gate the forecast is worse than both guesses."""
    chance, rows = random.Random(7), []
    for number in range(n):
        began = site.now - timedelta(hours=30 + 6 * number)
        for gate, level in (("huu_nghi", 400), ("tan_thanh", 160), ("coc_nam", 25), ("chi_ma", 30)):
            for direction in ("export", "import"):
                for hour in range(1, 25):
                    wrong = chance.gauss(0, 0.02 * level * (1 + hour / 6))
                    crps = abs(wrong) * (6 if gate == is_worse_at else 0.7)
                    rows.append(
                        KeptScore(
                            f"f{number}", gate, direction, hour, began + timedelta(hours=hour), level + wrong, level,
                            abs(wrong) < 0.026 * level * (1 + hour / 6), crps, (0.2 * crps, 0.5 * crps, 0.2 * crps),
                            (0.05 * level * (1 + hour / 8), 0.09 * level),
                        )
                    )  # fmt: skip
    site.core.writer.write(lambda connection: StoredForecasts.add_scores(connection, rows)).result(60)
