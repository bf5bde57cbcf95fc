"""One follow-up visit: to whom, why, by when, and who makes it."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Duty
from residents.models import FollowUp, Post, ancestry
from residents.services import who_follows_up


@dataclass(frozen=True, slots=True)
class FollowUpPage:
    """What the page shows; the name masked."""

    pk: int
    resident_pk: int
    name: str
    facts: str
    grid: str
    why: str
    due_on: date
    overdue: int
    who: str
    is_open: bool
    made_on: date | None
    cancelled: str


def follow_up_page(one: FollowUp, *, on: date) -> FollowUpPage:
    """Return what a follow-up's page shows; the follow-up comes with resident, grid and visit."""
    people = who_follows_up([one], on=on)[one.pk] if one.is_open else []
    return FollowUpPage(
        pk=one.pk,
        resident_pk=one.resident_id,
        name=one.resident.masked_name,
        facts=one.resident.short_facts(on),
        grid=one.resident.grid.name,
        why=one.words,
        due_on=one.due_on,
        overdue=one.overdue(on) if one.is_open else 0,
        who=_("; ").join(str(person) for person in people),
        is_open=one.is_open,
        made_on=one.visit.at if one.visit is not None else None,
        cancelled=one.cancelled_why,
    )


def visitors_at(grid_code: str, *, on: date) -> QuerySet[User]:
    """Return who holds a post that visits at a grid, or above it."""
    posts = Post.objects.current(on).with_duty(Duty.VISIT).filter(area__code__in=ancestry(grid_code))
    return User.objects.filter(is_active=True, pk__in=posts.order_by().values("user_id")).order_by("name", "username")
