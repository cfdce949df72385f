"""`gatewatch sentinel`: on another machine, tell when the service has died or tells nobody any more."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import httpx
import typer

from gatewatch.config.errors import known_names, one_fault
from gatewatch.config.loader import load_border
from gatewatch.config.teams import LoadedTeams
from gatewatch.config.thresholds import load_thresholds
from gatewatch.monitor.alerting import rules_of
from gatewatch.monitor.channels.channel import Message
from gatewatch.monitor.channels.kinds import list_kinds
from gatewatch.monitor.channels.teams import load_told
from gatewatch.monitor.cli_feed_options import KeyFile, Url, ending
from gatewatch.monitor.cli_store import now_utc, telling
from gatewatch.monitor.detectors import settings_classes
from gatewatch.monitor.logs import set_up_logs
from gatewatch.monitor.sentinel import LOOKS_EVERY_S, Sentinel, ask, outgoing

_SENDS_FOR_S = 20.0


def sentinel(
    to: Annotated[str, typer.Option("--to", metavar="CONTACT", help="Contact of the teams file that is told.")],
    url: Url = "http://127.0.0.1:8000",
    key_file: KeyFile = None,
    teams: Annotated[Path | None, typer.Option("--teams", metavar="FILE", help="The teams file.")] = None,
    *,
    once: Annotated[bool, typer.Option("--once", help="Look once, and end with status 1 unless all is well.")] = False,
) -> None:
    """
    Look at the service every 15 s and tell a contact when it has died, sleeps or delivers nothing.

    Meant for another machine, with a channel of its own: who lies under a fallen tree does not call for help. The key
    is one of a viewer.
    """
    with telling(), ending("The service is watched no more."):
        tell = _teller(_told(teams), to)
        headers = {"Authorization": f"Bearer {key_file.read_text(encoding='utf-8').strip()}"} if key_file else {}
        with httpx.Client(base_url=url, headers=headers, trust_env=False) as client:
            watch = Sentinel(lambda: ask(client), tell, time.monotonic, 0.0 if once else 60.0)
            set_up_logs()
            while True:
                state = watch.look()
                if once:
                    typer.echo(state)
                    raise typer.Exit(0 if state == "well" else 1)
                time.sleep(LOOKS_EVERY_S)


def _told(file: Path | None) -> LoadedTeams:
    border = load_border().border
    return load_told(border, rules_of(load_thresholds(border, settings_classes())), file)


def _teller(told: LoadedTeams, name: str) -> Callable[[str, str], None]:
    """
    Return what delivers a word to a contact.

    Raises:
        ConfigError: There is no such contact, or its channel does not leave this machine.
    """
    contact = told.teams.contacts.get(name)
    if contact is None:
        raise one_fault("--to", "", f'"{name}"', known_names("contact", name, told.teams.contacts))
    channel = told.channels[contact.channel]
    kind = list_kinds()[channel.kind]
    if not kind.leaves:
        expected = f"{kind.name} stays on the screens of the service itself; choose a contact with mail, SMS or webhook"
        raise one_fault("--to", "", f'"{name}"', expected)

    def tell(vi: str, en: str) -> None:
        word = outgoing(vi, en, contact.language, name, channel.name, contact.address)
        kind.send(Message(word, is_doubtful=False, at=now_utc()), channel.settings, _SENDS_FOR_S)

    return tell
