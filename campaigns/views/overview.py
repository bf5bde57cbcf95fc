"""The way into outreach."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from accounts.clock import database_now
from accounts.roles import Duty
from campaigns.screens.events import overview
from campaigns.views.common import show
from residents.access import StaffRequest, on_duty


@require_safe
@on_duty(Duty.SEE_OUTREACH)
def home(request: StaffRequest) -> HttpResponse:
    """Show what is to be logged, what takes place this week, and what to mend while there is time."""
    return show(request, "home", {"overview": overview(request.user, now=database_now())})
