"""Who is told, with the kinds of channels there are and the rules and gates that conditions may name."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from gatewatch.config.schema import Border
from gatewatch.config.teams import LoadedTeams, load_teams
from gatewatch.monitor.alerting.teams import fault_in_condition_of
from gatewatch.monitor.channels.kinds import list_kinds


def load_told(
    border: Border, rules: Collection[str], file: Path | None = None, root: Path | None = None
) -> LoadedTeams:  # fmt: skip
    """
    Return who is told of a border's alerts.

    Args:
        border: The border watched.
        rules: Names of the rules.
        file: The teams file; without it, the one in the border's folder, else the shipped one.
        root: Folder of the border.

    Raises:
        ConfigError: With every fault found.
    """
    return load_teams(list_kinds(), fault_in_condition_of(rules, border.gates), file, root)
