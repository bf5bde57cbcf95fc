"""Which community a page of outreach is about, and what its reader may do there."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from accounts.roles import Duty
from campaigns.models.scope import outreach_scope
from residents.access import covers, within
from residents.models import Area, Level, Post
from residents.screens.areas import choices_of

NOWHERE = "0"
"""No division code begins with it."""


@dataclass(frozen=True, slots=True)
class Here:
    """One community out of those somebody sees, and what they may do there; ``NOWHERE`` where there is none."""

    choices: tuple[tuple[str, str], ...]
    code: str
    logs: bool
    plans: bool

    @property
    def is_one_of_many(self) -> bool:
        """Whether there is anything to choose."""
        return len(self.choices) > 1

    @property
    def query(self) -> str:
        """What keeps the community in an address."""
        return f"community={self.code}&" if self.is_one_of_many else ""


def here_of(user: User, *, asked: str, on: date) -> Here:
    """Return the community that was asked for, where somebody sees it; else their first."""
    communities = Area.objects.communities().filter(within("code", outreach_scope(user, Duty.SEE_OUTREACH, on)))
    choices = tuple(communities.order_by("code").values_list("code", "name"))
    code = asked if asked in dict(choices) else next((code for code, _name in choices), NOWHERE)
    return Here(choices, code, logs=logs_at(user, code, on=on), plans=plans_at(user, code, on=on))


def logs_at(user: User, area_code: str, *, on: date) -> bool:
    """Say whether somebody logs outreach in an area's community."""
    return covers(outreach_scope(user, Duty.LOG_OUTREACH, on), area_code)


def plans_at(user: User, area_code: str, *, on: date) -> bool:
    """Say whether somebody plans outreach in an area's community."""
    return covers(outreach_scope(user, Duty.PLAN_OUTREACH, on), area_code)


def planned_areas(user: User, *, on: date, are_communities_alone: bool = False) -> list[tuple[str, Any]]:
    """Return the communities somebody plans outreach of, with their grids, as the choices of a form."""
    levels = (Level.COMMUNITY,) if are_communities_alone else (Level.COMMUNITY, Level.GRID)
    areas = Area.objects.filter(within("code", outreach_scope(user, Duty.PLAN_OUTREACH, on)), level__in=levels)
    if are_communities_alone:
        return list(areas.order_by("code").values_list("code", "name"))
    return choices_of(areas)


def people_of(user: User, *, carrying: Duty, on: date) -> QuerySet[User]:
    """Return who may answer for something: those with a duty of outreach where this user plans it."""
    posts = Post.objects.current(on).with_duty(carrying)
    here = posts.filter(within("area__code", outreach_scope(user, Duty.PLAN_OUTREACH, on)))
    return User.objects.filter(is_active=True, pk__in=here.order_by().values("user_id")).order_by("name", "username")
