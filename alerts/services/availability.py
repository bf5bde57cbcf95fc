"""Busy and free: one press, and the partner has it at once."""

from datetime import datetime

from django.db import transaction

from accounts.clock import local
from accounts.models import User
from accounts.roles import Duty
from accounts.services import record
from alerts.models import Alert, BusySpell
from alerts.policy import State
from alerts.services.common import in_hand
from alerts.services.handling import hand_over
from residents import access


@transaction.atomic
def mark_busy(user: User, *, now: datetime, from_where: str = "") -> list[Alert]:
    """Mark somebody busy, and hand on at once whatever they were given and have not accepted.

    Returns: the alerts handed on. What they have accepted stays theirs: they are at work on it.
    """
    _spell, was_free = BusySpell.objects.get_or_create(user=user, ended_at=None, defaults={"started_at": now})
    waiting = Alert.objects.filter(state=State.DISPATCHED, holder=user).order_by("pk")
    handed = [_hand_on(alert, user, now=now, from_where=from_where) for alert in waiting]
    if was_free:
        record("alerts.marked_busy", by=user, at=now, detail={"handed_on": len(handed)}, from_where=from_where)
    return handed


def _hand_on(alert: Alert, user: User, *, now: datetime, from_where: str) -> Alert:
    with in_hand(alert, by=user, now=now, from_where=from_where) as matter:
        # The clock may have handed it on, or somebody may have accepted it, a moment before.
        if (matter.alert.state == State.DISPATCHED and matter.alert.holder_id == user.pk) and not hand_over(
            matter, to=None, reason="busy"
        ):
            matter.set(holder_id=None, holder_rank=None)
    return matter.alert


@transaction.atomic
def mark_free(user: User, *, now: datetime, from_where: str = "") -> list[Alert]:
    """Mark somebody free again, and give out at once whatever waits in their areas for want of anybody.

    Returns: the alerts given out, to them or to somebody more fitting.
    """
    if BusySpell.objects.running().filter(user=user).update(ended_at=now):
        record("alerts.marked_free", by=user, at=now, from_where=from_where)
    mine = access.within("area_code", access.scope_codes(user, Duty.HANDLE_ALERTS, local(now).date()))
    waiting = Alert.objects.in_nobodys_hands().filter(mine).order_by("pk")
    return [_give_out(alert, now=now) for alert in waiting]


def _give_out(alert: Alert, *, now: datetime) -> Alert:
    with in_hand(alert, by=None, now=now, from_where="engine") as matter:
        matter.give_out()
    return matter.alert
