"""Whom the demo's outreach has reached: in one community 35 in a hundred of those over 60 were never on site (S1)."""

import random
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db.models import F

from accounts.clock import local, midnight
from accounts.models import User
from accounts.roles import Role
from campaigns.models import Event, EventStaff
from campaigns.models.touches import Touch
from campaigns.policy import Audience, Channel, EventState, Form, TouchSource
from campaigns.services import write_touches
from knowledge.models import FraudType
from residents.models import Area, Post, Resident
from residents.policy import born_after

SHOWN = "370105012003"
NEVER_SHARE = 35
ELDER, GROWN_UP = 60, 18
MONTHS_AGO = (10, 8, 6, 5, 3, 2, 1)
SHARE_OF_OTHERS = 1 / 4
SHARE_OF_DOORS = 1 / 6
TITLE = "反诈讲座"
TAUGHT = ("impersonating_authority", "fake_investment", "fake_customer_service")


def make_reached(*, now: datetime, seed: int = 1) -> int:
    """Make a year of lectures with who came to them; return how many. Made once."""
    if Event.objects.filter(title__endswith=TITLE).exists():
        return 0
    dice = random.Random(seed)  # noqa: S311  # invented people need no secret dice
    on = local(now).date()
    made = 0
    for community in Area.objects.communities().order_by("code"):
        workers = Post.objects.current(on).of_role(Role.OUTREACH_WORKER).filter(area=community)
        worker = workers.select_related("user").order_by("pk").first()
        if worker is not None:
            made += _year_of(community, worker.user, dice, on)
    return made


def _year_of(community: Area, worker: User, dice: random.Random, on: date) -> int:
    people = list(Resident.objects.living_here().within(community.code).order_by("pk"))
    elders = [one for one in people if one.birth_on and one.birth_on <= born_after(ELDER, on)]
    # Who came to another event of the demo is not among those who never did.
    on_site = Touch.objects.filter(channel=Channel.ON_SITE, resident__in=elders)
    seen = set(on_site.values_list("resident_id", flat=True))
    never = set(dice.sample([one.pk for one in elders if one.pk not in seen], round(len(elders) * NEVER_SHARE / 100)))
    came = [one for one in elders if one.pk not in never]
    others = [one for one in people if one not in elders and (one.age(on) or 0) >= GROWN_UP]
    came += [one for one in others if dice.random() < SHARE_OF_OTHERS]
    # Each comes to one lecture for certain, and to some of the others.
    first = {one.pk: dice.randrange(len(MONTHS_AGO)) for one in came}
    for number, months in enumerate(MONTHS_AGO):
        there = [one for one in came if first[one.pk] == number or dice.random() < SHARE_OF_DOORS]
        _lecture(community, worker, on - timedelta(days=30 * months + dice.randint(0, 6)), there, number)
    return len(MONTHS_AGO)


def _lecture(community: Area, worker: User, on: date, there: Iterable[Resident], number: int) -> None:
    at = midnight(on) + timedelta(hours=9, minutes=30)
    people = list(there)
    event = Event.objects.create(
        area=community,
        title=f"{community.name}{TITLE}",
        form=Form.LECTURE,
        place="社区活动室",
        starts_at=at,
        ends_at=at + timedelta(minutes=45),
        audience=Audience.OVER_60,
        expected_heads=30,
        expected_volunteers=2,
        heads=len(people) + 2,
        installs=len(people) // 5,
        state=EventState.HELD,
        created_by=worker,
        logged_by=worker,
        logged_at=at + timedelta(hours=1),
    )
    taught = FraudType.objects.filter(code=TAUGHT[number % len(TAUGHT)])
    event.fraud_types.set(taught)
    EventStaff.objects.create(event=event, user=worker)
    write_touches(people, event=event, channel=Channel.ON_SITE, source=TouchSource.LIST, at=at, by=worker)
    # Entered on the day: what is entered after a case does not count for its look-back.
    event.touches.update(recorded_at=F("at"))
