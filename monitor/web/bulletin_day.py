"""The bulletin of a day in the authorities' own order: what was printed, what we counted, and what does not agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, cast
from zoneinfo import ZoneInfo

from pydantic import Field

from gatewatch.config.calendars import DirectionName
from gatewatch.config.schema import Border
from gatewatch.monitor.bulletins import BulletinFinding, check_bulletins
from gatewatch.monitor.projection.projecting import Projection
from gatewatch.monitor.projection.timelines import Statement
from gatewatch.monitor.store.bulletin_editions import OwnEdition
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
Place = tuple[str | None, str | None]
Printed = dict[tuple[Place, str], list[Statement]]
Counted = Mapping[tuple[Place, str], int]


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
    counted: int | None = Field(
        description="What our feeds counted from 20:00 to 20:00, or reckoned at 20:00; null where nobody counted."
    )
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


class FigureChange(Answer):
    """A figure of ours that late or corrected observations changed."""

    gate: str | None
    direction: DirectionName | None
    line: str
    before: int | None
    after: int | None


class OwnEditionModel(Answer):
    """An edition of our own bulletin."""

    edition: int
    made_at: Utc
    rev: int = Field(description="Last journal entry that it rests on.")
    changes: list[FigureChange] = Field(description="Against the edition before; empty for the first.")


class BulletinModel(Answer):
    """The bulletin of a day."""

    day: date
    begins: Utc
    ends: Utc
    zone: str
    edition: int | None = Field(description="Of ours that is shown; null while the day is provisional.")
    own_editions: list[OwnEditionModel] = Field(description="Every edition of ours, the last one holds.")
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
    day: date, border: Border, printed: Printed, findings: list[BulletinFinding], counted: Counted,
    editions: Sequence[OwnEdition] = (), edition: int | None = None,
) -> BulletinModel:  # fmt: skip
    """
    Return a day's bulletin, gate by gate in the border's order, the province last.

    Args:
        day: The day.
        border: The border.
        printed: What the authorities printed.
        findings: What does not agree in it.
        counted: What we counted, as it is known now.
        editions: Editions of ours.
        edition: Show this one of them; without it the last, and while there is none what is known now.
    """
    begins, ends = hours_of(day, ZoneInfo(border.border.timezone))
    shown = next((own for own in editions if own.edition == edition), editions[-1] if editions else None)
    if shown is not None:
        counted = figures_of(shown)
    gates = [gate_id for gate_id, gate in border.gates.items() if not gate.dormant or _is_printed(gate_id, printed)]
    lines = [
        line
        for gate in [*gates, None]
        for name, direction, vietnamese, english in ORDER
        if (line := _line(gate, direction, name, (vietnamese, english), printed, counted)) is not None
    ]
    return BulletinModel(
        day=day, begins=begins, ends=ends, zone=border.border.timezone, lines=lines,
        edition=None if shown is None else shown.edition,
        own_editions=[_own(before, own) for before, own in zip([None, *editions], editions, strict=False)],
        findings=[_finding(finding) for finding in findings],
    )  # fmt: skip


def figures_of(edition: OwnEdition) -> dict[tuple[Place, str], int]:
    """Return the figures of an edition of ours by place and line."""
    return {((gate, direction), line): value for gate, direction, line, value in edition.figures}


def as_sheet(bulletin: BulletinModel) -> Sheet:
    """Return a bulletin as a table."""
    columns = (
        "date", "gate", "direction", "line", "title_vi", "printed", "edition", "text", "counted", "own_edition",
    )  # fmt: skip
    rows = []
    for line in bulletin.lines:
        last = line.editions[-1] if line.editions else None
        rows.append((
            bulletin.day.isoformat(), line.gate, line.direction, line.line, line.title_vi, line.printed,
            last and last.edition, last and last.text, line.counted, bulletin.edition,
        ))  # fmt: skip
    return Sheet(f"bulletin-{bulletin.day.isoformat()}", columns, rows)


def _is_printed(gate: str, printed: Printed) -> bool:
    return any(place[0] == gate for place, _ in printed)


def _line(
    gate: str | None, direction: DirectionName | None, name: str, titles: tuple[str, str], printed: Printed,
    counted: Counted,
) -> LineModel | None:  # fmt: skip
    """Return a line; None for one that is neither printed nor counted and has no place there."""
    # A word that implies a direction is also printed without one.
    editions = printed.get(((gate, direction), name)) or []
    if not editions and direction is not None and name != "cleared":
        editions = printed.get(((gate, None), name)) or []
    number = counted.get(((gate, direction), name))
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


def _own(before: OwnEdition | None, own: OwnEdition) -> OwnEditionModel:
    changes = []
    if before is not None:
        old, new = figures_of(before), figures_of(own)
        for key in sorted({*old, *new}, key=str):
            (gate, direction), line = key
            if old.get(key) != new.get(key):
                changes.append(
                    FigureChange(
                        gate=gate, direction=cast("DirectionName | None", direction), line=line,
                        before=old.get(key), after=new.get(key),
                    )
                )  # fmt: skip
    return OwnEditionModel(edition=own.edition, made_at=own.made_at, rev=own.rev, changes=changes)


def _finding(found: BulletinFinding) -> FindingModel:
    direction = cast("DirectionName | None", found.direction)
    return FindingModel.model_construct(
        gate=found.gate, direction=direction, kind=found.kind, line=found.line, printed=found.printed,
        reckoned=found.reckoned, residual=found.residual,
    )  # fmt: skip
