"""What the clock measures and what it does: the escalation table, and the pure questions that are asked of it.

Nothing here reads a clock, a database or a setting. The table is the default; an administrator's own versions
have the same shape (``Policy``), and everything that carries it out works from that shape alone.

Sources: product.md "Alerts" (5, 10, 30 minutes; two specialists), escalation.md "Objectives" and "Escalation steps".
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

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


AVERTED = (Outcome.DISSUADED, Outcome.SAW_THROUGH)
"""The outcomes after which nothing was lost that was nearly lost."""


class Fact(TextChoices):
    """What a list of alerts can be narrowed to: a clock kept or not, somebody reached or not, what was corrected."""

    PUSHED = "pushed", _("At the grid in time")
    PUSHED_LATE = "pushed_late", _("At the grid too late")
    REACHED = "reached", _("Resident reached in time")
    REACHED_LATE = "reached_late", _("Resident reached too late")
    PHONE = "phone", _("Reached by phone")
    NO_PHONE = "no_phone", _("Not reached by phone")
    DOOR = "door", _("Met at the door")
    NO_DOOR = "no_door", _("Not met at the door")
    FAMILY = "family", _("Family reached")
    NO_FAMILY = "no_family", _("Family not reached")
    BREACHED = "breached", _("Any clock not kept")
    CORRECTED = "corrected", _("Closed at another level")
    AS_PUSHED = "as_pushed", _("Closed at the level pushed")
    SECOND = "second", _("Needs a second feedback")
    AWAITING = "awaiting", _("Second feedback still to come")


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
    is_on_call: bool = True
    """On call by the duty roster; where the roster has nobody of this rank for the hour, everybody of it is."""

    @property
    def is_free(self) -> bool:
        return not (self.is_busy or self.is_engaged)

    @property
    def is_available(self) -> bool:
        return self.is_on_call and self.is_free


class Hindrance(TextChoices):
    """Why somebody was passed over."""

    BUSY = "busy", _("busy")
    ENGAGED = "engaged", _("has another high alert in hand")
    HAS_IT = "has_it", _("has it already")
    OFF_DUTY = "off_duty", _("off duty")
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

    Who is off duty comes last of all, in the same order of ranks: nobody off duty is called while somebody on duty is
    free, and nobody is left uncalled (docs/decisions/who-is-on-call.md).

    Args:
        team: the alert's people, in the order of their posts.
        start: the rank to begin at.
        without: people who hold it now and are to be relieved.
        offered: people who had it before and did not accept; they are taken only where nobody else of a rank is free.

    Returns: the choice; its ``member`` is ``None`` where nobody is free at any rank, and the desk must be told.
    """
    people = list(team)
    passed: list[tuple[Rank, int | None, Hindrance]] = []
    last: Member | None = None
    for rank in Rank:
        if rank < start:
            continue
        mine = [member for member in people if member.rank == rank]
        free = [member for member in mine if member.is_free and member.user_id not in without]
        on_call = [member for member in free if member.is_on_call]
        passed += [(rank, m.user_id, _hindrance(m, without)) for m in mine if m not in on_call]
        if on_call:
            return Choice(_first(on_call, offered), tuple(passed))
        if not mine:
            passed.append((rank, None, Hindrance.NOBODY))
        last = last or _first(free, offered)
    kept = passed if last is None else [one for one in passed if one[1] != last.user_id]
    return Choice(last, tuple(kept))


def _first(members: Sequence[Member], offered: Collection[int]) -> Member | None:
    # min keeps the order of posts among equals
    return min(members, key=lambda member: member.user_id in offered, default=None)


def _hindrance(member: Member, without: Collection[int] = ()) -> Hindrance:
    if member.is_busy:
        return Hindrance.BUSY
    if member.is_engaged:
        return Hindrance.ENGAGED
    return Hindrance.HAS_IT if member.user_id in without else Hindrance.OFF_DUTY


