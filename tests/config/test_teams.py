"""Who is told: what ships stays on this machine, and every fault of a file names place, value and remedy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gatewatch.config.errors import ConfigError
from gatewatch.config.loader import load_border
from gatewatch.config.teams import LoadedTeams
from gatewatch.monitor.alerting import AlertKey, Clocks
from gatewatch.monitor.alerting.grouping import routes_of
from gatewatch.monitor.alerting.teams import settings_of
from gatewatch.monitor.channels.kinds import list_kinds
from gatewatch.monitor.channels.teams import load_told
from gatewatch.monitor.detectors.kinds import list_detectors

BORDER = load_border().border
RULES = list_detectors()
PLAIN = """
[channels.screen]
kind = "in_app"
[contacts.board]
channel = "screen"
[contacts.lan]
channel = "screen"
quiet_hours = [{ hours = "22:00-06:00", days = ["sat", "sun"] }]
[teams.shift]
members = ["board"]
shifts = [{ contact = "lan", times = [{ hours = "06:00-18:00" }] }]
otherwise = "board"
"""
LAST = '[[routes]]\nname = "all"\nto = ["shift"]\n'


@pytest.fixture
def load(tmp_path: Path):
    """Load a text as the teams file."""

    def run(text: str) -> LoadedTeams:
        file = tmp_path / "teams.toml"
        file.write_text(text)
        return load_told(BORDER, RULES, file)

    return run


def faults(load, text: str) -> str:
    """Return what is said of a text."""
    with pytest.raises(ConfigError) as error:
        load(text)
    return str(error.value)


def test_as_shipped_nothing_leaves_the_machine() -> None:
    """Every contact is a screen, every rule has a route with somebody, and escalation takes 5, 10 and 15 min."""
    loaded = load_told(BORDER, RULES)
    settings = settings_of(loaded, dict.fromkeys(RULES, Clocks()))

    assert not any(list_kinds()[channel.kind].leaves for channel in loaded.channels.values())
    for name, detector in RULES.items():
        (route,) = routes_of(AlertKey.of(alertname=name, about=detector.about, gate="huu_nghi"), settings.routes)
        assert route.destinations, name
    assert [step.after for step in settings.steps] == [timedelta(minutes=n) for n in (5, 10, 15)]
    assert settings.routes[-1].group_wait == timedelta(seconds=30)
    assert settings.routes[-1].group_interval == timedelta(minutes=5)
    assert settings.routes[-1].repeat_interval_critical == timedelta(hours=1)
    assert settings.routes[-1].repeat_interval == timedelta(hours=4)


def test_every_team_of_the_sources_is_there_with_both_names() -> None:
    """A message names who coordinates, in the language of the contact."""
    teams = load_told(BORDER, RULES).teams.teams

    assert len(teams) >= 10
    assert all(team.title and team.title_vi for team in teams.values())
    assert teams["management_center"].title_vi == "Trung tâm Quản lý cửa khẩu"


def test_a_team_with_shifts_is_a_duty_and_its_members(load) -> None:
    """Whoever is on duty by the clock of Vietnam, and the screen at any time."""
    settings = settings_of(load(PLAIN + LAST), {})
    (duty,) = settings.duties

    assert settings.routes[0].destinations == ("board", "shift")
    assert duty.on_duty(datetime(2026, 1, 15, 3, 0, tzinfo=UTC)) == ("lan",)
    assert duty.on_duty(datetime(2026, 1, 15, 12, 0, tzinfo=UTC)) == ("board",)


def test_quiet_hours_are_those_of_vietnam(load) -> None:
    """Saturday 23:00 there is 16:00 UTC."""
    settings = settings_of(load(PLAIN + LAST), {})
    lan = next(contact for contact in settings.contacts if contact.destination == "lan")

    assert lan.is_quiet(datetime(2026, 1, 17, 16, 0, tzinfo=UTC))
    assert not lan.is_quiet(datetime(2026, 1, 16, 16, 0, tzinfo=UTC))


def test_the_file_beside_a_border_is_read_and_is_no_part_of_it(tmp_path: Path) -> None:
    """A border's folder may hold its teams."""
    (tmp_path / "teams.toml").write_text(PLAIN + LAST)

    assert list(load_told(BORDER, RULES, root=tmp_path).teams.teams) == ["shift"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (PLAIN + LAST.replace('"shift"', '"shft"'), 'routes[0].to[0] is "shft"; no team or contact has that name. Did'),
        (PLAIN.replace('channel = "screen"', 'channel = "mail"', 1) + LAST, 'contacts.board.channel is "mail"; no '),
        (PLAIN.replace('"in_app"', '"telepathy"') + LAST, 'channels.screen.kind is "telepathy"; no kind of channel'),
        (PLAIN.replace('kind = "in_app"', 'colour = "red"') + LAST, "screen.kind is missing; say of which kind"),
        (PLAIN.replace('"in_app"', '"in_app"\ncolour = "red"') + LAST, "channels.screen.colour is unknown"),
        (PLAIN + LAST + "match = ['gate=\"huu_ngi\"']", 'Did you mean "huu_nghi"?'),
        (PLAIN + LAST + "match = ['alertname=\"queues\"']", "no rule has that name"),
        (PLAIN + LAST + "match = ['place=\"x\"']", "no label has that name"),
        (PLAIN + LAST + "match = ['gate is huu_nghi']", 'write LABEL="VALUE"'),
        (PLAIN + LAST + "match = ['gate=\"huu_nghi\"']", "the last route takes every alert"),
        (PLAIN + LAST + LAST, 'routes[1].name is "all"; another route has that name'),
        (PLAIN.replace('otherwise = "board"', "") + LAST, "teams.shift.otherwise is missing; name the contact"),
        (PLAIN.replace("22:00-06:00", "22:00") + LAST, 'hours are written "HH:MM-HH:MM"'),
        (PLAIN.replace("[contacts.lan]", '[contacts.lan]\naddress = "x"') + LAST, "a screen has no address"),
        (PLAIN + LAST + '[teams.lan]\nmembers = ["board"]', "teams.lan is named like a contact; give the team another"),
        (
            PLAIN + LAST + '[[escalation]]\nafter = 5\nto = ["lan"]\n[[escalation]]\nafter = 2\nto = ["lan"]',
            "escalation[1].after is 2; a step comes after the one before it",
        ),
        (PLAIN.replace("[contacts.lan]", '[contacts.lan]\ntitle = "a\\nBcc: x"') + LAST, "contacts.lan.title is"),
    ],
)  # fmt: skip
def test_a_fault_names_place_value_and_remedy(load, text: str, said: str) -> None:
    """One round of corrections instead of ten."""
    found = faults(load, text)

    assert said in found
    assert "teams.toml: " in found


def test_all_faults_are_told_together(load) -> None:
    """Also those of different tables."""
    text = PLAIN.replace('members = ["board"]', 'members = ["bord"]') + LAST.replace('"shift"', '"shft"')

    assert "2 faults. Nothing was started." in faults(load, text)
