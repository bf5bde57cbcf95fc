"""A follow-up visit: looked at, given to somebody, cancelled."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.clock import database_now, today
from accounts.roles import Duty
from residents import services
from residents.access import StaffRequest, on_duty
from residents.forms.follow_ups import CancelFollowUpForm, GiveFollowUpForm
from residents.models import FollowUp
from residents.screens.follow_ups import follow_up_page, visitors_at
from residents.services import ResidentsError


@require_safe
@on_duty(Duty.PAIR)
def follow_up(request: StaffRequest, pk: int) -> HttpResponse:
    """Show a follow-up and what can be done about it."""
    return _page(request, _find(request, pk))


@require_POST
@on_duty(Duty.PAIR)
def give(request: StaffRequest, pk: int) -> HttpResponse:
    """Give a follow-up to somebody."""
    found = _find(request, pk)
    form = GiveFollowUpForm(request.POST, people=visitors_at(found.resident.grid.code, on=today()))
    if form.is_valid():
        try:
            services.give_follow_up(found, **form.cleaned_data, by=request.user, now=database_now())
        except ResidentsError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved. Who goes has been told."))
            return redirect("residents:follow_up", pk)
    return _page(request, found, give_form=form)


@require_POST
@on_duty(Duty.PAIR)
def cancel(request: StaffRequest, pk: int) -> HttpResponse:
    """Cancel a follow-up."""
    found = _find(request, pk)
    form = CancelFollowUpForm(request.POST)
    if form.is_valid():
        try:
            services.cancel_follow_up(found, **form.cleaned_data, by=request.user, now=database_now())
        except ResidentsError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Cancelled. The reason is kept."))
            return redirect("residents:follow_up", pk)
    return _page(request, found, cancel_form=form)


def _find(request: StaffRequest, pk: int) -> FollowUp:
    seen = FollowUp.objects.visible_to(request.user, on=today()).select_related("resident__grid", "visit", "chosen")
    return get_object_or_404(seen.prefetch_related("resident__memberships"), pk=pk)


def _page(request: StaffRequest, found: FollowUp, **refused: forms.Form) -> HttpResponse:
    """Show the page, with the form that was refused as it was typed."""
    context: dict[str, Any] = {
        "page": follow_up_page(found, on=today()),
        "give_form": GiveFollowUpForm(people=visitors_at(found.resident.grid.code, on=today())),
        "cancel_form": CancelFollowUpForm(),
        **refused,
    }
    return render(request, "residents/follow_up.html", context, status=400 if refused else 200)
