"""What the pages of cases share: finding a case, and what its reader has opened."""

from django.shortcuts import get_object_or_404

from accounts.clock import today
from accounts.roles import Duty
from cases.models import Case, CaseQuerySet
from residents.access import StaffRequest

REVEALED, VIEWED = "cases_revealed", "cases_viewed"
"""The session's keys for the cases whose victim's name, and whose page, was opened."""


def seen(request: StaffRequest, duty: Duty = Duty.SEE_CASES) -> CaseQuerySet:
    """Return the cases on which this person has a duty today."""
    return Case.objects.visible_to(request.user, on=today(), duty=duty)


def find(request: StaffRequest, pk: int, duty: Duty = Duty.SEE_CASES) -> Case:
    """Return a case on which this person has a duty today; a foreign one is a 404."""
    along = seen(request, duty).select_related("fraud_type__parent", "community", "grid", "created_by")
    return get_object_or_404(along, pk=pk)
