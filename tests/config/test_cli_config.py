"""What `gatewatch config` prints, and with which exit status."""

import json
import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from gatewatch.config.cli import app
from gatewatch.config.dictionary import EXAMPLES
from gatewatch.config.loader import load_border, shipped_border_folder

HERE = Path(__file__).parent
GATES = sorted(file.stem for file in (shipped_border_folder() / "gates").glob("*.toml"))

LABELLED = """
[sources.WALK]
title = "Walk count"
date = "2025-07"
url = "https://example.org/walk"

[calendars.hanoi]
hours = [
    { open = ["07:00-18:00"], basis = "assumed" },
    { open = ["07:00-22:00"], direction = "import", basis = "reported", source = "WALK" },
]
days = [{ from = 2025-07-20, to = 2025-07-20, state = "preregistered", reason = "Test day" }]

[calendars.beijing]
timezone = "Asia/Shanghai"
hours = [{ open = ["09:00-24:00"] }]

[gates.north]
title = "North"
title_vi = "Cổng Bắc"
note = "A note."
calendar = "hanoi"
counterpart = { title = "Beyond", calendar = "beijing" }

[gates.north.stations]
park.holds = true
booth = { servers = [{ servers = 2 }, { servers = 4, hours = "08:00-12:00", days = ["sat"] }] }
desk.opens_with = "both"
desk.priority = ["fruit"]
desk.servers = { value = 3, basis = "reported", source = "WALK" }

[gates.north.yards]
outside = { kind = "off_site" }
inside = { places = { value = 20, basis = "inferred", source = "WALK" }, keep = 10 }

[gates.north.export.stages]
park.yard = "outside"
desk = { yard = "inside", service = { law = "triangular", low = 3, mode = 4, high = 5, unit = "min" } }
booth = { service = { law = "exponential", mean = 4, unit = "min" }, next = [{ to = "desk", share = 0.1 }] }

[gates.north.export.selectivity]
"*" = { green = 0.75, red = 0.25, basis = "reported", source = "WALK" }

[gates.north.import.stages]
booth = { service = { law = "constant", value = 4, unit = "min" } }
"""


@pytest.fixture
def run(monkeypatch):
    """Return a function that runs a command in a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def labelled(tmp_path):
    """Return a border with labels of every kind."""
    file = tmp_path / "labelled.toml"
    file.write_text(LABELLED, "utf-8")
    return file


# --- check ----------------------------------------------------------------------------------------------


def test_a_border_in_order_is_counted(run):
    """Exit status 0 and one line."""
    answer = run("check", EXAMPLES / "call_forward.toml")

    assert (answer.exit_code, answer.output) == (0, "1 file, 1 gate, 2 scenarios: no fault.\n")


def test_the_shipped_border_is_checked_without_an_argument(run):
    """Eight gates, the dormant ones among them."""
    answer = run("check")

    assert answer.exit_code == 0
    assert re.fullmatch(r"\d+ files, 8 gates, \d+ scenarios: no fault\.\n", answer.output)


def test_faults_are_printed_a_line_each_with_a_summary(run):
    """Exit status 1; what stands in a scenario's restated border is among them."""
    answer = run("check", HERE / "broken_together")

    assert answer.exit_code == 1
    assert answer.output == (HERE / "broken_together" / "expected.txt").read_text("utf-8")


def test_faults_can_be_read_by_a_program(run):
    """Each part by itself."""
    answer = run("check", HERE / "broken" / "servers_negative.toml", "--json")

    assert answer.exit_code == 1
    assert json.loads(answer.output)["faults"] == [
        {
            "file": "servers_negative.toml",
            "key": "gates.a.stations.booth.servers",
            "found": "-1",
            "expected": "use a whole number from 0 to 100000 [servers]",
        }
    ]


# --- show -----------------------------------------------------------------------------------------------


def test_a_gate_is_told_in_words(run, labelled):
    """Hours of both sides, stages in order, yards, and where the numbers come from."""
    text = run("show", "north", "--border", labelled, "--on", "2025-07-15").output

    for part in (
        "North · Cổng Bắc (north)",
        "A note.",
        "Hours on Tuesday 2025-07-15",
        "North, export   07:00-18:00*       08:00-19:00",
        "North, import   07:00-22:00 [WALK] 08:00-23:00",
        "Beyond          08:00-23:00*       09:00-24:00",
        "Both sides, export 08:00-18:00 09:00-19:00",
        "Both sides, import 08:00-22:00 09:00-23:00",
        "1 park park until called forward in outside",
        "3 [WALK] 3 to 5 min, mostly 4*",
        "2* 4 min on average, exponential*",
        "4 08:00-12:00 sat*",
        "10 % go to desk",
        "first fruit",
        "green 75 %, red 25 % [WALK]",
        "20 places ~[WALK]",
        "kept at 10*",
        "* assumed. [KEY] reported by this source; ~[KEY] inferred from it.",
        "WALK Walk count (2025-07)",
    ):
        assert " ".join(part.split()) in " ".join(text.split())


def test_a_day_of_its_own_is_named(run, labelled):
    """The reader learns who is served and why."""
    text = run("show", "north", "--border", labelled, "--on", "2025-07-20").output

    assert "registered vehicles only: Test day" in " ".join(text.split())


def test_the_explanation_can_be_read_by_a_program(run, labelled):
    """Every value carries its text, basis and sources; one without a label counts as assumed."""
    told = json.loads(run("show", "north", "--border", labelled, "--on", "2025-07-15", "--json").output)

    export, imports = told["directions"]
    assert [stage["stage"] for stage in export["stages"]] == ["park", "desk", "booth"]
    assert export["stages"][1]["servers"] == [{"text": "3", "basis": "reported", "sources": ["WALK"]}]
    assert export["stages"][1]["service"][0] == {
        "text": "3 to 5 min, mostly 4",
        "basis": "assumed",
        "sources": [],
    }
    assert imports["direction"] == "import"
    assert told["sources"][0]["url"] == "https://example.org/walk"
    assert told["on"] == "2025-07-15"


@pytest.mark.parametrize("gate", GATES)
def test_every_shipped_gate_fits_eighty_columns(run, gate):
    """Only addresses of sources are longer, so that a terminal can follow them."""
    answer = run("show", gate, "--on", "2026-02-19")

    wide = [line for line in answer.output.splitlines() if len(line.rstrip()) > 80 and "://" not in line]
    assert (answer.exit_code, wide) == (0, [])


def test_without_a_day_the_hours_of_today_are_shown(run):
    """Today in the border's zone."""
    zone = ZoneInfo(load_border().border.border.timezone)
    before = datetime.now(zone).date()
    told = json.loads(run("show", "huu_nghi", "--json").output)

    assert told["on"] in (str(before), str(datetime.now(zone).date()))


def test_an_unknown_gate_is_refused_with_the_known_ones(run):
    """Exit status 1 and a remedy."""
    answer = run("show", "huunghi")

    assert answer.exit_code == 1
    assert 'Did you mean "huu_nghi"?' in answer.output


def test_a_day_that_is_none_is_refused(run):
    """In the words of other faults."""
    answer = run("show", "huu_nghi", "--on", "tomorrow")

    assert answer.exit_code == 1
    assert answer.output.startswith('--on is "tomorrow"; write a day as YYYY-MM-DD')


def test_a_faulty_border_is_not_explained(run):
    """Nothing is shown of what cannot be trusted."""
    answer = run("show", "a", "--border", HERE / "broken" / "servers_negative.toml")

    assert answer.exit_code == 1
    assert "1 fault. Nothing was started." in answer.output
