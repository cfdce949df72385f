"""Each mistake in a configuration is told by file, key, value and remedy; nothing starts."""

from pathlib import Path

import pytest

from gatewatch.config.errors import ConfigError
from gatewatch.config.loader import check_everything, load_border

HERE = Path(__file__).parent
CASES = sorted((HERE / "broken").glob("*.toml"))
MARK = "# expected: "


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_mistake_is_reported_once_with_its_place_and_remedy(case):
    """The first line of a broken file says what `config check` answers."""
    first_line = case.read_text("utf-8").splitlines()[0]

    faults = check_everything(case)

    assert first_line.startswith(MARK)
    assert [str(fault) for fault in faults] == [first_line.removeprefix(MARK)]


def test_loading_a_broken_file_raises_what_checking_reports():
    """Every fault that the unrestated border has stops the load."""
    for case in CASES:
        if not case.stem.startswith("scenario_restates"):
            with pytest.raises(ConfigError) as error:
                load_border(case)

            assert error.value.faults == tuple(check_everything(case))


def test_mistakes_in_several_files_are_reported_together():
    """One look at the answer shows all there is to mend, in a scenario's restated border too."""
    folder = HERE / "broken_together"

    answer = str(ConfigError(check_everything(folder)))

    assert answer.endswith("3 faults. Nothing was started.")
    assert answer == (folder / "expected.txt").read_text("utf-8").rstrip()


def test_wrong_types_in_several_files_are_reported_together(tmp_path):
    """Mistakes that a single field shows do not hide each other either."""
    (tmp_path / "gates").mkdir()
    (tmp_path / "prices.toml").write_text("[prices]\nvehicle_hour = -1\n")
    (tmp_path / "gates" / "a.toml").write_text('[stations.booth]\nservers = "many"\n')
    (tmp_path / "gates" / "b.toml").write_text("dormant = 1\n")

    places = [(Path(fault.file).name, fault.key) for fault in check_everything(tmp_path)]

    assert places == [
        ("a.toml", "stations.booth.servers"),
        ("b.toml", "dormant"),
        ("prices.toml", "prices.vehicle_hour"),
    ]


def test_a_file_that_cannot_be_read_brings_no_consequences(tmp_path):
    """What the unread file would have said is not reported as missing."""
    (tmp_path / "calendars.toml").write_text("[calendars.day\n")
    (tmp_path / "gates.toml").write_text('[gates.a]\ncalendar = "day"\n')

    faults = check_everything(tmp_path)

    assert [(Path(fault.file).name, fault.found) for fault in faults] == [("calendars.toml", "no valid TOML")]
