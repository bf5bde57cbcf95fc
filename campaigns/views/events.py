"""Events: planned, shown, changed, moved, cancelled; repetitions stopped."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clock import database_now, today
from accounts.roles import Duty
from campaigns.forms.offers import offered_to
from campaigns.forms.planning import (
    CancelForm,
    EventForm,
    StopForm,
    TimesForm,
    WishForm,
    initial_of,
    last_day_of,
    proposed,
    times_of,
)
from campaigns.models import Event
from campaigns.policy import Repeat
from campaigns.screens.events import advice_on, begin_of, event_page
from campaigns.services import (
    OutreachError,
    cancel_event,
    change_event,
    change_later,
    move_event,
    plan_event,
    plan_series,
    stop_series,
)
from campaigns.views.common import show
from residents.access import StaffRequest, on_duty


def _find(request: StaffRequest, pk: int, duty: Duty = Duty.SEE_OUTREACH) -> Event:
    """Return an event of one's own areas; a foreign one is a 404."""
    seen = Event.objects.visible_to(request.user, on=today(), duty=duty)
    return get_object_or_404(seen.select_related("area", "campaign", "series", "logged_by", "created_by"), pk=pk)


@require_safe
@on_duty(Duty.SEE_OUTREACH)
def event(request: StaffRequest, pk: int) -> HttpResponse:
    """Show an event: what is planned, what came of it, what to mend while there is time."""
    return show(request, "event", {"page": event_page(_find(request, pk), request.user, now=database_now())})


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.PLAN_OUTREACH)
def plan(request: StaffRequest) -> HttpResponse:
    """Plan an event, or one that repeats. "Check" says what is to be mended and saves nothing."""
    offered = offered_to(request.user, on=today())
    form = EventForm(_posted(request), initial=_proposed(request), offered=offered)
    if form.is_valid() and "check" not in request.POST:
        try:
            made = _planned(form, request)
        except OutreachError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Planned: {title}.").format(title=made.title))
            return redirect("campaigns:event", made.pk)
    return show(request, "event_form", _context(form))


def _planned(form: EventForm, request: StaffRequest) -> Event:
    """Plan what was typed. Raises ``OutreachError``."""
    chosen, now = form.cleaned_data, database_now()
    if not chosen["repeat"]:
        return plan_event(form.plan, by=request.user, now=now)
    return plan_series(
        form.plan,
        repeat=Repeat(chosen["repeat"]),
        weekdays=chosen["weekdays"],
        until_on=chosen["until_on"],
        by=request.user,
        now=now,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.PLAN_OUTREACH)
def edit(request: StaffRequest, pk: int) -> HttpResponse:
    """Change what is planned: of one event, or of a repetition's date and all later ones."""
    found = _find(request, pk, Duty.PLAN_OUTREACH)
    if not found.is_open:
        return redirect("campaigns:event", pk)
    offered = offered_to(request.user, on=today())
    form = EventForm(_posted(request), initial=initial_of(found), offered=offered, event=found)
    if form.is_valid() and "check" not in request.POST:
        try:
            said = _changed(found, form, request)
        except OutreachError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, said)
            return redirect("campaigns:event", pk)
    return show(request, "event_form", _context(form))


def _changed(found: Event, form: EventForm, request: StaffRequest) -> str:
    """Change what was typed and say what was changed. Raises ``OutreachError``."""
    if not form.is_for_later_ones:
        change_event(found, form.plan, by=request.user, now=database_now())
        return _("Saved: {title}.").format(title=form.plan.title)
    later = change_later(found, form.plan, by=request.user, now=database_now())
    said = ngettext(
        "Saved, with %(number)d later date. Dates that were changed by themselves stay as they are.",
        "Saved, with %(number)d later dates. Dates that were changed by themselves stay as they are.",
        later,
    )
    return said % {"number": later}


@require_POST
@on_duty(Duty.PLAN_OUTREACH)
def check(request: StaffRequest) -> HttpResponse:
    """Say of a form that is being filled in what is to be mended, and what was learnt from events like it."""
    form = EventForm(request.POST, offered=offered_to(request.user, on=today()))
    answer = render(request, "campaigns/_lessons.html", _advice(form))
    answer["Cache-Control"] = "private, no-store"
    # Without it an answer is taken for another page.
    answer["X-Server-Now"] = str(int(database_now().timestamp() * 1000))
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.PLAN_OUTREACH)
def move(request: StaffRequest, pk: int) -> HttpResponse:
    """Move an event to another time."""
    found = _find(request, pk, Duty.PLAN_OUTREACH)
    form = TimesForm(_posted(request), initial=times_of(found))
    if form.is_valid():
        try:
            move_event(found, **form.cleaned_data, by=request.user, now=database_now())
        except OutreachError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Moved. Calendars that subscribed follow within hours."))
            return redirect("campaigns:event", pk)
    return show(request, "event_move", {"form": form, "event": found})


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.PLAN_OUTREACH)
def cancel(request: StaffRequest, pk: int) -> HttpResponse:
    """Cancel an event, and say why."""
    found = _find(request, pk, Duty.PLAN_OUTREACH)
    form = CancelForm(_posted(request))
    if form.is_valid():
        try:
            cancel_event(found, why=form.cleaned_data["why"], by=request.user, now=database_now())
        except OutreachError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Cancelled: {title}.").format(title=found.title))
            return redirect("campaigns:event", pk)
    return show(request, "event_cancel", {"form": form, "event": found})


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.PLAN_OUTREACH)
def stop(request: StaffRequest, pk: int) -> HttpResponse:
    """Stop a repetition after a day."""
    found = _find(request, pk, Duty.PLAN_OUTREACH)
    form = StopForm(_posted(request), initial=last_day_of(found))
    if form.is_valid():
        try:
            gone = stop_series(found, last_on=form.cleaned_data["last_on"], by=request.user, now=database_now())
        except OutreachError as error:
            form.add_error(None, str(error))
        else:
            said = ngettext(
                "Stopped. %(number)d planned date was taken out of the calendar.",
                "Stopped. %(number)d planned dates were taken out of the calendar.",
                gone,
            )
            messages.success(request, said % {"number": gone})
            return redirect("campaigns:calendar")
    return show(request, "event_stop", {"form": form, "event": found})


def _posted(request: StaffRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _proposed(request: StaffRequest) -> dict[str, Any]:
    """Return what a new event begins with: like another one, of a campaign, on a day."""
    wish = WishForm(request.GET).chosen
    seen = Event.objects.visible_to(request.user, on=today())
    like = seen.select_related("area").filter(pk=wish["like"]).first() if wish.get("like") else None
    return proposed(like, begin=begin_of(wish.get("on") or today()), campaign=wish.get("campaign"))


def _context(form: EventForm) -> dict[str, Any]:
    return {"form": form, "event": form.event, **_advice(form)}


def _advice(form: EventForm) -> dict[str, Any]:
    """Return what is to be mended and what was learnt, as far as the form is filled in."""
    return {"advice": advice_on(**form.considered) if form.is_bound else None}
