from typing import Any

import pytest

from gatewatch.config.loader import load_border
from gatewatch.config.schema import Border
from gatewatch.monitor.observations import Observation, check_against, parse_event

AT = {"gate": "huu_nghi", "direction": "export"}


@pytest.fixture(scope="module")
def border() -> Border:
    """The border that ships."""
    return load_border().border


def said(border: Border, kind: str, **data: Any) -> list[str]:
    """Return what the border does not know of an observation."""
    envelope = {"specversion": "1.0", "id": "7", "source": "a", "time": "2026-01-15T09:30:00+07:00"}
    found = parse_event({**envelope, "type": kind, "data": data})
    assert isinstance(found, Observation), found
    return check_against(found, border)


def test_what_the_border_has_is_known(border: Border) -> None:
    """Gate, direction, stage, yard and class; a lane is the gate's own affair."""
    full = {"stage": "customs", "yard": "export_yard", "vehicle_class": "fruit", "lane": "9"}

    assert said(border, "vehicle.check_started", **AT, **full) == []
    assert said(border, "device.heartbeat") == []
    assert said(border, "gate.state", gate="chi_ma", side="counterpart", state="shut") == []


def test_what_the_border_has_not_is_told_with_what_it_has(border: Border) -> None:
    """Each unknown name with the nearest known one."""
    found = said(border, "vehicle.check_started", **AT, stage="custom", yard="exportyard", vehicle_class="fruits")

    assert len(found) == 3
    assert 'data.vehicle_class is "fruits"; no vehicle class has that name. Did you mean "fruit"?' in found[0]
    assert 'data.stage is "custom"; no export stage of huu_nghi has that name. Did you mean "customs"?' in found[1]
    assert 'data.yard is "exportyard"; no yard of huu_nghi has that name. Did you mean "export_yard"?' in found[2]


def test_an_unknown_gate_is_told_once(border: Border) -> None:
    """Nothing can be said of its stages."""
    found = said(border, "vehicle.check_started", gate="huu_ngi", direction="export", stage="nowhere")

    assert len(found) == 1
    assert 'data.gate is "huu_ngi"; no gate has that name. Did you mean "huu_nghi"?' in found[0]


def test_a_direction_that_a_gate_has_not_is_told() -> None:
    """A gate may take one direction only."""
    one_way = Border.model_validate({"gates": {"g": {"import": {"stages": {"fee": {"service": None}}}}}})

    assert said(one_way, "vehicle.gate_out", gate="g", direction="export", stage="fee") == [
        'data.direction is "export"; g has no such direction.'
    ]


def test_a_replacement_is_checked_as_well(border: Border) -> None:
    """A correction must not bring in what an observation could not."""
    found = said(
        border,
        "event.corrected",
        of={"source": "a", "id": "1"},
        **{"with": {"type": "vehicle.gate_out", "data": {**AT, "gate": "nowhere"}}},
    )

    assert len(found) == 1
    assert found[0].startswith('data.with.data.gate is "nowhere"; no gate has that name.')


def test_a_bulletin_may_be_of_the_province(border: Border) -> None:
    """Rows without a gate are checked for nothing else."""
    row = {"date": "2026-01-15", "edition": 1, "line": "remaining", "value": 1, "text": "1"}

    assert said(border, "bulletin.row", **row) == []
    assert len(said(border, "bulletin.row", **row, gate="nowhere")) == 1
