"""The bulletin of a day in the authorities' own order: what was printed, what we counted, and what does not agree."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, cast
from zoneinfo import ZoneInfo

from pydantic import Field

from gatewatch.config.calendars import DirectionName
from gatewatch.config.schema import Border
from gatewatch.monitor.bulletins import BulletinFinding, check_bulletins
from gatewatch.monitor.projection.projecting import EMPTY, Projection
from gatewatch.monitor.projection.timelines import Statement
from gatewatch.monitor.store.history import WindowRow
from gatewatch.monitor.web.schemas import Answer, Utc
from gatewatch.monitor.web.sheets import Sheet

CUT: Final = time(20)
# Line, direction that its word implies, Vietnamese, English: the order of the published table.
ORDER: Final[tuple[tuple[str, DirectionName | None, str, str], ...]] = (
    ("cleared", "export", "Thông quan xuất khẩu", "Cleared, exports"),
    ("cleared_fruit", "export", "trong đó xe hoa quả", "of which fruit"),
    ("cleared_other", "export", "trong đó xe mặt hàng khác", "of which other goods"),
    ("cleared", "import", "Thông quan nhập khẩu", "Cleared, imports"),
    ("cleared_cargo", "import", "trong đó xe chở hàng", "of which with cargo"),
    ("cleared_new_vehicle", "import", "trong đó xe mới", "of which new vehicles"),
    ("cleared", None, "Tổng thông quan", "Cleared, both directions"),
    ("cleared_change", None, "Tăng, giảm thông quan", "Change of cleared"),
    ("arrived", "export", "Phương tiện mới từ nội địa lên", "Arrived from inland"),
    ("turned_back", "export", "Quay đầu về nội địa", "Turned back"),
    ("diverted", "export", "Chuyển cửa khẩu", "Diverted to another gate"),
    ("remaining", "export", "Tồn lúc 20h00", "Remaining at 20:00"),
    ("remaining_fruit", "export", "trong đó hoa quả", "of which fruit"),
    ("remaining_other", "export", "trong đó mặt hàng khác", "of which other goods"),
    ("remaining_change", "export", "Tăng, giảm tồn", "Change of remaining"),
    ("undeclared", "export", "Ngoài khu vực cửa khẩu chưa đăng ký mặt hàng", "Outside, goods not declared"),
    ("remaining_new_vehicle", None, "Xe mới tồn", "New vehicles remaining"),
    ("rail_wagons", None, "Toa hàng", "Rail wagons"),
)
_COUNTED: Final[Mapping[str, str]] = {
    "cleared": "gate_out", "arrived": "arrived", "turned_back": "turned_back", "diverted": "diverted",
}  # fmt: skip

Place = tuple[str | None, str | None]
Printed = dict[tuple[Place, str], list[Statement]]


class EditionModel(Answer):
    """A figure of one edition."""

    edition: int | str
    value: int
    text: str = Field(description="The original cell.")


class LineModel(Answer):
    """One line of the bulletin."""

    gate: str | None = Field(description="Null for the province.")
    direction: DirectionName | None = Field(description="Null for both, or where the line has none.")
    line: str
    title_vi: str
    title: str
    printed: int | None = Field(description="Of the last edition; null where it is not printed.")
    counted: int | None = Field(description="What our feeds counted from 20:00 to 20:00; null where nobody counted.")
    editions: list[EditionModel] = Field(description="All of them, the last one holds.")


class FindingModel(Answer):
    """Figures that do not agree with each other: a finding about the data."""

    gate: str | None
    direction: DirectionName | None
    kind: str = Field(description="identity, change, sign, sum, parts or negative.")
    line: str
    printed: int
    reckoned: int = Field(description="What the other figures give.")
    residual: int = Field(description="Printed less reckoned.")


class BulletinModel(Answer):
    """The bulletin of a day."""

    day: date
    begins: Utc
    ends: Utc
    zone: str
    lines: list[LineModel]
    findings: list[FindingModel] = Field(description="Empty where everything that is printed agrees.")


def hours_of(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return begin and end of a bulletin's day, aware UTC."""
    ends = datetime.combine(day, CUT, zone)
    return (ends - timedelta(days=1)).astimezone(UTC), ends.astimezone(UTC)


