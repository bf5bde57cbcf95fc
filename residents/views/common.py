"""What the pages about one resident share: finding them, and what the reader has opened."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from accounts.clock import database_now, today
from residents.access import StaffRequest
from residents.models import Resident, ResidentQuerySet
from residents.policy import Purpose
from residents.services import reveal_resident
from residents.views.opened import is_opened, open_once

REVEALED, VIEWED, MINORS = "residents_revealed", "residents_viewed", "minors_opened"
"""The session's keys for the residents whose numbers, whose dossier, whose record as a child was opened."""


def seen(request: StaffRequest) -> ResidentQuerySet:
    """Return the residents whom this person may see today."""
    return Resident.objects.visible_to(request.user, on=today())


def find(request: StaffRequest, pk: int) -> Resident:
    """Return a resident whom this person may see today; a foreign one is a 404."""
    return get_object_or_404(drawn(seen(request)), pk=pk)


def drawn(residents: ResidentQuerySet) -> ResidentQuerySet:
    """Read along what every page about one resident shows."""
    return residents.select_related("grid", "household").prefetch_related("memberships", "family_contacts")


def is_shut(request: HttpRequest, resident: Resident) -> bool:
    """Say whether a child's record has yet to be opened with a reason."""
    return resident.is_minor(today()) and not is_opened(request, MINORS, resident.pk)


def are_numbers_open(request: HttpRequest, resident: Resident) -> bool:
    """Say whether this reader has opened a resident's name and numbers in this session."""
    return is_opened(request, REVEALED, resident.pk)


def open_for_visit(request: StaffRequest, resident: Resident) -> None:
    """Open name and numbers to the carer who is about to visit: the task needs them, and it is written down."""
    now = database_now()
    open_once(
        request,
        REVEALED,
        resident.pk,
        lambda: reveal_resident(resident, reason=Purpose.VISIT, by=request.user, now=now),
    )
