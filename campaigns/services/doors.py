"""The doors of household visits: put on the list, knocked at, answered or not."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import record
from campaigns.models import Door, Event
from campaigns.policy import EventState, Form
from campaigns.services.common import OutreachError
from residents.models import Resident

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
    record(
        "campaigns.doors_added",
        by=by,
        at=now,
        about=event,
        area_code=event.area.code,
        detail={"doors": len(new), "residents": len(residents)},
    )
    return len(new)


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
