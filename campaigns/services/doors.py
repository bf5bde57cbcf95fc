"""The doors of household visits: put on the list, knocked at, answered or not."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from campaigns.models import Door, Event
from campaigns.policy import Channel, DoorResult, EventState, Form, TouchSource
from campaigns.services.common import OutreachError, note, require_begun
from campaigns.services.touches import take_back_touches, write_touches
from residents.models import Household, Resident

BATCH = 500


@transaction.atomic
def add_doors(*, event: Event, residents: Collection[Resident], by: User, now: datetime) -> int:
    """Put the doors of these residents on the list of household visits; return how many doors were not on it.

    A door is on the list once, for all of them who live behind it; one that is there for everybody stays so. Who has no
    door on the roster has none here either. Raises ``OutreachError`` for an event that is no household visits, or
    cancelled.
    """
    _require_visits(event)
    wanted = _by_household(residents)
    there = {door.household_id: door for door in event.doors.filter(household__in=wanted).prefetch_related("wanted")}
    new = [Door(event=event, household_id=key) for key in wanted if key not in there]
    Door.objects.bulk_create(new, batch_size=BATCH, ignore_conflicts=True)
    _want(event, wanted, for_everybody={key for key, door in there.items() if not door.wanted.all()})
    note("doors_added", event, by=by, now=now, doors=len(new), residents=len(residents))
    return len(new)


@transaction.atomic
def add_households(*, event: Event, households: Collection[Household], by: User, now: datetime) -> int:
    """Put doors on the list for everybody who lives behind them; return how many were not on it.

    A door that was there for some of them alone is there for all from now on. Raises as ``add_doors`` does.
    """
    _require_visits(event)
    there = event.doors.filter(household__in=households)
    Door.wanted.through.objects.filter(door__in=there).delete()
    known = set(there.values_list("household_id", flat=True))
    new = [Door(event=event, household=household) for household in households if household.pk not in known]
    Door.objects.bulk_create(new, batch_size=BATCH, ignore_conflicts=True)
    note("doors_added", event, by=by, now=now, doors=len(new))
    return len(new)


@transaction.atomic
def remove_door(door: Door, *, by: User, now: datetime) -> None:
    """Take a door off the list. Raises ``OutreachError`` for one that was knocked at already."""
    if door.result:
        raise OutreachError(_("Somebody knocked at this door already; it stays on the list."))
    note("door_removed", door.event, by=by, now=now, household=door.household_id)
    door.delete()


@transaction.atomic
def knock(
    door: Door,
    *,
    result: DoorResult,
    talked_to: Collection[Resident] = (),
    has_installed: bool = False,
    words: str = "",
    by: User,
    now: datetime,
    at: datetime,
) -> Door:
    """Write down what came of knocking at a door, over what was written before.

    Who was talked to is touched; who was written down by mistake is not any more. A correction keeps the time of the
    talk. Raises ``OutreachError`` for visits that lie ahead or were cancelled.
    """
    door = Door.objects.select_for_update(of=("self",)).select_related("event__area", "household").get(pk=door.pk)
    require_begun(door.event, now=now)
    is_correction = door.result == result == DoorResult.TALKED and door.at is not None
    door.result, door.has_installed, door.note = result, has_installed, words
    door.at, door.by, door.recorded_at = door.at if is_correction else at, by, now
    door.save()
    _touch(door, talked_to if result == DoorResult.TALKED else ())
    note("door_knocked_at", door.event, by=by, now=now, door=door.pk, result=result, talked_to=len(talked_to))
    return door


def _touch(door: Door, talked_to: Collection[Resident]) -> None:
    """Touch those of a flat who were talked to, and nobody else of it."""
    assert door.at is not None
    flat = list(Resident.objects.filter(household=door.household_id))
    take_back_touches(door.event, flat, channel=Channel.DOOR)
    write_touches(
        talked_to,
        event=door.event,
        channel=Channel.DOOR,
        source=TouchSource.DOOR,
        at=door.at,
        by=door.by,
        installed=[one.pk for one in talked_to] if door.has_installed else (),
    )


def _require_visits(event: Event) -> None:
    if event.form != Form.HOUSEHOLD:
        raise OutreachError(_("Only household visits have a list of doors."))
    if event.state == EventState.CANCELLED:
        raise OutreachError(_("These visits were cancelled; plan new ones."))


def _by_household(residents: Iterable[Resident]) -> dict[int, list[int]]:
    by_household: dict[int, list[int]] = defaultdict(list)
    for resident in residents:
        if resident.household_id is not None:
            by_household[resident.household_id].append(resident.pk)
    return by_household


def _want(event: Event, wanted: Mapping[int, list[int]], *, for_everybody: Collection[int]) -> None:
    """Note for whom each door is on the list."""
    through = Door.wanted.through
    keys = dict(event.doors.filter(household__in=wanted).values_list("household_id", "pk"))
    through.objects.bulk_create(
        [
            through(door_id=keys[household], resident_id=resident)
            for household, residents in wanted.items()
            if household not in for_everybody
            for resident in residents
        ],
        batch_size=BATCH,
        ignore_conflicts=True,
    )
