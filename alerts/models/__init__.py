"""The alert, its clocks, its policy and the way in. One noun a file."""

from alerts.models.alert import Alert, AlertQuerySet, BusySpell, TimelineEntry
from alerts.models.clock import Heartbeat, ObjectiveClock, Timer, TimerQuerySet
from alerts.models.intake import DESK, VISITOR, IntakeMessage, IntakeToken, Source
from alerts.models.policy import PolicyStep, PolicyVersion

__all__ = [
    "DESK",
    "VISITOR",
    "Alert",
    "AlertQuerySet",
    "BusySpell",
    "Heartbeat",
    "IntakeMessage",
    "IntakeToken",
    "ObjectiveClock",
    "PolicyStep",
    "PolicyVersion",
    "Source",
    "TimelineEntry",
    "Timer",
    "TimerQuerySet",
]
