"""Events as screens show them: rows of lists, and the page of one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.clock import local, midnight
from accounts.models import User
from accounts.roles import Duty
from campaigns.figures.outcomes import Outcome, outcomes
from campaigns.models import Event, EventQuerySet, Rule
from campaigns.models.scope import outreach_scope
from campaigns.policy import EventState, Lesson, RuleName, lessons, rhythm_of, volunteers_needed, week_of
from residents.access import covers
from residents.models import COMMUNITY_DIGITS

ICONS = {EventState.PLANNED: "clock", EventState.HELD: "circle-check", EventState.CANCELLED: "ban"}
TO_LOG = "clipboard-list"
SHOWN = 50
"""Rows of one section of the overview."""

REFLECTIONS = 5
MOST_WEIGHED = 1000
"""Coming events that the overview looks through; no street has more in a month."""

AHEAD = timedelta(days=31)
"""How far ahead the overview warns."""


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event in a list or a calendar. ``lessons`` are what is to be mended before it."""

    pk: int
    url: str
    title: str
    form: str
    state: str
    state_word: str
    icon: str
    starts_at: datetime
    ends_at: datetime
    place: str
    area: str
    lessons: tuple[str, ...]

    @property
    def on(self) -> date:
        """The day it begins."""
        return local(self.starts_at).date()


@dataclass(frozen=True, slots=True)
class DayRows:
    """The events of one day."""

    on: date
    weekday: str
    rows: list[EventRow]


@dataclass(frozen=True, slots=True)
class Reflection:
    """What somebody wrote after an earlier event of the same form."""

    url: str
    title: str
    on: date
    text: str


@dataclass(frozen=True, slots=True)
class Advice:
    """What a planner should know before saving; it keeps nobody from it."""

    lessons: tuple[str, ...]
    reflections: tuple[Reflection, ...]


@dataclass(frozen=True, slots=True)
class EventPage:
    """One event, with all that its page says."""

    event: Event
    outcome: Outcome
    state_word: str
    icon: str
    lessons: tuple[str, ...]
    reflections: tuple[Reflection, ...]
    rhythm: str
    staff: tuple[str, ...]
    fraud_types: tuple[str, ...]
    more_areas: tuple[str, ...]
    may_plan: bool
    may_log: bool
    is_open: bool
    has_begun: bool

    @property
    def lasts_days(self) -> bool:
        """Whether it ends on another day than it begins."""
        return local(self.event.starts_at).date() != local(self.event.ends_at).date()


@dataclass(frozen=True, slots=True)
class Overview:
    """What stands on the first page: what is to be logged, this week, and what to mend in time."""

    to_log: tuple[EventRow, ...]
    this_week: tuple[EventRow, ...]
    to_mend: tuple[EventRow, ...]
    may_plan: bool
    may_log: bool


def lesson_in_words(lesson: Lesson, *, heads: int | None, volunteers: int | None, heads_per_volunteer: int) -> str:
    """Return what is to be mended, and how."""
    if lesson == Lesson.NO_AUTHORITY:
        return _(
            "No authoritative partner is planned: police, bank, school, telecom operator, health centre or a "
            "government office. Ask one of them along; residents then take the words for true from the start."
        )
    needed = volunteers_needed(heads or 0, heads_per_volunteer=heads_per_volunteer)
    return ngettext(
        "%(heads)d visitors ask for %(needed)d volunteer; %(volunteers)d planned.",
        "%(heads)d visitors ask for %(needed)d volunteers; %(volunteers)d planned.",
        needed,
    ) % {"heads": heads or 0, "needed": needed, "volunteers": volunteers or 0}


def lessons_of(event: Event, *, now: datetime, heads_per_volunteer: int) -> tuple[str, ...]:
    """Return what is to be mended before an event, in words; nothing once its time has passed."""
    if not event.is_open or event.ends_at <= now:
        return ()
    found = lessons(
        partners=[one.organisation.kind for one in event.partners.all() if one.is_planned],
        expected_heads=event.expected_heads,
        volunteers=event.expected_volunteers,
        heads_per_volunteer=heads_per_volunteer,
    )
    return tuple(
        lesson_in_words(
            one,
            heads=event.expected_heads,
            volunteers=event.expected_volunteers,
            heads_per_volunteer=heads_per_volunteer,
        )
        for one in found
    )


def advice_on(
    *,
    found: Iterable[Lesson],
    heads: int | None,
    volunteers: int | None,
    heads_per_volunteer: int,
    form: str,
    area_code: str,
    but: int,
) -> Advice:
    """Return what is to be mended of a plan that is being typed, and what was learnt from events of its form."""
    return Advice(
        lessons=tuple(
            lesson_in_words(one, heads=heads, volunteers=volunteers, heads_per_volunteer=heads_per_volunteer)
            for one in found
        ),
        reflections=reflections_on(form, area_code, but=but) if area_code else (),
    )


def may_plan(user: User, *, on: date) -> bool:
    """Say whether somebody plans outreach anywhere."""
    return outreach_scope(user, Duty.PLAN_OUTREACH, on) != ()


