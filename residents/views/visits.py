"""The carer's pocket: this week's visits, and one visit logged in three presses."""

from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.clock import database_now, today
from accounts.roles import Duty
from accounts.views.pictures import show_picture
from residents import services
from residents.access import StaffRequest, on_duty
from residents.forms import VisitForm
from residents.models import Pairing, Resident, Visit
from residents.screens.dossier import deeds
from residents.screens.visits import visit_page
from residents.screens.visits import visits as week_of
from residents.services import ResidentsError
from residents.views.common import REVEALED, are_numbers_open, drawn, find, is_shut, open_for_visit
from residents.views.opened import are_opened


@require_safe
@on_duty(Duty.VISIT)
def visits(request: StaffRequest) -> HttpResponse:
    """Show this week's visits, the latest first."""
    found = week_of(request.user, opened=are_opened(request, REVEALED), on=today())
    return render(request, "residents/visits.html", {"visits": found})


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.VISIT)
def visit(request: StaffRequest, pk: int) -> HttpResponse:
    """Log a visit: choose what came of it, save. To the carer, name and numbers open with the page."""
    resident = get_object_or_404(drawn(Resident.objects.visited_by(request.user, on=today())), pk=pk)
    if is_shut(request, resident):
        return redirect("residents:detail", pk)
    if Pairing.objects.current(today()).of_carer(request.user).of_residents([resident]).exists():
        open_for_visit(request, resident)
    form = VisitForm(request.POST or None, request.FILES or None, initial={"press": uuid4()})
    if form.is_valid():
        try:
            made = services.log_visit(
                resident,
                found=form.found,
                by=request.user,
                now=database_now(),
                at=form.happened_at,
                photo=form.cleaned_data["photo"],
                press=form.cleaned_data["press"],
            )
        except ResidentsError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved: {result}.").format(result=made.get_result_display()))
            return redirect("residents:visited", made.pk) if made.signs else redirect("residents:visits")
    page = visit_page(resident, is_open=are_numbers_open(request, resident), on=today())
    return render(request, "residents/visit.html", {"form": form, "page": page})


@require_safe
@on_duty(Duty.VISIT)
def visited(request: StaffRequest, pk: int) -> HttpResponse:
    """Show a visit that found warning signs, and what can be done about them."""
    made = get_object_or_404(Visit.objects.made_by(request.user), pk=pk)
    resident = find(request, made.resident_id)
    context = {"visit": made, "resident": resident, "deeds": deeds(resident, user=request.user, on=today())}
    return render(request, "residents/visited.html", context)


@require_safe
@on_duty(Duty.SEE_RESIDENTS, Duty.VISIT)
def photo(request: StaffRequest, pk: int) -> HttpResponseBase:
    """Hand a visit's photo to who may see the resident, as the picture it is and as nothing else."""
    made = get_object_or_404(Visit.objects.of_residents_seen_by(request.user, on=today()), pk=pk)
    resident = find(request, made.resident_id)
    if is_shut(request, resident):
        raise Http404
    return show_picture(made.photo, name=f"visit-{made.pk}")
