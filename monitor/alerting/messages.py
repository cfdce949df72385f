"""
Messages: a bundle in the words of a contact's language, rendered once, as it was known when it was made.

What people and devices have said (reasons, names, lanes) is filled in as a value and is never a template; control
characters are taken out of it, so that no line of a mail's head and no line of our own can be forged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

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
from gatewatch.monitor.alerting.phrases import CONGESTION, Phrases, clean, cut
from gatewatch.monitor.alerting.wording import REASONS, RISKS
from gatewatch.monitor.detectors.finding import Finding
from gatewatch.monitor.detectors.sentences import Language, Sentence
from gatewatch.monitor.live.snapshot import FlowState, Snapshot

MOST_SUBJECT: Final = 90  # characters
MOST_PLAIN: Final = 160  # of one SMS without marks (GSM 03.38)
MOST_MARKED: Final = 70  # of one SMS with Vietnamese marks (UCS-2)

_FOLDER: Final = Path(__file__).with_name("templates")
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
        self._say = Phrases(by.border, by.feeds, self._language, bundle.at)
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
            "at": self._say.time(bundle.at, is_full=True),
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
            cut(self._subject(), MOST_SUBJECT),
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
            return f"{self._say.word(REASONS, 'resolved')}: {self._say.title(lead.key)} – {self._say.place(lead.key)}."
        if lead.key.get("about") != CONGESTION or flow is None or flow.backlog.value is None:
            said = self._sentence(lead.key)
            return said or f"{self._say.title(lead.key)} – {self._say.place(lead.key)}."
        text = f"{self._say.word(RISKS, lead.level)} {self._say.place(lead.key)}: {self._say.stock(flow)}"
        ahead = self._say.ahead(self._outlook)
        return f"{text}; {ahead}." if ahead else f"{text}."

    def _forecast(self) -> list[str]:
        """Return what is expected, and that it is an estimate."""
        if self._flow is None or self._lead.subject.resolved_at is not None:
            return []
        ahead = self._say.ahead(self._outlook)
        if not ahead:
            return []
        ahead = ahead[:1].upper() + ahead[1:]
        if self._language == "vi":
            return [f"{ahead} (ước tính theo tốc độ xe lên và thông quan của giờ vừa qua)."]
        return [f"{ahead} (an estimate from arrivals and clearances of the last hour)."]

    def _sentence(self, key: AlertKey) -> str:
        """Return what the rule says now; empty where it says nothing."""
        finding = self._findings.get(key)
        return "" if finding is None else self._say.sentence(finding)

    def _mark(self) -> str:
        """Return how bad the gravest news is, or that it is over, for the beginning of a line."""
        lead = self._lead.subject
        if lead.resolved_at is not None:
            return "Đã hết" if self._language == "vi" else "Ended"
        level = self._say.level(lead.key, lead.level)
        return level[:1].upper() + level[1:]

    def _subject(self) -> str:
        lead = self._lead.subject
        n = len(self._told)
        more = f" (+{n - 1})" if n > 1 else ""
        text = f"[{self._mark()}] {self._say.title(lead.key)}: {self._say.place(lead.key)}"
        value = self._say.value(lead.key, lead.value) if lead.resolved_at is None else ""
        return f"{text}{', ' + value if value else ''}{more}"

    def _short(self, most: int) -> str:
        """Return the news in at most so many characters, the least important left out first."""
        lead = self._lead.subject
        parts = [f"{self._mark()}: {self._say.place(lead.key)}"]
        flow, n = self._flow, len(self._told)
        if lead.resolved_at is not None or lead.key.get("about") != CONGESTION or flow is None:
            parts.append(self._say.title(lead.key))
        elif flow.backlog.value is not None:
            parts.append(self._say.stock(flow).split(",")[0] if most <= MOST_MARKED else self._say.stock(flow))
        if lead.resolved_at is None and (ahead := self._say.ahead(self._outlook)):
            parts.append(ahead)
        if n > 1:
            parts.append(f"+{n - 1} {'cảnh báo' if self._language == 'vi' else 'more'}")
        if self._link() and most > MOST_MARKED:
            parts.append(self._link())
        text = parts[0]
        for part in parts[1:]:
            longer = f"{text}, {part}"
            text = longer if len(longer) <= most else text
        return cut(text, most)

    def _item(self, told: _Told) -> _Item:
        notice, subject = told.notice, told.subject
        key = subject.key
        finding = self._findings.get(key)
        is_over = subject.resolved_at is not None
        before = notice.level_before or (subject.level if notice.reason in {"repeat", "escalated"} else "clear")
        return _Item(
            self._say.word(REASONS, notice.reason),
            self._say.title(key),
            self._say.place(key),
            self._sentence(key),
            self._say.level(key, subject.level if is_over else before),
            self._say.level(key, "clear" if is_over else subject.level),
            self._say.value(key, subject.value),
            self._say.value(key, finding.threshold) if finding is not None and not is_over else "",
            key.rule,
            self._say.time(subject.fired_at, is_full=True),
            "" if subject.resolved_at is None else self._say.time(subject.resolved_at, is_full=True),
            "" if finding is None else self._say.evidence(finding),
            "" if is_over else clean(getattr(self._by.runbook(key.rule), self._language)),
        )

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
    return subject.resolved_at is None, RANKS[subject.level], subject.key.get("about") == CONGESTION


def _news(notice: Notice, subject: Subject) -> News:
    key = subject.key
    return News(
        notice.alert_id, notice.key, notice.reason, subject.level, key.rule, key.get("gate"), key.get("direction")
    )  # fmt: skip


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
