"""From the teams file to what alerting is told: routes, duties, steps and limits by the words of alerting."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import timedelta
from typing import Final, get_args

from gatewatch.config import teams as written
from gatewatch.config.errors import known_names
from gatewatch.config.teams import LoadedTeams
from gatewatch.monitor.alerting.contacts import Contact
from gatewatch.monitor.alerting.escalation import Step
from gatewatch.monitor.alerting.evaluation import Settings
from gatewatch.monitor.alerting.grouping import Route
from gatewatch.monitor.alerting.hours import Duty, Shift, WeeklyHours
from gatewatch.monitor.alerting.inhibition import Inhibition
from gatewatch.monitor.alerting.labels import RULE, parse_matcher
from gatewatch.monitor.alerting.lifecycle import Clocks

LABELS: Final = get_args(written.Label)


def settings_of(
    loaded: LoadedTeams, rules: Mapping[str, Clocks], inhibitions: Iterable[Inhibition] = ()
) -> Settings:  # fmt: skip
    """
    Return what alerting is told.

    A team with members is each of them; one with shifts is also a duty of its name.

    Args:
        loaded: Who is told.
        rules: Clocks by the name of the rule.
        inhibitions: What explains what.
    """
    teams = loaded.teams
    return Settings(
        rules,
        tuple(_route(route, loaded) for route in teams.routes),
        tuple(inhibitions),
        tuple(Step(_span(step.after), to) for step in teams.escalation for to in _destinations(step.to, loaded)),
        tuple(_duty(name, team) for name, team in teams.teams.items() if team.shifts),
        tuple(_contact(name, contact) for name, contact in teams.contacts.items()),
    )


def fault_in_condition_of(rules: Collection[str], gates: Collection[str]) -> Callable[[str], str | None]:
    """Return what looks at a condition of a route: whether it can be read, and knows its label, rule and gate."""

    def fault(text: str) -> str | None:
        try:
            matcher = parse_matcher(text)
        except ValueError as error:
            return str(error)
        if matcher.name not in LABELS:
            return known_names("label", matcher.name, LABELS)
        known = {RULE: ("rule", rules), "gate": ("gate", gates)}.get(matcher.name)
        if known is not None and matcher.operator in {"=", "!="} and matcher.value and matcher.value not in known[1]:
            return known_names(known[0], matcher.value, known[1])
        return None

    return fault


def _route(route: written.RouteTo, loaded: LoadedTeams) -> Route:
    return Route(
        route.name,
        _destinations(route.to, loaded),
        tuple(parse_matcher(text) for text in route.match),
        tuple(route.group_by),
        _span(route.group_wait),
        _span(route.group_interval),
        _span(route.repeat),
        _span(route.repeat_critical),
        route.tells_end,
        route.continues,
    )


def _destinations(names: Iterable[str], loaded: LoadedTeams) -> tuple[str, ...]:
    found: list[str] = []
    for name in names:
        team = loaded.teams.teams.get(name)
        found += [name] if team is None else [*team.members, *([name] if team.shifts else [])]
    return tuple(dict.fromkeys(found))


def _duty(name: str, team: written.Team) -> Duty:
    assert team.otherwise is not None  # the file is checked
    return Duty(name, tuple(Shift(one.contact, _hours(one.times)) for one in team.shifts), team.otherwise)


def _contact(name: str, contact: written.Contact) -> Contact:
    return Contact(
        name, contact.most, _span(contact.within), _span(contact.urgent_gap), _hours(contact.quiet_hours)
    )  # fmt: skip


def _hours(times: Iterable[written.Times]) -> tuple[WeeklyHours, ...]:
    return tuple(WeeklyHours(one.hours, tuple(one.days), one.first, one.last) for one in times)


def _span(minutes: float) -> timedelta:
    return timedelta(minutes=minutes)
