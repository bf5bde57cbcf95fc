"""The page of one alert: what is known, the clock, who holds it, the steps, the words to say, the timeline."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Protocol

from django.db.models import Max, Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.clock import local
from accounts.formats import day, hour_minute, to_the_second, yuan
from accounts.models import User
from accounts.personal_data import mask_name, mask_phone, phone_index
from accounts.roles import Duty
from alerts import policy
from alerts.models import INFORMANT, Alert, CallBack, Drill, ObjectiveClock, Observation, SecondFeedback, Story
from alerts.policy import Confirmation, Deed, Objective, ObjectiveState, Outcome, Rank, State
from alerts.screens.card import Card, cards, kind_of
from alerts.screens.clock import lasted
from alerts.screens.timeline import Line, lines
from alerts.screens.watching import pulse
from alerts.teams import Teams, team_of
from knowledge.models import Text
from notifications.services import is_unseen, receipts_mark
from residents.access import may, scope_codes
from residents.models import Resident, Visit

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
    """Somebody the alert can be handed to, and called. ``state`` is free, busy or engaged, ``word`` says it."""

    user_id: int
    name: str
    rank: str
    state: str
    word: str
    phone: str
    is_of_grid: bool

    @property
    def label(self) -> str:
        """One line for a list to choose from."""
        return _("{person} · {rank} · {state}").format(person=self.name, rank=self.rank, state=self.word)


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier alert about the same person, or a visit to them, that this reader may see."""

    at: datetime
    words: str
    url: str


EARLIER = 5
"""So many of each are shown; the dossier has all."""


@dataclass(frozen=True, slots=True)
class Told:
    """The informant from whom it came: who knows the stairs, and is asked to come along."""

    name: str
    phone: str
    photo_url: str
    pressed_at: datetime
    is_thanked: bool
    may_thank: bool


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
class Next:
    """Something this reader may do about an alert that has ended, and where; ``is_due`` where it is waited for.

    ``shows_whole``: a form behind it shows the resident's name and numbers, so that a press leads there and no link.
    """

    label: str
    url: str
    is_due: bool = False
    shows_whole: bool = False


class Source(Protocol):
    """What an app above knows of alerts: the ledger of cases, say. Each asks the database a fixed number of times."""

    def next_of(self, alert: Alert, *, user: User, on: date) -> Iterable[Next]:
        """Return what this user may do now about an alert that has ended."""


_SOURCES: list[Source] = []


def register_source(source: Source) -> None:
    """Have what an app offers on the page of every ended alert from now on; called once, when the program starts."""
    _SOURCES.append(source)


@dataclass(frozen=True, slots=True)
class StoryWay:
    """Where the story of a closed alert is written, or stands."""

    label: str | Promise
    url: str


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
    next: tuple[Next, ...]
    is_clock_standing: bool
    told_by: Told | None
    drill_leader: str
    earlier: tuple[Earlier, ...]
    next_help: policy.Help
    facts_for_110: tuple[tuple[str, str], ...]
    story: StoryWay | None
    is_unseen: bool

    @property
    def helps(self) -> tuple[tuple[str, str | Promise], ...]:
        """Whom one press brings in."""
        return (
            (policy.Help.PARTNER, gettext_lazy("Bring my partner")),
            (policy.Help.LEADER, gettext_lazy("Bring the grid leader")),
        )

    @property
    def near(self) -> tuple[Partner, ...]:
        """Who of the grid could come, the free ones first."""
        return tuple(partner for partner in self.partners if partner.is_of_grid)

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
    """Return a mark that changes whenever the page would look different, for three small queries.

    Once the alert has ended, what can be made of it is no change of the alert: that is asked of those who know.
    """
    last = alert.timeline.aggregate(last=Max("pk"))["last"]
    receipts = receipts_mark(alert.subject_key)
    parts: tuple[Any, ...] = (user.pk, user.language, alert.changed_at, last, receipts, are_numbers_open)
    parts += (pulse().is_standing,)
    if not alert.is_open:
        parts += (*_next(alert, user, on=local(now).date()), _story(alert, user, now=now))
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
    script = Text.objects.script_of(alert.fraud_type, alert.area_code) if alert.fraud_type else None
    team, teams = team_of(alert, now=now)
    leader = _drill_leader(alert)
    contacts = _in_a_drill(leader, are_numbers_open) if alert.is_drill else _contacts(alert, are_numbers_open)
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
        next=_next(alert, user, on=local(now).date()),
        is_clock_standing=pulse().is_standing,
        told_by=_told_by(alert, user, now=now),
        drill_leader=str(leader or ""),
        earlier=_earlier(alert, user, now=now),
        next_help=_next_help(alert, team.members, user),
        facts_for_110=_facts_for_110(alert, name=_name(alert, are_numbers_open), address=card.where),
        story=_story(alert, user, now=now),
        is_unseen=is_unseen(user, subject=alert.subject_key),
    )


