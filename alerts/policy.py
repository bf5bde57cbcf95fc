"""What the clock measures and what it does: the escalation table, and the pure questions that are asked of it.

Nothing here reads a clock, a database or a setting. The table is the default; an administrator's own versions
have the same shape (``Policy``), and everything that carries it out works from that shape alone.

Sources: product.md "Alerts" (5, 10, 30 minutes; two specialists), escalation.md "Objectives" and "Escalation steps".
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _

SECONDS = timedelta(seconds=1)
MINUTES = timedelta(minutes=1)
HOURS = timedelta(hours=1)


class Level(TextChoices):
    """How great the danger is."""

    HIGH = "high", _("High")
    MEDIUM = "medium", _("Medium")
    LOW = "low", _("Low")


URGENCY: Mapping[str, int] = {Level.HIGH: 1, Level.MEDIUM: 2, Level.LOW: 3}
"""The order in which levels are served: smaller first."""


class State(TextChoices):
    """Where an alert stands in its life."""

    RECEIVED = "received", _("To dispatch")
    DISPATCHED = "dispatched", _("At the grid")
    ACCEPTED = "accepted", _("In hand")
    CLOSED = "closed", _("Closed")
    VOIDED = "voided", _("Voided")


OPEN_STATES: tuple[State, ...] = (State.RECEIVED, State.DISPATCHED, State.ACCEPTED)


class Objective(TextChoices):
    """What is measured against the clock."""

    DISPATCH = "dispatch", _("Reaches the grid")
    RESPOND = "respond", _("Resident reached")


class ObjectiveState(TextChoices):
    """How an objective ended, or that it has not. Breached stays breached."""

    PENDING = "pending", _("Running")
    MET = "met", _("Kept")
    BREACHED = "breached", _("Overdue")
    REPLACED = "replaced", _("Replaced by a higher level")
    DROPPED = "dropped", _("Dropped")


class Confirmation(TextChoices):
    """What must be confirmed before the resident counts as reached."""

    PHONE = "phone", _("Phone")
    DOOR = "door", _("Door")
    FAMILY = "family", _("Family")
    CONTACT = "contact", _("Contacted and reminded")


CONFIRMATIONS: Mapping[str, tuple[Confirmation, ...]] = {
    Level.HIGH: (Confirmation.PHONE, Confirmation.DOOR, Confirmation.FAMILY),
    Level.MEDIUM: (Confirmation.CONTACT,),
    Level.LOW: (Confirmation.CONTACT,),
}
"""High: by phone *and* at the door, and the family meanwhile. Medium and low: contacted and reminded."""


class Deed(TextChoices):
    """What somebody did about an alert, as it is written in the timeline."""

    PHONE_CONFIRMED = "phone_confirmed", _("Reached by phone")
    DOOR_CONFIRMED = "door_confirmed", _("Met at the door")
    FAMILY_CONTACTED = "family_contacted", _("Family reached")
    REMINDED = "reminded", _("Contacted and reminded")
    PHONE_NO_ANSWER = "phone_no_answer", _("Called, no answer")
    PHONE_BUSY_LINE = "phone_busy_line", _("Called, line busy")
    DOOR_NOBODY = "door_nobody", _("At the door, nobody there")
    DOOR_REFUSED = "door_refused", _("At the door, not let in")
    FAMILY_NO_ANSWER = "family_no_answer", _("Family did not answer")


CONFIRMS: Mapping[str, Confirmation] = {
    Deed.PHONE_CONFIRMED: Confirmation.PHONE,
    Deed.DOOR_CONFIRMED: Confirmation.DOOR,
    Deed.FAMILY_CONTACTED: Confirmation.FAMILY,
    Deed.REMINDED: Confirmation.CONTACT,
}
"""The deeds that confirm something; the others are attempts, which count as "something done" and confirm nothing."""


class Outcome(TextChoices):
    """How an alert really ended."""

    DISSUADED = "dissuaded", _("Dissuaded in time")
    SAW_THROUGH = "saw_through", _("Saw through it unaided")
    DEFRAUDED = "defrauded", _("Defrauded")
    FALSE_ALARM = "false_alarm", _("False alarm")


class Condition(TextChoices):
    """When a step applies. Looked at under the alert's lock at the moment the step fires."""

    ALWAYS = "always", _("always")
    NOT_DISPATCHED = "not_dispatched", _("not dispatched")
    NOT_ACCEPTED = "not_accepted", _("not accepted")
    ACCEPTED_AND_IDLE = "accepted_and_idle", _("accepted, and nothing done since")
    NOT_MET = "not_met", _("not met")


