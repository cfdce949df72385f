"""
Alerting: how long a condition must last, who is told, how often, and who has it.

Pure values: `evaluate` takes what is remembered, what the rules say and an instant, and gives what to remember, what
changed and what to deliver. Words and clocks are those of Prometheus and Alertmanager.
"""

from gatewatch.monitor.alerting.acknowledgement import (
    Acknowledgement,
    acknowledge,
    find_acknowledgement,
    give_back,
)
from gatewatch.monitor.alerting.contacts import Contact, Mailbox
from gatewatch.monitor.alerting.escalation import Escalating, Step
from gatewatch.monitor.alerting.evaluation import Alerting, Evaluated, Settings, evaluate, find_muted
from gatewatch.monitor.alerting.explained import completed, is_background
from gatewatch.monitor.alerting.grouping import Group, Route
from gatewatch.monitor.alerting.hours import Duty, Shift, WeeklyHours
from gatewatch.monitor.alerting.inhibition import Inhibition
from gatewatch.monitor.alerting.judging import Judged, judge, key_of, rules_of
from gatewatch.monitor.alerting.keeping import from_json, to_json
from gatewatch.monitor.alerting.labels import AlertKey, Matcher, parse_matcher
from gatewatch.monitor.alerting.lifecycle import Alert, Alerts, Clocks, Judgement, Transition, retire, step
from gatewatch.monitor.alerting.notification import Bundle, Notice, Notification, Subject
from gatewatch.monitor.alerting.silences import Silence, end_silence, find_silence

__all__ = [
    "Acknowledgement",
    "Alert",
    "AlertKey",
    "Alerting",
    "Alerts",
    "Bundle",
    "Clocks",
    "Contact",
    "Duty",
    "Escalating",
    "Evaluated",
    "Group",
    "Inhibition",
    "Judged",
    "Judgement",
    "Mailbox",
    "Matcher",
    "Notice",
    "Notification",
    "Route",
    "Settings",
    "Shift",
    "Silence",
    "Step",
    "Subject",
    "Transition",
    "WeeklyHours",
    "acknowledge",
    "completed",
    "end_silence",
    "evaluate",
    "find_acknowledgement",
    "find_muted",
    "find_silence",
    "from_json",
    "give_back",
    "is_background",
    "judge",
    "key_of",
    "parse_matcher",
    "retire",
    "rules_of",
    "step",
    "to_json",
]
