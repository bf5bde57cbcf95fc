"""Visits, and the photos made on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.clock import local
from accounts.models import User
from accounts.services import record
from notifications.services import withdraw
from residents import letters
from residents.models import Pairing, Resident, Rule, Visit
from residents.policy import COUNTING_RESULTS, RuleName, days_overdue
from residents.services.common import ResidentsError
from residents.services.follow_ups import settle_follow_ups

LATEST_PAPER = timedelta(days=31)
"""How long after a visit it may still be written down."""

FARTHEST_NEXT = timedelta(days=92)


@dataclass(frozen=True)
class Found:
    """What a visitor found, and when they come again."""

    result: str
    mood: str = ""
    signs: Sequence[str] = ()
    note: str = ""
    next_on: date | None = None


@transaction.atomic
def log_visit(
    resident: Resident,
    *,
    found: Found,
    by: User,
    now: datetime,
    at: datetime | None = None,
    photo: bytes = b"",
    press: UUID | None = None,
) -> Visit:
    """Write a visit down; reminders of the carer vanish with the last visit that was overdue.

    ``photo`` is what ``clean_picture`` gave. The same press again, also at the same moment, gives the same visit.
    Raises ``ResidentsError`` for a press that was made elsewhere, and a day that cannot be.
    """
    # Who presses twice queues up here, and the second finds the visit of the first.
    resident = Resident.objects.select_for_update(no_key=True, of=("self",)).select_related("grid").get(pk=resident.pk)
    if press is not None and (made := Visit.objects.filter(press=press).first()) is not None:
        if (made.resident_id, made.by_id) != (resident.pk, by.pk):
            raise ResidentsError(_("This page was used for another visit already; open it anew."))
        return made
    at = at or now
    _require_possible(at, found.next_on, now=now)
    visit = Visit.objects.create(
        resident=resident,
        by=by,
        at=at,
        result=found.result,
        mood=found.mood,
        signs=list(found.signs),
        note=found.note,
        next_on=found.next_on,
        press=press,
    )
    record(
        "residents.visited",
        by=by,
        at=now,
        about=resident,
        area_code=resident.grid.code,
        detail={"visit": visit.pk, "result": found.result, "signs": list(found.signs), "photo": bool(photo)},
    )
    if visit.result in COUNTING_RESULTS:
        settle_follow_ups(visit, now=now)
    _withdraw_reminders(resident, now=now)
    if photo:
        # Last, so that no file is left behind by what is refused before.
        visit.photo.save(f"{resident.pk}.jpg", ContentFile(photo))
    return visit


def _require_possible(at: datetime, next_on: date | None, *, now: datetime) -> None:
    if at > now:
        raise ResidentsError(_("The visit lies in the future; leave the time empty if it was just now."))
    if now - at > LATEST_PAPER:
        raise ResidentsError(_("The visit was more than a month ago; such old ones are not added any more."))
    on = local(now).date()
    if next_on is not None and not on < next_on <= on + FARTHEST_NEXT:
        raise ResidentsError(_("The next time is a day from tomorrow on, within three months."))


def _withdraw_reminders(resident: Resident, *, now: datetime) -> None:
    """Take back the reminders of a carer, and of a grid, for whom nothing is overdue any more."""
    on = local(now).date()
    every = Rule.objects.number(RuleName.VISIT_EVERY_DAYS)
    current = Pairing.objects.current(on).of_those_living_here().with_last_visits()
    pairing = current.of_residents([resident]).first()
    if pairing is None:
        return
    about = {
        letters.visits_key(pairing.carer_id): current.of_carer(pairing.carer),
        letters.care_key(resident.grid_id): current.within(resident.grid.code),
    }
    done = [
        key
        for key, others in about.items()
        if not any(days_overdue(one.due_on(every_days=every), on) for one in others)
    ]
    withdraw(done, now=now)
