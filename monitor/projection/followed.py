"""Vehicles that were followed by a token, and which of them were seen at a point in a stretch of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gatewatch.monitor.projection.hearing import QUARTER_US
from gatewatch.monitor.projection.timelines import Statement, Timelines

_Subject = tuple[str, ...]  # gate, direction and token


@dataclass(slots=True)
class Followed(Timelines[_Subject]):
    """
    Passages of each vehicle with a token, in order of time.

    Who was seen at a point in a quarter-hour follows from them and is kept beside them: waits ask for the last two
    hours of a week.
    """

    _seen: dict[tuple[str, str, str], dict[int, dict[_Subject, int]]] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        self._seen = {}
        for subject, found in self.by_subject.items():
            for statement in found:
                self._note(subject, statement, 1)

    def add(self, subject: _Subject, statement: Statement) -> None:
        """Take a passage in."""
        Timelines.add(self, subject, statement)
        self._note(subject, statement, 1)

    def take_back(self, subject: _Subject, statement: Statement) -> None:
        """Take a passage out again."""
        Timelines.take_back(self, subject, statement)
        self._note(subject, statement, -1)

    def seen(
        self, gate: str, direction: str, what: str, from_us: int, until_us: int
    ) -> Iterator[tuple[int, Sequence[Statement]]]:
        """Yield when each vehicle first passed a point within [from_us, until_us], and all its passages."""
        by_quarter = self._seen.get((gate, direction, what), {})
        met: dict[_Subject, None] = {}
        for quarter in range(from_us // QUARTER_US, until_us // QUARTER_US + 1):
            met.update(dict.fromkeys(by_quarter.get(quarter, ())))
        for subject in met:
            found = self.by_subject[subject]
            at = next((s.at_us for s in found if s.said["what"] == what and from_us <= s.at_us <= until_us), None)
            if at is not None:
                yield at, found

    def forget(self, before_us: int) -> None:
        """Let go of the vehicles that were last seen before a time."""
        for subject in [subject for subject, found in self.by_subject.items() if found[-1].at_us < before_us]:
            for statement in self.by_subject.pop(subject):
                self._note(subject, statement, -1)

    def _note(self, subject: _Subject, statement: Statement, n: int) -> None:
        point = (subject[0], subject[1], statement.said["what"])
        by_quarter = self._seen.setdefault(point, {})
        quarter = statement.at_us // QUARTER_US
        there = by_quarter.setdefault(quarter, {})
        there[subject] = there.get(subject, 0) + n
        if not there[subject]:
            del there[subject]
            if not there:
                del by_quarter[quarter]
