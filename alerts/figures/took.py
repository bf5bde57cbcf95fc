"""How long the work of a clock really took, kept or late: one definition for the reports' bands and for the lists."""

from datetime import UTC, timedelta
from typing import Any

from django.db.models import DurationField, ExpressionWrapper, QuerySet
from django.db.models.functions import TruncSecond

from alerts.models import AlertQuerySet, ObjectiveClock
from alerts.policy import Objective, ObjectiveState

ENDED = (ObjectiveState.MET, ObjectiveState.BREACHED)

MINUTE = timedelta(minutes=1)


def with_time(clocks: QuerySet[ObjectiveClock]) -> QuerySet[Any]:
    """Return the clocks whose work was done, each with how long that ``took``, to the second."""
    took = ExpressionWrapper(
        TruncSecond("met_at", tzinfo=UTC) - TruncSecond("started_at", tzinfo=UTC), output_field=DurationField()
    )
    return clocks.filter(met_at__isnull=False).annotate(took=took)


def that_took(alerts: AlertQuerySet, key: str, above: int, up_to: int | None) -> AlertQuerySet:
    """Return the alerts of which a clock took more than so many minutes, and up to so many; ``None`` is for ever."""
    clocks = with_time(_of_kind(key).filter(state__in=ENDED))
    # What took no time at all is in the first band.
    clocks = clocks.filter(took__gt=above * MINUTE) if above else clocks
    clocks = clocks.filter(took__lte=up_to * MINUTE) if up_to is not None else clocks
    return alerts.filter(pk__in=clocks.values("alert"))


def whose_clock(alerts: AlertQuerySet, key: str, *, state: str) -> AlertQuerySet:
    """Return the alerts of which a clock of a kind ended so."""
    return alerts.filter(pk__in=_of_kind(key).filter(state=state).values("alert"))


def _of_kind(key: str) -> QuerySet[ObjectiveClock]:
    """Return the clocks of a kind: ``dispatch``, or the level whose response is meant."""
    if key == "dispatch":
        return ObjectiveClock.objects.filter(objective=Objective.DISPATCH)
    return ObjectiveClock.objects.filter(objective=Objective.RESPOND, level=key)
