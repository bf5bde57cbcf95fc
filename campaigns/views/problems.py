"""The problem list: a community's and one's own, one problem, and what is done about it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clock import database_now, today
from accounts.roles import Duty
from campaigns import services
from campaigns.forms.everyday import GiveForm, MendForm, ProblemForm, SendBackForm
from campaigns.models import Problem
from campaigns.screens.here import here_of, people_of, planned_areas
from campaigns.screens.problems import my_problems_page, problem_page, problems_page
from campaigns.services import OutreachError
from campaigns.views.common import show
from residents.access import StaffRequest, on_duty


@require_safe
@on_duty(Duty.SEE_OUTREACH)
def problems(request: StaffRequest) -> HttpResponse:
    """Show a community's problem list."""
    on = today()
    here = here_of(request.user, asked=request.GET.get("community", ""), on=on)
    return show(request, "problems", {"here": here, "page": problems_page(request.user, here, on=on)})


@require_safe
@on_duty(Duty.SEE_OUTREACH)
def my_problems(request: StaffRequest) -> HttpResponse:
    """Show what the reader is to mend."""
    return show(request, "my_problems", {"page": my_problems_page(request.user, on=today())})


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.PLAN_OUTREACH)
def problem_new(request: StaffRequest) -> HttpResponse:
    """Put a problem on the list."""
    on = today()
    here = here_of(request.user, asked=request.GET.get("community", ""), on=on)
    people = people_of(request.user, carrying=Duty.SEE_OUTREACH, on=on)
    areas = planned_areas(request.user, on=on)
    form = ProblemForm(request.POST or None, initial={"area": here.code}, areas=areas, people=people)
    if form.is_valid():
        try:
            services.add_problem(**form.cleaned_data, by=request.user, now=database_now())
        except OutreachError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("On the list. Who mends it has been told."))
            return redirect("campaigns:problems")
    return show(request, "problem_new", {"form": form}, status=400 if form.errors else 200)


@require_safe
@on_duty(Duty.SEE_OUTREACH)
def problem(request: StaffRequest, pk: int) -> HttpResponse:
    """Show a problem and what can be done about it."""
    return _page(request, _find(request, pk, Duty.SEE_OUTREACH))


@require_POST
@on_duty(Duty.SEE_OUTREACH)
def mend(request: StaffRequest, pk: int) -> HttpResponse:
    """Say that a problem is mended."""
    problem = _find(request, pk, Duty.SEE_OUTREACH)
    form = MendForm(request.POST)
    if form.is_valid():
        try:
            services.mark_mended(problem, **form.cleaned_data, by=request.user, now=database_now())
        except OutreachError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Well done. Somebody else looks at it and strikes it off."))
            return redirect("campaigns:problem", pk)
    return _page(request, problem, mend_form=form)


@require_POST
@on_duty(Duty.PLAN_OUTREACH)
def strike(request: StaffRequest, pk: int) -> HttpResponse:
    """Strike a problem off."""
    problem = _find(request, pk, Duty.PLAN_OUTREACH)
    try:
        services.strike_off(problem, by=request.user, now=database_now())
    except OutreachError as error:
        messages.error(request, str(error))
        return redirect("campaigns:problem", pk)
    messages.success(request, _("Struck off."))
    return redirect("campaigns:problems")


@require_POST
@on_duty(Duty.PLAN_OUTREACH)
def send_back(request: StaffRequest, pk: int) -> HttpResponse:
    """Send a problem back that is not mended after all."""
    problem = _find(request, pk, Duty.PLAN_OUTREACH)
    form = SendBackForm(request.POST)
    if form.is_valid():
        try:
            services.send_back(problem, **form.cleaned_data, by=request.user, now=database_now())
        except OutreachError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Sent back. Who mends it has been told."))
            return redirect("campaigns:problem", pk)
    return _page(request, problem, back_form=form)


@require_POST
@on_duty(Duty.PLAN_OUTREACH)
def give(request: StaffRequest, pk: int) -> HttpResponse:
    """Give a problem to somebody else, or another day."""
    problem = _find(request, pk, Duty.PLAN_OUTREACH)
    form = GiveForm(request.POST, people=people_of(request.user, carrying=Duty.SEE_OUTREACH, on=today()))
    if form.is_valid():
        try:
            services.give_to(problem, **form.cleaned_data, by=request.user, now=database_now())
        except OutreachError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved. Who mends it has been told."))
            return redirect("campaigns:problem", pk)
    return _page(request, problem, give_form=form)


def _find(request: StaffRequest, pk: int, duty: Duty) -> Problem:
    problems = Problem.objects.visible_to(request.user, on=today(), duty=duty)
    return get_object_or_404(problems.select_related("area", "owner", "meeting", "created_by", "struck_by"), pk=pk)


def _page(request: StaffRequest, problem: Problem, **refused: forms.Form) -> HttpResponse:
    """Show the page of a problem, with the form that was refused as it was typed."""
    people = people_of(request.user, carrying=Duty.SEE_OUTREACH, on=today())
    context: dict[str, Any] = {
        "page": problem_page(problem, user=request.user, on=today()),
        "mend_form": MendForm(),
        "back_form": SendBackForm(),
        "give_form": GiveForm(initial={"owner": problem.owner_id, "due_on": problem.due_on}, people=people),
        **refused,
    }
    return show(request, "problem", context, status=400 if refused else 200)
