"""Feeds: what is declared, and how a wrong declaration is told."""

from pathlib import Path

import pytest

from gatewatch.config.errors import ConfigError
from gatewatch.config.feeds import load_feeds
from gatewatch.config.loader import load_border

BORDER = load_border().border


def _faults(root: Path, text: str) -> list[str]:
    (root / "feeds").mkdir()
    (root / "feeds" / "huu_nghi.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_feeds(BORDER, root)
    return [str(fault) for fault in caught.value.faults]


def test_every_open_gate_and_direction_has_arrivals_and_clearances():
    """Without both, no backlog can be told."""
    feeds = load_feeds(BORDER).values()
    seen = {(feed.gate, point.direction, point.what) for feed in feeds for point in feed.reports}

    wanted = {
        (name, direction, what)
        for name, gate in BORDER.gates.items()
        if not gate.dormant
        for direction in ("export", "import")
        for what in ("arrived", "gate_out")
    }
    assert wanted <= seen


def test_a_border_without_feeds_has_none(tmp_path):
    """The folder may be missing."""
    assert load_feeds(BORDER, tmp_path) == {}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            '["a"]\nkind = "camera"\ngate = "huu_ngi"\n',
            'feeds/huu_nghi.toml: a.gate is "huu_ngi"; no gate has that name. Did you mean "huu_nghi"?',
        ),
        (
            '["a"]\nkind = "camera"\ngate = "huu_nghi"\nreports = [{ what = "yard_in", direction = "export" }]\n',
            'feeds/huu_nghi.toml: a.reports[0].yard is missing; "yard_in" needs a yard.',
        ),
        (
            '["a"]\nkind = "camera"\nreports = [{ what = "arrived", direction = "export" }]\n',
            "feeds/huu_nghi.toml: a.gate is missing; a feed that counts vehicles stands at a gate.",
        ),
        (
            '["a"]\nkind = "kamera"\n',
            'feeds/huu_nghi.toml: a.kind is "kamera"; did you mean "camera"?',
        ),
        ("a = 3\n", 'feeds/huu_nghi.toml: a is 3; write it as a table: ["a"].'),
    ],
)
def test_a_wrong_feed_is_told_with_file_key_and_remedy(tmp_path, text, fault):
    """Each fault names what to change."""
    found = _faults(tmp_path, text)

    assert len(found) == 1
    assert found[0].replace(f"{tmp_path.name}/", "").startswith(fault)


def test_two_feeds_of_one_place_and_rank_are_told_apart(tmp_path):
    """Which one counts must not depend on the order of the file."""
    feed = 'kind = "camera"\ngate = "huu_nghi"\nreports = [{ what = "arrived", direction = "export" }]\n'

    (fault,) = _faults(tmp_path, f'["a"]\n{feed}["b"]\n{feed}')

    assert 'b.rank is 1; "a" counts there with the same rank' in fault
