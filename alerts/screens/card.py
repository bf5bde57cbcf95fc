"""An alert as a card: the same on the desk's board, among one's own tasks and on top of its own page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from accounts.clock import local
from accounts.formats import hour_minute, milliseconds
from accounts.personal_data import mask_name, mask_phone
from alerts import policy
from alerts.models import Alert, AlertQuerySet, ObjectiveClock, PolicyVersion, Timer
from alerts.policy import Action, Confirmation, Objective, ObjectiveState, Rank, State
from alerts.screens.clock import ClockFace, counted, face
from alerts.teams import Teams

CLIP = 28
"""Characters of the description that a card shows."""

WORTH_SAYING = 3 * policy.MINUTES
"""From this delay on a card says how long the platform's warning took to reach us; the alert's page always does."""

UNTIL: Mapping[Action, str | Promise] = {
    Action.REMIND_DESK: gettext_lazy("until the desk is reminded"),
    Action.DISPATCH: gettext_lazy("until it goes to the grid by itself"),
    Action.ASSIGN_FIRST: gettext_lazy("until it is assigned"),
    Action.HAND_TO_SECOND: gettext_lazy("until it goes to the second specialist"),
    Action.HAND_TO_LEADER: gettext_lazy("until it goes to the grid leader"),
    Action.BRING_IN_HELP: gettext_lazy("until help is brought in"),
}
"""What the clock will do next, said after the time that is left."""


@dataclass(frozen=True, slots=True)
class NextStep:
    """What the clock does by itself unless somebody acts before."""

    at_ms: int
    text: str
    words: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One confirmation on a card: done at a time, excused, or still open."""

    name: str
    state: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """One alert, ready to be drawn. Names and numbers are masked."""

    pk: int
    url: str
    level: str
    level_word: str
    state: str
    is_drill: bool
    kind: str
    who: str
    facts: str
    where: str
    grid: str
    is_unplaced: bool
    clock: ClockFace | None
    next_step: NextStep | None
    holder: str
    holder_note: str
    is_mine: bool
    is_helping: bool
    marks: tuple[Mark, ...]
    proposed: str
    warned_before: str

    @property
    def phase(self) -> str:
        """The phase of the clock, for the card's colour."""
        return self.clock.phase if self.clock else "done"

    @property
    def state_word(self) -> str:
        """The state in words."""
        return str(State(self.state).label)

    @property
    def is_pressing(self) -> bool:
        """Whether it is drawn full and on top however long the column is: a high one, or one past its time."""
        return self.level == policy.Level.HIGH or self.phase == "late"

    @property
    def is_waiting(self) -> bool:
        """Whether it still waits for somebody to take it on."""
        return self.state != State.ACCEPTED

    @property
    def said(self) -> str:
        """What a screen reader hears when the card appears."""
        words = {"level": self.level_word, "who": self.who, "where": self.where}
        if self.is_drill:
            return _("Drill. New alert: {level}, {who}, {where}.").format(**words)
        return _("New alert: {level}, {who}, {where}.").format(**words)

    @property
    def told(self) -> str:
        """What the device shows on a locked screen, where everybody reads it: level, place and limit, nobody's name."""
        words = {"level": self.level_word, "where": self.grid or _("no grid")}
        told = _("[{level}] {where}: 1 alert").format(**words)
        if self.is_drill:
            told = f"{pgettext('before an alert that is an exercise', '[DRILL]')}{told}"
        limit = _("before {time}").format(time=hour_minute(self.clock.due_at)) if self.clock else ""
        return _(", ").join(filter(None, [told, limit]))


def with_card_rows(alerts: AlertQuerySet) -> AlertQuerySet:
    """Read along with the alerts what cards show, in a fixed number of queries."""
    return alerts.select_related("grid", "holder", "fraud_type", "source", "resident__household").prefetch_related(
        "clocks",
        "helpers",
        "resident__memberships",
        Prefetch("timers", queryset=Timer.objects.pending().order_by("due_at", "pk"), to_attr="pending_timers"),
    )


def cards(alerts: Sequence[Alert], *, viewer_id: int, now: datetime, propose: bool = False) -> list[Card]:
    """Return the cards of alerts read by ``with_card_rows``.

    Args:
        viewer_id: who looks: their own alerts are marked as theirs.
        propose: name the people a dispatch would reach; three queries for all of them.
    """
    policies = PolicyVersion.objects.in_bulk({alert.policy_version_id for alert in alerts})
    received = (
        [alert for alert in alerts if alert.state == State.RECEIVED and alert.grid_id is not None] if propose else []
    )
    proposals = _proposals(received, now=now)
    return [
        _card(alert, policies[alert.policy_version_id].as_policy(), viewer_id, proposals.get(alert.pk, ""), now=now)
        for alert in alerts
    ]


def _card(alert: Alert, table: policy.Policy, viewer_id: int, proposed: str, *, now: datetime) -> Card:
    clock = running_clock(alert)
    who, facts = subject(alert, now=now)
    return Card(
        pk=alert.pk,
        url=reverse("alerts:detail", args=[alert.pk]),
        level=alert.level,
        level_word=alert.get_level_display(),
        state=alert.state,
        is_drill=alert.is_drill,
        kind=kind_of(alert),
        who=who,
        facts=facts,
        where=where_of(alert),
        grid=alert.grid.name if alert.grid else "",
        is_unplaced=alert.is_unplaced,
        clock=face(clock, now=now),
        next_step=_next_step(alert, table, clock, now=now),
        holder=str(alert.holder) if alert.holder else "",
        holder_note=_holder_note(alert),
        is_mine=alert.holder_id == viewer_id,
        is_helping=any(helper.pk == viewer_id for helper in alert.helpers.all()),
        marks=marks_of(alert),
        proposed=proposed,
        warned_before=_warned_before(alert),
    )


