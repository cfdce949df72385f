"""
The sentinel: on another machine, it tells by a channel of its own when the service has died or tells nobody any more.

It asks for the alerts and waits for their revision to grow, which every evaluation makes it do. Ages are taken by a
watch that only goes forward, so that no clock has to be right on either machine.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import httpx
import structlog

from gatewatch.monitor.alerting.outgoing import Outgoing
from gatewatch.monitor.detectors.sentences import Language

LOOKS_EVERY_S: Final = 15.0
PATIENCE_S: Final = 60.0  # four evaluations; told within 90 s of the service's death
REPEATS_S: Final = 3_600.0
_ASKS_FOR_S: Final = 10.0
_STUCK: Final = "notifier_stuck"

_log: Final = structlog.get_logger(__name__)

WORDS: Final = {
    "silent": {
        "vi": "Gatewatch không trả lời từ {minutes} phút: {reason}. Kiểm tra máy chủ và dịch vụ.",
        "en": "Gatewatch has not answered for {minutes} min: {reason}. Look at its machine and service.",
    },
    "asleep": {
        "vi": "Gatewatch trả lời nhưng không đánh giá cảnh báo từ {minutes} phút. Khởi động lại dịch vụ.",
        "en": "Gatewatch answers but has evaluated no alerts for {minutes} min. Restart the service.",
    },
    "mute": {
        "vi": "Gatewatch không gửi được thông báo. Xem trang cảnh báo và các kênh gửi.",
        "en": "Gatewatch cannot deliver its messages. Look at the alarm page and at the channels.",
    },
    "well": {"vi": "Gatewatch hoạt động trở lại.", "en": "Gatewatch works again."},
}


class NoAnswerError(Exception):
    """The service did not answer; the message says why."""


@dataclass(frozen=True, slots=True)
class Sign:
    """
    A sign of life.

    Args:
        rev: Revision of the alerts.
        is_mute: It says itself that its messages are not delivered.
    """

    rev: int
    is_mute: bool


def ask(client: httpx.Client) -> Sign:
    """
    Return a service's sign of life.

    Args:
        client: With the service's address, and a key that may read alerts.

    Raises:
        NoAnswerError: There is none.
    """
    try:
        response = client.get("/v1/alerts", timeout=_ASKS_FOR_S)
        response.raise_for_status()
        found = response.json()
        firing = {one["rule"] for one in found["alerts"] if one["state"] == "firing"}
        return Sign(int(found["rev"]), _STUCK in firing)
    except httpx.HTTPStatusError as error:
        raise NoAnswerError(f"status {error.response.status_code}") from None
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise NoAnswerError(f"{type(error).__name__}: {error}".rstrip(": ")) from None


class Sentinel:
    """
    Looks at a service again and again.

    Args:
        ask: Returns its sign of life.
        tell: Delivers a word by the sentinel's own channel; what it raises is tried again at the next look.
        stopwatch: Seconds that only go forward.
        patience_s: How long no sign is no trouble [s].
    """

    def __init__(
        self,
        ask: Callable[[], Sign],
        tell: Callable[[str, str], None],
        stopwatch: Callable[[], float],
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._ask, self._tell, self._stopwatch, self._patience_s = ask, tell, stopwatch, patience_s
        self._rev: int | None = None
        self._alive_s = stopwatch()
        self._answers_since_s: float | None = None
        self._told: str | None = None
        self._told_s = 0.0

    def look(self) -> str:
        """Look once, tell what is to be told, and return how the service is: a key of `WORDS`."""
        state, reason = self._state()
        now = self._stopwatch()
        is_news = state != (self._told or "well")
        is_due = state != "well" and now - self._told_s >= REPEATS_S
        if is_news or is_due:
            minutes = max(1, round((now - self._alive_s) / 60))
            texts = {language: text.format(minutes=minutes, reason=reason) for language, text in WORDS[state].items()}
            try:
                self._tell(texts["vi"], texts["en"])
            except Exception:  # noqa: BLE001 - whatever the channel raises, the next look tells again
                _log.exception("the sentinel could not tell", state=state)
                return state
            self._told, self._told_s = state, now
        return state

    def _state(self) -> tuple[str, str]:
        try:
            sign = self._ask()
        except NoAnswerError as error:
            self._answers_since_s = None
            is_late = self._stopwatch() - self._alive_s >= self._patience_s
            return ("silent" if is_late else self._told or "well"), str(error)
        now = self._stopwatch()
        if self._answers_since_s is None:
            self._answers_since_s = now
        if sign.rev != self._rev:
            self._rev, self._alive_s = sign.rev, now
            return ("mute" if sign.is_mute else "well"), ""
        # One that has just come back is given time for its first evaluation.
        is_late = now - max(self._alive_s, self._answers_since_s) >= self._patience_s
        return ("asleep" if is_late else self._told or "well"), ""


def outgoing(vi: str, en: str, language: Language, contact: str, channel: str, address: str) -> Outgoing:
    """Return the sentinel's word as a message."""
    said, other = (vi, en) if language == "vi" else (en, vi)
    return Outgoing(
        f"sentinel-{secrets.token_hex(8)}", contact, channel, address, language, said[:90], f"{said}\n\n{other}\n",
        said[:160], "critical", is_urgent=True, brief=said[:70],
    )  # fmt: skip
