from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from gatewatch.monitor.cli_demo import demo_settings
from gatewatch.monitor.web.assets import Assets
from tests.monitor.web.sites import Site

ASSETS = Assets()


def test_a_page_comes_in_the_language_and_colours_that_were_chosen(site: Site) -> None:
    """The server writes them, so nothing flashes; Vietnamese and the system's colours before anybody has chosen."""
    visitor = site.visitor()
    first = visitor.get("/sign-in").text
    chosen = visitor.get("/sign-in", headers={"cookie": "gatewatch-language=zh; gatewatch-theme=contrast"}).text

    assert '<html lang="vi" data-theme="system"' in first
    assert "Đăng nhập" in first
    assert '<html lang="zh-Hans" data-theme="contrast"' in chosen


@pytest.mark.parametrize(
    ("back", "to"), [("/g/north?x=1", "/g/north?x=1"), ("//elsewhere", "/"), ("https://elsewhere", "/")]
)
def test_a_choice_is_kept_and_leads_back_to_this_site(back: str, to: str, site: Site) -> None:
    """An address of another host would send people away."""
    answer = site.visitor().post("/preferences", None, data={"theme": "dark", "back": back})

    assert (answer.status_code, answer.headers["location"]) == (303, to)
    assert answer.headers["set-cookie"].startswith("gatewatch-theme=dark;")


def test_a_choice_that_is_none_is_refused(site: Site) -> None:
    """With those that there are."""
    answer = site.visitor().post("/preferences", None, data={"theme": "pink"})

    assert (answer.status_code, "system, light, dark, contrast" in answer.json()["detail"]) == (422, True)


def test_files_are_kept_for_a_year_under_their_version(site: Site) -> None:
    """Under another version, from a page loaded before an update, they are asked for again."""
    visitor = site.visitor()
    now = visitor.get(ASSETS.url("shared/base.css"), headers={"accept-encoding": "gzip"})
    old = visitor.get("/static/000000000000/shared/base.css")
    plain = visitor.get(ASSETS.url("shared/base.css"), headers={"accept-encoding": "identity"})
    missing = [
        visitor.get(f"/static/{ASSETS.version}/{path}") for path in ("none.js", "%2e%2e/__init__.py", "README.md")
    ]

    assert "immutable" in now.headers["cache-control"]
    assert now.headers["content-encoding"] == "gzip"
    assert now.content == plain.content == ASSETS.files["shared/base.css"].content
    assert old.headers["cache-control"] == "no-cache"
    assert {answer.status_code for answer in missing} == {404}
    assert len(gzip.compress(now.content)) < len(now.content) / 2


def test_a_gate_out_of_reach_is_refused_as_a_page(site: Site) -> None:
    """Who is bound to one gate is told so in his language, and whom to ask."""
    viewer = site.holder("viewer", ["south"])
    seen, refused, nowhere = (viewer.get(f"/g/{gate}") for gate in ("south", "north", "none"))

    assert (seen.status_code, refused.status_code, nowhere.status_code) == (200, 403, 404)
    assert "Bạn không được xem trang này" in refused.text
    assert refused.headers["content-type"].startswith("text/html")


def test_nothing_that_was_reported_can_end_a_data_block(site: Site) -> None:
    """A reason with markup in it stays text: in the page's data there is no `<`."""
    head = site.holder("coordinator")
    body = {"gate": "north", "side": "own", "state": "shut", "reason": "</script><script>alert(1)</script>"}
    site.follow(head.post("/v1/gates/state", body).json()["rev"])
    page = head.get("/").text

    assert "alert(1)" in page
    assert "<script>alert" not in page


def test_a_demonstration_signs_nobody_out_within_minutes(tmp_path: Path) -> None:
    """A session ends by its clock, which may run 600 times as fast as ours: a day of it must not be the end."""
    settings = demo_settings(tmp_path, 0)

    assert settings.is_simulated
    assert settings.session_hours >= 24 * 31


def test_styles_that_every_page_needs_come_in_one_request(site: Site) -> None:
    """A page is painted when its styles are there; what they name beside them is found from where they are."""
    visitor = site.visitor()
    together = visitor.get(ASSETS.url("shared/all.css")).text
    parts = [ASSETS.files[f"shared/{name}.css"].content.decode() for name in ("tokens", "base", "head")]
    page = visitor.get("/sign-in").text

    assert together == "\n".join(parts)
    assert page.count('rel="stylesheet"') == 1
