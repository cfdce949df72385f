from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewatch.config import reported_record as record
from gatewatch.config.errors import ConfigError

README = (record.RECORD_FOLDER / "README.md").read_text(encoding="utf-8")
OBSERVATIONS = record.load_observations()

days = st.dates(date(2014, 1, 1), date(2027, 12, 31))


def readme_rows(heading: str) -> list[list[str]]:
    """Return the cells of the first table under a heading, without its head and without code marks."""
    section = README.split(f"{heading}\n", 1)[1]
    lines = re.findall(r"^\|.*\|$", section.split("\n#", 1)[0], flags=re.MULTILINE)[2:]
    return [[re.sub(r"^`([^`]*)`$", r"\1", cell.strip()) for cell in line.strip("|").split("|")] for line in lines]


def mean_of_h1_2025(gate: str) -> float:
    """Return the mean clearances a day that were reported for a gate and exactly January to June 2025."""
    found = record.select(
        OBSERVATIONS,
        gate=gate,
        metric="cleared_per_day",
        direction="both",
        date_from=date(2025, 1, 1),
        date_to=date(2025, 6, 30),
    )
    half_year = found[(found["date_start"] == "2025-01-01") & (found["date_end"] == "2025-06-30")]
    return float(half_year["value"].item())


def test_a_query_finds_the_means_of_the_first_half_of_2025() -> None:
    """The four gates' means are those of the province's report, and they sum to its total."""
    means = {gate: mean_of_h1_2025(gate) for gate in ("huu_nghi", "tan_thanh", "coc_nam", "chi_ma")}

    assert means == {"huu_nghi": 750, "tan_thanh": 550, "coc_nam": 50, "chi_ma": 200}
    assert sum(means.values()) == 1_550


def test_the_gates_of_a_day_sum_to_the_province() -> None:
    """On 22 August 2024 the bulletin gives every gate; nothing was lost on the way into the file."""
    day = date(2024, 8, 22)
    rows = record.select(OBSERVATIONS, metric="cleared_per_day", direction="both", date_from=day, date_to=day).query(
        "date_start == date_end"
    )
    values = dict(zip(rows["gate"], rows["value"], strict=True))

    assert values.pop("all") == sum(values.values()) == 1_243


def test_columns_have_their_documented_types() -> None:
    """Dates are datetime64, values floats, words categories, and confidence has an order."""
    types = OBSERVATIONS.dtypes

    assert list(OBSERVATIONS.columns) == list(record.OBSERVATION_COLUMNS)
    assert pd.api.types.is_datetime64_any_dtype(types["date_start"])
    assert pd.api.types.is_datetime64_any_dtype(types["date_end"])
    assert types["value"] == "float64"
    assert all(isinstance(types[name], pd.CategoricalDtype) for name in ("gate", "metric", "direction", "unit"))
    assert OBSERVATIONS["confidence"].min() == "low"


def test_every_observation_is_finite_dated_and_sourced() -> None:
    """A row without a number, a period or a source could not be quoted."""
    required = OBSERVATIONS.drop(columns=["commodity", "note"])

    assert OBSERVATIONS["value"].map(math.isfinite).all()
    assert (OBSERVATIONS["value"] >= 0).all()
    assert (OBSERVATIONS["date_start"] <= OBSERVATIONS["date_end"]).all()
    assert not required.isna().any(axis=None)
    assert OBSERVATIONS["source_date"].str.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?").all()


def test_a_source_without_an_address_is_the_printed_report_or_says_so() -> None:
    """An address is a web address, but for the two cases that the README names."""
    addresses = OBSERVATIONS["source_url"]
    others = set(addresses[~addresses.str.match(r"https?://\S+$")])

    assert others == {"report 404/BC-UBND", "press item without address"}


def test_no_row_stands_twice() -> None:
    """The same statement of the same source is one row."""
    assert not OBSERVATIONS.duplicated().any()


def test_a_fact_without_an_address_does_not_call_itself_reported() -> None:
    """Each fact is reported, inferred or assumed, and what was reported can be looked up."""
    facts = record.load_facts()
    without_address = facts[facts["source_url"].isna()]

    assert set(facts["basis"]) == set(record.BASES)
    assert set(without_address["basis"]) == {"inferred", "assumed"}


def test_a_fact_is_a_number_only_when_its_value_is_one() -> None:
    """A range, a clock time and words have no number; the words stay."""
    huu_nghi = record.load_facts().query("gate == 'huu_nghi'")
    found = {item: (value, number) for item, value, number in huu_nghi[["item", "value", "number"]].to_numpy()}

    assert found["stated_route_capacity_2024"] == ("800", 800.0)
    assert found["target_capacity_2027"][0] == "2000-2500"
    assert math.isnan(found["target_capacity_2027"][1])


