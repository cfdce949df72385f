"""People and keys: signing in, changing, being shut out, and what is written down of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from gatewatch.monitor.core import Core
from gatewatch.monitor.store.engine import sqlite_writer
from tests.monitor.web.sites import Site, Visitor, passage

PASSWORD = "four words of nothing"
WRONG = "four words of something"


def person(site: Site, role: Any = "operator", gates: list[str] | None = None, name: str = "minh") -> Visitor:
    """Return somebody with an account, not signed in."""
    site.core.register.add_account(name, role, gates, PASSWORD, "test", site.now)
    return site.visitor()


def sign_in(visitor: Visitor, password: str = PASSWORD, name: str = "minh") -> Any:
    """Sign in, and send the token that changes need from now on."""
    answer = visitor.post("/v1/session", {"name": name, "password": password})
    if answer.status_code == 200:
        visitor.client.headers["x-csrf-token"] = answer.json()["csrf_token"]
    return answer


def test_the_first_start_makes_an_admin_and_tells_his_password_once(start: Callable[..., Core]) -> None:
    """The second start has nothing to tell; the store holds only a hash."""
    first = start()
    password = first.first_password
    first.stop()
    second = start()

    assert password is not None
    assert second.first_password is None
    assert password.encode() not in second.store.path.read_bytes()
    assert b"$argon2id$" in second.store.path.read_bytes()


def test_one_signs_in_works_and_signs_out(site: Site) -> None:
    """A cookie that scripts cannot read; afterwards it opens nothing."""
    minh = person(site)
    begun = sign_in(minh)
    cookie = begun.headers["set-cookie"]
    count = {"gate": "north", "direction": "export", "what": "backlog", "value": 40}
    worked = minh.post("/v1/hand-counts", count)
    kept = dict(minh.client.cookies)
    ended = minh.ask("DELETE", "/v1/session")
    minh.client.cookies.update(kept)

    assert begun.json()["role"] == "operator"
    assert begun.json()["ends_at"] == "2026-01-15T15:00:00Z"  # 12 h
    assert all(word in cookie for word in ("gatewatch=", "HttpOnly", "SameSite=lax", "Path=/", "Max-Age=43200"))
    assert (worked.status_code, ended.status_code) == (200, 204)
    assert minh.get("/v1/session").status_code == 401


def test_behind_tls_the_cookie_is_bound_to_this_host_and_https(make_site: Callable[..., Site]) -> None:
    """The prefix makes browsers refuse it from anywhere else."""
    answer = sign_in(person(make_site(behind_tls=True)))
    cookie = answer.headers["set-cookie"]

    assert cookie.startswith("__Host-gatewatch=")
    assert "Secure" in cookie
    assert "Domain" not in cookie
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_signing_in_again_ends_the_session_before(site: Site) -> None:
    """A cookie that was planted beforehand is worth nothing."""
    minh = person(site)
    sign_in(minh)
    before = dict(minh.client.cookies)
    sign_in(minh)

    assert dict(minh.client.cookies) != before
    minh.client.cookies.clear()
    minh.client.cookies.update(before)
    assert minh.get("/v1/session").status_code == 401


def test_a_change_by_cookie_needs_the_token(site: Site) -> None:
    """Another page can send the cookie, but does not know the token."""
    minh = person(site)
    sign_in(minh)
    lane = {"gate": "north", "lane": "1", "state": "open"}
    good = minh.post("/v1/lanes/state", lane)
    del minh.client.headers["x-csrf-token"]
    missing = minh.post("/v1/lanes/state", lane)
    wrong = minh.post("/v1/lanes/state", lane, headers={"x-csrf-token": "guess"})

    assert (good.status_code, missing.status_code, wrong.status_code) == (200, 403, 403)
    assert "x-csrf-token" in missing.json()["detail"]
    assert minh.get("/v1/live").status_code == 200


def test_a_session_ends_by_itself(site: Site) -> None:
    """After twelve hours one signs in again."""
    minh = person(site)
    sign_in(minh)
    site.pass_by(hours=11, minutes=59)
    still = minh.get("/v1/session").status_code
    site.pass_by(minutes=2)

    assert (still, minh.get("/v1/session").status_code) == (200, 401)


def test_a_session_outlives_a_restart(make_site: Callable[..., Site]) -> None:
    """Sessions are kept by the server; only the hash of the cookie is."""
    site = make_site()
    minh = person(site)
    sign_in(minh)
    cookies = dict(minh.client.cookies)
    site.core.stop()
    again = make_site().visitor()
    again.client.cookies.update(cookies)

    assert again.get("/v1/session").json()["id"] == "account:minh"


def test_wrong_passwords_make_one_wait_longer_and_longer(site: Site) -> None:
    """Five are free; then even the right one is not looked at until the time has passed."""
    minh = person(site)
    wrong = [sign_in(minh, WRONG).status_code for _ in range(5)]
    locked = sign_in(minh)
    site.pass_by(seconds=11)
    sixth = sign_in(minh, WRONG).status_code
    site.pass_by(seconds=11)
    still = sign_in(minh)
    site.pass_by(seconds=10)

    assert wrong == [401] * 5
    assert (locked.status_code, locked.headers["retry-after"]) == (429, "10")
    assert (sixth, still.status_code, still.headers["retry-after"]) == (401, 429, "9")
    assert sign_in(minh).status_code == 200


def test_an_address_that_guesses_names_waits_too(site: Site) -> None:
    """Another address is not made to wait for it."""
    person(site)
    guesser = site.visitor(address="10.9.9.9")
    for name in "abcde":
        guesser.post("/v1/session", {"name": name, "password": WRONG})

    assert sign_in(guesser).status_code == 429
    assert sign_in(site.visitor(address="10.0.0.7")).status_code == 200


def test_unknown_names_and_wrong_passwords_are_answered_alike(site: Site) -> None:
    """Nobody learns who has an account."""
    minh = person(site)
    answers = [minh.post("/v1/session", {"name": name, "password": WRONG}) for name in ("minh", "nobody")]

    assert answers[0].json() == answers[1].json()
    assert answers[0].status_code == 401


def test_an_admin_makes_changes_and_disables_accounts(site: Site) -> None:
    """A change ends the sessions of the account; a made password is told once."""
    admin, minh = site.holder("admin"), person(site)
    made = admin.post("/v1/users", {"name": "lan", "role": "viewer", "gates": ["north"]})
    sign_in(minh)
    changed = admin.ask("PATCH", "/v1/users/minh", json={"role": "coordinator"})
    after = minh.get("/v1/session").status_code
    disabled = admin.ask("PATCH", "/v1/users/minh", json={"is_disabled": True})

    assert (made.status_code, changed.status_code, disabled.status_code, after) == (201, 200, 200, 401)
    assert sign_in(site.visitor(), made.json()["password"], "lan").json()["gates"] == ["north"]
    assert sign_in(minh).status_code == 401
    names = [user["name"] for user in admin.get("/v1/users").json()["users"]]
    assert names == ["admin", "lan", "minh"]
    assert PASSWORD not in admin.get("/v1/users").text


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/v1/users", {"name": "admin", "role": "viewer"}, 409),
        ("POST", "/v1/users", {"name": "Lan Anh", "role": "viewer"}, 422),
        ("POST", "/v1/users", {"name": "lan", "role": "device"}, 422),
        ("POST", "/v1/users", {"name": "lan", "role": "viewer", "password": "short"}, 409),
        ("POST", "/v1/users", {"name": "lan", "role": "viewer", "gates": ["nowhere"]}, 422),
        ("PATCH", "/v1/users/nobody", {"role": "viewer"}, 404),
        ("PATCH", "/v1/users/admin", {"role": "viewer"}, 409),
        ("PATCH", "/v1/users/admin", {"is_disabled": True}, 409),
        ("PATCH", "/v1/users/admin", {"gates": ["north"]}, 409),
        ("POST", "/v1/keys", {"title": "camera", "role": "device"}, 422),
        ("POST", "/v1/keys/none/rotate", {}, 404),
        ("DELETE", "/v1/keys/none", None, 404),
    ],
)
def test_changes_that_cannot_be_made_say_why(method: str, path: str, body: Any, status: int, site: Site) -> None:
    """The last admin stays; names, gates and passwords are checked."""
    answer = site.holder("admin").ask(method, path, **({} if body is None else {"json": body}))

    assert answer.status_code == status, answer.text
    assert answer.json()["detail"].endswith(".")


def test_one_changes_ones_own_password(site: Site) -> None:
    """With the old one; all sessions end."""
    minh = person(site)
    sign_in(minh)
    wrong = minh.post("/v1/session/password", {"old": WRONG, "new": "entirely other words"})
    weak = minh.post("/v1/session/password", {"old": PASSWORD, "new": "minh minh minh"})
    good = minh.post("/v1/session/password", {"old": PASSWORD, "new": "entirely other words"})

    assert (wrong.status_code, weak.status_code, good.status_code) == (409, 409, 204)
    assert minh.get("/v1/session").status_code == 401
    assert sign_in(minh).status_code == 401
    assert sign_in(minh, "entirely other words").status_code == 200


def test_a_key_is_told_once_rotated_with_an_overlap_and_revoked(site: Site) -> None:
    """Devices can be changed over one by one; only the hash is kept."""
    admin = site.holder("admin")
    made = admin.post("/v1/keys", {"title": "camera", "role": "device", "sources": ["camera/out"]}).json()
    old = site.visitor(made["key"])
    new_made = admin.post(f"/v1/keys/{made['id']}/rotate", {"overlap_hours": 2}).json()
    new = site.visitor(new_made["key"])
    both = [visitor.post("/v1/events", passage(n)).status_code for n, visitor in enumerate((old, new))]
    site.pass_by(hours=3)
    later = [visitor.post("/v1/events", passage(n)).status_code for n, visitor in enumerate((old, new))]
    admin.ask("DELETE", f"/v1/keys/{new_made['id']}")

    assert (both, later) == ([200, 200], [401, 200])
    assert new.post("/v1/events", passage()).status_code == 401
    assert new_made["sources"] == ["camera/out"]
    assert made["key"] not in admin.get("/v1/keys").text
    assert made["key"].encode() not in site.core.store.path.read_bytes()


def test_a_key_with_an_end_ends(site: Site) -> None:
    """A key for a visitor need not be revoked by hand."""
    text_, _ = site.core.register.make_key("x", "viewer", None, None, site.now + timedelta(hours=1), "test", site.now)
    visitor = site.visitor(text_)
    before = visitor.get("/v1/session").status_code
    site.pass_by(hours=1)

    assert (before, visitor.get("/v1/session").status_code) == (200, 401)


def test_a_lent_key_is_gone_with_the_process(site: Site, make_site: Callable[..., Site]) -> None:
    """An adapter that the service starts itself leaves no key behind."""
    key = site.core.register.lend_key("simulated feed", ["camera/out"], site.now)
    lent = site.visitor(key).post("/v1/events", passage()).status_code
    site.core.stop()
    again = make_site().visitor(key).post("/v1/events", passage()).status_code

    assert (lent, again) == (200, 401)


def test_the_audit_tells_who_did_what(site: Site) -> None:
    """Sign-ins, refused ones too, keys, accounts, reports by hand; never a secret."""
    admin, minh = site.holder("admin"), person(site)
    sign_in(minh, WRONG)
    sign_in(minh)
    minh.post("/v1/hand-counts", {"gate": "north", "direction": "export", "what": "backlog", "value": 40})
    admin.post("/v1/keys", {"title": "camera", "role": "device", "sources": ["camera/out"]})
    rows = admin.get("/v1/audit").json()["rows"]
    told = [(row["who"], row["action"]) for row in rows]

    assert [row["number"] for row in rows] == list(range(1, len(rows) + 1))
    assert ("gatewatch", "account.made") in told
    assert told[-4:-1] == [
        ("account:minh", "session.refused"),
        ("account:minh", "session.begun"),
        ("account:minh", "queue.observed"),
    ]
    assert told[-1][1] == "key.made"
    assert rows[-2]["detail"]["value"] == 40
    assert PASSWORD not in str(rows)
    assert WRONG not in str(rows)
    assert admin.get("/v1/audit/check").json()["is_whole"]


@pytest.mark.parametrize(
    ("change", "broken_at"),
    [
        ("UPDATE audit SET who = 'account:other' WHERE number = 2", 2),
        ("UPDATE audit SET at_us = at_us + 1 WHERE number = 3", 3),
        ("DELETE FROM audit WHERE number = 2", 3),
        ("UPDATE audit SET detail = '{}' WHERE number = 1", 1),
    ],
)
def test_a_changed_row_breaks_the_chain(change: str, broken_at: int, site: Site, start: Callable[..., Core]) -> None:
    """Somebody with the file in his hands can change a row, but not unseen."""
    for _ in range(4):
        site.holder("viewer")
    whole = site.core.audit.verify()
    site.core.stop()
    engine = sqlite_writer(site.core.store.path)
    with engine.begin() as connection:
        connection.execute(text(change))
    engine.dispose()
    found = start().audit.verify()

    assert (whole.broken_at, whole.n >= 5) == (None, True)
    assert found.broken_at == broken_at


def test_a_key_opens_from_its_networks_only(site: Site) -> None:
    """The refusal names them and where the request came from; its rotated successor is bound alike."""
    admin = site.holder("admin")
    body = {"title": "camera", "role": "viewer", "networks": ["10.0.0.0/24", "2001:db8::/32"]}
    made = admin.post("/v1/keys", body)
    key = made.json()["key"]
    answers = [
        site.visitor(key, at).get("/v1/live") for at in ("10.0.0.7", "2001:db8::1", "10.0.1.7", "not an address")
    ]
    successor = admin.post(f"/v1/keys/{made.json()['id']}/rotate", {}).json()

    assert made.json()["networks"] == successor["networks"] == ["10.0.0.0/24", "2001:db8::/32"]
    assert [answer.status_code for answer in answers] == [200, 200, 403, 403]
    assert "opens from 10.0.0.0/24, 2001:db8::/32 only; this comes from 10.0.1.7" in answers[2].json()["detail"]
    assert site.visitor(successor["key"], "10.0.1.7").get("/v1/live").status_code == 403


def test_a_network_that_is_none_is_refused_with_an_example(site: Site) -> None:
    """Host bits and words are told."""
    for wrong in ("10.0.0.7/24", "office"):
        answer = site.holder("admin").post("/v1/keys", {"title": "x", "role": "viewer", "networks": [wrong]})

        assert answer.status_code == 422
        assert "10.20.0.0/16" in answer.text
