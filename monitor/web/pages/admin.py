"""S13, administration: accounts, keys, who is told, backups, jobs, and the audit with its chain."""

from __future__ import annotations

from typing import Any

from gatewatch.monitor.web.page import ADMINS, Asked, Page, gate_title

PAGE = Page(
    "/admin", "Administration", "admin.html", ADMINS, place=80, scripts=("pages/admin.js",),
    styles=("pages/desk.css", "pages/admin.css"),
)  # fmt: skip


def content(asked: Asked) -> dict[str, Any]:
    """Return the names of gates and sources, and who is told of alerts by the file that is in force."""
    core = asked.services.core
    teams = core.told.teams
    is_vietnamese = asked.words.language == "vi"

    def title(name: str, found: Any) -> str:
        return str((found.title_vi if is_vietnamese else "") or found.title or name)

    return {
        "gates": {gate: gate_title(core.border, gate, asked.words) for gate in core.border.gates},
        "sources": sorted(core.feeds),
        "teams": [
            {
                "title": title(name, team),
                "task": (team.task_vi if is_vietnamese else "") or team.task,
                "members": [title(m, teams.contacts[m]) for m in team.members],
                "shifts": [
                    {
                        "contact": title(shift.contact, teams.contacts[shift.contact]),
                        "times": [{"hours": str(times.hours), "days": times.days} for times in shift.times],
                    }
                    for shift in team.shifts
                ],
                "otherwise": None if team.otherwise is None else title(team.otherwise, teams.contacts[team.otherwise]),
            }
            for name, team in teams.teams.items()
        ],
        "contacts": [
            {"title": title(name, contact), "channel": contact.channel, "language": contact.language}
            for name, contact in teams.contacts.items()
        ],
        "steps": [
            {
                "after": step.after,
                "to": [title(name, teams.teams.get(name) or teams.contacts[name]) for name in step.to],
            }
            for step in teams.escalation
        ],
        "days": _days(asked),
    }


def _days(asked: Asked) -> dict[str, str]:
    say = asked.words.say
    names = (say("Mon"), say("Tue"), say("Wed"), say("Thu"), say("Fri"), say("Sat"), say("Sun"))
    return dict(zip(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), names, strict=True))
