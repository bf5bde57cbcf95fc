"""The secret address of somebody's calendar: made, and made anew."""

import secrets
from datetime import datetime
from hashlib import sha256

from django.db import transaction

from accounts.models import User
from accounts.services import record
from campaigns.models import CalendarFeed


@transaction.atomic
def renew_feed(*, by: User, now: datetime) -> tuple[CalendarFeed, str]:
    """Give somebody's calendar a new secret address, the first or another; the one before is dead at once.

    Returns the calendar and the secret of its address, which nobody can read again.
    """
    token = secrets.token_urlsafe(32)
    fields = {"token_hash": hash_of(token), "made_at": now}
    feed, is_first = CalendarFeed.objects.update_or_create(user=by, defaults=fields)
    record("campaigns.feed_made" if is_first else "campaigns.feed_renewed", by=by, at=now, about=feed)
    return feed, token


def feed_of(token: str) -> CalendarFeed | None:
    """Return the calendar that a secret opens; ``None`` for another secret, and for somebody who is shut out."""
    feeds = CalendarFeed.objects.select_related("user").filter(user__is_active=True)
    return feeds.filter(token_hash=hash_of(token)).first()


def hash_of(token: str) -> str:
    """Return what is kept of a secret: a plain hash suffices for 256 random bits."""
    return sha256(token.encode()).hexdigest()
