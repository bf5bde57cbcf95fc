"""Meetings: held, with the agenda kept and the minutes written."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.services import record
from campaigns.models import Meeting
from campaigns.services.common import queue_up, save_checked, write_fields

A_WEEK = timedelta(days=7)


@transaction.atomic
def keep_meeting(meeting: Meeting, fields: dict[str, Any], *, by: User, now: datetime) -> Meeting:
    """Call a meeting, or change what is kept of one: when, where, agenda, who was present, minutes.

    A meeting of one kind at one moment is called once, however often that is pressed.
    """
    is_new = meeting.pk is None
    if is_new:
        queue_up(fields["area"])
        one = {name: fields[name] for name in ("area", "kind", "at")}
        if (there := Meeting.objects.filter(**one).first()) is not None:
            return there
        meeting.created_by = by
    detail = write_fields(meeting, fields)
    save_checked(meeting)
    verb = "campaigns.meeting_called" if is_new else "campaigns.meeting_changed"
    record(verb, by=by, at=now, about=meeting, area_code=meeting.area.code, detail=detail)
    return meeting


@transaction.atomic
def hold_next(meeting: Meeting, *, by: User, now: datetime) -> Meeting:
    """Call the same meeting for a week later; pressed twice, it is called once."""
    fields = {"area": meeting.area, "kind": meeting.kind, "at": meeting.at + A_WEEK, "place": meeting.place}
    return keep_meeting(Meeting(), fields, by=by, now=now)
