"""The page of one alert: what is known, the clock, who holds it, the steps, the words to say, the timeline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db.models import Max
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.clock import local
from accounts.formats import hour_minute, to_the_second, yuan
from accounts.models import User
from accounts.personal_data import mask_name, mask_phone
from accounts.roles import Duty
from alerts import policy
from alerts.models import Alert, ObjectiveClock
from alerts.policy import Confirmation, Deed, Objective, ObjectiveState, Outcome, Rank, State
from alerts.screens.card import Card, cards
from alerts.screens.clock import lasted
from alerts.screens.timeline import Line, lines
from alerts.screens.watching import pulse
from alerts.teams import Teams, team_of
from knowledge.models import Text
from residents.access import may, scope_codes

CARD_KEY = "dissuasion_card"


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to call. ``number`` is empty until the numbers were opened; opening them is logged."""

    is_family: bool
    who: str
    name: str
    masked: str
    number: str


@dataclass(frozen=True, slots=True)
class Press:
    """One button of a step."""

    deed: str
    label: str | Promise
    is_main: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One confirmation: what to do, what was tried, and how it stands (open, done or excused)."""

    number: int
    confirmation: str
    title: str | Promise
    hint: str | Promise
    state: str
    at: datetime | None
    reason: str
    tried: tuple[str, ...]
    contacts: tuple[Contact, ...]
    presses: tuple[Press, ...]
    reasons: tuple[str | Promise, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """One objective as it ended, or as it runs."""

    name: str
    state: str
    words: str


@dataclass(frozen=True, slots=True)
class Partner:
    """Somebody the alert can be handed to."""

    user_id: int
    label: str


@dataclass(frozen=True, slots=True)
class May:
    """What this reader may press now."""

    dispatch: bool
    accept: bool
    act: bool
    hand_over: bool
    close: bool
    void: bool


@dataclass(frozen=True, slots=True)
class AlertPage:
    """Everything the page shows."""

    card: Card
    alert: Alert
    name: str
    facts: str
    address: str
    contacts: tuple[Contact, ...]
    are_numbers_open: bool
    measured: tuple[Measured, ...]
    steps: tuple[Step, ...]
    partners: tuple[Partner, ...]
    helpers: tuple[str, ...]
    may: May
    grids: list[tuple[int, str]]
    card_lines: list[str]
    card_title: str
    script_lines: list[str]
    script_title: str
    timeline: list[Line]
    ending: tuple[tuple[str, str], ...]
    is_clock_standing: bool

    @property
    def first_call(self) -> Contact | None:
        """Whom to call first: in the thumb's reach until the resident was spoken to."""
        for step in self.steps:
            if step.confirmation in (Confirmation.PHONE, Confirmation.CONTACT) and step.state == "open":
                return next((contact for contact in step.contacts if contact.number), None)
        return None

    @property
    def kind(self) -> str:
        """The type of fraud, as far as it is known."""
        return self.alert.fraud_type.name if self.alert.fraud_type else self.alert.fraud_type_said

    @property
    def amount_at_risk(self) -> str:
        """The amount at risk in yuan, with separators."""
        return yuan(self.alert.amount_at_risk)


_MAIN: Mapping[Confirmation, tuple[str | Promise, str | Promise]] = {
    Confirmation.PHONE: (
        gettext_lazy("Call the resident"),
        gettext_lazy("Have them hang up, stop sharing the screen and go offline. Never ask for a code or a transfer."),
    ),
    Confirmation.DOOR: (
        gettext_lazy("Meet at the door"),
        gettext_lazy("Be there within ten minutes, with the property manager or the building informant."),
    ),
    Confirmation.FAMILY: (
        gettext_lazy("Reach the family"),
        gettext_lazy("At the same time; ask them to call too and to come."),
    ),
    Confirmation.CONTACT: (
        gettext_lazy("Contact and remind"),
        gettext_lazy("By phone or in person: what happened, what they were told, what to do now."),
    ),
}

_PRESSES: Mapping[Confirmation, tuple[Press, ...]] = {
    Confirmation.PHONE: (
        Press(Deed.PHONE_CONFIRMED, gettext_lazy("Reached"), is_main=True),
        Press(Deed.PHONE_NO_ANSWER, gettext_lazy("No answer")),
        Press(Deed.PHONE_BUSY_LINE, gettext_lazy("Line busy")),
    ),
    Confirmation.DOOR: (
        Press(Deed.DOOR_CONFIRMED, gettext_lazy("Met"), is_main=True),
        Press(Deed.DOOR_NOBODY, gettext_lazy("Nobody there")),
        Press(Deed.DOOR_REFUSED, gettext_lazy("Not let in")),
    ),
    Confirmation.FAMILY: (
        Press(Deed.FAMILY_CONTACTED, pgettext_lazy("the family", "Reached"), is_main=True),
        Press(Deed.FAMILY_NO_ANSWER, gettext_lazy("No answer")),
    ),
    Confirmation.CONTACT: (
        Press(Deed.REMINDED, pgettext_lazy("a press", "Contacted, reminded"), is_main=True),
        Press(Deed.PHONE_NO_ANSWER, gettext_lazy("No answer")),
        Press(Deed.PHONE_BUSY_LINE, gettext_lazy("Line busy")),
    ),
}

