"""What stands beside each other meets here: alerts tell outreach which frauds hit people, and who was talked out; and
one calendar on a telephone holds the events of outreach and its owner's shifts."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Sum
from django.urls import reverse

from accounts.calendars import Stretch
from accounts.clock import midnight
from accounts.models import User
from alerts.models import Alert, Shift
from alerts.models.alert import AlertQuerySet
from alerts.policy import Outcome
from alerts.screens.roster import line_label
from campaigns.exports.calendars import Beside
from campaigns.policy import Span


class AlertsOfAnArea:
    """The alerts of an area, as outreach asks for them (``campaigns.figures.beside.Harm``). Drills never count."""

    def by_type(self, area_code: str, span: Span) -> Mapping[int, int]:
        """Return how many real alerts arrived of each type of fraud. One query."""
        rows = _within(area_code, span).exclude(fraud_type=None).order_by().values_list("fraud_type")
        return dict(rows.annotate(count=Count("pk")))

    def dissuaded(self, area_code: str, span: Span) -> tuple[int, Decimal]:
        """Return how many alerts were closed as dissuaded in time, and the yuan saved by that. One query."""
        found = _within(area_code, span).filter(outcome=Outcome.DISSUADED)
        sums = found.aggregate(count=Count("pk"), yuan=Sum("amount_prevented"))
        return sums["count"], sums["yuan"] or Decimal(0)


def _within(area_code: str, span: Span) -> AlertQuerySet:
    return Alert.objects.within(area_code).real().received_between(midnight(span.first), midnight(span.after))


class ShiftsOfAPerson:
    """Somebody's own shifts, for the calendar they subscribed to (``campaigns.exports.calendars.BesideSource``)."""

    def of(self, user: User, *, first: date, last: date) -> Iterable[Beside]:
        """Yield their shifts of some days. One query."""
        days = Stretch(midnight(first), midnight(last + timedelta(days=1)))
        for shift in Shift.objects.of(user).overlapping(days).select_related("area").order_by("starts_at", "pk"):
            label = line_label(shift.area, shift.kind)
            yield Beside(
                uid=f"shift-{shift.pk}",
                begins_at=shift.starts_at,
                ends_at=shift.ends_at,
                title=f"{label} · {shift.name}" if shift.name else label,
                place=shift.area.name,
                path=reverse("alerts:shift", args=[shift.pk]),
                changed_at=shift.changed_at,
            )
