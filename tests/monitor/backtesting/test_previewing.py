"""What a replay and a preview say of a small story, reckoned by hand."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gatewatch.config.errors import ConfigError
from gatewatch.config.thresholds import load_thresholds
from gatewatch.monitor.backtesting.previewing import preview, told
from gatewatch.monitor.backtesting.replaying import replay, replayed_rules
from gatewatch.monitor.cli import app
from gatewatch.monitor.detectors import list_detectors, settings_classes
from gatewatch.monitor.detectors.changing import changed, judging_rules
from gatewatch.monitor.observations import Observation
from gatewatch.monitor.projection.projecting import Projection
from gatewatch.monitor.projection.recalled import Recalled
from tests.monitor.stories import BORDER, CAMERA_IN, CAMERA_OUT, FEEDS, Story, clock

NOBODYS = Path("a border without thresholds")
THRESHOLDS = load_thresholds(BORDER, settings_classes(), NOBODYS)
FIVE = timedelta(minutes=5)


class ToldPast:
    """A story as a past: received as it happens."""

    def __init__(self, story: Story) -> None:
        self._told = sorted(story.observations, key=lambda one: one.occurred_at)
        self._applied: dict[tuple[str, str], Observation] = {}
        self.projection = Projection(self._applied.get, recalled=Recalled())

    def advance(self, until: datetime) -> None:
        """Take in what happened before an instant."""
        while self._told and self._told[0].occurred_at < until:
            one = self._told.pop(0)
            self.projection.apply(one, self.projection.last_seq + 1, one.occurred_at)
            self._applied[one.source, one.id] = one


def _past() -> ToldPast:
    """Return a day on which 40 were inside, 200 from 10:00 on, 240 from 12:00 on, and 40 again from 14:00 on."""
    story = Story()
    for camera in (CAMERA_IN, CAMERA_OUT):
        story.beats(camera, clock("6:00"), clock("20:00"))
    for at, value in (("6:30", 40), ("10:00", 200), ("12:00", 240), ("14:00", 40)):
        story.counted(clock(at), value)
    return ToldPast(story)


def test_an_alert_of_a_replay_fires_and_ends_by_the_clocks_of_its_rule() -> None:
    """150 vehicles for 15 min: the count of 10:00 is seen at 10:05, fires at 10:20, and ends 10 min after 14:05."""
    (found,) = replay(
        BORDER, FEEDS, _past(), [THRESHOLDS], clock("8:00"), clock("18:00"), FIVE, ["backlog_sustained"]
    )  # fmt: skip
    (firing,) = found.firings

    assert (firing.active_at, firing.fired_at) == (clock("10:05"), clock("10:20"))
    assert firing.resolved_at == clock("14:15")
    assert (firing.place, firing.level, firing.value, firing.threshold) == (("north", "export"), "busy", 200.0, 150.0)
    assert found.highest["backlog_sustained", "north", "export"] == {clock("8:00").date(): 240.0}
    assert (found.n_evaluations, found.failed) == (120, {})


def test_a_preview_stands_beside_what_is_in_force() -> None:
    """With 220 from 0 min on it fires from 12:05 to 14:15 and not from 10:20; nothing else is changed."""
    found = preview(
        BORDER, FEEDS, _past(), THRESHOLDS, "backlog_sustained", {"busy": 220, "for": 0}, ("north", None),
        clock("8:00"), clock("18:00"), FIVE,
    )  # fmt: skip
    said = told(found)

    assert [one.fired_at for one in found.present.firings] == [clock("10:20")]
    assert [(one.fired_at, one.resolved_at) for one in found.changed.firings] == [(clock("12:05"), clock("14:15"))]
    assert said["changed"]["alerts"][0]["lasted_min"] == 130
    assert said["settings"] == {"busy": 220, "for": 0}
    assert json.dumps(said)
    assert THRESHOLDS["backlog_sustained"].at("north", "export").busy == 150


def test_a_change_holds_where_it_was_asked_for() -> None:
    """A gate, a direction, both, or everywhere."""
    places = [(None, None), ("north", None), ("north", "export"), ("north", "import"), (None, "import")]

    def busy(where: tuple[str | None, str | None]) -> list[float]:
        placed = changed(THRESHOLDS, BORDER, "backlog_sustained", {"busy": 10}, where)["backlog_sustained"]
        return [placed.at(*place).busy for place in places]

    assert busy((None, None)) == [10] * 5
    assert busy(("north", None)) == [150, 10, 10, 10, 150]
    assert busy(("north", "import")) == [150, 150, 150, 10, 150]
    assert busy((None, "import")) == [150, 150, 150, 10, 10]


@pytest.mark.parametrize(
    ("rule", "settings", "where", "fault"),
    [
        ("backlog", {}, (None, None), 'rule is "backlog"; no rule that can be replayed has that name. Did you mean'),
        ("disk_low", {}, (None, None), 'rule is "disk_low"'),
        ("road_queue", {}, ("nord", None), 'gate is "nord"; no gate has that name. Did you mean "north"'),
        ("road_queue", {"bizy": 1}, (None, None), "settings: bizy is unknown;"),
        ("road_queue", {"busy": "many"}, (None, None), 'settings: busy is "many";'),
        ("backlog_sustained", {"busy": 400}, (None, None), "congested must be above busy (in force: busy 150"),
    ],
)
def test_a_change_that_cannot_be_is_told_with_its_remedy(
    rule: str, settings: dict[str, float], where: tuple[str | None, str | None], fault: str
) -> None:
    """Nothing is replayed."""
    with pytest.raises(ConfigError) as caught:
        changed(THRESHOLDS, BORDER, rule, settings, where)

    assert fault in str(caught.value)


def test_what_is_replayed_is_what_judges_observations() -> None:
    """Of disks, backups and messages the service leaves no record."""
    assert replayed_rules() == judging_rules()
    assert set(list_detectors()) - set(judging_rules()) == {
        name for name, detector in list_detectors().items() if detector.about == "service"
    }


@pytest.mark.parametrize("command", [["replay"], ["preview", "--rule", "road_queue"], ["suggest"]])
@pytest.mark.parametrize(
    ("options", "fault"),
    [
        (["--from", "2026-01-15", "--scenario", "peak"], "--scenario is given with --from or --to"),
        (["--scenario", "h1_2025", "--days", "1", "--skip", "1"], "--skip is 1; leave some days to evaluate"),
        (["--from", "2026-01-15", "--to", "2026-01-10"], "the last day must not lie before the first"),
    ],
)
def test_all_name_the_past_in_the_same_way(tmp_path: Path, command: list[str], options: list[str], fault: str) -> None:
    """What contradicts itself is refused by each."""
    result = CliRunner().invoke(app, ["rules", *command, *options], env={"GATEWATCH_HOME": str(tmp_path)})

    assert result.exit_code == 1
    assert fault in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["replay"], "--from is missing; give the first day"),
        (["replay", "--from", "yesterday"], '--from is "yesterday"; write a date as 2026-01-15'),
        (["replay", "--from", "2026-01-15", "--to", "2026-01-10"], "the last day must not lie before the first"),
        (["replay", "--from", "2026-01-15", "--scenario", "peak"], "--scenario is given with --from or --to"),
        (["replay", "--scenario", "pik"], "peak"),
        (
            ["preview", "--rule", "road_queue", "--from", "2026-01-15", "--set", "busy"],
            '--set is "busy"; write KEY=VALUE',
        ),
        (["replay", "--from", "2026-01-15"], "--home is without a store at"),
    ],
)
def test_a_wrong_option_is_told(tmp_path: Path, arguments: list[str], fault: str) -> None:
    """Status 1, with what to write instead."""
    result = CliRunner().invoke(app, ["rules", *arguments], env={"GATEWATCH_HOME": str(tmp_path), "COLUMNS": "200"})

    assert result.exit_code == 1
    assert fault in result.output


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (["--rule", "backlog", "--set", "busy=3"], 'rule is "backlog"; no rule that can be replayed has that name'),
        (["--rule", "backlog_sustained", "--set", "busy='x'"], "busy is"),
        (["--rule", "backlog_sustained", "--set", "busy=3", "--gate", "hanoi"], 'gate is "hanoi"; no gate'),
    ],
)
def test_a_wrong_change_is_refused_before_days_are_simulated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: list[str], fault: str
) -> None:
    """Nobody waits for a month of traffic to be told of a slip of the pen."""
    monkeypatch.setattr("gatewatch.monitor.cli_rules_preview.days_of", lambda *_: pytest.fail("days were asked for"))
    arguments = ["rules", "preview", *change, "--scenario", "h1_2025"]
    result = CliRunner().invoke(app, arguments, env={"GATEWATCH_HOME": str(tmp_path), "COLUMNS": "200"})

    assert result.exit_code == 1
    assert fault in result.output
