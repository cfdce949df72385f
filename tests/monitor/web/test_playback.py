"""A recorded day as a film: vehicles come and go as the quarter-hours counted them."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from gatewatch.monitor.store.history import WindowRow
from gatewatch.monitor.web.recorded_film import recorded_film
from tests.monitor.stories import BORDER, DAY
from tests.monitor.web.sites import Site, passage


def row(what: str, hour: float, n: int, place: str = "", **more: Any) -> WindowRow:
    """Return a quarter-hour of exports at the gate `north`."""
    values = {"gate": "north", "direction": "export", "vehicle_class": "", "version": 1, "is_final": True, "rev": 1}
    return WindowRow(what=what, place=place, start=DAY + timedelta(hours=hour), n=n, **{**values, **more})


def film_of(*rows: WindowRow, **backlog: float) -> dict[str, Any]:
    """Return the film of a day, at the end of which so many are inside by direction."""
    return recorded_film(BORDER, "north", rows, DAY, DAY + timedelta(days=1), backlog)


def inside(film: dict[str, Any], hour: float) -> list[int]:
    """Return how many stand at each place at a time."""
    at, legs = hour * 3_600, film["legs"]
    found = [0] * len(film["places"])
    for place, begins, ends in zip(legs["place"], legs["begins"], legs["ends"], strict=True):
        found[place] += begins <= at < ends
    return found


def test_vehicles_stand_where_they_were_counted_last() -> None:
    """Four come, three drive into the yard, two out of it, one crosses: what is left stands in between."""
    film = film_of(
        row("arrived", 8, 4), row("yard_in", 9, 3, "park"), row("yard_out", 10, 2, "park"), row("gate_out", 11, 1)
    )  # fmt: skip

    assert [place["name"] for place in film["places"]] == ["arrived", "yard_in", "yard_out"]
    assert [inside(film, hour) for hour in (7.9, 8.5, 9.5, 10.5, 11.5)] == [
        [0, 0, 0], [4, 0, 0], [1, 3, 0], [1, 1, 2], [1, 1, 1],
    ]  # fmt: skip
    assert film["yards"][0]["places"] == 50
    assert film["flows"][0]["own"] == [[7 * 3_600, 18 * 3_600]]


def test_every_class_that_was_told_is_seen() -> None:
    """Cameras that tell classes leave no row of all together: five come and two cross; empty ones are no backlog."""
    film = film_of(
        row("arrived", 8, 3, vehicle_class="fruit"), row("arrived", 8, 2, vehicle_class="general"),
        row("arrived", 8, 6, vehicle_class="empty"), row("arrived", 9, 0), row("gate_out", 10, 1),
        row("gate_out", 10, 1, vehicle_class="fruit"),
    )  # fmt: skip

    assert [inside(film, hour) for hour in (7.9, 8.5, 10.5)] == [[0], [5], [3]]


def test_who_leaves_before_anybody_came_was_there_at_the_start() -> None:
    """As few as explain what was counted; never a negative queue."""
    film = film_of(row("gate_out", 8, 3), row("arrived", 9, 2), row("gate_out", 10, 4))

    assert [inside(film, hour) for hour in (0, 8.5, 9.5, 10.5)] == [[5], [2], [4], [0]]


def test_those_who_were_there_before_are_as_many_as_the_backlog_tells() -> None:
    """Twelve at the end, after four came and three went: eleven in the morning. Fewer than left are never there."""
    film = film_of(row("arrived", 8, 4), row("gate_out", 10, 3), export=12)
    few = film_of(row("gate_out", 8, 3), row("arrived", 9, 2), row("gate_out", 10, 4), export=-1)

    assert [inside(film, hour) for hour in (0, 8.5, 10.5, 23)] == [[11], [15], [12], [12]]
    assert [inside(few, hour) for hour in (0, 10.5)] == [[5], [0]]


def test_the_surplus_waits_on_the_road() -> None:
    """Where they stand is not counted: before the yard, and the first to drive in."""
    film = film_of(row("arrived", 8, 2), row("yard_in", 9, 3, "park"), row("gate_out", 10, 1), export=9)

    assert [inside(film, hour) for hour in (0, 8.5, 9.5, 10.5)] == [[8, 0], [10, 0], [7, 3], [7, 2]]


def test_who_turns_back_leaves_the_road() -> None:
    """And does not appear in the yard."""
    film = film_of(row("arrived", 8, 4), row("turned_back", 9, 1), row("yard_in", 10, 2, "park"))

    assert [inside(film, hour) for hour in (8.5, 9.5, 10.5)] == [[4], [3], [1]]


def test_each_vehicle_is_in_one_place_at_a_time() -> None:
    """Its legs follow one another."""
    film = film_of(
        *(row(what, 8 + k / 4, 7) for k in range(8) for what in ("arrived", "yard_in", "yard_out", "gate_out"))
    )
    legs: dict[int, list[tuple[int, int]]] = {}
    for vehicle, begins, ends in zip(*(film["legs"][key] for key in ("vehicle", "begins", "ends")), strict=True):
        legs.setdefault(vehicle, []).append((begins, ends))

    assert all(a[1] == b[0] for mine in legs.values() for a, b in pairwise(mine))
    assert all(begins <= ends for mine in legs.values() for begins, ends in mine)
    assert len(film["vehicles"]["flow"]) == max(legs) + 1


def test_what_nobody_counted_is_no_film() -> None:
    """One point alone says nothing of a place."""
    film = film_of(row("arrived", 8, 4))

    assert (film["places"], film["legs"]["vehicle"]) == ([], [])


def test_the_film_of_today_ends_now(site: Site) -> None:
    """A day that has not begun is refused with the remedy."""
    viewer = site.holder("viewer")
    device = site.holder("device", sources=["camera/in", "camera/out"])
    at = DAY + timedelta(hours=9)
    device.post("/v1/events", [{**passage(1, "camera/in", at), "type": "vehicle.arrived"}, passage(2, at=at)])
    site.follow(2)
    site.core.projector.keep(site.now).result(60)
    film = viewer.get("/v1/playback/north").json()
    tomorrow = (site.now + timedelta(days=1)).date()

    assert film["length_s"] == 10 * 3_600
    assert datetime.fromisoformat(film["begins"]) == DAY
    assert (film["basis"], [place["name"] for place in film["places"]]) == ("recorded", ["arrived"])
    assert viewer.get(f"/v1/playback/north?date={tomorrow}").status_code == 422
    assert viewer.get("/v1/playback/nowhere").status_code == 404
