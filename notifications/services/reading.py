"""The inbox: what is unread, and reading it."""

from collections.abc import Collection
from datetime import datetime

from accounts.models import User
from notifications.models import Notice


def unread_count(user: User) -> int:
    """Return how many notices wait to be read."""
    return Notice.objects.unread().filter(recipient=user).count()


def mark_read(user: User, *, now: datetime, ids: Collection[int] | None = None) -> int:
    """Mark the person's own unread notices as read, all of them or those named. Returns how many were."""
    unread = Notice.objects.unread().filter(recipient=user)
    return (unread if ids is None else unread.filter(pk__in=ids)).update(read_at=now)


def mark_seen(user: User, *, subject: str, now: datetime) -> int:
    """Mark what the person was told about something as read: they have its page before them. Returns how many were."""
    return Notice.objects.unread().filter(recipient=user, subject=subject).update(read_at=now)


def is_unseen(user: User, *, subject: str) -> bool:
    """Say whether the person was told something about this and has not read it."""
    return Notice.objects.unread().filter(recipient=user, subject=subject).exists()
