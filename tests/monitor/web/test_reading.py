"""What is read: live state, history, bulletins, the service itself; headers and documentation."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta

import httpx
import pandas as pd
import pytest
from structlog.testing import capture_logs

from gatewatch.config.feeds import load_feeds
from gatewatch.config.loader import load_border
from gatewatch.monitor.web.headers import HEADERS
from tests.monitor.stories import FEEDS, clock
from tests.monitor.web.sites import Site, Visitor, passage


@pytest.fixture
def viewer(site: Site) -> Visitor:
    """Somebody who may read everything."""
    return site.holder("viewer")


def test_nothing_reported_is_null_everywhere(viewer: Visitor) -> None:
    """Missing is never zero, in JSON as inside."""
    live = viewer.get("/v1/live").json()
    flow = live["flows"][0]

    assert (live["rev"], live["at"], live["zone"]) == (0, "2026-01-15T03:00:00Z", "Asia/Ho_Chi_Minh")
    assert (live["present"]["value"], live["national_colour"]) == (None, None)
    for key in ("backlog", "cleared_today", "rate_15", "rate_60", "arrival_rate_60", "days_of_work", "arrived_today"):
        assert flow[key]["value"] is None, key
        assert flow[key]["quality"] == "D", key
    assert (flow["expected"]["value_s"], flow["capacity"]["value"], flow["level"]) == (None, None, "unknown")
    assert (flow["is_open"], flow["own"]["state"]) == (True, "open")


def test_a_hand_count_is_an_anchor_and_sent_again_the_same_report(site: Site, viewer: Visitor) -> None:
    """The key in the header makes a retry harmless, though it comes a minute later."""
    operator = site.holder("operator")
    count = {"gate": "north", "direction": "export", "what": "backlog", "value": 40}
    headers = {"idempotency-key": "08:00 north"}
    first = operator.post("/v1/hand-counts", count, headers=headers)
    site.pass_by(minutes=1)
    again = operator.post("/v1/hand-counts", count, headers=headers)
    other = operator.post("/v1/hand-counts", {**count, "value": 41}, headers=headers)
    new = operator.post("/v1/hand-counts", {**count, "value": 41})
    site.follow(2)
    backlog = viewer.get("/v1/live/north/export").json()["flow"]["backlog"]

    answers = [(answer.status_code, answer.json()["items"][0]["status"]) for answer in (first, again, other, new)]
    assert answers == [(200, "accepted"), (200, "duplicate"), (409, "conflict"), (200, "accepted")]
    assert (backlog["value"], backlog["anchor"]["source"], backlog["as_of"]) == (
        41,
        "north/person",
        "2026-01-15T03:01:00Z",
    )


def test_a_side_that_is_shut_shows_at_once(site: Site, viewer: Visitor) -> None:
    """Shut although the calendar says open, with the reason; other hours and lanes are taken in too."""
    coordinator = site.holder("coordinator")
    shut = {"gate": "north", "side": "counterpart", "state": "shut", "reason": "a rehearsal"}
    hours = {"gate": "south", "side": "own", "date": "2026-01-15", "closes": "20:00", "agreed_by": "both offices"}
    answers = [
        coordinator.post("/v1/gates/state", shut),
        coordinator.post("/v1/gates/hours", hours),
        coordinator.post("/v1/lanes/state", {"gate": "north", "lane": "3", "state": "closed"}),
    ]
    site.follow(3)
    north, south = (viewer.get(f"/v1/live/{gate}/export").json()["flow"] for gate in ("north", "south"))
    province = viewer.get("/v1/province").json()

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert (north["is_open"], north["counterpart"]["is_unplanned"]) == (False, True)
    assert north["counterpart"]["reason"] == "a rehearsal"
    assert south["own"]["next_change"] == "2026-01-15T13:00:00Z"
    assert {flow["gate"]: flow["is_shut_unplanned"] for flow in province["flows"]} == {"north": True, "south": False}


@pytest.mark.parametrize(
    "body",
    [
        {"gate": "north", "direction": "export", "what": "backlog", "value": -1},
        {"gate": "north", "direction": "export", "what": "backlog"},
        {"gate": "north", "direction": "export", "what": "yard", "value": 3},
        {"gate": "north", "direction": "export", "what": "backlog", "value": 3, "extra": 1},
        {"gate": "north", "direction": "import", "what": "backlog", "value": 3},
        {"gate": "nowhere", "direction": "export", "what": "backlog", "value": 3},
        {"gate": "north", "direction": "export", "what": "backlog", "value": 3, "at": "yesterday"},
        {"gate": "north", "direction": "export", "what": "backlog", "value": 3, "at": "2026-01-16T00:00:00Z"},
    ],
)
def test_a_form_filled_in_wrongly_says_what_is_wrong(body: dict[str, object], site: Site) -> None:
    """422 with reasons, before or after the journal has seen it."""
    answer = site.holder("operator").post("/v1/hand-counts", body)
    content = answer.json()

    assert answer.status_code == 422, content
    assert all(reason.endswith(".") for reason in content.get("reasons") or content["items"][0]["reasons"])


def test_history_comes_as_tables_that_pandas_reads(site: Site, viewer: Visitor) -> None:
    """JSON, CSV and Parquet say the same; an earlier revision says what was known then."""
    device = site.holder("device", sources=["camera/out"])
    device.post("/v1/events", [passage(n, at=clock("9:00") + timedelta(minutes=n)) for n in range(20)])
    site.follow(20)
    asked = {"from": "2026-01-15T09:00:00+07:00", "to": "2026-01-15T09:30:00+07:00", "what": "gate_out"}
    found = viewer.get("/v1/history", params=asked).json()["windows"]
    table = pd.read_csv(io.BytesIO(viewer.get("/v1/history", params={**asked, "format": "csv"}).content))
    parquet = viewer.get("/v1/history", params={**asked, "format": "parquet"})
    frame = pd.read_parquet(io.BytesIO(parquet.content))
    before = viewer.get("/v1/history", params={**asked, "as_of_rev": 16}).json()["windows"]

    assert [window["n"] for window in found] == table["n"].tolist() == frame["n"].tolist() == [15, 5]
    assert table["start"].tolist() == [window["start"] for window in found]
    assert str(frame["start"].dtype).startswith("datetime64[us")
    assert [window["n"] for window in before] == [15, 1]
    assert parquet.headers["content-disposition"] == 'attachment; filename="history.parquet"'
    assert viewer.get("/v1/history", params={"format": "parquet", "gate": "south"}).status_code == 200


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"from": "yesterday"}, 422),
        ({"from": "2026-01-15T09:00:00Z", "to": "2026-01-15T08:00:00Z"}, 422),
        ({"from": "2025-01-15T09:00:00Z"}, 422),
        ({"gate": "nowhere"}, 404),
        ({"format": "xlsx"}, 422),
        ({"from": "2026-01-15T08:00:00+07:00"}, 200),
    ],
)
def test_what_history_cannot_tell_is_refused(asked: dict[str, str], status: int, viewer: Visitor) -> None:
    """No time, too long a time, no such gate."""
    assert viewer.get("/v1/history", params=asked).status_code == status


def test_a_parameter_that_nobody_knows_is_refused(viewer: Visitor) -> None:
    """One that is misspelt would else answer another question than was asked; pages take what links bring along."""
    misspelt = viewer.get("/v1/history", params={"form": "2026-01-15T00:00:00+07:00"})
    none = viewer.get("/v1/live", params={"gate": "north", "x": "1"})

    assert (misspelt.status_code, none.status_code) == (422, 422)
    assert 'query.form: no parameter has that name. Did you mean "format"?' in misspelt.json()["reasons"][0]
    assert [reason.partition(":")[0] for reason in none.json()["reasons"]] == ["query.gate", "query.x"]
    assert viewer.get("/healthz", params={"x": "1"}).status_code == 200


def test_a_bulletin_of_a_day_that_is_not_over_says_so(site: Site) -> None:
    """Ten in the morning: the figures of today cannot be known, whatever the clock of a device."""
    row = upload(site.holder("operator"), "ngày;cửa khẩu;thông quan\n15/01/2026;north;5\n").json()["rows"][0]

    assert row["status"] == "rejected"
    assert "See that its date is right" in row["reasons"][0]


def upload(visitor: Visitor, sheet: str, **fields: str) -> httpx.Response:
    """Upload a bulletin's file."""
    return visitor.post("/v1/bulletins", files={"file": ("ngay14.csv", sheet.encode())}, data=fields)


