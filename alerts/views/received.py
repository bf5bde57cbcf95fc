"""What was received: the last messages, one message, trying it once more; and the address that sources post to."""

import logging

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.utils import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts.backends import from_where
from accounts.clock import database_now, today
from accounts.roles import Duty
from accounts.views.patience import counted
from alerts import services
from alerts.forms import AgainForm, ReceivedForm
from alerts.models import InboundMessage, InboundMessageQuerySet, Source
from alerts.policy import Became, Way
from alerts.reading import Fault
from alerts.screens.received import piles, received, shown, silent_mailboxes, sources
from alerts.services import LARGEST_KEPT, MOST_AT_ONCE, AlertError
from notifications.tasks import wake_outbox
from residents.access import StaffRequest, on_duty
from residents.views.opened import is_opened, open_once

logger = logging.getLogger(__name__)

OPENED = "messages_opened"
"""The session's key for the messages whose text this reader has opened."""

MOST_WRONG_KEYS = 30
"""A minute from one address: see ``alerts.views.informants``."""


def _visible(request: StaffRequest) -> InboundMessageQuerySet:
    return InboundMessage.objects.visible_to(request.user, on=today())


def _found(request: StaffRequest, pk: int) -> InboundMessage:
    """Return a message that this person's desk may see; a foreign one is a 404."""
    return get_object_or_404(_visible(request).select_related("source"), pk=pk)


@require_safe
@on_duty(Duty.WATCH_DESK)
def list_(request: StaffRequest) -> HttpResponse:
    """Show the last messages received by any way, and what each became."""
    form = ReceivedForm(request.GET, sources=sources(request.user, on=today()))
    chosen = form.cleaned_data if form.is_valid() else {}
    now = database_now()
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "form": form,
        "is_narrowed": bool(form.errors) or any(chosen.values()),
        "page": received(request.user, chosen, number=request.GET.get("page", ""), now=now),
        "piles": piles(request.user, now=now),
        "mailboxes": silent_mailboxes(),
        "query": f"{query.urlencode()}&" if query else "",
        "most": MOST_AT_ONCE,
    }
    return render(request, "alerts/received.html", context)


@require_safe
@on_duty(Duty.WATCH_DESK)
def message(request: StaffRequest, pk: int) -> HttpResponse:
    """Show one message: what it became and why, and its text, masked until somebody opens it."""
    found = _found(request, pk)
    page = shown(found, is_open=is_opened(request, OPENED, pk))
    answer = render(request, "alerts/message.html", {"message": found, "shown": page})
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_POST
@on_duty(Duty.WATCH_DESK)
def reveal(request: StaffRequest, pk: int) -> HttpResponse:
    """Open a message's text for this session, and write it down, once."""
    found, now, where = _found(request, pk), database_now(), from_where(request)
    open_once(request, OPENED, pk, lambda: services.reveal_message(found, by=request.user, now=now, from_where=where))
    return redirect("alerts:message", pk=pk)


@require_POST
@on_duty(Duty.WATCH_DESK)
def again(request: StaffRequest, pk: int) -> HttpResponse:
    """Read a message once more: a mapping may have been mended, or a fault of the program."""
    try:
        tried = services.try_again(_found(request, pk), by=request.user, now=database_now())
    except AlertError as error:
        messages.error(request, str(error))
    else:
        if tried.is_taken_in:
            _ring([tried])
            messages.success(request, _("Taken in as alert #{number}.").format(number=tried.alert_id))
        elif tried.became == Became.ASIDE:
            messages.success(request, _("Taken apart: each alert in it is now a message of its own."))
        else:
            messages.error(request, _("It still cannot be read. Below it says why."))
    return redirect("alerts:message", pk=pk)


