"""Who may work at a community's outreach."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.roles import Duty, roles_with
from residents.access import Scope, within
from residents.models import Post, ancestry

ROLES = roles_with(Duty.LOG_OUTREACH) | roles_with(Duty.PLAN_OUTREACH)


def staff_in(codes: Scope, *, on: date) -> QuerySet[User]:
    """Return who logs or plans outreach in some areas on a day: posts in them, and above them."""
    posts = Post.objects.current(on).filter(role__in=ROLES)
    if codes is not None:
        above = [code for one in codes for code in ancestry(one)]
        posts = posts.filter(within("area__code", codes) | Q(area__code__in=above))
    return User.objects.filter(is_active=True, pk__in=posts.values("user")).order_by("name", "pk")


def places_of(people: Iterable[User], *, on: date) -> dict[int, tuple[str, ...]]:
    """Return the codes of the areas where each of some people logs or plans outreach on a day, by the person's key."""
    rows = Post.objects.current(on).filter(user__in=list(people), role__in=ROLES).values_list("user", "area__code")
    found: dict[int, tuple[str, ...]] = {}
    for user, code in rows:
        found[user] = (*found.get(user, ()), code)
    return found