def printed_on(projection: Projection, day: date) -> tuple[Printed, list[BulletinFinding]]:
    """Return the editions of every figure of a day, and what does not agree in them."""
    found: Printed = {}
    for subject, editions in sorted(projection.bulletins.by_subject.items()):
        _, on, gate, direction, line = subject
        if on == day.isoformat():
            found[(gate or None, direction or None), line] = list(editions)
    return found, check_bulletins(projection, day, day)


def bulletin_of(
    day: date, border: Border, printed: Printed, findings: list[BulletinFinding], windows: list[WindowRow]
) -> BulletinModel:
    """Return a day's bulletin, gate by gate in the border's order, the province last."""
    begins, ends = hours_of(day, ZoneInfo(border.border.timezone))
    counted = _counted(windows)
    gates = [gate_id for gate_id, gate in border.gates.items() if not gate.dormant or _is_printed(gate_id, printed)]
    lines = [
        line
        for gate in [*gates, None]
        for name, direction, vietnamese, english in ORDER
        if (line := _line(gate, direction, name, (vietnamese, english), printed, counted)) is not None
    ]
    return BulletinModel(
        day=day, begins=begins, ends=ends, zone=border.border.timezone, lines=lines,
        findings=[_finding(finding) for finding in findings],
    )  # fmt: skip


def as_sheet(bulletin: BulletinModel) -> Sheet:
    """Return a bulletin as a table."""
    columns = ("date", "gate", "direction", "line", "title_vi", "printed", "edition", "text", "counted")
    rows = []
    for line in bulletin.lines:
        last = line.editions[-1] if line.editions else None
        rows.append((
            bulletin.day.isoformat(), line.gate, line.direction, line.line, line.title_vi, line.printed,
            last and last.edition, last and last.text, line.counted,
        ))  # fmt: skip
    return Sheet(f"bulletin-{bulletin.day.isoformat()}", columns, rows)


def _is_printed(gate: str, printed: Printed) -> bool:
    return any(place[0] == gate for place, _ in printed)


def _line(
    gate: str | None, direction: DirectionName | None, name: str, titles: tuple[str, str], printed: Printed,
    counted: Mapping[Place, Mapping[str, int]],
) -> LineModel | None:  # fmt: skip
    """Return a line; None for one that is neither printed nor counted and has no place there."""
    # A word that implies a direction is also printed without one.
    editions = printed.get(((gate, direction), name)) or []
    if not editions and direction is not None and name != "cleared":
        editions = printed.get(((gate, None), name)) or []
    number = counted.get((gate, direction), {}).get(_COUNTED.get(name, ""))
    if not editions and number is None:
        return None
    return LineModel(
        gate=gate, direction=direction, line=name, title_vi=titles[0], title=titles[1],
        printed=editions[-1].said["value"] if editions else None, counted=number,
        editions=[
            EditionModel(edition=s.said["edition"], value=s.said["value"], text=s.said.get("text", ""))
            for s in editions
        ],
    )  # fmt: skip


def _counted(windows: list[WindowRow]) -> dict[Place, dict[str, int]]:
    """Return laden passes by place and passage: of gates, of the province, and of both directions together."""
    found: dict[Place, dict[str, int]] = {}
    for row in windows:
        if row.what not in _COUNTED.values() or row.vehicle_class == EMPTY:
            continue
        for place in ((row.gate, row.direction), (row.gate, None), (None, row.direction), (None, None)):
            sums = found.setdefault(place, {})
            sums[row.what] = sums.get(row.what, 0) + row.n
    return found


def _finding(found: BulletinFinding) -> FindingModel:
    direction = cast("DirectionName | None", found.direction)
    return FindingModel.model_construct(
        gate=found.gate, direction=direction, kind=found.kind, line=found.line, printed=found.printed,
        reckoned=found.reckoned, residual=found.residual,
    )  # fmt: skip
