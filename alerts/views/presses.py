"""What a phone asks before it sends the presses that it kept: who is logged in here, and the token that goes along."""

from django.http import JsonResponse
from django.middleware.csrf import get_token
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.clock import database_now
from accounts.roles import Duty
from alerts.screens.clock import milliseconds
from residents.access import StaffRequest, on_duty


@never_cache
@require_safe
@on_duty(Duty.SEE_ALERTS)
def presses(request: StaffRequest) -> JsonResponse:
    """Say who is logged in, so that nobody's presses are sent in another's name, and what time it is."""
    return JsonResponse({"user": request.user.pk, "token": get_token(request), "now": milliseconds(database_now())})
