"""Phrases of messages: what an alert, its numbers and what is to be expected are called in one language."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.lists import format_list

from gatewatch.config.feeds import Feed
from gatewatch.config.schema import Border
from gatewatch.monitor.alerting.labels import AlertKey
from gatewatch.monitor.alerting.outlook import Outlook
from gatewatch.monitor.alerting.wording import DEGREES, LEVELS, PROVINCE, SERVICE, TITLES, UNITS, word
from gatewatch.monitor.detectors.finding import Finding
from gatewatch.monitor.detectors.kinds import list_detectors
from gatewatch.monitor.detectors.sentences import WORDS, Language, Sentence, number, sentence
from gatewatch.monitor.live.snapshot import FlowState

CONGESTION: Final = "congestion"


@dataclass(frozen=True)
class Phrases:
    """
    How things are called.

    Args:
        border: Gives gates and yards their names, and the local time.
        feeds: Give sources their names.
        language: Of the words.
        at: When the message is made, aware UTC: times of its day need no date.
    """

    border: Border
    feeds: Mapping[str, Feed]
    language: Language
    at: datetime

    def word(self, words: Mapping[str, Sentence], key: str) -> str:
        """Return a word; a key that has none stands for itself."""
        return word(words, key, self.language)

    def title(self, key: AlertKey) -> str:
        """Return what a rule is called."""
        return self.word(TITLES, key.rule)

    def level(self, key: AlertKey, level: str) -> str:
        """Return a level: how congested a gate is, or how serious what data or the service do."""
        return self.word(LEVELS if key.get("about") in {CONGESTION, ""} else DEGREES, level)

    def place(self, key: AlertKey) -> str:
        """Return where it is: gate and direction, else the feed, else the service or the province."""
        gate, direction, source = key.get("gate"), key.get("direction"), key.get("source")
        if source:
            return self.source(source)
        if not gate:
            return str(getattr(SERVICE if key.get("about") == "service" else PROVINCE, self.language))
        found = self.border.gates.get(gate)
        title = (found.title_vi if self.language == "vi" else found.title) if found is not None else ""
        place = clean(title or gate)
        return f"{place}, {getattr(WORDS[direction], self.language)}" if direction in WORDS and direction else place

    def source(self, source: str) -> str:
        """Return the title of a feed, or its source where it has none."""
        feed = self.feeds.get(source)
        title = (feed.title_vi if self.language == "vi" else feed.title) if feed is not None else ""
        return clean(title or source)

    def sentence(self, finding: Finding) -> str:
        """Return what a rule says of what it found."""
        sentences = list_detectors()[finding.detector].sentences
        return clean(sentence(finding, sentences, self.language, self.border, self.feeds))

    def value(self, key: AlertKey, value: float | None) -> str:
        """Return a number with its unit; nothing where there is no number."""
        detector = list_detectors().get(key.rule)
        if value is None or detector is None:
            return ""
        if detector.unit == "share":
            return f"{number(round(100 * value), self.language)}%"
        return f"{number(value, self.language)} {self.word(UNITS, detector.unit)}"

    def evidence(self, finding: Finding) -> str:
        """Return from when to when, how good, and from whom the figures are that a finding rests on."""
        evidence, is_vi = finding.evidence, self.language == "vi"
        ends = self.time(evidence.ends, is_full=True)
        if evidence.begins is None:
            text = f"số liệu lúc {ends}" if is_vi else f"as of {ends}"
        else:
            begins = self.time(evidence.begins, is_full=True)
            text = f"số liệu từ {begins} đến {ends}" if is_vi else f"from {begins} to {ends}"
        if evidence.quality:
            text += f", {'chất lượng' if is_vi else 'quality'} {evidence.quality}"
        titles = [self.source(source) for source in evidence.sources[:3]]
        if titles:
            named = format_list(titles, style="standard", locale=self.language)
            text += f", {'nguồn' if is_vi else 'source'}: {named}"
        return clean(text)

    def stock(self, flow: FlowState) -> str:
        """Return how many vehicles are inside, and the days of work that they are."""
        assert flow.backlog.value is not None
        inside, days = number(round(flow.backlog.value), self.language), flow.days_of_work.value
        if self.language == "vi":
            text = f"tồn {inside} xe"
            return text if days is None else f"{text}, tương đương {number(days, 'vi')} ngày thông quan"
        text = f"{inside} vehicles inside"
        return text if days is None else f"{text}, {number(days, 'en')} days of clearance"

    def ahead(self, outlook: Outlook) -> str:
        """Return how bad it will get, in a clause; empty when nobody can say."""
        full_at, left = outlook.full_at, outlook.left
        if full_at is not None:
            at = self.time(full_at)
            return f"dự báo đầy bãi lúc {at}" if self.language == "vi" else f"yards full at about {at}"
        if left is not None and outlook.closes_at is not None:
            at, n = self.time(outlook.closes_at), number(round(left), self.language)
            if self.language == "vi":
                return f"dự báo còn {n} xe lúc đóng cửa {at}"
            return f"about {n} left at the closing at {at}"
        return ""

    def time(self, at: datetime, *, is_full: bool = False) -> str:
        """Return a local time, with its day where that is another one or everything is asked for."""
        zone = ZoneInfo(self.border.border.timezone)
        local = at.astimezone(zone)
        is_today = local.date() == self.at.astimezone(zone).date()
        form = "HH:mm" if is_today and not is_full else "HH:mm dd/MM" if not is_full else "HH:mm dd/MM/yyyy"
        return format_datetime(local, form, tzinfo=zone, locale=self.language)


def clean(text: str) -> str:
    """Return a text on one line, without what a terminal, a mail's head or a reader could take for something else."""
    kept = "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in text)
    return " ".join("".join(c for c in kept if unicodedata.category(c) not in {"Cf", "Cs", "Co", "Cn"}).split())


def cut(text: str, most: int) -> str:
    """Return a text on one line and in at most so many characters, with an ellipsis where it was cut off."""
    text = clean(text)
    return text if len(text) <= most else f"{text[: most - 1].rstrip(' ,;')}…"
