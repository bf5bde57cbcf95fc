"""Presses: carried out once, answered to a script or a reader; and what a phone asks before it sends what it kept."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.clock import database_now
from accounts.forms import PressForm
from accounts.models import User
from accounts.services import RefusedError, press_once

KEEP = "X-Keep"
"""Sent by the phone's worker, which asks for a page in order to keep it."""


@dataclass(frozen=True, slots=True)
class Said:
    """How a press was answered, in words for who pressed."""

    words: str
    is_refused: bool = False


@never_cache
@require_safe
def presses(request: HttpRequest) -> JsonResponse:
    """Say who is logged in, so that nobody's presses are sent in another's name, and the token that goes along."""
    return JsonResponse({"user": request.user.pk, "token": get_token(request)})


def carry_out(request: HttpRequest, verb: Callable[[], str]) -> Said:
    """Carry out a press: once, where it brings the key that a phone gave it."""
    assert isinstance(request.user, User)
    press = press_of(request)
    if press["pressed_by"] not in (None, request.user.pk):
        return Said(_("Somebody else is logged in here now, so the earlier press was not carried out."), True)
    if press["press"] is None:
        try:
            return Said(verb())
        except RefusedError as error:
            return Said(str(error), is_refused=True)
    done = press_once(
        verb,
        key=press["press"],
        address=request.path,
        by=request.user,
        now=database_now(),
        pressed_at=press["pressed_at"],
    )
    return Said(done.said, done.is_refused)


def answer(request: HttpRequest, said: Said, *, url: str) -> HttpResponse:
    """Answer a press: a script is told in JSON, anybody else is led on with a message."""
    if wants_json(request):
        done = {"ok": not said.is_refused, "message": said.words, "url": url}
        return JsonResponse(done, status=409 if said.is_refused else 200)
    messages.add_message(request, messages.ERROR if said.is_refused else messages.SUCCESS, said.words)
    return redirect(url)


def answer_wrong(request: HttpRequest, form: BaseForm) -> JsonResponse:
    """Tell a script what is wrong with a form: it sends it again plainly, and the page says it beside each field."""
    wrong = [str(error) for errors in form.errors.values() for error in errors]
    return JsonResponse({"ok": False, "message": " ".join(wrong), "url": request.path}, status=422)


def wants_json(request: HttpRequest) -> bool:
    """Say whether a script asks, which shows the answer by itself (static/js/queue.js)."""
    return request.headers.get("Accept") == "application/json"


def press_of(request: HttpRequest) -> dict[str, Any]:
    """Return what a phone adds: ``press`` (the key), ``pressed_at``, ``pressed_by``; each may be ``None``."""
    form = PressForm(request.POST)
    form.is_valid()
    return {name: form.cleaned_data.get(name) for name in form.fields}


def may_be_kept(response: HttpResponse) -> HttpResponse:
    """Mark a page that the reader's phone may keep, to be read without a network (what-the-phone-keeps.md)."""
    response["X-Phone-May-Keep"] = "1"
    return response
