"""Who is told of what, over which channel and when: channels, contacts, teams with their shifts, routes, escalation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal, Protocol

from pydantic import Field, ValidationError

from gatewatch.config import faults
from gatewatch.config.calendars import WEEKDAYS, Weekday
from gatewatch.config.checks_names import unknown
from gatewatch.config.errors import ConfigError, Fault, known_names
from gatewatch.config.faults import fault_at, shown
from gatewatch.config.loader import shipped_border_folder
from gatewatch.config.origins import Document, Path, read_tree
from gatewatch.config.reading import TEAMS_FILE, read_toml, shown_path
from gatewatch.config.records import Dated, Record
from gatewatch.config.units import Hours, MinutesLong

Language = Literal["vi", "en"]
Most = Annotated[int, Field(ge=1, le=1_000, json_schema_extra={"unit": "messages"})]
Label = Literal["alertname", "about", "gate", "direction", "source", "subject"]
Title = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class Times(Dated):
    """Hours on some weekdays, local time of Vietnam; hours past midnight belong to the day on which they begin."""

    hours: Hours = Field(description="Hours of the day.")
    days: list[Weekday] = Field(default=list(WEEKDAYS), min_length=1, description="Weekdays on which they begin.")


class Contact(Record):
    """One address on one channel; a person with two addresses is two contacts."""

    title: Title = Field(default="", description="Name for people.")
    title_vi: Title = Field(default="", description="Name for people, Vietnamese.")
    language: Language = Field(default="vi", description="Of what it is told.")
    channel: str = Field(description="Channel.")
    address: str = Field(default="", max_length=500, description="As the channel writes it; see the channel's kind.")
    most: Most = Field(default=6, description="Messages within any `within`; what is more waits and comes together.")
    within: MinutesLong = Field(default=15.0, description="The time that `most` is meant for.")
    urgent_gap: MinutesLong = Field(
        default=1.0, description="Between a message and an urgent one, which nothing else holds back."
    )
    quiet_hours: list[Times] = Field(default=[], description="Hours in which only urgent messages come.")


class Shift(Record):
    """A contact and the hours in which it is on duty."""

    contact: str = Field(description="Contact.")
    times: list[Times] = Field(min_length=1, description="When it is on duty.")


class Team(Record):
    """Those who do something about an alert."""

    title: Title = Field(default="", description="Name for people.")
    title_vi: Title = Field(default="", description="Name for people, Vietnamese.")
    task: Title = Field(default="", description="What it has to do with congestion.")
    task_vi: Title = Field(default="", description="What it has to do with congestion, Vietnamese.")
    members: list[str] = Field(default=[], description="Contacts that are always told.")
    shifts: list[Shift] = Field(default=[], description="Contacts that are told while they are on duty.")
    otherwise: str | None = Field(default=None, description="Contact that is told in hours of no shift.")


class RouteTo(Record):
    """Which alerts go where, and how often."""

    name: str = Field(min_length=1, description="Name, once.")
    match: list[str] = Field(default=[], description='Conditions, such as `gate="huu_nghi"`; without any, every alert.')
    to: list[str] = Field(description="Teams or contacts; without any, nobody is told.")
    coordinator: str | None = Field(default=None, description="Team that has it in hand, told with every message.")
    group_by: list[Label] = Field(default=["gate"], description="Labels that alerts told together have in common.")
    group_wait: MinutesLong = Field(default=0.5, description="From a group's first alert to its first message.")
    group_interval: MinutesLong = Field(default=5.0, gt=0, description="Between two looks for news of a group.")
    repeat: MinutesLong = Field(default=240.0, gt=0, description="How long nothing is told without news.")
    repeat_critical: MinutesLong = Field(default=60.0, gt=0, description="The same while a critical alert fires.")
    tells_end: bool = Field(default=True, description="Whether the end of alerts is told.")
    continues: bool = Field(default=False, description="Its alerts are tried on the routes after it as well.")


class EscalationStep(Record):
    """Whom to tell of a critical alert that nobody has acknowledged."""

    after: MinutesLong = Field(description="From when it began to wait for a person.")
    to: list[str] = Field(min_length=1, description="Teams or contacts.")


class Teams(Record):
    """Everything about who is told."""

    link: str = Field(
        default="",
        pattern=r"^(https?://[^\s]+)?$",
        description="Address at which those who are told reach the screens; without it, messages carry no link.",
    )
    channels: dict[str, dict[str, Any]] = Field(min_length=1, description="Channels by name.")
    contacts: dict[str, Contact] = Field(min_length=1, description="Contacts by name.")
    teams: dict[str, Team] = Field(default={}, description="Teams by name.")
    routes: list[RouteTo] = Field(min_length=1, description="In the order in which they are tried.")
    escalation: list[EscalationStep] = Field(default=[], description="Steps, one after the other.")


class ChannelKind(Protocol):
    """What a kind of channel asks of those who set it up."""

    @property
    def settings(self) -> type[Record]:
        """What can be set for it."""
        ...

    @property
    def fault_in_address(self) -> Callable[[str, Any], str | None]:
        """Returns what an address should be, or None when it is one for a channel with these settings."""
        ...


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel as it is set up."""

    name: str
    kind: str
    settings: Record


