"""Verdicts as sentences, and the texts behind them."""

import re
import string
from dataclasses import replace
from pathlib import Path

import pytest

import gatewatch.simulator.report
from gatewatch.simulator.comparison.rows import CENSORED, Row
from gatewatch.simulator.measures import list_measures
from gatewatch.simulator.report.telling import sentence
from gatewatch.simulator.report.words import LANGUAGES, Words, texts

ROW = Row(
    scenario="longer", measure="wait", gate=None, direction=None, class_=None, station=None, statistic="mean",
    unit="s", better="lower", baseline=36_000, baseline_half_width=1_800, value=28_800, value_half_width=1_440,
    difference=-7_200, half_width=1_440, low=-8_000, high=-6_400, level=0.95, unpaired_half_width=1_560, reduction=0.8,
    p=0.0, p_adjusted=0.0, p_same=1.0, smallest=300, verdict="better", more_replications=None, replications=10,
    bound="exact", method="t over replications",
)  # fmt: skip
KINDS = {
    "told": (ROW, "Mean wait falls from 10.0 h to 8.0 h, by 2.0 ±0.4 h"),
    "worse": (
        replace(ROW, value=43_200, difference=7_200, low=6_400, high=8_000, verdict="worse"),
        "Mean wait rises from 10.0 h to 12.0 h, by 2.0 ±0.4 h",
    ),
    "small": (
        replace(ROW, value=35_640, difference=-360, half_width=90, low=-460, high=-260),
        "Mean wait falls from 10.0 h to 9.9 h, by 6.0 ±1.5 min; perhaps by less than the 5 min that matter",
    ),
    "same": (
        replace(ROW, value=35_940, difference=-60, half_width=60, low=-130, high=10, verdict="same"),
        ("Mean wait stays the same for practical purposes, 10.0 h and 10.0 h: a difference of −1.0 ±1.0 min, under the "
        "5 min that matter"),
    ),
    "undecided": (
        replace(ROW, value=35_400, difference=-600, half_width=700, verdict="undecided", more_replications=1_500),
        ("Mean wait is undecided, 10.0 h and 9.8 h: a difference of −10 ±12 min; about 1,500 more replications would "
        "tell"),
    ),
    "never": (
        replace(ROW, value=35_400, difference=-600, half_width=700, verdict="undecided"),
        ("Mean wait is undecided, 10.0 h and 9.8 h: a difference of −10 ±12 min; no number of replications that can be "
        "run would tell"),
    ),
    "unmoved": (
        replace(ROW, value=36_000, difference=0.0, half_width=0.0, verdict="same"),
        "Mean wait does not change: 10.0 ±0.5 h",
    ),
    "at most": (
        replace(ROW, bound="at most", baseline_half_width=None, low=None, high=-6_400, method=CENSORED),
        ("Mean wait is at least 10 h and 8.0 ±0.4 h, apart by 1.78 h or more: too many vehicles are still inside at "
        "the end"),
    ),
    "both": (
        replace(
            ROW, bound="unknown", baseline_half_width=None, value_half_width=None, difference=None, half_width=None,
            verdict="unknown", low=None, high=None,
        ),
        ("Mean wait cannot be told, at least 10 h and at least 8 h: too many vehicles are still inside at the end, "
        "with and without the scenario, and more replications do not help"),
    ),
    "nothing": (
        replace(ROW, baseline=None, value=None, difference=None, verdict="unknown", statistic="p95", method=CENSORED),
        "P95 wait cannot be told: too many vehicles are still inside at the end",
    ),
}  # fmt: skip
# Texts that are looked up by what the data says: a unit, a cause, a measure.
_BY_DATA = {"measure", "unit", "cause", "cost", "price", "basis", "verdict", "response", "method", "why", "streams"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_verdict_is_one_plain_sentence(kind):
    """What it was, what it is, by how much, how sure: with the digits that the half width allows."""
    row, said = KINDS[kind]

    assert sentence(row, Words("en", None)).replace("\u00a0", " ") == said


@pytest.mark.parametrize("kind", KINDS)
def test_vietnamese_says_the_same_with_its_own_numbers(kind):
    """The numbers of both sentences are the same, written differently, and no word is English."""
    row, said = KINDS[kind]
    vietnamese = sentence(row, Words("vi", None))
    swapped = [number.translate(str.maketrans(",.", ".,")) for number in re.findall(r"[\d.,]*\d", said)]

    assert re.findall(r"[\d.,]*\d", vietnamese) == swapped
    assert not {"the", "and", "wait", "by", "from", "at"} & set(re.findall(r"[a-z]+", vietnamese.lower()))


def test_every_text_is_in_both_languages():
    """Neither is empty, both fill in the same names, and tables have the same columns in both."""
    for section, keys in texts().items():
        for key, said in keys.items():
            names = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in said.values()]
            where = f"{section}.{key}"

            assert set(said) == set(LANGUAGES), where
            assert all(said.values()), where
            assert names[0] == names[1], where
            if "columns" in key:
                marks = [[c.startswith(">") for c in text.split("|")] for text in said.values()]

                assert marks[0] == marks[1], where


def test_no_text_is_idle():
    """Each key is named by some section, or its section is looked up by what the data says."""
    folder = Path(gatewatch.simulator.report.__file__).parent
    source = "".join(path.read_text("utf-8") for path in folder.rglob("*") if path.suffix in {".py", ".html"})
    prefixes = set(re.findall(r"""f["'](\w+\.\w*)\{""", source))
    idle = [
        f"{section}.{key}"
        for section, keys in texts().items()
        for key in keys
        if section not in _BY_DATA
        and not re.search(rf"""["']{section}\.{re.escape(key)}["']""", source)
        and not any(f"{section}.{key}".startswith(prefix) for prefix in prefixes)
    ]

    assert idle == []


def test_every_measure_has_a_name_and_a_unit():
    """A new measure is named in both languages before it can be told."""
    for measure in list_measures().values():
        assert measure.name in texts()["measure"], measure.name
        assert measure.unit in texts()["unit"], measure.unit
