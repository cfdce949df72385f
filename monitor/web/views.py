"""Snapshots into what is sent of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from gatewatch.config.feeds import Feed
from gatewatch.config.schema import Border
from gatewatch.monitor.live.backlog import Stock
from gatewatch.monitor.live.figure import Figure
from gatewatch.monitor.live.level import level_shown, worst
from gatewatch.monitor.live.opening import SideState
from gatewatch.monitor.live.snapshot import FlowState, Snapshot, YardState
from gatewatch.monitor.live.sources import SourceState
from gatewatch.monitor.live.waits import ActualTimes
from gatewatch.monitor.web import schemas

Gates = frozenset[str] | None

LEVEL_RULE = "backlog over a day's clearances: busy from 1.2 days, congested from 1.5, critical from 3"


def live_state(snapshot: Snapshot, border: Border, gates: Gates = None) -> schemas.LiveState:
    """Return live state of the gates that may be seen; the province's total is everybody's."""
    return schemas.LiveState.model_construct(
        **_stamp(snapshot, border),
        present=figure(snapshot.present, snapshot.at),
        national_colour=cast("schemas.Colour | None", snapshot.national_colour),
        flows=[flow(f, border, snapshot.at) for f in snapshot.flows if gates is None or f.gate in gates],
    )


def flow_state(snapshot: Snapshot, border: Border, found: FlowState) -> schemas.FlowState:
    """Return live state of one direction of one gate."""
    return schemas.FlowState.model_construct(**_stamp(snapshot, border), flow=flow(found, border, snapshot.at))


def province_state(snapshot: Snapshot, border: Border) -> schemas.ProvinceState:
    """Return the national colour with our levels beside it."""
    levels = [
        schemas.FlowLevel.model_construct(
            gate=f.gate,
            direction=f.direction,
            level=level_shown(f.days_of_work),
            days_of_work=f.days_of_work.value,
            backlog=f.backlog.value,
            is_shut_unplanned=f.opening.own.is_unplanned or f.opening.counterpart.is_unplanned,
            quality=f.days_of_work.quality,
        )
        for f in snapshot.flows
    ]
    return schemas.ProvinceState.model_construct(
        **_stamp(snapshot, border),
        present=figure(snapshot.present, snapshot.at),
        national_colour=cast("schemas.Colour | None", snapshot.national_colour),
        level=worst(level.level for level in levels),
        rule=LEVEL_RULE,
        flows=levels,
    )


def sources_state(
    snapshot: Snapshot, border: Border, feeds: Mapping[str, Feed], gates: Gates,
    counted_at: Mapping[str, frozenset[str]],
) -> schemas.SourcesState:  # fmt: skip
    """
    Return how the sources do; a feed of no gate is everybody's.

    Args:
        snapshot: Live state.
        border: For names.
        feeds: Feeds declared, by source.
        gates: What the caller may see.
        counted_at: Gates at which sources that no feed declares have counted; elsewhere they are nobody's business.
    """
    found = [_source(state, feeds.get(state.source)) for state in snapshot.sources]
    shown = [
        source
        for source in found
        if gates is None
        or source.gate in gates
        or (source.gate is None and (source.is_declared or gates & counted_at.get(source.source, frozenset())))
    ]
    return schemas.SourcesState.model_construct(**_stamp(snapshot, border), sources=shown)


def flow(state: FlowState, border: Border, now: datetime) -> schemas.FlowModel:
    """Return one direction of one gate."""
    gate, opening = border.gates[state.gate], state.opening
    return schemas.FlowModel.model_construct(
        gate=state.gate,
        direction=state.direction,
        title=gate.title or state.gate,
        title_vi=gate.title_vi or gate.title or state.gate,
        is_open=opening.is_open(now),
        own=_side(opening.own),
        counterpart=_side(opening.counterpart),
        backlog=_backlog(state.backlog, state.stock, now),
        days_of_work=figure(state.days_of_work, now),
        level=level_shown(state.days_of_work),
        cleared_today=figure(state.cleared_today, now),
        cleared_by_class={name or "unknown": n for name, n in sorted(state.cleared_by_class.items())},
        arrived_today=figure(state.arrived_today, now),
        rate_15=figure(state.rate_15, now),
        rate_60=figure(state.rate_60, now),
        arrival_rate_60=figure(state.arrival_rate_60, now),
        capacity=schemas.CapacityModel.model_construct(
            value=state.capacity.value, low=state.capacity.low, high=state.capacity.high, unit="veh/h",
            n_hours=state.capacity.n_hours,
        ),
        expected=schemas.ExpectedModel.model_construct(
            value_s=state.expected.value_s, low_s=state.expected.low_s, high_s=state.expected.high_s,
            crosses_at=state.expected.crosses_at, is_today=state.expected.is_today,
        ),
        actual_wait=_actual(state.actual_wait),
        actual_crossing=_actual(state.actual_crossing),
        yards=[_yard(yard, now) for yard in state.yards],
    )  # fmt: skip


def figure(found: Figure, now: datetime) -> schemas.FigureModel:
    """Return a figure."""
    return schemas.FigureModel.model_construct(**_values(found, now))


def _values(found: Figure, now: datetime) -> dict[str, Any]:
    return {
        "value": found.value,
        "unit": found.unit,
        "low": found.low,
        "high": found.high,
        "quality": found.quality,
        "method": found.method,
        "as_of": found.as_of,
        "age_s": found.age_s(now),
        "coverage": found.coverage,
        "sources": list(found.sources),
    }


def _backlog(found: Figure, stock: Stock, now: datetime) -> schemas.BacklogModel:
    anchor = None
    if stock.anchor is not None:
        anchor = schemas.AnchorModel.model_construct(
            at=stock.anchor.at, value=stock.anchor.value, half_width=stock.anchor.half_width, source=stock.anchor.source
        )
    values = _values(found, now)
    return schemas.BacklogModel.model_construct(**values, anchor=anchor, drift=stock.drift, clamped=stock.clamped)


def _side(state: SideState) -> schemas.SideModel:
    return schemas.SideModel.model_construct(
        state=cast(Any, state.state), next_change=state.next_change, is_reported=state.is_reported,
        is_unplanned=state.is_unplanned, reason=state.reason,
    )  # fmt: skip


def _actual(times: ActualTimes) -> schemas.ActualModel:
    return schemas.ActualModel.model_construct(
        p50_s=times.p50_s, p90_s=times.p90_s, n=times.n, n_outside=times.n_outside, matched=times.matched
    )


def _yard(state: YardState, now: datetime) -> schemas.YardModel:
    value, places = state.inside.value, state.places
    fill = value / places if value is not None and places else None
    return schemas.YardModel.model_construct(
        yard=state.yard, inside=figure(state.inside, now), places=places, fill=fill
    )


def _source(state: SourceState, feed: Feed | None) -> schemas.SourceModel:
    since = state.silent_since
    return schemas.SourceModel.model_construct(
        source=state.source,
        title=feed.title if feed is not None else "",
        title_vi=feed.title_vi if feed is not None else "",
        kind=feed.kind if feed is not None else None,
        gate=feed.gate if feed is not None else None,
        is_declared=state.is_declared,
        last_heard=state.last_heard,
        last_said=state.last_said,
        is_expected=state.is_expected,
        is_silent=since is not None,
        silent_since=since if since is not None and since.year > 1 else None,  # the year 1 stands for ever
        n_missing=state.n_missing,
        skew_s=state.skew_s,
        n_repeated=state.n_repeated,
    )


def _stamp(snapshot: Snapshot, border: Border) -> dict[str, Any]:
    return {"rev": snapshot.rev, "at": snapshot.at, "zone": border.border.timezone}
