"""Keeping the counts that wide areas are added up from."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.clock import LOCAL_TZ
from accounts.models import User
from accounts.services import record
from campaigns.models import CommunityCover, Event, EventStaff
from campaigns.policy import Audience, Form, Means
from campaigns.services.common import OutreachError
from campaigns.services.doors import add_doors
from campaigns.services.telling import tell_planned
from residents.models import Area, Resident

BEGINS, LASTS = time(9), timedelta(hours=3)
"""When household visits begin unless somebody moves them, and how long they are planned for."""

FIELDS = ("should", "reached", "weak", "counted_at")


@transaction.atomic
def keep_covers(counts: Mapping[str, tuple[int, int, int]], *, audience: Audience, means: Means, now: datetime) -> int:
    """Keep (should, reached, weak) of each community by its code; those not named are forgotten. Return how many."""
    CommunityCover.objects.filter(audience=audience, means=means).exclude(area_code__in=counts).delete()
    rows = [
        CommunityCover(
            area_code=code, audience=audience, means=means, should=should, reached=reached, weak=weak, counted_at=now
        )
        for code, (should, reached, weak) in counts.items()
    ]
    unique = ["audience", "means", "area_code"]
    CommunityCover.objects.bulk_create(
        rows, batch_size=500, update_conflicts=True, unique_fields=unique, update_fields=FIELDS
    )
    return len(rows)


@transaction.atomic
def arrange_visits(
    residents: Sequence[Resident], *, area: Area, worker: User, on: date, audience: Audience, by: User, now: datetime
) -> Event:
    """Make household visits to the doors of these residents, for one worker, and return the event.

    Raises ``OutreachError`` where none of them has a door that is known.
    """
    with_doors = [one for one in residents if one.household_id is not None]
    if not with_doors:
        raise OutreachError(_("Tick at least one person whose door is known."))
    begins = datetime.combine(on, BEGINS, tzinfo=LOCAL_TZ)
    event = Event.objects.create(
        area=area,
        title=_("Household visits: {area}").format(area=area.name),
        form=Form.HOUSEHOLD,
        starts_at=begins,
        ends_at=begins + LASTS,
        audience=audience,
        expected_heads=len(with_doors),
        created_by=by,
    )
    EventStaff.objects.create(event=event, user=worker)
    tell_planned(event, by=by, now=now)
    doors = add_doors(event=event, residents=with_doors, by=by, now=now)
    record(
        "campaigns.visits_arranged",
        by=by,
        at=now,
        about=event,
        area_code=area.code,
        detail={"doors": doors, "worker": worker.pk},
    )
    return event


def record_names_printed(area: Area, *, number: int, by: User, now: datetime) -> None:
    """Write down that names of those who were not reached went to paper, whole."""
    detail = {"rows": number, "whole": True}
    record("campaigns.names_opened", by=by, at=now, about=area, area_code=area.code, detail=detail)