def may_log(user: User, *, on: date) -> bool:
    """Say whether somebody logs outreach anywhere."""
    return outreach_scope(user, Duty.LOG_OUTREACH, on) != ()


def rows_of(events: EventQuerySet, *, now: datetime) -> list[EventRow]:
    """Return events as rows, in their order: four queries for any number."""
    number = Rule.objects.number(RuleName.HEADS_PER_VOLUNTEER)
    return [_row(event, now=now, heads_per_volunteer=number) for event in events.with_partners()]


def _state_of(event: Event, *, now: datetime) -> dict[str, str]:
    """Return the word and the sign for what became of an event; past and not logged is a state to the eye."""
    if event.is_open and event.ends_at <= now:
        return {"state_word": _("To be logged"), "icon": TO_LOG}
    return {"state_word": str(event.get_state_display()), "icon": ICONS[EventState(event.state)]}


def _row(event: Event, *, now: datetime, heads_per_volunteer: int) -> EventRow:
    return EventRow(
        pk=event.pk,
        url=reverse("campaigns:event", args=[event.pk]),
        title=event.title,
        form=str(event.get_form_display()),
        state=event.state,
        **_state_of(event, now=now),
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        place=event.place,
        area=event.area.name,
        lessons=lessons_of(event, now=now, heads_per_volunteer=heads_per_volunteer),
    )


def reflections_on(form: str, area_code: str, *, but: int = 0) -> tuple[Reflection, ...]:
    """Return what was written after the last held events of a form in a community, the latest first."""
    held = Event.objects.held().of_form(form).with_reflection().within(area_code[:COMMUNITY_DIGITS])
    return tuple(
        Reflection(
            url=reverse("campaigns:event", args=[event.pk]),
            title=event.title,
            on=local(event.starts_at).date(),
            text=event.reflection,
        )
        for event in held.exclude(pk=but)[:REFLECTIONS]
    )


def rhythm_in_words(rule: str) -> str:
    """Return a rule in words: every week on which days, every month on which day."""
    rhythm = rhythm_of(rule)
    if rhythm.weekdays:
        return _("Every week: {days}").format(days="、".join(str(WEEKDAYS[day]) for day in rhythm.weekdays))
    if rhythm.is_at_the_end:
        return _("Every month on day {day}; where a month is shorter, on its last day").format(day=rhythm.day)
    return _("Every month on day {day}").format(day=rhythm.day)


def event_page(event: Event, user: User, *, now: datetime) -> EventPage:
    """Return all that the page of one event says."""
    on = local(now).date()
    number = Rule.objects.number(RuleName.HEADS_PER_VOLUNTEER)
    return EventPage(
        event=event,
        outcome=outcomes(Event.objects.filter(pk=event.pk))[0],
        **_state_of(event, now=now),
        lessons=lessons_of(event, now=now, heads_per_volunteer=number),
        reflections=reflections_on(event.form, event.area.code, but=event.pk) if event.is_open else (),
        rhythm=rhythm_in_words(event.series.rule) if event.series else "",
        staff=tuple(str(one.user) for one in event.staff.select_related("user")),
        fraud_types=tuple(map(str, event.fraud_types.all())),
        more_areas=tuple(map(str, event.more_areas.all())),
        may_plan=covers(outreach_scope(user, Duty.PLAN_OUTREACH, on), event.area.code),
        may_log=Event.objects.visible_to(user, on=on, duty=Duty.LOG_OUTREACH).filter(pk=event.pk).exists(),
        is_open=event.is_open,
        has_begun=event.has_begun(now),
    )


def overview(user: User, *, now: datetime) -> Overview:
    """Return what is to be logged, what takes place this week, and what to mend while there is time."""
    on = local(now).date()
    events = Event.objects.visible_to(user, on=on)
    monday, after = week_of(on)
    ahead = rows_of(
        events.planned().to_come(now).between(on, (now + AHEAD).date()).earliest_first()[:MOST_WEIGHED], now=now
    )
    return Overview(
        to_log=tuple(rows_of(events.planned().begun(now).earliest_first()[:SHOWN], now=now)),
        this_week=tuple(rows_of(events.between(monday, after).not_cancelled().earliest_first()[:SHOWN], now=now)),
        to_mend=tuple(row for row in ahead if row.lessons)[:SHOWN],
        may_plan=may_plan(user, on=on),
        may_log=may_log(user, on=on),
    )


def together(rows: Iterable[EventRow]) -> list[DayRows]:
    """Return rows under the day on which each begins."""
    days: dict[date, list[EventRow]] = {}
    for row in rows:
        days.setdefault(row.on, []).append(row)
    return [DayRows(on=on, weekday=str(WEEKDAYS[on.weekday()]), rows=found) for on, found in days.items()]


def begin_of(on: date) -> datetime:
    """Return when a new event of a day begins unless told: nine in the morning."""
    return midnight(on) + timedelta(hours=9)
