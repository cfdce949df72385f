"""`gatewatch watch-folder` and `gatewatch mqtt`: what offices and devices have, into the ingest."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from gatewatch.config.errors import one_fault
from gatewatch.config.loader import load_border
from gatewatch.config.terminal import telling_faults
from gatewatch.monitor.cli_feed_options import (
    BorderFolder,
    KeyFile,
    Quiet,
    SpoolFolder,
    Url,
    complain,
    counts_text,
    ending,
    open_spool,
)
from gatewatch.monitor.feeds.bridge import read_bridge
from gatewatch.monitor.feeds.client import DEFAULT_URL, IngestClient, read_key
from gatewatch.monitor.feeds.delivery import Delivery
from gatewatch.monitor.feeds.folder import REASONS_SUFFIX, Handled, Seen, look
from gatewatch.monitor.feeds.mqtt import MqttBridge
from gatewatch.monitor.feeds.plates import PlateKey
from gatewatch.monitor.feeds.posting import REFUSED_FILE, Poster, RefusedLog
from gatewatch.monitor.settings import load_settings

_LOOK_FOR_S = 1.0


def watch_folder(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder into which bulletins are put.")],
    url: Url = DEFAULT_URL,
    key_file: KeyFile = None,
    every: Annotated[float, typer.Option(min=0.1, max=3_600, help="Seconds between two looks.")] = 10.0,
    border: BorderFolder = None,
    *,
    once: Annotated[bool, typer.Option("--once", help="Take in what is there, and end.")] = False,
    quiet: Quiet = False,
) -> None:
    """
    Take in bulletins (CSV, XLSX) that are put into a folder.

    A file is read when it has rested for two looks, then moved to taken/, or to refused/ with a .reasons.txt beside it.
    """
    with telling_faults(), ending("Files that were not moved are taken in at the next start.") as stop:
        if not folder.is_dir():
            raise one_fault("DIR", "", f'"{folder}"', "there is no such folder; make it first")
        known = load_border(border).border
        seen: Seen = {}
        last: list[str] = []
        n_looks, is_refused = 0, False
        with IngestClient(url, read_key(key_file), lambda: datetime.now(UTC)) as sink:
            while not (once and n_looks == 2):
                found = look(folder, sink, seen, datetime.now(UTC), known)
                for handled in found.handled:
                    is_refused = is_refused or bool(handled.troubles)
                    if handled.troubles or not quiet:
                        typer.echo(_told(handled))
                for problem in found.problems:
                    if problem not in last:
                        complain(problem)
                seen, last, n_looks = found.seen, found.problems, n_looks + 1
                if not (once and n_looks == 2) and stop.wait(every):
                    break
        if once and (is_refused or last):
            raise typer.Exit(1)


def _told(handled: Handled) -> str:
    if not handled.troubles:
        return f"{handled.name}: {handled.n_taken} figures taken in."
    reasons = handled.path.with_name(handled.path.name + REASONS_SUFFIX)
    return f"{handled.name}: {handled.n_taken} figures taken in, {len(handled.troubles)} refused; see {reasons}"


def mqtt(
    config: Annotated[Path, typer.Option("--config", metavar="FILE", help="Broker and devices, as TOML.")],
    url: Url = DEFAULT_URL,
    key_file: KeyFile = None,
    spool: SpoolFolder = None,
    border: BorderFolder = None,
    *,
    quiet: Quiet = False,
) -> None:
    """
    Take in what devices publish over MQTT: CloudEvents on gatewatch/SOURCE, and other JSON by a mapping.

    A message is acknowledged when the spool has it, and posted from there until the service has it.
    """
    with telling_faults(), ExitStack() as stack, ending() as stop:
        known, settings = load_border(border).border, load_settings()
        bridge = read_bridge(config, known)
        key = settings.plate_key
        zone = ZoneInfo(known.border.timezone)
        plates = None if key is None else PlateKey(key.get_secret_value().encode(), zone)
        held = stack.enter_context(open_spool(spool, f"mqtt-{bridge.broker.client_id}"))
        sink = stack.enter_context(IngestClient(url, read_key(key_file), lambda: datetime.now(UTC)))
        refused = RefusedLog(held.folder / REFUSED_FILE, lambda: datetime.now(UTC))
        listener = MqttBridge(bridge, known, held, refused, plates, lambda: datetime.now(UTC), stop.wait)
        poster = Poster(held, Delivery(sink, stop.wait, complain), refused)
        listener.start()
        stack.callback(listener.stop)
        if not quiet:
            typer.echo(f"From {bridge.broker.host}:{bridge.broker.port} to {sink.url}. Ctrl-C ends.")
        trouble: str | None = None
        while True:
            if held.wait(_LOOK_FOR_S):
                poster.drain()
            if listener.trouble != trouble:
                trouble = listener.trouble
                complain(trouble or f"All is well again. {counts_text(poster.counted)} so far.")