def test_a_bulletin_is_taken_in_row_by_row(site: Site, viewer: Visitor) -> None:
    """Every row has its answer; the same figure is known, a changed one is the next edition."""
    operator = site.holder("operator")
    sheet = "ngày;cửa khẩu;chiều;tồn;thông quan\n14/01/2026;north;xuất khẩu;{};300\n14/01/2026;nowhere;;5;\n"
    first = upload(operator, sheet.format("1.761")).json()
    again = upload(operator, sheet.format("1761")).json()
    changed = upload(operator, sheet.format("1770")).json()
    said = upload(operator, sheet.format("9"), edition="2").json()

    def figures(answer: dict[str, list[dict[str, object]]]) -> list[tuple[object, ...]]:
        return [(row["row"], row["status"], row["value"], row["edition"]) for row in answer["rows"]]

    assert figures(first) == [(2, "accepted", 1761, 1), (2, "accepted", 300, 1), (3, "rejected", None, None)]
    assert [row[1] for row in figures(again)] == ["duplicate", "duplicate", "rejected"]
    assert figures(changed)[:2] == [(2, "accepted", 1770, 2), (2, "duplicate", 300, 1)]
    assert figures(said)[0] == (2, "conflict", 9, 2)
    assert (first["n_accepted"], first["n_rejected"], again["rev"]) == (2, 1, 2)
    assert "nowhere" in first["rows"][2]["reasons"][0]
    day = viewer.get("/v1/bulletins/2026-01-14").json()
    remaining = next(line for line in day["lines"] if line["line"] == "remaining")
    assert (remaining["printed"], [edition["value"] for edition in remaining["editions"]]) == (1770, [1761, 1770])


