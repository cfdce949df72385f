"""The hand-over that the shift log drafts by itself: what passed, what was reported and decided, what is amiss."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from pydantic import Field

from gatewatch.config.calendars import DirectionName
from gatewatch.monitor.core import Core
from gatewatch.monitor.forecasts.decisions import DO_NOTHING
from gatewatch.monitor.live.backlog import Stock
from gatewatch.monitor.live.counted import Counted
from gatewatch.monitor.live.happenings import HappeningKind, happenings
from gatewatch.monitor.live.over_time import FlowOver, flow_over, flows_of
from gatewatch.monitor.projection.projecting import Projection
from gatewatch.monitor.store.forecasts import Consent
from gatewatch.monitor.web.alert_schemas import BothLanguages
from gatewatch.monitor.web.schemas import Answer, Level, Utc

WATCHDOG: Final = "watchdog"  # it always fires: that it does is its message
MOST_ALERTS: Final = 200


class StockModel(Answer):
    """Vehicles inside at one instant."""

    value: float | None = Field(description="Null where it is not known [veh].")
    low: float | None = Field(description="Lower end of the band [veh].")
    high: float | None = Field(description="Upper end of the band [veh].")


class PassedModel(Answer):
    """Vehicles that passed a point."""

    value: int | None = Field(description="Null where nobody counted [veh].")
    coverage: float = Field(description="Share of the time in which a feed was heard.")


class FlowOverModel(Answer):
    """What one direction of one gate did in a shift."""

    gate: str
    direction: DirectionName
    before: StockModel = Field(description="Inside when the shift began.")
    after: StockModel = Field(description="Inside at its end, or now.")
    cleared: PassedModel
    arrived: PassedModel


class HappeningModel(Answer):
    """Something that was reported."""

    at: Utc
    kind: HappeningKind
    gate: str
    source: str
    id: str
    who: str | None = Field(description="Account or key that reported by hand; null for a device.")
    said: dict[str, Any] = Field(description="The facts, as the observation has them.")


class AlertBrief(Answer):
    """An alert that fired in the shift, or was open from before."""

    id: str
    gate: str | None = Field(description="Null: the province, or the service itself.")
    level: Level
    sentence: BothLanguages
    fired_at: Utc
    resolved_at: Utc | None = Field(description="Null: it is still open.")


class SilentModel(Answer):
    """A feed that should be heard and is not."""

    source: str
    gate: str | None
    since: Utc | None = Field(description="Null: it was never heard.")


class DecisionBrief(Answer):
    """A decision that was taken in the shift."""

    id: str
    at: Utc
    who: str
    gates: list[str] = Field(description="Gates whose forecast it changes; none: it changes none.")
    title: BothLanguages
    is_nothing: bool = Field(description="Whether it was decided to do nothing.")
    consent: Consent = Field(description="Of the Chinese side.")
    note: str


class DraftModel(Answer):
    """What the log knows by itself of a shift."""

    begins: Utc
    ends: Utc = Field(description="When it was signed, or now.")
    flows: list[FlowOverModel]
    happenings: list[HappeningModel] = Field(description="Closures, other hours, lanes, counts by hand.")
    decisions: list[DecisionBrief] = Field(default=[], description="Taken on forecasts, in their order.")
    alerts: list[AlertBrief] = Field(description="Those of congestion, closures and data, the open ones first.")
    silent: list[SilentModel] = Field(description="Feeds that are silent at its end.")

    def seen_by(self, gates: frozenset[str] | None) -> DraftModel:
        """Return what somebody who is bound to gates may see of it."""
        if gates is None:
            return self
        return self.model_copy(
            update={
                "flows": [flow for flow in self.flows if flow.gate in gates],
                "happenings": [happening for happening in self.happenings if happening.gate in gates],
                "decisions": [
                    decision for decision in self.decisions if not decision.gates or gates & set(decision.gates)
                ],
                "alerts": [alert for alert in self.alerts if alert.gate is None or alert.gate in gates],
                "silent": [feed for feed in self.silent if feed.gate is None or feed.gate in gates],
            }
        )


def draft(core: Core, gate: str | None, begins: datetime, ends: datetime) -> DraftModel:
    """
    Return the draft of a shift.

    Args:
        core: The core.
        gate: Only this gate; None: every one.
        begins: When the shift began, aware UTC.
        ends: Now.
    """
    who = {deed.subject: deed.who for deed in core.audit.deeds_since(begins)}
    places = [(name, direction) for name, direction in flows_of(core.border) if gate in (None, name)]

    def look(projection: Projection) -> tuple[list[FlowOver], list[Any]]:
        flows = [flow_over(core.border, core.feeds, projection, *place, begins, ends) for place in places]
        return flows, happenings(projection, begins, ends)

    flows, happened = core.projector.read(look)
    return DraftModel(
        begins=begins,
        ends=ends,
        flows=[_flow(flow) for flow in flows],
        happenings=[
            HappeningModel(
                at=h.at, kind=h.kind, gate=h.gate, source=h.source, id=h.id, who=who.get(f"{h.source} {h.id}"),
                said=h.said,
            )
            for h in happened
            if gate in (None, h.gate)
        ],
        decisions=_decisions(core, gate, begins, ends),
        alerts=_alerts(core, gate, begins, ends),
        silent=_silent(core, gate, ends),
    )  # fmt: skip


def _decisions(core: Core, gate: str | None, begins: datetime, ends: datetime) -> list[DecisionBrief]:
    found = []
    for decision in core.decisions.stored.decided(begins, ends):
        gates = sorted({row["gate"] for row in decision.foretold["flows"]})
        if gates and gate is not None and gate not in gates:
            continue
        title = decision.foretold.get("title") or dict.fromkeys(("vi", "en"), decision.alternative)
        found.append(
            DecisionBrief(
                id=decision.id, at=decision.decided_at, who=decision.decided_by, gates=gates,
                title=BothLanguages(vi=title["vi"], en=title["en"]), is_nothing=decision.alternative == DO_NOTHING,
                consent=decision.consent, note=decision.note,
            )
        )  # fmt: skip
    return found


def _alerts(core: Core, gate: str | None, begins: datetime, ends: datetime) -> list[AlertBrief]:
    found = []
    for kept in core.watch.book.of_period(begins, ends):
        alert = kept.alert
        if alert.fired_at is None or alert.key.rule == WATCHDOG or gate not in (None, kept.gate):
            continue
        is_over = alert.resolved_at is not None and alert.resolved_at <= ends
        found.append(
            AlertBrief(
                id=kept.id, gate=kept.gate, level=alert.level,
                sentence=BothLanguages(vi=kept.saying.vi, en=kept.saying.en), fired_at=alert.fired_at,
                resolved_at=alert.resolved_at if is_over else None,
            )
        )  # fmt: skip
    return sorted(found, key=lambda brief: brief.resolved_at is not None)[:MOST_ALERTS]


def _silent(core: Core, gate: str | None, now: datetime) -> list[SilentModel]:
    found = []
    for state in core.projector.live(now).sources:
        feed = core.feeds.get(state.source)
        of = feed.gate if feed is not None else None
        if state.silent_since is not None and (gate is None or of in (None, gate)):
            found.append(
                SilentModel(source=state.source, gate=of, since=state.silent_since if state.last_heard else None)
            )
    return found


def _flow(found: FlowOver) -> FlowOverModel:
    return FlowOverModel(
        gate=found.gate, direction=found.direction, before=_stock(found.before), after=_stock(found.after),
        cleared=_passed(found.cleared), arrived=_passed(found.arrived),
    )  # fmt: skip


def _stock(stock: Stock) -> StockModel:
    return StockModel(value=stock.value, low=stock.low, high=stock.high)


def _passed(counted: Counted) -> PassedModel:
    return PassedModel(value=counted.n, coverage=counted.coverage)
