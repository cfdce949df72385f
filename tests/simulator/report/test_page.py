"""The page as a page: well formed, by itself, in both languages, the same bytes each time."""

import itertools
import re
from collections import Counter
from dataclasses import replace

import pytest

from gatewatch.config.errors import ConfigError
from tests.simulator.report.html_tree import read

# What loads something; an address in a text or a form loads nothing.
_LOADS = ("src", "srcset", "poster", "data", "action", "formaction", "background", "xlink:href", "manifest", "ping")


@pytest.fixture(params=["comparison", "alone"])
def text(request, page, page_alone):
    """Return a page on a comparison, and one on a scenario by itself."""
    return page() if request.param == "comparison" else page_alone()


def test_a_page_is_well_formed_and_names_nothing_twice(text):
    """Elements close in turn, ids are unique, every link and label has its target."""
    tree = read(text)
    ids = Counter(e.attributes["id"] for e in tree.every() if "id" in e.attributes)
    links = {link.attributes["href"] for link in tree.all("a")} | {f"#{x.attributes['for']}" for x in tree.all("label")}

    assert max(ids.values()) == 1
    assert links <= {f"#{name}" for name in ids}
    assert text.startswith("<!DOCTYPE html>")
    assert len(tree.all("title")[0].text) > 10


def test_a_page_loads_nothing(text):
    """No script, no link, no address in an attribute or the style: it reads without a network and without scripts."""
    tree = read(text)
    style = "".join(e.text for e in tree.all("style"))

    assert not [e.name for e in tree.every() if e.name in {"script", "link", "iframe", "img", "object", "embed", "use"}]
    assert not [e for e in tree.every() if set(_LOADS) & e.attributes.keys()]
    assert not [e for e in tree.every() if any("://" in value for value in e.attributes.values())]
    assert not [key for e in tree.every() for key in e.attributes if key.startswith("on")]
    assert not re.search(r"url\(|@import|@font-face|://", style)


def test_addresses_of_sources_are_plain_text(text):
    """A source is cited by its address, escaped, and leads nowhere."""
    tree = read(text)
    cells = [cell.text for cell in tree.all("td")]

    assert "https://example.org/a?b=1&c=2" in cells
    assert "A paper <of record>" in cells
    assert {link.attributes["href"][0] for link in tree.all("a")} == {"#"}


def test_a_page_can_be_read_by_ear(text):
    """Tables have captions and heads, charts have titles, headings go down one step at a time, languages are named."""
    tree = read(text)
    for table in tree.all("table"):
        width = len(table.all("th", scope="col"))
        rows = [row for row in table.all("tr") if not row.all("th", scope="col")]

        assert len(table.all("caption")) == 1
        assert width >= 2
        assert all(len(row.all("th")) == 1 for row in rows)
        assert all(len(row.all("td")) == width - 1 for row in rows if not row.all("th", scope="rowgroup"))
    for chart in tree.all("svg"):
        assert chart.attributes["role"] == "img"
        assert chart.all("title")[0].text
    for version in tree.all("main"):
        levels = [int(e.name[1]) for e in version.every() if re.fullmatch(r"h[1-6]", e.name)]

        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert [version.attributes["lang"] for version in tree.all("main")] == ["vi", "en"]


def test_both_languages_say_the_same_things(text):
    """The same sections, tables, rows and charts stand in both, with the same numbers behind them."""
    shapes = []
    for version in read(text).all("main"):
        sections = [section.attributes["class"] for section in version.all("section")]
        tables = [[len(row.inside) for row in table.all("tr")] for table in version.all("table")]
        numbers = [data.attributes["value"] for data in version.all("data")]
        shapes.append((sections, tables, numbers, len(version.all("svg")), len(version.all("li"))))

    assert shapes[0] == shapes[1]
    assert len(shapes[0][2]) > 10


def test_one_language_can_be_had_alone(page):
    """Then there is nothing to choose."""
    tree = read(page(language="en"))

    assert [version.attributes["lang"] for version in tree.all("main")] == ["en"]
    assert tree.all("html")[0].attributes["lang"] == "en"
    assert tree.all("input") == []


def test_an_unknown_language_is_refused(page):
    """The fault names the known ones."""
    with pytest.raises(ConfigError, match="Known: both, en, vi"):
        page(language="de")


def test_the_same_inputs_give_the_same_bytes(page, page_alone):
    """Nothing of the clock, the machine or the order of a set is in a page."""
    assert page() == page()
    assert page_alone() == page_alone()


def test_what_a_border_says_is_text_and_no_markup(text):
    """A title with an angle bracket is shown as it is written."""
    tree = read(text)

    assert "Ordinary days <b>& others</b>" in tree.all("main", lang="en")[0].all("h1")[0].text
    assert tree.all("b") == []


def test_sections_come_in_the_order_of_stress_des(page, page_alone):
    """The question first, the answer before any number, the manifest last; each names its items of the list."""
    compared, alone = (read(text).all("main", lang="en")[0].all("section") for text in (page(), page_alone()))
    items = {item for section in compared for item in re.findall(r"\d\.\d", section.all("small")[0].text)}

    assert [section.attributes["class"] for section in compared] == [
        "question", "answer", "record", "differences", "percentiles", "hourly", "occupancy", "binding", "costs",
        "assumptions", "model", "experiment", "manifest",
    ]  # fmt: skip
    assert [section.attributes["class"] for section in alone] == [
        "question", "answer", "record", "flows", "percentiles", "hourly", "occupancy", "binding", "costs",
        "assumptions", "model", "experiment", "manifest",
    ]  # fmt: skip
    assert {f"{1}.{n}" for n in (1, 2, 3)} | {f"3.{n}" for n in (1, 2, 3, 4)} | {"4.1", "4.2", "4.3"} <= items


def test_what_is_missing_is_left_out_with_a_word(page_alone, results):
    """Without figures of one kind the section is not there, and a sentence says so."""
    bare = replace(results, targets=[], path=[], hourly=[], percentiles=[], plan=None, measures=[
        row for row in results.measures if row["measure"] not in {"cost_per_day", "waiting_share", "yard_fill", "queue"}
    ])  # fmt: skip
    version = read(page_alone(bare)).all("main", lang="en")[0]
    sections = [section.attributes["class"] for section in version.all("section")]

    assert sections == ["question", "answer", "flows", "model", "experiment", "manifest"]
    assert version.all("nav")[0].text.endswith(
        "Not in this report: reported figures (the scenario names none); "
        "percentiles (too few vehicles, or too many still inside); the backlog by the hour (nobody was inside); "
        "queues and yards (the border has none); what binds (nobody waited); costs (the border has no prices); "
        "what the answer hangs on (`gatewatch sensitivity --json` finds it, `compare --sensitivity FILE` takes it in); "
        "theory beside the simulation (it was not asked); assumptions (the border that was run is not at hand)."
    )


def test_waits_are_never_shown_as_calibrated(text):
    """Both languages say that waits are a scenario."""
    vietnamese, english = read(text).all("main")

    assert "Waits: scenario, not calibrated." in english.text
    assert "Thời gian chờ: kịch bản, chưa hiệu chỉnh." in vietnamese.text
