"""Who looks after whom: a carer is paired with a resident, changed, ended."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.formats import day
from accounts.models import User
from accounts.roles import Duty
from accounts.services import record
from notifications.services import tell, withdraw
from residents import letters
from residents.access import may
from residents.models import Pairing, Post, Resident
from residents.services.common import ResidentsError

FARTHEST = timedelta(days=366)
"""A pairing that begins farther away than this, on either side, is a slip of the pen in the year."""


@transaction.atomic
def pair(resident: Resident, *, carer: User, starts_on: date, by: User, now: datetime, on: date) -> Pairing:
    """Have a carer look after a resident from a day on; who did before ends on the day before.

    On the very day on which the present pairing began it is corrected instead. The new carer is told, without a name.
    Raises ``ResidentsError`` for somebody who may not visit there, a resident who has gone, a pairing that begins
    later than this one, or a day too far away.
    """
    resident = _in_hand(resident)
    if resident.ended_on is not None:
        raise ResidentsError(_("This resident is no longer here since {day}.").format(day=day(resident.ended_on)))
    if abs(starts_on - on) > FARTHEST:
        raise ResidentsError(_("This day is more than a year away; look at the year."))
    _require_carer(carer, resident, on=max(starts_on, on))
    before = list(Pairing.objects.of_residents([resident]).overlapping(starts_on, date.max).select_related("carer"))
    later = next((one for one in before if one.starts_on > starts_on), None)
    if later is not None:
        raise ResidentsError(
            _("{person} is paired with this resident from {day}; choose that day or a later one.").format(
                person=later.carer, day=day(later.starts_on)
            )
        )
    pairing, was = _follow(resident, before, carer=carer, starts_on=starts_on)
    record(
        "residents.paired",
        by=by,
        at=now,
        about=resident,
        area_code=resident.grid.code,
        detail={"pairing": pairing.pk, "carer": carer.pk, "from": f"{starts_on}", "before": was},
    )
    withdraw([f"pairing:{one.pk}" for one in before], now=now)
    tell([letters.paired(pairing)], now=now)
    return pairing


@transaction.atomic
def end_pairing(pairing: Pairing, *, ends_on: date, by: User, now: datetime, on: date) -> Pairing:
    """End a pairing after a day. Raises ``ResidentsError`` for a day before it began, or too far away."""
    resident = _in_hand(pairing.resident)
    pairing = Pairing.objects.select_related("carer").get(pk=pairing.pk)
    if ends_on < pairing.starts_on:
        raise ResidentsError(
            _("It began on {day}; it cannot end before that.").format(day=day(pairing.starts_on)),
        )
    if ends_on - on > FARTHEST:
        raise ResidentsError(_("This day is more than a year away; look at the year."))
    if Pairing.objects.of_residents([resident]).overlapping(pairing.starts_on, ends_on).exclude(pk=pairing.pk).exists():
        raise ResidentsError(_("Somebody else is paired with this resident by then; choose an earlier day."))
    pairing.ends_on = ends_on
    pairing.save(update_fields=["ends_on"])
    record(
        "residents.unpaired",
        by=by,
        at=now,
        about=resident,
        area_code=resident.grid.code,
        detail={"pairing": pairing.pk, "carer": pairing.carer_id, "to": f"{ends_on}"},
    )
    withdraw([f"pairing:{pairing.pk}"], now=now)
    return pairing


def _in_hand(resident: Resident) -> Resident:
    """Lock a resident: two who pair at once queue up, and the second sees what the first did."""
    locked = Resident.objects.select_for_update(no_key=True, of=("self",)).select_related("grid")
    return locked.get(pk=resident.pk)


def _require_carer(carer: User, resident: Resident, *, on: date) -> None:
    posts = Post.objects.current(on).with_duty(Duty.VISIT).serving(resident.grid.code)
    if not carer.is_active or not posts.filter(user=carer).exists():
        raise ResidentsError(
            _("{person} has no post here that visits; appoint them first, or choose somebody else.").format(
                person=carer
            )
        )
    if resident.is_minor(on) and not may(carer, Duty.SEE_MINORS, resident.grid.code, on):
        raise ResidentsError(
            _("A child under fourteen is looked after by the grid leader; {person} may not see the record.").format(
                person=carer
            )
        )


def _follow(resident: Resident, before: list[Pairing], *, carer: User, starts_on: date) -> tuple[Pairing, int | None]:
    """Begin a pairing where the one before ends; return it and who looked after the resident before."""
    present = next(iter(before), None)
    if present is not None and present.starts_on == starts_on:
        was, present.carer, present.ends_on = present.carer_id, carer, None
        present.carer_told_on = present.leader_told_on = None
        present.save()
        return present, was
    if present is not None:
        present.ends_on = starts_on - timedelta(days=1)
        present.save(update_fields=["ends_on"])
    pairing = Pairing.objects.create(resident=resident, carer=carer, starts_on=starts_on)
    return pairing, present.carer_id if present else None
