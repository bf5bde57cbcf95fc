"""Where somebody is logged in, as their own page shows it."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.sessions.models import Session

from accounts.models import Sitting, User
from accounts.sessions import last_used


@dataclass(frozen=True, slots=True)
class OpenSitting:
    """One session: what device, from where, since when, when something was last pressed, whether it is this one."""

    pk: int
    device: str
    from_where: str
    began_at: datetime
    used_at: datetime | None
    is_here: bool


def own_sittings(user: User, *, here: str, now: datetime) -> list[OpenSitting]:
    """Return somebody's open sessions, this one first, then the last used. Two queries.

    When it was last used stands in the session itself: no page writes anything more for this.
    """
    rows = list(Sitting.objects.filter(user=user).open(now=now))
    sessions = Session.objects.in_bulk([row.session_key for row in rows])
    shown = [
        OpenSitting(
            pk=row.pk,
            device=row.device,
            from_where=row.from_where,
            began_at=row.began_at,
            used_at=last_used(sessions[row.session_key].get_decoded()) if row.session_key in sessions else None,
            is_here=row.session_key == here,
        )
        for row in rows
    ]
    return sorted(shown, key=lambda one: (one.is_here, one.used_at or one.began_at), reverse=True)
