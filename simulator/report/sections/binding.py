"""What binds: shares of the waiting by cause, before and after."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gatewatch.simulator.binding_names import binding_resources
from gatewatch.simulator.comparison.comparison import Outcome
from gatewatch.simulator.report.blocks import Block, Cell, Figure, Figures, Paragraph, Rows, Section, Table
from gatewatch.simulator.report.charts.stacked import Bar, stacked
from gatewatch.simulator.report.study import Place, Study
from gatewatch.simulator.report.words import NOTHING, Words, capital

_SHOWN: Final = 5  # causes by name; the rest is one part
_LEAST: Final = 0.02  # of the waiting: what is less is among the rest
_DIFFERENT: Final = 0.005  # of the waiting: what a chart can show

Shares = dict[str, float]


def section(study: Study, words: Words) -> Section | None:
    """Return the causes of waiting; None where nothing is known of any."""
    charts = tuple(_charts(study, words))
    if not charts:
        return None
    blocks: list[Block] = [Paragraph(words.say("binding.intro")), Figures(charts)]
    blocks.append(_table(study, words) or _alone(study, words))
    return Section("binding", words.say("section.binding"), "1.2", tuple(blocks))


def _shares(outcome: Outcome, place: Place) -> Shares:
    return {
        str(row["station"]): float(row["mean"])
        for row in outcome.results.measures
        if row["measure"] == "waiting_share" and (row["gate"], row["direction"]) == place and row["mean"]
    }


def _charts(study: Study, words: Words) -> Iterator[Figure]:
    """Yield a chart for each place where a policy acts or the causes change, with the scenarios that change them."""
    for place in [(gate, side) for gate in study.gates for side in ("export", "import")]:
        before = _shares(study.baseline, place)
        changing = [(o, after) for o in study.scenarios if _differ(before, after := _shares(o, place))]
        if not before or (not changing and place not in study.touched):
            continue
        bars = [(study.baseline, before), *changing]
        most: Shares = {}
        for _, shares in bars:
            for cause, share in shares.items():
                most[cause] = max(most.get(cause, 0.0), share)
        named = sorted((c for c in most if most[c] >= _LEAST), key=lambda c: (-most[c], c))[:_SHOWN]
        rest = max(1 - sum(shares.get(c, 0.0) for c in named) for _, shares in bars)
        names = [words.cause(place[0], cause) for cause in named]
        if rest > _DIFFERENT:
            names.append(words.say("name.others"))
        caption = words.say("binding.chart", place=capital(words.place(*place)))
        drawn = [_bar(study, outcome, shares, named, words) for outcome, shares in bars]
        yield Figure(stacked(caption, drawn, names, words.percent), caption)


def _differ(before: Shares, after: Shares) -> bool:
    return any(abs(before.get(cause, 0.0) - after.get(cause, 0.0)) > _DIFFERENT for cause in {*before, *after})


def _bar(study: Study, outcome: Outcome, shares: Shares, named: list[str], words: Words) -> Bar:
    parts = [shares.get(cause, 0.0) for cause in named]
    rest = max(1 - sum(parts), 0.0)
    cause, share = max(shares.items(), key=lambda item: item[1], default=("", 0.0))
    label = study.title(words) if study.comparison is None else study.label(outcome, words)
    which = named.index(cause) + 1 if cause in named else len(named) + 1
    return Bar(label, f"{which}: {words.percent(share)}", [*parts, rest])


def _table(study: Study, words: Words) -> Table | None:
    """Return what binds before and after, where a policy changes something; None where none does."""
    if study.comparison is None:
        return None
    groups = []
    for outcome in study.scenarios:
        moved = study.moved(outcome)
        rows = tuple(
            (
                capital(words.place(row["gate"], row["direction"])),
                _cause(row["gate"], row["before"], row["before_share"], words),
                _cause(row["gate"], row["after"], row["after_share"], words),
                words.say("binding.yes" if row["is_changed"] else "binding.no"),
            )
            for row in study.comparison.binding
            if row["scenario"] == outcome.name and (row["is_changed"] or (row["gate"], row["direction"]) in moved)
        )
        if rows:
            groups.append(Rows(rows, study.label(outcome, words)))
    return Table(words.say("binding.caption"), words.columns("binding.columns"), tuple(groups)) if groups else None


def _alone(study: Study, words: Words) -> Table:
    found = binding_resources(study.baseline.results.measures)
    rows = tuple(
        (capital(words.place(*place)), _cause(place[0], cause, share, words)) for place, (cause, share) in found.items()
    )
    return Table(words.say("binding.caption"), words.columns("binding.columns_alone"), (Rows(rows),))


def _cause(gate: str | None, cause: str | None, share: float | None, words: Words) -> Cell | str:
    if cause is None or share is None:
        return NOTHING
    return Cell(f"{words.cause(gate, cause)} ({words.percent(share)})", share)
