"""Any request that the schema allows, and many that it does not: never a fault of ours, never in without a key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from gatewatch.monitor.app import create_app
from gatewatch.monitor.core import start_core
from gatewatch.monitor.settings import load_settings
from gatewatch.monitor.web.rules import RULES
from tests.monitor.stories import FEEDS, clock
from tests.monitor.web.sites import EASY, TWO_GATES

pytestmark = pytest.mark.slow

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    ignored_auth,
    unsupported_method,
]
_ENDLESS = "/v1/stream"
_OF_PAGES = {  # what browsers ask for; no part of the API
    ("GET", "/docs/style.css"), ("GET", "/openapi.json"), ("GET", "/static/{version}/{path:path}"),
    ("GET", "/wall/open"), ("GET", "/wall/stream"), ("POST", "/preferences"),
}  # fmt: skip
_PATIENCE_S = 300  # what a simulation process answers waits for the process to start
ROUTES = sorted(set(RULES) - _OF_PAGES - {("GET", _ENDLESS)})


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The schema of an application that knows a little of everything, and a key of an admin."""
    folder: Path = tmp_path_factory.mktemp("api")
    chosen = load_settings({}, home=folder, requests_per_minute=1_000_000)
    core = start_core(chosen, clock("10:00"), EASY, TWO_GATES, FEEDS)
    app = create_app(core, lambda: clock("10:00"))
    key, _ = core.register.make_key("any", "admin", None, None, None, "test", clock("10:00"))
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    schema.config.update(headers={"Authorization": f"Bearer {key}"}, request_timeout=_PATIENCE_S)
    refusals = ["400", "401", "403", "404", "413", "415", "422"]
    schema.config.checks.negative_data_rejection.expected_statuses = refusals
    yield schema
    core.stop()


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["in the schema", "outside"])
@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_any_request_is_answered_as_the_schema_says(route: tuple[str, str], mode: GenerationMode, api: Any) -> None:
    """No 5xx, no answer that the schema does not tell, no entry without a key, nothing taken that breaks the schema."""
    method, path = route
    operation = api[path][method.lower()]
    n_answered = 0

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=25, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def ask(case: Any) -> None:
        nonlocal n_answered
        case.cookies.clear()  # one comes with the key; a cookie made up beside it says nothing of either
        case.call_and_validate(checks=CHECKS)
        n_answered += 1

    try:
        ask()
    except Unsatisfiable:
        pytest.skip("there is nothing in it that could be wrong")

    assert n_answered > 0
