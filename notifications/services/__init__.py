"""What the floors above may ask of this one."""

from notifications.services.delivering import deliver_due, settle_answered
from notifications.services.keeping import add_robot, change_robot
from notifications.services.reading import is_unseen, mark_read, mark_seen, unread_count
from notifications.services.reporting import (
    Handed,
    Queue,
    Receipt,
    mark_reported,
    oldest_due_at,
    queues_at,
    receipts_about,
    receipts_mark,
    unreported,
)
from notifications.services.telling import Letter, reachable, reachable_in, tell, withdraw
from notifications.services.trying import own_channels, said_of_test, tests_of, try_channel
from notifications.services.wishing import set_wish

__all__ = [
    "Handed",
    "Letter",
    "Queue",
    "Receipt",
    "add_robot",
    "change_robot",
    "deliver_due",
    "is_unseen",
    "mark_read",
    "mark_reported",
    "mark_seen",
    "oldest_due_at",
    "own_channels",
    "queues_at",
    "reachable",
    "reachable_in",
    "receipts_about",
    "receipts_mark",
    "said_of_test",
    "set_wish",
    "settle_answered",
    "tell",
    "tests_of",
    "try_channel",
    "unread_count",
    "unreported",
    "withdraw",
]