def _story(alert: Alert, user: User, *, now: datetime) -> StoryWay | None:
    """Offer to the desk what a real alert teaches; where it was written, whoever writes texts is led to it."""
    on = local(now).date()
    if alert.state != State.CLOSED or alert.is_drill or not may(user, Duty.WATCH_DESK, alert.area_code, on):
        return None
    told = Story.objects.filter(alert=alert).first()
    if told is None:
        return StoryWay(gettext_lazy("Turn it into a teaching story"), reverse("alerts:story", args=[alert.pk]))
    if not may(user, Duty.PLAN_OUTREACH, told.community_code, on):
        return None
    return StoryWay(
        gettext_lazy("The teaching story"), reverse("knowledge:text", args=[told.community_code, told.text_key])
    )


def _next_help(alert: Alert, members: Sequence[policy.Member], user: User) -> policy.Help:
    there = {alert.holder_id or 0, user.pk, *(helper.pk for helper in alert.helpers.all())}
    return policy.next_help(members, without=there)


def _told_by(alert: Alert, user: User, *, now: datetime) -> Told | None:
    if alert.source.code != INFORMANT:
        return None
    report = Observation.objects.select_related("informant").filter(alert=alert).first()
    if report is None:
        return None
    is_thanked = report.thanked_at is not None
    return Told(
        name=str(report.informant),
        phone=report.informant.phone,
        photo_url=reverse("alerts:report_photo", args=[alert.pk]) if report.photo else "",
        pressed_at=report.at,
        is_thanked=is_thanked,
        may_thank=not is_thanked and may(user, Duty.HANDLE_ALERTS, alert.area_code, local(now).date()),
    )


def _name(alert: Alert, are_numbers_open: bool) -> str:
    name = alert.resident.name if alert.resident else alert.subject_name
    if not name:
        return _("Nobody: a drill") if alert.is_drill else _("nobody named")
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


def _drill_leader(alert: Alert) -> User | None:
    """Return who leads the drill that an alert is of; ``None`` for a real one, and a drill that came from outside."""
    drills = Drill.objects.filter(parts__alert=alert) if alert.is_drill else Drill.objects.none()
    drill = drills.select_related("leader").first()
    return drill.leader if drill is not None else None


def _in_a_drill(leader: User | None, are_numbers_open: bool) -> tuple[Contact, ...]:
    """Return whom to call in a drill: its leader, in the place of resident and family. Nobody of the roster is called,
    whomever the drill's author may have named."""
    if leader is None or not leader.phone:
        return ()
    number = leader.phone if are_numbers_open else ""
    places = ((False, _("In the resident's place")), (True, _("In the family's place")))
    return tuple(Contact(is_family, who, str(leader), leader.masked_phone, number) for is_family, who in places)


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
    free_first = sorted(others.values(), key=lambda m: (not m.is_available, not m.is_free, m.rank))
    phones = {user.pk: user.phone for user in User.objects.filter(pk__in=others).only("phone")}
    return [_partner(m, str(teams.person(m.user_id)), phones.get(m.user_id, "")) for m in free_first]