def test_a_file_that_is_no_bulletin_is_refused(site: Site) -> None:
    """With what is expected instead; nothing is kept."""
    operator = site.holder("operator")
    answers = [upload(operator, "hello"), upload(operator, "PK\x03\x04 no workbook"), operator.post("/v1/bulletins")]

    assert [answer.status_code for answer in answers] == [422, 422, 422]
    assert "headings" in answers[0].json()["detail"]
    assert site.core.journal.last_seq() == 0


def test_the_bulletin_of_a_day_has_the_authorities_order_and_our_checks(site: Site, viewer: Visitor) -> None:
    """Cleared, arrived, turned back, remaining, gate by gate and the province last; what we counted stands beside."""
    device = site.holder("device", sources=["camera/out"])
    device.post("/v1/events", [passage(n, at=clock("9:00", days=-1) + timedelta(minutes=n)) for n in range(12)])
    sheet = (
        "ngày;cửa khẩu;chiều;tồn;xe mới từ nội địa lên;thông quan;quay đầu\n"
        "13/01/2026;north;xuất khẩu;100;;;\n"
        "14/01/2026;north;xuất khẩu;90;20;13;0\n"
        "14/01/2026;toàn tỉnh;xuất khẩu;=90;20;13;0\n"
    )
    upload(site.holder("operator"), sheet)
    site.follow(site.core.journal.last_seq())
    day = viewer.get("/v1/bulletins/2026-01-14").json()
    table = viewer.get("/v1/bulletins/2026-01-14", params={"format": "csv"})

    lines = [(line["gate"], line["line"], line["printed"], line["counted"]) for line in day["lines"]]
    assert lines[:4] == [
        ("north", "cleared", 13, 12),
        ("north", "cleared", None, 12),
        ("north", "arrived", 20, None),
        ("north", "turned_back", 0, None),
    ]
    assert lines[4] == ("north", "remaining", 90, None)
    assert lines[-1][0] is None
    found = [(finding["kind"], finding["gate"], finding["residual"]) for finding in day["findings"]]
    assert found == [("identity", "north", 90 - (100 + 20 - 13))]
    assert (day["begins"], day["ends"]) == ("2026-01-13T13:00:00Z", "2026-01-14T13:00:00Z")
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert (rows[0]["printed"], rows[0]["counted"], rows[0]["title_vi"]) == ("13", "12", "Thông quan xuất khẩu")
    assert viewer.get("/v1/bulletins/yesterday").status_code == 422


