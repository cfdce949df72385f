"""S14, help: the words we use, the keys, what the numbers mean, and whom to ask."""

from __future__ import annotations

from typing import Any

from gatewatch.monitor.web.page import PEOPLE, Asked, Page
from gatewatch.monitor.web.words import Words

PAGE = Page("/help", "Help", "help.html", PEOPLE, place=90, styles=("pages/desk.css", "pages/help.css"))


def content(asked: Asked) -> dict[str, Any]:
    """Return the glossary, and whom to ask."""
    accounts = asked.services.core.register.accounts()
    return {
        "terms": glossary(asked.words),
        "admins": sorted(person.name for person in accounts if person.role == "admin" and not person.is_disabled),
    }


def glossary(words: Words) -> list[tuple[str, str]]:
    """Return the words of the screens with their meaning; a test compares them with the table of ARCHITECTURE.md."""
    say = words.say
    return [
        (say("gate"), say("One road crossing, both directions.")),
        (say("direction"), say("Export or import, seen from Vietnam.")),
        (say("counterpart"), say("The Chinese side of a gate.")),
        (say("vehicle class"), say("Fruit, other goods, container, new vehicle, or empty.")),
        (say("pass"), say("One vehicle through the line once; a counted vehicle makes about two.")),
        (say("stage"), say("One step of a crossing: weighbridge, quarantine, customs, border guard and others.")),
        (say("yard"), say("Places where vehicles are held: off site, at the gate, or on the other side.")),
        (say("lane"), say("A queueing place before a station; it may be reserved or turned round.")),
        (say("calendar"), say("Opening hours of one side: open, only vehicles registered before, or shut.")),
        (say("arrival"), say("A vehicle joins the back of the first queue.")),
        (say("clearance"), say("A vehicle leaves its last stage across the line.")),
        (say("throughput"), say("Clearances that happened, by hour or day.")),
        (say("capacity"), say("Clearances per open hour that the gate has shown it can sustain.")),
        (say("backlog"), say("Arrived and neither cleared nor gone: waiting plus in service.")),
        (say("wait"), say("From arrival to the start of the first check; expected is for who joins now.")),
        (say("turned back"), say("Left without crossing.")),
        (say("bulletin"), say("The authorities' daily figures, cut at 20:00.")),
        (say("level"), say("How congested one direction of one gate is; the province has its own four colours.")),
        (say("alert"), say("Something wrong that has lasted: seen, fires, recovers, ended.")),
        (say("policy"), say("A change that the planner can decide.")),
        (say("scenario"), say("A border with its demand, policies, length and beginning.")),
    ]
