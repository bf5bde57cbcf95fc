"""The list of alerts, and the pages about how ready the people are and how late the clock is."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.clock import database_now, today
from accounts.roles import Duty
from alerts.forms import FilterForm
from alerts.screens.listing import late_days, narrowed, page_of
from alerts.screens.listing import readiness as how_ready
from alerts.views.common import seen
from residents.access import StaffRequest, on_duty
from residents.models import Area


@require_safe
@on_duty(Duty.SEE_ALERTS)
def list_(request: StaffRequest) -> HttpResponse:
    """Show the alerts that fit the filters in the URL."""
    grids = Area.objects.visible_to(request.user, duty=Duty.SEE_ALERTS, on=today()).grids()
    form = FilterForm(request.GET, grids=grids.values_list("code", "name"))
    chosen = form.cleaned_data if form.is_valid() else {}
    found = narrowed(seen(request, Duty.SEE_ALERTS), chosen)
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "form": form,
        "is_narrowed": bool(form.errors) or any(value for name, value in chosen.items() if name != "q"),
        "page": page_of(found, number=request.GET.get("page", ""), now=database_now()),
        "query": f"{query.urlencode()}&" if query else "",
    }
    return render(request, "alerts/list.html", context)


@require_safe
@on_duty(Duty.SEE_CLOCK)
def readiness(request: StaffRequest) -> HttpResponse:
    """Show who could not be told, and which grids lack a second specialist, before the night begins."""
    return render(request, "alerts/readiness.html", {"ready": how_ready(request.user, now=database_now())})


@require_safe
@on_duty(Duty.SEE_CLOCK)
def lateness(request: StaffRequest) -> HttpResponse:
    """Show how late the clock's steps fired, day by day."""
    return render(request, "alerts/lateness.html", {"days": late_days(now=database_now())})
