"""
The made parts of config/README.md: a table for each model of the schema, and the worked examples.

    python -m gatewatch.config.dictionary           compares and exits 1 when the document is out of date
    python -m gatewatch.config.dictionary --write   rewrites it
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from gatewatch.config import calendars, demand, laws, profiles, responses, scenarios, schema
from gatewatch.config.faults import shown
from gatewatch.config.plain_words import alternatives, hints, key_of, models_in, unit_of, words
from gatewatch.config.units import clock_text

README = Path(__file__).with_name("README.md")
EXAMPLES = Path(__file__).with_name("examples")


@dataclass(frozen=True, slots=True)
class FieldTable:
    """
    A table of the data dictionary.

    Args:
        title: Its heading.
        model: The model whose fields are its rows.
        like: A model shown before; the fields it shares are left out.
        only: Show these fields alone.
        intro: What stands under the heading; without it, the docstring of the model.
    """

    title: str
    model: type[BaseModel]
    like: type[BaseModel] | None = None
    only: tuple[str, ...] | None = None
    intro: str = ""

    def fields(self) -> Iterator[tuple[str, FieldInfo]]:
        """Yield the fields that are rows of the table, the name of a law or kind not among them."""
        left_out = {"law", "kind"} if self.title.startswith("`") else set()
        left_out |= set(self.like.model_fields) if self.like else set()
        for name, field in self.model.model_fields.items():
            if (name not in left_out) if self.only is None else (name in self.only):
                yield name, field


TABLES: tuple[FieldTable, ...] = (
    FieldTable("Sections", schema.Border),
    FieldTable("Border", schema.BorderInfo),
    FieldTable("Vehicle class", schema.VehicleClass),
    FieldTable("Gate", schema.Gate),
    FieldTable("Counterpart", schema.Counterpart),
    FieldTable("Direction", schema.Direction),
    FieldTable("Selectivity", schema.Selectivity),
    FieldTable("Stage", schema.Stage),
    FieldTable("Service rule", schema.ServiceRule),
    FieldTable("Service factor", schema.ServiceFactor),
    FieldTable("Branch", schema.Branch),
    FieldTable("Station", schema.Station),
    FieldTable("Roster rule", schema.RosterRule),
    FieldTable("Breakdown", schema.Breakdown),
    FieldTable("Yard", schema.Yard),
    FieldTable("Places rule", schema.PlacesRule),
    FieldTable("Acceptance rule", schema.AcceptanceRule),
    FieldTable(
        "Law",
        laws.Constant,
        only=("unit", "at_most"),
        intro="A table whose `law` says which of those below it is. Every law has:",
    ),
    FieldTable("`constant`", laws.Constant, like=laws.Exponential),
    FieldTable("`exponential`", laws.Exponential, like=laws.Constant),
    FieldTable("`erlang`", laws.Erlang, like=laws.Constant),
    FieldTable("`gamma`", laws.Gamma, like=laws.Constant),
    FieldTable("`lognormal`", laws.Lognormal, like=laws.Constant),
    FieldTable("`weibull`", laws.Weibull, like=laws.Constant),
    FieldTable("`triangular`", laws.Triangular, like=laws.Constant),
    FieldTable("`uniform`", laws.Uniform, like=laws.Constant),
    FieldTable("`hyperexponential`", laws.Hyperexponential, like=laws.Constant),
    FieldTable("`empirical`", laws.Empirical, like=laws.Constant),
    FieldTable("Calendar", calendars.Calendar),
    FieldTable("Hours rule", calendars.HoursRule),
    FieldTable("Day rule", calendars.DayRule),
    FieldTable("Closure", calendars.Closure),
    FieldTable("Hour profile", profiles.HourProfile),
    FieldTable("Weekday profile", profiles.WeekdayProfile),
    FieldTable("Season", profiles.Season),
    FieldTable("Demand", demand.Demand),
    FieldTable("Flow", demand.Flow),
    FieldTable("Arrivals", demand.Poisson, only=(), intro="A table whose `kind` says which of these it is."),
    FieldTable("`poisson`", demand.Poisson),
    FieldTable("`convoys`", demand.Convoys, like=demand.Poisson),
    FieldTable("`appointments`", demand.Appointments, like=demand.Poisson),
    FieldTable("`renewal`", demand.Renewal),
    FieldTable("`trace`", demand.TraceArrivals),
    FieldTable("Dated factor", demand.DatedFactor),
    FieldTable("Travel", schema.Travel),
    FieldTable("Diversion", demand.Diversion),
    FieldTable("Intake halt", demand.IntakeHalt),
    FieldTable("Responsive hours", responses.ResponsiveHours),
    FieldTable("Later close", responses.LaterClose),
    FieldTable("Reversible servers", responses.ReversibleServers),
    FieldTable("Prices", schema.Prices),
    FieldTable("Source", schema.Source),
    FieldTable("Scenario", scenarios.Scenario),
    FieldTable("Target", scenarios.Target),
    FieldTable("Initial state", scenarios.InitialState),
    FieldTable("Vehicles inside", scenarios.VehiclesInside),
)
_TITLES = {table.model: table.title for table in TABLES if table.only is None}
_AS_POISSON = "Beside this, everything that `poisson` has."


def field_tables() -> str:
    """Return the data dictionary: every table with its heading, in Markdown."""
    return "\n\n".join(_table_text(table) for table in TABLES)


def _table_text(table: FieldTable) -> str:
    lines = [f"### {table.title}", "", _intro(table)]
    rows = [_row(table.model, name, field) for name, field in table.fields()]
    if rows:
        lines += ["", "| key | value | unit | default | meaning |", "|---|---|---|---|---|", *rows]
    return "\n".join(lines)


def _intro(table: FieldTable) -> str:
    intro = table.intro or inspect.cleandoc(table.model.__doc__ or "")
    return f"{intro} {_AS_POISSON}" if table.like is demand.Poisson else intro


def _row(model: type[BaseModel], name: str, field: FieldInfo) -> str:
    hint = hints(model)[name]
    cells = (
        f"`{key_of(name, model)}`",
        _value(hint),
        _unit(hint),
        _default(hint, field),
        field.description or "",
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _value(hint: Any) -> str:
    """Return what may be written, tables with a link to theirs."""
    named = [_linked(part) or words(part, with_unit=False) for part in alternatives(hint)]
    return " or ".join(dict.fromkeys(named)).replace("a text in quotes", "text")


def _linked(hint: Any) -> str | None:
    """Return what may be written as a link to its table, or None when it has none."""
    model = next(models_in(hint), None)
    if model is None:
        return None
    title = _TITLES[model]
    if model.__module__ == laws.__name__:
        title = "Law"
    elif model.__module__ == demand.__name__ and "kind" in model.model_fields:
        title = "Arrivals"
    link = f"[{title.lower()}](#{title.lower().replace(' ', '-')})"
    frame = words(hint, with_unit=False)
    if frame.startswith("a list"):
        return f"list of tables, each: {link}"
    return f"named tables, each: {link}" if "named entries" in frame else f"table: {link}"


def _unit(hint: Any) -> str:
    """Return the unit of the number that may be written, if any."""
    units = (unit_of(part) for part in alternatives(hint) if next(models_in(part), None) is None)
    unit = next((unit for unit in units if unit is not None), "")
    return "–" if unit == "-" else unit


def _default(hint: Any, field: FieldInfo) -> str:
    if field.is_required():
        return "**needed**"
    if field.default is None or isinstance(field.default, BaseModel) or field.default in ([], {}, ""):
        return ""
    if unit_of(hint) == "HH:MM":
        return f'`"{clock_text(field.default)}"`'
    return f"`{shown(field.default)}`"


def example_block(name: str) -> str:
    """Return a worked example as a block of TOML."""
    return f"```toml\n{(EXAMPLES / f'{name}.toml').read_text('utf-8').rstrip()}\n```"


_PART = re.compile(r"(<!-- made: (?P<kind>fields|example) ?(?P<name>\w*) -->\n).*?(<!-- end -->)", re.DOTALL)


def with_made_parts(text: str) -> str:
    """Return a document with the parts between its markers made anew."""

    def made(match: re.Match[str]) -> str:
        body = field_tables() if match["kind"] == "fields" else example_block(match["name"])
        return f"{match[1]}\n{body}\n\n{match[4]}"

    return _PART.sub(made, text)


def main(arguments: Sequence[str]) -> int:
    """Compare the document with the code, or rewrite it; return the exit status."""
    old = README.read_text("utf-8")
    new = with_made_parts(old)
    if "--write" in arguments:
        if new != old:
            README.write_text(new, "utf-8")
        return 0
    if new != old:
        sys.stderr.write("config/README.md is out of date; run python -m gatewatch.config.dictionary --write.\n")
    return int(new != old)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