def test_a_measure_without_an_end_is_open() -> None:
    """Viettel park has received all waiting vehicles since 3 May 2025; no end was found."""
    measures = record.load_measures_applied()
    viettel = measures[measures["date_start"] == "2025-05-03"]

    assert list(measures.columns) == list(record.MEASURE_APPLIED_COLUMNS)
    assert viettel["policy"].item() == "staging_yard"
    assert viettel["date_end"].isna().all()


def test_all_faults_of_a_file_are_reported_together(tmp_path: Path) -> None:
    """A mistyped file is refused with each line, column, value and remedy."""
    lines = record.OBSERVATIONS_CSV.read_text(encoding="utf-8").splitlines()[:4]
    lines[1] = lines[1].replace("tan_thanh", "tanthanh").replace(",1000,", ",many,")
    lines[2] = lines[2].replace("2014-04-30", "2014-03-30")
    lines[3] = lines[3].replace("2015-04-02", "2 April 2015", 1)
    broken = tmp_path / "observations.csv"
    broken.write_text("\n".join(lines), encoding="utf-8")

    with pytest.raises(ConfigError) as refusal:
        record.load_observations(broken)

    assert [(fault.key, fault.found) for fault in refusal.value.faults] == [
        ("line 2, gate", "tanthanh"),
        ("line 2, value", "many"),
        ("line 3, date_end", "2014-03-30"),
        ("line 4, date_start", "2 April 2015"),
    ]


def test_a_file_with_other_columns_is_refused() -> None:
    """A table of another kind is named as such, not read in part."""
    with pytest.raises(ConfigError, match="date_start,date_end,gate,policy"):
        record.load_observations(record.MEASURES_APPLIED_CSV)


@pytest.mark.parametrize(
    ("date_from", "date_to", "is_found"),
    [
        (date(2025, 3, 15), date(2025, 3, 15), True),
        (date(2024, 12, 1), date(2025, 1, 1), True),
        (date(2025, 6, 30), date(2025, 7, 31), True),
        (date(2020, 1, 1), date(2026, 1, 1), True),
        (date(2024, 12, 1), date(2024, 12, 31), False),
        (date(2025, 7, 1), date(2025, 7, 31), False),
        (date(2025, 6, 30), None, True),
        (date(2025, 7, 1), None, False),
        (None, date(2025, 1, 1), True),
        (None, date(2024, 12, 31), False),
    ],
)
def test_a_row_is_found_by_every_day_of_its_period_and_by_no_other(
    date_from: date | None, date_to: date | None, is_found: bool
) -> None:
    """The mean of 1 January to 30 June 2025 belongs to each of these days, first and last included."""
    chi_ma = record.select(OBSERVATIONS, gate="chi_ma", metric="cleared_per_day", date_from=date_from, date_to=date_to)

    assert (200.0 in set(chi_ma["value"])) == is_found


@given(first=days, second=days)
def test_a_row_is_in_a_period_exactly_when_they_share_a_day(first: date, second: date) -> None:
    """Selection by days agrees with the plain definition of an overlap, row by row."""
    date_from, date_to = min(first, second), max(first, second)
    found = record.select(OBSERVATIONS, date_from=date_from, date_to=date_to)
    shares_a_day = [
        max(start.date(), date_from) <= min(end.date(), date_to)
        for start, end in zip(OBSERVATIONS["date_start"], OBSERVATIONS["date_end"], strict=True)
    ]

    assert list(found.index) == list(OBSERVATIONS.index[shares_a_day])


def test_no_condition_selects_every_row() -> None:
    """Selecting is filtering: without conditions the record comes back as it is."""
    pd.testing.assert_frame_equal(record.select(OBSERVATIONS), OBSERVATIONS)


def test_confidence_is_the_least_to_accept() -> None:
    """Medium takes medium and high; low takes all."""
    medium = record.select(OBSERVATIONS, confidence="medium")

    assert set(medium["confidence"]) == {"medium", "high"}
    assert len(record.select(OBSERVATIONS, confidence="low")) == len(OBSERVATIONS)


@pytest.mark.parametrize("typed", ["huu_ngi", "Huu Nghi", "hữu nghị", "huu-nghi"])
def test_an_unknown_gate_brings_the_known_ones_and_the_closest(typed: str) -> None:
    """Accents, capitals, spaces and a slip of the finger still lead to the id."""
    with pytest.raises(ConfigError) as refusal:
        record.select(OBSERVATIONS, gate=typed)

    message = str(refusal.value)
    assert f'gate is "{typed}"' in message
    assert 'Did you mean "huu_nghi"?' in message
    assert all(gate in message for gate in record.GATES)


