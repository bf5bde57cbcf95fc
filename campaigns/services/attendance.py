"""Who was at an event, from a list, a sheet of paper or a file."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from accounts.models import User
from campaigns.models import Event, EventPhoto
from campaigns.policy import Channel, TouchSource
from campaigns.services.common import note, require_begun
from campaigns.services.touches import take_back_touches, write_touches
from residents.models import Resident


@transaction.atomic
def tick(
    event: Event, residents: Collection[Resident], *, by: User, now: datetime, source: TouchSource = TouchSource.LIST
) -> int:
    """Write that these residents were at an event; return how many nobody had written yet.

    They were there when it was held, whenever that is entered. Raises ``OutreachError`` for an event that lies ahead or
    was cancelled.
    """
    require_begun(event, now=now)
    new = write_touches(residents, event=event, channel=Channel.ON_SITE, source=source, at=event.starts_at, by=by)
    if new:
        note("attendance_entered", event, by=by, now=now, residents=new, source=source)
    return new


@transaction.atomic
def untick(event: Event, residents: Collection[Resident], *, by: User, now: datetime) -> int:
    """Take back that these residents were there; return how many had been written."""
    gone = take_back_touches(event, residents, channel=Channel.ON_SITE)
    if gone:
        note("attendance_taken_back", event, by=by, now=now, residents=gone)
    return gone


def open_names(event: Event, *, by: User, now: datetime) -> None:
    """Write down that somebody had names shown to whom an event may reach: to tick them, or to knock at their doors."""
    note("names_opened", event, by=by, now=now)


@transaction.atomic
def finish_paper(photo: EventPhoto, *, by: User, now: datetime) -> EventPhoto:
    """Strike a paper list off those that wait: its names are entered. A second time changes nothing."""
    if photo.entered_at is None:
        photo.entered_at = now
        photo.save(update_fields=["entered_at"])
        note("paper_entered", photo.event, by=by, now=now, photo=photo.pk)
    return photo


@transaction.atomic
def reopen_paper(photo: EventPhoto, *, by: User, now: datetime) -> EventPhoto:
    """Put a paper list back among those that wait."""
    if photo.entered_at is not None:
        photo.entered_at = None
        photo.save(update_fields=["entered_at"])
        note("paper_reopened", photo.event, by=by, now=now, photo=photo.pk)
    return photo
