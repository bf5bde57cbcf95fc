"""The list of alerts, and the two pages about how well the clock and the people stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse

from accounts.clock import LOCAL_TZ, local
from accounts.models import User
from accounts.personal_data import phone_index
from accounts.roles import DUTIES, Duty, Role
from alerts import engine
from alerts.models import Alert, AlertQuerySet, Source
from alerts.screens.card import kind_of, subject, where_of
from alerts.screens.clock import lasted
from notifications.policy import Kind
from notifications.services import reachable
from residents.access import within
from residents.figures import staffing_by_grid
from residents.models import Area, Post

PAGE_SIZE = 50

COUNT_UP_TO = 1000
"""Rows are counted no further: half a million are never counted to page through them (limits.md, trap 8)."""

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
    if chosen.get("state") == "open":
        alerts = alerts.open()
    elif state := chosen.get("state"):
        alerts = alerts.filter(state=state)
    if level := chosen.get("level"):
        alerts = alerts.filter(level=level)
    if grid := chosen.get("grid"):
        alerts = alerts.filter(within("area_code", (grid,)))
    if since := chosen.get("since"):
        alerts = alerts.filter(received_at__gte=_midnight(since))
    if until := chosen.get("until"):
        alerts = alerts.filter(received_at__lt=_midnight(until + timedelta(days=1)))
    return alerts.order_by("-received_at", "-pk")


def _matches(text: str) -> Q:
    """Return the condition that an alert is about this name, phone number or address, or has this number."""
    bare = text.removeprefix("#").replace(" ", "").replace("-", "")
    if bare.isdigit() and len(bare) < 10:
        return Q(pk=int(bare)) | Q(subject_address__contains=text)
    if bare.removeprefix("+").isdigit():
        index = phone_index(bare)
        return Q(subject_phone_hash=index) | Q(resident__phone_hash=index)
    return Q(subject_name__contains=text) | Q(resident__name__contains=text) | Q(subject_address__contains=text)


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of the list."""

    rows: list[Row]
    number: int
    has_next: bool
    count: int

    @property
    def has_previous(self) -> bool:
        """Whether there is a page before."""
        return self.number > 1

    @property
    def previous_page_number(self) -> int:
        """The page before."""
        return self.number - 1

    @property
    def next_page_number(self) -> int:
        """The page after."""
        return self.number + 1

    @property
    def is_capped(self) -> bool:
        """Whether there are more than were counted."""
        return self.count > COUNT_UP_TO

    @property
    def cap(self) -> int:
        """How far rows are counted."""
        return COUNT_UP_TO


def page_of(alerts: AlertQuerySet, *, number: str, now: datetime) -> ListPage:
    """Return one page of narrowed alerts, in two queries; what is no page's number is the first."""
    page = max(1, min(int(number), 10_000)) if number.isascii() and number.isdigit() else 1
    start = (page - 1) * PAGE_SIZE
    read_along = alerts.select_related("grid", "holder", "fraud_type", "source", "resident__household")
    found = list(read_along[start : start + PAGE_SIZE + 1])
    return ListPage(
        rows=[_row(alert, now=now) for alert in found[:PAGE_SIZE]],
        number=page,
        has_next=len(found) > PAGE_SIZE,
        count=alerts.order_by()[: COUNT_UP_TO + 1].count(),
    )


def _row(alert: Alert, *, now: datetime) -> Row:
    return Row(
        pk=alert.pk,
        url=reverse("alerts:detail", args=[alert.pk]),
        level=alert.level,
        level_word=alert.get_level_display(),
        is_drill=alert.is_drill,
        received_at=alert.received_at,
        who=subject(alert, now=now)[0],
        where=where_of(alert),
        kind=kind_of(alert),
        state=alert.get_outcome_display() if alert.outcome else alert.get_state_display(),
        holder=str(alert.holder) if alert.holder else "",
        took=lasted((alert.closed_at or now) - alert.received_at),
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=LOCAL_TZ)


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
    return [
        LateDay(day, engine.lateness(since=_midnight(day), until=_midnight(day + timedelta(days=1)))) for day in days
    ]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is to be told, and how that would reach them."""

    name: str
    post: str
    channels: tuple[str, ...]


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

    @property
    def is_ready(self) -> bool:
        """Whether nothing is missing."""
        return not (self.short or self.unreachable)


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
    ways = {code: reachable(users, area_code=code, now=now) for code, users in by_area.items()}
    people = [
        Person(
            str(post.user), f"{post.area.name} · {post.get_role_display()}", _named(ways[post.area.code][post.user_id])
        )
        for post in held
    ]
    staffing = staffing_by_grid(grids := list(areas.grids()), on=on)
    return Readiness(
        short=tuple(Short(grid.name, staffing[grid.code].specialists) for grid in grids if staffing[grid.code].missing),
        unreachable=tuple(person for person in people if not person.channels),
        reached=tuple(person for person in people if person.channels),
    )


def _named(kinds: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(Kind(kind).label) for kind in kinds)


def desk_source() -> Source:
    """Return the source that stands for what is typed in at a desk."""
    return Source.objects.get(code="desk")
