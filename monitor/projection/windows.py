"""Quarter-hours as they were shown: provisional, then final, then a new version each time that something late comes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from gatewatch.config.feeds import Feed
from gatewatch.monitor.projection.counts import MINUTE_US, Place
from gatewatch.monitor.projection.hearing import QUARTER_US
from gatewatch.monitor.projection.keeping import MINUTES_KEPT
from gatewatch.monitor.projection.projecting import Projection

BOUND_US = 2 * MINUTE_US  # how long after its end a quarter-hour is still provisional
_KEPT_US = MINUTES_KEPT.days * 86_400_000_000
_MINUTES = 15


class Window(NamedTuple):
    """A place and a quarter-hour since 1970 (UTC)."""

    quarter: int
    place: Place


@dataclass(frozen=True, slots=True)
class Version:
    """What was shown of a class in a window."""

    version: int
    n: int
    is_final: bool


Shown = tuple[Window, str, Version]  # the class is empty where no feed tells it


@dataclass(slots=True)
class Windows:
    """
    The versions of quarter-hours, followed entry by entry, so that the journal applied anew gives the same ones.

    A quarter-hour shows the feed of the lowest rank that was heard in it. It is provisional until something is
    received two minutes after its end; what changes it later makes a new version.

    Args:
        feeds: Feeds declared, by source.
        shown: The last version of each window by class.
        provisional: Windows that are not final.
    """

    feeds: Mapping[str, Feed]
    shown: dict[Window, dict[str, Version]] = field(default_factory=dict)
    provisional: set[Window] = field(default_factory=set)
    _places: dict[str, list[Place]] = field(init=False)
    _ranked: dict[Place, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        self._places = {
            source: [Place(feed.gate, p.direction, p.what, p.yard or p.stage or "") for p in feed.reports]
            for source, feed in self.feeds.items()
            if feed.gate is not None
        }
        self._ranked = {}
        for source in sorted(self._places, key=lambda name: (self.feeds[name].rank, name)):
            for place in self._places[source]:
                self._ranked.setdefault(place, []).append(source)

    def follow(self, projection: Projection, source: str, at_us: int, received_us: int) -> Iterator[Shown]:
        """Yield the versions that the entry just applied makes, or makes final."""
        yield from self._settled(received_us)
        touched = {Window(minute // _MINUTES, series.place) for series, minute in projection.counts.touched}
        touched |= {Window(at_us // QUARTER_US, place) for place in self._places.get(source, [])}
        projection.counts.touched.clear()
        oldest = (received_us - _KEPT_US) // QUARTER_US
        for window in sorted(touched):
            if window.quarter >= oldest:
                yield from self._renewed(projection, window, is_final=_is_over(window, received_us))

    def _settled(self, received_us: int) -> Iterator[Shown]:
        for window in sorted(w for w in self.provisional if _is_over(w, received_us)):
            self.provisional.remove(window)
            for name, version in sorted(self.shown[window].items()):
                if not version.is_final:
                    yield self._show(window, name, replace(version, is_final=True))

    def _renewed(self, projection: Projection, window: Window, *, is_final: bool) -> Iterator[Shown]:
        by_class = self._counted(projection, window)
        shown = self.shown.setdefault(window, {})
        for name in sorted({*shown, *by_class}):
            n, before = by_class.get(name, 0), shown.get(name)
            if before is not None and before.n == n:
                continue
            number = 1 if before is None else before.version + int(before.is_final)
            yield self._show(window, name, Version(number, n, is_final))
        if not is_final:
            self.provisional.add(window)

    def _show(self, window: Window, name: str, version: Version) -> Shown:
        self.shown[window][name] = version
        return window, name, version

    def _counted(self, projection: Projection, window: Window) -> dict[str, int]:
        """Return the vehicles by class of the feed that counts in a window; a feed that was heard counts its zero."""
        by_source = projection.counts.at(window.place)
        ranked = self._ranked.get(window.place, [])
        for source in [*ranked, *sorted(set(by_source) - set(ranked))]:
            hearing = projection.hearings.get(source)
            if hearing is not None and hearing.was_heard(window.quarter):
                begins, ends = window.quarter * QUARTER_US, (window.quarter + 1) * QUARTER_US
                counts = {
                    s.vehicle_class: projection.counts.between(s, begins, ends) for s in by_source.get(source, [])
                }
                return {name: n for name, n in counts.items() if n} or {"": 0}
        return {}

    def forget(self, received_us: int) -> None:
        """Let go of the windows whose minutes the projection lets go of."""
        oldest = (received_us - _KEPT_US) // QUARTER_US
        self.shown = {window: by_class for window, by_class in self.shown.items() if window.quarter >= oldest}
        self.provisional &= set(self.shown)

    def to_lines(self) -> list[Any]:
        """Return the versions as JSON can hold them."""
        return [
            [window.quarter, list(window.place), [[name, v.version, v.n, v.is_final] for name, v in by_class.items()]]
            for window, by_class in self.shown.items()
        ]

    @classmethod
    def from_lines(cls, feeds: Mapping[str, Feed], lines: list[Any]) -> Windows:
        """Return the versions from lines that `to_lines` gave."""
        shown = {
            Window(quarter, Place(*place)): {name: Version(*rest) for name, *rest in by_class}
            for quarter, place, by_class in lines
        }
        provisional = {w for w, by_class in shown.items() if not all(v.is_final for v in by_class.values())}
        return cls(feeds, shown, provisional)


def _is_over(window: Window, received_us: int) -> bool:
    return (window.quarter + 1) * QUARTER_US + BOUND_US <= received_us
