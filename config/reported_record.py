"""
The reported record: what authorities and the press said about the border, one row a figure.

`config/reported/` holds three tables. Scenarios, calibration and tests quote them; nothing changes them.
Its README tells what the rows mean and where they mislead. Read it before adding two rows up.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final, cast

import pandas as pd

from gatewatch.config.errors import ConfigError, Fault, known_names, one_fault

RECORD_FOLDER: Final = Path(__file__).parent / "reported"
OBSERVATIONS_CSV: Final = RECORD_FOLDER / "observations.csv"
FACTS_CSV: Final = RECORD_FOLDER / "facts.csv"
MEASURES_APPLIED_CSV: Final = RECORD_FOLDER / "measures_applied.csv"

# The README prints these tables; a test compares the two.
OBSERVATION_COLUMNS: Final[Mapping[str, str]] = {
    "date_start": "first day of the period, Hanoi date",
    "date_end": "last day of the period, included; equal to `date_start` for one day",
    "gate": "gate the figure is about, see the gates below",
    "direction": "`export`, `import` or `both`, seen from Vietnam",
    "metric": "what was reported, see the metrics below",
    "value": "the number, in `unit`",
    "unit": "the unit as reported; rows of one metric may differ",
    "commodity": "goods the figure is restricted to; empty: all goods",
    "note": "hour of the count, bounds, wording of the source, doubts",
    "source_title": "publisher and title",
    "source_url": "address, or the number of a printed report",
    "source_date": "publication date as precise as known: year, month or day",
    "confidence": "`high`, `medium` or `low`: how sure the reading of the source is",
}
FACT_COLUMNS: Final[Mapping[str, str]] = {
    "topic": "subject: throughput, capacity, service_time, hours, …",
    "gate": "gate or place, also Chinese gates (`…_cn`), yards and `province`",
    "direction": "`export`, `import`, `both`, or `na` where there is none",
    "item": "name of the fact, with its date where it has one",
    "value": "text: a number, a range `lo-hi`, a list with `;`, a date or words; empty: not found",
    "unit": "unit of `value`; `Hanoi` is local clock time (UTC+7)",
    "note": "begins with the basis: `reported`, `inferred` (worked out) or `assumed`",
    "source_title": "publisher and title; `inference` or `assumption` where there is none",
    "source_url": "address, or the number of a printed report; empty: no source",
    "source_date": "publication date as precise as known; `n.d.`: none given",
    "confidence": "`high`, `medium` or `low`",
}
MEASURE_APPLIED_COLUMNS: Final[Mapping[str, str]] = {
    "date_start": "first day in force, Hanoi date",
    "date_end": "last day in force; empty: no end was found or it still holds",
    "gate": "gate; `all`, or `other` for a group that `detail` names",
    "policy": "kind of change",
    "detail": "hours, limits and doubts in words",
    "source_url": "address",
}
GATES: Final[Mapping[str, str]] = {
    "all": "all Lang Son gates together",
    "huu_nghi": "Huu Nghi, dedicated road 1119-1120; crossings counted by China may be the whole pair",
    "tan_thanh": "Tan Thanh, dedicated road 1088/2-1089",
    "coc_nam": "Coc Nam, clearance route 1104-1105",
    "chi_ma": "Chi Ma, bilateral gate, markers 1223-1224",
    "dong_dang_rail": "Dong Dang railway station; counts wagons, no model of ours",
    "other": "a group of gates or another place; `note` names it",
}
METRICS: Final[Mapping[str, str]] = {
    "arrivals_per_day": "vehicles that come up to the gate from inland",
    "backlog_vehicles": "vehicles waiting at one moment; the note gives the hour",
    "capacity_per_day": "what a source says could pass in a day; a statement, no count",
    "cleared_per_day": "clearances of one day, or their daily mean over a longer period",
    "cleared_total": "clearances of the whole period",
    "opening_hours": "hours open (`hours/day`, 0 is shut), closing hour, or extra hours, by `unit`",
    "peak_per_day": "clearances of the best day in the period; the day is seldom named",
    "turnover_usd": "value of the goods",
    "waiting_days": "days a vehicle waits, or days until the backlog is gone, by `note`",
    "yard_capacity": "places in a yard",
    "other": "anything else; `unit` and `note` say what",
}
DIRECTIONS: Final = ("export", "import", "both")
CONFIDENCES: Final = ("low", "medium", "high")
BASES: Final = ("reported", "inferred", "assumed")

TABLE_COLUMNS: Final = (
    "from",
    "to",
    "gate",
    "direction",
    "metric",
    "value",
    "unit",
    "commodity",
    "confidence",
    "source",
)

_VOCABULARIES: Final[Mapping[str, tuple[str, ...]]] = {
    "gate": tuple(GATES),
    "metric": tuple(METRICS),
    "direction": DIRECTIONS,
    "confidence": CONFIDENCES,
}


def load_observations(path: Path = OBSERVATIONS_CSV) -> pd.DataFrame:
    """
    Return the reported observations, one row a figure, in the order of the file.

    Columns are those of `OBSERVATION_COLUMNS`. `date_start` and `date_end` are datetime64 (Hanoi days, both
    included), `value` is float in the row's own `unit`; `gate`, `direction`, `metric`, `unit` and
    `confidence` are categorical (confidence ordered, low first); the rest are strings, missing where empty.

    Raises:
        ConfigError: A cell is no date, no finite number or no known word, or a period
            ends before it starts.
    """
    cells = _read_cells(path, OBSERVATION_COLUMNS)
    faults: list[Fault] = []
    frame = cells.assign(
        date_start=_dates(path, cells["date_start"], faults),
        date_end=_dates(path, cells["date_end"], faults),
        value=_numbers(path, cells["value"], faults),
        unit=cells["unit"].astype("category"),
        **{name: _words(path, cells[name], known, faults) for name, known in _VOCABULARIES.items()},
    )
    reversed_period = frame["date_end"] < frame["date_start"]
    faults += _faults(path, cells["date_end"], reversed_period, "a period ends no earlier than it starts")
    _refuse_if_any(faults)
    return frame


def load_facts(path: Path = FACTS_CSV) -> pd.DataFrame:
    """
    Return the single facts: capacities, hours, service times, shares, places.

    Columns are those of `FACT_COLUMNS`, all strings or categorical, and two that are worked out: `basis`
    (`reported`, `inferred` or `assumed`, the first word of the note) and `number` (float in `unit`; missing
    where `value` is a range, a list, a date or words).

    Raises:
        ConfigError: A note does not begin with a basis, or a confidence is unknown.
    """
    cells = _read_cells(path, FACT_COLUMNS)
    faults: list[Fault] = []
    basis = cells["note"].str.extract(r"^(\w+)", expand=False).rename("note")
    frame = cells.assign(
        topic=cells["topic"].astype("category"),
        gate=cells["gate"].astype("category"),
        direction=cells["direction"].astype("category"),
        confidence=_words(path, cells["confidence"], CONFIDENCES, faults),
        basis=_words(path, basis, BASES, faults),
        number=pd.to_numeric(cells["value"], errors="coerce").astype("float64"),
    )
    _refuse_if_any(faults)
    return frame


def load_measures_applied(path: Path = MEASURES_APPLIED_CSV) -> pd.DataFrame:
    """
    Return the policies that were applied at the border, with the days they were in force.

    Columns are those of `MEASURE_APPLIED_COLUMNS`: dates are datetime64, a missing `date_end` means that no
    end was found, `gate` and `policy` are categorical.

    Raises:
        ConfigError: A cell is no date or no known gate, or a period ends before it starts.
    """
    cells = _read_cells(path, MEASURE_APPLIED_COLUMNS)
    faults: list[Fault] = []
    frame = cells.assign(
        date_start=_dates(path, cells["date_start"], faults),
        date_end=_dates(path, cells["date_end"], faults, required=False),
        gate=_words(path, cells["gate"], tuple(GATES), faults),
        policy=cells["policy"].astype("category"),
    )
    reversed_period = frame["date_end"] < frame["date_start"]
    faults += _faults(path, cells["date_end"], reversed_period, "a period ends no earlier than it starts")
    _refuse_if_any(faults)
    return frame


def word_faults(place: str, **words: str | None) -> list[Fault]:
    """
    Return one fault for each word that the record does not know, with the closest that it does.

    Args:
        place: Where the reader gave the words, put before the name: "--" for options.
        **words: `gate`, `metric`, `direction`, `confidence`; None is no condition.
    """
    return [
        Fault(f"{place}{name}", "", f'"{word}"', known_names(name, _plain(word), _VOCABULARIES[name]))
        for name, word in words.items()
        if word is not None and word not in _VOCABULARIES[name]
    ]


def select(
    observations: pd.DataFrame,
    *,
    gate: str | None = None,
    metric: str | None = None,
    direction: str | None = None,
    date_from: date | None = None,
    date_to: date | None = None,
    confidence: str | None = None,
) -> pd.DataFrame:
    """
    Return the rows that match every given condition, in the order they had.

    A row belongs to a period when its own period overlaps it: a half-year mean is found by any day of that
    half-year. Words match exactly: `all` is the province's own row, never a sum over gates, and `both` is the
    row for both directions, never exports and imports together.

    Args:
        observations: Rows as `load_observations` returns them.
        gate: One of `GATES`.
        metric: One of `METRICS`.
        direction: One of `DIRECTIONS`.
        date_from: First day of interest, included.
        date_to: Last day of interest, included.
        confidence: The least confidence to accept.

    Raises:
        ConfigError: The record does not know a word, or `date_from` is after `date_to`.
    """
    faults = word_faults("", gate=gate, metric=metric, direction=direction, confidence=confidence)
    if date_from is not None and date_to is not None and date_from > date_to:
        faults.append(Fault("date_from", "", f"{date_from}", f"it must not be after date_to, {date_to}"))
    _refuse_if_any(faults)

    keep = pd.Series(data=True, index=observations.index)
    for name, word in (("gate", gate), ("metric", metric), ("direction", direction)):
        if word is not None:
            keep &= observations[name] == word
    if confidence is not None:
        keep &= observations["confidence"] >= confidence
    if date_from is not None:
        keep &= observations["date_end"] >= pd.Timestamp(date_from)
    if date_to is not None:
        keep &= observations["date_start"] <= pd.Timestamp(date_to)
    return observations[keep]


def reported_table(observations: pd.DataFrame) -> list[dict[str, str]]:
    """Return the rows as text to be shown, keyed by `TABLE_COLUMNS`; the source is its title and date."""
    return [
        {
            "from": str(record["date_start"]),
            "to": str(record["date_end"]),
            "gate": str(record["gate"]),
            "direction": str(record["direction"]),
            "metric": str(record["metric"]),
            "value": f"{record['value']:,.15g}",
            "unit": str(record["unit"]),
            "commodity": str(record["commodity"] or ""),
            "confidence": str(record["confidence"]),
            "source": f"{record['source_title']} ({record['source_date']})",
        }
        for record in to_records(observations)
    ]


def to_records(observations: pd.DataFrame) -> list[dict[str, str | float | None]]:
    """Return the rows as JSON can hold them: every column, days as YYYY-MM-DD, None for an empty cell."""
    plain = observations.assign(
        date_start=observations["date_start"].dt.strftime("%Y-%m-%d"),
        date_end=observations["date_end"].dt.strftime("%Y-%m-%d"),
    ).astype("object")
    return [
        {str(name): None if pd.isna(cell) else cell for name, cell in row.items()} for row in plain.to_dict("records")
    ]


def to_csv(observations: pd.DataFrame) -> str:
    """Return the rows as CSV text in the form of the shipped file."""
    return observations.to_csv(index=False, date_format="%Y-%m-%d", float_format="%.15g", lineterminator="\n")


def _plain(word: str) -> str:
    """Return the word as an id would spell it: no accents, capitals, spaces or hyphens."""
    letters = unicodedata.normalize("NFKD", word.casefold().replace("đ", "d"))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return plain.strip().replace(" ", "_").replace("-", "_")


def _read_cells(path: Path, columns: Mapping[str, str]) -> pd.DataFrame:
    """Return the file as strings; only an empty cell is missing ("na" and "none" are words here)."""
    cells = pd.read_csv(path, dtype="string", keep_default_na=False, na_values=[""], encoding="utf-8")
    if list(cells.columns) != list(columns):
        found = ",".join(cells.columns)
        raise one_fault(str(path), "line 1", found, f"expected the columns {','.join(columns)}")
    return cells


def _dates(path: Path, cells: pd.Series[str], faults: list[Fault], *, required: bool = True) -> pd.Series[pd.Timestamp]:
    days = pd.to_datetime(cells, format="%Y-%m-%d", errors="coerce")
    faults += _faults(path, cells, days.isna() & (cells.notna() | required), "write a day as YYYY-MM-DD")
    return days


def _numbers(path: Path, cells: pd.Series[str], faults: list[Fault]) -> pd.Series[float]:
    numbers = pd.to_numeric(cells, errors="coerce").astype("float64")
    faults += _faults(path, cells, ~numbers.map(math.isfinite), "expected a finite number")
    return numbers


def _words(path: Path, cells: pd.Series[str], known: Sequence[str], faults: list[Fault]) -> pd.Series[str]:
    is_known = cells.isin(known)
    faults += _faults(path, cells, ~is_known, f"expected one of {', '.join(known)}")
    kind = pd.CategoricalDtype(list(known), ordered=known is CONFIDENCES)
    return cast("pd.Series[str]", cells.where(is_known).astype(kind))


def _faults(path: Path, cells: pd.Series[str], wrong: pd.Series[bool], expected: str) -> list[Fault]:
    """Return a fault for each wrong cell; row 0 of a table stands on line 2 of its file."""
    return [
        Fault(str(path), f"line {row + 2}, {cells.name}", found, expected)
        for row, (found, is_wrong) in enumerate(zip(cells.fillna("empty"), wrong, strict=True))
        if is_wrong
    ]


def _refuse_if_any(faults: list[Fault]) -> None:
    if faults:
        raise ConfigError(faults)
