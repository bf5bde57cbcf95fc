"""An alert raised about somebody of the roster, by who stands at their door or looks at their dossier."""

from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.clock import database_now, local, today
from accounts.roles import Duty
from alerts.forms import RaiseForm
from alerts.screens.dossier import may_raise, seen_lately
from alerts.screens.listing import desk_source, visitor_source
from alerts.services import ConflictError, receive_one
from residents.access import StaffRequest, may, on_duty
from residents.models import Resident


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.WATCH_DESK, Duty.VISIT)
def raise_(request: StaffRequest, pk: int) -> HttpResponse:
    """Take in an alert about a resident. Name and numbers come from the roster; nobody types or sees them."""
    seen = Resident.objects.visible_to(request.user, on=today()).living_here()
    resident = get_object_or_404(seen.select_related("grid", "household").prefetch_related("memberships"), pk=pk)
    if not may_raise(resident, user=request.user, on=today()):
        raise Http404
    now = database_now()
    initial = {"key": uuid4(), "description": seen_lately(resident, user=request.user, now=now)}
    form = RaiseForm(request.POST or None, initial=initial)
    if form.is_valid():
        is_desk = may(request.user, Duty.WATCH_DESK, resident.grid.code, today())
        source = desk_source() if is_desk else visitor_source()
        try:
            receive_one(source, form.about(resident), now=now, by=request.user)
        except ConflictError:
            form.add_error(None, _("This was raised already; what you changed since is not in it. Telephone the desk."))
        else:
            messages.success(request, _("Raised. The duty desk sees it now, and the clock is running."))
            return redirect("alerts:desk") if is_desk else redirect("residents:detail", pk)
    facts = resident.short_facts(local(now).date())
    return render(request, "alerts/raise.html", {"form": form, "resident": resident, "facts": facts})
