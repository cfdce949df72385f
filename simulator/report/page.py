"""Sections in one or both languages set into the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from gatewatch.simulator.report.blocks import Section
from gatewatch.simulator.report.sections import sections_of
from gatewatch.simulator.report.study import Study
from gatewatch.simulator.report.words import Language, Words


@dataclass(frozen=True, slots=True)
class Version:
    """
    The report in one language.

    Args:
        language: Which.
        name: What the language calls itself.
        title: Title of the report.
        notices: What has to be known before anything is read.
        left_out: Sentence on the sections that are not there; empty where all are.
        made_by: What made it.
        sections: What it says.
        words: Its texts.
    """

    language: Language
    name: str
    title: str
    notices: tuple[str, ...]
    left_out: str
    made_by: str
    sections: tuple[Section, ...]
    words: Words


def page(study: Study, languages: Sequence[Language]) -> str:
    """Return the HTML of a report in some languages, the first shown at the start."""
    return _template().render(versions=[_version(study, language) for language in languages], style=_style())


def _version(study: Study, language: Language) -> Version:
    words = Words(language, None if study.plan is None else study.plan.loaded.border)
    sections, absent = sections_of(study, words)
    notices = []
    if study.comparison is not None and study.comparison.is_cut_short:
        notices.append(words.say("page.cut_short", n=study.manifest["replications"]))
    key = "page.title_alone" if study.comparison is None else "page.title"
    return Version(
        language=language,
        name=words.say("page.language"),
        title=words.say(key, scenario=study.title(words)),
        notices=tuple(notices),
        left_out=words.say("page.left_out", names="; ".join(absent)) if absent else "",
        made_by=words.say("page.made_by", version=study.manifest["gatewatch"]),
        sections=tuple(sections),
        words=words,
    )


@cache
def _environment() -> Environment:
    loader = PackageLoader("gatewatch.simulator.report", "templates")
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )  # fmt: skip


def _template() -> Template:
    return _environment().get_template("report.html")


@cache
def _style() -> Markup:
    """Return the style sheet, which is ours and has no user's text in it."""
    environment = _environment()
    assert environment.loader is not None
    return Markup(environment.loader.get_source(environment, "report.css")[0])