def soonest_first(column: Iterable[Card]) -> list[Card]:
    """Order a column: what presses, then by level, and within it what is due first; last, what only waits to be closed.

    A high alert is never below a lower one that still has time, and one past its time never below one that has some,
    but for high ones.
    """

    def place(card: Card) -> tuple[bool, bool, int, int, int]:
        is_done = card.clock is None
        return (
            is_done,
            not card.is_pressing,
            policy.URGENCY[card.level],
            card.clock.due_ms if card.clock else 0,
            card.pk,
        )

    return sorted(column, key=place)


def running_clock(alert: Alert) -> ObjectiveClock | None:
    """Return the clock that counts now: the response's once the alert is at its grid, else the dispatch's."""
    objective = Objective.DISPATCH if alert.dispatched_at is None else Objective.RESPOND
    mine = [c for c in alert.clocks.all() if c.objective == objective and c.state != ObjectiveState.REPLACED]
    return max(mine, key=lambda clock: clock.pk, default=None)


def subject(alert: Alert, *, now: datetime) -> tuple[str, str]:
    """Return whom it is about, masked, and in short what is known of them; reads the groups of who is on the roster."""
    if alert.resident is not None:
        return who_of(alert), alert.resident.short_facts(local(now).date())
    is_nobody = alert.is_drill and not (alert.subject_name or alert.subject_phone)
    return who_of(alert), "" if is_nobody else _("not on the roster")


def who_of(alert: Alert) -> str:
    """Return whom it is about, masked."""
    if alert.resident is not None:
        return alert.resident.masked_name
    known = [mask_name(alert.subject_name) if alert.subject_name else "", mask_phone(alert.subject_phone)]
    if alert.is_drill and not any(known):
        return _("Nobody: a drill")
    return " ".join(filter(None, known)) or _("nobody named")


def kind_of(alert: Alert) -> str:
    """Return in one line what it is: the first words of what happened, and the type."""
    type_name = alert.fraud_type.name if alert.fraud_type else alert.fraud_type_said
    said = alert.description.replace("\n", " ").strip()
    return " · ".join(filter(None, [said if len(said) <= CLIP else f"{said[:CLIP]}…", type_name])) or str(alert.source)


def where_of(alert: Alert) -> str:
    """Return the address and the grid, as far as they are known."""
    address = (alert.resident.address if alert.resident else "") or alert.subject_address
    return " · ".join(filter(None, [address, alert.grid.name if alert.grid else ""])) or _("no address")


def marks_of(alert: Alert) -> tuple[Mark, ...]:
    """Return what is confirmed, excused and open, once the alert is at its grid."""
    if alert.dispatched_at is None:
        return ()

    def mark(confirmation: Confirmation) -> Mark:
        name = str(confirmation.label)
        if confirmation in alert.confirmed:
            return Mark(name, "done", alert.confirmed[confirmation])
        return Mark(name, "excused" if confirmation in alert.excuses else "open")

    return tuple(mark(confirmation) for confirmation in policy.CONFIRMATIONS[alert.level])


def _holder_note(alert: Alert) -> str:
    if alert.holder_rank is None:
        return ""
    rank = Rank(alert.holder_rank).label
    if alert.accepted_at is not None:
        return _("{rank} · accepted {time}").format(rank=rank, time=hour_minute(alert.accepted_at))
    return _("{rank} · has not accepted yet").format(rank=rank)


def _warned_before(alert: Alert) -> str:
    """Return how long the warning took to reach us, where that is worth saying."""
    if alert.warned_at is None or alert.received_at - alert.warned_at < WORTH_SAYING:
        return ""
    minutes = int((alert.received_at - alert.warned_at).total_seconds() // 60)
    return _("reached us {minutes} min after the platform's warning").format(minutes=minutes)


def _next_step(alert: Alert, table: policy.Policy, clock: ObjectiveClock | None, *, now: datetime) -> NextStep | None:
    if clock is None or not alert.is_open:
        return None
    facts = policy.Facts(
        is_open=True,
        is_dispatched=alert.dispatched_at is not None,
        is_accepted=alert.state == State.ACCEPTED,
        has_acted=_has_acted(alert, clock),
        is_met=not clock.is_running,
    )
    pending: Iterable[Timer] = getattr(alert, "pending_timers", ())
    for timer in pending:
        step = table.step(timer.step)
        if timer.objective == clock.objective and step.do in UNTIL and policy.applies(step, facts):
            left = timer.due_at - now
            return NextStep(milliseconds(timer.due_at), counted(left), str(UNTIL[step.do]))
    return None


def _has_acted(alert: Alert, clock: ObjectiveClock) -> bool:
    since = max(filter(None, [alert.accepted_at, clock.started_at]))
    return alert.acted_at is not None and alert.acted_at >= since


def _proposals(alerts: Sequence[Alert], *, now: datetime) -> dict[int, str]:
    """Return whom a dispatch would reach, by alert: the person it goes to, and why not the others of the rank."""
    if not alerts:
        return {}
    teams = Teams(alerts, now=now)
    return {alert.pk: _proposal(alert, teams) for alert in alerts}


def _proposal(alert: Alert, teams: Teams) -> str:
    choice = policy.choose_holder(teams.of(alert).members, start=Rank.SPECIALIST)
    if choice.member is None:
        return _("nobody is available: call the manager")
    passed = [
        _("{person}: {why}").format(person=teams.person(user_id), why=policy.Hindrance(why).label)
        for _rank, user_id, why in choice.passed
        if user_id is not None
    ]
    return " · ".join([_("goes to {person}").format(person=teams.person(choice.member.user_id)), *passed[:2]])
