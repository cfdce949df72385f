"""What every detector keeps; a new file is tested before it has tests of its own."""

import ast
import copy
import math
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest

from gatewatch.config.feeds import load_feeds
from gatewatch.config.loader import load_border
from gatewatch.config.thresholds import Rule, load_thresholds
from gatewatch.monitor.detectors import Finding, Level, inspect_all, list_detectors, settings_classes
from gatewatch.monitor.detectors.sentences import LANGUAGES, sentence
from gatewatch.monitor.detectors.shipped_cases import ShippedCase, built, shipped_cases
from gatewatch.monitor.detectors.taking import take_history
from gatewatch.monitor.live.snapshot import take_snapshot
from tests.monitor.stories import BORDER, DAY, FEEDS, Story

NAMES = sorted(list_detectors())
MAY_IMPORT = {"__future__", "collections", "dataclasses", "datetime", "itertools", "math", "pydantic", "statistics",
              "typing", "zoneinfo", "gatewatch"}  # fmt: skip
SHIPPED = load_border().border


def _cases(name: str) -> list[ShippedCase]:
    return [shipped for shipped in shipped_cases() if shipped.detector.name == name]


def _findings(name: str) -> list[Finding]:
    return [finding for shipped in _cases(name) for finding in shipped.findings()]


@pytest.mark.parametrize("name", NAMES)
def test_the_same_input_gives_the_same_findings_and_stays_as_it_was(name: str) -> None:
    """In any order and any number of times: it remembers nothing."""
    mine = _cases(name)
    inputs = [built(shipped.case) for shipped in mine]
    kept = copy.deepcopy(inputs)

    def look(order: list[int]) -> dict[int, list[Finding]]:
        found = {}
        for k in order:
            snapshot, history = inputs[k]
            found[k] = mine[k].detector.inspect(snapshot, mine[k].settings, snapshot.at, history)
        return found

    first = look(list(range(len(mine))))
    assert look(list(reversed(range(len(mine))))) == first
    assert inputs == kept


@pytest.mark.parametrize("name", NAMES)
def test_it_can_neither_send_nor_remember_nor_ask_for_the_time(name: str) -> None:
    """It imports values and arithmetic only, keeps nothing in its module that can change, and calls no clock."""
    module = import_module(f"gatewatch.monitor.detectors.{name}")
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    imported = {
        str(found).partition(".")[0]
        for node in ast.walk(tree)
        for found in (
            [alias.name for alias in node.names] if isinstance(node, ast.Import)
            else [node.module] if isinstance(node, ast.ImportFrom) else []
        )
    }  # fmt: skip
    called = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }
    assigned = [node for node in tree.body if isinstance(node, ast.Assign)]

    assert imported <= MAY_IMPORT
    assert not called & {"now", "utcnow", "today", "open", "print"}
    assert assigned == []  # constants are annotated Final
    assert not any(isinstance(node, ast.Global | ast.Nonlocal) for node in ast.walk(tree))


@pytest.mark.parametrize("name", NAMES)
def test_every_finding_has_unit_threshold_identity_and_words_in_both_languages(name: str) -> None:
    """All that a message needs, with every number filled in."""
    detector = list_detectors()[name]
    for shipped in _cases(name):
        found = shipped.findings()
        assert len({finding.identity for finding in found}) == len(found)
        for finding in found:
            told = {language: sentence(finding, detector.sentences, language, BORDER, FEEDS) for language in LANGUAGES}
            enters = [step.enter for step in finding.steps]
            assert finding.detector == name
            assert finding.unit == detector.unit
            assert math.isfinite(finding.threshold)
            assert enters == sorted(enters, reverse=finding.is_falling)
            assert all(told.values())
            assert told["vi"] != told["en"]
            assert not set("{}") & set("".join(told.values()))


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_known_is_not_clear(name: str) -> None:
    """A finding without a value is unknown, or tells of something bad that needs no number."""
    assert not [finding for finding in _findings(name) if finding.value is None and finding.level is Level.CLEAR]


def test_nothing_observed_is_nowhere_clear() -> None:
    """At any hour of a day without a single observation (promise P5)."""
    thresholds = load_thresholds(SHIPPED, settings_classes())
    feeds = load_feeds(SHIPPED)
    projection = Story().projection()
    for hour in range(0, 24, 3):
        now = DAY + timedelta(hours=hour)
        snapshot = take_snapshot(SHIPPED, feeds, projection, now)
        inspection = inspect_all(snapshot, thresholds, now, take_history(SHIPPED, feeds, projection, snapshot))

        assert inspection.failed == {}
        assert {finding.level for finding in inspection.findings} <= set(Level) - {Level.CLEAR}
        assert {finding.detector for finding in inspection.findings if finding.level > Level.UNKNOWN} == {
            "silent_feed",
            "watchdog",
        }


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_says_what_it_means_and_in_which_unit(name: str) -> None:
    """The page of detectors and the forms are made of it."""
    detector = list_detectors()[name]
    fields = detector.settings.model_json_schema(by_alias=True)["properties"]

    assert issubclass(detector.settings, Rule)
    assert detector.description
    assert all(field["description"] for field in fields.values())
    assert all("unit" in field or "anyOf" in field for field in fields.values())
    assert detector.about in {"congestion", "closure", "data", "service"}
