"""The border as data. Every field here is a row of the data dictionary in config/README.md."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from gatewatch.config.calendars import Calendar, DirectionName, TimeZone, Weekday
from gatewatch.config.demand import Demand, Diversion, IntakeHalt
from gatewatch.config.laws import Law
from gatewatch.config.profiles import HourProfile, Season, WeekdayProfile
from gatewatch.config.records import Dated, Record
from gatewatch.config.responses import ResponsiveHours, ReversibleServers
from gatewatch.config.scenarios import Scenario
from gatewatch.config.units import (
    Degrees,
    Factor,
    Hours,
    HoursLong,
    Metres,
    Money,
    Places,
    ServerCount,
    Share,
    VehiclesPerDay,
)

Basis = Literal["reported", "inferred", "assumed"]
Channel = Literal["green", "yellow", "red"]
ClosingRule = Literal["finish", "freeze", "hand_back", "last_start"]
OpensWith = Literal["gate", "counterpart", "both", "always"]


class Source(Record):
    """Where a number comes from."""

    title: str = Field(description="Publisher and title.")
    url: str = Field(default="", description="Address as it was read; empty when there is none.")
    date: str = Field(default="", description="Date of the source, as exact as it is known.")


class VehicleClass(Record):
    """A kind of vehicle."""

    title: str = Field(default="", description="Name for people.")
    title_vi: str = Field(default="", description="Name for people, Vietnamese.")
    laden: bool = Field(default=True, description="Carries goods; bulletins count laden vehicles only.")
    perishable: bool = Field(default=False, description="The load decays; counted in perishable hours.")
    load_value: Money = Field(default=0, description="Value of a load, for spoilage.")
    shelf_life: HoursLong | None = Field(
        default=None, description="Time after which a load is worth 1/e of its value; needed for spoilage."
    )


BUILT_IN_CLASSES = {
    "fruit": VehicleClass(title="fruit", perishable=True),
    "general": VehicleClass(title="general goods"),
    "container": VehicleClass(title="container"),
    "new_vehicle": VehicleClass(title="new motor vehicle"),
    "empty": VehicleClass(title="empty vehicle", laden=False),
}


class ServiceRule(Record):
    """A law for the vehicles that match; of several rules the first that matches holds."""

    classes: list[str] | None = Field(default=None, min_length=1, description="Vehicle classes; without it, all.")
    channels: list[Channel] | None = Field(default=None, min_length=1, description="Customs channels; without it, all.")
    laden: bool | None = Field(default=None, description="Laden or empty at this stage; without it, both.")
    law: Law = Field(description="Law of the service time.")


def _law_or_rules(value: object) -> str:
    return "list of rules" if isinstance(value, list) else "one law"


Service = Annotated[
    Annotated[Law, Tag("one law")] | Annotated[list[ServiceRule], Tag("list of rules")],
    Discriminator(_law_or_rules),
]


class Branch(Record):
    """One way on from a stage."""

    to: str = Field(description="The next stage of the same route, earlier ones too, or `out` to leave.")
    share: Share = Field(description="Share of the vehicles that go this way.")


class ServiceFactor(Dated):
    """A factor on the service times of vehicles that arrived between two dates; an arrival decides for all stages."""

    factor: Factor = Field(description="Times the service time that was drawn; factors that overlap multiply.")
    classes: list[str] | None = Field(default=None, min_length=1, description="Vehicle classes; without it, all.")
    channels: list[Channel] | None = Field(default=None, min_length=1, description="Customs channels; without it, all.")
    reason: str = Field(default="", description="Why, in words.")


class Stage(Record):
    """One step of a crossing."""

    station: str | None = Field(default=None, description="Station that does it; without it, the one of this name.")
    service: Service | None = Field(
        default=None, description="Law of the service time, or a list of rules; a park that holds has none."
    )
    dates: list[ServiceFactor] = Field(
        default=[], description="Factors on the service time by the date on which a vehicle arrived."
    )
    classes: list[str] | None = Field(
        default=None, min_length=1, description="Only these classes stop here; the others pass by."
    )
    channels: list[Channel] | None = Field(
        default=None, min_length=1, description="Only these customs channels stop here; the others pass by."
    )
    yard: str | None = Field(default=None, description="Yard whose place the vehicle holds during this stage.")
    next: list[Branch] = Field(
        default=[],
        description="Ways on; shares sum to at most 1, the rest goes to the next stage of the route.",
    )
    leg: Literal["out", "back"] = Field(
        default="out", description="`back` for stages of the return pass after the goods were delivered."
    )
    clears: bool = Field(
        default=False,
        description="Leaving this stage is the clearance; without any, the last `out` stage of the route clears.",
    )
    patience: bool = Field(default=True, description="A vehicle that waits here may turn back.")


class RosterRule(Dated):
    """Servers on duty at some hours. Of several rules that match, the last one in the file holds."""

    hours: Hours | None = Field(
        default=None, description="Hours of the day, local time of the border; without it, all."
    )
    days: list[Weekday] | None = Field(default=None, min_length=1, description="Weekdays; without it, all.")
    servers: ServerCount = Field(description="Servers on duty.")


def _kind_of_servers(value: object) -> str:
    return "roster" if isinstance(value, list) else "word" if isinstance(value, str) else "number"


Servers = Annotated[
    Annotated[ServerCount, Tag("number")]
    | Annotated[Literal["unlimited"], Tag("word")]
    | Annotated[list[RosterRule], Tag("roster")],
    Discriminator(_kind_of_servers),
]


class Breakdown(Record):
    """A station that stops now and then; work in progress waits and goes on."""

    up: Law = Field(description="Clock time between a repair and the next breakdown.")
    down: Law = Field(description="Time to repair.")


class Station(Record):
    """The servers that do a stage, with their queue."""

    title: str = Field(default="", description="Name for people.")
    title_vi: str = Field(default="", description="Name for people, Vietnamese.")
    servers: Servers = Field(
        default="unlimited",
        description="A number, a roster (list of rules), or `unlimited` for a delay without a queue.",
    )
    holds: bool = Field(
        default=False,
        description="A park: no service; vehicles wait here until the next stage's yard calls them forward.",
    )
    opens_with: OpensWith = Field(
        default="gate",
        description="Whose calendar must be open: the gate's, the counterpart's, both, or none.",
    )
    hours_of: DirectionName | None = Field(
        default=None, description="Follows the hours of this direction where a calendar tells them apart."
    )
    closing_rule: ClosingRule = Field(
        default="finish",
        description="At closing: `finish` the vehicle in service; `freeze` work; `hand_back` to the head of "
        "the queue, work kept; `last_start`: start none that cannot be finished.",
    )
    priority: list[str] = Field(
        default=[],
        description="Classes served first, most urgent first; the others follow together. Empty: first come, "
        "first served.",
    )
    queue_places: Places | None = Field(
        default=None,
        description="Vehicles that can wait, those in service not counted; without it, no limit.",
    )
    when_full: Literal["block", "lose"] = Field(
        default="block",
        description="`block`: the vehicle stays where it is, with its server; `lose`: turned away and counted.",
    )
    breakdown: Breakdown | None = Field(default=None, description="Times between breakdowns and to repair.")


class PlacesRule(Dated):
    """Places of a yard between two dates, local time of the border. Of several rules that match, the last holds."""

    places: Places = Field(description="Places; on a day that no rule covers there is no limit.")


class AcceptanceRule(Dated):
    """Acceptance of a yard between two dates of the counterpart. Of several rules that match, the last holds."""

    accepts_per_day: VehiclesPerDay = Field(
        description="Vehicles let in per day; on a day that no rule covers there is no limit."
    )


def _number_or_rules(value: object) -> str:
    return "rules" if isinstance(value, list) else "number"


YardPlaces = Annotated[
    Annotated[Places, Tag("number")] | Annotated[list[PlacesRule], Tag("rules")], Discriminator(_number_or_rules)
]
YardAcceptance = Annotated[
    Annotated[VehiclesPerDay, Tag("number")] | Annotated[list[AcceptanceRule], Tag("rules")],
    Discriminator(_number_or_rules),
]


class Yard(Record):
    """Holding places that a vehicle occupies from the first to the last stage in the yard."""

    title: str = Field(default="", description="Name for people.")
    title_vi: str = Field(default="", description="Name for people, Vietnamese.")
    kind: Literal["off_site", "gate", "counterpart"] = Field(default="gate", description="Where it lies.")
    places: YardPlaces | None = Field(
        default=None,
        description="Places, or a list of rules by date; without it, no limit. Where they fall below those inside, "
        "nobody is sent out, and nobody enters until fewer are inside.",
    )
    keep: Places | None = Field(
        default=None,
        description="Call-forward: parks release vehicles while fewer than this are in the yard.",
    )
    accepts_per_day: YardAcceptance | None = Field(
        default=None,
        description="Vehicles let in per local day of the counterpart, or a list of rules by date; without it, no "
        "limit.",
    )
    opens_with: OpensWith = Field(default="always", description="Whose calendar must be open to enter.")

    def places_on(self, day: date) -> int | None:
        """Return the places on a day, or None without a limit."""
        if not isinstance(self.places, list):
            return self.places
        return _last_on([(rule, rule.places) for rule in self.places], day)

    def accepts_on(self, day: date) -> int | None:
        """Return how many vehicles are let in on a day, or None without a limit."""
        if not isinstance(self.accepts_per_day, list):
            return self.accepts_per_day
        return _last_on([(rule, rule.accepts_per_day) for rule in self.accepts_per_day], day)


def _last_on(rules: Sequence[tuple[Dated, int]], day: date) -> int | None:
    return next((value for rule, value in reversed(rules) if rule.covers(day)), None)


class Selectivity(Record):
    """Customs channel shares of a class."""

    green: Share = Field(default=0.0, description="Released at once.")
    yellow: Share = Field(default=0.0, description="Papers are checked.")
    red: Share = Field(default=0.0, description="Goods are inspected.")


class Direction(Record):
    """How one direction crosses a gate."""

    stages: dict[str, Stage] = Field(min_length=1, description="Stages by name.")
    route: list[str] | None = Field(default=None, description="Order of the stages; without it, as written.")
    selectivity: dict[str, Selectivity] = Field(
        default={}, description="Channel shares by class, `*` for the others; without it, all green."
    )
    patience: dict[str, Law] = Field(
        default={},
        description="Longest wait in one queue before turning back, by class, `*` for the others; without "
        "it, none turns back.",
    )
    preregistered: dict[str, Share] = Field(
        default={}, description="Share registered before, by class, `*` for the others; without it, 1."
    )
    laden_return: Share = Field(
        default=0.0, description="Share that comes back laden (two-way haulage) rather than empty."
    )


class Counterpart(Record):
    """The Chinese side of a gate."""

    title: str = Field(default="", description="Name for people.")
    calendar: str | None = Field(default=None, description="Its calendar; without it, always open.")


class Gate(Record):
    """One road crossing, both directions."""

    title: str = Field(default="", description="Name for people.")
    title_vi: str = Field(default="", description="Name for people, Vietnamese.")
    note: str = Field(default="", description="What else a reader should know.")
    dormant: bool = Field(default=False, description="Shut for goods for good; kept so that it can be reopened.")
    latitude: Degrees | None = Field(default=None, description="WGS 84.")
    longitude: Degrees | None = Field(default=None, description="WGS 84.")
    calendar: str | None = Field(default=None, description="The gate's own calendar; without it, always open.")
    counterpart: Counterpart = Field(default=Counterpart(), description="The other side.")
    stations: dict[str, Station] = Field(default={}, description="Stations by name.")
    yards: dict[str, Yard] = Field(default={}, description="Yards by name.")
    export: Direction | None = Field(default=None, description="How exports cross.")
    import_: Direction | None = Field(default=None, alias="import", description="How imports cross.")

    def direction(self, name: DirectionName) -> Direction | None:
        """Return the export or the import side, or None when the gate has none."""
        return self.export if name == "export" else self.import_


class Travel(Record):
    """The road between two gates, in both senses."""

    gates: Annotated[list[str], Field(min_length=2, max_length=2)] = Field(description="The two gates.")
    minutes: Law = Field(description="Driving time of a laden vehicle.")
    km: Annotated[float, Field(gt=0, json_schema_extra={"unit": "km"})] | None = Field(
        default=None, description="Length by road."
    )


class Prices(Record):
    """What time and overtime cost."""

    vehicle_hour: Money = Field(default=0, description="One vehicle waiting for one hour: driver, cooling, parking.")
    overtime_server_hour: Money = Field(default=0, description="One server on duty outside regular hours, one hour.")


class BorderInfo(Record):
    """What holds for the whole border."""

    title: str = Field(default="", description="Name for people.")
    timezone: TimeZone = Field(default="Asia/Ho_Chi_Minh", description="Zone of scenario dates and of rosters.")
    vehicle_spacing: Metres = Field(default=20.0, description="Road taken by one waiting vehicle.")


class Border(Record):
    """All gates together, with everything that they refer to."""

    border: BorderInfo = Field(default=BorderInfo(), description="What holds for the whole border.")
    classes: dict[str, VehicleClass] = Field(
        default={},
        description="Vehicle classes by name; without any: `fruit`, `general`, `container`, `new_vehicle` and `empty`.",
    )
    calendars: dict[str, Calendar] = Field(default={}, description="Calendars by name.")
    gates: dict[str, Gate] = Field(min_length=1, description="Gates by permanent id.")
    hour_profiles: dict[str, HourProfile] = Field(default={}, description="Shares of the day by hour.")
    weekday_profiles: dict[str, WeekdayProfile] = Field(default={}, description="Factors by weekday.")
    seasons: dict[str, Season] = Field(default={}, description="Factors by month.")
    demand: dict[str, Demand] = Field(default={}, description="Sets of vehicle flows.")
    travel: dict[str, Travel] = Field(default={}, description="Roads between gates.")
    eligibility: dict[str, list[str]] = Field(
        default={}, description="Gates that both sides let a class use; a class not named may use all."
    )
    diversions: dict[str, Diversion] = Field(default={}, description="When vehicles go to another gate.")
    intake_halts: dict[str, IntakeHalt] = Field(default={}, description="When a class is refused.")
    responsive_hours: dict[str, ResponsiveHours] = Field(
        default={}, description="When a gate closes later for its backlog."
    )
    reversible_servers: dict[str, ReversibleServers] = Field(
        default={}, description="When servers change to another station."
    )
    prices: Prices = Field(default=Prices(), description="What time costs.")
    sources: dict[str, Source] = Field(default={}, description="What the source keys stand for.")
    scenarios: dict[str, Scenario] = Field(default={}, description="Runs that are worth a name.")

    def vehicle_classes(self) -> dict[str, VehicleClass]:
        """Return the classes of this border: its own, or the built-in ones when it gives none."""
        return self.classes or BUILT_IN_CLASSES

    def may_use(self, vehicle_class: str, gate: str) -> bool:
        """Return whether both sides let a class use a gate."""
        return gate in self.eligibility.get(vehicle_class, [gate])
