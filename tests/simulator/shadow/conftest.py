"""Small borders as text, and their shadows."""

import pytest

from gatewatch.config.loader import load_border
from gatewatch.simulator import make_plan


@pytest.fixture
def plan(tmp_path):
    """Return the plan of scenario `base` of a border given as TOML."""

    def make(text, **changes):
        path = tmp_path / "border.toml"
        path.write_text(text, encoding="utf-8")
        return make_plan(load_border(path), "base", **changes)

    return make
