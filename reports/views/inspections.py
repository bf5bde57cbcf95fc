"""Inspections: listed, written down, answered, put onto the problem list."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clock import database_now, today
from accounts.roles import Duty
from accounts.views.pictures import show_picture
from reports import services
from reports.forms.scores import AnswerForm, InspectionForm
from reports.models import Inspection
from reports.screens.inspections import inspection_row, inspections_of
from reports.services import ReportsError
from reports.views.common import communities_of, done, show
from residents.access import StaffRequest, may, on_duty


def _find(request: StaffRequest, pk: int) -> Inspection:
    """Return an inspection of one's own areas; a foreign one is a 404."""
    rows = Inspection.objects.visible_to(request.user, on=today())
    return get_object_or_404(rows.select_related("community", "by", "answered_by"), pk=pk)


@require_safe
@on_duty(Duty.SEE_REPORTS)
def inspections(request: StaffRequest) -> HttpResponse:
    """Show what was found in the communities one sees."""
    on = today()
    scores = communities_of(request, Duty.SCORE).exists()
    return show(request, "inspections", {"rows": inspections_of(request.user, "", on=on), "may_score": scores})


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.SCORE)
def new(request: StaffRequest) -> HttpResponse:
    """Write down what was found; the community's manager is told."""
    communities = communities_of(request, Duty.SCORE)
    choices = list(communities.order_by("code").values_list("code", "name"))
    initial = {"community": request.GET.get("community", ""), "on": today()}
    form = InspectionForm(request.POST or None, request.FILES or None, initial=initial, communities=choices)

    def verb() -> None:
        fields = {**form.cleaned_data, "community": communities.get(code=form.cleaned_data["community"])}
        services.add_inspection(**fields, by=request.user, now=database_now())

    if done(form, verb, request=request, said=_("Written down. The community's manager has been told.")):
        return redirect("reports:inspections")
    return show(request, "inspection_new", {"form": form}, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.SEE_REPORTS)
def inspection(request: StaffRequest, pk: int) -> HttpResponse:
    """Show an inspection; the community's manager answers it."""
    on, seen = today(), _find(request, pk)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and not may(request.user, Duty.SIGN_REPORTS, seen.community.code, on):
        raise PermissionDenied

    def verb() -> None:
        services.answer_inspection(seen, answer=form.cleaned_data["answer"], by=request.user, now=database_now())

    if done(form, verb, request=request, said=_("Answered. Whoever inspected has been told.")):
        return redirect("reports:inspection", pk)
    context = {"row": inspection_row(seen, user=request.user, on=on), "form": form}
    return show(request, "inspection", context, status=400 if form.errors else 200)


@require_POST
@on_duty(Duty.SCORE, Duty.PLAN_OUTREACH)
def mend(request: StaffRequest, pk: int) -> HttpResponse:
    """Put what was found on the community's problem list."""
    on, seen = today(), _find(request, pk)
    code = seen.community.code
    if not (may(request.user, Duty.SCORE, code, on) or may(request.user, Duty.PLAN_OUTREACH, code, on)):
        raise PermissionDenied
    try:
        problem = services.make_problem(seen, by=request.user, now=database_now())
    except ReportsError as error:
        messages.error(request, str(error))
    else:
        words = _("On the problem list: {person} mends it within two weeks.")
        messages.success(request, words.format(person=problem.owner))
    return redirect("reports:inspection", pk)


@require_safe
@on_duty(Duty.SEE_REPORTS)
def photo(request: StaffRequest, pk: int) -> HttpResponseBase:
    """Hand the photo of an inspection to who may read it."""
    seen = _find(request, pk)
    return show_picture(seen.photo, name=f"inspection-{seen.pk}")
