"""The change of shift: what the desk is reminded of, and which desks somebody watches."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.formats import hour_minute
from alerts.models import HandOver, Shift
from residents.access import Scope, within
from residents.models import Area

SOON = timedelta(minutes=15)
"""So long before a shift ends the desk is reminded."""
STILL = timedelta(hours=3)
"""So long after it the desk is still told that nobody has signed."""
EARLY = timedelta(hours=1)
"""A page signed this long before the end is that shift's."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """What the desk is reminded of at the change of shift."""

    words: str
    url: str
    deed: str


def reminders(desks: Sequence[Area], *, user_id: int, now: datetime) -> tuple[Reminder, ...]:
    """Return what the change of shift asks of these desks now: to sign, to take over, or why nobody has. Two queries.

    Only desks that keep a roster are reminded to sign: without one nobody knows when a shift ends.
    """
    ids = [desk.pk for desk in desks]
    late = HandOver.objects.filter(area__in=ids, left_at__gt=now - STILL - EARLY).select_related("left_by")
    of_late = list(late.defer("page", "watch", "left_by__phone"))
    waiting = HandOver.objects.waiting().filter(area__in=ids).select_related("left_by")
    found = [_waiting(one, user_id=user_id) for one in waiting.defer("page", "watch", "left_by__phone")]
    names = {desk.pk: desk for desk in desks}
    ends = Shift.objects.at_desks().filter(area__in=ids, ends_at__gt=now - STILL, ends_at__lte=now + SOON)
    for area_id, ended_at in ends.order_by("ends_at").values_list("area_id", "ends_at").distinct():
        if not any(one.area_id == area_id and one.left_at >= ended_at - EARLY for one in of_late):
            found.append(_to_sign(names[area_id], ended_at, now=now))
    return tuple(dict.fromkeys(found))


def _waiting(hand_over: HandOver, *, user_id: int) -> Reminder:
    url = reverse("alerts:hand_over_page", args=[hand_over.pk])
    time = hour_minute(hand_over.left_at)
    if hand_over.left_by_id == user_id:
        return Reminder(_("You handed over at {time}; nobody has taken over yet.").format(time=time), url, _("Look"))
    words = _("{person} handed over at {time}: read it and sign.").format(person=hand_over.left_by, time=time)
    return Reminder(words, url, _("Take over"))


def _to_sign(desk: Area, ended_at: datetime, *, now: datetime) -> Reminder:
    url = f"{reverse('alerts:sign_hand_over')}?area={desk.code}"
    said = _("The shift ends at {time}.") if ended_at > now else _("The shift ended at {time} and was not handed over.")
    return Reminder(said.format(time=hour_minute(ended_at)), url, _("Hand over"))


def desks_of(codes: Scope) -> list[Area]:
    """Return the communities whose desks somebody watches."""
    return list(Area.objects.communities().filter(within("code", codes)).order_by("code"))
