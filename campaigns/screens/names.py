"""Those whom outreach has not reached, by name: for who goes to their doors."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.formats import day
from accounts.models import User
from accounts.paging import ListPage, page_of
from accounts.roles import Duty
from campaigns.figures.coverage import missed, newcomers
from campaigns.models import Reach, Rule
from campaigns.policy import RuleName
from campaigns.screens.coverage import Question
from campaigns.services.touches import LAST_ON
from residents.access import covers, scope_codes, within
from residents.models import Area, Post, Resident, ResidentQuerySet
from residents.policy import Group

URGENT_AGE = 80
"""From this age on somebody is marked in the list."""


@dataclass(frozen=True, slots=True)
class Name:
    """Somebody who was not reached."""

    pk: int
    grid: str
    stairwell: str
    address: str
    name: str
    age: int | None
    marks: str
    last: str


def names_of(user: User, asked: Question, *, number: str, on: date, is_open: bool = False) -> ListPage:
    """Return a page of those an outreach worker may visit, by grid, stairwell and door; whole names where opened."""
    page = page_of(missed_by(user, asked, on=on), number=number)
    return page.drawn_together(lambda found: _names(found, on=on, is_open=is_open))


def missed_by(user: User, asked: Question, *, on: date) -> ResidentQuerySet:
    """Return those who were not reached and whose names this person may see."""
    seen = Resident.objects.visible_to(user, on=on, duty=Duty.LOG_OUTREACH).within(asked.area.code)
    found = missed(seen, audience=asked.audience, channels=asked.channels, span=asked.span, on=on)
    return found.select_related("grid", "household").prefetch_related("memberships")


def _names(found: list[Resident], *, on: date, is_open: bool) -> list[Name]:
    last = _last_touches([one.pk for one in found])
    return [
        Name(
            pk=one.pk,
            grid=one.grid.name,
            stairwell=_stairwell(one),
            address=one.address or _("no door known"),
            name=one.name if is_open else one.masked_name,
            age=one.age(on),
            marks=_marks(one, on),
            last=last.get(one.pk, _("never")),
        )
        for one in found
    ]


def _stairwell(one: Resident) -> str:
    door = one.household.door if one.household is not None else None
    if door is None:
        return ""
    return f"{door.building}-{door.unit}" if door.unit else door.building


def _marks(one: Resident, on: date) -> str:
    """Return what makes somebody come first: lives alone, over eighty, tenant, new here."""
    age = one.age(on)
    marks = [
        str(Group.ELDER_ALONE.label) if Group.ELDER_ALONE in one.groups else "",
        _("80 and over") if age is not None and age >= URGENT_AGE else "",
        str(one.get_residence_display()) if one.residence in {"tenant", "newcomer"} else "",
    ]
    return " · ".join(mark for mark in marks if mark)


def _last_touches(keys: Collection[int]) -> dict[int, str]:
    """Return in words when and how each was last reached at all. One query."""
    said = {}
    for reach in Reach.objects.filter(pk__in=keys):
        days = [(on, channel) for channel, field in LAST_ON.items() if (on := getattr(reach, field)) is not None]
        if days:
            on, channel = max(days, key=lambda one: one[0])
            said[reach.pk] = f"{channel.label} · {day(on)}"
    return said


def workers_of(area: Area, *, on: date) -> QuerySet[Post]:
    """Return who may be sent to doors in an area: those who log outreach there, the nearest first."""
    posts = Post.objects.current(on).with_duty(Duty.LOG_OUTREACH).filter(user__is_active=True)
    nearby = posts.serving(area.code) | posts.filter(within("area__code", (area.code,)))
    return nearby.select_related("user", "area").order_by("-area__code", "role", "pk")


def worker_choices(posts: Iterable[Post]) -> list[tuple[str, str]]:
    """Return people as choices, each once, with what they are."""
    named: dict[int, str] = {}
    for post in posts:
        named.setdefault(post.user_id, f"{post.user} · {post.get_role_display()} · {post.area.name}")
    return [(str(pk), name) for pk, name in named.items()]


def may_see_names(user: User, area_code: str, *, on: date) -> bool:
    """Say whether somebody logs outreach in an area or in a part of it."""
    codes = scope_codes(user, Duty.LOG_OUTREACH, on)
    return covers(codes, area_code) or any(code.startswith(area_code) for code in codes or ())


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A tenant or newcomer nobody has spoken to yet."""

    pk: int
    name: str
    grid: str
    address: str
    kind: str
    moved_in_on: date | None
    state: str
    is_late: bool


def newcomers_page(user: User, area: Area, *, number: str, on: date) -> ListPage:
    """Return a page of tenants and newcomers not spoken to since they moved in, the longest here first."""
    within_days = Rule.objects.number(RuleName.NEWCOMER_DAYS)
    seen = Resident.objects.visible_to(user, on=on, duty=Duty.LOG_OUTREACH).within(area.code)
    page = page_of(newcomers(seen).select_related("grid", "household"), number=number)
    return page.drawn(lambda one: _newcomer(one, within_days, on))


def _newcomer(one: Resident, within_days: int, on: date) -> Newcomer:
    here = (on - one.moved_in_on).days if one.moved_in_on is not None else None
    left = None if here is None else within_days - here
    if left is None:
        state = _("day of moving in unknown")
    elif left < 0:
        state = ngettext("%(days)d day late", "%(days)d days late", -left) % {"days": -left}
    else:
        state = ngettext("%(days)d day left", "%(days)d days left", left) % {"days": left}
    return Newcomer(
        pk=one.pk,
        name=one.masked_name,
        grid=one.grid.name,
        address=one.address or _("no door known"),
        kind=str(one.get_residence_display()),
        moved_in_on=one.moved_in_on,
        state=state,
        is_late=left is not None and left < 0,
    )
