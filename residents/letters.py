"""The words in which carers and grid leaders are told of visits.

No letter names a resident or carries a number of theirs: it says how many, where, and leads there.
"""

from collections.abc import Sequence
from datetime import date

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, ngettext

from accounts.models import User
from notifications.policy import Urgency
from notifications.services import Letter
from residents.models import Area, Pairing


def visits_key(carer_id: int) -> str:
    """Return what the reminders of a carer are filed under, so that they are withdrawn together."""
    return f"visits:{carer_id}"


def care_key(grid_id: int) -> str:
    """Return what the reminders about a grid are filed under."""
    return f"care:{grid_id}"


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
