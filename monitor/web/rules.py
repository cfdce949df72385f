"""Who may do what: one row for each route. It is enforced by `auth` and told by the documentation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from gatewatch.monitor.access import Role

# What a caller's gates and sources mean to a route: nothing; a gate outside is refused; only what is inside is shown;
# each item is judged by its source and gate.
Scope = Literal["none", "gate", "shown", "item"]

KIB: Final = 1_024
MIB: Final = 1_024 * KIB


@dataclass(frozen=True, slots=True)
class Rule:
    """
    Who may use a route.

    Args:
        roles: Roles that may; None: anybody, signed in or not.
        scope: What gates and sources mean to it.
        most_bytes: Largest body.
    """

    roles: frozenset[Role] | None
    scope: Scope = "none"
    most_bytes: int = 64 * KIB


_READERS: Final[frozenset[Role]] = frozenset({"viewer", "operator", "coordinator", "planner", "admin"})
_SIGNED_IN: Final[frozenset[Role]] = _READERS | {"device", "notifier"}
_OPERATORS: Final[frozenset[Role]] = frozenset({"operator", "coordinator", "admin"})
_COORDINATORS: Final[frozenset[Role]] = frozenset({"coordinator", "admin"})
_PLANNERS: Final[frozenset[Role]] = frozenset({"planner", "coordinator", "admin"})
_PLAYERS: Final[frozenset[Role]] = _OPERATORS | _PLANNERS
_REPORTERS: Final[frozenset[Role]] = _COORDINATORS | {"device"}
_ADMINS: Final[frozenset[Role]] = frozenset({"admin"})
_NOTIFIERS: Final[frozenset[Role]] = frozenset({"notifier"})

RULES: Final[Mapping[tuple[str, str], Rule]] = {
    ("POST", "/v1/events"): Rule(_REPORTERS, "item", MIB),
    ("GET", "/v1/events"): Rule(_READERS, "gate"),
    ("POST", "/v1/counts"): Rule(_REPORTERS, "item", MIB),
    ("POST", "/v1/bulletins"): Rule(_OPERATORS | {"device"}, "item", 8 * MIB),
    ("GET", "/v1/bulletins/{date}"): Rule(_READERS),
    ("POST", "/v1/hand-counts"): Rule(_OPERATORS, "gate"),
    ("POST", "/v1/lanes/state"): Rule(_OPERATORS, "gate"),
    ("POST", "/v1/gates/state"): Rule(_COORDINATORS, "gate"),
    ("POST", "/v1/gates/hours"): Rule(_COORDINATORS, "gate"),
    ("GET", "/v1/live"): Rule(_READERS, "shown"),
    ("GET", "/v1/live/{gate}/{direction}"): Rule(_READERS, "gate"),
    ("GET", "/v1/curves/{gate}/{direction}"): Rule(_READERS, "gate"),
    ("GET", "/v1/trends"): Rule(_READERS, "shown"),
    ("GET", "/v1/province"): Rule(_READERS),
    ("GET", "/v1/feeds"): Rule(_READERS, "shown"),
    ("GET", "/v1/feeds/tail"): Rule(_READERS, "gate"),
    ("GET", "/v1/history"): Rule(_READERS, "shown"),
    ("GET", "/v1/quarantine"): Rule(_OPERATORS, "shown"),
    ("GET", "/v1/stream"): Rule(_READERS, "shown"),
    ("GET", "/v1/policies"): Rule(_READERS),
    ("GET", "/v1/scenarios"): Rule(_READERS),
    ("POST", "/v1/runs"): Rule(_PLANNERS),
    ("GET", "/v1/runs"): Rule(_READERS),
    ("GET", "/v1/runs/{id}"): Rule(_READERS),
    ("DELETE", "/v1/runs/{id}"): Rule(_PLANNERS),
    ("GET", "/v1/runs/{id}/stream"): Rule(_READERS),
    ("GET", "/v1/runs/{id}/{file}"): Rule(_READERS),
    ("GET", "/v1/playback/{gate}"): Rule(_READERS, "gate"),
    ("GET", "/v1/plans"): Rule(_READERS),
    ("GET", "/v1/rules"): Rule(_READERS),
    ("POST", "/v1/rules/preview"): Rule(_PLANNERS),
    ("GET", "/v1/rules/suggestions"): Rule(_READERS, "shown"),
    ("POST", "/v1/rules/suggestions"): Rule(_PLANNERS),
    ("POST", "/v1/plans"): Rule(_PLANNERS),
    ("GET", "/v1/plans/{id}"): Rule(_READERS),
    ("DELETE", "/v1/plans/{id}"): Rule(_PLANNERS),
    ("GET", "/v1/calendar"): Rule(_READERS, "shown"),
    ("GET", "/v1/shifts"): Rule(_READERS, "shown"),
    ("POST", "/v1/shifts"): Rule(_OPERATORS, "gate"),
    ("GET", "/v1/shifts/{id}"): Rule(_READERS, "gate"),
    ("POST", "/v1/shifts/{id}/notes"): Rule(_OPERATORS, "gate"),
    ("POST", "/v1/shifts/{id}/sign"): Rule(_OPERATORS, "gate"),
    ("GET", "/v1/alerts"): Rule(_READERS, "shown"),
    ("GET", "/v1/alerts/quality"): Rule(_READERS, "shown"),
    ("GET", "/v1/alerts/{id}"): Rule(_READERS, "gate"),
    ("GET", "/v1/alerts/{id}/cap"): Rule(_READERS, "gate"),
    ("POST", "/v1/alerts/{id}/acknowledge"): Rule(_OPERATORS, "gate"),
    ("DELETE", "/v1/alerts/{id}/acknowledge"): Rule(_OPERATORS, "gate"),
    ("POST", "/v1/alerts/{id}/notes"): Rule(_OPERATORS, "gate"),
    ("POST", "/v1/alerts/{id}/assign"): Rule(_OPERATORS, "gate"),
    ("POST", "/v1/alerts/{id}/usefulness"): Rule(_OPERATORS, "gate"),
    ("GET", "/v1/silences"): Rule(_READERS, "shown"),
    ("POST", "/v1/silences"): Rule(_OPERATORS, "gate"),
    ("DELETE", "/v1/silences/{id}"): Rule(_OPERATORS, "gate"),
    ("POST", "/v1/outbox/lease"): Rule(_NOTIFIERS),
    ("POST", "/v1/outbox/{number}/settle"): Rule(_NOTIFIERS),
    ("GET", "/v1/outbox"): Rule(_OPERATORS),
    ("POST", "/v1/outbox/{number}/retry"): Rule(_ADMINS),
    ("GET", "/v1/messages"): Rule(_READERS, "shown"),
    ("POST", "/v1/forecasts"): Rule(_PLANNERS),
    ("GET", "/v1/forecasts"): Rule(_READERS),
    ("GET", "/v1/forecasts/skill"): Rule(_READERS),
    ("GET", "/v1/forecasts/latest"): Rule(_READERS),
    ("GET", "/v1/forecasts/{id}"): Rule(_READERS),
    ("GET", "/v1/forecasts/{id}/table.csv"): Rule(_READERS),
    ("GET", "/v1/outlooks"): Rule(_READERS, "shown"),
    ("POST", "/v1/decisions"): Rule(_COORDINATORS, "item"),
    ("GET", "/v1/decisions"): Rule(_READERS),
    ("GET", "/wall/stream"): Rule(_READERS | {"wall"}, "shown"),
    ("GET", "/wall/open"): Rule(None),
    ("GET", "/v1/demo"): Rule(_READERS),
    ("POST", "/v1/demo/speed"): Rule(_PLAYERS),
    ("POST", "/v1/demo/jams"): Rule(_PLAYERS, "gate"),
    ("DELETE", "/v1/demo/jams/{id}"): Rule(_PLAYERS, "gate"),
    ("POST", "/v1/session"): Rule(None),
    ("GET", "/v1/session"): Rule(_SIGNED_IN),
    ("DELETE", "/v1/session"): Rule(_SIGNED_IN),
    ("POST", "/v1/session/password"): Rule(_READERS),
    ("GET", "/v1/users"): Rule(_ADMINS),
    ("POST", "/v1/users"): Rule(_ADMINS),
    ("PATCH", "/v1/users/{name}"): Rule(_ADMINS),
    ("GET", "/v1/keys"): Rule(_ADMINS),
    ("POST", "/v1/keys"): Rule(_ADMINS),
    ("POST", "/v1/keys/{id}/rotate"): Rule(_ADMINS),
    ("DELETE", "/v1/keys/{id}"): Rule(_ADMINS),
    ("GET", "/v1/audit"): Rule(_ADMINS),
    ("GET", "/v1/audit/check"): Rule(_ADMINS),
    ("GET", "/v1/jobs"): Rule(_ADMINS),
    ("GET", "/v1/backups"): Rule(_ADMINS),
    ("GET", "/healthz"): Rule(None),
    ("GET", "/readyz"): Rule(None),
    ("GET", "/metrics"): Rule(_READERS),
    ("GET", "/static/{version}/{path:path}"): Rule(None),
    ("POST", "/preferences"): Rule(None),
    ("GET", "/docs"): Rule(None),
    ("GET", "/docs/style.css"): Rule(None),
    ("GET", "/openapi.json"): Rule(None),
}
