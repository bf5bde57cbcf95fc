"""The list of alerts, and the two pages about how well the clock and the people stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import Q
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay
from django.urls import reverse

from accounts import paging
from accounts.clock import LOCAL_TZ, local, midnight
from accounts.models import User
from accounts.paging import ListPage
from accounts.personal_data import phone_index
from accounts.roles import DUTIES, Duty, Role
from alerts import engine, policy
from alerts.figures.took import that_took, whose_clock
from alerts.models import DESK, VISITOR, Alert, AlertQuerySet, InboundMessage, Mailbox, Source
from alerts.screens.card import kind_of, where_of, who_of
from alerts.screens.channels import WayOut, ways_out
from alerts.screens.clock import lasted
from alerts.screens.received import silent_mailboxes
from alerts.screens.roster import Ahead, ahead_of
from notifications.models import Preference
from notifications.policy import Kind, Topic, Wish
from notifications.screens import hours_of
from notifications.services import reachable_in
from residents.access import scope_codes, within
from residents.figures import staffing_by_grid
from residents.models import Area, Post

DAYS = 14
"""How many days the page of lateness shows."""

BOUND = 2.0
"""Seconds; no step of an idle machine is later (limits.md)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One alert in the list."""

    pk: int
    url: str
    level: str
    level_word: str
    is_drill: bool
    received_at: datetime
    who: str
    where: str
    kind: str
    state: str
    holder: str
    took: str


def narrowed(alerts: AlertQuerySet, chosen: Mapping[str, Any]) -> AlertQuerySet:
    """Return the alerts that fit what was chosen; what was left empty narrows nothing."""
    if q := (chosen.get("q") or "").strip():
        alerts = alerts.filter(_matches(q))
    alerts = _in_state(alerts, chosen.get("state"))
    alerts = alerts.filter(**{name: value for name in ("level", "outcome") if (value := chosen.get(name))})
    if fact := chosen.get("fact"):
        alerts = alerts.of_fact(policy.Fact(fact))
    if grid := chosen.get("grid"):
        alerts = alerts.filter(within("area_code", (grid,)))
    if since := chosen.get("since"):
        alerts = alerts.filter(received_at__gte=midnight(since))
    if until := chosen.get("until"):
        alerts = alerts.filter(received_at__lt=midnight(until + timedelta(days=1)))
    return _counted_so(alerts, chosen).order_by("-received_at", "-pk")


def _counted_so(alerts: AlertQuerySet, chosen: Mapping[str, Any]) -> AlertQuerySet:
    """Return the alerts that a number of the statistics of the clock counts."""
    if holder := chosen.get("holder"):
        alerts = alerts.filter(holder=holder)
    if (hour := chosen.get("hour")) is not None:
        alerts = alerts.annotate(hour=ExtractHour("received_at", tzinfo=LOCAL_TZ)).filter(hour=hour)
    if weekday := chosen.get("weekday"):
        alerts = alerts.annotate(weekday=ExtractIsoWeekDay("received_at", tzinfo=LOCAL_TZ)).filter(weekday=weekday)
    if actual := chosen.get("actual"):
        so = Q() if actual == "any" else Q(actual_level=actual) | Q(actual_level="", level=actual)
        alerts = alerts.filter(so, state=policy.State.CLOSED)
    if took := chosen.get("took"):
        key, _colon, band = took.partition(":")
        above, _dash, up_to = band.partition("-")
        alerts = that_took(alerts, key, int(above), int(up_to) if up_to else None)
    if clock := chosen.get("clock"):
        key, _colon, state = clock.partition(":")
        alerts = whose_clock(alerts, key, state=state)
    return _called(alerts, chosen)


def _called(alerts: AlertQuerySet, chosen: Mapping[str, Any]) -> AlertQuerySet:
    if not (called := chosen.get("called")):
        return alerts
    alerts = alerts.filter(call_back__isnull=False)
    if called != "any":
        alerts = alerts.filter(call_back__is_true=called == "true")
    if since := chosen.get("called_since"):
        alerts = alerts.filter(call_back__at__gte=midnight(since))
    if until := chosen.get("called_until"):
        alerts = alerts.filter(call_back__at__lt=midnight(until + timedelta(days=1)))
    return alerts


def _in_state(alerts: AlertQuerySet, state: str | None) -> AlertQuerySet:
    if state == "open":
        return alerts.open()
    if state == "real":
        return alerts.real()
    return alerts.filter(state=state) if state else alerts


def _matches(text: str) -> Q:
    """Return the condition that an alert is about this name, phone number or address, or has this number."""
    bare = text.removeprefix("#").replace(" ", "").replace("-", "")
    if bare.isdigit() and len(bare) < 10:
        return Q(pk=int(bare)) | Q(subject_address__contains=text)
    if bare.removeprefix("+").isdigit():
        index = phone_index(bare)
        return Q(subject_phone_hash=index) | Q(resident__phone_hash=index)
    return Q(subject_name__contains=text) | Q(resident__name__contains=text) | Q(subject_address__contains=text)


def page_of(alerts: AlertQuerySet, *, number: str, now: datetime) -> ListPage:
    """Return one page of narrowed alerts, in two queries."""
    read_along = alerts.select_related("grid", "holder", "fraud_type", "source", "resident__household")
    return paging.page_of(read_along, number=number, counted=alerts).drawn(partial(_row, now=now))


def _row(alert: Alert, *, now: datetime) -> Row:
    return Row(
        pk=alert.pk,
        url=reverse("alerts:detail", args=[alert.pk]),
        level=alert.level,
        level_word=alert.get_level_display(),
        is_drill=alert.is_drill,
        received_at=alert.received_at,
        who=who_of(alert),
        where=where_of(alert),
        kind=kind_of(alert),
        state=alert.get_outcome_display() if alert.outcome else alert.get_state_display(),
        holder=str(alert.holder) if alert.holder else "",
        took=lasted((alert.closed_at or now) - alert.received_at),
    )


@dataclass(frozen=True, slots=True)
class LateDay:
    """How late the clock's steps fired on one day, in seconds; ``None`` where none did."""

    day: date
    lateness: engine.Lateness | None

    @property
    def is_late(self) -> bool:
        """Whether the worst is past the bound of an idle machine."""
        return self.lateness is not None and self.lateness.worst > BOUND