def choose_helpers(
    team: Iterable[Member], *, beside: int | None
) -> tuple[tuple[Member, ...], tuple[tuple[Rank, int | None, Hindrance], ...]]:
    """Choose who of the grid is brought in beside somebody: all who are available, else those free though off duty.

    Returns: the helpers, and everybody passed over with the reason where there are none.
    """
    near = [member for member in team if member.rank <= Rank.LEADER and member.user_id != beside]
    free = [member for member in near if member.is_free]
    helpers = tuple(member for member in free if member.is_on_call) or tuple(free)
    return helpers, () if helpers else tuple((m.rank, m.user_id, _hindrance(m)) for m in near)


def missing_confirmations(level: str, *, confirmed: Collection[str], excused: Collection[str]) -> list[Confirmation]:
    """Return what still has to be confirmed, or excused with a reason, before the resident counts as reached."""
    return [c for c in CONFIRMATIONS[level] if c not in confirmed and c not in excused]


def higher(one: str, other: str) -> bool:
    """Say whether the first level is higher than the second."""
    return URGENCY[one] < URGENCY[other]


class Help(TextChoices):
    """Whom somebody at the door calls for, the nearest first."""

    PARTNER = "partner", _("My partner")
    LEADER = "leader", _("The grid leader")
    POLICE = "police", _("110")


def next_help(team: Iterable[Member], *, without: Collection[int]) -> Help:
    """Return whom to call for next: a specialist who is not in it yet, then a leader who is not, then 110.

    Args:
        without: who is in it already: the holder, the helpers, whoever asks.
    """
    ranks = {member.rank for member in team if member.user_id not in without}
    if Rank.SPECIALIST in ranks:
        return Help.PARTNER
    return Help.LEADER if Rank.LEADER in ranks else Help.POLICE


# ── informants ──────────────────────────────────────────────────────────────────────────────────────────────────────


class Hurry(TextChoices):
    """How urgent an informant finds what they saw, in words of a stairwell."""

    NOW = "now", _("Right now: money is about to go")
    TODAY = "today", pgettext_lazy("how urgent", "Today")
    LOOK = "look", _("Have a look when you can")


LEVEL_OF_HURRY: Mapping[str, Level] = {Hurry.NOW: Level.HIGH, Hurry.TODAY: Level.MEDIUM, Hurry.LOOK: Level.LOW}
"""What an informant's report becomes; product.md: it has a clock of its own."""


class Stage(TextChoices):
    """What an informant is told of a report: never whom it was about, nor what was lost."""

    RECEIVED = "received", _("Received: the grid has it")
    ON_THE_WAY = "on_the_way", _("Somebody is on it")
    SAFE = "safe", _("Done, the person is safe. Thank you!")
    DONE = "done", _("Done. Thank you!")


def stage_of(state: str, outcome: str) -> Stage:
    """Return what an informant is told of an alert in this state, ended so. Money that was lost is nobody's gossip."""
    if state in (State.RECEIVED, State.DISPATCHED):
        return Stage.RECEIVED
    if state == State.ACCEPTED:
        return Stage.ON_THE_WAY
    return Stage.SAFE if outcome in (Outcome.DISSUADED, Outcome.SAW_THROUGH, Outcome.FALSE_ALARM) else Stage.DONE


# ── afterwards ──────────────────────────────────────────────────────────────────────────────────────────────────────


class Found(TextChoices):
    """What a second feedback found, days after an alert was closed."""

    SAFE = "safe", _("Still safe")
    AGAIN = "again", _("Approached again, not deceived")
    LOST = "lost", _("Lost money after all")


def is_to_be_called_back(pk: int, *, level: str, outcome: str, percent: int) -> bool:
    """Say whether the desk calls back about a closed alert: every defrauded one, and of high and medium ones a sample.

    The sample is drawn by the alert's number, so that nobody chooses and everybody finds the same.

    Args:
        level: as it was received: who closes an alert may lower it, and would so leave the sample.
        percent: of a hundred closed high and medium alerts, on average.
    """
    if outcome == Outcome.DEFRAUDED:
        return True
    if level not in (Level.HIGH, Level.MEDIUM):
        return False
    drawn = int.from_bytes(hashlib.sha256(f"call-back:{pk}".encode()).digest()[:4])
    return drawn % 100 < percent


