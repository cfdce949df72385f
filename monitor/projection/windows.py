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
    _first: int | None = field(init=False)  # quarter-hour of the oldest that is not final
    _places: dict[str, list[Place]] = field(init=False)
    _ranked: dict[Place, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        self._first = min((window.quarter for window in self.provisional), default=None)
        self._places = {
            source: [Place(feed.gate, p.direction, p.what, p.yard or p.stage or "") for p in feed.reports]
            for source, feed in self.feeds.items()
            if feed.gate is not None
        }
        self._ranked = {}
        for source in sorted(self._places, key=lambda name: (self.feeds[name].rank, name)):
            for place in self._places[source]:
                self._ranked.setdefault(place, []).append(source)

    def follow(self, projection: Projection, received_us: int) -> Iterator[Shown]:
        """
        Yield the versions that the entry just applied makes, or makes final.

        A window is looked at when its counts changed, or when a source that counts there was first heard in it.
        """
        yield from self._settled(received_us)
        touched = projection.touched
        for quarter, source in projection.heard_anew:
            places = {*self._places.get(source, ()), *projection.counts.places_of(source)}
            touched |= {(quarter, place) for place in places}
        oldest = (received_us - _KEPT_US) // QUARTER_US
        for window in [Window(*place) for place in sorted(touched)]:
            if window.quarter >= oldest:
                yield from self._renewed(projection, window, is_final=_is_over(window.quarter, received_us))
        touched.clear()
        projection.heard_anew.clear()

    def _settled(self, received_us: int) -> Iterator[Shown]:
        if self._first is None or not _is_over(self._first, received_us):
            return
        over = sorted(window for window in self.provisional if _is_over(window.quarter, received_us))
        self.provisional.difference_update(over)
        self._first = min((window.quarter for window in self.provisional), default=None)
        for window in over:
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
            self._first = window.quarter if self._first is None else min(self._first, window.quarter)

    def _show(self, window: Window, name: str, version: Version) -> Shown:
        self.shown[window][name] = version
        return window, name, version

    def _counted(self, projection: Projection, window: Window) -> dict[str, int]:
        """Return the vehicles by class of the feed that counts in a window; a feed that was heard counts its zero."""
        by_source = projection.counts.at(window.place)
        ranked = self._ranked.get(window.place, [])
        for source in [*ranked, *sorted(by_source.keys() - ranked)]:
            hearing = projection.hearings.get(source)
            if hearing is not None and hearing.was_heard(window.quarter):
                counts = {
                    s.vehicle_class: projection.counts.of_quarter(s, window.quarter) for s in by_source.get(source, ())
                }
                return {name: n for name, n in counts.items() if n} or {"": 0}
        return {}

    def forget(self, received_us: int) -> None:
        """Let go of the windows whose minutes the projection lets go of."""
        oldest = (received_us - _KEPT_US) // QUARTER_US
        self.shown = {window: by_class for window, by_class in self.shown.items() if window.quarter >= oldest}
        self.provisional &= set(self.shown)
        self._first = min((window.quarter for window in self.provisional), default=None)

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


def _is_over(quarter: int, received_us: int) -> bool:
    return (quarter + 1) * QUARTER_US + BOUND_US <= received_us
