"""`gatewatch rules test`: the cases that ship, those of a user, and how a wrong one is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gatewatch.monitor.backtesting.rule_tests import run, shipped_files, summed
from gatewatch.monitor.cli import app
from gatewatch.monitor.detectors import list_detectors

OUTCOMES = list(run(shipped_files()))

STORY = """
[settings]
busy = 50
congested = 100
for = 15
keep_firing_for = 10

[[stories]]
says = "a story"
every = {every}
steps = [{{ at = "10:00", flow = {{ backlog = 60 }} }}, {{ at = "10:20", flow = {{ backlog = 10 }} }}]
alerts = [{alerts}]
"""


def _told(path: Path, *options: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["rules", "test", str(path), *options], env={"COLUMNS": "120"})
    return result.exit_code, result.output


def _story(tmp_path: Path, alerts: str, every: int = 5, name: str = "backlog_sustained") -> Path:
    path = tmp_path / f"{name}.toml"
    path.write_text(STORY.format(every=every, alerts=alerts), encoding="utf-8")
    return path


def test_every_rule_ships_with_cases_that_are_right() -> None:
    """Those that must fire and those that must not."""
    assert [outcome for outcome in OUTCOMES if not outcome.is_right] == []
    assert {row["rule"] for row in summed(OUTCOMES)} == set(list_detectors())
    assert all(row["fire"] for row in summed(OUTCOMES))
    assert any(outcome.kind == "story" for outcome in OUTCOMES)


def test_the_command_shows_a_table_and_ends_well() -> None:
    """One row a rule and one line that sums them up."""
    result = CliRunner().invoke(app, ["rules", "test"], env={"COLUMNS": "100"})

    assert result.exit_code == 0
    assert all(name in result.output for name in list_detectors())
    assert f"{len(OUTCOMES)} cases and stories" in result.output
    assert "all right" in result.output


def test_a_story_is_evaluated_by_the_clocks_of_its_rule(tmp_path: Path) -> None:
    """Pending for a quarter of an hour, firing, recovering for ten minutes, over."""
    alerts = [
        '{ at = "10:10", state = "pending" }',
        '{ at = "10:15", state = "firing", level = "busy" }',
        '{ at = "10:25", state = "recovering" }',
        '{ at = "10:30", state = "resolved" }',
    ]

    assert _told(_story(tmp_path, ", ".join(alerts)))[0] == 0


def test_what_is_wrong_is_told_with_what_was_found(tmp_path: Path) -> None:
    """Status 1, the sentence of the case, expected and found."""
    status, said = _told(_story(tmp_path, '{ at = "10:10", state = "firing" }, { at = "10:15", state = "inactive" }'))

    assert status == 1
    assert "a story" in said
    assert "10:10: expected firing, found pending (busy, 60)" in said
    assert "10:15: expected inactive, found firing (busy, 60)" in said
    assert "1 wrong" in said


def test_a_level_that_differs_is_wrong(tmp_path: Path) -> None:
    """A state may be right and its level not."""
    status, said = _told(_story(tmp_path, '{ at = "10:15", state = "firing", level = "congested" }'), "--json")

    assert status == 1
    assert json.loads(said)[0]["wrong"] == ["10:15: expected congested, found busy"]


def test_a_story_goes_past_midnight(tmp_path: Path) -> None:
    """What happens overnight: 32:00 is eight the next morning; an instant beyond a week is refused."""
    fine = _told(_story(tmp_path, '{ at = "20:00", state = "inactive" }, { at = "32:00", state = "inactive" }', 20))
    _, said = _told(_story(tmp_path, '{ at = "170:00", state = "inactive" }'))

    assert fine[0] == 0
    assert 'stories[0].alerts[0].at is "170:00"; an instant of a story is written "HH:MM", past 24:00' in said


def test_an_instant_without_an_evaluation_is_refused(tmp_path: Path) -> None:
    """Nobody guesses what was meant."""
    status, said = _told(_story(tmp_path, '{ at = "10:07", state = "pending" }'))

    assert status == 1
    assert 'stories[0].alerts[0].at is "10:07"; it is evaluated at 10:00 and every 5 min' in said


def test_what_a_users_file_leaves_out_is_as_in_force(tmp_path: Path) -> None:
    """The shipped rule waits 15 min and begins at 150 vehicles, and the file may have any name."""
    path = tmp_path / "mine.toml"
    path.write_text(
        'rule = "backlog_sustained"\n[[cases]]\nsays = "as shipped"\nflow = { backlog = 150 }\nlevels = ["busy"]\n'
        '[[stories]]\nsays = "as shipped"\nsteps = [{ at = "10:00", flow = { backlog = 150 } }]\n'
        'alerts = [{ at = "10:14", state = "pending" }, { at = "10:15", state = "firing" }]\n',
        encoding="utf-8",
    )

    assert _told(path)[0] == 0


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("mine", "[[cases]]\n", "mine.toml is named like no rule; no rule has that name."),
        ("mine", 'rule = "backlog"\n', 'mine.toml: rule is "backlog"; no rule has that name. Did you mean'),
        ("road_queue", "", "road_queue.toml: cases is empty;"),
        ("road_queue", "[settings]\nbizy = 1\n", "road_queue.toml: cases is empty;"),
        (
            "backlog_sustained",
            "[settings]\nbusy = 500\n[[cases]]\nsays = 'a'\nlevels = []\n",
            "settings is at odds with itself; congested must be above busy (busy 500, congested 300 in force).",
        ),
        ("road_queue", '[[cases]]\nsays = "a"\nlevels = []\nlevel = 1\n', "cases[0].level is unknown;"),
    ],
)
def test_a_wrong_file_is_told_with_its_place(tmp_path: Path, name: str, text: str, fault: str) -> None:
    """File, key and remedy; nothing is run."""
    path = tmp_path / f"{name}.toml"
    path.write_text(text if "cases]]" not in text or "says" in text else f"{text}says = 'a'\nlevels = []\n", "utf-8")

    status, said = _told(path)

    assert status == 1
    assert fault in said.replace("\n", " ")
