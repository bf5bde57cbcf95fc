"""What the verbs of outreach share."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.formats import day, hour_minute
from accounts.models import User
from accounts.services import RefusedError, record
from campaigns.models import Event
from campaigns.policy import EventState


class OutreachError(RefusedError):
    """Something that cannot be done, in words staff may read."""


def locked(event: Event) -> Event:
    """Return an event as it stands now, for this transaction alone. Two who log it come one after the other."""
    return Event.objects.select_for_update(of=("self",)).select_related("area").get(pk=event.pk)


def require_begun(event: Event, *, now: datetime) -> None:
    """Refuse to log what lies ahead, or was cancelled."""
    if event.state == EventState.CANCELLED:
        raise OutreachError(_("This event was cancelled; nothing is logged for it."))
    if not event.has_begun(now):
        raise OutreachError(
            _("This event begins on {day} at {time}. If it was held earlier, move it first.").format(
                day=day(event.starts_at), time=hour_minute(event.starts_at)
            )
        )


def note(verb: str, event: Event, *, by: User | None, now: datetime, **detail: Any) -> None:
    """Write one line about an event into the trail."""
    shown: Mapping[str, Any] = detail
    record(f"campaigns.{verb}", by=by, at=now, about=event, area_code=event.area.code, detail=shown)
