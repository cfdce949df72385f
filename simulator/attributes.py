"""What is drawn once for each vehicle: class, customs channel, patience, and what it would do if it were asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from gatewatch.config.units import US_PER_S
from gatewatch.simulator.kept import once
from gatewatch.simulator.network import CHANNELS, NONE, Group, Network
from gatewatch.simulator.streams import Streams
from gatewatch.simulator.variates import Variate

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Attributes:
    """What is drawn once for each vehicle of a group, each of shape (n,)."""

    classes: Ints
    channels: Ints
    laden_return: Bools
    preregistered: Bools
    patience_us: Ints  # NONE: never turns back
    follows: Floats  # a diversion is followed when this is below its compliance
    heeds: Floats  # a halt is heeded when this is below its compliance


def draw_attributes(
    network: Network, group: Group, mix: Mapping[str, float], given: Ints | None, counts: Sequence[int],
    streams: Streams, name: str,
) -> Attributes:  # fmt: skip
    """
    Return the attributes of the vehicles of a flow.

    Args:
        network: The border.
        group: Gate and direction.
        mix: Weights of the classes; empty means all `general`, or the only class there is.
        given: Classes that the flow itself states, NONE where it does not.
        counts: Vehicles of each day, for the places of the draws.
        streams: Streams of the replication.
        name: Name of the flow, the address of its streams.
    """
    law = _chances(network, group.gate, group.direction)
    n = sum(counts)
    classes = _classes(network, mix, given, counts, streams, name)
    patience = np.full(n, NONE, dtype=np.int64)
    if law.patience:
        luck = streams.uniforms(counts, name, "patience")
        for c, variate in law.patience:
            mine = np.flatnonzero(classes == c)
            patience[mine] = np.rint(variate.quantile_s(luck[mine]) * US_PER_S)
    return Attributes(
        classes=classes,
        channels=_channels(law.channel_edges, classes, counts, streams, name),
        laden_return=_chance(
            np.full(1, group.data.laden_return), np.zeros(n, dtype=np.int64), counts, streams, name, "laden_return"
        ),
        preregistered=_chance(law.preregistered, classes, counts, streams, name, "preregistered"),
        patience_us=patience,
        follows=streams.uniforms(counts, name, "follows"),
        heeds=streams.uniforms(counts, name, "heeds"),
    )


@dataclass(frozen=True, slots=True)
class _Chances:
    """What the attributes of a group's vehicles are drawn from, by class."""

    channel_edges: Floats  # shape (classes, channels), the last column is 1
    preregistered: Floats  # shape (classes,)
    patience: tuple[tuple[int, Variate], ...]


@once
def _chances(network: Network, gate: str, direction: str) -> _Chances:
    data = network.groups[network.group_number(gate, direction)].data
    return _Chances(
        _edges(np.array([_channel_shares(data.selectivity, c) for c in network.classes])),
        np.array([_of_class(data.preregistered, c, 1.0) for c in network.classes]),
        tuple((c, Variate(law, network.root)) for c, law in _by_class(data.patience, network.classes)),
    )


def _classes(
    network: Network, mix: Mapping[str, float], given: Ints | None, counts: Sequence[int], streams: Streams, name: str
) -> Ints:
    if given is not None and (given != NONE).all():
        return given
    weights = np.array([mix.get(c, 0.0) for c in network.classes])
    if not mix:
        weights[network.classes.index("general") if "general" in network.classes else 0] = 1.0
    if np.count_nonzero(weights) == 1:
        drawn = np.full(sum(counts), np.argmax(weights))
    else:
        luck = streams.uniforms(counts, name, "class")
        drawn = np.minimum(np.searchsorted(_edges(weights[None, :])[0], luck, side="right"), len(weights) - 1)
    return drawn if given is None else np.where(given == NONE, drawn, given)


def _edges(weights: Floats) -> Floats:
    edges = np.cumsum(weights, axis=1)
    return np.asarray(edges / edges[:, -1:])


def _channels(edges: Floats, classes: Ints, counts: Sequence[int], streams: Streams, name: str) -> Ints:
    """Return the channel of each vehicle, by the shares of its class; where all are green, no luck is needed."""
    if (edges[:, 0] >= 1).all():
        return np.zeros(len(classes), dtype=np.int64)
    luck = streams.uniforms(counts, name, "channel")
    found = np.zeros(len(classes), dtype=np.int64)
    for column in range(edges.shape[1] - 1):
        found += luck >= edges[classes, column]
    return found


def _chance(shares: Floats, rows: Ints, counts: Sequence[int], streams: Streams, name: str, purpose: str) -> Bools:
    """Return which vehicles have something, by the share of their row; where all or none have, no luck is needed."""
    if (shares <= 0).all() or (shares >= 1).all():
        return np.full(len(rows), bool(shares[0] >= 1))
    return np.asarray(streams.uniforms(counts, name, purpose) < shares[rows])


def _channel_shares(selectivity: Mapping[str, object], name: str) -> list[float]:
    shares = selectivity.get(name, selectivity.get("*"))
    return [1.0, 0.0, 0.0] if shares is None else [float(getattr(shares, c)) for c in CHANNELS]


def _of_class(values: Mapping[str, float], name: str, otherwise: float) -> float:
    return values.get(name, values.get("*", otherwise))


def _by_class(values: Mapping[str, _T], classes: Sequence[str]) -> list[tuple[int, _T]]:
    found = [(n, values.get(c, values.get("*"))) for n, c in enumerate(classes)]
    return [(n, value) for n, value in found if value is not None]