@dataclass(frozen=True, slots=True)
class LoadedTeams:
    """
    Who is told, checked.

    Args:
        teams: As written.
        channels: By name.
        file: Where it was read.
    """

    teams: Teams
    channels: Mapping[str, Channel]
    file: FilePath

    def members(self, name: str) -> tuple[str, ...]:
        """Return the contacts that a team or contact stands for at any time."""
        team = self.teams.teams.get(name)
        if team is None:
            return (name,)
        found = [*team.members, *(shift.contact for shift in team.shifts)]
        return tuple(dict.fromkeys([*found, *([team.otherwise] if team.otherwise is not None else [])]))


def load_teams(
    kinds: Mapping[str, ChannelKind],
    fault_in_condition: Callable[[str], str | None],
    file: FilePath | None = None,
    root: FilePath | None = None,
) -> LoadedTeams:
    """
    Return who is told.

    Args:
        kinds: Kinds of channels by name.
        fault_in_condition: Returns what is wrong with a condition of a route, or None.
        file: The file; without it, `teams.toml` in the border's folder, else the shipped one, which tells people on
            this machine's screens alone.
        root: Folder of the border.

    Raises:
        ConfigError: With every fault found.
    """
    if file is None:
        own = root / TEAMS_FILE if root is not None else None
        file = own if own is not None and own.is_file() else shipped_border_folder() / TEAMS_FILE
    name = shown_path(file, file.parent)
    raw, _ = read_toml(file, name)
    document = read_tree(raw, name)
    try:
        teams = Teams.model_validate(document.tree)
    except ValidationError as error:
        raise ConfigError(faults.from_validation(error, document, Teams, name)) from None
    found: list[Fault] = []
    channels = {key: _channel(key, document, kinds, name, found) for key in teams.channels}
    found += _faults(teams, document, fault_in_condition)
    found += _faults_of_addresses(teams, channels, kinds, document)
    if found:
        raise ConfigError(found)
    return LoadedTeams(teams, {key: channel for key, channel in channels.items() if channel is not None}, file)


def _channel(
    name: str, document: Document, kinds: Mapping[str, ChannelKind], file: str, found: list[Fault]
) -> Channel | None:
    own = document.below(("channels", name))
    kind = own.tree.get("kind")
    path = ("channels", name, "kind")
    if kind is None:
        found.append(fault_at(document, path, "missing", f"say of which kind it is: {', '.join(sorted(kinds))}"))
        return None
    if not isinstance(kind, str) or kind not in kinds:
        found.append(fault_at(document, path, shown(kind), known_names("kind of channel", str(kind), kinds)))
        return None
    tree = {key: value for key, value in own.tree.items() if key != "kind"}
    try:
        return Channel(name, kind, kinds[kind].settings.model_validate(tree))
    except ValidationError as error:
        if said := faults.at_odds(error):
            found.append(fault_at(document, ("channels", name), "at odds with itself", said))
        else:
            found += faults.from_validation(error, own, kinds[kind].settings, file)
        return None


