"""The robots of groups in one's areas: where each speaks, whether it works, and how long one waits for it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.formats import moment, to_the_second
from accounts.models import User
from accounts.personal_data import UnreadableError, decrypt
from accounts.roles import Duty
from notifications.channels import masked_address
from notifications.models import Channel, ChannelQuerySet
from notifications.services import Queue, queues_at, tests_of
from residents.access import scope_codes, within
from residents.models import Area

SHOWN_TESTS = 5
GOOD, AMBER, LATE, SOFT = "good", "amber", "late", "soft"


def robots_of(user: User, *, on: date) -> ChannelQuerySet:
    """Return the robots of the places that somebody keeps; those that speak everywhere are an administrator's."""
    kept = within("area_code", scope_codes(user, Duty.APPOINT, on))
    return Channel.objects.robots().filter(kept).order_by("area_code", "kind", "name")


@dataclass(frozen=True, slots=True)
class Robot:
    """One robot, ready to be drawn; of its address the host and the end of the key."""

    pk: int
    url: str
    name: str
    kind: str
    place: str
    address: str
    is_active: bool
    calls_people: bool
    said: str
    tone: str
    queue: str
    is_slow: bool


def drawn(robots: ChannelQuerySet, *, now: datetime) -> list[Robot]:
    """Return robots as pages show them, in three queries for any number.

    Addresses are read as they are stored and deciphered one by one: one whose key was lost hides no other.
    """
    # What is annotated has no type.
    listed: list[Any] = list(robots.without_secrets().annotate(stored=Cast("address", TextField())))
    places = dict(Area.objects.filter(code__in={robot.area_code for robot in listed}).values_list("code", "name"))
    queues = queues_at(listed, now=now)
    return [_drawn(robot, robot.stored, places, queues[robot.pk]) for robot in listed]


def _drawn(robot: Channel, stored: str, places: dict[str, str], queue: Queue) -> Robot:
    said, tone = _health(robot)
    return Robot(
        pk=robot.pk,
        url=reverse("residents:robot", args=[robot.pk]),
        name=robot.name,
        kind=str(robot.get_kind_display()),
        place=places.get(robot.area_code, robot.area_code) or _("everywhere"),
        address=_masked(robot.kind, stored),
        is_active=robot.is_active,
        calls_people=robot.calls_people,
        said=said,
        tone=tone,
        queue=queue.words or _("Nothing waits: a message is in the group at once."),
        is_slow=queue.is_long,
    )


def _masked(kind: str, stored: str) -> str:
    try:
        return masked_address(kind, decrypt(stored))
    except UnreadableError:
        return _("Cannot be read any more: paste it again.")


def _health(robot: Channel) -> tuple[str, str]:
    if not robot.is_active:
        return _("Switched off: nothing goes there."), SOFT
    if robot.failing_since is not None:
        since = moment(robot.failing_since)
        return _("Failing since {time}: {why}").format(time=since, why=robot.last_error), LATE
    if robot.last_sent_at is not None:
        return _("Works; last spoke {time}.").format(time=moment(robot.last_sent_at)), GOOD
    return _("Not tried yet: send a test."), AMBER


@dataclass(frozen=True, slots=True)
class Tried:
    """When somebody tried a robot, and what it answered."""

    at: datetime
    time: str
    who: str
    said: str
    is_taken: bool


def tests_shown(robot: Channel) -> list[Tried]:
    """Return the last tests of a robot, the latest first, in one query."""
    return [
        Tried(
            at=entry.at,
            time=to_the_second(entry.at),
            who=str(entry.actor or ""),
            said=entry.detail.get("answer") or _("taken"),
            is_taken=bool(entry.detail.get("taken")),
        )
        for entry in tests_of(robot).select_related("actor")[:SHOWN_TESTS]
    ]
