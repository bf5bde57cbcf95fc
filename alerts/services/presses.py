"""When a press was made, as far as it can be believed."""

from datetime import datetime

from alerts.models import Alert


def believable(pressed_at: datetime | None, *, alert: Alert, now: datetime) -> datetime | None:
    """Return the time of a press as it may be written down: never to come, never before the alert came."""
    return None if pressed_at is None else max(alert.received_at, min(pressed_at, now))
