"""What the screens share: refreshing itself cheaply, finding an alert, leading back from a press."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.clock import today
from accounts.formats import milliseconds
from accounts.models import User
from accounts.roles import Duty
from accounts.views.presses import KEEP, answer, carry_out, press_of
from alerts.models import Alert, AlertQuerySet
from alerts.screens.watching import Glance, Watch, look_at, mark_of
from alerts.services import believable, reveal_contact
from residents.access import StaffRequest
from residents.views.opened import is_opened, open_once

SCREENS = {"desk": "alerts:desk", "tasks": "alerts:tasks"}
"""The screens a press may come from and lead back to; any other press leads to the alert's page."""

OPENED = "numbers_opened"
"""The session's key for the alerts whose names and numbers this reader has opened."""


def find(request: StaffRequest, pk: int, duty: Duty) -> Alert:
    """Return an alert on which this person has the duty today; a foreign one is a 404."""
    return get_object_or_404(seen(request, duty), pk=pk)


def seen(request: StaffRequest, duty: Duty) -> AlertQuerySet:
    """Return the alerts on which this person has a duty today."""
    return Alert.objects.visible_to(request.user, on=today(), duty=duty)


def watched(
    request: HttpRequest, watch: Watch, *, page: str, fragment: str, draw: Callable[[Glance], dict[str, Any]]
) -> HttpResponse:
    """Answer a page of several alerts that refreshes itself; that nothing is new says ``NothingNewMiddleware``.

    Every answer carries the time of the last sweep as well: the browser counts from it.
    """
    session_key = request.session.session_key or ""
    glance = look_at(watch, session_key=session_key)
    mark = mark_of(watch, glance, session_key=session_key, address=request.path)
    answer = live(request, page=page, fragment=fragment, version=mark, now=glance.now, draw=lambda: draw(glance))
    answer["X-Swept-At"] = glance.pulse.swept_ms
    return answer


def live(
    request: HttpRequest, *, page: str, fragment: str, version: str, now: datetime, draw: Callable[[], dict[str, Any]]
) -> HttpResponse:
    """Answer a page that refreshes itself: the whole page, its fragment, or that nothing has changed.

    ``version`` is cheap; ``draw`` is called only where something is to be drawn. Every answer carries the
    server's time.
    """
    is_refresh = bool(getattr(request, "htmx", False))
    is_for_later = KEEP in request.headers
    etag = f'"{version}"'
    if is_refresh and request.headers.get("If-None-Match", "").removeprefix("W/") == etag:
        answer: HttpResponse = HttpResponseNotModified()
    else:
        context = draw() | {"etag": etag, "is_refresh": is_refresh, "now": now}
        # A copy for later takes no message from who has yet to read it.
        context |= {"messages": []} if is_for_later else {}
        answer = render(request, fragment if is_refresh else page, context)
    answer["ETag"] = etag
    answer["X-Server-Now"] = str(milliseconds(now))
    answer["Cache-Control"] = "private, no-store"
    answer["Vary"] = "HX-Request, Cookie"
    return answer


def is_ones_own(alert: Alert, user: User) -> bool:
    """Say whether an alert is among somebody's open tasks: held by them, or one in which they help."""
    return alert.is_open and (alert.holder_id == user.pk or alert.helpers.filter(pk=user.pk).exists())


def answer_press(request: StaffRequest, alert: Alert, verb: Callable[[], str]) -> HttpResponse:
    """Carry out a press, say how it went, and lead back to where it was pressed."""
    return answer(request, carry_out(request, verb), url=back(request, alert.pk))


def time_of_press(request: HttpRequest, alert: Alert, *, now: datetime) -> datetime | None:
    """Return when a press was made, as far as it can be believed."""
    return believable(press_of(request)["pressed_at"], alert=alert, now=now)


def back(request: HttpRequest, pk: int) -> str:
    """Return the screen on which the button was, or else the alert's page."""
    screen = SCREENS.get(request.POST.get("back", ""))
    return reverse(screen) if screen else reverse("alerts:detail", args=[pk])


def pressed_at(request: HttpRequest) -> str:
    """Return where a press was made, for the timeline."""
    return request.POST.get("back", "") if request.POST.get("back", "") in SCREENS else "alert"


def are_numbers_open(request: HttpRequest, alert: Alert) -> bool:
    """Say whether this reader has opened an alert's names and numbers in this session."""
    return is_opened(request, OPENED, alert.pk)


def open_numbers(request: StaffRequest, alert: Alert, *, now: datetime) -> None:
    """Open an alert's names and numbers for this session, and write it down, once."""
    where = pressed_at(request)
    open_once(request, OPENED, alert.pk, lambda: reveal_contact(alert, by=request.user, now=now, from_where=where))
