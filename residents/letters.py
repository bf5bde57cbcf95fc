"""The words in which carers and grid leaders are told of visits.

No letter names a resident or carries a number of theirs: it says how many, where, and leads there.
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, ngettext

from accounts.formats import day
from accounts.models import User
from notifications.policy import Urgency
from notifications.services import Letter
from residents.models import Area, FollowUp, Pairing


def visits_key(carer_id: int) -> str:
    """Return what the reminders of a carer are filed under, so that they are withdrawn together."""
    return f"visits:{carer_id}"


def care_key(grid_id: int) -> str:
    """Return what the reminders about a grid are filed under."""
    return f"care:{grid_id}"


def follow_up_key(follow_up_id: int) -> str:
    """Return what the letters about a follow-up are filed under."""
    return f"follow-up:{follow_up_id}"


def to_carer(carer: User, pairings: Sequence[Pairing], *, due: Sequence[date]) -> Letter:
    """Return the reminder that visits are overdue; ``due`` are their due days, in the order of the pairings."""
    number = len(pairings)
    with translation.override(carer.language):
        title = ngettext("%(number)d visit is overdue", "%(number)d visits are overdue", number) % {"number": number}
        return Letter(
            key=f"visits.{carer.pk}.{pairings[0].pk}.{due[0].isoformat()}",
            recipient_id=carer.pk,
            kind="visits.overdue",
            urgency=Urgency.LOW,
            subject=visits_key(carer.pk),
            purpose="visits",
            title=title,
            body=gettext("Go there or telephone today, and log it under My visits."),
            public_text=title,
            url=reverse("residents:visits"),
            area_code=pairings[0].resident.grid.code,
        )


def to_leader(leader: User, grid: Area, pairings: Sequence[Pairing], *, due: Sequence[date], days: int) -> Letter:
    """Return what a grid leader is told of visits that are overdue for days."""
    number = len(pairings)
    with translation.override(leader.language):
        title = ngettext(
            "%(grid)s: %(number)d visit is overdue by %(days)d days or more",
            "%(grid)s: %(number)d visits are overdue by %(days)d days or more",
            number,
        ) % {"grid": grid.name, "number": number, "days": days}
        return Letter(
            key=f"care.{leader.pk}.{pairings[0].pk}.{due[0].isoformat()}",
            recipient_id=leader.pk,
            kind="visits.overdue",
            urgency=Urgency.LOW,
            subject=care_key(grid.pk),
            purpose="care",
            title=title,
            body=gettext("Ask the carer, go yourself, or pair somebody else."),
            public_text=title,
            url=f"{reverse('residents:key_groups')}?grid={grid.code}&due=overdue",
            area_code=grid.code,
        )


def paired(pairing: Pairing) -> Letter:
    """Return what a carer is told who was given somebody to look after."""
    with translation.override(pairing.carer.language):
        return Letter(
            key=f"paired.{pairing.pk}.{pairing.carer_id}",
            recipient_id=pairing.carer_id,
            kind="visits.paired",
            urgency=Urgency.LOW,
            subject=f"pairing:{pairing.pk}",
            purpose="pairing",
            title=gettext("You look after one more resident"),
            body=gettext("Who it is and when the first visit is due stands under My visits."),
            public_text="",
            url=reverse("residents:visits"),
            area_code=pairing.resident.grid.code,
        )


def _about_follow_up(recipient: User, follow_up: FollowUp, *, key: str, title: str, body: str, url: str) -> Letter:
    return Letter(
        key=f"follow-up.{follow_up.pk}.{key}.{recipient.pk}",
        recipient_id=recipient.pk,
        kind="visits.follow_up",
        urgency=Urgency.LOW,
        subject=follow_up_key(follow_up.pk),
        purpose="follow-up",
        title=title,
        body=body,
        public_text=title,
        url=url,
        area_code=follow_up.resident.grid.code,
    )


def follow_up_given(worker: User, follow_up: FollowUp, *, at: datetime) -> Letter:
    """Return what somebody is told who was chosen for a follow-up visit."""
    with translation.override(worker.language):
        return _about_follow_up(
            worker,
            follow_up,
            key=f"given.{at.isoformat()}",
            title=gettext("A follow-up visit for you, due by {day}").format(day=day(follow_up.due_on)),
            body=gettext("{why}. Who it is stands on top of My visits.").format(why=follow_up.words),
            url=reverse("residents:visits"),
        )


def follow_up_overdue(worker: User, follow_up: FollowUp) -> Letter:
    """Return the reminder that a follow-up visit is overdue; told once for one due day."""
    with translation.override(worker.language):
        return _about_follow_up(
            worker,
            follow_up,
            key=f"late.{follow_up.due_on.isoformat()}",
            title=gettext("A follow-up visit is overdue"),
            body=gettext("{why}. Go there or telephone today, and log it under My visits.").format(why=follow_up.words),
            url=reverse("residents:visits"),
        )


def follow_up_to_leader(leader: User, follow_up: FollowUp) -> Letter:
    """Return what a grid leader is told of a follow-up visit that is overdue for days."""
    with translation.override(leader.language):
        return _about_follow_up(
            leader,
            follow_up,
            key=f"leader.{follow_up.due_on.isoformat()}",
            title=gettext("{grid}: a follow-up visit has been overdue since {day}").format(
                grid=follow_up.resident.grid.name, day=day(follow_up.due_on)
            ),
            body=gettext("Ask who is to make it, go yourself, or give it to somebody else."),
            url=reverse("residents:follow_up", args=[follow_up.pk]),
        )
