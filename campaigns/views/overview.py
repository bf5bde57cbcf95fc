"""The way into outreach."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from accounts.roles import Duty
from campaigns.views.common import show
from residents.access import StaffRequest, on_duty


@require_safe
@on_duty(Duty.SEE_OUTREACH)
def home(request: StaffRequest) -> HttpResponse:
    """Show the ways of outreach."""
    return show(request, "home", {})