class Action(TextChoices):
    """What a step does besides telling people."""

    TELL = "tell", _("only tell")
    REMIND_DESK = "remind_desk", _("remind the desk")
    DISPATCH = "dispatch", _("dispatch to the grid")
    ASSIGN_FIRST = "assign_first", _("assign the first available specialist")
    HAND_TO_SECOND = "hand_to_second", _("hand to the second specialist")
    HAND_TO_LEADER = "hand_to_leader", _("hand to the grid leader")
    BRING_IN_HELP = "bring_in_help", _("bring in whoever of the grid is available")


class Audience(TextChoices):
    """Whom a step tells, besides the person who is handed the alert."""

    DESK = "desk", _("Duty desk")
    SPECIALISTS = "specialists", _("Both specialists")
    LEADER = "leader", _("Grid leader")
    MANAGER = "manager", _("Community manager")
    POLICE = "police", _("Police liaison")
    SUPERVISOR = "supervisor", _("Street supervisor")


class Rank(IntegerChoices):
    """The ranks an alert climbs. The desk is told; it never holds an alert."""

    SPECIALIST = 1, _("Warning specialist")
    LEADER = 2, _("Grid leader")
    MANAGER = 3, _("Community manager")
    POLICE = 4, _("Police liaison")


ASSIGNS: Mapping[str, Rank] = {
    Action.ASSIGN_FIRST: Rank.SPECIALIST,
    Action.HAND_TO_SECOND: Rank.SPECIALIST,
    Action.HAND_TO_LEADER: Rank.LEADER,
}
"""The rank at which each assigning action begins to look for somebody."""

ALWAYS_BREACHES: Mapping[str, frozenset[Condition]] = {
    Objective.DISPATCH: frozenset({Condition.ALWAYS, Condition.NOT_MET, Condition.NOT_DISPATCHED}),
    Objective.RESPOND: frozenset({Condition.ALWAYS, Condition.NOT_MET}),
}
"""Under which conditions a breaching step applies as long as its objective is unmet. Any other could be moot, and
leave an open alert that no step watches any more."""

HEIGHT: Mapping[str, int] = {Action.ASSIGN_FIRST: 1, Action.HAND_TO_SECOND: 2, Action.HAND_TO_LEADER: 3}
"""Which of several overdue hand-overs is the highest: after an outage only that one is carried out."""


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table.

    Attributes:
        objective: the clock it belongs to.
        level: the level it is for; ``None`` for every level.
        at: time from the objective's start; the step is due from that instant itself on.
        when: the condition under which it applies.
        do: what it does.
        tell: whom it tells besides a new holder.
        breach: whether the objective is breached here. An objective has exactly one such step, and is due then.
    """

    objective: Objective
    level: Level | None
    at: timedelta
    when: Condition
    do: Action
    tell: tuple[Audience, ...] = ()
    breach: bool = False

    @property
    def key(self) -> str:
        """The step's name within a policy: unique there, so a timer is unique per alert and step."""
        return f"{self.objective}.{self.level or 'any'}.{self.at.total_seconds():g}.{self.do}"


_DISPATCH, _RESPOND = Objective.DISPATCH, Objective.RESPOND
_HIGH, _MEDIUM, _LOW = Level.HIGH, Level.MEDIUM, Level.LOW
_C, _A, _T = Condition, Action, Audience

STEPS: tuple[Step, ...] = (
    Step(_DISPATCH, None, 3 * MINUTES, _C.NOT_DISPATCHED, _A.REMIND_DESK, (_T.DESK,)),
    Step(_DISPATCH, None, 5 * MINUTES, _C.NOT_DISPATCHED, _A.DISPATCH, (_T.MANAGER,), breach=True),
    Step(_RESPOND, _HIGH, 0 * MINUTES, _C.ALWAYS, _A.ASSIGN_FIRST, (_T.SPECIALISTS, _T.LEADER)),
    Step(_RESPOND, _HIGH, 3 * MINUTES, _C.NOT_ACCEPTED, _A.HAND_TO_SECOND),
    Step(_RESPOND, _HIGH, 5 * MINUTES, _C.NOT_ACCEPTED, _A.HAND_TO_LEADER, (_T.DESK,)),
    Step(_RESPOND, _HIGH, 6 * MINUTES, _C.ACCEPTED_AND_IDLE, _A.BRING_IN_HELP, (_T.LEADER,)),
    Step(_RESPOND, _HIGH, 10 * MINUTES, _C.NOT_MET, _A.TELL, (_T.MANAGER, _T.POLICE), breach=True),
    Step(_RESPOND, _HIGH, 20 * MINUTES, _C.NOT_MET, _A.TELL, (_T.SUPERVISOR,)),
    Step(_RESPOND, _MEDIUM, 0 * MINUTES, _C.ALWAYS, _A.ASSIGN_FIRST, (_T.LEADER,)),
    Step(_RESPOND, _MEDIUM, 15 * MINUTES, _C.NOT_ACCEPTED, _A.HAND_TO_SECOND),
    Step(_RESPOND, _MEDIUM, 20 * MINUTES, _C.ACCEPTED_AND_IDLE, _A.BRING_IN_HELP, (_T.LEADER,)),
    Step(_RESPOND, _MEDIUM, 30 * MINUTES, _C.NOT_MET, _A.HAND_TO_LEADER, (_T.DESK, _T.MANAGER), breach=True),
    Step(_RESPOND, _LOW, 0 * MINUTES, _C.ALWAYS, _A.ASSIGN_FIRST, (_T.LEADER,)),
    Step(_RESPOND, _LOW, 24 * HOURS, _C.NOT_MET, _A.TELL, (_T.LEADER,), breach=True),
)
"""The default policy, row for row.

Why the grid leader is told at 0:00 of every level: docs/decisions/grid-leader-told-at-once.md.
"""


