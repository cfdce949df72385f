"""What reports to the monitor: each sensor, platform or person, what it counts, and how often it should be heard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Annotated, Literal, get_args

from pydantic import Field, ValidationError

from gatewatch.config import faults
from gatewatch.config.calendars import DirectionName
from gatewatch.config.checks_names import unknown
from gatewatch.config.errors import ConfigError, Fault
from gatewatch.config.faults import fault_at, shown
from gatewatch.config.loader import shipped_border_folder
from gatewatch.config.origins import Document, overlay, read_tree
from gatewatch.config.reading import read_toml, shown_path
from gatewatch.config.records import Record
from gatewatch.config.schema import Border
from gatewatch.config.units import MinutesLong, Share

FOLDER = "feeds"

Passage = Literal[
    "declared", "en_route", "arrived", "yard_in", "yard_out", "weighed", "gate_in", "check_started", "check_ended",
    "gate_out", "returned", "turned_back", "diverted",
]  # fmt: skip
PASSAGES: tuple[Passage, ...] = get_args(Passage)


class Point(Record):
    """A place at which vehicles are counted."""

    what: Passage = Field(
        description="What happens there: `arrived` joins the back of the first queue, `gate_out` is the clearance."
    )
    direction: DirectionName = Field(description="`export` or `import`.")
    yard: str | None = Field(default=None, description="Yard, for `yard_in` and `yard_out`.")
    stage: str | None = Field(default=None, description="Stage, for `check_started` and `check_ended`.")


class Feed(Record):
    """A source of observations."""

    title: str = Field(default="", description="Name for people.")
    title_vi: str = Field(default="", description="Name for people, Vietnamese.")
    kind: Literal["camera", "counter", "weighbridge", "platform", "bulletin", "person"] = Field(
        description="What it is; a `person` reports when he can and is never called silent."
    )
    gate: str | None = Field(default=None, description="Gate; without it, the whole province.")
    reports: list[Point] = Field(default=[], description="Places at which it counts vehicles.")
    rank: Annotated[int, Field(ge=1, le=99, json_schema_extra={"unit": "rank"})] = Field(
        default=1, description="Of several feeds of one place the lowest rank that is heard counts; others check it."
    )
    period: MinutesLong | None = Field(
        default=None, description="Something is heard at least this often, a heartbeat if nothing else."
    )
    grace: MinutesLong = Field(default=2.0, description="Added to `period` before the feed is called silent.")
    calendar: Literal["gate", "counterpart", "always"] = Field(
        default="always", description="Hours in which it must be heard."
    )
    missed: Share = Field(default=0.0, description="Share of the vehicles that it does not see.")


class Feeds(Record):
    """The feeds of a border by the `source` that their observations carry."""

    feeds: dict[str, Feed] = Field(default={}, description="Feeds by source.")


def load_feeds(border: Border, root: FilePath | None = None) -> dict[str, Feed]:
    """
    Return the feeds declared in the folder `feeds` of a border, by source.

    Args:
        border: The border that they watch.
        root: Folder of the border; without it, the shipped one. A border without that folder has no feeds.

    Raises:
        ConfigError: With every fault found in every file.
    """
    folder = (root or shipped_border_folder()) / FOLDER
    document, found = Document({}), []
    for file in sorted(folder.glob("*.toml")):
        name = shown_path(file, folder.parent)
        raw, _ = read_toml(file, name)
        for source, table in raw.items():
            if not isinstance(table, dict):
                found.append(Fault(name, source, shown(table), f'write it as a table: ["{source}"]'))
            elif source in document.below((FOLDER,)).marked:
                found.append(Fault(name, source, "given twice", "give a source once"))
            else:
                document = overlay(document, read_tree(table, name, (FOLDER, source), (source,)))
    if found:
        raise ConfigError(found)
    try:
        feeds = Feeds.model_validate(document.tree).feeds
    except ValidationError as error:
        raise ConfigError(faults.from_validation(error, document, Feeds, FOLDER)) from None
    wrong = list(_faults(feeds, border, document))
    if wrong:
        raise ConfigError(wrong)
    return feeds


def _faults(feeds: dict[str, Feed], border: Border, document: Document) -> Iterator[Fault]:
    taken: dict[tuple[str | None, Point, int], str] = {}
    for source, feed in feeds.items():
        at = (FOLDER, source)
        yield from unknown(document, (*at, "gate"), "gate", feed.gate, border.gates)
        if feed.reports and feed.gate is None:
            yield fault_at(document, (*at, "gate"), "missing", "a feed that counts vehicles stands at a gate")
        if feed.gate not in border.gates:
            continue
        gate = border.gates[feed.gate]
        for n, point in enumerate(feed.reports):
            here = (*at, "reports", n)
            side = gate.direction(point.direction)
            if side is None:
                yield fault_at(document, (*here, "direction"), shown(point.direction), "the gate has no such direction")
                continue
            yield from unknown(document, (*here, "yard"), "yard of this gate", point.yard, gate.yards)
            yield from unknown(document, (*here, "stage"), "stage of this direction", point.stage, side.stages)
            yield from _misplaced(document, here, point)
            other = taken.setdefault((feed.gate, point, feed.rank), source)
            if other != source:
                expected = f'"{other}" counts there with the same rank; give one of them another'
                yield fault_at(document, (*at, "rank"), str(feed.rank), expected)


def _misplaced(document: Document, here: tuple[str | int, ...], point: Point) -> Iterator[Fault]:
    for key, wanted in (("yard", ("yard_in", "yard_out")), ("stage", ("check_started", "check_ended"))):
        given = getattr(point, key)
        if point.what in wanted and given is None:
            yield fault_at(document, (*here, key), "missing", f'"{point.what}" needs a {key}')
        elif point.what not in wanted and given is not None:
            yield fault_at(document, (*here, key), shown(given), f'"{point.what}" has no {key}; leave it out')
