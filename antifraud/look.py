"""What every page needs to know of its reader: where they may go, what waits for them, how the screen is lit."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from accounts.clock import database_now, today
from accounts.models import Language, Theme, User
from accounts.sessions import Stay
from alerts.screens.calls import Calls, calls, is_called
from antifraud.pocket import pocket
from antifraud.ways import ways_of
from notifications.services import unread_count

IN_THE_BAR, AT_THE_DESK = 6, 2
"""So many sections fit from 992 pixels on, in either language; at the desk its own buttons need the room."""


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
    ways = ways_of(user, path=request.path, on=today())
    fits = _fitting(request, len(ways.sections))
    read_clock = cache(database_now)
    return common | {
        "theme": user.theme,
        "text_size": user.text_size,
        "pocket": pocket(user),
        "idle_seconds": Stay(request).idle_seconds if hasattr(request, "session") else 0,
        "navigation": ways.sections,
        "in_the_bar": ways.sections[:fits],
        "under_more": ways.sections[fits:],
        "is_under_more": any(section.is_current for section in ways.sections[fits:]),
        "section": ways.here,
        "ways": ways.ways,
        # Asked for once by the page, and not at all by the pieces that crispy renders with a context of their own.
        "unread": SimpleLazyObject(lambda: unread_count(user)),
        "strip": SimpleLazyObject(lambda: strip(request, user, now=read_clock())),
        "now_ms": SimpleLazyObject(lambda: int(read_clock().timestamp() * 1000)),
    }
