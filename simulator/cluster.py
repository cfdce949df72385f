"""The workers of a Dask cluster, which do tasks on several machines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module, metadata
from typing import Any

from gatewatch.config.errors import ConfigError, Fault, one_fault
from gatewatch.simulator.workers import Processes, Workers

CONNECT_S = 10  # how long a scheduler may take to answer


@contextmanager
def cluster_workers(address: str) -> Iterator[Workers]:
    """
    Yield the workers of a cluster.

    Args:
        address: Of the scheduler, `tcp://host:port` or `tls://host:port`.

    Raises:
        ConfigError: Dask is not installed, the scheduler does not answer, it has no worker, a worker has other
            versions than we have, or the cluster ends before its tasks do.
    """
    try:
        distributed: Any = import_module("distributed")
    except ImportError:
        raise one_fault(
            "--cluster", "", f'"{address}"', 'Dask is not installed: pip install "gatewatch[cluster]" on every machine'
        ) from None
    try:
        client = distributed.Client(address, timeout=CONNECT_S, set_as_default=False)
    except ValueError as error:
        remedy = f"{error}; give the scheduler's address, like tcp://10.0.0.5:8786"
        raise one_fault("--cluster", "", f'"{address}"', remedy) from None
    except OSError:
        remedy = f"no scheduler answers there within {CONNECT_S} s; start one with `dask scheduler`, or check the port"
        raise one_fault("--cluster", "", f'"{address}"', remedy) from None
    lost = (distributed.client.FutureCancelledError, distributed.KilledWorker, distributed.comm.CommClosedError)
    with client:
        try:
            yield Processes(_n_slots(client, address), client)
        except lost:
            fault = Fault(
                "--cluster", "", f'"{address}"', "its scheduler or workers ended meanwhile; see what they say"
            )
            raise ConfigError([fault], "The run was stopped, and nothing of it is kept.") from None


def _n_slots(client: Any, address: str) -> int:
    """Return how many tasks the workers of a cluster can do at once; refuse a cluster that is not like us."""
    slots: dict[str, int] = client.ncores()
    if not slots:
        remedy = f"its scheduler has no worker; start some with `dask worker {address}`"
        raise one_fault("--cluster", "", f'"{address}"', remedy)
    faults = [
        Fault("--cluster", "", f"worker {worker} {_with(name, theirs)}", f"here it is {ours}; install the same")
        for name, ours in versions().items()
        # A function of Python's own, so that a worker without Gatewatch can answer too.
        for worker, theirs in client.run(metadata.version, name, on_error="return").items()
        if theirs != ours
    ]
    if faults:
        raise ConfigError(faults)
    return sum(slots.values())


def versions() -> dict[str, str]:
    """Return our versions of what the last bit of a result depends on."""
    return {name: metadata.version(name) for name in ("gatewatch", "numba", "numpy", "scipy", "simpy")}


def _with(name: str, theirs: object) -> str:
    return f"with {name} {theirs}" if isinstance(theirs, str) else f"without {name}"