# ── numbers ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class RuleName(TextChoices):
    """A number that an administrator may change."""

    REPORTS_A_DAY = "reports_a_day", _("Reports from one informant's link a day, at most")
    FEEDBACK_DAYS = "feedback_days", _("Second feedback is due … days after the alert was closed")
    CALL_BACK_PERCENT = "call_back_percent", _("Call back so many of 100 closed high and medium alerts")
    CALL_BACK_DAYS = "call_back_days", _("Call back within … days of closing")
    KEEP_PHOTOS_DAYS = "keep_photos_days", _("Keep an informant's photo for … days after the alert ended")
    MESSAGES_DAYS = "messages_days", _("Keep the text of received messages … days")


DEFAULT_RULES: Mapping[RuleName, int] = {
    RuleName.REPORTS_A_DAY: 20,
    RuleName.FEEDBACK_DAYS: 3,
    RuleName.CALL_BACK_PERCENT: 20,
    RuleName.CALL_BACK_DAYS: 14,
    RuleName.KEEP_PHOTOS_DAYS: 90,
    RuleName.MESSAGES_DAYS: 30,
}


# ── the duty roster ─────────────────────────────────────────────────────────────────────────────────────────────────


class ShiftKind(TextChoices):
    """What a shift is: at a community's desk, or on call for an area."""

    DESK = "desk", _("Duty desk")
    ON_CALL = "on_call", _("On call")


class Turn(TextChoices):
    """When the next people of a rotation have their turn."""

    DATE = "date", _("at every shift")
    WEEK = "week", _("every week, on Monday")


LONGEST_SHIFT = timedelta(days=7)
"""So long a shift may be: one look back over this time finds everybody who is on duty at a moment."""


def turns_of(dates: Iterable[date], *, turn: str, people: Sequence[int], at_once: int) -> list[tuple[int, ...]]:
    """Return, for each date of a rotation from its first one on, who has that turn.

    ``people`` follow each other, ``at_once`` at a time: of three with two at a time, the second turn has the third and
    the first. Nobody stands twice in one turn. In weekly turns the whole of a calendar week has the same people.
    """
    size = min(at_once, len(people))
    found: list[tuple[int, ...]] = []
    monday: date | None = None
    for number, on in enumerate(dates):
        week = on - timedelta(days=on.weekday())
        monday = monday or week
        number_of_turn = (week - monday).days // 7 if turn == Turn.WEEK else number
        start = number_of_turn * size
        found.append(tuple(people[(start + seat) % len(people)] for seat in range(size)))
    return found


# ── ways in ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class Way(TextChoices):
    """How a message came."""

    API = "api", _("interface")
    WEBHOOK = "webhook", _("webhook")
    EMAIL = "email", _("mail")


class Became(TextChoices):
    """What a message that was received became."""

    WAITING = "waiting", _("waiting to be read")
    CREATED = "created", _("began an alert")
    JOINED = "joined", _("joined an open alert")
    SAME = "same", _("the same as before")
    REFUSED = "refused", _("could not be read")
    FAILED = "failed", _("the program failed")
    ASIDE = "aside", _("set aside")


TAKEN_IN: tuple[Became, ...] = (Became.CREATED, Became.JOINED, Became.SAME)
"""What has an alert."""

NOT_TAKEN_IN: tuple[Became, ...] = (Became.WAITING, Became.REFUSED, Became.FAILED)
"""What somebody must still look at: nothing of it has become an alert."""


class Field(TextChoices):
    """What a mapping finds in a message, in the order of the form."""

    EXTERNAL_ID = "external_id", _("number at the source")
    LEVEL = "level", _("level")
    FRAUD_TYPE = "fraud_type", _("fraud type")
    NAME = "name", _("name")
    PHONE = "phone", _("phone")
    ADDRESS = "address", _("address")
    AREA_CODE = "area_code", _("area code")
    DESCRIPTION = "description", _("what happened")
    AMOUNT = "amount_at_risk", _("amount at risk (yuan)")
    WARNED_AT = "warned_at", _("warned by the platform at")


class How(TextChoices):
    """How a mapping finds a value."""

    PATH = "path", _("JSON path or form field")
    LABEL = "label", _("after a label")
    PATTERN = "pattern", _("regular expression")
    TEXT = "text", _("the whole text")
    FIXED = "fixed", _("always the same")


TOLD_AT_MOST_EVERY = 1 * HOURS
"""A desk is told of a source's unread messages so often at most, with their number."""