@dataclass(frozen=True)
class Policy:
    """A whole table of steps, as one alert keeps it from its receipt to its end."""

    steps: tuple[Step, ...] = STEPS

    @cached_property
    def _by_key(self) -> Mapping[str, Step]:
        return {step.key: step for step in reversed(self.steps)}

    def steps_of(self, objective: str, level: str) -> tuple[Step, ...]:
        """Return the steps of one objective at one level, in time order; those of one instant in table order."""
        mine = (step for step in self.steps if step.objective == objective and step.level in (None, level))
        return tuple(sorted(mine, key=lambda step: step.at))

    def due_after(self, objective: str, level: str) -> timedelta:
        """Return how long the objective has at this level: the time of its breaching step."""
        return next(step.at for step in self.steps_of(objective, level) if step.breach)

    def step(self, key: str) -> Step:
        """Return the step of that key. Raises ``KeyError`` where the table has none."""
        return self._by_key[key]


def faults(steps: Sequence[Step]) -> list[str]:
    """Return what keeps these steps from being a policy, each fault a sentence; empty where they are one.

    A policy needs, for each objective at each level, exactly one breaching step with time above zero that nothing but
    the work itself escapes; each key once; nothing before the start; and at zero seconds of ``respond`` somebody who
    is assigned.
    """
    found: list[str] = []
    keys = [step.key for step in steps]
    found += [
        str(_("The same step twice: {key}")).format(key=key) for key in sorted({k for k in keys if keys.count(k) > 1})
    ]
    found += [
        str(_("A step before its objective starts: {key}")).format(key=s.key) for s in steps if s.at < 0 * SECONDS
    ]
    policy = Policy(tuple(steps))
    for objective in Objective:
        for level in Level:
            mine = policy.steps_of(objective, level)
            if sum(step.breach for step in mine) != 1:
                found.append(
                    str(_("{objective}, {level}: needs exactly one step that breaches")).format(
                        objective=objective.label, level=level.label
                    )
                )
            elif not all(step.when in ALWAYS_BREACHES[objective] for step in mine if step.breach):
                found.append(
                    str(_("{objective}, {level}: the step that breaches must hold whatever was accepted")).format(
                        objective=objective.label, level=level.label
                    )
                )
            elif policy.due_after(objective, level) <= 0 * SECONDS:
                found.append(
                    str(_("{objective}, {level}: is due the moment it starts")).format(
                        objective=objective.label, level=level.label
                    )
                )
            if objective is Objective.RESPOND and not any(s.do == Action.ASSIGN_FIRST and not s.at for s in mine):
                found.append(str(_("{level}: nobody is assigned at 0:00")).format(level=level.label))
            if any(
                (step.do == Action.DISPATCH) != (objective is Objective.DISPATCH)
                for step in mine
                if step.do in (Action.DISPATCH, *ASSIGNS)
            ):
                found.append(
                    str(_("{objective}: has a step that belongs to the other objective")).format(
                        objective=objective.label
                    )
                )
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Facts:
    """What the table needs to know of an alert, seen from one of its objectives."""

    is_open: bool
    is_dispatched: bool
    is_accepted: bool
    has_acted: bool
    """Something was done since acceptance, and since this objective started."""
    is_met: bool


def applies(step: Step, facts: Facts) -> bool:
    """Say whether a step's condition holds. A met objective never escalates; neither does an ended alert."""
    if not facts.is_open or facts.is_met:
        return False
    match step.when:
        case Condition.ALWAYS | Condition.NOT_MET:
            return True
        case Condition.NOT_DISPATCHED:
            return not facts.is_dispatched
        case Condition.NOT_ACCEPTED:
            return not facts.is_accepted
        case Condition.ACCEPTED_AND_IDLE:
            return facts.is_accepted and not facts.has_acted


