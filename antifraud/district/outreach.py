"""Three years of outreach: a lecture in each community every month, and whom it, doors and calls reached.

Five sixths of the residents were reached six times each, one sixth never: of those a district does have some.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from django.db import connection

from accounts.clock import LOCAL_TZ
from accounts.rows import reserve_keys
from antifraud.district.people import People
from antifraud.district.places import Place
from antifraud.district.pouring import in_batches, pour
from antifraud.district.scale import NEVER_REACHED, TOUCHES_OF_EACH, Scale
from campaigns.models import Event, Reach, Touch
from campaigns.policy import Channel, EventState, Form, TouchSource

EVERY_DAYS = 30
HEADS = 80
CHANNELS = (Channel.ON_SITE, Channel.DOOR, Channel.PHONE)
AT_TEN = time(10, tzinfo=LOCAL_TZ)


def make_outreach(scale: Scale, people: People, places: Sequence[Place], *, on: date) -> int:
    """Make the events and the touches, with what is kept beside them: the last day of each channel. Returns touches."""
    events = _make_events(scale, places, on=on)
    made = 0
    for numbers in in_batches(range(len(people))):
        touches = list(_touches(scale, people, places, events, numbers, on=on))
        made += pour(Touch, touches)
        pour(Reach, _reach(touches))
    return made


def _make_events(scale: Scale, places: Sequence[Place], *, on: date) -> dict[int, list[int]]:
    """Return the keys of each community's events, the oldest first."""
    days = [on - timedelta(days=scale.days - n) for n in range(0, scale.days - 1, EVERY_DAYS)]
    heads = {place.community_id: place for place in places}
    dice = Random(f"{scale.seed} events")
    keys = iter(reserve_keys(Event, len(days) * len(heads)))
    made = {community: [next(keys) for _day in days] for community in heads}
    pour(
        Event,
        (
            {
                "id": key,
                "uid": _uid(dice),
                "title": f"{day.month}月反诈讲座",
                "form": Form.LECTURE,
                "area_id": community,
                "place": "社区活动室",
                "starts_at": datetime.combine(day, AT_TEN),
                "ends_at": datetime.combine(day, AT_TEN) + timedelta(hours=2),
                "state": EventState.HELD,
                "heads": HEADS,
                "created_by_id": heads[community].worker,
                "logged_by_id": heads[community].worker,
                "logged_at": datetime.combine(day, AT_TEN) + timedelta(hours=3),
            }
            for community, keys_of_it in made.items()
            for key, day in zip(keys_of_it, days, strict=True)
        ),
    )
    return made


def _uid(dice: Random) -> str:
    """Return a name in calendars as this database writes it."""
    made = UUID(int=dice.getrandbits(128), version=4)
    return str(made) if connection.features.has_native_uuid_field else made.hex


def _touches(
    scale: Scale,
    people: People,
    places: Sequence[Place],
    events: dict[int, list[int]],
    numbers: Sequence[int],
    *,
    on: date,
) -> Iterator[dict[str, object]]:
    dice = Random(f"{scale.seed} touches {numbers[0]}")
    first = on - timedelta(days=scale.days)
    days = [first + timedelta(days=n) for n in range(scale.days)]
    moments = [datetime.combine(day, AT_TEN) for day in days]
    written = [f"{day}" for day in days]
    span = scale.days // TOUCHES_OF_EACH
    for n in numbers:
        if n % NEVER_REACHED == 0:
            continue
        grid = people.grid_of(n)
        of_community = events[places[grid].community_id]
        for turn in range(TOUCHES_OF_EACH):
            channel = CHANNELS[(n + turn) % 3]
            at, event = turn * span + dice.randrange(span), None
            if channel == Channel.ON_SITE:
                lecture = min(at // EVERY_DAYS, len(of_community) - 1)
                at, event = lecture * EVERY_DAYS, of_community[lecture]
            yield {
                "resident_id": people.keys[n],
                "channel": channel,
                "on": written[at],
                "at": moments[at],
                "event_id": event,
                "source": TouchSource.LIST,
            }


def _reach(touches: Sequence[dict[str, object]]) -> list[dict[str, object]]:
    """Return the last day of each channel of each who was touched."""
    last: dict[object, dict[str, object]] = {}
    for touch in touches:
        days = last.setdefault(touch["resident_id"], dict.fromkeys(CHANNELS))
        channel = str(touch["channel"])
        days[channel] = max(str(days[channel] or ""), str(touch["on"]))
    return [
        {"resident_id": key, "on_site_on": days["on_site"], "door_on": days["door"], "phone_on": days["phone"]}
        for key, days in last.items()
    ]
