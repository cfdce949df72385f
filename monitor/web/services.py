"""What routes work with: the core, the clock, the stream, the metrics."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends
from starlette.requests import Request

from gatewatch.monitor.access import Buckets, Caller
from gatewatch.monitor.core import Core
from gatewatch.monitor.web.handover import Handover
from gatewatch.monitor.web.metrics import Metrics
from gatewatch.monitor.web.stream_hub import Hub
from gatewatch.monitor.web.tail import Tail

if TYPE_CHECKING:
    from gatewatch.monitor.web.page import Screens

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Services:
    """
    What every route may use.

    Args:
        core: Store, writer, projector, register.
        clock: Says the time, aware UTC.
        buckets: How fast callers may knock.
        hub: Clients of the stream.
        metrics: What is counted.
        screens: What pages are made of.
        tail: The last arrivals of each source.
        handover: To the writer and back.
    """

    core: Core
    clock: Clock
    buckets: Buckets
    hub: Hub
    metrics: Metrics
    screens: Screens
    tail: Tail
    handover: Handover

    @property
    def zone(self) -> ZoneInfo:
        """Time zone of the border."""
        return ZoneInfo(self.core.border.border.timezone)


def services_of(request: Request) -> Services:
    """Return the services of the application that serves a request."""
    found = request.app.state.services
    assert isinstance(found, Services)
    return found


def caller_of(request: Request) -> Caller:
    """Return who makes a request that a guarded route let in."""
    found = request.state.caller
    assert isinstance(found, Caller)
    return found


def address_of(request: Request) -> str:
    """Return where a request comes from."""
    return request.client.host if request.client is not None else ""


# FastAPI hands what is no coroutine to a worker thread, which costs more than what these do.
async def _services(request: Request) -> Services:
    return services_of(request)


async def _caller(request: Request) -> Caller:
    return caller_of(request)


async def _address(request: Request) -> str:
    return address_of(request)


Serving = Annotated[Services, Depends(_services)]
Calling = Annotated[Caller, Depends(_caller)]
Address = Annotated[str, Depends(_address)]
