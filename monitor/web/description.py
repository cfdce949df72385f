"""The OpenAPI schema, with what the table of rules adds: who may, and how a refusal looks."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from gatewatch.monitor.observations import EVENT_TYPES
from gatewatch.monitor.web.auth import CSRF_HEADER, cookie_name
from gatewatch.monitor.web.problems import MEDIA_TYPE, TITLES
from gatewatch.monitor.web.rules import RULES, Rule
from gatewatch.monitor.web.schemas import ProblemModel

TITLE: Final = "Gatewatch"
TEXT: Final = (
    "What the border gates are doing, and who must know: observations in, live state out.\n\n"
    "Times are RFC 3339 in UTC; `zone` says in which time zone people read them. What is not known is null and never "
    "0. Units stand beside the figures or end the name (`_s` seconds).\n\n"
    "Come with an API key (Authorization: Bearer) or sign in with POST /v1/session; changes by cookie carry the "
    f"header {CSRF_HEADER}."
)
_REF: Final = "#/components/schemas/{model}"
_PROBLEM: Final = {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}}}


def describe(app: FastAPI, *, is_behind_tls: bool) -> dict[str, Any]:
    """Return the OpenAPI schema of the application."""
    schema = get_openapi(title=TITLE, version=version("gatewatch"), description=TEXT, routes=app.routes)
    components = schema.setdefault("components", {})
    components["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "An API key."},
        "session": {"type": "apiKey", "in": "cookie", "name": cookie_name(is_behind_tls=is_behind_tls)},
    }
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = ProblemModel.model_json_schema(ref_template=_REF)
    schemas |= _event_data()
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            _add_rule(operation, RULES[method.upper(), path], method)
    return schema


def _event_data() -> dict[str, Any]:
    """Return the schema of the data of each type of event."""
    models = sorted(set(EVENT_TYPES.values()), key=lambda model: model.__name__)
    _, found = models_json_schema([(model, "validation") for model in models], ref_template=_REF)
    told: dict[str, Any] = found.get("$defs", {})
    for model in models:
        types = ", ".join(f"`{name}`" for name, data in EVENT_TYPES.items() if data is model)
        told[model.__name__]["description"] = f"Data of {types}. {told[model.__name__].get('description', '')}"
    return told


def _add_rule(operation: dict[str, Any], rule: Rule, method: str) -> None:
    answers = operation["responses"]
    possible = {422, 429, 503, 413}
    if rule.roles is None:
        operation["security"] = []
        if method != "get":
            possible.add(401)
    else:
        operation["security"] = [{"key": []}, {"session": []}]
        operation["x-roles"] = sorted(rule.roles)
        possible |= {401, 403, 404, 409}
    if "requestBody" in operation:
        possible.add(415)
    for status in sorted(possible):
        known = answers.get(str(status))
        if known is None or "HTTPValidationError" in str(known):
            answers[str(status)] = {"description": TITLES[status], "content": dict(_PROBLEM)}
        else:
            known["content"] = {**known.get("content", {}), **_PROBLEM}
