"""What a run of the tests tells at its end, beside what passed."""

from collections import Counter

import pytest

COMPARED = "compared: "  # begins a property that a test records, with a number: summed over all tests
TABLE = "table: "  # begins a property that a test records, with the lines of a table: printed as they are


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how much the tests compared and the tables they made, by recorded properties; xdist passes them on."""
    found: Counter[str] = Counter()
    tables: dict[str, list[str]] = {}
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, value in report.user_properties:
            if name.startswith(COMPARED):
                found[name.removeprefix(COMPARED)] += int(value)
            if name.startswith(TABLE):
                tables[name.removeprefix(TABLE)] = str(value).splitlines()
    for what, n in found.items():
        terminalreporter.write_line(f"compared {n:,} {what}")
    for what, lines in tables.items():
        for line in (f"{what}:", *(f"  {line}" for line in lines)):
            terminalreporter.write_line(line)
