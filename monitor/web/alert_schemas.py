"""Alerts as JSON, and what people may send about them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from gatewatch.monitor.observations.instants import Instant
from gatewatch.monitor.web.schemas import Answer, Level, Utc

AlertState = Literal["inactive", "pending", "firing", "recovering", "resolved", "no_data", "error"]
Text = Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"\S")]


class BothLanguages(Answer):
    """A sentence in both languages."""

    vi: str
    en: str


class AcknowledgedModel(Answer):
    """Who has taken an alert on."""

    by: str
    at: Utc
    until: Utc = Field(description="From then on nobody has it.")


class SilenceBrief(Answer):
    """What keeps an alert quiet."""

    id: str
    reason: str
    until: Utc


class UsefulnessModel(Answer):
    """Whether somebody found an alert useful."""

    useful: bool
    by: str
    at: Utc


class DeliveriesModel(Answer):
    """Messages that tell of an alert, of those that are kept: its timeline says longer who was told."""

    waiting: int
    sent: int
    failed: int = Field(description="Given up.")


class AlertModel(Answer):
    """One alert."""

    id: str
    rule: str
    gate: str | None = Field(description="Null: the province, or the service itself.")
    direction: Literal["export", "import"] | None = Field(description="Null: both.")
    labels: dict[str, str]
    state: AlertState
    level: Level
    level_before: Level | None
    value: float | None = Field(description="Number judged last; null where there is none.")
    unit: str
    threshold: float | None = Field(description="Of its level.")
    since: Utc = Field(description="First evaluation at which the condition held.")
    fired_at: Utc | None = Field(description="Null while it only waits.")
    resolved_at: Utc | None
    sentence: BothLanguages
    runbook: BothLanguages = Field(description="What to do.")
    acknowledged: AcknowledgedModel | None
    assigned_to: str | None
    silence: SilenceBrief | None
    inhibited_by: dict[str, str] | None = Field(description="Labels of the alert that explains this one.")
    next_escalation_at: Utc | None
    deliveries: DeliveriesModel
    n_notes: int


class DoubtModel(Answer):
    """A rule of which nobody can say at present whether it should alert."""

    rule: str
    gate: str | None
    direction: Literal["export", "import"] | None
    labels: dict[str, str]
    state: Literal["no_data", "error"]
    since: Utc


class AlertsModel(Answer):
    """Alerts at one revision."""

    rev: int = Field(description="Grows with every evaluation and every deed.")
    at: Utc | None = Field(description="Last evaluation; null: not yet.")
    alerts: list[AlertModel]
    doubts: list[DoubtModel] = Field(description="What cannot be judged at present; nothing of it is called normal.")


class TimelineEntry(Answer):
    """One line of an alert's timeline."""

    at: Utc
    kind: str = Field(
        description="State that it came to, `level`, `told`, `escalated`, or what a person did: `acknowledged`, "
        "`given_back`, `note`, `assigned`, `silenced`, `silence_ended`, `useful`, `not_useful`, `usefulness_withdrawn`."
    )
    by: str | None = Field(description="Account or key; null: the service.")
    text: str = Field(description="Note, reason, destination; before a change of level, the level before.")
    sentence: BothLanguages | None = Field(description="What the rule said then.")
    level: Level | None


class TryModel(Answer):
    """One try to deliver a message."""

    at: Utc
    result: Literal["sent", "failed", "unknown"]
    said: str


class DeliveryModel(Answer):
    """A message that tells of an alert."""

    number: int
    destination: str
    channel: str
    state: Literal["waiting", "sent", "dead"]
    subject: str
    made_at: Utc
    settled_at: Utc | None
    is_doubtful: bool = Field(description="It may have arrived twice, or once although it was given up.")
    tries: list[TryModel]


class AlertDetail(AlertModel):
    """One alert with everything that happened to it."""

    rev: int
    usefulness: UsefulnessModel | None = Field(description="What was said last; null: nothing.")
    timeline: list[TimelineEntry]
    messages: list[DeliveryModel]


class Acknowledging(BaseModel):
    """Taking an alert on."""

    model_config = ConfigDict(extra="forbid", strict=True)

    minutes: Annotated[int, Field(ge=1, le=1_440)] = 60
    note: Annotated[str, Field(max_length=2_000)] = ""


class Noting(BaseModel):
    """A note."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: Text


class Assigning(BaseModel):
    """Giving an alert to somebody."""

    model_config = ConfigDict(extra="forbid", strict=True)

    user: Annotated[str, Field(max_length=64)] | None = Field(description="An account; null: nobody.")


class Usefulness(BaseModel):
    """Saying whether an alert was useful."""

    model_config = ConfigDict(extra="forbid", strict=True)

    useful: bool | None = Field(description="Null: what was said before holds no more.")
    note: Annotated[str, Field(max_length=2_000)] = ""


class NewSilence(BaseModel):
    """A silence to be made."""

    model_config = ConfigDict(extra="forbid")

    matchers: Annotated[list[Annotated[str, Field(max_length=200)]], Field(min_length=1, max_length=10)] = Field(
        description="Conditions on labels, as Alertmanager writes them; all must hold.", examples=[['gate="huu_nghi"']]
    )
    reason: Text
    until: Instant = Field(description="When it ends by itself, at most seven days ahead.")


class SilenceModel(Answer):
    """A silence."""

    id: str
    matchers: list[str]
    author: str
    reason: str
    begins: Utc
    until: Utc
    is_in_force: bool
    ended_by: str | None = Field(description="Who ended it early.")


class SilencesModel(Answer):
    """Silences of the last seven days, the last first."""

    silences: list[SilenceModel]


class Repeating(Answer):
    """A rule and place that alerts often."""

    labels: dict[str, str]
    n: int = Field(description="Times that it fired.")
    share: float = Field(description="Of all.")


class RuleQualityModel(Answer):
    """A rule that fired, and what people said of its alerts."""

    rule: str
    n_fired: int
    n_useful: int
    n_useless: int


class QualityModel(Answer):
    """How good the alarms are (EEMUA 191, ISA-18.2)."""

    begins: Utc
    ends: Utc
    hours: float = Field(description="Length of the period [h].")
    n_fired: int = Field(description="Alerts that began to fire.")
    per_operator_hour: float = Field(description="For one operator at a time; EEMUA calls 6 an hour manageable.")
    n_critical: int
    busiest_10_min: int = Field(description="Most within ten minutes; more than 10 is a flood.")
    flood_share: float = Field(description="Share of the ten-minute spans with more than 10.")
    chattering: list[Repeating] = Field(description="Fired at least three times within an hour.")
    stale: list[AlertModel] = Field(description="Fire for more than a day.")
    top: list[Repeating] = Field(description="The ten that fired most often.")
    rules: list[RuleQualityModel] = Field(description="The most frequent first.")
    acknowledged_share: float | None = Field(description="Of those that fired; null when none did.")
    median_to_acknowledge_s: float | None = Field(description="From firing to the first acknowledgement [s].")


class CapModel(Answer):
    """An alert in the words of the Common Alerting Protocol 1.2, as JSON."""

    identifier: str
    sender: str
    sent: str
    status: Literal["Actual"]
    msgType: Literal["Alert", "Update", "Cancel"]  # noqa: N815 - CAP's own name
    scope: Literal["Restricted"]
    restriction: str
    references: str | None
    info: list[dict[str, Any]]
