"""The data dictionary says everything that the schema knows, and the examples beside it are in order."""

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from gatewatch.config import dictionary
from gatewatch.config.dictionary import EXAMPLES, README, TABLES, field_tables, with_made_parts
from gatewatch.config.loader import check_everything
from gatewatch.config.plain_words import alternatives, hints, is_number, models_in, unit_of
from gatewatch.config.schema import Border

EXAMPLE_FILES = sorted(EXAMPLES.glob("*.toml"))
TEXT = README.read_text("utf-8")
MODELS = {table.model for table in TABLES}
BY_NAME = sorted(MODELS, key=lambda model: model.__name__)
FIELDS = [(model, name) for model in BY_NAME for name in model.model_fields]


def reachable(model, found):
    """Return every model that a border can hold."""
    if model not in found:
        found.add(model)
        for hint in hints(model).values():
            for part in models_in(hint):
                reachable(part, found)
    return found


def test_the_document_is_up_to_date():
    """If not, run `python -m gatewatch.config.dictionary --write`."""
    assert with_made_parts(TEXT) == TEXT
    assert dictionary.main([]) == 0


def test_an_old_document_is_noticed_and_rewritten(tmp_path, monkeypatch, capsys):
    """Comparing changes nothing; writing does, and then nothing is left to do."""
    old = tmp_path / "README.md"
    old.write_text("before\n<!-- made: fields -->\nold\n<!-- end -->\nafter\n", "utf-8")
    monkeypatch.setattr(dictionary, "README", old)

    statuses = [dictionary.main(arguments) for arguments in ([], ["--write"], [])]

    assert statuses == [1, 0, 0]
    assert "out of date" in capsys.readouterr().err
    assert old.read_text("utf-8").startswith("before\n<!-- made: fields -->\n\n### Sections\n")
    assert old.read_text("utf-8").endswith("<!-- end -->\nafter\n")


def test_every_model_of_a_border_has_a_table():
    """A new model cannot be forgotten."""
    assert reachable(Border, set()) == MODELS


def test_every_field_has_a_row():
    """Fields that a table leaves out stand in the one it refers to."""
    rows = {model: {name for table in TABLES if table.model is model for name, _ in table.fields()} for model in MODELS}
    shared = {table.model: set(table.like.model_fields) for table in TABLES if table.like}

    missing = [
        (model.__name__, name)
        for model, name in FIELDS
        if name not in rows[model] | shared.get(model, set()) | {"law", "kind"}
    ]

    assert missing == []


@pytest.mark.parametrize(("model", "name"), FIELDS, ids=lambda value: getattr(value, "__name__", value))
def test_a_field_has_a_description_and_a_number_has_a_unit(model: type[BaseModel], name: str):
    """What is no number is a name, a text, a date, a switch or a table."""
    field, hint = model.model_fields[name], hints(model)[name]

    if name not in ("law", "kind") or unit_of(hint):
        assert field.description
        assert field.description.endswith(".")
    for part in alternatives(hint):
        assert unit_of(part) or not is_number(part)


def test_links_in_the_tables_lead_to_a_table():
    """No link points to a heading that is not there."""
    text = field_tables()
    titles = re.findall(r"^### (.+)$", text, re.MULTILINE)
    headings = {re.sub(r"[^a-z -]", "", title.lower()).replace(" ", "-") for title in titles}

    links = set(re.findall(r"\]\(#([a-z-]+)\)", text))

    assert links <= headings
    assert len(links) > 20


@pytest.mark.parametrize("file", EXAMPLE_FILES, ids=lambda file: file.stem)
def test_an_example_has_no_fault_and_is_shown(file: Path):
    """Every worked example is a whole border, with a scenario of the name that the README gives."""
    assert [str(fault) for fault in check_everything(file)] == []
    assert "example" in tomllib.loads(file.read_text("utf-8"))["scenarios"]
    assert f"<!-- made: example {file.stem} -->" in TEXT


def test_examples_use_every_key_that_a_stage_a_station_and_a_yard_has():
    """A reader finds each of them at work."""
    text = "".join(file.read_text("utf-8") for file in EXAMPLE_FILES)
    keys = {
        key
        for table in TABLES
        if table.title in ("Stage", "Station", "Yard", "Direction", "Branch", "Breakdown")
        for key in table.model.model_fields
    }

    unused = {key for key in keys if not re.search(rf"\b{key.rstrip('_')}\b", text)}

    assert unused <= {"title_vi", "hours_of", "laden_return"}