def _partner(member: policy.Member, name: str, phone: str) -> Partner:
    words = {
        "free": _("free"),
        "busy": _("busy"),
        "engaged": _("has another high alert in hand"),
        "off_duty": _("off duty"),
    }
    state = _how_free(member)
    return Partner(
        user_id=member.user_id,
        name=name,
        rank=str(Rank(member.rank).label),
        state=state,
        word=words[state],
        phone=phone,
        is_of_grid=member.rank <= Rank.LEADER,
    )


def _how_free(member: policy.Member) -> str:
    if member.is_busy:
        return "busy"
    if member.is_engaged:
        return "engaged"
    return "free" if member.is_on_call else "off_duty"


def _earlier(alert: Alert, user: User, *, now: datetime) -> tuple[Earlier, ...]:
    """Return earlier alerts about the same person and visits to them, the newest first. In a drill there is nobody."""
    if alert.is_drill:
        return ()
    on = local(now).date()
    found = [*_earlier_alerts(alert, user, on=on), *_earlier_visits(alert, user, on=on)]
    return tuple(sorted(found, key=lambda one: one.at, reverse=True))


def _earlier_alerts(alert: Alert, user: User, *, on: date) -> list[Earlier]:
    same = (
        Q(resident=alert.resident_id) if alert.resident_id else Q(subject_phone_hash=phone_index(alert.subject_phone))
    )
    if not (alert.resident_id or alert.subject_phone):
        return []
    seen = Alert.objects.visible_to(user, on=on).without_phone().filter(same, is_drill=False).exclude(pk=alert.pk)
    rows = seen.filter(received_at__lte=alert.received_at).select_related("fraud_type", "source")
    return [
        Earlier(
            at=one.received_at,
            words=" · ".join(
                filter(
                    None,
                    [
                        _("{level} alert").format(level=one.get_level_display()),
                        kind_of(one),
                        one.get_outcome_display() if one.outcome else one.get_state_display(),
                    ],
                )
            ),
            url=reverse("alerts:detail", args=[one.pk]),
        )
        for one in rows.order_by("-received_at")[:EARLIER]
    ]


def _earlier_visits(alert: Alert, user: User, *, on: date) -> list[Earlier]:
    """Return the visits without what was noted of them: a phone keeps this page, and needs no more."""
    resident = alert.resident_id
    if resident is None or not Resident.objects.visible_to(user, on=on).filter(pk=resident).exists():
        return []
    visits = Visit.objects.filter(resident=resident).order_by("-at")[:EARLIER]
    return [
        Earlier(
            at=visit.at,
            words=" · ".join([_("Visit"), visit.get_result_display(), *map(str, visit.sign_labels)]),
            url=reverse("residents:detail", args=[resident]),
        )
        for visit in visits
    ]


def _facts_for_110(alert: Alert, *, name: str, address: str) -> tuple[tuple[str, str], ...]:
    """Return the five things the police ask first, as far as they are known; the rest is asked at the door."""
    kind = alert.fraud_type.name if alert.fraud_type else alert.fraud_type_said
    ask = _("ask now")
    return (
        (_("Where"), address),
        (_("Who"), name),
        (_("What the caller pretends to be"), kind or ask),
        (_("How much, from which bank and account, when"), yuan(alert.amount_at_risk) or ask),
        (_("To whom: account, phone number, app"), ask),
    )


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


def _next(alert: Alert, user: User, *, on: date) -> tuple[Next, ...]:
    if alert.is_open:
        return ()
    return tuple(one for source in _SOURCES for one in source.next_of(alert, user=user, on=on))


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
        (_("Second feedback"), _second_feedback(alert)),
        (_("Called back"), _called_back(alert)),
        (_("Note"), alert.closing_note),
    ]
    return tuple((name, value) for name, value in pairs if value)


def _second_feedback(alert: Alert) -> str:
    if not alert.needs_second_feedback:
        return ""
    made = SecondFeedback.objects.filter(alert=alert).select_related("by").first()
    return f"{made} · {made.by} · {day(made.at)}" if made is not None else _("needed")


def _called_back(alert: Alert) -> str:
    made = CallBack.objects.filter(alert=alert).select_related("by").first()
    return f"{made} · {made.by} · {day(made.at)}" if made is not None else ""