@require_POST
@on_duty(Duty.WATCH_DESK)
def again_all(request: StaffRequest) -> HttpResponse:
    """Read all messages of a source once more that could not be taken in, the oldest first."""
    form = AgainForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a source."))
        return redirect("alerts:received")
    waiting = _visible(request).not_taken_in().filter(source=form.cleaned_data["source"])
    chosen = list(waiting.select_related("source").order_by("received_at", "pk")[:MOST_AT_ONCE])
    done, left = services.try_all_again(chosen, by=request.user, now=database_now())
    if done:
        _ring(InboundMessage.objects.filter(pk__in=[one.pk for one in chosen]).without_body())
        words = ngettext("{number} message was taken in.", "{number} messages were taken in.", done)
        messages.success(request, words.format(number=done))
    if left:
        words = ngettext("{number} message still cannot be read.", "{number} messages still cannot be read.", left)
        messages.error(request, words.format(number=left))
    return redirect("alerts:received")


def _ring(taken: "list[InboundMessage] | InboundMessageQuerySet") -> None:
    """Have the holders of alerts told to whom something was added."""
    if any(one.became == Became.JOINED for one in taken):
        wake_outbox()


@require_POST
@on_duty(Duty.WATCH_DESK)
def aside(request: StaffRequest, pk: int) -> HttpResponse:
    """Say that a message needs no alert."""
    try:
        services.set_aside(_found(request, pk), by=request.user, now=database_now())
    except AlertError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Set aside. It stays here until its days are over."))
    return redirect("alerts:message", pk=pk)


# ── for sources, without logging in ─────────────────────────────────────────────────────────────────────────────────


@login_not_required
@never_cache
@csrf_exempt  # the source's token is the whole authority; a session gives none
@require_POST
def hook(request: HttpRequest, source: str, token: str = "") -> HttpResponse:
    """Take in a message of the source's own form: kept first, then read.

    What is kept is answered with a 2xx, read or not: a sender that tried again would change nothing.
    """
    try:
        owner = _sender(request, source, token)
        if owner is None:
            return _stranger(request)
        return _answer(_kept(request, owner))
    except (OperationalError, InterfaceError):
        logger.exception("a webhook found the database away")
        words = _("The database does not answer. Nothing was stored: send it again.")
        return JsonResponse({"ok": False, "message": words}, status=503, headers={"Retry-After": "2"})


def _sender(request: HttpRequest, code: str, token: str) -> Source | None:
    said = token or request.headers.get("X-Token", "") or _bearer(request)
    owner = services.token_owner(said.strip()) if said else None
    return owner if owner is not None and owner.code == code else None


def _bearer(request: HttpRequest) -> str:
    scheme, _blank, said = request.headers.get("Authorization", "").partition(" ")
    return said if scheme.lower() == "bearer" else ""


def _stranger(request: HttpRequest) -> HttpResponse:
    if counted(f"hook.wrong.{from_where(request)}") > MOST_WRONG_KEYS:
        return HttpResponse(status=429)
    words = _("This token is unknown, was revoked, or is another source's. Nothing was stored.")
    return JsonResponse({"ok": False, "message": words}, status=401)


def _kept(request: HttpRequest, owner: Source) -> InboundMessage:
    now = database_now()
    body = request.read(LARGEST_KEPT + 1)
    said = request.META.get("CONTENT_LENGTH") or ""
    size = int(said[:12]) if said.isascii() and said.isdigit() else len(body)
    kept = services.keep(
        way=Way.WEBHOOK,
        source=owner,
        body=body,
        size=size,
        now=now,
        content_type=request.headers.get("Content-Type", ""),
        sender=from_where(request),
    )
    return services.take_in(kept, now=now)


def _answer(taken: InboundMessage) -> HttpResponse:
    if taken.is_taken_in:
        _ring([taken])
        answer = {"ok": True, "message": taken.pk, "result": taken.became, "alert": taken.alert_id}
        return JsonResponse(answer, status=201 if taken.became == Became.CREATED else 200)
    found = [Fault.kept(stored) for stored in taken.kept_faults]
    errors = [{"field": fault.field, "code": fault.code, "message": fault.words} for fault in found]
    answer = {"ok": True, "message": taken.pk, "result": "kept", "errors": errors}
    return JsonResponse(answer, status=202, json_dumps_params={"ensure_ascii": False})
