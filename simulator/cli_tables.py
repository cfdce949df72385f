"""Results on a terminal: tables, the backlog by the hour as a small plot, reported figures beside simulated ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from gatewatch.simulator.binding_names import binding_resources
from gatewatch.simulator.results import Results

_BARS = " ▁▂▃▄▅▆▇█"
_DIRECTIONS = ("export", "import")


def show_results(console: Console, results: Results, titles: dict[str, str]) -> None:
    """Print what a planner looks for first."""
    console.print(_heading(results))
    if not any(row["measure"] == "offered_per_day" and row["mean"] for row in results.measures):
        console.print("No laden vehicle came in these days: look at the demand's dates and levels.")
    console.print(gates_table(results, titles))
    if results.targets:
        console.print(targets_table(results, titles))
    console.print(binding_table(results, titles))
    console.print(hourly_plot(results, titles))
    if results.shadow:
        console.print(shadow_table(results, titles))
    console.print(_notes())


def _heading(results: Results) -> Text:
    m = results.manifest
    first = date.fromisoformat(m["start"]) + timedelta(days=m["warmup_days"])
    return Text.assemble(
        (m["scenario"], "bold"),
        f"  {m['days']} days from {first} (after {m['warmup_days']} of warm-up), "
        f"{m['replications']} replications, seed {m['seed']}, engine {m['engine']}",
    )


def plain_table(title: str, *columns: str, padding: int = 1) -> Table:
    """Return an empty table that fits 80 columns; columns whose name begins with ">" are set right."""
    table = Table(
        title=f"\n{title}",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_edge=False,
        padding=(0, padding, 0, 0),
    )
    for name in columns:
        table.add_column(name.lstrip(">"), justify="right" if name.startswith(">") else "left", no_wrap=True)
    return table


def gates_table(results: Results, titles: dict[str, str]) -> Table:
    """Return offered, cleared and capacity, waits and crossing times, by gate and direction."""
    table = plain_table(
        "Laden vehicles a day \\[veh/day], and their times",
        "gate", "", ">offered\nveh/day", ">cleared\nveh/day", ">capacity\nveh/day*", ">wait\nmean*",
        ">9 in 10\nunder*", ">crossing\nmean*",
    )  # fmt: skip
    rows = _by_place(results)
    for gate in [*titles, None]:
        name = "all gates" if gate is None else titles[gate]
        for direction in (*_DIRECTIONS, None):
            row = rows.get((gate, direction))
            if row is None:
                continue
            table.add_row(
                name,
                direction or "both",
                interval(row.get("offered_per_day")),
                interval(row.get("cleared_per_day")),
                rounded(row.get("capacity_per_day")),
                _at_least(results, "wait", gate, direction) + duration(_get(row, "wait", "mean")),
                duration(_get(row, "wait", "p90")),
                _at_least(results, "crossing_time", gate, direction) + duration(_get(row, "crossing_time", "mean")),
                style="bold" if direction is None else "",
                end_section=direction is None,
            )
            name = ""
    return table


def _at_least(results: Results, measure: str, gate: str | None, direction: str | None) -> str:
    """Return the mark of a mean that is only a lower bound: too many vehicles are still inside."""
    place = {"measure": measure, "gate": gate, "direction": direction, "class": None, "station": None}
    is_bound = any(row["is_lower_bound"] and place.items() <= row.items() for row in results.censored)
    return "≥ " if is_bound else ""


def _by_place(results: Results) -> dict[tuple[str | None, str | None], dict[str, dict[str, Any]]]:
    places: dict[tuple[str | None, str | None], dict[str, dict[str, Any]]] = {}
    for row in results.measures:
        if row["class"] is None and row["station"] is None:
            places.setdefault((row["gate"], row["direction"]), {})[row["measure"]] = row
    return places


def _get(row: dict[str, dict[str, Any]], measure: str, key: str) -> float | None:
    found = row.get(measure)
    return None if found is None else found[key]


def targets_table(results: Results, titles: dict[str, str]) -> Table:
    """Return the reported figures beside the simulated ones."""
    columns = ["gate", "", "figure", "when", ">reported", ">simulated", ">differs", "source"]
    is_dated = any(_when(row) for row in results.targets)
    if not is_dated:
        columns.remove("when")
    title = "Reported beside simulated: cleared \\[veh/day], backlog \\[veh]"
    table = plain_table(title, *columns, padding=0 if is_dated else 1)
    for row in results.targets:
        cells = [
            titles.get(row["gate"], row["gate"] or "all gates"),
            row["direction"] or "both",
            row["measure"].removesuffix("_per_day"),
            _when(row),
            f"{row['reported']:,.0f}",
            interval({"mean": row["simulated"], "half_width": row["half_width"]}),
            _differs(row),
            row["source"] or row["basis"] or "assumed",
        ]
        table.add_row(*(cell for n, cell in enumerate(cells) if is_dated or n != 3))
    return table


def _differs(row: dict[str, Any]) -> str:
    if row["simulated"] is None or not row["reported"]:
        return "–"
    return f"{row['simulated'] / row['reported'] - 1:+.1%}"


def _when(row: dict[str, Any]) -> str:
    if row["on"] is not None:
        return f"{row['on'][5:]} {row['at_min'] // 60:02d}:{row['at_min'] % 60:02d}"
    return "" if row["from"] is None else f"{row['from'][5:]}..{(row['to'] or '')[5:]}"


def binding_table(results: Results, titles: dict[str, str]) -> Table:
    """Return what vehicles wait for most, by gate and direction."""
    table = plain_table("What binds: the cause of most waiting*", "gate", "", "cause", ">share of waiting")
    for (gate, direction), (cause, share) in binding_resources(results.measures).items():
        table.add_row(titles.get(gate, gate), direction, cause, f"{share:.0%}")
    return table


def shadow_table(results: Results, titles: dict[str, str]) -> Group:
    """Return what theory expects, with how far it lies from the simulated values, and why where that is too far."""
    table = plain_table(
        "Theory, and how far it lies from what was simulated (! further than it should)",
        "gate", "", ">cleared\nveh/day", ">backlog\nat 20:00", ">crossing\nmean",
    )  # fmt: skip
    rows: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
    for row in results.shadow:
        rows.setdefault((row["gate"], row["direction"]), {})[row["measure"]] = row
    for (gate, direction), found in rows.items():
        cells = [_theory(found.get(name)) for name in ("cleared_per_day", "backlog_at_2000", "crossing_time")]
        table.add_row(titles.get(gate, gate), direction, *cells)
    reasons = [
        f"! {titles.get(row['gate'], row['gate'])} {row['direction']}, {row['measure']}: {row['why']}."
        for row in results.shadow
        if not row["is_within"]
    ]
    return Group(table, *(Text(reason, style="dim") for reason in reasons))


def _theory(row: dict[str, Any] | None) -> str:
    if row is None:
        return "–"
    value = duration(row["shadow"]) if row["unit"] == "s" else f"{row['shadow']:,.0f}"
    differs = f"{row['gap'] / row['simulated']:+.0%}" if row["simulated"] else "–"
    return f"{value} {differs:>5}{' ' if row['is_within'] else '!'}"


def hourly_plot(results: Results, titles: dict[str, str]) -> Group:
    """Return the mean backlog at each hour of the day as a row of bars for each gate and direction."""
    lines: list[RenderableType] = [Text("\nBacklog by hour of the day, 00:00 to 23:00, mean [veh]", style="italic")]
    width = max((len(title) for title in titles.values()), default=0)
    for (gate, direction), values in _hourly_series(results.hourly):
        if gate is None or direction is None:
            continue
        top = max(values)
        bars = "".join(_BARS[round(v / top * 8) if top > 0 else 0] for v in values)
        title = titles.get(gate, gate)
        lines.append(Text(f"{title:<{width}}  {direction:<6}  {bars}  {min(values):,.0f} to {top:,.0f}"))
    return Group(*lines)


def _hourly_series(
    rows: Iterable[dict[str, Any]],
) -> Iterator[tuple[tuple[str | None, str | None], list[float]]]:
    series: dict[tuple[str | None, str | None], list[float]] = {}
    for row in rows:
        series.setdefault((row["gate"], row["direction"]), []).append(row["mean"] or 0.0)
    yield from series.items()


def _notes() -> Text:
    return Text(
        "\n± is a 95 % interval over replications; ≥ is a lower bound: over a tenth of the vehicles is still inside."
        " Offered, cleared and capacity are three different numbers:"
        " an average that was cleared says what came, not what could have been cleared.\n"
        "* scenario, not calibrated: rests on assumed service times and servers until time stamps exist"
        " (gatewatch config show GATE marks each assumed number).",
        style="dim",
    )


def interval(row: dict[str, Any] | None) -> str:
    """
    Return mean and half width with no more digits than the half width allows.

    >>> interval({"mean": 748.31, "half_width": 12.4})
    '748 ±12'
    >>> interval({"mean": 0.4178, "half_width": 0.021})
    '0.42 ±0.02'
    """
    if row is None or row["mean"] is None:
        return "–"
    mean, half = row["mean"], row["half_width"]
    if half is None:
        return f"{mean:,.0f}" if abs(mean) >= 10 else f"{mean:.2g}"
    digits = 0 if half >= 1 else 1 if half >= 0.1 else 2
    return f"{mean:,.{digits}f} ±{half:,.{digits}f}"


def rounded(row: dict[str, Any] | None) -> str:
    """Return a mean without its interval, to whole vehicles."""
    return "–" if row is None or row["mean"] is None else f"{row['mean']:,.0f}"


def duration(seconds: float | None) -> str:
    """
    Return a time for people.

    >>> duration(95), duration(5400), duration(200_000)
    ('2 min', '1.5 h', '2.3 d')
    """
    if seconds is None:
        return "–"
    if seconds < 3_600:
        return f"{seconds / 60:.0f} min"
    if seconds < 2 * 86_400:
        return f"{seconds / 3_600:.1f} h"
    return f"{seconds / 86_400:.1f} d"
