"""Reported figures beside simulated ones: the path over the band, and the error in words, good or bad."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from gatewatch.config.units import clock_text
from gatewatch.simulator.report.blocks import Block, Cell, Figure, Figures, Mark, Paragraph, Rows, Section, Table
from gatewatch.simulator.report.charts.reported_path import reported_path
from gatewatch.simulator.report.study import Study
from gatewatch.simulator.report.words import NOTHING, Words, capital

NEAR: Final = 0.10  # of the reported figure: close
FAR: Final = 0.25  # fair; beyond it the simulation is off

_KINDS: Final = {"close": "better", "fair": "same", "bad": "worse"}


def section(study: Study, words: Words) -> Section | None:
    """Return the reported figures beside the simulated ones; None where the scenario names none."""
    targets = study.baseline.results.targets
    if not targets:
        return None
    blocks: list[Block] = list(record_sentences(study, words)) if study.comparison is not None else []
    if charts := tuple(_charts(study, words)):
        blocks += [Paragraph(words.say("record.intro")), Figures(charts)]
    rows = tuple(_row(target, words) for target in targets)
    note = words.say("record.note", near=words.percent(NEAR), far=words.percent(FAR))
    blocks.append(Table(words.say("record.caption"), words.columns("record.columns"), (Rows(rows),), note))
    return Section("record", words.say("section.record"), "3.1", tuple(blocks))


def record_sentences(study: Study, words: Words) -> Iterator[Block]:
    """Yield how far the simulated figures are from the reported ones."""
    targets = study.baseline.results.targets
    known = [target for target in targets if _error(target) is not None]
    if known:
        graded = [_grade(target) for target in known]
        counts = {name: graded.count(name) for name in ("close", "fair", "bad")}
        said = {"near": words.percent(NEAR), "far": words.percent(FAR), "n": len(known), **counts}
        yield Paragraph(words.say("answer.record_all", **said), "lead")
        worst = max(known, key=lambda target: abs(_error(target) or 0.0))
        yield Paragraph(
            words.say(
                "answer.record_worst",
                where=", ".join(filter(None, (words.place(worst["gate"], worst["direction"]), _when(worst, words)))),
                reported=f"{words.count(worst['reported'])} {words.unit(_unit(worst))}",
                simulated=words.told(worst["simulated"], worst["half_width"], _unit(worst)),
                error=words.percent(_error(worst) or 0.0, signed=True),
            )
        )
    backlogs = [target for target in known if _band(study, target) is not None]
    if backlogs:
        inside = sum(_is_inside(study, target) for target in backlogs)
        yield Paragraph(words.say("answer.record_band", inside=inside, n=len(backlogs)))
    if len(known) < len(targets):
        yield Paragraph(words.say("answer.record_unknown", n=len(targets) - len(known)), "note")


def _charts(study: Study, words: Words) -> Iterator[Figure]:
    paths: dict[tuple[str | None, str | None, int], list[dict[str, Any]]] = {}
    for row in study.baseline.results.path:
        paths.setdefault((row["gate"], row["direction"], row["at_min"]), []).append(row)
    for (gate, direction, at), rows in paths.items():
        days = [date.fromisoformat(row["date"]) for row in rows]
        targets = [
            target
            for target in study.baseline.results.targets
            if target["measure"] == "backlog"
            and (target["gate"], target["direction"], target["at_min"]) == (gate, direction, at)
            and target["on"] in {row["date"] for row in rows}
        ]
        if not targets:
            continue
        errors = [error for target in targets if (error := _error(target)) is not None]
        caption = words.say(
            "record.chart", place=capital(words.place(gate, direction)), hour=clock_text(at),
            n=len(targets), inside=sum(_is_inside(study, target) for target in targets),
            error=words.percent(sum(errors) / len(errors), signed=True) if errors else NOTHING,
        )  # fmt: skip
        svg = reported_path(
            caption,
            days,
            [(row["p10"], row["mean"], row["p90"]) for row in rows],
            [(date.fromisoformat(target["on"]), target["reported"]) for target in targets],
            (words.say("name.simulated"), words.say("name.reported")),
            words.count,
            [f"{day:%d/%m}" if words.language == "vi" else f"{day:%m-%d}" for day in days],
        )
        yield Figure(svg, caption)


def _row(target: dict[str, Any], words: Words) -> tuple[Cell | str, ...]:
    error, unit = _error(target), _unit(target)
    basis = target["basis"] or "assumed"
    return (
        capital(words.place(target["gate"], target["direction"])),
        words.figure(target["measure"]),
        _when(target, words),
        Cell(f"{words.count(target['reported'])} {words.unit(unit)}", target["reported"]),
        Cell(words.told(target["simulated"], target["half_width"], unit), target["simulated"]),
        NOTHING if error is None else words.percent(error, signed=True),
        NOTHING
        if error is None
        else Cell("", mark=Mark(_KINDS[_grade(target)], words.say(f"record.{_grade(target)}"))),
        Cell(target["source"] or "", mark=Mark(basis, words.say(f"basis.{basis}"))),
    )


def _error(target: dict[str, Any]) -> float | None:
    """Return how far the simulated figure is from the reported one, as a share of it."""
    if target["simulated"] is None or not target["reported"]:
        return None
    return float(target["simulated"] / target["reported"] - 1)


def _grade(target: dict[str, Any]) -> str:
    error = abs(_error(target) or 0.0)
    return "close" if error <= NEAR else "fair" if error <= FAR else "bad"


def _band(study: Study, target: dict[str, Any]) -> tuple[float, float] | None:
    place = (target["gate"], target["direction"], target["at_min"], target["on"])
    if target["measure"] != "backlog":
        return None
    for row in study.baseline.results.path:
        if (row["gate"], row["direction"], row["at_min"], row["date"]) == place:
            return row["p10"], row["p90"]
    return None


def _is_inside(study: Study, target: dict[str, Any]) -> bool:
    found = _band(study, target)
    return found is not None and found[0] <= target["reported"] <= found[1]


def _unit(target: dict[str, Any]) -> str:
    return "veh" if target["measure"] == "backlog" else "veh/day"


def _when(target: dict[str, Any], words: Words) -> str:
    if target["on"] is not None:
        return f"{words.day(target['on'])} {clock_text(target['at_min'])}"
    if target["from"] is None:
        return ""
    last = "" if target["to"] is None else words.day(target["to"])
    return f"{words.day(target['from'])} – {last}".rstrip(" –")
