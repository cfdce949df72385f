"""Values and reported facts as people read them, for pages that the server writes; scripts have `format.js`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal

from gatewatch.monitor.live.happenings import HappeningKind
from gatewatch.monitor.store.forecasts import Consent
from gatewatch.monitor.web.page import Asked, gate_title
from gatewatch.monitor.web.words import Language

NOT_KNOWN: Final = "—"
BEIJING: Final = ZoneInfo("Asia/Shanghai")
_LOCALES: Final[dict[Language, str]] = {"vi": "vi_VN", "en": "en_GB", "zh": "zh_CN"}
_DAYS: Final[dict[Language, str]] = {"vi": "%d/%m/%Y", "en": "%d/%m/%Y", "zh": "%Y/%m/%d"}
_SHORT_DAYS: Final[dict[Language, str]] = {"vi": "%d/%m", "en": "%d/%m", "zh": "%m/%d"}


@dataclass(frozen=True)
class Telling:
    """
    Tells values in the words of who asks.

    Args:
        asked: The page that is asked for.
    """

    asked: Asked

    @property
    def zone(self) -> ZoneInfo:
        """Time zone of the border."""
        return self.asked.services.zone

    def number(self, value: float | None, *, is_change: bool = False) -> str:
        """Return a number of vehicles; what is not known is a dash and never 0."""
        if value is None:
            return NOT_KNOWN
        sign = "+" if is_change and value > 0 else ""
        return sign + format_decimal(round(value), locale=_LOCALES[self.asked.words.language]).replace("-", "−")

    def decimal(self, value: float) -> str:
        """Return a number with one figure after the decimal sign, where it is not whole."""
        return format_decimal(round(value, 1), format="#,##0.#", locale=_LOCALES[self.asked.words.language])

    def band(self, low: float | None, high: float | None) -> str:
        """Return half the width of a band, empty where there is none."""
        return "" if low is None or high is None else f"±{self.number((high - low) / 2)}"

    def clock(self, at: datetime | None, zone: ZoneInfo | None = None) -> str:
        """Return the clock at an instant."""
        return NOT_KNOWN if at is None else f"{at.astimezone(zone or self.zone):%H:%M}"

    def moment(self, at: datetime | None) -> str:
        """Return the clock at an instant, and its day where that is not today."""
        if at is None:
            return NOT_KNOWN
        local = at.astimezone(self.zone)
        if local.date() == self.asked.now.astimezone(self.zone).date():
            return f"{local:%H:%M}"
        return f"{local:%H:%M} {local.strftime(_SHORT_DAYS[self.asked.words.language])}"

    def instant(self, at: datetime) -> str:
        """Return an instant with its day."""
        return f"{self.clock(at)} {self.day(at.astimezone(self.zone).date())}"

    def day(self, day: date) -> str:
        """Return a date."""
        return day.strftime(_DAYS[self.asked.words.language])

    def weekday(self, day: date) -> str:
        """Return a day of the week, short."""
        say = self.asked.words.say
        return (say("Mon"), say("Tue"), say("Wed"), say("Thu"), say("Fri"), say("Sat"), say("Sun"))[day.weekday()]

    def gate(self, gate: str | None) -> str:
        """Return a gate's name; None is the whole province."""
        if gate is None:
            return self.asked.words.say("Whole province")
        return gate_title(self.asked.services.core.border, gate, self.asked.words)

    def direction(self, direction: str | None) -> str:
        """Return a direction as a word; None is both."""
        say = self.asked.words.say
        return {"export": say("Export"), "import": say("Import")}.get(direction or "", say("both directions"))

    def side(self, side: str) -> str:
        """Return a side of a gate as a word."""
        say = self.asked.words.say
        return say("Vietnamese side") if side == "own" else say("Chinese side")

    def who(self, who: str | None) -> str:
        """Return who did something, without the kind of his account; None is a device."""
        if who is None:
            return self.asked.words.say("device")
        kind, _, name = who.partition(":")
        key = self.asked.words.say("key")
        return name if kind == "account" else f"{key} {name}"

    def decision(self, title: dict[str, str], consent: Consent, *, is_nothing: bool) -> str:
        """Return what was decided, and whether the Chinese side agrees where it is asked."""
        say = self.asked.words.say
        told = say("Do nothing") if is_nothing else self.asked.words.pick(title)
        agreed = {
            "yes": say("China agrees"),
            "asked": say("China is asked"),
            "no": say("China has not agreed"),
            "not_needed": say("consent not needed"),
        }
        return told if is_nothing else f"{told} – {agreed[consent]}"

    def happening(self, kind: HappeningKind, said: dict[str, Any]) -> str:
        """Return something that was reported, as a sentence."""
        say = self.asked.words.say
        places = [self.gate(said["gate"])]
        if "direction" in said:
            places.append(self.direction(said["direction"]))
        if kind in {"gate", "hours"}:
            places.append(self.side(said["side"]))
        return f"{', '.join(places)}: {self._what(kind, said)}{self._why(said, say)}"

    def _what(self, kind: HappeningKind, said: dict[str, Any]) -> str:
        say = self.asked.words.say
        if kind == "gate":
            words = {"open": say("open"), "shut": say("shut"), "preregistered": say("only vehicles registered before")}
            text = words[said["state"]]
            if "until" in said:
                until = say("until {at}", at=self.moment(_instant(said["until"])))
                return f"{text}, {until}"
            return text
        if kind == "hours":
            parts = [say("hours on {day}", day=self.day(date.fromisoformat(said["date"])))]
            if "opens" in said:
                parts.append(say("opening at {at}", at=said["opens"]))
            if "closes" in said:
                parts.append(say("closing at {at}", at=said["closes"]))
            return ", ".join(parts)
        if kind == "lane":
            state = say("opened") if said["state"] == "open" else say("closed")
            return say("lane {lane} {state}", lane=said["lane"], state=state)
        n = self.number(said["value"])
        if kind == "yard":
            return say("{n} vehicles counted in yard {yard}", n=n, yard=said.get("yard", NOT_KNOWN))
        if kind == "queue":
            return say("{n} vehicles counted in the queue", n=n)
        return say("{n} vehicles counted inside", n=n)

    @staticmethod
    def _why(said: dict[str, Any], say: Any) -> str:
        parts = [said["reason"]] if said.get("reason") else []
        if said.get("agreed_by"):
            parts.append(say("agreed by {office}", office=said["agreed_by"]))
        return f" – {'; '.join(parts)}" if parts else ""


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
