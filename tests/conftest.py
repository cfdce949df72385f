"""What a run of the tests tells at its end, beside what passed."""

from collections import Counter

import pytest

COMPARED = "compared: "  # begins a property that a test records, with a number: summed over all tests


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how much the tests compared, by the properties that they recorded; xdist passes them on."""
    found: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, value in report.user_properties:
            if name.startswith(COMPARED):
                found[name.removeprefix(COMPARED)] += int(value)
    for what, n in found.items():
        terminalreporter.write_line(f"compared {n:,} {what}")
