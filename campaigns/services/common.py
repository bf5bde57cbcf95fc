"""What the verbs of outreach share."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.formats import day, hour_minute
from accounts.models import User
from accounts.roles import Duty, Role
from accounts.services import RefusedError, record
from campaigns.models import Event
from campaigns.policy import EventState
from residents.access import within
from residents.models import COMMUNITY_DIGITS, Area, Post, ancestry


class OutreachError(RefusedError):
    """Something that cannot be done, in words staff may read."""


def locked(event: Event) -> Event:
    """Return an event as it stands now, for this transaction alone. Two who log it come one after the other."""
    return Event.objects.select_for_update(of=("self",)).select_related("area").get(pk=event.pk)


def require_begun(event: Event, *, now: datetime) -> None:
    """Refuse to log what lies ahead, or was cancelled."""
    if event.state == EventState.CANCELLED:
        raise OutreachError(_("This event was cancelled; nothing is logged for it."))
    if not event.has_begun(now):
        raise OutreachError(
            _("This event begins on {day} at {time}. If it was held earlier, move it first.").format(
                day=day(event.starts_at), time=hour_minute(event.starts_at)
            )
        )


def note(verb: str, event: Event, *, by: User | None, now: datetime, **detail: Any) -> None:
    """Write one line about an event into the trail."""
    shown: Mapping[str, Any] = detail
    record(f"campaigns.{verb}", by=by, at=now, about=event, area_code=event.area.code, detail=shown)


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
