"""`gatewatch channel`: over what people are told, and whether it works."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from gatewatch.config.errors import known_names, one_fault
from gatewatch.config.teams import LoadedTeams
from gatewatch.config.terminal import telling_faults
from gatewatch.monitor.alerting.outgoing import Outgoing
from gatewatch.monitor.channels import Kind, Message, NotNowError, RefusedError, list_kinds
from gatewatch.monitor.cli_store import Home, Json
from gatewatch.monitor.notifier import SEND_S
from gatewatch.monitor.notifying import told_of
from gatewatch.monitor.settings import load_settings
from gatewatch.monitor.supervisor import REFUSED

app = typer.Typer(help="Over what people are told of alerts, and whether it works.", no_args_is_help=True)

_TEXTS: Mapping[str, tuple[str, str]] = {
    "vi": (
        "Gatewatch: thư thử",
        "Đây là thông báo thử gửi tới {title} lúc {at}. Không có cảnh báo nào. Nếu nhận được, kênh này hoạt động.",
    ),
    "en": (
        "Gatewatch: trial message",
        "This is a trial message to {title} at {at}. Nothing is wrong. If you read it, this channel works.",
    ),
}


@app.command("list")
def list_channels(home: Home = None, *, as_json: Json = False) -> None:
    """Show the channels and contacts that are set up, and what each kind of channel can be told."""
    with telling_faults():
        loaded = told_of(load_settings(home=home))
        kinds = list_kinds()
        if as_json:
            typer.echo(json.dumps(_as_json(loaded, kinds), indent=2, ensure_ascii=False))
            return
        console = Console()
        console.print(f"{loaded.file}\n", soft_wrap=True, highlight=False)
        console.print(_contacts(loaded, kinds))
        for kind in kinds.values():
            console.print()
            console.print(_kind(kind), soft_wrap=True, highlight=False, markup=False)


@app.command("test")
def try_channel(
    contact: Annotated[str, typer.Argument(help="Contact, as the teams file names it.")],
    home: Home = None,
    *,
    as_json: Json = False,
) -> None:
    """Send a trial message to a contact now; ends with status 1, and why, when it is not taken."""
    with telling_faults():
        loaded = told_of(load_settings(home=home))
        found = loaded.teams.contacts.get(contact)
        if found is None:
            raise one_fault("CONTACT", "", f'"{contact}"', _no_contact(contact, loaded))
        channel = loaded.channels[found.channel]
        now = datetime.now(UTC)
        failure = _failure(
            Message(_trial(contact, loaded, now), is_doubtful=False, at=now),
            list_kinds()[channel.kind],
            channel.settings,
        )
        if as_json:
            told = {"contact": contact, "channel": channel.name, "kind": channel.kind, "failure": failure}
            typer.echo(json.dumps(told, ensure_ascii=False))
        elif failure is None:
            typer.echo(f"{contact}: taken by {channel.name} ({channel.kind}). Ask whether it has arrived.")
        else:
            typer.echo(f"{contact}: not taken by {channel.name} ({channel.kind}): {failure}", err=True)
        if failure is not None:
            raise typer.Exit(REFUSED)


def _no_contact(name: str, loaded: LoadedTeams) -> str:
    """Return what to write in the place of a name that is no contact: of a team, its members."""
    if name not in loaded.teams.teams:
        return known_names("contact", name, loaded.teams.contacts)
    return f"that is a team; name one of its contacts: {', '.join(loaded.members(name))}"


def _failure(message: Message, kind: Kind, settings: Any) -> str | None:
    """Return why a message was not taken, or None."""
    try:
        kind.send(message, settings, SEND_S)
    except (NotNowError, RefusedError) as error:
        return str(error)
    return None


def _trial(name: str, loaded: LoadedTeams, now: datetime) -> Outgoing:
    contact = loaded.teams.contacts[name]
    subject, text = _TEXTS[contact.language]
    title = (contact.title_vi if contact.language == "vi" else contact.title) or name
    said = text.format(title=title, at=now.astimezone().strftime("%H:%M:%S %d/%m/%Y"))
    key = f"trial-{now:%Y%m%dT%H%M%S%f}/{name}"
    return Outgoing(
        key, name, contact.channel, contact.address, contact.language, subject, f"{said}\n", said[:160], "clear",
        brief=subject,
    )  # fmt: skip


def _contacts(loaded: LoadedTeams, kinds: Mapping[str, Kind]) -> Table:
    table = Table("contact", "channel", "kind", "language", "address", "leaves this machine", box=None, pad_edge=False)
    for name, contact in loaded.teams.contacts.items():
        channel = loaded.channels[contact.channel]
        leaves = "yes" if kinds[channel.kind].leaves else "no"
        table.add_row(name, channel.name, channel.kind, contact.language, _address(contact.address), leaves)
    return table


def _address(address: str) -> str:
    """Return an address as a terminal may show it: of a URL, which may hold a token, its beginning."""
    scheme, mark, _ = address.partition("://")
    return f"{scheme}://…" if mark else address


def _kind(kind: Kind) -> str:
    lines = [f'kind = "{kind.name}"   address: {kind.address}', kind.description.splitlines()[0]]
    for name, field in kind.settings.model_fields.items():
        default = "required" if field.is_required() else f"default {field.get_default(call_default_factory=True)}"
        lines.append(f"    {name} ({default}): {field.description}")
    return "\n".join(lines)


def _as_json(loaded: LoadedTeams, kinds: Mapping[str, Kind]) -> dict[str, Any]:
    return {
        "file": str(loaded.file),
        "contacts": [
            {
                "contact": name, "channel": contact.channel, "kind": loaded.channels[contact.channel].kind,
                "language": contact.language, "address": _address(contact.address),
                "leaves": kinds[loaded.channels[contact.channel].kind].leaves,
            }
            for name, contact in loaded.teams.contacts.items()
        ],
        "kinds": [
            {
                "kind": kind.name, "description": kind.description, "address": kind.address, "leaves": kind.leaves,
                "settings": kind.settings.model_json_schema(),
            }
            for kind in kinds.values()
        ],
    }  # fmt: skip
