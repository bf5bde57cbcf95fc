"""What the floors above may ask of this one."""

from notifications.services.delivering import deliver_due, settle_answered, try_channel
from notifications.services.reading import mark_read, unread_count
from notifications.services.reporting import mark_reported, oldest_due_at, unreported
from notifications.services.telling import Letter, reachable, tell, withdraw

__all__ = [
    "Letter",
    "deliver_due",
    "mark_read",
    "mark_reported",
    "oldest_due_at",
    "reachable",
    "settle_answered",
    "tell",
    "try_channel",
    "unread_count",
    "unreported",
    "withdraw",
]
