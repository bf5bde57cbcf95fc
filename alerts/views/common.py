"""What the screens share: refreshing itself cheaply, finding an alert, answering a press."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.clock import database_now, today
from accounts.models import User
from accounts.roles import Duty
from alerts.forms import PressForm
from alerts.models import Alert, AlertQuerySet
from alerts.screens.clock import milliseconds
from alerts.screens.watching import Glance, Watch, look_at, mark_of
from alerts.services import AlertError, believable, press_once, reveal_contact
from residents.access import StaffRequest
from residents.views.opened import is_opened, open_once

SCREENS = {"desk": "alerts:desk", "tasks": "alerts:tasks"}
"""The screens a press may come from and lead back to; any other press leads to the alert's page."""

KEEP = "X-Keep"
"""Sent by the phone's worker, which asks for a page in order to keep it."""

OPENED = "numbers_opened"
"""The session's key for the alerts whose names and numbers this reader has opened."""


@dataclass(frozen=True, slots=True)
class Said:
    """How a press was answered, in words for who pressed."""

    words: str
    is_refused: bool = False


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


def may_be_kept(response: HttpResponse) -> HttpResponse:
    """Mark a page that the reader's phone may keep, to be read without a network (what-the-phone-keeps.md)."""
    response["X-Phone-May-Keep"] = "1"
    return response


def is_ones_own(alert: Alert, user: User) -> bool:
    """Say whether an alert is among somebody's open tasks: held by them, or one in which they help."""
    return alert.is_open and (alert.holder_id == user.pk or alert.helpers.filter(pk=user.pk).exists())


def answer_press(request: StaffRequest, alert: Alert, verb: Callable[[], str]) -> HttpResponse:
    """Carry out a press, say how it went, and lead back to where it was pressed."""
    return answer(request, carry_out(request, verb, alert=alert), url=back(request, alert.pk))


def carry_out(request: StaffRequest, verb: Callable[[], str], *, alert: Alert | None = None) -> Said:
    """Carry out a press: once, where it brings the key that a phone gave it."""
    press = press_of(request)
    if press["pressed_by"] not in (None, request.user.pk):
        return Said(_("Somebody else is logged in here now, so the earlier press was not carried out."), True)
    if press["press"] is None:
        try:
            return Said(verb())
        except AlertError as error:
            return Said(str(error), is_refused=True)
    done = press_once(
        verb,
        key=press["press"],
        what=str(request.resolver_match and request.resolver_match.url_name)[:20],
        by=request.user,
        now=database_now(),
        pressed_at=press["pressed_at"],
        alert=alert,
    )
    return Said(done.said, done.is_refused)


def answer(request: HttpRequest, said: Said, *, url: str) -> HttpResponse:
    """Answer a press: a script is told in JSON, anybody else is led on with a message."""
    if wants_json(request):
        done = {"ok": not said.is_refused, "message": said.words, "url": url}
        return JsonResponse(done, status=409 if said.is_refused else 200)
    messages.add_message(request, messages.ERROR if said.is_refused else messages.SUCCESS, said.words)
    return redirect(url)


def wants_json(request: HttpRequest) -> bool:
    """Say whether a script asks, which shows the answer by itself (static/js/queue.js)."""
    return request.headers.get("Accept") == "application/json"


def press_of(request: HttpRequest) -> dict[str, Any]:
    """Return what a phone adds: ``press`` (the key), ``pressed_at``, ``pressed_by``; each may be ``None``."""
    form = PressForm(request.POST)
    form.is_valid()
    return {name: form.cleaned_data.get(name) for name in form.fields}


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
