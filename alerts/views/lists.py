"""The list of alerts, and the pages about how ready the people are and how late the clock is."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.clock import database_now, today
from accounts.roles import Duty
from accounts.views.searches import address_of, asked_in, query_of
from alerts.forms import FilterForm
from alerts.screens.listing import late_days, narrowed, page_of
from alerts.screens.listing import readiness as how_ready
from alerts.services import record_alert_search
from alerts.views.common import seen
from residents.access import StaffRequest, on_duty
from residents.models import Area


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.SEE_ALERTS)
def list_(request: StaffRequest) -> HttpResponse:
    """Show the alerts that fit the filters in the URL; a press with other filters leads to theirs."""
    places = Area.objects.visible_to(request.user, duty=Duty.SEE_ALERTS, on=today()).order_by("code")
    asked = request.POST if request.method == "POST" else asked_in(request.GET, by=request.user)
    form = FilterForm(asked, places=places.values_list("code", "name"))
    chosen = form.cleaned_data if form.is_valid() else {}
    found = narrowed(seen(request, Duty.SEE_ALERTS), chosen)
    page = page_of(found, number=request.GET.get("page", ""), now=database_now())
    if request.method == "POST":
        if text := chosen.get("q", ""):
            record_alert_search(text, found=page.count, by=request.user, now=database_now())
        return redirect(f"{request.path}?{address_of(request.POST, list(form.fields), by=request.user)}")
    context = {
        "form": form,
        "is_narrowed": bool(form.errors) or any(value for name, value in chosen.items() if name != "q"),
        "page": page,
        "query": query_of(request.GET),
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
