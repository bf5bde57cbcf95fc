"""What every page needs to know of its reader: where they may go, what waits for them, how the screen is lit."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from accounts.clock import database_now, today
from accounts.models import Language, Theme, User
from accounts.roles import Duty
from alerts.screens.calls import Calls, calls, is_called
from antifraud.pocket import pocket
from campaigns.screens.ways import ways_of as outreach_ways
from notifications.services import unread_count
from residents.access import scope_codes


@dataclass(frozen=True, slots=True)
class Way:
    """One way through the program: shown to whom has the duty, to nobody else."""

    label: str | Promise
    icon: str
    url_name: str
    duty: Duty


WAYS: tuple[Way, ...] = (
    Way(_("Alert desk"), "layout-columns", "alerts:desk", Duty.WATCH_DESK),
    Way(_("My tasks"), "list-check", "alerts:tasks", Duty.HANDLE_ALERTS),
    Way(_("My visits"), "door", "residents:visits", Duty.VISIT),
    Way(_("All alerts"), "list-details", "alerts:list", Duty.SEE_ALERTS),
    Way(_("Residents"), "users", "residents:list", Duty.SEE_RESIDENTS),
    Way(_("Outreach"), "speakerphone", "campaigns:home", Duty.SEE_OUTREACH),
    Way(_("Care"), "heart-handshake", "residents:key_groups", Duty.PAIR),
    Way(_("Grids"), "map-pin", "residents:grids", Duty.SEE_RESIDENTS),
    Way(_("Readiness"), "user-check", "alerts:readiness", Duty.SEE_CLOCK),
    Way(_("Lateness"), "clock-exclamation", "alerts:lateness", Duty.SEE_CLOCK),
    Way(_("Posts"), "users", "residents:posts", Duty.APPOINT),
    Way(_("Access log"), "eye", "residents:access_log", Duty.SEE_ACCESS),
)
"""In the order of daily use: the first stand in the top bar, the others under "More"."""

IN_THE_BAR, AT_THE_DESK = 5, 2
"""So many ways fit from 992 pixels on, in either language; at the desk its own buttons need the room."""


def ways_of(user: User) -> list[Way]:
    """Return the ways this user's posts allow today."""
    return [way for way in WAYS if scope_codes(user, way.duty, today()) != ()]


@dataclass(frozen=True, slots=True)
class Strip:
    """What waits for the reader, above the page, and where it is asked for again."""

    url: str
    calls: Calls


SHOWS_CALLS = ("alerts:desk", "alerts:tasks")
"""The pages that are themselves what waits for their reader."""


def strip(request: HttpRequest, user: User, *, now: datetime) -> Strip | None:
    """Return what waits for this reader; ``None`` where nothing can, or the page shows it anyway."""
    here = request.resolver_match
    if here is None or here.view_name in SHOWS_CALLS or not is_called(user, now=now):
        return None
    but = here.kwargs.get("pk", 0) if here.namespace == "alerts" else 0
    query = f"?but={but}" if but else ""
    return Strip(f"{reverse('alerts:calls')}{query}", calls(user, now=now, but=but))


def _fitting(request: HttpRequest, number: int) -> int:
    """Return how many ways stand in the bar. One more than fits is no menu: it would take the room of what it hides."""
    here = request.resolver_match
    most = AT_THE_DESK if here is not None and here.view_name == "alerts:desk" else IN_THE_BAR
    return number if number <= most + 1 else most


def look(request: HttpRequest) -> dict[str, Any]:
    """Give templates the reader's navigation, unread count and theme, and the server's time.

    A page of somebody who is not logged in, and an error page, gets the plain look.
    """
    common = {"icons": static("vendor/tabler-icons-3.51.0/sprite.svg"), "languages": Language.choices}
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return common | {"theme": Theme.AUTO}
    navigation = [
        {"label": way.label, "icon": way.icon, "url": (url := reverse(way.url_name)), "is_current": request.path == url}
        for way in ways_of(user)
    ]
    fits = _fitting(request, len(navigation))
    read_clock = cache(database_now)
    return common | {
        "theme": user.theme,
        "text_size": user.text_size,
        "pocket": pocket(user),
        "navigation": navigation,
        "in_the_bar": navigation[:fits],
        "under_more": navigation[fits:],
        "is_under_more": any(way["is_current"] for way in navigation[fits:]),
        "ways": SimpleLazyObject(lambda: outreach_ways(user, path=request.path, on=today())),
        # Asked for once by the page, and not at all by the pieces that crispy renders with a context of their own.
        "unread": SimpleLazyObject(lambda: unread_count(user)),
        "strip": SimpleLazyObject(lambda: strip(request, user, now=read_clock())),
        "now_ms": SimpleLazyObject(lambda: int(read_clock().timestamp() * 1000)),
    }
