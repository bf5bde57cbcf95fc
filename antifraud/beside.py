"""What stands beside each other meets here: alerts tell outreach which frauds hit people, and who was talked out."""

from collections.abc import Mapping
from decimal import Decimal

from django.db.models import Count, Sum

from accounts.clock import midnight
from alerts.models import Alert
from alerts.models.alert import AlertQuerySet
from alerts.policy import Outcome
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
