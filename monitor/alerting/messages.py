"""
Messages: a bundle in the words of a contact's language, rendered once, as it was known when it was made.

What people and devices have said (reasons, names, lanes) is filled in as a value and is never a template; control
characters are taken out of it, so that no line of a mail's head and no line of our own can be forged.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.lists import format_list
from jinja2 import DictLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from gatewatch.config.feeds import Feed
from gatewatch.config.schema import Border
from gatewatch.config.teams import LoadedTeams
from gatewatch.monitor.alerting.escalation import ROUTE as ESCALATION
from gatewatch.monitor.alerting.labels import AlertKey
from gatewatch.monitor.alerting.lifecycle import RANKS
from gatewatch.monitor.alerting.notification import Bundle, Notice, Notification, Subject
from gatewatch.monitor.alerting.outgoing import News, Outgoing
from gatewatch.monitor.alerting.outlook import Outlook, look_ahead
from gatewatch.monitor.alerting.wording import (
    DEGREES,
    LEVELS,
    PROVINCE,
    REASONS,
    RISKS,
    SERVICE,
    TITLES,
    UNITS,
    word,
)
from gatewatch.monitor.detectors.finding import Finding
from gatewatch.monitor.detectors.kinds import list_detectors
from gatewatch.monitor.detectors.sentences import WORDS, Language, Sentence, number, sentence
from gatewatch.monitor.live.snapshot import FlowState, Snapshot

MOST_SUBJECT: Final = 90  # characters
MOST_PLAIN: Final = 160  # of one SMS without marks (GSM 03.38)
MOST_MARKED: Final = 70  # of one SMS with Vietnamese marks (UCS-2)

_FOLDER: Final = Path(__file__).with_name("templates")
_CONGESTION: Final = "congestion"
_LANGUAGES: Final[tuple[Language, ...]] = ("vi", "en")


@dataclass(frozen=True, slots=True)
class _Item:
    """One alert's news, in words."""

    reason: str
    title: str
    place: str
    sentence: str
    level_from: str
    level_to: str
    value: str
    threshold: str
    rule: str
    since: str
    until: str
    evidence: str
    runbook: str


@dataclass(frozen=True, slots=True)
class _Told:
    """News of an alert with what belongs to it."""

    notice: Notice
    subject: Subject
    notification: Notification


@dataclass(frozen=True)
class Composer:
    """
    Puts bundles into words.

    Args:
        border: Gives gates and yards their names.
        feeds: Give sources their names.
        loaded: Gives contacts their language and channel, routes their coordinators, and the address of the screens.
        runbook: Returns what to do about what a rule finds.
    """

    border: Border
    feeds: Mapping[str, Feed]
    loaded: LoadedTeams
    runbook: Callable[[str], Sentence] = field(default=lambda _: Sentence("", ""))

    def compose(
        self, bundle: Bundle, findings: Mapping[AlertKey, Finding], snapshot: Snapshot | None
    ) -> Outgoing:  # fmt: skip
        """
        Return the message of a bundle.

        Args:
            bundle: What one contact gets; one that the teams know no more is told over the first channel.
            findings: What the rules say now, by key; an alert without one is told by its last number.
            snapshot: Live state, for the forecast; None when there is none.
        """
        return _Composing(self, bundle, findings, snapshot).outgoing()


