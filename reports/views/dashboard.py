"""The dashboard: the month so far at one look, or any other period."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.clock import database_now, local, today
from accounts.roles import Duty
from reports.forms.period import PeriodForm
from reports.screens.dashboard import areas_of, seen_areas
from reports.screens.dashboard import dashboard as dashboard_of
from residents.access import StaffRequest, on_duty
from residents.models import Area


@require_safe
@on_duty(Duty.SEE_REPORTS)
def dashboard(request: StaffRequest) -> HttpResponse:
    """Show the figures of an area and a period; a foreign area is a 404."""
    now = database_now()
    form = PeriodForm(request.GET, areas=_areas(request), on=local(now).date())
    area = Area.objects.get(code=form.chosen("area"))
    page = dashboard_of(
        request.user, area, form.span, dated_by=form.by, query=form.shown, is_public=form.is_public, now=now
    )
    return render(request, "reports/dashboard.html", {"form": form, "page": page})


def _areas(request: StaffRequest) -> list[tuple[str, str]]:
    """Return the areas to choose from, the one asked for among them; a foreign one is a 404, no code is no choice."""
    on, code = today(), request.GET.get("area", "")
    areas = areas_of(request.user, on=on)
    if not areas:
        raise PermissionDenied
    if code in dict(areas) or not (code.isascii() and code.isdigit()):
        return areas
    return [*areas, (code, get_object_or_404(seen_areas(request.user, on=on), code=code).name)]
