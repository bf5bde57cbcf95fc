"""What the verbs of reports share."""

from accounts.services import RefusedError
from residents.models import Area


class ReportsError(RefusedError):
    """Something that cannot be done, in words staff may read."""


def lock_area(area: Area) -> None:
    """Have two who score or inspect one area at the same moment come one after the other."""
    Area.objects.select_for_update(no_key=True).get(pk=area.pk)
