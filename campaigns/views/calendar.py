"""The calendar of outreach, and the one that telephones subscribe to."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.clock import database_now, today
from accounts.roles import Duty
from campaigns.exports.calendars import beside_of, calendar_file
from campaigns.forms.offers import areas_offered
from campaigns.forms.planning import CalendarForm
from campaigns.models import CalendarFeed
from campaigns.screens.calendar import FED_AHEAD, FED_BACK, calendar_of, fingerprint, subscribed
from campaigns.screens.events import may_plan
from campaigns.services import feed_of, renew_feed
from campaigns.views.common import show
from residents.access import StaffRequest, on_duty


@require_safe
@on_duty(Duty.SEE_OUTREACH)
def calendar(request: StaffRequest) -> HttpResponse:
    """Show the events of a month, a week, or a list of days, narrowed as the address says."""
    form = CalendarForm(request.GET, areas=areas_offered(request.user, on=today()))
    shown = calendar_of(request.user, form.chosen, at=form.day or today(), now=database_now())
    context = {
        "form": form,
        "calendar": shown,
        "is_narrowed": form.is_narrowed,
        "filters": form.query,
        "may_plan": may_plan(request.user, on=today()),
        "today": today(),
    }
    return show(request, "calendar", context)


@require_safe
@on_duty(Duty.SEE_OUTREACH)
def subscribe(request: StaffRequest) -> HttpResponse:
    """Say how the calendar comes into a telephone or a mail program."""
    return show(request, "subscribe", {"feed": CalendarFeed.objects.filter(user=request.user).first()})


@require_POST
@on_duty(Duty.SEE_OUTREACH)
def renew(request: StaffRequest) -> HttpResponse:
    """Make the secret address, or another, and show it this once; the one before is dead at once."""
    feed, token = renew_feed(by=request.user, now=database_now())
    address = f"{settings.PUBLIC_URL}{reverse('campaigns:feed', args=[token])}"
    answer = show(request, "subscribe", {"feed": feed, "address": address, "mine": f"{address}?mine=1"})
    answer["Cache-Control"] = "private, no-store"
    return answer


@login_not_required
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """Hand somebody's calendar to a program that knows its secret address; another address is a 404.

    Asked for again while nothing changed, it answers so without a body.
    """
    found = feed_of(token)
    if found is None:
        raise Http404
    events = subscribed(found.user, is_mine=request.GET.get("mine") == "1", on=today())
    with translation.override(found.user.language):
        addresses = {one.pk: f"{settings.PUBLIC_URL}{reverse('campaigns:event', args=[one.pk])}" for one in events}
        own = beside_of(found.user, first=today() - FED_BACK, last=today() + FED_AHEAD)
        content = calendar_file(events, name=_("Shouwang"), addresses=addresses, beside=own, host=settings.PUBLIC_URL)
    answer = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="shouwang.ics"'
    answer["Cache-Control"] = "private, max-age=900"
    answer["ETag"] = quote_etag(fingerprint(content))
    return get_conditional_response(request, etag=answer["ETag"], response=answer) or answer
