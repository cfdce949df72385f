"""Thresholds: what holds where, and how a wrong file is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gatewatch.config.errors import ConfigError
from gatewatch.config.loader import load_border
from gatewatch.config.thresholds import Placed, load_thresholds
from gatewatch.monitor.detectors import settings_classes
from tests.monitor.stories import BORDER as SMALL

BORDER = load_border().border
KINDS = settings_classes()


def _written(root: Path, **files: str) -> dict[str, Placed[Any]]:
    (root / "thresholds").mkdir(exist_ok=True)
    for name, text in files.items():
        (root / "thresholds" / f"{name}.toml").write_text(text, encoding="utf-8")
    return load_thresholds(BORDER, KINDS, root)


def test_what_ships_is_without_fault_and_complete() -> None:
    """Every detector has its settings, everywhere and at each gate and direction."""
    shipped = load_thresholds(BORDER, KINDS)

    assert set(shipped) == set(KINDS)
    for placed in shipped.values():
        assert all(placed.at(gate, side).for_ >= 0 for gate in BORDER.gates for side in ("export", "import", None))
    assert shipped["backlog_sustained"].at("huu_nghi", "export").congested == 600
    assert shipped["backlog_sustained"].at("na_hinh", "export").congested == 300


def test_a_border_without_a_folder_has_the_defaults_that_ship(tmp_path: Path) -> None:
    """And none of the numbers of the gates of Lang Son."""
    assert load_thresholds(SMALL, KINDS, tmp_path)["backlog_sustained"].at("north", "export").congested == 300


def test_the_more_special_place_wins(tmp_path: Path) -> None:
    """Everywhere, then a direction, then a gate, then a direction of a gate; what is not said is inherited."""
    placed = _written(
        tmp_path,
        defaults="[backlog_sustained]\nbusy = 10\n\n[import.backlog_sustained]\nbusy = 20\n",
        huu_nghi="[backlog_sustained]\nbusy = 30\n\n[export.backlog_sustained]\nbusy = 40\nfor = 5\n",
    )["backlog_sustained"]

    found = [placed.at(gate, side).busy for gate in ("tan_thanh", "huu_nghi") for side in (None, "import", "export")]
    assert found == [10, 20, 10, 30, 30, 40]
    assert (placed.at("huu_nghi", "export").for_, placed.at("huu_nghi", "import").for_) == (5, 15)
    assert placed.at("huu_nghi", "export").congested == 300


def test_a_detector_can_be_left_out_at_a_gate(tmp_path: Path) -> None:
    """Enabled is a setting like the others."""
    placed = _written(tmp_path, coc_nam="[road_queue]\nenabled = false\n")["road_queue"]

    assert (placed.at("coc_nam", "export").enabled, placed.at("chi_ma", "export").enabled) == (False, True)


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        (
            "huu_ngi",
            "[backlog_peak]\ncritical = 5\n",
            'thresholds/huu_ngi.toml is named like no gate; no gate has that name. Did you mean "huu_nghi"?',
        ),
        (
            "huu_nghi",
            "[backlog_peek]\ncritical = 5\n",
            (
                "thresholds/huu_nghi.toml: backlog_peek is unknown; no detector has that name. "
                'Did you mean "backlog_peak"?'
            ),
        ),
        (
            "huu_nghi",
            "[export.backlog_peek]\ncritical = 5\n",
            "thresholds/huu_nghi.toml: export.backlog_peek is unknown; no detector has that name.",
        ),
        (
            "huu_nghi",
            "[export.backlog_peak]\ncritcal = 5\n",
            (
                "thresholds/huu_nghi.toml: export.backlog_peak.critcal is unknown; no key has that name. "
                'Did you mean "critical"?'
            ),
        ),
        (
            "huu_nghi",
            "[export.backlog_sustained]\nbusy = 700\n",
            (
                "thresholds/huu_nghi.toml: export.backlog_sustained is at odds with itself or its defaults; "
                "congested must be above busy."
            ),
        ),
        (
            "defaults",
            "[disk_low]\ncritical = 0.5\n",
            (
                "thresholds/defaults.toml: disk_low is at odds with itself or its defaults; "
                "critical must be below congested."
            ),
        ),
        (
            "huu_nghi",
            '[backlog_peak]\ncritical = "many"\n',
            'thresholds/huu_nghi.toml: backlog_peak.critical is "many"; use',
        ),
        ("huu_nghi", "[backlog_peak]\ncritical = -1\n", "thresholds/huu_nghi.toml: backlog_peak.critical is -1; use"),
        ("huu_nghi", "[backlog_peak]\nleave = 0.0\n", "thresholds/huu_nghi.toml: backlog_peak.leave is 0.0; use"),
        ("huu_nghi", "backlog_peak = 5\n", "thresholds/huu_nghi.toml: backlog_peak is 5; write it as a table"),
        (
            "huu_nghi",
            "[export]\nbacklog_peak = 5\n",
            "thresholds/huu_nghi.toml: export.backlog_peak is 5; write it as a table: [export.backlog_peak]",
        ),
        ("huu_nghi", "[backlog_peak\n", "thresholds/huu_nghi.toml is no valid TOML"),
    ],
)
def test_a_fault_names_file_key_value_and_remedy(tmp_path: Path, name: str, text: str, fault: str) -> None:
    """One fault, where it was written."""
    with pytest.raises(ConfigError) as caught:
        _written(tmp_path, **{name: text})

    assert len(caught.value.faults) == 1
    assert f"{tmp_path.name}/{fault}" in str(caught.value.faults[0])


def test_all_faults_are_told_together(tmp_path: Path) -> None:
    """One round of corrections instead of two."""
    with pytest.raises(ConfigError) as caught:
        _written(tmp_path, huu_nghi="[backlog_peek]\n", coc_nam="[backlog_peak]\ncritical = -1\n")

    assert len(caught.value.faults) == 2
