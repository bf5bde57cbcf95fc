"""Look-backs: the list, one of them, and what people do about it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.clock import database_now, midnight, today
from accounts.roles import Duty
from accounts.services import RefusedError
from cases import services
from cases.figures.lookback import evidence_of
from cases.forms.lookback import ConfirmForm, LookBackFilterForm, RemedyForm, ReopenForm
from cases.models import Case, CaseQuerySet, LookBack
from cases.policy import OFFERED_DAYS, Verdict
from cases.screens.lookback import areas_to_choose, look_back_list, look_back_page, owners_for
from residents.access import StaffRequest, on_duty
from residents.views.opened import open_once

MOST_AT_ONCE = 50
"""Look-backs that one press opens; the night does more."""
VIEWED = "look_backs_viewed"
"""The session's key for the look-backs whose opening was written down."""


@require_safe
@on_duty(Duty.SEE_CASES)
def look_backs(request: StaffRequest) -> HttpResponse:
    """Show the look-backs that fit the filters in the URL."""
    on = today()
    form = LookBackFilterForm(request.GET, areas=areas_to_choose(request.user, on=on))
    chosen = form.cleaned_data if form.is_valid() else {}
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "form": form,
        "is_narrowed": bool(form.errors) or any(chosen.values()),
        "listed": look_back_list(request.user, chosen, number=request.GET.get("page", ""), on=on),
        "query": f"{query.urlencode()}&" if query else "",
    }
    return render(request, "cases/look_backs.html", context)


@require_POST
@on_duty(Duty.KEEP_CASES, Duty.JUDGE_CASES)
def open_many(request: StaffRequest) -> HttpResponse:
    """Open the look-backs of the newest cases that have none."""
    now = database_now()
    cases = _openable(request)[:MOST_AT_ONCE]
    number = len([_open(request, case, now=now) for case in cases])
    said = ngettext("%(number)d look-back opened.", "%(number)d look-backs opened.", number) % {"number": number}
    messages.success(request, said)
    return redirect("cases:look_backs")


@require_POST
@on_duty(Duty.KEEP_CASES, Duty.JUDGE_CASES)
def open_one(request: StaffRequest, pk: int) -> HttpResponse:
    """Open the look-back of a case, and lead to it."""
    seen = Case.objects.visible_to(request.user, on=today()).counted().with_victim()
    return redirect("cases:look_back", _open(request, get_object_or_404(seen, pk=pk), now=database_now()).pk)


def _openable(request: StaffRequest) -> CaseQuerySet:
    """Return the cases without a look-back that this person keeps or judges."""
    on = today()
    since = midnight(on - timedelta(days=OFFERED_DAYS))
    cases = Case.objects.without_look_back().with_victim().reported_since(since)
    kept = cases.visible_to(request.user, on=on, duty=Duty.KEEP_CASES)
    return kept if kept.exists() else cases.visible_to(request.user, on=on, duty=Duty.JUDGE_CASES)


def _open(request: StaffRequest, case: Case, *, now: datetime) -> LookBack:
    return services.open_look_back(case, evidence=evidence_of(case, now=now), by=request.user, now=now)


@require_safe
@on_duty(Duty.SEE_CASES)
def look_back(request: StaffRequest, pk: int) -> HttpResponse:
    """Show one look-back; that it was opened is written down once in a session."""
    found = _find(request, pk)
    open_once(request, VIEWED, pk, lambda: services.view_case(found.case, by=request.user, now=database_now()))
    return _page(request, found)


@require_POST
@on_duty(Duty.JUDGE_CASES)
def confirm(request: StaffRequest, pk: int) -> HttpResponse:
    """Confirm what a look-back found."""
    found = _find(request, pk, Duty.JUDGE_CASES)
    form = _confirm_form(found, request.POST)
    return _press(
        request,
        found,
        "confirm_form",
        form,
        lambda: services.confirm_look_back(
            found,
            verdict=Verdict(form.cleaned_data["verdict"]),
            cause=form.cleaned_data["cause"],
            shortcoming=form.cleaned_data["shortcoming"],
            remedy=form.remedy,
            by=request.user,
            now=database_now(),
        ),
        said=_("Confirmed."),
    )


