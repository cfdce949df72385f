"""`gatewatch policy`: what a planner reads, and what a form reads."""

import json

import pytest
from typer.testing import CliRunner

from gatewatch.monitor.cli import app
from gatewatch.simulator.policies import list_kinds, list_policies


@pytest.fixture
def run(monkeypatch):
    """Return a function that runs a command on a wide terminal."""
    monkeypatch.setenv("COLUMNS", "250")

    def call(*arguments):
        return CliRunner().invoke(app, ["policy", *arguments])

    return call


def test_the_list_names_every_ready_policy_in_the_order_of_the_levers(run):
    """Name, kind, lever and what it does; L2 comes before L10."""
    text = run("list").stdout

    assert all(name in text for name in list_policies())
    assert text.index("lunch_worked") < text.index("two_way_quarter")


def test_the_list_as_json_has_both_languages(run):
    """For a page in Vietnamese."""
    rows = json.loads(run("list", "--json").stdout)["policies"]

    assert {row["name"] for row in rows} == set(list_policies())
    assert all(row["title_vi"] for row in rows)


def test_the_kinds_are_listed_with_their_schemas(run):
    """A planner's form needs nothing else."""
    rows = json.loads(run("kinds", "--json").stdout)["kinds"]

    assert [row["name"] for row in rows] == list(list_kinds())
    assert all(row["settings"]["properties"] for row in rows)
    assert all(name in run("kinds").stdout for name in list_kinds())


def test_a_ready_policy_is_explained_with_conditions_effect_and_sources(run):
    """Settings with unit and basis, what was reported, and how to use it."""
    text = run("show", "puzhai_cap_300").stdout

    assert "reported [VNS1403]" in text
    assert "The yard took 300 a day in 2014 and 250 in 2018." in text
    assert "Bãi nhận 300 xe/ngày năm 2014" in text
    assert "http://vietnamnews.vn" in text or "https://vietnamnews.vn" in text
    assert "gatewatch compare SCENARIO --policy puzhai_cap_300" in text


def test_a_kind_is_explained_with_its_settings(run):
    """Every setting with default, unit and meaning."""
    text = run("show", "extended_hours").stdout

    assert all(key in text for key in list_kinds()["extended_hours"].schema()["properties"])
    assert "HH:MM" in text
    assert "with_counterpart" in text


def test_a_kind_as_json_is_its_schema(run):
    """Defaults are written as a planner writes them."""
    schema = json.loads(run("show", "responsive_hours", "--json").stdout)

    assert schema == list_kinds()["responsive_hours"].schema()
    assert schema["properties"]["decides_at"]["default"] == "17:30"


def test_a_policy_as_json_has_settings_sources_and_schema(run):
    """Settings given on the spot are in it."""
    told = json.loads(run("show", "booked_exports:share=0.5", "--json").stdout)

    assert told["settings"]["share"] == 0.5
    assert {source["key"] for source in told["sources"]} >= {"GOSEC", "ERR24"}
    assert told["schema"]["title"] == "appointments"


def test_a_list_in_brackets_is_shown_and_not_taken_for_markup(run):
    """Rich would drop what stands in brackets."""
    assert "[huu_nghi,tan_thanh,coc_nam]" in run("show", "two_way_quarter").stdout


def test_an_unknown_policy_ends_with_status_one_and_the_nearest_name(run):
    """On the error stream, without a traceback."""
    result = run("show", "lunch_workd")

    assert result.exit_code == 1
    assert 'Did you mean "lunch_worked"?' in result.stderr


def test_a_border_without_ready_policies_says_so(run, tmp_path):
    """Its kinds can be used all the same."""
    file = tmp_path / "border.toml"
    file.write_text("[gates.a.stations.booth]\nservers = 1\n[gates.a.export.stages.booth]\n"
                    'service = { law = "constant", value = 1, unit = "min" }\n')  # fmt: skip

    assert "no ready policies" in run("list", "--border", str(file)).stdout
