"""How a planner names a policy, and what happens when the name or a setting is wrong."""

from datetime import date

import pytest

from gatewatch.config.errors import ConfigError
from gatewatch.config.loader import load_border, shipped_border_folder
from gatewatch.simulator.policies import find_policy, list_policies
from gatewatch.simulator.policies.typed import read_settings

FILE = """
kind = "extended_hours"
title = "An hour more"

[settings]
gate = "huu_nghi"
later = { value = 1, basis = "inferred", source = "UBND404" }
"""


def faults(text, loaded=None):
    """Return what is said of a policy that cannot be used."""
    with pytest.raises(ConfigError) as refused:
        find_policy(text, loaded)
    return [str(fault) for fault in refused.value.faults]


def test_a_kind_takes_its_settings_after_the_colon(shipped):
    """Words without quotes, times, dates, numbers and lists are read as in a file."""
    policy = find_policy("extended_hours: gate=[huu_nghi, tan_thanh], closes=21:30, from=2025-07-03", shipped)

    assert policy.settings.gate == ["huu_nghi", "tan_thanh"]
    assert policy.settings.closes == 21 * 60 + 30
    assert policy.settings.first == date(2025, 7, 3)
    assert policy.basis == "assumed"


def test_one_name_is_as_good_as_a_list_of_one(shipped):
    """`gate=huu_nghi` names one gate."""
    assert find_policy("extended_hours:gate=huu_nghi,later=1", shipped).settings.gate == ["huu_nghi"]


def test_a_ready_policy_is_found_by_name_and_keeps_its_texts(shipped):
    """Kind, lever, conditions and reported effect come from its file."""
    policy = find_policy("huu_nghi_two_hours_later", shipped)

    assert (policy.name, policy.kind.name, policy.lever) == ("huu_nghi_two_hours_later", "extended_hours", "L1")
    assert policy.settings.later == 2
    assert "2014" in policy.effect


def test_settings_given_on_the_spot_replace_those_of_a_ready_policy_and_are_assumed(shipped):
    """The others stay; the name says what was typed, so that two variants can be told apart."""
    policy = find_policy("huu_nghi_imports_to_22:closes=21:00", shipped)

    assert policy.name == "huu_nghi_imports_to_22:closes=21:00"
    assert policy.settings.closes == 21 * 60
    assert policy.settings.direction == "import"
    assert (policy.basis, policy.source) == ("assumed", None)


def test_a_policy_comes_from_a_file_with_settings_replaced(tmp_path, shipped):
    """A path ends in .toml; what follows the colon replaces settings of the file."""
    (tmp_path / "mine.toml").write_text(FILE, encoding="utf-8")
    policy = find_policy(f"{tmp_path / 'mine.toml'}", shipped)
    other = find_policy(f"{tmp_path / 'mine.toml'}:later=3", shipped)

    assert (policy.name, policy.settings.later, policy.title) == ("mine", 1, "An hour more")
    assert (other.name, other.settings.later) == ("mine:later=3", 3)


def test_the_basis_of_a_policy_is_that_of_its_least_certain_setting(tmp_path, shipped):
    """The hours are inferred, but for which gate is assumed."""
    (tmp_path / "mine.toml").write_text(FILE, encoding="utf-8")
    known = FILE.replace('gate = "huu_nghi"', 'gate = { value = "huu_nghi", basis = "reported", source = "UBND404" }')
    (tmp_path / "known.toml").write_text(known, encoding="utf-8")

    assert find_policy(f"{tmp_path / 'mine.toml'}", shipped).basis == "assumed"
    assert find_policy(f"{tmp_path / 'known.toml'}", shipped).basis == "inferred"
    assert find_policy(f"{tmp_path / 'known.toml'}", shipped).source == "UBND404"


def test_a_border_has_the_ready_policies_of_its_own_folder(tmp_path):
    """Those of Lang Son name gates that another border has not."""
    (tmp_path / "border.toml").write_text((shipped_border_folder() / "examples/two_gates.toml").read_text("utf-8"))
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies/more.toml").write_text('kind = "demand_change"\ntitle = "More"\n[settings]\nfactor = 1.1\n')

    assert list(list_policies(load_border(tmp_path))) == ["more"]