def test_all_unknown_words_are_reported_together() -> None:
    """A planner mends a query once."""
    with pytest.raises(ConfigError) as refusal:
        record.select(OBSERVATIONS, gate="dong_dang", metric="backlog", direction="in", confidence="sure")

    assert [fault.file for fault in refusal.value.faults] == ["confidence", "direction", "gate", "metric"]


def test_a_period_that_ends_before_it_starts_is_refused() -> None:
    """An empty answer would hide the mistake."""
    with pytest.raises(ConfigError, match="must not be after date_to, 2025-01-01"):
        record.select(OBSERVATIONS, date_from=date(2025, 2, 1), date_to=date(2025, 1, 1))


def test_records_are_json_with_iso_days_and_null_for_an_empty_cell() -> None:
    """What a program reads has no NaN, no timestamp and no empty text."""
    records = record.to_records(OBSERVATIONS)
    first = records[0]

    assert json.loads(json.dumps(records, allow_nan=False)) == records
    assert (first["date_start"], first["value"], first["commodity"]) == ("2014-04-01", 1000.0, "watermelon")
    assert records[3]["commodity"] is None
    assert set(first) == set(record.OBSERVATION_COLUMNS)


def test_the_table_has_text_for_people() -> None:
    """Thousands are grouped, a fraction stays, an empty commodity is blank, the source has its date."""
    rows = record.reported_table(
        record.select(OBSERVATIONS, gate="huu_nghi", date_from=date(2025, 4, 15), date_to=date(2025, 4, 15))
    )
    total = next(row for row in rows if row["metric"] == "cleared_total")
    closed = next(row for row in rows if row["unit"] == "hours_closed")

    assert all(tuple(row) == record.TABLE_COLUMNS for row in rows)
    assert (total["from"], total["to"], total["value"]) == ("2025-01-01", "2025-12-31", "1,000,000")
    assert (closed["value"], closed["commodity"]) == ("3.5", "")
    assert closed["source"].endswith("(2025-04)")


def test_no_row_shows_as_nothing() -> None:
    """An empty selection is an answer, not a fault."""
    nothing = record.select(OBSERVATIONS, gate="coc_nam", metric="waiting_days")

    assert record.to_records(nothing) == record.reported_table(nothing) == []


def test_csv_gives_the_shipped_file_back() -> None:
    """Reading and writing the record loses and changes nothing."""
    assert record.to_csv(OBSERVATIONS) == record.OBSERVATIONS_CSV.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("heading", "meanings"),
    [
        ("## Columns of `observations.csv`", record.OBSERVATION_COLUMNS),
        ("## Columns of `facts.csv`", record.FACT_COLUMNS),
        ("## Columns of `measures_applied.csv`", record.MEASURE_APPLIED_COLUMNS),
        ("### Gates", record.GATES),
        ("### Metrics", record.METRICS),
    ],
)
def test_the_readme_documents_every_column_gate_and_metric(heading: str, meanings: Mapping[str, str]) -> None:
    """Its tables are those of the module, in the same order and words."""
    assert [tuple(row) for row in readme_rows(heading)] == list(meanings.items())


def test_the_readme_counts_the_rows_that_there_are() -> None:
    """A row added to the file is counted by metric, gate and confidence."""
    counts = pd.crosstab(OBSERVATIONS["metric"], OBSERVATIONS["gate"]).astype(int)
    expected = [
        [metric, *(str(counts.loc[metric, gate]) for gate in record.GATES), str(counts.loc[metric].sum())]
        for metric in record.METRICS
    ]
    expected.append(["rows", *(str(counts[gate].sum()) for gate in record.GATES), str(len(OBSERVATIONS))])
    by_confidence = OBSERVATIONS["confidence"].value_counts()
    sentence = ", ".join(f"{by_confidence[word]} {word}" for word in reversed(record.CONFIDENCES))
    loaded = (OBSERVATIONS, record.load_facts(), record.load_measures_applied())

    assert readme_rows("### Rows by metric and gate") == expected
    assert f"By confidence: {sentence}." in README
    assert [row[1] for row in readme_rows("# The reported record")] == [str(len(table)) for table in loaded]


@pytest.mark.parametrize("row", readme_rows("## Known oddities"), ids=lambda row: f"line {row[0]}")
def test_an_oddity_of_the_readme_stands_on_the_line_it_names(row: list[str]) -> None:
    """Lines shift when a row is added; the list moves with them."""
    line, start, gate, metric, value, _ = row
    found = record.reported_table(OBSERVATIONS.iloc[[int(line) - 2]])[0]

    assert (found["from"], found["gate"], found["metric"], found["value"]) == (start, gate, metric, value)


def test_the_example_of_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """What a planner copies works, and ends with the latest reported queue at Huu Nghi."""
    example = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)[0]

    exec(example, {})

    assert "2023-05-28  709.0" in capsys.readouterr().out