def _faults(
    teams: Teams, document: Document, fault_in_condition: Callable[[str], str | None]
) -> Iterator[Fault]:  # fmt: skip
    whom = [*teams.teams, *teams.contacts]
    for name, contact in teams.contacts.items():
        yield from unknown(document, ("contacts", name, "channel"), "channel", contact.channel, teams.channels)
    for name, team in teams.teams.items():
        yield from _faults_of_team(name, team, teams, document)
    names: set[str] = set()
    for n, route in enumerate(teams.routes):
        at: Path = ("routes", n)
        if route.name in names:
            yield fault_at(document, (*at, "name"), shown(route.name), "another route has that name; give each its own")
        names.add(route.name)
        for k, condition in enumerate(route.match):
            if (wrong := fault_in_condition(condition)) is not None:
                yield fault_at(document, (*at, "match", k), shown(condition), wrong)
        for k, name in enumerate(route.to):
            yield from unknown(document, (*at, "to", k), "team or contact", name, whom)
        yield from unknown(document, (*at, "coordinator"), "team", route.coordinator, teams.teams)
    if teams.routes[-1].match:
        yield fault_at(
            document, ("routes", len(teams.routes) - 1, "match"), shown(teams.routes[-1].match),
            "the last route takes every alert: leave its match out, so that none is left without a route",
        )  # fmt: skip
    yield from _faults_of_escalation(teams, document, whom)


def _faults_of_escalation(teams: Teams, document: Document, whom: list[str]) -> Iterator[Fault]:
    for n, step in enumerate(teams.escalation):
        for k, name in enumerate(step.to):
            yield from unknown(document, ("escalation", n, "to", k), "team or contact", name, whom)
    for n, (one, two) in enumerate(pairwise(teams.escalation)):
        if two.after < one.after:
            yield fault_at(
                document, ("escalation", n + 1, "after"), f"{two.after:g}", "a step comes after the one before it"
            )


def _faults_of_team(name: str, team: Team, teams: Teams, document: Document) -> Iterator[Fault]:
    at: Path = ("teams", name)
    if name in teams.contacts:
        yield fault_at(document, at, "named like a contact", "give the team another name")
    for n, member in enumerate(team.members):
        yield from unknown(document, (*at, "members", n), "contact", member, teams.contacts)
    for n, shift in enumerate(team.shifts):
        yield from unknown(document, (*at, "shifts", n, "contact"), "contact", shift.contact, teams.contacts)
    yield from unknown(document, (*at, "otherwise"), "contact", team.otherwise, teams.contacts)
    if team.shifts and team.otherwise is None:
        expected = "name the contact that is told in hours of no shift, so that nothing goes to nobody"
        yield fault_at(document, (*at, "otherwise"), "missing", expected)
    if not team.shifts and team.otherwise is not None:
        yield fault_at(document, (*at, "otherwise"), shown(team.otherwise), "only a team with shifts has it")


def _faults_of_addresses(
    teams: Teams, channels: Mapping[str, Channel | None], kinds: Mapping[str, ChannelKind], document: Document
) -> Iterator[Fault]:
    for name, contact in teams.contacts.items():
        channel = channels.get(contact.channel)
        if channel is None:
            continue
        wrong = kinds[channel.kind].fault_in_address(contact.address, channel.settings)
        if wrong is not None:
            yield fault_at(document, ("contacts", name, "address"), shown(contact.address), wrong)
