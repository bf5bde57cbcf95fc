"""The statistics of the clock: of an area, or of one person's alerts for that person and their manager alone."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.clock import today
from accounts.models import User
from accounts.roles import Duty
from campaigns.policy import Span
from reports.exports.scores import scores_workbook
from reports.forms.period import ClockForm
from reports.screens.clock import clock_grids, clock_page, people_of
from residents.access import StaffRequest, on_duty, scope_codes
from residents.models import Area
from residents.models import Level as AreaLevel
from sheets.views import download


@require_safe
@on_duty(Duty.SEE_REPORTS, Duty.HANDLE_ALERTS)
def clock(request: StaffRequest) -> HttpResponse:
    """Show the statistics; a foreign area or person is a 404."""
    form, area, span, person = _asked(request)
    page = clock_page(request.user, area, span, person, query=form.shown, on=today())
    return render(request, "reports/clock.html", {"form": form, "page": page})


@require_safe
@on_duty(Duty.SEE_REPORTS, Duty.HANDLE_ALERTS)
def export(request: StaffRequest) -> HttpResponse:
    """Hand the statistics out as a workbook: counts alone, nothing of a resident."""
    _form, area, span, person = _asked(request)
    content = scores_workbook(clock_grids(request.user, area, span, person, on=today()))
    name = _("Statistics of the clock {area} {first} to {last}").format(area=area, first=span.first, last=span.last)
    return download(content, name=f"{name}.xlsx")


def _asked(request: StaffRequest) -> tuple[ClockForm, Area, Span, User | None]:
    """Return what the address asks for: who sees no reports sees their own alone."""
    on, user = today(), request.user
    sees_all = scope_codes(user, Duty.SEE_REPORTS, on) != ()
    areas = _areas(user, Duty.SEE_REPORTS if sees_all else Duty.HANDLE_ALERTS)
    if not areas:
        raise PermissionDenied
    people = people_of(user, on=on) if sees_all else [user]
    code, asked = request.GET.get("area", ""), request.GET.get("person", "")
    is_foreign = code.isdigit() and code not in dict(areas)
    if is_foreign or (asked.isdigit() and int(asked) not in {one.pk for one in people}):
        raise Http404
    everybody = [("", _("everybody"))] if sees_all else []
    named = [(str(one.pk), _("{person} (myself)").format(person=one) if one == user else str(one)) for one in people]
    form = ClockForm(request.GET, areas=areas, people=[*everybody, *named], on=on)
    chosen = form.chosen("person")
    person = next((one for one in people if str(one.pk) == chosen), None)
    area = Area.objects.select_related("parent").get(code=form.chosen("area"))
    return form, area, form.span, person


def _areas(user: User, duty: Duty) -> list[tuple[str, str]]:
    seen = Area.objects.visible_to(user, duty=duty, on=today()).exclude(level=AreaLevel.BUILDING)
    order = list(AreaLevel.values)
    found = sorted(seen.select_related("parent"), key=lambda area: (order.index(area.level), area.code))
    return [(area.code, area.place) for area in found]
