"""How it was run: days, replications, streams, what pairing gains, the precision reached."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from statistics import median

from gatewatch.simulator.comparison.comparison import Comparison
from gatewatch.simulator.comparison.digits import scale_of
from gatewatch.simulator.comparison.rows import Row
from gatewatch.simulator.report.blocks import Block, Heading, Paragraph, Rows, Section, Table, Verbatim
from gatewatch.simulator.report.sections.differences import half_width
from gatewatch.simulator.report.sections.question import response
from gatewatch.simulator.report.study import Study
from gatewatch.simulator.report.words import Words, capital


def section(study: Study, words: Words) -> Section:
    """Return how it was run."""
    rows = tuple((words.say(f"experiment.{name}"), value) for name, value in _settings(study, words))
    blocks: list[Block] = [
        Table(words.say("experiment.caption"), words.columns("experiment.columns"), (Rows(rows),)),
        Paragraph(words.say("experiment.language")),
    ]
    if study.comparison is not None:
        blocks += _gain(study.comparison, words)
        if study.comparison.precision:
            blocks.append(_precision(study.comparison, words))
    blocks += [Heading(words.say("experiment.again")), Verbatim(_command(study))]
    return Section("experiment", words.say("section.experiment"), "4.1, 4.2, 4.3, 5.2", tuple(blocks))


def _settings(study: Study, words: Words) -> Iterator[tuple[str, str]]:
    m = study.manifest
    yield "days", words.count(m["days"])
    yield "first", words.day(date.fromisoformat(m["start"]) + timedelta(days=m["warmup_days"]))
    yield "warmup", words.count(m["warmup_days"])
    yield "replications", words.count(m["replications"])
    own = m.get("comparison", {})
    if own.get("replications_asked_for"):
        yield "asked", words.count(own["replications_asked_for"])
    if study.plan is not None:
        yield "initial", words.count(sum(entry.count for entry in study.plan.initial.vehicles))
    yield "timezone", m["timezone"]
    yield "seed", str(m["seed"])
    yield "streams", words.known("streams", m["streams"])
    yield "generator", m["bit_generator"]
    yield "engine", m["engine"]
    yield "confidence", words.percent(m["confidence"])
    if own:
        yield "pairing", words.known("streams", own["pairing"])
        yield "adjustment", words.known("streams", own["adjustment"])
        yield "response", response(str(own["demand_response"]), words)


def _gain(comparison: Comparison, words: Words) -> Iterator[Block]:
    """Say how much narrower pairing makes the intervals."""
    rows = [row for outcome in comparison.scenarios for row in comparison.headline(outcome.name)]
    ratios = [ratio for row in rows if (ratio := _ratio(row)) is not None]
    if not ratios:
        yield Paragraph(words.say("experiment.no_gain"))
        return
    ratio = median(ratios)
    said = {
        "ratio": words.digits(f"{ratio:.2g}"), "n": len(ratios),
        "times": words.digits(f"{float(f'{ratio**2:.2g}'):,.10g}"),
    }  # fmt: skip
    yield Paragraph(words.say("experiment.gain", **said), "lead")
    wider = sum(ratio < 1 for ratio in ratios)
    if wider:
        yield Paragraph(words.say("experiment.wider", n=wider))


def _ratio(row: Row) -> float | None:
    """Return the unpaired half width over the paired one."""
    return row.unpaired_half_width / row.half_width if row.half_width and row.unpaired_half_width else None


def _precision(comparison: Comparison, words: Words) -> Table:
    groups: dict[str, list[tuple[str, ...]]] = {}
    for row in comparison.precision:
        scale = scale_of(row["unit"], row["wanted"])
        figure = words.figure(row["measure"], row["statistic"], row["gate"], row["station"])
        groups.setdefault(row["scenario"], []).append(
            (
                f"{capital(words.place(row['gate'], row['direction']))}: {figure}",
                words.unit(scale.unit),
                half_width(row["half_width"], scale, words),
                half_width(row["wanted"], scale, words),
                words.say("binding.yes" if row["is_reached"] else "binding.no"),
            )
        )
    wanted = words.percent(comparison.manifest["comparison"]["precision"]["wanted"])
    parts = tuple(Rows(tuple(rows), name) for name, rows in groups.items())
    return Table(words.say("experiment.precision", wanted=wanted), words.columns("experiment.precision_columns"), parts)


def _command(study: Study) -> str:
    """Return the command that gives the same again."""
    m = study.manifest
    same = f"--days {m['days']} --warmup-days {m['warmup_days']} --replications {m['replications']} --seed {m['seed']}"
    engine = f" --engine {m['engine']}"
    if study.comparison is None:
        return f"gatewatch simulate {m['scenario']} {same}{engine}"
    policies = " ".join(f"--policy '{outcome.name}'" for outcome in study.scenarios)
    mode, _, elasticity = str(m["comparison"]["demand_response"]).partition(", elasticity ")
    answer = "" if mode == "fixed" else f" --demand-response {mode}"
    answer += f" --elasticity {elasticity}" if elasticity else ""
    return f"gatewatch compare {m['scenario']} {policies} {same}{engine}{answer}"
