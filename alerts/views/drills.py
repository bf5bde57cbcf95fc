"""Drills: the list, planning one, its debrief, and its end."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clock import database_now, today
from accounts.roles import Duty
from accounts.views.presses import answer, carry_out
from alerts import services
from alerts.forms import DrillForm, LessonsForm
from alerts.models import Drill
from alerts.screens.drills import debrief, drill_rows, grids_of, leaders_for
from alerts.services import AlertError
from alerts.tasks import wake_engine
from residents.access import StaffRequest, on_duty, scope_codes

SHOWN = 100


def _found(request: StaffRequest, pk: int, duty: Duty) -> Drill:
    drills = Drill.objects.visible_to(request.user, on=today(), duty=duty)
    return get_object_or_404(drills.select_related("community", "leader", "made_by", "ended_by", "fraud_type"), pk=pk)


@require_safe
@on_duty(Duty.SEE_CLOCK)
def list_(request: StaffRequest) -> HttpResponse:
    """Show the drills, the latest first."""
    rows = drill_rows(Drill.objects.visible_to(request.user, on=today())[:SHOWN])
    may_plan = scope_codes(request.user, Duty.RUN_DRILLS, today()) != ()
    return render(request, "alerts/drills.html", {"rows": rows, "may_plan": may_plan})


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.RUN_DRILLS)
def new(request: StaffRequest) -> HttpResponse:
    """Plan a drill, or start one now."""
    form = DrillForm(
        request.POST or None,
        grids=grids_of(request.user, on=today()),
        leaders=leaders_for(request.user, on=today()),
    )
    if form.is_valid():
        try:
            drill = services.plan_drill(form.plan, by=request.user, now=database_now())
        except AlertError as error:
            form.add_error(None, str(error))
        else:
            wake_engine()
            return redirect("alerts:drill", drill.pk)
    return render(request, "alerts/drill_new.html", {"form": form})


@require_safe
@on_duty(Duty.SEE_CLOCK)
def drill(request: StaffRequest, pk: int) -> HttpResponse:
    """Show a drill and what came of it; it prints."""
    found = _found(request, pk, Duty.SEE_CLOCK)
    page = debrief(found, user=request.user, on=today())
    form = LessonsForm(initial={"lessons": found.lessons})
    return render(request, "alerts/drill.html", {"page": page, "drill": found, "form": form})


@require_POST
@on_duty(Duty.RUN_DRILLS)
def end(request: StaffRequest, pk: int) -> HttpResponse:
    """End a drill, or call off one that has yet to start."""
    found = _found(request, pk, Duty.RUN_DRILLS)

    def verb() -> str:
        done = services.end_drill(found, by=request.user, now=database_now())
        return _("The drill is over.") if done.started_at else _("The drill is called off.")

    return answer(request, carry_out(request, verb), url=reverse("alerts:drill", args=[pk]))


@require_POST
@on_duty(Duty.RUN_DRILLS)
def lessons(request: StaffRequest, pk: int) -> HttpResponse:
    """Keep what is to be done better next time."""
    found = _found(request, pk, Duty.RUN_DRILLS)
    form = LessonsForm(request.POST)
    if not form.is_valid():
        page = debrief(found, user=request.user, on=today())
        return render(request, "alerts/drill.html", {"page": page, "drill": found, "form": form})

    def verb() -> str:
        services.write_lessons(found, lessons=form.cleaned_data["lessons"], by=request.user, now=database_now())
        return _("Saved.")

    return answer(request, carry_out(request, verb), url=reverse("alerts:drill", args=[pk]))
