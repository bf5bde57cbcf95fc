"""Handing over the desk's shift: two people sign one page, first who leaves, then who takes over."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.formats import hour_minute
from accounts.models import User
from accounts.services import record
from alerts.models import HandOver
from alerts.services.rostering import RosterError
from residents.models import Area


@transaction.atomic
def leave_shift(
    area: Area, *, page: Mapping[str, Any], watch: str, begins_at: datetime, by: User, now: datetime
) -> HandOver:
    """Sign what a shift leaves to the next, as it stands on the page at this moment.

    Args:
        page: what was open and what was not kept, as the signer saw it; fit for JSON, names masked.
        watch: what to watch, in the signer's own words.
        begins_at: when the shift began.

    Raises ``RosterError`` where one signed page of this desk still waits to be taken over.
    """
    try:
        with transaction.atomic():
            signed = HandOver.objects.create(
                area=area, page=dict(page), watch=watch, begins_at=begins_at, left_by=by, left_at=now
            )
    except IntegrityError as error:
        raise RosterError(_("A page of this desk is signed already and waits to be taken over.")) from error
    record("alerts.shift_left", by=by, at=now, about=signed, area_code=area.code)
    return signed


@transaction.atomic
def take_shift(hand_over: HandOver, *, by: User, now: datetime) -> HandOver:
    """Sign as who takes over. Raises ``RosterError`` for who signed first, and where somebody was quicker."""
    signed = _waiting(hand_over)
    if signed.left_by_id == by.pk:
        raise RosterError(_("You have signed as who leaves. Whoever takes over logs in and signs."))
    signed.taken_by, signed.taken_at = by, now
    signed.save(update_fields=["taken_by", "taken_at"])
    record("alerts.shift_taken", by=by, at=now, about=signed, area_code=signed.area.code)
    return signed


@transaction.atomic
def withdraw_hand_over(hand_over: HandOver, *, by: User, now: datetime) -> None:
    """Take one's signature back, to sign a page anew. Raises ``RosterError`` once somebody has taken over."""
    signed = _waiting(hand_over)
    if signed.left_by_id != by.pk:
        raise RosterError(_("Only {person} can take this back.").format(person=signed.left_by))
    record("alerts.shift_left_withdrawn", by=by, at=now, about=signed, area_code=signed.area.code)
    HandOver.objects.filter(pk=signed.pk).delete()


def _waiting(hand_over: HandOver) -> HandOver:
    # Its people are read after the lock: who waited for it would be given those of the moment before.
    signed = HandOver.objects.select_for_update().filter(pk=hand_over.pk).first()
    if signed is None:
        raise RosterError(_("{person} has taken this page back.").format(person=hand_over.left_by))
    if signed.taken_at is not None:
        raise RosterError(
            _("{person} took over at {time}.").format(person=signed.taken_by, time=hour_minute(signed.taken_at))
        )
    return signed