def test_a_cell_that_would_be_a_formula_is_escaped(site: Site, viewer: Visitor) -> None:
    """The original cell is kept as it was, and quoted where a spreadsheet reads it."""
    upload(site.holder("operator"), "ngày;cửa khẩu;tăng giảm tồn;tồn\n14/01/2026;north;+12;7\n")
    table = viewer.get("/v1/bulletins/2026-01-14", params={"format": "csv"}).content.decode("utf-8-sig")

    assert "'+12" in table
    assert ",+12" not in table


def test_sources_are_shown_with_what_is_declared(site: Site, viewer: Visitor) -> None:
    """A camera that should be heard and was not is silent; a source that nobody declared is shown too."""
    site.holder("coordinator").post("/v1/events", passage(source="stranger"))
    site.follow(1)
    found = {source["source"]: source for source in viewer.get("/v1/feeds").json()["sources"]}

    assert set(found) == {*FEEDS, "stranger"}
    assert (found["camera/out"]["is_silent"], found["camera/out"]["last_heard"]) == (True, None)
    assert (found["camera/in"]["is_silent"], found["camera/in"]["silent_since"]) == (True, None)
    assert (found["stranger"]["is_declared"], found["stranger"]["last_heard"]) == (False, "2026-01-15T03:00:00Z")


def test_who_is_bound_to_gates_sees_strangers_that_count_there(site: Site) -> None:
    """A source that no feed declares is shown where it counts, to who may see that gate; so is what it sent."""
    reporter = site.holder("coordinator")
    reporter.post("/v1/events", passage(source="stranger"))
    reporter.post("/v1/events", {**passage(2, source="quiet"), "type": "device.heartbeat", "data": {}})
    site.follow(2)
    at_it, elsewhere = site.holder("viewer", gates=["north"]), site.holder("viewer", gates=["south"])
    shown = [
        {source["source"] for source in one.get("/v1/feeds").json()["sources"]} - set(FEEDS)
        for one in (site.holder("viewer"), at_it, elsewhere)
    ]
    tails = [one.get("/v1/feeds/tail", params={"source": "stranger"}).status_code for one in (at_it, elsewhere)]

    assert shown == [{"stranger", "quiet"}, {"stranger"}, set()]
    assert tails == [200, 403]