class _Composing:
    """One bundle on its way into words."""

    def __init__(
        self, by: Composer, bundle: Bundle, findings: Mapping[AlertKey, Finding], snapshot: Snapshot | None
    ) -> None:
        self._by, self._bundle, self._findings, self._snapshot = by, bundle, findings, snapshot
        teams = by.loaded.teams
        self._contact = teams.contacts.get(bundle.destination)
        self._language: Language = self._contact.language if self._contact is not None else "vi"
        self._zone = ZoneInfo(by.border.border.timezone)
        self._told = _latest(bundle)
        self._lead = max(self._told, key=_gravity)
        self._flow = self._find_flow(self._lead.subject.key)
        self._outlook = look_ahead(self._flow, bundle.at) if self._flow is not None else Outlook()

    def outgoing(self) -> Outgoing:
        """Return the message."""
        contact, bundle = self._contact, self._bundle
        headline = self._headline()
        link = self._link()
        values = {
            "headline": headline,
            "items": [self._item(told) for told in self._told],
            "others": self._others(),
            "forecast": self._forecast(),
            "coordinator": self._coordinator(),
            "link": link,
            "at": self._time(bundle.at, is_full=True),
            "key": bundle.key,
        }
        text = _environment().get_template(self._language).render(values)
        notices = [notice for notification in bundle.notifications for notice in notification.notices]
        subjects = {told.subject.alert_id: told.subject for told in self._told}
        return Outgoing(
            bundle.key,
            bundle.destination,
            contact.channel if contact is not None else next(iter(self._by.loaded.channels)),
            contact.address if contact is not None else "",
            self._language,
            _cut(self._subject(), MOST_SUBJECT),
            text.strip() + "\n",
            self._short(MOST_PLAIN),
            self._lead.subject.level if self._lead.subject.resolved_at is None else "clear",
            is_urgent=any(notification.is_urgent for notification in bundle.notifications),
            link=link,
            news=tuple(_news(notice, subjects[notice.alert_id]) for notice in notices),
            brief=self._short(MOST_MARKED),
        )

    def _headline(self) -> str:
        """Return the news in one sentence: what, where, how much, and how bad it will get."""
        lead, flow = self._lead.subject, self._flow
        if lead.resolved_at is not None:
            return f"{self._word(REASONS, 'resolved')}: {self._title(lead.key)} – {self._place(lead.key)}."
        if lead.key.get("about") != _CONGESTION or flow is None or flow.backlog.value is None:
            said = self._sentence(lead.key)
            return said or f"{self._title(lead.key)} – {self._place(lead.key)}."
        text = f"{self._word(RISKS, lead.level)} {self._place(lead.key)}: {self._stock(flow)}"
        ahead = self._ahead()
        return f"{text}; {ahead}." if ahead else f"{text}."

    def _stock(self, flow: FlowState) -> str:
        """Return how many vehicles are inside, and the days of work that they are."""
        assert flow.backlog.value is not None
        inside, days = number(round(flow.backlog.value), self._language), flow.days_of_work.value
        if self._language == "vi":
            text = f"tồn {inside} xe"
            return text if days is None else f"{text}, tương đương {number(days, 'vi')} ngày thông quan"
        text = f"{inside} vehicles inside"
        return text if days is None else f"{text}, {number(days, 'en')} days of clearance"

    def _ahead(self) -> str:
        """Return how bad it will get, in a clause; empty when nobody can say."""
        full_at, left = self._outlook.full_at, self._outlook.left
        if full_at is not None:
            at = self._time(full_at)
            return f"dự báo đầy bãi lúc {at}" if self._language == "vi" else f"yards full at about {at}"
        if left is not None and self._outlook.closes_at is not None:
            at, n = self._time(self._outlook.closes_at), number(round(left), self._language)
            if self._language == "vi":
                return f"dự báo còn {n} xe lúc đóng cửa {at}"
            return f"about {n} left at the closing at {at}"
        return ""

    def _forecast(self) -> list[str]:
        """Return what is expected, and that it is an estimate."""
        if self._flow is None or self._lead.subject.resolved_at is not None:
            return []
        ahead = self._ahead()
        if not ahead:
            return []
        ahead = ahead[:1].upper() + ahead[1:]
        if self._language == "vi":
            return [f"{ahead} (ước tính theo tốc độ xe lên và thông quan của giờ vừa qua)."]
        return [f"{ahead} (an estimate from arrivals and clearances of the last hour)."]

    def _subject(self) -> str:
        lead = self._lead.subject
        n = len(self._told)
        more = f" (+{n - 1})" if n > 1 else ""
        if lead.resolved_at is not None:
            mark = "Đã hết" if self._language == "vi" else "Ended"
            return f"[{mark}] {self._title(lead.key)}: {self._place(lead.key)}{more}"
        mark = self._level(lead.key, lead.level)
        text = f"[{mark[:1].upper()}{mark[1:]}] {self._title(lead.key)}: {self._place(lead.key)}"
        value = self._value(lead.key, lead.value)
        return f"{text}{', ' + value if value else ''}{more}"

    def _short(self, most: int) -> str:
        """Return the news in at most so many characters, the least important left out first."""
        lead = self._lead.subject
        if lead.resolved_at is not None:
            mark = "Đã hết" if self._language == "vi" else "Ended"
        else:
            level = self._level(lead.key, lead.level)
            mark = level[:1].upper() + level[1:]
        parts = [f"{mark}: {self._place(lead.key)}"]
        flow, n = self._flow, len(self._told)
        if lead.resolved_at is not None or lead.key.get("about") != _CONGESTION or flow is None:
            parts.append(self._title(lead.key))
        elif flow.backlog.value is not None:
            parts.append(self._stock(flow).split(",")[0] if most <= MOST_MARKED else self._stock(flow))
        if lead.resolved_at is None and (ahead := self._ahead()):
            parts.append(ahead)
        if n > 1:
            parts.append(f"+{n - 1} {'cảnh báo' if self._language == 'vi' else 'more'}")
        if self._link() and most > MOST_MARKED:
            parts.append(self._link())
        text = parts[0]
        for part in parts[1:]:
            longer = f"{text}, {part}"
            text = longer if len(longer) <= most else text
        return _cut(text, most)

    def _item(self, told: _Told) -> _Item:
        notice, subject = told.notice, told.subject
        key = subject.key
        finding = self._findings.get(key)
        is_over = subject.resolved_at is not None
        before = notice.level_before or (subject.level if notice.reason in {"repeat", "escalated"} else "clear")
        return _Item(
            self._word(REASONS, notice.reason),
            self._title(key),
            self._place(key),
            self._sentence(key),
            self._level(key, subject.level if is_over else before),
            self._level(key, "clear" if is_over else subject.level),
            self._value(key, subject.value),
            self._value(key, finding.threshold) if finding is not None and not is_over else "",
            key.rule,
            self._time(subject.fired_at, is_full=True),
            "" if subject.resolved_at is None else self._time(subject.resolved_at, is_full=True),
            "" if finding is None else self._evidence(finding),
            "" if is_over else _clean(getattr(self._by.runbook(key.rule), self._language)),
        )

    def _evidence(self, finding: Finding) -> str:
        evidence, is_vi = finding.evidence, self._language == "vi"
        ends = self._time(evidence.ends, is_full=True)
        if evidence.begins is None:
            text = f"số liệu lúc {ends}" if is_vi else f"as of {ends}"
        else:
            begins = self._time(evidence.begins, is_full=True)
            text = f"số liệu từ {begins} đến {ends}" if is_vi else f"from {begins} to {ends}"
        if evidence.quality:
            text += f", {'chất lượng' if is_vi else 'quality'} {evidence.quality}"
        titles = [self._source(source) for source in evidence.sources[:3]]
        if titles:
            named = format_list(titles, style="standard", locale=self._language)
            text += f", {'nguồn' if is_vi else 'source'}: {named}"
        return _clean(text)

    def _sentence(self, key: AlertKey) -> str:
        finding = self._findings.get(key)
        if finding is None:
            return ""
        sentences = list_detectors()[finding.detector].sentences
        return _clean(sentence(finding, sentences, self._language, self._by.border, self._by.feeds))

    def _value(self, key: AlertKey, value: float | None) -> str:
        """Return a number with its unit; nothing where there is no number."""
        detector = list_detectors().get(key.rule)
        if value is None or detector is None:
            return ""
        if detector.unit == "share":
            return f"{number(round(100 * value), self._language)}%"
        return f"{number(value, self._language)} {self._word(UNITS, detector.unit)}"

    def _title(self, key: AlertKey) -> str:
        return self._word(TITLES, key.rule)

    def _level(self, key: AlertKey, level: str) -> str:
        return self._word(LEVELS if key.get("about") in {_CONGESTION, ""} else DEGREES, level)

    def _place(self, key: AlertKey) -> str:
        """Return where it is: gate and direction, else the feed, else the service or the province."""
        gate, direction, source = key.get("gate"), key.get("direction"), key.get("source")
        if source:
            return self._source(source)
        if not gate:
            return str(getattr(SERVICE if key.get("about") == "service" else PROVINCE, self._language))
        found = self._by.border.gates.get(gate)
        title = (found.title_vi if self._language == "vi" else found.title) if found is not None else ""
        place = _clean(title or gate)
        return f"{place}, {getattr(WORDS[direction], self._language)}" if direction in WORDS and direction else place

    def _source(self, source: str) -> str:
        feed = self._by.feeds.get(source)
        title = (feed.title_vi if self._language == "vi" else feed.title) if feed is not None else ""
        return _clean(title or source)

    def _coordinator(self) -> str:
        routes = {route.name: route.coordinator for route in self._by.loaded.teams.routes}
        names = [routes.get(one.route) for one in self._bundle.notifications if one.route != ESCALATION]
        titles = []
        for name in dict.fromkeys(name for name in names if name is not None):
            team = self._by.loaded.teams.teams[name]
            titles.append((team.title_vi if self._language == "vi" else team.title) or name)
        return "; ".join(titles)

    def _others(self) -> int:
        """Return how many other alerts of the groups still fire."""
        told = {told.subject.alert_id for told in self._told}
        firing = {one.alert_id for notification in self._bundle.notifications for one in notification.firing}
        return len(firing - told)

    def _link(self) -> str:
        base = self._by.loaded.teams.link.rstrip("/")
        if not base:
            return ""
        return f"{base}/alarms#{self._lead.subject.alert_id}" if len(self._told) == 1 else f"{base}/alarms"

    def _find_flow(self, key: AlertKey) -> FlowState | None:
        for flow in self._snapshot.flows if self._snapshot is not None else ():
            if (flow.gate, flow.direction) == (key.get("gate"), key.get("direction")):
                return flow
        return None

    def _word(self, words: Mapping[str, Sentence], key: str) -> str:
        return word(words, key, self._language)

    def _time(self, at: datetime, *, is_full: bool = False) -> str:
        """Return a local time, with its day where that is another one or everything is asked for."""
        local = at.astimezone(self._zone)
        is_today = local.date() == self._bundle.at.astimezone(self._zone).date()
        form = "HH:mm" if is_today and not is_full else "HH:mm dd/MM" if not is_full else "HH:mm dd/MM/yyyy"
        return format_datetime(local, form, tzinfo=self._zone, locale=self._language)


