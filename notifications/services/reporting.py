"""What the floors above must know of the outbox: what did not arrive, and what is late."""

from collections.abc import Collection
from datetime import datetime

from notifications.models import Delivery, DeliveryQuerySet


def unreported(limit: int = 200) -> DeliveryQuerySet:
    """Return deliveries somebody must be told of, with notice, person and channel, oldest first.

    Failed for good, unknown after their sender died, or sent again (``is_resent``) and so perhaps
    told twice. Ask and ``mark_reported`` inside one transaction: the rows are locked, and another
    asker passes them over.
    """
    rows = Delivery.objects.to_report().select_related("notice__recipient", "channel").order_by("pk")
    rows = rows.defer("notice__recipient__phone", "channel__address", "channel__secret")
    return rows.select_for_update(skip_locked=True, of=("self",))[:limit]


def mark_reported(ids: Collection[int], *, now: datetime) -> int:
    """Note that somebody was told. Returns of how many."""
    return Delivery.objects.to_report().filter(pk__in=ids).update(reported_at=now)


def oldest_due_at(now: datetime) -> datetime | None:
    """Return since when the longest overdue message waits, None when none is due."""
    return Delivery.objects.due(now).order_by("next_at").values_list("next_at", flat=True).first()
