"""An optimisation as tables for a terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gatewatch.simulator.optimisation import Optimisation

_MOST_ROWS = 25
_STATUS = {
    "meets": "meets it",
    "fails": "not shown to meet it",
    "unknown": "only a lower bound is known",
    "open": "not decided",
    "screened": "screened out",
}
_ROLES = {
    "cheapest": "cheapest that meets it",
    "runner_up": "runner-up",
    "nearest": "nearest to it",
    "as_it_is": "as it is",
    "least_total": "least total cost",
    "around_the_clock": "around the clock",
}


def show_optimisation(console: Console, found: Optimisation) -> None:
    """Print verdict, answers, candidates, front, prices at which the winner changes, and what binds."""
    console.print(*(Text(line) for line in found.verdict), sep="\n")
    parts = (
        answers_table(found), gains_table(found), candidates_table(found), front_table(found), switches_table(found),
        binding_table(found),
    )  # fmt: skip
    for part in parts:
        if part.row_count:
            console.print(part)
    console.print(Text(_notes(found), style="dim"))


def _table(title: str, *columns: str) -> Table:
    """Return an empty table; columns whose name begins with ">" are set right."""
    table = Table(
        title=f"\n{title}",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_edge=False,
        padding=(0, 1, 0, 0),
    )
    for name in columns:
        table.add_column(name.lstrip(">"), justify="right" if name.startswith(">") else "left")
    return table


def _figure(found: Optimisation) -> tuple[str, Callable[[float | None], str]]:
    """Return the unit in which figures are shown, and what shows one."""
    if found.question["unit"] != "s":
        return found.question["unit"], lambda value: _rounded(value, 1)
    is_long = found.question["limit"] >= 7_200
    unit, factor = ("h", 3_600) if is_long else ("min", 60)
    return unit, lambda value: _rounded(None if value is None else value / factor, 1 if is_long else 0)


def _rounded(value: float | None, places: int) -> str:
    """
    Return a number with so many places; nought has no sign.

    >>> _rounded(-0.3, 0), _rounded(-1_234.56, 1)
    ('0', '-1,234.6')
    """
    return "–" if value is None else f"{value:z,.{places}f}"


def _millions(value: float | None, half: float | None = None) -> str:
    """
    Return an amount in millions, with its half width.

    >>> _millions(79_519_299, 1_260_000)
    '79.5 ±1.3'
    """
    if value is None:
        return "–"
    return _rounded(value / 1e6, 1) + ("" if half is None else f" ±{half / 1e6:,.1f}")


def answers_table(found: Optimisation) -> Table:
    """Return the answers from the re-run."""
    unit, shown = _figure(found)
    n = found.answers[0]["replications"] if found.answers else 0
    table = _table(
        f"Re-run on fresh streams, {n} replications: {found.question['figure']} \\[{unit}], costs \\[million VND/day]",
        "", "schedule" if found.question["what"] == "hours" else "roster", f">{found.question['figure']}",
        ">95 % bound", ">gate cost", ">change in all",
    )  # fmt: skip
    for row in found.answers:
        half = "" if row["figure_half_width"] is None else f" ±{shown(row['figure_half_width'])}"
        table.add_row(
            _ROLES[row["role"]] + (", misses the target" if row["role"] == "runner_up" and row["is_missed"] else ""),
            row["candidate"],
            shown(row["figure"]) + half,
            shown(row["figure_bound"]),
            _millions(row["gate_cost"], row["gate_cost_half_width"]),
            _millions(row["total_cost_change"], row["total_cost_change_half_width"]),
        )
    return table


def gains_table(found: Optimisation) -> Table:
    """Return what one more server at each station gives."""
    unit, shown = _figure(found)
    table = _table(
        f"One more server, against the present: {found.question['figure']} \\[{unit}], costs \\[million VND/day]",
        "station", f">{found.question['figure']}", ">vehicle h/day", ">gate cost", ">total cost",
    )  # fmt: skip
    for row in found.gains:
        table.add_row(
            row["station"],
            shown(row["figure_change"]),
            _rounded(row["vehicle_hours_change"], 0),
            _millions(row["gate_cost_change"]),
            _millions(row["total_cost_change"], row["total_cost_change_half_width"]),
        )
    return table


def candidates_table(found: Optimisation) -> Table:
    """Return what the search saw of the candidates, cheapest to the gate first."""
    unit, shown = _figure(found)
    rows = sorted(found.candidates, key=lambda row: (row["gate_cost"], row["total_cost"]))
    more = f"; the {_MOST_ROWS} cheapest of {len(rows)}, --json has all" if len(rows) > _MOST_ROWS else ""
    table = _table(
        f"Candidates{more}: {found.question['figure']} \\[{unit}], costs \\[million VND/day]",
        "candidate", f">{found.question['figure']}", ">gate cost", ">total cost", ">runs", "",
    )  # fmt: skip
    for row in rows[:_MOST_ROWS]:
        table.add_row(
            row["candidate"],
            shown(row["figure"]),
            _millions(row["gate_cost"]),
            _millions(row["total_cost"]),
            str(row["replications"]),
            _STATUS[row["status"]],
        )
    return table


def front_table(found: Optimisation) -> Table:
    """Return the Pareto front of the gate's cost against the figure."""
    unit, shown = _figure(found)
    table = _table(
        f"What more money to the gate buys: {found.question['figure']} \\[{unit}], gate cost \\[million VND/day]",
        "candidate", f">{found.question['figure']}", ">gate cost", f">shadow price\n{found.shadow_unit}",
    )  # fmt: skip
    for row in found.front:
        price = "" if row["shadow_price"] is None else f"{row['shadow_price']:,.0f}"
        table.add_row(row["candidate"], shown(row["figure"]), _millions(row["gate_cost"]), price)
    return table


