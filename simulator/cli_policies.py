"""`gatewatch policy`: what a planner can decide, with which settings, and what is known of it."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gatewatch.config.faults import shown
from gatewatch.config.loader import LoadedBorder, load_border
from gatewatch.config.schema import Source
from gatewatch.config.terminal import telling_faults
from gatewatch.simulator.policies import Kind, Policy, find_policy, list_kinds, list_policies

app = typer.Typer(name="policy", help="List policies, and explain one.", no_args_is_help=True)

BorderFolder = Annotated[
    str | None, typer.Option("--border", help="Folder or TOML file of the border; without it, Lang Son.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_(border: BorderFolder = None, *, as_json: AsJson = False) -> None:
    """List the ready policies of a border."""
    with telling_faults():
        found = list_policies(load_border(border))
    if as_json:
        rows = [
            {"name": p.name, "kind": p.kind.name, "lever": p.lever, "title": p.title, "title_vi": p.title_vi}
            for p in found.values()
        ]
        typer.echo(_json({"policies": rows}))
        return
    table = _table("policy", "kind", "lever", "what it does")
    for policy in sorted(found.values(), key=lambda p: (p.lever_number, p.name)):
        _add(table, policy.name, policy.kind.name, policy.lever, policy.title)
    Console(highlight=False).print(table if found else "This border has no ready policies; see gatewatch policy kinds.")


@app.command()
def kinds(*, as_json: AsJson = False) -> None:
    """List the kinds of policies; each can be given settings on the spot."""
    found = list_kinds()
    if as_json:
        rows = [{"name": k.name, "description": k.description, "settings": k.schema()} for k in found.values()]
        typer.echo(_json({"kinds": rows}))
        return
    table = _table("kind", "what it does")
    for kind in found.values():
        _add(table, kind.name, kind.summary)
    Console(highlight=False).print(table)


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A ready policy, a kind, or NAME:key=value,… or FILE.toml.")],
    *,
    border: BorderFolder = None,
    as_json: AsJson = False,
) -> None:
    """Explain a policy: settings, conditions, what was reported, how to use it; of a kind, its settings."""
    with telling_faults():
        loaded = load_border(border)
        kind = list_kinds().get(name)
        policy = None if kind is not None else find_policy(name, loaded)
    if policy is not None:
        if as_json:
            typer.echo(_json(as_rows(policy, loaded)))
        else:
            _print_policy(Console(highlight=False), policy, loaded)
    elif kind is not None:
        if as_json:
            typer.echo(_json(kind.schema()))
        else:
            _print_kind(Console(highlight=False), kind)


def as_rows(policy: Policy, loaded: LoadedBorder) -> dict[str, Any]:
    """Return what is known of a policy as plain values: what `--json` prints and a planner's form shows."""
    return {
        "name": policy.name,
        "kind": policy.kind.name,
        "lever": policy.lever,
        "title": policy.title,
        "title_vi": policy.title_vi,
        "text": policy.text,
        "settings": _plain(policy.stated()),
        "basis": policy.basis,
        "conditions": policy.conditions,
        "conditions_vi": policy.conditions_vi,
        "effect": policy.effect,
        "effect_vi": policy.effect_vi,
        "sources": [
            {"key": key, **_source(loaded, key).model_dump()} for key in (*policy.sources, *_own_sources(policy))
        ],
        "schema": policy.kind.schema(),
    }


def _own_sources(policy: Policy) -> list[str]:
    """Return the sources of settings that are not among those of its texts."""
    named = [origin.source for origin in policy.document.origins.values() if origin.source]
    return [key for key in dict.fromkeys(named) if key not in policy.sources]


def _source(loaded: LoadedBorder, key: str) -> Source:
    return loaded.border.sources.get(key, Source(title=key))


def _plain(settings: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(settings, default=str))
    return plain


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


# --- printing ---------------------------------------------------------------------------------------


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE, pad_edge=False)
    for n, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=n == 0)
    return table


def _add(table: Table, *cells: str, style: str = "") -> None:
    """Add a row of plain text: what stands in brackets is no markup."""
    table.add_row(*(Text(cell) for cell in cells), style=style)


def _print_policy(console: Console, policy: Policy, loaded: LoadedBorder) -> None:
    lever = f", {policy.lever}" if policy.lever else ""
    console.print(Text(f"{policy.title} ({policy.name})", style="bold"))
    if policy.title_vi:
        console.print(Text(policy.title_vi))
    console.print(Text(f"Kind {policy.kind.name}{lever}. {policy.kind.summary}"))
    console.print(_settings_table(policy.kind, policy))
    for heading, text in (
        ("Conditions and traps", policy.conditions),
        ("Điều kiện", policy.conditions_vi),
        ("What was reported", policy.effect),
        ("Đã ghi nhận", policy.effect_vi),
    ):
        if text:
            console.print(Text(heading, style="bold"))
            console.print(Text(text))
    if policy.effect:
        console.print(Text("No source measured it against a control: what is told is what came after it."))
    for key in (*policy.sources, *_own_sources(policy)):
        source = _source(loaded, key)
        console.print(Text(f"  [{key}] {source.title}{f' ({source.date})' if source.date else ''} {source.url}"))
    console.print(Text("Use", style="bold"))
    console.print(Text(f"  gatewatch compare SCENARIO --policy {policy.name}"))


def _print_kind(console: Console, kind: Kind) -> None:
    console.print(Text(kind.name, style="bold"))
    console.print(Text(kind.description))
    console.print(_settings_table(kind, None))
    pairs = ",".join(f"{key}={_bare(value)}" for key, value in kind.neutral.items())
    console.print(Text("Use (with these settings nothing changes; put yours)", style="bold"))
    console.print(Text(f"  gatewatch compare SCENARIO --policy '{kind.name}:{pairs}'"))


def _bare(value: Any) -> str:
    if isinstance(value, list):
        return f"[{','.join(_bare(item) for item in value)}]"
    return value if isinstance(value, str) else shown(value)


def _settings_table(kind: Kind, policy: Policy | None) -> Table:
    """Return the settings with their values and where these come from, or with their defaults."""
    schema = kind.schema()
    stated = {} if policy is None else policy.stated()
    table = _table("setting", "value", "unit", "basis", "meaning") if policy else _table(
        "setting", "default", "unit", "meaning"
    )  # fmt: skip
    for key, field in schema["properties"].items():
        default = "needed" if key in schema.get("required", []) else _default(field.get("default"))
        if policy is None:
            _add(table, key, default, field["unit"], field["description"])
        elif key in stated:
            _add(table, key, _bare(stated[key]), field["unit"], _basis(policy, key), field["description"])
        else:
            _add(table, key, default, field["unit"], "", field["description"], style="dim")
    return table


def _basis(policy: Policy, key: str) -> str:
    origin = policy.document.origin((key,))
    if origin is None or origin.basis is None:
        return "assumed"
    return f"{origin.basis} [{origin.source}]" if origin.source else origin.basis


def _default(value: Any) -> str:
    return "" if value is None else _bare(value)
