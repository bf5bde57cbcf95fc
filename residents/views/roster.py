"""The roster: found, filtered, taken on, changed, ended, merged, exported."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.clock import database_now, today
from accounts.roles import Duty
from accounts.rows import key_in
from accounts.views.searches import address_of, asked_in, query_of
from residents import services
from residents.access import StaffRequest, on_duty, scope_codes
from residents.exports import roster_workbook, watermark
from residents.forms import DepartForm, ExportForm, ResidentForm, RosterFilterForm
from residents.models import Area, Resident
from residents.models.people import ResidentQuerySet
from residents.policy import Departure, Purpose
from residents.screens.roster import found, narrowed
from residents.services import ResidentsError
from residents.views.common import REVEALED
from residents.views.opened import ask_first
from sheets.views import download


def _seen(request: StaffRequest, duty: Duty = Duty.SEE_RESIDENTS) -> ResidentQuerySet:
    return Resident.objects.visible_to(request.user, on=today(), duty=duty)


def _posted(request: StaffRequest) -> QueryDict | None:
    """Return what was sent; an empty form is one, too."""
    return request.POST if request.method == "POST" else None


def _find(request: StaffRequest, pk: int) -> Resident:
    """Return somebody whose roster this person keeps; a foreign one is a 404."""
    return get_object_or_404(_seen(request, Duty.KEEP_ROSTER).select_related("grid", "household"), pk=pk)


def _filter(request: StaffRequest, typed: QueryDict | None = None) -> RosterFilterForm:
    asked = typed or asked_in(request.GET, by=request.user)
    grids = Area.objects.visible_to(request.user, duty=Duty.SEE_RESIDENTS, on=today()).grids()
    return RosterFilterForm(asked, grids=grids.values_list("code", "name"))


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.SEE_RESIDENTS)
def list_(request: StaffRequest) -> HttpResponse:
    """Show the residents who fit the filters in the URL; a press with other filters leads to theirs."""
    form = _filter(request, _posted(request))
    chosen = form.cleaned_data if form.is_valid() else {}
    residents = narrowed(_seen(request), chosen, on=today())
    text = chosen.get("q", "")
    page = found(residents, text, number=request.GET.get("page", ""), on=today())
    if request.method == "POST":
        if text:
            services.record_search(text, found=page.count, by=request.user, now=database_now())
        return redirect(f"{request.path}?{address_of(request.POST, list(form.fields), by=request.user)}")
    context = {
        "form": form,
        "is_narrowed": bool(form.errors) or any(value for name, value in chosen.items() if name != "q"),
        "page": page,
        "query": query_of(request.GET),
        "keeps_roster": scope_codes(request.user, Duty.KEEP_ROSTER, today()) != (),
    }
    return render(request, "residents/list.html", context)


def _form(request: StaffRequest, resident: Resident | None = None) -> ResidentForm:
    grids = Area.objects.visible_to(request.user, duty=Duty.KEEP_ROSTER, on=today()).grids()
    return ResidentForm(_posted(request), grids=grids.order_by("code"), on=today(), resident=resident)


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.KEEP_ROSTER)
def create(request: StaffRequest) -> HttpResponse:
    """Take somebody onto the roster."""
    form = _form(request)
    if request.method == "POST" and form.is_valid():
        try:
            resident = services.take_on(form.written, by=request.user, now=database_now())
        except ResidentsError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("%(name)s is on the roster.") % {"name": resident.masked_name})
            return redirect("residents:detail", pk=resident.pk)
    context = {"form": form, "resident": None}
    return render(request, "residents/edit.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.KEEP_ROSTER)
def edit(request: StaffRequest, pk: int) -> HttpResponse:
    """Change what is kept of somebody. The form shows everything whole: a press opens it, and is recorded."""
    resident = _find(request, pk)
    asked = ask_first(
        request,
        REVEALED,
        pk,
        lambda: services.reveal_resident(resident, reason=Purpose.ROSTER, by=request.user, now=database_now()),
        title=_("Change a record"),
        back=reverse("residents:detail", args=[pk]),
    )
    if asked is not None:
        return asked
    form = _form(request, resident)
    if request.method == "POST" and form.is_valid():
        try:
            services.change(resident, form.written, by=request.user, now=database_now())
        except ResidentsError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("residents:detail", pk=pk)
    context = {"form": form, "resident": resident}
    return render(request, "residents/edit.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.KEEP_ROSTER)
def end(request: StaffRequest, pk: int) -> HttpResponse:
    """Take somebody off the roster who moved, left or died."""
    resident = _find(request, pk)
    form = DepartForm(_posted(request), on=today())
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        try:
            services.end(
                resident,
                departure=Departure(chosen["departure"]),
                ended_on=chosen["ended_on"],
                by=request.user,
                now=database_now(),
            )
        except ResidentsError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Taken off the roster. The record is kept; it can be brought back."))
            return redirect("residents:detail", pk=pk)
    context = {"form": form, "resident": resident}
    return render(request, "residents/end.html", context, status=400 if form.errors else 200)


@require_POST
@on_duty(Duty.KEEP_ROSTER)
def bring_back(request: StaffRequest, pk: int) -> HttpResponse:
    """Put somebody back on the roster."""
    resident = _find(request, pk)
    try:
        services.bring_back(resident, by=request.user, now=database_now())
    except ResidentsError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Back on the roster."))
    return redirect("residents:detail", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.KEEP_ROSTER)
def merge(request: StaffRequest, pk: int) -> HttpResponse:
    """Show who might be this person once more, and make one of two records."""
    resident = _find(request, pk)
    if request.method == "POST":
        twin = _find(request, key_in(request.POST.get("twin", "")) or 0)
        try:
            services.merge(resident, twin, by=request.user, now=database_now())
        except ResidentsError as error:
            messages.error(request, str(error))
            return redirect("residents:merge", pk=pk)
        messages.success(request, _("The two are one record now."))
        return redirect("residents:detail", pk=pk)
    twins = services.twins_of(resident, among=_seen(request, Duty.KEEP_ROSTER))
    return render(request, "residents/merge.html", {"resident": resident, "twins": twins, "on": today()})


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.KEEP_ROSTER)
def export(request: StaffRequest) -> HttpResponse:
    """Hand out what the list shows as a workbook: masked, or whole to whom that is allowed."""
    filters = _filter(request)
    form = ExportForm(_posted(request))
    may_whole = scope_codes(request.user, Duty.EXPORT_WHOLE, today()) != ()
    chosen: dict[str, Any] = filters.cleaned_data if filters.is_valid() else {}
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        is_whole = asked["is_whole"] and may_whole
        seen = _seen(request, Duty.EXPORT_WHOLE if is_whole else Duty.KEEP_ROSTER)
        residents = services.exported(narrowed(seen, chosen, on=today()), has_minors=asked["has_minors"], on=today())
        now = database_now()
        mark = watermark(by=request.user, at=now, recipient=asked["recipient"], purpose=asked["purpose"])
        content = roster_workbook(residents, is_whole=is_whole, mark=mark)
        services.record_export(
            rows=residents.count(),
            is_whole=is_whole,
            recipient=asked["recipient"],
            purpose=asked["purpose"],
            codes=scope_codes(request.user, Duty.KEEP_ROSTER, today()),
            by=request.user,
            now=now,
        )
        name = _("Roster %(date)s.xlsx") % {"date": today().isoformat()}
        return download(content, name=name)
    context = {"form": form, "may_whole": may_whole, "query": query_of(request.GET)}
    context |= {"title": _("Export the roster"), "back": reverse("residents:list")}
    return render(request, "components/export.html", context, status=400 if form.errors else 200)
