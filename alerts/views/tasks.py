"""The pocket: my tasks, busy and free."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.clock import database_now, today
from accounts.roles import Duty
from accounts.views.presses import answer, carry_out, may_be_kept
from alerts.models import Alert
from alerts.screens.calls import calls as waiting_calls
from alerts.screens.tasks import tasks as own_tasks
from alerts.screens.watching import Watch
from alerts.services import mark_busy, mark_free
from alerts.views.common import watched
from residents.access import StaffRequest, on_duty, scope_codes


@require_safe
@on_duty(Duty.HANDLE_ALERTS)
def tasks(request: StaffRequest) -> HttpResponse:
    """Show what this person has to do now; it refreshes itself."""
    alerts = Alert.objects.held_by(request.user)
    page = watched(
        request,
        Watch.of("tasks", request.user),
        page="alerts/tasks.html",
        fragment="alerts/_tasks.html",
        draw=lambda glance: {"tasks": own_tasks(alerts, user=request.user, beat=glance.pulse, now=glance.now)},
    )
    return may_be_kept(page)


@require_safe
@on_duty(Duty.SEE_ALERTS)
def calls(request: StaffRequest) -> HttpResponse:
    """Show the strip of what waits for this person, on whichever page they are; it refreshes itself."""
    if not getattr(request, "htmx", False):
        return redirect("home")
    here = request.GET.get("but", "")
    but = int(here) if here.isdecimal() and len(here) < 19 else 0
    return watched(
        request,
        Watch.of("calls", request.user, areas=scope_codes(request.user, Duty.WATCH_DESK, today()), but=but),
        page="alerts/_calls.html",
        fragment="alerts/_calls.html",
        draw=lambda glance: {"calls": waiting_calls(request.user, now=glance.now, but=but)},
    )


@require_POST
@on_duty(Duty.HANDLE_ALERTS)
def busy(request: StaffRequest) -> HttpResponse:
    """Mark oneself busy; what was not accepted goes to the partner at once."""

    def verb() -> str:
        count = len(mark_busy(request.user, now=database_now(), from_where="tasks"))
        said = ngettext("Busy. {count} alert was handed on.", "Busy. {count} alerts were handed on.", count)
        return said.format(count=count) if count else _("Busy. Nothing new is given to you until you are free again.")

    return answer(request, carry_out(request, verb), url=reverse("alerts:tasks"))


@require_POST
@on_duty(Duty.HANDLE_ALERTS)
def free(request: StaffRequest) -> HttpResponse:
    """Mark oneself free again."""

    def verb() -> str:
        mark_free(request.user, now=database_now(), from_where="tasks")
        return _("Free. New alerts may be given to you again.")

    return answer(request, carry_out(request, verb), url=reverse("alerts:tasks"))
