"""Logging an event on a phone: the counters, and what stands written."""

from uuid import uuid4

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.clock import database_now, today
from accounts.roles import Duty
from accounts.views.presses import answer, answer_wrong, carry_out, may_be_kept, wants_json
from campaigns import services
from campaigns.forms.logging import LogForm, PhotosForm, initial_of
from campaigns.models import Event
from campaigns.screens.log import handed_out, heads_of, logged, materials_of, others_for, partners_of
from campaigns.views.common import show
from campaigns.views.logging import find_event, is_todays, quiet
from residents.access import StaffRequest, on_duty


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.LOG_OUTREACH)
def log(request: StaffRequest, pk: int) -> HttpResponse:
    """Write down what came of an event, or correct it."""
    event = find_event(request, pk)
    form = _form(request, event)
    if form.is_valid():
        said = carry_out(request, lambda: _log(request, event, form))
        if wants_json(request) or not said.is_refused:
            return answer(request, said, url=reverse("campaigns:logged", args=[pk]))
        form.add_error(None, said.words)
    elif form.is_bound and wants_json(request):
        return answer_wrong(request, form)
    context = {"form": form, "event": event, "has_begun": event.has_begun(database_now())}
    page = show(request, "log", context | quiet(request))
    return may_be_kept(page) if is_todays(event) else page


def _form(request: StaffRequest, event: Event) -> LogForm:
    initial = initial_of(event, counted=heads_of(event).total, handed_out=handed_out(event))
    return LogForm(
        request.POST if request.method == "POST" else None,
        event=event,
        materials=materials_of(event),
        partners=partners_of(event),
        others=others_for(event),
        initial={**initial, "press": uuid4()},
    )


def _log(request: StaffRequest, event: Event, form: LogForm) -> str:
    made = services.log_event(event, outcome=form.outcome, by=request.user, now=database_now())
    said = ngettext("Saved: {count} person came.", "Saved: {count} people came.", made.heads).format(count=made.heads)
    short = "、".join(f"{material.name} {material.stock}" for material in services.short_of(made))
    return f"{said} {_('More went out than was in stock; count again: {short}').format(short=short)}" if short else said


@require_safe
@on_duty(Duty.LOG_OUTREACH)
def outcome(request: StaffRequest, pk: int) -> HttpResponse:
    """Show what stands written of an event, with the ways to add to it."""
    event = find_event(request, pk)
    page = logged(event, request.user, on=today(), now=database_now())
    photos = PhotosForm(initial={"press": uuid4()})
    return show(request, "logged", {"page": page, "event": event, "form": photos})
