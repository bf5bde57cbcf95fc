"""The alert, its clocks, its policy and the way in. One noun a file."""

from alerts.models.afterwards import CallBack, SecondFeedback, Story
from alerts.models.alert import Alert, AlertQuerySet, BusySpell, BusySpellQuerySet, TimelineEntry
from alerts.models.clock import Heartbeat, ObjectiveClock, Timer, TimerQuerySet
from alerts.models.drills import Drill, DrillAlert
from alerts.models.handover import HandOver, HandOverQuerySet
from alerts.models.inbound import (
    InboundMessage,
    InboundMessageQuerySet,
    Mailbox,
    MappingRule,
    MappingWord,
    SourceMapping,
)
from alerts.models.informants import InformantLink, Observation, ObservationQuerySet
from alerts.models.intake import DESK, DRILL, FILE, INFORMANT, VISITOR, IntakeMessage, IntakeToken, Source
from alerts.models.policy import PolicyStep, PolicyVersion
from alerts.models.replays import Replay
from alerts.models.roster import Holiday, Rotation, RotationTurn, Shift, ShiftQuerySet, Swap, SwapQuerySet
from alerts.models.rules import Rule

__all__ = [
    "DESK",
    "DRILL",
    "FILE",
    "INFORMANT",
    "VISITOR",
    "Alert",
    "AlertQuerySet",
    "BusySpell",
    "BusySpellQuerySet",
    "CallBack",
    "Drill",
    "DrillAlert",
    "HandOver",
    "HandOverQuerySet",
    "Heartbeat",
    "Holiday",
    "InboundMessage",
    "InboundMessageQuerySet",
    "InformantLink",
    "IntakeMessage",
    "IntakeToken",
    "Mailbox",
    "MappingRule",
    "MappingWord",
    "ObjectiveClock",
    "Observation",
    "ObservationQuerySet",
    "PolicyStep",
    "PolicyVersion",
    "Replay",
    "Rotation",
    "RotationTurn",
    "Rule",
    "SecondFeedback",
    "Shift",
    "ShiftQuerySet",
    "Source",
    "SourceMapping",
    "Story",
    "Swap",
    "SwapQuerySet",
    "TimelineEntry",
    "Timer",
    "TimerQuerySet",
]
