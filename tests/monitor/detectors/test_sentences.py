"""Findings in words, as people at the gates read them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import get_args

import pytest

from gatewatch.config.feeds import load_feeds
from gatewatch.config.loader import load_border
from gatewatch.config.thresholds import Rising
from gatewatch.monitor.detectors import Evidence, Finding, Level, list_detectors
from gatewatch.monitor.detectors.finding import Value, find
from gatewatch.monitor.detectors.sentences import LANGUAGES, LEVELS, WORDS, Language, Sentence, number, sentence
from gatewatch.monitor.observations.bulletins import BulletinLine

BORDER = load_border().border
FEEDS = load_feeds(BORDER)
NOW = datetime(2026, 1, 15, 3, 0, tzinfo=UTC)  # 10:00 in Hanoi
RULE = Rising.model_validate({"congested": 600, "critical": 1_200, "for": 0, "keep_firing_for": 0})


def _finding(
    detector: str, said: str, value: float | None, values: Mapping[str, Value], source: str = ""
) -> Finding:  # fmt: skip
    place = ("huu_nghi", None if source else "export")
    return find(detector, place, RULE, value, "veh", said, values, Evidence(None, NOW), source=source)


def _told(finding: Finding, language: Language) -> str:
    return sentence(finding, list_detectors()[finding.detector].sentences, language, BORDER, FEEDS)


def test_gates_have_their_names_and_numbers_are_written_as_the_language_does() -> None:
    """A point for thousands in Vietnamese, a comma in English."""
    finding = _finding("backlog_peak", "backlog", 1234.4, {"low": 1200.0, "high": 1268.9})

    assert _told(finding, "vi") == "Hữu Nghị, chiều xuất: tồn 1.234 xe (từ 1.200 đến 1.269); ngưỡng 1.200 xe."
    assert _told(finding, "en") == (
        "Huu Nghi, exports: 1,234 vehicles inside (between 1,200 and 1,269); the threshold is 1,200."
    )


def test_times_are_those_of_hanoi_with_the_day_where_it_is_another() -> None:
    """Two in the afternoon today, and eight tomorrow."""
    today, tomorrow = datetime(2026, 1, 15, 7, 0, tzinfo=UTC), datetime(2026, 1, 16, 1, 0, tzinfo=UTC)
    told = [
        _told(_finding("expected_wait", "wait", 700.0, {"crosses_at": at}), "en").partition("crosses at about ")[2]
        for at in (today, tomorrow)
    ]

    assert [text.partition(";")[0] for text in told] == ["14:00", "08:00 16/01"]


def test_yards_and_feeds_have_their_names() -> None:
    """As the border and the feeds declare them."""
    full = _finding(
        "yard_near_full", "fill", 0.9, {"yard": "export_yard", "inside": 225.0, "places": 250, "percent": 90}
    )
    silent = _finding("silent_feed", "alone", 12.0, {"allowed": 7.0}, "huu_nghi/camera/export-out")

    assert _told(full, "vi") == "Hữu Nghị, chiều xuất: Bãi Xuân Cương, chiều xuất có 225 xe trên 250 chỗ (90 %)."
    assert _told(silent, "en") == (
        "Huu Nghi: Camera at the line, exports, Huu Nghi has been silent for 12 min (7 are allowed); "
        "nothing else counts there."
    )


def test_lines_of_the_bulletin_have_words() -> None:
    """Every line that can be printed."""
    values = {"day": date(2026, 1, 14), "line": "remaining_fruit", "printed": 12, "reckoned": 21}
    finding = _finding("bulletin_inconsistency", "identity", 9.0, values)

    assert "14/01/2026 says 12 for remaining with fruit;" in _told(finding, "en")
    assert set(get_args(BulletinLine)) <= set(WORDS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_level_has_a_word(language: Language) -> None:
    """A level is never shown by colour alone."""
    words = [getattr(LEVELS[level], language) for level in Level]

    assert len(set(words)) == len(words)


def test_what_is_not_known_is_said_to_be_not_known() -> None:
    """Never a blank, never a zero."""
    finding = _finding("backlog_peak", "backlog", None, {"low": None, "high": None})
    some = {"unknown": Sentence("{value}", "{value}")}

    assert finding.said == "unknown"
    assert [sentence(finding, some, language, BORDER, FEEDS) for language in LANGUAGES] == ["chưa rõ", "not known"]


def test_small_numbers_keep_a_decimal() -> None:
    """1.7 days of work are not 2."""
    assert [number(x, "vi") for x in (1.7, 0.05, 9.96, 17.2, 0.0)] == ["1,7", "0,1", "10", "17", "0"]