REASONS: Mapping[str, tuple[str | Promise, ...]] = {
    Confirmation.PHONE: (gettext_lazy("No phone number known"), gettext_lazy("Police are already at the door")),
    Confirmation.DOOR: (gettext_lazy("Not at home, met elsewhere"), gettext_lazy("Police are already at the door")),
    Confirmation.FAMILY: (gettext_lazy("No family known"), gettext_lazy("Family does not answer")),
    Confirmation.CONTACT: (gettext_lazy("Moved away"), gettext_lazy("No way to reach them is known")),
}
"""The reasons that come up most; anything else is written."""


SPOKEN_TO: Mapping[str, str | Promise] = {
    "resident": gettext_lazy("the resident"),
    "family": gettext_lazy("the family"),
    "both": gettext_lazy("the resident and the family"),
    "nobody": gettext_lazy("nobody"),
}


def version(alert: Alert, *, user: User, are_numbers_open: bool, now: datetime) -> str:
    """Return a mark that changes whenever the page would look different, for two small queries."""
    last = alert.timeline.aggregate(last=Max("pk"))["last"]
    parts = (user.pk, user.language, alert.changed_at, last, are_numbers_open, pulse().is_standing)
    return sha256(repr(parts).encode()).hexdigest()[:20]


def alert_page(
    alert: Alert, *, user: User, grids: list[tuple[int, str]], are_numbers_open: bool, now: datetime
) -> AlertPage:
    """Return the page of an alert read by ``with_card_rows``.

    Args:
        grids: where the desk may place it.
        are_numbers_open: whether this reader has opened names and numbers in this session.
    """
    (card,) = cards([alert], viewer_id=user.pk, now=now, propose=True)
    text = Text.objects.for_area(CARD_KEY, alert.area_code)
    script = Text.objects.for_area(f"script.{alert.fraud_type.code}", alert.area_code) if alert.fraud_type else None
    team, teams = team_of(alert, on=local(now).date())
    contacts = _contacts(alert, are_numbers_open)
    in_team = team.member(user.pk) is not None
    return AlertPage(
        card=card,
        alert=alert,
        name=_name(alert, are_numbers_open),
        facts=card.facts,
        address=card.where,
        contacts=contacts,
        are_numbers_open=are_numbers_open,
        measured=_measured(alert),
        steps=steps(alert, contacts),
        partners=tuple(_partners(alert, team.members, teams)),
        helpers=tuple(str(helper) for helper in alert.helpers.all()),
        may=_may(alert, user, in_team=in_team, now=now),
        grids=grids,
        card_lines=text.lines if text else [],
        card_title=text.title if text else "",
        script_lines=script.lines if script else [],
        script_title=script.title if script else "",
        timeline=lines(alert),
        ending=_ending(alert),
        is_clock_standing=pulse().is_standing,
    )


def _name(alert: Alert, are_numbers_open: bool) -> str:
    name = alert.resident.name if alert.resident else alert.subject_name
    if not name:
        return _("nobody named")
    return name if are_numbers_open else mask_name(name)


def _contacts(alert: Alert, are_numbers_open: bool) -> tuple[Contact, ...]:
    rows: list[tuple[bool, str, str, str]] = []
    resident = alert.resident
    if resident is not None and resident.phone:
        rows.append((False, _("Resident"), resident.name, resident.phone))
    if alert.subject_phone and not any(phone == alert.subject_phone for *_others, phone in rows):
        rows.append((False, _("Number in the warning"), alert.subject_name, alert.subject_phone))
    if resident is not None:
        rows += [(True, c.relation or _("Family"), c.name, c.phone) for c in resident.family_contacts.all()]
    return tuple(
        Contact(
            is_family,
            who,
            name if are_numbers_open else mask_name(name),
            mask_phone(phone),
            phone if are_numbers_open else "",
        )
        for is_family, who, name, phone in rows
    )


def steps(alert: Alert, contacts: Sequence[Contact]) -> tuple[Step, ...]:
    """Return the steps that this level asks for, each with whom to call for it and how it stands."""
    tried = _tried(alert)
    asked = enumerate(policy.CONFIRMATIONS[alert.level], 1)
    return tuple(_step(number, confirmation, alert, tried, contacts) for number, confirmation in asked)


CALLS: Mapping[Confirmation, frozenset[bool]] = {
    Confirmation.PHONE: frozenset({False}),
    Confirmation.DOOR: frozenset(),
    Confirmation.FAMILY: frozenset({True}),
    Confirmation.CONTACT: frozenset({False, True}),
}
"""Who is called for a step: the resident (not family), the family, or both."""


