"""Nobody does what the role forbids: every route with every role and scope of gates (P18)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, NamedTuple, get_args

import pytest
from fastapi.routing import APIRoute

from gatewatch.monitor.access import ROLES, Role
from gatewatch.monitor.alerting import parse_matcher
from gatewatch.monitor.app import ROUTERS
from gatewatch.monitor.store import Shifts
from gatewatch.monitor.watch import By
from gatewatch.monitor.web import auth
from gatewatch.monitor.web.auth import GuardedRoute
from gatewatch.monitor.web.rules import RULES
from tests.monitor.web.sites import Site, Visitor, passage
from tests.monitor.web.suggested import keep_suggestions, suggested_at

READERS = "viewer operator coordinator planner admin"
PEOPLE = "operator coordinator admin"
HEADS = "coordinator admin"
PLANNERS = "coordinator planner admin"
PLAYERS = "operator coordinator planner admin"
EVERYBODY = f"{READERS} device notifier"
NOBODY_NEEDED = "*"


class Row(NamedTuple):
    """A route as the reader of the manual knows it: who may, a request about `north`, and what `south` gets."""

    method: str
    path: str
    roles: str
    ask: Mapping[str, Any] = MappingProxyType({})
    url: str = ""
    elsewhere: str = "the same"  # or "refused", "rejected", or "less"


VOID = {"gate": "north", "lane": "1", "state": "open"}
COUNT = {
    "source": "camera/out", "kind": "interval", "gate": "north", "direction": "export", "what": "gate_out",
    "from": "2026-01-15T08:00:00+07:00", "to": "2026-01-15T08:15:00+07:00", "value": 3,
}  # fmt: skip
SHEET = "ngày;cửa khẩu;tồn\n14/01/2026;north;1.761\n"
QUIET = {"matchers": ['gate="north"'], "reason": "drill", "until": "2026-01-15T18:00:00+07:00"}
ROWS = [
    Row("POST", "/v1/events", f"{HEADS} device", {"json": [passage()]}, elsewhere="rejected"),
    Row("GET", "/v1/events", READERS, {"params": {"source": "camera/out", "id": "known"}}, elsewhere="refused"),
    Row("POST", "/v1/counts", f"{HEADS} device", {"json": {"items": [COUNT]}}, elsewhere="rejected"),
    Row("POST", "/v1/bulletins", f"{PEOPLE} device", {"files": {"file": SHEET.encode()}}, elsewhere="rejected"),
    Row("GET", "/v1/bulletins/{date}", READERS, url="/v1/bulletins/2026-01-14"),
    Row(
        "POST", "/v1/hand-counts", PEOPLE,
        {"json": {"gate": "north", "direction": "export", "what": "backlog", "value": 40}}, elsewhere="refused",
    ),
    Row("POST", "/v1/lanes/state", PEOPLE, {"json": VOID}, elsewhere="refused"),
    Row(
        "POST", "/v1/gates/state", HEADS, {"json": {"gate": "north", "side": "own", "state": "shut"}},
        elsewhere="refused",
    ),
    Row(
        "POST", "/v1/gates/hours", HEADS,
        {"json": {"gate": "north", "side": "own", "date": "2026-01-15", "closes": "20:00"}}, elsewhere="refused",
    ),
    Row("GET", "/v1/live", READERS, elsewhere="less"),
    Row("GET", "/v1/live/{gate}/{direction}", READERS, url="/v1/live/north/export", elsewhere="refused"),
    Row("GET", "/v1/curves/{gate}/{direction}", READERS, url="/v1/curves/north/export", elsewhere="refused"),
    Row("GET", "/v1/trends", READERS, elsewhere="less"),
    Row("GET", "/v1/province", READERS),
    Row("GET", "/v1/feeds", READERS, elsewhere="less"),
    Row("GET", "/v1/alerts", READERS, elsewhere="less"),
    Row("GET", "/v1/alerts/quality", READERS, elsewhere="less"),
    Row("GET", "/v1/alerts/{id}", READERS, url="/v1/alerts/{alert}", elsewhere="refused"),
    Row("GET", "/v1/alerts/{id}/cap", READERS, url="/v1/alerts/{alert}/cap", elsewhere="refused"),
    Row(
        "POST", "/v1/alerts/{id}/acknowledge", PEOPLE, {"json": {"minutes": 5}}, "/v1/alerts/{alert}/acknowledge",
        "refused",
    ),
    Row("DELETE", "/v1/alerts/{id}/acknowledge", PEOPLE, url="/v1/alerts/{alert}/acknowledge", elsewhere="refused"),
    Row("POST", "/v1/alerts/{id}/notes", PEOPLE, {"json": {"text": "x"}}, "/v1/alerts/{alert}/notes", "refused"),
    Row(
        "POST", "/v1/alerts/{id}/usefulness", PEOPLE, {"json": {"useful": True}}, "/v1/alerts/{alert}/usefulness",
        "refused",
    ),
    Row("POST", "/v1/alerts/{id}/assign", PEOPLE, {"json": {"user": None}}, "/v1/alerts/{alert}/assign", "refused"),
    Row("GET", "/v1/silences", READERS, elsewhere="less"),
    Row("POST", "/v1/silences", PEOPLE, {"json": QUIET}, elsewhere="refused"),
    Row("DELETE", "/v1/silences/{id}", PEOPLE, url="/v1/silences/{silence}", elsewhere="refused"),
    Row("GET", "/v1/history", READERS, elsewhere="less"),
    Row("GET", "/v1/quarantine", PEOPLE, elsewhere="less"),
    Row("GET", "/v1/policies", READERS),
    Row("GET", "/v1/scenarios", READERS),
    Row("POST", "/v1/runs", PLANNERS, {"json": {"kind": "comparison", "request": {}}}),
    Row("GET", "/v1/runs", READERS),
    Row("GET", "/v1/runs/{id}", READERS, url="/v1/runs/0"),
    Row("DELETE", "/v1/runs/{id}", PLANNERS, url="/v1/runs/0"),
    Row("GET", "/v1/runs/{id}/stream", READERS, url="/v1/runs/0/stream"),
    Row("GET", "/v1/runs/{id}/{file}", READERS, url="/v1/runs/0/table.csv"),
    Row("GET", "/v1/playback/{gate}", READERS, url="/v1/playback/north", elsewhere="refused"),
    Row("GET", "/v1/rules", READERS),
    Row("GET", "/v1/rules/suggestions", READERS, elsewhere="less"),
    Row("POST", "/v1/rules/suggestions", PLANNERS, {"json": {"days": 1}}),
    Row("POST", "/v1/rules/preview", PLANNERS, {"json": {"rule": "none"}}),
    Row("GET", "/v1/plans", READERS),
    Row("POST", "/v1/plans", PLANNERS, {"json": {"title": "x", "request": {}}}),
    Row("GET", "/v1/plans/{id}", READERS, url="/v1/plans/0"),
    Row("DELETE", "/v1/plans/{id}", PLANNERS, url="/v1/plans/0"),
    Row("POST", "/v1/forecasts", PLANNERS, {"json": {"horizon_h": 0}}),
    Row("GET", "/v1/forecasts", READERS),
    Row("GET", "/v1/forecasts/skill", READERS),
    Row("GET", "/v1/forecasts/latest", READERS),
    Row("GET", "/v1/forecasts/{id}", READERS, url="/v1/forecasts/0"),
    Row("GET", "/v1/forecasts/{id}/table.csv", READERS, url="/v1/forecasts/0/table.csv"),
    Row("GET", "/v1/outlooks", READERS, elsewhere="less"),
    Row("POST", "/v1/decisions", HEADS, {"json": {"forecast": "0", "alternative": "x", "consent": "yes"}}),
    Row("GET", "/v1/decisions", READERS),
    Row("GET", "/v1/feeds/tail", READERS, {"params": {"source": "camera/out"}}, elsewhere="refused"),
    Row("GET", "/v1/calendar", READERS, elsewhere="less"),
    Row("GET", "/v1/shifts", READERS, elsewhere="less"),
    Row("POST", "/v1/shifts", PEOPLE, {"json": {"gate": "north"}}, elsewhere="refused"),
    Row("GET", "/v1/shifts/{id}", READERS, url="/v1/shifts/1", elsewhere="refused"),
    Row("POST", "/v1/shifts/{id}/notes", PEOPLE, {"json": {"text": "quiet"}}, "/v1/shifts/1/notes", "refused"),
    Row("POST", "/v1/shifts/{id}/sign", PEOPLE, {"json": {"text": "quiet"}}, "/v1/shifts/1/sign", "refused"),
    Row("POST", "/v1/outbox/lease", "notifier", {"json": {"holder": "test", "most": 1}}),
    Row(
        "POST", "/v1/outbox/{number}/settle", "notifier", {"json": {"lease": "none", "result": "sent"}},
        "/v1/outbox/1/settle",
    ),
    Row("GET", "/v1/outbox", PEOPLE),
    Row("POST", "/v1/outbox/{number}/retry", "admin", url="/v1/outbox/1/retry"),
    Row("GET", "/v1/messages", READERS),
    Row("GET", "/v1/demo", READERS),
    Row("POST", "/v1/demo/speed", PLAYERS, {"json": {"speed": 60.0}}),
    Row("POST", "/v1/demo/jams", PLAYERS, {"json": {"kind": "booths_out", "gate": "north"}}, elsewhere="refused"),
    Row("DELETE", "/v1/demo/jams/{id}", PLAYERS, url="/v1/demo/jams/1"),
    Row("POST", "/v1/session", NOBODY_NEEDED, {"json": {"name": "nobody", "password": "no such password"}}),
    Row("GET", "/v1/session", EVERYBODY),
    Row("DELETE", "/v1/session", EVERYBODY),
    Row("POST", "/v1/session/password", READERS, {"json": {"old": "x", "new": "y"}}),
    Row("GET", "/v1/users", "admin"),
    Row("POST", "/v1/users", "admin", {"json": {"name": "minh", "role": "viewer"}}),
    Row("PATCH", "/v1/users/{name}", "admin", {"json": {"role": "planner"}}, "/v1/users/kept"),
    Row("GET", "/v1/keys", "admin"),
    Row("POST", "/v1/keys", "admin", {"json": {"title": "wall", "role": "viewer"}}),
    Row("POST", "/v1/keys/{id}/rotate", "admin", {"json": {}}, "/v1/keys/none/rotate"),
    Row("DELETE", "/v1/keys/{id}", "admin", url="/v1/keys/none"),
    Row("GET", "/v1/audit", "admin"),
    Row("GET", "/v1/audit/check", "admin"),
    Row("GET", "/v1/jobs", "admin"),
    Row("GET", "/v1/backups", "admin"),
    Row("GET", "/healthz", NOBODY_NEEDED),
    Row("GET", "/readyz", NOBODY_NEEDED),
    Row("GET", "/metrics", READERS),
    Row("GET", "/docs", NOBODY_NEEDED),
    Row("GET", "/docs/style.css", NOBODY_NEEDED),
    Row("GET", "/openapi.json", NOBODY_NEEDED),
    Row("GET", "/static/{version}/{path:path}", NOBODY_NEEDED, url="/static/now/shared/base.css"),
    Row("GET", "/wall/open", NOBODY_NEEDED, url="/wall/open?key=none"),
    Row("POST", "/preferences", NOBODY_NEEDED, {"data": {"theme": "dark", "back": "/docs"}}),
]  # fmt: skip
STREAM = ("GET", "/v1/stream")  # its answer does not end: test_stream.py opens it
WALL_STREAM = ("GET", "/wall/stream")  # nor does this one


def routes() -> Iterator[APIRoute]:
    """Yield every route of every router."""
    for router in ROUTERS:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            yield route


@pytest.fixture
def filled(site: Site) -> Site:
    """A site whose journal and quarantine know something of `north`."""
    device = site.holder("device", sources=["camera/out"])
    shut = {**passage("shut", side="own", state="shut"), "type": "gate.state"}  # which makes an alert
    device.post("/v1/events", [passage("known"), passage("known", seq=2), shut])
    site.core.register.add_account("kept", "viewer", None, "four words of nothing", "test", site.now)
    site.core.writer.write(Shifts.begin("north", "account:kept", "", site.now)).result()
    site.follow(2)
    site.core.watch.evaluate(site.now)
    until = site.now + timedelta(hours=1)
    keep_suggestions(site, 1, [suggested_at("north")])
    site.core.watch.silence([parse_matcher('gate="north"')], "drill", until, By("test"), site.now)
    return site


def ask(row: Row, visitor: Visitor) -> Any:
    """Make the request of a row."""
    board = visitor.site.core.watch.board
    named = {"{alert}": next(iter(board.alerts), ""), "{silence}": board.alerting.silences[0].id}
    url = row.url or row.path
    for name, value in named.items():
        url = url.replace(name, value)
    return visitor.ask(row.method, url, **row.ask)


def test_every_route_is_guarded_and_has_a_row() -> None:
    """A new route without a row is refused by the door, and told here."""
    found = {(method, route.path) for route in routes() for method in route.methods}

    assert all(isinstance(route, GuardedRoute) for route in routes())
    assert found == set(RULES)
    assert found == {(row.method, row.path) for row in ROWS} | {STREAM, WALL_STREAM}
    assert set(ROLES) == set(get_args(Role)) == {*EVERYBODY.split(), "wall"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.method} {row.path}")
def test_each_role_may_what_the_manual_says(row: Row, filled: Site) -> None:
    """Nobody without a key, no role that is not named, and within its gates only."""
    stranger = ask(row, filled.visitor())
    wrong = ask(row, filled.visitor("gw_00000000_" + "x" * 43))
    if row.roles == NOBODY_NEEDED:
        assert stranger.status_code in {200, 303, 401}
        assert (stranger.status_code == 401) == (row.path in {"/v1/session", "/wall/open"})
        return

    assert (stranger.status_code, wrong.status_code) == (401, 401)
    for role in ROLES:
        sources = ["camera/out", "province/bulletin"] if role == "device" else None
        here, there = (filled.holder(role, [gate], sources) for gate in ("north", "south"))
        everywhere = filled.holder(role, None, sources)
        answers = [ask(row, visitor) for visitor in (everywhere, here, there)]
        statuses = [answer.status_code for answer in answers]
        if role not in row.roles.split():
            assert statuses == [403, 403, 403], role
            continue
        assert 401 not in statuses
        assert 403 not in statuses[:2], role
        assert (statuses[2] == 403) == (row.elsewhere == "refused"), (role, answers[2].text)
        if row.elsewhere == "rejected":
            assert "rejected" not in answers[1].text.replace("n_rejected", ""), (role, answers[1].text)
            assert '"status":"rejected"' in answers[2].text
        if row.elsewhere == "less":
            assert "north" in answers[1].text
            assert "north" not in answers[2].text.replace('"sources":["north', ""), role


@pytest.mark.parametrize("role", ROLES)
def test_the_stream_is_for_those_who_may_read(role: Role, site: Site) -> None:
    """A device that only reports is turned away at the door."""
    if role not in {"device", "notifier", "wall"}:
        assert role in RULES[STREAM].roles  # type: ignore[operator] # it has roles
        return
    answer = site.holder(role, sources=["camera/out"]).get("/v1/stream")

    assert answer.status_code == 403


def test_a_route_without_a_row_is_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deny by default: an admin has no more right to it than anybody."""
    without = {key: rule for key, rule in RULES.items() if key != ("GET", "/v1/live")}
    monkeypatch.setattr(auth, "RULES", without)
    answer = site.holder("admin").get("/v1/live")

    assert (answer.status_code, "no row" in answer.json()["detail"]) == (403, True)
