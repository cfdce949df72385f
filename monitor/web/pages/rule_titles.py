"""What people call a rule; its name stays the key in files and in the API."""

from __future__ import annotations

from collections.abc import Callable


def rule_titles(say: Callable[[str], str]) -> dict[str, str]:
    """Return the title of each rule in the language of `say`."""
    return {
        "arrivals_over_clearances": say("More come than are cleared"),
        "backlog_peak": say("Very high backlog"),
        "backlog_sustained": say("Backlog that stays"),
        "backup_old": say("Old backup"),
        "bulletin_inconsistency": say("Bulletin that does not add up"),
        "clock_skew": say("Clock of a device is off"),
        "count_mismatch": say("Our count and the bulletin's differ"),
        "days_of_work": say("Backlog in days of work"),
        "disk_low": say("Disk nearly full"),
        "expected_wait": say("Long expected wait"),
        "fruit_at_risk": say("Fruit that waits too long"),
        "fsync_slow": say("Disk confirms slowly"),
        "lane_closed": say("Lanes closed in open hours"),
        "national_colour": say("Colour of the national map"),
        "notifier_stuck": say("Messages that are not delivered"),
        "road_queue": say("Vehicles on the road"),
        "sequence_gap": say("Reports lost on the way"),
        "silent_feed": say("Silent feed"),
        "throughput_collapse": say("Clearances collapse"),
        "unfinished_today": say("Not finished by closing"),
        "unplanned_closure": say("Closed although it should be open"),
        "watchdog": say("Sign of life"),
        "yard_near_full": say("Yard nearly full"),
    }
