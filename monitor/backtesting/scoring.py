"""How well rules tell of congestion: what was found, how early, and how often they cried wolf."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from gatewatch.monitor.backtesting.replaying import Firing, Replayed
from gatewatch.monitor.backtesting.truth import Episode, Filled, Place
from gatewatch.monitor.detectors.kinds import list_detectors

EARLY: Final = timedelta(hours=48)  # an alert so long before an episode is the first sign of it
LATE: Final = timedelta(hours=24)  # an alert so soon after its end belongs to it
ANY: Final = "any congestion rule"
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Score:
    """
    One rule over one replay.

    Args:
        rule: Its name; `ANY` for all rules about the congestion of a gate together.
        n_alerts: Alerts that fired at gates that were scored.
        per_day: Of them a day.
        n_false: Of them those without an episode of their gate and direction; None where the truth is not known.
        false_per_week: Of them a week and gate.
        n_episodes: Episodes that there were.
        n_detected: Of them those that an alert told of.
        leads_h: For each detected episode, from its first alert to its first evening [h]; negative: afterwards.
    """

    rule: str
    n_alerts: int
    per_day: float
    n_false: int | None
    false_per_week: float | None
    n_episodes: int | None
    n_detected: int | None
    leads_h: tuple[float, ...] = ()

    @property
    def detected(self) -> float | None:
        """Share of the episodes that were told of; None without any."""
        return None if not self.n_episodes or self.n_detected is None else self.n_detected / self.n_episodes

    @property
    def lead_h(self) -> float | None:
        """Median of the leads [h]; None without any."""
        return median(self.leads_h) if self.leads_h else None


@dataclass(frozen=True, slots=True)
class First:
    """
    The first alert about the congestion of a gate, and how long before something happened there.

    Args:
        gate: Gate.
        what: What happened.
        at: When.
        firing: The first alert before that; None: there was none.
    """

    gate: str
    what: str
    at: datetime
    firing: Firing | None

    @property
    def lead_h(self) -> float | None:
        """How long before [h]."""
        return None if self.firing is None else (self.at - self.firing.fired_at) / _HOUR


def congestion_rules() -> list[str]:
    """Return the rules that tell of the congestion of a gate; the national colours know no gate."""
    return [
        name for name, found in list_detectors().items() if found.about == "congestion" and name != "national_colour"
    ]


def scores(replayed: Replayed, gates: Collection[str], episodes: Sequence[Episode] | None) -> list[Score]:
    """
    Return how each congestion rule did, then all of them together.

    Args:
        replayed: The replay.
        gates: Gates that are watched.
        episodes: True congestion; None where it is not known.
    """
    rules = congestion_rules()
    mine = [firing for firing in replayed.firings if firing.rule in rules]
    found = [_score(rule, [f for f in mine if f.rule == rule], replayed, gates, episodes) for rule in rules]
    return [*found, _score(ANY, mine, replayed, gates, episodes)]


def is_about(firing: Firing, episode: Episode) -> bool:
    """Return whether an alert tells of an episode: of the same gate and direction, while it lasts or shortly before."""
    if not same_place(firing.place, episode.place):
        return False
    begun = firing.fired_at <= episode.ends + LATE if episode.ends is not None else True
    return begun and (firing.resolved_at is None or firing.resolved_at >= episode.begins - EARLY)


def same_place(one: Place, other: Place) -> bool:
    """Return whether two places are the same; without a direction both are meant."""
    return one[0] == other[0] and (not one[1] or not other[1] or one[1] == other[1])


def _score(
    rule: str, mine: Sequence[Firing], replayed: Replayed, gates: Collection[str], episodes: Sequence[Episode] | None
) -> Score:
    per_day = len(mine) / (replayed.weeks * 7)
    if episodes is None:
        return Score(rule, len(mine), per_day, None, None, None, None)
    wrong = sum(not any(is_about(firing, episode) for episode in episodes) for firing in mine)
    leads = []
    for episode in episodes:
        own = [
            firing.fired_at
            for firing in mine
            if is_about(firing, episode) and (episode.ends is None or firing.fired_at <= episode.ends)
        ]
        if own:
            leads.append((episode.begins - min(own)) / _HOUR)
    weekly = wrong / replayed.weeks / max(1, len(gates))
    return Score(rule, len(mine), per_day, wrong, weekly, len(episodes), len(leads), tuple(leads))


def firsts(replayed: Replayed, happened: Iterable[tuple[str, str, datetime]]) -> list[First]:
    """
    Return the first alert about congestion before each thing that happened.

    Args:
        replayed: The replay.
        happened: Gate, what, and when.
    """
    rules = congestion_rules()
    found = []
    for gate, what, at in happened:
        own = [
            f for f in replayed.firings
            if f.rule in rules and (f.place[0] == gate or gate == "all") and f.fired_at <= at
        ]  # fmt: skip
        found.append(First(gate, what, at, min(own, key=lambda f: f.fired_at, default=None)))
    return found


def filling(found: Iterable[Filled]) -> list[tuple[str, str, datetime]]:
    """Return yards that filled up as things that happened."""
    return [(one.gate, f"{one.yard} full ({one.direction})", one.at) for one in found]
