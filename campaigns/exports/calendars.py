"""Events as a calendar that telephones and mail programs subscribe to (RFC 5545). No resident stands in it."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from django.utils.translation import gettext as _
from icalendar import Calendar
from icalendar import Event as Entry

from accounts.clock import LOCAL_TZ, local
from campaigns.models import Event
from campaigns.policy import EventState

HOST = "shouwang"
REFRESH = timedelta(hours=1)
STATUS = {EventState.PLANNED: "CONFIRMED", EventState.HELD: "CONFIRMED", EventState.CANCELLED: "CANCELLED"}


def calendar_file(events: Iterable[Event], *, name: str, addresses: Mapping[int, str]) -> bytes:
    """Return a calendar of events; ``addresses`` are their pages. The same rows give the same bytes."""
    calendar = Calendar()
    calendar.add("prodid", "-//Shouwang//Outreach//ZH")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", str(LOCAL_TZ))
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for event in events:
        calendar.add_component(_entry(event, addresses.get(event.pk, "")))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _entry(event: Event, address: str) -> Entry:
    entry = Entry()
    entry.add("uid", f"{event.uid}@{HOST}")
    entry.add("dtstamp", event.changed_at)
    entry.add("last-modified", event.changed_at)
    entry.add("created", event.created_at)
    entry.add("sequence", event.sequence)
    entry.add("dtstart", local(event.starts_at))
    entry.add("dtend", local(event.ends_at))
    entry.add("summary", _title(event))
    entry.add("location", " ".join(filter(None, (event.area.name, event.place))))
    entry.add("description", _description(event, address))
    entry.add("status", STATUS[EventState(event.state)])
    entry.add("transp", "TRANSPARENT" if event.state == EventState.CANCELLED else "OPAQUE")
    if address:
        entry.add("url", address)
    return entry


def _title(event: Event) -> str:
    # Many calendars on telephones show a cancelled event like any other.
    return _("Cancelled: {title}").format(title=event.title) if event.state == EventState.CANCELLED else event.title


def _description(event: Event, address: str) -> str:
    partners = "、".join(one.organisation.name for one in event.partners.all() if one.is_planned)
    lines = [f"{event.get_form_display()} · {event.get_audience_display()}", partners, address]
    return "\n".join(filter(None, lines))
