"""What `gatewatch config show` tells about a gate, as rows of values in words with where they come from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from gatewatch.config.calendars import DirectionName
from gatewatch.config.loader import LoadedBorder
from gatewatch.config.origins import Path
from gatewatch.config.schema import Basis


@dataclass(frozen=True, slots=True)
class Stated:
    """
    A value in words with where it comes from.

    Args:
        text: The value in words.
        basis: `reported`, `inferred` or `assumed`; a value that says nothing of itself counts as assumed.
            None for what is no number.
        sources: Keys of its sources.
    """

    text: str
    basis: Basis | None = None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hours:
    """When one side, or both together, are open on a day, in the time of each side."""

    side: str
    here: Stated
    there: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class StageRow:
    """A stage in the order of the crossing."""

    stage: str
    station: str
    title: str
    yard: str | None
    who: str
    servers: tuple[Stated, ...]
    service: tuple[Stated, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DirectionRow:
    """One direction: its stages, and the shares of the customs channels by class."""

    direction: DirectionName
    stages: tuple[StageRow, ...]
    channels: tuple[tuple[str, Stated], ...]
    patience: tuple[tuple[str, Stated], ...]


@dataclass(frozen=True, slots=True)
class YardRow:
    """A yard with its limits."""

    yard: str
    title: str
    kind: str
    limits: tuple[Stated, ...]


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source that the numbers above name."""

    key: str
    title: str
    date: str
    url: str


@dataclass(frozen=True, slots=True)
class GateExplained:
    """Everything that `gatewatch config show` tells about a gate."""

    gate: str
    title: str
    title_vi: str
    note: str
    is_dormant: bool
    on: date
    time_here: str  # whose time it is: the city of the border's zone
    time_there: str  # the same of the counterpart
    hours: tuple[Hours, ...]
    directions: tuple[DirectionRow, ...]
    yards: tuple[YardRow, ...]
    sources: tuple[SourceRow, ...]


def stated(loaded: LoadedBorder, at: Path, text: str) -> Stated:
    """Return a value with the weakest basis of what it is made of."""
    origins = [origin for path, origin in loaded.document.origins.items() if path[: len(at)] == at]
    bases = {origin.basis for origin in origins}
    basis: Basis = "assumed"
    if bases == {"reported"}:
        basis = "reported"
    elif bases and bases <= {"reported", "inferred"}:
        basis = "inferred"
    return Stated(text, basis, tuple(sorted({origin.source for origin in origins if origin.source})))
