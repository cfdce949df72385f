"""Levels and their thresholds: reached, kept and left, by hand."""

from datetime import UTC, datetime

import pytest

from gatewatch.config.thresholds import Falling, Rising
from gatewatch.monitor.detectors.finding import Evidence, Finding, Level, find

CLEAR, UNKNOWN, BUSY, CONGESTED, CRITICAL = Level
EVIDENCE = Evidence(None, datetime(2026, 1, 15, tzinfo=UTC))
STOCK = Rising.model_validate({"busy": 20, "congested": 50, "critical": 100, "for": 0, "keep_firing_for": 0})
FREE = Falling.model_validate({"congested": 0.4, "critical": 0.2, "for": 0, "keep_firing_for": 0})


def _found(value: float | None, rule: Rising | Falling = STOCK) -> Finding:
    return find("some", ("north", "export"), rule, value, "veh", "said", {}, EVIDENCE)


@pytest.mark.parametrize(
    ("value", "before", "after"),
    [
        (12, CLEAR, CLEAR),
        (55, CLEAR, CONGESTED),
        (55, BUSY, CONGESTED),
        (41, CONGESTED, CONGESTED),  # left below 40
        (40, CONGESTED, BUSY),
        (17, CONGESTED, BUSY),  # busy is left at 16
        (16, CONGESTED, CLEAR),
        (41, CRITICAL, CONGESTED),  # critical is left at 80
        (41, CLEAR, BUSY),  # what was never reached is not kept
        (120, UNKNOWN, CRITICAL),
        (18, UNKNOWN, CLEAR),
        (None, CRITICAL, UNKNOWN),
    ],
)
def test_a_level_is_kept_until_its_leaving_threshold(value: float | None, before: Level, after: Level) -> None:
    """20, 50 and 100 vehicles, left at 16, 40 and 80."""
    assert _found(value).level_after(before) is after


def test_where_low_is_bad_a_level_is_left_above_its_threshold() -> None:
    """0.4 free is left at 0.5."""
    assert _found(0.4, FREE).level is CONGESTED
    assert _found(0.45, FREE).level is CLEAR
    assert _found(0.45, FREE).level_after(CONGESTED) is CONGESTED
    assert _found(0.5, FREE).level_after(CONGESTED) is CLEAR
    assert _found(0.22, FREE).level_after(CRITICAL) is CRITICAL


def test_a_finding_tells_the_thresholds_of_its_level() -> None:
    """Of the one that is reached, or of the first that could be."""
    assert (_found(60).threshold, _found(60).leave) == (50, 40)
    assert (_found(3).threshold, _found(3).leave) == (20, 16)
    assert (_found(None).threshold, _found(None).leave) == (20, 16)


def test_the_worst_of_several_never_hides_what_nobody_knows() -> None:
    """Unknown stands above clear and below all that is known to be bad."""
    assert max(CLEAR, UNKNOWN) is UNKNOWN
    assert max(UNKNOWN, BUSY) is BUSY
    assert sorted([CRITICAL, CLEAR, BUSY]) == [CLEAR, BUSY, CRITICAL]
