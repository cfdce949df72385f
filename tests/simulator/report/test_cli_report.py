"""`--report`: refused before anything runs, written whole or not at all."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from gatewatch.simulator.cli import simulate
from gatewatch.simulator.cli_compare import compare
from gatewatch.simulator.sensitivity import ROW_KEYS, Sensitivity
from tests.simulator.report.conftest import LONGER
from tests.simulator.report.html_tree import read

FEW = ("--replications", "2", "--quiet")


@pytest.fixture
def run(border):
    """Call `compare` or `simulate` on the small border with arguments; the result."""

    def call(command, *arguments):
        app = typer.Typer()
        app.command()(command)
        policy = ["--policy", LONGER] if command is compare else []
        return CliRunner().invoke(app, ["base", "--border", str(border), *policy, *map(str, arguments)])

    return call


@pytest.fixture
def study(tmp_path):
    """Return the file of a sensitivity study with one assumption."""
    row = dict.fromkeys(ROW_KEYS, 1.0) | {"parameter": "gates.a.yards.lot.places", "unit": "places"}
    answer = Sensitivity("base", (LONGER,), "wait", "s", "a", None, 60.0, "both", True, 4, 1, 9, True, [row], [])
    path = tmp_path / "study.json"
    path.write_text(json.dumps(answer.to_dict()), encoding="utf-8")
    return path


def test_a_comparison_writes_its_report_with_theory_and_what_it_hangs_on(run, tmp_path, study):
    """The file is there, whole, in both languages, and nothing else is left."""
    path = tmp_path / "report.html"
    result = run(compare, "--report", path, "--sensitivity", study, *FEW)
    sections = {section.attributes["class"] for section in read(path.read_text("utf-8")).all("section")}

    assert result.exit_code == 0, result.output
    assert {"differences", "theory", "hanging"} <= sections
    assert {file.name for file in tmp_path.iterdir()} == {"report.html", "study.json"}


def test_a_scenario_writes_its_report_with_theory(run, tmp_path):
    """`simulate --report` has the record and the theory that the tables show."""
    path = tmp_path / "report.html"
    result = run(simulate, "--report", path, *FEW)
    sections = {section.attributes["class"] for section in read(path.read_text("utf-8")).all("section")}

    assert result.exit_code == 0, result.output
    assert {"record", "flows", "theory"} <= sections
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]


@pytest.mark.parametrize("name", ["report.pdf", "report"])
def test_another_ending_than_that_of_html_is_refused_before_the_run(run, tmp_path, name):
    """A file that is called PDF and holds HTML opens in nothing."""
    result = run(compare, "--report", tmp_path / name, *FEW)

    assert result.exit_code == 1
    assert "a report is HTML; end its name in .html, and print that to PDF" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [compare, simulate])
@pytest.mark.parametrize("name", ["folder", "no/such/folder/report.html", "file/report.html"])
def test_an_unwritable_path_is_refused_before_the_run(run, tmp_path, monkeypatch, command, name):
    """A folder, a folder that is not there, a file in the way: status 1, nothing run, nothing left behind."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("mine")
    monkeypatch.setattr("gatewatch.simulator.cli_compare.run_comparison", None)
    monkeypatch.setattr("gatewatch.simulator.cli.run_with_progress", None)
    result = run(command, "--report", tmp_path / name)

    assert result.exit_code == 1
    assert "--report" in result.stderr
    assert "Nothing was started" in result.stderr
    assert "Traceback" not in result.output
    assert sorted(file.name for file in tmp_path.rglob("*")) == ["file", "folder"]


def test_a_full_disk_leaves_the_older_report(run, tmp_path, monkeypatch):
    """What was there before is still there; status 1, and no half file."""
    path = tmp_path / "report.html"
    path.write_text("older")

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    result = run(simulate, "--report", path, *FEW)

    assert result.exit_code == 1
    assert "No space left on device" in result.stderr
    assert path.read_text() == "older"
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{", "no JSON"),
        ("[]", "no such study"),
        ('{"scenario": "base"}', "no such study"),
        (None, "No such file"),
        ("other", 'about the scenario "other"'),
    ],
)
def test_a_study_that_does_not_fit_is_refused(run, tmp_path, study, body, said):
    """No JSON, no study, no file, another scenario: told with the remedy, before the run."""
    if body == "other":
        study.write_text(study.read_text().replace('"scenario": "base"', '"scenario": "other"'))
    elif body is not None:
        study.write_text(body)
    else:
        study.unlink()
    result = run(compare, "--report", tmp_path / "report.html", "--sensitivity", study)

    assert result.exit_code == 1
    assert said in result.stderr
    assert "gatewatch sensitivity" in result.stderr
    assert not (tmp_path / "report.html").exists()


def test_a_study_without_a_report_is_refused(run, study):
    """There is nowhere to put it."""
    result = run(compare, "--sensitivity", study)

    assert result.exit_code == 1
    assert "name one by --report" in result.stderr
