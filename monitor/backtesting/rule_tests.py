"""
Tests of rules, as promtool has them: cases at one instant, and stories in which alerts come and go.

The files that ship with the detectors, and those of whoever has thresholds of his own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from gatewatch.config.errors import one_fault
from gatewatch.config.thresholds import Thresholds
from gatewatch.monitor.alerting.judging import judge, rules_of
from gatewatch.monitor.alerting.lifecycle import Alert, Alerts, step
from gatewatch.monitor.detectors.case_records import AlertSaid, Said, Story
from gatewatch.monitor.detectors.finding import Finding, Level
from gatewatch.monitor.detectors.inspecting import Inspection
from gatewatch.monitor.detectors.kinds import list_detectors
from gatewatch.monitor.detectors.shipped_cases import FOLDER, ReadCases, ShippedCase, built, read_case_file

_AT_ONCE: Final = {"for": 0.0, "keep_firing_for": 0.0}


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What came of one case or story.

    Args:
        file: The file, as shown to a person.
        rule: The rule that was tested.
        says: The case as a sentence.
        kind: `case` or `story`.
        fires: Whether something must fire in it.
        wrong: What was expected and what was found instead, one sentence each; empty when all is right.
    """

    file: str
    rule: str
    says: str
    kind: str
    fires: bool
    wrong: tuple[str, ...] = ()

    @property
    def is_right(self) -> bool:
        """Return whether everything was as the case says."""
        return not self.wrong


def shipped_files() -> list[ReadCases]:
    """Return the files that ship; their settings stand in them, and clocks are at zero unless they say otherwise."""
    based_on = dict.fromkeys(list_detectors(), _AT_ONCE)
    return [
        read_case_file(FOLDER / f"{name}.toml", f"{FOLDER.name}/{name}.toml", based_on) for name in list_detectors()
    ]


def read_files(paths: list[Path], thresholds: Thresholds) -> list[ReadCases]:
    """
    Return the files of a user: what they do not set is as it is in force for gates without settings of their own.

    Raises:
        ConfigError: One cannot be read, or is at fault.
    """
    based_on = {
        name: placed.everywhere.model_dump(by_alias=True, exclude_none=True) for name, placed in thresholds.items()
    }
    return [read_case_file(path, str(path), based_on) for path in paths]


def run(files: list[ReadCases]) -> Iterator[Outcome]:
    """
    Yield what comes of each case and story.

    Raises:
        ConfigError: A story asks for an alert at an instant at which nothing is evaluated.
    """
    for file in files:
        for case in file.cases():
            yield Outcome(file.shown, file.detector.name, case.case.says, "case", case.fires, tuple(_case(case)))
        for n, story in enumerate(file.file.stories):
            fires = any(alert.state in {"firing", "recovering"} for alert in story.alerts)
            yield Outcome(file.shown, file.detector.name, story.says, "story", fires, tuple(_story(file, n, story)))


def _case(shipped: ShippedCase) -> Iterator[str]:
    found, case = shipped.findings(), shipped.case
    levels = [finding.level.value for finding in found]
    if levels != case.levels:
        yield f"expected {_listed(case.levels)}, found {_listed(levels)}{_numbers(found)}"
    said = found[0].said if found else None
    if case.said not in {None, said}:
        yield f'expected the sentence "{case.said}", found {"none" if said is None else f"{said!r}"}'


def _story(file: ReadCases, number: int, story: Story) -> Iterator[str]:
    steps = sorted(story.steps, key=lambda one: one.at)
    first, last = steps[0].at, max(steps[-1].at, *(alert.at for alert in story.alerts))
    due: dict[int, list[AlertSaid]] = {}
    for n, expected in enumerate(story.alerts):
        if expected.at < first or (expected.at - first) % story.every:
            key = f"stories[{number}].alerts[{n}].at"
            remedy = f"it is evaluated at {_clock(first)} and every {story.every} min from then on"
            raise one_fault(file.shown, key, f'"{_clock(expected.at)}"', remedy)
        due.setdefault(expected.at, []).append(expected)
    alerts = Alerts()
    for minute in range(first, last + 1, story.every):
        held = next(one for one in reversed(steps) if one.at <= minute)
        alerts = _evaluated(file, held, minute, first, alerts)
        for expected in due.get(minute, ()):
            yield from _compared(expected, alerts)


def _evaluated(file: ReadCases, said: Said, minute: int, first: int, alerts: Alerts) -> Alerts:
    """Return the alerts after an evaluation; minutes past midnight lie on the next day."""
    snapshot, history = built(said.model_copy(update={"at": minute % 1_440}))
    now = snapshot.at + timedelta(days=minute // 1_440 - first // 1_440)
    name, thresholds = file.detector.name, {file.detector.name: file.settings}
    findings = file.detector.inspect(snapshot, file.settings, snapshot.at, history)
    judged = judge(Inspection(tuple(findings), {}), None, thresholds, alerts, now)
    own = [judgement for judgement in judged.judgements if judgement.key.rule == name]
    after, _ = step(alerts, own, rules_of(thresholds), now)
    return after


def _compared(expected: AlertSaid, alerts: Alerts) -> Iterator[str]:
    mine = [
        alert
        for alert in alerts.alerts
        if expected.source in {None, alert.key.get("source")} and expected.subject in {None, alert.key.get("subject")}
    ]
    worst = max(mine, key=lambda alert: (alert.is_firing, alert.rank), default=None)
    state = "inactive" if worst is None else worst.state
    if state != expected.state:
        yield f"{_clock(expected.at)}: expected {expected.state}, found {state}{_of(worst)}"
    elif expected.level is not None and (worst is None or worst.level != expected.level):
        yield f"{_clock(expected.at)}: expected {expected.level}, found {'nothing' if worst is None else worst.level}"


def _of(alert: Alert | None) -> str:
    return "" if alert is None or alert.value is None else f" ({alert.level}, {alert.value:g})"


def _listed(levels: list[str]) -> str:
    return ", ".join(levels) or "nothing"


def _numbers(found: list[Finding]) -> str:
    told = [
        f"{finding.value:g} {finding.unit}" for finding in found if finding.value is not None
        if finding.level is not Level.UNKNOWN
    ]  # fmt: skip
    return f" ({', '.join(told)})" if told else ""


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def summed(outcomes: list[Outcome]) -> list[Mapping[str, Any]]:
    """Return by file and rule: cases and stories, those that must fire, those that are wrong."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for outcome in outcomes:
        row = found.setdefault(
            (outcome.file, outcome.rule),
            {"file": outcome.file, "rule": outcome.rule, "cases": 0, "stories": 0, "fire": 0, "wrong": 0},
        )
        row["cases" if outcome.kind == "case" else "stories"] += 1
        row["fire"] += outcome.fires
        row["wrong"] += not outcome.is_right
    return list(found.values())
