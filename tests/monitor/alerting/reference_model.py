"""
The life of an alert by the design's words alone, as a machine of one mark: the other implementation to compare with.

    inactive -> pending -> firing -> recovering -> resolved, plus no_data and error

A mark is the second from which the present clock runs. What is shown is the phase, or why nobody can say. What ended is
shown for a quarter of an hour; whatever comes after it begins from `inactive`.
"""

from __future__ import annotations

from dataclasses import dataclass

SHOWN_FOR_S = 900
DOUBTS = ("no_data", "error")
Change = tuple[int, str, str, str, str]  # second, shown before and after, level before and after where it fires


@dataclass
class Machine:
    """
    One alert's clocks.

    Args:
        for_s: The condition must have held so long [s].
        keep_s: It fires so long after the condition was last met [s].
    """

    for_s: int
    keep_s: int
    phase: str = "inactive"
    mark: int = 0
    shown: str = "inactive"
    level: str = ""

    def look(self, second: int, verdict: str | None, level: str) -> Change | None:
        """Take in a verdict, None where the rule says nothing; return what people see change."""
        shown_before, level_before, was_over = self.shown, self.level, self.phase == "resolved"
        if was_over and (second - self.mark > SHOWN_FOR_S or verdict in ("true", *DOUBTS)):
            self.phase = "inactive"
        if verdict == "true":
            self._holds(second)
            self.level = level
        elif verdict == "false":
            self._fails(second)
        self.shown = self.phase
        if verdict in DOUBTS or (verdict is None and self._can_be_doubted(shown_before)):
            self.shown = verdict or "no_data"
        if was_over and self.phase != "resolved":
            shown_before = "inactive"
        is_out = {shown_before, self.shown} <= {"firing", "recovering"}
        levels = (level_before, self.level) if is_out else ("", "")
        if self.shown == shown_before and levels[0] == levels[1]:
            return None
        return (second, shown_before, self.shown, *levels)

    def _holds(self, second: int) -> None:
        if self.phase == "inactive":
            self.phase, self.mark = "pending", second
        if self.phase == "pending" and second - self.mark >= self.for_s:
            self.phase = "firing"
        if self.phase == "recovering":
            self.phase = "firing"

    def _fails(self, second: int) -> None:
        if self.phase == "pending":
            self.phase = "inactive"
        if self.phase == "firing":
            self.phase, self.mark = "recovering", second
        if self.phase == "recovering" and second - self.mark >= self.keep_s:
            self.phase, self.mark = "resolved", second

    def _can_be_doubted(self, shown: str) -> bool:
        """Return whether silence of the rule is news: there is something that nobody can vouch for any more."""
        return self.phase in ("pending", "firing", "recovering") or shown in DOUBTS