@require_POST
@on_duty(Duty.JUDGE_CASES)
def remedy(request: StaffRequest, pk: int) -> HttpResponse:
    """Put one more remedy onto the problem list."""
    found = _find(request, pk, Duty.JUDGE_CASES)
    form = _remedy_form(found, request.POST)

    def add() -> None:
        assert form.remedy is not None
        services.add_remedy(found, remedy=form.remedy, by=request.user, now=database_now())

    return _press(request, found, "remedy_form", form, add, said=_("On the problem list. Who mends it has been told."))


@require_POST
@on_duty(Duty.JUDGE_CASES)
def reopen(request: StaffRequest, pk: int) -> HttpResponse:
    """Open a confirmed look-back again."""
    found = _find(request, pk, Duty.JUDGE_CASES)
    form = ReopenForm(request.POST)
    return _press(
        request,
        found,
        "reopen_form",
        form,
        lambda: services.reopen_look_back(found, **form.cleaned_data, by=request.user, now=database_now()),
        said=_("Open again. The reason is kept."),
    )


@require_POST
@on_duty(Duty.KEEP_CASES, Duty.JUDGE_CASES)
def take_again(request: StaffRequest, pk: int) -> HttpResponse:
    """Take the evidence anew after the case was corrected."""
    found, now = _find(request, pk), database_now()
    try:
        services.take_evidence_again(found, evidence=evidence_of(found.case, now=now), by=request.user, now=now)
    except RefusedError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The evidence was taken anew."))
    return redirect("cases:look_back", pk)


@require_POST
@on_duty(Duty.SEE_CASES)
def printed(request: StaffRequest, pk: int) -> HttpResponse:
    """Write down that the look-back goes to paper, and lead to the page that prints itself."""
    found = _find(request, pk)
    services.print_look_back(found, by=request.user, now=database_now())
    return redirect(f"{request.path.removesuffix('printed/')}?print=1")


def _find(request: StaffRequest, pk: int, duty: Duty = Duty.SEE_CASES) -> LookBack:
    """Return a look-back that this person may see or judge; a foreign one is a 404."""
    seen = LookBack.objects.visible_to(request.user, on=today(), duty=duty).select_related(
        "case__fraud_type", "case__community", "case__grid", "case__resident__merged_into", "confirmed_by"
    )
    return get_object_or_404(seen.prefetch_related("remedies__owner"), pk=pk)


def _confirm_form(found: LookBack, data: Any = None) -> ConfirmForm:
    before = {"verdict": found.said, "cause": found.cause, "shortcoming": found.shortcoming}
    return ConfirmForm(data, initial=before, people=owners_for(found.case, on=today()), today=today())


def _remedy_form(found: LookBack, data: Any = None) -> RemedyForm:
    return RemedyForm(data, people=owners_for(found.case, on=today()), today=today())


def _press(
    request: StaffRequest, found: LookBack, name: str, form: forms.Form, verb: Callable[[], object], *, said: str
) -> HttpResponse:
    """Carry out what a form asks for and lead back; a refusal is shown beside what was typed."""
    if form.is_valid():
        try:
            verb()
        except RefusedError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, said)
            return redirect("cases:look_back", found.pk)
    return _page(request, found, **{name: form})


def _page(request: StaffRequest, found: LookBack, **refused: forms.Form) -> HttpResponse:
    """Show the page, with the form that was refused as it was typed."""
    now = database_now()
    page = look_back_page(found, now_known=evidence_of(found.case, now=now), user=request.user, on=today())
    context: dict[str, Any] = {"page": page, "now": now, "is_printing": "print" in request.GET}
    if page.may_judge:
        context |= {
            "confirm_form": _confirm_form(found),
            "remedy_form": _remedy_form(found),
            "reopen_form": ReopenForm(),
        }
    return render(request, "cases/look_back.html", context | refused, status=400 if refused else 200)
