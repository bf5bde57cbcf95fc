"""What the pages of logging share: finding an event and those whose names its log may hold."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from accounts.clock import database_now, local, today
from accounts.roles import Duty
from accounts.views.presses import KEEP
from campaigns import services
from campaigns.models import Event
from residents.access import StaffRequest
from residents.models import Resident, ResidentQuerySet
from residents.views.opened import open_once

NAMES = "outreach_names"
"""The session's key for the events whose residents' names were opened."""

FRESH = "X-Server-Now"
"""The mark of an answer that is the page itself and not the log-in (static/js/live.js)."""


def find_event(request: StaffRequest, pk: int) -> Event:
    """Return an event that this person may log; a foreign one is a 404."""
    events = Event.objects.visible_to(request.user, on=today(), duty=Duty.LOG_OUTREACH)
    return get_object_or_404(events.select_related("area__parent"), pk=pk)


def named(request: StaffRequest) -> ResidentQuerySet:
    """Return the residents whose names this person may see where outreach is logged."""
    return Resident.objects.visible_to(request.user, on=today(), duty=Duty.LOG_OUTREACH)


def open_names(request: StaffRequest, event: Event) -> None:
    """Open the names: who ticks a list or stands at a door needs them. It is written down, once in a session."""
    now = database_now()
    open_once(request, NAMES, event.pk, lambda: services.open_names(event, by=request.user, now=now))


def is_todays(event: Event) -> bool:
    """Say whether an event is held today: a phone may then keep its pages, for where there is no reception."""
    return local(event.starts_at).date() <= today() <= local(event.ends_at).date()


def quiet(request: HttpRequest) -> dict[str, Any]:
    """Return what keeps a copy for later from taking a message from who has yet to read it."""
    return {"messages": []} if KEEP in request.headers else {}


def is_refresh(request: HttpRequest) -> bool:
    """Say whether a page asks for its own piece anew."""
    return bool(getattr(request, "htmx", False))
