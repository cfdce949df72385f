"""The cases that ship with each detector: those that must fire, those that must not, and what is not known."""

from pathlib import Path

import pytest

from gatewatch.config.errors import ConfigError
from gatewatch.monitor.detectors import list_detectors
from gatewatch.monitor.detectors.shipped_cases import FOLDER, ShippedCase, read_cases, shipped_cases

NAMES = sorted(list_detectors())
NEVER_UNKNOWN = {
    "bulletin_inconsistency",  # what is not printed does not disagree
    "clock_skew",  # who does not tell his time has no clock to judge
    "lane_closed",  # lanes are what is reported
    "sequence_gap",  # numbers are missing only between others
    "silent_feed",  # silence is what it tells of
    "watchdog",
}


@pytest.mark.parametrize("shipped", shipped_cases(), ids=lambda one: f"{one.detector.name}: {one.case.says}")
def test_a_case_is_found_as_it_says(shipped: ShippedCase) -> None:
    """Levels in their order, and the sentence where the case names one."""
    found = shipped.findings()

    assert [finding.level.value for finding in found] == shipped.case.levels
    assert shipped.case.said in {None, *(finding.said for finding in found[:1])}
    assert shipped.is_right()


@pytest.mark.parametrize("name", NAMES)
def test_every_detector_has_cases_that_fire_and_cases_that_do_not(name: str) -> None:
    """Two of each, and one for data that are missing; the watchdog always fires."""
    mine = [shipped for shipped in shipped_cases() if shipped.detector.name == name]

    assert sum(shipped.fires for shipped in mine) >= 2
    assert sum(not shipped.fires for shipped in mine) >= (0 if name == "watchdog" else 2)
    assert any("unknown" in shipped.case.levels for shipped in mine) is (name not in NEVER_UNKNOWN)


def test_no_file_of_cases_is_without_its_detector() -> None:
    """A detector that is renamed takes its cases along."""
    assert sorted(path.stem for path in FOLDER.glob("*.toml")) == NAMES


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[settings]\nbusy = 2\n[[cases]]\nsays = "a"\nlevel = []\n', "road_queue.toml: cases[0].level is unknown;"),
        ('[settings]\nbizy = 2\n[[cases]]\nsays = "a"\nlevels = []\n', "road_queue.toml: settings.bizy is unknown;"),
        ('[settings]\nbusy = "x"\n[[cases]]\nsays = "a"\nlevels = []\n', 'road_queue.toml: settings.busy is "x";'),
        ("cases = []\n[settings]\nbusy = 2\n", "road_queue.toml: cases is empty;"),
    ],
)
def test_a_wrong_case_is_told_with_its_place(tmp_path: Path, text: str, fault: str) -> None:
    """Whoever adds a case reads file, key and remedy."""
    (tmp_path / "road_queue.toml").write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        read_cases("road_queue", tmp_path)

    assert fault in str(caught.value)
