"""How somebody wants to be told of one topic."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.services import record
from notifications.models import Preference
from notifications.policy import Topic, Wish


@transaction.atomic
def set_wish(user: User, topic: Topic, wish: Wish, *, now: datetime) -> bool:
    """Keep what a person wishes about a topic; a wish for nothing in particular goes. Returns whether it differed."""
    known = Preference.objects.select_for_update().filter(user=user, topic=topic).first()
    wish = Wish(list(wish.kinds), wish.is_inbox_alone, wish.begins_at, wish.ends_at)
    if (known.wish if known else Wish([])) == wish:
        return False
    if wish == Wish([]):
        Preference.objects.filter(user=user, topic=topic).delete()
    else:
        fields = {
            "kinds": wish.kinds,
            "is_inbox_alone": wish.is_inbox_alone,
            "begins_at": wish.begins_at,
            "ends_at": wish.ends_at,
        }
        Preference.objects.update_or_create(user=user, topic=topic, defaults=fields)
    hours = [at.isoformat("minutes") for at in (wish.begins_at, wish.ends_at) if at is not None]
    detail = {"topic": topic, "kinds": wish.kinds, "inbox_alone": wish.is_inbox_alone, "hours": hours}
    record("notifications.preference_set", by=user, at=now, about=user, detail=detail)
    return True