def test_the_service_tells_how_it_does(site: Site, viewer: Visitor) -> None:
    """Alive, ready, and in figures; a failing store is not ready."""
    site.holder("device", sources=["camera/out"]).post("/v1/events", [passage(), passage(2, source="elsewhere")])
    site.follow(1)
    stranger = site.visitor()
    ready = stranger.get("/readyz")
    text = viewer.get("/metrics").text
    site.core.writer.stop()
    stopped = stranger.get("/readyz")

    assert stranger.get("/healthz").json() == {"status": "ok"}
    assert (ready.status_code, ready.json()) == (
        200, {"is_ready": True, "writes": True, "leads": True, "follows": True, "is_migrated": True},
    )  # fmt: skip
    assert 'gatewatch_observations_total{result="accepted",source="camera/out"} 1.0' in text
    assert 'gatewatch_observations_total{result="rejected",source="other"} 1.0' in text
    assert "gatewatch_journal_last_seq 1.0" in text
    assert "gatewatch_projection_behind 0.0" in text
    assert re.search(r'gatewatch_requests_total\{method="POST",route="/v1/events",status="200"\} 1.0', text)
    for name in (
        'source_silent{source="camera/in"} ', 'source_lag_seconds{source="camera/out"} 1800.0', "outbox_waiting 0.0",
        "outbox_age_seconds 0.0", "simulations_waiting 0.0", "commit_p99_seconds ", "observations_late_total 1.0",
        'commit_seconds_bucket{le="+Inf"} ', 'fsync_seconds_bucket{le="+Inf"} ', "fsync_seconds_sum ",
    ):  # fmt: skip
        assert f"gatewatch_{name}" in text
    assert "backup_age_seconds" not in text  # there is none: nothing is told, and not zero
    assert (stopped.status_code, stopped.json()["writes"]) == (503, False)


@pytest.mark.parametrize(
    "path", ["/healthz", "/docs", "/v1/live", "/none", "/v1/stream", "/v1/events", "/openapi.json"]
)
def test_every_response_carries_the_security_headers(path: str, site: Site) -> None:
    """Answers and refusals alike; nothing is kept by caches on the way."""
    for method in ("GET", "DELETE", "POST"):
        answer = site.visitor().ask(method, path)

        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assert answer.headers["cache-control"] == "no-store"
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["status"] == answer.status_code


def test_our_own_fault_is_told_without_its_inside(site: Site, viewer: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """500 with the headers of every answer; what happened stands in the log only."""

    def fail(_now: object) -> None:
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr(site.core.projector, "live", fail)
    with capture_logs() as logged:
        answer = viewer.get("/v1/province")

    assert [line["path"] for line in logged] == ["/v1/province"]
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.headers["content-security-policy"] == HEADERS["content-security-policy"]


def test_no_page_names_another_host(site: Site) -> None:
    """The gates have no internet: documentation, style and schema stand alone."""
    stranger = site.visitor()
    pages = {path: stranger.get(path).text for path in ("/docs", "/docs/style.css", "/openapi.json")}

    assert "POST /v1/events" in pages["/docs"]
    assert "<script" not in pages["/docs"]
    assert "style=" not in pages["/docs"]
    for path, page in pages.items():
        assert re.findall(r"(?:https?:)?//[a-z0-9][\w.-]+", page.replace("sqlite:///", "")) == [], path


def test_the_documentation_tells_every_route_with_its_roles(site: Site) -> None:
    """From the same table that the door reads."""
    schema = site.visitor().get("/openapi.json").json()
    post = schema["paths"]["/v1/events"]["post"]

    assert post["x-roles"] == ["admin", "coordinator", "device"]
    assert post["security"] == [{"key": []}, {"session": []}]
    assert schema["paths"]["/healthz"]["get"]["security"] == []
    assert {"401", "403", "409", "413", "415", "422", "429", "503"} <= set(post["responses"])
    assert "Data of `vehicle." in schema["components"]["schemas"]["Passage"]["description"]


def test_a_gate_that_is_none_is_not_found(viewer: Visitor) -> None:
    """With the names that there are."""
    answers = [viewer.get(f"/v1/live/{place}") for place in ("nowhere/export", "north/import", "north/up")]

    assert [answer.status_code for answer in answers] == [404, 404, 422]
    assert "north, south" in answers[0].json()["detail"]


def test_the_site_of_lang_son_is_served(make_site: Callable[..., Site]) -> None:
    """The shipped border with its feeds."""
    border = load_border().border
    site = make_site(border=border, feeds=load_feeds(border))
    live = site.holder("viewer").get("/v1/live").json()

    assert {"huu_nghi", "tan_thanh", "coc_nam", "chi_ma"} <= {flow["gate"] for flow in live["flows"]}
    assert all(flow["title_vi"] for flow in live["flows"])