def test_an_unknown_name_suggests_the_nearest_policy_or_kind(shipped):
    """Among ready policies and kinds alike."""
    assert 'Did you mean "lunch_worked"?' in faults("lunch_workd", shipped)[0]
    assert 'Did you mean "extended_hours"?' in faults("extended_hour:later=1", shipped)[0]


@pytest.mark.parametrize("name", ["mine.yaml", "folder/", "plans/mine"])
def test_another_file_than_toml_is_refused_as_such(name, shipped):
    """Who gives a path is not told of names that are no paths."""
    assert faults(f"{name}:later=1", shipped) == [
        f'--policy is "{name}"; the file of a policy is TOML, and its name ends in .toml.'
    ]


def test_a_file_with_an_unknown_kind_is_refused_with_the_nearest(tmp_path, shipped):
    """File and key are named."""
    (tmp_path / "mine.toml").write_text(FILE.replace("extended_hours", "extendd_hours"), encoding="utf-8")
    (fault,) = faults(f"{tmp_path / 'mine.toml'}", shipped)

    assert fault.startswith(f"{tmp_path / 'mine.toml'}: kind is ")
    assert 'Did you mean "extended_hours"?' in fault


def test_a_setting_that_does_not_fit_is_refused_with_its_place_in_the_file(tmp_path, shipped):
    """As in every file of the border."""
    (tmp_path / "mine.toml").write_text(FILE.replace("value = 1", "value = -1"), encoding="utf-8")

    assert faults(f"{tmp_path / 'mine.toml'}", shipped) == [
        f"{tmp_path / 'mine.toml'}: settings.later is -1; use a number of 0 or more [h]."
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("extended_hours", "give at least one of opens, closes, earlier and later"),
        ("extended_hours:later=1,closes=20:00", "give either closes or later"),
        ("extended_hours:opens=08:00,closes=07:00", "closes (07:00) must be after opens (08:00)"),
        ("extended_hours:closes=25:00", 'a time of day is written "HH:MM", from 00:00 to 24:00'),
        ("extended_hours:later=many", 'later is "many"; use a number of 0 or more [h]'),
        ("extra_servers:stations=quarantine,servers=1.5", "servers is 1.5; use a whole number"),
        ("extra_servers:servers=1", "stations is missing"),
        ("demand_change:factor=1.1,from=2025-07-05,to=2025-07-01", "to must not be before from"),
        ("service_change:stages=customs", "give either factor or law"),
        ("responsive_hours:over=100", "give over and later, or steps"),
        ("shock:factor=2", "say which stages"),
        ("day_state:state=closed", 'use one of "open", "preregistered", "shut"'),
        ("intake_halt:classes=fruit,from=2025-07-02,to=2025-07-01", "to must be after from"),
    ],
)
def test_impossible_settings_are_refused_before_any_border_is_looked_at(text, said, shipped):
    """The fault names the policy and what to write instead."""
    (fault,) = faults(text, shipped)

    assert fault.startswith(f"policy {text.partition(':')[0]}")
    assert said in fault


@pytest.mark.parametrize("text", ["extended_hours:later", "extended_hours:=2", "extended_hours:", "extended_hours:,,"])
def test_settings_that_are_no_pairs_are_refused(text, shipped):
    """A key needs a value."""
    assert "give settings as key=value" in faults(text, shipped)[0]


def test_a_setting_given_twice_is_refused(shipped):
    """Which one is meant is not for us to guess."""
    assert faults("extended_hours:later=1,later=2", shipped) == [
        "policy extended_hours: later is given twice; give it once."
    ]


def test_commas_in_brackets_and_quotes_belong_to_the_value():
    """Lists, tables and texts may hold commas."""
    text = """a=[1, [2, 3]], b={ x = 1, y = "p,q" }, c="one, two", d=[mon, tue]"""

    assert read_settings(text, "x") == {
        "a": [1, [2, 3]], "b": {"x": 1, "y": "p,q"}, "c": "one, two", "d": ["mon", "tue"],
    }  # fmt: skip