def _latest(bundle: Bundle) -> list[_Told]:
    """Return the last news of each alert, in the order in which alerts were told first."""
    found: dict[str, _Told] = {}
    for notification in bundle.notifications:
        subjects = {one.alert_id: one for one in (*notification.resolved, *notification.firing)}
        for notice in notification.notices:
            found[notice.alert_id] = _Told(notice, subjects[notice.alert_id], notification)
    return list(found.values())


def _gravity(told: _Told) -> tuple[bool, int, bool]:
    """Return how grave news are: what fires before what has ended, the worst level, congestion first."""
    subject = told.subject
    return subject.resolved_at is None, RANKS[subject.level], subject.key.get("about") == _CONGESTION


def _news(notice: Notice, subject: Subject) -> News:
    key = subject.key
    return News(
        notice.alert_id, notice.key, notice.reason, subject.level, key.rule, key.get("gate"), key.get("direction")
    )  # fmt: skip


def _clean(text: str) -> str:
    """Return a text on one line, without what a terminal, a mail's head or a reader could take for something else."""
    kept = "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in text)
    return " ".join("".join(c for c in kept if unicodedata.category(c) not in {"Cf", "Cs", "Co", "Cn"}).split())


def _cut(text: str, most: int) -> str:
    text = _clean(text)
    return text if len(text) <= most else f"{text[: most - 1].rstrip(' ,;')}…"


def _environment() -> ImmutableSandboxedEnvironment:
    """Return what renders our own templates; values are never templates."""
    return _ENVIRONMENT


_ENVIRONMENT: Final = ImmutableSandboxedEnvironment(
    loader=DictLoader({name: (_FOLDER / f"message.{name}.txt").read_text("utf-8") for name in _LANGUAGES}),
    undefined=StrictUndefined,
    autoescape=False,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
