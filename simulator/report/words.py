"""What a report says in one language: sentences from `words.toml`, numbers, units, dates, and names of the border."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Final, Literal

from gatewatch.config.schema import Border
from gatewatch.simulator.comparison.digits import Scale, bare, rounded, scale_of
from gatewatch.simulator.comparison.headline import TOTAL
from gatewatch.simulator.policies.wording import kind_title, setting_title
from gatewatch.simulator.policies.wording import texts as form_texts

Language = Literal["vi", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("vi", "en")
NOTHING: Final = "–"
_TIED: Final = "\u00a0"  # the space between a number and its unit: no line ends there

_VIETNAMESE = str.maketrans(",.-", ".,−")
_ENGLISH = str.maketrans("-", "−")
_OF_VEHICLES: Final = frozenset({"wait", "open_wait", "crossing_time", "station_wait", "blocked_time"})


@cache
def texts() -> dict[str, dict[str, dict[str, str]]]:
    """Return every text by section and key, in both languages."""
    return tomllib.loads(resources.files("gatewatch.simulator.report").joinpath("words.toml").read_text("utf-8"))


class Words:
    """
    One language of a report.

    Args:
        language: Which.
        border: Gives the names of gates, stations, yards and classes; without it, their ids are shown.
    """

    def __init__(self, language: Language, border: Border | None) -> None:
        self.language, self.border = language, border

    def say(self, key: str, **values: object) -> str:
        """Return the text under `section.key` with names filled in."""
        section, _, name = key.partition(".")
        return texts()[section][name][self.language].format(**values)

    def columns(self, key: str) -> tuple[str, ...]:
        """Return names of columns."""
        return tuple(self.say(key).split("|"))

    def known(self, section: str, key: str) -> str:
        """Return the text under a key that comes from data; the key itself where there is none."""
        found = texts()[section].get(key)
        return key if found is None else found[self.language]

    # --- numbers ----------------------------------------------------------------------------------

    def digits(self, text: str) -> str:
        """
        Return digits as the language writes them.

        >>> Words("vi", None).digits("1,234.5 ±0.6"), Words("en", None).digits("-2.0")
        ('1.234,5 ±0,6', '−2.0')
        """
        return text.translate(_VIETNAMESE if self.language == "vi" else _ENGLISH)

    def unit(self, unit: str) -> str:
        """Return a unit in the language; `-` is that of a bare number."""
        return "" if unit == "-" else self.known("unit", unit)

    def bare(self, value: float | None, half_width: float | None, scale: Scale, *, signed: bool = False) -> str:
        """Return a value with its half width, with the digits that it allows, without the unit."""
        return NOTHING if value is None else self.digits(bare(value, half_width, scale, signed=signed))

    def told(self, value: float | None, half_width: float | None, unit: str, *, signed: bool = False) -> str:
        r"""
        Return a value with its half width and unit.

        >>> Words("vi", None).told(1234.5, 37, "veh"), Words("vi", None).told(9_300, 1_130, "s")
        ('1.230 ±40\xa0xe', '2,58 ±0,31\xa0giờ')
        """
        if value is None:
            return NOTHING
        scale = scale_of(unit, max(abs(value), half_width or 0.0))
        return f"{self.bare(value, half_width, scale, signed=signed)}{_TIED}{self.unit(scale.unit)}"

    def plain(self, value: float) -> str:
        """Return a number of an axis or of a file as it is."""
        return self.digits(f"{value:,.10g}")

    def count(self, value: float) -> str:
        """Return a whole number."""
        return self.digits(f"{value:,.0f}")

    def percent(self, share: float, *, signed: bool = False) -> str:
        r"""
        Return a share in hundredths.

        >>> Words("vi", None).percent(-0.0342, signed=True), Words("en", None).percent(0.46)
        ('−3,4\xa0%', '46\xa0%')
        """
        value = 100 * share
        return f"{self.digits(rounded(value, 1 if abs(value) < 10 and round(value, 1) else 0, signed=signed))}{_TIED}%"

    def day(self, iso: str | date) -> str:
        """Return a date."""
        day = date.fromisoformat(iso) if isinstance(iso, str) else iso
        return f"{day:%d/%m/%Y}" if self.language == "vi" else day.isoformat()

    # --- names ------------------------------------------------------------------------------------

    def gate(self, gate: str | None) -> str:
        """Return the name of a gate, or of all of them."""
        if gate is None:
            return self.say("place.all")
        found = None if self.border is None else self.border.gates.get(gate)
        return self._title(found, gate)

    def place(self, gate: str | None, direction: str | None) -> str:
        """Return the name of a gate and direction."""
        name = self.gate(gate)
        return name if direction is None else f"{name}, {self.say(f'place.{direction}')}"

    def station(self, gate: str | None, name: str) -> str:
        """Return the name of a station or yard of a gate."""
        found = None if self.border is None or gate is None else self.border.gates.get(gate)
        if found is None:
            return name
        return self._title(found.yards.get(name) or found.stations.get(name), name)

    def cause(self, gate: str | None, cause: str) -> str:
        """Return a cause of waiting, such as that the servers of a station are busy."""
        where, colon, what = cause.partition(": ")
        return f"{self.station(gate, where)}: {self.known('cause', what)}" if colon else self.known("cause", where)

    # --- policies ---------------------------------------------------------------------------------

    def kind(self, kind: str) -> str:
        """Return what a kind of policy is called."""
        return kind_title(kind)[self.language]

    def setting(self, kind: str, key: str) -> str:
        """Return what a setting of a kind of policy is called."""
        return setting_title(kind, key)[self.language]

    def setting_unit(self, unit: str) -> str:
        """Return the unit of a setting; what is a name, a choice, a time of day or a date has none."""
        found = form_texts()["unit"].get(unit)
        return "" if unit[:2] in {"HH", "YY"} else unit if found is None else found[self.language]

    def value(self, value: object, unit: str, gates: Sequence[str] = ()) -> str:
        """
        Return a setting as it is read: names for ids, numbers and dates of the language.

        Args:
            value: As a file states it.
            unit: Unit of the setting; says whether a text is a gate, a class, a station.
            gates: The gates whose stations and yards are meant; without one, the first that has the name.
        """
        match value:
            case bool():
                return self.say("question.yes" if value else "question.no")
            case int() | float():
                return self.digits(f"{value:,.10g}")
            case date():
                return self._moment(value)
            case list():
                between = "; " if any(isinstance(item, dict) for item in value) else ", "
                return between.join(self.value(item, unit, gates) for item in value)
            case dict():
                return ", ".join(f"{self.setting('', str(key))} {self.value(item, '')}" for key, item in value.items())
        return self._name(str(value), unit, gates)

    def _moment(self, value: date) -> str:
        day = self.day(value.date() if isinstance(value, datetime) else value)
        return f"{day} {value:%H:%M}" if isinstance(value, datetime) else day

    def _name(self, name: str, unit: str, gates: Sequence[str]) -> str:
        """Return what an id in a setting is called."""
        match unit:
            case "gate" | "gates":
                return self.gate(name)
            case "vehicle classes":
                return self.vehicles(name)
            case "stations" | "stages" | "yard" | "yards":
                known = () if self.border is None else tuple(gates) or tuple(self.border.gates)
                titles = (self.station(gate, name) for gate in known)
                own = form_texts()["stage"].get(name)
                return next((title for title in titles if title != name), own[self.language] if own else name)
        own = form_texts()["value"].get(name)
        return name if own is None else own[self.language]

    # --- vehicles and figures ---------------------------------------------------------------------

    def vehicles(self, name: str) -> str:
        """Return the name of a vehicle class."""
        classes = {} if self.border is None else self.border.vehicle_classes()
        return self._title(classes.get(name), name)

    def figure(
        self, measure: str, statistic: str = "mean", gate: str | None = None, station: str | None = None,
        class_: str | None = None,
    ) -> str:  # fmt: skip
        """Return what a figure is called within its place, such as the 95th percentile of the wait."""
        name = self.known("measure", measure)
        if statistic != "mean" or measure in _OF_VEHICLES:
            name = self.say(f"name.{statistic}_of", name=name)
        if station is not None and station != TOTAL:
            said = self.known("cost", station) if measure == "cost_per_day" else self.cause(gate, station)
            said = self.station(gate, station) if said == station else said
            name = self.say("name.of_station", name=name, station=said)
        return name if class_ is None else self.say("name.of_class", name=name, class_=self.vehicles(class_))

    def _title(self, found: object, name: str) -> str:
        title = getattr(found, "title", "") or name
        return (getattr(found, "title_vi", "") or title) if self.language == "vi" else title


def capital(text: str) -> str:
    """Return a text that begins like a sentence."""
    return text[:1].upper() + text[1:]