def steps_due(
    policy: Policy, *, objective: str, level: str, started_at: datetime, taken: Collection[str], now: datetime
) -> list[Step]:
    """Return the steps due and not yet taken, in the order of the table. A step is due from the instant itself on."""
    return [step for step in policy.steps_of(objective, level) if started_at + step.at <= now and step.key not in taken]


class Fate(TextChoices):
    """What becomes of a step that is due."""

    CARRIED_OUT = "carried_out", _("carried out")
    PASSED_OVER = "passed_over", _("passed over")
    MOOT = "moot", _("not needed")


def settle(due: Sequence[Step], facts: Facts) -> list[tuple[Step, Fate]]:
    """Say what becomes of the steps that are due for one objective at one moment, as one.

    Where several are overdue together (after an outage) only the highest hand-over is carried out; the others, and
    whatever the dispatch itself overtakes, are passed over. Breaches and tidings are never passed over.
    An accepted alert is taken from its holder by no "not accepted" step: such a step is moot.
    """
    live = [step for step in due if applies(step, facts)]
    hand_overs = [step for step in live if step.do in HEIGHT]
    highest = max(hand_overs, key=lambda step: (HEIGHT[step.do], step.at), default=None)
    dispatch = next((step for step in live if step.do == Action.DISPATCH), None)

    def is_overtaken(step: Step) -> bool:
        if dispatch is not None and step is not dispatch and step.do in {Action.REMIND_DESK, Action.DISPATCH}:
            return True
        return step in hand_overs and step is not highest

    def fate(step: Step) -> Fate:
        if step not in live:
            return Fate.MOOT
        return Fate.PASSED_OVER if is_overtaken(step) else Fate.CARRIED_OUT

    return [(step, fate(step)) for step in due]


@dataclass(frozen=True, slots=True)
class Member:
    """One person of an alert's team, as the table sees them."""

    user_id: int
    rank: Rank
    is_busy: bool = False
    """Marked busy by themselves."""
    is_engaged: bool = False
    """Holds another accepted high alert."""

    @property
    def is_available(self) -> bool:
        return not (self.is_busy or self.is_engaged)


class Hindrance(TextChoices):
    """Why somebody was passed over."""

    BUSY = "busy", _("busy")
    ENGAGED = "engaged", _("has another high alert in hand")
    HAS_IT = "has_it", _("has it already")
    NOBODY = "nobody", _("no such post is filled")


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is to hold an alert, and who was passed over on the way there, each with the reason."""

    member: Member | None
    passed: tuple[tuple[Rank, int | None, Hindrance], ...] = ()


def choose_holder(
    team: Iterable[Member], *, start: Rank, without: Collection[int] = (), offered: Collection[int] = ()
) -> Choice:
    """Choose the first available member at ``start`` or, where nobody is, at the next rank at once.

    Args:
        team: the alert's people, in the order of their posts.
        start: the rank to begin at.
        without: people who hold it now and are to be relieved.
        offered: people who had it before and did not accept; they are taken only where nobody else of a rank is free.

    Returns: the choice; its ``member`` is ``None`` where nobody is available at any rank, and the desk must be told.
    """
    people = list(team)
    passed: list[tuple[Rank, int | None, Hindrance]] = []
    for rank in Rank:
        if rank < start:
            continue
        mine = [member for member in people if member.rank == rank]
        free = [member for member in mine if member.is_available and member.user_id not in without]
        passed += [(rank, member.user_id, _hindrance(member)) for member in mine if member not in free]
        if free:
            # min keeps the order of posts among equals
            return Choice(min(free, key=lambda member: member.user_id in offered), tuple(passed))
        if not mine:
            passed.append((rank, None, Hindrance.NOBODY))
    return Choice(None, tuple(passed))


def _hindrance(member: Member) -> Hindrance:
    if member.is_busy:
        return Hindrance.BUSY
    if member.is_engaged:
        return Hindrance.ENGAGED
    return Hindrance.HAS_IT


def missing_confirmations(level: str, *, confirmed: Collection[str], excused: Collection[str]) -> list[Confirmation]:
    """Return what still has to be confirmed, or excused with a reason, before the resident counts as reached."""
    return [c for c in CONFIRMATIONS[level] if c not in confirmed and c not in excused]


def higher(one: str, other: str) -> bool:
    """Say whether the first level is higher than the second."""
    return URGENCY[one] < URGENCY[other]
