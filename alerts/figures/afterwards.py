"""How true what was written down at the closing turned out to be."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from alerts.models import AlertQuerySet


@dataclass(frozen=True, slots=True)
class FoundTrue:
    """Share of alerts found true when the desk called back (处置真实率): ``true`` of ``called``, both in alerts.

    Counted by when it was called back, whenever the alert came.
    """

    true: int
    called: int


def found_true(alerts: AlertQuerySet, *, begin: datetime, end: datetime) -> FoundTrue:
    """Return it for the call-backs made in ``[begin, end)`` about these alerts. One query."""
    made = alerts.real().filter(call_back__at__gte=begin, call_back__at__lt=end).order_by()
    row = made.aggregate(called=Count("pk"), true=Count("pk", filter=Q(call_back__is_true=True)))
    return FoundTrue(true=row["true"], called=row["called"])