def _step(
    number: int,
    confirmation: Confirmation,
    alert: Alert,
    tried: Mapping[str, Sequence[datetime]],
    contacts: Sequence[Contact],
) -> Step:
    title, hint = _MAIN[confirmation]
    presses = _PRESSES[confirmation]
    done, reason = alert.confirmed.get(confirmation), alert.excuses.get(confirmation, "")
    attempts = [f"{hour_minute(at)} {Deed(press.deed).label}" for press in presses for at in tried.get(press.deed, ())]
    if done is None and tried.get(Deed.PHONE_BUSY_LINE) and confirmation in (Confirmation.PHONE, Confirmation.CONTACT):
        hint = _("A busy line is highly suspicious: go to the door at once, and call the family at the same time.")
    return Step(
        number=number,
        confirmation=confirmation,
        title=title,
        hint=hint,
        state="done" if done else "excused" if reason else "open",
        at=done,
        reason=reason,
        tried=tuple(sorted(attempts)),
        contacts=tuple(contact for contact in contacts if contact.is_family in CALLS[confirmation]),
        presses=presses,
        reasons=REASONS[confirmation],
    )


def _tried(alert: Alert) -> dict[str, list[datetime]]:
    """Return the attempts that confirmed nothing, by deed; one query."""
    tried: dict[str, list[datetime]] = {}
    for at, detail in alert.timeline.filter(kind="action").values_list("at", "detail"):
        if (deed := detail.get("deed")) and deed not in policy.CONFIRMS:
            tried.setdefault(deed, []).append(at)
    return tried


def _measured(alert: Alert) -> tuple[Measured, ...]:
    shown = [clock for clock in alert.clocks.all() if clock.state != ObjectiveState.DROPPED]
    return tuple(
        Measured(str(Objective(clock.objective).label), clock.state, _how(clock))
        for clock in sorted(shown, key=lambda c: c.pk)
    )


def _how(clock: ObjectiveClock) -> str:
    """Say how an objective ended: kept after so long, late by so much, or due at a time."""
    due = to_the_second(clock.due_at)
    if clock.state == ObjectiveState.MET and clock.met_at:
        return _("kept, after {span}").format(span=lasted(clock.met_at - clock.started_at))
    if clock.state == ObjectiveState.BREACHED and clock.met_at:
        return _("done {span} late").format(span=lasted(clock.met_at - clock.due_at))
    if clock.state == ObjectiveState.BREACHED:
        return _("overdue since {time}").format(time=due)
    if clock.state == ObjectiveState.REPLACED:
        return _("replaced when the level rose")
    return _("due at {time}").format(time=due)


def _partners(alert: Alert, members: Sequence[policy.Member], teams: Teams) -> list[Partner]:
    """Return whom it can be handed to, the free ones first."""
    others = {m.user_id: m for m in reversed(members) if m.user_id != alert.holder_id}
    free_first = sorted(others.values(), key=lambda m: (not m.is_available, m.rank))
    return [Partner(m.user_id, _partner(m, str(teams.person(m.user_id)))) for m in free_first]


def _partner(member: policy.Member, name: str) -> str:
    state = _("free") if member.is_available else _("busy") if member.is_busy else _("has another high alert in hand")
    return _("{person} · {rank} · {state}").format(person=name, rank=Rank(member.rank).label, state=state)


def _may(alert: Alert, user: User, *, in_team: bool, now: datetime) -> May:
    on = local(now).date()
    # An unplaced alert may lie above the desks that see it: any desk among its readers may place it.
    desk = may(user, Duty.WATCH_DESK, alert.area_code, on) or (
        alert.is_unplaced and scope_codes(user, Duty.WATCH_DESK, on) != ()
    )
    handles = may(user, Duty.HANDLE_ALERTS, alert.area_code, on)
    at_grid = alert.state in (State.DISPATCHED, State.ACCEPTED)
    return May(
        dispatch=desk and alert.state == State.RECEIVED,
        accept=handles and in_team and alert.state == State.DISPATCHED,
        act=handles and at_grid,
        hand_over=handles and at_grid,
        close=handles and at_grid,
        void=desk and alert.state == State.RECEIVED,
    )


def _ending(alert: Alert) -> tuple[tuple[str, str], ...]:
    """Return how it ended, as pairs of words."""
    if alert.is_open:
        return ()
    if alert.state == State.VOIDED:
        return ((_("Voided"), alert.void_reason),)
    pairs = [
        (_("Outcome"), str(Outcome(alert.outcome).label) if alert.outcome else ""),
        (_("Spoken to"), str(SPOKEN_TO.get(alert.spoken_to, alert.spoken_to))),
        (_("Lost"), yuan(alert.amount_lost)),
        (_("Prevented (estimate)"), yuan(alert.amount_prevented)),
        (_("Level as it was"), alert.get_actual_level_display() if alert.actual_level != alert.level else ""),
        (_("Second feedback"), _("needed") if alert.needs_second_feedback else ""),
        (_("Note"), alert.closing_note),
    ]
    return tuple((name, value) for name, value in pairs if value)
