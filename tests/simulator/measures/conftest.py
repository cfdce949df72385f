"""One engine is enough here: measures read the trace, and all engines give the same one."""

import pytest


@pytest.fixture
def engine() -> str:
    """Return the engine that is written to be read."""
    return "reference"