def late_days(*, now: datetime) -> list[LateDay]:
    """Return the last days, the newest first; one indexed query each."""
    today = local(now).date()
    days = [today - timedelta(days=back) for back in range(DAYS)]
    return [LateDay(day, engine.lateness(since=midnight(day), until=midnight(day + timedelta(days=1)))) for day in days]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is to be told, and how that would reach them."""

    name: str
    post: str
    channels: tuple[str, ...]
    hours: str
    """When alone medium and low alerts are told them outside; "" for always."""


@dataclass(frozen=True, slots=True)
class Short:
    """A grid with too few specialists."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether the night can begin."""

    short: tuple[Short, ...]
    unreachable: tuple[Person, ...]
    reached: tuple[Person, ...]
    ahead: Ahead
    unread: int
    mailboxes: Sequence[Mailbox]
    ways_out: tuple[WayOut, ...]

    @property
    def is_ready(self) -> bool:
        """Whether nothing is missing, tonight and in the week of the duty roster."""
        of_people = self.short or self.unreachable or self.ahead.holes or self.ahead.unreachable
        is_late = any(way.is_wrong for way in self.ways_out)
        return not (of_people or self.unread or self.mailboxes or is_late)


def readiness(user: User, *, now: datetime) -> Readiness:
    """Return what is missing before a night, in the areas whose clock this user sees."""
    on = local(now).date()
    areas = Area.objects.visible_to(user, duty=Duty.SEE_CLOCK, on=on)
    roles = [role for role in Role if DUTIES[role] & {Duty.HANDLE_ALERTS, Duty.WATCH_DESK}]
    posts = Post.objects.current(on).filter(role__in=roles, area__in=areas.values("pk"), user__is_active=True)
    held = list(posts.select_related("user", "area").order_by("area__code", "role", "pk"))
    by_area: dict[str, set[User]] = {}
    for post in held:
        by_area.setdefault(post.area.code, set()).add(post.user)
    ways = reachable_in(by_area, now=now)
    wishes = Preference.objects.wishes_of({post.user_id for post in held})
    people = [
        Person(
            name=str(post.user),
            post=f"{post.area.name} · {post.get_role_display()}",
            channels=_named(ways[post.area.code][post.user_id]),
            hours=hours_of(wishes.get((post.user_id, Topic.ALERTS), Wish())),
        )
        for post in held
    ]
    staffing = staffing_by_grid(grids := list(areas.grids()), on=on)
    return Readiness(
        short=tuple(Short(grid.name, staffing[grid.code].specialists) for grid in grids if staffing[grid.code].missing),
        unreachable=tuple(person for person in people if not person.channels),
        reached=tuple(person for person in people if person.channels),
        ahead=ahead_of(user, now=now),
        unread=InboundMessage.objects.visible_to(user, on=on).not_taken_in().count(),
        mailboxes=silent_mailboxes(),
        ways_out=ways_out(scope_codes(user, Duty.SEE_CLOCK, on), now=now),
    )


def _named(kinds: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(Kind(kind).label) for kind in kinds)


def desk_source() -> Source:
    """Return the source that stands for what is typed in at a desk."""
    return Source.objects.get(code=DESK)


def visitor_source() -> Source:
    """Return the source that stands for what carers and others saw at a door."""
    return Source.objects.get(code=VISITOR)
