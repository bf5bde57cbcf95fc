"""Events as a calendar that telephones and mail programs subscribe to (RFC 5545). No resident stands in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from django.utils.translation import gettext as _
from icalendar import Calendar
from icalendar import Event as Entry

from accounts.clock import LOCAL_TZ, local
from accounts.models import User
from campaigns.models import Event
from campaigns.policy import EventState

HOST = "shouwang"
REFRESH = timedelta(hours=1)
STATUS = {EventState.PLANNED: "CONFIRMED", EventState.HELD: "CONFIRMED", EventState.CANCELLED: "CANCELLED"}


@dataclass(frozen=True, slots=True)
class Beside:
    """Something else in somebody's calendar than an event of outreach: a shift of theirs.

    ``uid`` is its own for ever; ``path`` is its page; ``changed_at`` tells programs that it is another now.
    """

    uid: str
    begins_at: datetime
    ends_at: datetime
    title: str
    place: str
    path: str
    changed_at: datetime


class BesideSource(Protocol):
    """Whoever has something to put into people's calendars that outreach does not know of."""

    def of(self, user: User, *, first: date, last: date) -> Iterable[Beside]:
        """Return what is somebody's own in some days, in the present language."""


_SOURCES: list[BesideSource] = []


def register_beside(source: BesideSource) -> None:
    """Have a source's entries in every calendar from now on; called once, when the program starts."""
    _SOURCES.append(source)


def beside_of(user: User, *, first: date, last: date) -> list[Beside]:
    """Return what stands in somebody's calendar beside the events of outreach."""
    return [entry for source in _SOURCES for entry in source.of(user, first=first, last=last)]


def calendar_file(
    events: Iterable[Event], *, name: str, addresses: Mapping[int, str], beside: Iterable[Beside] = (), host: str = ""
) -> bytes:
    """Return a calendar of events; ``addresses`` are their pages. The same rows give the same bytes.

    Args:
        beside: what is the reader's own besides.
        host: where its pages are, before their paths.
    """
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
    for one in beside:
        calendar.add_component(_entry_beside(one, f"{host}{one.path}"))
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


def _entry_beside(one: Beside, address: str) -> Entry:
    entry = Entry()
    entry.add("uid", f"{one.uid}@{HOST}")
    entry.add("dtstamp", one.changed_at)
    entry.add("last-modified", one.changed_at)
    entry.add("dtstart", local(one.begins_at))
    entry.add("dtend", local(one.ends_at))
    entry.add("summary", one.title)
    entry.add("location", one.place)
    entry.add("description", address)
    entry.add("status", "CONFIRMED")
    entry.add("transp", "OPAQUE")
    entry.add("url", address)
    return entry


def _title(event: Event) -> str:
    # Many calendars on telephones show a cancelled event like any other.
    return _("Cancelled: {title}").format(title=event.title) if event.state == EventState.CANCELLED else event.title


def _description(event: Event, address: str) -> str:
    partners = "、".join(one.organisation.name for one in event.partners.all() if one.is_planned)
    lines = [f"{event.get_form_display()} · {event.get_audience_display()}", partners, address]
    return "\n".join(filter(None, lines))
