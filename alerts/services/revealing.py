"""Names and numbers are masked; who opens them says so by pressing, and it is written down."""

from datetime import datetime

from accounts.models import User
from accounts.services import record
from alerts.models import Alert
from alerts.services.common import Kind, audit, in_hand


def reveal_contact(alert: Alert, *, by: User, now: datetime, from_where: str = "") -> Alert:
    """Write down that somebody opened the resident's name and phone numbers, in the timeline and in the trail."""
    with in_hand(alert, by=by, now=now, from_where=from_where) as matter:
        matter.note(Kind.REVEALED, actor=by)
        audit("contact_revealed", matter)
    return matter.alert


def record_alert_search(text: str, *, found: int, by: User, now: datetime) -> None:
    """Write down that somebody searched the alerts: how long the text was and how many it found, never the text."""
    record("alerts.searched", by=by, at=now, detail={"characters": len(text), "found": found})
