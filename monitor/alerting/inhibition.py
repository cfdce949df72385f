"""Inhibition: alerts that are kept quiet because another one already tells why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gatewatch.monitor.alerting.labels import AlertKey, Matcher, all_match


@dataclass(frozen=True, slots=True)
class Inhibition:
    """
    While a source fires, its targets are not told.

    Args:
        name: For people.
        source: Matchers of the alert that explains.
        target: Matchers of the alerts that follow from it.
        equal: Labels in which both must agree; one that neither has is equal.
    """

    name: str
    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...] = ("gate",)


@dataclass(frozen=True, slots=True)
class Causes:
    """The alerts that are a source of an inhibition now, by the values of the labels in which targets must agree."""

    inhibition: Inhibition
    sources: Mapping[tuple[str, ...], Sequence[AlertKey]]


def find_causes(firing: Iterable[AlertKey], inhibitions: Iterable[Inhibition]) -> tuple[Causes, ...]:
    """Return what the firing alerts explain, in the order of the inhibitions."""
    alerts = tuple(firing)
    found = []
    for inhibition in inhibitions:
        sources: dict[tuple[str, ...], list[AlertKey]] = {}
        for key in alerts:
            if all_match(inhibition.source, key):
                sources.setdefault(_agreed(inhibition, key), []).append(key)
        found.append(Causes(inhibition, sources))
    return tuple(found)


def find_inhibitor(key: AlertKey, causes: Iterable[Causes]) -> AlertKey | None:
    """
    Return the firing alert that keeps an alert quiet, or None.

    What is both source and target of an inhibition is not kept quiet by another such alert, so that no two alerts
    silence each other. A source counts even when it is kept quiet itself. Both are Alertmanager's rules.

    Args:
        key: Of the alert in question.
        causes: What is explained now.
    """
    for cause in causes:
        inhibition = cause.inhibition
        sources = cause.sources.get(_agreed(inhibition, key), ())
        if not sources or not all_match(inhibition.target, key):
            continue
        is_two_sided = all_match(inhibition.source, key)
        for source in sources:
            if not (is_two_sided and all_match(inhibition.target, source)):
                return source
    return None


def _agreed(inhibition: Inhibition, key: AlertKey) -> tuple[str, ...]:
    return tuple(key.get(name) for name in inhibition.equal)
