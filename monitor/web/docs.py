"""`/docs`: the operations, from the schema that `/openapi.json` gives, as a page of our own without another host."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import resources
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from gatewatch.monitor.web.auth import new_router
from gatewatch.monitor.web.problems import TITLES
from gatewatch.monitor.web.rules import RULES

router = new_router("documentation")

_PAGES: Final = Environment(
    loader=PackageLoader("gatewatch.monitor.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
    lstrip_blocks=True,
)  # fmt: skip
_METHODS: Final = ("get", "post", "patch", "delete")


@router.get("/docs", response_class=HTMLResponse, summary="Read this documentation")
async def get_docs(request: Request) -> HTMLResponse:
    """Return every operation with its roles, parameters, body and answers."""
    schema = request.app.openapi()
    page = _PAGES.get_template("docs.html").render(
        info=schema["info"], operations=list(_operations(schema)), problems=TITLES, schemas=_schemas(schema)
    )
    return HTMLResponse(page)


@router.get("/docs/style.css", response_class=Response, include_in_schema=False)
async def get_style() -> Response:
    """Return the page's style."""
    text = (resources.files("gatewatch.monitor.web") / "templates" / "docs.css").read_text()
    return Response(text, media_type="text/css")


@router.get("/openapi.json", include_in_schema=False)
async def get_openapi(request: Request) -> JSONResponse:
    """Return the OpenAPI schema."""
    return JSONResponse(request.app.openapi())


def _operations(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path, methods in schema["paths"].items():
        for method in _METHODS:
            if method not in methods:
                continue
            found = methods[method]
            rule = RULES[method.upper(), path]
            body = found.get("requestBody", {}).get("content", {})
            yield {
                "id": found["operationId"],
                "method": method.upper(),
                "path": path,
                "summary": found.get("summary", ""),
                "text": found.get("description", ""),
                "roles": "anybody" if rule.roles is None else ", ".join(sorted(rule.roles)),
                "parameters": [_parameter(parameter) for parameter in found.get("parameters", [])],
                "bodies": [
                    (kind, _name(content.get("schema", {})), _example(content)) for kind, content in body.items()
                ],
                "answers": [
                    (status, answer.get("description", ""), _name(_first(answer)))
                    for status, answer in found["responses"].items()
                ],
            }  # fmt: skip


def _parameter(parameter: dict[str, Any]) -> dict[str, str]:
    return {
        "name": parameter["name"],
        "place": parameter["in"],
        "needed": "needed" if parameter.get("required") else "",
        "kind": _name(parameter.get("schema", {})),
        "text": parameter.get("description", ""),
    }


def _first(answer: dict[str, Any]) -> dict[str, Any]:
    contents = list(answer.get("content", {}).values())
    found: dict[str, Any] = contents[0].get("schema", {}) if contents else {}
    return found


def _schemas(schema: dict[str, Any]) -> list[dict[str, Any]]:
    found = schema.get("components", {}).get("schemas", {})
    return [
        {
            "name": name,
            "text": model.get("description", ""),
            "fields": [
                (key, _name(value), value.get("unit", ""), value.get("description", ""))
                for key, value in model.get("properties", {}).items()
            ],
        }
        for name, model in sorted(found.items())
    ]


def _name(schema: dict[str, Any]) -> str:
    """Return a schema in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " or ".join(dict.fromkeys(_name(part) for part in schema[key]))
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"list of {_name(schema.get('items', {})) or 'anything'}"
    return str(schema.get("title") or schema.get("format") or schema.get("type", ""))


def _example(content: dict[str, Any]) -> str:
    return json.dumps(content["example"], ensure_ascii=False, indent=2) if "example" in content else ""
