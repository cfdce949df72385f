"""Findings in words: a sentence for each case of a detector, in Vietnamese and English, with its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from gatewatch.config.feeds import Feed
from gatewatch.config.schema import Border
from gatewatch.monitor.detectors.finding import Finding, Level, Value

Language = Literal["vi", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("vi", "en")


class Sentence(NamedTuple):
    """One sentence in both languages; names in braces are filled in."""

    vi: str
    en: str


WORDS: Final[Mapping[str, Sentence]] = {
    "export": Sentence("chiều xuất", "exports"),
    "import": Sentence("chiều nhập", "imports"),
    "own": Sentence("phía Việt Nam", "the Vietnamese side"),
    "counterpart": Sentence("phía Trung Quốc", "the Chinese side"),
    "green": Sentence("xanh", "green"),
    "yellow": Sentence("vàng", "yellow"),
    "orange": Sentence("cam", "orange"),
    "red": Sentence("đỏ", "red"),
    "fruit": Sentence("hoa quả", "fruit"),
    "cleared": Sentence("thông quan", "cleared"),
    "arrived": Sentence("xe lên", "arrived"),
    "remaining": Sentence("tồn", "remaining"),
    "cleared_fruit": Sentence("thông quan hoa quả", "cleared with fruit"),
    "cleared_other": Sentence("thông quan hàng khác", "cleared with other goods"),
    "cleared_cargo": Sentence("thông quan xe chở hàng", "cleared with cargo"),
    "cleared_new_vehicle": Sentence("thông quan xe mới", "new vehicles cleared"),
    "cleared_change": Sentence("tăng giảm thông quan", "the change in cleared"),
    "turned_back": Sentence("quay đầu", "turned back"),
    "diverted": Sentence("chuyển cửa khẩu", "moved to another gate"),
    "remaining_fruit": Sentence("tồn hoa quả", "remaining with fruit"),
    "remaining_other": Sentence("tồn hàng khác", "remaining with other goods"),
    "remaining_new_vehicle": Sentence("xe mới tồn", "new vehicles remaining"),
    "remaining_change": Sentence("tăng giảm tồn", "the change in remaining"),
    "undeclared": Sentence("chưa đăng ký mặt hàng", "goods not registered"),
    "rail_wagons": Sentence("toa hàng", "rail wagons"),
    "general": Sentence("hàng thông thường", "general goods"),
    "container": Sentence("công-ten-nơ", "containers"),
    "new_vehicle": Sentence("ô tô mới", "new vehicles"),
    "": Sentence("", ""),
}
LEVELS: Final[Mapping[Level, Sentence]] = {
    Level.CLEAR: Sentence("thông suốt", "clear"),
    Level.UNKNOWN: Sentence("chưa rõ", "unknown"),
    Level.BUSY: Sentence("đông", "busy"),
    Level.CONGESTED: Sentence("ùn ứ", "congested"),
    Level.CRITICAL: Sentence("nghiêm trọng", "critical"),
}
_PLACES: Final = Sentence("Toàn tỉnh", "The province")
_NOT_KNOWN: Final = Sentence("chưa rõ", "not known")


def sentence(
    finding: Finding, sentences: Mapping[str, Sentence], language: Language, border: Border, feeds: Mapping[str, Feed]
) -> str:
    """
    Return what a finding says.

    Args:
        finding: The finding.
        sentences: Those of its detector.
        language: `vi` or `en`.
        border: Gives gates and yards their names, and the zone of times.
        feeds: Give sources their names.
    """
    zone, today = ZoneInfo(border.border.timezone), finding.evidence.ends
    values: dict[str, Value] = {"value": finding.value, "threshold": finding.threshold, **finding.values}
    told = {key: _told(value, language, zone, today) for key, value in values.items()}
    told["place"] = _place(finding, language, border)
    if finding.source:
        told["source"] = _titled(feeds.get(finding.source), language) or finding.source
    if isinstance(yard := finding.values.get("yard"), str) and finding.gate in border.gates:
        told["yard"] = _titled(border.gates[finding.gate].yards.get(yard), language) or yard
    return getattr(sentences[finding.said], language).format_map(told)  # type: ignore[no-any-return] # a NamedTuple's


def number(value: float, language: Language) -> str:
    """
    Return a number as the language writes it, with one decimal below 10 where it has one.

    >>> number(1234.0, "vi"), number(1.26, "vi"), number(12.6, "en"), number(0.9, "en")
    ('1.234', '1,3', '13', '0.9')
    """
    text = f"{value:,.1f}" if abs(value) < 10 and round(value, 1) % 1 else f"{value:,.0f}"
    return text.translate(str.maketrans(",.", ".,")) if language == "vi" else text


def _told(value: Value, language: Language, zone: ZoneInfo, today: datetime) -> str:
    if value is None:
        return str(getattr(_NOT_KNOWN, language))
    if isinstance(value, datetime):
        local = value.astimezone(zone)
        return local.strftime("%H:%M" if local.date() == today.astimezone(zone).date() else "%H:%M %d/%m")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, int | float):
        return number(value, language)
    return getattr(WORDS[value], language) if value in WORDS else value


def _place(finding: Finding, language: Language, border: Border) -> str:
    if finding.gate is None:
        place: str = getattr(_PLACES, language)
    else:
        place = _titled(border.gates.get(finding.gate), language) or finding.gate
    if finding.direction is None:
        return place
    return f"{place}, {getattr(WORDS[finding.direction], language)}"


def _titled(thing: object, language: Language) -> str:
    return str(getattr(thing, "title_vi" if language == "vi" else "title", "") or "")
