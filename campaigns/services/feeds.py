"""The secret address of somebody's calendar: made, and made anew."""

import secrets
from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.services import record
from campaigns.models import CalendarFeed


@transaction.atomic
def renew_feed(*, by: User, now: datetime) -> CalendarFeed:
    """Give somebody's calendar a new secret address, the first or another; the one before is dead at once."""
    token = secrets.token_urlsafe(32)
    feed, is_first = CalendarFeed.objects.update_or_create(user=by, defaults={"token": token, "made_at": now})
    record("campaigns.feed_made" if is_first else "campaigns.feed_renewed", by=by, at=now, about=feed)
    return feed
