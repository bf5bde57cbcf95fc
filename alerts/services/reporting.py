"""What did not arrive is written into the alert's timeline, and the desk is told: it can still pick up the phone."""

from datetime import datetime

from django.db import transaction

from alerts import engine
from alerts.docket import Docket
from alerts.letters import Tiding
from alerts.models import Alert
from alerts.services.common import Kind
from notifications import services as notifications
from notifications.models import Delivery

ABOUT = "alert:"
"""How the subjects of notices about alerts begin: ``Alert.subject_key``."""


def report_undelivered(*, now: datetime, limit: int = 200) -> int:
    """Report the messages that failed for good, or of which nobody knows. Returns how many were reported.

    The alerts are locked before their deliveries, as everybody does who withdraws messages about an alert; what turns
    up in between is the next round's.
    """
    with transaction.atomic():
        subjects = Delivery.objects.to_report().order_by("pk").values_list("notice__subject", flat=True)[:limit]
        ids = {int(subject.removeprefix(ABOUT)) for subject in subjects if subject.startswith(ABOUT)}
        alerts = {f"{ABOUT}{pk}": engine.lock(pk) for pk in sorted(ids)}
        by_subject: dict[str, list[Delivery]] = {}
        for delivery in notifications.unreported(limit):
            subject = delivery.notice.subject
            if subject in alerts or not subject.startswith(ABOUT):
                by_subject.setdefault(subject, []).append(delivery)
        for subject in alerts.keys() & by_subject.keys():
            _report(alerts[subject], by_subject[subject], now=now)
        reported = [delivery.pk for deliveries in by_subject.values() for delivery in deliveries]
        notifications.mark_reported(reported, now=now)
    return len(reported)


def _report(alert: Alert, deliveries: list[Delivery], *, now: datetime) -> None:
    docket = Docket([alert], now=now, from_where="outbox")
    matter = docket.matters[alert.pk]
    for delivery in deliveries:
        detail = {"channel": delivery.channel.kind, "state": str(delivery.state), "again": delivery.is_resent}
        matter.note(
            Kind.UNDELIVERED, person_id=delivery.notice.recipient_id, objective=delivery.notice.purpose, detail=detail
        )
    lost = [delivery for delivery in deliveries if not delivery.is_resent]
    # The desk is not told, by the channel that failed, that its own message failed.
    desk = [user_id for user_id in matter.team.last_resort() if user_id not in {d.notice.recipient_id for d in lost}]
    if lost and alert.is_open:
        matter.tell(desk, [Tiding.UNDELIVERED], key=f"undelivered.{lost[0].pk}")
    docket.save()
