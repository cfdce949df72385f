"""A comparison on a terminal: the verdicts in sentences, then the tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby
from statistics import median
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from gatewatch.simulator.comparison.comparison import Comparison, Outcome
from gatewatch.simulator.comparison.digits import Scale, bare, decimals_of, rounded, scale_of, told
from gatewatch.simulator.comparison.headline import HEADLINE, TOTAL
from gatewatch.simulator.comparison.rows import Row
from gatewatch.simulator.comparison.scenarios import BASELINE
from gatewatch.simulator.comparison.sentences import figure_name, place_name, sentence
from gatewatch.simulator.comparison.verdicts import Verdict

_ORDER: Final[tuple[Verdict, ...]] = ("better", "worse", "more", "less", "undecided", "unknown", "same")
_A_SERVER_HOUR = 1.0  # a smaller difference is the rounding of hours
_SHORT: Final = {"unknown": "not known"}  # a verdict in one word
_STYLES: Final = {"better": "green", "worse": "red", "undecided": "yellow"}


def show_comparison(console: Console, comparison: Comparison, titles: dict[str, str]) -> None:
    """Print what the policies change: sentences first, then tables, then what the numbers rest on."""
    console.print(_heading(comparison))
    show_verdicts(console, comparison, titles, with_conditions=True)
    console.print(_paired_table(comparison, titles))
    console.print(_binding_table(comparison, titles))
    console.print(_cost_table(comparison))
    if comparison.precision:
        console.print(_precision_table(comparison, titles))
    elif comparison.manifest["comparison"]["precision"] is not None:
        console.print("\nPrecision: the measures asked for have no exact value at these gates; nothing was watched.")
    console.print(_notes(comparison))


def show_verdicts(
    console: Console, comparison: Comparison, titles: dict[str, str], *, with_conditions: bool = False
) -> None:
    """Print the sentences alone, or with what the policies need and where they mislead before them."""
    for n, outcome in enumerate(comparison.scenarios, start=1):
        console.print(_scenario_name(n, outcome, titles))
        if with_conditions:
            for policy in outcome.chosen:
                if policy.conditions:
                    console.print(Padding(Text(policy.conditions, "dim"), (0, 0, 0, 3)))
        for line in _verdicts(comparison.headline(outcome.name), titles):
            console.print(line)


def _heading(comparison: Comparison) -> Text:
    m = comparison.manifest
    first = date.fromisoformat(m["start"]) + timedelta(days=m["warmup_days"])
    cut = ", cut short" if comparison.is_cut_short else ""
    return Text.assemble(
        (m["scenario"], "bold"),
        f"  {m['days']} days from {first} (after {m['warmup_days']} of warm-up), "
        f"{m['replications']} replications on common random numbers{cut}, seed {m['seed']}, engine {m['engine']}\n",
        (f"waits: scenario, not calibrated; demand response (assumed): {m['comparison']['demand_response']}", "italic"),
    )


def _scenario_name(n: int, outcome: Outcome, titles: dict[str, str]) -> Table:
    touched = ", ".join(titles.get(gate, gate) for gate in outcome.gates) or "no gate by itself"
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column()
    grid.add_column(overflow="fold")
    grid.add_row("", "")
    grid.add_row(Text(str(n), "bold"), Text(outcome.name, "bold"))
    grid.add_row("", Text(f"{outcome.title}; changes {touched}"))
    return grid


def _verdicts(rows: Sequence[Row], titles: dict[str, str]) -> Iterator[Padding]:
    """Yield the sentences of each place, what changes first."""
    for (gate, direction), group in groupby(rows, key=lambda row: (row.gate, row.direction)):
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True, min_width=9)
        table.add_column()
        for row in sorted(group, key=lambda row: _ORDER.index(row.verdict)):
            table.add_row(Text(_SHORT.get(row.verdict, row.verdict), _STYLES.get(row.verdict, "")), sentence(row))
        yield Padding(Text(place_name(gate, direction, titles), "italic"), (0, 0, 0, 2))
        yield Padding(table, (0, 0, 0, 4))


def _table(title: str, *columns: str) -> Table:
    """Return an empty table; columns whose name begins with ">" are set right."""
    table = Table(
        title=f"\n{title}", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False,
        padding=(0, 1, 0, 0),
    )  # fmt: skip
    for name in columns:
        table.add_column(name.lstrip(">"), justify="right" if name.startswith(">") else "left")
    return table


def _paired_table(comparison: Comparison, titles: dict[str, str]) -> Table:
    """Return the differences with what pairing gains and how sure they are."""
    table = _table(
        "Differences from the baseline",
        "", ">difference ±95 %", ">± unpaired", ">p, Holm", ">matters from",
    )  # fmt: skip
    for n, outcome in enumerate(comparison.scenarios, start=1):
        rows = comparison.headline(outcome.name)
        for (gate, direction), group in groupby(rows, key=lambda row: (row.gate, row.direction)):
            table.add_row(Text(f"{n}  {place_name(gate, direction, titles)}", "italic"))
            for row in group:
                table.add_row(*map(Text, _differences(row)))
        table.add_section()
    return table


def _differences(row: Row) -> tuple[str, str, str, str, str]:
    if row.difference is None or row.smallest is None:
        return f"     {figure_name(row)}", "–", "–", "–", "–"
    is_exact = row.bound == "exact"
    scale = scale_of(row.unit, max(abs(row.difference), row.half_width or 0.0, row.unpaired_half_width or 0.0))
    return (
        f"     {figure_name(row)} [{scale.unit}]",
        f"{'' if is_exact else f'{row.bound} '}{bare(row.difference, row.half_width, scale, signed=True)}",
        _half(row.unpaired_half_width or 0.0, scale) if is_exact else "–",
        _p(row.p_adjusted) if is_exact else "–",
        bare(row.smallest, None, scale),
    )


def _half(half_width: float, scale: Scale) -> str:
    small = half_width / scale.factor
    return rounded(small, decimals_of(small)) if small else "0"


def _p(p: float | None) -> str:
    if p is None:
        return "–"
    return "<0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def _binding_table(comparison: Comparison, titles: dict[str, str]) -> Table:
    """Return what vehicles wait for most, without and with the policies, where they act or where it changes."""
    table = _table("What binds: the cause of most waiting, and its share of it", "", "before", "after")
    for n, outcome in enumerate(comparison.scenarios, start=1):
        for row in comparison.binding:
            if row["scenario"] != outcome.name or not (row["is_changed"] or row["gate"] in outcome.gates):
                continue
            table.add_row(
                f"{n}  {place_name(row['gate'], row['direction'], titles)}",
                _cause(row, "before"),
                Text(_cause(row, "after"), "bold" if row["is_changed"] else ""),
            )
        table.add_section()
    return table


def _cause(row: dict[str, Any], when: str) -> str:
    return "–" if row[when] is None else f"{row[when]} {row[f'{when}_share']:.0%}"


def _cost_table(comparison: Comparison) -> Table:
    """Return the cost lines of all gates together."""
    table = _table("Costs of all gates together", "", ">before", ">after", ">difference ±95 %")
    whole = [row for row in comparison.costs if row.gate is None]
    for n, outcome in enumerate(comparison.scenarios, start=1):
        rows = [row for row in whole if row.scenario == outcome.name]
        for row in sorted(rows, key=lambda row: (row.measure == "cost_per_day", row.station == TOTAL)):
            name = row.station if row.measure == "cost_per_day" and row.station else figure_name(row)
            if row.baseline is None or row.value is None or row.difference is None:
                table.add_row(f"{n}  {name}", "–", "–", "–")
                continue
            scale = scale_of(row.unit, max(abs(row.baseline), abs(row.value)))
            table.add_row(
                Text(f"{n}  {name} [{scale.unit}]"),
                bare(row.baseline, row.baseline_half_width, scale),
                bare(row.value, row.value_half_width, scale),
                bare(row.difference, row.half_width, scale, signed=True),
            )
        table.add_section()
    return table


def _precision_table(comparison: Comparison, titles: dict[str, str]) -> Table:
    """Return the precision reached beside the one wanted."""
    wanted = comparison.manifest["comparison"]["precision"]["wanted"]
    table = _table(f"Precision: {100 * wanted:g} % wanted", "", ">half width", ">wanted", ">reached", "of")
    numbers = {outcome.name: n for n, outcome in enumerate(comparison.scenarios, start=1)}
    rows = {(r.scenario, r.statistic, r.key): r for r in comparison.rows}
    for row in comparison.precision:
        key = (row["measure"], row["gate"], row["direction"], None, row["station"])
        name = figure_name(rows[row["scenario"], row["statistic"], key])
        scale = scale_of(row["unit"], max(row["half_width"], row["wanted"]))
        place = place_name(row["gate"], row["direction"], titles)
        table.add_row(
            Text(f"{numbers[row['scenario']]}  {place}: {name} [{scale.unit}]"),
            _half(row["half_width"], scale),
            _half(row["wanted"], scale),
            "yes" if row["is_reached"] else "no",
            "–" if row["relative"] is None else f"{row['relative']:.1%} of the {row['relative_to']}",
        )
    return table


def _notes(comparison: Comparison) -> Text:
    prices = "; ".join(_price(row) for row in comparison.prices)
    smallest = {row["measure"]: row for row in comparison.smallest}
    matters = "; ".join(
        f"{name.removesuffix('_per_day').replace('_', ' ')} {_margin(smallest[name])}" for name in HEADLINE
    )
    return Text(
        f"\n{_on_duty(comparison)}{_delayed(comparison)}"
        "± is a 95 % interval over replications, paired; the verdicts on the scenarios of one figure hold together at "
        "5 % (Holm). "
        "≥ is a lower bound: over a tenth of the vehicles is still inside.\n"
        f"Smallest differences that matter (assumed; --smallest changes them): {matters}.\n"
        f"{_pairing(comparison)}\n"
        f"Prices: {prices}. What is assumed stands until someone who knows replaces it.\n"
        "waits: scenario, not calibrated; they rest on assumed service times and servers until time stamps exist.",
        style="dim",
    )


def _on_duty(comparison: Comparison) -> str:
    """Return what scenarios ask of people beyond the overtime that is priced; nothing where none does."""
    hours = comparison.manifest["comparison"]["server_hours_on_duty_per_day"]
    lines = []
    for n, outcome in enumerate(comparison.scenarios, start=1):
        more = hours[outcome.name] - hours[BASELINE]
        overtime = comparison.find(outcome.name, "overtime_server_hours_per_day").difference or 0.0
        if abs(more - overtime) >= _A_SERVER_HOUR:
            lines.append(
                f"{n}  {more:+,.0f} server-hours a day on duty, {overtime:+,.0f} of them overtime; the pay of the "
                "others is not in the cost.\n"
            )
    return "".join(lines)


def _delayed(comparison: Comparison) -> str:
    """Return what lies in the waits before any server is reached, at the gates that policies change."""
    gates = {gate for outcome in comparison.scenarios for gate in outcome.gates}
    delays = comparison.manifest["comparison"]["delays_before_servers_h"]
    told_ = [
        f"{place}: {', '.join(f'{stage} {hours:.2g} h' for stage, hours in stages.items())}"
        for place, stages in delays.items()
        if place.split()[0] in gates
    ]
    return f"Within the wait, before any server (mean): {'; '.join(told_)}.\n" if told_ else ""


def _price(row: dict[str, Any]) -> str:
    source = f", {row['source']}" if row["source"] else ""
    return f"{row['price']} {row['value']:,.0f} {row['unit']} ({row['basis']}{source})"


def _margin(row: dict[str, Any]) -> str:
    parts = [told(row["amount"], None, row["unit"])] if row["amount"] else []
    parts += [f"{100 * row['share']:g} %"] if row["share"] else []
    return " or ".join(parts)


def _pairing(comparison: Comparison) -> str:
    """Return what common random numbers gain, and where they made an interval wider."""
    rows = [
        row
        for outcome in comparison.scenarios
        for row in comparison.headline(outcome.name)
        if row.half_width and row.unpaired_half_width
    ]
    if not rows:
        return "Common random numbers: no figure differs from the baseline in a random way."
    gain = median((row.unpaired_half_width or 0.0) / (row.half_width or 1.0) for row in rows)
    wider = sum(1 for row in rows if (row.reduction or 0.0) < 0)
    text = f"Common random numbers make the half widths {gain:.2g} times smaller (median of {len(rows)} figures)"
    return f"{text}; {wider} of them became wider." if wider else f"{text}."
