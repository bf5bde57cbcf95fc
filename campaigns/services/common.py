"""What the verbs of outreach share."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Duty, Role
from residents.access import within
from residents.models import COMMUNITY_DIGITS, Area, Post, ancestry


class OutreachError(Exception):
    """Something that cannot be done, in words staff may read."""


def save_checked(thing: models.Model) -> None:
    """Save a row. Raises ``OutreachError`` with the words of its fields and constraints where it breaks one."""
    try:
        thing.full_clean()
    except ValidationError as error:
        raise OutreachError(" ".join(error.messages)) from error
    thing.save()


def queue_up(area: Area) -> None:
    """Have two who add something of one area at the same moment come one after the other: the second finds it there."""
    Area.objects.select_for_update(no_key=True).get(pk=area.pk)


def write_fields(thing: models.Model, fields: dict[str, Any]) -> dict[str, Any]:
    """Set fields of a row; return which of them changed, for the trail."""
    # A new row has no area or owner to compare with yet.
    changed = [name for name, value in fields.items() if getattr(thing, name, None) != value]
    for name in changed:
        setattr(thing, name, fields[name])
    return {"changed": changed}


def on_duty_at(area_code: str, duty: Duty, *, on: date) -> QuerySet[User]:
    """Return those who have a duty of outreach in an area's community on a day, by a post there or above it."""
    community = area_code[:COMMUNITY_DIGITS]
    posts = Post.objects.current(on).with_duty(duty)
    here = posts.filter(within("area__code", (community,)) | Q(area__code__in=ancestry(community)))
    return User.objects.filter(is_active=True, pk__in=here.order_by().values("user_id"))


def require_owner(owner: User | None, area: Area, *, duty: Duty, on: date) -> None:
    """Raise ``OutreachError`` where somebody who is to answer for a thing has no post where it is."""
    if owner is not None and not on_duty_at(area.code, duty, on=on).filter(pk=owner.pk).exists():
        raise OutreachError(
            _("{person} holds no post in this community; choose somebody of the list.").format(person=owner)
        )


def planners_by_community(codes: Iterable[str], *, on: date) -> dict[str, list[User]]:
    """Return the outreach workers and managers of some communities."""
    posts = Post.objects.current(on).filter(
        role__in=(Role.OUTREACH_WORKER, Role.MANAGER), area__code__in=set(codes), user__is_active=True
    )
    found: dict[str, list[User]] = {}
    for post in posts.select_related("user", "area").order_by("pk"):
        found.setdefault(post.area.code, []).append(post.user)
    return found
