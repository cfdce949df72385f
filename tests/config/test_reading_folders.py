"""Folders of a border whose names nobody reads."""

import pytest

from gatewatch.config.errors import ConfigError
from gatewatch.config.loader import load_border

GATE = """
[stations.booth]
servers = 1
[export.stages.booth]
service = { law = "constant", value = 4, unit = "min" }
"""


def test_a_misspelt_folder_is_named(tmp_path):
    """`gate` is nearly `gates`: its file would be read by nobody."""
    for folder in ("gates", "gate"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.toml").write_text(GATE, encoding="utf-8")

    with pytest.raises(ConfigError, match=r'gate is no section of a border; .*Did you mean "gates"'):
        load_border(tmp_path)


def test_other_folders_are_let_be(tmp_path):
    """Notes and examples beside a border are no part of it."""
    for folder in ("gates", "notes"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.toml").write_text(GATE, encoding="utf-8")

    assert set(load_border(tmp_path).border.gates) == {"a"}
