"""The dossier of one resident, and what opening it asks for."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.clock import database_now, today
from accounts.roles import Duty
from residents import services
from residents.access import StaffRequest, on_duty
from residents.forms import ReasonForm
from residents.policy import Purpose
from residents.screens.care import carers_of
from residents.screens.dossier import dossier
from residents.views.common import MINORS, REVEALED, VIEWED, are_numbers_open, find, is_shut
from residents.views.opened import open_once


@require_safe
@on_duty(Duty.SEE_RESIDENTS, Duty.VISIT)
def detail(request: StaffRequest, pk: int) -> HttpResponse:
    """Show all about one resident. A child's record first asks why; that the rest was opened is written down."""
    resident = find(request, pk)
    if is_shut(request, resident):
        return render(request, "residents/minor.html", {"resident": resident, "reasons": Purpose.choices})
    now = database_now()
    open_once(request, VIEWED, pk, lambda: services.view_dossier(resident, by=request.user, now=now))
    page = dossier(resident, user=request.user, is_open=are_numbers_open(request, resident), on=today())
    context = {
        "page": page,
        "reasons": Purpose.choices,
        "carers": carers_of([resident.grid.code], on=today())[resident.grid.code] if page.may.pair else [],
        "today": today(),
        "now": now,
        "is_printing": "print" in request.GET,
    }
    return render(request, "residents/dossier.html", context)


@require_POST
@on_duty(Duty.SEE_RESIDENTS, Duty.VISIT)
def reveal(request: StaffRequest, pk: int) -> HttpResponse:
    """Open name, phone and ID number for this session; it is written down who did, and why."""
    resident = find(request, pk)
    form = ReasonForm(request.POST)
    if is_shut(request, resident):
        return redirect("residents:detail", pk)
    if not form.is_valid():
        messages.error(request, _("Choose a reason, or write one: it is written down with your name."))
        return redirect("residents:detail", pk)
    now = database_now()
    open_once(
        request,
        REVEALED,
        pk,
        lambda: services.reveal_resident(resident, reason=form.words, by=request.user, now=now),
    )
    return redirect("residents:detail", pk)


@require_POST
@on_duty(Duty.SEE_MINORS)
def open_minor(request: StaffRequest, pk: int) -> HttpResponse:
    """Open a child's record for this session; it is written down who did, and why."""
    resident = find(request, pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        now = database_now()
        open_once(
            request,
            MINORS,
            pk,
            lambda: services.open_minor(resident, reason=form.words, by=request.user, now=now),
        )
    else:
        messages.error(request, _("Choose a reason, or write one: it is written down with your name."))
    return redirect("residents:detail", pk)


@require_POST
@on_duty(Duty.SEE_RESIDENTS, Duty.VISIT)
def printed(request: StaffRequest, pk: int) -> HttpResponse:
    """Write down that the dossier goes to paper, and lead to the page that prints itself."""
    resident = find(request, pk)
    if is_shut(request, resident):
        return redirect("residents:detail", pk)
    is_open = are_numbers_open(request, resident)
    services.print_dossier(resident, by=request.user, now=database_now(), is_revealed=is_open)
    return redirect(f"{request.path.removesuffix('printed/')}?print=1")
