"""Learning from yesterday: one alert's minutes, and a week's breaches of a place, each to be printed on one sheet."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.clock import database_now, today
from accounts.roles import Duty
from alerts.forms import WeekForm
from alerts.screens.learning import alert_sheet, week_of, week_sheet
from alerts.screens.replays import places_of
from alerts.views.common import find
from residents.access import StaffRequest, on_duty, scope_codes
from residents.models import Area


@require_safe
@on_duty(Duty.SEE_ALERTS)
def minutes(request: StaffRequest, pk: int) -> HttpResponse:
    """Show where one alert's minutes went."""
    alert = find(request, pk, Duty.SEE_ALERTS)
    may_learn = scope_codes(request.user, Duty.SEE_CLOCK, today()) != ()
    context = {"sheet": alert_sheet(alert, now=database_now()), "alert": alert, "may_learn": may_learn}
    return render(request, "alerts/minutes.html", context)


@require_safe
@on_duty(Duty.SEE_CLOCK)
def learning(request: StaffRequest) -> HttpResponse:
    """Show a week's breaches of an area; a foreign area is a 404, no code is the first choice."""
    on = today()
    places = places_of(request.user, Duty.SEE_CLOCK, on=on)
    if not places:
        raise PermissionDenied
    asked = request.GET.get("area", "")
    if asked.isdigit() and asked not in dict(places):
        raise Http404
    form = WeekForm(request.GET, communities=places)
    # A week that is over is talked about: on a Monday and after it is the one before.
    code, day = form.chosen(
        otherwise=(places[0][0], week_of(on) if on.weekday() else on.fromordinal(on.toordinal() - 7))
    )
    area = Area.objects.select_related("parent").get(code=code)
    sheet = week_sheet(area, week_of(day), request.user, now=database_now(), on=on)
    may_replay = scope_codes(request.user, Duty.REPLAY, on) != ()
    return render(request, "alerts/learning.html", {"form": form, "sheet": sheet, "may_replay": may_replay})