def switches_table(found: Optimisation) -> Table:
    """Return the prices at which the least total cost changes hands."""
    least = next((row["candidate"] for row in found.answers if row["role"] == "least_total"), None)
    table = _table(
        "Least total cost by price, the other price as it is \\[VND/h]",
        "price of",
        "among",
        ">from",
        ">to",
        "candidate",
    )
    for row in found.switches:
        table.add_row(
            row["price"].replace("_", " "),
            row["among"],
            f"{row['low']:,.0f}",
            "any" if row["high"] is None else f"{row['high']:,.0f}",
            row["candidate"] + (f" ({_now(row, least)})" if row["is_now"] else ""),
        )
    return table


def _now(row: dict[str, Any], least: str | None) -> str:
    """Return that this is who wins now; where the procedure named another one of equals, whom."""
    is_other = row["among"] == "all" and least not in (None, row["candidate"])
    return f"now, tied with {least}" if is_other else "now"


def binding_table(found: Optimisation) -> Table:
    """Return what most of the waiting goes back to under the answer."""
    table = _table(
        "What binds then: by waiting, the share of each cause; by load, the fullest station", "by", "cause", ">share"
    )
    for row in found.binding:
        by = "load" if row["direction"] is None else f"waiting, {row['direction']}"
        table.add_row(by, row["cause"].removesuffix(": load"), f"{row['share']:.0%}")
    return table


def _notes(found: Optimisation) -> str:
    prices = "; ".join(_price(row) for row in found.prices)
    return (
        f"\nPrices: {prices}. Gate cost: server hours beyond the present regular ones, whichever side pays. "
        "Total cost adds waiting and spoilage. ± is a 95 % interval over replications.\n"
        "Figures of the candidates are from the streams that chose the answer, and flatter it; the re-run's do not.\n"
        "Waits are a scenario, not calibrated."
    )


def _price(row: dict[str, Any]) -> str:
    source = f", {row['source']}" if row["source"] else ""
    return f"{row['price'].replace('_', ' ')} {row['value']:,.0f} {row['unit']} ({row['basis']}{source})"
